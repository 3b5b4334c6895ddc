"""Steps that are taken once: what an engine or a rule's books make of the same input is remembered.

A search meets one engine state under many wires, and one memory under many worlds. Both are pure, so each is
asked once; equal results become one object, and from then on identity tells states apart.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants import Belief, Invariant, View
from hedgecheck.messages import EngineEvent, Record
from hedgecheck.world import Engine, Scope, Universe


class Canon:
    """One object for all that have the same essence; it lives as long as this does, and has a number."""

    def __init__(self, essence: Callable[[Any], Hashable] | None) -> None:
        self._essence = essence
        self._known: dict[Hashable, Any] = {}
        self.numbers: dict[int, int] = {}  # by id of the one object
        self.order: list[Any] = []  # the one objects by number

    def one(self, value: Any) -> Any:
        """The object that stands for ``value``."""
        if id(value) in self.numbers:
            return value
        kept = self._known.setdefault(value if self._essence is None else self._essence(value), value)
        if kept is value:
            self.numbers[id(kept)] = len(self.order)
            self.order.append(kept)
        return kept


class Phases:
    """Counts which trades an edge takes from which phase of their life to which."""

    def __init__(self, tell: Callable[[Any], Any] | None, transitions: Counter[tuple[str, str]]) -> None:
        self._tell = tell
        self._transitions = transitions
        self._known: dict[int, tuple[Any, dict[str, str]]] = {}  # by id, with the state, which keeps it alive
        self._told: dict[Any, dict[str, str]] = {}  # one object for all that are alike

    def count(self, before: Any, after: Any) -> None:
        """Takes in one edge, by the engine's states before and after it."""
        if before is after or self._tell is None:
            return
        known = self._of(before)
        for trade, phase in self._of(after).items():
            earlier = known.get(trade, "signaled")
            if earlier != phase:
                self._transitions[earlier, phase] += 1

    def forget(self) -> None:
        """Lets go of the states that it knows."""
        self._known.clear()

    def _of(self, state: Any) -> dict[str, str]:
        known = self._known.get(id(state))
        if known is None:
            assert self._tell is not None, "Invariant: asked only where there is somebody to tell"
            told = dict(self._tell(state))
            known = self._known[id(state)] = state, self._told.setdefault(tuple(told.items()), told)
        return known[1]


class RememberedEngine:
    """An engine whose steps are remembered, in the place of that engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = getattr(engine, "name", type(engine).__name__)
        self.stores_first = getattr(engine, "stores_first", True)
        self.understands = getattr(engine, "understands", ())
        self.states = Canon(getattr(engine, "essence", None))
        self.phases = getattr(engine, "phases", None)
        self.owner = getattr(engine, "owner", None)
        self._steps: dict[tuple[int, EngineEvent], tuple[Any, tuple[Any, ...]]] = {}
        self._beliefs: dict[int, Belief] = {}

    def initial(self, scope: Scope) -> Any:
        """See ``Engine``."""
        return self.states.one(self._engine.initial(scope))

    def step(self, state: Any, event: EngineEvent) -> tuple[Any, tuple[Any, ...]]:
        """See ``Engine``; an engine that raises raises again."""
        key = (id(self.states.one(state)), event)
        done = self._steps.get(key)
        if done is None:
            after, commands = self._engine.step(state, event)
            done = self._steps[key] = self.states.one(after), commands
        return done

    def belief(self, state: Any) -> Belief:
        """See ``Engine``."""
        key = id(self.states.one(state))
        belief = self._beliefs.get(key)
        if belief is None:
            belief = self._beliefs[key] = self._engine.belief(state)
        return belief

    def forget(self) -> None:
        """Lets go of steps and beliefs, and keeps the states."""
        self._steps.clear()
        self._beliefs.clear()


class RememberingWatch(Watch):
    """A watch whose books take each record into each memory once."""

    __slots__ = ("_made", "_records", "canons")

    def __init__(self, universe: Universe, rules: tuple[Invariant, ...], tally: Tally) -> None:
        super().__init__(universe, rules, tally)
        self.canons = [Canon(essence) for essence in self.essences]
        self.memories = [canon.one(each) for canon, each in zip(self.canons, self.memories, strict=True)]
        self._made: dict[tuple[int, int, int], Any] = {}
        self._records: dict[Record, int] = {}

    def see(self, records: tuple[Record, ...], view: View) -> tuple[Invariant, str] | None:
        """As ``Watch.see``."""
        due, memories, wiring = 0, self.memories, self._wiring
        for record in records:
            route = wiring.route_of(record)
            if route is None:
                continue
            due |= route.due
            number = self._records.setdefault(record, len(self._records)) if route.readings else 0
            for index, handler in route.readings:
                before = memories[index]
                key = (index, id(before), number)
                after = self._made.get(key)
                if after is None:
                    after = self._made[key] = self.canons[index].one(handler(before, record))
                if after is not before:
                    memories[index] = after
                    due |= wiring.due_on_change[index]
        return self._judged(due, view) if due else None

    def forget(self) -> None:
        """Lets go of what records made of memories, and keeps the memories."""
        self._made.clear()
        self._records.clear()
