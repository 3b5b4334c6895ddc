"""What happens between trades, on the real engine: states of lanes are put together, the step is taken, and
read off again. The same question in the same company is asked once.

This is where a search learns what the gate answers, and what comes over all trades; and where it is held that
a lane does beside others what it did alone.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from hedgecheck import tape
from hedgecheck.errors import UsageError
from hedgecheck.explore.tables.memory import JOINT
from hedgecheck.explore.tables.parts import Parts
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Alert, Record, Returned
from hedgecheck.values import frozen, replace
from hedgecheck.world import Universe, World

Node = tuple[World, tuple[Any, ...]]  # the world of one trade, and what every rule remembers there
Broken = tuple[Invariant, str] | None


class NotLocalError(UsageError):
    """A trade did beside others what it did not do alone, and the gate was not why."""


@frozen
class Everybody:
    """What holds for all trades. ``world``: a joint world that has it, ``memories`` what joint rules remember
    there."""

    world: World
    memories: tuple[Any, ...]


@frozen
class Taken:
    """A step in company. ``everybody``: by number; ``after``: the world of all lanes; ``records``: what
    happened; ``cost`` in faults."""

    everybody: int
    after: World
    records: tuple[Record, ...]
    cost: int
    broken: Broken


class Company:
    """Takes steps in the real world of all lanes. ``books``: the places of the rules' memories."""

    def __init__(self, universe: Universe, parts: Parts, rules: tuple[Invariant, ...], lone: Watch) -> None:
        self.universe = universe
        self._parts = parts
        self._rules = rules
        chosen = tuple(rule for rule in rules if rule.books in JOINT)
        self._judge = Watch(universe, chosen, Tally())
        self._places = [lone.books.index(each) for each in self._judge.books]
        self._joints = [JOINT[each] for each in self._judge.books]
        self._opening = universe.initial()
        self._faults = universe.scope.max_faults  # all are left: what is asked here does not depend on it
        self.known: list[Everybody] = []
        self._numbers: dict[Hashable, int] = {}
        self._noted(Everybody(self._opening, tuple(self._judge.memories)))

    def joined(self, number: int, recovering: bool, nodes: Sequence[Node]) -> tuple[World, list[Any]]:
        """The world of all lanes that these nodes make, and what the joint rules remember there."""
        everybody = self.known[number]
        base = everybody.world
        engine = self._parts.together([world.engine for world, _ in nodes], base.engine, recovering)
        lanes = tuple(
            replace(world, engine=None, faults_left=0, crashes_left=0, halts_left=0) for world, _ in nodes
        )
        memories = [
            joint.together([memory[place] for _, memory in nodes], kept)
            for joint, place, kept in zip(self._joints, self._places, everybody.memories, strict=True)
        ]
        return replace(base, engine=engine, lanes=lanes, faults_left=self._faults), memories

    def take(self, number: int, recovering: bool, nodes: Sequence[Node], action: tape.Action) -> Taken:
        """Takes one step in company. Raises ``NotLocalError`` where it cannot be taken there."""
        world, memories = self.joined(number, recovering, nodes)
        judge = self._judge
        after, records = self.universe.apply(world, action)
        if not records:
            raise NotLocalError(f"{action} is possible for a trade alone, and is not beside others.")
        judge.memories = memories
        broken = judge.see(records, self.universe.view(after, at_rest=False))
        everybody = self._noted(Everybody(after, tuple(judge.memories)))
        return Taken(everybody, after, records, world.faults_left - after.faults_left, broken)

    def rests(self, number: int) -> bool:
        """Whether nothing is under way beside the lanes."""
        return not self.known[number].world.timers

    def at_rest(self, number: int, nodes: Sequence[Node]) -> Broken:
        """The rule that does not hold where these lanes, of which nothing happened yet, are all there is."""
        world, memories = self.joined(number, False, nodes)
        watch = Watch(self.universe, self._rules, Tally())
        for books, memory in zip(self._judge.books, memories, strict=True):
            watch.memories[watch.books.index(books)] = memory
        return watch.rest(self.universe.view(world, at_rest=True))

    def same(self, after: World, index: int, alone: World) -> bool:
        """Whether lane ``index`` came to where it comes alone, cash apart."""
        lane, intent = after.lanes[index], self.universe.scope.intents[index]
        symbols, strategy = intent.symbols, intent.id.rstrip("0123456789")
        here = self._parts.part(after.engine, symbols, strategy)
        if here != self._parts.part(alone.engine, symbols, strategy):
            return False
        return (lane.outbound, lane.inbound, lane.late, frozenset(lane.timers), lane.venue.orders) == (
            alone.outbound,
            alone.inbound,
            alone.late,
            frozenset(alone.timers),
            alone.venue.orders,
        )

    def said(self, records: tuple[Record, ...]) -> list[Record]:
        """What the engine told a caller or a person about the intent of the first lane, whatever its reasons:
        a gate has one for every limit."""
        intent = self.universe.scope.intents[0].id
        own: list[Record] = []
        for each in records:
            if isinstance(each, Returned) and each.intent == intent:
                own.append(replace(each, reason=""))
            elif isinstance(each, Alert) and each.subject == intent:
                own.append(each)
        return own

    def shares(self, number: int) -> Hashable:
        """What the engine holds for all trades."""
        return self._parts.shared(self.known[number].world.engine)

    def _noted(self, everybody: Everybody) -> int:
        world = everybody.world
        key = (
            self._parts.shared(world.engine),
            frozenset(world.timers),
            world.crashes_left,
            world.halts_left,
            world.day,
            world.days_left,
            world.crashed,
            tuple(joint.shared(m) for joint, m in zip(self._joints, everybody.memories, strict=True)),
        )
        number = self._numbers.setdefault(key, len(self.known))
        if number == len(self.known):
            self.known.append(everybody)
        return number
