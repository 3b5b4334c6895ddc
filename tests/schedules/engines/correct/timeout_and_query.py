"""A short time limit of its own round each order; where it strikes, the order is unknown and asked about."""

import asyncio

import ccxt

import hedgecheck
from tests.schedules.engines.careful import REFUSED, is_over, number, opposite, settle

SECONDS_MAX = 0.5


class ImpatientEngine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        name, ratio = signal.signal_id, signal.amount_y / signal.amount_x
        filled = await self.order(f"{name}-a", signal.pair_x, signal.side_x, signal.amount_x)
        hedged = await self.fill(f"{name}-b", signal.pair_y, signal.side_y, number(filled * ratio))
        excess = number(filled - hedged / ratio)
        await self.fill(f"{name}-c", signal.pair_x, opposite(signal.side_x), excess)
        return hedged > 0 and excess <= 0

    async def fill(self, name, symbol, side, amount):
        left, attempt = amount, 0
        while left > 0 and attempt < 5:
            attempt += 1
            left = number(left - await self.order(f"{name}-{attempt}", symbol, side, left))
        return number(amount - left)

    async def order(self, name, symbol, side, amount):
        params = {"clientOrderId": name}
        try:
            async with asyncio.timeout(SECONDS_MAX):
                order = await self.exchange.create_order(symbol, "market", side, amount, None, params)
        except REFUSED:
            return 0.0
        except (TimeoutError, ccxt.BaseError):
            order = None
        return order["filled"] if is_over(order) else await settle(self.exchange, name, symbol)


async def scenario(sim):
    bot = ImpatientEngine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=240)
    await sim.concurrently(*(lambda: sim.deliver(signal, bot.execute) for _ in range(2)))
