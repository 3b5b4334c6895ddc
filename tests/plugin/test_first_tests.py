"""What ``hedgecheck init`` writes runs with plain pytest: a naive bot is falsified, a careful one passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hedgecheck import cli
from tests.plugin.runs import SOURCES
from tests.unit.cli import bots

PROJECT = {
    "pyproject.toml": "",
    "common.py": bots.careful(),
    "apart/grid.py": bots.CAREFUL_BUY.replace("careful", "common"),
    "beside/careful.py": bots.careful(),
    "beside/naive_pair.py": bots.NAIVE_PAIR,
    "beside/careful_pair.py": bots.careful_pair(),
    "beside/naive_buy.py": bots.NAIVE_BUY,
    "beside/careful_buy.py": bots.CAREFUL_BUY,
    "beside/naive_run.py": bots.NAIVE_RUN,
    "beside/careful_run.py": bots.CAREFUL_RUN,
    "flat/__init__.py": "",
    "flat/deep/__init__.py": "",
    "flat/deep/bot.py": bots.CAREFUL_BUY.replace("careful", "flat.shared"),
    "flat/shared.py": bots.careful(),
    "near/grid2.py": bots.CAREFUL_BUY.replace("careful", ".shared"),
    "near/shared.py": bots.careful(),
    "src/mine/__init__.py": "",
    "src/mine/bot.py": bots.CAREFUL_BUY.replace("careful", ".shared"),
    "src/mine/shared.py": bots.careful(),
    "elsewhere/sole.py": bots.CAREFUL_BUY.replace("careful", "common"),
    "tests/keep.txt": "",
}
OUT = {"elsewhere/sole.py": ["--out", "tests/test_sole.py"]}
PASSES = {
    "apart/test_grid.py::test_buyer",
    "beside/test_careful_pair.py::test_pair_engine",
    "beside/test_careful_buy.py::test_buyer",
    "beside/test_careful_run.py::test_entering",
    "flat/deep/test_bot.py::test_buyer",
    "near/test_grid2.py::test_buyer",
    "src/mine/test_bot.py::test_buyer",
    "tests/test_sole.py::test_buyer",
}
FAILS = {
    "beside/test_naive_pair.py::test_pair_engine",
    "beside/test_naive_buy.py::test_buy",
    "beside/test_naive_run.py::test_accumulator",
}
HELPERS = ("__init__.py", "common.py", "beside/careful.py", "shared.py", ".txt", ".toml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A project of bots, in every layout."""
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_written_test_runs_from_the_root_of_a_project_and_finds_what_it_should(folder: Path):
    for name in PROJECT:
        if not name.endswith(HELPERS):
            assert cli.call(["init", name, *OUT.get(name, [])]) == 0
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEDGECHECK_")}

    pytest_alone = [sys.executable, "-c", "import pytest; pytest.console_main()", "-pno:cacheprovider"]
    done = subprocess.run(
        [*pytest_alone, "-qrA", "--tb=line", "--hedgecheck-executions=20", "--hedgecheck-profile=ci"],
        env={**clean, "PYTHONPATH": str(SOURCES), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    outcomes = dict(re.findall(r"^(?:PASSED|FAILED) (\S+)(.*)$", done.stdout, re.M))
    assert {name for name, why in outcomes.items() if not why} == PASSES, done.stdout + done.stderr
    assert {name for name, why in outcomes.items() if "Falsified" in why} == FAILS
