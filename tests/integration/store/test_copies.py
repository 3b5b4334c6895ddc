"""Stores copied from database to database, and what is recovered of damaged files without the database."""

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from core.messages import Event, PriceMoved, SettingsChanged
from core.settings import Instrument, Settings
from core.units import Money
from core.values import replace
from hedgecheck.errors import StoreDamaged, StoreError, StoreMissing, UsageError
from hedgecheck.live import EventStore, Opening, Questions, copy, salvage, verify
from hedgecheck.live.carving import Carved

OPENING = Opening(Settings((Instrument("AAA"), Instrument("BBB"))), Money(1_000_000))
LARGE = SettingsChanged(replace(OPENING.settings, reset_anchors=(("manual", "f" * 10_000),)))
EVENTS: list[Event] = [PriceMoved("AAA", 100 + number) for number in range(400)]
EVENTS[250] = LARGE  # of several pages
PAGE = 4096


def stored(address: str) -> None:
    """A new store with these events, and a question."""
    with EventStore.create(address, OPENING) as store:
        for start in range(0, len(EVENTS), 100):
            store.append(EVENTS[start : start + 100])
    with Questions(address) as asked:
        asked.answer(asked.ask("position", "AAA", "?"), "adopt", "ann")
        asked.ask("balance", "cash", "?")


def read(address: str) -> list[Event]:
    """All events of a store."""
    with EventStore.open(address) as store:
        assert store.opening == OPENING
        return list(store.events())


def fingerprint(path: Path) -> str:
    """Of a file as it is."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def overwrite(path: Path, at: int, content: bytes) -> None:
    """Changes bytes of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


# ---- TI-21: backup and restore ---------------------------------------------------------------------------


@pytest.mark.covers("TI-21")
def test_backup_is_restored_to_what_it_was_with_its_questions(address: str, tmp_path: Path) -> None:
    stored(address)
    backup, restored = str(tmp_path / "backup.db"), str(tmp_path / "restored.db")
    with EventStore.open(address) as store:  # it is written meanwhile
        copy(address, backup)
        store.append(EVENTS[:1])
    copy(backup, restored)

    assert verify(restored) == verify(backup)
    assert verify(backup).head.position == len(EVENTS)
    assert read(restored) == EVENTS
    with Questions(address) as ours, Questions(restored) as theirs:
        assert theirs.open_questions() == ours.open_questions()
        assert theirs.answered() == ours.answered()
        assert theirs.ask("position", "BBB", "?") == 3


@pytest.mark.covers("TI-21")
def test_backup_is_restored_to_a_server(own_schema: str, tmp_path: Path) -> None:
    backup = str(tmp_path / "backup.db")
    stored(backup)

    copy(backup, own_schema)

    assert verify(own_schema) == verify(backup)
    assert read(own_schema) == EVENTS
    with Questions(own_schema) as asked:
        assert asked.ask("position", "BBB", "?") == 3


@pytest.mark.covers("TI-21")
def test_nothing_is_overwritten(address: str, tmp_path: Path) -> None:
    stored(address)
    other = str(tmp_path / "other.db")
    with EventStore.create(other, OPENING):
        pass

    for into in (address, other):
        with pytest.raises(UsageError, match="Name another address"):
            copy(other, into)
    assert (len(read(address)), read(other)) == (len(EVENTS), [])


@pytest.mark.covers("TI-21")
def test_copy_of_a_damaged_store_is_not_made(address: str, tmp_path: Path) -> None:
    stored(address)
    engine = create_engine(address if "://" in address else f"sqlite:///{address}")
    with engine.begin() as connection:
        connection.exec_driver_sql("update hedgecheck_events set format = 2 where position = 300")
    engine.dispose()

    with pytest.raises(StoreDamaged, match="event 300 is not what was written"):
        copy(address, str(tmp_path / "copy.db"))
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("copy")] == ["copy.db.writer"]


def test_copy_to_a_server_is_made_whole_or_not_at_all(own_schema: str, tmp_path: Path) -> None:
    source = str(tmp_path / "source.db")
    stored(source)
    with sqlite3.connect(source) as connection:
        connection.execute("update hedgecheck_events set format = 2 where position = 300")

    with pytest.raises(StoreDamaged):
        copy(source, own_schema)
    with pytest.raises(StoreMissing):
        verify(own_schema)


# ---- TC-RC-012, TC-RC-013, EM-03: what is recovered of a file --------------------------------------------


def page_of(path: Path, table: str) -> int:
    """The first byte of a table's root page."""
    with sqlite3.connect(path) as connection:
        query = "select rootpage from sqlite_master where name = ?"
        number: int = connection.execute(query, (table,)).fetchone()[0]
    connection.close()
    return (number - 1) * PAGE


HEADER = {
    "all of it": (0, b"\0" * 100),
    "the magic string": (0, b"X"),
    "page size": (16, b"\x02\x00"),
    "size": (28, b"\0\0\0\1"),
    "schema": (100, b"\x0d\0\0\0\0\0\0\0" * 100),
    "the whole first page": (0, b"\xa5" * PAGE),
}


@pytest.mark.parametrize("what", HEADER)
@pytest.mark.covers("TC-RC-013", "EM-03")
def test_store_whose_first_page_is_damaged_is_recovered_whole(tmp_path: Path, what: str) -> None:
    path, into = tmp_path / "events.db", str(tmp_path / "good.db")
    stored(str(path))
    overwrite(path, *HEADER[what])
    before = fingerprint(path)

    assert salvage(str(path), into) is None
    assert read(into) == EVENTS
    assert fingerprint(path) == before
    with pytest.raises(UsageError, match="Name another address"):  # nor is a new one made in its place
        EventStore.create(str(path), OPENING)


