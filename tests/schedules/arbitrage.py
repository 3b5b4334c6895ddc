"""A bot as people write them: a class with a config, its orders in SQLite, a task that trades and one that
reports, on two exchanges. ``Arbitrage`` writes an order down before it is sent; ``Hasty`` when it was taken.
"""

import asyncio
import sqlite3
from dataclasses import dataclass

import ccxt

UNKNOWN = (ccxt.NetworkError,)  # of which a request that was never answered is one
CONFIRMATIONS = 3


@dataclass(frozen=True)
class Config:
    """How long the bot waits before it asks again, and between two reports."""

    patience_seconds: float = 5.0
    report_seconds: float = 20.0


class Orders:
    """The orders of the bot, in a file that outlives it."""

    def __init__(self, folder):
        self._connection = sqlite3.connect(folder / "orders.sqlite")
        self._connection.execute("create table if not exists orders (id text primary key, state text)")
        self._connection.commit()

    def state(self, order_id):
        row = self._connection.execute("select state from orders where id = ?", (order_id,)).fetchone()
        return row[0] if row else None

    def write(self, order_id, state):
        self._connection.execute("insert or replace into orders values (?, ?)", (order_id, state))
        self._connection.commit()


class Arbitrage:
    """Buys on one exchange and sells on the other, each once, whenever it dies."""

    def __init__(self, config, buyer, seller, folder, signal):
        self.config = config
        self.exchanges = {"buy": buyer, "sell": seller}
        self.orders = Orders(folder)
        self.signal = signal
        self.equity = {}

    async def start(self):
        self.tasks = [asyncio.create_task(self.trade()), asyncio.create_task(self.report())]

    async def stop(self):
        for task in self.tasks:
            task.cancel()

    async def trade(self):
        signal = self.signal
        async with asyncio.TaskGroup() as group:
            group.create_task(self.execute(signal.side_x, signal.pair_x, signal.amount_x))
            group.create_task(self.execute(signal.side_y, signal.pair_y, signal.amount_y))

    async def execute(self, side, symbol, amount):
        exchange = self.exchanges[side]
        order_id = f"{self.signal.id}-{side}"
        state = self.orders.state(order_id)
        if state == "done":
            return
        if state is None or not await self.is_there(exchange, order_id, symbol):
            await self.send(exchange, order_id, (symbol, "market", side, amount))
        self.orders.write(order_id, "done")

    async def send(self, exchange, order_id, order):
        self.orders.write(order_id, "sent")
        while True:
            try:
                await self.create(exchange, order_id, order)
                return
            except ccxt.RateLimitExceeded:
                await asyncio.sleep(self.config.patience_seconds)
            except UNKNOWN:
                if await self.is_there(exchange, order_id, order[0]):
                    return

    async def create(self, exchange, order_id, order):
        await exchange.create_order(*order, None, {"clientOrderId": order_id})

    async def is_there(self, exchange, order_id, symbol):
        """Whether the exchange has the order: three times no is no."""
        missing = 0
        while missing < CONFIRMATIONS:
            await asyncio.sleep(self.config.patience_seconds)
            try:
                await exchange.fetch_order(None, symbol, {"clientOrderId": order_id})
            except ccxt.OrderNotFound:
                missing += 1
            except UNKNOWN:
                continue
            else:
                return True
        return False

    async def report(self):
        while True:
            for side, exchange in self.exchanges.items():
                try:
                    balance = await exchange.fetch_balance()
                except ccxt.BaseError:
                    continue
                self.equity[side] = balance["USDT"]["total"]
            await asyncio.sleep(self.config.report_seconds)


class Hasty(Arbitrage):
    """Writes an order down when the exchange has taken it."""

    async def send(self, exchange, order_id, order):
        await self.create(exchange, order_id, order)
        self.orders.write(order_id, "sent")


def scenario(bot):
    """One signal for a bot that may die at any await; a minute later both legs are there, once."""

    async def trades_on_two_exchanges(sim):
        signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)
        folder, buyer, seller = sim.storage("bot"), sim.exchange("here"), sim.exchange("there")
        await sim.process(lambda: bot(Config(), buyer, seller, folder, signal))
        await sim.sleep(60)

    return trades_on_two_exchanges
