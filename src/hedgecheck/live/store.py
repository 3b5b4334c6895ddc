"""The event store: what happened, in order, for ever. SQLite by a path or URL, PostgreSQL by URL.

An append is one transaction: the events and the head with them, or nothing. One process writes at a time: a
second is refused while the first lives, and one that was taken for dead is fenced off by the epoch, which
every append demands. The chain is checked when a store is opened.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from hedgecheck.errors import (
    EventUnreadable,
    StoreBusy,
    StoreDamaged,
    StoreFenced,
    StoreMissing,
    StoreUnavailable,
    UsageError,
)
from hedgecheck.live.chain import Damage, Head, Row, demand_whole, ended_wrongly, genesis, linked, wrong_with
from hedgecheck.live.databases import Database, database
from hedgecheck.live.encoding import FORMAT, decoded, encoded
from hedgecheck.live.tables import EVENTS, METADATA, SCHEMA, STORE

BATCH = 10_000  # rows that are read at a time


class EventStore:
    """An open store. ``create`` makes one, ``open`` goes on with one; both are context managers."""

    def __init__(self, base: Database, opening: Any, beginning: Head, head: Head, epoch: int) -> None:
        self._base = base
        self._beginning = beginning
        self._epoch = epoch
        self.opening = opening
        self.head = head

    @classmethod
    def create(cls, address: str, opening: Any) -> "EventStore":
        """A new store, whose first writer this is. ``opening``: the record that the engine begins with.

        Raises ``UsageError`` where there is a store already, ``StoreBusy``, ``StoreUnavailable``.
        """
        base = database(address)
        base.lock()
        text = encoded(opening)
        begun = genesis(text, FORMAT)
        row = {"opening_format": FORMAT, "opening": text, "position": begun.position, "digest": begun.digest}
        try:
            with _translated(base), base.engine.begin() as connection:
                METADATA.create_all(connection)
                if connection.execute(select(STORE.c.id)).first() is not None:
                    raise UsageError(f"There is an event store at {base.shown}. Open it, or name another.")
                connection.execute(insert(STORE).values(id=1, schema_version=SCHEMA, epoch=1, **row))
        except BaseException:
            base.close()
            raise
        return cls(base, opening, begun, begun, 1)

    @classmethod
    def open(cls, address: str) -> "EventStore":
        """A store, to go on with: it is checked, and whoever wrote to it before is fenced off.

        Raises ``StoreMissing``, ``StoreBusy`` while another process writes to it, ``StoreDamaged``,
        ``EventUnreadable``, ``StoreUnavailable``.
        """
        base = database(address)
        base.lock()
        try:
            with _translated(base):
                with base.engine.begin() as connection:  # from here on nobody else can append
                    _state(base, connection)
                    connection.execute(update(STORE).values(epoch=STORE.c.epoch + 1))
                with base.engine.connect() as connection:
                    begun, head, row = _state(base, connection)
                    _demand_whole(base, connection, begun, head)
                opening = decoded(row.opening, row.opening_format)
        except BaseException:
            base.close()
            raise
        return cls(base, opening, begun, head, row.epoch)

    def append(self, events: Sequence[Any]) -> int:
        """Stores events, all or none, and returns the position of the last one. They are durable then.

        Raises ``StoreFenced`` where another process has opened the store since, ``StoreUnavailable`` where it
        cannot be written: what was to be stored is not to be relied on then, and the process has to end.
        """
        rows, head = [], self.head
        for event in events:
            row = linked(head, FORMAT, encoded(event))
            head = Head(row.position, row.digest)
            rows.append(row)
        self.append_rows(rows)
        return head.position

    def append_rows(self, rows: Sequence[Row]) -> None:
        """The same of rows that go on from the head as they are."""
        if not rows:
            return
        head = Head(rows[-1].position, rows[-1].digest)
        with _translated(self._base), self._base.engine.begin() as connection:
            moved = update(STORE).where(STORE.c.epoch == self._epoch, STORE.c.position == self.head.position)
            if connection.execute(moved.values(position=head.position, digest=head.digest)).rowcount != 1:
                raise StoreFenced(
                    f"{self._base.shown} was opened by another process since. It must not go on: stop it."
                )
            connection.execute(insert(EVENTS), [_columns(row) for row in rows])
        self.head = head

    def events(self, after: int = 0) -> Iterator[Any]:
        """The events after a position, in order. Raises ``EventUnreadable``, ``StoreUnavailable``."""
        with _translated(self._base), self._base.engine.connect() as connection:
            for row in _rows(connection, after):
                yield decoded(row.body, row.format)

    def close(self) -> None:
        """Lets another process write."""
        self._base.close()

    def __enter__(self) -> "EventStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def verify(address: str) -> Head:
    """The head of a store in which all is well; it may be written meanwhile.

    Raises ``StoreMissing``, ``StoreDamaged``, ``StoreUnavailable``.
    """
    base = database(address)
    try:
        with _translated(base), base.engine.connect() as connection:
            begun, head, _ = _state(base, connection)
            return _demand_whole(base, connection, begun, head)
    finally:
        base.close()


def _state(base: Database, connection: Connection) -> tuple[Head, Head, Any]:
    """Where the chain begins, where it is to end, and the store's own row."""
    if not inspect(connection).has_table(STORE.name):
        raise StoreMissing(f"There is no event store at {base.shown}. Look at the address, or create one.")
    row = connection.execute(select(STORE)).one_or_none()
    if row is None or row.schema_version != SCHEMA:
        found = "without a beginning" if row is None else f"of schema {row.schema_version}, not {SCHEMA}"
        raise StoreMissing(f"What is at {base.shown} is an event store {found}. Restore a backup.")
    return genesis(row.opening, row.opening_format), Head(row.position, row.digest), row