@pytest.mark.covers("TC-RC-013")
def test_damage_that_no_event_shows_is_found(tmp_path: Path) -> None:
    """A count of free pages that there are not: all can be read, and the next append would fail."""
    path = tmp_path / "events.db"
    stored(str(path))
    overwrite(path, 36, b"\0\0\0\x05")
    found: list[Exception] = []

    with pytest.raises(StoreDamaged, match="the database is damaged") as damaged:
        verify(str(path))
    with EventStore.open(str(path)) as store:
        store.check_older(found.append).wait()

    assert damaged.value.good == len(EVENTS)
    assert len(found) == 1


@pytest.mark.parametrize("table", ["hedgecheck_opening", "hedgecheck_store", "hedgecheck_events"])
@pytest.mark.covers("TC-RC-013", "EM-03")
def test_store_of_which_any_root_page_is_gone_is_recovered(tmp_path: Path, table: str) -> None:
    path, into = tmp_path / "events.db", str(tmp_path / "good.db")
    stored(str(path))
    overwrite(path, page_of(path, table), b"\xa5" * PAGE)

    with pytest.raises(StoreError):
        EventStore.open(str(path))
    damage = salvage(str(path), into)

    assert read(into) == EVENTS
    assert (damage is None) == (table != "hedgecheck_store")
    assert damage is None or damage.what == "where it ended cannot be read"


@pytest.mark.covers("TC-RC-012")
def test_missing_events_are_said_to_be_missing_and_the_others_recovered(tmp_path: Path) -> None:
    path, into = tmp_path / "events.db", str(tmp_path / "good.db")
    stored(str(path))
    with sqlite3.connect(path) as connection:
        connection.execute("delete from hedgecheck_events where position between 201 and 210")
    connection.close()

    with pytest.raises(StoreDamaged, match="event 201 is missing"):
        EventStore.open(str(path))
    salvage(str(path), into)
    assert read(into)[:200] == EVENTS[:200]


@pytest.mark.parametrize("pages", range(4, 12))
@pytest.mark.covers("TC-RC-012")
def test_of_a_file_that_was_cut_off_comes_back_what_is_left(tmp_path: Path, pages: int) -> None:
    path, into = tmp_path / "events.db", str(tmp_path / "good.db")
    stored(str(path))
    with path.open("r+b") as file:
        file.truncate(pages * PAGE + 1_000)

    with pytest.raises(StoreError):
        EventStore.open(str(path))
    try:
        damage = salvage(str(path), into)
    except StoreMissing:
        assert pages < 9  # the tables' first pages
        return
    saved = read(into)
    assert saved == EVENTS[: len(saved)]
    assert damage is not None
    assert damage.good == len(saved)


def test_file_that_is_empty_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.touch()

    for does in (EventStore.open, verify, lambda name: salvage(name, str(tmp_path / "good.db"))):
        with pytest.raises(StoreMissing, match="There is no event store at"):
            does(str(path))


# ---- the log of a process that was ended -----------------------------------------------------------------


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    """The files of a store as a process leaves them that is ended: most of it is in the log."""
    path = tmp_path / "live.db"
    with EventStore.create(str(path), OPENING) as store:
        for start in range(0, len(EVENTS), 100):
            store.append(EVENTS[start : start + 100])
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", tmp_path / f"ended.db{suffix}")
    return tmp_path / "ended.db"


def test_what_is_in_the_log_is_recovered(ended: Path, tmp_path: Path) -> None:
    assert salvage(str(ended), str(tmp_path / "good.db")) is None
    assert read(str(tmp_path / "good.db")) == EVENTS


def test_what_is_both_in_the_file_and_in_the_log_is_recovered_once(tmp_path: Path) -> None:
    path, ended = tmp_path / "live.db", tmp_path / "ended.db"
    with EventStore.create(str(path), OPENING) as store:
        store.append(EVENTS)
        with sqlite3.connect(path) as connection:
            connection.execute("pragma wal_checkpoint(passive)")
        connection.close()
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{ended}{suffix}")

    assert salvage(str(ended), str(tmp_path / "good.db")) is None
    assert read(str(tmp_path / "good.db")) == EVENTS


def test_log_whose_header_is_damaged_is_read(ended: Path, tmp_path: Path) -> None:
    overwrite(Path(f"{ended}-wal"), 0, b"\xa5" * 32)

    assert salvage(str(ended), str(tmp_path / "good.db")) is None
    assert read(str(tmp_path / "good.db")) == EVENTS


def test_what_was_not_committed_is_not_recovered(ended: Path, tmp_path: Path) -> None:
    """The last transaction of the log loses its last page, and with it the mark that it was committed."""
    log = Path(f"{ended}-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 24 - PAGE)

    assert salvage(str(ended), str(tmp_path / "good.db")) is None
    assert read(str(tmp_path / "good.db")) == EVENTS[:300]


def test_pages_of_an_earlier_round_of_the_log_are_not_read(ended: Path) -> None:
    log = Path(f"{ended}-wal")
    frames = (log.stat().st_size - 32) // (24 + PAGE)
    for number in range(frames):
        if number >= frames // 2:
            overwrite(log, 32 + number * (24 + PAGE) + 8, b"\xa5" * 8)
    carved = Carved(ended, log)

    assert max(row.position for row in carved.rows()) < len(EVENTS)
    carved.close()
