"""The engine's process dies, and comes up again with what it had stored. See also ``model.disconnected``.

Requests that change something and had left still reach the venue. Questions, answers and every message to the
engine die with the connection; armed timers die with the process. After reconnecting the feed shows the price
of each symbol of which a price was in flight.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck import faults, tape
from hedgecheck.faults import Fault
from hedgecheck.messages import Signaled, Spent, TimerFired, Told
from hedgecheck.values import replace
from hedgecheck.world import ordinary
from hedgecheck.world.model import Setting, Step, World, label

HEARD = (Signaled, Told, TimerFired)  # what a step was about, not what came of it

STEPS: dict[str, Callable[[World, str], tape.Action | None]] = {
    "deliver": lambda world, _name: tape.Deliver(*label(world.inbound[0])) if world.inbound else None,
    "fire": lambda _world, name: tape.Fire(name),
    "signal": lambda _world, name: tape.Signal(int(name)) if name.isdecimal() else None,
}


def _spent(world: World, fault: Fault, where: str) -> tuple[World, Spent]:
    return replace(world, crashes_left=world.crashes_left - 1), Spent(fault.id, f"{fault.name}: {where}")


def _restart(setting: Setting, world: World, _action: tape.Restart) -> Step:
    if world.crashes_left <= 0:
        return world, ()
    world, spent = _spent(world, faults.restart, "between two steps")
    return setting.restarted(world, spent)


def _crash_in(setting: Setting, world: World, action: tape.CrashIn) -> Step:
    step = step_of(world, action)
    if step is None:
        return world, ()
    return crashed_in(setting, world, action, ordinary.HANDLERS[type(step)](setting, world, step))


def step_of(world: World, action: tape.CrashIn) -> tape.Action | None:
    """The step of the engine in which that crash comes; None where it is not possible."""
    return STEPS[action.step](world, action.name) if action.step in STEPS else None


def crashed_in(setting: Setting, world: World, action: tape.CrashIn, made: Step) -> Step:
    """The step is ``made``, and then what did not happen of it is taken back."""
    after, records = made
    if not records or world.crashes_left <= 0 or action.cut not in _cuts(setting):
        return world, ()
    world, spent = _spent(world, faults.storage_error, f"{WORDS[action.cut]} {action.step} {action.name}")
    if action.cut == "lost":
        return setting.restarted(world, spent)
    if action.cut == "sent":
        world = setting.kept_over_crash(world, after, sends=True, stores=False)
        return setting.restarted(world, *records, spent)
    heard = tuple(each for each in records if isinstance(each, HEARD))
    world = setting.kept_over_crash(world, after, sends=False, stores=True)
    return setting.restarted(world, *heard, spent)


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
