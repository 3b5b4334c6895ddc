"""Worlds for tests: an engine that does the same few things always, and ways to get somewhere with it.

``Echo`` answers an intent with the order X at market and timer t, t with a cancel of X, and an unknown
outcome with a query of X. Its state is what it was told, so a test sees exactly what an engine heard.
``Amends`` also answers a halt with a replacement of X.
"""

from dataclasses import replace
from typing import Any

from hedgecheck import faults, tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore import scopes
from hedgecheck.faults import Fault, Plan
from hedgecheck.invariants import Belief
from hedgecheck.messages import (
    Batch,
    BookShown,
    CancelOrder,
    CashFlow,
    CreateOrder,
    Exit,
    FetchOrder,
    Halt,
    Intent,
    OutcomeUnknown,
    Price,
    Rebalance,
    Record,
    ReplaceOrder,
    Spent,
    StartTimer,
    TimerFired,
)
from hedgecheck.world import Engine, Scope, Universe, World

INTENTS = scopes.plain().intents[:1]
ORDER = CreateOrder("X", "AAA", "buy", 10, intent="p1")
LIMITED = replace(ORDER, price=100)
REPLACEMENT = ReplaceOrder("X", 6)
TICK = 10_000
STRANGER = "web_1"

SIGNAL, RECEIVE, ACK = tape.Signal(0), tape.Receive(), tape.Deliver("X", "Accepted")
SENT = (SIGNAL,)
ACCEPTED = (*SENT, RECEIVE)
WORKING = (*ACCEPTED, ACK)
TRADED = (*ACCEPTED, tape.Fill("X", 10))
CANCELING = (*WORKING, tape.Fire("t"))
REPLACING = (*WORKING, tape.Halt())
ASKING = (*ACCEPTED, tape.LoseReply("X", "Accepted"))
PRICED = (tape.Move("AAA", TICK),)

Actions = tuple[tape.Action, ...]


class Echo:
    """See above; ``order`` is X."""

    name = "echo"
    stores_first = True
    understands = (Batch, BookShown, CashFlow, Exit, Rebalance)

    def __init__(self, order: CreateOrder = ORDER) -> None:
        self.order = order

    def initial(self, _scope: Scope) -> tuple[Any, ...]:
        """It was told nothing."""
        return ()

    def step(self, state: tuple[Any, ...], event: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Notes what it is told."""
        commands: tuple[Any, ...] = ()
        if isinstance(event, Intent):
            commands = (self.order, StartTimer("t", 1))
        elif isinstance(event, TimerFired):
            commands = (CancelOrder("X"),)
        elif isinstance(event, OutcomeUnknown):
            commands = (FetchOrder("X"),)
        return (*state, event), commands

    def belief(self, _state: tuple[Any, ...]) -> Belief:
        """None worth the name."""
        return Belief(0, (), ())


class Amends(Echo):
    """Replaces X by fewer lots of it when a person halts trading."""

    def step(self, state: tuple[Any, ...], event: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """As Echo, but for a halt."""
        after, commands = super().step(state, event)
        return after, (REPLACEMENT,) if isinstance(event, Halt) else commands


class SendsFirst(Echo):
    """Stores what it was told after its commands left."""

    stores_first = False


def scope(*kinds: Fault, **changes: Any) -> Scope:
    """The plain scope with one intent, a tick, these kinds (else all), two crashes and a halt."""
    plan = Plan(()) | Plan(kinds) if kinds else faults.PURE
    settled = {"intents": INTENTS, "ticks": (TICK,), "max_faults": 9, "max_crashes": 2, "halts": 1}
    settled |= {"days": 2, "strangers": (STRANGER,)}
    return replace(scopes.plain(), faults=plan, **{**settled, **changes})


def universe(*kinds: Fault, engine: Engine | None = None, **changes: Any) -> Universe:
    """That scope with Echo in it, or another engine."""
    return Universe(scope(*kinds, **changes), engine or Echo())


def core(*kinds: Fault, **changes: Any) -> Universe:
    """That scope with the bundled core in it."""
    return universe(*kinds, engine=BundledCore(), **changes)


def after(setting: Universe, *actions: tape.Action) -> World:
    """The world after all of that, each of which must be possible."""
    world = setting.initial()
    for action in actions:
        world, records = setting.apply(world, action)
        assert records, f"{action} is not possible here"
    return world


def strike(setting: Universe, before: Actions, action: tape.Action) -> tuple[World, World, list[Record]]:
    """The worlds before and after an action, and its records but for the one that says which fault it was."""
    world = after(setting, *before)
    struck, records = setting.apply(world, action)
    return world, struck, [each for each in records if not isinstance(each, Spent)]


def told(world: World) -> tuple[Any, ...]:
    """What Echo was told, less the opening prices."""
    heard = world.engine
    while heard and isinstance(heard[0], Price) and heard[0].price == scopes.PRICE:
        heard = heard[1:]
    return tuple(heard)
