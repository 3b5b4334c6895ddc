"""Whether every state can come to rest by itself; where one cannot, what it does for ever.

A graph in arrays: states by number, and the edges of what happens once faults, crashes and everybody outside
have stopped. States from which no such edges lead to rest are stuck. Whatever happens there ends in a part of
the graph that is never left, and in it something repeats for ever: a lasso is a way there and one turn of the
shortest loop (Tarjan 1972 for the parts; Clarke, Grumberg and Peled 1999 for the lasso).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from hedgecheck.values import frozen

Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]


def can_rest(rests: Bools, sources: Ints, targets: Ints, others: Ints | None = None) -> Bools:
    """The states from which edges lead to rest. ``others``: where somebody else says which of two ways an
    edge goes, the other way; both must lead to rest."""
    able = rests.copy()
    others = targets if others is None else others
    while True:
        reached = sources[able[targets] & able[others]]
        if not len(reached):
            return able
        able[reached] = True
        rest = ~able[sources]
        sources, targets, others = sources[rest], targets[rest], others[rest]


State = TypeVar("State", bound=Hashable)


@frozen
class Loop:
    """A state that is come back to for ever, and after how many steps at the earliest."""

    state: int
    steps: int


def loops(able: Bools, sources: Ints, targets: Ints) -> list[Loop]:
    """Every state of the parts that are never left again and never rest, with its shortest loop."""
    stuck = ~able[sources] & ~able[targets]
    following: dict[int, list[int]] = {}
    for source, target in zip(sources[stuck].tolist(), targets[stuck].tolist(), strict=True):
        following.setdefault(source, []).append(target)
    found = []
    for part in parts_of(following):
        members = set(part)
        if all(after in members for state in part for after in following.get(state, ())):
            found += [Loop(each, steps) for each in part if (steps := _turn(each, following))]
    return found


def parts_of(following: Mapping[State, Sequence[State]]) -> Iterator[list[State]]:
    """The strongly connected parts of a graph, each after those that it leads to (Tarjan 1972, iterative)."""
    order: dict[State, int] = {}
    lowest: dict[State, int] = {}
    open_states: list[State] = []
    is_open: set[State] = set()
    for root, first in following.items():
        path = [] if root in order else [(root, iter(first))]
        while path:
            state, left = path[-1]
            if state not in order:
                order[state] = lowest[state] = len(order)
                open_states.append(state)
                is_open.add(state)
            new = None
            for after in left:
                if after not in order:
                    new = after
                    break
                if after in is_open:
                    lowest[state] = min(lowest[state], order[after])
            if new is not None:
                path.append((new, iter(following.get(new, ()))))
                continue
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[state])
            if lowest[state] == order[state]:
                part = [open_states.pop()]
                while part[-1] != state:
                    part.append(open_states.pop())
                is_open.difference_update(part)
                yield part


def _turn(start: int, following: dict[int, list[int]]) -> int:
    """The fewest steps from a state back to it; 0 where there is no way."""
    seen: set[int] = set()
    layer, steps = [start], 0
    while layer:
        steps += 1
        layer = list(dict.fromkeys(each for state in layer for each in following.get(state, ())))
        if start in layer:
            return steps
        layer = [each for each in layer if each not in seen]
        seen.update(layer)
    return 0
