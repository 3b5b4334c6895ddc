"""The log of the shell: events stored by a thread of their own, so that no event loop waits for a disk.

What comes while a batch is being stored is for the shell to collect; it is the next batch. Once an append has
failed no other is taken: what the engine believes and what is stored may differ, and the process has to end.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from core import engine
from core.engine import State
from core.messages import Command, Event
from hedgecheck.errors import StoreError, StoreUnavailable
from hedgecheck.live.ports import Opening
from hedgecheck.live.store import EventStore

SNAPSHOT_EVENTS = 10_000


class DurableLog:
    """A ``Log`` over an event store, from now on its only user. It is a ``Watcher`` as well: told of each
    step it keeps a snapshot of the state every so many events.

    ``found``: called from another thread with damage of the part that recovery did not need, so that the
    shell can stop.
    """

    def __init__(
        self, store: EventStore, found: Callable[[Exception], None], snapshot_events: int = SNAPSHOT_EVENTS
    ) -> None:
        self.opening = store.opening
        self._store = store
        self._snapshot_events = snapshot_events
        self._worker = ThreadPoolExecutor(1, "hedgecheck log")
        self._failure = ""
        self._stepped = store.head.position
        self._kept = store.snapshot_position
        self._check = store.check_older(found)

    async def append(self, events: Sequence[Event]) -> int:
        """See ``Log``."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, self._append, tuple(events))
        except asyncio.CancelledError:
            self._failure = self._failure or "it was given up while it was under way"
            raise

    def recovered(self) -> tuple[State, int]:
        """See ``Log``. Where much had to be replayed a snapshot is kept at once."""
        state, position = self._store.recovered()
        self._keep(state, position)
        return state, position

    def events(self, after: int = 0) -> Iterator[Event]:
        """See ``Log``."""
        return self._store.events(after)

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        """See ``Watcher``: to be told of every step since the log was opened."""
        self._stepped += 1
        self._keep(state, self._stepped)

    def failed(self, error: Exception) -> None:
        """See ``Watcher``."""

    def close(self) -> None:
        """Ends the threads, when what was handed over is stored, and lets another process write."""
        self._check.stop()
        self._worker.shutdown()
        self._store.close()

    def _append(self, events: tuple[Event, ...]) -> int:
        if self._failure:
            raise StoreUnavailable(
                f"An append failed before: {self._failure}. Nothing more is stored: end this process, and "
                "start again from what is."
            )
        try:
            return self._store.append(events)
        except BaseException as error:
            self._failure = str(error)
            raise

    def _keep(self, state: State, position: int) -> None:
        if position - self._kept >= self._snapshot_events:
            self._kept = position
            self._worker.submit(self._write, state, position)

    def _write(self, state: State, position: int) -> None:
        if self._failure:
            return
        try:
            self._store.keep_snapshot(state, position)
        except StoreError:
            return  # it is an optimisation; what is wrong with the store the next append will say


class MemoryLog:
    """A ``Log`` that lasts as long as this object does, for simulations."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self._events: list[Event] = []

    async def append(self, events: Sequence[Event]) -> int:
        """See ``Log``."""
        self._events += events
        return len(self._events)

    def recovered(self) -> tuple[State, int]:
        """See ``Log``."""
        state = engine.initial(self.opening.settings, self.opening.cash)
        for event in self._events:
            state, _ = engine.step(state, event)
        return state, len(self._events)

    def events(self, after: int = 0) -> Iterator[Event]:
        """See ``Log``."""
        return iter(self._events[after:])
