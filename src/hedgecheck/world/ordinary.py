"""What happens without any fault: signals, messages, fills and timers."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hedgecheck import faults, tape, venue
from hedgecheck.messages import (
    Arrived,
    Record,
    Signaled,
    TimerFired,
    Told,
)
from hedgecheck.values import replace
from hedgecheck.venue import FillOrder, MovePrice
from hedgecheck.world.model import Setting, Step, World, label, struck, without_timer

_delivery = lru_cache(maxsize=1024)(tape.Deliver)  # the same few, over and over
_filling = lru_cache(maxsize=1024)(tape.Fill)
tick = lru_cache(maxsize=1024)(tape.Move)
firing = lru_cache(maxsize=1024)(tape.Fire)

RECEIVE = tape.Receive()

MILLION = 1_000_000


def _signal(setting: Setting, world: World, action: tape.Signal) -> Step:
    if action.intent >= len(world.signaled) or world.signaled[action.intent]:
        return world, ()
    return deliver_intent(setting, world, action.intent)


def deliver_intent(setting: Setting, world: World, index: int, *records: Record) -> Step:
    """The engine is told an intent, whether for the first time or again."""
    counts = world.signaled
    signaled = (*counts[:index], counts[index] + 1, *counts[index + 1 :])
    intent = setting.scope.intents[index]
    return setting.tell(replace(world, signaled=signaled), intent, *records, Signaled(intent))


def _receive(setting: Setting, world: World, _action: tape.Receive) -> Step:
    if not world.outbound:
        return world, ()
    request = world.outbound[0]
    after, reports = venue.step(world.venue, request)
    world = replace(world, venue=after, outbound=world.outbound[1:], inbound=(*world.inbound, *reports))
    return world, (Arrived(request), *reports)


def _deliver(setting: Setting, world: World, action: tape.Deliver) -> Step:
    if not world.inbound or label(world.inbound[0]) != (action.about, action.kind):
        return world, ()
    report = world.inbound[0]
    return setting.hear(world, world.inbound[1:], report, Told(report))


def _fire(setting: Setting, world: World, action: tape.Fire) -> Step:
    if action.timer not in world.timers:
        return world, ()
    world = replace(world, timers=without_timer(world.timers, action.timer))
    fired = TimerFired(action.timer)
    return setting.tell(world, fired, fired)


def _fill(setting: Setting, world: World, action: tape.Fill) -> Step:
    order = venue.find(world.venue, action.order)
    records: tuple[Record, ...] = ()
    if order is not None and action.amount < venue.fillable(world.venue, order):
        if world.faults_left <= 0:
            return world, ()
        world, spent = struck(world, faults.partial_fill, f"{action.order}: {action.amount} lots")
        records = (spent,)
    return decide(world, FillOrder(action.order, action.amount), records)


def decide(world: World, decision: venue.Decision, records: tuple[Record, ...]) -> Step:
    """The venue acts on what the explorer decided."""
    after, reports = venue.step(world.venue, decision)
    if not reports:
        return world, ()
    return replace(world, venue=after, inbound=(*world.inbound, *reports)), (*records, *reports)


def _move(setting: Setting, world: World, action: tape.Move) -> Step:
    """A tick of an ordinary day costs nothing; anything larger is a shock, and a fault."""
    price = next((price for symbol, price in world.venue.prices if symbol == action.symbol), None)
    is_shock = action.ppm not in setting.scope.ticks
    if price is None or (is_shock and world.faults_left <= 0):
        return world, ()
    moved = max(1, price * (MILLION + action.ppm) // MILLION)
    if not is_shock:
        return decide(world, MovePrice(action.symbol, moved), ())
    world, spent = struck(world, faults.price_shock, f"{action.symbol} {price} -> {moved}")
    return decide(world, MovePrice(action.symbol, moved), (spent,))


def options(world: World) -> list[tape.Action]:
    """What can happen without any fault but ticks; timers last."""
    return [] if world.crashed else [*moves(world), *map(firing, world.timers)]


def moves(world: World) -> list[tape.Action]:
    """Of these, what no timer does, in a world whose engine lives."""
    actions: list[tape.Action] = []
    if 0 in world.signaled:
        actions.append(tape.Signal(world.signaled.index(0)))
    if world.outbound:
        actions.append(RECEIVE)
    if world.inbound:
        actions.append(_delivery(*label(world.inbound[0])))
    for order in world.venue.orders:
        amount = venue.fillable(world.venue, order) if order.phase == "open" else 0
        if amount:
            actions.append(_filling(order.request.client_order_id, amount))
    return actions


def ticks(setting: Setting, world: World) -> list[tape.Action]:
    """The price changes of an ordinary day."""
    return [tick(symbol, ppm) for symbol, _ in world.venue.prices for ppm in setting.scope.ticks]


HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    tape.Signal: _signal,
    tape.Receive: _receive,
    tape.Deliver: _deliver,
    tape.Fill: _fill,
    tape.Fire: _fire,
    tape.Move: _move,
}
