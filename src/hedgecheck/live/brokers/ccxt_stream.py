"""What happens at a ccxt exchange, as it comes: watched where there is a stream of it, else asked for.

Each source is a task of its own, and the first that breaks ends all. A report that nobody can book by is told
as an empty answer about its order, which the core takes for an anomaly.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from hedgecheck.errors import BrokerLost
from hedgecheck.live.brokers.ccxt_errors import Meaning
from hedgecheck.live.brokers.ccxt_markets import CcxtMarket, Unreadable, steps
from hedgecheck.live.brokers.ccxt_orders import Orders, is_own
from hedgecheck.live.brokers.ccxt_reading import end_of
from hedgecheck.messages import Accepted, BadPrice, Price, Report, Status

Reports = tuple[Report, ...]
Source = Callable[[], AsyncIterator[Reports]]
STREAMS = {"orders": "watchOrders", "my_trades": "watchMyTrades", "tickers": "watchTickers"}


async def listened(orders: Orders) -> AsyncIterator[Report]:
    """Reports, as they come, each fill once. Raises ``BrokerLost``."""
    inbox: asyncio.Queue[Reports | Exception] = asyncio.Queue()
    tasks = [asyncio.ensure_future(_tell(each, inbox)) for each in _sources(orders)]
    try:
        while True:
            heard = await inbox.get()
            if isinstance(heard, Exception):
                raise BrokerLost(f"{orders.exchange.id}: {type(heard).__name__}: {heard}") from heard
            for report in orders.news(heard):
                yield report
    finally:
        for task in tasks:
            task.cancel()


async def _tell(source: Source, inbox: "asyncio.Queue[Reports | Exception]") -> None:
    try:
        async for reports in source():
            inbox.put_nowait(reports)
    except Exception as error:  # whatever a client raises of a stream, the stream is over
        inbox.put_nowait(error)


def _sources(orders: Orders) -> list[Source]:
    has, ways = orders.exchange.has, orders.ways
    watched = [each for each in ways.streams if has.get(STREAMS[each])]
    sources: list[Source] = [partial(_orders if "orders" in watched else _polled_orders, orders)]
    if "my_trades" in watched and ways.fills == "trades":
        sources.append(partial(_trades, orders))
    sources.append(partial(_tickers if "tickers" in watched else _polled_tickers, orders))
    return sources


async def _asked(orders: Orders, call: Callable[[], Awaitable[Any]]) -> Any:
    """The answer to a call. Raises ``BrokerLost`` where none comes."""
    answer = await orders.ask(call)
    if isinstance(answer, Meaning):
        raise BrokerLost(f"{orders.exchange.id} does not answer: {answer.reason}")
    return answer


# ---- orders ----------------------------------------------------------------------------------------------


async def _orders(orders: Orders) -> AsyncIterator[Reports]:
    while True:
        for raw in await orders.exchange.watch_orders():
            name, market = orders.named(raw), orders.markets.get(raw.get("symbol") or "")
            if name is not None and market is not None and is_own(name):
                yield await _of_order(orders, name, market, raw)


async def _polled_orders(orders: Orders) -> AsyncIterator[Reports]:
    """Asks for each order that works, in turn."""
    while True:
        await asyncio.sleep(orders.ways.poll_seconds)
        for name in orders.working():
            raw, known = await orders.look_up(name), orders.known(name)
            if isinstance(raw, Meaning) and raw.means == "unknown":
                raise BrokerLost(f"{orders.exchange.id} does not answer: {raw.reason}")
            if known is not None and not isinstance(raw, Meaning):
                yield await _of_order(orders, name, orders.markets[known.symbol], raw)


async def _of_order(orders: Orders, name: str, market: CcxtMarket, raw: Any) -> Reports:
    """What the state of an order tells."""
    try:
        order, fills, is_whole = await orders.read(name, market, raw)
    except Unreadable:
        return (Status(name, "empty"),)
    if order.id is None or order.status is None or (order.is_over and order.filled is None):
        return (*fills, Status(name, "empty"))
    if not order.is_over:
        return (Accepted(name), *fills)
    known = orders.known(name)
    end = end_of(name, order, None if known is None else known.asked)
    if end is not None:
        return (*fills, end)
    return fills if is_whole else (*fills, Status(name, "stale"))


async def _trades(orders: Orders) -> AsyncIterator[Reports]:
    while True:
        for raw in await orders.exchange.watch_my_trades():
            market = orders.markets.get(raw.get("symbol") or "")
            if market is None:
                continue
            name = await orders.name_of(market.symbol, str(raw.get("order")))
            if isinstance(name, Meaning):
                text = f"{orders.exchange.id} does not say whose trade {raw.get('id')} is: {name.reason}"
                raise BrokerLost(text)
            if is_own(name):
                yield _of_trade(orders, name, market, raw)


def _of_trade(orders: Orders, name: str, market: CcxtMarket, raw: Any) -> Reports:
    try:
        return orders.fills(market, name, (raw,))
    except Unreadable:
        return (Status(name, "empty"),)


# ---- prices ----------------------------------------------------------------------------------------------


async def _tickers(orders: Orders) -> AsyncIterator[Reports]:
    while True:
        yield _prices(orders, await orders.exchange.watch_tickers(list(orders.markets)))


async def _polled_tickers(orders: Orders) -> AsyncIterator[Reports]:
    while True:
        yield _prices(orders, await _asked(orders, partial(_every_ticker, orders)))
        await asyncio.sleep(orders.ways.poll_seconds)


async def _every_ticker(orders: Orders) -> Any:
    exchange, symbols = orders.exchange, list(orders.markets)
    if exchange.has.get("fetchTickers"):
        return await exchange.fetch_tickers(symbols)
    return {each: await exchange.fetch_ticker(each) for each in symbols}


def _prices(orders: Orders, tickers: Any) -> Reports:
    return tuple([_price(orders.markets[each], tickers[each]) for each in orders.markets if each in tickers])


def _price(market: CcxtMarket, ticker: Any) -> Price | BadPrice:
    """The last price; one that is none, or no tick, is one that nobody can trade by."""
    last = ticker.get("last")
    try:
        ticks = steps(last, market.tick)
    except Unreadable:
        ticks = 0
    return Price(market.symbol, ticks) if ticks else BadPrice(market.symbol, str(last).lower())
