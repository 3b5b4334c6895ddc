"""Real daily series that installed packages hold, as stand-ins for the symbols of a scenario."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from hedgecheck.errors import UsageError
from hedgecheck.prices import daily
from hedgecheck.stress.candles import DAY_NS, Candles

NAMES = ("aapl", "msft", "ibm", "sp500", "nasdaq")


def candles_of(symbols: Sequence[str], names: Sequence[str]) -> list[Candles]:
    """The whole series of each name, under the symbol that it stands for; splits and dividends are taken out.

    Raises ``UsageError`` for another number of names than of symbols or an unknown one, ``PricesMissing``
    without the package.
    """
    if len(names) != len(symbols):
        raise UsageError(
            f"There are {len(names)} packaged series for {len(symbols)} symbols. Name one for each of "
            f"{', '.join(symbols)}; there are {', '.join(NAMES)}."
        )
    return [replace(_series(name), symbol=symbol) for symbol, name in zip(symbols, names, strict=True)]


def stand_ins(symbols: Sequence[str], names: Sequence[str]) -> str:
    """Says which series stands for which symbol."""
    pairs = zip(symbols, names, strict=True)
    return "Real daily prices: " + ", ".join(f"{name} stands for {symbol}" for symbol, name in pairs) + "."


@lru_cache(maxsize=8)
def _series(name: str) -> Candles:
    bars = daily(name)
    times = np.array([bar.date for bar in bars], dtype="datetime64[D]").astype(np.int64) * DAY_NS
    quoted = np.array([(bar.open, bar.high, bar.low, bar.close) for bar in bars], dtype=np.float64)
    adjusted = np.array([bar.adjusted_close for bar in bars], dtype=np.float64)
    opened, high, low, close = quoted.T * (adjusted / quoted[:, 3])
    return Candles(
        name, times, opened, high, low, close, np.array([bar.volume for bar in bars], dtype=np.float64)
    )
