"""Reads the position twice and believes that two equal answers make it current; the order of the round before
is still on its way. As rebalancers on a timer do whose rounds may overlap when the exchange is slow."""

import asyncio

import hedgecheck

RULE = "one_intent_one_exposure"
FAULTS = "none"
ROUND_SECONDS = 1.0
ROUNDS = 3


class Rebalancer:
    """Every second a round brings the position to its target."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def execute(self, signal):
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(asyncio.create_task(self.round(signal)))
            await asyncio.sleep(ROUND_SECONDS)
        await asyncio.gather(*rounds)
        return await self.position(signal.pair_x) == signal.amount_x

    async def round(self, signal):
        held = await self.position(signal.pair_x)
        again = await self.position(signal.pair_x)
        if again != held:
            return  # something is going on: the next round will see
        missing = round(signal.amount_x - again, 8)
        if missing > 0:
            await self.exchange.create_order(signal.pair_x, "market", "buy", missing)

    async def position(self, symbol):
        positions = await self.exchange.fetch_positions([symbol])
        return sum(each["contracts"] for each in positions if each["side"] == "long")


async def scenario(sim):
    bot = Rebalancer(sim.exchange())
    signal = sim.signal("BTC/USDT", None, 1.0)
    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    await sim.deliver(signal, bot.execute)
