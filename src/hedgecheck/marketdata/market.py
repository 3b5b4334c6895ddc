"""What a market was like, bar by bar: prices, volume, spread, depth and implied volatility of each symbol.

Arrays have the shape (bars, symbols) and cannot be written to. In every bar low <= open, close <= high, and
what is traded or offered is never negative. A market that stands for a corrupted feed (``hedgecheck.stress``)
may hold anything, numbers that are none among it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hedgecheck.arrays import Ints, number
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

Values = NDArray[Any]  # floats; of a market in ticks prices and volumes are ints


@frozen
class Bar:
    """One symbol in one bar, at whose end it is known; ``time_ns`` is that end.

    ``depth`` is what is offered at the best price of each side, in the unit of ``volume``; ``spread_bps`` is
    between them, about the close.
    """

    symbol: str
    index: int
    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    spread_bps: float
    depth: float
    implied_volatility: float

    @property
    def bid(self) -> float:
        """Half a spread below the close."""
        return self.close * (1 - self.spread_bps / 20_000)

    @property
    def ask(self) -> float:
        """Half a spread above the close."""
        return self.close * (1 + self.spread_bps / 20_000)


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Series of all symbols; ``reference`` are the prices before the first bar, ``time_ns`` the bars' ends.

    ``spread_bps`` is the spread about the close; ``depth`` is offered at the best price of each side, in the
    unit of ``volume``; ``implied_volatility`` is per year, as a fraction.
    """

    symbols: tuple[str, ...]
    time_ns: Ints
    reference: Values
    open: Values
    high: Values
    low: Values
    close: Values
    volume: Values
    spread_bps: Values
    depth: Values
    implied_volatility: Values

    def __post_init__(self) -> None:
        for each in fields(self)[1:]:
            getattr(self, each.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.time_ns)

    def column(self, symbol: str) -> int:
        """Where a symbol's values stand in the arrays. ``UsageError`` for one that is not there."""
        if symbol not in self.symbols:
            raise UsageError(f"{symbol!r} is not in this market. There are {', '.join(self.symbols)}.")
        return self.symbols.index(symbol)

    def digest(self) -> str:
        """Tells whether two markets are the same in every byte."""
        found = blake2b("\n".join(self.symbols).encode(), digest_size=16)
        for each in fields(self)[1:]:
            found.update(np.ascontiguousarray(getattr(self, each.name)).tobytes())
        return found.hexdigest()

    def bars(self) -> Iterator[tuple[Bar, ...]]:
        """Bar by bar, oldest first, all symbols of a bar at once."""
        columns = [
            [getattr(self, name)[:, at].tolist() for name in SERIES] for at in range(len(self.symbols))
        ]
        rows = [zip(*each, strict=True) for each in columns]
        for index, time_ns in enumerate(self.time_ns.tolist()):
            yield tuple(
                Bar(symbol, index, time_ns, *next(row))
                for symbol, row in zip(self.symbols, rows, strict=True)
            )

    def in_ticks(self, tick: float, lot: float = 1.0) -> "Market":
        """The same market with prices in whole ticks and amounts in whole lots, as ints; each is rounded to
        the nearest, a price to one tick at least. ``UsageError`` for a tick or lot that is not above zero, or
        so small that 64 bits do not hold their number, and where a value is no number."""
        step, size = number("tick", tick, 1e-12), number("lot", lot, 1e-12)
        changed: dict[str, Any] = {}
        for name in ("reference", *PRICES):
            changed[name] = _whole(getattr(self, name) / step, 1)
        for name in ("volume", "depth"):
            changed[name] = _whole(getattr(self, name) / size, 0)
        return replace(self, **changed)


COUNT_MAX = 2**62
PRICES = ("open", "high", "low", "close")
SERIES = (*PRICES, "volume", "spread_bps", "depth", "implied_volatility")


def _whole(values: Values, least: int) -> Ints:
    if np.isnan(values).any():
        raise UsageError("Some values are no numbers, and have no ticks. Take the market without its faults.")
    if (values > COUNT_MAX).any():
        raise UsageError(f"There are {values.max():.3g} ticks or lots in a value. Give a larger tick or lot.")
    return np.maximum(np.floor(values + 0.5), least).astype(np.int64)
