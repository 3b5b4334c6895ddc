"""What a desk answers: the venue's state as ccxt's structures.

Each takes the venue to answer from, which may be an earlier one: a stale answer is a true one of its time.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from hedgecheck.fronts.ccxt import accounts
from hedgecheck.fronts.ccxt.calls import Fetch, Watch
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import MONEY, Listing, amount_of, market_structure, price_of
from hedgecheck.fronts.ccxt.structures import fee, order_structure, trade_structure
from hedgecheck.fronts.desk import FEE_BPS, Desk, Placed
from hedgecheck.messages import Filled, Side
from hedgecheck.venue import LEVELS, Venue, VenueOrder, book_of, filled, market_of, offers, position_of
from hedgecheck.venue import price_of as venue_price

Structure = dict[str, Any]
STATUS = {"open": "open", "filled": "closed", "canceled": "canceled"}


def order(desk: Desk, placed: Placed, venue: Venue | None = None) -> Structure:
    """An order with its fills."""
    held, new = desk.held(placed, venue), placed.new
    listing = desk.listings[new.symbol]
    trades = [trade(desk, placed, index, fill) for index, fill in enumerate(held.fills)]
    ended = held.phase != "open" or bool(trades)
    return order_structure(
        id=placed.id,
        client_order_id=new.client_order_id or f"x-{placed.id}",
        timestamp_ms=placed.placed_ms,
        symbol=new.symbol,
        type=new.type,
        side=new.side,
        amount=amount_of(listing, new.amount),
        filled=amount_of(listing, filled(held)),
        status=status_of(held),
        price=None if new.price is None else price_of(listing, new.price),
        trigger_price=None if new.stop_price is None else price_of(listing, new.stop_price),
        time_in_force="IOC" if new.immediate else "GTC",
        post_only=new.post_only,
        reduce_only=new.reduce_only,
        last_trade_ms=placed.fills_ms[len(trades) - 1] if trades else None,
        last_update_ms=placed.changed_ms if ended else placed.placed_ms,
        fees=None if trades else [],
        trades=trades,
        info={"orderId": placed.id},
    )


def status_of(held: VenueOrder) -> str:
    """ccxt's word for it: what ended by itself with something filled is closed, with nothing expired."""
    return STATUS.get(held.phase) or ("closed" if held.fills else "expired")


def trade(desk: Desk, placed: Placed, index: int, fill: Filled) -> Structure:
    """One fill of an order."""
    listing = desk.listings[fill.symbol]
    if fill.fee_lots:
        charged = fee(currency=listing.base, cost=amount_of(listing, fill.fee_lots))
    else:
        charged = fee(currency=listing.quote, cost=Decimal(fill.fee_money) * MONEY)
    return trade_structure(
        id=f"{placed.id}{index + 1:02d}",
        order_id=placed.id,
        timestamp_ms=placed.fills_ms[index],
        symbol=fill.symbol,
        side=fill.side,
        price=price_of(listing, fill.price),
        amount=amount_of(listing, fill.amount),
        type=placed.new.type,
        taker_or_maker="taker" if placed.new.type == "market" else "maker",
        fee=charged,
    )


def orders(desk: Desk, call: Fetch, venue: Venue | None = None) -> list[Structure]:
    """Open, closed, canceled or all orders."""
    chosen = []
    for placed in desk.of(call.symbol):
        if call.symbols is not None and placed.new.symbol not in call.symbols:
            continue
        status = status_of(desk.held(placed, venue))
        if _wanted(call.what, status) and (call.since is None or placed.placed_ms >= call.since):
            chosen.append(order(desk, placed, venue))
    return _limited(chosen, call.limit)


def _wanted(what: str, status: str) -> bool:
    shown = {"open_orders": ("open",), "closed_orders": ("closed",), "canceled_orders": ("canceled",)}
    return what not in shown or status in shown[what]


