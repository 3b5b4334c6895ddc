"""The code of the how-tos for a user's risk gate, order state and breaker runs as it stands there."""

import re
import sys
import unittest
from pathlib import Path
from types import ModuleType, SimpleNamespace

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase

from tests.unit.kit import breakers, gates, order_states

FOLDER = Path(__file__).parents[3] / "docs" / "how-to"
GATE, ORDER, BREAKER = gates.Gate(), order_states.Order(), breakers.Breaker()
FEW = hypothesis.settings(
    max_examples=10,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class OrderState:
    """A state with attributes, as the how-to has it."""

    def __init__(self, amount, state=None):
        self.known = state or order_states.State(amount)

    filled = property(lambda self: ORDER.filled(self.known))
    is_open = property(lambda self: ORDER.is_open(self.known))
    status = property(lambda self: ORDER.status(self.known))


def after(state, event):
    """The order state after an event."""
    return OrderState(0, ORDER.on(state.known, event))


def breaker_of(level_bps):
    """A new breaker that measures a daily loss."""
    return BREAKER.fresh(breakers.BreakerTerms("daily_loss", level_bps))


BOT = {
    "check-your-risk-gate": {"risk": SimpleNamespace(may_send=GATE.decide)},
    "check-your-order-state": {"orders": SimpleNamespace(OrderState=OrderState, after=after)},
    "check-your-breaker": {
        "breaker": SimpleNamespace(
            Breaker=breaker_of, after=BREAKER.on, may_send=BREAKER.allows, code_of=BREAKER.code
        )
    },
}


@pytest.mark.parametrize("name", BOT)
def test_code_of_the_how_to_runs(name, monkeypatch):
    bot = ModuleType("bot")
    monkeypatch.setitem(sys.modules, "bot", bot)
    for part, content in BOT[name].items():
        setattr(bot, part, content)
        monkeypatch.setitem(sys.modules, f"bot.{part}", content)
    (block,) = re.findall(r"```python\n(.*?)```", (FOLDER / f"{name}.md").read_text("utf-8"), re.DOTALL)
    names = {"__name__": "documented"}

    exec(compile(block, f"{name}.md", "exec"), names)
    (case,) = (
        each for each in names.values() if isinstance(each, type) and issubclass(each, unittest.TestCase)
    )
    case.settings = FEW
    result = unittest.TestResult()
    case("runTest").run(result)

    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun == 1
