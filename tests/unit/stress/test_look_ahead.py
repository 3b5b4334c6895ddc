"""No bar is made of what comes behind it, and nothing happens before the stress begins; a transformation that
looks ahead is caught."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hedgecheck.marketdata import VolatilityFactor
from hedgecheck.stress.transforming import Stage, transformed, unstressed
from hedgecheck.values import frozen
from tests.unit.stress.ahead import sees_ahead
from tests.unit.stress.markets import BARS, PLAIN, hourly, legs, same, transformations

OTHER = hourly(seed=2)


def start_of(each):
    return each.fault.window.start if hasattr(each, "fault") else each.start


@pytest.mark.covers("ST-06")
@given(transformations, st.integers(1, BARS - 1))
def test_whatever_comes_later_no_stressed_bar_of_the_past_changes(transformation, cut):
    assume(cut > start_of(transformation))
    assume(not any(begin < cut < end for begin, end in legs(transformation)))
    assume(not legs(transformation) or cut >= legs(transformation)[-1][1])

    assert not sees_ahead(transformation, PLAIN, OTHER, cut)


@given(transformations)
def test_before_its_start_nothing_changes(transformation):
    after = transformed(unstressed(PLAIN), [transformation])

    before = slice(start_of(transformation))
    assert same(after.truth, PLAIN, before)
    assert same(after.feed, PLAIN, before)
    assert all(each.bar >= before.stop for each in after.injected)


@given(transformations)
def test_symbols_that_are_not_named_stay_in_every_byte_and_so_do_times(transformation):
    after = transformed(unstressed(PLAIN), [transformation])

    named = getattr(transformation, "symbols", ()) or PLAIN.symbols
    others = [at for at, symbol in enumerate(PLAIN.symbols) if symbol not in named]
    for each in (after.truth, after.feed):
        assert same(each, PLAIN, columns=others)
        assert each.close.shape == PLAIN.close.shape
        assert each.symbols == PLAIN.symbols
        assert each.time_ns.tobytes() == PLAIN.time_ns.tobytes()
        assert each.reference.tobytes() == PLAIN.reference.tobytes()


@frozen
class AsWildAsItWillBe:
    """Planted: how wild the window is depends on the market's last bar."""

    start: int = 20
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed, chance):
        last = stressed.truth.close[-1, 0] / stressed.truth.close[-2, 0]
        truth = VolatilityFactor(self.start, 5, last).apply(stressed.truth)
        return replace(stressed, truth=truth, feed=truth)


@frozen
class WorstBarsCorrupted:
    """Planted: of all bars those with the largest moves arrive wrong."""

    start: int = 20
    stage: ClassVar[Stage] = Stage.FEED

    def apply(self, stressed, chance):
        close = stressed.feed.close.copy()
        size = np.abs(np.diff(close[:, 0], prepend=close[0, 0]))[self.start :]
        close[self.start :][size >= np.quantile(size, 0.7)] = np.nan
        return replace(stressed, feed=replace(stressed.feed, close=close))


@pytest.mark.parametrize("planted", [AsWildAsItWillBe(), WorstBarsCorrupted()], ids=str)
def test_transformation_that_looks_ahead_is_caught(planted):
    assert any(sees_ahead(planted, PLAIN, OTHER, cut) for cut in range(30, BARS))
