"""After a timeout it looks at the open orders only: one that was filled is not among them, and is sent again.
As ccxt's own advice had it for years (ccxt #1880)."""

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
        filled = await self.order(f"{signal.signal_id}-a", signal.pair_x, signal.side_x, signal.amount_x)
        amount = round(filled * signal.amount_y / signal.amount_x, 8)
        if not amount:
            return False
        return await self.order(f"{signal.signal_id}-b", signal.pair_y, signal.side_y, amount) == amount

    async def order(self, name, symbol, side, amount):
        for attempt in range(3):
            params = {"clientOrderId": f"{name}-{attempt}"}
            try:
                order = await self.exchange.create_order(symbol, "market", side, amount, None, params)
                return order["filled"]
            except ccxt.NetworkError:
                await asyncio.sleep(2)
                order = await self.open_order(params["clientOrderId"], symbol)
                if order is not None:
                    return order["filled"]
                # not there, so it did not arrive: send it again
        return 0.0

    async def open_order(self, name, symbol):
        while True:
            try:
                orders = await self.exchange.fetch_open_orders(symbol)
            except ccxt.NetworkError:
                await asyncio.sleep(2)
                continue
            return next((order for order in orders if order["clientOrderId"] == name), None)


async def scenario(sim):
    bot = Engine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.deliver(signal, bot.execute)
