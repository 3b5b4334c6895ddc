"""The table of one trade: every state that it can be in whatever its neighbours do, and every edge.

The real engine runs with that one trade in the real world of its lane. What neighbours could do to it is
done to it at every state where they could: the gate refuses, trading is halted, the engine goes down. Every
edge is judged by every rule. What happens to everybody is taken back, so that a state is of one trade alone.
"""

import gc
import time
from array import array
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hedgecheck import faults, invariants, tape
from hedgecheck.explore.exhaustive import kept_of, wire_of
from hedgecheck.explore.lassos import WORLD, is_ordinary
from hedgecheck.explore.liveness import Ints
from hedgecheck.explore.remember import Phases, RememberingWatch
from hedgecheck.explore.replay import DRAIN_MAX
from hedgecheck.explore.tables.happenings import Happenings
from hedgecheck.explore.tables.lone import LoneEngine
from hedgecheck.explore.tables.memory import JOINT, own_alerts, recounted
from hedgecheck.explore.tables.nodes import Nodes
from hedgecheck.explore.tables.parts import Parts
from hedgecheck.explore.watch import Tally
from hedgecheck.faults import Plan
from hedgecheck.invariants import Invariant
from hedgecheck.invariants.accounting import ACCOUNT
from hedgecheck.messages import CreateOrder, ReplaceOrder, Sent, Spent
from hedgecheck.values import frozen, replace
from hedgecheck.world import Engine, Scope, Settling, Universe, World, is_at_rest
from hedgecheck.world.lanes import lane_of
from hedgecheck.world.model import Step

FIRES, CRASHES, ASKS, REFUSED, SHAKES, OPENS, HALTS, RESTARTS, WRONG = (1 << bit for bit in range(9))
CHECK_EVERY = 1_024  # states


@frozen
class Wrong:
    """A rule that one trade alone broke: at the ``choice``-th thing that can happen in ``state``, or at rest
    there for -1."""

    state: int
    choice: int
    rule: Invariant
    why: str


@dataclass(slots=True)
class Table:
    """States by number, 0 the first. Per edge: from, to, which of what was possible there, what it is (see
    the flags above), what was asked, its cost in faults, whether it happens by itself. Per state: the fewest
    faults it takes, the crashes, whether nothing is in flight, whether it rests, its engine state and the
    account of I10 by number.

    ``resolved``, ``valued``, ``weights`` and ``gains`` per engine state: see ``Parts``; ``recounts`` per
    account.
    """

    sources: "array[int]" = field(default_factory=lambda: array("i"))
    targets: "array[int]" = field(default_factory=lambda: array("i"))
    choices: "array[int]" = field(default_factory=lambda: array("h"))
    flags: "array[int]" = field(default_factory=lambda: array("h"))
    questions: "array[int]" = field(default_factory=lambda: array("i"))
    costs: "array[int]" = field(default_factory=lambda: array("b"))
    ordinary: "array[int]" = field(default_factory=lambda: array("b"))
    struck: "array[int]" = field(default_factory=lambda: array("b"))
    crashed: "array[int]" = field(default_factory=lambda: array("b"))
    quiet: "array[int]" = field(default_factory=lambda: array("b"))
    rests: "array[int]" = field(default_factory=lambda: array("b"))
    engines: "array[int]" = field(default_factory=lambda: array("i"))
    accounts: "array[int]" = field(default_factory=lambda: array("i"))
    resolved: list[bool] = field(default_factory=list)
    valued: list[bool] = field(default_factory=list)
    weights: list[tuple[int, ...]] = field(default_factory=list)
    gains: list[int] = field(default_factory=list)
    recounts: list[tuple[int, ...]] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    spent: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    transitions: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.struck)


def alone_of(scope: Scope, index: int) -> Scope:
    """The setting of one trade of a scope with lanes, in which everything that neighbours do may happen."""
    lane = lane_of(scope, index)
    kinds = (*lane.faults, *([faults.restart] if faults.restart in scope.faults else []))
    return replace(
        lane,
        max_faults=scope.max_faults,
        max_crashes=scope.max_crashes,
        halts=1,
        faults=Plan(()) | Plan(kinds),
    )


