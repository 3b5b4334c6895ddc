"""A mapping that is a value and only grows: one entry more costs what is new, not what is there.

What a long run leaves behind is seldom asked for, and never forgotten. A dict that is copied for each entry
would make n of them cost n squared.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
YOUNG = 32  # entries up to which the newest layer is simply copied

ABSENT = object()
new = object.__new__


class Archive(Mapping[str, Value], Generic[Value]):
    """Equal and hashed by what it holds, in the order in which its keys came.

    Layers of entries, the newest first. When that is full it takes in those that are not larger than itself,
    as in a log-structured merge tree (O'Neil et al., 1996), so that each entry is copied a logarithmic number
    of times.
    """

    __slots__ = ("_layers",)

    def __init__(self, entries: Mapping[str, Value] | None = None) -> None:
        self._layers: tuple[dict[str, Value], ...] = (dict(entries),) if entries else ()

    def put(self, key: str, value: Value) -> "Archive[Value]":
        """The archive with ``value`` at ``key``."""
        grown: Archive[Value] = new(Archive)
        newest, *older = self._layers or ({},)
        if len(newest) < YOUNG:
            grown._layers = ({**newest, key: value}, *older)
            return grown
        while older and len(older[0]) <= len(newest):
            newest = {**older.pop(0), **newest}
        grown._layers = ({key: value}, newest, *older)
        return grown

    def get(self, key: str, default: Any = None) -> Any:
        """What is at ``key``."""
        for layer in self._layers:
            if key in layer:
                return layer[key]
        return default

    def __getitem__(self, key: str) -> Value:
        for layer in self._layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def __contains__(self, key: Any) -> bool:
        return self.get(key, ABSENT) is not ABSENT

    def __bool__(self) -> bool:
        return bool(self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def _whole(self) -> dict[str, Value]:
        whole: dict[str, Value] = {}
        for layer in reversed(self._layers):
            whole.update(layer)
        return whole

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Archive):
            return NotImplemented
        return self._layers == other._layers or self._whole() == other._whole()

    def __hash__(self) -> int:
        return hash(frozenset(self._whole().items()))

    def __repr__(self) -> str:
        return f"Archive({self._whole()!r})"
