"""``hedgecheck live`` as a newcomer runs it: a venue, a store and a strategy by one command."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hedgecheck.cli import call
from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.questions import Questions
from hedgecheck.live.store import EventStore
from hedgecheck.live.winding_down import still_open
from hedgecheck.messages import CreateOrder

SECONDS_MAX = 120
STRATEGIES = "tests.integration.live.strategies"


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command of hedgecheck's, ended with the block where it has not ended by itself."""
    command = [sys.executable, "-m", "hedgecheck", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def venue() -> Iterator[str]:
    """The address of a venue that runs."""
    with started("venue", "--seed", "1") as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()


def said(text: str) -> list[dict[str, object]]:
    """The milestones."""
    return [json.loads(line) for line in text.splitlines()]


def test_one_command_trades_and_ends_flat() -> None:
    with started("live", "--rounds", "1", "--seed", "3", "--json", "-") as process:
        out, err = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0, err
    assert [each["at"] for each in said(out)] == ["recovered", "trading", "stopping", "resting", "stopped"]
    assert said(out)[-1]["open"] == []
    assert err.splitlines()[0] == "hedgecheck live --broker venue --rounds 1 --seed 3"
    assert "flat" in err


def test_it_comes_to_rest_when_it_is_told_to_stop_and_goes_on_with_its_store(tmp_path: Path) -> None:
    store = str(tmp_path / "events.db")
    with venue() as address:
        asked = ("live", "--broker", address, "--store", store, "--json", "-")
        for _ in range(2):
            with started(*asked) as process:
                assert process.stdout is not None
                assert json.loads(process.stdout.readline())["at"] == "recovered"
                assert json.loads(process.stdout.readline())["at"] == "trading"
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=SECONDS_MAX)
            assert process.returncode == 0, err
            assert [each["at"] for each in said(out)] == ["stopping", "resting", "stopped"]
    with EventStore.open(store) as written:
        state, position = written.recovered()
    assert position > 0
    assert still_open(state) == ()


def test_a_strategy_that_raises_is_said_with_its_line_and_all_comes_to_rest() -> None:
    with started("live", "--json", "-", "--strategy", f"{STRATEGIES}:fails") as process:
        out, err = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 1, err
    assert [each["at"] for each in said(out)] == ["recovered", "trading", "stopping", "resting", "stopped"]
    assert said(out)[-1]["open"] == []
    assert "failed: a strategy raised ZeroDivisionError: " in err
    assert "strategies.py, line" in err
    assert "defect of hedgecheck" not in err


def test_what_the_venue_has_beyond_the_books_is_asked_taken_over_and_traded_on_with_by_a_code() -> None:
    async def buys(address: str) -> None:
        host, _, port = address.removeprefix("tcp://").partition(":")
        broker = RemoteBroker(host, int(port))
        await broker.send(CreateOrder("by-hand", "AAA", "buy", 7))
        while not (await broker.ledger()).positions:
            await asyncio.sleep(0)
        await broker.close()

    with TemporaryDirectory() as folder, venue() as address:
        asked = ("live", "--broker", address, "--store", str(Path(folder, "events.db")), "--rounds", "0")
        with started(*asked) as process:
            assert process.wait(SECONDS_MAX) == 0
        asyncio.run(buys(address))
        with started(*asked, "--json", "-") as process:
            out, err = process.communicate(timeout=SECONDS_MAX)
        with Questions(asked[4]) as questions:
            questions.answer(1, "adopt", "ann")
        with started(*asked, "--json", "-", "--reset", "manual") as process:
            afterwards, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 1, err
    assert said(afterwards)[-1]["tripped"] == said(afterwards)[-1]["questions"] == []
    assert said(afterwards)[-1]["open"] == ["AAA: long 7 lots"]
    last = said(out)[-1]
    assert last["tripped"] == ["manual"]
    assert [each.split(": ")[0] for each in last["questions"]] == ["1 external_trade AAA +7"]  # type: ignore[attr-defined]
    assert "question 1 external_trade AAA +7" in err
    assert "BREAKER_TRIPPED: manual" in err  # as it happens, where nobody sees a table
    assert "halted: manual" in err
    assert "flat" not in err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--broker", "moon"), "name venue, or tcp://HOST:PORT"),
        (("--store", "kept.db"), "leaves nothing to go on with"),
        (("--broker", "tcp://127.0.0.1:1", "--strategy", "nowhere:trade"), "nowhere"),
        (("--for", "soon"), "is no duration"),
        (("--strategy", f"{STRATEGIES}:plain"), "is no async function"),
    ],
)
def test_what_cannot_be_run_is_said_with_its_cure(
    arguments: tuple[str, ...], why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["live", *arguments]) == 64
    assert why in capfd.readouterr().err
