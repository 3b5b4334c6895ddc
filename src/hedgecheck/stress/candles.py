"""Bars of one symbol as a source has them: nothing is mended here, and they may be wrong in every way."""

from dataclasses import dataclass

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.values import frozen

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
YEAR_NS = 365 * DAY_NS  # of a market that never closes
TRADING_DAYS = 252  # a year has of a stock
CLOSED_DAYS = 4  # without a bar are usual where a market closes: a long weekend
FILLED_MIN = 0.8  # of its slots a market that never closes has
MONDAY = 3  # the days since 1970-01-01, a Thursday, count from here
SATURDAY = 5
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """``time_ns``: when each bar begins, in UTC, as exchanges write it; in the order of the source. Where
    the source has no number there is NaN."""

    symbol: str
    time_ns: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.time_ns)

    def at(self, rows: Ints | slice) -> "Candles":
        """Some of the bars, in the order of ``rows``."""
        return Candles(
            self.symbol, self.time_ns[rows], *(np.asarray(getattr(self, name)[rows]) for name in FIELDS)
        )


@frozen
class Rhythm:
    """How bars follow each other: one each ``step_ns``, so many a year; after ``gap_ns`` without a new one
    some are missing."""

    step_ns: int
    bars_per_year: float
    gap_ns: int


def rhythm(time_ns: Ints, step_ns: int) -> Rhythm:
    """The rhythm of a series; ``step_ns`` is believed where there are too few bars to tell.

    A market whose daily bars leave weekends out has 252 a year; one whose shorter bars leave them out, and
    the nights, has as many as are counted; any other never closes, 365 days a year.
    """
    times = np.unique(time_ns)
    if len(times) < 2:
        return Rhythm(step_ns, YEAR_NS / step_ns, step_ns + step_ns // 2)
    steps = np.sort(np.diff(times))
    step, span = int(steps[len(steps) // 2]), int(times[-1] - times[0])
    open_always = Rhythm(step, YEAR_NS / step, step + step // 2)
    if step > DAY_NS or ((times // DAY_NS + MONDAY) % 7 >= SATURDAY).any():
        return open_always
    if step == DAY_NS:
        return Rhythm(step, TRADING_DAYS, step + CLOSED_DAYS * DAY_NS)
    if len(times) * step >= FILLED_MIN * span:
        return open_always
    return Rhythm(step, len(times) * YEAR_NS / span, step + CLOSED_DAYS * DAY_NS)
