"""The policy by regime: how rough the market is, how wide its spread, how much was lost.

Everything is measured against what was usual before, bar by bar, so that it is the same for bars of a minute
and of a day. It goes up at once and down slowly.
"""

from collections import deque
from enum import IntEnum
from math import inf, isfinite

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.stress.components.protocols import AccountView, BarView, Policy, Quote
from hedgecheck.values import replace


class Regime(IntEnum):
    """From everything allowed to hardly anything."""

    NORMAL = 0
    CAUTIOUS = 1
    DEFENSIVE = 2


class Usual:
    """What is usual of one symbol: variance of its returns and mean spread over ``slow_bars``, exponentially
    weighted, as RiskMetrics (1996). The last ``fast_bars`` are not in it, so that what is rough now does not
    become usual while it is new."""

    def __init__(self, fast_bars: int, slow_bars: int) -> None:
        self._fast_bars, self._slow_bars = fast_bars, slow_bars
        self._price = self._fast = self._slow = self._spread = 0.0
        self._new: deque[tuple[float, float]] = deque()  # squared return and spread of bars not in it yet
        self._bars = 0  # in it

    def rougher(self, quote: Quote) -> tuple[float, float]:
        """How many times the usual variance and the usual spread are seen now; 1 before that is known."""
        price, spread = quote.price, quote.spread_bps
        if not (quote.usable and 0 < price < inf and 0 <= spread < inf):
            return 1.0, 1.0
        change = price / self._price - 1 if self._price else 0.0
        self._price = price
        square = change * change
        self._new.append((square, spread))
        self._fast += (square - self._fast) / min(len(self._new), self._fast_bars)
        if len(self._new) > self._fast_bars:
            old_square, old_spread = self._new.popleft()
            self._bars = min(self._bars + 1, self._slow_bars)
            self._slow += (old_square - self._slow) / self._bars
            self._spread += (old_spread - self._spread) / self._bars
        if self._bars < self._fast_bars:
            return 1.0, 1.0
        rough = self._fast / self._slow if self._slow > 0 else 1.0
        return rough, spread / self._spread if self._spread > 0 else 1.0


class RegimeController:
    """The bundled MSC. Cautious or defensive from the first or the second number of ``volatility`` and
    ``spread``, multiples of what is usual, and ``drawdown``, a fraction, of whichever is worst; back by one
    regime when all of them were below ``release`` of its limit for ``calm_bars`` in a row.

    In a regime risk and gross are the base policy's times ``risk`` of that regime, and the confidence asked
    for is a quarter (cautious) or half of the way (defensive) to 1. The base is the policy it finds
    first, or what somebody else has set since. ``regime`` is the present one.
    """

    def __init__(
        self,
        volatility: tuple[float, float] = (2.0, 3.5),
        spread: tuple[float, float] = (3.0, 8.0),
        drawdown: tuple[float, float] = (0.08, 0.12),
        risk: tuple[float, float] = (0.5, 0.2),
        release: float = 0.8,
        calm_bars: int = 20,
        fast_bars: int = 20,
        slow_bars: int = 300,
    ) -> None:
        rough = _two("volatility", volatility)
        self._limits = ((rough[0] ** 2, rough[1] ** 2), _two("spread", spread), _two("drawdown", drawdown))
        self._risk = (1.0, *_two("risk", risk))
        self._release, self._calm_bars = number("release", release, 0, 1), whole("calm_bars", calm_bars, 1)
        self._bars = whole("fast_bars", fast_bars, 2), whole("slow_bars", slow_bars, fast_bars + 1)
        self._usual: dict[str, Usual] = {}
        self._calm = 0
        self._base = Policy()
        self._set: Policy | None = None
        self.regime = Regime.NORMAL

    def policy(self, current: Policy, view: BarView, account: AccountView) -> Policy:
        """See ``MSC``."""
        before = self.regime
        self._judge(self._measured(view, account))
        if current != self._set:
            self._base = current
        elif self.regime is before:
            return current
        self._set = self._of(self._base)
        return self._set

    def _measured(self, view: BarView, account: AccountView) -> tuple[float, float, float]:
        """Variance and spread, in what is usual, of the roughest symbol; drawdown."""
        rough = wide = 0.0
        for quote in view.quotes:
            usual = self._usual.get(quote.symbol)
            if usual is None:
                usual = self._usual[quote.symbol] = Usual(*self._bars)
            rougher, wider = usual.rougher(quote)
            rough = rougher if rougher > rough else rough
            wide = wider if wider > wide else wide
        lost = 1 - account.equity / account.peak if account.peak > 0 else 1.0
        return rough, wide, lost if isfinite(lost) else 1.0

    def _judge(self, measured: tuple[float, float, float]) -> None:
        worst = max(
            [(each >= low) + (each >= high) for each, (low, high) in zip(measured, self._limits, strict=True)]
        )
        if worst > self.regime:
            self.regime, self._calm = Regime(worst), 0
        elif self.regime:
            at = self.regime - 1
            is_calm = all(
                each < self._release * limit[at] for each, limit in zip(measured, self._limits, strict=True)
            )
            self._calm = self._calm + 1 if is_calm else 0
            if self._calm >= self._calm_bars:
                self.regime, self._calm = Regime(at), 0

    def _of(self, base: Policy) -> Policy:
        """The base policy in the present regime."""
        if not self.regime:
            return base
        less = self._risk[self.regime]
        sure = base.confidence_min + (1 - base.confidence_min) * self.regime / 4
        return replace(base, risk=base.risk * less, gross_bps=int(base.gross_bps * less), confidence_min=sure)


def _two(name: str, given: tuple[float, float]) -> tuple[float, float]:
    """A number for each regime but the normal."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise UsageError(f"{name} is {given!r}. Give two numbers: for cautious and for defensive.")
    return number(f"{name} (cautious)", given[0], 0), number(f"{name} (defensive)", given[1], 0)
