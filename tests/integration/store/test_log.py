"""Logs of the shell: what is appended is stored in its order, off the event loop, or refused for good."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from threading import Event as Signal
from typing import Any, TypeVar

import pytest
from sqlalchemy import create_engine

from hedgecheck.errors import StoreBusy, StoreError, StoreUnavailable
from hedgecheck.live import DurableLog, EventStore, MemoryLog, verify
from tests.integration.store.flows import drawn, states

OPENING, EVENTS = drawn(60)[0]
STATES = states(OPENING, EVENTS)
Answer = TypeVar("Answer")


def run(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """Its answer, within a minute."""
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def ignore(error: Exception) -> None:
    """Nobody is told."""


def durable(address: str, **more: Any) -> DurableLog:
    """A log over a new store."""
    return DurableLog(EventStore.create(address, OPENING), ignore, **more)


@pytest.fixture(params=["durable", "memory"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DurableLog | MemoryLog]:
    """An empty log of each kind."""
    if request.param == "memory":
        yield MemoryLog(OPENING)
        return
    made = durable(str(tmp_path / "events.db"))
    yield made
    made.close()


# ---- every log -------------------------------------------------------------------------------------------


@pytest.mark.covers("TC-IF-016")
def test_what_is_appended_is_there_in_its_order(log: DurableLog | MemoryLog) -> None:
    async def appended() -> list[int]:
        return [await log.append(EVENTS[:1]), await log.append(EVENTS[1:5]), await log.append(EVENTS[5:6])]

    assert run(appended()) == [1, 5, 6]
    assert list(log.events()) == list(EVENTS[:6])
    assert list(log.events(after=4)) == list(EVENTS[4:6])
    assert log.recovered() == (STATES[6], 6)
    assert log.opening == OPENING


def test_appends_side_by_side_keep_the_order_in_which_they_were_made(log: DurableLog | MemoryLog) -> None:
    async def side_by_side() -> list[int]:
        return list(await asyncio.gather(*[log.append([event]) for event in EVENTS[:30]]))

    assert run(side_by_side()) == list(range(1, 31))
    assert list(log.events()) == list(EVENTS[:30])


def test_empty_log_is_recovered_to_the_beginning(log: DurableLog | MemoryLog) -> None:
    assert log.recovered() == (STATES[0], 0)
    assert run(log.append([])) == 0


def test_memory_of_a_log_outlasts_the_process_that_used_it() -> None:
    log = MemoryLog(OPENING)
    run(log.append(EVENTS))

    assert log.recovered() == (STATES[-1], len(EVENTS))


# ---- the durable one -------------------------------------------------------------------------------------


def test_event_loop_goes_on_while_the_disk_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, may_end = durable(str(tmp_path / "events.db")), Signal()
    append = EventStore.append
    monkeypatch.setattr(EventStore, "append", lambda self, events: may_end.wait(60) and append(self, events))

    async def beside() -> int:
        storing = asyncio.create_task(log.append(EVENTS[:2]))
        await asyncio.sleep(0)
        may_end.set()  # which it waits for
        return await storing

    assert run(beside()) == 2
    log.close()


def test_after_a_failed_append_nothing_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = durable(address)
    run(log.append(EVENTS[:3]))

    def fail(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    async def two() -> list[int | BaseException]:
        both = log.append(EVENTS[3:4]), log.append(EVENTS[4:5])
        return await asyncio.gather(*both, return_exceptions=True)

    with monkeypatch.context() as broken:
        broken.setattr(EventStore, "_append", fail)
        assert [str(each)[:24] for each in run(two())] == ["the disk is full", "An append failed before:"]
    with pytest.raises(StoreUnavailable, match="failed before: the disk is full"):
        run(log.append(EVENTS[3:4]))
    log.close()
    assert verify(address).head.position == 3


def test_append_that_was_given_up_is_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is stored nobody knows; what came after it could be of another history."""
    log, may_end = durable(str(tmp_path / "events.db")), Signal()
    append = EventStore.append
    monkeypatch.setattr(EventStore, "append", lambda self, events: may_end.wait(60) and append(self, events))

    async def given_up() -> None:
        storing = asyncio.create_task(log.append(EVENTS[:2]))
        await asyncio.sleep(0)
        storing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await storing
        may_end.set()
        with pytest.raises(StoreUnavailable, match="given up while it was under way"):
            await log.append(EVENTS[2:3])

    run(given_up())
    log.close()


