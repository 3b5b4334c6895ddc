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
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Report,
    Request,
)
from hedgecheck.values import replace
from hedgecheck.venue.books import Book, less, shown
from hedgecheck.venue.calendar import Step, triggered, turned
from hedgecheck.venue.model import (
    ArchiveOrders,
    Calendar,
    CancelAcross,
    ChangePhase,
    Decision,
    ExpireOrder,
    FillOrder,
    HaltTrading,
    Market,
    MoveCash,
    MovePrice,
    NewSession,
    Phase,
    RefuseOrder,
    ReplaceAcross,
    ReshapeBook,
    ResumeTrading,
    Venue,
    VenueOrder,
    book_of,
    closure_of,
    fillable,
    filled,
    find,
    has_passed,
    locked_cash,
    market_of,
    marketable,
    offered,
    orders_of,
    position_of,
    price_of,
    reducible,
    status_of,
    waits,
    withdrawable,
)

__all__ = ["Step", "step"]


def step(venue: Venue, event: Request | Decision) -> Step:
    """The venue after one request or decision, and what it says about it, in order."""
    match event:
        case FillOrder():
            return _fill(venue, event)
        case MovePrice() | ReshapeBook():
            return _move_price(venue, event) if isinstance(event, MovePrice) else _reshape(venue, event.book)
        case CreateOrder():
            return _create(venue, event)
        case CancelOrder():
            return _cancel(venue, event.client_order_id)
        case FetchOrder():
            return venue, (status_of(venue, event.client_order_id),)
        case CancelAcross():
            return _cancel_across(venue, event)
        case ReplaceOrder():
            return _replace(venue, event)
        case ReplaceAcross():
            return _replace_across(venue, event)
        case RefuseOrder():
            return venue, (Rejected(event.client_order_id, event.reason),)
        case ExpireOrder():
            return _expire(venue, event.client_order_id)
        case MoveCash():
            return _move_cash(venue, event.amount), ()
        case NewSession() | ChangePhase() | HaltTrading() | ResumeTrading() | ArchiveOrders():
            return _turn(venue, event)


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
    closure = closure_of(venue, request.symbol)
    if closure:
        return closure
    if _id_taken(venue, request.client_order_id):
        return "DUPLICATE_CLIENT_ORDER_ID"
    reason = _off_grid(market, request.amount, request.price, request.stop_price)
    if reason is not None:
        return reason
    if _is_too_small(venue, request):
        return "BELOW_MINIMUM"
    if request.reduce_only and venue.house.account == "margin" and not reducible(venue, request):
        return "REDUCE_ONLY"
    if has_passed(venue, request):
        return "WOULD_TRIGGER"
    if venue.house.account == "spot" and not _affordable(venue, request):
        return "INSUFFICIENT_BALANCE"
    return None


def _off_grid(market: Market, amount: int, price: int | None, stop_price: int | None) -> str | None:
    prices = [each for each in (price, stop_price) if each is not None]
    if min([amount, *prices]) <= 0:
        return "NOT_POSITIVE"
    if amount % market.lot or any(each % market.tick for each in prices):
        return "PRECISION"
    return None


def _is_too_small(venue: Venue, request: CreateOrder) -> bool:
    """Whether it is below the market's minima; of its worth none is asked of what only reduces."""
    market = _market(venue, request)
    only_reduces = request.reduce_only and venue.house.account == "margin"
    too_cheap = _worth(venue, request) < market.minimum_notional and not only_reduces
    return request.amount < market.minimum or too_cheap


