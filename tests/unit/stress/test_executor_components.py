"""Each of the eight components replaced by a user's own and run by the executor with the real others."""

from collections import Counter

import pytest

from hedgecheck.stress.components.event_bus import SynchronousBus
from hedgecheck.stress.components.factory import create_components
from hedgecheck.stress.components.policy_store import MemoryPolicyStore
from hedgecheck.stress.components.portfolio_balancer import EqualRiskBalancer
from hedgecheck.stress.components.protocols import Policy, Refused, Signal, Stop
from hedgecheck.stress.executor import ScenarioExecutor, create_executor
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.values import replace

BARS = 400
CRASH = Scenario("Crash", "flash_crash", "", {"bars": BARS, "drop_pct": 0.3}, ("BTCUSDT", "ETHUSDT"), seed=0)


@pytest.fixture(scope="module")
def bundled() -> ScenarioResult:
    """What the eight of the kit make of it."""
    return ScenarioExecutor().run(CRASH)


def run(**own) -> ScenarioResult:
    result = create_executor(**own).run(CRASH)
    assert result.success, result.failure
    return result


def refusals(result: ScenarioResult) -> dict[str, int]:
    counted = result.metrics["deny_count"]
    assert isinstance(counted, dict)
    return counted


def test_bundled_ones_trade_both_strategies(bundled: ScenarioResult):
    assert {each.strategy for each in bundled.trades} == {"sma_cross", "pair_reversion"}
    assert {each.side for each in bundled.trades} == {"buy", "sell"}


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-01")
def test_own_runtime_engine(bundled: ScenarioResult):
    def crossing(view, account):
        held = {each.symbol for each in account.holdings}
        sure = 0.9 if view.bar % 2 else 0.1
        return [Signal("mine", each.symbol, 1, sure) for each in view.quotes if each.symbol not in held]

    result = run(runtime_engine=crossing)

    assert {each.strategy for each in result.trades} == {"mine"}
    assert {"LOW_CONFIDENCE", "COOLDOWN"} <= refusals(result).keys()  # says the real orchestrator
    assert {each.reason for each in result.trades} >= {"stop"}


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-02")
def test_own_orchestrator(bundled: ScenarioResult):
    class Pairs:
        def select(self, signals, view, account, policy):
            passed = [each for each in signals if each.hedge]
            return passed, [Refused("mine", "MINE", each) for each in signals if not each.hedge]

    result = run(orchestrator=Pairs())

    assert {each.strategy for each in result.trades} == {"pair_reversion"}
    assert refusals(result)["MINE"] > 0


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-03")
def test_own_risk_guard(bundled: ScenarioResult):
    result = run(risk_guard=lambda order, view, account, policy: "NO_PAIRS" if order.signal.hedge else "")

    assert {each.strategy for each in result.trades} == {"sma_cross"}
    assert refusals(result)["NO_PAIRS"] > 0


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-04")
def test_own_portfolio_balancer(bundled: ScenarioResult):
    class Tenth:
        def __init__(self):
            self.real = EqualRiskBalancer()

        def size(self, signals, view, account, policy):
            orders, refused = self.real.size(signals, view, account, policy)
            small = [
                replace(each, quantity=each.quantity / 10, hedge_quantity=each.hedge_quantity / 10)
                for each in orders
            ]
            return small, refused

    mine, theirs = run(portfolio_balancer=Tenth()).trades[0], bundled.trades[0]

    assert (mine.intent, mine.entry_bar) == (theirs.intent, theirs.entry_bar)
    assert mine.quantity == pytest.approx(theirs.quantity / 10, rel=0.01)


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-05", "SE-12")
def test_own_safety_governor():
    def judge(view, account, policy):
        return Stop("mine", "something is held", True) if view.bar > 200 and account.holdings else None

    result = run(safety_governor=judge)

    (stop,) = result.stops
    assert (stop.source, stop.kind, stop.why) == ("governor", "mine", "something is held")
    assert {each.entry_bar <= stop.bar < BARS and each.exit_bar is not None for each in result.trades} == {
        True
    }
    assert "liquidation" in {each.reason for each in result.trades}
    assert result.curves is not None
    assert len(set(result.curves.equity[stop.bar + 2 :])) == 1


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-06")
def test_own_controller(bundled: ScenarioResult):
    def cautious(current, view, account):
        return replace(current, short_allowed=False, stop_bps=300)

    result = run(msc=cautious)

    assert {each.side for each in result.trades} == {"buy"}
    assert {each.hedge for each in result.trades} == {""}
    assert refusals(result)["SHORT_BANNED"] > 0
    assert result.trades[0].entry_bar >= bundled.trades[0].entry_bar


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-07")
def test_own_policy_store(bundled: ScenarioResult):
    class Tight(MemoryPolicyStore):
        def __init__(self):
            super().__init__(Policy(positions_max=1))

    result = run(policy_store=Tight)

    assert result.curves is not None
    assert bundled.curves is not None
    held = Counter[int]()
    for each in result.trades:
        held.update(range(each.entry_bar, BARS if each.exit_bar is None else each.exit_bar))
    assert max(held.values()) == 1
    assert result.curves.equity != bundled.curves.equity


@pytest.mark.covers("EX-02", "SE-11", "SE-15", "SE-08")
def test_own_event_bus(bundled: ScenarioResult):
    log = []

    class Recording(SynchronousBus):
        def publish(self, message):
            log.append((message.topic, message.bar))
            super().publish(message)

    result = run(event_bus=Recording)

    topics = Counter(topic for topic, _ in log)
    assert result == bundled
    assert [bar for topic, bar in log if topic == "bar"] == list(range(BARS))
    assert topics["order"] >= len(result.trades) > 0
    assert topics["refused"] + topics["order"] <= topics["signal"]
    assert topics["fill"] >= 2 * len([each for each in result.trades if each.exit_bar is not None])


@pytest.mark.covers("SE-15")
def test_all_eight_are_asked_at_every_bar_that_there_is_something_to_ask():
    parts = []

    def noted(symbols):
        parts.append(create_components())
        return parts[-1]

    ScenarioExecutor(noted).run(CRASH)

    (made,) = parts
    assert made.runtime_engine.calls == made.msc.calls == BARS
    assert made.safety_governor.calls == BARS
    assert 0 < made.risk_guard.calls < made.portfolio_balancer.calls <= made.orchestrator.calls <= BARS
    assert made.policy_store.calls >= BARS < made.event_bus.calls
