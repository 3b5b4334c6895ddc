"""What a canary is: the core with functions exchanged, and the register of all of them.

A canary puts its own function in the place of one of the core's, for the length of one step, so that
engines with different defects can run in one process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from core import engine
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small
from hedgecheck.invariants import Belief
from hedgecheck.messages import EngineCommand, EngineEvent

Patch = tuple[ModuleType, str, Any]
Believes = Callable[[engine.State, Belief], Belief]


def as_it_is(_state: engine.State, belief: Belief) -> Belief:
    """What a core believes, reported without a defect."""
    return belief


class Defective(BundledCore):
    """The core with some of its functions exchanged, or with a defect in what it reports of itself."""

    def __init__(
        self, name: str, *patches: Patch, believes: Believes = as_it_is, stores_first: bool = True
    ) -> None:
        self.name = name
        self.stores_first = stores_first
        self._patches = patches
        self._believes = believes

    def step(self, state: engine.State, event: EngineEvent) -> tuple[engine.State, tuple[EngineCommand, ...]]:
        """One step with the defect in place."""
        kept = [(module, name, getattr(module, name)) for module, name, _ in self._patches]
        try:
            for module, name, planted in self._patches:
                setattr(module, name, planted)
            return super().step(state, event)
        finally:
            for module, name, original in kept:
                setattr(module, name, original)

    def belief(self, state: engine.State) -> Belief:
        """What the core holds to be true, as far as it says so."""
        return self._believes(state, super().belief(state))

    def __reduce__(self) -> Any:
        """Pickled by name; a worker process that reads it imports every factory first."""
        return again, (self.name,)


Factory = Callable[[], Defective]


@dataclass(frozen=True)
class Canary:
    """A defect: where it was seen, and which rules may be the ones to find it.

    ``small``: the smallest scope known to show it; ``why_blank``: why there is none. ``needs_fault``,
    ``needs_invariant``: the kind of fault, and the rule, without which it is not found.
    """

    id: str
    defect: str
    invariants: tuple[str, ...]
    factory: Factory
    small: Small | None
    needs_fault: str
    needs_invariant: str
    why_blank: str


CANARIES: dict[str, Canary] = {}


def canary(
    *invariants: str,
    small: Small | None = None,
    needs_fault: str = "",
    needs_invariant: str = "",
    why_blank: str = "",
) -> Callable[[Factory], Factory]:
    """Registers a factory. Its docstring is the defect."""

    def register(factory: Factory) -> Factory:
        name, defect = factory().name, (factory.__doc__ or "").strip()
        CANARIES[name] = Canary(
            name, defect, invariants, factory, small, needs_fault, needs_invariant, why_blank
        )
        return factory

    return register


def again(name: str) -> Defective:
    """The engine of that name, anew."""
    return CANARIES[name].factory()
