"""Trades on an answer without looking how old it is: the answer was long on its way, the market moved on.
As maker bots do that fetch a ticker over REST and quote at it whenever it comes (hummingbot #3101)."""

import asyncio

RULE = "fresh_price"
FAULTS = "none"
SYMBOL = "BTC/USDT"
UPDATES = 40
UPDATE_SECONDS = 0.25
AGE_MAX = 10  # updates between the price that an order was made from and its arrival


class Maker:
    def __init__(self, exchange):
        self.exchange = exchange

    async def quote(self):
        for number in range(2):
            ticker = await self.exchange.fetch_ticker(SYMBOL)
            price = ticker["last"]
            if price:
                name = {"clientOrderId": f"quote-{number}"}
                await self.exchange.create_order(SYMBOL, "limit", "buy", 0.01, price, name)
            await asyncio.sleep(1)


async def scenario(sim):
    bot = Maker(sim.exchange())
    prices = [50_000]
    ages = {}

    async def market():
        for step in range(1, UPDATES + 1):
            await sim.sleep(UPDATE_SECONDS)
            prices.append(50_000 + 10 * step)  # never the same price twice
            sim.price(SYMBOL, prices[-1])

    def fresh_price(ledger):
        for order in ledger.orders:
            if order.id not in ages:
                ages[order.id] = len(prices) - 1 - prices.index(int(order.price))
        return max(ages.values(), default=0) <= AGE_MAX

    sim.always(fresh_price)
    await sim.concurrently(market, bot.quote)
