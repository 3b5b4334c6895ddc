"""The range of a history, as its user writes it."""

from datetime import UTC, datetime

import numpy as np

from hedgecheck.arrays import Ints
from hedgecheck.errors import UsageError
from hedgecheck.stress.candles import DAY_NS, SECOND_NS, Candles
from hedgecheck.values import frozen

DATE_LENGTH = len("2021-05-19")


@frozen
class Range:
    """Bars that begin from ``first_ns`` up to, without, ``end_ns``; None is unbounded. At most ``bars`` of
    them: the first ones, or where only an end is given the last ones."""

    first_ns: int | None
    end_ns: int | None
    bars: int

    def within(self, candles: Candles) -> Candles:
        """What of a series is in it, whatever the number of bars."""
        keeps = np.ones(len(candles), dtype=bool)
        if self.first_ns is not None:
            keeps &= candles.time_ns >= self.first_ns
        if self.end_ns is not None:
            keeps &= candles.time_ns < self.end_ns
        return candles.at(np.flatnonzero(keeps))

    def rows(self, time_ns: Ints) -> slice:
        """Which of so many times are taken."""
        if self.first_ns is None and self.end_ns is not None:
            return slice(max(0, len(time_ns) - self.bars), len(time_ns))
        return slice(0, self.bars)


def range_of(first: str, last: str, bars: int) -> Range:
    """From the beginning of ``first`` to the end of ``last``, each a date or a time in ISO 8601, in UTC
    where it does not say; empty is unbounded. Raises ``UsageError`` for what is neither, or where
    there is nothing between."""
    begins, ends = _moment("first", first), _moment("last", last)
    if ends is not None:
        ends += DAY_NS if len(last) <= DATE_LENGTH else 1
    if begins is not None and ends is not None and begins >= ends:
        raise UsageError(f"first is {first!r} and last {last!r}: there is nothing between. Exchange them.")
    return Range(begins, ends, bars)


def _moment(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{name} is {text!r}. Write a date, 2021-05-19, or a time, 2021-05-19T12:00."
        ) from error
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()) * SECOND_NS
