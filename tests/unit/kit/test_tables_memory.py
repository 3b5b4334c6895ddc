"""What rules remember: memories that each saw one trade are, put together, the memory that saw both."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.explore.bounded import Small
from hedgecheck.explore.tables.memory import JOINT, own_alerts, recounted
from hedgecheck.invariants import Books, Terms
from hedgecheck.invariants.accounting import ACCOUNT
from hedgecheck.invariants.halt import OPENINGS
from hedgecheck.invariants.risk_numbers import MEASURED
from hedgecheck.messages import (
    Alert,
    BadPrice,
    Filled,
    Halt,
    NewDay,
    Price,
    Record,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Told,
)
from hedgecheck.messages import CreateOrder as Create
from tests.unit.kit.walks import STRUCK, TURNED, alone, laned, walk_apart

NAMES = {"openings": OPENINGS, "measured": MEASURED, "account": ACCOUNT}
STOPS = Small(trades=2, own=1, stops=1)
SEEDS = 12

TRIPPED = Alert("daily_loss#1", "BREAKER_TRIPPED")
PARKED = Alert("p1", "TRADE_PARKED")
INTENT = laned().scope.intents[0]
ENTRY = Sent(Create("p1a1", "AAA", "buy", 1, intent="p1"))
ENTERED: tuple[Record, ...] = (
    Signaled(INTENT),
    ENTRY,
    Told(Filled("p1a1", "p1a1.1", "AAA", "buy", 1, 100)),
)

each_books = pytest.mark.parametrize("books", NAMES.values(), ids=NAMES)
each_small = pytest.mark.parametrize("small", [STRUCK, TURNED, STOPS], ids=lambda small: small.name)


def seen(books: Books, terms: Terms, *records: Record) -> Any:
    """The memory that those records make."""
    memory = books.initial(terms)
    for record in records:
        memory = books.observe(memory, record)
    return memory


def own(books: Books, *records: Record) -> Any:
    """The memory of the first trade alone."""
    return seen(books, alone(laned().scope, 0).terms(), *records)


def test_every_rule_that_looks_at_all_trades_is_taken_apart() -> None:
    assert set(JOINT) == set(NAMES.values()) <= {rule.books for rule in invariants.ALL}


# ---- together ------------------------------------------------------------------------------------------


@each_books
@each_small
def test_memories_of_single_trades_together_are_the_memory_of_all(small: Small, books: Books) -> None:
    universe, joint = laned(small), JOINT[books]
    sides = [alone(universe.scope, index).terms() for index in range(2)]

    for seed in range(SEEDS):
        *_, last = walk_apart(universe, seed)
        whole = seen(books, universe.terms(), *last.seen)
        apart = [seen(books, terms, *records) for terms, records in zip(sides, last.own, strict=True)]
        together = joint.together([joint.neutral(each) for each in apart], whole)
        assert books.essence(together) == books.essence(whole)


@each_books
def test_memories_of_which_all_saw_nothing_together_are_the_first_memory(books: Books) -> None:
    universe = laned()
    first = seen(books, universe.terms())
    sides = [seen(books, alone(universe.scope, index).terms()) for index in range(2)]

    assert JOINT[books].together(sides, first) == first


@each_books
def test_what_came_over_all_trades_is_taken_from_everybody(books: Books) -> None:
    terms, over = laned().terms(), (Halt(), NewDay(2), TRIPPED)
    everybody, whole = seen(books, terms, *over), seen(books, terms, *ENTERED, *over)

    together = JOINT[books].together([own(books, *ENTERED)], everybody)

    assert books.essence(together) == books.essence(whole)


def test_what_one_trade_did_wrong_is_not_lost_beside_others() -> None:
    joint, terms = JOINT[OPENINGS], laned().terms()
    blind = own(OPENINGS, Signaled(INTENT), Told(BadPrice("AAA", "nan")), ENTRY)
    in_halt = own(OPENINGS, Signaled(INTENT), Halt(), ENTRY)

    together = joint.together([blind, joint.neutral(in_halt)], seen(OPENINGS, terms))

    assert together.bad == ("AAA",)
    assert "opens where the last price of AAA was none" in together.insane
    assert together.opened_in_halt == "p1a1"
    assert together.sent == 2


def test_price_of_a_lane_is_what_its_own_trade_was_told() -> None:
    terms = laned().terms()
    for books in (MEASURED, ACCOUNT):
        moved = own(books, Told(Price("AAA", 80)))

        together = JOINT[books].together([moved], seen(books, terms, Told(Price("CCC", 70))))

        assert together.prices == {"AAA": 80, "BBB": 100, "CCC": 70, "DDD": 100}


# ---- what came over all trades ---------------------------------------------------------------------------


@each_books
def test_neutral_takes_back_what_came_over_all_trades_and_nothing_of_theirs(books: Books) -> None:
    joint, calm = JOINT[books], own(books, *ENTERED, PARKED)
    turned = own(books, *ENTERED, PARKED, *(NewDay(1), Halt()), *(() if books is MEASURED else (TRIPPED,)))

    assert turned != calm
    assert joint.neutral(turned) == calm == joint.neutral(calm)


def test_neutral_forgets_what_was_due_and_tripped_and_what_a_day_began_with() -> None:
    calm = own(MEASURED, *ENTERED, Told(Price("AAA", 99)))
    blind = (Told(BadPrice("AAA", "nan")), TRIPPED, Told(Price("AAA", 99)), NewDay(1))
    turned = own(MEASURED, *ENTERED, *blind)

    assert turned.due
    assert turned.tripped
    assert turned.opening != calm.opening
    assert JOINT[MEASURED].neutral(turned) == calm


@pytest.mark.parametrize(
    ("books", "records"),
    [
        (OPENINGS, (Halt(),)),
        (OPENINGS, (TRIPPED,)),
        (MEASURED, (NewDay(1),)),
        (MEASURED, (*ENTERED, Told(BadPrice("AAA", "nan")))),
        (MEASURED, (TRIPPED,)),
        (ACCOUNT, (TRIPPED,)),
    ],
    ids=["halt", "trip", "day", "due", "early", "told"],
)
def test_shared_tells_what_came_over_all_trades(books: Books, records: tuple[Record, ...]) -> None:
    shared, calm = JOINT[books].shared, own(books)

    assert shared(own(books, *records)) != shared(calm)


@each_books
def test_shared_is_the_same_whatever_one_trade_did(books: Books) -> None:
    shared = JOINT[books].shared

    busy = own(books, *ENTERED, PARKED, Told(Price("AAA", 90)), Returned("p1", False, "flattened"))
    assert shared(busy) == shared(own(books)) == shared(own(books, *ENTERED, Restarted()))


def test_breakers_that_tripped_are_shared_in_no_order() -> None:
    other = replace(TRIPPED, subject="drawdown#1")
    for books in (OPENINGS, ACCOUNT):
        shared = JOINT[books].shared

        assert shared(own(books, TRIPPED, other)) == shared(own(books, other, TRIPPED))


# ---- alerts --------------------------------------------------------------------------------------------


def test_own_alerts_are_those_of_trades() -> None:
    memory = own(ACCOUNT, PARKED, TRIPPED)

    assert memory.flagged == ("p1", "daily_loss#1")
    assert own_alerts(memory).flagged == ("p1",)
    assert replace(own_alerts(memory), flagged=memory.flagged) == memory


@pytest.mark.parametrize("memory", [own(ACCOUNT, PARKED), own(ACCOUNT), own(MEASURED), 7, ()])
def test_memory_without_an_alert_of_a_breaker_stays_the_very_same(memory: Any) -> None:
    assert own_alerts(memory) is memory


# ---- what the rule counts ------------------------------------------------------------------------------


def test_account_is_recounted_as_running_gross_heat_and_net() -> None:
    assert recounted(own(ACCOUNT)) == (0, 0, 0, 0, 0)
    assert recounted(own(ACCOUNT, Signaled(INTENT))) == (0, 0, 0, 0, 0)
    assert recounted(own(ACCOUNT, Signaled(INTENT), ENTRY)) == (1, 200, 200, 100, 100)
    assert recounted(own(ACCOUNT, *ENTERED, Told(Price("AAA", 150)))) == (1, 250, 250, 150, 0)
    over = (Returned("p1", False, "unfilled"), PARKED)
    assert recounted(own(ACCOUNT, *ENTERED, *over[:1])) == (0, 100, 100, 100, 0)
    assert recounted(own(ACCOUNT, *ENTERED, *over)) == (1, 200, 200, 100, 0)
