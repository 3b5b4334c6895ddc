"""Tables of one trade made by hand, for tests of what is made of a table."""

from dataclasses import dataclass
from typing import Any

from hedgecheck import invariants
from hedgecheck.explore.tables.alone import Table, Wrong

RULE = invariants.ALL[0]


@dataclass(frozen=True)
class Edge:
    """See ``Table``."""

    source: int
    target: int
    flags: int = 0
    cost: int = 0
    question: int = -1


@dataclass(frozen=True)
class Kind:
    """What a state is in itself: its columns in the table, and what its engine state stands for."""

    struck: int = 0
    crashed: int = 0
    quiet: int = 1
    rests: int = 0
    wrong: bool = False
    resolved: bool = True
    valued: bool = True
    weights: tuple[int, ...] = (0, 0)
    gain: int = 0
    recount: tuple[int, ...] = (0, 0)


def table_of(count: int, edges: list[Edge], kinds: dict[int, Kind] | None = None) -> Table:
    """A table of so many states with those edges; every state has an engine state of its own number."""
    table, kinds = Table(), kinds or {}
    for edge in edges:
        row: list[tuple[Any, int]] = [(table.sources, edge.source), (table.targets, edge.target)]
        row += [(table.flags, edge.flags), (table.costs, edge.cost), (table.questions, edge.question)]
        for column, value in (*row, (table.choices, 0)):
            column.append(value)
    for state in range(count):
        kind = kinds.get(state, Kind())
        row = [(table.struck, kind.struck), (table.crashed, kind.crashed), (table.quiet, kind.quiet)]
        row += [(table.rests, kind.rests), (table.engines, state), (table.accounts, state)]
        row += [(table.resolved, kind.resolved), (table.valued, kind.valued)]
        row += [(table.weights, kind.weights), (table.gains, kind.gain), (table.recounts, kind.recount)]
        for column, value in row:
            column.append(value)
        if kind.wrong:
            table.wrong.append(Wrong(state, -1, RULE, "planted"))
    return table
