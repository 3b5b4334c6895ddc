"""How ints on the wire are meant: ticks, lots and minor units of money against prices, amounts and currency.

Every symbol has a tick of its own, a power of ten, so that its first price is some ten thousand ticks; its
lot is as much as makes one tick of it worth one minor unit. So sums of money need no conversion.
"""

from math import floor, log10

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.values import frozen

DIGITS = 4  # ten to the power of it is the least number of ticks of a first price
TICKS_MAX = 2**53  # of a price: floats count no further


@frozen
class Scale:
    """``ticks``: the currency of one tick, by symbol. ``minor``: the currency of one minor unit of money."""

    ticks: tuple[tuple[str, float], ...]
    minor: float

    def tick(self, symbol: str) -> float:
        """Of a symbol, in currency."""
        for name, tick in self.ticks:
            if name == symbol:
                return tick
        raise KeyError(symbol)

    def price(self, symbol: str, ticks: float) -> float:
        """In currency."""
        return ticks * self.tick(symbol)

    def amount(self, symbol: str, lots: float) -> float:
        """In units of the symbol."""
        return lots * self.minor / self.tick(symbol)

    def lots(self, symbol: str, amount: float) -> int:
        """Of an amount, rounded down."""
        return int(amount * self.tick(symbol) / self.minor)

    def money(self, minor: float) -> float:
        """In currency."""
        return minor * self.minor

    def in_ticks(self, symbol: str, prices: Floats) -> Ints:
        """Prices to the nearest tick, none below one."""
        rounded = np.floor(np.minimum(prices / self.tick(symbol), TICKS_MAX) + 0.5)
        return np.maximum(rounded, 1.0).astype(np.int64)


def scale_of(symbols: tuple[str, ...], prices: Floats, minor: float = 1e-4) -> Scale:
    """The scale for symbols with such first prices."""
    ticks = [10.0 ** (floor(log10(price)) - DIGITS) for price in prices.tolist()]
    return Scale(tuple(zip(symbols, ticks, strict=True)), minor)
