"""The second leg is sized by what was asked of the first, not by what was filled of it.
As in hummingbot's cross-exchange strategies, and in any bot that reads ``closed`` as ``filled``."""

import asyncio

import ccxt

import hedgecheck

RULE = "hedged"
FAULTS = ("partial_fill",)


class Engine:
    def __init__(self, exchange):
        self.exchange = exchange
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        first = await self.order(f"{signal.signal_id}-a", signal.pair_x, signal.side_x, signal.amount_x)
        if first is None or first["status"] not in ("closed", "expired") or not first["filled"]:
            return False
        second = await self.order(f"{signal.signal_id}-b", signal.pair_y, signal.side_y, signal.amount_y)
        return second is not None and second["status"] == "closed"

    async def order(self, name, symbol, side, amount):
        params = {"clientOrderId": name}
        try:
            return await self.exchange.create_order(symbol, "market", side, amount, None, params)
        except ccxt.NetworkError:
            return await self.look_up(name, symbol)

    async def look_up(self, name, symbol):
        for wait in (2, 4, 8):
            await asyncio.sleep(wait)
            try:
                return await self.exchange.fetch_order(None, symbol, {"clientOrderId": name})
            except (ccxt.OrderNotFound, ccxt.NetworkError):
                continue
        return None


async def scenario(sim):
    bot = Engine(sim.exchange())
    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
    sim.eventually(hedgecheck.invariants.hedged, within_seconds=60)
    await sim.deliver(signal, bot.execute)
