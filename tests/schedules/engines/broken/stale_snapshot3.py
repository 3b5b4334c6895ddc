"""Adds up three positions read one after the other while another task rolls the position through them: the
sum is of no moment that ever was. As exposure checks over several markets do that ask for each in turn."""

import asyncio
import itertools

RULE = "within_limit"
FAULTS = "none"
LIMIT = 2
ROLL_SECONDS = 6  # between two steps of the roll
ROLL = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


class Roller:
    """Holds one unit, and moves it to the next market: buys there before it sells here."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def open(self):
        await self.exchange.create_order(ROLL[0], "market", "buy", 1.0)

    async def roll(self):
        await asyncio.sleep(0.1)
        for here, there in itertools.pairwise(ROLL):
            await self.exchange.create_order(there, "market", "buy", 1.0)
            await self.exchange.create_order(here, "market", "sell", 1.0)
            await asyncio.sleep(ROLL_SECONDS)


class Gate:
    """Lets an entry have what the limit leaves. The roller is never flat, so that is one unit at most."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def enter(self):
        exposure = 0.0
        for symbol in (ROLL[1], ROLL[0], ROLL[2]):
            exposure += await self.position(symbol)
        room = round(LIMIT - exposure, 8)
        if room > 0:
            await self.exchange.create_order(ROLL[0], "market", "buy", room)

    async def position(self, symbol):
        positions = await self.exchange.fetch_positions([symbol])
        return sum(each["contracts"] for each in positions if each["side"] == "long")


async def scenario(sim):
    exchange = sim.exchange()
    roller, gate = Roller(exchange), Gate(exchange)

    def within_limit(ledger):
        return sum(fill.amount if fill.side == "buy" else -fill.amount for fill in ledger.fills) <= LIMIT

    sim.eventually(within_limit, within_seconds=30)
    await roller.open()
    await sim.concurrently(gate.enter, roller.roll)
