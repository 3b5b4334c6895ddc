"""The product of the tables in whole arrays, layer by layer.

Lanes are alike, so a state is the multiset of the classes that its lanes are in. Those are numbered without
gaps (the combinatorial number system: Lehmer 1964), per what holds for all and per faults left; so a state is
a place in its block, and what was seen of a block is kept sorted (``seen``).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.exhaustive import Bounds, megabytes_used
from hedgecheck.explore.tables.alone import ASKS, CRASHES, FIRES, OPENS, REFUSED, SHAKES, WRONG
from hedgecheck.explore.tables.classes import BROKEN, NOWHERE, Classes, Ints
from hedgecheck.explore.tables.company import NotLocalError
from hedgecheck.explore.tables.levels import Column, Level, level_of
from hedgecheck.explore.tables.multisets import at_place, count_of, distinct, orders_of, place_of, runs_of
from hedgecheck.explore.tables.reference import State, turn_of
from hedgecheck.explore.tables.seen import Gathered, Seen
from hedgecheck.explore.tables.surroundings import TRIED, OverAll, Surroundings

CHUNK = 1 << 18  # states that are expanded at once
DEPTH_MAX = 254
PLACES_MAX = 1 << 62


@dataclass(slots=True)
class Progress:
    """How far a search has come. ``states``: multisets; ``orders``: states that they stand for, lanes told
    apart. ``layers``: new states per depth."""

    states: int = 0
    orders: int = 0
    edges: int = 0
    depth: int = 0
    frontier: int = 0
    seconds: float = 0.0
    layers: list[int] = field(default_factory=list)
    why: str = ""
    broken: State | None = None


Watch = Callable[[Progress], None]
Block = tuple[int, int, int, tuple[int, ...]]  # everybody, recovering, faults left, groups of the lanes


def unwatched(progress: Progress) -> None:
    """Nobody wants to know how far it is."""


class _Full(Exception):
    """There is no room for the states that follow."""


class Dense:
    """Searches a product breadth first."""

    def __init__(self, around: Surroundings, partitions: Sequence[Classes], watch: Watch = unwatched) -> None:
        self._around = around
        self._lanes = around.lanes
        self._levels = [level_of(each) for each in partitions]
        self._faces = np.array(around.faces, np.int64)
        self._watch = watch
        self.blocks: dict[Block, Seen] = {}
        self.following: dict[Block, Ints] = {}  # places that are new, by block
        self._gathered: dict[Block, Gathered] = {}
        self.progress = Progress()
        self._probe: tuple[Block, int] | None = None  # instead of marking, look out for this place
        self._hit = False

    def path(self, ending: State) -> list[State]:
        """A shortest way to a state that was seen, from the first one on."""
        way, counted = [ending], replace(self.progress)
        block, place = self._place_of(ending)
        for depth in range(self.blocks[block].depth_of(place) - 1, 0, -1):
            way.insert(0, self._before(way[0], depth))
        self.progress, self._probe = counted, None
        return way

    def _place_of(self, state: State) -> tuple[Block, int]:
        level = self._levels[state[2]]
        rows = np.sort(np.array(state[3:], np.int64)).reshape(-1, 1)
        groups = tuple(int(each) for each in level.group[rows[:, 0]])
        block: Block = (state[0], state[1], state[2], groups)
        return block, int(self._ranked(level, groups, rows)[0])

    def _before(self, state: State, depth: int) -> State:
        """A state of that depth from which one edge leads to the given one."""
        self._probe = self._place_of(state)
        for block, seen in list(self.blocks.items()):
            here = seen.at(depth)
            for at in range(0, len(here), CHUNK):
                chosen = here[at : at + CHUNK]
                if not self._leads(block, chosen):
                    continue
                while len(chosen) > 1:
                    half = chosen[: len(chosen) // 2]
                    chosen = half if self._leads(block, half) else chosen[len(half) :]
                return (*block[:3], *[int(each[0]) for each in self._decoded(block, chosen)])
        raise AssertionError("Invariant: every state but the first was reached from the depth before")

    def _leads(self, block: Block, places: Ints) -> bool:
        self._hit = False
        self._expand(block, self._decoded(block, places))
        return self._hit

    def search(self, bounds: Bounds, begun: float) -> Progress:
        """Everything that can be reached, or up to the first broken rule or a bound. ``begun``: the moment
        from which its seconds count."""
        progress, top = self.progress, len(self._levels) - 1
        self._megabytes_max = bounds.megabytes_max
        try:
            if not self.blocks:
                first = np.full(1, self._levels[top].kinds.of[0])
                self._mark(0, np.zeros(1, np.int64), top, [first] * self._lanes)
                self._settle(1)
            self._go_on(bounds, begun)
        except _Full as full:
            progress.why = str(full)
        progress.seconds = time.perf_counter() - begun
        return progress

    def _go_on(self, bounds: Bounds, begun: float) -> None:
        """Layer by layer."""
        progress, depth = self.progress, len(self.progress.layers)  # an earlier search is gone on with
        while progress.broken is None and not progress.why:
            depth += 1
            count = self._expand_layer(depth)
            if not count:
                break
            progress.layers.append(count)
            progress.states += count
            progress.depth, progress.frontier = depth - 1, count
            progress.seconds = time.perf_counter() - begun
            self._watch(progress)
            if depth >= DEPTH_MAX:
                progress.why = f"{DEPTH_MAX} steps from the start"
            if progress.seconds >= bounds.seconds_max:
                progress.why = f"{bounds.seconds_max:g} seconds are over"
            if progress.states >= bounds.states_max:
                progress.why = f"{progress.states:,} states, the bound is {bounds.states_max:,}"

    def _expand_layer(self, depth: int) -> int:
        """Looks at every state of a depth and marks those after it; how many there were."""
        layer, self.following = self.following, {}
        self._judge_rests(layer)  # all of them first: a rest lies nearer than any edge from here
        count = 0
        for block, places in layer.items():
            count += len(places)
            for start in range(0, len(places), CHUNK):
                if self.progress.broken is not None:
                    return count
                if megabytes_used() >= self._megabytes_max:
                    raise _Full(f"{self._megabytes_max:,} MB of memory are used")
                self._expand(block, self._decoded(block, places[start : start + CHUNK]))
        self._settle(depth + 1)
        return count

    def _settle(self, depth: int) -> None:
        """What is new of all that a layer leads to is the next one."""
        gathered, self._gathered = self._gathered, {}
        for block, each in gathered.items():
            fresh = self.blocks.setdefault(block, Seen()).add(each.once(), depth)
            if len(fresh):
                self.following[block] = fresh

    # ---- numbering ---------------------------------------------------------------------------------

    def _decoded(self, block: Block, places: Ints) -> list[Ints]:
        """The classes of the lanes, in order, of states by their places in a block."""
        level, groups = self._levels[block[2]], block[3]
        members: list[Ints] = []
        rest = places
        for group, times in runs_of(groups):
            size = int(level.sizes[group])
            whole = count_of(size, times)
            members += [each + level.begins[group] for each in at_place(rest % whole, size, times)]
            rest = rest // whole
        return members

    def _mark(self, everybody: int, waits: Ints, left: int, members: list[Ints]) -> None:
        """Gathers states that were come to."""
        level = self._levels[left]
        ordered = np.sort(np.stack(members), axis=0)
        code = waits.copy()
        for row in ordered:
            code = code * len(level.sizes) + level.group[row]
        for value in distinct(code):
            here = code == value
            rows = ordered if here.all() else ordered[:, here]
            waiting = int(value)
            groups: list[int] = []
            for _ in range(self._lanes):
                waiting, group = divmod(waiting, len(level.sizes))
                groups.insert(0, group)
            block = (everybody, waiting, left, tuple(groups))
            at = self._ranked(level, block[3], rows)
            if self._probe is None:
                self._gathered.setdefault(block, Gathered()).gather(at)
            else:
                self._hit = self._hit or (self._probe[0] == block and bool((at == self._probe[1]).any()))

    def _ranked(self, level: Level, groups: tuple[int, ...], rows: Ints) -> Ints:
        rank, scale, lane = np.zeros(rows.shape[1], np.int64), 1, 0
        for group, times in runs_of(groups):
            local = [rows[lane + place] - level.begins[group] for place in range(times)]
            rank += scale * place_of(local)
            scale *= count_of(int(level.sizes[group]), times)
            lane += times
        if scale >= PLACES_MAX:
            raise _Full(f"{scale:,} combinations of classes are too many to number")
        return rank

    # ---- edges -------------------------------------------------------------------------------------

    def _expand(self, block: Block, members: list[Ints]) -> None:
        everybody, waiting, left, _ = block
        level, weight = self._levels[left], orders_of(members)
        kinds, around = level.kinds, self._around
        self.progress.orders += int(weight.sum())
        is_quiet = np.logical_and.reduce([kinds.quiet[each] > 0 for each in members])
        has_crash = around.company.known[everybody].world.crashes_left > 0
        for lane in range(self._lanes):
            for column in level.columns:
                if column.flags & CRASHES and not has_crash:
                    continue
                self._take(block, column, lane, members, is_quiet, weight)
        around.hold(everybody, bool(waiting), level.some(members, TRIED))
        for each in around.over_all(everybody):
            if each.cost <= left:
                self._take_over_all(block, each, members, is_quiet, weight)

    def _judge_rests(self, layer: dict[Block, Ints]) -> None:
        around = self._around
        for block, places in layer.items():
            is_wrong = around.at_rest(block[0]) is not None
            if around.company.rests(block[0]) and (is_wrong or self._levels[block[2]].kinds.wrong.any()):
                self._judge_rest(block, self._decoded(block, places), is_wrong)

    def _judge_rest(self, block: Block, members: list[Ints], is_wrong: bool) -> None:
        kinds = self._levels[block[2]].kinds
        rests = np.logical_and.reduce([kinds.rests[each] > 0 for each in members])
        wrong = rests & (is_wrong | np.logical_or.reduce([kinds.wrong[each] > 0 for each in members]))
        if wrong.any():
            self._found(block, members, int(np.flatnonzero(wrong)[0]))

    def _is_broken(self, block: Block, turned: list[Ints], members: list[Ints]) -> bool:
        """Whether what came over all broke a rule in some lane. ``members``: the states before."""
        wrong = np.logical_or.reduce([each == BROKEN for each in turned])
        if wrong.any():
            self._found(block, members, int(np.flatnonzero(wrong)[0]))
        elif any((each == NOWHERE).any() for each in turned):
            raise NotLocalError("What came over all trades cost more faults than there are.")
        return bool(wrong.any())

    def _found(self, block: Block, members: list[Ints], at: int) -> None:
        if self.progress.broken is None:
            self.progress.broken = (*block[:3], *[int(each[at]) for each in members])

    def _take(
        self,
        block: Block,
        column: Column,
        lane: int,
        members: list[Ints],
        is_quiet: npt.NDArray[np.bool_],
        weight: Ints,
    ) -> None:
        """Takes the edges of one kind in one lane."""
        everybody = block[0]
        own = members[lane]
        degree = column.first[own + 1] - column.first[own]
        if column.flags & FIRES:
            degree = np.where(is_quiet, degree, 0)
        total = int(degree.sum())
        if not total:
            return
        origin = np.repeat(np.arange(len(own)), degree)
        ends = np.cumsum(degree)
        edge = np.arange(total) - np.repeat(ends - degree, degree) + np.repeat(column.first[own], degree)
        beside = [each[origin] for place, each in enumerate(members) if place != lane]
        targets = column.targets[edge]
        if column.flags & (ASKS | OPENS | SHAKES):
            self._take_asked(block, column, edge, targets, beside, (weight[origin], members, origin))
            return
        self.progress.edges += int(weight[origin].sum())
        if column.flags & WRONG:
            self._found(block, members, int(origin[0]))
            return
        after = self._around.restarted(everybody) if column.flags & CRASHES else everybody
        self._arrive(block, after, column.flags, False, column.cost, (targets, beside, members, origin))

    def _take_asked(
        self,
        block: Block,
        column: Column,
        edge: Ints,
        targets: Ints,
        beside: list[Ints],
        where: tuple[Ints, list[Ints], Ints],
    ) -> None:
        """The same where the gate answers, or where all are told: each question once."""
        everybody, waiting, left, _ = block
        kinds, around = self._levels[left].kinds, self._around
        weight, members, origin = where
        asks = column.flags & (ASKS | OPENS)
        key = edge
        if asks and beside:
            for row in np.sort(np.stack([kinds.faces[each] for each in beside]), axis=0):
                key = key * (int(self._faces.max()) + 1) + row
        _, example, inverse = np.unique(key, return_index=True, return_inverse=True)
        for question, at in enumerate(example):
            number = int(column.numbers[edge[at]])
            if asks:
                others = [int(kinds.examples[each[at]]) for each in beside]
                answer = around.answer(everybody, bool(waiting), others, number)
                if column.flags & ASKS and answer.refused != bool(column.flags & REFUSED):
                    continue
            else:
                answer = around.shaken(everybody, number)
            here = inverse == question
            self.progress.edges += int(weight[here].sum())
            if answer.broken is not None or column.flags & WRONG:
                self._found(block, members, int(origin[at]))
                return
            shakes = bool(column.flags & SHAKES) and around.is_news(everybody, answer.everybody)
            chosen = [each[here] for each in beside]
            whence = (targets[here], chosen, members, origin[here])
            self._arrive(block, answer.everybody, column.flags, shakes, column.cost, whence)

    def _arrive(
        self,
        block: Block,
        after: int,
        flags: int,
        shakes: bool,
        cost: int,
        whence: tuple[Ints, list[Ints], list[Ints], Ints],
    ) -> None:
        """Marks where edges lead. ``whence``: targets, the classes beside them, all states, which of them."""
        targets, beside, members, origin = whence
        _, waiting, left, _ = block
        level = self._levels[left]
        turn, less = turn_of(flags, shakes), level.kinds.less[cost]
        if turn != "nothing":
            beside = [level.turns[turn][each] for each in beside]
            if self._is_broken(block, beside, [each[origin] for each in members]):
                return
        if cost:
            beside = [less[each] for each in beside]
        waits = bool(waiting) or bool(flags & CRASHES)
        self._mark_waiting(after, waits, left - cost, [targets, *beside])

    def _take_over_all(
        self,
        block: Block,
        each: OverAll,
        members: list[Ints],
        is_quiet: npt.NDArray[np.bool_],
        weight: Ints,
    ) -> None:
        _, waiting, left, _ = block
        level = self._levels[left]
        if each.fires:
            members = [row[is_quiet] for row in members]
            weight = weight[is_quiet]
        if not len(weight):
            return
        self.progress.edges += int(weight.sum())
        turned = [level.turns[each.turns][row] for row in members]
        if each.broken is not None:
            self._found(block, members, 0)
        elif not self._is_broken(block, turned, members):
            turned = [level.kinds.less[each.cost][row] for row in turned]
            waits = bool(waiting) or each.turns == "restarted"
            self._mark_waiting(each.everybody, waits, left - each.cost, turned)

    def _mark_waiting(self, after: int, waits: bool, left: int, members: list[Ints]) -> None:
        """Marks states; the engine recovers no longer once everything is resolved."""
        resolved = self._levels[left].kinds.resolved
        waiting = np.zeros(len(members[0]), np.int64)
        if waits:
            waiting = 1 - np.logical_and.reduce([resolved[each] > 0 for each in members]).astype(np.int64)
        self._mark(after, waiting, left, members)
