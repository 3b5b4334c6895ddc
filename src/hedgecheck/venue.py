"""The one simulated exchange, pure: ``step(venue, Request or Decision) -> (venue, reports)``.

It draws nothing and knows no fault: what a real matching engine would leave to chance is a ``Decision``
that the explorer hands in. Accounts: ``margin`` nets a signed position per symbol and honours reduce-only
on arrival and again on every fill; ``spot`` holds inventory, has no shorts and ignores reduce-only.
"""

from typing import Literal

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    FetchOrder,
    Filled,
    OrderStatus,
    Price,
    Rejected,
    Report,
    Request,
    Status,
)
from hedgecheck.values import frozen, replace

Phase = Literal["open", "filled", "canceled", "expired"]
Uniqueness = Literal["open_orders", "session", "forever"]


@frozen
class Market:
    """Steps and minima of a symbol: ``tick`` in ticks, ``lot`` and ``minimum`` in lots."""

    symbol: str
    tick: int = 1
    lot: int = 1
    minimum: int = 1
    minimum_notional: int = 0
    tick_lot_value: int = 1


@frozen
class House:
    """The venue's standing rules; ``fee_bps`` of notional or, as a fee in base, of the amount."""

    markets: tuple[Market, ...]
    account: Literal["margin", "spot"] = "margin"
    client_id_unique: Uniqueness = "open_orders"
    fee_bps: int = 0


@frozen
class VenueOrder:
    """An order as the venue keeps it; ``session`` is the session it was made in."""

    request: CreateOrder
    phase: Phase = "open"
    fills: tuple[Filled, ...] = ()
    session: int = 0


@frozen
class Venue:
    """Orders sorted by client order id, then by age; positions and prices sorted by symbol."""

    house: House
    cash: int
    prices: tuple[tuple[str, int], ...]
    positions: tuple[tuple[str, int], ...] = ()
    orders: tuple[VenueOrder, ...] = ()
    session: int = 0


# ---- decisions: chosen by an explorer -------------------------------------------------------------


@frozen
class FillOrder:
    """Trades ``amount`` lots of an open order now; what a market or IOC order has left then expires."""

    client_order_id: str
    amount: int
    fee_in_base: bool = False


@frozen
class MovePrice:
    """A new market price, in ticks."""

    symbol: str
    price: int


@frozen
class NewSession:
    """The next trading session: session-wide client order ids may be used again."""


Decision = FillOrder | MovePrice | NewSession
Step = tuple[Venue, tuple[Report, ...]]


def step(venue: Venue, event: Request | Decision) -> Step:
    """The venue after one request or decision, and what it says about it, in order."""
    match event:
        case FillOrder():
            return _fill(venue, event)
        case MovePrice():
            return _move_price(venue, event)
        case CreateOrder():
            return _create(venue, event)
        case CancelOrder():
            return _cancel(venue, event.client_order_id)
        case FetchOrder():
            return venue, (status_of(venue, event.client_order_id),)
        case NewSession():
            return replace(venue, session=venue.session + 1), ()


# ---- what can be asked of it -----------------------------------------------------------------------


def market_of(venue: Venue, symbol: str) -> Market | None:
    """The market of that symbol, or None."""
    for each in venue.house.markets:
        if each.symbol == symbol:
            return each
    return None


def price_of(venue: Venue, symbol: str) -> int:
    """The market price of a listed symbol, in ticks."""
    for name, price in venue.prices:
        if name == symbol:
            return price
    raise AssertionError("Invariant: every listed symbol has a price")


def position_of(venue: Venue, symbol: str) -> int:
    """Signed lots held."""
    for name, lots in venue.positions:
        if name == symbol:
            return lots
    return 0


def find(venue: Venue, client_order_id: str) -> VenueOrder | None:
    """The newest order of that client order id, or None."""
    found = None
    for order in venue.orders:
        if order.request.client_order_id == client_order_id:
            found = order
    return found


def filled(order: VenueOrder) -> int:
    """Lots filled so far."""
    return sum([fill.amount for fill in order.fills])


def fillable(venue: Venue, order: VenueOrder) -> int:
    """Lots of an order that the market would trade at the present price."""
    request = order.request
    if order.phase != "open" or not _marketable(venue, request):
        return 0
    if venue.house.account == "spot":
        return _payable(venue, order)
    return min(request.amount - filled(order), _reducible(venue, request))


