"""An exchange of ccxt's as a broker: unified calls, and what their answers prove.

An order is found by its client order id, which is a prefix and its name, and in the symbol in which it was
sent. What is raised is read by ``ccxt_errors``. An answer without an id, or with a number that is none,
proves nothing; an order is over only once every fill that the venue speaks of is there.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

from hedgecheck.live.brokers.ccxt_account import account
from hedgecheck.live.brokers.ccxt_errors import Meaning
from hedgecheck.live.brokers.ccxt_markets import CcxtMarket, Unreadable, sent
from hedgecheck.live.brokers.ccxt_orders import UNREADABLE, Known, Orders, Ways
from hedgecheck.live.brokers.ccxt_reading import end_of
from hedgecheck.live.brokers.ccxt_stream import listened
from hedgecheck.live.ports import Account
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    EngineEvent,
    FetchOrder,
    OutcomeUnknown,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Report,
    Request,
    Status,
)
from hedgecheck.values import replace

Answers = tuple[EngineEvent, ...]
PREFIX = "hc"
WAYS = Ways()


def nothing_booked(name: str) -> int:
    """Of an engine that has just begun."""
    return 0


class CcxtBroker:
    """A connection to one account by an async exchange of ccxt's: of ``ccxt.pro``, of ``ccxt.async_support``,
    or of a simulation. ``markets``: of ``markets_of``. ``booked``: the lots that the engine has booked of an
    order, by its name; a venue without trade ids needs it after a restart."""

    def __init__(
        self,
        exchange: Any,
        markets: Sequence[CcxtMarket],
        *,
        prefix: str = PREFIX,
        ways: Ways = WAYS,
        booked: Callable[[str], int] = nothing_booked,
    ) -> None:
        self.exchange = exchange
        self._orders = Orders(exchange, markets, prefix, ways, booked)
        self._under_way: set[str] = set()
        self._unwanted: set[str] = set()

    @property
    def name(self) -> str:
        """See ``Broker``."""
        return str(self.exchange.id)

    async def send(self, request: Request) -> Answers:
        """See ``Broker``."""
        return self._orders.news(await self._answers(request))

    async def _answers(self, request: Request) -> Answers:
        match request:
            case CreateOrder():
                return await self._create(request)
            case CancelOrder():
                return await self._cancel(request.client_order_id)
            case ReplaceOrder():
                return await self._replace(request)
            case FetchOrder():
                return await self._fetch(request.client_order_id)

    def stream(self) -> AsyncIterator[Report]:
        """See ``Broker``."""
        return listened(self._orders)

    async def account(self) -> Account:
        """See ``Broker``."""
        return await account(self._orders)

    async def close(self) -> None:
        """See ``Broker``."""
        await self.exchange.close()

    # ---- a new order -------------------------------------------------------------------------------------

    async def _create(self, request: CreateOrder) -> Answers:
        name, market = request.client_order_id, self._orders.markets.get(request.symbol)
        if market is None:
            return (Rejected(name, "UNKNOWN_SYMBOL"),)
        self._orders.learn(name, Known(market.symbol, request.side, request.amount))
        self._under_way.add(name)
        try:
            call = partial(self._place, request, market)
            answer = await self._orders.ask(call, lambda: name not in self._unwanted)
        finally:
            self._under_way.discard(name)
            self._unwanted.discard(name)
        if not isinstance(answer, Meaning):
            return await self._acknowledged(name, market, answer)
        if answer.means in ("rejected", "not_taken"):
            return (Rejected(name, answer.reason),)
        return (OutcomeUnknown(name, "create"),)

    async def _place(self, request: CreateOrder, market: CcxtMarket) -> Any:
        kind = "market" if request.price is None else "limit"
        price = None if request.price is None else sent(request.price, market.tick)
        params: dict[str, Any] = {
            "clientOrderId": self._orders.client_order_id(request.client_order_id),
            **_stop(request.stop_price, market),
        }
        if request.immediate:
            params["timeInForce"] = "IOC"
        if request.reduce_only and market.is_contract:  # nobody is short in a spot market
            params["reduceOnly"] = True
        amount = sent(request.amount, market.lot)
        return await self.exchange.create_order(market.symbol, kind, request.side, amount, price, params)

    async def _acknowledged(self, name: str, market: CcxtMarket, raw: Any) -> Answers:
        """What the answer to a new order proves."""
        unknown = OutcomeUnknown(name, "create")
        try:
            order, fills, is_whole = await self._orders.read(name, market, raw)
        except Unreadable:
            return (unknown,)
        if order.id is None or self._orders.named(raw) not in (None, name):
            return (unknown,)
        reports: Answers = (Accepted(name), *fills)
        if not order.is_over:
            return reports
        if not is_whole:  # it is over, and not all that it has filled is known
            return (*reports, unknown)
        known = self._orders.known(name)
        end = end_of(name, order, None if known is None else known.asked)
        return reports if end is None else (*reports, end)

    # ---- one that is there -------------------------------------------------------------------------------

    async def _cancel(self, name: str) -> Answers:
        if name in self._under_way:
            self._unwanted.add(name)
        known = await self._found(name)
        if isinstance(known, Meaning):
            return _not_canceled(name, known)
        id, params = "", {"clientOrderId": self._orders.client_order_id(name)}
        if self._orders.ways.finds == "lists":
            id, params = known.id or "", {}
        answer = await self._orders.ask(partial(self.exchange.cancel_order, id, known.symbol, params))
        if isinstance(answer, Meaning):
            return _not_canceled(name, answer)
        try:
            order, fills, _ = await self._orders.read(name, self._orders.markets[known.symbol], answer)
        except Unreadable:
            return (OutcomeUnknown(name, "cancel"),)
        if order.id is None or order.status != "canceled" or order.filled is None:
            return (*fills, OutcomeUnknown(name, "cancel"))  # it will be, or it has ended otherwise
        return (*fills, Canceled(name, order.filled))

    async def _found(self, name: str) -> Known | Meaning:
        """Where an order is: remembered, or asked for."""
        known = self._orders.known(name)
        if known is None or (known.id is None and self._orders.ways.finds == "lists"):
            found = await self._orders.look_up(name)
            if isinstance(found, Meaning):
                return found
            known = self._orders.known(name)
        return UNREADABLE if known is None else known

    async def _replace(self, request: ReplaceOrder) -> Answers:
        name, orders = request.client_order_id, self._orders
        if orders.ways.replaces == "never":
            return (ReplaceRefused(name, "NOT_SUPPORTED"),)
        found, known = await orders.look_up(name), orders.known(name)
        if isinstance(found, Meaning) or known is None or not found.get("id"):
            return (ReplaceRefused(name, "UNKNOWN_ORDER"),)  # nothing was asked for
        market, id = orders.markets[known.symbol], found["id"]
        price = None if request.price is None else sent(request.price, market.tick)
        amount, params = sent(request.amount, market.lot), _stop(request.stop_price, market)
        edit = partial(self.exchange.edit_order, id, market.symbol, found.get("type"), found.get("side"))
        answer = await orders.ask(partial(edit, amount, price, params))
        if isinstance(answer, Meaning) and answer.means != "unknown":
            return (ReplaceRefused(name, answer.reason),)
        if isinstance(answer, Meaning) or not answer or answer.get("id") != id:
            return (OutcomeUnknown(name, "replace"),)
        orders.learn(name, replace(known, asked=request.amount))
        return (Replaced(name, request.amount),)

    async def _fetch(self, name: str) -> Answers:
        found, known = await self._orders.look_up(name), self._orders.known(name)
        if isinstance(found, Meaning):
            if found.means == "unknown":
                return (OutcomeUnknown(name, "fetch"),)
            return (Status(name, "not_found" if found.means == "not_found" else "failed"),)
        if known is None:
            return (Status(name, "empty"),)
        try:
            order, fills, is_whole = await self._orders.read(name, self._orders.markets[known.symbol], found)
        except Unreadable:
            return (Status(name, "empty"),)
        if order.id is None or order.status is None:
            return (Status(name, "empty"),)
        if order.is_over and not is_whole:  # a venue shows an order's end before its last trades
            return (*fills, Status(name, "stale"))
        return (Status(name, "found", order.status, fills, order.amount),)


def _stop(price: int | None, market: CcxtMarket) -> dict[str, Any]:
    return {} if price is None else {"triggerPrice": sent(price, market.tick)}


def _not_canceled(name: str, answer: Meaning) -> Answers:
    if answer.means == "unknown":
        return (OutcomeUnknown(name, "cancel"),)
    return (CancelRefused(name, answer.reason),)
