"""What an exchange under stress makes of orders."""

from dataclasses import replace

import numpy as np
import pytest

from hedgecheck.errors import UsageError
from hedgecheck.marketdata import LiquidityDrain, Market, SpreadWidening, generate
from hedgecheck.stress.exchange import ExchangeProfile, ExchangeSimulator, stress_levels
from hedgecheck.stress.stressed import ExecutionFailure, Slowness, Window

BARS = 400
CALM, WILD = 10, 305
ORDERS = 4_000
PRICE = 100_000
MILLISECOND_NS = 1_000_000


def market() -> Market:
    """One symbol on a calm market."""
    made = generate("AAA", bars=BARS, seed=3)
    spread, depth = np.full_like(made.close, 5.0), np.full_like(made.close, 1_000.0)
    high, low = made.close * 1.001, made.close * 0.999
    return replace(made, high=high, low=low, spread_bps=spread, depth=depth)


def under_stress() -> Market:
    """From bar 300 on it is as dry as a market gets."""
    dry = LiquidityDrain(start=300, bars=1, left=1e-9, recovery_bars=0)
    return dry.apply(market())


@pytest.mark.covers("SX-01")
def test_slippage_is_a_thousandth_in_a_calm_market_and_a_tenth_at_the_height_of_stress():
    calm = ExchangeSimulator(market()).fill(CALM, "AAA", "buy", 100, PRICE)
    wild = ExchangeSimulator(under_stress()).fill(WILD, "AAA", "buy", 100, PRICE)

    assert calm.slippage == pytest.approx(0.001 * PRICE)
    assert wild.slippage == pytest.approx(0.1 * PRICE)


@pytest.mark.covers("SX-01")
def test_slippage_grows_with_stress_and_is_always_against_the_order():
    drying = LiquidityDrain(start=300, bars=50, left=1e-3).apply(market())
    exchange = ExchangeSimulator(drying)

    bought = [exchange.fill(bar, "AAA", "buy", 100, PRICE).price for bar in range(300, 350)]
    sold = [exchange.fill(bar, "AAA", "sell", 100, PRICE).price for bar in range(300, 350)]

    assert bought == sorted(bought)
    assert sold == sorted(sold, reverse=True)
    assert min(bought) > PRICE > max(sold)


@pytest.mark.covers("SX-02")
@pytest.mark.parametrize(
    ("spread_bps", "kept_bps"), [(1.0, 5.0), (5.0, 5.0), (120.0, 120.0), (500.0, 500.0), (900.0, 500.0)]
)
def test_half_the_spread_is_paid_from_a_twentieth_of_a_per_cent_to_five(spread_bps, kept_bps):
    wide = replace(market(), spread_bps=np.full((BARS, 1), spread_bps))

    fill = ExchangeSimulator(wide).fill(CALM, "AAA", "sell", 100, PRICE)

    assert fill.spread_cost == pytest.approx(PRICE * kept_bps / 20_000)
    assert fill.price == round(PRICE - fill.spread_cost - fill.slippage)


@pytest.mark.covers("SX-03")
def test_latency_is_fifty_milliseconds_in_a_calm_market_and_a_second_at_the_height_of_stress():
    calm, wild = ExchangeSimulator(market()), ExchangeSimulator(under_stress())

    of_calm = [calm.latency_ns(CALM, "AAA") / MILLISECOND_NS for _ in range(ORDERS)]
    of_wild = [wild.latency_ns(WILD, "AAA") / MILLISECOND_NS for _ in range(ORDERS)]

    assert min(of_calm) == 50.0
    assert max(of_calm) < 63.0
    assert np.mean(of_wild) == pytest.approx(1_025, rel=0.02)


@pytest.mark.covers("SX-03", "ST-17")
def test_latency_is_so_many_times_as_long_as_the_plan_says_in_its_window_alone():
    exchange = ExchangeSimulator(market(), (Slowness(Window(20, 30, ("AAA",)), 10.0),))

    inside = np.mean([exchange.latency_ns(25, "AAA") for _ in range(ORDERS)])
    outside = np.mean([exchange.latency_ns(30, "AAA") for _ in range(ORDERS)])

    assert inside / outside == pytest.approx(10.0, rel=0.05)


