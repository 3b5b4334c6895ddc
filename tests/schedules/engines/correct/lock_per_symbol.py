"""One lock per market, taken in sorted order, and a position limit that is checked and used under them."""

import asyncio
import contextlib
from collections import defaultdict

import hedgecheck
from tests.schedules.engines.careful import number, opposite, place, work

LIMIT = 1.5  # of any one market, long or short


class LockingEngine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.locks = defaultdict(asyncio.Lock)
        self.positions = defaultdict(float)
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        async with contextlib.AsyncExitStack() as stack:
            for symbol in sorted((signal.pair_x, signal.pair_y)):
                await stack.enter_async_context(self.locks[symbol])
            return await self.trade(signal)

    async def trade(self, signal):
        legs = ((signal.pair_x, signal.amount_x), (signal.pair_y, signal.amount_y))
        if any(abs(self.positions[symbol]) + amount > LIMIT for symbol, amount in legs):
            return False
        name, ratio = signal.signal_id, signal.amount_y / signal.amount_x
        filled = await place(self.exchange, f"{name}-a", signal.pair_x, signal.side_x, signal.amount_x)
        self.book(signal.pair_x, signal.side_x, filled)
        target = number(filled * ratio)
        hedged = await work(self.exchange, f"{name}-b", signal.pair_y, signal.side_y, target)
        self.book(signal.pair_y, signal.side_y, hedged)
        excess = number(filled - hedged / ratio)
        if excess > 0:
            back = opposite(signal.side_x)
            self.book(
                signal.pair_x, back, await work(self.exchange, f"{name}-c", signal.pair_x, back, excess)
            )
        return hedged > 0 and excess <= 0

    def book(self, symbol, side, amount):
        signed = amount if side == "buy" else -amount
        self.positions[symbol] = number(self.positions[symbol] + signed)


async def scenario(sim):
    bot = LockingEngine(sim.exchange())
    signals = [
        sim.signal("BTC/USDT", "ETH/USDT", 1.0),
        sim.signal("BTC/USDT", "SOL/USDT", 1.0),
        sim.signal("SOL/USDT", "ETH/USDT", 0.5),
    ]

    def within_limit(ledger):
        held = {}
        for fill in ledger.fills:
            signed = fill.amount if fill.side == "buy" else -fill.amount
            held[fill.symbol] = held.get(fill.symbol, 0) + signed
        return all(abs(amount) <= LIMIT for amount in held.values())

    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.always(within_limit)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=180)
    await sim.concurrently(
        *(lambda signal=signal: sim.deliver(signal, bot.execute, times=2) for signal in signals)
    )
