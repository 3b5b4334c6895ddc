"""The product of the tables by fewer orders: where one trade may go first, no other does. It is there twice,
state by state and in whole arrays, as the product itself is.

What is seen is part of the product, and a rule is broken there if and only if it is in all of it. A case
that is found need not be a shortest one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hedgecheck.explore.tables.ample import NOBODY, Ample
from hedgecheck.explore.tables.classes import Classes, Ints
from hedgecheck.explore.tables.multisets import orders_of
from hedgecheck.explore.tables.product import Block, Dense, Watch, unwatched
from hedgecheck.explore.tables.reference import Move, Reference, State
from hedgecheck.explore.tables.surroundings import Surroundings


class ReducedReference(Reference):
    """See ``Reference``."""

    def __init__(self, around: Surroundings, kinds: Sequence[Any], symmetric: bool = False) -> None:
        super().__init__(around, kinds, symmetric)
        self._ample = Ample(around, kinds)

    def moves(self, state: State) -> Iterator[Move]:
        """Every edge from a state that is taken."""
        first = self._ample.first_of(state)
        for move in super().moves(state):
            if first == NOBODY or (move.over is None and state[3 + move.lane] == first):
                yield move


class ReducedDense(Dense):
    """See ``Dense``."""

    def __init__(self, around: Surroundings, partitions: Sequence[Classes], watch: Watch = unwatched) -> None:
        super().__init__(around, partitions, watch)
        self._ample = Ample(around, partitions)

    def _expand(self, block: Block, members: list[Ints]) -> None:
        first = self._ample.first(*block[:3], members)
        nobody = first == NOBODY
        if nobody.all():
            super()._expand(block, members)
            return
        if nobody.any():
            super()._expand(block, [row[nobody] for row in members])
            members, first = [row[~nobody] for row in members], first[~nobody]
        self._go_first(block, members, first)

    def _go_first(self, block: Block, members: list[Ints], first: Ints) -> None:
        """Takes the edges of the lanes in the class that goes first."""
        weight = orders_of(members)
        self.progress.orders += int(weight.sum())
        for lane in range(self._lanes):
            here = members[lane] == first
            if not here.any():
                continue
            chosen, orders = [row[here] for row in members], weight[here]
            is_quiet = np.zeros(len(orders), bool)  # it has a message in flight
            for column in self._levels[block[2]].columns:
                if column.flags == 0:
                    self._take(block, column, lane, chosen, is_quiet, orders)
