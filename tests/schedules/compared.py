"""Bots, good and bad, that two runs of one test compare; and the tests that they run in."""

import asyncio

import ccxt

from tests.schedules.performing import anything

BTC, ETH, SOL = "BTC/USDT", "ETH/USDT", "SOL/USDT"


class Resting:
    """Wants one order to rest, and looks at what there is first."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def start(self):
        self.task = asyncio.create_task(self.run())

    async def run(self):
        while True:
            try:
                if not await self.exchange.fetch_open_orders(BTC):
                    await self.exchange.create_order(BTC, "limit", "buy", 1, 10_000, {"clientOrderId": "it"})
            except ccxt.BaseError:
                pass
            await asyncio.sleep(3)


class Forgetting(Resting):
    """Remembers that its order rests, for as long as it lives."""

    async def run(self):
        try:
            await self.exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        except ccxt.BaseError:
            return


class Churning(Resting):
    """Sells what it finds when it comes up, and buys it again: what it holds is the same."""

    async def run(self):
        held = (await self.exchange.fetch_balance())["total"].get("BTC", 0.0)
        if held:
            await self.exchange.create_order(BTC, "market", "sell", held)
        await self.exchange.create_order(BTC, "market", "buy", 1)


def restarting(kind, seconds=4):
    """A test of a bot as a process."""

    async def test(sim):
        sim.always(anything)
        await sim.process(lambda: kind(sim.exchange()))
        await sim.sleep(seconds)

    return test


class Trader:
    """Trades what a signal says, and knows nothing of other signals."""

    def __init__(self, exchange, sim):
        self.exchange, self.sim, self.count, self.latest = exchange, sim, 0, -1e9

    async def trade(self, signal):
        try:
            await self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        except ccxt.BaseError:
            return False
        return True


class Counting(Trader):
    """Makes one trade in all."""

    async def trade(self, signal):
        self.count += 1
        return self.count <= 1 and await super().trade(signal)


class Limiting(Trader):
    """Sends one order in ten seconds, whoever wants it, and drops the rest."""

    async def trade(self, signal):
        if self.sim.now() - self.latest < 10:
            return False
        self.latest = self.sim.now()
        return await super().trade(signal)


class GivingUp(Trader):
    """Stops everything when anything goes wrong."""

    async def trade(self, signal):
        if self.count:
            return False
        done = await super().trade(signal)
        self.count += not done
        return done


class Pricing(Trader):
    """Buys less where the other symbol has fallen."""

    async def trade(self, signal):
        amount = 1
        try:
            await asyncio.sleep(1)
            amount = 1 if (await self.exchange.fetch_ticker(ETH))["last"] > 2_900 else 0.5
            await self.exchange.create_order(signal.pair_x, "market", "buy", amount)
        except ccxt.BaseError:
            return False
        return True


def trading(kind, *symbols):
    """A test of a bot that is told to trade these, one after the other."""

    async def test(sim):
        sim.always(anything)
        bot = kind(sim.exchange(), sim)
        for symbol in symbols:
            await sim.deliver(sim.signal(symbol), bot.trade)

    return test
