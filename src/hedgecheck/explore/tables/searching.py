"""The table search of one scope, from the table of one trade to a verdict."""

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedgecheck import invariants
from hedgecheck.errors import UsageError
from hedgecheck.explore.exhaustive import DEFAULT, Bounds, Search, megabytes_used
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.tables.alone import Table, Tabulator, tabulate
from hedgecheck.explore.tables.checkpoint import Checkpoint, opened
from hedgecheck.explore.tables.classes import Classes, faces_of, partitions
from hedgecheck.explore.tables.company import Company
from hedgecheck.explore.tables.counterexample import tape_of
from hedgecheck.explore.tables.locality import check_locality
from hedgecheck.explore.tables.parts import Parts
from hedgecheck.explore.tables.product import Dense, Progress
from hedgecheck.explore.tables.reached import OF_NO_LANE, TAKE_SEVERAL, Ways, reached_alone
from hedgecheck.explore.tables.reduced import ReducedDense
from hedgecheck.explore.tables.reference import Reference, State
from hedgecheck.explore.tables.renaming import Renaming, twins
from hedgecheck.explore.tables.resting import lasso_of, news_ends, nobody_waits, restless
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.invariants import Invariant
from hedgecheck.tape import Tape
from hedgecheck.world import LanedUniverse, Universe


@dataclass(slots=True)
class TableSearch(Search):
    """What a table search saw. ``states``: with lanes that are alike not told apart; ``orders``: all that
    they stand for; ``layers`` count the former. ``alone`` and ``classes``: states of one trade, and how many
    of them differ to what surrounds them. ``stage``: what it is at. ``partial_order``: it went by fewer
    orders; ``states``, ``orders``, ``edges``, ``depth`` and ``layers`` are of those alone. ``walks``: so many
    random ones instead, which began after ``walking_from`` seconds. ``unsought``: the goals that were not
    looked for, None where none were; see ``reached`` of the tables."""

    stage: str = "one trade alone"
    orders: int = 0
    frontier: int = 0
    alone: int = 0
    classes: int = 0
    partial_order: bool = False
    walks: int = 0
    walking_from: float = 0.0
    unsought: tuple[str, ...] | None = None


def search(
    universe: Universe,
    rules: tuple[Invariant, ...] = invariants.ALL,
    bounds: Bounds = DEFAULT,
    watch: Callable[[TableSearch], None] = lambda search: None,
    partial_order: bool = False,
    checkpoint: Path | None = None,
) -> TableSearch:
    """Searches a scope with lanes to its end, to the first broken rule, to a bound, or to an interrupt.
    ``partial_order``: by fewer orders, see ``ample``; what it finds need not be a shortest case then.
    ``checkpoint``: a file from which an earlier search is gone on with, and to go on from; see there.

    Raises ``UsageError`` where the engine does not say how its state falls into trades, where lanes are not
    alike, or where a trade does beside others what it did not do alone and the gate was not why.
    """
    return Run(universe, rules, bounds, watch, partial_order, checkpoint).run()


@dataclass(slots=True)
class Prepared:
    """All that a product of tables is made of. ``binding``: the weights that can matter to the gate;
    ``reached``: goals, each with a way."""

    universe: Universe
    rules: tuple[Invariant, ...]
    parts: Parts
    twins: tuple[Renaming, ...]
    tabulator: Tabulator
    binding: tuple[int, ...]
    reached: Ways

    def partitions(self, is_lumped: bool = True) -> list[Classes]:
        """See ``classes.partitions``."""
        return partitions(self.tabulator.table, self.binding, self.universe.scope.max_faults, is_lumped)

    def surroundings(self) -> Surroundings:
        """Answers to all that is asked beside the tables."""
        faces = array("i", faces_of(self.tabulator.table, self.binding).astype("i").tobytes())
        company = Company(self.universe, self.parts, self.rules, self.tabulator.watch)
        return Surroundings(self.tabulator, faces, company, self.twins)


def prepare(
    universe: Universe,
    rules: tuple[Invariant, ...] = invariants.ALL,
    watch: Callable[[Table], None] = lambda table: None,
) -> Prepared:
    """Makes the table of one trade, and holds that a trade does beside others what it does alone.

    Raises ``UsageError`` as ``search`` does.
    """
    parts, twins = _parts_of(universe), _twins_of(universe)
    tabulator = tabulate(universe.scope, universe.engine, parts, rules, watch)
    check_locality(tabulator, parts, universe, twins)
    tabulator.forget()
    reached = reached_alone(universe, tabulator, twins)
    tabulator.happenings.forget()
    binding = _binding(parts, tabulator.table, len(twins))
    return Prepared(universe, rules, parts, twins, tabulator, binding, reached)


class Over(Exception):
    """A bound ended a search."""