def trades(desk: Desk, call: Fetch, venue: Venue | None = None) -> list[Structure]:
    """The client's own fills, oldest first; of one order where ``call`` names one."""
    found: list[tuple[int, Structure]] = []
    for placed in desk.of(call.symbol):
        if call.id is not None and placed.id != call.id:
            continue
        held: VenueOrder = desk.held(placed, venue)
        for index, fill in enumerate(held.fills):
            at = placed.fills_ms[index]
            if call.since is None or at >= call.since:
                found.append((at, trade(desk, placed, index, fill)))
    found.sort(key=lambda each: each[0])
    return _limited([each for _, each in found], call.limit)


def _limited(rows: list[Structure], limit: int | None) -> list[Structure]:
    return rows if limit is None else rows[-limit:]


# ---- the account -----------------------------------------------------------------------------------


def balance(desk: Desk, now_ms: int, venue: Venue | None = None) -> Structure:
    """Money and inventory. Of a margin account what is owed is a negative total."""
    venue = venue or desk.venue
    listings = list(desk.listings.values())
    free = {listings[0].quote: Decimal(venue.cash) * MONEY}
    used = {listings[0].quote: Decimal(0)}
    for listing in listings:
        lots = position_of(venue, listing.symbol)
        if lots and not listing.contract:
            free[listing.base] = free.get(listing.base, Decimal(0)) + amount_of(listing, lots)
    for placed in desk.open_orders(None) if desk.venue.house.account == "spot" else ():
        listing, left = desk.listings[placed.new.symbol], desk.left(placed)
        name, locked = listing.base, amount_of(listing, left)
        if placed.new.side == "buy":
            at = placed.new.price or placed.new.stop_price or 1
            name, locked = listing.quote, locked * price_of(listing, at)
        free[name] -= locked
        used[name] = used.get(name, Decimal(0)) + locked
    return accounts.balance_structure(free=free, used=used, timestamp_ms=now_ms)


def positions(
    desk: Desk, symbols: tuple[str, ...] | None, now_ms: int, venue: Venue | None = None
) -> list[Structure]:
    """Every position that is not flat."""
    venue = venue or desk.venue
    rows = []
    for symbol, lots in venue.positions:
        if symbols is not None and symbol not in symbols:
            continue
        listing = desk.listings[symbol]
        mark = price_of(listing, venue_price(venue, symbol))
        rows.append(
            accounts.position_structure(
                symbol=symbol,
                timestamp_ms=now_ms,
                side="long" if lots > 0 else "short",
                contracts=amount_of(listing, abs(lots)),
                entry_price=mark,
                mark_price=mark,
            )
        )
    return rows


def flat_position(desk: Desk, symbol: str, now_ms: int) -> Structure:
    """The position of a market in which nothing is held."""
    mark = price_of(desk.listing(symbol), venue_price(desk.venue, symbol))
    return accounts.position_structure(
        symbol=symbol,
        timestamp_ms=now_ms,
        side=None,
        contracts=Decimal(0),
        entry_price=None,
        mark_price=mark,
    )


# ---- the market ------------------------------------------------------------------------------------


def ticker(desk: Desk, symbol: str, now_ms: int) -> Structure:
    """The last price, and the best of the order book around it; no best price of a side that is empty."""
    listing, ticks = desk.listing(symbol), venue_price(desk.venue, symbol)
    bid, bid_volume = next(levels(desk, symbol, "sell"), (None, None))
    ask, ask_volume = next(levels(desk, symbol, "buy"), (None, None))
    return accounts.ticker_structure(
        symbol=symbol,
        timestamp_ms=now_ms,
        last=price_of(listing, ticks),
        bid=bid,
        ask=ask,
        bid_volume=bid_volume,
        ask_volume=ask_volume,
    )


