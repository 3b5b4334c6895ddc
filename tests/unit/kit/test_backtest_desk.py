"""A desk in an exchange's time: timers in their order, heartbeats once a phase, gaps, and what is broken."""

from typing import Any

import pytest

from core import engine
from hedgecheck.backtest.desk import Desk
from hedgecheck.calendars import PhaseChange
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import LOOSE
from hedgecheck.messages import (
    Exit,
    FetchOrder,
    Filled,
    Intent,
    NewDay,
    Price,
    Record,
    Sent,
    Signaled,
    TimerFired,
)
from hedgecheck.venue import House, Market
from hedgecheck.world import Scope

SECOND = 10**9
SCOPE = Scope((), House((Market("AAA"), Market("BBB"))), 10**8, (("AAA", 10_000), ("BBB", 10_000)), LOOSE)
PAIR = Intent("p1", "AAA", "buy", 10, "BBB", "sell", 10, stop_a=9_500, stop_b=10_500)


def desk(core: Any = None) -> tuple[Desk, list[Record]]:
    """A desk before the open, and what it will have heard."""
    heard: list[Record] = []
    return Desk(SCOPE, core or BundledCore(), heard.append), heard


def opened() -> tuple[Desk, list[Record]]:
    """One that is open and holds a pair with its stops."""
    at, heard = desk()
    at.phase(PhaseChange(0, "regular", "2008-10-03"))
    at.tell(PAIR, Signaled(PAIR))
    at.wait(5 * SECOND)
    return at, heard


def of(kind: type[Any], heard: list[Record]) -> list[Any]:
    """The records of one kind."""
    return [each for each in heard if isinstance(each, kind)]


def test_pair_is_filled_and_protected_within_seconds() -> None:
    at, heard = opened()

    assert [each.client_order_id for each in of(Filled, heard)] == ["p1a1", "p1b1"]
    assert (at.stops("AAA"), at.stops("BBB"), at.stops("CCC")) == ({9_500}, {10_500}, set())
    assert at.failure is None


def test_timers_fire_when_they_are_due_and_in_their_order() -> None:
    at, heard = desk()
    at.phase(PhaseChange(0, "regular", "2008-10-03"))
    at.tell(PAIR, Signaled(PAIR))

    at.wait(SECOND - 1)
    assert of(TimerFired, heard) == []

    at.wait(1)
    assert [each.timer for each in of(TimerFired, heard)] == ["p1/grace"]

    at.wait(29 * SECOND)
    assert [each.timer for each in of(TimerFired, heard)] == ["p1/grace", "p1/linger"]


def test_heartbeat_that_changes_nothing_is_followed_once_a_phase() -> None:
    at, heard = opened()
    at.wait(3_600 * SECOND)
    asked = len(of(Sent, heard))

    at.wait(3_600 * SECOND)
    assert len(of(Sent, heard)) == asked

    at.phase(PhaseChange(20_000 * SECOND, "closing", "2008-10-03"))
    again = [each.request for each in of(Sent, heard)[asked:]]
    assert again == [FetchOrder("p1s1"), FetchOrder("p1t1")]


def test_question_that_an_exit_starts_is_asked_though_the_heartbeat_was_idle() -> None:
    at, heard = opened()
    at.wait(3_600 * SECOND)

    at.tell(Exit("p1"), Exit("p1"))
    at.wait(5 * SECOND)

    assert [each.client_order_id for each in of(Filled, heard)[2:]] == ["p1x1", "p1y1"]
    assert at.failure is None


def test_stop_fills_at_the_price_it_waited_for_and_the_other_leg_follows() -> None:
    at, heard = opened()

    at.price("AAA", 9_500)
    at.wait(60 * SECOND)

    assert [(each.symbol, each.price) for each in of(Filled, heard)[2:]] == [("AAA", 9_500), ("BBB", 10_000)]
    assert [lots for _, lots in at.venue.positions if lots] == []


def test_price_that_does_not_change_is_not_told_again() -> None:
    at, heard = desk()

    at.price("AAA", 10_000)
    at.price("AAA", 10_001)

    assert [(each.symbol, each.price) for each in of(Price, heard)] == [("AAA", 10_001)]


def test_phases_are_the_exchanges_days() -> None:
    at, heard = desk()

    at.phase(PhaseChange(0, "pre_market", "2008-10-03"))
    at.phase(PhaseChange(SECOND, "regular", "2008-10-03"))

    day = PhaseChange(0, "regular", "2008-10-03").day
    assert of(NewDay, heard) == [NewDay(day, "pre_market"), NewDay(day, "regular")]
    assert at.venue.session_phase == "regular"


class Doubles(BundledCore):
    """Sends every entry twice."""

    def step(self, state: engine.State, event: Any) -> tuple[engine.State, tuple[Any, ...]]:
        state, commands = super().step(state, event)
        return state, (*commands, *[each for each in commands if type(each).__name__ == "CreateOrder"])


def test_nothing_happens_any_more_once_a_rule_is_broken() -> None:
    at, heard = desk(Doubles())
    at.phase(PhaseChange(0, "regular", "2008-10-03"))
    at.tell(PAIR, Signaled(PAIR))
    at.wait(60 * SECOND)
    assert at.failure is not None

    told = len(heard)
    at.wait(60 * SECOND)
    assert len(heard) == told


@pytest.mark.parametrize("rules", [(), None])
def test_what_is_open_at_worst_is_counted_whatever_the_rules(rules: Any) -> None:
    at = Desk(SCOPE, BundledCore(), **({} if rules is None else {"rules": rules}))
    at.phase(PhaseChange(0, "regular", "2008-10-03"))
    at.tell(PAIR, Signaled(PAIR))
    at.wait(SECOND)

    assert dict(at.account.positions.items()) == {"AAA": 10, "BBB": -10}
