"""No signal depends on what came after it; one that does is caught."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hedgecheck import UsageError
from hedgecheck.signalers import (
    DeepValue,
    History,
    MeanReversion,
    Momentum,
    Pairs,
    SqueezeHunter,
    look_ahead,
)
from hedgecheck.signalers.history import Signals, alone

BARS = 25
STRATEGIES = (
    *(DeepValue(0.1), DeepValue(0.05, 3), SqueezeHunter(3, 1.0, 1.0), SqueezeHunter(8, 0.5, 0.8)),
    *(MeanReversion(4, 1.0, 0.3), MeanReversion(9, 1.5, 0.0), Momentum(3, 0), Momentum(8, 3)),
    *(Pairs(3, 1.0, 0.3), Pairs(9, 1.5, 0.2)),
)


@st.composite
def histories(draw):
    """Series that wander, and now and then jump by orders of magnitude."""
    steps = st.floats(-0.05, 0.05) | st.sampled_from([-3.0, 0.0, 3.0])
    drawn = draw(arrays(np.float64, (5, BARS), elements=steps))
    close, volume, value, short, other = np.exp(np.cumsum(drawn, axis=1)) * 100
    return History(close, volume, value, short, other)


def part(history, bars):
    return replace(history, **{each.name: getattr(history, each.name)[:bars] for each in fields(history)})


def followed(history, bars, other):
    """The first bars of one history, and the rest of another."""
    names = [each.name for each in fields(history)]
    return replace(
        history,
        **{
            name: np.concatenate([getattr(history, name)[:bars], getattr(other, name)[bars:]])
            for name in names
        },
    )


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@given(histories(), histories(), st.integers(0, BARS))
def test_whatever_comes_later_no_signal_of_the_past_changes(strategy, history, other, extra):
    bars = min(BARS, strategy.bars_min + extra)
    whole, another = strategy.signals(history), strategy.signals(followed(history, bars, other))
    ended = strategy.signals(part(history, bars))

    for each in (another, ended):
        assert (each.targets[:bars] == whole.targets[:bars]).all()
        assert (each.hedge_ratio[:bars] == whole.hedge_ratio[:bars]).all()
    assert look_ahead(strategy, history) is None


class Centred:
    """Measures a bar against the mean of those about it, two of which are still to come."""

    bars_min = 5

    def signals(self, history):
        close = np.asarray(history.close)
        mean = np.convolve(close, np.ones(5) / 5, mode="same")
        return alone(np.sign(mean - close).astype(np.int8))


class OfTheWhole:
    """Measures a bar against the mean of all there is."""

    bars_min = 1

    def signals(self, history):
        close = np.asarray(history.close)
        return alone(np.sign(close.mean() - close).astype(np.int8))


class HedgedLater:
    """Signals honestly, but hedges by the slope of the whole."""

    bars_min = 4

    def signals(self, history):
        honest = Pairs(3, 1.0, 0.3).signals(history)
        slope = np.polyfit(np.log(history.other_close), np.log(history.close), 1)[0]
        return Signals(honest.targets, np.where(honest.targets != 0, slope, 0.0))


@pytest.mark.parametrize(
    "strategy", [Centred(), OfTheWhole(), HedgedLater()], ids=lambda each: type(each).__name__
)
def test_strategy_that_looks_ahead_is_caught(strategy):
    random = np.random.default_rng(1)
    close, other = np.exp(np.cumsum(0.02 * random.standard_normal((2, BARS)), axis=1))

    assert look_ahead(strategy, History(close, other_close=other)) is not None


def test_bar_that_knew_too_much_is_named():
    class KnowsTheNext:
        bars_min = 1

        def signals(self, history):
            rises = np.diff(np.asarray(history.close)) > 0
            return alone(np.append(rises, False).astype(np.int8))

    assert look_ahead(KnowsTheNext(), History([1.0, 1.0, 1.0, 2.0, 2.0])) == 2


def test_history_that_is_refused_is_refused_here_too():
    with pytest.raises(UsageError, match="close has 2 bars"):
        look_ahead(Momentum(3, 0), History([1.0, 2.0]))
