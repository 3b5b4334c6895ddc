"""A strategy of a portfolio: what it looks at, what it trades, how large, and when it is wrong."""

from collections.abc import Callable

from hedgecheck.backtest.bars import Bars
from hedgecheck.messages import Intent, Side
from hedgecheck.signalers import History, Signaler, Signals
from hedgecheck.values import frozen

WHOLE_BPS = 10_000
SIDES: dict[int, tuple[Side, Side]] = {1: ("buy", "sell"), -1: ("sell", "buy")}


@frozen
class Sleeve:
    """``signaler`` trades ``symbol``, and as much of ``hedge`` against it in value, or what its signals say.

    It sees what ``history`` makes of the bars; by itself closes and volumes of its symbol, and the closes of
    the hedge as those of the other one.
    ``budget_bps``: its share of the cash. ``leg_bps``: how much of its capital at most is a leg of a trade;
    ``stop_bps``: how far from the price of the entry the stop of either leg is. ``name`` holds no digit.
    """

    name: str
    signaler: Signaler
    symbol: str
    hedge: str
    budget_bps: int
    history: Callable[[Bars], History] | None = None
    leg_bps: int = 4_000
    stop_bps: int = 500

    def signals(self, bars: Bars) -> Signals:
        """What it wants to hold after each bar."""
        return self.signaler.signals(self._sees(bars) if self.history is None else self.history(bars))

    def _sees(self, bars: Bars) -> History:
        closes, volumes = bars.closes(self.symbol), bars.volumes(self.symbol)
        return History(closes, volumes, other_close=bars.closes(self.hedge))

    def intent(self, number: int, side: int, ratio: float, capital: int, prices: dict[str, int]) -> Intent:
        """The pair it wants to hold at these prices: long of its symbol for ``side`` 1, short for -1.

        ``ratio``: of the second leg's value to the first's, 0 for one as large. No leg is larger than its
        part of the capital; an amount may be 0 where a lot is dearer than that.
        """
        ratio = ratio or 1.0
        room = capital * self.leg_bps / WHOLE_BPS / max(1.0, ratio)
        price_a, price_b = prices[self.symbol], prices[self.hedge]
        lots_a = int(room / price_a)
        lots_b = round(lots_a * price_a * ratio / price_b)
        side_a, side_b = SIDES[side]
        stop_a, stop_b = _stop(price_a, side_a, self.stop_bps), _stop(price_b, side_b, self.stop_bps)
        return Intent(
            f"{self.name}{number}",
            symbol_a=self.symbol,
            side_a=side_a,
            amount_a=lots_a,
            symbol_b=self.hedge,
            side_b=side_b,
            amount_b=lots_b,
            stop_a=stop_a,
            stop_b=stop_b,
        )


def _stop(price: int, side: Side, bps: int) -> int:
    distance = max(1, price * bps // WHOLE_BPS)
    return price - distance if side == "buy" else price + distance
