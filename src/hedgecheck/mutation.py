"""Mutation score of a package: runs mutmut in this folder and reads what it left behind.

mutmut is configured in setup.cfg. Every mutant is killed, survived, or was not decided; only decided ones
count, and undecided ones are shown, so that a run cut short does not look like a result.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.table import Table

from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

# mutmut's exit code per mutant, as its own .meta files hold them
KILLED = {1, 3}
TIMED_OUT = {24, 36, -24, 152, 255}
SURVIVED = {0, 5, 33}  # 5 and 33: no test runs the mutated code
CAUGHT_BY_TYPES = {37}


@frozen
class Score:
    """Names of mutants by what became of them."""

    killed: tuple[str, ...]
    timed_out: tuple[str, ...]
    survived: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """Mutants detected, by a failing test or by never ending, over those decided; 0 without any."""
        detected = len(self.killed) + len(self.timed_out)
        decided = detected + len(self.survived)
        return detected / decided if decided else 0.0

    @property
    def modules(self) -> dict[str, "Score"]:
        """The same per module, sorted by name."""
        every = (self.killed, self.timed_out, self.survived, self.undecided)
        names = sorted({_module_of(mutant) for group in every for mutant in group})
        return {name: Score(*[_within(name, group) for group in every]) for name in names}

    def to_json(self) -> dict[str, Any]:
        """The score as plain data."""
        return {
            "schema": 2,
            **_counts(self),  # the names instead of two of its counts
            "survived": list(self.survived),
            "undecided": list(self.undecided),
            "modules": {name: _counts(score) for name, score in self.modules.items()},
        }


def _module_of(mutant: str) -> str:
    return mutant.rpartition(".")[0]


def _within(module: str, mutants: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([each for each in mutants if _module_of(each) == module])


def _counts(score: Score) -> dict[str, Any]:
    return {
        "score": round(score.ratio, 4),
        "killed": len(score.killed),
        "timed_out": len(score.timed_out),
        "survived": len(score.survived),
        "undecided": len(score.undecided),
    }


def as_table(score: Score) -> Table:
    """The score of each module, the weakest first, and of all together."""
    table = Table(show_footer=True)
    table.add_column("module", "all")
    total, modules = _counts(score), score.modules
    for column in ("score", "killed", "timed_out", "survived", "undecided"):
        table.add_column(column.replace("_", " "), _shown(column, total), justify="right")
    for name in sorted(modules, key=lambda name: (modules[name].ratio, name)):
        counts = _counts(modules[name])
        table.add_row(name, *[_shown(column, counts) for column in counts])
    return table


def _shown(column: str, counts: dict[str, Any]) -> str:
    return f"{counts[column]:.1%}" if column == "score" else f"{counts[column]:,}"


def run(folder: Path) -> Score:
    """Runs mutmut from scratch in ``folder`` and reads the score.

    Raises ``UsageError`` where mutmut is missing, not configured, or could not run the tests.
    """
    if not (folder / "setup.cfg").is_file():
        raise UsageError(
            f"There is no setup.cfg with a [mutmut] section in {folder}. Run this in a checkout."
        )
    shutil.rmtree(folder / "mutants", ignore_errors=True)
    finished = subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=folder, check=False)
    score = read(folder)
    if not (score.killed or score.survived):
        raise UsageError(f"mutmut decided nothing (exit code {finished.returncode}). Its output says why.")
    return score


def read(folder: Path) -> Score:
    """The score of the last run in ``folder``, from mutmut's .meta files."""
    codes: dict[str, int | None] = {}
    for path in sorted((folder / "mutants").rglob("*.meta")):
        codes.update(json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"])
    decided = KILLED | TIMED_OUT | SURVIVED | CAUGHT_BY_TYPES
    return Score(
        _names(codes, KILLED),
        _names(codes, TIMED_OUT),
        _names(codes, SURVIVED),
        tuple(sorted(name for name, code in codes.items() if code not in decided)),
    )


def _names(codes: dict[str, int | None], wanted: set[int]) -> tuple[str, ...]:
    return tuple(sorted(name for name, code in codes.items() if code in wanted))
