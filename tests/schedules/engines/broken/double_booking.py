"""A fill is booked from the reply and once more from the stream: the position is double, and so is the exit.
As hummingbot #1663, nautilus_trader #3770 and other engines with two sources of fills did."""

import asyncio

import ccxt

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = "none"


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.position = 0.0
        self.streamed = set()
        self.seen = set()

    async def listen(self, symbol):
        while True:
            try:
                trades = await self.exchange.watch_my_trades(symbol)
            except ccxt.NetworkError:
                await asyncio.sleep(1)
                continue
            for trade in trades:
                if trade["id"] not in self.streamed:
                    self.streamed.add(trade["id"])
                    self.book(trade["side"], trade["amount"])

    def book(self, side, amount):
        self.position = round(self.position + (amount if side == "buy" else -amount), 8)

    async def enter(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        order = await self.exchange.create_order(signal.pair_x, "market", "buy", signal.amount_x)
        self.book("buy", order["filled"])
        return order["filled"] > 0

    async def leave(self, signal):
        if signal.signal_id in self.seen or self.position <= 0:
            return False
        self.seen.add(signal.signal_id)
        order = await self.exchange.create_order(signal.pair_x, "market", "sell", self.position)
        self.book("sell", order["filled"])
        return order["filled"] > 0


async def scenario(sim):
    bot = Engine(sim.exchange())
    entry = sim.signal("BTC/USDT", None, 1.0)
    leave = sim.signal("BTC/USDT", None, 1.0, side_x="sell", reduces=True)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    listening = asyncio.create_task(bot.listen("BTC/USDT"))
    await sim.sleep(5)  # the stream is up
    await sim.deliver(entry, bot.enter)
    await sim.sleep(5)
    await sim.deliver(leave, bot.leave)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