def _market(venue: Venue, request: CreateOrder) -> Market:
    market = market_of(venue, request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    return market


def _worth(venue: Venue, request: CreateOrder) -> int:
    """What the order trades for: at its limit, at its stop without one, else at the market."""
    price = request.price or request.stop_price or price_of(venue, request.symbol)
    return request.amount * price * _market(venue, request).tick_lot_value


def _id_taken(venue: Venue, client_order_id: str) -> bool:
    mode = venue.house.client_id_unique
    return any(
        mode == "forever" or (mode == "session" and order.session == venue.session) or order.phase == "open"
        for order in orders_of(venue, client_order_id)
    )


def _affordable(venue: Venue, request: CreateOrder, own: VenueOrder | None = None) -> bool:
    """Spot: what open orders have locked is not free, but for what the order itself has where it changes."""
    open_orders = [order for order in venue.orders if order.phase == "open" and order is not own]
    if request.side == "sell":
        locked = sum(
            order.request.amount - filled(order)
            for order in open_orders
            if order.request.symbol == request.symbol and order.request.side == "sell"
        )
        return request.amount <= position_of(venue, request.symbol) - locked
    locked = sum(locked_cash(venue, order) for order in open_orders if order.request.side == "buy")
    worth = _worth(venue, request)
    return worth + -(-worth * venue.house.fee_bps // 10_000) <= venue.cash - locked


def _cancel(venue: Venue, client_order_id: str) -> Step:
    order = find(venue, client_order_id)
    if order is None:
        return venue, (CancelRefused(client_order_id, "UNKNOWN_ORDER"),)
    if order.phase != "open":
        return venue, (CancelRefused(client_order_id, "TOO_LATE"),)
    return _put(venue, order, replace(order, phase="canceled")), (Canceled(client_order_id, filled(order)),)


def _replace(venue: Venue, request: ReplaceOrder) -> Step:
    """The order for another amount or at other prices, its fills kept. Down to what is filled, or below, it
    is amended to that and over (FIX 5.0 SP2 appendix D)."""
    order = find(venue, request.client_order_id)
    if order is None:
        return venue, (ReplaceRefused(request.client_order_id, "UNKNOWN_ORDER"),)
    done = filled(order)
    amended = replace(
        order.request,
        amount=max(request.amount, done),
        price=order.request.price if request.price is None else request.price,
        stop_price=order.request.stop_price if request.stop_price is None else request.stop_price,
    )
    reason = _replace_refusal(venue, order, request, amended)
    if reason is not None:
        return venue, (ReplaceRefused(request.client_order_id, reason),)
    phase: Phase = "filled" if amended.amount == done else "open"
    venue, lapsed = _lapse(_put(venue, order, replace(order, request=amended, phase=phase)))
    return venue, (Replaced(request.client_order_id, amended.amount), *lapsed)


def _replace_refusal(
    venue: Venue, order: VenueOrder, request: ReplaceOrder, amended: CreateOrder
) -> str | None:
    is_other_stop = amended.stop_price != order.request.stop_price
    if order.phase != "open" or (is_other_stop and order.triggered):
        return "TOO_LATE"
    if (amended.price is None, amended.stop_price is None) != (
        order.request.price is None,
        order.request.stop_price is None,
    ):
        return "ORDER_TYPE"
    closure = closure_of(venue, amended.symbol)
    if closure:
        return closure
    reason = _off_grid(_market(venue, amended), request.amount, request.price, request.stop_price)
    if reason is not None or amended.amount == filled(order):
        return reason
    if _is_too_small(venue, amended):
        return "BELOW_MINIMUM"
    if waits(order) and has_passed(venue, amended):
        return "WOULD_TRIGGER"
    left = replace(amended, amount=amended.amount - filled(order))
    if venue.house.account == "spot" and not _affordable(venue, left, order):
        return "INSUFFICIENT_BALANCE"
    return None


# ---- decisions -------------------------------------------------------------------------------------


def _fill(venue: Venue, decision: FillOrder) -> Step:
    order = find(venue, decision.client_order_id)
    if order is None or not 0 < decision.amount <= fillable(venue, order, decision.price):
        return venue, ()
    fills = _executions(venue, order, decision)
    for fill in fills:
        venue = _settle(venue, fill)
    total = filled(order) + decision.amount
    after, reports = replace(order, fills=(*order.fills, *fills)), tuple[Report, ...](fills)
    if total == order.request.amount:
        after = replace(after, phase="filled")
    elif order.request.price is None or order.request.immediate:
        after, reports = replace(after, phase="expired"), (*fills, Expired(decision.client_order_id, total))
    venue = _put(venue, order, after)
    book = book_of(venue, order.request.symbol) if decision.price is None else None
    if book is None:
        return venue, reports
    venue, left = _reshape(venue, less(book, order.request.side, decision.amount))
    return venue, (*reports, *left)


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
    ended = Expired(decision.client_order_id, filled(after))
    crossed = [each for each in reports if each != ended]
    return venue, (Canceled(decision.client_order_id, filled(before)), *crossed)


def _replace_across(venue: Venue, decision: ReplaceAcross) -> Step:
    """The answer to the replacement comes before the fill that it met."""
    order = decision.client_order_id
    venue, fills = _fill(venue, FillOrder(order, decision.fill))
    if not fills:
        return venue, ()
    request = ReplaceOrder(order, decision.amount, decision.price, decision.stop_price)
    venue, answer = _replace(venue, request)
    return venue, (*answer, *fills)


def _expire(venue: Venue, client_order_id: str) -> Step:
    order = find(venue, client_order_id)
    if order is None or order.phase != "open":
        return venue, ()
    return _put(venue, order, replace(order, phase="expired")), (Expired(client_order_id, filled(order)),)


def _executions(venue: Venue, order: VenueOrder, decision: FillOrder) -> list[Filled]:
    """Trades at the decision's price or what the market gives, each price by itself; a resting limit never
    does worse than its limit."""
    found = offered(venue, order.request, decision.amount, decision.price)
    return [
        _execution(venue, order, decision.fee_in_base, number, *each)
        for number, each in enumerate(found, start=len(order.fills) + 1)
    ]


def _execution(
    venue: Venue, order: VenueOrder, fee_in_base: bool, number: int, price: int, lots: int
) -> Filled:
    """The ``number``-th fill of an order."""
    request = order.request
    in_base = fee_in_base and request.side == "buy"
    fee_lots = lots * venue.house.fee_bps // 10_000 if in_base else 0
    worth = lots * price * _market(venue, request).tick_lot_value
    return Filled(
        request.client_order_id,
        _trade_id(venue, order, number),
        request.symbol,
        request.side,
        lots,
        price,
        0 if in_base else -(-worth * venue.house.fee_bps // 10_000),
        fee_lots,
    )


def _trade_id(venue: Venue, order: VenueOrder, number: int) -> str:
    """Unique for ever, and a function of data: the n-th fill of the k-th order of a client order id."""
    client_order_id = order.request.client_order_id
    age = len(orders_of(venue, client_order_id))
    return f"{client_order_id}.{f'{age}~' if age > 1 else ''}{number}"


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
    venue, price = replace(venue, prices=prices), Price(decision.symbol, decision.price)
    if not venue.orders:
        return venue, (price,)
    venue, lapsed = _lapse(triggered(venue))
    return venue, (price, *lapsed)


def _reshape(venue: Venue, book: Book) -> Step:
    """The venue with that book. An immediate order that it has nothing for is gone."""
    market = market_of(venue, book.symbol)
    if market is None or min(book.spread, book.bid_depth, book.ask_depth) < 0:
        return venue, ()
    others = [each for each in venue.books if each.symbol != book.symbol]
    books = tuple(sorted([*others, book], key=lambda each: each.symbol))
    venue, lapsed = _lapse(replace(venue, books=books))
    return venue, (shown(book, market.tick), *lapsed)


def _move_cash(venue: Venue, amount: int) -> Venue:
    return venue if amount + withdrawable(venue) < 0 else replace(venue, cash=venue.cash + amount)


def _turn(venue: Venue, decision: Calendar) -> Step:
    venue, ended = turned(venue, decision)
    venue, lapsed = _lapse(venue)
    return venue, (*ended, *lapsed)


def _lapse(venue: Venue) -> Step:
    """An immediate order that finds no price to trade at is gone at once: it never rests."""
    gone = [order for order in venue.orders if order.request.immediate and _is_idle(venue, order)]
    if not gone:
        return venue, ()
    for order in gone:
        venue = _put(venue, order, replace(order, phase="expired"))
    return venue, tuple(Expired(order.request.client_order_id, filled(order)) for order in gone)


def _is_idle(venue: Venue, order: VenueOrder) -> bool:
    """Whether it is at work and the market would not trade it."""
    return order.phase == "open" and not waits(order) and not marketable(venue, order.request)


def _put(venue: Venue, before: VenueOrder, after: VenueOrder) -> Venue:
    return replace(venue, orders=tuple([after if order is before else order for order in venue.orders]))
