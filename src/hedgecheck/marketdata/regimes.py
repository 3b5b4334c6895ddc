"""Regimes of a market, and which of them holds at each bar: by a plan, or by chance."""

from bisect import bisect_right
from itertools import accumulate

import numpy as np

from hedgecheck.arrays import Ints, number, whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.chance import Source
from hedgecheck.values import frozen


@frozen
class Regime:
    """A regime: ``volatility`` and ``drift`` per year, and how many ``bars`` it lasts on average."""

    volatility: float
    drift: float = 0.0
    bars: float = 100.0


@frozen
class Regimes:
    """Two or more regimes; the first one begins.

    ``changes``: the bars at which the next one begins, after the last of them the first again. Without them
    each lasts a time that is drawn, and any other may follow it.
    """

    each: tuple[Regime, ...]
    changes: tuple[int, ...] = ()

    def path(self, bars: int, source: Source) -> Ints:
        """The number of the regime at each bar. ``UsageError`` for fewer than two, and for changes that are
        not in order or outside of the series."""
        if len(self.each) < 2:
            raise UsageError(f"{len(self.each)} regimes cannot change. Give two or more.")
        if self.changes:
            return self._planned(bars)
        return self._drawn(bars, source)

    def _planned(self, bars: int) -> Ints:
        changes = [whole("a change of regime", each, 1, bars - 1) for each in self.changes]
        if sorted(set(changes)) != changes:
            raise UsageError(f"changes are {self.changes}. Give bars in rising order, each once.")
        return np.searchsorted(changes, np.arange(bars), side="right") % len(self.each)

    def _drawn(self, bars: int, source: Source) -> Ints:
        """A Markov chain: a regime of so many bars ends at each bar with one chance in so many."""
        count = len(self.each)
        rows = []
        for index, regime in enumerate(self.each):
            leaves = 1 / number("bars of a regime", regime.bars, 1)
            rows.append(
                list(accumulate(1 - leaves if to == index else leaves / (count - 1) for to in range(count)))
            )
        chances = source("regimes").random(bars - 1).tolist()
        steps = accumulate(
            chances, lambda at, chance: min(bisect_right(rows[at], chance), count - 1), initial=0
        )
        return np.fromiter(steps, dtype=np.int64, count=bars)
