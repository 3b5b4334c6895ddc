"""What a signaler is shown, and what it answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgecheck.arrays import Floats, series
from hedgecheck.errors import UsageError

Targets = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Series of one symbol, a number for each bar, oldest first; and of a second one for a pair.

    ``fundamental_value`` is what a share is worth by its books, as it was known at each bar.
    ``short_interest`` is how many shares are sold short, ``volume`` how many are traded in a bar. A signaler
    refuses a history without the series that it needs.
    """

    close: ArrayLike
    volume: ArrayLike | None = None
    fundamental_value: ArrayLike | None = None
    short_interest: ArrayLike | None = None
    other_close: ArrayLike | None = None

    def read(self, name: str, bars_min: int, above: float | None = 0) -> Floats:
        """A series, as long as ``close`` and every number above ``above``.

        Raises ``UsageError`` where it is not there, is shorter than ``bars_min``, is of another length than
        ``close``, or has a bar without a usable number.
        """
        values = getattr(self, name)
        if values is None:
            raise UsageError(f"This signaler needs {name}, which the history does not have. Give it.")
        found = series(name, values, bars_min, above)
        if len(found) != np.size(self.close):
            raise UsageError(
                f"{name} has {len(found)} bars and close {np.size(self.close)}. Give both for the same bars."
            )
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What a strategy wants to hold after each bar: +1 long, -1 short, 0 nothing.

    It is known when the bar has closed, so the next bar is the first in which it can be traded. Of a pair
    ``hedge_ratio`` is how much of the second symbol stands against one unit of the first, in value; 0 where
    nothing is held, and for one symbol everywhere.
    """

    targets: Targets
    hedge_ratio: Floats

    @property
    def legs(self) -> tuple[Floats, Floats]:
        """Of a pair: what to hold of the first symbol and of the second, signed, in units of value."""
        first = self.targets.astype(np.float64)
        return first, -first * self.hedge_ratio


class Signaler(Protocol):
    """A strategy as a function of a history. A user's own has these two, and may be registered."""

    @property
    def bars_min(self) -> int:
        """How many bars it takes until there may be a signal."""

    def signals(self, history: History) -> Signals:
        """What it wants after each bar, from that bar and those before it alone."""


def alone(targets: Targets) -> Signals:
    """The signals of a strategy that trades one symbol."""
    return Signals(targets, np.zeros(len(targets)))
