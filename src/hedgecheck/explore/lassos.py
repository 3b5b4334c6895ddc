"""From the graph of a search to the failure: the shortest tape after which something repeats for ever.

What happens next depends on the world alone, and not on what rules remember: worlds are the states of this
graph, and a question asked again and again comes back to the same one however many were counted. What only
leads back may still be a rest, as where a stop is asked about for as long as it rests; so each loop is judged
as the end of a tape is, by letting everything come to its end (``run_tape``).
"""

import math
from array import array
from collections.abc import Callable, Collection, Hashable, Sequence

import numpy as np

from hedgecheck import tape
from hedgecheck.explore.liveness import Ints, can_rest, loops
from hedgecheck.explore.replay import Failure, run_tape
from hedgecheck.invariants import Invariant
from hedgecheck.tape import Action, Tape, bare
from hedgecheck.values import frozen
from hedgecheck.world import Universe, World

WORLD = 3  # numbers of a state's key that are of its world; the others are of what rules remember
Path = Callable[[int], tuple[Action, ...]]
BY_ITSELF = frozenset({tape.Receive, tape.Deliver, tape.DeliverLate, tape.Fill, tape.Fire})


def is_ordinary(action: Action, before: World, after: World) -> bool:
    """Whether that happens by itself: it is no fault, and nobody outside has a hand in it."""
    return type(bare(action)) in BY_ITSELF and after.faults_left == before.faults_left


class Goings:
    """The ordinary edges of a search, whose states are numbered in the order in which they are expanded.

    ``ends``: per state that was expanded how many edges there were then; ``targets``: of each edge;
    ``rests``: per state whether it does. Four bytes an edge, five a state.
    """

    def __init__(self) -> None:
        self.ends = array("I")
        self.targets = array("i")
        self.rests = bytearray()

    def finish(self) -> None:
        """All edges of the next state are there."""
        self.ends.append(len(self.targets))


@frozen
class Lasso:
    """A way to a world that is come back to for ever, one turn of the loop, and what is wrong with that."""

    way: tuple[Action, ...]
    turn: tuple[Action, ...]
    failure: Failure

    @property
    def tape(self) -> tuple[Action, ...]:
        """The way and one turn."""
        return self.way + self.turn


def lasso_of(
    universe: Universe,
    rules: tuple[Invariant, ...],
    goings: Goings,
    states: Collection[tuple[int, ...]],
    path: Path,
    key: Callable[[World], Hashable],
    steps_max: int,
) -> Lasso | None:
    """The shortest lasso of a search, if there is any, and of no more than so many steps. ``states``: their
    keys; ``path``: the actions that lead to one; ``key``: what tells worlds apart.

    States that were not expanded count as if they came to rest, so what is found is there in any case.
    """
    expanded = len(goings.ends)
    sources, targets = edges_of(goings)
    rests = np.ones(len(states), bool)
    rests[:expanded] = np.frombuffer(goings.rests, bool)[:expanded]
    if expanded == len(states) and can_rest(rests, sources, targets).all():
        return None
    _, of = np.unique(packed(columns_of(states)), return_inverse=True)
    able = np.zeros(int(of.max()) + 1, bool)
    able[of[rests]] = True
    able[of[:expanded][~rests[:expanded]]] = False
    sources, targets = of[sources], of[targets]
    steps = {each.state: each.steps for each in loops(can_rest(able, sources, targets), sources, targets)}
    if not steps:
        return None
    candidates = []
    for state in np.flatnonzero(np.isin(of, list(steps))).tolist():
        way = path(state)
        candidates.append((len(way) + steps[int(of[state])], state, way))
    for length, _, way in sorted(candidates, key=lambda each: each[:2]):
        if length > steps_max:
            return None
        found = judged(universe, rules, way, key)
        if found is not None:
            return found
    return None


def columns_of(keys: Collection[tuple[int, ...]]) -> list[Ints]:
    """Of the keys of states what is of their worlds, column by column."""
    return [np.fromiter((key[at] for key in keys), np.int64, len(keys)) for at in range(WORLD)]


def packed(columns: Sequence[Ints]) -> Ints:
    """A number for the world of each state, by the numbers of its engine's state, venue and wire."""
    engines, venues, wires = [each.astype(np.int64) for each in columns]
    sizes = [int(each.max()) + 1 for each in columns]
    assert math.prod(sizes) < 1 << 63, "Invariant: worlds are few enough to number"
    return engines + sizes[0] * (venues + sizes[1] * wires)


def edges_of(goings: Goings) -> tuple[Ints, Ints]:
    """From where to where ordinary edges lead, of the states that were expanded."""
    ends = np.frombuffer(goings.ends, np.uint32)
    degrees = np.diff(ends, prepend=np.uint32(0))
    targets = np.frombuffer(goings.targets, np.int32)[: int(ends[-1])]
    return np.repeat(np.arange(len(ends), dtype=np.int32), degrees), targets


def judged(
    universe: Universe,
    rules: tuple[Invariant, ...],
    way: tuple[Action, ...],
    key: Callable[[World], Hashable],
) -> Lasso | None:
    """The lasso at the end of a way, where it breaks a rule."""
    world = universe.initial()
    for action in way:
        world, _ = universe.apply(world, action)
    turn = turn_of(universe, world, key)
    failure = run_tape(universe, Tape(0, way + turn), rules)
    if failure is None:
        return None
    return Lasso(way, turn, failure)


def turn_of(universe: Universe, start: World, key: Callable[[World], Hashable]) -> tuple[Action, ...]:
    """The fewest ordinary actions that lead from a world back to it; none where there is no way."""
    home = key(start)
    seen = {home}
    layer: list[tuple[World, tuple[Action, ...]]] = [(start, ())]
    while layer:
        following: list[tuple[World, tuple[Action, ...]]] = []
        for world, actions in layer:
            for action, after in ordinary_steps(universe, world):
                number = key(after)
                if number == home:
                    return (*actions, action)
                if number not in seen:
                    seen.add(number)
                    following.append((after, (*actions, action)))
        layer = following
    return ()


def ordinary_steps(universe: Universe, world: World) -> list[tuple[Action, World]]:
    """What can happen by itself, and the worlds it leads to."""
    actions = [each for each in universe.enabled(world) if type(bare(each)) in BY_ITSELF]
    steps = [(each, universe.apply(world, each)[0]) for each in actions]
    return [(each, after) for each, after in steps if after.faults_left == world.faults_left]
