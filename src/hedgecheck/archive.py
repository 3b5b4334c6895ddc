"""A mapping that is a value and only grows: one entry more costs what is new, not what is there.

What a long run leaves behind is seldom asked for, and never forgotten. A dict that is copied for each entry
would make n of them cost n squared.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
YOUNG = 16  # entries up to which those that are new are simply copied

new = object.__new__


class _Settled(dict[str, tuple[int, Any, Any]]):
    """Entries that archives share, one grown out of the other. Each is the turn in which it came in, its
    value, and the entry that was at its key before; ``turns``: how many there were."""

    __slots__ = ("turns",)
    turns: int


NOTHING = _Settled()


class Archive(Mapping[str, Value], Generic[Value]):
    """Equal and hashed by what it holds, in the order in which its keys came.

    Young entries are its own. What has settled it shares with those that grow out of it, and sees what came
    in up to its own turn (fat nodes: Driscoll, Sarnak, Sleator and Tarjan, 1989). Only when a second one
    grows out of the same is what has settled copied.
    """

    __slots__ = ("_settled", "_turn", "_young")

    def __init__(self, entries: Mapping[str, Value] | None = None) -> None:
        self._young: dict[str, Value] = dict(entries or {})
        self._settled, self._turn = NOTHING, 0
        if len(self._young) > YOUNG:
            self._settle()

    def put(self, key: str, value: Value) -> "Archive[Value]":
        """The archive with ``value`` at ``key``."""
        grown: Archive[Value] = new(Archive)
        grown._settled, grown._turn = self._settled, self._turn
        grown._young = {**self._young, key: value}
        if len(grown._young) > YOUNG:
            grown._settle()
        return grown

    def _settle(self) -> None:
        settled, turn = self._settled, self._turn + 1
        if settled is NOTHING:
            settled = _Settled()
        elif settled.turns != self._turn:
            settled = _Settled({key: (self._turn, value, None) for key, value in self._old().items()})
        for key, value in self._young.items():
            settled[key] = (turn, value, settled.get(key))
        settled.turns = turn
        self._settled, self._turn, self._young = settled, turn, {}

    def get(self, key: str, default: Any = None) -> Any:
        """What is at ``key``."""
        if key in self._young:
            return self._young[key]
        entry = self._settled.get(key)
        while entry is not None and entry[0] > self._turn:
            entry = entry[2]
        return default if entry is None else entry[1]

    def __getitem__(self, key: str) -> Value:
        found: Value = self.get(key, NOTHING)
        if found is NOTHING:
            raise KeyError(key)
        return found

    def __contains__(self, key: Any) -> bool:
        return key in self._young or self.get(key, NOTHING) is not NOTHING

    def __bool__(self) -> bool:
        return bool(self._young or self._turn)

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> dict[str, Value]:
        return {**self._old(), **self._young}

    def _old(self) -> dict[str, Value]:
        """What has settled, as this archive sees it."""
        old: dict[str, Value] = {}
        for key, entry in self._settled.items():
            seen: Any = entry
            while seen is not None and seen[0] > self._turn:
                seen = seen[2]
            if seen is not None:
                old[key] = seen[1]
        return old

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Archive):
            return NotImplemented
        is_kin = self._settled is other._settled and self._turn == other._turn
        return (is_kin and self._young == other._young) or self._whole() == other._whole()

    def __hash__(self) -> int:
        return hash(frozenset(self._whole().items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Archive, (self._whole(),)

    def __repr__(self) -> str:
        return f"Archive({self._whole()!r})"
