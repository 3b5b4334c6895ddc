"""When a world is at rest: nothing is left to happen, or what happens only leads back to where it was.

An engine may ask about a resting order every minute for as long as it rests. Each such heartbeat is followed
once, since its answer may bring news; when a round of them has changed nothing the world is at rest.
"""

from typing import Protocol

from hedgecheck import tape
from hedgecheck.messages import Record
from hedgecheck.world.model import World


class Quiet(Protocol):
    """A world's transition system once faults have stopped."""

    def quiet(self, world: World) -> tape.Action | None:
        """The next thing to happen; None where there is none."""

    def apply(self, world: World, action: tape.Action) -> tuple[World, tuple[Record, ...]]:
        """The world after an action."""


class Settling:
    """Leads one world to rest, action by action."""

    __slots__ = ("_seen", "_universe")

    def __init__(self, universe: Quiet) -> None:
        self._universe = universe
        self._seen: list[World] = []

    def next(self, world: World) -> tape.Action | None:
        """The next thing to happen, None at rest. ``world`` is the one that the last action has led to."""
        action = self._universe.quiet(world)
        if isinstance(action, tape.Fire):
            if world in self._seen:
                return None
            self._seen.append(world)
        return action


def is_at_rest(universe: Quiet, world: World, steps_max: int) -> bool:
    """Whether nothing happens any more, or a round of heartbeats that leads back to this very world."""
    settling, now = Settling(universe), world
    action = settling.next(world)
    if not isinstance(action, tape.Fire):
        return action is None
    for _ in range(steps_max):
        if action is None:
            return now == world
        now, _ = universe.apply(now, action)
        action = settling.next(now)
    return False
