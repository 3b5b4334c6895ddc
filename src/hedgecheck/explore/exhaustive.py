"""Every execution of a small scope: breadth first over the real world, with the invariants on every edge.

Untimed, in the fixed order of ``enabled``, so the counts are the same on every machine and the first case
found is a shortest one. The visited key is the world and the memory of every rule's books, exactly: parts are
interned, nothing is lost to a hash. A search that a bound ends is truncated, and no proof of anything.
"""

import gc
import resource
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

from hedgecheck import invariants
from hedgecheck.explore.goals import Goal, Story
from hedgecheck.explore.hints import Facts, Hints
from hedgecheck.explore.lassos import Goings, is_ordinary, lasso_of
from hedgecheck.explore.remember import Phases, RememberedEngine, RememberingWatch
from hedgecheck.explore.replay import DRAIN_MAX, Failure
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Record, Spent
from hedgecheck.tape import Action, bare
from hedgecheck.values import frozen
from hedgecheck.venue import Venue
from hedgecheck.world import Settling, Universe, World, is_at_rest, universe_of

Verdict = Literal["exhausted", "truncated", "broken"]
Memories = tuple[Any, ...]
Key = tuple[int, ...]


@frozen
class Bounds:
    """Where a search gives up: states, steps from the start, seconds, megabytes of memory of this process."""

    states_max: int = 5_000_000
    depth_max: int = 1_000_000
    seconds_max: float = 3_600.0
    megabytes_max: int = 2_048


DEFAULT = Bounds()
CHECK_EVERY = 64  # states
INTERRUPTED = "interrupted"


