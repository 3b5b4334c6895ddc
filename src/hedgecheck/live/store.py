"""The event store: what happened, in order, for ever. SQLite by a path or URL, PostgreSQL by URL.

An append is one transaction: the events and the head with them, or nothing. One process writes at a time: a
second is refused while the first lives, and one that was taken for dead is fenced off by the epoch, which
every append demands. What is read is checked against the chain; when a store is opened, all that comes after
its newest good snapshot, on which it is replayed, and the rest by ``check_older`` while it is in use.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, update

from core import engine
from core.engine import State
from core.messages import Command, Event
from hedgecheck.errors import StoreFenced, UsageError
from hedgecheck.live import snapshots
from hedgecheck.live.chain import Columns, Head, damaged, genesis, head_of, linked
from hedgecheck.live.checking import OlderCheck, check_all
from hedgecheck.live.databases import Database, database
from hedgecheck.live.encoding import FORMAT, decoded, encoded
from hedgecheck.live.ports import Opening
from hedgecheck.live.rows import (
    Standing,
    Told,
    demand_there,
    good_rows,
    insert_new,
    insert_rows,
    is_store,
    move_head,
    row_at,
    standing,
    translated,
)
from hedgecheck.live.snapshots import Snapshot
from hedgecheck.live.tables import EVENTS, STORE
from hedgecheck.values import frozen

Clock = Callable[[], int]
Stepped = Callable[[State, Event, tuple[Command, ...]], None]  # after each event that is replayed


@frozen
class Recorded:
    """An event, its place, and when it was stored: ns since 1970."""

    position: int
    recorded_ns: int
    event: Event


class EventStore:
    """An open store. ``create`` makes one, ``open`` goes on with one; both are context managers. ``clock``
    gives ns since 1970; where it goes back, what is stored has the time of what was stored before it."""

    def __init__(
        self, base: Database, stands: Standing, kept: Snapshot, recovered: Snapshot, clock: Clock
    ) -> None:
        self._base = base
        self._stands = stands
        self._kept = kept
        self._opened_at = kept.head
        self._recovered = recovered
        self._clock = clock
        self.opening: Opening = decoded(stands.beginning.body, stands.beginning.format)
        self.head = stands.head

    @classmethod
    def create(cls, address: str, opening: Opening, clock: Clock = time.time_ns) -> "EventStore":
        """A new store, whose first writer this is.

        Raises ``UsageError`` where there is a store already, or a file; ``StoreBusy``, ``StoreUnavailable``.
        """
        base = database(address)
        base.lock()
        try:
            demand_free(base)
            beginning = genesis(encoded(opening), FORMAT, clock())
            with base.beside() as fresh, translated(base), fresh.engine.begin() as connection:
                head = insert_new(connection, beginning, ())
        except BaseException:
            base.close()
            raise
        nothing = snapshots.beginning(beginning)
        return cls(base, Standing(beginning, head, 1), nothing, nothing, clock)

    @classmethod
    def open(
        cls, address: str, clock: Clock = time.time_ns, stepped: Stepped | None = None, events_min: int = 0
    ) -> "EventStore":
        """A store, to go on with: whoever wrote to it before is fenced off. ``stepped`` is shown what is
        replayed, and that are ``events_min`` events at least, where there are so many.

        Raises ``StoreMissing``, ``StoreBusy`` while another process writes to it, ``StoreDamaged``,
        ``EventUnreadable``, ``StoreUnavailable``.
        """
        base = database(address)
        demand_there(base)
        base.lock()
        try:
            with translated(base):
                with base.engine.begin() as connection:  # from here on nobody else can append
                    standing(base, connection)
                    connection.execute(update(STORE).values(epoch=STORE.c.epoch + 1))
                with base.engine.connect() as connection:
                    stands = standing(base, connection)
                    latest = stands.head.position - events_min
                    snapshot = snapshots.newest(base, connection, latest)
                    snapshot = snapshot or snapshots.beginning(stands.beginning)
                    state = _folded(base, connection, snapshot, stands.head, stepped)
            return cls(base, stands, snapshot, Snapshot(stands.head, state), clock)
        except BaseException:
            base.close()
            raise

    def append(self, events: Sequence[Event]) -> int:
        """Stores events, all or none, and returns the position of the last one. They are durable then.

        Raises ``StoreFenced`` where another process has opened the store since, ``StoreUnavailable`` where it
        cannot be written: what was to be stored is not to be relied on then, and the process has to end.
        """
        unknown = [each for each in events if type(each) not in engine.HANDLERS]
        assert not unknown, f"Invariant: what is stored are events of the core, not {unknown}"
        rows = linked(self.head, FORMAT, map(encoded, events), self._clock())
        if rows:
            self._append(rows)
        return self.head.position

    def _append(self, rows: Sequence[Columns]) -> None:
        position, _, recorded_ns, _, digest = rows[-1]
        head = Head(position, recorded_ns, digest)
        with translated(self._base), self._base.engine.begin() as connection:
            if not move_head(connection, self.head, head, self._stands.epoch):
                raise StoreFenced(
                    f"{self._base.shown} was opened by another process since. It must not go on: stop it."
                )
            insert_rows(connection, EVENTS, rows)
        self.head = head

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events after a position, in order. Raises ``StoreDamaged``, ``EventUnreadable``,
        ``StoreUnavailable``."""
        for each in self.recorded(after):
            yield each.event

    def recorded(self, after: int = 0) -> Iterator[Recorded]:
        """The same with place and time."""
        yield from _recorded(self._base, after, self.head)

    def recovered(self) -> tuple[State, int]:
        """The fold of all that is stored, and the position of the last event. Raises as ``events``."""
        if self._recovered.head != self.head:
            with translated(self._base), self._base.engine.connect() as connection:
                state = _folded(self._base, connection, self._recovered, self.head)
            self._recovered = Snapshot(self.head, state)
        return self._recovered.state, self.head.position

    @property
    def snapshot_position(self) -> int:
        """The position of the newest snapshot, 0 where there is none."""
        return self._kept.head.position

    def keep_snapshot(self, state: State, position: int) -> None:
        """Keeps the state after the event of that position, so that recovery may begin there. Raises
        ``StoreUnavailable``."""
        with translated(self._base), self._base.engine.begin() as connection:
            head = head_of(row_at(connection, position))
            assert head.position == position, "Invariant: a snapshot is of an event that is stored"
            self._kept = Snapshot(head, state)
            snapshots.write(connection, self._kept)

    def check_older(self, found: Callable[[Exception], None]) -> OlderCheck:
        """Checks in a thread what ``open`` did not, and calls ``found`` from there with what is wrong, if
        anything is: the process has to stop then."""
        return OlderCheck(self._base, self._stands, self._opened_at, found)

    def close(self) -> None:
        """Lets another process write."""
        self._base.close()

    def __enter__(self) -> "EventStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _folded(
    base: Database, connection: Connection, onto: Snapshot, until: Head, stepped: Stepped | None = None
) -> State:
    """The state after the events up to there, each checked before it is replayed."""
    state, step = onto.state, engine.step
    for row in good_rows(base, connection, onto.head, until):
        event = decoded(row.body, row.format)
        state, commands = step(state, event)
        if stepped is not None:
            stepped(state, event, commands)
    return state


