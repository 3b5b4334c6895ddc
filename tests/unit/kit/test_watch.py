"""The watch: who hears what, which rules are due when, what is counted, and what a broken rule gives."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from hedgecheck import invariants
from hedgecheck.explore import scopes
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants import Books, Broken, Finding, Invariant, View
from hedgecheck.messages import (
    Accepted,
    Alert,
    Canceled,
    CancelOrder,
    Crashed,
    Expired,
    FetchOrder,
    Filled,
    Halt,
    OutcomeUnknown,
    Record,
    Rejected,
    Restarted,
    Sent,
    Status,
    Told,
)
from hedgecheck.world import Universe
from tests.unit.kit.traces import Seen, buy, fill, holding

ACCEPTED, CANCELED, EXPIRED = Accepted("X"), Canceled("X", 0), Expired("X", 0)


def _count(memory: int, _record: Record) -> int:
    return memory + 1


def counting(*hears: type[Any]) -> Books:
    """Books that count what they hear."""
    return Books(lambda terms: 0, dict.fromkeys(hears, _count))


COUNTING = counting(Accepted)
UNCHANGED = Books(lambda terms: "unchanged", {Accepted: lambda memory, record: memory})


@dataclass(frozen=True, slots=True)
class Limit:
    """Breaks where its books have counted more than ``most``; vacuous while they have counted nothing."""

    id: str = "T1"
    name: str = "limit"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = COUNTING
    most: int = 100

    def verdict(self, memory: Any, view: View) -> Finding:
        if not memory:
            return "vacuous"
        if isinstance(memory, int) and memory > self.most:
            return Broken(f"{memory} of {self.most}")
        return "holds"


def watch(*rules: Invariant, tally: Tally | None = None) -> Watch:
    return Watch(Universe(scopes.plain(), None), rules, tally or Tally())


# ---- memories --------------------------------------------------------------------------------------


def test_rules_with_the_same_books_share_one_memory() -> None:
    watching = watch(Limit("T1"), Limit("T2"), Limit("T3", books=counting(Accepted)))

    watching.see((ACCEPTED,), Seen())

    assert watching.memories == [1, 1]


def test_shipped_rules_over_what_was_heard_share_one_memory() -> None:
    family = (
        invariants.fill_exactly_once,
        invariants.money_conserved,
        invariants.fill_bound,
        invariants.no_terminal_state_without_evidence,
    )

    assert len(watch(*family).memories) == 1
    assert len(watch(invariants.open_orders_converge, invariants.durable_trace).memories) == 1
    assert len(watch(invariants.halt_is_halt, invariants.sane_orders).memories) == 1
    assert len(watch(*invariants.ALL).memories) == 13


def test_books_hear_only_what_they_ask_for() -> None:
    watching = watch(Limit("T1"), Limit("T2", books=counting(Canceled, Expired)))

    watching.see((ACCEPTED, CANCELED, EXPIRED, Told(ACCEPTED)), Seen())

    assert watching.memories == [1, 2]


def test_what_is_told_or_sent_is_heard_by_what_it_carries() -> None:
    books = Books(lambda terms: 0, {(Told, Accepted): _count, (Sent, CancelOrder): _count})
    watching = watch(Limit(books=books))

    watching.see((ACCEPTED, Told(CANCELED), Sent(FetchOrder("X"))), Seen())
    assert watching.memories == [0]

    watching.see((Told(ACCEPTED), Sent(CancelOrder("X"))), Seen())
    assert watching.memories == [2]


def test_books_start_from_the_terms_of_the_scope() -> None:
    watching = watch(invariants.money_conserved)

    assert watching.memories[0].cash == scopes.plain().cash


def test_memories_of_two_executions_are_apart() -> None:
    first, second = watch(Limit()), watch(Limit())

    first.see((ACCEPTED,), Seen())

    assert (first.memories, second.memories) == ([1], [0])


# ---- when a rule is judged ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "records", "checks"),
    [
        (Limit(), (ACCEPTED,), 1),
        (Limit(), (CANCELED,), 0),
        (Limit(books=UNCHANGED), (ACCEPTED,), 0),
        (Limit(judged_after=(Canceled,)), (CANCELED,), 1),
        (Limit(judged_after=(Canceled,)), (ACCEPTED,), 0),
        (Limit(judged_after=()), (ACCEPTED, CANCELED), 0),
        (Limit(kind="rest"), (ACCEPTED, CANCELED), 0),
        (Limit(kind="rest", judged_after=(Accepted,)), (ACCEPTED,), 0),
    ],
    ids=[
        *("memory-changed", "not-heard", "memory-unchanged", "its-record", "another-record", "never"),
        *("rest", "rest-with-records"),
    ],
)
def test_always_rule_is_judged_when_its_memory_changed_or_its_record_came(
    rule: Invariant, records: tuple[Record, ...], checks: int
) -> None:
    tally = Tally()

    watch(rule, tally=tally).see(records, Seen())

    assert tally.checks.get("T1", 0) == checks


@pytest.mark.parametrize(
    ("record", "rules"),
    [
        (Told(fill(buy())), {"I03", "I04", "I06", "I11"}),
        (Told(Status("X", "found", "closed", (fill(buy()),))), {"I03", "I04", "I06", "I11"}),
        (Told(CANCELED), {"I03", "I06", "I11"}),
        (Told(EXPIRED), {"I03", "I06", "I11"}),
        (Told(Rejected("X", "PRECISION")), {"I06"}),
        (OutcomeUnknown("X", "create"), {"I06"}),
        (fill(buy()), {"I04", "I05"}),
        (Crashed("KeyError"), {"I15"}),
        (ACCEPTED, {"I05", "I08"}),
        (Halt(), {"I12"}),
        (Alert("daily_loss", "BREAKER_TRIPPED"), {"I12"}),
        (Sent(buy()), {"I10", "I12", "I14", "I15"}),
        (Restarted(), {"I17"}),
    ],
    ids=[
        *("filled", "status", "canceled", "expired", "rejected", "unknown", "venue-filled", "crashed"),
        *("accepted", "halt", "breaker", "sent", "restarted"),
    ],
)
def test_shipped_rule_is_judged_at_once_after_what_could_break_it(record: Record, rules: set[str]) -> None:
    tally = Tally()

    for rule in invariants.ALL:
        watch(rule, tally=tally).see((record,), Seen())

    assert rules <= tally.checks.keys()


def test_change_of_one_memory_leaves_the_rules_over_others_alone() -> None:
    tally = Tally()
    watching = watch(Limit("T1"), Limit("T2", books=counting(Canceled)), tally=tally)

    watching.see((CANCELED,), Seen())

    assert tally.checks == {"T2": 1}


def test_step_is_judged_once_at_its_end() -> None:
    tally = Tally()
    watching = watch(Limit(judged_after=(Accepted, Canceled)), tally=tally)

    watching.see((ACCEPTED, CANCELED, ACCEPTED), Seen())
    watching.see((CANCELED,), Seen())

    assert tally.checks == {"T1": 2}


def test_nothing_happened_is_not_judged() -> None:
    tally = Tally()

    assert watch(*invariants.ALL, tally=tally).see((), Seen()) is None
    assert tally.checks == {}


def test_every_rule_is_judged_at_rest() -> None:
    tally = Tally()
    rules = (Limit("T1"), Limit("T2", kind="rest"), Limit("T3", judged_after=()))

    assert watch(*rules, tally=tally).rest(Seen(is_at_rest=True)) is None
    assert tally.checks == {"T1": 1, "T2": 1, "T3": 1}


# ---- what is counted -----------------------------------------------------------------------------------


def test_vacuous_checks_are_counted_and_told_apart() -> None:
    tally = Tally()
    watching = watch(Limit(judged_after=(Canceled, Accepted)), tally=tally)

    watching.see((CANCELED,), Seen())
    watching.see((ACCEPTED,), Seen())
    watching.see((CANCELED,), Seen())

    assert (tally.checks, tally.nonvacuous) == ({"T1": 3}, {"T1": 2})


def test_broken_check_is_counted_as_one_that_could_break() -> None:
    tally = Tally()

    watch(Limit(most=0), tally=tally).see((ACCEPTED,), Seen())

    assert (tally.checks, tally.nonvacuous) == ({"T1": 1}, {"T1": 1})


def test_tallies_add_up_by_rule() -> None:
    total = Tally(Counter({"T1": 1}), Counter({"T1": 1}))

    total.add(Tally(Counter({"T1": 2, "T2": 3}), Counter({"T2": 1})))

    assert (total.checks, total.nonvacuous) == ({"T1": 3, "T2": 3}, {"T1": 1, "T2": 1})


# ---- a broken rule ---------------------------------------------------------------------------------------


def test_rule_that_breaks_is_returned_with_its_reason() -> None:
    rule = Limit(most=1)
    watching = watch(Limit("T0"), rule)

    assert watching.see((ACCEPTED,), Seen()) is None
    assert watching.see((ACCEPTED,), Seen()) == (rule, "2 of 1")


def test_first_of_two_broken_rules_is_returned() -> None:
    first, second = Limit("T1", most=0), Limit("T2", most=0)

    assert watch(first, second).see((ACCEPTED,), Seen()) == (first, "1 of 0")
    assert watch(second, first).see((ACCEPTED,), Seen()) == (second, "1 of 0")


def test_rule_broken_at_rest_is_returned() -> None:
    rule = Limit(kind="rest", most=0)
    watching = watch(Limit("T0"), rule)

    assert watching.see((ACCEPTED,), Seen()) is None
    assert watching.rest(Seen(is_at_rest=True)) == (rule, "1 of 0")


def test_shipped_rules_judge_what_the_engine_believes() -> None:
    rules = (each for each in invariants.ALL if each is not invariants.attribution)  # nobody signaled it
    watching = watch(*rules)
    told = (Sent(buy()), fill(buy()), Told(fill(buy())))

    broken = watching.see(told[:1], Seen()) or watching.see(told[2:], Seen(holding(AAA=9)))

    assert broken is not None
    assert broken[0] is invariants.fill_exactly_once
    assert "AAA +9" in broken[1]
    assert "AAA +10" in broken[1]


def test_venues_record_is_judged_too() -> None:
    broken = watch(invariants.fill_bound).see((Filled("X", "X.1", "AAA", "buy", 1, 100),), Seen())

    assert broken is not None
    assert broken[0] is invariants.fill_bound
