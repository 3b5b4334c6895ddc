"""Which trade may go first, and alone: partial-order reduction, read off the table of one trade.

A trade goes first where nothing that the others do depends on what it does next, nor that on them, so that
one order of their steps stands for all. Why nothing is lost by it: docs/decisions/0013-partial-order.md.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.tables.alone import SHAKES
from hedgecheck.explore.tables.classes import BROKEN, NOWHERE, Classes, Ints
from hedgecheck.explore.tables.reference import State
from hedgecheck.explore.tables.surroundings import Surroundings

Flags = npt.NDArray[np.bool_]
Edge = tuple[int, int, int]  # flags, cost in faults, target
NOBODY = -1  # instead of a class: no trade goes first


class Ample:
    """Says of every state which class goes first: all lanes in it, and no other lane."""

    def __init__(self, around: Surroundings, partitions: Sequence[Classes]) -> None:
        halts = around.company.known[0].world.halts_left > 0
        self._around = around
        self._safe = [safe_classes(partitions, halts, recovering) for recovering in (False, True)]

    def first(self, everybody: int, recovering: int, left: int, members: Sequence[Ints]) -> Ints:
        """The class that goes first in each of many states, or ``NOBODY``. ``members``: by lane, in order."""
        chosen = np.full(len(members[0]), NOBODY)
        if self._is_past_crashes(everybody):
            safe = self._safe[recovering][left]
            for row in reversed(members):
                chosen = np.where(safe[row], row, chosen)
        return chosen

    def first_of(self, state: State) -> int:
        """The class that goes first in a state, or ``NOBODY``."""
        everybody, recovering, left, *members = state
        safe = self._safe[recovering][left]
        able = [each for each in members if safe[each]] if self._is_past_crashes(everybody) else []
        return min(able, default=NOBODY)

    def _is_past_crashes(self, everybody: int) -> bool:
        return self._around.company.known[everybody].world.crashes_left <= 0


def safe_classes(partitions: Sequence[Classes], halts: bool, recovering: bool) -> list[Flags]:
    """Which classes may go first, for each number of faults left. ``halts``: people may halt trading;
    ``recovering``: the engine waits for the fate of orders from before a restart."""
    found: list[set[int]] = []
    for left, kinds in enumerate(partitions):
        judge = Judge(partitions[: left + 1], found, halts, recovering)
        safe = {each for each in range(kinds.count) if judge.is_safe(each)}
        safe = _closed(judge, safe)
        found.append(_closed(judge, _without_rounds(judge, safe)))
    return [_marked(each, kinds.count) for each, kinds in zip(found, partitions, strict=True)]


class Judge:
    """Judges the classes of the last of ``partitions``. ``fewer``: what is safe with fewer faults left."""

    def __init__(
        self, partitions: Sequence[Classes], fewer: Sequence[set[int]], halts: bool, recovering: bool
    ) -> None:
        kinds = partitions[-1]
        self._kinds = kinds
        self._fewer = fewer
        self._edges = _edges(kinds)
        self._halts = halts or bool((kinds.flags & SHAKES).any())  # else nothing can halt a trade here
        by_cost = partitions[::-1]
        self._halted = [each.halted.tolist() for each in by_cost]
        faces = [each.faces.tolist() for each in by_cost]
        resolved = [each.resolved.tolist() if recovering else [0] * each.count for each in by_cost]
        self._seen = [list(zip(*each, strict=True)) for each in zip(faces, resolved, strict=True)]

    def is_safe(self, number: int) -> bool:
        """Whether all that can be said of a class by itself is so."""
        return (
            self.keeps_timers(number)
            and self.is_own(number)
            and self.is_unseen(number)
            and self.lasts(number)
            and self.is_halted_alike(number)
        )

    def keeps_timers(self, number: int) -> bool:
        """Whether no timer fires and nothing rests before the trade has moved."""
        return not self._kinds.quiet[number] and not self._kinds.rests[number]

    def is_own(self, number: int) -> bool:
        """Whether no step of it asks anybody, tells anybody, breaks a rule; and one can be taken for good."""
        edges = self._edges[number]
        return all(flags == 0 for flags, _, _ in edges) and any(cost == 0 for _, cost, _ in edges)

    def is_unseen(self, number: int) -> bool:
        """Whether none of its steps changes what neighbours, the gate and rules over all trades see of it."""
        seen = self._seen[0][number]
        return all(self._seen[cost][target] == seen for _, cost, target in self._edges[number])

    def lasts(self, number: int) -> bool:
        """Whether the same holds when others have spent faults."""
        spent = enumerate(self._kinds.less[1:], start=1)
        return all(int(less[number]) in self._fewer[len(self._fewer) - cost] for cost, less in spent)

    def is_halted_alike(self, number: int) -> bool:
        """Whether it comes to the same if trading is halted before its step or after it."""
        halted = self.halted(number)
        if halted == NOWHERE:
            return True
        if halted == BROKEN:
            return False
        after = {(cost, self._halted[cost][target]) for _, cost, target in self._edges[number]}
        return after == {(cost, target) for _, cost, target in self._edges[halted]}

    def halted(self, number: int) -> int:
        """Where a halt takes a class, ``NOWHERE`` where none can come."""
        return self._halted[0][number] if self._halts else NOWHERE

    def onward(self, number: int) -> list[int]:
        """Where its steps lead that cost nothing."""
        return [target for _, cost, target in self._edges[number] if cost == 0]


def _closed(judge: Judge, safe: set[int]) -> set[int]:
    """Those that stay safe whatever is halted."""
    while True:
        kept = {each for each in safe if judge.halted(each) in safe or judge.halted(each) == NOWHERE}
        if kept == safe:
            return safe
        safe = kept


def _without_rounds(judge: Judge, safe: set[int]) -> set[int]:
    """Those from which safe steps lead out of what is safe in the end, whichever are taken (Kahn 1962)."""
    waiting = {each: sum(target in safe for target in judge.onward(each)) for each in safe}
    before: dict[int, list[int]] = {}
    for each in safe:
        for target in judge.onward(each):
            before.setdefault(target, []).append(each)
    ready = [each for each, count in waiting.items() if count == 0]
    for each in ready:  # grows while it is walked
        for source in before.get(each, ()):
            waiting[source] -= 1
            if waiting[source] == 0:
                ready.append(source)
    return set(ready)


def _edges(kinds: Classes) -> list[list[Edge]]:
    first = kinds.first.tolist()
    columns = (kinds.flags.tolist(), kinds.costs.tolist(), kinds.targets.tolist())
    edges: list[Edge] = list(zip(*columns, strict=True))
    return [edges[first[number] : first[number + 1]] for number in range(kinds.count)]


def _marked(numbers: set[int], count: int) -> Flags:
    marked = np.zeros(count, bool)
    marked[sorted(numbers)] = True
    return marked
