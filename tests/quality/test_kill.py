"""The real process, killed at random moments while it trades at the venue's process."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.store.servers import Unavailable, do_without
from tests.quality.kill import Broken, Wanted, main, run, stored
from tests.quality.kill_sabotage import DEFECTS

FOUND = {"stores_later": "no stored event sent it|was announced", "sends_again": "2 orders of one id"}
TIMES = 20
TIMES_TO_FIND_MAX = 40


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a new store."""
    try:
        with stored(request.param, tmp_path) as address:
            yield address
    except Unavailable as why:
        do_without(why)


def test_nothing_is_lost_doubled_or_one_legged_however_often_it_is_killed(
    address: str, tmp_path: Path
) -> None:
    made = run(Wanted(TIMES, 1), address, tmp_path)

    assert made.counts.total() == TIMES
    assert made.counts["trading"] > TIMES // 2
    assert made.rests >= 2
    assert len(made.ledger.orders) > 2 * TIMES


def test_every_defect_has_what_it_is_found_by() -> None:
    assert set(FOUND) == set(DEFECTS)


@pytest.mark.parametrize("defect", FOUND)
def test_shell_with_a_defect_is_found_out(defect: str, tmp_path: Path) -> None:
    spoilt = (sys.executable, "-m", "tests.quality.kill_sabotage", defect, "live")

    with stored("sqlite", tmp_path) as address, pytest.raises(Broken, match=FOUND[defect]):
        run(Wanted(TIMES_TO_FIND_MAX, 2, spoilt), address, tmp_path)


def test_it_says_what_came_of_it_and_keeps_the_store_of_what_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command = (sys.executable, "-c", "raise SystemExit('no such strategy')")

    assert main(["--times", "3", "--seed", "5"], command) == 1
    said = capsys.readouterr().out
    assert said.startswith("python -m tests.quality.kill --store sqlite --times 3 --seed 5\n")
    assert "BROKEN: kill 1, seed 5: it does not get to trading" in said
    assert "no such strategy" in said
    kept = Path(said.rpartition("The store is kept: ")[2].strip())
    assert kept.parent.parent == tmp_path
    assert kept.parent.is_dir()
