"""The event store as the log of a simulated shell: SQLite in a directory that outlives the process."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from core import engine
from core.engine import State
from core.messages import Event
from hedgecheck.live.ports import Opening
from hedgecheck.live.store import EventStore
from tests.schedules.shells import SNAPSHOT_EVENTS, Plan, Restart, sent_by, sent_in


class Stored:
    """A log on disk. Each life opens it anew; a warm one finds a snapshot in it. ``sent``: the orders that
    its events have led to, read from the disk by each life."""

    def __init__(self, sim: Any, opening: Opening, restart: Restart) -> None:
        address = f"sqlite:///{sim.storage('store') / 'events.sqlite'}"
        is_there = (sim.storage("store") / "events.sqlite").exists()
        self._store = EventStore.open(address) if is_there else EventStore.create(address, opening)
        self.opening = self._store.opening
        self._restart = restart
        self._state, _ = self._store.recovered()
        self.sent = sent_by(self)

    async def append(self, events: Sequence[Event]) -> int:
        return await asyncio.to_thread(self._append, events)

    def _append(self, events: Sequence[Event]) -> int:
        position = self._store.append(events)
        for event in events:
            self._state, commands = engine.step(self._state, event)
            self.sent |= sent_in(commands)
        if self._restart == "warm" and position - self._store.snapshot_position >= SNAPSHOT_EVENTS:
            self._store.keep_snapshot(self._state, position)
        return position

    def recovered(self) -> tuple[State, int]:
        return self._store.recovered()

    def events(self, after: int = 0) -> Iterable[Event]:
        return self._store.events(after)


def on_disk(restart: Restart) -> Plan:
    """A plan with the log on disk."""
    return Plan(restart=restart, log=Stored)
