"""The shell that runs the core for real: what happened is stored before what follows from it leaves."""

from hedgecheck.live.store import EventStore, salvage, verify

__all__ = ["EventStore", "salvage", "verify"]
