"""Polls the ticker until it is told to stop, believes no price that is none, and bids once at a good one."""

import asyncio
import math

import ccxt

import hedgecheck
from tests.schedules.engines.careful import REFUSED, withdraw

POLL_SECONDS = 1


class Reader:
    def __init__(self, exchange, limit):
        self.exchange = exchange
        self.limit = limit
        self.stopping = False
        self.bids = {}  # by signal id

    def stop(self):
        self.stopping = True

    async def execute(self, signal):
        if signal.signal_id in self.bids:
            return False
        self.bids[signal.signal_id] = None
        while not self.stopping:
            price = await self.price(signal.pair_x)
            if price is not None and price <= self.limit:
                self.bids[signal.signal_id] = price
                return await self.bid(signal, price)
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def price(self, symbol):
        """The last price, or None where there is none to be believed."""
        try:
            price = (await self.exchange.fetch_ticker(symbol)).get("last")
        except ccxt.BaseError:
            return None
        if not isinstance(price, int | float) or not math.isfinite(price) or price <= 0:
            return None
        return price

    async def bid(self, signal, price):
        name = f"{signal.signal_id}-bid"
        params = {"clientOrderId": name}
        try:
            await self.exchange.create_order(
                signal.pair_x, "limit", "buy", signal.amount_x, round(price, 2), params
            )
        except REFUSED:
            return False
        except ccxt.BaseError:
            pass  # unknown: withdraw() finds out
        await asyncio.sleep(POLL_SECONDS)
        return await withdraw(self.exchange, name, signal.pair_x) == signal.amount_x


async def scenario(sim):
    bot = Reader(sim.exchange(), limit=49_500)
    signal = sim.signal("BTC/USDT", None, 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.always(hedgecheck.invariants.sane_orders)

    async def market():
        for price in (49_900, 49_700, 49_400):
            await sim.sleep(2)
            sim.price("BTC/USDT", price)
        await sim.sleep(20)
        bot.stop()

    await sim.concurrently(lambda: sim.deliver(signal, bot.execute, times=2), market)
