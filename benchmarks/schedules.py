"""Executions a second of the simulator on one core, against the same program on asyncio's own loop.

Three programs: the pair engine of the tests with five deliveries of one signal, all rules on (the peer's
exchange answers at once and nobody judges); the same with Hypothesis drawing the choices; and three tasks
that yield three times each. Interleaved rounds, CPU time, medians.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from hedgecheck import faults
from hedgecheck.simulate.choices import Choices, Drawn
from hedgecheck.simulate.drawn import drawn_executions
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import Stage, stage
from hedgecheck.simulate.sim import Sim

ROUNDS = 5
EXECUTIONS = 400
FLOORS = {"pair engine": 2_000, "pair engine, Hypothesis": 300, "three tasks": 7_000}


class PairEngine:
    """Buys one leg and sells the other, once for each signal."""

    def __init__(self, exchange: Any) -> None:
        self.exchange = exchange
        self.seen: set[str] = set()

    async def execute_pair_trade(self, signal: Any) -> bool:
        """Whether both legs were traded."""
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        bought = await self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        ratio = bought["filled"] / bought["amount"]
        await self.exchange.create_order(signal.pair_y, "market", signal.side_y, signal.amount_y * ratio)
        return True


async def pair(sim: Sim) -> None:
    """Five deliveries of one signal."""
    bot = PairEngine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    await sim.concurrently(*(lambda: bot.execute_pair_trade(signal) for _ in range(5)))


class StockExchange:
    """Answers after one turn of the loop."""

    async def create_order(self, symbol: str, kind: str, side: str, amount: float) -> dict[str, Any]:
        """Filled at once."""
        await asyncio.sleep(0)
        return {"filled": amount, "amount": amount}


class StockSignal:
    """What the simulator's signal holds."""

    signal_id, pair_x, pair_y = "s1", "BTC/USDT", "ETH/USDT"
    side_x, side_y, amount_x, amount_y = "buy", "sell", 1.0, 1.0


async def stock_pair() -> None:
    """The same on asyncio's own loop."""
    bot, signal = PairEngine(StockExchange()), StockSignal()
    await asyncio.gather(*(bot.execute_pair_trade(signal) for _ in range(5)))


async def yields() -> None:
    """Three yields."""
    for _ in range(3):
        await asyncio.sleep(0)


async def three(_sim: Sim) -> None:
    """Three tasks of three yields."""
    await stock_three()


async def stock_three() -> None:
    """Three tasks of three yields."""
    await asyncio.gather(yields(), yields(), yields())


def rate(run: Callable[[], Any]) -> float:
    """How often a second ``run`` runs."""
    begun = time.process_time()
    for _ in range(EXECUTIONS):
        run()
    return EXECUTIONS / (time.process_time() - begun)


def with_hypothesis(open_stage: Stage, seed: int) -> float:
    """Executions a second with Hypothesis drawing."""
    count = 0

    def perform(drawn: Drawn) -> bool:
        nonlocal count
        count += 1
        open_stage.perform(Setting(faults.ALL), Choices(drawn))
        return True

    begun = time.process_time()
    drawn_executions(EXECUTIONS, seed, perform)
    return count / (time.process_time() - begun)


def one_round(number: int) -> dict[str, tuple[float, float]]:
    """Each program's rate, and its peer's."""
    stock = rate(lambda: asyncio.run(stock_pair()))
    stock_tasks = rate(lambda: asyncio.run(stock_three()))
    with stage(pair) as open_stage:
        simulated = rate(lambda: open_stage.perform(Setting(faults.ALL), Choices()))
        drawn = with_hypothesis(open_stage, number)
    with stage(three) as open_stage:
        tasks = rate(lambda: open_stage.perform(Setting(faults.ALL), Choices()))
    return {
        "pair engine": (simulated, stock),
        "pair engine, Hypothesis": (drawn, stock),
        "three tasks": (tasks, stock_tasks),
    }


def main() -> None:
    """Prints the rates, medians of the rounds."""
    rounds = [one_round(number) for number in range(ROUNDS)]
    for name, floor in FLOORS.items():
        ours = median(each[name][0] for each in rounds)
        ratio = median(each[name][0] / each[name][1] for each in rounds)
        print(
            f"{name:26} {ours:8,.0f} executions/s (at least {floor:,}), "
            f"{ratio:.2f} times asyncio.run of the same program"
        )


if __name__ == "__main__":
    main()