def status_of(venue: Venue, client_order_id: str) -> Status:
    """The true answer to a query."""
    order = find(venue, client_order_id)
    if order is None:
        return Status(client_order_id, "not_found")
    shown: dict[Phase, OrderStatus] = {"filled": "closed", "expired": "closed", "canceled": "canceled"}
    return Status(client_order_id, "found", shown.get(order.phase, "open"), order.fills)


# ---- requests --------------------------------------------------------------------------------------


def _create(venue: Venue, request: CreateOrder) -> Step:
    reason = _rejection(venue, request)
    if reason is not None:
        return venue, (Rejected(request.client_order_id, reason),)
    placed = (*venue.orders, VenueOrder(request, session=venue.session))
    orders = tuple(sorted(placed, key=lambda order: order.request.client_order_id))  # stable: keeps age
    venue, lapsed = _lapse(replace(venue, orders=orders))
    return venue, (Accepted(request.client_order_id), *lapsed)


def _rejection(venue: Venue, request: CreateOrder) -> str | None:
    market = market_of(venue, request.symbol)
    if market is None:
        return "UNKNOWN_SYMBOL"
    if _id_taken(venue, request.client_order_id):
        return "DUPLICATE_CLIENT_ORDER_ID"
    if request.amount <= 0 or (request.price is not None and request.price <= 0):
        return "NOT_POSITIVE"
    if request.amount % market.lot or (request.price is not None and request.price % market.tick):
        return "PRECISION"
    worth = request.amount * (request.price or price_of(venue, request.symbol)) * market.tick_lot_value
    margin_reduce = request.reduce_only and venue.house.account == "margin"
    if request.amount < market.minimum or (worth < market.minimum_notional and not margin_reduce):
        return "BELOW_MINIMUM"
    if margin_reduce and not _reducible(venue, request):
        return "REDUCE_ONLY"
    if venue.house.account == "spot" and not _affordable(venue, request, worth):
        return "INSUFFICIENT_BALANCE"
    return None


def _id_taken(venue: Venue, client_order_id: str) -> bool:
    mode = venue.house.client_id_unique
    return any(
        order.request.client_order_id == client_order_id
        and (
            mode == "forever"
            or (mode == "session" and order.session == venue.session)
            or order.phase == "open"
        )
        for order in venue.orders
    )


