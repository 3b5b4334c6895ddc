"""The states of a table, each kept as the numbers of its parts: few parts make many states."""

from array import array
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from hedgecheck.explore.remember import Canon
from hedgecheck.values import replace
from hedgecheck.world import World

Part = TypeVar("Part")
Memories = tuple[Any, ...]
EMPTY = -1


class Interned(Generic[Part]):
    """One part for all that have the same key, by number."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.values: list[Part] = []

    def number(self, key: Hashable, part: Part) -> int:
        """The number of a key; ``part`` stands for it where it is new."""
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(part)
        return number


class Rows:
    """Rows of numbers, each once, by number: 4 bytes a number, and no more than 16 a row to find it."""

    def __init__(self, width: int) -> None:
        self.columns = [array("i") for _ in range(width)]
        self._slots = array("i", [EMPTY]) * 1_024  # numbers of rows, by hash; at least half are empty

    def __len__(self) -> int:
        return len(self.columns[0])

    def number(self, row: tuple[int, ...]) -> int:
        """The number of a row, the next one where it is new."""
        slots, columns = self._slots, self.columns
        at = hash(row) % len(slots)
        while slots[at] != EMPTY:
            number = slots[at]
            if all(column[number] == value for column, value in zip(columns, row, strict=True)):
                return number
            at = (at + 1) % len(slots)
        slots[at] = number = len(self)
        for column, value in zip(columns, row, strict=True):
            column.append(value)
        if 2 * len(self) > len(slots):
            self._grow()
        return number

    def _grow(self) -> None:
        size = 2 * len(self._slots)
        self._slots = slots = array("i", [EMPTY]) * size
        for number, row in enumerate(zip(*self.columns, strict=True)):
            at = hash(row) % size
            while slots[at] != EMPTY:
                at = (at + 1) % size
            slots[at] = number


class Nodes:
    """Worlds, and what every rule remembers in them. What is left of the faults is not of a node. ``engines``
    and ``memories``: who knows the one object of each, by number."""

    def __init__(self, engines: Canon, memories: Sequence[Canon]) -> None:
        self._engines, self._canons = engines, memories
        self._rows, self._memories = Rows(4), Rows(len(memories))
        self._venues: Interned[Any] = Interned()
        self._wires: Interned[World] = Interned()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def columns(self) -> list["array[int]"]:
        """Per node the numbers of its engine state, venue, wire and memories, column by column."""
        return self._rows.columns

    def number(self, engine: int, venue: Hashable, wire: Hashable, world: World, memories: Memories) -> int:
        """The number of a node: by the number of its engine state, by what tells its venue and its wire from
        others, and by its memories."""
        numbers = [canon.numbers[id(each)] for canon, each in zip(self._canons, memories, strict=True)]
        return self._rows.number(
            (
                engine,
                self._venues.number(venue, world.venue),
                self._wires.number(wire, world),
                self._memories.number(tuple(numbers)),
            )
        )

    def node(self, number: int, faults_left: int) -> tuple[World, Memories]:
        """The world of that number, and what every rule remembers there."""
        engine, venue, wire, memories = [column[number] for column in self._rows.columns]
        world = replace(
            self._wires.values[wire],
            engine=self._engines.order[engine],
            venue=self._venues.values[venue],
            faults_left=faults_left,
        )
        rows = zip(self._canons, self._memories.columns, strict=True)
        return world, tuple([canon.order[column[memories]] for canon, column in rows])
