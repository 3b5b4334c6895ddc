"""``hedgecheck store``: what a person sees of it, what a machine reads, and the exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from core.messages import PriceMoved
from core.settings import Instrument, Settings
from core.units import Money
from hedgecheck.cli import call
from hedgecheck.live import EventStore, Opening, Questions
from hedgecheck.live.encoding import decoded

OPENING = Opening(Settings((Instrument("AAA"),)), Money(1_000_000))
EVENTS = [PriceMoved("AAA", 100 + number) for number in range(40)]
SECOND = 1_000_000_000
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(address: str) -> str:
    """A store of forty events, one each second."""
    times = iter(range(0, 100 * SECOND, SECOND))
    with EventStore.create(address, OPENING, lambda: next(times)) as made:
        for event in EVENTS:
            made.append([event])
    return address


@pytest.fixture
def damaged(store: str) -> str:
    """The same, with an event that is not what was written."""
    engine = create_engine(store if "://" in store else f"sqlite:///{store}")
    with engine.begin() as connection:
        connection.exec_driver_sql("update hedgecheck_events set format = 2 where position = 8")
    engine.dispose()
    return store


def said(captured: Captured, *arguments: str, code: int = 0) -> str:
    """What a command prints, where it ends with that code."""
    assert call(["store", *arguments]) == code
    return captured.readouterr().out


def read(captured: Captured, *arguments: str, code: int = 0) -> Any:
    """The JSON that it prints."""
    return json.loads(said(captured, *arguments, "--json", code=code))


def test_verify_says_how_many_events_from_when_to_when(store: str, capsys: Captured) -> None:
    found = read(capsys, "verify", store)

    assert found["verdict"] == "whole"
    assert (found["events"], found["created"], found["last"]) == (
        40,
        "1970-01-01 00:00:00 UTC",
        "1970-01-01 00:00:40 UTC",
    )
    assert len(found["digest"]) == 64
    assert f"whole: 40 events, from {found['created']} to {found['last']}" in said(capsys, "verify", store)


@pytest.mark.covers("TC-RC-013", "EM-03")
def test_verify_of_a_damaged_store_ends_with_1(damaged: str, capsys: Captured) -> None:
    found = read(capsys, "verify", damaged, code=1)

    assert (found["verdict"], found["good"]) == ("damaged", 7)
    assert "event 8 is not what was written" in found["why"]
    assert call(["store", "verify", damaged]) == 1
    assert "hedgecheck store recover" in capsys.readouterr().err


@pytest.mark.covers("TI-21")
def test_backup_and_restore_keep_every_event(store: str, tmp_path: Path, capsys: Captured) -> None:
    backup, restored = str(tmp_path / "backup.db"), str(tmp_path / "restored.db")

    assert "copied and checked: 40 events" in said(capsys, "backup", store, backup)
    said(capsys, "restore", backup, restored)

    assert read(capsys, "verify", restored) == read(capsys, "verify", store)
    assert call(["store", "restore", backup, restored]) == 64
    assert "Name another address" in capsys.readouterr().err


def test_damaged_store_is_not_backed_up(damaged: str, tmp_path: Path, capsys: Captured) -> None:
    said(capsys, "backup", damaged, str(tmp_path / "backup.db"), code=1)

    assert not (tmp_path / "backup.db").exists()


@pytest.mark.covers("TC-RC-012", "EM-03")
def test_recover_copies_what_is_good_and_says_what_is_lost(
    damaged: str, tmp_path: Path, capsys: Captured
) -> None:
    into = str(tmp_path / "good.db")

    found = read(capsys, "recover", damaged, into, code=1)

    assert (found["events"], found["lost"]) == (7, "event 8 is not what was written")
    with EventStore.open(into) as store:
        assert list(store.events()) == EVENTS[:7]
    again = said(capsys, "recover", into, str(tmp_path / "again.db"))
    assert "recovered 7 events" in again
    assert "all that were stored" in again


def test_export_writes_a_line_for_each_event(store: str, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "events.jsonl"

    printed = said(capsys, "export", store, "--after", "38").splitlines()
    said(capsys, "export", store, "--out", str(out))

    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [json.loads(line) for line in printed] == lines[38:]
    assert [line["position"] for line in lines] == list(range(1, 41))
    assert [line["recorded_ns"] for line in lines] == [SECOND * number for number in range(1, 41)]
    assert [decoded(json.dumps(line["event"])) for line in lines] == EVENTS


def test_export_of_a_damaged_store_leaves_no_file(damaged: str, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "events.jsonl"

    said(capsys, "export", damaged, "--out", str(out), code=1)

    assert [each.name for each in tmp_path.glob("events.jsonl*")] == []


def test_questions_are_listed_and_answered(store: str, capsys: Captured) -> None:
    assert "no question waits for an answer, 0 were asked" in said(capsys, "questions", store)
    with Questions(store, lambda: 5 * SECOND) as asked:
        asked.ask("position", "AAA", "12 lots that nobody ordered")

    line = "1  1970-01-01 00:00:05 UTC  position AAA: 12 lots that nobody ordered"
    assert line in said(capsys, "questions", store)
    assert "question 1 is answered: adopt" in said(capsys, "answer", store, "1", "adopt", "--by", "ann")
    assert "no question waits for an answer, 1 were asked" in said(capsys, "questions", store)
    assert [
        (each["id"], each["answer"], each["answered_by"]) for each in read(capsys, "questions", store)
    ] == [(1, "adopt", "ann")]
    assert call(["store", "answer", store, "1", "gone", "--by", "bob"]) == 64
    assert "was answered by ann already" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "export", "questions"])
def test_address_without_a_store_is_a_usage_error(command: str, tmp_path: Path, capsys: Captured) -> None:
    assert call(["store", command, str(tmp_path / "nothing.db")]) == 64
    assert "no event store at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
