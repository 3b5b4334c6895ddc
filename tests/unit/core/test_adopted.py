"""Lots that no trade holds: booked as fills, counted at worst, told, and gone when they come to nothing."""

from dataclasses import replace

import pytest

from core import adopted, engine, risk
from core.adopted import Holding
from core.messages import (
    CashMoved,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    RaiseAlert,
    RefuseSignal,
    ReportAnomaly,
    Restarted,
)
from core.positions import Position, position_of
from core.risk import NOTHING, Contribution
from core.settings import Instrument, Limits, Settings, Strategy
from tests.unit.core.build import (
    CASH,
    GUARDED,
    WIDE,
    after,
    both_filled,
    commands_of,
    halted,
    ready,
    settings,
    signal,
)

TOOK = PositionAdjusted("AAA", 10, 100, "EXTERNAL_TRADE", fee_money=7, trade_id="x1")
GAVE = PositionAdjusted("AAA", -10, 90, "EXTERNAL_TRADE")


# ---- the books -------------------------------------------------------------------------------------


def test_adjustment_is_booked_as_a_fill_and_told():
    state, commands = engine.step(ready(), TOOK)

    assert commands == (RaiseAlert("POSITION_ADJUSTED", ("AAA", 10)),)
    assert (state.book.cash, state.book.fees) == (CASH - 1_000 - 7, 7)
    assert state.book.positions == (Position("AAA", 10, 1_000),)
    assert state.adopted == (Holding("AAA", 10, 100),)
    assert engine.equity(state) == CASH - 7


def test_nothing_else_of_the_state_changes():
    state = after(ready(), signal(), *both_filled())

    assert replace(after(state, TOOK), book=state.book, adopted=()) == state


def test_short_lots_are_booked_on_the_other_side():
    state = after(ready(), replace(TOOK, lots=-10))

    assert (state.book.cash, state.adopted) == (CASH + 1_000 - 7, (Holding("AAA", -10, 100),))


def test_fee_in_the_asset_takes_from_the_lots():
    state = after(ready(), replace(TOOK, fee_lots=3))

    assert position_of(state.book, "AAA").lots == 7
    assert state.adopted == (Holding("AAA", 7, 100),)


def test_lots_that_were_closed_outside_are_held_no_more_and_their_loss_is_realised():
    state = after(ready(), TOOK, GAVE)

    assert state.adopted == ()
    assert position_of(state.book, "AAA").realised == -100
    assert state.book.cash == CASH - 107


def test_holdings_are_one_per_symbol_and_sorted():
    other = PositionAdjusted("CCC", 1, 10, "CLOSED_OUTSIDE")
    state = after(ready(), other, TOOK, replace(TOOK, lots=5, price=120))

    assert state.adopted == (Holding("AAA", 15, 120), Holding("CCC", 1, 10))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"symbol": "ZZZ"}, "UNKNOWN_SYMBOL"),
        ({"lots": 0}, "INVALID_VALUE"),
        ({"price": 0}, "INVALID_VALUE"),
        ({"price": -1}, "INVALID_VALUE"),
        ({"fee_lots": -1}, "INVALID_VALUE"),
        ({"fee_lots": 11}, "INVALID_VALUE"),
    ],
)
def test_adjustment_that_nobody_could_mean_changes_nothing(change, reason):
    event = replace(TOOK, **change)

    assert engine.step(ready(), event) == (ready(), (ReportAnomaly(reason, event),))


def test_what_they_lose_is_a_loss_and_trips_as_any():
    """2 % of the cash are 200,000; what is paid in is no profit, and what is taken over is no loss."""
    state = after(ready(GUARDED), replace(TOOK, lots=10_000, fee_money=0), CashMoved(1))
    assert halted(state) == []

    assert halted(after(state, PriceMoved("AAA", 80))) == ["daily_loss"]
    assert halted(after(ready(GUARDED), replace(TOOK, fee_money=200_000))) == ["daily_loss"]


