"""What a ccxt exchange says that an account holds, each part for itself: no answer is no part, and never
nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from hedgecheck.live.brokers.ccxt_errors import Meaning
from hedgecheck.live.brokers.ccxt_markets import Unreadable, down, number, steps
from hedgecheck.live.brokers.ccxt_orders import TRADES_MAX, Known, Orders, foreign
from hedgecheck.live.brokers.ccxt_reading import reading
from hedgecheck.live.ports import Account, OpenOrder
from hedgecheck.messages import Filled

MILLISECOND_NS = 1_000_000
Held = tuple[tuple[tuple[str, int], ...] | None, int | None]  # positions, cash


class NoAnswer(Exception):
    """A part of which nothing is known."""


async def account(orders: Orders) -> Account:
    """See ``Broker.account``."""
    open_orders, held, fills, time_ns = await asyncio.gather(
        *[_part(each, orders) for each in (_open_orders, _held, _fills, _time_ns)]
    )
    positions, cash = held or (None, None)
    return Account(open_orders, positions, cash, fills, time_ns)


async def _part(ask: Callable[[Orders], Awaitable[Any]], orders: Orders) -> Any:
    try:
        return await ask(orders)
    except (NoAnswer, Unreadable):
        return None


async def _asked(orders: Orders, call: Any) -> Any:
    answer = await orders.ask(call)
    if isinstance(answer, Meaning):
        raise NoAnswer(answer.reason)
    return answer


async def _open_orders(orders: Orders) -> tuple[OpenOrder, ...]:
    found = []
    for market in orders.markets.values():
        for raw in await _asked(orders, partial(orders.exchange.fetch_open_orders, market.symbol)):
            order, name = reading(market, raw), orders.named(raw) or foreign(raw.get("id"))
            if order.side is None or order.amount is None or order.filled is None:
                raise Unreadable("an open order without side, amount or what is filled")
            found.append(OpenOrder(name, market.symbol, order.side, order.amount, order.filled))
            if orders.known(name) is None:
                orders.learn(name, Known(market.symbol, order.side, order.amount, order.id))
    return tuple(found)


# ---- positions and cash ----------------------------------------------------------------------------------


async def _held(orders: Orders) -> Held:
    """Signed lots, and cash; what is held of a base currency is rounded down to a lot. A balance without the
    quote currency is no answer."""
    markets = orders.markets.values()
    balance = await _asked(orders, orders.exchange.fetch_balance)
    totals = balance.get("total") or {}
    quote = next((each for each in markets), None)
    if quote is None or totals.get(quote.quote) is None:
        raise NoAnswer("a balance without the quote currency")
    cash = down(number(totals[quote.quote]), quote.money)
    spot = [each for each in markets if not each.is_contract]
    held = [(each.symbol, down(number(totals.get(each.base) or 0), each.lot)) for each in spot]
    if len(held) < len(markets):
        contracts = await _part(_contracts, orders)
        if contracts is None:
            return None, cash
        held += contracts
    return tuple(sorted(each for each in held if each[1])), cash


async def _contracts(orders: Orders) -> list[tuple[str, int]]:
    symbols = [each.symbol for each in orders.markets.values() if each.is_contract]
    lots = dict.fromkeys(symbols, 0)
    for raw in await _asked(orders, partial(orders.exchange.fetch_positions, symbols)):
        market = orders.markets.get(raw.get("symbol") or "")
        if market is None or not market.is_contract:
            continue
        count = steps(raw.get("contracts"), market.lot)
        if count and raw.get("side") not in ("long", "short"):
            raise Unreadable("a position without a side")
        lots[market.symbol] += count if raw.get("side") == "long" else -count
    return list(lots.items())


# ---- fills and time --------------------------------------------------------------------------------------


async def _fills(orders: Orders) -> tuple[Filled, ...]:
    """The latest trades of the account, oldest first. A venue without trade ids has none to show."""
    if orders.ways.fills != "trades":
        raise NoAnswer("a venue without trade ids")
    found: list[tuple[int, Filled]] = []
    for market in orders.markets.values():
        fetch = orders.exchange.fetch_my_trades
        for raw in await _asked(orders, partial(fetch, market.symbol, None, TRADES_MAX)):
            name = await orders.name_of(market.symbol, str(raw.get("order")))
            if isinstance(name, Meaning):
                raise NoAnswer(name.reason)
            found += [(raw.get("timestamp") or 0, each) for each in orders.fills(market, name, (raw,))]
    return tuple([fill for _, fill in sorted(found, key=lambda each: each[0])])


async def _time_ns(orders: Orders) -> int:
    if not orders.exchange.has.get("fetchTime"):
        raise NoAnswer("a venue without a clock")
    return int(await _asked(orders, orders.exchange.fetch_time)) * MILLISECOND_NS
