"""Classes with other methods, and records with other numbers, to be planted in the place of sound ones."""

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

from hedgecheck.values import replace


def variant(kind: type, **methods: Any) -> type:
    """A class of the same name and layout that does these differently. Not of a frozen record: what is made
    of it would be of the sound class again."""
    assert not is_dataclass(kind) or not kind.__dataclass_params__.frozen, "records: see told_otherwise"
    own = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), {**own, "__slots__": (), **methods})


def told_otherwise(kind: type, **fields: Callable[[Any], Any]) -> Callable[..., Any]:
    """What makes such a record with other numbers than it is told: each a function of what it was."""

    def made(*given: Any, **named: Any) -> Any:
        record = kind(*given, **named)
        return replace(record, **{name: of(getattr(record, name)) for name, of in fields.items()})

    return made
