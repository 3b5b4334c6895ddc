"""Records as text, and back: what is stored and what goes over a wire.

A record is an object with its class's name under ``is`` and its fields; a tuple is a list. There is nothing
else but whole numbers, text, truth values and null, so that equal records have equal text.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from types import ModuleType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

IS = "is"
SHOWN_MAX = 60  # characters of a value that is shown to be wrong


class Unreadable(Exception):
    """A text is no record; what is wrong with it, without a subject."""


class Codec:
    """Writes and reads the records of some classes. ``kinds``: by name; ``fields``: their names, of each."""

    def __init__(self, kinds: Iterable[type[Any]]) -> None:
        self.kinds = {kind.__name__: kind for kind in kinds}
        self.fields = {kind: tuple(each.name for each in fields(kind)) for kind in self.kinds.values()}
        self._writers = _Writers(self.fields)
        self._makers = {kind.__name__: _maker(kind, names) for kind, names in self.fields.items()}
        self._decoder = json.JSONDecoder(
            object_hook=self._record, parse_float=_no_float, parse_constant=_no_float
        )

    def written(self, record: Any) -> str:
        """The text of a record: one line, in ASCII. Equal records have equal text."""
        return self._writers[type(record)](record)

    def read(self, text: str | bytes) -> Any:
        """The record of a text. Raises ``Unreadable``."""
        try:
            found = self._decoder.decode(text if isinstance(text, str) else text.decode())
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"is no JSON: {error}") from error
        if type(found) not in self.fields:
            raise Unreadable(f"is no record but {_shown(found)}")
        return found

    def _record(self, found: dict[str, Any]) -> Any:
        """The record of an object whose own objects are records already."""
        try:
            return self._makers[found[IS]](found)
        except (KeyError, TypeError):
            raise self._wrong(found) from None

    def _wrong(self, found: dict[str, Any]) -> Unreadable:
        name = found.pop(IS, None)
        kind = self.kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            return Unreadable(f"holds a {name!r}, of which this release knows nothing")
        said, names = ", ".join(sorted(found)) or "nothing", ", ".join(self.fields[kind])
        return Unreadable(f"cannot be read: {name} is written with {said}; its fields are {names}")


def _maker(kind: type[Any], names: tuple[str, ...]) -> Callable[[dict[str, Any]], Any]:
    """What makes a record of an object, its class's name and fields. Raises ``KeyError``."""
    size, given = len(names) + 1, itemgetter(IS, IS, *names)

    def make(found: dict[str, Any]) -> Any:
        if len(found) != size:
            raise KeyError
        _, _, *values = given(found)
        if list in map(type, values):
            values = list(_tuples(values))
        return kind(*values)

    return make


class _Writers(dict[type, Callable[[Any], str]]):
    """How a value of each type is written; of a record, made when it is first asked for."""

    def __init__(self, names: dict[type[Any], tuple[str, ...]]) -> None:
        super().__init__()
        self._names = names
        self[str] = encode_basestring_ascii
        self[int] = repr
        self[bool] = {True: "true", False: "false"}.__getitem__
        self[type(None)] = lambda _: "null"
        self[tuple] = lambda values: f"[{','.join([self[type(each)](each) for each in values])}]"

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        assert kind in self._names, "Invariant: records that are written hold plain values and records alone"
        labels = [(name, f',"{name}":') for name in self._names[kind]]
        start = f'{{"{IS}":"{kind.__name__}"'

        def write(record: Any) -> str:
            text = start
            for name, label in labels:
                value = getattr(record, name)
                text += label + self[type(value)](value)
            return text + "}"

        return self.setdefault(kind, write)


def _tuples(values: list[Any]) -> tuple[Any, ...]:
    return tuple([_tuples(each) if type(each) is list else each for each in values])


def _no_float(text: str) -> Any:
    raise Unreadable(f"holds {text}: whole numbers alone are written")


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


def held_by(*hints: Any) -> list[type[Any]]:
    """Every class of records that values of these annotations hold, down to the fields of their fields."""
    found: dict[str, type[Any]] = {}
    waiting = list(hints)
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and is_dataclass(hint):
            if hint.__name__ in found:
                assert found[hint.__name__] is hint, "Invariant: no two classes of a codec share a name"
                continue
            found[hint.__name__] = hint
            waiting += get_type_hints(hint).values()
        else:
            waiting += [each for each in get_args(hint) if not isinstance(each, str)]
    return list(found.values())


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
