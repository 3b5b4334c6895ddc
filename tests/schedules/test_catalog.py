"""Each planted defect is found, under its own faults and under all; no correct engine is accused."""

import pytest

from hedgecheck import faults
from tests.schedules.catalog import BROKEN, CORRECT
from tests.schedules.trials import alarm, find, plan_of

SECOND_FINDINGS = {"live"}  # under all faults an engine that cannot read an empty reply raises


@pytest.mark.covers("CH-14")
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", BROKEN)
def test_planted_defect_is_found_by_its_rule_and_shrinks_to_three_deviations(name: str, seed: int) -> None:
    module = BROKEN[name]

    trial = find(module, plan_of(module), seed)

    assert trial.rule == module.RULE
    assert trial.executions is not None
    assert trial.executions <= 500
    assert trial.deviations <= 3


@pytest.mark.parametrize("name", BROKEN)
def test_broken_engine_is_falsified_under_all_faults(name: str) -> None:
    trial = find(BROKEN[name], faults.ALL, seed=3)

    assert trial.rule in {BROKEN[name].RULE} | SECOND_FINDINGS


@pytest.mark.parametrize("name", CORRECT)
def test_correct_engine_is_never_accused(name: str) -> None:
    assert alarm(CORRECT[name], executions=300, seed=1) == ""
