"""The stop and the exit signal both see the position and both close it: the second sale opens a short.
As bots do that keep a stop loop beside the signal handler and sell by plain orders."""

import asyncio

import ccxt

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = "none"
STOP = 48_000


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.position = 0.0

    async def enter(self, signal):
        order = await self.exchange.create_order(signal.pair_x, "market", "buy", signal.amount_x)
        self.position = order["filled"]
        return self.position > 0

    async def leave(self, signal):
        return await self.close(signal.pair_x)

    async def guard(self, signal):
        """The stop: looks at the price every second until there is nothing to guard."""
        while self.position > 0:
            try:
                price = (await self.exchange.fetch_ticker(signal.pair_x))["last"]
            except ccxt.NetworkError:
                price = None
            if price and price <= STOP:
                return await self.close(signal.pair_x)
            await asyncio.sleep(1)
        return False

    async def close(self, symbol):
        if self.position <= 0:
            return False
        order = await self.exchange.create_order(symbol, "market", "sell", self.position)
        self.position = round(self.position - order["filled"], 8)
        return self.position == 0


async def scenario(sim):
    bot = Engine(sim.exchange())
    entry = sim.signal("BTC/USDT", None, 1.0)
    leave = sim.signal("BTC/USDT", None, 1.0, side_x="sell", reduces=True)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.deliver(entry, bot.enter)
    sim.price("BTC/USDT", 47_500)
    await sim.concurrently(lambda: sim.deliver(leave, bot.leave), lambda: sim.deliver(leave, bot.guard))
