"""The product of the tables, state by state, with nothing but the standard library: what it is held to be.

Every edge of every lane is looked at, and every rule over all trades is judged where it could break.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hedgecheck.explore.tables.alone import ASKS, CRASHES, FIRES, OPENS, REFUSED, SHAKES, WRONG
from hedgecheck.explore.tables.classes import BROKEN, NOWHERE
from hedgecheck.explore.tables.company import Broken, NotLocalError
from hedgecheck.explore.tables.surroundings import FRESH, OverAll, Surroundings
from hedgecheck.values import frozen

State = tuple[int, ...]  # what holds for all, whether recovering, faults left, and the class in each lane
Edge = tuple[int, int, int, int, int]  # flags, target, cost in faults, number in the table, how many alike


@frozen
class Move:
    """One edge of the product. ``lane`` and ``edge``: who moves and by which edge of the table, or ``over``:
    what comes over all. ``times``: so many are alike. ``broken``: a rule over all trades that does not hold
    then."""

    after: State
    lane: int = -1
    edge: int = -1
    flags: int = 0
    over: OverAll | None = None
    broken: Broken = None
    times: int = 1


@dataclass(slots=True)
class Product:
    """What was seen: states, edges, states per depth. ``ending``: the state in which a rule broke, and
    ``last`` the edge that broke it, None at rest."""

    states: int = 0
    edges: int = 0
    layers: list[int] = field(default_factory=list)
    is_broken: bool = False
    ending: State | None = None
    last: Move | None = None
    parents: dict[State, State | None] = field(default_factory=dict)


@dataclass(slots=True)
class Lists:
    """The columns of a partition as lists."""

    edges: list[list[Edge]]
    examples: list[int]
    quiet: list[int]
    rests: list[int]
    wrong: list[int]
    resolved: list[int]
    turns: dict[str, list[int]]
    less: list[list[int]]


class Reference:
    """Knows every edge of the product. ``symmetric``: lanes that are alike are not told apart."""

    def __init__(self, around: Surroundings, kinds: Sequence[Any], symmetric: bool = False) -> None:
        self._around = around
        self._symmetric = symmetric
        self._kinds = [_lists(each) for each in kinds]
        self.start: State = (0, 0, len(kinds) - 1, *[int(kinds[-1].of[0])] * around.lanes)

    def search(self, states_max: int = 10_000_000) -> Product:
        """All of it, or up to the first rule that is broken."""
        result = Product()
        result.parents[self.start] = None
        layer = [self.start]
        while layer and not result.is_broken and len(result.parents) < states_max:
            result.layers.append(len(layer))
            for state in layer:
                if self.is_wrong_at_rest(state) and not result.is_broken:
                    result.is_broken, result.ending = True, state
            layer = [] if result.is_broken else self._following(layer, result)
        result.states = len(result.parents)
        return result

    def _following(self, layer: list[State], result: Product) -> list[State]:
        following: list[State] = []
        for state in layer:
            for move in self.moves(state):
                result.edges += move.times
                if (move.broken or move.flags & WRONG) and not result.is_broken:
                    result.is_broken, result.ending, result.last = True, state, move
                if move.after not in result.parents:
                    result.parents[move.after] = state
                    following.append(move.after)
        return following

    def is_wrong_at_rest(self, state: State) -> bool:
        """Whether everything rests, and a rule is broken by it."""
        kinds, members = self._kinds[state[2]], state[3:]
        if not self._around.company.rests(state[0]) or not all(kinds.rests[each] for each in members):
            return False
        return self._around.at_rest(state[0]) is not None or any(kinds.wrong[each] for each in members)

    def moves(self, state: State) -> Iterator[Move]:
        """Every edge from a state."""
        everybody, recovering, left, *members = state
        kinds = self._kinds[left]
        is_quiet = all(kinds.quiet[each] for each in members)
        has_crash = self._around.company.known[everybody].world.crashes_left > 0
        for lane, member in enumerate(members):
            for edge in kinds.edges[member]:
                if (edge[0] & FIRES and not is_quiet) or (edge[0] & CRASHES and not has_crash):
                    continue
                move = self._in_lane(everybody, bool(recovering), left, members, lane, edge)
                if move is not None:
                    yield move
        self._around.hold(everybody, bool(recovering), [[kinds.examples[each] for each in members]])
        for each in self._around.over_all(everybody):
            if each.cost <= left and (is_quiet or not each.fires):
                waits = bool(recovering) or each.turns == "restarted"
                turned = [kinds.turns[each.turns][member] for member in members]
                if BROKEN in turned or each.broken is not None:
                    yield Move(state, flags=WRONG, over=each)
                else:
                    yield Move(self._state(each.everybody, waits, left, each.cost, turned), over=each)

    def _in_lane(
        self, everybody: int, recovering: bool, left: int, members: list[int], lane: int, edge: Edge
    ) -> Move | None:
        """What comes of one edge; None where the gate answers otherwise."""
        around, kinds = self._around, self._kinds[left]
        flags, target, cost, number, times = edge
        after, broken = everybody, None
        if flags & (ASKS | OPENS):
            others = [kinds.examples[each] for place, each in enumerate(members) if place != lane]
            answer = around.answer(everybody, recovering, others, number)
            if flags & ASKS and answer.refused != bool(flags & REFUSED):
                return None
            after, broken = answer.everybody, answer.broken
        elif flags & SHAKES:
            answer = around.shaken(everybody, number)
            after, broken = answer.everybody, answer.broken
        elif flags & CRASHES:
            after = around.restarted(everybody)
        shakes = bool(flags & SHAKES) and around.is_news(everybody, after)
        turn = kinds.turns[turn_of(flags, shakes)]
        turned = [turn[each] for each in members]
        turned[lane] = FRESH  # it goes its own way
        if flags & WRONG or BROKEN in turned:
            own = (everybody, int(recovering), left, *members)
            return Move(own, lane, number, flags | WRONG, broken=broken, times=times)
        turned = [self._less(left, each, cost) for each in turned]
        waits = recovering or bool(flags & CRASHES)
        turned[lane] = target
        state = self._state(after, waits, left - cost, 0, turned)
        return Move(state, lane, number, flags, broken=broken, times=times)

    def _less(self, left: int, member: int, cost: int) -> int:
        if member == NOWHERE:
            raise NotLocalError("What came over all trades cost more faults than there are.")
        return self._kinds[left].less[cost][member]

    def _state(self, everybody: int, recovering: bool, left: int, cost: int, members: list[int]) -> State:
        members = [self._less(left, each, cost) for each in members]
        kinds = self._kinds[left - cost]
        waits = recovering and not all(kinds.resolved[each] for each in members)
        return everybody, int(waits), left - cost, *(sorted(members) if self._symmetric else members)


def turn_of(flags: int, shakes: bool) -> str:
    """What becomes of the lanes beside one that took such an edge; ``shakes``: they are told of it."""
    if flags & CRASHES:
        return "both" if shakes else "restarted"
    return "halted" if shakes else "nothing"


def _lists(kinds: Any) -> Lists:
    first = kinds.first.tolist()
    columns = [each.tolist() for each in (kinds.flags, kinds.targets, kinds.costs, kinds.edges, kinds.times)]
    edges = list(zip(*columns, strict=True))
    return Lists(
        [edges[first[c] : first[c + 1]] for c in range(kinds.count)],
        kinds.examples.tolist(),
        kinds.quiet.tolist(),
        kinds.rests.tolist(),
        kinds.wrong.tolist(),
        kinds.resolved.tolist(),
        {
            "nothing": list(range(kinds.count)),
            "halted": kinds.halted.tolist(),
            "restarted": kinds.restarted.tolist(),
            "both": kinds.both.tolist(),
        },
        [each.tolist() for each in kinds.less],
    )
