"""Daily bars of several symbols on the same days, in ticks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.errors import UsageError
from hedgecheck.prices import DailyBar, daily

TICK = Decimal("0.01")


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """``dates`` as YYYY-MM-DD, oldest first. Prices in ticks and volumes in shares, a row for each day and a
    column for each of ``symbols``; splits and dividends are taken out of them."""

    dates: tuple[str, ...]
    symbols: tuple[str, ...]
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    def closes(self, symbol: str) -> Floats:
        """The closes of one symbol."""
        return self.close[:, self.column(symbol)].astype(np.float64)

    def volumes(self, symbol: str) -> Floats:
        """What was traded of one symbol on each day."""
        return self.volume[:, self.column(symbol)].astype(np.float64)

    def column(self, symbol: str) -> int:
        """Where a symbol is; ``UsageError`` where it is not."""
        if symbol not in self.symbols:
            raise UsageError(f"There are no bars of {symbol!r}. There are bars of {', '.join(self.symbols)}.")
        return self.symbols.index(symbol)


def load(symbols: Sequence[str], first: str, last: str) -> Bars:
    """The bars of ``prices.daily`` from ``first`` to ``last``, on the days that all symbols have.

    Raises ``PricesMissing`` without their package, ``UsageError`` for another symbol or no common day.
    """
    tables = [{bar.date: bar for bar in daily(symbol) if first <= bar.date <= last} for symbol in symbols]
    dates = tuple(sorted(set.intersection(*map(set, tables)))) if tables else ()
    if not dates:
        raise UsageError(f"{', '.join(symbols) or 'No symbol'}: no common day from {first} to {last}.")
    days = [[_in_ticks(table[date]) for table in tables] for date in dates]
    opened, high, low, close, volume = np.moveaxis(np.array(days, np.int64), 2, 0)
    return Bars(dates, tuple(symbols), opened, high, low, close, volume)


def _in_ticks(bar: DailyBar) -> tuple[int, ...]:
    """Open, high, low and close in ticks of what the share was split into since, and volume."""
    factor = bar.adjusted_close / bar.close
    prices = [bar.open, bar.high, bar.low, bar.close]
    ticks = [int((price * factor / TICK).to_integral_value(ROUND_HALF_EVEN)) for price in prices]
    return (*ticks, bar.volume)
