"""Fills come from stream and REST and are booked by trade id, once; the exit sells what was booked."""

import asyncio
import contextlib

import ccxt

import hedgecheck
from tests.schedules.engines.careful import number, work


class Engine:
    def __init__(self, exchange, symbol):
        self.exchange = exchange
        self.symbol = symbol
        self.trades = {}  # signed amount by trade id
        self.seen = set()

    @property
    def position(self):
        return number(sum(self.trades.values()))

    async def listen(self):
        while True:
            try:
                self.book(await self.exchange.watch_my_trades(self.symbol))
            except ccxt.BaseError:
                await asyncio.sleep(1)  # what was missed meanwhile, reconcile() finds

    def book(self, trades):
        for trade in trades:
            if trade.get("id") and trade.get("amount") and trade.get("side"):
                signed = trade["amount"] if trade["side"] == "buy" else -trade["amount"]
                self.trades[trade["id"]] = signed

    async def reconcile(self, expected):
        """Fetches trades until the books say what the orders said."""
        for _ in range(20):
            if self.position == expected:
                return True
            with contextlib.suppress(ccxt.BaseError):  # the next round asks again
                self.book(await self.exchange.fetch_my_trades(self.symbol))
            if self.position != expected:
                await asyncio.sleep(2)
        return False

    async def enter(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        filled = await work(self.exchange, signal.signal_id, self.symbol, "buy", signal.amount_x)
        return await self.reconcile(filled) and filled > 0

    async def leave(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        held = self.position
        if held <= 0:
            return False
        sold = await work(self.exchange, signal.signal_id, self.symbol, "sell", held)
        return await self.reconcile(number(held - sold)) and sold == held


async def scenario(sim):
    bot = Engine(sim.exchange(), "BTC/USDT")
    entry = sim.signal("BTC/USDT", None, 1.0)
    leave = sim.signal("BTC/USDT", None, 1.0, side_x="sell", reduces=True)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    listening = asyncio.create_task(bot.listen())
    await sim.deliver(entry, bot.enter)
    await sim.deliver(leave, bot.leave)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
