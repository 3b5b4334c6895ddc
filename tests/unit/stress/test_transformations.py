"""Each stress is in the market as it was asked for, to the last digit, and the rest is as it was."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError
from hedgecheck.stress.models import Injected
from hedgecheck.stress.transforming import (
    CorrelationBreakdown,
    DataCorruption,
    FlashCrash,
    LiquidityDrop,
    PumpDump,
    SpreadExplosion,
    TrendShift,
    VolatilitySpike,
    transformed,
    unstressed,
)
from hedgecheck.stress.transforming.correlation import orthonormal
from tests.unit.market.test_generating import is_consistent
from tests.unit.stress.markets import (
    BARS,
    PLAIN,
    corruptions,
    factors,
    hourly,
    lengths,
    liquidity_stresses,
    moves,
    parts,
    price_stresses,
    run_stresses,
    same,
    starts,
    transformations,
)

PRICES = ("open", "high", "low", "close")


def truth(*each):
    return transformed(unstressed(PLAIN), each).truth


@pytest.mark.covers("ST-01")
@given(starts, parts, lengths, st.integers(1, 20), st.floats(0, 1))
def test_flash_crash_reaches_its_depth_exactly_and_wins_back_what_it_says(start, drop, fall, rise, back):
    after = truth(FlashCrash(start, drop, fall, rise, back))

    before, bottom, end = PLAIN.open[start], start + fall - 1, start + fall + rise - 1
    assert (after.close[bottom] == before * (1 - drop)).all()
    assert (after.low[start : end + 1].min(axis=0) == before * (1 - drop)).all()
    assert (after.close[end] == before * (1 - drop + drop * back)).all()
    assert moves(after)[end + 1 :] == pytest.approx(moves(PLAIN)[end + 1 :])


@pytest.mark.covers("ST-02")
@given(starts, lengths, factors)
def test_volatility_spike_makes_every_log_move_so_many_times_as_large(start, bars, multiplier):
    after = truth(VolatilitySpike(start, bars, multiplier))

    expected = moves(PLAIN)
    expected[start : start + bars] *= multiplier
    assert moves(after) == pytest.approx(expected, abs=1e-12)
    ranges = [np.log(each.high / each.low)[start : start + bars] for each in (PLAIN, after)]
    assert ranges[1] == pytest.approx(ranges[0] * multiplier, abs=1e-12)


@pytest.mark.covers("ST-03")
@given(starts, lengths | st.none(), factors)
def test_trend_shift_turns_every_move_round_and_no_other(start, bars, strength):
    after = truth(TrendShift(start, bars, strength))

    end = BARS if bars is None else start + bars
    expected = moves(PLAIN)
    expected[start:end] *= -strength
    assert moves(after) == pytest.approx(expected, abs=1e-12)
    wicks = (
        np.log(PLAIN.high / np.maximum(PLAIN.open, PLAIN.close))[start:end],
        np.log(np.minimum(after.open, after.close) / after.low)[start:end],
    )
    assert wicks[1] == pytest.approx(wicks[0] * strength, abs=1e-12)


def test_trend_shift_makes_a_fall_of_a_rise():
    path, turned = PLAIN.close[:, 0], truth(TrendShift(10)).close[:, 0]

    assert turned[10:] * path[10:] == pytest.approx(path[9] ** 2)


@pytest.mark.covers("ST-04")
@given(starts, lengths, parts)
def test_liquidity_drop_takes_its_part_of_volume_and_depth_and_no_price_moves(start, bars, drop):
    after = truth(LiquidityDrop(start, bars, drop))

    rows = slice(start, start + bars)
    for name in ("volume", "depth"):
        assert getattr(after, name)[rows] == pytest.approx(getattr(PLAIN, name)[rows] * (1 - drop))
        assert (getattr(after, name)[rows.stop :] == getattr(PLAIN, name)[rows.stop :]).all()
    for name in (*PRICES, "spread_bps"):
        assert (getattr(after, name) == getattr(PLAIN, name)).all()


@pytest.mark.covers("ST-05")
@given(starts, lengths, st.floats(1, 10_000))
def test_spread_explosion_widens_the_spread_as_far_as_a_spread_can_be(start, bars, multiplier):
    after = truth(SpreadExplosion(start, bars, multiplier))

    expected = PLAIN.spread_bps.copy()
    expected[start : start + bars] *= multiplier
    assert after.spread_bps == pytest.approx(np.minimum(expected, 20_000))
    assert (after.close == PLAIN.close).all()


@pytest.mark.covers("ST-08")
@given(starts, st.floats(0.01, 5), lengths, lengths)
def test_pump_is_a_parabola_to_its_top_exactly_and_the_dump_ends_where_it_began(start, pump, up, down):
    after = truth(PumpDump(start, pump, up, down))

    before = PLAIN.open[start]
    rows = np.arange(1, up + 1)[:, None] / up
    assert (after.close[start : start + up] == before * (1 + pump * rows**2)).all()
    assert (after.high[start : start + up + down].max(axis=0) == before * (1 + pump)).all()
    assert (after.close[start + up + down - 1] == before).all()
    assert moves(after)[start + up + down :] == pytest.approx(moves(PLAIN)[start + up + down :])


def correlations(market, rows, columns=slice(None)):
    return np.corrcoef(moves(market)[rows, columns].T)


@pytest.mark.covers("ST-07")
@given(starts, st.integers(4, 40), st.floats(-0.5, 1))
def test_correlation_in_the_window_is_the_target_and_each_symbol_as_wild_as_before(start, bars, target):
    after = truth(CorrelationBreakdown(start, bars, target))

    rows = slice(start, start + bars)
    pairs = np.triu_indices(3, 1)
    assert correlations(after, rows)[pairs] == pytest.approx([target] * 3, abs=1e-9)
    assert moves(after)[rows].std(axis=0) == pytest.approx(moves(PLAIN)[rows].std(axis=0))
    assert moves(after)[rows].mean(axis=0) == pytest.approx(moves(PLAIN)[rows].mean(axis=0), abs=1e-12)
    assert after.close[rows.stop - 1 :] == pytest.approx(PLAIN.close[rows.stop - 1 :])


def test_symbols_that_moved_as_one_are_given_moves_of_their_own():
    one = hourly(symbols=("A",))
    names = ("reference", *PRICES, "volume", "spread_bps", "depth", "implied_volatility")
    twice = replace(
        one, symbols=("A", "B"), **{name: np.concatenate([getattr(one, name)] * 2, axis=-1) for name in names}
    )
    after = transformed(unstressed(twice), [CorrelationBreakdown(10, 30, 0.2)]).truth

    rows = slice(10, 40)
    assert np.corrcoef(moves(twice)[rows].T)[0, 1] == pytest.approx(1)
    assert np.corrcoef(moves(after)[rows].T)[0, 1] == pytest.approx(0.2)
    assert moves(after)[rows].std(axis=0) == pytest.approx(moves(twice)[rows].std(axis=0))


def test_symbols_that_hardly_differ_are_parted_as_exactly_as_others():
    chance = np.random.default_rng(1)
    shared = chance.standard_normal((50, 1))
    series = shared + 1e-7 * chance.standard_normal((50, 3))
    series -= series.mean(axis=0)
    noise = np.zeros((50, 3))  # there is enough of their own

    found = orthonormal(series, noise)
    assert found.T @ found == pytest.approx(np.eye(3), abs=1e-13)
    assert found.sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-7)


def test_symbol_that_did_not_move_stays_where_it_was():
    still = PLAIN.close.copy()
    still[:, 1] = PLAIN.reference[1]
    flat = {name: np.where([False, True, False], still, getattr(PLAIN, name)) for name in PRICES}
    after = transformed(unstressed(replace(PLAIN, **flat)), [CorrelationBreakdown(10, 30)]).truth

    assert after.close[:, 1] == pytest.approx(still[:, 1])
    assert correlations(after, slice(10, 40), [0, 2])[0, 1] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (CorrelationBreakdown(5, 40, 0.0, ("A",)), "A is alone.*two or more"),
        (CorrelationBreakdown(5, 40, -0.9), "not positive semidefinite"),
        (CorrelationBreakdown(5, 3), "In 3 bars 3 symbols.*4 or more"),
        (CorrelationBreakdown(BARS - 2), "In 2 bars"),
        (VolatilitySpike(BARS), "begins at bar 60, and there are 60"),
        (FlashCrash(50), "20 bars from bar 50 on does not fit into 60"),
        (PumpDump(50), "12 bars from bar 50 on does not fit into 60"),
        (TrendShift(1, symbols=("X",)), "'X' is not in this market"),
        (DataCorruption(1, symbols=("X",)), "'X' is not in this market"),
        (DataCorruption(1, kinds=("nen",)), "kinds are.*nan, spike"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(wrong, why):
    with pytest.raises(UsageError, match=why):
        truth(wrong)


@given(price_stresses | liquidity_stresses)
def test_what_was_done_is_said_for_each_symbol_with_its_window(transformation):
    after = transformed(unstressed(PLAIN), [transformation])

    named = transformation.symbols or PLAIN.symbols
    assert {each.symbol for each in after.injected} == set(named)
    (bar,), (bars,) = {each.bar for each in after.injected}, {each.bars for each in after.injected}
    changed = [
        (getattr(after.truth, name) != getattr(PLAIN, name)).any(axis=1).nonzero()[0]
        for name in ("close", "volume", "spread_bps")
    ]
    assert bar == transformation.start
    assert bars <= BARS - bar
    assert all(bar <= each.min() for each in changed if each.size)
    assert after.feed is after.truth
    assert after.plan == ()


def test_injected_kinds_are_the_types_of_scenarios():
    every = (FlashCrash(1), VolatilitySpike(1), TrendShift(1), LiquidityDrop(1), SpreadExplosion(1))
    done = transformed(unstressed(PLAIN), (*every, CorrelationBreakdown(1), PumpDump(1))).injected

    assert [each.kind for each in done if each.symbol == "A"] == [
        *("flash_crash", "volatility_spike", "trend_shift", "liquidity_drop", "spread_explosion"),
        *("correlation_breakdown", "pump_dump"),
    ]
    assert done[0] == Injected("flash_crash", "A", 1, 20)


@pytest.mark.covers("ST-09")
@given(st.lists(transformations, max_size=6))
def test_any_transformations_in_any_order_leave_the_truth_consistent(several):
    after = transformed(unstressed(PLAIN), several)

    assert is_consistent(after.truth)
    assert all(np.isfinite(getattr(after.truth, name)).all() for name in (*PRICES, "volume", "spread_bps"))
    if not any(isinstance(each, DataCorruption) for each in several):
        assert after.feed is after.truth


@given(st.lists(price_stresses, max_size=2), st.lists(run_stresses, max_size=2), corruptions)
def test_what_is_about_the_feed_or_the_run_may_be_named_before_what_is_about_the_market(
    prices, runs, corruption
):
    one = transformed(unstressed(PLAIN), [*prices, *runs, corruption], seed=3)
    other = transformed(unstressed(PLAIN), [corruption, *runs, *prices], seed=3)

    assert one.truth.digest() == other.truth.digest()
    assert same(one.feed, other.feed)
    assert (one.plan, one.injected) == (other.plan, other.injected)


def test_market_whose_feed_is_corrupted_does_not_change_behind_it():
    corrupted = transformed(unstressed(PLAIN), [DataCorruption(10)])

    with pytest.raises(UsageError, match="in one call"):
        transformed(corrupted, [FlashCrash(10)])


@given(corruptions, liquidity_stresses)
def test_what_one_draws_does_not_depend_on_what_others_there_are(corruption, other):
    alone = transformed(unstressed(PLAIN), [corruption], seed=5)
    among = transformed(unstressed(PLAIN), [other, corruption], seed=5)

    assert set(alone.injected) <= set(among.injected)


def test_transformations_change_nothing_that_they_were_given():
    before = PLAIN.digest()
    transformed(unstressed(PLAIN), [FlashCrash(5), DataCorruption(5), CorrelationBreakdown(5)])

    assert PLAIN.digest() == before
