"""Lots of a trade that somebody else closed: the trade holds them no more, and the result is its own."""

from dataclasses import replace

import pytest

from core import engine, plan
from core.messages import (
    EndTrade,
    ExitRequested,
    OrderAccepted,
    PositionAdjusted,
    RaiseAlert,
    ReportAnomaly,
    RequestOutcomeUnknown,
    SignalId,
    SubmitOrder,
    TimerFired,
    TimerId,
)
from core.positions import position_of
from core.settings import MANUAL, BreakerRule, Strategy
from tests.unit.core.build import (
    CASH,
    ENTRY,
    FLATTEN_B,
    LINGER,
    SIGNAL,
    after,
    both_filled,
    cancelled,
    commands_of,
    confirmed_canceled,
    filled,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    timed_out,
)

SOLD = PositionAdjusted("AAA", -1_000, 90, "CLOSED_OUTSIDE", fee_money=7, signal=SIGNAL)
BOUGHT = PositionAdjusted("BBB", 2_000, 50, "CLOSED_OUTSIDE", signal=SIGNAL)
ENDED = after(ready(), signal(), *both_filled())
HELD = after(ENDED, LINGER)


def lots(state):
    """What the only trade holds of each leg."""
    (trade,) = state.trades
    return plan.open_lots(trade, trade.leg_a), plan.open_lots(trade, trade.leg_b)


@pytest.mark.parametrize("state", [ENDED, HELD], ids=["ended", "held"])
def test_trade_holds_them_no_more_and_the_books_have_the_result(state):
    closed, commands = engine.step(state, SOLD)

    assert commands == (RaiseAlert("POSITION_ADJUSTED", ("AAA", -1_000)),)
    assert lots(closed) == (0, 2_000)
    assert (closed.trades[0].kept_a, closed.trades[0].phase) == (0, state.trades[0].phase)
    assert position_of(closed.book, "AAA").realised == -10_000
    assert (closed.book.cash, closed.adopted) == (CASH + 90_000 - 7, ())


@pytest.mark.parametrize("state", [ENDED, HELD], ids=["ended", "held"])
@pytest.mark.parametrize("events", [(SOLD, BOUGHT), (BOUGHT, SOLD)], ids=["A first", "B first"])
def test_trade_that_is_left_with_nothing_is_over(state, events):
    left = after(state, *events)
    assert left.trades[0].phase == "ended"
    assert of_kind(commands_of(state, *events), SubmitOrder) == ()

    assert after(left, LINGER).trades == ()


def test_some_of_them_may_be_closed():
    part = after(HELD, replace(SOLD, lots=-400))

    assert lots(part) == (600, 2_000)
    assert (part.trades[0].kept_a, part.trades[0].kept_b) == (600, 2_000)
    assert (part.trades[0].carried_a, part.trades[0].carried_b) == (600, 2_000)
    assert lots(after(HELD, replace(BOUGHT, lots=1))) == (1_000, 1_999)


def test_what_is_left_of_it_is_closed_by_its_exit():
    commands = commands_of(after(HELD, SOLD), ExitRequested(SIGNAL))

    assert [each.order for each in of_kind(commands, SubmitOrder)] == [FLATTEN_B]


def test_late_fill_after_it_is_flattened_as_ever():
    part = after(ENDED, replace(SOLD, lots=-400))

    commands = commands_of(part, filled(ENTRY, 5, "late"))

    assert [each.quantity for each in of_kind(commands, SubmitOrder)] == [5]


def test_stop_of_what_is_held_no_more_is_cancelled():
    stop = order_id("stop_a")
    grace = TimerFired(TimerId(SIGNAL, "grace"))
    guarded = after(ready(), signal(stop_price_a=80), *both_filled(), grace, OrderAccepted(stop), LINGER)

    commands = commands_of(guarded, SOLD)

    assert commands[1:] == cancelled(stop)
    gone = after(guarded, SOLD, BOUGHT, *confirmed_canceled(stop, 0))
    assert gone.trades[0].phase == "ended"
    assert after(gone, LINGER).trades == ()


def parked():
    """A trade that holds both legs, and of which nothing can be flattened."""
    state = after(HELD, ExitRequested(SIGNAL))
    for attempt in (1, 2, 3):
        for slot in ("flatten_a", "flatten_b"):
            order = order_id(slot, attempt)
            state = after(state, timed_out(order), *confirmed_canceled(order, 0))
    assert state.trades[0].phase == "parked"
    return state


def test_parked_trade_that_is_left_with_nothing_leaves():
    state = after(parked(), SOLD)
    assert (state.trades[0].phase, lots(state)) == ("parked", (0, 2_000))

    assert after(state, BOUGHT).trades == ()


def test_parked_trade_of_which_an_order_is_unknown_stays():
    parking = after(ready(), signal(), *both_filled())
    trade = replace(parking.trades[0], phase="parked", lingers=False)
    unknown = replace(trade.orders[0], id=order_id("entry", 2), fills=(), filled=0, reported=0, phase="new")
    state = replace(parking, trades=(replace(trade, orders=(*trade.orders, unknown)),))

    assert after(state, SOLD, BOUGHT).trades[0].phase == "parked"


@pytest.mark.parametrize(
    "event",
    [
        replace(SOLD, lots=-1_001),
        replace(SOLD, lots=1_000),
        replace(BOUGHT, lots=-2_000),
        replace(SOLD, symbol="CCC"),
        replace(SOLD, fee_lots=1),
        replace(SOLD, signal=SignalId("pairs", 2)),
        replace(SOLD, signal=SignalId("squeeze", 1)),
    ],
    ids=["more", "bought", "sold", "another symbol", "fee in lots", "another signal", "another strategy"],
)
def test_what_it_does_not_hold_is_not_closed(event):
    assert engine.step(HELD, event) == (HELD, (ReportAnomaly("UNKNOWN_SIGNAL", event),))


@pytest.mark.parametrize(
    "events",
    [
        (filled(ENTRY, 400),),
        (filled(ENTRY, 1_000),),
        (*both_filled(), ExitRequested(SIGNAL)),
        (RequestOutcomeUnknown(ENTRY, "submit"),),
    ],
    ids=["entry", "hedge", "exit", "unknown"],
)
def test_of_a_trade_that_is_at_work_nothing_is_closed(events):
    state = after(ready(), signal(), *events)

    assert engine.step(state, SOLD) == (state, (ReportAnomaly("UNKNOWN_SIGNAL", SOLD),))


def test_result_is_its_strategys_and_counts_as_its_round():
    losses = BreakerRule("consecutive_losses", "consecutive_losses", 1)
    chosen = replace(settings(breakers=(losses, MANUAL)), strategies=(Strategy("pairs", 5_000),))
    held = after(ready(chosen), signal(), *both_filled(), LINGER)

    closed, commands = engine.step(after(held, SOLD), BOUGHT)

    reserve, pairs = closed.accounts
    assert (reserve.book.cash, pairs.book.cash) == (CASH // 2, CASH // 2 - 10_007)
    assert [each.subject[0] for each in of_kind(commands, RaiseAlert)] == ["BBB", "consecutive_losses"]
    assert [(each.signal, each.profit) for each in closed.gauges.rounds] == [(SIGNAL, -10_007)]
    assert of_kind(commands, EndTrade) == ()
