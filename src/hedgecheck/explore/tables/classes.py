"""Which states of one trade nothing around it can ever tell apart: the coarsest bisimulation of its table.

Two states are one class where edges of the same kinds lead from both to the same classes, and what a
neighbour may see of both is the same (Paige and Tarjan 1987, by signatures: Blom and Orzan 2003). What can be
reached from one in so many steps can be from the other. With fewer faults left less can happen, and more
states are alike: there is one partition for each number of faults left, and a fault leads from one to the
next. Signatures are hashed while a partition is refined; that it is one is then checked exactly.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.tables.alone import ASKS, HALTS, OPENS, RESTARTS, SHAKES, WRONG, Table

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
SEED = 20_261_122
NOWHERE, BROKEN = -1, -2  # instead of a class


@dataclass(slots=True)
class Face:
    """What neighbours and joint rules may see of a state. ``weights`` and ``recounts``: those that matter, as
    the engine and as the rule counts them; ``gain``: equity above the opening, where money matters."""

    weights: tuple[int, ...]
    recounts: tuple[int, ...]
    is_valued: bool
    gain: int


@dataclass(slots=True)
class Classes:
    """A table by classes for one number of faults left, numbered by crashes, then by the fewest faults of
    their own. ``of``: the class of each state, ``NOWHERE`` for one that takes more faults; ``examples``: one
    state of each. ``faces``: by number, see ``Face``; ``struck``: the fewest faults of its own.

    Edges of class ``c`` are those from ``first[c]`` on, up to ``first[c + 1]``: where to, flags, cost in
    faults, the number of one such edge of the example in the table, and how many are alike. A target is a
    class of the partition for as many faults less as it costs. ``halted``, ``restarted``, ``both``: where
    that takes a class, both where a halt has come to nothing but the engine's store when it goes down;
    ``BROKEN`` where a rule is broken by it.
    ``less``: the class when that many faults more were spent elsewhere. ``wrong``: a rule is broken at rest
    there.
    """

    of: Ints
    examples: Ints
    struck: Ints
    crashed: Ints
    quiet: Ints
    rests: Ints
    wrong: Ints
    resolved: Ints
    faces: Ints
    first: Ints
    targets: Ints
    flags: Ints
    costs: Ints
    edges: Ints
    times: Ints
    halted: Ints
    restarted: Ints
    both: Ints
    less: tuple[Ints, ...]

    @property
    def count(self) -> int:
        """How many classes there are."""
        return len(self.examples)


@dataclass(slots=True)
class Rows:
    """The columns of a table, edges in the order of where they come from."""

    sources: Ints
    targets: Ints
    flags: Ints
    costs: Ints
    labels: Ints
    numbers: Ints
    struck: Ints
    own: Ints
    seen: list[Ints]


def partitions(
    table: Table, binding: Sequence[int], max_faults: int, is_lumped: bool = True
) -> list[Classes]:
    """The classes for each number of faults left, none first; every state its own class unless ``is_lumped``.
    ``binding``: the weights that can matter to the gate, by place; equity matters where one is money."""
    faces = faces_of(table, binding)
    rows = _rows(table, faces)
    found: list[Classes] = []
    for left in range(max_faults + 1):
        kept = rows.struck <= max_faults - left
        of = np.where(kept, np.arange(table.states), NOWHERE)
        if is_lumped:
            of = _refined(rows, kept, left, found)
        found.append(_compiled(rows, of, left, found, table, faces, is_lumped))
    return found


def faces_of(table: Table, binding: Sequence[int]) -> Ints:
    """What neighbours and joint rules may see of every state, by number."""
    money = any(place > 0 for place in binding)
    known: dict[tuple[Any, ...], int] = {}
    per_pair: dict[tuple[int, int], int] = {}
    numbers = np.empty(table.states, np.int64)
    for state, pair in enumerate(zip(table.engines, table.accounts, strict=True)):
        number = per_pair.get(pair)
        if number is None:
            engine, account = pair
            recount = table.recounts[account] if table.recounts else ()
            face = (
                tuple(table.weights[engine][place] for place in binding),
                tuple(recount[place] for place in binding) if recount else (),
                table.valued[engine],
                table.gains[engine] if money else 0,
            )
            number = per_pair[pair] = known.setdefault(face, len(known))
        numbers[state] = number
    return numbers


def _column(row: "array[int]", kind: type[np.signedinteger[Any]]) -> Ints:
    return np.frombuffer(row, kind).astype(np.int64)


def _rows(table: Table, faces: Ints) -> Rows:
    sources, targets = _column(table.sources, np.int32), _column(table.targets, np.int32)
    flags, costs = _column(table.flags, np.int16), _column(table.costs, np.int8)
    labels = flags + ((_column(table.questions, np.int32) + 1) << 24)
    order = np.argsort(sources, kind="stable")
    engines = _column(table.engines, np.int32)
    wrong = np.zeros(table.states, np.int64)
    for each in table.wrong:
        if each.choice < 0:
            wrong[each.state] = 1
    seen = [
        faces,
        np.array(table.resolved, np.int64)[engines],
        _column(table.crashed, np.int8),
        _column(table.quiet, np.int8),
        _column(table.rests, np.int8),
        wrong,
    ]
    own = _fewest(sources, targets, np.where(flags & (HALTS | RESTARTS), 0, costs), table.states)
    return Rows(
        sources[order],
        targets[order],
        flags[order],
        costs[order],
        labels[order],
        order,
        _column(table.struck, np.int8),
        own,
        seen,
    )


def _fewest(sources: Ints, targets: Ints, costs: Ints, states: int) -> Ints:
    """The fewest faults of its own that lead to each state."""
    fewest = np.full(states, 1 << 30)
    fewest[0] = 0
    while True:
        before = fewest.copy()
        np.minimum.at(fewest, targets, before[sources] + costs)
        if (fewest == before).all():
            return fewest


def _refined(rows: Rows, kept: npt.NDArray[np.bool_], left: int, fewer: list[Classes]) -> Ints:
    """The class of each state that is kept."""
    usable = kept[rows.sources] & kept[rows.targets] & (rows.costs == 0)
    strikes = _strikes(rows, kept, left, fewer)
    seen = np.stack([np.where(kept, each, -1) for each in (*rows.seen, strikes.view(np.int64))])
    _, of = np.unique(seen, axis=1, return_inverse=True)
    of = of.reshape(-1)
    sources, targets, labels = rows.sources[usable], rows.targets[usable], rows.labels[usable]
    random, count = np.random.default_rng(SEED), -1
    hashed_labels = _mixed(labels.astype(np.uint64))
    while of.max() + 1 != count:
        count = int(of.max()) + 1
        salt = random.integers(1, 1 << 63, count, np.uint64)
        signature = _signatures(sources, _mixed(hashed_labels + salt[of[targets]]), len(of))
        _, of = np.unique(_mixed(signature) + salt[of], return_inverse=True)
    _check(of, sources, targets, labels)
    return np.where(kept, of, NOWHERE)


def _strikes(rows: Rows, kept: npt.NDArray[np.bool_], left: int, fewer: list[Classes]) -> Hashes:
    """What faults may do to each state, as one number."""
    usable = kept[rows.sources] & (rows.costs > 0) & (rows.costs <= left)
    sources, targets, costs = rows.sources[usable], rows.targets[usable], rows.costs[usable]
    classes = np.full(len(targets), NOWHERE)
    for cost in range(1, left + 1):
        here = costs == cost
        classes[here] = fewer[left - cost].of[targets[here]]
    hashed = _mixed(_mixed(rows.labels[usable].astype(np.uint64)) + classes.astype(np.uint64) + np.uint64(1))
    return _signatures(sources, hashed, len(kept))


def _signatures(sources: Ints, hashed: Hashes, states: int) -> Hashes:
    """Per state the sum over its edges, those alike once."""
    signature = np.zeros(states, np.uint64)
    if not len(sources):
        return signature
    order = np.lexsort((hashed, sources))
    hashed, sources = hashed[order], sources[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (hashed[1:] != hashed[:-1]) | (sources[1:] != sources[:-1])
    hashed, sources = hashed[is_new], sources[is_new]
    starts = np.flatnonzero(np.append(True, sources[1:] != sources[:-1]))
    signature[sources[starts]] = np.add.reduceat(hashed, starts)
    return signature


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _check(of: Ints, sources: Ints, targets: Ints, labels: Ints) -> None:
    """Every state of a class has the very edges of its first: exact, whatever the hashes did."""
    rows = np.unique(np.stack([sources, of[targets], labels]), axis=1)
    starts = np.searchsorted(rows[0], np.arange(len(of) + 1))
    _, examples, inverse = np.unique(of, return_index=True, return_inverse=True)
    example, degree = examples[inverse.reshape(-1)], np.diff(starts)
    assert (degree == degree[example]).all(), "Invariant: states of a class have as many edges"
    at = np.arange(len(rows[0])) - np.repeat(starts[:-1], degree) + np.repeat(starts[example], degree)
    assert (rows[1:] == rows[1:, at]).all(), "Invariant: states of a class have the same edges"


def _numbered(rows: Rows, raw: Ints, table: Table) -> tuple[Ints, Ints, Ints, Ints]:
    """The class of each state; an example, the fewest faults of its own and the crashes of each class."""
    kept = np.flatnonzero(raw >= 0)
    _, first_of, inverse = np.unique(raw[kept], return_index=True, return_inverse=True)
    examples, inverse = kept[first_of], inverse.reshape(-1)
    own = np.full(len(examples), 1 << 30)
    np.minimum.at(own, inverse, rows.own[kept])
    crashed = _column(table.crashed, np.int8)[examples]
    order = np.lexsort((examples, own, crashed))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    of = np.full(len(raw), NOWHERE)
    of[kept] = place[inverse]
    return of, examples[order], own[order], crashed[order]


def _compiled(
    rows: Rows, raw: Ints, left: int, fewer: list[Classes], table: Table, faces: Ints, is_lumped: bool
) -> Classes:
    """The classes in order, with their edges."""
    of, examples, own, crashed = _numbered(rows, raw, table)
    resolved, quiet, rests, wrong = rows.seen[1], rows.seen[3], rows.seen[4], rows.seen[5]
    first, targets, flags, costs, edges, times, turned = _edges(rows, of, examples, left, fewer)
    halted, restarted, both = turned
    less = tuple(fewer[left - more].of[examples] for more in range(1, left + 1))
    return Classes(
        of,
        examples,
        own,
        crashed,
        quiet[examples],
        rests[examples],
        wrong[examples],
        resolved[examples],
        faces[examples],
        first,
        targets,
        flags,
        costs,
        edges,
        np.ones_like(times) if is_lumped else times,  # of a class only its example is known to have so many
        halted,
        restarted,
        both,
        (np.arange(len(examples)), *less),
    )


def _edges(rows: Rows, of: Ints, examples: Ints, left: int, fewer: list[Classes]) -> Any:
    """The edges of the examples, by class, and where what comes over all lanes takes each class."""
    is_example = np.zeros(len(of), bool)
    is_example[examples] = True
    chosen = np.flatnonzero(is_example[rows.sources] & (rows.costs <= left))
    sources, costs, flags = of[rows.sources[chosen]], rows.costs[chosen], rows.flags[chosen]
    raw_targets = rows.targets[chosen]
    is_turn = (flags & (HALTS | RESTARTS)) > 0
    targets = of[raw_targets]
    for cost in range(1, left + 1):
        here = (costs == cost) & ~is_turn
        targets[here] = fewer[left - cost].of[raw_targets[here]]
    turned = []
    for kind in (HALTS, RESTARTS, HALTS | RESTARTS):
        here = is_turn & ((flags & (HALTS | RESTARTS)) == kind)
        turn = np.full(len(examples), NOWHERE)
        turn[sources[here]] = np.where(flags[here] & WRONG, BROKEN, targets[here])
        turned.append(turn)
    is_joint = (flags & (ASKS | SHAKES | OPENS)) > 0  # looked at in company, each by itself
    stacked = np.stack([sources, flags, targets, costs, np.where(is_joint, chosen, -1)])[:, ~is_turn]
    unique, example, times = np.unique(stacked, axis=1, return_index=True, return_counts=True)
    first = np.searchsorted(unique[0], np.arange(len(examples) + 1))
    numbers = rows.numbers[chosen[~is_turn][example]]
    return first, unique[2], unique[1], unique[3], numbers, times, turned