def _demand_whole(base: Database, connection: Connection, begun: Head, head: Head) -> Head:
    """The chain is whole up to its head; what is written after that meanwhile is not looked at."""
    seen = begun.position

    def rows() -> Iterator[Row]:
        nonlocal seen
        for row in _rows(connection, 0):
            if row.position > head.position:
                return
            yield row
            seen = row.position  # it was good, or no other would have been asked for

    try:
        return demand_whole(begun, rows(), head, base.shown)
    except DBAPIError as error:
        if not base.is_damage(error):
            raise
        raise StoreDamaged(
            f"{base.shown}: the database is damaged: {error.orig}. All is well up to event {seen}. "
            "Recover it into a new store: hedgecheck store recover.",
            seen,
        ) from error


def _columns(row: Row) -> dict[str, Any]:
    return {"position": row.position, "format": row.format, "body": row.body, "digest": row.digest}


def _row(found: Any) -> Row:
    """A row as it is stored; one of which a column has become something else is no row of any chain."""
    position, written_in, body, digest = found
    columns = ((position, int), (written_in, int), (body, str), (digest, bytes))
    if any(not isinstance(value, kind) for value, kind in columns):
        return Row(0, 0, "", b"")
    return Row(position, written_in, body, digest)


def _rows(connection: Connection, after: int) -> Iterator[Row]:
    """The rows after a position, as they are stored, some at a time."""
    while True:
        found = connection.execute(
            select(EVENTS).where(EVENTS.c.position > after).order_by(EVENTS.c.position).limit(BATCH)
        ).all()
        for row in found:
            yield _row(row)
        if len(found) < BATCH:
            return
        after = found[-1].position


@contextmanager
def _translated(base: Database) -> Iterator[None]:
    """What a database raises as an error with cause and cure."""
    try:
        yield
    except DBAPIError as error:
        if "database is locked" in str(error.orig):
            raise StoreBusy(f"{base.shown} is locked by another process. Wait for it, or end it.") from error
        if base.is_damage(error):
            raise StoreDamaged(f"{base.shown} is damaged: {error.orig}. Restore a backup.", 0) from error
        raise _unavailable(base, error) from error


def _unavailable(base: Database, error: DBAPIError) -> StoreUnavailable:
    return StoreUnavailable(
        f"{base.shown} could not be read or written: {error.orig}. What was to be stored may not be "
        "taken for stored. Make room on its disk, or see that the database is up; then start again."
    )


def salvage(address: str, into: str) -> Damage | None:
    """Copies a store, up to its first damage if there is any, into a new one, and says what it was. The old
    one is left as it is.

    Raises ``UsageError`` where there is a store at ``into`` already, ``StoreMissing`` where not even the
    beginning of the old one can be read, ``StoreBusy``, ``StoreUnavailable``.
    """
    base = database(address)
    base.lock()
    try:
        with _translated(base), base.rescued() as left, left.engine.connect() as connection:
            begun, head, row = _state(base, connection)
            with EventStore.create(into, decoded(row.opening, row.opening_format)) as copy:
                if copy.head != begun:  # written by an older release: the chain begins with its very text
                    raise EventUnreadable(f"{base.shown} is of another release. Take that one to recover it.")
                return _copied(left, connection, head, copy)
    finally:
        base.close()


def _copied(base: Database, connection: Connection, head: Head, copy: EventStore) -> Damage | None:
    """Appends what is good, and says what ends it."""
    rows: list[Row] = []
    found: Damage | None = None
    last = copy.head
    try:
        for row in _rows(connection, 0):
            what = wrong_with(last, row)
            if what:
                found = Damage(last.position, what)
                break
            rows.append(row)
            last = Head(row.position, row.digest)
            if len(rows) == BATCH:
                copy.append_rows(rows)
                rows = []
    except DBAPIError as error:
        if not base.is_damage(error):
            raise
        found = Damage(last.position, f"the database is damaged: {error.orig}")
    copy.append_rows(rows)
    return found or ended_wrongly(last, head)
