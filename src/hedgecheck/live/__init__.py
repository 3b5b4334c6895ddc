"""The shell that runs the core for real: what happened is stored before what follows from it leaves."""

from hedgecheck.live.copying import copy, salvage
from hedgecheck.live.log import DurableLog, MemoryLog
from hedgecheck.live.ports import Opening
from hedgecheck.live.questions import Questions
from hedgecheck.live.store import EventStore, recorded, verify

__all__ = [
    "DurableLog",
    "EventStore",
    "MemoryLog",
    "Opening",
    "Questions",
    "copy",
    "recorded",
    "salvage",
    "verify",
]
