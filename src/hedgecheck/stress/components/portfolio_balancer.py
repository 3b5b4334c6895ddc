"""How much: every trade risks the same part of the equity at its stops, as far as the caps leave room."""

from collections.abc import Mapping, Sequence
from math import inf

from hedgecheck.arrays import number
from hedgecheck.stress.components.protocols import (
    AccountView,
    BarView,
    Holding,
    Order,
    Policy,
    Refused,
    Signal,
)

WHOLE_BPS = 10_000
Key = tuple[str, str, str]  # strategy, symbol, hedge


class EqualRiskBalancer:
    """The bundled balancer: fixed fractional sizes (Vince 1990).

    With all stops hit at their prices a trade loses ``fraction`` of the equity, times the policy's ``risk``;
    two legs share that and are of the same money. No symbol has more than ``position_bps`` of the equity,
    all together not more than ``gross_bps``, what is under way counted as if it were filled; where these
    leave too little for a bar's trades all of them are made smaller alike. A trade that would be less than
    ``least`` of its size is not made.
    """

    def __init__(self, fraction: float = 0.009, least: float = 0.1) -> None:
        self._fraction = number("fraction", fraction, 1e-9, 1)
        self._least = number("least", least, 0, 1)
        self._asked: dict[Key, float] = {}  # notional of one leg of orders that may be under way

    def size(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Order], Sequence[Refused]]:
        """See ``PortfolioBalancer``. Reasons: NO_EQUITY, RISK_OFF, NO_PRICE, POSITIONS_MAX, NO_ROOM."""
        if not signals:
            return (), ()
        if not 0 < account.equity < inf:
            return (), [_refused("NO_EQUITY", each) for each in signals]
        if not policy.risk > 0:
            return (), [_refused("RISK_OFF", each) for each in signals]
        prices = {each.symbol: each.price for each in view.quotes if 0 < each.price < inf}
        used, gross = self._used(account, prices)
        legs, refused = self._legs(signals, prices, used, account, policy)
        room = account.equity * policy.gross_bps / WHOLE_BPS - gross
        wanted = sum(leg * (2 if each.hedge else 1) for each, leg in legs)
        scale = min(1.0, room / wanted) if room > 0 and wanted > 0 else 0.0
        orders = []
        for each, leg in legs:
            if scale <= 0 or leg * scale < self._least * self._full(each, account, policy):
                refused.append(_refused("NO_ROOM", each))
                continue
            self._asked[each.strategy, each.symbol, each.hedge] = leg * scale
            orders.append(_order(each, leg * scale, prices, policy.stop_bps / WHOLE_BPS))
        return orders, refused

    def _legs(
        self,
        signals: Sequence[Signal],
        prices: Mapping[str, float],
        used: dict[str, float],
        account: AccountView,
        policy: Policy,
    ) -> tuple[list[tuple[Signal, float]], list[Refused]]:
        """The notional of one leg of each, within the caps of its symbols; those that have no place."""
        found: list[tuple[Signal, float]] = []
        refused: list[Refused] = []
        slots = policy.positions_max - len(account.holdings)
        cap = account.equity * policy.position_bps / WHOLE_BPS
        for each in signals:
            symbols = (each.symbol, each.hedge) if each.hedge else (each.symbol,)
            if any(symbol not in prices for symbol in symbols):
                refused.append(_refused("NO_PRICE", each))
            elif len(found) >= slots:
                refused.append(_refused("POSITIONS_MAX", each))
            else:
                room = min(cap - used.get(symbol, 0.0) for symbol in symbols)
                leg = min(self._full(each, account, policy), room)
                if not leg > 0:
                    refused.append(_refused("NO_ROOM", each))
                    continue
                found.append((each, leg))
                for symbol in symbols:
                    used[symbol] = used.get(symbol, 0.0) + leg
        return found, refused

    def _full(self, signal: Signal, account: AccountView, policy: Policy) -> float:
        """The notional of one leg if there were no caps."""
        risked = account.equity * self._fraction * policy.risk
        return risked * WHOLE_BPS / policy.stop_bps / (2 if signal.hedge else 1)

    def _used(self, account: AccountView, prices: Mapping[str, float]) -> tuple[dict[str, float], float]:
        """Notional by symbol, and of all: held, and asked for by orders that are still under way."""
        used: dict[str, float] = {}
        gross, under_way = account.gross, {}
        for each in account.holdings:
            leg = held = abs(each.quantity) * prices.get(each.symbol, 0.0)
            key = _key(each)
            if each.intent in account.pending and key in self._asked:
                under_way[key] = self._asked[key]
                leg = max(held, under_way[key])
            symbols = (each.symbol, each.hedge) if each.hedge else (each.symbol,)
            gross += (leg - held) * len(symbols)
            for symbol in symbols:
                used[symbol] = used.get(symbol, 0.0) + leg
        self._asked = under_way
        return used, gross


def _key(holding: Holding) -> Key:
    return holding.strategy, holding.symbol, holding.hedge


def _order(signal: Signal, leg: float, prices: Mapping[str, float], stop: float) -> Order:
    """Both legs worth ``leg``, their stops on the side where each loses."""
    price, sign = prices[signal.symbol], 1 if signal.target > 0 else -1
    other = prices[signal.hedge] if signal.hedge else None
    return Order(
        signal,
        "buy" if sign > 0 else "sell",
        leg / price,
        leg / other if other else 0.0,
        price * (1 - sign * stop),
        other * (1 + sign * stop) if other else None,
    )


def _refused(reason: str, signal: Signal) -> Refused:
    return Refused("portfolio_balancer", reason, signal)
