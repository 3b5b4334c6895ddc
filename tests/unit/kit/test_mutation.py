"""The mutation score: read from what mutmut left behind, per module, and judged by the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hedgecheck import cli, mutation
from hedgecheck.errors import UsageError

CODES = {
    "core/trade.py": {"core.trade.x_step__mutmut_1": 1, "core.trade.x_step__mutmut_2": 0},
    "core/risk.py": {
        "core.risk.x_add__mutmut_1": 3,
        "core.risk.x_add__mutmut_2": 36,
        "core.risk.x_add__mutmut_3": None,
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which mutmut ran."""
    for name, codes in CODES.items():
        path = tmp_path / "mutants" / f"{name}.meta"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"exit_code_by_key": codes}), encoding="utf-8")
    return tmp_path


def test_each_mutant_is_counted_by_its_exit_code_and_what_is_undecided_does_not_count(folder: Path):
    score = mutation.read(folder)

    assert score.killed == ("core.risk.x_add__mutmut_1", "core.trade.x_step__mutmut_1")
    assert (score.timed_out, score.survived) == (
        ("core.risk.x_add__mutmut_2",),
        ("core.trade.x_step__mutmut_2",),
    )
    assert score.undecided == ("core.risk.x_add__mutmut_3",)
    assert score.ratio == 3 / 4


def test_every_module_has_its_own_score(folder: Path):
    modules = mutation.read(folder).modules

    assert {name: each.ratio for name, each in modules.items()} == {"core.risk": 1.0, "core.trade": 0.5}
    assert modules["core.risk"].undecided == ("core.risk.x_add__mutmut_3",)


def test_report_for_machines_names_survivors_and_counts_per_module(folder: Path):
    report = mutation.read(folder).to_json()

    assert (report["survived"], report["killed"]) == (["core.trade.x_step__mutmut_2"], 2)
    assert report["modules"]["core.trade"] == {
        "score": 0.5,
        "killed": 1,
        "timed_out": 0,
        "survived": 1,
        "undecided": 0,
    }


def test_table_shows_the_weakest_module_first_and_all_together_last(folder: Path):
    console = Console(width=100, file=StringIO())

    console.print(mutation.as_table(mutation.read(folder)))

    lines = [line for line in console.file.getvalue().splitlines() if "%" in line]
    assert [line.replace("│", " ").replace("┃", " ").split()[:2] for line in lines] == [
        ["core.trade", "50.0%"],
        ["core.risk", "100.0%"],
        ["all", "75.0%"],
    ]


@pytest.mark.parametrize(("at_least", "exit_code"), [("50", 2), ("50.1", 1), ("0", 2)])
def test_module_below_the_least_score_fails_the_command(folder: Path, monkeypatch, at_least, exit_code):
    monkeypatch.setattr(mutation, "run", lambda _folder: mutation.read(folder))

    result = CliRunner().invoke(cli.app, ["mutate", "--at-least", at_least], standalone_mode=False)

    assert result.return_value == exit_code
    assert ("below 50.1 %: core.trade" in result.output) == (exit_code == 1)


def test_folder_that_mutmut_was_not_set_up_in_is_refused_with_the_cure(tmp_path: Path):
    with pytest.raises(UsageError, match="Run this in a checkout"):
        mutation.run(tmp_path)
