"""Events of the core as text, and back: one format for ever, with a way up from each that came before.

A record is an object with its class's name under ``is`` and its fields; a tuple is a list. There is nothing
else but whole numbers, text, truth values and null, so that equal events have equal text. Where a field is
added to a class, or one is renamed, ``FORMAT`` goes up by one, and ``UPCASTERS`` says what an object of the
format before is in the next.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from core import messages, settings
from hedgecheck.errors import EventUnreadable

FORMAT = 1
IS = "is"
Object = dict[str, Any]
Upcaster = Callable[[Object], Object]
UPCASTERS: dict[int, Upcaster] = {}  # by the format that an object is in; what it is in the next
CLASSES: dict[str, type[Any]] = {
    name: kind
    for module in (messages, settings)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and is_dataclass(kind)
}
FIELDS = {kind: tuple(each.name for each in fields(kind)) for kind in CLASSES.values()}


def encoded(record: Any) -> str:
    """The text of an event, or of settings, in the present format. Equal records have equal text."""
    return json.dumps(_object(record), separators=(",", ":"), ensure_ascii=False)


def decoded(text: str, written_in: int = FORMAT, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> Any:
    """The record of a text that was written in that format.

    Raises ``EventUnreadable`` for a format that is newer than this release or has no way up from it, for what
    is no such text, and for a class or a field that there is not.
    """
    if written_in > FORMAT:
        raise EventUnreadable(
            f"An event is written in format {written_in}, and this release knows up to {FORMAT}. "
            "Take the release that wrote it, or a newer one."
        )
    missing = [each for each in range(written_in, FORMAT) if each not in upcasters]
    if missing or written_in < 1:
        raise EventUnreadable(f"There is no way up from format {written_in}: an event cannot be read.")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise EventUnreadable(f"An event is no JSON: {error}. Restore the store from a backup.") from error
    for each in range(written_in, FORMAT):
        found = _lifted(found, upcasters[each])
    return _record(found)


def _object(value: Any) -> Any:
    kind = type(value)
    if kind in FIELDS:
        return {IS: kind.__name__, **{name: _object(getattr(value, name)) for name in FIELDS[kind]}}
    if kind is tuple:
        return [_object(each) for each in value]
    assert value is None or kind in (int, str, bool), "Invariant: events hold plain values and records alone"
    return value


def _lifted(value: Any, upcaster: Upcaster) -> Any:
    """The value with every object in it lifted, those within first."""
    if isinstance(value, list):
        return [_lifted(each, upcaster) for each in value]
    if isinstance(value, dict):
        return upcaster({name: _lifted(each, upcaster) for name, each in value.items()})
    return value


def _record(value: Any) -> Any:
    if isinstance(value, list):
        return tuple([_record(each) for each in value])
    if isinstance(value, float):
        raise EventUnreadable(f"An event holds {value}: whole numbers alone are written.")
    if not isinstance(value, dict):
        return value
    kind = CLASSES.get(value.get(IS, ""))
    if kind is None:
        raise EventUnreadable(f"An event holds a {value.get(IS)!r}, of which this release knows nothing.")
    names = FIELDS[kind]
    if len(value) != len(names) + 1 or any(name not in value for name in names):
        found = ", ".join(sorted(name for name in value if name != IS))
        raise EventUnreadable(f"{kind.__name__} is written with {found}; its fields are {', '.join(names)}.")
    return kind(*[_record(value[name]) for name in names])
