"""What arrives is wrong where it is said to be, in the way that is said, and nowhere else."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from hedgecheck import UsageError
from hedgecheck.marketdata.market import SERIES
from hedgecheck.stress.parameters import CORRUPTIONS
from hedgecheck.stress.transforming import DataCorruption, transformed, unstressed
from tests.unit.stress.markets import BARS, PLAIN, corruptions, hourly, same

PRICES = ("open", "high", "low", "close")
LONG = hourly(seed=4, bars=1_000)


def arrived(corruption, market=PLAIN, seed=0):
    return transformed(unstressed(market), [corruption], seed)


@pytest.mark.covers("ST-06")
@given(corruptions)
def test_bars_that_arrive_wrong_are_those_that_are_said_and_the_truth_stays(corruption):
    after = arrived(corruption)

    said = np.zeros(PLAIN.close.shape, dtype=bool)
    for each in after.injected:
        assert each.kind in corruption.kinds
        said[each.bar, PLAIN.column(each.symbol)] = True
    wrong = np.zeros_like(said)
    for name in SERIES:
        now, then = getattr(after.feed, name), getattr(PLAIN, name)
        wrong |= ~((now == then) | (np.isnan(now) & np.isnan(then)))
    assert (wrong == said).all()
    assert same(after.truth, PLAIN)
    assert after.truth.digest() == PLAIN.digest()
    assert len(after.injected) == said.sum()


def rows(kind, market=LONG):
    """The bars of one symbol that arrive wrong in one way, with the whole feed."""
    after = arrived(DataCorruption(0, None, 0.2, (kind,), ("B",)), market)
    found = [each.bar for each in after.injected]
    assert len(found) > 100
    assert {each.kind for each in after.injected} == {kind}
    return found, {name: getattr(after.feed, name)[:, 1] for name in SERIES}


def column(name, bars):
    return getattr(LONG, name)[bars, 1]


def test_nan_is_a_bar_without_prices():
    bars, feed = rows("nan")

    assert all(np.isnan(feed[name][bars]).all() for name in PRICES)
    assert (feed["volume"][bars] == column("volume", bars)).all()


def test_gap_is_a_bar_of_which_nothing_is_known():
    bars, feed = rows("gap")

    assert all(np.isnan(feed[name][bars]).all() for name in SERIES)


def test_inf_is_a_close_without_bounds():
    bars, feed = rows("inf")

    assert np.isposinf(feed["close"][bars]).all()
    assert np.isposinf(feed["high"][bars]).all()
    assert (feed["open"][bars] == column("open", bars)).all()


def test_spike_is_a_close_two_to_ten_times_off_in_a_bar_that_is_consistent():
    bars, feed = rows("spike")

    off = np.abs(np.log(feed["close"][bars] / column("close", bars)))
    assert (off >= math.log(2) - 1e-9).all()
    assert (off <= math.log(10) + 1e-9).all()
    up = (feed["close"][bars] > column("close", bars)).mean()
    assert 0.3 < up < 0.7
    assert (feed["high"] >= np.maximum(feed["open"], feed["close"])).all()
    assert (feed["low"] <= np.minimum(feed["open"], feed["close"])).all()


def test_negative_is_a_bar_below_zero():
    bars, feed = rows("negative")

    assert (feed["close"][bars] == -column("close", bars)).all()
    assert (feed["high"][bars] == -column("low", bars)).all()
    assert (feed["low"] <= feed["high"]).all()


def test_duplicate_is_the_bar_before_once_more_as_it_arrived():
    bars, feed = rows("duplicate")

    assert 0 not in bars
    assert any(after == before + 1 for before, after in pairwise(bars))
    for name in SERIES:
        assert (feed[name][bars] == feed[name][np.array(bars) - 1]).all()
    every = arrived(DataCorruption(0, None, 1.0, ("duplicate",), ("A",))).injected
    assert [each.bar for each in every] == list(range(1, BARS))
    mixed = arrived(DataCorruption(0, None, 1.0, ("nan", "duplicate")), LONG).feed.close
    assert np.isnan(mixed[1:]).mean() > 0.9


@pytest.mark.parametrize("rate", [0.05, 0.15, 0.6, 1.0])
def test_as_many_bars_as_asked_arrive_wrong_within_chance(rate):
    after = arrived(DataCorruption(1, None, rate, CORRUPTIONS), LONG)

    bars = 3 * 999
    deviation = (bars * rate * (1 - rate)) ** 0.5  # binomial
    assert abs(len(after.injected) - bars * rate) <= 4 * deviation
    counts = [sum(each.kind == kind for each in after.injected) for kind in CORRUPTIONS]
    assert min(counts) > 0.5 * max(counts)


def test_same_seed_gives_the_same_feed_and_another_another():
    corruption = DataCorruption(10, None, 0.3)
    one, same_again, other = (arrived(corruption, LONG, seed) for seed in (1, 1, 2))

    assert one.feed.digest() == same_again.feed.digest()
    assert one.injected == same_again.injected
    assert one.injected != other.injected


def test_two_corruptions_of_one_feed_draw_for_themselves():
    each = DataCorruption(10, None, 0.3, ("nan",))
    once, twice = (transformed(unstressed(LONG), [each] * times) for times in (1, 2))

    assert np.isnan(twice.feed.close).sum() > 1.3 * np.isnan(once.feed.close).sum()


def test_corrupted_feed_is_gone_through_bar_by_bar_but_has_no_ticks():
    feed = arrived(DataCorruption(0, None, 0.5, CORRUPTIONS)).feed

    assert sum(math.isnan(bar.close) for bars in feed.bars() for bar in bars) > 10
    with pytest.raises(UsageError, match="no numbers"):
        feed.in_ticks(0.01)
