"""What happens without any fault: signals, messages, fills and timers."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from hedgecheck import faults, tape, venue
from hedgecheck.messages import (
    QUOTES,
    Arrived,
    Batch,
    CashFlow,
    EntryChange,
    Exit,
    Halt,
    NewDay,
    Price,
    Rebalance,
    Record,
    Report,
    Signaled,
    TimerFired,
    Told,
)
from hedgecheck.values import replace
from hedgecheck.venue import FillOrder, MoveCash, MovePrice
from hedgecheck.world import books, sessions
from hedgecheck.world.model import Setting, Step, World, label, struck, without_timer

_delivery = lru_cache(maxsize=1024)(tape.Deliver)  # the same few, over and over
_filling = lru_cache(maxsize=1024)(tape.Fill)
tick = lru_cache(maxsize=1024)(tape.Move)
firing = lru_cache(maxsize=1024)(tape.Fire)

RECEIVE = tape.Receive()
HALT = tape.Halt()
ROLL = tape.Roll()

MILLION = 1_000_000
WHOLE_BPS = 10_000
SHARES_BPS = (0, 5_000, 10_000)  # that a strategy is to have of all capital
FLOWS_BPS = (-3_333, 3_333)  # of the opening cash: what no budgets divide evenly
CHANGES = (-20_000, 20_000)  # how far from the limit it named a strategy wants its entry, in ppm


def _signal(setting: Setting, world: World, action: tape.Signal) -> Step:
    if not 0 <= action.intent < len(world.signaled) or world.signaled[action.intent]:
        return world, ()
    return deliver_intent(setting, world, action.intent)


def deliver_intent(setting: Setting, world: World, index: int, *records: Record) -> Step:
    """The engine is told an intent, whether for the first time or again."""
    counts = world.signaled
    signaled = (*counts[:index], counts[index] + 1, *counts[index + 1 :])
    intent = setting.scope.intents[index]
    return setting.tell(replace(world, signaled=signaled), intent, *records, Signaled(intent))


def _batch(setting: Setting, world: World, action: tape.Batch) -> Step:
    """The next intents, at one moment: the engine is told of all of them with one event."""
    if action not in batches(setting, world):
        return world, ()
    chosen = _unsignaled(world)[: action.count]
    intents = tuple([setting.scope.intents[index] for index in chosen])
    signaled = tuple([count + (index in chosen) for index, count in enumerate(world.signaled)])
    world = replace(world, signaled=signaled, batches_left=world.batches_left - 1)
    return setting.tell(world, Batch(intents), Batch(intents), *map(Signaled, intents))


def batches(setting: Setting, world: World) -> list[tape.Action]:
    """How many of the next intents may be signaled at one moment: two, three, or all."""
    if world.batches_left <= 0 or world.crashed:
        return []
    return [tape.Batch(count) for count in range(2, len(_unsignaled(world)) + 1)]


def _unsignaled(world: World) -> list[int]:
    return [index for index, count in enumerate(world.signaled) if not count]


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
    if action.timer not in world.timers or not may_fire(setting, world):
        return world, ()
    world = replace(world, timers=without_timer(world.timers, action.timer))
    fired = TimerFired(action.timer)
    return setting.tell(world, fired, fired)


def _fill(setting: Setting, world: World, action: tape.Fill) -> Step:
    order = venue.find(world.venue, action.order)
    records: tuple[Record, ...] = ()
    if action.amount <= 0:
        return world, ()
    if order is not None and action.amount < venue.fillable(world.venue, order):
        if world.faults_left <= 0:
            return world, ()
        world, spent = struck(world, faults.partial_fill, f"{action.order}: {action.amount} lots")
        records = (spent,)
    return decide(world, FillOrder(action.order, action.amount), records)


def _deliver_late(setting: Setting, world: World, action: tape.DeliverLate) -> Step:
    if not world.late or label(world.late[0]) != (action.about, action.kind):
        return world, ()
    report = world.late[0]
    return setting.tell(replace(world, late=world.late[1:]), report, Told(report))


def _halt(setting: Setting, world: World, _action: tape.Halt) -> Step:
    if world.halts_left <= 0:
        return world, ()
    return setting.tell(replace(world, halts_left=world.halts_left - 1), Halt(), Halt())


def _roll(setting: Setting, world: World, _action: tape.Roll) -> Step:
    if world.days_left <= 0:
        return world, ()
    return begin_day(setting, world, world.day + 1)


def begin_day(setting: Setting, world: World, day: int, *records: Record) -> Step:
    """The engine is told that this day begins in the present phase, and the calendar goes on from there."""
    began = NewDay(day, world.venue.session_phase)
    return setting.tell(replace(world, day=day, days_left=world.days_left - 1), began, *records, began)


def _change_entry(setting: Setting, world: World, action: tape.ChangeEntry) -> Step:
    if action not in changes(setting, world):
        return world, ()
    intent = setting.scope.intents[action.intent]
    assert intent.price_a is not None, "Invariant: only an entry with a limit is changed"
    market = venue.market_of(world.venue, intent.symbol_a)
    tick = market.tick if market is not None else 1
    price = intent.price_a * (MILLION + action.ppm) // MILLION
    change = EntryChange(intent.id, max(tick, price - price % tick))
    return setting.tell(replace(world, changes_left=world.changes_left - 1), change, change)


def changes(setting: Setting, world: World) -> list[tape.Action]:
    """The other limits that strategies may want for entries that the venue works at one, once nothing about
    them is in flight: an engine that waits for an answer changes nothing."""
    if world.changes_left <= 0 or world.crashed:
        return []
    messages = (*world.outbound, *world.inbound, *world.late)
    talked_of = {each.client_order_id for each in messages if not isinstance(each, QUOTES)}
    resting = {
        order.request.intent
        for order in world.venue.orders
        if _is_limited_entry(order) and order.request.client_order_id not in talked_of
    }
    limited = [
        index
        for index, intent in enumerate(setting.scope.intents)
        if intent.price_a is not None and intent.id in resting
    ]
    return [tape.ChangeEntry(index, ppm) for index in limited for ppm in CHANGES]


def _is_limited_entry(order: venue.VenueOrder) -> bool:
    request = order.request
    return order.phase == "open" and request.price is not None and not request.reduce_only


def _rebalance(setting: Setting, world: World, action: tape.Rebalance) -> Step:
    if action not in rebalances(setting, world):
        return world, ()
    names = [name for name, _ in setting.scope.bounds.budgets]
    others = (WHOLE_BPS - action.bps) // max(1, len(names) - 1)
    shares = tuple((name, action.bps if name == action.strategy else others) for name in names)
    asked = Rebalance(shares)
    return setting.tell(replace(world, rebalances_left=world.rebalances_left - 1), asked, asked)


def rebalances(setting: Setting, world: World) -> list[tape.Action]:
    """How capital may be shared anew between strategies."""
    if world.rebalances_left <= 0 or world.crashed:
        return []
    budgets = setting.scope.bounds.budgets
    return [tape.Rebalance(name, bps) for name, _ in budgets for bps in SHARES_BPS]


def _exit(setting: Setting, world: World, action: tape.Exit) -> Step:
    if action not in exits(setting, world):
        return world, ()
    asked = Exit(setting.scope.intents[action.intent].id)
    return setting.tell(replace(world, exits_left=world.exits_left - 1), asked, asked)


def exits(setting: Setting, world: World) -> list[tape.Action]:
    """What strategies may want out of: each intent that they signaled."""
    if world.exits_left <= 0 or world.crashed:
        return []
    return [tape.Exit(index) for index, count in enumerate(world.signaled) if count]


def _cash_flow(setting: Setting, world: World, action: tape.CashFlow) -> Step:
    """The venue's cash moves, and the engine is told in the same step: no message of a stream says it, as of
    one that came twice nobody could tell."""
    if action not in cash_flows(setting, world):
        return world, ()
    flow = CashFlow(_amount_of(setting, action))
    after, _ = venue.step(world.venue, MoveCash(flow.amount))
    return setting.tell(replace(world, venue=after, cash_flows_left=world.cash_flows_left - 1), flow, flow)


def cash_flows(setting: Setting, world: World) -> list[tape.Action]:
    """What may be deposited, and withdrawn of what the venue would pay out."""
    if world.cash_flows_left <= 0 or world.crashed:
        return []
    free = venue.withdrawable(world.venue)
    return [each for each in map(tape.CashFlow, FLOWS_BPS) if free + _amount_of(setting, each) >= 0]


def _amount_of(setting: Setting, action: tape.CashFlow) -> int:
    return setting.scope.cash * action.bps // WHOLE_BPS


def decide(world: World, decision: venue.Decision, records: tuple[Record, ...]) -> Step:
    """The venue acts on what the explorer decided."""
    after, reports = venue.step(world.venue, decision)
    if not reports:
        return world, ()
    if world.late and isinstance(reports[0], Price):
        return _conflated(replace(world, venue=after), reports[0], reports, records)
    return replace(world, venue=after, inbound=(*world.inbound, *reports)), (*records, *reports)


def _conflated(world: World, price: Price, reports: tuple[Report, ...], records: tuple[Record, ...]) -> Step:
    """A feed that fell behind shows only the newest price of a symbol, and shows it late."""
    late = tuple([price if label(each) == label(price) else each for each in world.late])
    heard = reports[1:] if late != world.late else reports
    return replace(world, late=late, inbound=(*world.inbound, *heard)), (*records, *reports)


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


def options(setting: Setting, world: World) -> list[tape.Action]:
    """What can happen without any fault but ticks; timers last."""
    if world.crashed:
        return []
    timers = map(firing, world.timers) if may_fire(setting, world) else ()
    return [*moves(world), *sessions.openings(world), *books.refills(setting, world), *timers]


def may_fire(setting: Setting, world: World) -> bool:
    """Whether timers can be the next to come."""
    return setting.scope.timers == "any" or not (world.outbound or world.inbound)


def moves(world: World) -> list[tape.Action]:
    """Of these, what no timer does, in a world whose engine lives."""
    return [*moving(world)]


def moving(world: World) -> Iterator[tape.Action]:
    """The same, one by one: who wants the first alone does not pay for the others."""
    if 0 in world.signaled:
        yield tape.Signal(world.signaled.index(0))
    if world.outbound:
        yield RECEIVE
    if world.inbound:
        yield _delivery(*label(world.inbound[0]))
    if world.late:
        yield tape.DeliverLate(*label(world.late[0]))
    for order in world.venue.orders:
        amount = venue.fillable(world.venue, order) if order.phase == "open" else 0
        if amount:
            yield _filling(order.request.client_order_id, amount)


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
    tape.DeliverLate: _deliver_late,
    tape.Halt: _halt,
    tape.Roll: _roll,
    tape.ChangeEntry: _change_entry,
    tape.Rebalance: _rebalance,
    tape.Exit: _exit,
    tape.CashFlow: _cash_flow,
    tape.Batch: _batch,
}
