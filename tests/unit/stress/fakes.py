"""An executor that does as its scenario says, and results as one would give them."""

import math
import os
import random
from itertools import accumulate, pairwise
from multiprocessing.util import Finalize
from pathlib import Path

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import (
    Curves,
    EmergencyStop,
    ExecutionResult,
    Injected,
    Issue,
    Rule,
    Scenario,
    ScenarioResult,
    ScenarioType,
    TradeRecord,
)
from hedgecheck.stress.running import Progress

MINUTE_NS, START_NS = 60 * 10**9, 1_621_411_200 * 10**9  # 19 May 2021


def scenario(name: str = "BTC Flash Crash 2021", **parameters) -> Scenario:
    """A flash crash; what it is to do in a test is a parameter, too."""
    return Scenario(name, ScenarioType.FLASH_CRASH, "30% drop in 5 bars", parameters, seed=7)


def crash(asked: Scenario | None = None, bars: int = 600) -> ScenarioResult:
    """A flash crash of 30 % at bar 300 that stops trading, drawn from the scenario's seed."""
    asked, drop = asked or scenario(), int(bars * 0.5)
    prices, worth = walked(random.Random(asked.seed), drop, bars)
    trades = traded(prices, drop)
    curves = drawn(prices, worth, drop)
    return ScenarioResult(
        asked,
        success=True,
        seed=asked.seed or 0,
        source="synthetic",
        bars=bars,
        metrics=metrics(worth[-1] - 100_000, max(curves.drawdown), len(trades)),
        trades=trades,
        executions=executed(prices, drop),
        curves=curves,
        stops=(
            EmergencyStop(drop + 2, "breaker", "DRAWDOWN", "drawdown 3.2 % is over 3 %", drop + 1, None),
            EmergencyStop(drop + 3, "market", "LULD", "price is outside of its band", None, drop + 8),
        ),
        injected=(
            Injected("flash_crash", "BTCUSDT", drop, 5),
            Injected("recovery", "BTCUSDT", drop + 5, 45),
        ),
        issues=(Issue("price_jump", "BTCUSDT", drop + 1, "34120.5"),),
        rules=(
            Rule("I001", "positions_match_fills", "holds", 600, 412),
            Rule("I002", "heat_within_limit", "holds", 600, 412),
            Rule("I003", "hedges_complete", "n/a", 600, 0),
        ),
        notes=("benchmark: none",),
    )


def walked(chance: random.Random, drop: int, bars: int) -> tuple[list[float], list[float]]:
    """The price and the equity of each bar: five bars of fall, 45 of recovery, of which it holds three."""
    price, equity, prices, worth = 40_000.0, 100_000.0, [], []
    for bar in range(bars):
        move = (
            math.log(0.7) / 5 if drop <= bar < drop + 5 else 0.3 / 60 if drop + 5 <= bar < drop + 50 else 0.0
        )
        price *= math.exp(move + chance.gauss(0, 0.0012))
        held = bar < drop + 3
        equity *= math.exp(0.12 * move * held + chance.gauss(0.00002, 0.0003) * held)
        prices.append(price)
        worth.append(equity)
    return prices, worth


def drawn(prices: list[float], worth: list[float], drop: int) -> Curves:
    """The curves of a walk."""
    peaks, bars = accumulate(worth, max), range(len(prices))
    exposure = [0.5 + 0.2 * math.sin(bar / 31) if bar < drop + 3 else 0.0 for bar in bars]
    return Curves(
        tuple(START_NS + MINUTE_NS * (bar + 1) for bar in bars),
        tuple(worth),
        tuple(each - 100_000 for each in worth),
        tuple(1 - each / peak for each, peak in zip(worth, peaks, strict=True)),
        tuple(0.05 * each for each in exposure),
        tuple(exposure),
        (("BTCUSDT", tuple(prices)),),
    )


def traded(prices: list[float], drop: int) -> tuple[TradeRecord, ...]:
    """A trade every 25 bars until the fall."""
    return tuple(
        TradeRecord(
            f"i{number}",
            "breakout",
            "BTCUSDT",
            "",
            "buy",
            0.25,
            at,
            prices[at],
            end,
            prices[end],
            0.25 * (prices[end] - prices[at]) - 4.0,
            4.0,
            -80.5,
            120.25,
            "SIGNAL",
        )
        for number, (at, end) in enumerate(pairwise(range(10, drop, 25)))
    )


def executed(prices: list[float], drop: int) -> tuple[ExecutionResult, ...]:
    """One order that was filled, and one that was rejected in the fall."""
    return (
        ExecutionResult("o1", "i1", "BTCUSDT", "buy", 35, "filled", 0.25, 0.25, prices[35], prices[35],
                        1.5, 0.4, 4.0, 50_000_000),
        ExecutionResult("o2", "i2", "BTCUSDT", "buy", drop + 1, "rejected", 0.25, 0.0, None, prices[drop],
                        0.0, 0.0, 0.0, None, "INSUFFICIENT_LIQUIDITY"),
    )  # fmt: skip


def metrics(pnl: float, drawdown: float, trades: int) -> dict:
    """The few that a test reads, and some of each kind."""
    return {
        "total_pnl": pnl,
        "max_drawdown": drawdown,
        "win_rate": 0.455,
        "total_trades": trades,
        "emergency_stops": 1,
        "execution_failures": 2,
        "sharpe_ratio": None,
        "refusals": {"MAX_HEAT": 3, "STALE_DATA": 1},
    }


class FakeExecutor:
    """Runs nothing. The parameter ``do`` says what happens instead of a flash crash."""

    def run(self, asked: Scenario, progress: Progress | None = None) -> ScenarioResult:
        """A flash crash, where nothing else is to be."""
        told = progress or (lambda bars, of: None)
        do = asked.parameters.get("do", "")
        told(1, 600)
        if do == "refuse":
            raise UsageError("drop_pct is 3. Give a fraction.")
        if do == "raise":
            raise ValueError("no such\nprice")
        if do == "die":
            os._exit(3)
        if do == "be killed":
            os.kill(os.getpid(), 9)
        if do == "tidy up":
            Finalize(None, tidied, (asked.parameters["into"],), exitpriority=1)
        while do == "never end":
            told(2, 600)
        told(600, 600)
        return crash(asked)


def tidied(path: str) -> None:
    """What a system does when its process ends, after some work."""
    Path(path).write_text(f"tidied up {sum(range(10_000_000))}")


def executor() -> FakeExecutor:
    """What makes it, by name."""
    return FakeExecutor()


def executor_of(components: str, cache: Path | None = None) -> FakeExecutor:
    """The same, as the commands make one."""
    assert components in ("", "tests.unit.stress.fakes:executor")
    return FakeExecutor()


class FakeLibrary:
    """Three scenarios."""

    def __init__(self) -> None:
        drought = scenario("ETH Liquidity Collapse", liquidity_drop_pct=0.95)
        made = (scenario(), drought, scenario("Wrong", do="raise"))
        self.scenarios = {each.name: each for each in made}

    def names(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self.scenarios)

    def get(self, name: str) -> Scenario:
        """One of them."""
        return self.scenarios[name]
