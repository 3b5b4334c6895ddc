"""Two symbols that move together, traded against each other when they have come apart."""

import numpy as np

from hedgecheck.arrays import Floats, number, whole
from hedgecheck.errors import UsageError
from hedgecheck.signalers.history import History, Signals, Targets
from hedgecheck.signalers.windows import held, late, windows
from hedgecheck.values import frozen

LEAST = 1e-9  # a deviation below this is rounding


@frozen
class Pairs:
    """Buys the one that is cheap against the other and sells the other, until both are back together.

    At each bar the logarithm of the first price is regressed on that of the second over the ``bars`` before
    it; what the regression leaves of the bar itself, in deviations of what it left of those before, is beyond
    ``entry`` for a position and within ``exit`` to leave it. The slope at the entry is the hedge ratio, and
    stays while the position is held; where it is not above zero nothing hedges, and none is taken. Long is
    long of the first. Gatev, Goetzmann and Rouwenhorst, Pairs Trading (2006), two deviations; the regression
    is Engle and Granger's (1987). Whether a pair is cointegrated at all is not asked here.
    """

    bars: int = 60
    entry: float = 2.0
    exit: float = 0.5

    @property
    def bars_min(self) -> int:
        """See ``Signaler``."""
        return self.bars + 1

    def signals(self, history: History) -> Signals:
        """See ``Signaler``; needs ``other_close``. ``UsageError`` where a close cannot be read, or ``exit``
        is not below ``entry``."""
        bars = whole("bars", self.bars, 3)
        entry, leave = number("entry", self.entry, 0), number("exit", self.exit, 0)
        if leave >= entry:
            raise UsageError(
                f"exit {leave:g} is not below entry {entry:g}: no position would last. Lower it."
            )
        first = np.log(history.read("close", bars + 1))
        second = np.log(history.read("other_close", bars + 1))
        slope, away, deviation = apart(first, second, bars)
        far, near = entry * deviation, leave * deviation
        targets = held((away < -far) & (slope > 0), (away > far) & (slope > 0), np.abs(away) <= near)
        count = len(first)
        return Signals(late(targets, count), late(_at_entry(targets, slope), count))


def apart(first: Floats, second: Floats, bars: int) -> tuple[Floats, Floats, Floats]:
    """For each bar with as many before it: the slope of the first on the second over those, what that leaves
    of the bar, and the deviation of what it leaves of them. A second that stands still has the slope 0."""
    ones, others = windows(first, bars)[:-1], windows(second, bars)[:-1]
    one, other = ones.mean(axis=1), others.mean(axis=1)
    off_one, off_other = ones - one[:, None], others - other[:, None]
    varies = (off_other**2).mean(axis=1)
    together = (off_one * off_other).mean(axis=1)
    slope = np.divide(together, varies, out=np.zeros_like(varies), where=varies > LEAST**2)
    left = off_one - slope[:, None] * off_other
    away = first[bars:] - one - slope * (second[bars:] - other)
    return slope, away, np.maximum(np.sqrt((left**2).mean(axis=1)), LEAST)


def _at_entry(targets: Targets, slope: Floats) -> Floats:
    """The slope of the bar at which the position of each bar was taken; 0 where there is none."""
    before = np.concatenate([[0], targets[:-1]])
    taken = np.where(targets != before, np.arange(len(targets)), 0)
    found: Floats = np.where(targets != 0, slope[np.maximum.accumulate(taken)], 0.0)
    return found
