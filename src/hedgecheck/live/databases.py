"""The databases that a store can be in: how each is reached, made durable, and locked for one writer."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from hedgecheck.errors import StoreBusy, StoreUnavailable, UsageError

LENGTH_MAX = 1 << 40  # of a file; a header that says more is damaged
PATIENCE_SECONDS = 5  # for a lock that a reader or a backup holds
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

    @contextmanager
    def rescued(self) -> Iterator["Database"]:
        """What is left of it, to read from."""
        yield self

    def _busy(self) -> StoreBusy:
        return StoreBusy(f"Another process writes to {self.shown}. End it, or take another store.")


class SQLite(Database):
    """A file, with a write-ahead log that is synced at every commit, and a lock file beside it."""

    def __init__(self, url: URL) -> None:
        path = Path(str(url.database))
        super().__init__(create_engine(url, connect_args={"timeout": PATIENCE_SECONDS}), str(path))
        event.listen(self.engine, "connect", _make_durable)
        self._lock = FileLock(f"{path}.writer", timeout=0)

    def lock(self) -> None:
        """See ``Database``."""
        try:
            self._lock.acquire()
        except Timeout as error:
            raise self._busy() from error
        except OSError as error:
            raise StoreUnavailable(
                f"{self.shown} cannot be written to: {error}. Look at its folder."
            ) from error

    def close(self) -> None:
        """See ``Database``."""
        super().close()
        self._lock.release()

    @contextmanager
    def rescued(self) -> Iterator[Database]:
        """A copy of the file. One that was cut off is as long again as it says it is: SQLite reads nothing of
        a file that is too short, and of this one all up to the first page that is gone."""
        with TemporaryDirectory() as folder:
            copy = Path(folder, "rescued.db")
            for suffix in ("", "-wal"):
                part = Path(f"{self.shown}{suffix}")
                if part.exists():
                    shutil.copy(part, f"{copy}{suffix}")
            _lengthen(copy)
            base = SQLite(make_url(f"sqlite:///{copy}"))
            try:
                yield base
            finally:
                base.close()

    def is_damage(self, error: DBAPIError) -> bool:
        """See ``Database``."""
        said = str(error.orig)
        return any(words in said for words in ("malformed", "not a database", "decode to UTF-8", "corrupt"))


class PostgreSQL(Database):
    """A schema of a server; the lock is of a connection, and gone with it."""

    def __init__(self, url: URL) -> None:
        super().__init__(create_engine(url), url.render_as_string(hide_password=True))
        self._holder: Connection | None = None

    def lock(self) -> None:
        """See ``Database``."""
        holder = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
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
        url = make_url(address if "://" in address else f"sqlite:///{address}")
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
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _lengthen(path: Path) -> None:
    """Zeros where pages are missing at the end, by the page size and count in the header (sqlite.org, file
    format, 1.3)."""
    header = path.read_bytes()[:32] if path.exists() else b""
    if len(header) < len(b"SQLite format 3\0") + 16:
        return
    size = int.from_bytes(header[16:18])
    length = int.from_bytes(header[28:32]) * (65_536 if size == 1 else size)
    if path.stat().st_size < length <= LENGTH_MAX:
        with path.open("r+b") as file:
            file.truncate(length)
