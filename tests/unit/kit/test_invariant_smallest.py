"""Each invariant holds for its smallest good trace, breaks for its smallest bad one, and for no less."""

import pytest

from hedgecheck import invariants
from tests.unit.kit.smallest import BAD, GOOD
from tests.unit.kit.traces import Case, is_broken, judge, remember

SHORTENED = [
    pytest.param(case, index, id=f"{case.rule.id}-without-{index}")
    for case in BAD
    for index in range(len(case.records))
]


def _id(case: Case) -> str:
    return case.rule.id


def test_every_invariant_has_a_smallest_good_and_bad_trace() -> None:
    ids = [rule.id for rule in invariants.ALL]

    assert [case.rule.id for case in GOOD] == ids
    assert [case.rule.id for case in BAD] == ids


@pytest.mark.parametrize("case", GOOD, ids=_id)
def test_smallest_good_trace_holds(case: Case) -> None:
    assert judge(case.rule, case.records, case.belief, at_rest=True) == "holds"


@pytest.mark.parametrize("case", BAD, ids=_id)
def test_smallest_bad_trace_is_broken(case: Case) -> None:
    assert is_broken(judge(case.rule, case.records, case.belief, at_rest=True))


@pytest.mark.parametrize(("case", "index"), SHORTENED)
def test_smallest_bad_trace_without_any_one_record_is_not_broken(case: Case, index: int) -> None:
    shorter = case.records[:index] + case.records[index + 1 :]

    assert not is_broken(judge(case.rule, shorter, case.belief, at_rest=True))


@pytest.mark.parametrize("rule", invariants.ALL, ids=lambda rule: rule.id)
def test_nothing_happened_is_vacuous(rule: invariants.Invariant) -> None:
    assert judge(rule, (), at_rest=True) == "vacuous"


@pytest.mark.parametrize("case", GOOD + BAD, ids=_id)
def test_memories_are_values_that_can_be_compared_and_hashed(case: Case) -> None:
    first, second = remember(case.rule, case.records), remember(case.rule, case.records)

    assert first == second
    assert hash(first) == hash(second)
