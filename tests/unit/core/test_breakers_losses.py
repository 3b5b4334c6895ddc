"""Losses of a day, below the mark and in a row, through the engine: what they are measured by."""

import pytest

from core import engine
from core.messages import (
    CashMoved,
    FillCorrected,
    HighWaterMarkRebased,
    OrderRejected,
    PriceMoved,
    PriceUnusable,
    SessionChanged,
)
from tests.unit.core.build import (
    BIG,
    BIG_FILLED,
    ENTRY,
    LINGER,
    after,
    both_filled,
    commands_of,
    fill,
    filled,
    halted,
    order_id,
    signal,
    trips,
    warns,
)
from tests.unit.core.guards import guarded, reset

# ---- drawdown --------------------------------------------------------------------------------------

DEEP = guarded("drawdown", 200)
HIGH = after(DEEP, BIG, *BIG_FILLED, PriceMoved("AAA", 150))  # worth 10,500,000, 2 % of which is 210,000


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(("price", "commands"), [(130, (warns("drawdown"),)), (129, trips("drawdown"))])
def test_a_fall_from_the_highest_equity_ever_trips(price, commands):
    assert engine.step(HIGH, PriceMoved("AAA", price))[1] == commands


def test_the_mark_only_rises():
    down = after(HIGH, PriceMoved("AAA", 140), PriceMoved("AAA", 145))

    assert (DEEP.gauges.mark, HIGH.gauges.mark, down.gauges.mark) == (10_000_000, 10_500_000, 10_500_000)


def test_neither_a_day_nor_a_reset_moves_the_mark():
    deep = after(HIGH, PriceMoved("AAA", 129), SessionChanged(1), reset("drawdown"))

    assert deep.gauges.mark == 10_500_000
    assert halted(deep) == ["drawdown"]


@pytest.mark.parametrize(("price", "tripped"), [(130, False), (129, True), (50, True)])
def test_a_deposit_lifts_the_mark_with_it(price, tripped):
    paid = after(HIGH, CashMoved(500_000))

    assert paid.gauges.mark == 11_000_000
    assert halted(after(paid, PriceMoved("AAA", price - 1))) == (["drawdown"] if tripped else [])


def test_a_withdrawal_lowers_the_mark_with_it():
    paid = after(HIGH, CashMoved(-500_000))

    assert (paid.gauges.mark, halted(paid)) == (10_000_000, [])
    assert halted(after(paid, PriceMoved("AAA", 131))) == []
    assert halted(after(paid, PriceMoved("AAA", 130))) == ["drawdown"]


def test_a_person_measures_from_the_present_on():
    deep = after(HIGH, PriceMoved("AAA", 129))

    rebased, commands = engine.step(deep, HighWaterMarkRebased())

    assert (rebased.gauges.mark, commands) == (10_290_000, ())
    assert halted(rebased) == ["drawdown"]
    assert halted(after(rebased, reset("drawdown"))) == []


def test_an_unknown_equity_leaves_the_mark():
    assert after(HIGH, PriceUnusable("AAA")).gauges.mark == 10_500_000


# ---- losses in a row ---------------------------------------------------------------------------------

STREAK = guarded("consecutive_losses", 3)


def losing(sequence, price=99, fee=0):
    """A round that buys at 100 and sells at ``price``: no hedge is to be had."""
    entry, exit_ = order_id("entry", 1, sequence), order_id("flatten_a", 1, sequence)
    refused = [OrderRejected(order_id("hedge", attempt, sequence), "no") for attempt in (1, 2, 3)]
    return (
        signal(sequence),
        filled(entry, 1_000, fee_money=fee),
        *refused,
        filled(exit_, 1_000, price=price),
    )


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(
    ("prices", "tripped"),
    [
        ((99, 99), False),
        ((99, 99, 99), True),
        ((99, 99, 101, 99), False),
        ((99, 99, 100, 99), True),
        ((99, 100, 100, 99), False),
        ((100, 100, 100), False),
        ((101, 99, 99, 99), True),
    ],
)
def test_three_rounds_that_lost_in_a_row_trip(prices, tripped):
    rounds = [event for n, price in enumerate(prices) for event in losing(n + 1, price)]

    assert halted(after(STREAK, *rounds)) == (["consecutive_losses"] if tripped else [])


@pytest.mark.covers("EM-08")
def test_a_fee_makes_a_loss_of_a_round_that_would_have_made_nothing():
    rounds = [event for n in (1, 2, 3) for event in losing(n, 100, fee=1)]

    assert halted(after(STREAK, *rounds)) == ["consecutive_losses"]


def test_the_third_loss_trips_with_the_fill_that_closes_it():
    state = after(STREAK, *losing(1), *losing(2), *losing(3)[:-1])

    assert halted(state) == []
    assert commands_of(state, losing(3)[-1])[-2:] == trips("consecutive_losses")


def test_parts_of_one_round_are_one_loss():
    entry, exit_ = order_id(), order_id("flatten_a")
    parts = [filled(exit_, 500, name, price=99) for name in ("one", "two")]
    state = after(STREAK, *losing(1)[:-1], *parts)

    assert filled(entry, 1_000).order == ENTRY
    assert (state.gauges.losses, [each.profit for each in state.gauges.rounds]) == (0, [-1_000])


def test_a_late_correction_changes_the_result_of_its_own_round():
    twice = after(STREAK, *losing(1), *losing(2))
    dearer = FillCorrected(order_id("flatten_a"), fill(1_000, 103, "flatten_a-1"))

    assert halted(after(twice, *losing(3))) == ["consecutive_losses"]
    assert halted(after(twice, dearer, *losing(3))) == []


def test_a_round_that_left_still_counts():
    gone = after(STREAK, *losing(1), LINGER)

    assert (gone.trades, gone.gauges.losses, gone.gauges.rounds) == ((), 1, ())
    assert halted(after(gone, *losing(2), *losing(3))) == ["consecutive_losses"]


def test_a_position_that_is_held_is_no_round_yet():
    held = after(STREAK, signal(), *both_filled(), LINGER, PriceMoved("AAA", 90))

    assert [each.is_closed for each in held.gauges.rounds] == [False]


def test_a_reset_starts_the_row_from_zero():
    tripped = after(STREAK, *[event for n in (1, 2, 3) for event in losing(n)])

    again = after(tripped, reset("consecutive_losses"))

    assert halted(again) == []
    assert halted(after(again, *losing(4), *losing(5))) == []
    assert halted(after(again, *losing(4), *losing(5), *losing(6))) == ["consecutive_losses"]


# ---- cash and the day --------------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-001")
@pytest.mark.parametrize("amount", [1_000_000, -1_000_000])
def test_cash_moved_is_neither_profit_nor_loss_of_the_day(amount):
    held = after(guarded("daily_loss", 200), BIG, *BIG_FILLED)

    paid, commands = engine.step(held, CashMoved(amount))

    assert commands == ()
    assert paid.book.cash == held.book.cash + amount
    assert halted(after(paid, PriceMoved("AAA", 81))) == []
    assert halted(after(paid, PriceMoved("AAA", 80))) == ["daily_loss"]


def test_a_new_day_begins_without_cash_moved():
    held = after(guarded("daily_loss", 200), CashMoved(1_000_000), SessionChanged(1))

    assert (held.gauges.opening, held.gauges.moved) == (11_000_000, 0)
