"""A timeout is taken for a failure and the order is sent again; the first one was executed.
As hummingbot #493 and catalyst #317 (order placed twice after a 10 s read timeout) did."""

import asyncio

import ccxt

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = ("response_lost",)


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        filled = await self.order(signal.pair_x, signal.side_x, signal.amount_x)
        if not filled:
            return False
        ratio = signal.amount_y / signal.amount_x
        hedged = await self.order(signal.pair_y, signal.side_y, round(filled * ratio, 8))
        return hedged > 0

    async def order(self, symbol, side, amount, retries=3):
        for attempt in range(retries):
            try:
                order = await self.exchange.create_order(symbol, "market", side, amount)
                return order["filled"]
            except ccxt.NetworkError:  # no answer: try again
                await asyncio.sleep(0.5 * (attempt + 1))
        return 0.0


async def scenario(sim):
    bot = Engine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.deliver(signal, bot.execute)
