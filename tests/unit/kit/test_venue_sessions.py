"""The venue's calendar: what it takes and trades in each phase and in a halt; what ends with a session."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    Expired,
    FetchOrder,
    Filled,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Status,
)
from hedgecheck.venue import (
    ChangePhase,
    HaltTrading,
    MovePrice,
    ResumeTrading,
    Venue,
    closure_of,
    fillable,
    find,
    step,
    waits,
)
from tests.unit.kit.exchange import bought, exchange, fill, order, reports_of, run

OUT = ("pre_market", "after_hours", "closed")
CLOSE, OPEN = ChangePhase("closed"), ChangePhase("regular")
PAUSE, RESUME = HaltTrading(("AAA",)), ResumeTrading(("AAA",))
BREAK, END_OF_BREAK = HaltTrading(), ResumeTrading()
STOP = order("S", "sell", 10, stop_price=90, reduce_only=True)

closed = pytest.mark.parametrize(
    ("turn", "reason"),
    [
        *[(ChangePhase(phase), "MARKET_CLOSED") for phase in OUT],
        (PAUSE, "SYMBOL_HALTED"),
        (BREAK, "SYMBOL_HALTED"),
    ],
    ids=[*OUT, "paused", "broken off"],
)


def phase(venue: Venue, name: str = "X") -> str:
    """What became of an order."""
    found = find(venue, name)
    assert found is not None
    return found.phase


# ---- what is taken ---------------------------------------------------------------------------------------


@closed
def test_no_order_is_taken_where_nothing_trades(turn: Any, reason: str) -> None:
    assert reports_of(exchange(), turn, order()) == (Rejected("X", reason),)


@pytest.mark.parametrize("open_phase", ["regular", "closing"])
def test_orders_are_taken_and_trade_until_the_session_ends(open_phase: Any) -> None:
    venue, reports = run(exchange(), ChangePhase(open_phase), order(), fill())

    assert [type(each) for each in reports] == [Accepted, Filled]
    assert closure_of(venue, "AAA") == ""


def test_an_order_in_another_symbol_is_taken_in_a_pause() -> None:
    assert reports_of(exchange(), PAUSE, order(symbol="BBB")) == (Accepted("X"),)


def test_a_closed_market_is_named_before_a_halt_and_after_an_unknown_symbol() -> None:
    assert reports_of(exchange(), PAUSE, CLOSE, order()) == (Rejected("X", "MARKET_CLOSED"),)
    assert reports_of(exchange(), CLOSE, order(symbol="ZZZ")) == (Rejected("X", "UNKNOWN_SYMBOL"),)


@pytest.mark.parametrize(("turn", "reason"), [(PAUSE, "SYMBOL_HALTED"), (CLOSE, "MARKET_CLOSED")])
def test_a_stop_that_rests_is_not_changed_and_can_be_canceled_and_asked_about(turn: Any, reason: str) -> None:
    venue, _ = run(exchange(), *bought(10), STOP, turn)

    assert reports_of(venue, ReplaceOrder("S", 5, None, 95)) == (ReplaceRefused("S", reason),)
    assert reports_of(venue, FetchOrder("S")) == (Status("S", "found", "open", (), 10),)
    assert reports_of(venue, CancelOrder("S")) == (Canceled("S", 0),)


def test_once_trading_goes_on_orders_are_taken_and_changed() -> None:
    venue, _ = run(exchange(), *bought(10), STOP, PAUSE, CLOSE, OPEN, RESUME)

    assert reports_of(venue, ReplaceOrder("S", 5, None, 95)) == (Replaced("S", 5),)
    assert reports_of(venue, order()) == (Accepted("X"),)


# ---- what trades -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [PAUSE, BREAK])
def test_what_rests_stays_and_does_not_trade_in_a_halt(turn: Any) -> None:
    venue, reports = run(exchange(), order(price=100), turn)

    assert reports == (Accepted("X"),)
    assert (phase(venue), fillable(venue, find(venue, "X"))) == ("open", 0)
    assert step(venue, fill()) == (venue, ())


def test_what_rests_trades_again_after_the_halt() -> None:
    venue, _ = run(exchange(), order(price=100), PAUSE, RESUME)

    assert fillable(venue, find(venue, "X")) == 10


@pytest.mark.parametrize("ended", OUT)
def test_day_orders_expire_with_the_session_and_stops_stay(ended: Any) -> None:
    story = (*bought(10), order(price=99), fill("X", 4), MovePrice("AAA", 99), fill("X", 4), STOP)
    venue, _ = run(exchange(), *story)

    venue, reports = step(venue, ChangePhase(ended))

    assert reports == (Expired("X", 4),)
    assert (phase(venue), phase(venue, "S"), phase(venue, "H")) == ("expired", "open", "filled")


@pytest.mark.parametrize("going_on", ["closing", "regular"])
def test_no_order_expires_while_the_session_lasts(going_on: Any) -> None:
    assert reports_of(exchange(), order(price=90), ChangePhase(going_on)) == ()


@pytest.mark.parametrize(("shut", "opened"), [(PAUSE, RESUME), (BREAK, END_OF_BREAK), (CLOSE, OPEN)])
def test_a_stop_that_is_passed_while_nothing_trades_is_at_work_once_it_does(shut: Any, opened: Any) -> None:
    passed, reports = run(exchange(), *bought(10), STOP, shut, MovePrice("AAA", 80))
    back, _ = run(passed, opened)
    recovered, _ = run(passed, MovePrice("AAA", 91), opened)

    assert reports[-1] == Price("AAA", 80)
    assert waits(find(passed, "S"))
    assert not waits(find(back, "S"))
    assert waits(find(recovered, "S"))


def test_an_immediate_stop_order_that_finds_no_price_at_the_reopening_is_gone() -> None:
    stop = replace(STOP, price=85, immediate=True, reduce_only=False)

    assert reports_of(exchange(), stop, PAUSE, MovePrice("AAA", 80), RESUME) == (Expired("S", 0),)


# ---- halts -----------------------------------------------------------------------------------------------


def test_halts_by_name_and_of_the_market_end_each_by_its_own_word() -> None:
    both, _ = run(exchange(), HaltTrading(("BBB",)), BREAK, PAUSE)
    market, _ = run(both, ResumeTrading(("AAA", "BBB")))
    named, _ = run(both, END_OF_BREAK)

    assert (both.halted, both.market_halted) == (("AAA", "BBB"), True)
    assert (market.halted, closure_of(market, "AAA")) == ((), "SYMBOL_HALTED")
    assert (named.market_halted, closure_of(named, "BBB")) == (False, "SYMBOL_HALTED")


def test_a_halt_that_is_said_twice_is_one() -> None:
    assert run(exchange(), PAUSE, PAUSE)[0].halted == ("AAA",)
    assert run(exchange(), PAUSE, PAUSE, RESUME)[0] == exchange()
