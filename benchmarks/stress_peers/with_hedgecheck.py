"""hedgecheck's executor on the bars of a file: ``ScenarioExecutor.run``, from loading to the metrics.

Orders go their whole life: sent, acknowledged, filled; the risk core judges each intent, and all invariants
every step. The strategy, its size and the
orchestrator are a user's own, so that it reverses within a bar as the peers do; the other five components are
bundled. Costs are zero and limits wide, so that all trade the same.
"""

import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.stress_peers.bars import MINUTE_NS, SERIES, SYMBOL
from benchmarks.stress_peers.clocked import (
    CASH,
    FAST,
    QUANTITY,
    SLOW,
    TOLERANCE,
    Bars,
    Done,
    Work,
    clocked,
)
from hedgecheck.marketdata import Market
from hedgecheck.stress.components.factory import Recipe
from hedgecheck.stress.components.protocols import (
    AccountView,
    BarView,
    Order,
    Policy,
    Refused,
    Signal,
)
from hedgecheck.stress.exchange import ExchangeProfile
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.loading import Loaded, ScenarioLoader
from hedgecheck.stress.models import Scenario, ScenarioResult, ScenarioType
from hedgecheck.stress.quality import inspected_market
from hedgecheck.stress.settings import LIMITS, ExecutorSettings
from hedgecheck.values import replace

FREE = ExchangeProfile(
    slippage_bps=(0, 0), spread_bps=(0, 0), latency_ms=(1, 1), failure_rate=(0, 0), filled=(1, 1)
)
WIDE = replace(LIMITS, heat_bps=10_000, exit_cost_bps=0)  # without stops all is at risk
SETTINGS = ExecutorSettings(bounds=WIDE, daily_loss_bps=9_000, drawdown_bps=0, fee_bps=0, profile=FREE)
YEAR_NS = 365 * 86_400 * 10**9


class Crossing:
    """Always reversing, one symbol."""

    def __init__(self) -> None:
        self._closes: list[float] = []
        self._side = 0

    def signals(self, view: BarView, account: AccountView) -> Sequence[Signal]:
        """See ``RuntimeEngine``."""
        closes = self._closes
        closes.append(view.quotes[0].price)
        if len(closes) < SLOW:
            return ()
        del closes[:-SLOW]
        ahead = sum(closes[-FAST:]) / FAST - sum(closes) / SLOW
        if abs(ahead) < TOLERANCE or ((ahead > 0) == (self._side > 0) and self._side):
            return ()
        self._side = 1 if ahead > 0 else -1
        return (Signal("crossing", SYMBOL, self._side, 1.0),)


class Everything:
    """An orchestrator that lets a strategy reverse: what it holds is left, and the opposite opened."""

    def select(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Signal], Sequence[Refused]]:
        """See ``Orchestrator``."""
        return signals, ()


class Fixed:
    """A balancer that gives every signal the same size."""

    def size(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Order], Sequence[Refused]]:
        """See ``PortfolioBalancer``."""
        sides = {1: "buy", -1: "sell"}
        return [Order(each, sides[each.target], QUANTITY, 0.0, None, None) for each in signals], ()


COMPONENTS = Recipe(
    (("runtime_engine", Crossing), ("orchestrator", Everything), ("portfolio_balancer", Fixed))
)


class Given(ScenarioLoader):
    """Loads the market that it was given, and looks at its quality as the loader does."""

    def __init__(self, market: Market) -> None:
        super().__init__()
        self._market = market

    def load(self, symbols: Sequence[str], source: str, **asked: object) -> Loaded:
        """See ``ScenarioLoader``."""
        quality = inspected_market(self._market, MINUTE_NS)
        return Loaded(self._market, "given", (), quality, YEAR_NS / MINUTE_NS)


def ran(market: Market) -> ScenarioResult:
    """The crossing strategy on a market."""
    asked = {"bars": len(market), "cash": CASH, "bar_seconds": MINUTE_NS // 10**9}
    scenario = Scenario("crossing", ScenarioType.HISTORIC_REPLAY, parameters=asked, symbols=(SYMBOL,), seed=1)
    return ScenarioExecutor(COMPONENTS, loader=Given(market), settings=SETTINGS).run(scenario)


def market_of(bars: Bars) -> Market:
    """What ``bars.written`` wrote, with the liquidity of a calm market."""
    column = {name: np.array(bars[name]).reshape(-1, 1) for name in (*SERIES, "volume")}
    calm = np.ones_like(column["close"])
    return Market(
        (SYMBOL,),
        np.array(bars["time_ns"]),
        column["open"][0].copy(),
        **column,
        spread_bps=calm.copy(),
        depth=calm.copy() * 1e6,
        implied_volatility=calm.copy(),
    )


def prepare(bars: Bars) -> Work:
    """A market of the bars, and what is timed."""
    market = market_of(bars)

    def work() -> Done:
        return done(ran(market))

    return work


def done(result: ScenarioResult) -> Done:
    """What a result says of its run."""
    assert result.success, f"Invariant: a run breaks nothing, and not: {result.failure}"
    assert result.curves is not None
    return len(result.executions), len(result.trades), result.curves.equity[-1]


if __name__ == "__main__":
    clocked("hedgecheck", prepare, sys.argv[1:])
