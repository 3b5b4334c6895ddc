"""The same record with other names: what is true of one lane is true of its twin."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import Table
from hedgecheck.world import Scope


class Renaming:
    """Puts names in the place of others, in records, tuples, tables and texts made of them (``p1a1``)."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)
        longest = sorted((re.escape(name) for name in names if len(name) > 1), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(longest)})(?![0-9])") if longest else None
        self._known: dict[int, tuple[Any, Any]] = {}  # by id, with the original, which keeps the id alive

    def __call__(self, value: Any) -> Any:
        """The value under its new names."""
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, (int, float)):
            return value
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, self._made(value))
        return known[1]

    def _text(self, text: str) -> str:
        if text in self._names:
            return self._names[text]
        return text if self._pattern is None else self._pattern.sub(lambda m: self._names[m[1]], text)

    def _made(self, value: Any) -> Any:
        if isinstance(value, Table | Archive):
            return type(value)({self(key): self(item) for key, item in value.items()})
        if isinstance(value, (tuple, frozenset)):
            return type(value)([self(each) for each in value])
        kind: Any = type(value)
        if is_dataclass(value):
            return kind(*[self(getattr(value, each.name)) for each in fields(value)])
        raise TypeError(f"{type(value).__name__} holds names that nobody knows how to change")


def twins(scope: Scope, index: int) -> Renaming | None:
    """What turns the first lane into lane ``index``; None where they are not alike."""
    one, other = scope.intents[0], scope.intents[index]
    names = {
        one.id: other.id,
        one.id.rstrip("0123456789"): other.id.rstrip("0123456789"),
        one.symbol_a: other.symbol_a,
        one.symbol_b: other.symbol_b,
    }
    renaming = Renaming(names)
    own = {m.symbol: m for m in scope.house.markets}
    prices = dict(scope.prices)
    alike = renaming(one) == other and all(
        renaming(own[old]) == own[new] and prices[old] == prices[new]
        for old, new in zip(one.symbols, other.symbols, strict=True)
    )
    return renaming if alike else None
