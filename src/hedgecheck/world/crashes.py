"""The engine's process dies, and comes up again with what it had stored.

Requests that change something and had left still reach the venue. Questions, answers and every message to the
engine die with the connection; armed timers die with the process. After reconnecting the feed shows the price
of each symbol of which a price was in flight.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape
from hedgecheck.faults import Fault
from hedgecheck.messages import (
    BadPrice,
    FetchOrder,
    Price,
    Record,
    Restarted,
    Signaled,
    Spent,
    TimerFired,
    Told,
)
from hedgecheck.values import replace
from hedgecheck.world import ordinary
from hedgecheck.world.model import Setting, Step, World, label

HEARD = (Signaled, Told, TimerFired)  # what a step was about, not what came of it

STEPS: dict[str, Callable[[World, str], tape.Action | None]] = {
    "deliver": lambda world, _name: tape.Deliver(*label(world.inbound[0])) if world.inbound else None,
    "fire": lambda _world, name: tape.Fire(name),
    "signal": lambda _world, name: tape.Signal(int(name)) if name.isdecimal() else None,
}


def restarted(setting: Setting, world: World, *records: Record) -> Step:
    """The world after its engine died and came up again."""
    in_flight = {each.symbol for each in (*world.late, *world.inbound) if isinstance(each, (Price, BadPrice))}
    prices = tuple(Price(symbol, price) for symbol, price in world.venue.prices if symbol in in_flight)
    kept = tuple(each for each in world.outbound if not isinstance(each, FetchOrder))
    world = replace(world, outbound=kept, inbound=(), late=(), timers=())
    return setting.hear(world, prices, Restarted(), *records, Restarted())


def _spent(world: World, fault: Fault, where: str) -> tuple[World, Spent]:
    return replace(world, crashes_left=world.crashes_left - 1), Spent(fault.id, f"{fault.name}: {where}")


def _restart(setting: Setting, world: World, _action: tape.Restart) -> Step:
    if world.crashes_left <= 0:
        return world, ()
    world, spent = _spent(world, faults.restart, "between two steps")
    return restarted(setting, world, spent)


def _crash_in(setting: Setting, world: World, action: tape.CrashIn) -> Step:
    """The step is made, and then what did not happen of it is taken back."""
    step = STEPS[action.step](world, action.name) if action.step in STEPS else None
    if step is None or world.crashes_left <= 0 or action.cut not in _cuts(setting):
        return world, ()
    after, records = ordinary.HANDLERS[type(step)](setting, world, step)
    if not records:
        return world, ()
    world, spent = _spent(world, faults.storage_error, f"{WORDS[action.cut]} {action.step} {action.name}")
    if action.cut == "lost":
        return restarted(setting, world, spent)
    world = replace(world, signaled=after.signaled)
    if action.cut == "sent":
        return restarted(setting, replace(world, outbound=after.outbound), *records, spent)
    heard = tuple(each for each in records if isinstance(each, HEARD))
    return restarted(setting, replace(world, engine=after.engine), *heard, spent)


WORDS = {
    "lost": "before the event was stored, in",
    "stored": "after the event was stored and before the commands left, in",
    "sent": "after the commands left and before the event was stored, in",
}


def _cuts(setting: Setting) -> tuple[str, ...]:
    return ("lost", "stored") if getattr(setting.engine, "stores_first", True) else ("lost", "sent")


def _restarts(_setting: Setting, _world: World) -> list[tape.Action]:
    return [tape.Restart()]


def _crashes(setting: Setting, world: World) -> list[tape.Action]:
    steps = [("deliver", label(world.inbound[0])[0])] if world.inbound else []
    if ordinary.may_fire(setting, world):
        steps += [("fire", timer) for timer in world.timers]
    if 0 in world.signaled:
        steps.append(("signal", str(world.signaled.index(0))))
    return [tape.CrashIn(cut, *step) for step in steps for cut in _cuts(setting)]


OPTIONS: dict[Fault, Callable[[Setting, World], list[tape.Action]]] = {
    faults.restart: _restarts,
    faults.storage_error: _crashes,
}

HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    tape.Restart: _restart,
    tape.CrashIn: _crash_in,
}
