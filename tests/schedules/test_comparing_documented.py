"""The tests in the how-to for two runs pass as they stand there, on bots that do what they should, and fail
on those that do not."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import hedgecheck
from tests.schedules import compared as bots

TEXT = (Path(__file__).parents[2] / "docs" / "how-to" / "compare-two-runs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
FEW = 60


class Portfolio(bots.Trader):
    """Trades each signal by itself."""

    def __init__(self, exchange):
        super().__init__(exchange, None)


class Shared(bots.Counting):
    """Makes one trade in all."""

    def __init__(self, exchange):
        super().__init__(exchange, None)


def documented(monkeypatch, maker, portfolio):
    """The tests of all blocks, by name, with these for the user's bots."""
    bot = ModuleType("bot")
    bot.Maker, bot.Portfolio = maker, portfolio
    monkeypatch.setitem(sys.modules, "bot", bot)
    real = hedgecheck.compare
    monkeypatch.setattr(
        hedgecheck, "compare", lambda fn, **how: real(fn, executions=FEW, **how), raising=False
    )
    found = {}
    for block in BLOCKS:
        names = {"__name__": "documented"}
        exec(compile(block, "compare-two-runs.md", "exec"), names)
        found |= {name: each for name, each in names.items() if name.startswith("test_")}
    return found


NAMES = re.findall(r"^def (test_\w+)", "\n".join(BLOCKS), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_test_of_the_how_to_passes(name, monkeypatch):
    documented(monkeypatch, bots.Resting, Portfolio)[name]()


@pytest.mark.parametrize("name", NAMES)
def test_test_of_the_how_to_fails_on_a_bot_that_is_wrong(name, monkeypatch):
    test = documented(monkeypatch, bots.Forgetting, Shared)[name]

    with pytest.raises(AssertionError, match=r"(?s)compare.*with"):
        test()


def test_every_block_has_a_test():
    assert len(BLOCKS) == 2
    assert len(NAMES) == 3
