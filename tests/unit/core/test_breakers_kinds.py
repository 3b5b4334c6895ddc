"""Breakers that look at markets, exposure, errors and metrics, through the engine: which event moves them."""

from dataclasses import replace

import pytest

from core import engine, halts
from core.messages import (
    CorrelationReported,
    LiquidationOrdered,
    MetricReported,
    OrderAccepted,
    OrderRejected,
    PriceMoved,
    PriceUnusable,
    RefuseSignal,
    RequestOutcomeUnknown,
)
from core.settings import MANUAL, BreakerRule
from tests.unit.core.build import (
    BIG,
    BIG_FILLED,
    ENTRY,
    after,
    answered,
    both_filled,
    cancelled,
    commands_of,
    halted,
    order_id,
    ready,
    settings,
    signal,
    trips,
    warns,
)
from tests.unit.core.guards import guarded, reset

# ---- volatility --------------------------------------------------------------------------------------

WILD = guarded("volatility", 1_000, window=2)


@pytest.mark.covers("TC-CB-003")
@pytest.mark.parametrize(
    ("prices", "commands"),
    [
        ((107,), ()),
        ((108,), (warns("volatility"),)),
        ((110,), trips("volatility")),
        ((90,), trips("volatility")),
    ],
)
def test_a_move_of_a_tenth_trips_with_its_price(prices, commands):
    assert commands_of(WILD, *[PriceMoved("AAA", price) for price in prices]) == commands


def test_a_slow_move_of_a_tenth_is_no_spike():
    assert halted(after(WILD, *[PriceMoved("AAA", price) for price in (103, 106, 109, 112)])) == []


def test_a_price_that_came_back_is_compared_with_those_before_it_went():
    gone = after(WILD, PriceUnusable("AAA"))

    assert halted(gone) == []
    assert halted(after(gone, PriceMoved("AAA", 110))) == ["volatility"]


def test_a_held_symbol_without_a_price_trips_and_another_does_not():
    held = after(WILD, signal(), *both_filled())

    assert halted(after(held, PriceUnusable("CCC"))) == []
    assert commands_of(held, PriceUnusable("AAA")) == trips("volatility")


def test_a_person_s_reset_starts_the_window_with_the_present_price():
    calm = after(WILD, PriceMoved("AAA", 110), reset("volatility"))

    assert halted(calm) == []
    assert halted(after(calm, PriceMoved("AAA", 120))) == []
    assert halted(after(calm, PriceMoved("AAA", 121))) == ["volatility"]


# ---- the liquidation buffer --------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch):
    """The trades that were told to close, by sequence, as the engine tells them."""
    heard, step_one = [], halts.step_one

    def listening(state, index, event):
        if event == LiquidationOrdered():
            heard.append(state.trades[index].signal.sequence)
        return step_one(state, index, event)

    monkeypatch.setattr(halts, "step_one", listening)
    return heard


def margined(maintenance=5_000):
    """Equity 10,000,000, positions of 2 x 5,000,000 of which half must stay, and an entry that rests."""
    state = guarded("liquidation_buffer", 2_000)
    instruments = tuple(replace(each, maintenance_bps=maintenance) for each in state.settings.instruments)
    state = replace(state, settings=replace(state.settings, instruments=instruments))
    first = signal(1, quantity_a=50_000, quantity_b=100_000)
    return after(state, first, *both_filled(1, "pairs", 50_000, 100_000), signal(2, symbol_b="CCC"))


@pytest.mark.covers("TC-CB-002", "TC-CB-008")
@pytest.mark.parametrize(
    ("price", "begins", "sequences"),
    [
        (69, (), []),
        (70, (warns("liquidation_buffer"),), []),
        (73, (warns("liquidation_buffer"),), []),
        (74, (*trips("liquidation_buffer"), *cancelled(order_id("entry", 1, 2))), [1, 2]),
    ],
)
def test_a_buffer_that_is_gone_orders_every_trade_to_close(told, price, begins, sequences):
    """At a price p of BBB the equity is 15,000,000 - 100,000 x p, the margin 2,500,000 + 50,000 x p."""
    state, commands = engine.step(margined(), PriceMoved("BBB", price))

    assert told == sequences
    assert halted(state) == (["liquidation_buffer"] if sequences else [])
    assert commands[: len(begins)] == begins
    assert bool(commands) == bool(begins)


def test_a_buffer_that_is_not_known_halts_and_sells_nothing(told):
    state, commands = engine.step(margined(), PriceUnusable("BBB"))

    assert halted(state) == ["liquidation_buffer"]
    assert told == []
    assert commands == (*trips("liquidation_buffer"), *cancelled(order_id("entry", 1, 2)))