def demand_free(base: Database) -> None:
    """Raises ``UsageError`` where there is a store already, or a file that may be a damaged one."""
    taken = base.is_there()
    if taken and not base.files():
        with translated(base), base.engine.connect() as connection:
            taken = is_store(connection)
    if taken:
        raise UsageError(f"There is an event store at {base.shown}, or something else. Name another address.")


def verify(address: str, told: Told = lambda _: None) -> Standing:
    """Where a store stands in which all is well; it may be written meanwhile.

    Raises ``StoreMissing``, ``StoreDamaged``, ``StoreUnavailable``.
    """
    base = database(address)
    demand_there(base)
    try:
        with translated(base), base.engine.connect() as connection:
            stands = standing(base, connection)
            check_all(base, connection, stands, stands.head, told)
            return stands
    finally:
        base.close()


def recorded(address: str, after: int = 0) -> Iterator[Recorded]:
    """The events of a store after a position; it may be written meanwhile. Raises as ``EventStore.events``,
    and ``StoreMissing``."""
    base = database(address)
    demand_there(base)
    try:
        with translated(base), base.engine.connect() as connection:
            head = standing(base, connection).head
        yield from _recorded(base, after, head)
    finally:
        base.close()


def _recorded(base: Database, after: int, head: Head) -> Iterator[Recorded]:
    if after >= head.position:
        return
    with translated(base), base.engine.connect() as connection:
        before = row_at(connection, after)
        if before.position != after:
            raise damaged(base.shown, f"event {after} is missing", 0)
        for row in good_rows(base, connection, head_of(before), head):
            yield Recorded(row.position, row.recorded_ns, decoded(row.body, row.format))
