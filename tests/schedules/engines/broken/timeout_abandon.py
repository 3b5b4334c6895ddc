"""One time limit for the whole pair: when it strikes after the first leg, the second one is given up.
As bots do that wrap a whole step of a strategy in ``asyncio.wait_for``; one late answer is enough."""

import asyncio

import hedgecheck

RULE = "hedged"
FAULTS = ("response_lost", "late_ack")
SECONDS_MAX = 8


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()
        self.failures = []

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        try:
            async with asyncio.timeout(SECONDS_MAX):
                return await self.trade(signal)
        except TimeoutError:
            self.failures.append(signal.signal_id)  # too slow: the opportunity is gone
            return False

    async def trade(self, signal):
        price_x = (await self.exchange.fetch_ticker(signal.pair_x))["last"]
        price_y = (await self.exchange.fetch_ticker(signal.pair_y))["last"]
        if not price_x or not price_y:
            return False
        filled = await self.order(f"{signal.signal_id}-a", signal.pair_x, signal.side_x, signal.amount_x)
        amount = round(filled * signal.amount_y / signal.amount_x, 8)
        if not amount:
            return False
        return await self.order(f"{signal.signal_id}-b", signal.pair_y, signal.side_y, amount) == amount

    async def order(self, name, symbol, side, amount):
        order = await self.exchange.create_order(
            symbol, "market", side, amount, None, {"clientOrderId": name}
        )
        return order["filled"]


async def scenario(sim):
    bot = Engine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=60)
    await sim.deliver(signal, bot.execute)