def _affordable(venue: Venue, request: CreateOrder, worth: int) -> bool:
    """Spot: what open orders have locked is not free."""
    open_orders = [order for order in venue.orders if order.phase == "open"]
    if request.side == "sell":
        locked = sum(
            order.request.amount - filled(order)
            for order in open_orders
            if order.request.symbol == request.symbol and order.request.side == "sell"
        )
        return request.amount <= position_of(venue, request.symbol) - locked
    locked = sum(_locked_cash(venue, order) for order in open_orders if order.request.side == "buy")
    return worth + -(-worth * venue.house.fee_bps // 10_000) <= venue.cash - locked


def _payable(venue: Venue, order: VenueOrder) -> int:
    """Spot: lots of the order that can be paid now. A buy may lack cash after a price move, or for fees
    rounded up fill by fill; what other open orders have locked is not its to spend."""
    request, market = order.request, market_of(venue, order.request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    left = request.amount - filled(order)
    if request.side == "sell":
        return left
    others = (each for each in venue.orders if each.phase == "open" and each is not order)
    cash = venue.cash - sum(_locked_cash(venue, each) for each in others if each.request.side == "buy")
    lot_price = price_of(venue, request.symbol) * market.tick_lot_value * (10_000 + venue.house.fee_bps)
    lots = max(0, cash) * 10_000 // lot_price
    return left if lots >= left else lots - lots % market.lot


def _locked_cash(venue: Venue, order: VenueOrder) -> int:
    market = market_of(venue, order.request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    price = order.request.price or price_of(venue, order.request.symbol)
    worth = (order.request.amount - filled(order)) * price * market.tick_lot_value
    return worth + -(-worth * venue.house.fee_bps // 10_000)


def _cancel(venue: Venue, client_order_id: str) -> Step:
    order = find(venue, client_order_id)
    if order is None:
        return venue, (CancelRefused(client_order_id, "UNKNOWN_ORDER"),)
    if order.phase != "open":
        return venue, (CancelRefused(client_order_id, "TOO_LATE"),)
    return _put(venue, order, replace(order, phase="canceled")), (Canceled(client_order_id, filled(order)),)


# ---- decisions -------------------------------------------------------------------------------------


def _fill(venue: Venue, decision: FillOrder) -> Step:
    order = find(venue, decision.client_order_id)
    if order is None or not 0 < decision.amount <= fillable(venue, order):
        return venue, ()
    fill = _execution(venue, order, decision)
    venue = _settle(venue, fill)
    total = filled(order) + fill.amount
    after = replace(order, fills=(*order.fills, fill))
    if total == order.request.amount:
        return _put(venue, order, replace(after, phase="filled")), (fill,)
    if order.request.price is None or order.request.immediate:
        expired = Expired(decision.client_order_id, total)
        return _put(venue, order, replace(after, phase="expired")), (fill, expired)
    return _put(venue, order, after), (fill,)


def _execution(venue: Venue, order: VenueOrder, decision: FillOrder) -> Filled:
    """Trades at the market price; a resting limit never does worse than its limit."""
    request = order.request
    price = price_of(venue, request.symbol)
    market = market_of(venue, request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    in_base = decision.fee_in_base and request.side == "buy"
    fee_lots = decision.amount * venue.house.fee_bps // 10_000 if in_base else 0
    worth = decision.amount * price * market.tick_lot_value
    return Filled(
        request.client_order_id,
        _trade_id(venue, order),
        request.symbol,
        request.side,
        decision.amount,
        price,
        0 if in_base else -(-worth * venue.house.fee_bps // 10_000),
        fee_lots,
    )


def _trade_id(venue: Venue, order: VenueOrder) -> str:
    """Unique for ever, and a function of data: the n-th fill of the k-th order of a client order id."""
    client_order_id = order.request.client_order_id
    age = sum(each.request.client_order_id == client_order_id for each in venue.orders)
    return f"{client_order_id}.{f'{age}~' if age > 1 else ''}{len(order.fills) + 1}"


def _settle(venue: Venue, fill: Filled) -> Venue:
    market = market_of(venue, fill.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    signed = fill.amount if fill.side == "buy" else -fill.amount
    held = dict(venue.positions)
    held[fill.symbol] = held.get(fill.symbol, 0) + signed - fill.fee_lots
    positions = tuple(sorted((symbol, lots) for symbol, lots in held.items() if lots))
    cash = venue.cash - signed * fill.price * market.tick_lot_value - fill.fee_money
    return replace(venue, cash=cash, positions=positions)


def _move_price(venue: Venue, decision: MovePrice) -> Step:
    if market_of(venue, decision.symbol) is None or decision.price <= 0:
        return venue, ()
    moved = (decision.symbol, decision.price)
    prices = tuple([moved if each[0] == decision.symbol else each for each in venue.prices])
    venue, lapsed = _lapse(replace(venue, prices=prices))
    return venue, (Price(decision.symbol, decision.price), *lapsed)


def _lapse(venue: Venue) -> Step:
    """An immediate order that finds no price to trade at is gone at once: it never rests."""
    gone = [
        order
        for order in venue.orders
        if order.request.immediate and order.phase == "open" and not _marketable(venue, order.request)
    ]
    if not gone:
        return venue, ()
    for order in gone:
        venue = _put(venue, order, replace(order, phase="expired"))
    return venue, tuple(Expired(order.request.client_order_id, filled(order)) for order in gone)


# ---- small parts -----------------------------------------------------------------------------------


def _marketable(venue: Venue, request: CreateOrder) -> bool:
    if request.price is None:
        return True
    price = price_of(venue, request.symbol)
    return price <= request.price if request.side == "buy" else price >= request.price


def _reducible(venue: Venue, request: CreateOrder) -> int:
    """Lots by which the order may trade: all of it, unless reduce-only holds it to the position."""
    if not request.reduce_only or venue.house.account == "spot":
        return request.amount
    held = position_of(venue, request.symbol)
    return max(0, held if request.side == "sell" else -held)


def _put(venue: Venue, before: VenueOrder, after: VenueOrder) -> Venue:
    return replace(venue, orders=tuple([after if order is before else order for order in venue.orders]))