def test_snapshot_is_kept_every_so_many_steps(address: str) -> None:
    log = durable(address, snapshot_events=10)
    for number, event in enumerate(EVENTS[:25], 1):
        run(log.append([event]))
        log.stepped(STATES[number], event, ())
    log.close()

    with EventStore.open(address) as store:
        assert store.snapshot_position == 20
        assert store.recovered() == (STATES[25], 25)


def test_recovery_of_much_keeps_a_snapshot_once(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = durable(address, snapshot_events=1_000)
    run(log.append(EVENTS[:50]))
    log.close()
    kept: list[int] = []
    keep = EventStore.keep_snapshot

    def watched(store: EventStore, state: Any, position: int) -> None:
        kept.append(position)
        keep(store, state, position)

    monkeypatch.setattr(EventStore, "keep_snapshot", watched)
    for _ in range(2):
        again = DurableLog(EventStore.open(address), ignore, snapshot_events=40)
        assert again.recovered() == (STATES[50], 50)
        again.close()

    assert kept == [50]
    with EventStore.open(address) as store:
        assert store.snapshot_position == 50


def test_damage_behind_the_snapshot_is_told_to_the_shell(address: str) -> None:
    log = durable(address, snapshot_events=10)
    run(log.append(EVENTS[:20]))
    log.recovered()
    log.close()
    engine = create_engine(address if "://" in address else f"sqlite:///{address}")
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from hedgecheck_events where position = 4")
    engine.dispose()
    found: list[str] = []
    told = Signal()

    again = DurableLog(EventStore.open(address), lambda error: (found.append(str(error)), told.set()))

    assert told.wait(60)
    assert "event 4 is missing" in found[0]
    again.close()


# ---- databases that fail ---------------------------------------------------------------------------------


FULL = """
import asyncio, sys
from hedgecheck.errors import StoreUnavailable
from hedgecheck.live import DurableLog, EventStore
from tests.integration.store.flows import drawn
import resource, signal

_, events = drawn(60)[0]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = DurableLog(EventStore.open(sys.argv[1]), print)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

async def fill():
    stored = 0
    try:
        while True:
            stored = await log.append(events[:50])
    except StoreUnavailable:
        print(stored)

asyncio.run(fill())
"""


@pytest.mark.covers("EM-03")
def test_disk_that_is_full_stores_nothing_of_the_batch_and_loses_nothing_before_it(tmp_path: Path) -> None:
    path = str(tmp_path / "events.db")
    EventStore.create(path, OPENING).close()

    child = subprocess.run(
        [sys.executable, "-c", FULL, path], capture_output=True, text=True, timeout=120, check=True
    )

    stored = int(child.stdout)
    assert stored > 0
    assert stored % 50 == 0
    with EventStore.open(path) as store:
        assert store.head.position == stored
        assert list(store.events()) == list(EVENTS[:50]) * (stored // 50)
        assert store.append(EVENTS[:1]) == stored + 1


@pytest.mark.covers("EM-03")
def test_locked_database_is_said_to_be_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "events.db")
    monkeypatch.setattr("hedgecheck.live.databases.PATIENCE_SECONDS", 0.1)
    log, other = durable(path), create_engine(f"sqlite:///{path}")
    with other.connect() as connection:
        connection.exec_driver_sql("begin immediate")
        with pytest.raises(StoreBusy, match="locked by another process"):
            run(log.append(EVENTS[:1]))
    with pytest.raises(StoreError, match="failed before"):
        run(log.append(EVENTS[:1]))
    log.close()
    assert verify(path).head.position == 0


@pytest.mark.covers("EM-03")
def test_lost_connection_stores_nothing_of_the_batch(own_schema: str, server: str) -> None:
    name = own_schema.rpartition("%3D")[2]
    address = f"{own_schema}&application_name={name}"
    log = durable(address)
    run(log.append(EVENTS[:3]))
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        mine = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = %s"
        assert connection.exec_driver_sql(mine, (name,)).scalar_one() >= 2
    engine.dispose()

    with pytest.raises(StoreUnavailable, match="could not be read or written"):
        run(log.append(EVENTS[3:5]))
    with pytest.raises(StoreUnavailable, match="failed before"):
        run(log.append(EVENTS[3:5]))
    log.close()
    assert verify(address).head.position == 3
