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

    def firings(self, world: World) -> tuple[tape.Action, ...]:
        """What ``quiet`` may choose where only timers are left: in a world of lanes one of each."""

    def apply(self, world: World, action: tape.Action) -> tuple[World, tuple[Record, ...]]:
        """The world after an action."""


class Settling:
    """Leads one world to rest, action by action. ``turn``: once there, how many steps it takes to come back
    to it; 0 where nothing is left to happen."""

    __slots__ = ("_left", "_seen", "_steps", "_tried", "_universe", "turn")

    def __init__(self, universe: Quiet) -> None:
        self._universe = universe
        self._seen: list[World] = []
        self._tried: list[int] = []  # how many of the firings of each
        self._left: list[int] = []  # after how many steps each was left last
        self._steps = 0
        self.turn = 0

    def next(self, world: World) -> tape.Action | None:
        """The next thing to happen, None at rest. ``world`` is the one that the last action has led to."""
        action = self._universe.quiet(world)
        self._steps += 1
        if action is None or not isinstance(tape.bare(action), tape.Fire):
            return action
        if world not in self._seen:
            self._seen.append(world)
            self._tried.append(0)
            self._left.append(0)
        at, firings = self._seen.index(world), self._universe.firings(world)
        if self._tried[at] == len(firings):
            self.turn = self._steps - self._left[at]
            return None
        self._tried[at] += 1
        self._left[at] = self._steps
        return firings[self._tried[at] - 1]


def is_at_rest(universe: Quiet, world: World, steps_max: int) -> bool:
    """Whether nothing happens any more, or a round of heartbeats that leads back to this very world."""
    settling, now = Settling(universe), world
    action = settling.next(world)
    if action is None or not isinstance(tape.bare(action), tape.Fire):
        return action is None
    for _ in range(steps_max):
        if action is None:
            return now == world
        now, _ = universe.apply(now, action)
        action = settling.next(now)
    return False
