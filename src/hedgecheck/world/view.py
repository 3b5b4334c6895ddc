"""What a verdict may see of a world beyond the memory of its books."""

from typing import Protocol

from hedgecheck.invariants import Belief, Restart
from hedgecheck.world.model import Engine, World


class Restartable(Protocol):
    """A setting that can try out what a restart would do."""

    @property
    def engine(self) -> Engine:
        """The engine under test."""

    def restarts(self, world: World) -> tuple[Restart, ...]:
        """What each of two restarts of this world leaves; see ``invariants.View``."""


class WorldView:
    """See ``invariants.View``; what the engine believes is worked out once, when it is first asked for."""

    __slots__ = ("_belief", "_setting", "_world", "is_at_rest")

    def __init__(self, setting: Restartable, world: World, is_at_rest: bool) -> None:
        self._setting = setting
        self._world = world
        self._belief: Belief | None = None
        self.is_at_rest = is_at_rest

    def turned_to(self, world: World) -> "WorldView":
        """This same view, of another world: what an explorer asks for at every step."""
        self._world, self._belief = world, None
        return self

    @property
    def belief(self) -> Belief:
        if self._belief is None:
            self._belief = self._setting.engine.belief(self._world.engine)
        return self._belief

    @property
    def restarts(self) -> tuple[Restart, ...]:
        """What each of two restarts leaves; tried out when asked for."""
        return self._setting.restarts(self._world)
