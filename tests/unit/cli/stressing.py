"""``hedgecheck stress`` as a function, over the library, the registry and the executor of the tests."""

import pytest

from hedgecheck import cli
from hedgecheck.stress import parts
from tests.unit.stress import fakes
from tests.unit.stress.test_comparing import METRICS


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library, the registry and the executor of the tests."""
    monkeypatch.setattr(parts, "library", fakes.FakeLibrary)
    monkeypatch.setattr(parts, "registry", lambda: METRICS)
    monkeypatch.setattr(parts, "executor_of", fakes.executor_of)


def stress(*arguments: object) -> int:
    """The exit code."""
    return cli.call(["stress", *map(str, arguments)])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What it printed, with single spaces."""
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())
