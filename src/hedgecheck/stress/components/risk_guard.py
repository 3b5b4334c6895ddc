"""The last word before the engine: whether an order makes sense, whoever made it and by whatever means.

It recounts nothing of the portfolio: that is the gate's. It remembers one price of each symbol, by which a
price shows that has jumped.
"""

from math import isfinite

from hedgecheck.arrays import number
from hedgecheck.stress.components.protocols import AccountView, BarView, Order, Policy, Published


class PreTradeGuard:
    """The bundled guard. ``jump``: the price of a bar may be that fraction above or below the last usable one
    before it; ``leverage``: both legs together are worth at most that many times the equity.

    It learns prices from the bus (``hear``, topic ``bar``); without one it knows the bars of earlier orders.
    """

    def __init__(self, jump: float = 0.2, leverage: float = 1.0) -> None:
        self._jump = number("jump", jump, 0)
        self._leverage = number("leverage", leverage, 0)
        self._view: BarView | None = None
        self._before: dict[str, float] = {}  # the last usable price before the bar of ``_view``

    def hear(self, message: Published) -> None:
        """A bar, as the bus tells it."""
        if isinstance(message.payload, BarView):
            self._see(message.payload)

    def validate(self, order: Order, view: BarView, account: AccountView, policy: Policy) -> str:
        """See ``RiskGuard``. Reasons: NOT_FINITE, NOT_POSITIVE, SIDE, HEDGE, UNKNOWN_SYMBOL, FLAGGED_BAR,
        SHORT_BANNED, STOP_SIDE, PRICE_JUMP, ABOVE_EQUITY."""
        self._see(view)
        prices = {each.symbol: each.price for each in view.quotes}
        usable = {each.symbol for each in view.quotes if each.usable}
        signal = order.signal
        symbols = (signal.symbol, signal.hedge) if signal.hedge else (signal.symbol,)
        malformed = _malformed(order)
        if malformed:
            return malformed
        if any(symbol not in prices for symbol in symbols):
            return "UNKNOWN_SYMBOL"
        if not usable.issuperset(symbols):
            return "FLAGGED_BAR"
        if not policy.short_allowed and (order.side == "sell" or signal.hedge):
            return "SHORT_BANNED"
        if not _is_protected(order, prices):
            return "STOP_SIDE"
        if any(self._jumped(symbol, prices[symbol]) for symbol in symbols):
            return "PRICE_JUMP"
        notional = order.quantity * prices[signal.symbol]
        notional += order.hedge_quantity * prices[signal.hedge] if signal.hedge else 0.0
        return "" if notional <= self._leverage * account.equity else "ABOVE_EQUITY"

    def _see(self, view: BarView) -> None:
        """A new bar is there: the one that was is the one before."""
        if self._view is not None:
            if view.bar == self._view.bar:
                return
            for quote in self._view.quotes:
                if quote.usable:
                    self._before[quote.symbol] = quote.price
        self._view = view

    def _jumped(self, symbol: str, price: float) -> bool:
        before = self._before.get(symbol, price)
        return not abs(price - before) <= self._jump * before  # nor is a price that is no number


def _malformed(order: Order) -> str:
    """What is wrong with an order in itself."""
    amounts = [order.quantity, *[each for each in (order.stop, order.hedge_stop) if each is not None]]
    amounts += [order.hedge_quantity] if order.signal.hedge else []
    if not all(isfinite(each) for each in amounts):
        return "NOT_FINITE"
    if not all(each > 0 for each in amounts):
        return "NOT_POSITIVE"
    if order.side != ("buy" if order.signal.target > 0 else "sell") or not order.signal.target:
        return "SIDE"
    hedged = bool(order.hedge_quantity) or order.hedge_stop is not None
    return "HEDGE" if hedged and not order.signal.hedge else ""


def _is_protected(order: Order, prices: dict[str, float]) -> bool:
    """Whether each stop that there is is where its leg loses: below what is bought, above what is sold."""
    signal, sign = order.signal, 1 if order.side == "buy" else -1
    if order.stop is not None and not sign * (prices[signal.symbol] - order.stop) > 0:
        return False
    return order.hedge_stop is None or sign * (order.hedge_stop - prices[signal.hedge]) > 0
