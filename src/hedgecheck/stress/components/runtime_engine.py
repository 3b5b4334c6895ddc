"""Two plain strategies, in constant time per bar: they are there to make a system trade, not money.

Each symbol is traded by the crossing of two moving averages, and the first two against each other by the
z-score of their ratio. A bar that was flagged is passed over: it is not in any window.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import inf, log, sqrt

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.stress.components.checking import flag
from hedgecheck.stress.components.protocols import AccountView, BarView, Signal

SMA_CROSS, PAIR_REVERSION = "sma_cross", "pair_reversion"
LEAST = 1e-9  # what is smaller, as a fraction of a price or as a logarithm, is rounding

Key = tuple[str, str, str]  # strategy, symbol, hedge
Prices = Mapping[str, float]  # usable ones of a bar, by symbol
Held = Mapping[Key, float]  # quantities


class RollingSum:
    """The sum of the last ``length`` numbers, in constant time on average and never by subtracting: what has
    left is forgotten to the last digit. It is the end of one block and the beginning of the next."""

    def __init__(self, length: int) -> None:
        self.length, self.total, self.is_full = length, 0.0, False
        self._ends: list[float] = []  # sums of the ends of the last block, the longest last
        self._block: list[float] = []
        self._block_sum = 0.0

    def added(self, value: float) -> float:
        """The sum with another number, and without the oldest."""
        ends = self._ends
        if ends:
            ends.pop()
        self._block.append(value)
        self._block_sum += value
        self.total = self._block_sum + ends[-1] if ends else self._block_sum
        if len(self._block) == self.length:
            self._ends, self._block = list(accumulate(reversed(self._block))), []
            self._block_sum, self.is_full = 0.0, True
        return self.total


class SmaCross:
    """Long while the mean of the last ``fast`` prices is above that of the last ``slow``; below it short
    (``reversing``) or out. One trade for each crossing: what its stop ended is not opened again.

    Confidence is s / (1 + s): s is the gap of the means in standard deviations of that of a random walk,
    which are volatility x (slow - fast) / sqrt(3 slow).
    """

    def __init__(self, symbol: str, fast: int, slow: int, reversing: bool) -> None:
        self._key = (SMA_CROSS, symbol, "")
        self._fast, self._slow, self._reversing = RollingSum(fast), RollingSum(slow), reversing
        self._squares = RollingSum(slow)  # of the returns
        self._price = 0.0  # the last one
        self._taken = 0  # the side that was held since the last crossing

    def signal(self, prices: Prices, held: Held) -> Signal | None:
        """What it wants now, None where that is what it has."""
        price = prices.get(self._key[1])
        gap = 0.0 if price is None else self._gap(price)
        if gap == 0.0:
            return None
        side = 1 if gap > 0 else -1
        if side != self._taken:
            self._taken = 0
        holds = held.get(self._key)
        if holds is None:
            wanted = side if self._reversing else max(side, 0)
            return self._wanting(wanted, gap) if wanted and wanted != self._taken else None
        if holds * side > 0:
            self._taken = side
        return self._wanting(0, gap) if holds * side < 0 else None

    def _wanting(self, target: int, gap: float) -> Signal:
        return Signal(SMA_CROSS, self._key[1], target, abs(gap) / (1 + abs(gap)))

    def _gap(self, price: float) -> float:
        """The fast mean over the slow one, in usual deviations; 0 where there is nothing to tell."""
        fast, slow = self._fast, self._slow
        change = price / self._price - 1 if self._price else 0.0
        self._price = price
        fast_sum, slow_sum = fast.added(price), slow.added(price)
        squares = self._squares.added(change * change)
        if not slow.is_full:
            return 0.0
        gap = fast_sum * slow.length / (slow_sum * fast.length) - 1
        usual = squares * (slow.length - fast.length) ** 2 / (3 * slow.length**2)
        return gap / sqrt(usual) if abs(gap) > LEAST else 0.0


class PairReversion:
    """Buys the first of two against the second where the logarithm of their ratio is ``entry`` deviations
    below its mean over ``bars``, and the other way round; until it is within ``leave`` or beyond the mean.
    What its stop ended is not opened again before that. Gatev, Goetzmann and Rouwenhorst (2006); money is
    hedged one for one.

    Confidence is s / (1 + s) of s = z / ``entry``, and 1 for leaving.
    """

    def __init__(self, symbol: str, hedge: str, bars: int, entry: float, leave: float) -> None:
        self._key = (PAIR_REVERSION, symbol, hedge)
        self._entry, self._leave = entry, leave
        self._sums, self._squares = RollingSum(bars), RollingSum(bars)
        self._first: float | None = None
        self._taken = 0  # the side that was held since it was last at its mean

    def signal(self, prices: Prices, held: Held) -> Signal | None:
        """What it wants now, None where that is what it has."""
        strategy, symbol, hedge = self._key
        first, second = prices.get(symbol), prices.get(hedge)
        away = None if first is None or second is None else self._away(log(first) - log(second))
        if away is None:
            return None
        is_back = abs(away) <= self._leave
        holds = held.get(self._key)
        if holds:
            self._taken = 1 if holds > 0 else -1
            return Signal(strategy, symbol, 0, 1.0, hedge) if is_back or holds * away > 0 else None
        side = -1 if away > 0 else 1
        if is_back or side == -self._taken:
            self._taken = 0
        if holds is not None or abs(away) < self._entry or side == self._taken:
            return None
        strength = abs(away) / self._entry
        return Signal(strategy, symbol, side, strength / (1 + strength), hedge)

    def _away(self, ratio: float) -> float | None:
        """How far from the mean of the bars before, in their deviations; None before there are enough."""
        if self._first is None:
            self._first = ratio
        ratio -= self._first  # keeps the squares small
        away = None
        if self._sums.is_full:
            mean = self._sums.total / self._sums.length
            variance = self._squares.total / self._sums.length - mean * mean
            away = (ratio - mean) / max(sqrt(max(variance, 0.0)), LEAST)
        self._sums.added(ratio)
        self._squares.added(ratio * ratio)
        return away


class StrategyEngine:
    """The bundled runtime engine. Trades the symbols of the first bar it sees: each by ``SmaCross``, and the
    first two by ``PairReversion``. ``UsageError`` for numbers that make no sense."""

    def __init__(
        self,
        fast: int = 10,
        slow: int = 30,
        reversing: bool = True,
        bars: int = 60,
        entry: float = 2.0,
        leave: float = 0.5,
    ) -> None:
        self._sma = (whole("fast", fast, 1), whole("slow", slow, 2), flag("reversing", reversing))
        self._pair = (whole("bars", bars, 3), number("entry", entry, LEAST), number("leave", leave, 0))
        if fast >= slow:
            raise UsageError(f"fast {fast} is not below slow {slow}: the means would not cross. Lower it.")
        if leave >= entry:
            raise UsageError(f"leave {leave:g} is not below entry {entry:g}. Lower it.")
        self._strategies: list[SmaCross | PairReversion] = []

    def signals(self, view: BarView, account: AccountView) -> Sequence[Signal]:
        """See ``RuntimeEngine``. Nothing by a bar that was flagged, or without a price above 0."""
        if not self._strategies:
            self._begin([each.symbol for each in view.quotes])
        prices = {each.symbol: each.price for each in view.quotes if each.usable and 0 < each.price < inf}
        held = {(each.strategy, each.symbol, each.hedge): each.quantity for each in account.holdings}
        wanted = [strategy.signal(prices, held) for strategy in self._strategies]
        return [each for each in wanted if each is not None]

    def _begin(self, symbols: Sequence[str]) -> None:
        self._strategies = [SmaCross(symbol, *self._sma) for symbol in symbols]
        if len(symbols) > 1:
            self._strategies.append(PairReversion(symbols[0], symbols[1], *self._pair))
