"""The record of what happened: one entry per action, with virtual time for the reader.

The world has no clock. Times shown here are one schedule under which the trace could have happened: a
message takes ``HOP_NS``, a timer its duration from when it was started, and time never runs backwards.
"""

from dataclasses import dataclass

from hedgecheck.messages import Record, StartTimer, StopTimer, TimerFired
from hedgecheck.tape import Action

HOP_NS = 25_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """``drained``: it happened by itself after the tape ended and faults had stopped."""

    action: Action
    records: tuple[Record, ...]
    time_ns: int
    drained: bool


class Clock:
    """Virtual time of one execution."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._due: dict[str, int] = {}

    def stamp(self, records: tuple[Record, ...]) -> int:
        """The time at which ``records`` happened; time moves on by what they are."""
        first = records[0] if records else None
        if isinstance(first, TimerFired):
            self.now_ns = max(self.now_ns, self._due.pop(first.timer, self.now_ns))
        else:
            self.now_ns += HOP_NS
        for record in records:
            if isinstance(record, StartTimer):
                self._due[record.timer] = self.now_ns + record.duration_ns
            elif isinstance(record, StopTimer):
                self._due.pop(record.timer, None)
        return self.now_ns
