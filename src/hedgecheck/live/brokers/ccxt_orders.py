"""The orders of an account at a ccxt exchange: asked for, read, and remembered by name and by the venue's id.

What is remembered saves questions and is no truth: a process that comes up remembers nothing, and finds an
order by its client order id in whichever symbol it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Literal, TypeVar

from hedgecheck.live.brokers.ccxt_errors import Meaning, meaning
from hedgecheck.live.brokers.ccxt_markets import CcxtMarket, Unreadable
from hedgecheck.live.brokers.ccxt_reading import (
    Booked,
    Fills,
    Reading,
    Structure,
    fills_of,
    increase,
    reading,
)
from hedgecheck.messages import Accepted, EngineEvent, Filled, Side
from hedgecheck.values import frozen, replace

KNOWN_MAX = 10_000  # orders that are remembered, the latest
TRADES_MAX = 500  # that are asked for at once
NOT_FOUND = Meaning("not_found", "UNKNOWN_ORDER")
UNREADABLE = Meaning("unknown", "UNREADABLE")
LISTS = {
    "fetch_open_orders": "fetchOpenOrders",
    "fetch_closed_orders": "fetchClosedOrders",
    "fetch_canceled_orders": "fetchCanceledOrders",
}

Told = TypeVar("Told", bound=EngineEvent)
Streamed = Literal["orders", "my_trades", "tickers"]
Read = tuple[Reading, tuple[Filled, ...], bool]


@frozen
class Ways:
    """In what venues differ.

    ``fills``: "trades" where it tells trade ids, else "cumulative". ``finds``: "lists" where an order cannot
    be fetched by its client order id, but lists of open and of other orders show it. ``replaces``: "in_place"
    where ``edit_order`` changes the order itself; a venue that cancels it and places another is not asked to.
    ``streams``: what is watched where there is a stream of it; the rest is asked for every ``poll_seconds``.
    ``pauses_seconds``: before a request that was not taken is made again. ``rates``: what one unit of another
    currency, in which fees are paid, is worth in the quote currency.
    """

    fills: Fills = "trades"
    finds: Literal["client_order_id", "lists"] = "client_order_id"
    replaces: Literal["never", "in_place"] = "never"
    streams: tuple[Streamed, ...] = ("orders", "my_trades", "tickers")
    poll_seconds: float = 1.0
    pauses_seconds: tuple[float, ...] = (0.5, 1.0)
    rates: tuple[tuple[str, Decimal], ...] = ()


@frozen
class Known:
    """An order that this process has sent or seen. ``asked``: its lots."""

    symbol: str
    side: Side | None = None
    asked: int | None = None
    id: str | None = None
    booked: Booked = Booked()
    is_over: bool = False


class Orders:
    """``booked``: the lots that the engine has booked of an order, by its name."""

    def __init__(
        self,
        exchange: Any,
        markets: Sequence[CcxtMarket],
        prefix: str,
        ways: Ways,
        booked: Callable[[str], int],
    ) -> None:
        self.exchange = exchange
        self.markets = {each.symbol: each for each in markets}
        self.ways = ways
        self._prefix = prefix
        self._booked = booked
        self._rates = dict(ways.rates)
        self._known: dict[str, Known] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._told: dict[tuple[str, str], None] = {}

    # ---- names -------------------------------------------------------------------------------------------

    def client_order_id(self, name: str) -> str:
        """What an order is called at the venue."""
        return self._prefix + name

    def named(self, raw: Structure) -> str | None:
        """The name of an order structure; of somebody else's order one that no engine gives. None where the
        venue does not say."""
        client_order_id, id = raw.get("clientOrderId"), raw.get("id")
        market = self.markets.get(raw.get("symbol") or "")
        if client_order_id in (None, ""):
            return None if market is None else self._names.get((market.symbol, str(id)))
        if str(client_order_id).startswith(self._prefix):
            return str(client_order_id).removeprefix(self._prefix)
        return foreign(id)

    def known(self, name: str) -> Known | None:
        """What is remembered of an order."""
        return self._known.get(name)

    def learn(self, name: str, known: Known) -> None:
        """Remembers an order."""
        self._known.pop(name, None)
        self._known[name] = known
        if known.id is not None:
            self._names[known.symbol, known.id] = name
        _forget(self._known)
        _forget(self._names)

    def _met(self, symbol: str, name: str) -> Known:
        """An order that an earlier process may have told of."""
        return Known(symbol, booked=Booked(self._booked(name)))

    def working(self) -> tuple[str, ...]:
        """The orders that were open when they were last heard of."""
        return tuple([name for name, each in self._known.items() if not each.is_over])

    def news(self, reports: Sequence[Told]) -> tuple[Told, ...]:
        """Those reports that say anything new: no fill or acceptance that was told before."""
        new: list[Told] = []
        for report in reports:
            if isinstance(report, Filled | Accepted):
                about = report.trade_id if isinstance(report, Filled) else ""
                if (report.client_order_id, about) in self._told:
                    continue
                self._told[report.client_order_id, about] = None
            new.append(report)
        _forget(self._told)
        return tuple(new)

    # ---- questions ---------------------------------------------------------------------------------------

    async def ask(
        self, call: Callable[[], Awaitable[Any]], goes_on: Callable[[], bool] = lambda: True
    ) -> Any:
        """The answer to a call, or what its error means. One that was not taken is made again, as long as
        ``goes_on``."""
        for pause in self.ways.pauses_seconds:
            answer = await _once(call)
            if not isinstance(answer, Meaning) or answer.means != "not_taken":
                return answer
            await asyncio.sleep(pause)
            if not goes_on():
                return answer
        return await _once(call)

    async def look_up(self, name: str) -> Any:
        """The structure of an order, or why there is none. It is not found where no symbol has it."""
        known = self._known.get(name)
        for symbol in self.markets if known is None else (known.symbol,):
            found = await self._in(symbol, name)
            if isinstance(found, Meaning):
                if found.means == "not_found":
                    continue
                return found
            if not isinstance(found, dict) or self.named(found) not in (None, name):
                return UNREADABLE
            said = found.get("symbol") or symbol  # some venues find an order whichever symbol is asked for
            if said not in self.markets:
                return UNREADABLE
            if self._known.get(name) is None and found.get("id") not in (None, ""):
                self.learn(name, self._met(said, name))
            return found
        return NOT_FOUND

    async def _in(self, symbol: str, name: str) -> Any:
        if self.ways.finds == "client_order_id":
            params = {"clientOrderId": self.client_order_id(name)}
            return await self.ask(partial(self.exchange.fetch_order, "", symbol, params))
        has = self.exchange.has
        lists = {"fetch_orders": "fetchOrders"} if has.get("fetchOrders") else LISTS
        for method, key in lists.items():
            if not has.get(key):
                return UNREADABLE  # absent from the others it may be in this one
            rows = await self.ask(partial(getattr(self.exchange, method), symbol))
            if isinstance(rows, Meaning):
                return rows
            for row in rows:
                if row.get("clientOrderId") == self.client_order_id(name):
                    return row
        return NOT_FOUND

    async def name_of(self, symbol: str, id: str) -> str | Meaning:
        """The name of an order by the venue's id; it is asked for where it is not known."""
        name = self._names.get((symbol, id))
        if name is not None:
            return name
        found = await self.ask(partial(self.exchange.fetch_order, id, symbol))
        if isinstance(found, Meaning):
            return found
        name = self.named(found) if found else None
        if name is None:
            return UNREADABLE
        self.learn(name, replace(self._met(symbol, name), id=id))
        return name

    # ---- answers -----------------------------------------------------------------------------------------

    async def read(self, name: str, market: CcxtMarket, raw: Any) -> Read:
        """An order, its fills, and whether those are all that the venue speaks of; of one that is over they
        are asked for where they are missing. Raises ``Unreadable``."""
        if not isinstance(raw, dict):
            raise Unreadable("there is no order in the answer")
        order = reading(market, raw)
        known = self._known.get(name) or self._met(market.symbol, name)
        side = order.side or known.side
        known = replace(
            known,
            side=side,
            asked=order.amount or known.asked,
            id=order.id or known.id,
            is_over=order.is_over,
        )
        if self.ways.fills == "cumulative":
            fills, booked = increase(market, name, side, raw, known.booked, self._rates)
            self.learn(name, replace(known, booked=booked))
            return order, fills, order.filled is not None
        self.learn(name, known)
        fills = fills_of(market, name, side, raw.get("trades") or (), self._rates)
        if order.is_over and not _is_whole(order, fills) and known.id is not None:
            trades = await self.trades(market, known.id)
            if not isinstance(trades, Meaning):
                fills = fills_of(market, name, side, trades, self._rates)
        return order, fills, _is_whole(order, fills)

    def fills(self, market: CcxtMarket, name: str, trades: Sequence[Structure]) -> tuple[Filled, ...]:
        """Trades of an order as its fills. Raises ``Unreadable``."""
        known = self._known.get(name)
        return fills_of(market, name, None if known is None else known.side, trades, self._rates)

    async def trades(self, market: CcxtMarket, id: str) -> Any:
        """The trades of an order, or why there are none."""
        if self.exchange.has.get("fetchOrderTrades"):
            return await self.ask(partial(self.exchange.fetch_order_trades, id, market.symbol))
        fetch = self.exchange.fetch_my_trades
        found = await self.ask(partial(fetch, market.symbol, None, TRADES_MAX))
        if isinstance(found, Meaning):
            return found
        return [each for each in found if str(each.get("order")) == id]


def foreign(id: Any) -> str:
    """What an order is called that somebody else has on the account."""
    return f"foreign({id})"


def is_own(name: str) -> bool:
    """Whether an order of that name was sent by an engine."""
    return not name.startswith("foreign(")


def _forget(memory: dict[Any, Any]) -> None:
    while len(memory) > KNOWN_MAX:
        del memory[next(iter(memory))]


def _is_whole(order: Reading, fills: Sequence[Filled]) -> bool:
    return order.filled is not None and sum([each.amount for each in fills]) == order.filled


async def _once(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await call()
    except Exception as error:  # whatever a client raises once a request may have left is the market's answer
        return meaning(error)
