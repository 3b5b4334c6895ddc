"""Single orders in two slices at once, in a TaskGroup: no slice raises, so that none cancels the other."""

import asyncio

import hedgecheck
from tests.schedules.engines.careful import number, work


class Slicer:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()

    async def execute(self, signal):
        """True when both slices were filled."""
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        first = number(signal.amount_x / 2)
        slices = (first, number(signal.amount_x - first))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.slice(signal, *each)) for each in enumerate(slices)]
        return number(sum(task.result() for task in tasks)) == signal.amount_x

    async def slice(self, signal, index, amount):
        name = f"{signal.signal_id}-{index}"
        return await work(self.exchange, name, signal.pair_x, signal.side_x, amount)


async def scenario(sim):
    bot = Slicer(sim.exchange())
    bought = sim.signal("BTC/USDT", None, 1.0)
    sold = sim.signal("ETH/USDT", None, 2.0, side_x="sell")
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    async with asyncio.TaskGroup() as group:
        group.create_task(sim.deliver(bought, bot.execute))
        group.create_task(sim.deliver(sold, bot.execute))
