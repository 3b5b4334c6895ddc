"""Trading systems that do as a test says, taken through a market by the executor's own parts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hedgecheck.drive import bundled_core
from hedgecheck.marketdata import Market
from hedgecheck.stress.components.factory import create_components
from hedgecheck.stress.components.protocols import Order, Published, Signal
from hedgecheck.stress.exchange import ExchangeProfile
from hedgecheck.stress.execution import Execution
from hedgecheck.stress.settings import ExecutorSettings
from hedgecheck.stress.stressed import RuntimeFault, Stressed
from hedgecheck.world import Engine
from tests.unit.stress.markets import HOUR_NS, made

CASH, PRICE, NOTIONAL, STOP = 100_000.0, 100.0, 1_000.0, 0.95
FLAT = (PRICE,) * 12
IDEAL = ExchangeProfile((0.0, 0.0), (0.0, 0.0), (100.0, 100.0), (0.0, 0.0), (1.0, 1.0))
SETTINGS = ExecutorSettings(profile=IDEAL, fee_bps=0)
BUY, SELL, OUT = [Signal("mine", "A", target, 0.9) for target in (1, -1, 0)]
Wants = Mapping[int, Sequence[Signal]]


class Script:
    """A runtime engine that wants ``wants`` by bar; ``views`` and ``accounts`` are what it was shown."""

    def __init__(self, wants: Wants) -> None:
        self.wants, self.views, self.accounts = wants, [], []

    def signals(self, view, account):
        self.views.append(view)
        self.accounts.append(account)
        return self.wants.get(view.bar, [])


class Fixed:
    """A balancer whose orders are all worth the same, with a stop 5 % away."""

    def size(self, signals, view, account, policy):
        prices = {each.symbol: each.price for each in view.quotes}
        return [_order(each, prices) for each in signals], []


def _order(signal: Signal, prices: Mapping[str, float]) -> Order:
    is_long = signal.target > 0
    near, far = (STOP, 2 - STOP) if is_long else (2 - STOP, STOP)
    first, second = prices[signal.symbol], prices.get(signal.hedge)
    hedge_stop = None if second is None else second * far
    hedge = 0.0 if second is None else NOTIONAL / second
    return Order(signal, "buy" if is_long else "sell", NOTIONAL / first, hedge, first * near, hedge_stop)


def closing(closes, symbols=("A",), bar_ns=HOUR_NS) -> Market:
    """A market with those closes, in which no bar is like the one before."""
    market = made(closes, bar_ns, symbols, PRICE)
    return replace(market, volume=market.volume + np.arange(len(market))[:, None])


class Run:
    """A script taken through a market, to the end. ``said``: all of the bus."""

    def __init__(
        self,
        market: Market | Stressed,
        wants: Wants,
        plan: tuple[RuntimeFault, ...] = (),
        *,
        engine: Engine | None = None,
        settings: ExecutorSettings = SETTINGS,
        seed: int = 1,
        **components: object,
    ) -> None:
        self.script = Script(wants)
        everyone = lambda signals, view, account, policy: (signals, [])  # noqa: E731
        given = {"orchestrator": everyone, "portfolio_balancer": Fixed(), **components}
        parts = create_components(runtime_engine=self.script, **given)
        self.said: list[Published] = []
        parts.event_bus.subscribe("*", self.said.append)
        self.stressed = Stressed(market, market, plan) if isinstance(market, Market) else market
        self.execution = Execution(
            self.stressed, parts, engine or bundled_core(), settings, cash=CASH, seed=seed
        )
        self.told: list[tuple[int, int]] = []
        self.execution.run(lambda done, of: self.told.append((done, of)))
        self.ledger, self.account = self.execution.ledger, self.execution.account

    @property
    def trades(self):
        return self.ledger.trade_records()

    @property
    def orders(self):
        return self.ledger.execution_results()

    def payloads(self, topic: str) -> list:
        """What was said on a topic."""
        return [each.payload for each in self.said if each.topic == topic]

    @property
    def equity(self) -> np.ndarray:
        """At the end of each bar, in currency."""
        return np.array(self.account.equity[1:]) * self.execution.scale.minor
