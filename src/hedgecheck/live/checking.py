"""Checks of what is stored: of all at once, and of the older part in a thread while the store is in use."""

from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy import Connection

from hedgecheck.errors import StoreError
from hedgecheck.live.chain import Head, damaged, head_of
from hedgecheck.live.databases import Database
from hedgecheck.live.rows import Standing, Told, good_rows, translated

STRETCH = 200  # rows between two looks around; in a thread also the longest that it keeps others waiting
PAUSE_SECONDS = 0.001


def check_all(base: Database, connection: Connection, stands: Standing, until: Head, told: Told) -> None:
    """Checks the chain up to a place in it, and the database's own structures. Raises ``StoreDamaged``."""
    for row in good_rows(base, connection, head_of(stands.beginning), until):
        if row.position % STRETCH == 0:
            told(row.position)
    unsound = base.unsound(connection)
    if unsound:
        raise damaged(base.shown, f"the database is damaged: {unsound}", until.position)


class OlderCheck:
    """The check of all that comes before a snapshot, in a thread with a connection of its own. It pauses
    often, so that what is urgent does not wait for it."""

    def __init__(
        self, base: Database, stands: Standing, until: Head, found: Callable[[Exception], None]
    ) -> None:
        self._base, self._stands, self._until, self._found = base, stands, until, found
        self._stop = Event()
        self._thread = Thread(target=self._run, name="hedgecheck store check", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until it is done."""
        self._thread.join()

    def stop(self) -> None:
        """Ends it, done or not."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with translated(self._base), self._base.engine.connect() as connection:
                check_all(self._base, connection, self._stands, self._until, self._told)
        except _Stopped:
            return
        except StoreError as error:
            self._found(error)

    def _told(self, _position: int) -> None:
        if self._stop.wait(PAUSE_SECONDS):
            raise _Stopped


class _Stopped(Exception):
    """Nobody waits for the answer any more."""