@dataclass(slots=True)
class Search:
    """What a search saw. ``why`` says which bound ended it; ``tape`` is a shortest one to the failure.
    ``layers``: new states per depth."""

    verdict: Verdict = "exhausted"
    states: int = 0
    edges: int = 0
    depth: int = 0
    seconds: float = 0.0
    megabytes: int = 0
    why: str = ""
    failure: Failure | None = None
    tape: tuple[Action, ...] = ()
    reached: dict[str, tuple[Action, ...]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    spent: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    transitions: Counter[tuple[str, str]] = field(default_factory=Counter)
    layers: list[int] = field(default_factory=list)


@frozen
class Node:
    """A state on the frontier: its number, its world, the memory of every rule's books, and the number of
    its venue; ``facts`` of the way to it, see ``hints``."""

    number: int
    world: World
    memories: Memories
    venue: int
    facts: Facts = 0


def search(
    universe: Universe,
    rules: tuple[Invariant, ...] = invariants.ALL,
    bounds: Bounds = DEFAULT,
    watch: Callable[[Search], None] = lambda search: None,
    drains: bool = False,
) -> Search:
    """Searches a scope to its end, to the first broken rule, to a bound, or to an interrupt. ``watch`` sees
    every layer.

    ``drains``: every state is also followed to rest, as a tape is when it ends. Then ``tape`` is the shortest
    that fails, of all tapes in the scope, and nothing that the shrinker could find is shorter.

    States make no cycles: the collector of cycles, which would walk over all of them again and again, rests.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return _Searcher(universe, rules, bounds, watch, drains).run()
    finally:
        if was_on:
            gc.enable()


class _Searcher:
    def __init__(
        self,
        universe: Universe,
        rules: tuple[Invariant, ...],
        bounds: Bounds,
        watch: Callable[[Search], None],
        drains: bool,
    ) -> None:
        self._drains = drains
        self._beats = any(each.stop_a or each.stop_b for each in universe.scope.intents)
        self._engine = RememberedEngine(universe.engine)
        universe = universe_of(universe.scope, self._engine)
        self._universe = universe
        self._bounds = bounds
        self._watch = watch
        self.result = Search()
        self._judge = RememberingWatch(universe, rules, self.result.tally)
        self._view = universe.view(universe.initial(), at_rest=False)
        self._wires: dict[Hashable, int] = {}
        self._venues: dict[Hashable, int] = {}
        self._numbers = [canon.numbers for canon in self._judge.canons]
        self._visited: dict[Key, int] = {}
        self._rules = rules
        self._hints = Hints(() if drains else universe.scope.intents)
        self._goings = Goings()
        self._parents = array("i")
        self._actions: list[Action | None] = []
        self._phases = Phases(self._engine.phases, self.result.transitions)
        self._begun = time.perf_counter()

    def run(self) -> Search:
        """Layer by layer."""
        world, memories = self._universe.initial(), tuple(self._judge.memories)
        venue = self._venue_number(world.venue)
        layer = [self._known(-1, None, world, memories, self._key(world, memories, venue))]
        result = self.result
        result.layers.append(len(layer))
        try:
            while layer and result.failure is None and not self._is_over():
                layer = self._next(layer)
                if layer:
                    result.depth += 1
                    result.layers.append(len(layer))
                result.seconds = time.perf_counter() - self._begun
                self._watch(result)
        except KeyboardInterrupt:
            result.why = INTERRUPTED
        if self._drains and result.depth == self._bounds.depth_max:
            self._judge_rests(layer)
        self._judge_liveness()
        result.verdict = "broken" if result.failure else "truncated" if result.why else "exhausted"
        result.states, result.megabytes = len(self._visited), megabytes_used()
        return result

    def _next(self, layer: list[Node]) -> list[Node]:
        following: list[Node] = []
        self._judge_rests(layer)  # all of them first: a rest lies nearer than any edge from here
        if self.result.failure is not None:
            return following
        for count, node in enumerate(layer):
            if count % CHECK_EVERY == 0 and self._is_over():
                break
            for action in self._universe.enabled(node.world):
                found = self._step(node, action)
                if found is not None:
                    following.append(found)
                if self.result.failure is not None:
                    return following
            self._goings.finish()
        return following

    def _step(self, node: Node, action: Action) -> Node | None:
        """Takes one edge, judges it, and returns the state it leads to where that is new."""
        world, records = self._universe.apply(node.world, action)
        assert records, f"Invariant: what is enabled happens ({action})"
        self._count(action, records)
        self._phases.count(node.world.engine, world.engine)
        judge = self._judge
        judge.memories = list(node.memories)
        broken = judge.see(records, self._view.turned_to(world))
        if broken is not None:
            self._found(node, broken, action)
            return None
        memories = tuple(judge.memories)
        same = world.venue is node.world.venue
        venue = node.venue if same else self._venue_number(world.venue)
        facts, hinted = self._hints.read(node.facts, records)
        if hinted:
            self._read(node, action, records, hinted)
        key = self._key(world, memories, venue)
        number = self._visited.get(key)
        if is_ordinary(action, node.world, world):
            self._goings.targets.append(len(self._visited) if number is None else number)
        if number is not None:
            return None
        return self._known(node.number, action, world, memories, key, facts)

    def _read(
        self, node: Node, action: Action, records: tuple[Record, ...], hinted: tuple[Goal, ...]
    ) -> None:
        """Notes the goals that the way to a state and one more step reaches."""
        way, world = self._path(node.number), self._universe.initial()
        story: list[Record] = []
        for each in way:
            world, happened = self._universe.apply(world, each)
            story += happened
        whole = Story([*story, *records])
        for goal in hinted:
            if goal.reached(whole):
                self.result.reached[goal.id] = (*way, action)
                del self._hints.open[goal.id]

    def _known(
        self,
        parent: int,
        action: Action | None,
        world: World,
        memories: Memories,
        key: Key,
        facts: Facts = 0,
    ) -> Node:
        self._visited[key] = len(self._visited)
        self._parents.append(parent)
        self._actions.append(action)
        return Node(len(self._actions) - 1, world, memories, key[1], facts)

    def _venue_number(self, venue: Venue) -> int:
        """The number of a venue."""
        return self._venues.setdefault(kept_of(venue), len(self._venues))

    def _key(self, world: World, memories: Memories, venue: int) -> Key:
        """The state's key: the numbers of the engine's state, of the venue, of the wire, of each memory."""
        engine, numbers, wires = self._engine.states, self._numbers, self._wires
        wire = wire_of(world)
        return (
            engine.numbers[id(engine.one(world.engine))],
            venue,
            wires.setdefault(wire, len(wires)),
            *[numbers[at][id(memory)] for at, memory in enumerate(memories)],
        )

    def _judge_rests(self, layer: list[Node]) -> None:
        for node in layer:
            self._judge_rest(node)
            if self.result.failure is not None:
                return

    def _judge_rest(self, node: Node) -> None:
        universe, judge, world = self._universe, self._judge, node.world
        rests = self._is_at_rest(world)
        self._goings.rests.append(rests)
        if not self._drains and not rests:
            return
        settling = Settling(universe)
        action = settling.next(world)
        judge.memories = list(node.memories)
        broken = None
        for _ in range(DRAIN_MAX):
            if action is None or broken is not None:
                break
            world, records = universe.apply(world, action)
            broken = judge.see(records, self._view.turned_to(world))
            action = settling.next(world)
        if broken is None and action is not None and self._drains:
            broken = invariants.live, f"no rest after {DRAIN_MAX} steps without a fault"
        broken = broken or judge.rest(universe.view(world, at_rest=True), settling.turn)
        if broken is not None:
            self._found(node, broken, None)

    def _is_at_rest(self, world: World) -> bool:
        """Engines have heartbeats only where something rests, which is where an intent has a stop."""
        if not self._beats:
            return self._universe.quiet(world) is None
        return is_at_rest(self._universe, world, DRAIN_MAX)

    def _judge_liveness(self) -> None:
        """Whether every state can come to rest. What is stuck and was seen all around is so even where a
        bound ended the search; a request that is counted too often may be one of a shorter loop."""
        result, found = self.result, self.result.failure
        asks = found is None or found.invariant == invariants.live.id
        is_whole = bool(self._goings.ends) and result.why != INTERRUPTED
        if self._drains or invariants.live not in self._rules or not asks or not is_whole:
            return
        lasso = lasso_of(
            self._universe,
            self._rules,
            self._goings,
            self._visited,
            self._path,
            lambda world: self._key(world, (), self._venue_number(world.venue)),
            len(result.tape) - 1 if found else sys.maxsize,
        )
        if lasso is not None:
            result.tape, result.failure = lasso.tape, lasso.failure

    def _found(self, node: Node, broken: tuple[Invariant, str], last: Action | None) -> None:
        rule, why = broken
        self.result.tape = self._path(node.number) + ((last,) if last is not None else ())
        self.result.failure = Failure(rule.id, rule.name, why, len(self.result.tape))

    def _path(self, number: int) -> tuple[Action, ...]:
        """The actions that lead to a state."""
        actions = []
        while number > 0:
            action = self._actions[number]
            assert action is not None, "Invariant: every state but the first was reached by an action"
            actions.append(action)
            number = self._parents[number]
        return tuple(reversed(actions))

    def _count(self, action: Action, records: tuple[Record, ...]) -> None:
        result = self.result
        result.edges += 1
        result.actions[type(bare(action)).__name__] += 1
        for record in records:
            if isinstance(record, Spent):
                result.spent[record.fault] += 1

    def _is_over(self) -> bool:
        bounds, states = self._bounds, len(self._visited)
        self.result.states = states
        if self.result.depth >= bounds.depth_max:
            self.result.why = f"{bounds.depth_max:,} steps from the start"
        elif states >= bounds.states_max:
            self.result.why = f"{states:,} states, the bound is {bounds.states_max:,}"
        elif time.perf_counter() - self._begun >= bounds.seconds_max:
            self.result.why = f"{bounds.seconds_max:g} seconds are over"
        elif megabytes_used() >= bounds.megabytes_max:
            self.result.why = f"{bounds.megabytes_max:,} MB of memory are used"
        return bool(self.result.why)


def kept_of(venue: Venue) -> Hashable:
    """All of a venue but its standing rules, which are the scope's."""
    hours = venue.session, venue.session_phase, venue.halted, venue.market_halted
    return venue.cash, venue.positions, venue.prices, venue.books, venue.orders, hours


def wire_of(world: World) -> Hashable:
    """All of a world but engine and venue; of timers which run, not in which order they were started."""
    lanes = tuple([(kept_of(each.venue), wire_of(each)) for each in world.lanes])
    return (
        lanes,
        world.outbound,
        world.inbound,
        world.late,
        frozenset(world.timers),
        world.signaled,
        world.faults_left,
        world.denied,
        world.crashes_left,
        world.halts_left,
        world.crashed,
        world.day,
        world.days_left,
        world.changes_left,
        world.sessions_left,
        world.pauses_left,
        world.rebalances_left,
        world.exits_left,
        world.reshapes_left,
        world.cash_flows_left,
        world.batches_left,
    )


def megabytes_used() -> int:
    """The most memory that this process has had, in MB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // (1 << 20) if sys.platform == "darwin" else used // (1 << 10)
