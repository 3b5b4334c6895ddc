"""A limit order that is taken back after a while; what fills before, during or after the cancel is hedged."""

import asyncio

import ccxt

import hedgecheck
from tests.schedules.engines.careful import REFUSED, number, withdraw, work

REST_SECONDS = 5
WATCH_ROUNDS = 5  # a fill may cross the confirmation of the cancel


class MakerTaker:
    def __init__(self, exchange, price):
        self.exchange = exchange
        self.price = price
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        name, ratio = f"{signal.signal_id}-a", signal.amount_y / signal.amount_x
        if not await self.rest(name, signal):
            return False
        await asyncio.sleep(REST_SECONDS)
        filled = await withdraw(self.exchange, name, signal.pair_x)
        hedged = await self.hedge(signal, 0, number(filled * ratio))
        for number_of_round in range(1, WATCH_ROUNDS + 1):
            await asyncio.sleep(3)
            filled = max(filled, await self.filled(name, signal.pair_x))
            missing = number(filled * ratio - hedged)
            hedged = number(hedged + await self.hedge(signal, number_of_round, missing))
        return hedged > 0 and number(filled * ratio - hedged) <= 0

    async def rest(self, name, signal):
        """False where the exchange refused; else the order may rest there."""
        try:
            await self.exchange.create_order(
                signal.pair_x, "limit", signal.side_x, signal.amount_x, self.price, {"clientOrderId": name}
            )
        except REFUSED:
            return False
        except ccxt.BaseError:
            pass  # unknown: withdraw() finds out
        return True

    async def filled(self, name, symbol):
        try:
            order = await self.exchange.fetch_order(None, symbol, {"clientOrderId": name})
        except ccxt.BaseError:
            return 0.0
        return (order or {}).get("filled") or 0.0

    async def hedge(self, signal, number_of_round, amount):
        name = f"{signal.signal_id}-b{number_of_round}"
        return await work(self.exchange, name, signal.pair_y, signal.side_y, amount)


async def scenario(sim):
    bot = MakerTaker(sim.exchange(), 49_900)
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)

    async def market():
        await sim.sleep(5)
        sim.price("BTC/USDT", 49_800)  # trades through the order about when the cancel arrives

    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=180)
    await sim.concurrently(lambda: sim.deliver(signal, bot.execute), market)
