"""Records as text, and back: what is stored and what goes over a wire.

A record is an object with its class's name under ``is`` and its fields; a tuple is a list. There is nothing
else but whole numbers, text, truth values and null, so that equal records have equal text.
"""

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from types import ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

IS = "is"
SHOWN_MAX = 60  # characters of a value that is shown to be wrong


class Unreadable(Exception):
    """A text is no record; what is wrong with it, without a subject."""


class Codec:
    """Writes and reads the records of some classes. ``kinds``: by name."""

    def __init__(self, kinds: Iterable[type[Any]]) -> None:
        self.kinds = {kind.__name__: kind for kind in kinds}
        self._fields = {kind: tuple(each.name for each in fields(kind)) for kind in self.kinds.values()}

    def written(self, record: Any) -> str:
        """The text of a record, in one line. Equal records have equal text."""
        return json.dumps(self._object(record), separators=(",", ":"), ensure_ascii=False)

    def read(self, text: str | bytes) -> Any:
        """The record of a text. Raises ``Unreadable``."""
        return self.record(parsed(text))

    def record(self, found: Any) -> Any:
        """The record of an object as JSON has it. Raises ``Unreadable``."""
        if isinstance(found, list):
            return tuple([self.record(each) for each in found])
        if isinstance(found, float):
            raise Unreadable(f"holds {found}: whole numbers alone are written")
        if not isinstance(found, dict):
            return found
        name = found.get(IS, "")
        kind = self.kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            raise Unreadable(f"holds a {found.get(IS)!r}, of which this release knows nothing")
        names = self._fields[kind]
        if len(found) != len(names) + 1 or any(name not in found for name in names):
            said = ", ".join(sorted(name for name in found if name != IS)) or "nothing"
            raise Unreadable(
                f"cannot be read: {name} is written with {said}; its fields are {', '.join(names)}"
            )
        return kind(*[self.record(found[name]) for name in names])

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if kind in self._fields:
            names = self._fields[kind]
            return {IS: kind.__name__, **{name: self._object(getattr(value, name)) for name in names}}
        if kind is tuple:
            return [self._object(each) for each in value]
        assert value is None or kind in (int, str, bool), (
            "Invariant: records that are written hold plain values and records alone"
        )
        return value


def parsed(text: str | bytes) -> Any:
    """What a text is as JSON. Raises ``Unreadable``."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is no JSON: {error}") from error


def records(*modules: ModuleType) -> list[type[Any]]:
    """The classes of records that modules have."""
    found = [each for module in modules for each in vars(module).values()]
    return [each for each in found if isinstance(each, type) and is_dataclass(each)]


def wrong_with(value: Any, hint: Any) -> str:
    """What keeps a value from being what an annotation says, down to the fields of records; empty where it
    is that. For what comes from outside: ``Codec`` makes a record of any values."""
    origin, choices = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        found = [wrong_with(value, each) for each in choices]
        kinds = [why for why, each in zip(found, choices, strict=True) if isinstance(value, _class_of(each))]
        return "" if "" in found else (kinds or [_not(value, hint)])[0]
    if origin is Literal:
        return "" if value in choices else _not(value, hint)
    if origin is tuple:
        return _wrong_within(value, choices)
    if type(value) is not _class_of(hint):
        return _not(value, hint)
    for name, each in _hints(hint).items():
        why = wrong_with(getattr(value, name), each)
        if why:
            return f"{name}: {why}"
    return ""


def _wrong_within(value: Any, kinds: tuple[Any, ...]) -> str:
    """The same of a tuple of so many values, or of any number of one kind."""
    if not isinstance(value, tuple):
        return f"{_shown(value)} is no list"
    if kinds[1:] == (...,):
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        return f"{_shown(value)} has not {len(kinds)} values"
    return next(filter(None, map(wrong_with, value, kinds)), "")


def _class_of(hint: Any) -> Any:
    return str if get_origin(hint) is Literal else get_origin(hint) or hint


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind) if is_dataclass(kind) else {}


def _not(value: Any, hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType, Literal):
        names = [getattr(each, "__name__", str(each)) for each in get_args(hint)]
        return f"{_shown(value)} is none of {', '.join(names)}"
    return f"{_shown(value)} is no {hint.__name__}"


def _shown(value: Any) -> str:
    if is_dataclass(value):
        return f"a {type(value).__name__}"
    return repr(value)[:SHOWN_MAX]
