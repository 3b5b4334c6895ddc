"""CPython's own tests of asyncio pass on the simulated loop: what a bot sees of it is CPython's own order."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.schedules.cpython import MODULES, PACKAGE

ROOT = Path(__file__).parents[2]
HAS_EAGER = hasattr(asyncio, "eager_task_factory")
TESTS_MIN = 150


def _is_there() -> bool:
    try:
        return importlib.util.find_spec(f"{PACKAGE}.test_locks") is not None
    except ImportError:
        return False


pytestmark = pytest.mark.skipif(
    not _is_there(),
    reason="this Python came without its own tests: apt install libpython3-testsuite, or a Python of "
    "python.org, pyenv or uv, has them",
)


def run(*given: str) -> dict[str, object]:
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.schedules.cpython", *given],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def failed(answer: dict[str, object]) -> dict[str, str]:
    found = answer["failed"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def plain() -> dict[str, object]:
    return run(*MODULES)


def test_cpython_tests_of_asyncio_pass_on_the_simulated_loop(plain: dict[str, object]) -> None:
    assert failed(plain) == {}


def test_cpython_tests_ran_and_ran_on_simulated_loops(plain: dict[str, object]) -> None:
    assert plain["ran"] > TESTS_MIN
    assert plain["loops"] > TESTS_MIN
    assert plain["steps"] > 10 * TESTS_MIN


@pytest.mark.skipif(not HAS_EAGER, reason="eager tasks came with Python 3.12")
def test_eager_tasks_fail_only_where_those_of_the_stock_loop_do() -> None:
    on_simulated = run("--eager", *MODULES)

    names = sorted(failed(on_simulated))
    assert len(names) < on_simulated["ran"] / 20, failed(on_simulated)
    on_stock = run("--eager", "--stock", *names) if names else {"failed": {}}
    assert names == sorted(failed(on_stock)), failed(on_simulated)


@pytest.mark.skipif(not HAS_EAGER, reason="eager tasks came with Python 3.12")
def test_cpython_tests_of_eager_tasks_pass_on_the_simulated_loop() -> None:
    answer = run("test_eager_task_factory")

    assert failed(answer) == {}
    assert answer["ran"] > 20
