"""The databases that a store can be in: how each is reached, made durable, and locked for one writer."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from hedgecheck.errors import StoreBusy, StoreUnavailable, UsageError
from hedgecheck.packages import optional

PAGE_BYTES = 4096  # of a SQLite file
PATIENCE_SECONDS = 5  # for a lock that a reader or a backup holds
DAMAGED_SQLITE = ("malformed", "not a database", "decode to UTF-8", "corrupt", "unsupported file format")
WRITER = 0x68656467  # the first half of the number of a writer's lock; the other is of its schema


class Database:
    """One database. ``shown``: its address without a password."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self.engine = engine
        self.shown = shown

    def lock(self) -> None:
        """Keeps every other writer out for as long as this process lives. Raises ``StoreBusy``."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets other writers in."""
        self.engine.dispose()

    def is_damage(self, error: DBAPIError) -> bool:
        """Whether the database says so that its own files are not what it wrote."""
        raise NotImplementedError

    def unsound(self, connection: Connection) -> str:
        """What is wrong with its own structures; nothing where nothing is."""
        return ""

    def is_there(self) -> bool:
        """Whether there is a database, be it an empty one."""
        return True

    def files(self) -> tuple[Path, ...]:
        """The files that hold it, for whoever reads them without it; none of a server."""
        return ()

    @contextmanager
    def beside(self) -> Iterator["Database"]:
        """A database to fill, which takes this one's place when it is full. Nothing stays of one that is
        not."""
        yield self

    def _busy(self) -> StoreBusy:
        return StoreBusy(f"Another process writes to {self.shown}. End it, or take another store.")


class SQLite(Database):
    """A file, with a write-ahead log that is synced at every commit, and a lock file beside it."""

    def __init__(self, url: URL) -> None:
        self._path = Path(str(url.database))
        super().__init__(create_engine(url, connect_args={"timeout": PATIENCE_SECONDS}), str(self._path))
        event.listen(self.engine, "connect", _make_durable)
        self._lock = FileLock(f"{self._path}.writer", timeout=0, thread_local=False)

    def lock(self) -> None:
        """See ``Database``."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise self._busy() from error
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """See ``Database``."""
        super().close()
        self._lock.release()

    def is_damage(self, error: DBAPIError) -> bool:
        """See ``Database``."""
        said = str(error.orig)
        return any(words in said for words in DAMAGED_SQLITE)

    def unsound(self, connection: Connection) -> str:
        """See ``Database``."""
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        return "" if said == "ok" else str(said)

    def is_there(self) -> bool:
        """See ``Database``."""
        return self._path.exists()

    def files(self) -> tuple[Path, ...]:
        """See ``Database``."""
        return (self._path, Path(f"{self._path}-wal"))

    @contextmanager
    def beside(self) -> Iterator[Database]:
        """See ``Database``."""
        part = SQLite(URL.create("sqlite", database=f"{self._path}.part"))
        part._remove()
        try:
            yield part
            part.engine.dispose()  # and with its last connection its log goes
            part._path.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            part.engine.dispose()
            part._remove()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{self.shown} cannot be written to: {error}. Look at its folder.")


class PostgreSQL(Database):
    """A schema of a server; the lock is of a connection, and gone with it."""

    def __init__(self, url: URL) -> None:
        optional("psycopg", "PostgreSQL is reached by what is", "postgresql")
        super().__init__(create_engine(url), url.render_as_string(hide_password=True))
        event.listen(self.engine, "connect", _make_synchronous)
        self._holder: Connection | None = None

    def lock(self) -> None:
        """See ``Database``."""
        try:
            holder = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except DBAPIError as error:
            why = str(error.orig).splitlines()[0]
            raise StoreUnavailable(
                f"{self.shown} cannot be reached: {why}. See that it is up, and look at the address."
            ) from error
        asked = text("select pg_try_advisory_lock(:writer, hashtext(current_schema()))")
        if not holder.execute(asked, {"writer": WRITER}).scalar():
            holder.close()
            raise self._busy()
        self._holder = holder

    def close(self) -> None:
        """See ``Database``."""
        if self._holder is not None:
            self._holder.close()
        super().close()

    def is_damage(self, error: DBAPIError) -> bool:
        """See ``Database``."""
        return getattr(error.orig, "sqlstate", None) in ("XX001", "XX002")  # data, index corrupted


KINDS: dict[str, type[Any]] = {"sqlite": SQLite, "postgresql": PostgreSQL}


def database(address: str) -> Database:
    """The database at a path or a URL, as ``trades.db`` or ``postgresql+psycopg://user@host/name``.

    Raises ``UsageError`` for what is neither.
    """
    try:
        url = make_url(address) if "://" in address else URL.create("sqlite", database=address)
    except ArgumentError as error:
        raise UsageError(f"{address!r} is no address of a database: {error}") from error
    kind = KINDS.get(url.get_backend_name())
    if kind is None or not url.database:
        raise UsageError(
            f"{address!r} is no address of an event store. Give a path, sqlite:///PATH, or "
            "postgresql+psycopg://USER:PASSWORD@HOST/NAME."
        )
    found: Database = kind(url)
    return found


def _make_durable(connection: Any, _record: Any) -> None:
    """A commit is on the disk when it returns, and readers do not wait for it."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA page_size={PAGE_BYTES}")  # of a new file
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _make_synchronous(connection: Any, _record: Any) -> None:
    """A commit is on the disk when it returns, whatever the server's own setting."""
    with connection.cursor() as cursor:
        cursor.execute("show synchronous_commit")
        if cursor.fetchone()[0] == "off":
            cursor.execute("set synchronous_commit to on")
    connection.commit()


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be synced, nor need it be
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
