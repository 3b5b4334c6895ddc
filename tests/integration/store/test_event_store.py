"""The event store on both databases: what is stored stays, whole and in order, written by one process."""

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text

from core.messages import Fill, OrderFilled, OrderId, PriceMoved, SignalId
from core.settings import Instrument, Settings
from core.units import Money
from hedgecheck.errors import StoreBusy, StoreDamaged, StoreFenced, StoreMissing, StoreUnavailable, UsageError
from hedgecheck.live import EventStore, Opening, salvage, verify
from hedgecheck.live.databases import database

OPENING = Opening(Settings((Instrument("AAA"), Instrument("BBB"))), Money(1_000_000))
ORDER = OrderId(SignalId("p", 1), "entry", 1)
EVENTS = [PriceMoved("AAA", 100 + number) for number in range(40)]
FILLED = OrderFilled(ORDER, Fill("t1", 10, 100))


def stored(address: str, *batches: list[Any]) -> None:
    """A new store with these events."""
    with EventStore.create(address, OPENING) as store:
        for batch in batches:
            store.append(batch)


def read(address: str) -> list[Any]:
    """All events of a store."""
    with EventStore.open(address) as store:
        return list(store.events())


def harmed(address: str, statement: str) -> None:
    """Somebody changes the tables by hand."""
    base = database(address)
    with base.engine.begin() as connection:
        connection.execute(text(statement))
    base.close()


def test_what_was_appended_is_read_in_its_order_by_the_next_process(address: str) -> None:
    stored(address, EVENTS[:1], [], EVENTS[1:], [FILLED])

    with EventStore.open(address) as store:
        assert store.opening == OPENING
        assert list(store.events()) == [*EVENTS, FILLED]
        assert list(store.events(after=40)) == [FILLED]
        assert store.head.position == verify(address).head.position == 41
        assert store.append([FILLED, EVENTS[0]]) == 43
    assert read(address) == [*EVENTS, FILLED, FILLED, EVENTS[0]]


def test_store_of_nothing_is_whole(address: str) -> None:
    stored(address)

    assert read(address) == []
    assert verify(address).head.position == 0


def test_there_is_one_store_at_an_address(address: str) -> None:
    with pytest.raises(StoreMissing, match="no event store at"):
        EventStore.open(address)
    stored(address, EVENTS)

    with pytest.raises(UsageError, match="There is an event store"):
        EventStore.create(address, OPENING)
    assert read(address) == EVENTS


SECOND = """
import sys
from hedgecheck.errors import StoreBusy
from hedgecheck.live import EventStore
try:
    EventStore.open(sys.argv[1])
except StoreBusy as error:
    print(error)
"""


def test_second_process_is_refused_while_the_first_writes(address: str) -> None:
    with EventStore.create(address, OPENING):
        with pytest.raises(StoreBusy, match="Another process writes to"):
            EventStore.open(address)
        other = subprocess.run(
            [sys.executable, "-c", SECOND, address], capture_output=True, text=True, timeout=60, check=True
        )
        assert other.stdout.startswith("Another process writes to")

    EventStore.open(address).close()


