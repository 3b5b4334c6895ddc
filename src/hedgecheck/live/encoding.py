"""Events of the core as text, and back: one format for ever, with a way up from each that came before.

How a record is written: see ``codec``. Where a field is added to a class, or one is renamed, ``FORMAT`` goes
up by one, and ``UPCASTERS`` says what an object of the format before is in the next. States are written
alike, but only for the release that wrote them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.engine import State
from core.messages import Event
from hedgecheck.codec import Codec, Unreadable, held_by, parsed
from hedgecheck.errors import EventUnreadable
from hedgecheck.live.ports import Opening

FORMAT = 1
Object = dict[str, Any]
Upcaster = Callable[[Object], Object]
UPCASTERS: dict[int, Upcaster] = {}  # by the format that an object is in; what it is in the next
STORED = {kind.__name__: kind for kind in held_by(Event, Opening)}  # for ever; states for one release
CODEC = Codec(held_by(Event, Opening, State))


def encoded(record: Any) -> str:
    """The text of an event, of an opening or of a state, in the present format. Equal records have equal
    text, and it is ASCII."""
    return CODEC.written(record)


def decoded(text: str, written_in: int = FORMAT, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> Any:
    """The record of a text that was written in that format.

    Raises ``EventUnreadable`` for a format that is newer than this release or has no way up from it, for what
    is no such text, and for a class or a field that there is not.
    """
    try:
        return CODEC.read(text if written_in == FORMAT else _risen(text, written_in, upcasters))
    except Unreadable as error:
        raise EventUnreadable(f"An event {error}. Restore the store from a backup.") from error


def _risen(text: str, written_in: int, upcasters: Mapping[int, Upcaster]) -> str:
    """A text of an older format in the present one."""
    if written_in > FORMAT:
        raise EventUnreadable(
            f"An event is written in format {written_in}, and this release knows up to {FORMAT}. "
            "Take the release that wrote it, or a newer one."
        )
    missing = [each for each in range(written_in, FORMAT) if each not in upcasters]
    if missing or written_in < 1:
        raise EventUnreadable(f"There is no way up from format {written_in}: an event cannot be read.")
    found = parsed(text)
    for each in range(written_in, FORMAT):
        found = _lifted(found, upcasters[each])
    return json.dumps(found)


def _lifted(value: Any, upcaster: Upcaster) -> Any:
    """The value with every object in it lifted, those within first."""
    if isinstance(value, list):
        return [_lifted(each, upcaster) for each in value]
    if isinstance(value, dict):
        return upcaster({name: _lifted(each, upcaster) for name, each in value.items()})
    return value
