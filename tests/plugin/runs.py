"""Bots with their tests, runs of pytest over them in this process, and what such a run printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import ccxt  # noqa: F401  runs in this process must not load it each time
import numpy as np  # noqa: F401

DRAWN_LINE = re.compile(r"^(?:E  )? +(\d+\.\d{3}) .*?([>o*<x]).*$", re.M)
HEADLINE = "Falsified: one_intent_one_exposure (I05)"
SOURCES = Path(__file__).parents[2] / "src"

BROKEN = """
import ccxt, hedgecheck, pytest
from pathlib import Path

@hedgecheck.verify(executions=400)
async def test_bot(sim):
    exchange = sim.exchange()
    sim.always(hedgecheck.invariants.one_intent_one_exposure)

    async def enter(signal):
        for _ in range(2):
            try:
                order = await exchange.create_order("BTC/USDT", "market", "buy", signal.amount_x)
                return order["filled"] == signal.amount_x
            except ccxt.NetworkError:
                continue
        return False

    await sim.deliver(sim.signal("BTC/USDT", None, 1), enter)
"""
MENDED = BROKEN.replace("range(2)", "range(1)").replace(
    "async def enter(signal):",
    """known = set()

    async def enter(signal):
        if signal.signal_id in known:
            return False
        known.add(signal.signal_id)""",
)
HOLDS = """
import hedgecheck, pytest
from hypothesis import given, strategies

@pytest.fixture(scope="session")
def symbol():
    return "BTC/USDT"

@pytest.fixture(scope="module")
def amount(symbol):
    return 1

async def buys(sim, symbol, amount):
    await sim.exchange().create_order(symbol, "market", "buy", amount)

@hedgecheck.verify(executions=5)
async def test_fixtures(sim, symbol, amount):
    await buys(sim, symbol, amount)

class TestOfBots:
    @pytest.mark.parametrize("side", ["buy", "sell"])
    @hedgecheck.verify(executions=5)
    async def test_method(self, symbol, sim, side):
        assert isinstance(self, TestOfBots)
        await sim.exchange().create_order(symbol, "market", side, 1)

@given(amount=strategies.sampled_from([1, 2]))
@hedgecheck.verify(executions=15)
async def test_drawn(sim, amount):
    await buys(sim, "BTC/USDT", amount)

def test_plain():
    pass
"""


def run(project, *arguments):
    """A run in this process: what it printed, and its exit code."""
    names = ("cacheprovider", "xdist", "hypothesispytest", "asyncio", "anyio")
    done = project.runpytest_inprocess("-q", *(f"-pno:{name}" for name in names), *arguments)
    return done.stdout.str() + done.stderr.str(), done.ret


def python(project, *arguments, **environment):
    """A process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": str(SOURCES), "CI": "true", **environment},
    )


def store_of(project):
    folder = project.path / ".hypothesis" / "hedgecheck"
    return sorted(folder.iterdir()) if folder.exists() else []


def token_in(said):
    (token,) = set(re.findall(r"--hedgecheck-replay (hc1-\S+)", said))
    return token


def command_in(said, name):
    """The arguments of the line that the failure ends with."""
    (line,) = re.findall(rf"^.*  {name}:  (?:\S+=\S+ )?pytest (.*)$", said, re.M)
    return [each.strip('"') for each in line.split()]
