"""What comes over a market is what was asked for, to the last digit, and leaves the rest as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError
from hedgecheck.marketdata import (
    DepthChange,
    FlashCrash,
    Garch,
    ImpliedVolatilitySurge,
    LiquidityDrain,
    LowLiquidity,
    Spike,
    SpreadWidening,
    VolatilityFactor,
    generate,
)
from tests.unit.market.test_generating import is_consistent, returns

BARS = 60
PLAIN = generate(["A", "B"], bars=BARS, seed=1, model=Garch())
FIELDS = ("open", "high", "low", "close", "volume", "spread_bps", "depth", "implied_volatility")


def changed(condition, market=PLAIN):
    """The names of the series that a condition changes, and the market after it."""
    after = condition.apply(market)
    return {name for name in FIELDS if (getattr(after, name) != getattr(market, name)).any()}, after


starts = st.integers(0, 20)
lengths = st.integers(1, 20)
factors = st.floats(0.01, 20)
for_some = st.sampled_from([(), ("A",), ("B",), ("B", "A")])
every_condition = st.one_of(
    st.builds(
        FlashCrash, starts, st.floats(0.001, 0.99), lengths, st.integers(0, 20), st.floats(0, 1), for_some
    ),
    st.builds(Spike, starts, st.floats(-0.9, 5), lengths, st.floats(0, 1), st.integers(0, 20), for_some),
    st.builds(VolatilityFactor, starts, lengths, factors, for_some),
    st.builds(ImpliedVolatilitySurge, starts, factors, st.floats(0.1, 50), for_some),
    st.builds(LowLiquidity, starts, lengths, st.floats(0, 1), factors, for_some),
    st.builds(LiquidityDrain, starts, lengths, st.floats(0.01, 1), st.integers(0, 20), for_some),
    st.builds(DepthChange, starts, lengths, factors, for_some),
    st.builds(SpreadWidening, starts, lengths, factors, for_some),
)


@pytest.mark.covers("TI-08")
@given(st.lists(every_condition, max_size=4))
def test_any_conditions_one_after_the_other_leave_every_bar_consistent(conditions):
    market = PLAIN
    for each in conditions:
        market = each.apply(market)

    assert is_consistent(market)
    assert is_consistent(market.in_ticks(0.01))
    assert (
        market.digest()
        == generate(["A", "B"], bars=BARS, seed=1, model=Garch(), conditions=conditions).digest()
    )


@given(every_condition)
def test_symbols_that_are_not_named_and_bars_before_the_start_stay(condition):
    after = condition.apply(PLAIN)

    others = [each for each in range(2) if condition.symbols and PLAIN.symbols[each] not in condition.symbols]
    for name in FIELDS:
        before, now = getattr(PLAIN, name), getattr(after, name)
        assert (before[: condition.start] == now[: condition.start]).all()
        assert (before[:, others] == now[:, others]).all()


@given(starts, st.floats(0.001, 0.99), lengths, st.integers(1, 20), st.floats(0, 1))
def test_flash_crash_reaches_its_depth_and_its_recovery_exactly(start, depth, fall, rise, recovery):
    names, after = changed(FlashCrash(start, depth, fall, rise, recovery))

    before = PLAIN.open[start]
    bottom, end = start + fall - 1, start + fall + rise - 1
    assert (after.close[bottom] == before * (1 - depth)).all()
    assert (after.close[end] == before * (1 - depth + depth * recovery)).all()
    assert (after.low[start : end + 1].min(axis=0) == before * (1 - depth)).all()
    assert returns(after)[end + 1 :] == pytest.approx(returns(PLAIN)[end + 1 :])
    assert names <= {"open", "high", "low", "close"}


@pytest.mark.parametrize(
    ("condition", "bottom"), [(FlashCrash(10, 0.3, 5, 0), 0.7), (Spike(10, -0.3, 5, 0.5, 0), 0.7)], ids=str
)
def test_without_bars_to_come_back_in_nothing_comes_back(condition, bottom):
    _, after = changed(condition)

    assert (after.close[14] == PLAIN.open[10] * bottom).all()
    assert returns(after)[15:] == pytest.approx(returns(PLAIN)[15:])


def test_bars_open_where_the_last_closed_whatever_came_over_them():
    after = PLAIN
    for each in (FlashCrash(5), VolatilityFactor(10, 20, 4.0), Spike(40, 0.2, 2, 0.5, 3, ("A",))):
        after = each.apply(after)

    assert after.open[1:] == pytest.approx(after.close[:-1])
    assert (after.open[0] == after.reference).all()


def test_flash_crash_falls_bit_by_bit_and_wavers_on_the_way():
    calm = generate(bars=BARS, seed=2)
    after = FlashCrash(10, 0.4, 5, 15).apply(calm).close[9:30, 0] / calm.close[9, 0]

    steps = np.diff(np.log(after[:6]))
    assert steps == pytest.approx([np.log(0.6) / 5] * 5, abs=0.05)
    assert len(set(np.round(steps, 6))) == 5


@given(starts, st.floats(-0.9, 3).filter(lambda move: abs(move) > 1e-6), lengths, lengths, st.floats(0, 1))
def test_spike_reaches_both_its_ends_exactly(start, move, bars, back, reverts):
    _, after = changed(Spike(start, move, bars, reverts, back))

    before = PLAIN.open[start]
    window = slice(start, start + bars + back)
    assert (after.close[start + bars - 1] == before * (1 + move)).all()
    assert (after.close[start + bars + back - 1] == before * (1 + move * (1 - reverts))).all()
    if move > 0:
        assert (after.high[window].max(axis=0) == before * (1 + move)).all()
    else:
        assert (after.low[window].min(axis=0) == before * (1 + move)).all()


@given(starts, lengths, st.floats(0, 10))
def test_volatility_factor_makes_moves_and_wicks_so_many_times_as_large(start, bars, factor):
    names, after = changed(VolatilityFactor(start, bars, factor))

    inside = slice(start, start + bars)
    expected = returns(PLAIN).copy()
    expected[inside] *= factor
    assert returns(after) == pytest.approx(expected)
    wicks = [np.log(each.high / np.maximum(each.open, each.close)) for each in (PLAIN, after)]
    assert wicks[1][inside.stop :] == pytest.approx(wicks[0][inside.stop :], abs=1e-12)
    assert wicks[1][inside] == pytest.approx(wicks[0][inside] * factor, abs=1e-12)
    assert after.implied_volatility[inside] == pytest.approx(PLAIN.implied_volatility[inside] * factor)
    assert names <= {"open", "high", "low", "close", "implied_volatility"}


def test_implied_volatility_surges_and_fades_while_prices_stay():
    names, after = changed(ImpliedVolatilitySurge(10, factor=3.0, half_life_bars=5.0))

    ratio = (after.implied_volatility / PLAIN.implied_volatility)[:, 0]
    assert names == {"implied_volatility"}
    assert ratio[[9, 10, 15, 20]] == pytest.approx([1, 3, 2, 1.5])


def test_low_liquidity_thins_volume_and_depth_and_widens_the_spread():
    names, after = changed(LowLiquidity(10, 5, left=0.2, spread=4.0))

    assert names == {"volume", "depth", "spread_bps"}
    assert (after.volume / PLAIN.volume)[[9, 10, 14, 15], 0] == pytest.approx([1, 0.2, 0.2, 1])
    assert (after.depth / PLAIN.depth)[[9, 10, 14, 15], 0] == pytest.approx([1, 0.2, 0.2, 1])
    assert (after.spread_bps / PLAIN.spread_bps)[[9, 10, 14, 15], 0] == pytest.approx([1, 4, 4, 1])


def test_liquidity_drains_by_the_same_part_and_stays_away_or_comes_back():
    names, gone = changed(LiquidityDrain(10, 4, left=0.0625))
    _, back = changed(LiquidityDrain(10, 4, left=0.0625, recovery_bars=2))

    assert names == {"volume", "depth"}
    assert (gone.depth / PLAIN.depth)[9:15, 0] == pytest.approx([1, 0.5, 0.25, 0.125, 0.0625, 0.0625])
    assert (gone.volume / PLAIN.volume)[-1, 0] == pytest.approx(0.0625)
    assert (back.depth / PLAIN.depth)[13:17, 0] == pytest.approx([0.0625, 0.25, 1, 1])


def test_depth_changes_alone():
    names, after = changed(DepthChange(10, 5, factor=0.25))

    assert names == {"depth"}
    assert (after.depth / PLAIN.depth)[[9, 10, 14, 15], 0] == pytest.approx([1, 0.25, 0.25, 1])


def test_spread_widens_alone_and_never_beyond_a_bid_of_nothing():
    names, after = changed(SpreadWidening(10, 5, factor=10.0))
    _, widest = changed(SpreadWidening(10, 5, factor=1e6))

    assert names == {"spread_bps"}
    assert (after.spread_bps / PLAIN.spread_bps)[[9, 10, 14, 15], 0] == pytest.approx([1, 10, 10, 1])
    assert widest.spread_bps.max() == 20_000


def test_conditions_of_different_series_come_to_the_same_in_any_order():
    one, other = SpreadWidening(5, 20), FlashCrash(10)

    assert other.apply(one.apply(PLAIN)).digest() == one.apply(other.apply(PLAIN)).digest()


@pytest.mark.parametrize("condition", [FlashCrash(10, depth=0.0), Spike(10, move=0.0)], ids=str)
def test_fall_of_nothing_leads_back_to_where_it_was(condition):
    _, after = changed(condition)

    assert (after.close[10 + 4 * isinstance(condition, FlashCrash)] == PLAIN.open[10]).all()
    assert after.high[10, 0] > after.open[10, 0]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (FlashCrash(50), "does not fit into 60 bars"),
        (FlashCrash(-1), "start is -1"),
        (FlashCrash(10, depth=1.0), "below 1"),
        (FlashCrash(10, recovery=1.1), "recovery is 1.1"),
        (FlashCrash(10, fall_bars=0), "fall_bars is 0"),
        (Spike(10, move=-1.0), "above -1"),
        (Spike(60), "from 0 to 59"),
        (VolatilityFactor(10, 5, -1.0), "factor is -1"),
        (VolatilityFactor(10, 50, 3e4), "leave the range of numbers"),
        (VolatilityFactor(10, 0), "bars of a condition is 0"),
        (ImpliedVolatilitySurge(10, half_life_bars=0.0), "half_life_bars is 0"),
        (LowLiquidity(10, 5, left=float("nan")), "left is nan"),
        (LiquidityDrain(10, 5, left=0.0), "left is 0"),
        (DepthChange(10, 5, symbols=("C",)), "'C' is not in this market"),
        (SpreadWidening(10, 51), "does not fit"),
    ],
    ids=str,
)
def test_condition_that_does_not_fit_is_refused_with_its_cause(condition, said):
    with pytest.raises(UsageError) as error:
        condition.apply(PLAIN)

    assert said in str(error.value)


def test_market_in_ticks_takes_no_conditions():
    with pytest.raises(UsageError, match="in_ticks to what they made"):
        FlashCrash(10).apply(PLAIN.in_ticks(0.01))