@pytest.mark.covers("SX-04")
@pytest.mark.parametrize(("made", "bar", "rate"), [(market(), CALM, 0.001), (under_stress(), WILD, 0.3)])
def test_so_many_orders_fail_as_the_market_is_wild(made, bar, rate):
    exchange = ExchangeSimulator(made, seed=5)

    failed = sum(bool(exchange.failure(bar, "AAA")) for _ in range(40_000)) / 40_000

    assert failed == pytest.approx(rate, rel=0.25)


@pytest.mark.covers("SX-04", "ST-16")
def test_as_many_orders_fail_as_the_plan_says_in_each_of_three_ways_and_in_its_window_alone():
    exchange = ExchangeSimulator(market(), (ExecutionFailure(Window(20, 30), 0.4),), seed=5)

    ways = [exchange.failure(25, "AAA") for _ in range(ORDERS)]
    outside = [exchange.failure(30, "AAA") for _ in range(ORDERS)]

    assert sum(map(bool, ways)) / ORDERS == pytest.approx(0.4, rel=0.05)
    assert {each for each in ways if each} == {"rejected", "request_lost", "reply_lost"}
    assert sum(map(bool, outside)) < ORDERS * 0.005


@pytest.mark.covers("SX-05")
def test_an_order_fills_whole_in_a_calm_market_and_in_part_under_stress():
    calm, wild = ExchangeSimulator(market()), ExchangeSimulator(under_stress())

    of_calm = {calm.fill(CALM, "AAA", "buy", 1_000, PRICE).lots for _ in range(100)}
    of_wild = [wild.fill(WILD, "AAA", "buy", 1_000, PRICE).lots for _ in range(ORDERS)]

    assert of_calm == {1_000}
    assert 300 <= min(of_wild) < 320
    assert 980 < max(of_wild) < 1_000


def test_one_lot_is_never_less_than_one_lot():
    assert {ExchangeSimulator(under_stress()).fill(WILD, "AAA", "buy", 1, PRICE).lots for _ in range(50)} == {
        1
    }


@pytest.mark.parametrize(("side", "limit"), [("buy", PRICE + 20), ("sell", PRICE - 20)])
def test_an_order_with_a_limit_gets_no_worse_price(side, limit):
    fill = ExchangeSimulator(under_stress()).fill(WILD, "AAA", side, 100, PRICE, limit)

    assert fill.price == limit


@pytest.mark.covers("SE-10")
def test_an_exchange_draws_the_same_from_the_same_seed_and_something_else_from_another():
    def drawn(seed):
        exchange = ExchangeSimulator(under_stress(), seed=seed)
        return [(exchange.failure(WILD, "AAA"), exchange.latency_ns(WILD, "AAA")) for _ in range(50)]

    assert drawn(7) == drawn(7) != drawn(8)


def test_a_bar_is_calm_until_three_times_the_usual_spread_and_as_wild_as_it_gets_at_twenty():
    wide = [
        SpreadWidening(start=100 + at, bars=1, factor=factor) for at, factor in enumerate((3, 11.5, 20, 90))
    ]
    made = market()
    for each in wide:
        made = each.apply(made)

    levels = stress_levels(made)[:, 0]

    assert levels[99] == 0
    assert levels[100:104] == pytest.approx([0, 0.5, 1, 1])


def test_a_market_without_depth_or_spread_has_a_level_of_stress_all_the_same():
    nothing = np.zeros((BARS, 1))
    bare = replace(market(), depth=nothing, spread_bps=nothing)

    assert np.isfinite(stress_levels(bare)).all()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (ExchangeProfile(slippage_bps=(1_000.0, 10.0)), "slippage_bps of an exchange is"),
        (ExchangeProfile(filled=(0.3, 1.0)), "filled of an exchange is"),
        (ExchangeProfile(failure_rate=(0.0, 1.5)), "failure_rate of an exchange is 1.5"),
        (ExchangeProfile(latency_ms=(float("nan"), 1.0)), "latency_ms of an exchange is nan"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(profile, said):
    with pytest.raises(UsageError, match=said):
        ExchangeSimulator(market(), profile=profile)
