"""Worlds with lanes for tests: an engine that commands in every lane, and ways to get somewhere with it."""

from typing import Any

from hedgecheck import tape
from hedgecheck.drive import bundled_core
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.messages import (
    BadPrice,
    CancelOrder,
    CreateOrder,
    FetchOrder,
    Halt,
    Intent,
    OutcomeUnknown,
    StartTimer,
    StopTimer,
    TimerFired,
)
from hedgecheck.world import Engine, LanedUniverse, universe_of
from tests.unit.kit.worlds import STRANGER, Actions, Echo

SHARED_TIMER = "manual#1"


class Sides(Echo):
    """Answers an intent with an order of it and a timer of it; an unknown outcome with a question about the
    order. A halt or an unusable price: cancels all orders, the newest first, and starts a timer of no trade.
    When that fires: cancels them again, stops the timers of all trades but the first, and asks about an order
    of nobody, as it does when the timer of a trade fires. What it was told is its state.
    """

    name = "sides"

    def step(self, state: tuple[Any, ...], event: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Notes what it is told."""
        intents = [each for each in (*state, event) if isinstance(each, Intent)]
        cancels = [CancelOrder(f"{each.id}a1") for each in reversed(intents)]
        commands: tuple[Any, ...] = ()
        if isinstance(event, Intent):
            created = CreateOrder(f"{event.id}a1", event.symbol_a, event.side_a, event.amount_a)
            commands = (created, StartTimer(f"{event.id}/linger", 1))
        elif isinstance(event, (Halt, BadPrice)):
            commands = (*cancels, StartTimer(SHARED_TIMER, 1))
        elif event == TimerFired(SHARED_TIMER):
            stops = [StopTimer(f"{each.id}/linger") for each in intents[1:]]
            commands = (*stops, *cancels, FetchOrder(STRANGER))
        elif isinstance(event, TimerFired):
            commands = (FetchOrder(STRANGER),)
        elif isinstance(event, OutcomeUnknown):
            commands = (FetchOrder(event.client_order_id),)
        return (*state, event), commands

    def owner(self, name: str) -> str:
        """By the names above."""
        return "" if name == SHARED_TIMER else name[:2]


class SidesSendsFirst(Sides):
    """Stores what it was told after its commands left."""

    stores_first = False


def laned(engine: Engine | None = None, **numbers: Any) -> LanedUniverse:
    """A small scope of two trades, each in a lane of its own, with the bundled core in it or that engine."""
    small = Small(**{"trades": 2, "own": 1, **numbers})
    setting = universe_of(scope_of(small), engine or bundled_core())
    assert isinstance(setting, LanedUniverse)
    return setting


def order(lane: int) -> str:
    """The entry of that lane's trade."""
    return f"{'pqr'[lane]}1a1"


def within(lane: int, *actions: tape.Action) -> Actions:
    """All of them in that lane."""
    return tuple(tape.InLane(lane, each) for each in actions)


def signaled(*lanes: int) -> Actions:
    """The trades of those lanes begin; their entries are on the way."""
    return tuple(each for lane in lanes for each in within(lane, tape.Signal(0)))


def resting(*lanes: int) -> Actions:
    """The same, and the entries rest at their venues: no message is in flight."""
    return tuple(
        each
        for lane in lanes
        for each in within(lane, tape.Signal(0), tape.Receive(), tape.Deliver(order(lane), "Accepted"))
    )
