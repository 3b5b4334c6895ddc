"""Whole stores copied: a backup, its way back, and what is left of one that is damaged.

What is copied is checked row by row, and the copy once more when it is complete; one that was interrupted is
not there. Events keep their places, their times and their digests; snapshots are not copied.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError

from hedgecheck.errors import StoreMissing
from hedgecheck.live.carving import Carved
from hedgecheck.live.chain import Damage, Head, Row, ended_wrongly, head_of, is_beginning, wrong_with
from hedgecheck.live.checking import STRETCH, check_all
from hedgecheck.live.databases import Database, database
from hedgecheck.live.rows import (
    Standing,
    Told,
    demand_there,
    first_rows,
    good_rows,
    insert_new,
    is_store,
    missing,
    standing,
    stored_rows,
    translated,
)
from hedgecheck.live.store import demand_free
from hedgecheck.live.tables import QUESTIONS, STORE

END = (1 << 63) - 1  # no position is beyond


def copy(address: str, into: str, told: Told = lambda _: None) -> Head:
    """Copies a store, which may be written meanwhile, with its questions into a new one, on whichever
    database, and says where the copy ends.

    Raises ``UsageError`` where there is something at ``into`` already, ``StoreMissing``, ``StoreDamaged``,
    ``StoreBusy``, ``StoreUnavailable``.
    """
    base = database(address)
    demand_there(base)
    try:
        with translated(base), base.engine.connect() as connection:
            stands = standing(base, connection)
            questions = [dict(each) for each in connection.execute(select(QUESTIONS)).mappings()]
            rows = good_rows(base, connection, head_of(stands.beginning), stands.head)
            return _written(into, stands.beginning, _read(base, rows, told), questions)
    finally:
        base.close()


def salvage(address: str, into: str, told: Told = lambda _: None) -> Damage | None:
    """Copies all of a store that can be proved to be what was written, its events up to the first that is
    not, into a new one, and says what was lost, if anything was. The old one is left as it is. Questions are
    not copied.

    Raises ``UsageError`` where there is something at ``into`` already, ``StoreMissing`` where not even the
    beginning of the old one can be read, ``StoreBusy``, ``StoreUnavailable``.
    """
    base = database(address)
    demand_there(base)
    base.lock()
    try:
        with translated(base), _left_of(base) as (beginnings, rows, heads):
            if not beginnings:
                raise (
                    missing(base)
                    if not heads
                    else StoreMissing(
                        f"What the store at {base.shown} began with is damaged. Restore a backup."
                    )
                )
            chain = _Chain(beginnings[0])
            _written(into, beginnings[0], _read(base, chain.followed(base, rows), told), ())
            return chain.damage(heads)
    finally:
        base.close()


class _Chain:
    """Those rows of what is left that go on from one another, and what was wrong with the next."""

    def __init__(self, beginning: Row) -> None:
        self._last = head_of(beginning)
        self._what = ""

    def followed(self, base: Database, rows: Iterable[Row]) -> Iterator[Row]:
        """Takes of each place the row that is good, until there is none."""
        try:
            for row in rows:
                what = wrong_with(self._last, row)
                if not what:
                    self._last, self._what = head_of(row), ""
                    yield row
                elif row.position > self._last.position:
                    self._what = self._what or what
                    if row.position > self._last.position + 1:
                        return
        except DBAPIError as error:
            if not base.is_damage(error):
                raise
            self._what = f"the database is damaged: {error.orig}"

    def damage(self, heads: Sequence[Head]) -> Damage | None:
        """What was lost, where the chain was to end at the last of these."""
        last = self._last
        if self._what:
            return Damage(last.position, self._what)
        if not heads:
            return Damage(last.position, "where it ended cannot be read")
        return ended_wrongly(last, max(heads, key=lambda head: head.position))


Left = tuple[list[Row], Iterator[Row], list[Head]]


@contextmanager
def _left_of(base: Database) -> Iterator[Left]:
    """What a store may have begun with, its rows, and where it may have ended."""
    files = base.files()
    if files:
        with closing(Carved(*files)) as carved:
            yield [row for row in carved.beginnings() if is_beginning(row)], carved.rows(), carved.heads
        return
    with base.engine.connect() as connection:
        if not is_store(connection):
            raise missing(base)
        yield _queried(base, connection)


def _queried(base: Database, connection: Connection) -> Left:
    beginnings = [row for row in first_rows(connection) if is_beginning(row)]
    chosen = select(STORE.c.position, STORE.c.recorded_ns, STORE.c.digest)
    heads = [Head(*each) for each in connection.execute(chosen)]
    return beginnings, stored_rows(connection, 0, END), heads


def _read(base: Database, rows: Iterable[Row], told: Told) -> Iterator[Row]:
    """The rows, and now and then how far they have come."""
    with translated(base):
        for row in rows:
            yield row
            if row.position % STRETCH == 0:
                told(row.position)


def _written(into: str, beginning: Row, rows: Iterable[Row], questions: Sequence[dict[str, Any]]) -> Head:
    """Makes a new store of these, all or nothing, and checks it."""
    base = database(into)
    base.lock()
    try:
        demand_free(base)
        with base.beside() as fresh, translated(base):
            with fresh.engine.begin() as connection:
                head = insert_new(connection, beginning, rows)
                if questions:
                    connection.execute(insert(QUESTIONS), questions)
            with fresh.engine.connect() as connection:
                check_all(fresh, connection, Standing(beginning, head, 1), head, lambda _: None)
            return head
    finally:
        base.close()