def test_a_buffer_that_proves_to_be_gone_orders_it_later_and_once(told):
    blind = after(margined(), PriceUnusable("BBB"))

    fine = after(blind, PriceMoved("BBB", 50))
    before = list(told)
    gone = after(fine, PriceMoved("BBB", 74))
    after(gone, PriceMoved("BBB", 80))

    assert (before, told) == ([], [1, 2])
    assert [each.liquidates for each in fine.breakers] == [False, False]
    assert [(each.liquidates, each.link) for each in gone.breakers] == [(True, 1), (False, 0)]


def test_no_other_breaker_orders_anything_to_close(told):
    for kind in ("drawdown", "volatility", "position_size"):
        after(guarded(kind, 100, window=2), signal(), *both_filled(), PriceMoved("AAA", 10))

    assert told == []


# ---- exposure ----------------------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-005")
@pytest.mark.parametrize(
    ("price", "commands"),
    [
        (171, ()),
        (172, (warns("position_size"),)),
        (224, (warns("position_size"),)),
        (225, trips("position_size")),
    ],
)
def test_a_position_that_grew_with_its_price_trips(price, commands):
    """At a price p the position is 10,000 x p, and equity 9,000,000 more than that."""
    held = after(guarded("position_size", 2_000), BIG, *BIG_FILLED)

    assert commands_of(held, PriceMoved("AAA", price)) == commands


@pytest.mark.covers("TC-CB-005")
def test_three_signals_in_a_row_that_ask_for_too_much_trip():
    state = guarded("position_size", 9_000, window=3)
    limits = replace(state.settings.limits, order_quantity=2_000)
    state = replace(state, settings=replace(state.settings, limits=limits))
    too_much = [signal(n, quantity_a=2_001) for n in (2, 3, 5, 6, 7)]

    once = after(state, *too_much[:2], signal(4, symbol_b="CCC"), *too_much[2:4])
    tripped, commands = engine.step(once, too_much[4])

    assert halted(once) == []
    assert halted(tripped) == ["position_size"]
    assert commands == (
        RefuseSignal(too_much[4].signal, "ORDER_SIZE"),
        *trips("position_size"),
        *cancelled(order_id("entry", 1, 4)),
    )


@pytest.mark.covers("TC-CB-004")
def test_symbols_that_begin_to_move_together_trip():
    held = after(
        guarded("correlation", 1_500),
        CorrelationReported("AAA", "BBB", 0),
        CorrelationReported("AAA", "CCC", 0),
        BIG,
        *BIG_FILLED,
    )

    assert halted(held) == []
    assert halted(after(held, CorrelationReported("BBB", "AAA", 6_999))) == []
    assert commands_of(held, CorrelationReported("BBB", "AAA", 7_000)) == trips("correlation")
    assert commands_of(held, CorrelationReported("AAA", "BBB", None)) == trips("correlation")


# ---- errors and metrics ------------------------------------------------------------------------------

FAULTY = guarded("error_rate", 5_000, window=4)


def test_errors_trip_once_the_window_is_full():
    second, third = order_id("entry", 1, 2), order_id("entry", 1, 3)
    state = after(
        FAULTY,
        signal(),
        OrderAccepted(ENTRY),
        signal(2, symbol_b="CCC"),
        OrderRejected(second, "no"),
        signal(3, symbol_b="CCC"),
        RequestOutcomeUnknown(third, "submit"),
    )

    tripped, commands = engine.step(state, answered(third, "not_found"))

    assert (state.gauges.outcomes, halted(state)) == ((False, True, True), [])
    assert (tripped.gauges.outcomes, halted(tripped)) == ((False, True, True, False), ["error_rate"])
    assert trips("error_rate")[0] in commands


def test_what_is_told_twice_or_of_nobody_is_no_outcome():
    state = after(FAULTY, signal(), OrderAccepted(ENTRY))

    again = after(state, OrderAccepted(ENTRY), OrderRejected(order_id("entry", 1, 9), "no"))

    assert again.gauges.outcomes == (False,)


VIX = guarded("custom", 40, name="vix")


@pytest.mark.covers("TC-CB-006")
@pytest.mark.parametrize(
    ("value", "commands"), [(31, ()), (32, (warns("vix"),)), (40, trips("vix")), (None, trips("vix"))]
)
def test_a_metric_trips_the_breaker_of_its_name(value, commands):
    assert commands_of(VIX, MetricReported("vix", value)) == commands


@pytest.mark.covers("TC-CB-006")
def test_there_may_be_a_breaker_for_each_of_several_metrics():
    rules = (BreakerRule("lag", "custom", 5), MANUAL, BreakerRule("vix", "custom", 40))
    state = ready(settings(breakers=rules))

    assert halted(after(state, MetricReported("lag", 5))) == ["lag"]
    assert halted(after(state, MetricReported("vix", 39))) == []
    assert halted(after(state, MetricReported("vix", 40), MetricReported("lag", 5))) == ["lag", "vix"]
