"""Whether all trades together can always come to rest, told from the table of one.

Lane after lane comes to its end. One trade can where an edge that happens by itself leads on to rest,
whatever the gate answers; a timer fires while nothing is in flight in any lane, and before a lane's first
timer all its messages have arrived, so every lane can wait with none under way. What is told to all may set
lanes going again, which ends where no such news can come back to itself; last come the timers that are
nobody's.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from hedgecheck import tape
from hedgecheck.explore.exhaustive import wire_of
from hedgecheck.explore.lassos import Lasso, judged, packed
from hedgecheck.explore.liveness import Ints, Loop, can_rest, loops, parts_of
from hedgecheck.explore.tables.alone import ASKS, HALTS, REFUSED, WRONG, Tabulator
from hedgecheck.explore.tables.counterexample import way_of
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.invariants import Invariant
from hedgecheck.world import Universe

TRIED = 200  # loops that are looked at in the world of all lanes


def restless(tabulator: Tabulator) -> tuple[Ints, list[Loop]]:
    """The number of the world of each state of the table, and the loops of those that cannot come to rest."""
    table = tabulator.table
    _, of = np.unique(packed(tabulator.worlds), return_inverse=True)
    rests = np.zeros(int(of.max()) + 1, bool)
    rests[of] = np.frombuffer(table.rests, np.int8) > 0
    sources, targets, others = _edges(tabulator)
    able = can_rest(rests, of[sources], of[targets], of[others])
    return of, loops(able, of[sources], of[targets])


def _edges(tabulator: Tabulator) -> tuple[Ints, Ints, Ints]:
    """The ordinary edges; where the gate was asked also where its other answer leads. What breaks a rule
    leads nowhere, so of an answer that would the other one is all there is."""
    table = tabulator.table
    flags = np.frombuffer(table.flags, np.int16)
    targets = np.frombuffer(table.targets, np.int32)
    asks, refused = (flags & ASKS) > 0, (flags & REFUSED) > 0
    place = np.arange(len(flags))
    other = np.where(asks, np.where(refused, place - 1, place + 1), place)
    is_wrong = (flags & WRONG) > 0
    other = np.where(is_wrong[other], place, other)
    kept = (np.frombuffer(table.ordinary, np.int8) > 0) & ~is_wrong
    return np.frombuffer(table.sources, np.int32)[kept], targets[kept], targets[other][kept]


def news_ends(around: Surroundings) -> bool:
    """Whether what all trades are told of, without any fault, comes to an end."""
    following: dict[Hashable, list[Hashable]] = {}
    for before, after in around.news:
        following.setdefault(around.company.shares(before), []).append(around.company.shares(after))
    return all(len(part) == 1 for part in parts_of(following))


def nobody_waits(around: Surroundings) -> bool:
    """Whether the timers that are nobody's come to an end, whatever holds for all."""
    following: dict[int, set[int]] = {}
    waiting = [*range(len(around.company.known))]
    while waiting:
        number = waiting.pop()
        if number not in following:
            fired = {
                each.everybody
                for each in around.over_all(number)
                if isinstance(each.action, tape.Fire) and not each.cost
            }
            following[number] = fired
            waiting += fired
    ends = {number for number in following if around.company.rests(number)}
    while more := {number for number in following if number not in ends and following[number] & ends}:
        ends |= more
    return len(ends) == len(following)


Reached = tuple[int, int]  # a state of the table, and how many faults it took
Parents = dict[Reached, tuple[int, tuple[Reached, int]]]  # steps, from where, and by which edge


def lasso_of(
    universe: Universe,
    rules: tuple[Invariant, ...],
    tabulator: Tabulator,
    of: Ints,
    found: Sequence[Loop],
) -> Lasso | None:
    """The shortest of these loops that breaks a rule in the world of all lanes, where only the first trades.
    ``of``: the world of each state of the table."""
    steps = {each.state: each.steps for each in found}
    parents = reached_alone(universe, tabulator)
    lengths = []
    for reached, (depth, _) in parents.items():
        turn = steps.get(int(of[reached[0]]))
        if turn is not None:
            lengths.append((depth + turn, reached))
    essence = getattr(universe.engine, "essence", lambda state: state)
    for _, reached in sorted(lengths)[:TRIED]:
        way = way_of(_edges_to(parents, reached), tabulator)
        lasso = judged(universe, rules, way, lambda world: (essence(world.engine), wire_of(world)))
        if lasso is not None:
            return lasso
    return None


def reached_alone(universe: Universe, tabulator: Tabulator) -> Parents:
    """What one trade comes to beside others of which nothing happens."""
    table, scope = tabulator.table, universe.scope
    barred = REFUSED | WRONG | (0 if scope.halts else HALTS)
    edges: dict[int, list[int]] = {}
    for edge, source in enumerate(table.sources):
        if not table.flags[edge] & barred and table.choices[edge] >= 0:
            edges.setdefault(source, []).append(edge)
    reached: Parents = {(0, 0): (0, ((0, 0), -1))}
    layer, depth = [(0, 0)], 0
    while layer:
        depth += 1
        following = []
        for state, spent in layer:
            for edge in edges.get(state, ()):
                after = table.targets[edge], spent + table.costs[edge]
                if after[1] <= scope.max_faults and after not in reached:
                    reached[after] = depth, ((state, spent), edge)
                    following.append(after)
        layer = following
    return reached


def _edges_to(parents: Parents, ending: Reached) -> list[int]:
    """The edges that lead there."""
    edges: list[int] = []
    while parents[ending][0]:
        ending, edge = parents[ending][1]
        edges.insert(0, edge)
    return edges
