"""The rows of a store as they are read and written: checked while they are read, damage told as such."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from hedgecheck.errors import StoreBusy, StoreDamaged, StoreMissing, StoreUnavailable
from hedgecheck.live.chain import Columns, Head, Row, columns_of, damaged, head_of, is_beginning, whole
from hedgecheck.live.databases import Database
from hedgecheck.live.tables import EVENTS, METADATA, OPENING, SCHEMA, STORE
from hedgecheck.values import frozen

BATCH = 1_000  # rows that are read or written at a time
COLUMNS = ", ".join(column.name for column in EVENTS.columns)
MARKS = {"sqlite": "?", "postgresql": "%s"}  # of a parameter, by the driver's own style
NO_ROW = Row(-1, 0, 0, "", b"")
Told = Callable[[int], None]  # the position that has been reached, every now and then


@frozen
class Standing:
    """Where a store stands at one moment: the row that it begins with, its head, and who writes to it."""

    beginning: Row
    head: Head
    epoch: int


def standing(base: Database, connection: Connection) -> Standing:
    """Where the store stands. Raises ``StoreMissing``, ``StoreDamaged``."""
    if not is_store(connection):
        raise missing(base)
    found = connection.execute(select(STORE)).one_or_none()
    if found is None or found.schema_version != SCHEMA:
        what = "without a head" if found is None else f"of schema {found.schema_version}, not {SCHEMA}"
        raise StoreMissing(f"What is at {base.shown} is an event store {what}. Restore a backup.")
    beginning = _beginning(base, connection)
    return Standing(beginning, Head(found.position, found.recorded_ns, found.digest), found.epoch)


def is_store(connection: Connection) -> bool:
    """Whether there are the tables of a store."""
    return inspect(connection).has_table(STORE.name)


def _beginning(base: Database, connection: Connection) -> Row:
    """The row that the store begins with, which is there twice."""
    twice = first_rows(connection)
    if len(twice) != 2 or twice[0] != twice[1] or not is_beginning(twice[0]):
        raise damaged(base.shown, "what it began with is not what was written", 0)
    return twice[0]


def first_rows(connection: Connection) -> list[Row]:
    """Both of the rows that say what the store began with, as they are stored."""
    return [row for table in (OPENING, EVENTS) for row in _selected(connection, table, "position = 0")]


def row_at(connection: Connection, position: int) -> Row:
    """The row of a position as it is stored; no row of any chain where there is none."""
    return next(iter(_selected(connection, EVENTS, f"position = {position:d}")), NO_ROW)


def good_rows(base: Database, connection: Connection, after: Head, head: Head) -> Iterator[Row]:
    """The rows from ``after`` to ``head``, each checked before it is given; what is written after that
    meanwhile is not looked at. Raises ``StoreDamaged``."""
    good = after.position
    try:
        for row in whole(after, stored_rows(connection, after.position, head.position), head, base.shown):
            yield row
            good = row.position
    except DBAPIError as error:
        if not base.is_damage(error):
            raise
        raise damaged(base.shown, f"the database is damaged: {error.orig}", good) from error


def stored_rows(connection: Connection, after: int, until: int) -> Iterator[Row]:
    """The rows after a position as they are stored, some at a time."""
    while True:
        found = _selected(connection, EVENTS, f"position > {after:d} and position <= {until:d}")
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1].position


def _selected(connection: Connection, table: Table, condition: str) -> list[Row]:
    """The first rows that fulfil a condition, as the driver gives them: what became something else by damage
    is no row of any chain, and nothing may try to convert it."""
    chosen = f"select {COLUMNS} from {table.name} where {condition} order by position limit {BATCH}"
    return [Row(*each) for each in connection.exec_driver_sql(chosen)]


def insert_rows(connection: Connection, table: Table, rows: Iterable[Columns]) -> None:
    """Writes rows, many at a time, by the driver itself: they are what takes time."""
    marks = ", ".join([MARKS[connection.dialect.name]] * 5)
    statement = f"insert into {table.name} ({COLUMNS}) values ({marks})"
    waiting = iter(rows)
    while some := list(islice(waiting, BATCH)):
        connection.exec_driver_sql(statement, some)


def move_head(connection: Connection, before: Head, after: Head, epoch: int) -> bool:
    """Moves the head of the store, by the driver itself, and says whether this epoch's writer still may."""
    mark = MARKS[connection.dialect.name]
    changed = f"position = {mark}, recorded_ns = {mark}, digest = {mark}"
    statement = f"update {STORE.name} set {changed} where epoch = {mark} and position = {mark}"
    given = (after.position, after.recorded_ns, after.digest, epoch, before.position)
    return connection.exec_driver_sql(statement, given).rowcount == 1


def insert_new(connection: Connection, beginning: Row, rows: Iterable[Row]) -> Head:
    """Makes the tables of a store that begins with a row and has those that go on from it. Its head."""
    METADATA.create_all(connection)
    head = head_of(beginning)

    def followed() -> Iterator[Columns]:
        nonlocal head
        for row in rows:
            yield columns_of(row)
            head = head_of(row)

    insert_rows(connection, OPENING, [columns_of(beginning)])
    insert_rows(connection, EVENTS, [columns_of(beginning)])
    insert_rows(connection, EVENTS, followed())
    connection.execute(insert(STORE).values(id=1, schema_version=SCHEMA, epoch=1, **head_columns(head)))
    return head


def head_columns(head: Head) -> dict[str, Any]:
    """A head as the store has it."""
    return {"position": head.position, "recorded_ns": head.recorded_ns, "digest": head.digest}


def demand_there(base: Database) -> None:
    """Raises ``StoreMissing`` where there is no database; to look into it would make one."""
    if not base.is_there():
        raise missing(base)


def missing(base: Database) -> StoreMissing:
    """The error that says so, with its cure."""
    return StoreMissing(
        f"There is no event store at {base.shown}. Look at the address, or create one; if there was one, its "
        "file is damaged: hedgecheck store recover."
    )


@contextmanager
def translated(base: Database) -> Iterator[None]:
    """What a database raises as an error with cause and cure."""
    try:
        yield
    except DBAPIError as error:
        if "database is locked" in str(error.orig):
            raise StoreBusy(f"{base.shown} is locked by another process. Wait for it, or end it.") from error
        if base.is_damage(error):
            raise StoreDamaged(
                f"{base.shown} is damaged: {error.orig}. "
                "Recover it into a new store: hedgecheck store recover.",
                0,
            ) from error
        raise StoreUnavailable(
            f"{base.shown} could not be read or written: {error.orig}. What was to be stored may not be "
            "taken for stored. Make room on its disk, or see that the database is up; then start again."
        ) from error
