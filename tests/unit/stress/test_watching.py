"""Progress on a terminal: nothing at first, then a bar for each scenario at work."""

import io

import pytest
from rich.console import Console

from hedgecheck.stress import watching
from hedgecheck.stress.watching import Bars
from tests.unit.stress.fakes import crash, scenario


def drawn(*, terminal: bool) -> str:
    """What is written while two scenarios run, the second to half."""
    screen = io.StringIO()
    with Bars(Console(file=screen, force_terminal=terminal, width=100, color_system=None)) as bars:
        bars.started("First [real]")
        bars.started("Second")
        bars.progressed("Second", 300, 600)
        bars.finished(crash(scenario("First [real]")))
    return screen.getvalue()


def test_each_scenario_at_work_has_a_bar(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "QUIET_SECONDS", -1.0)

    screen = drawn(terminal=True)

    assert "First [real]" in screen
    assert "300 of 600 bars" in screen


def test_nothing_is_shown_for_the_first_two_seconds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "QUIET_SECONDS", 1e9)

    assert drawn(terminal=True) == ""


def test_nothing_is_shown_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "QUIET_SECONDS", -1.0)

    assert drawn(terminal=False) == ""
