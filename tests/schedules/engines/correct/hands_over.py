"""A caller hands its signal to a waiting desk and yields once, ``sleep(0)``: by then the desk has taken it;
a busy desk takes nothing and the caller trades itself. A tool that shuffles the ready queue alarms here."""

import asyncio

import hedgecheck
from tests.schedules.engines.careful import work


class Desk:
    def __init__(self, exchange):
        self.exchange = exchange
        self.inbox = None
        self.taken = {}  # trades by signal id
        self.seen = set()
        self.task = None

    async def open(self):
        self.task = asyncio.create_task(self.run())
        await asyncio.sleep(0)  # the desk waits from here on

    async def close(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def run(self):
        while True:
            self.inbox = asyncio.get_running_loop().create_future()
            signal = await self.inbox
            self.taken[signal.signal_id] = asyncio.create_task(self.trade(signal))
            await asyncio.wait([self.taken[signal.signal_id]])

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        if not self.inbox.done():
            self.inbox.set_result(signal)
            await asyncio.sleep(0)
        if signal.signal_id in self.taken:
            return await self.taken[signal.signal_id]
        return await self.trade(signal)  # the desk is busy

    async def trade(self, signal):
        done = await work(self.exchange, signal.signal_id, signal.pair_x, signal.side_x, signal.amount_x)
        return done == signal.amount_x


async def scenario(sim):
    desk = Desk(sim.exchange())
    first, second = sim.signal("BTC/USDT", None, 1.0), sim.signal("ETH/USDT", None, 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await desk.open()
    await sim.concurrently(
        lambda: sim.deliver(first, desk.execute, times=2), lambda: sim.deliver(second, desk.execute)
    )
    await desk.close()
