"""A partition made ready for whole arrays: edges by kind, classes by group."""

from dataclasses import dataclass

import numpy as np

from hedgecheck.explore.tables.classes import Classes, Ints


@dataclass(slots=True)
class Column:
    """Edges of one kind, as they are taken together: ``first`` per class, then targets and table numbers."""

    flags: int
    cost: int
    first: Ints
    targets: Ints
    numbers: Ints


@dataclass(slots=True)
class Level:
    """A partition made ready: ``group`` of each class (crashes and own faults), and where groups begin."""

    kinds: Classes
    columns: list[Column]
    group: Ints
    begins: Ints
    sizes: Ints
    turns: dict[str, Ints]

    def some(self, members: list[Ints], count: int) -> list[list[int]]:
        """About so many of these states, spread over all: of each lane's class a state of its own table."""
        chosen = np.stack([each[:: max(1, len(each) // count)] for each in members])
        examples: list[list[int]] = self.kinds.examples[chosen].T.tolist()
        return examples


def level_of(kinds: Classes) -> Level:
    """The partition made ready."""
    groups = np.stack([kinds.crashed, kinds.struck])
    _, begins, group = np.unique(groups, axis=1, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    turns = {
        "nothing": np.arange(kinds.count),
        "halted": kinds.halted,
        "restarted": kinds.restarted,
        "both": kinds.both,
    }
    sources = np.repeat(np.arange(kinds.count), np.diff(kinds.first))
    columns = []
    pairs = np.stack([kinds.flags, kinds.costs])
    for flags, cost in np.unique(pairs, axis=1).T:
        here = np.flatnonzero((kinds.flags == flags) & (kinds.costs == cost))
        first = np.searchsorted(sources[here], np.arange(kinds.count + 1))
        columns.append(Column(int(flags), int(cost), first, kinds.targets[here], kinds.edges[here]))
    return Level(kinds, columns, group, begins, np.bincount(group), turns)
