"""Order flows as the core is told of them: of scripts, and of random executions with faults and crashes."""

from functools import cache
from typing import Any

from core import engine
from core.messages import Command, Event
from core.units import Money
from hedgecheck.drive import BundledCore, event_of
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.live import Opening
from hedgecheck.messages import EngineEvent
from hedgecheck.world import Scope


class Recorder(BundledCore):
    """The bundled core, keeping what each of its executions began with, and what it was told."""

    def __init__(self) -> None:
        self.flows: list[tuple[Opening, list[Event]]] = []

    def initial(self, scope: Scope) -> engine.State:
        """A new execution."""
        state = super().initial(scope)
        self.flows.append((Opening(state.settings, Money(scope.cash)), []))
        return state

    def step(self, state: engine.State, event: EngineEvent) -> Any:
        """One step of it."""
        self.flows[-1][1].append(event_of(event))
        return super().step(state, event)


@cache
def drawn(executions: int) -> tuple[tuple[Opening, tuple[Event, ...]], ...]:
    """Random executions of at least ten events."""
    recorder = Recorder()
    Fuzz(recorder, 1, rules=()).campaign(range(executions))
    return tuple((opening, tuple(events)) for opening, events in recorder.flows if len(events) >= 10)


def states(opening: Opening, events: tuple[Event, ...]) -> list[engine.State]:
    """The state before the first event, and after each."""
    found = [engine.initial(opening.settings, opening.cash)]
    for event in events:
        found.append(engine.step(found[-1], event)[0])
    return found


def commanded(opening: Opening, events: tuple[Event, ...]) -> list[tuple[Command, ...]]:
    """What the core does upon each event."""
    return [
        engine.step(state, event)[1] for state, event in zip(states(opening, events), events, strict=False)
    ]
