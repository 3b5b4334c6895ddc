"""What the page on verifying a bot names: bots that do what they should."""

import asyncio
import os
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import ccxt

from tests.schedules.engines.correct.pair_engine import PairEngine

__all__ = [
    "Buyer",
    "Deciding",
    "Doubting",
    "Maker",
    "PairEngine",
    "Poller",
    "Reconciling",
    "StoringBot",
    "Trader",
]

BTC = "BTC/USDT"


class StoringBot:
    """Notes that it buys before it does."""

    def __init__(self, exchange, path):
        self.exchange, self.path = exchange, path

    async def start(self):
        self.file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115 - it stays open
        self.file.seek(0)
        if not self.file.read():
            self.file.write("entry\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            self.task = asyncio.create_task(self.exchange.create_order(BTC, "market", "buy", 1))


class Buyer:
    def __init__(self, exchange):
        self.exchange = exchange

    async def buy(self, symbol, amount):
        try:
            await self.exchange.create_order(symbol, "market", "buy", amount)
        except ccxt.NetworkError:
            return


class Reconciling:
    """Asks for everything, again and again."""

    def __init__(self, exchange):
        self.exchange, self.positions, self.open_orders, self.equity = exchange, {}, [], 1e9

    async def run(self):
        self.asking = asyncio.create_task(self.ask())
        await self.exchange.create_order(BTC, "market", "buy", 1)
        await self.exchange.create_order(BTC, "limit", "buy", 1, 40_000)

    async def ask(self):
        while True:
            balance = await self.exchange.fetch_balance()
            last = (await self.exchange.fetch_ticker(BTC))["last"]
            held = balance["total"].get("BTC", 0.0)
            self.open_orders = await self.exchange.fetch_open_orders(BTC)
            self.positions, self.equity = {BTC: held}, balance["total"]["USDT"] + held * last
            await asyncio.sleep(1)


class Deciding(Buyer):
    def decide(self, price):
        return SimpleNamespace(symbol=BTC, amount=0.5) if price < 60_000 else None

    async def run(self):
        try:
            order = self.decide((await self.exchange.fetch_ticker(BTC))["last"])
        except ccxt.NetworkError:
            order = self.decide(50_000)
        await self.buy(order.symbol, order.amount)


class Maker:
    """Quotes once; sells what of it was filled."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def run(self):
        await self.surely(self.exchange.create_order, BTC, "limit", "buy", 1, 49_000, once=True)
        await asyncio.sleep(15)
        while await self.surely(self.exchange.fetch_open_orders, BTC):
            await self.surely(self.exchange.cancel_all_orders, BTC)
        while held := (await self.surely(self.exchange.fetch_balance))["total"].get("BTC"):
            await self.surely(self.exchange.create_order, BTC, "market", "sell", held, once=True)

    async def surely(self, call, *arguments, once=False):
        while True:
            try:
                return await call(*arguments)
            except ccxt.NetworkError:
                if once:
                    return None


class Doubting(Buyer):
    """Sells what a second look says that it bought."""

    async def run(self):
        try:
            order = await self.exchange.create_order(BTC, "market", "buy", 1)
            order = await self.exchange.fetch_order(order["id"], BTC)
            await self.exchange.create_order(BTC, "market", "sell", order["filled"])
        except ccxt.NetworkError:
            return


class Trader:
    """Enters once for a signal, and asks what came of it."""

    def __init__(self, exchange):
        self.exchange, self.known, self.lock = exchange, set(), threading.Lock()

    def enter(self, signal):
        name = signal.signal_id
        with self.lock:
            if name in self.known:
                return False
            self.known.add(name)
        with suppress(ccxt.NetworkError):
            self.exchange.create_order(BTC, "market", "buy", signal.amount_x, None, {"clientOrderId": name})
        for _ in range(10):
            time.sleep(5)
            with suppress(ccxt.NetworkError, ccxt.OrderNotFound):
                order = self.exchange.fetch_order("", BTC, {"clientOrderId": name})
                return order["filled"] == signal.amount_x
        return False


class Poller:
    """Buys once below a price, and notes that it does before it does."""

    def __init__(self, exchange, path):
        self.exchange, self.path = exchange, path

    def run(self):
        while True:
            with suppress(ccxt.NetworkError):
                self.poll()
            time.sleep(60)

    def poll(self):
        last = self.exchange.fetch_ticker(BTC)["last"]
        if last is not None and 0 < last < 60_000 and not self.path.exists():
            with open(self.path, "w", encoding="utf-8") as file:
                file.write("entry")
            self.exchange.create_order(BTC, "market", "buy", 1)
