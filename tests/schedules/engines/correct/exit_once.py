"""The stop and the exit signal may both want out: the first closes the position, the other waits for it."""

import asyncio
import math

import ccxt

import hedgecheck
from tests.schedules.engines.careful import number, work

STOP = 48_000


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.position = 0.0
        self.closing = None
        self.seen = set()

    async def enter(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        self.position = await work(self.exchange, signal.signal_id, signal.pair_x, "buy", signal.amount_x)
        return self.position > 0

    async def leave(self, signal):
        return await self.close(signal)

    async def guard(self, signal):
        """The stop: looks at the price every second until there is nothing to guard."""
        while self.position > 0 and self.closing is None:
            try:
                price = (await self.exchange.fetch_ticker(signal.pair_x)).get("last")
            except ccxt.BaseError:
                price = None
            if price is not None and math.isfinite(price) and 0 < price <= STOP:
                return await self.close(signal)
            await asyncio.sleep(1)
        return await self.close(signal)

    async def close(self, signal):
        if self.closing is None:  # no await between the question and the answer
            if self.position <= 0:
                return False
            self.closing = asyncio.create_task(self.sell(signal))
        return await asyncio.shield(self.closing)

    async def sell(self, signal):
        name = f"{signal.signal_id}-out"
        sold = await work(self.exchange, name, signal.pair_x, "sell", self.position)
        self.position = number(self.position - sold)
        return self.position == 0


async def scenario(sim):
    bot = Engine(sim.exchange())
    entry = sim.signal("BTC/USDT", None, 1.0)
    leave = sim.signal("BTC/USDT", None, 1.0, side_x="sell", reduces=True)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.deliver(entry, bot.enter)
    sim.price("BTC/USDT", 47_500)
    await sim.concurrently(
        lambda: sim.deliver(leave, bot.leave, times=2), lambda: sim.deliver(leave, bot.guard)
    )