def test_where_strategies_have_capital_they_are_in_the_reserve():
    owned = replace(settings(), strategies=(Strategy("pairs", 5_000),))
    state = after(ready(owned), TOOK)

    reserve, pairs = state.accounts
    assert (reserve.strategy, reserve.book.cash) == ("", CASH // 2 - 1_007)
    assert reserve.book.positions == (Position("AAA", 10, 1_000),)
    assert (pairs.book.cash, pairs.book.positions) == (CASH // 2, ())


def test_restart_keeps_them():
    state = after(ready(), TOOK)

    assert after(state, Restarted()) == state


# ---- the sums --------------------------------------------------------------------------------------

CHOSEN = Settings((Instrument("AAA", tick_lot_value=3), Instrument("BBB")), Limits(exit_cost_bps=10))
PRICES = (("AAA", 50), ("BBB", None))


def test_they_count_at_their_full_notional_with_no_stop():
    long = adopted.contribution((Holding("AAA", 10, 99),), PRICES, CHOSEN)
    short = adopted.contribution((Holding("AAA", -10, 99),), PRICES, CHOSEN)

    assert long == Contribution(0, 1_500, 1_502, (("AAA", 10, 0, 1_500),), 1_500, 1_500)
    assert short == Contribution(0, 1_500, 1_502, (("AAA", 0, 10, 1_500),), -1_500, -1_500)


def test_without_a_price_they_count_at_what_they_were_taken_over_at():
    assert adopted.contribution((Holding("BBB", 2, 30),), PRICES, CHOSEN).gross == 60


@pytest.mark.parametrize("lots", [1, -1])
def test_a_single_lot_has_its_side(lots):
    (exposure,) = adopted.contribution((Holding("AAA", lots, 99),), PRICES, CHOSEN).exposures

    assert exposure == (("AAA", 1, 0, 150) if lots > 0 else ("AAA", 0, 1, 150))


def test_several_add_up():
    both = (Holding("AAA", 1, 1), Holding("BBB", -1, 30))
    apart = [adopted.contribution((each,), PRICES, CHOSEN) for each in both]

    assert adopted.contribution(both, PRICES, CHOSEN) == risk.add(*apart)
    assert adopted.contribution((), PRICES, CHOSEN) == NOTHING


def test_gate_counts_them_with_the_trades():
    state = after(ready(), signal(), *both_filled(), TOOK)
    alone = engine.summary(replace(state, adopted=()))

    found = engine.summary(state).total

    assert found == risk.add(alone.total, adopted.contribution(state.adopted, state.prices, state.settings))
    assert found.exposures[0] == ("AAA", 1_010, 0, 101_000)


@pytest.mark.parametrize(("lots", "answer"), [(1_001, ["GROSS_EXPOSURE"]), (1_000, [])])
def test_entry_beyond_a_limit_with_them_is_refused(lots, answer):
    """The pair is 200,000; with 100,000 taken over it is at 3 % of the cash."""
    limits = replace(WIDE, gross_bps=300)
    state = after(ready(settings(limits)), PositionAdjusted("CCC", 10 * lots, 10, "EXTERNAL_TRADE"))

    commands = commands_of(state, signal())

    assert [each.reason for each in commands if isinstance(each, RefuseSignal)] == answer


def test_entry_against_them_is_refused():
    commands = commands_of(after(ready(), replace(TOOK, lots=-10)), signal())

    assert commands == (RefuseSignal(signal().signal, "OPPOSING_POSITION"),)


def test_while_they_have_no_price_nothing_is_opened():
    state = after(ready(), TOOK, PriceUnusable("AAA"))

    assert engine.equity(state) is None
    assert engine.health(state).unpriced == ("AAA",)


def test_condition_says_what_no_trade_holds():
    assert engine.health(after(ready(), TOOK)).adopted == (("AAA", 10),)
    assert engine.health(ready()).adopted == ()
