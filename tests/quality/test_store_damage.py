"""Bytes of a store that change by chance: nothing false is taken for true, and what is good comes back."""

from pathlib import Path

import pytest

from hedgecheck.live import chain
from tests.quality.store_damage import main, run


def test_no_changed_byte_is_accepted_and_most_stores_come_back(tmp_path: Path) -> None:
    counts, wrong = run(40, 200, 1, tmp_path)

    assert wrong == []
    assert counts["recovered"] > 20
    assert counts.total() == 40


def test_store_that_believes_what_it_reads_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "wrong_with", lambda last, row: "")
    monkeypatch.setattr(chain, "ended_wrongly", lambda last, head: None)

    _, wrong = run(20, 400, 2, tmp_path)

    assert any(each.startswith("ACCEPTED: byte ") for each in wrong)


def test_it_says_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--times", "3", "--events", "20"]) == 0
    assert "3 times in " in capsys.readouterr().out
