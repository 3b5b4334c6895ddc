"""What a venue does with a request or a decision."""

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    FetchOrder,
    Filled,
    Price,
    Rejected,
    Report,
    Request,
)
from hedgecheck.values import replace
from hedgecheck.venue.model import (
    CancelAcross,
    Decision,
    ExpireOrder,
    FillOrder,
    MovePrice,
    NewSession,
    RefuseOrder,
    Venue,
    VenueOrder,
    fillable,
    filled,
    find,
    locked_cash,
    market_of,
    marketable,
    position_of,
    price_of,
    reducible,
    status_of,
)

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
        case CancelAcross():
            return _cancel_across(venue, event)
        case RefuseOrder():
            return venue, (Rejected(event.client_order_id, event.reason),)
        case ExpireOrder():
            return _expire(venue, event.client_order_id)
        case NewSession():
            return replace(venue, session=venue.session + 1), ()


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
    if margin_reduce and not reducible(venue, request):
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
    locked = sum(locked_cash(venue, order) for order in open_orders if order.request.side == "buy")
    return worth + -(-worth * venue.house.fee_bps // 10_000) <= venue.cash - locked


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


def _cancel_across(venue: Venue, decision: CancelAcross) -> Step:
    """The cancel's confirmation counts what was filled before; the fill that crossed it is reported after."""
    before = find(venue, decision.client_order_id)
    venue, reports = _fill(venue, FillOrder(decision.client_order_id, decision.amount))
    if not reports or before is None:
        return venue, ()
    after = find(venue, decision.client_order_id)
    assert after is not None, "Invariant: a filled order stays"
    if after.phase != "filled":
        venue = _put(venue, after, replace(after, phase="canceled"))
    return venue, (Canceled(decision.client_order_id, filled(before)), reports[0])


def _expire(venue: Venue, client_order_id: str) -> Step:
    order = find(venue, client_order_id)
    if order is None or order.phase != "open":
        return venue, ()
    return _put(venue, order, replace(order, phase="expired")), (Expired(client_order_id, filled(order)),)


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
        if order.request.immediate and order.phase == "open" and not marketable(venue, order.request)
    ]
    if not gone:
        return venue, ()
    for order in gone:
        venue = _put(venue, order, replace(order, phase="expired"))
    return venue, tuple(Expired(order.request.client_order_id, filled(order)) for order in gone)


def _put(venue: Venue, before: VenueOrder, after: VenueOrder) -> Venue:
    return replace(venue, orders=tuple([after if order is before else order for order in venue.orders]))