def tabulate(
    scope: Scope,
    engine: Engine,
    parts: Parts,
    rules: tuple[Invariant, ...] = invariants.ALL,
    watch: Callable[[Table], None] = lambda table: None,
) -> "Tabulator":
    """The table of the first trade of a scope with lanes, and what it was made by."""
    lane = alone_of(scope, 0)
    made = Tabulator(lane, engine, parts, rules, watch, halts=scope.halts > 0)
    made.run()
    if made.must_trip:  # found where a breaker first trips, which is soon
        made = Tabulator(lane, engine, parts, rules, watch, halts=scope.halts > 0, trips=True)
        made.run()
    return made


class Tabulator:
    """Makes the table of one trade. ``halts``: people may halt trading; ``trips``: so may what happens to a
    neighbour. ``must_trip``: that was left out, and a breaker tripped."""

    def __init__(
        self,
        scope: Scope,
        engine: Engine,
        parts: Parts,
        rules: tuple[Invariant, ...] = invariants.ALL,
        watch: Callable[[Table], None] = lambda table: None,
        halts: bool = False,
        trips: bool = False,
    ) -> None:
        self._halts, self._trips = halts, trips
        self.must_trip = False
        self._parts = parts
        self._report = watch
        self.engine = LoneEngine(engine, parts, engine.owner)  # type: ignore[attr-defined]
        self.universe = Universe(scope, self.engine)
        self.table, self.happenings = Table(), Happenings()
        self.watch = RememberingWatch(self.universe, rules, self.table.tally)
        books = self.watch.books
        self._phases = Phases(self.engine.phases, self.table.transitions)
        self._neutral = [JOINT[each].neutral if each in JOINT else own_alerts for each in books]
        self._account = books.index(ACCOUNT) if ACCOUNT in books else -1
        self._beats = any(each.stop_a or each.stop_b for each in scope.intents)
        self._questions: dict[tuple[int, Hashable], int] = {}
        self._nodes = Nodes(self.engine.states, self.watch.canons)
        self._asked: dict[int, tuple[World, tuple[Any, ...]]] = {}  # nodes that were asked for
        self._waiting = [array("i") for _ in range(scope.max_faults + 1)]
        self._expanded = bytearray()
        self._quiet_share = parts.shared(engine.initial(scope))
        self._view = self.universe.view(self.universe.initial(), at_rest=False)

    def run(self) -> Table:
        """Every state, breadth first."""
        begun, was_on, count = time.perf_counter(), gc.isenabled(), 0
        gc.disable()
        try:
            self._number(self.universe.initial(), tuple(self.watch.memories))
            for waiting in self._waiting:  # those that took the fewest faults first
                for at in waiting:  # grows while it is walked
                    if self._expanded[at] or self.must_trip:
                        continue
                    self._expanded[at], count = 1, count + 1
                    world, memories = self._made(at)
                    self._edges_of(at, world, memories)
                    self._judge_rest(at, world, memories)
                    if count % CHECK_EVERY == 0:
                        self.table.seconds = time.perf_counter() - begun
                        self._report(self.table)
        finally:
            if was_on:
                gc.enable()
        self._describe()
        self.table.seconds = time.perf_counter() - begun
        return self.table

    @property
    def worlds(self) -> list[Ints]:
        """Per state the numbers of its engine's state, its venue and its wire, column by column."""
        return [np.frombuffer(column, np.int32) for column in self._nodes.columns[:WORLD]]

    def node(self, number: int) -> tuple[World, tuple[Any, ...]]:
        """The world of a state, and what every rule remembers there."""
        if number not in self._asked:
            self._asked[number] = self._made(number)
        return self._asked[number]

    def engine_at(self, number: int) -> Any:
        """The engine's state in a state."""
        return self.engine.states.order[self.table.engines[number]]

    def forget(self) -> None:
        """Lets go of what only making the table takes."""
        self._waiting.clear()
        self._expanded.clear()
        self._phases.forget()
        self.watch.forget()
        self.engine.forget()

    def _made(self, number: int) -> tuple[World, tuple[Any, ...]]:
        left = self.universe.scope.max_faults - self.table.struck[number]
        return self._nodes.node(number, left)

    def _edges_of(self, at: int, world: World, memories: tuple[Any, ...]) -> None:
        engine = self.engine
        for choice, action in enumerate(self.universe.enabled(world)):
            if isinstance(action, tape.Halt):
                self._halt(at, choice, world, memories)
                continue
            engine.asks = False
            if self._edge(at, world, memories, choice, action):
                refusing = replace(world, engine=engine.refusing(world.engine))
                self.table.questions[-1] = question = self._question(world, action)
                self._edge(at, refusing, memories, choice, action, REFUSED)
                self.table.questions[-1] = question

    def _halt(self, at: int, choice: int, world: World, memories: tuple[Any, ...]) -> None:
        """Everybody is halted: by a person, or because of a neighbour that a fault struck. In the latter case
        the engine may go down before that has come to anything but its store."""
        universe, is_first = self.universe, self.universe.engine.stores_first
        if not self._halts and not (self._trips and world.faults_left):
            return
        by_fault = replace(world, faults_left=world.faults_left - (not self._halts))
        halted = universe.apply(by_fault, tape.Halt())
        self._note(at, choice, halted, memories, HALTS)
        if self._trips and world.faults_left and world.crashes_left:
            kept = universe.kept_over_crash(world, halted[0], sends=not is_first, stores=is_first)
            kept = replace(kept, crashes_left=world.crashes_left - 1, faults_left=world.faults_left - 1)
            self._note(at, -1, universe.restarted(kept), memories, HALTS | RESTARTS)

    def _edge(
        self,
        at: int,
        world: World,
        memories: tuple[Any, ...],
        choice: int,
        action: tape.Action,
        refused: int = 0,
    ) -> bool:
        """Takes one edge and judges it; says whether the gate was asked."""
        after, records = self.universe.apply(world, action)
        assert records, f"Invariant: what is enabled happens ({action})"
        asks = self.engine.asks or bool(refused)
        opens = any(isinstance(each, Sent) and self._opens(each) for each in records)
        flags = ASKS * asks | refused | OPENS * opens | _flags(action)
        self._phases.count(world.engine, after.engine)
        self._note(at, choice, (after, records), memories, flags)
        self.table.ordinary[-1] = is_ordinary(action, world, after)
        self.table.actions[type(action).__name__] += 1
        for record in records:
            if isinstance(record, Spent):
                self.table.spent[record.fault] += 1
        return asks

    def _note(self, at: int, choice: int, made: Step, memories: tuple[Any, ...], flags: int) -> None:
        """Judges what was made, and adds the edge to the table."""
        judge, table = self.watch, self.table
        left = self.universe.scope.max_faults - table.struck[at]
        after, records = made
        self.happenings.note(records)
        judge.memories = list(memories)
        cost = 0 if flags & HALTS else left - after.faults_left
        broken = judge.see(records, self._view.turned_to(after))
        if broken is not None:  # no search goes on from here
            table.wrong.append(Wrong(at, choice, *broken))
            self._add(at, at, choice, flags | WRONG, cost)
            return
        shakes = self._parts.shared(after.engine) != self._quiet_share
        self.must_trip = self.must_trip or (shakes and not flags & HALTS and not self._trips)
        after = self._for_itself(after, shakes)
        self._add(at, self._number(after, tuple(judge.memories)), choice, flags | SHAKES * shakes, cost)

    def _add(self, source: int, target: int, choice: int, flags: int, cost: int) -> None:
        table = self.table
        table.sources.append(source)
        table.targets.append(target)
        table.choices.append(choice)
        table.flags.append(flags)
        table.questions.append(-1)
        table.costs.append(cost)
        table.ordinary.append(0)

    def _for_itself(self, world: World, shaken: bool) -> World:
        """The world, and what the rules remember, as if nothing had come over all trades."""
        if shaken:
            memories = self.watch.memories
            for at, neutral in enumerate(self._neutral):
                memories[at] = self.watch.canons[at].one(neutral(memories[at]))
        neutral = self.engine.neutral(world.engine)
        if world.halts_left != 1 or neutral is not world.engine:
            world = replace(world, halts_left=1, engine=neutral)
        return world

    def _opens(self, sent: Sent) -> bool:
        """Whether a request opens something or changes what does, as far as its form tells."""
        request, intent = sent.request, self.universe.scope.intents[0]
        if isinstance(request, ReplaceOrder):
            return request.stop_price is None
        if not isinstance(request, CreateOrder) or request.reduce_only:
            return False
        return (request.symbol, request.side) == (intent.symbol_a, intent.side_a)

    def _question(self, world: World, action: tape.Action) -> int:
        key = (self.engine.states.numbers[id(world.engine)], action)
        return self._questions.setdefault(key, len(self._questions))

    def _number(self, world: World, memories: tuple[Any, ...]) -> int:
        wire, venue = wire_of(replace(world, faults_left=0)), kept_of(world.venue)
        states, scope, table = self.engine.states, self.universe.scope, self.table
        engine = states.numbers[id(states.one(world.engine))]
        struck = scope.max_faults - world.faults_left
        number = self._nodes.number(engine, venue, wire, world, memories)
        if number < table.states:
            if struck < table.struck[number]:
                table.struck[number] = struck
                self._waiting[struck].append(number)
        else:
            self._waiting[struck].append(number)
            self._expanded.append(0)
            table.struck.append(struck)
            table.crashed.append(scope.max_crashes - world.crashes_left)
            table.quiet.append(not (world.outbound or world.inbound))
            table.rests.append(self._is_at_rest(world))
            table.engines.append(engine)
            table.accounts.append(self._account_number(memories))
        return number

    def _account_number(self, memories: tuple[Any, ...]) -> int:
        if self._account < 0:
            return 0
        return self.watch.canons[self._account].numbers[id(memories[self._account])]

    def _is_at_rest(self, world: World) -> bool:
        """Engines have heartbeats only where something rests, which is where an intent has a stop."""
        if not self._beats:
            return self.universe.quiet(world) is None
        return is_at_rest(self.universe, world, DRAIN_MAX)

    def _judge_rest(self, at: int, world: World, memories: tuple[Any, ...]) -> None:
        universe, judge = self.universe, self.watch
        if not self.table.rests[at]:
            return
        judge.memories, broken, settling = list(memories), None, Settling(universe)
        action = settling.next(world)  # a heartbeat, where there is any
        while action is not None and broken is None:
            world, records = universe.apply(world, action)
            broken = judge.see(records, self._view.turned_to(world))
            action = settling.next(world)
        broken = broken or judge.rest(universe.view(world, at_rest=True), settling.turn)
        if broken is not None:
            self.table.wrong.append(Wrong(at, -1, *broken))

    def _describe(self) -> None:
        """What every engine state and every account stands for."""
        table, parts = self.table, self._parts
        occurs = set(table.engines)
        for number, state in enumerate(self.engine.states.order):
            is_of_any = number in occurs
            table.resolved.append(not is_of_any or parts.is_resolved(state))
            table.valued.append(not is_of_any or parts.is_valued(state))
            table.weights.append(parts.weights(state) if is_of_any else ())
            table.gains.append(parts.gain(state) if is_of_any else 0)
        if self._account >= 0:
            books, known = self.watch.canons[self._account].order, set(table.accounts)
            for number in range(max(known) + 1):
                table.recounts.append(recounted(books[number]) if number in known else ())


def _flags(action: tape.Action) -> int:
    if isinstance(action, tape.Fire):
        return FIRES
    if isinstance(action, tape.CrashIn):
        return CRASHES | FIRES * (action.step == "fire")
    if isinstance(action, tape.Halt):
        return HALTS
    return RESTARTS if isinstance(action, tape.Restart) else 0
