"""A user's test module, checked by mypy as users run it: what is right passes, each mistake is found."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.typing import user_bot

ROOT = Path(__file__).resolve().parents[2]
RIGHT, WRONG = "tests/typing/user_bot.py", "tests/typing/wrong_bot.py"


def test_right_module_passes_strict_mypy_and_each_mistake_is_found():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", RIGHT, WRONG],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": "src"},
    )
    lines = (ROOT / WRONG).read_text(encoding="utf-8").splitlines()
    wrong = [(WRONG, number) for number, line in enumerate(lines, 1) if line.endswith("# wrong")]

    found = re.findall(r"^(.*?):(\d+): error:", done.stdout, re.M)

    assert [(path.replace(os.sep, "/"), int(number)) for path, number in found] == wrong, done.stdout


def test_right_module_runs_too():
    tests = [value for name, value in vars(user_bot).items() if name.startswith("test_")]
    assert len(tests) == 7

    for each in (*tests, user_bot.TestOfBots().test_drawn):
        each()
