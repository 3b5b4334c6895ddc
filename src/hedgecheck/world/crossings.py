"""Requests that meet a fill on their way: cancels (F08) and replacements (F09).

A cancel meets the fill of an order that trades anyway. Most replacements are of stops, far from the market:
there the market comes to the order, and the fill with it.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape, venue
from hedgecheck.faults import Fault
from hedgecheck.messages import Arrived, CancelOrder, ReplaceOrder
from hedgecheck.values import replace
from hedgecheck.venue import CancelAcross, MovePrice, ReplaceAcross, VenueOrder
from hedgecheck.world.model import Setting, Step, World, struck
from hedgecheck.world.ordinary import decide


def _cross_cancel(setting: Setting, world: World, action: tape.CrossCancel) -> Step:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, CancelOrder) or world.faults_left <= 0:
        return world, ()
    if action not in _cancel_crossings(setting, world):
        return world, ()
    decision = CancelAcross(request.client_order_id, action.amount)
    world, spent = struck(
        world, faults.fill_during_cancel, f"{request.client_order_id}: {action.amount} lots"
    )
    return decide(replace(world, outbound=world.outbound[1:]), decision, (spent, Arrived(request)))


def _cross_replace(setting: Setting, world: World, action: tape.CrossReplace) -> Step:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, ReplaceOrder) or world.faults_left <= 0:
        return world, ()
    if action not in _replace_crossings(setting, world):
        return world, ()
    order = request.client_order_id
    decision = ReplaceAcross(order, request.amount, action.amount, request.price, request.stop_price)
    world, spent = struck(world, faults.fill_during_modify, f"{order}: {action.amount} lots")
    world, moved = _market_reaches(replace(world, outbound=world.outbound[1:]), order)
    return decide(world, decision, (spent, *moved, Arrived(request)))


def _market_reaches(world: World, client_order_id: str) -> Step:
    """The world once the market would trade an order that it has not reached yet."""
    order = venue.find(world.venue, client_order_id)
    price = _price_of_trading(world, order) if order is not None else None
    if order is None or price is None:
        return world, ()
    return decide(world, MovePrice(order.request.symbol, price), ())


def _price_of_trading(world: World, order: VenueOrder) -> int | None:
    """The price at which the market trades an order; None where it would as it is."""
    if venue.waits(order):
        return order.request.stop_price
    return None if venue.marketable(world.venue, order.request) else order.request.price


# ---- where it can strike -----------------------------------------------------------------------------


def _cancel_crossings(_setting: Setting, world: World) -> list[tape.Action]:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, CancelOrder):
        return []
    return [tape.CrossCancel(each) for each in _amounts(world, request.client_order_id)]


def _replace_crossings(_setting: Setting, world: World) -> list[tape.Action]:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, ReplaceOrder):
        return []
    world, _ = _market_reaches(world, request.client_order_id)
    return [tape.CrossReplace(each) for each in _amounts(world, request.client_order_id)]


def _amounts(world: World, client_order_id: str) -> tuple[int, ...]:
    """Lots of an order that may trade while a request about it is under way."""
    order = venue.find(world.venue, client_order_id)
    amount = venue.fillable(world.venue, order) if order is not None else 0
    if order is None or not amount:
        return ()
    market = venue.market_of(world.venue, order.request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    return (*faults.partial_amounts(amount, market.lot), amount)


OPTIONS: dict[Fault, Callable[[Setting, World], list[tape.Action]]] = {
    faults.fill_during_cancel: _cancel_crossings,
    faults.fill_during_modify: _replace_crossings,
}

HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    tape.CrossCancel: _cross_cancel,
    tape.CrossReplace: _cross_replace,
}
