"""Events of the core as text, and back: one format for ever, with a way up from each that came before.

How a record is written: see ``codec``. Where a field is added to a class, or one is renamed, ``FORMAT`` goes
up by one, and ``UPCASTERS`` says what an object of the format before is in the next.
"""

from collections.abc import Callable, Mapping
from typing import Any

from core import messages, settings
from hedgecheck.codec import Codec, Unreadable, parsed, records
from hedgecheck.errors import EventUnreadable

FORMAT = 1
Object = dict[str, Any]
Upcaster = Callable[[Object], Object]
UPCASTERS: dict[int, Upcaster] = {}  # by the format that an object is in; what it is in the next
CODEC = Codec(records(messages, settings))
CLASSES = CODEC.kinds


def encoded(record: Any) -> str:
    """The text of an event, or of settings, in the present format. Equal records have equal text."""
    return CODEC.written(record)


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
        found = parsed(text)
        for each in range(written_in, FORMAT):
            found = _lifted(found, upcasters[each])
        return CODEC.record(found)
    except Unreadable as error:
        raise EventUnreadable(f"An event {error}. Restore the store from a backup.") from error


def _lifted(value: Any, upcaster: Upcaster) -> Any:
    """The value with every object in it lifted, those within first."""
    if isinstance(value, list):
        return [_lifted(each, upcaster) for each in value]
    if isinstance(value, dict):
        return upcaster({name: _lifted(each, upcaster) for name, each in value.items()})
    return value
