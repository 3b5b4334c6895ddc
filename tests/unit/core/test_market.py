"""What the market and the calendar say is taken in where it makes sense, and told where it does not."""

import pytest

from core import engine
from core.messages import (
    CashMoved,
    CorrelationReported,
    HighWaterMarkRebased,
    MetricReported,
    PriceMoved,
    PriceUnusable,
    ReportAnomaly,
    SessionChanged,
)
from core.settings import MANUAL, BreakerRule, Correlation
from tests.unit.core.build import BIG, BIG_FILLED, GUARDED, PRICES, after, ready, settings, warns

STATE = ready(GUARDED)


def anomaly(reason, event, state=STATE):
    """Nothing happens but that it is told."""
    return engine.step(state, event) == (state, (ReportAnomaly(reason, event),))


# ---- prices ----------------------------------------------------------------------------------------


def test_a_price_is_that_of_its_symbol():
    assert after(STATE, PriceMoved("BBB", 7)).prices == (("AAA", 100), ("BBB", 7), ("CCC", 10))
    assert after(STATE, PriceUnusable("BBB")).prices == (("AAA", 100), ("BBB", None), ("CCC", 10))


@pytest.mark.parametrize("price", [0, -1])
def test_a_price_is_positive(price):
    assert anomaly("INVALID_VALUE", PriceMoved("AAA", price))
    assert after(STATE, PriceMoved("AAA", 1)).prices[0] == ("AAA", 1)


@pytest.mark.parametrize("event", [PriceMoved("ZZZ", 1), PriceUnusable("ZZZ")])
def test_a_price_of_a_symbol_there_is_not_is_an_anomaly(event):
    assert anomaly("UNKNOWN_SYMBOL", event)


def test_without_a_volatility_breaker_no_prices_are_kept():
    assert after(STATE, PriceMoved("AAA", 101)).gauges == STATE.gauges


def test_a_window_holds_only_usable_prices():
    rule = BreakerRule("volatility", "volatility", 9_999, 2)
    state = ready(settings(breakers=(MANUAL, rule)))
    state = after(state, PriceUnusable("AAA"), PriceMoved("AAA", 101), PriceMoved("AAA", 0))

    assert state.gauges.windows == (("AAA", (100, 101)), ("BBB", (50,)), ("CCC", (10,)))
    assert dict(state.prices) == {**PRICES, "AAA": 101}


# ---- days and cash ---------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [3, 2, -1])
def test_a_day_that_is_repeated_or_goes_back_is_an_anomaly(day):
    assert anomaly("INVALID_VALUE", SessionChanged(day), after(STATE, SessionChanged(3)))


def test_a_new_day_takes_a_warning_back():
    near = after(STATE, BIG, *BIG_FILLED, PriceMoved("AAA", 81))

    state, commands = engine.step(near, SessionChanged(1))

    assert [each.phase for each in near.breakers] == ["warning", "armed"]
    assert ([each.phase for each in state.breakers], commands) == (["armed", "armed"], ())
    assert engine.step(state, PriceMoved("AAA", 65))[1] == (warns("daily_loss"),)


@pytest.mark.parametrize("amount", [7, -7, 0])
def test_cash_moved_is_in_the_books(amount):
    state, commands = engine.step(STATE, CashMoved(amount))

    assert (state.book.cash, state.book.fees, commands) == (10_000_000 + amount, 0, ())
    assert (state.gauges.opening, state.gauges.moved) == (10_000_000, amount)


def test_without_a_drawdown_breaker_there_is_no_mark_to_rebase():
    assert anomaly("UNKNOWN_BREAKER", HighWaterMarkRebased())


def test_a_mark_is_not_rebased_to_an_equity_that_is_not_known():
    rule = BreakerRule("drawdown", "drawdown", 9_999)
    blind = after(ready(settings(breakers=(rule, MANUAL))), BIG, *BIG_FILLED, PriceUnusable("AAA"))

    assert anomaly("INVALID_VALUE", HighWaterMarkRebased(), blind)


# ---- correlations ----------------------------------------------------------------------------------


def test_a_correlation_is_kept_once_per_pair_whichever_way_round_it_is_told():
    state, commands = engine.step(STATE, CorrelationReported("BBB", "AAA", 4_000))
    again = after(
        state, CorrelationReported("CCC", "AAA", -10_000), CorrelationReported("AAA", "BBB", 10_000)
    )

    assert (state.correlations, commands) == ((Correlation("AAA", "BBB", 4_000),), ())
    assert again.correlations == (Correlation("AAA", "BBB", 10_000), Correlation("AAA", "CCC", -10_000))


def test_correlations_are_sorted_by_their_symbols():
    events = [CorrelationReported(a, b, 0) for a, b in (("CCC", "BBB"), ("AAA", "CCC"), ("BBB", "AAA"))]

    pairs = [(each.symbol_a, each.symbol_b) for each in after(STATE, *events).correlations]

    assert pairs == [("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC")]


def test_a_correlation_that_is_not_known_any_more_is_left_out():
    known = after(STATE, CorrelationReported("AAA", "BBB", 1), CorrelationReported("AAA", "CCC", 2))

    assert after(known, CorrelationReported("BBB", "AAA", None)).correlations == (
        Correlation("AAA", "CCC", 2),
    )
    assert after(STATE, CorrelationReported("AAA", "BBB", None)) == STATE


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (CorrelationReported("ZZZ", "AAA", 1), "UNKNOWN_SYMBOL"),
        (CorrelationReported("AAA", "ZZZ", None), "UNKNOWN_SYMBOL"),
        (CorrelationReported("AAA", "AAA", 1), "INVALID_VALUE"),
        (CorrelationReported("AAA", "AAA", None), "INVALID_VALUE"),
        (CorrelationReported("AAA", "BBB", 10_001), "INVALID_VALUE"),
        (CorrelationReported("AAA", "BBB", -10_001), "INVALID_VALUE"),
    ],
)
def test_a_correlation_that_cannot_be_is_an_anomaly(event, reason):
    assert anomaly(reason, event)


# ---- metrics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lag", "daily_loss", "manual"])
def test_a_metric_that_no_breaker_watches_is_an_anomaly(name):
    state = ready(settings(breakers=(MANUAL, BreakerRule("vix", "custom", 40))))

    assert anomaly("UNKNOWN_METRIC", MetricReported(name, 1), state)
    assert anomaly("UNKNOWN_METRIC", MetricReported(name, 1))
