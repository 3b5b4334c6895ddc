"""Bots as strangers write them, as the text of their files."""

from pathlib import Path

ENGINES = Path(__file__).parents[2] / "schedules" / "engines"

NAIVE_PAIR = """
import ccxt


class PairEngine:
    def __init__(self, exchange):
        self.exchange = exchange

    async def validate_signal(self, signal):
        return signal.amount_x > 0

    async def execute_pair_trade(self, signal):
        await self.place(signal.pair_x, signal.side_x, signal.amount_x)
        await self.place(signal.pair_y, signal.side_y, signal.amount_y)
        return True

    async def place(self, symbol, side, amount):
        for _ in range(3):
            try:
                return await self.exchange.create_order(symbol, "market", side, amount)
            except ccxt.NetworkError:
                continue
"""
NAIVE_BUY = """
import ccxt


async def fetch_price(exchange, symbol):
    return (await exchange.fetch_ticker(symbol))["last"]


async def buy(exchange, symbol: str, amount: float, price=None):
    for _ in range(2):
        try:
            return await exchange.create_order(symbol, "market", "buy", amount)
        except ccxt.RequestTimeout:
            continue
"""
CAREFUL_BUY = """
from careful import work


class Buyer:
    def __init__(self, broker, max_size=10.0):
        self.broker, self.seen = broker, set()

    async def buy(self, client_order_id: str, symbol: str, quantity: float):
        if client_order_id in self.seen:
            return False
        self.seen.add(client_order_id)
        return await work(self.broker, client_order_id, symbol, "buy", quantity) == quantity
"""
NAIVE_RUN = """
import asyncio
import ccxt


class Accumulator:
    def __init__(self, client: "ccxt.Exchange", config, interval=5):
        self.client, self.config, self.interval = client, config, interval

    async def run(self):
        while True:
            await self.tick()
            await asyncio.sleep(self.interval)

    async def tick(self):
        try:
            await self.client.create_order("ETH/USDT", "market", "buy", 1)
        except ccxt.NetworkError:
            await self.client.create_order("ETH/USDT", "market", "buy", 1)


if __name__ == "__main__":
    asyncio.run(Accumulator(ccxt.binance(), {}).run())
"""
CAREFUL_RUN = """
import asyncio
from careful import place, settle


class Entering:
    def __init__(self, exchange):
        self.exchange = exchange

    async def start(self):
        self.task = asyncio.create_task(self.watch())

    async def watch(self):
        if not await settle(self.exchange, "entry", "BTC/USDT"):
            await place(self.exchange, "entry", "BTC/USDT", "buy", 1.0)
        while True:
            await asyncio.sleep(5)
"""
SYNC = """
from dataclasses import dataclass
from decimal import Decimal


@dataclass
class TradeRequest:
    ticker: str
    side: str
    quantity: Decimal
    strategy: str
    note: str = ""


class Orders:
    def __init__(self, exchange):
        self.exchange = exchange

    def submit(self, request: TradeRequest):
        return self.exchange.create_order(request.ticker, "market", request.side, float(request.quantity))


class Arbitrage:
    def __init__(self, spot_exchange, perp_exchange, exchange_name: str = "binance"):
        self.orders = Orders(spot_exchange)

    def on_signal(self, sig):
        return self.orders.submit(sig["market"], sig["qty"], sig.get("direction"))

    def run(self):
        while True:
            self.on_signal({"market": "AAVE/USDT", "qty": 1, "direction": "buy"})
"""
RAISES = 'raise RuntimeError("nobody may import this")\n'


def careful_pair() -> str:
    """The engine of the simulator's own tests, as a file beside its helpers."""
    text = (ENGINES / "correct" / "pair_engine.py").read_text()
    return text.replace("tests.schedules.engines.careful", "careful")


def careful() -> str:
    """Those helpers."""
    return (ENGINES / "careful.py").read_text()


KEEPING = """
import time


class Poller:
    def __init__(self, exchange, folder):
        self.exchange, self.bought = exchange, folder / "bought"

    def run(self):
        while True:
            if not self.bought.exists():
                self.bought.touch()
                self.exchange.create_order("BTC/USDT", "market", "buy", 1)
            time.sleep(5)
"""