def test_writer_that_was_taken_for_dead_is_fenced_off(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = EventStore.create(address, OPENING)
    stale.append(EVENTS[:3])
    monkeypatch.setattr(type(stale._base), "lock", lambda self: None)  # as if its lock had been lost
    with EventStore.open(address) as fresh:
        with pytest.raises(StoreFenced, match="opened by another process since"):
            stale.append([FILLED])
        fresh.append(EVENTS[3:5])
        with pytest.raises(StoreFenced):
            stale.append([FILLED])
        assert list(fresh.events()) == EVENTS[:5]


def test_batch_is_stored_whole_or_not_at_all(address: str) -> None:
    with EventStore.create(address, OPENING) as store:
        store.append(EVENTS[:2])
        for wrong in (object(), FILLED.fill):  # a record, but nothing that the core is told
            with pytest.raises(AssertionError, match="events of the core"):
                store.append([EVENTS[2], wrong])
        assert store.append([FILLED]) == 3

    assert read(address) == [*EVENTS[:2], FILLED]


TABLE = "hedgecheck_events"
TIME = f"select recorded_ns from {TABLE} where position = 39"
HARM = {
    f"update {TABLE} set body = replace(body, '107', '106') where position = 8": (
        "event 8 is not what was written"
    ),
    f"update {TABLE} set format = 2 where position = 8": "event 8 is not what was written",
    f"update {TABLE} set digest = (select digest from {TABLE} where position = 7) where position = 8": (
        "event 8 is not what was written"
    ),
    f"delete from {TABLE} where position = 8": "event 8 is missing",
    f"update {TABLE} set position = 108 where position = 8": "event 8 is missing",
    f"delete from {TABLE} where position > 7": "events from 8 to 40 are missing at the end",
}


@pytest.mark.parametrize("statement", HARM)
def test_harm_is_found_on_open_with_its_place_and_what_is_good_recovered(
    statement: str, address: str, tmp_path: Any
) -> None:
    stored(address, EVENTS)
    harmed(address, statement)

    for opens in (EventStore.open, verify):
        with pytest.raises(StoreDamaged) as damaged:
            opens(address)
        assert HARM[statement] in str(damaged.value)
        assert damaged.value.good == 7

    damage = salvage(address, str(tmp_path / "good.db"))
    assert damage is not None
    assert (damage.good, damage.what) == (7, HARM[statement])
    assert read(str(tmp_path / "good.db")) == EVENTS[:7]


def test_rows_that_changed_places_are_found(address: str) -> None:
    stored(address, EVENTS)
    for was, becomes in ((8, 1_000), (9, 8), (1_000, 9)):
        harmed(address, f"update {TABLE} set position = {becomes} where position = {was}")

    with pytest.raises(StoreDamaged, match="event 8 is not what was written"):
        EventStore.open(address)


def test_end_that_was_cut_off_with_its_head_is_another_store(address: str) -> None:
    """Whoever rewrites the head as well makes a shorter store that is whole."""
    stored(address, EVENTS)
    harmed(address, f"delete from {TABLE} where position > 39")
    last = f"(select digest from {TABLE} where position = 39), recorded_ns = ({TIME})"
    harmed(address, f"update hedgecheck_store set position = 39, digest = {last}")

    assert read(address) == EVENTS[:39]


@pytest.mark.parametrize("table", ["hedgecheck_opening", TABLE])
def test_opening_is_checked_in_both_places_and_recovered_from_either(
    address: str, table: str, tmp_path: Any
) -> None:
    stored(address, EVENTS)
    harmed(address, f"update {table} set body = replace(body, 'AAA', 'CCC') where position = 0")

    with pytest.raises(StoreDamaged, match="what it began with is not what was written"):
        EventStore.open(address)
    assert salvage(address, str(tmp_path / "good.db")) is None
    assert read(str(tmp_path / "good.db")) == EVENTS


def test_whole_store_is_salvaged_whole(address: str, tmp_path: Any) -> None:
    stored(address, EVENTS)

    assert salvage(address, str(tmp_path / "copy.db")) is None
    assert verify(str(tmp_path / "copy.db")) == verify(address)


@pytest.mark.parametrize(
    "change", ["delete from hedgecheck_store", "update hedgecheck_store set schema_version = 9"]
)
def test_store_that_is_none_of_this_release_is_refused(change: str, address: str) -> None:
    stored(address, EVENTS)
    harmed(address, change)

    with pytest.raises(StoreMissing, match=r"without a head|of schema 9, not 1"):
        EventStore.open(address)


@pytest.mark.parametrize("name", ["mysql://localhost/x", "postgresql://", "sqlite://", "no://such"])
def test_what_is_no_address_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no address of"):
        EventStore.open(name)


def test_commits_are_durable_whatever_the_server_says(own_schema: str) -> None:
    base = database(f"{own_schema}%20-csynchronous_commit%3Doff")
    with base.engine.connect() as connection:
        assert connection.execute(text("show synchronous_commit")).scalar_one() == "on"
    base.close()


def test_path_may_hold_anything(tmp_path: Any) -> None:
    path = str(tmp_path / "trades? of 50% #1.db")
    stored(path, EVENTS)

    assert read(path) == EVENTS
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "trades? of 50% #1.db",
        "trades? of 50% #1.db.writer",
    ]


def test_password_is_not_shown() -> None:
    assert database("postgresql+psycopg://me:secret@nowhere/trades").shown == (
        "postgresql+psycopg://me:***@nowhere/trades"
    )


def test_server_that_is_not_there_is_said_to_be_that() -> None:
    with pytest.raises(StoreUnavailable, match=r"cannot be reached: .* See that it is up"):
        EventStore.open("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
