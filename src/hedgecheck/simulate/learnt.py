"""What a client learns of its orders from an answer, in the kit's words."""

from typing import Any

from hedgecheck.fronts.ccxt.calls import Call, CancelAll, Fetch
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Listed,
    OrderStatus,
    Record,
    Rejected,
    Status,
    Told,
)
from hedgecheck.simulate.market import Market
from hedgecheck.venue import filled

PHASES: dict[str, OrderStatus] = {
    "open": "open",
    "filled": "closed",
    "expired": "closed",
    "canceled": "canceled",
}
OF_ORDERS = ("open_orders", "orders", "closed_orders", "canceled_orders")
OF_FILLS = ("my_trades", "order_trades")
LISTS = {
    "open_orders": "open_orders",
    **dict.fromkeys(OF_ORDERS[1:], "orders"),
    **dict.fromkeys(OF_FILLS, "fills"),
    "balance": "balance",
    **dict.fromkeys(("positions", "position"), "positions"),
}


def learnt(
    market: Market, call: Call, key: str, request: CreateOrder | CancelOrder | None, answer: Any
) -> tuple[Record, ...]:
    """What ``answer`` to a call tells; ``key`` and ``request``: of the order that it sent or cancels."""
    desk = market.desk
    if isinstance(call, Fetch):
        return _shown(market, call, answer)
    if isinstance(call, CancelAll):
        found = [desk.find(each["id"], None) for each in answer]
        return tuple(record for each in found if each for record in _status(market, each.key))
    if isinstance(request, CreateOrder):
        if isinstance(answer, Exception):
            return (Told(Rejected(key, type(answer).__name__)),)
        return (Told(Accepted(key)), *_status(market, key))
    if isinstance(request, CancelOrder):
        order = request.client_order_id
        if isinstance(answer, Exception):
            return (Told(CancelRefused(order, "TOO_LATE")),)
        return (Told(Canceled(order, filled(desk.held(desk.orders[order])))),)
    return ()


def _status(market: Market, key: str) -> tuple[Record, ...]:
    held = market.desk.held(market.desk.orders[key])
    return (Told(Status(key, "found", PHASES[held.phase], held.fills)),)


def _shown(market: Market, call: Fetch, answer: Any) -> tuple[Record, ...]:
    desk = market.desk
    if call.what == "order":
        placed = desk.find(call.id, call.client_order_id)
        return _status(market, placed.key) if placed is not None else _not_found(market, call)
    if call.what not in LISTS or isinstance(answer, Exception):
        return ()
    keys: tuple[str, ...] = ()
    if call.what in (*OF_ORDERS, *OF_FILLS):
        shown = {each["id" if call.what in OF_ORDERS else "order"] for each in answer}
        keys = tuple(each.key for each in desk.of(call.symbol) if each.id in shown)
    return (Listed(LISTS[call.what], call.symbol, keys),)  # type: ignore[arg-type]


def _not_found(market: Market, call: Fetch) -> tuple[Record, ...]:
    """The venue does not have it: an order that was sent with that id is dead, or was never taken."""
    key = market.sent_ids.get(call.client_order_id or "")
    return (Told(Status(key, "not_found")),) if key is not None else ()