def levels(desk: Desk, symbol: str, side: Side) -> Iterator[tuple[Decimal, Decimal]]:
    """Prices and amounts that a taker of that side meets, the best first; where the venue has no book for the
    symbol, a few levels a tick apart around the last price."""
    listing, ticks = desk.listing(symbol), venue_price(desk.venue, symbol)
    book, market = book_of(desk.venue, symbol), market_of(desk.venue, symbol)
    assert market is not None, "Invariant: what a desk lists its venue has"
    if book is None:
        for step in range(1, LEVELS + 1):
            yield price_of(listing, max(1, ticks + (step if side == "buy" else -step))), Decimal(100)
        return
    for at, lots in offers(book, side, ticks, market.tick):
        yield price_of(listing, at), amount_of(listing, lots)


def order_book(desk: Desk, symbol: str, now_ms: int, limit: int | None) -> Structure:
    """A few levels on each side of the last price."""
    most = limit or LEVELS
    return accounts.order_book_structure(
        symbol=symbol,
        bids=islice(levels(desk, symbol, "sell"), most),
        asks=islice(levels(desk, symbol, "buy"), most),
        timestamp_ms=now_ms,
    )


def candles(desk: Desk, call: Fetch | Watch, now_ms: int) -> list[list[int | float]]:
    """Candles of the last price, as many as asked for (100)."""
    listing = desk.listing(call.symbol or "")
    price = price_of(listing, venue_price(desk.venue, listing.symbol))
    span = 60_000 * {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1_440}.get(
        call.timeframe or "1m", 1
    )
    count = call.limit or 100
    first = now_ms // span - count + 1
    return [
        accounts.ohlcv_row(
            timestamp_ms=(first + step) * span,
            open=price,
            high=price,
            low=price,
            close=price,
            volume=Decimal(10),
        )
        for step in range(count)
    ]


def other(desk: Desk, call: Fetch, now_ms: int) -> Any:
    """Everything else that can be asked of an exchange."""
    match call.what:
        case "markets":
            return [market_structure(each) for each in desk.listings.values()]
        case "time":
            return now_ms
        case "status":
            return accounts.status_structure()
        case "currencies":
            return {}
        case "trading_fees":
            rate = Decimal(FEE_BPS) / 10_000
            return {
                each: accounts.trading_fee_structure(symbol=each, maker=rate, taker=rate)
                for each in desk.listings
            }
        case "funding_rate":
            listing: Listing = desk.listing(call.symbol or "")
            mark = price_of(listing, venue_price(desk.venue, listing.symbol))
            return accounts.funding_rate_structure(
                symbol=listing.symbol, timestamp_ms=now_ms, rate=Decimal("0.0001"), mark_price=mark
            )
    raise error_class("NotSupported")(
        f"{desk.name} fetch_{call.what}() is not supported by the simulated exchange"
    )


def answer(desk: Desk, call: Fetch, now_ms: int, venue: Venue | None = None) -> Any:
    """The answer to a query. Raises ccxt's exceptions."""
    match call.what:
        case "order":
            placed = desk.find(call.id, call.client_order_id)
            if placed is None:
                raise error_class("OrderNotFound")(f"{desk.name} Order does not exist.")
            return order(desk, placed, venue)
        case "orders" | "open_orders" | "closed_orders" | "canceled_orders":
            return orders(desk, call, venue)
        case "my_trades" | "order_trades":
            return trades(desk, call, venue)
        case "balance":
            return balance(desk, now_ms, venue)
        case "positions":
            return positions(desk, call.symbols, now_ms, venue)
        case "position":
            held = positions(desk, (call.symbol or "",), now_ms, venue)
            return held[0] if held else flat_position(desk, call.symbol or "", now_ms)
        case "ticker":
            return ticker(desk, call.symbol or "", now_ms)
        case "tickers":
            return {each: ticker(desk, each, now_ms) for each in call.symbols or tuple(desk.listings)}
        case "order_book":
            return order_book(desk, call.symbol or "", now_ms, call.limit)
        case "ohlcv":
            return candles(desk, call, now_ms)
        case "trades":
            return []
    return other(desk, call, now_ms)
