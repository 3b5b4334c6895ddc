"""An engine with one trade, in the place of an engine: remembers its steps, notes where the gate decided."""

from collections.abc import Callable, Iterator
from typing import Any

from hedgecheck.explore.remember import RememberedEngine
from hedgecheck.explore.tables.parts import Parts
from hedgecheck.invariants import Belief
from hedgecheck.messages import EngineEvent, StartTimer, StopTimer
from hedgecheck.world import Engine

Way = tuple[Any, tuple[Any, ...]]  # state, commands
Done = tuple[Any, tuple[Any, ...], bool]  # state, commands, whether the gate's answer mattered


class LoneEngine(RememberedEngine):
    """``asks``: in some step since it was last cleared the gate was asked, and its answer mattered."""

    def __init__(self, engine: Engine, parts: Parts, owner: Callable[[str], str]) -> None:
        super().__init__(engine)
        self._parts = parts
        self._owner = owner
        self.asks = False
        self._done: dict[tuple[int, EngineEvent], Done] = {}
        self._said: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # one object for all that are alike
        self._believed: dict[Belief, Belief] = {}  # likewise

    def step(self, state: Any, event: EngineEvent) -> tuple[Any, tuple[Any, ...]]:
        """See ``Engine``. Timers that are nobody's run beside all trades, and are left out."""
        key = (id(self.states.one(state)), event)
        done = self._done.get(key)
        if done is None:
            done = self._done[key] = self._taken(state, event)
        self.asks |= done[2]
        return done[0], done[1]

    def belief(self, state: Any) -> Belief:
        """See ``Engine``."""
        key = id(self.states.one(state))
        belief = self._beliefs.get(key)
        if belief is None:
            made = self._engine.belief(state)
            belief = self._beliefs[key] = self._believed.setdefault(made, made)
        return belief

    def _taken(self, state: Any, event: EngineEvent) -> Done:
        parts = self._parts
        after, commands = self._engine.step(state, event)
        other, said = self._engine.step(parts.refusing(state), event)
        same = said == commands and self.neutral(other) is self.neutral(after)
        kept = [c for c in commands if not isinstance(c, (StartTimer, StopTimer)) or self._owner(c.timer)]
        own = tuple(kept)
        return self.states.one(after), self._said.setdefault(own, own), not same

    def steps(self) -> Iterator[tuple[Any, EngineEvent, tuple[Way, ...]]]:
        """Every step that was taken: state, event, and what came of it; where the gate's answer mattered also
        what comes of it when the gate refuses."""
        states = {id(each): each for each in self.states.order}
        for (number, event), (after, commands, asks) in tuple(self._done.items()):
            state = states[number]
            ways: tuple[Way, ...] = ((after, commands),)
            if asks:
                ways = (*ways, self.step(self.refusing(state), event))
            yield state, event, ways

    def forget(self) -> None:
        """Lets go of the steps that were taken, too."""
        super().forget()
        self._done.clear()
        self._said.clear()
        self._believed.clear()

    def neutral(self, state: Any) -> Any:
        """See ``Parts``."""
        return self.states.one(self._parts.neutral(state))

    def refusing(self, state: Any) -> Any:
        """See ``Parts``."""
        return self.states.one(self._parts.refusing(state))
