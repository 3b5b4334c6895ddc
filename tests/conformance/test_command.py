"""``pytest --pyargs hedgecheck.conformance --hedgecheck-engine module:make``, as users type it."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hedgecheck.conformance.engine import factory_of
from hedgecheck.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests.conformance.test_command"
NOW = {"make": "hedgecheck.conformance"}


class NoMethod:
    """Made like an engine, and is none."""

    def __init__(self, exchange, clock):
        pass


class NotAsync(NoMethod):
    """Trades without awaiting anything."""

    def execute_pair_trade(self, request):
        """Answers at once."""


class NeedsToAwait(NotAsync):
    """Has a plain method, and an exchange whose calls it awaits."""

    def __init__(self, exchange, clock):
        exchange.fetch_time().close()


async def made_later(exchange, clock):
    """A factory that wants to be awaited."""


def raises(exchange, clock):
    """A factory of an engine that cannot start."""
    raise KeyError("API_KEY")


def takes_nothing():
    """A factory of an engine that needs no exchange."""


def opens_a_socket(exchange, clock):
    """A factory that calls home."""
    import socket  # noqa: PLC0415

    socket.create_connection(("127.0.0.1", 9))


def goes_on_without_a_socket(exchange, clock):
    """A factory that calls home, and does not mind that nobody answers."""
    with contextlib.suppress(Exception):
        opens_a_socket(exchange, clock)
    return NotAsync(exchange, clock)


def typed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What comes of the command line in that folder."""
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "HEDGECHECK"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**kept, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.covers("CH-15")
def test_engine_that_conforms_passes_every_test_on_two_workers(tmp_path):
    named = "--hedgecheck-engine=tests.conformance.engines:OnTheClock"

    result = typed(tmp_path, "-n2", "--hedgecheck-executions=6", "--pyargs", "hedgecheck.conformance", named)

    assert result.returncode == 0, result.stdout
    assert re.search(r"\b41 passed", result.stdout)


def test_failure_shows_its_diagram_and_a_line_that_repeats_it(tmp_path):
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nhedgecheck_engine = tests.conformance.engines:RetriesBlindly\n"
    )

    first = typed(tmp_path, "--pyargs", "hedgecheck.conformance", "-k", "ch04 and timeout and leg_x")
    line = re.search(r"replay:  pytest (.*)", first.stdout)
    assert line is not None, first.stdout
    again = typed(tmp_path, *shlex.split(line[1]))

    for result in (first, again):
        assert result.returncode == 1
        assert "CH-04: the ghost was filled, and 3 orders were sent" in result.stdout
        assert "FAULT response_lost" in result.stdout
        assert "1 failed" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "is about an engine of yours. Say which: pytest --pyargs"),
        (("--hedgecheck-engine=nowhere.bot:make",), "module nowhere.bot cannot be loaded"),
    ],
    ids=["none", "no_module"],
)
def test_wrong_engine_is_one_error_before_anything_is_collected(tmp_path, arguments, said):
    result = typed(tmp_path, "-n2", "--pyargs", "hedgecheck.conformance", *arguments)

    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr
    assert (result.stdout + result.stderr).count("ERROR") == 1


@pytest.mark.parametrize(
    ("target", "cause", "cure"),
    [
        ("bot", "is no factory", "Write module:make"),
        ("nowhere.bot:make", "ModuleNotFoundError", "Can it be imported from"),
        (
            f"{HERE}:maker",
            "has no attribute 'maker'",
            "It defines NoMethod, NotAsync, NeedsToAwait",
        ),
        (f"{HERE}:NOW", "is a dict, which cannot be called", "called as make(exchange, clock)"),
        (f"{HERE}:raises", "raised KeyError: 'API_KEY'", "gives a new engine"),
        (f"{HERE}:takes_nothing", "raised TypeError: takes_nothing() takes 0", "make(exchange, clock)"),
        (f"{HERE}:opens_a_socket", "raised RealWorld", "sim.exchange()"),
        (f"{HERE}:goes_on_without_a_socket", "raised RealWorld", "sim.exchange()"),
        (f"{HERE}:made_later", "is async", "Make it a plain function"),
        (
            f"{HERE}:NoMethod",
            "which has no execute_pair_trade",
            "async def execute_pair_trade(self, request)",
        ),
        (f"{HERE}:NeedsToAwait", "is not async", "or write async def"),
    ],
    ids=lambda value: value.removeprefix(f"{HERE}:") if ":" in value else "",
)
def test_error_about_the_factory_says_cause_and_cure(target, cause, cure):
    with pytest.raises(UsageError) as caught:
        factory_of(target)

    assert cause in str(caught.value)
    assert cure in str(caught.value)


@pytest.mark.parametrize("name", ["PairEngine", "RetriesBlindly", "PairEngine.made"])
def test_class_or_dotted_name_is_a_factory(name):
    assert callable(factory_of(f"tests.conformance.engines:{name}"))


@pytest.mark.parametrize(
    ("name", "said"),
    [("OnTheClock", "5 passed"), ("Doubling", "CH-04: the ghost was filled, and 3 orders were sent")],
)
def test_synchronous_engine_is_judged_as_an_async_one(tmp_path, name, said):
    named = f"--hedgecheck-engine=tests.conformance.plain_engines:{name}"
    chosen = "ch15 or ch05 or (ch04 and timeout)"

    result = typed(
        tmp_path, "--hedgecheck-executions=6", "--pyargs", "hedgecheck.conformance", named, "-k", chosen
    )

    assert said in result.stdout
    assert result.returncode == (0 if "passed" in said else 1)
