"""Bars and accounts for components, and a desk that runs the eight with fills at the close."""

import random
from collections.abc import Sequence

from hedgecheck.stress.components.protocols import (
    AccountView,
    BarView,
    Components,
    Holding,
    Order,
    Policy,
    Published,
    Quote,
    Signal,
    Stop,
)

CASH = 100_000.0
POLICY = Policy(position_bps=1_000)


def quote(symbol="A", price=100.0, usable=True, spread_bps=2.0):
    return Quote(symbol, price, price, price, 1_000.0, spread_bps, usable)


def bar(number=0, *quotes):
    return BarView(number, number * 60_000_000_000, quotes or (quote(),))


def account(equity=CASH, **changes):
    fields = {
        "equity": equity,
        "cash": equity,
        "peak": max(equity, CASH),
        "day_start": CASH,
        "gross": 0.0,
        "heat": 0.0,
        "holdings": (),
        "pending": (),
        "tripped": (),
        "orders": 0,
        "failures": 0,
        "flagged_bars": 0,
    }
    return AccountView(**{**fields, **changes})


def buy(symbol="A", confidence=0.9, target=1, hedge="", strategy="s"):
    return Signal(strategy, symbol, target, confidence, hedge)


def holding(symbol="A", quantity=10.0, hedge="", strategy="s", intent="i1"):
    return Holding(intent, strategy, symbol, hedge, quantity)


def walk(bars: int, symbols: Sequence[str] = ("A",), seed=1, volatility=0.01, trend=0.0):
    """Prices of a random walk, one tuple for each bar."""
    source, now, found = random.Random(seed), [100.0] * len(symbols), []
    for _ in range(bars):
        now = [each * (1 + trend + volatility * source.gauss(0, 1)) for each in now]
        found.append(tuple(now))
    return found


class Desk:
    """Runs components bar by bar, as the executor does: whatever gets through the guard is filled at the
    close, and stops are where they were asked for. ``said`` is the topics of the bus, in order."""

    def __init__(self, components: Components, symbols: Sequence[str] = ("A",)) -> None:
        self.components, self.symbols = components, tuple(symbols)
        self.cash, self.peak = CASH, CASH
        self.held: dict[str, tuple[Order, float, float]] = {}  # order, signed quantity of each leg
        self.orders: list[Order] = []
        self.refused: list[str] = []
        self.stop: Stop | None = None
        self.policies: list[Policy] = []
        self.said: list[str] = []
        self.bars = 0
        components.event_bus.subscribe("*", lambda message: self.said.append(message.topic))

    def run(self, prices: Sequence[Sequence[float]]) -> "Desk":
        """All bars, or until the governor stops."""
        for each in prices:
            if self.stop is not None:
                break
            self._bar(dict(zip(self.symbols, each, strict=True)))
        return self

    def _bar(self, prices: dict[str, float]) -> None:
        parts = self.components
        view = bar(self.bars, *(quote(symbol, price) for symbol, price in prices.items()))
        self._say("bar", view)
        self._stops(prices)
        account = self._account(prices)
        current = parts.policy_store.load()
        policy = parts.msc.policy(current, view, account)
        if policy is not current:
            parts.policy_store.save(policy)
            self._say("policy", policy)
        self.policies.append(policy)
        signals = parts.runtime_engine.signals(view, account)
        passed, refused = parts.orchestrator.select(signals, view, account, policy)
        for each in passed:
            if not each.target:
                self._leave(f"{each.strategy}{each.symbol}{each.hedge}", prices)
        opening = [each for each in passed if each.target]
        orders, unsized = parts.portfolio_balancer.size(opening, view, account, policy)
        self.refused += [each.reason for each in (*refused, *unsized)]
        for order in orders:
            why = parts.risk_guard.validate(order, view, account, policy)
            if why:
                self.refused.append(why)
            else:
                self._fill(order, prices)
        self.stop = parts.safety_governor.judge(view, account, policy)
        if self.stop is not None:
            self._say("stop", self.stop)
        self.bars += 1

    def _say(self, topic, payload):
        self.components.event_bus.publish(Published(topic, self.bars, payload))

    def _fill(self, order: Order, prices: dict[str, float]) -> None:
        signal, sign = order.signal, 1 if order.side == "buy" else -1
        first, second = sign * order.quantity, -sign * order.hedge_quantity
        self.cash -= first * prices[signal.symbol] + second * prices.get(signal.hedge, 0.0)
        self.held[f"{signal.strategy}{signal.symbol}{signal.hedge}"] = (order, first, second)
        self.orders.append(order)
        self._say("order", order)

    def _leave(self, intent: str, prices: dict[str, float]) -> None:
        order, first, second = self.held.pop(intent)
        self.cash += first * prices[order.signal.symbol] + second * prices.get(order.signal.hedge, 0.0)

    def _stops(self, prices: dict[str, float]) -> None:
        for intent, (order, first, _) in tuple(self.held.items()):
            price = prices[order.signal.symbol]
            if (price <= order.stop) if first > 0 else (price >= order.stop):
                self._leave(intent, prices)

    def _account(self, prices: dict[str, float]) -> AccountView:
        values = [
            (first * prices[order.signal.symbol], second * prices.get(order.signal.hedge, 0.0))
            for order, first, second in self.held.values()
        ]
        equity = self.cash + sum(map(sum, values))
        self.peak = max(self.peak, equity)
        gross = sum(abs(first) + abs(second) for first, second in values)
        holdings = tuple(
            Holding(intent, order.signal.strategy, order.signal.symbol, order.signal.hedge, first)
            for intent, (order, first, _) in self.held.items()
        )
        return account(equity, cash=self.cash, peak=self.peak, gross=gross, holdings=holdings)
