"""Each planted defect of the shell is found, in few executions and by the rule that is meant to."""

from typing import Any

import pytest

import hedgecheck
from hedgecheck.values import replace
from tests.schedules.shell_canaries import CANARIES, Canary
from tests.schedules.shell_scenarios import played
from tests.schedules.shells import Plan


def tried(canary: Canary) -> Any:
    """The verdict on the canary's shell: everything that is one fault away is tried."""
    test = played(canary.scenario, canary.plan)
    return hedgecheck.check(
        test, executions=canary.executions, faults=canary.faults, max_faults=1, exhaustive=0
    )


@pytest.mark.parametrize("canary", CANARIES, ids=lambda each: each.name)
def test_planted_defect_is_found(canary: Canary) -> None:
    verdict = tried(canary)

    (found,) = verdict.counterexamples
    assert found.name in canary.known_by
    print(f"{canary.name}: {found.name}, in execution {verdict.explorers[0].campaign.executions}")


@pytest.mark.parametrize("name", ["retry with a new id", "a failed position report read as flat"])
def test_the_shell_itself_is_clean_where_the_defect_shows(name: str) -> None:
    (canary,) = [each for each in CANARIES if each.name == name]

    assert tried(replace(canary, plan=Plan())).verdict == "holds"
