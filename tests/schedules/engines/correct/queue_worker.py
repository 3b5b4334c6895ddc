"""Signals go through a queue to one worker that trades them one after the other; callers wait for it."""

import asyncio

import ccxt

import hedgecheck
from tests.schedules.engines.careful import number, opposite, place, work


class QueueEngine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.queue = asyncio.Queue()
        self.seen = set()
        self.worker = None

    def start(self):
        self.worker = asyncio.create_task(self.run())

    async def stop(self):
        await self.queue.put(None)
        await self.worker

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        result = asyncio.get_running_loop().create_future()
        await self.queue.put((signal, result))
        return await result

    async def run(self):
        while (item := await self.queue.get()) is not None:
            signal, result = item
            try:
                success = await self.trade(signal)
            except ccxt.BaseError:
                success = False  # the worker lives on
            if not result.done():  # the caller may have gone away
                result.set_result(success)

    async def trade(self, signal):
        name, ratio = signal.signal_id, signal.amount_y / signal.amount_x
        filled = await place(self.exchange, f"{name}-a", signal.pair_x, signal.side_x, signal.amount_x)
        target = number(filled * ratio)
        hedged = await work(self.exchange, f"{name}-b", signal.pair_y, signal.side_y, target)
        excess = number(filled - hedged / ratio)
        if excess > 0:
            await work(self.exchange, f"{name}-c", signal.pair_x, opposite(signal.side_x), excess)
        return hedged > 0 and excess <= 0


async def scenario(sim):
    bot = QueueEngine(sim.exchange())
    first, second = sim.signal("BTC/USDT", "ETH/USDT", 1.0), sim.signal("SOL/USDT", "ETH/USDT", 2.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=180)
    bot.start()
    await sim.concurrently(
        lambda: sim.deliver(first, bot.execute, times=2), lambda: sim.deliver(second, bot.execute, times=2)
    )
    await bot.stop()
