"""Each invariant holds for its smallest good trace, breaks for its smallest bad one, and for no less."""

import pytest

from hedgecheck import invariants
from hedgecheck.messages import (
    Accepted,
    Arrived,
    BadPrice,
    Canceled,
    CancelOrder,
    Crashed,
    Expired,
    FetchOrder,
    Halt,
    Lost,
    NewDay,
    OutcomeUnknown,
    Overheard,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Restarted,
    Sent,
    StartTimer,
    StopTimer,
    TimerFired,
    Told,
)
from tests.unit.kit.smallest import BAD, GOOD, RULES
from tests.unit.kit.traces import (
    TERMS,
    Case,
    alert,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    leaving,
    placed,
    remember,
    returned,
    sell,
    signaled,
    status,
    stop,
    traded,
)

SHORTENED = [
    pytest.param(case, index, id=f"{case.rule.id}-without-{index}")
    for case in BAD
    for index in range(len(case.records))
]

EVENTFUL = (
    *(signaled(), *placed(buy()), Told(Accepted("X")), OutcomeUnknown("X", "create"), Price("AAA", 90)),
    *(
        Told(Price("AAA", 90)),
        Sent(FetchOrder("X")),
        status("not_found"),
        fill(buy(), 4),
        heard(buy(), amount=4),
    ),
    *(Sent(CancelOrder("X")), Lost(CancelOrder("X")), Canceled("X", 4), Told(Canceled("X", 4))),
    *(*traded(sell("Y", 4, "BBB")), status("found", "closed", fill(sell("Y", 4, "BBB")), name="Y")),
    *(Sent(buy("Z")), Rejected("Z", "PRECISION"), Told(Rejected("Z", "PRECISION")), Expired("Q", 0)),
    *(Sent(leaving()), Halt(), Restarted(), Told(BadPrice("AAA", "nan")), Told(Price("AAA", 90))),
    *(signaled("p3", stop_a=95, stop_b=105), *placed(stop("S", of="p3")), StartTimer("p3/grace", 1)),
    *(Sent(ReplaceOrder("S", 4, None, 90)), Arrived(ReplaceOrder("S", 4)), Replaced("S", 4)),
    *(Told(Replaced("S", 4)), ReplaceRefused("S", "TOO_LATE"), TimerFired("p3/grace"), fill(stop("S"), 4)),
    *(NewDay(1), Overheard(Accepted("web_1")), StopTimer("p3/grace")),
    *(alert(), alert(reason="BREAKER_TRIPPED"), returned(), signaled("p2"), Crashed("KeyError: 'X'")),
)


def _id(case: Case) -> str:
    return case.rule.id


def test_every_invariant_has_a_smallest_good_and_bad_trace() -> None:
    ids = [rule.id for rule in RULES]

    assert [case.rule.id for case in GOOD] == ids
    assert [case.rule.id for case in BAD] == ids
    assert {*invariants.ALL} <= {*RULES}


def test_invariants_of_stops_and_of_attribution_are_numbered_and_judged_all_the_time() -> None:
    stops, owners = invariants.always_protected, invariants.attribution

    assert (stops.id, stops.name, stops.kind) == ("I09", "always_protected", "always")
    assert (owners.id, owners.name, owners.kind) == ("I18", "attribution", "always")


@pytest.mark.parametrize("case", GOOD, ids=_id)
def test_smallest_good_trace_holds(case: Case) -> None:
    assert judge(case.rule, case.records, case.belief, at_rest=True, restarts=case.restarts) == "holds"


@pytest.mark.parametrize("case", BAD, ids=_id)
def test_smallest_bad_trace_is_broken(case: Case) -> None:
    assert is_broken(judge(case.rule, case.records, case.belief, at_rest=True, restarts=case.restarts))


@pytest.mark.parametrize(("case", "index"), SHORTENED)
def test_smallest_bad_trace_without_any_one_record_is_not_broken(case: Case, index: int) -> None:
    shorter = case.records[:index] + case.records[index + 1 :]

    assert not is_broken(judge(case.rule, shorter, case.belief, at_rest=True, restarts=case.restarts))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_happened_is_vacuous(rule: invariants.Invariant) -> None:
    assert judge(rule, (), at_rest=True) == "vacuous"


@pytest.mark.parametrize("case", GOOD + BAD, ids=_id)
def test_memories_are_values_that_can_be_compared_and_hashed(case: Case) -> None:
    first, second = remember(case.rule, case.records), remember(case.rule, case.records)

    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize("rule", [*RULES, invariants.no_self_cross], ids=lambda rule: rule.id)
def test_observing_leaves_the_memory_it_was_given_as_it_was(rule: invariants.Invariant) -> None:
    memory = rule.books.initial(TERMS)
    for record in EVENTFUL:
        before = repr(memory)
        after = rule.books.observe(memory, record)
        assert repr(memory) == before
        memory = after
