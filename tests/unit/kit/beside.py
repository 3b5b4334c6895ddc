"""Trades made by hand side by side: random tables, and a gate, halts and a crash as simple as can be."""

from collections.abc import Iterator, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

from hedgecheck.explore.tables.alone import ASKS, FIRES, HALTS, REFUSED, RESTARTS, SHAKES, Table
from hedgecheck.explore.tables.classes import Classes, faces_of, partitions
from hedgecheck.explore.tables.reference import Reference, State
from hedgecheck.explore.tables.surroundings import Answer, OverAll
from tests.unit.kit.handmade import Edge, Kind, table_of

HALTED, CRASHED = 1, 2  # what holds for all, as bits of its number
BINDING = (0,)


class Beside:
    """In the place of ``Surroundings``: the gate refuses beside a trade that weighs something, and while
    trading is halted or the engine recovers."""

    def __init__(self, table: Table, lanes: int, crashes: int = 0, halts: int = 0) -> None:
        self.lanes = lanes
        self.faces = faces_of(table, BINDING).tolist()
        self._weights = [table.weights[each][0] for each in table.engines]
        known = [
            SimpleNamespace(
                world=SimpleNamespace(crashes_left=crashes - each // 2, halts_left=halts - each % 2)
            )
            for each in range(4)
        ]
        self.company: Any = SimpleNamespace(known=known, rests=lambda everybody: True)

    def answer(self, everybody: int, recovering: bool, others: Sequence[int], edge: int) -> Answer:
        """See ``Surroundings``."""
        weighs = any(self._weights[each] for each in others)
        return Answer(everybody, bool(recovering or weighs or everybody & HALTED), None)

    def shaken(self, everybody: int, edge: int) -> Answer:
        """See ``Surroundings``."""
        return Answer(everybody | HALTED, False, None)

    def restarted(self, everybody: int) -> int:
        """See ``Surroundings``."""
        return everybody | CRASHED

    def is_news(self, before: int, after: int) -> bool:
        """See ``Surroundings``."""
        return (before ^ after) & HALTED > 0

    def at_rest(self, everybody: int) -> None:
        """See ``Surroundings``."""

    def hold(self, everybody: int, recovering: bool, reached: object) -> None:
        """See ``Surroundings``: here it always holds."""

    def over_all(self, everybody: int) -> tuple[OverAll, ...]:
        """See ``Surroundings``."""
        world, found = self.company.known[everybody].world, []
        if world.halts_left > 0:
            found.append(OverAll("halt", False, 0, "halted", everybody | HALTED, None))  # type: ignore[arg-type]
        if world.crashes_left > 0:
            found.append(OverAll("crash", False, 0, "restarted", everybody | CRASHED, None))  # type: ignore[arg-type]
        return tuple(found)


class Drawn:
    """A random table in company. Its states are there four times over: before and after a halt, before and
    after a crash."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.lanes = random.choice((2, 2, 3))
        self.faults, self.crashes = random.choice((0, 0, 1, 2)), random.choice((0, 0, 1))
        self.halts = random.choice((0, 1))
        self._random, self._size = random, random.choice((3, 4, 5))
        self._strays = random.choice((0, 0.05, 0.5))  # steps that lead elsewhere after a halt
        edges = list(self._edges())
        self.table = table_of(4 * self._size, edges, self._kinds(edges))
        self.is_lumped = random.random() < 0.7
        self.kinds: list[Classes] = partitions(self.table, BINDING, self.faults, self.is_lumped)

    def beside(self) -> Any:
        """What is beside the tables."""
        return Beside(self.table, self.lanes, self.crashes, self.halts)

    def _edges(self) -> Iterator[Edge]:
        random, size = self._random, self._size
        for crashed in range(0, 2 * self.crashes + 1, 2):
            steps = [step for _ in range(2 * size) for step in self._step()]
            for halted in range(2):
                base = (crashed + halted) * size
                for source, target, flags, cost in steps:
                    away = random.randrange(size) if halted and random.random() < self._strays else target
                    yield Edge(base + source, base + away, flags, cost)
                for each in range(size):
                    yield Edge(base + each, (crashed + 1) * size + each, HALTS)
                    if self.crashes and not crashed:
                        yield Edge(base + each, base + 2 * size + random.randrange(size), RESTARTS)

    def _step(self) -> list[tuple[int, int, int, int]]:
        """Source, target, flags, cost of one step, of two where the gate is asked."""
        random, size = self._random, self._size
        source, target = random.randrange(size), random.randrange(size)
        kind = random.choice(("plain",) * 6 + ("asks", "fires", "shakes", "fault", "fault"))
        if kind == "asks":
            return [(source, target, ASKS, 0), (source, random.randrange(size), ASKS | REFUSED, 0)]
        flags = {"fires": FIRES, "shakes": SHAKES}.get(kind, 0)
        return [(source, target, flags, int(kind == "fault" and self.faults > 0))]

    def _kinds(self, edges: list[Edge]) -> dict[int, Kind]:
        """What the states are: alike before and after a halt. What takes too many faults is never reached."""
        random, size = self._random, self._size
        struck = _fewest(edges, 4 * size)
        leaves = {edge.source for edge in edges if not edge.flags & (HALTS | RESTARTS)}
        drawn = [
            (random.random() < 0.3, random.random() < 0.8, int(random.random() < 0.15))
            for _ in range(2 * size)
        ]
        kinds = {}
        for state in range(4 * size):
            crashed, place = state // (2 * size), state % size
            quiet, resolved, weight = drawn[crashed * size + place]
            kinds[state] = Kind(
                struck=min(struck[state], self.faults + 1),
                crashed=crashed,
                quiet=int(quiet),
                rests=int(state not in leaves or random.random() < 0.1),
                resolved=resolved,
                weights=(weight, 0),
            )
        return kinds


def _fewest(edges: list[Edge], count: int) -> list[int]:
    """The fewest faults that lead to each state."""
    fewest = [0] + [99] * (count - 1)
    for _ in range(count):
        for edge in edges:
            fewest[edge.target] = min(fewest[edge.target], fewest[edge.source] + edge.cost)
    return fewest


def seen_by(product: Reference, kinds: Sequence[Classes]) -> tuple[set[State], set[State], set[Any]]:
    """All states of a product, those in which every trade rests, and what is done there that others can see:
    in which surroundings which edge was taken, beside which faces."""
    states, waiting, happens = {product.start}, [product.start], set()
    while waiting:
        state = waiting.pop()
        faces = kinds[state[2]].faces
        for move in product.moves(state):
            if move.flags or move.over is not None:
                beside = [int(faces[each]) for lane, each in enumerate(state[3:]) if lane != move.lane]
                happens.add((*state[:3], move.flags, move.edge, str(move.over), *sorted(beside)))
            if move.after not in states:
                states.add(move.after)
                waiting.append(move.after)
    rests = {each for each in states if all(kinds[each[2]].rests[member] for member in each[3:])}
    return states, rests, happens
