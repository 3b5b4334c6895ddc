"""Looks whether the trade is on, awaits a price, and only then notes that it is: two deliveries trade.
As webhook bots do that are called twice, and loops whose entry handler can be entered again."""

import asyncio

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = "none"


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.trades = {}

    async def execute(self, signal):
        if signal.signal_id in self.trades:
            return False
        prices = await asyncio.gather(self.price(signal.pair_x), self.price(signal.pair_y))
        if not all(prices):
            return False
        self.trades[signal.signal_id] = "open"
        first = await self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        amount = round(first["filled"] * signal.amount_y / signal.amount_x, 8)
        if not amount:
            return False
        second = await self.exchange.create_order(signal.pair_y, "market", signal.side_y, amount)
        self.trades[signal.signal_id] = "hedged"
        return second["filled"] == amount

    async def price(self, symbol):
        return (await self.exchange.fetch_ticker(symbol))["last"]


async def scenario(sim):
    bot = Engine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.concurrently(*(lambda: sim.deliver(signal, bot.execute) for _ in range(2)))