class Run:
    """One search, from the table of one trade to a verdict."""

    def __init__(
        self,
        universe: Universe,
        rules: tuple[Invariant, ...],
        bounds: Bounds,
        watch: Callable[[TableSearch], None],
        partial_order: bool = False,
        checkpoint: Path | None = None,
    ) -> None:
        self._universe, self._rules, self._bounds, self._watch = universe, rules, bounds, watch
        self._file = checkpoint
        self._checkpoint: Checkpoint | None = None
        self.result = TableSearch(partial_order=partial_order)
        self._begun = time.perf_counter()

    def run(self) -> TableSearch:
        """Searches, and says what came of it."""
        result = self.result
        how = "partial order" if result.partial_order else ""
        with opened(self._file, self._universe, self._rules, how) as self._checkpoint:
            try:
                self._search()
            except KeyboardInterrupt:
                result.why = f"interrupted: {result.stage}"
            except Over as over:
                result.why = str(over)
            result.verdict = "broken" if result.failure else "truncated" if result.why else "exhausted"
            if self._checkpoint is not None:
                result.why += self._checkpoint.end(is_over=result.verdict != "truncated")
        return result

    def _search(self) -> None:
        """From one trade to all of them."""
        result = self.result
        prepared = prepare(self._universe, self._rules, self._tabulating)
        self._tabulating(prepared.tabulator.table)
        result.reached = prepared.reached
        unsought = [each for each in TAKE_SEVERAL if each not in prepared.reached]
        result.unsought = (*unsought, *OF_NO_LANE)
        result.stage = "which states are alike"
        self._note()
        kinds, around = prepared.partitions(), prepared.surroundings()
        result.classes = sum(each.count for each in kinds)
        self._together(prepared, around, kinds)

    def _together(self, prepared: Prepared, around: Surroundings, kinds: list[Classes]) -> None:
        """Every state of all trades."""
        result = self.result
        result.stage = "all trades together"
        dense = (ReducedDense if result.partial_order else Dense)(around, kinds, self._searching)
        if self._checkpoint is not None:
            free = max(0, self._bounds.megabytes_max - megabytes_used())
            self._checkpoint.begin(dense, around, prepared.tabulator.table, kinds, free)
        progress = dense.search(self._bounds, self._begun)
        self._searching(progress)
        result.why = progress.why
        if progress.broken is not None:
            self._break(dense.path(progress.broken), prepared, around, kinds)
        self._judge_liveness(prepared, around)

    def _tabulating(self, table: Table) -> None:
        result, bounds = self.result, self._bounds
        result.alone, result.tally, result.spent = table.states, table.tally, table.spent
        result.actions, result.transitions = table.actions, table.transitions
        self._note()
        if result.seconds >= bounds.seconds_max:
            raise Over(f"{bounds.seconds_max:g} seconds are over: {result.stage}")
        if result.megabytes >= bounds.megabytes_max:
            raise Over(f"{bounds.megabytes_max:,} MB of memory are used: {result.stage}")
        if table.states >= bounds.states_max:
            raise Over(f"{table.states:,} states, the bound is {bounds.states_max:,}: {result.stage}")

    def _searching(self, progress: Progress) -> None:
        result = self.result
        result.states, result.orders, result.edges = progress.states, progress.orders, progress.edges
        result.depth, result.frontier, result.layers = progress.depth, progress.frontier, progress.layers
        self._note()
        if self._checkpoint is not None:
            self._checkpoint.save_now_and_then()

    def _note(self) -> None:
        self.result.seconds = time.perf_counter() - self._begun
        self.result.megabytes = megabytes_used()
        self._watch(self.result)

    def _break(
        self, way: list[State], prepared: Prepared, around: Surroundings, kinds: list[Classes]
    ) -> None:
        """The case that was found, on the real world of all lanes."""
        whole = prepared.partitions(is_lumped=False)
        reference = Reference(around, whole)
        tape = tape_of(way, reference, kinds, whole, prepared.tabulator, prepared.twins)
        failure = run_tape(self._universe, Tape(0, tape), self._rules)
        assert failure is not None, "Invariant: what breaks in the tables breaks in the world"
        self.result.failure, self.result.tape = failure, tape

    def _judge_liveness(self, prepared: Prepared, around: Surroundings) -> None:
        """Whether all trades can always come to rest; see ``resting``. What is not shown is not claimed."""
        result, tabulator = self.result, prepared.tabulator
        found = result.failure
        if invariants.live not in self._rules or (found and found.invariant != invariants.live.id):
            return
        of, endless = restless(tabulator)
        if endless:
            lasso = lasso_of(self._universe, self._rules, tabulator, of, endless)
            if lasso is not None and (found is None or len(lasso.tape) < len(result.tape)):
                result.failure, result.tape = lasso.failure, lasso.tape
        if result.failure is not None or result.why:
            return
        if endless:
            result.why = "one trade may go on for ever, and no way there was found beside others"
        elif not (news_ends(around) and nobody_waits(around)):
            result.why = "what comes over all trades may go on for ever"


def _parts_of(universe: Universe) -> Parts:
    made: Any = getattr(universe.engine, "parts", None)
    if not isinstance(universe, LanedUniverse):
        raise UsageError("A table search needs trades with symbols of their own. Take --symbols own.")
    if made is None:
        raise UsageError(
            f"{universe.engine.name} does not say how its state falls into trades (parts). "
            "Take --search direct."
        )
    parts: Parts = made(universe.scope)
    return parts


def _twins_of(universe: Universe) -> tuple[Renaming, ...]:
    found = [twins(universe.scope, index) for index in range(len(universe.scope.intents))]
    if any(each is None for each in found):
        raise UsageError("The trades of this scope are not alike. Take --search direct.")
    return tuple([each for each in found if each is not None])


def _binding(parts: Parts, table: Table, lanes: int) -> tuple[int, ...]:
    """The weights that can matter: what trades may weigh at most is known before they are put together. An
    engine may count too little: what the rule counts matters as much."""
    known = [each for each in (*table.weights, *table.recounts) if each]
    most = [lanes * max(column) for column in zip(*known, strict=True)]
    return parts.binding(most, lanes * min(table.gains), lanes * max(table.gains))
