"""The free balance is checked and spent under one lock, and what was spent is remembered, whatever a later
answer says of the balance. An order that may have been executed counts as spent."""

import asyncio
import math

import ccxt

import hedgecheck
from tests.schedules.engines.careful import REFUSED, withdraw

BALANCE = 120_000
RESERVE = 60_000


class Wallet:
    def __init__(self, exchange, reserve):
        self.exchange = exchange
        self.reserve = reserve
        self.lock = asyncio.Lock()
        self.opening = None
        self.spent = 0.0

    async def has_room(self, cost):
        """Whether the reserve stays; to be asked with the lock held."""
        try:
            free = ((await self.exchange.fetch_balance()).get("USDT") or {}).get("free")
        except ccxt.BaseError:
            return False
        if free is None or not math.isfinite(free):
            return False
        if self.opening is None:
            self.opening = free
        return min(free, self.opening - self.spent) - cost >= self.reserve


class Strategy:
    """Buys when the account keeps its reserve."""

    def __init__(self, exchange, wallet, name):
        self.exchange = exchange
        self.wallet = wallet
        self.name = name
        self.seen = set()

    async def execute(self, signal):
        if signal.signal_id in self.seen:
            return False
        self.seen.add(signal.signal_id)
        try:
            price = (await self.exchange.fetch_ticker(signal.pair_x)).get("last")
        except ccxt.BaseError:
            return False
        if price is None or not math.isfinite(price) or price <= 0:
            return False
        async with self.wallet.lock:
            cost = price * signal.amount_x
            if not await self.wallet.has_room(cost):
                return False
            return await self.buy(signal, price, cost)

    async def buy(self, signal, price, cost):
        name = f"{signal.signal_id}-{self.name}"
        self.wallet.spent += cost
        try:
            await self.exchange.create_order(
                signal.pair_x, "limit", "buy", signal.amount_x, price, {"clientOrderId": name}
            )
        except REFUSED:
            self.wallet.spent -= cost
            return False
        except ccxt.BaseError:
            pass  # unknown: withdraw() finds out
        return await withdraw(self.exchange, name, signal.pair_x) == signal.amount_x


async def scenario(sim):
    exchange = sim.exchange(account="spot", balances={"USDT": BALANCE})
    wallet = Wallet(exchange, RESERVE)
    trend, value = Strategy(exchange, wallet, "trend"), Strategy(exchange, wallet, "value")
    first, second = sim.signal("BTC/USDT", None, 1.0), sim.signal("BTC/USDT", None, 1.0)

    def reserve_kept(ledger):
        return (
            sum(fill.price * fill.amount for fill in ledger.fills if fill.side == "buy") <= BALANCE - RESERVE
        )

    sim.always(hedgecheck.invariants.one_intent_one_exposure)
    sim.always(reserve_kept)
    await sim.concurrently(
        lambda: sim.deliver(first, trend.execute), lambda: sim.deliver(second, value.execute)
    )
