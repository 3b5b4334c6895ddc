"""Each of the eight in turn is a user's own; the other seven are the real ones, and both show."""

import pytest

from hedgecheck.stress.components.event_bus import SynchronousBus
from hedgecheck.stress.components.factory import create_components
from hedgecheck.stress.components.policy_store import MemoryPolicyStore
from hedgecheck.stress.components.portfolio_balancer import EqualRiskBalancer
from hedgecheck.stress.components.protocols import Policy, Refused, Signal, Stop
from hedgecheck.values import replace
from tests.unit.stress.component_bars import Desk, walk

BARS = 400
SYMBOLS = ("A", "B")
PRICES = walk(BARS, SYMBOLS, volatility=0.02)


def traded(prices=PRICES, **replacements):
    return Desk(create_components(**replacements), SYMBOLS).run(prices)


@pytest.fixture(scope="module")
def bundled():
    return traded()


def test_bundled_eight_trade_and_each_has_its_part(bundled):
    parts = bundled.components
    assert bundled.bars == BARS
    assert {each.signal.strategy for each in bundled.orders} == {"sma_cross", "pair_reversion"}
    assert {each.side for each in bundled.orders} == {"buy", "sell"}
    for each in (parts.runtime_engine, parts.orchestrator, parts.portfolio_balancer, parts.msc):
        assert each.calls == BARS
    assert parts.orchestrator.refusals > 0
    assert bundled.said.count("bar") == BARS
    assert (
        bundled.said.count("order")
        == len(bundled.orders)
        == parts.risk_guard.calls - parts.risk_guard.refusals
    )


@pytest.mark.covers("EX-02", "SE-11")
def test_own_runtime_engine_is_filtered_sized_and_guarded_by_the_real_ones(bundled):
    def signals(view, account):
        return [Signal("mine", "A", 1, 0.9 if view.bar % 2 else 0.1)]

    desk = traded(runtime_engine=signals)
    assert {each.signal.strategy for each in desk.orders} == {"mine"}
    assert {"LOW_CONFIDENCE", "HELD"} <= set(desk.refused)
    assert desk.orders[0].quantity * PRICES[1][0] == pytest.approx(18_000, rel=0.2)


@pytest.mark.covers("EX-02", "SE-11")
def test_own_orchestrator_decides_what_the_real_balancer_sizes(bundled):
    class Singles:
        def select(self, signals, view, account, policy):
            held = {each.symbol for each in account.holdings}
            passed = [each for each in signals if not each.hedge and each.symbol not in held and each.target]
            return passed, [Refused("mine", "MINE", each) for each in signals if each not in passed]

    desk = traded(orchestrator=Singles())
    assert {each.signal.strategy for each in desk.orders} == {"sma_cross"}
    assert "MINE" in desk.refused
    assert desk.components.portfolio_balancer.calls == BARS


@pytest.mark.covers("EX-02", "SE-11")
def test_own_guard_has_the_last_word_and_who_is_refused_cools_down(bundled):
    desk = traded(risk_guard=lambda order, view, account, policy: "MINE" if order.side == "sell" else "")
    assert {each.side for each in desk.orders} == {"buy"}
    assert {"MINE", "COOLDOWN"} <= set(desk.refused)
    assert desk.refused.count("COOLDOWN") > bundled.refused.count("COOLDOWN")


@pytest.mark.covers("EX-02", "SE-11")
def test_own_balancer_is_judged_by_the_real_guard(bundled):
    class Reckless:
        def __init__(self):
            self.real = EqualRiskBalancer(0.005)

        def size(self, signals, view, account, policy):
            orders, refused = self.real.size(signals, view, account, policy)
            return [replace(each, quantity=each.quantity * 1_000) for each in orders], refused

    desk = traded(portfolio_balancer=Reckless())
    assert desk.orders == []
    assert "ABOVE_EQUITY" in desk.refused


@pytest.mark.covers("EX-02", "SE-11")
def test_own_governor_stops_the_run(bundled):
    def judge(view, account, policy):
        return Stop("mine", "a position is held") if account.holdings else None

    desk = traded(safety_governor=judge)
    assert desk.stop.kind == "mine"
    assert desk.bars < BARS
    assert desk.said[-1] == "stop"


@pytest.mark.covers("EX-02", "SE-11")
def test_own_controller_sets_the_policy_that_the_real_ones_obey(bundled):
    desk = traded(msc=lambda current, view, account: replace(current, risk=0.0 if view.bar < 200 else 0.25))
    changed = desk.said.index("policy")
    assert "RISK_OFF" in desk.refused
    assert "order" not in desk.said[: changed + 200]
    assert desk.orders
    assert max(each.quantity * 100 for each in desk.orders) < max(
        each.quantity * 100 for each in bundled.orders
    )


@pytest.mark.covers("EX-02", "SE-11")
def test_own_store_holds_the_policy_that_the_real_ones_obey(bundled):
    class Kept(MemoryPolicyStore):
        saved = 0

        def save(self, policy):
            self.saved += 1
            super().save(policy)

    store = Kept(Policy(positions_max=1))
    crash = [*PRICES[:200], *[(100 * 0.8**at, 100.0) for at in range(1, 4)]]
    desk = traded(crash, policy_store=store)
    assert "POSITIONS_MAX" in desk.refused
    assert "POSITIONS_MAX" not in bundled.refused
    assert store.saved == desk.said.count("policy") > 0


@pytest.mark.covers("EX-02", "SE-11")
def test_own_bus_carries_what_the_real_ones_say_and_hear(bundled):
    class Recording(SynchronousBus):
        def __init__(self):
            super().__init__()
            self.log = []

        def publish(self, message):
            self.log.append((message.topic, message.bar))
            super().publish(message)

    bus = Recording()
    desk = traded(event_bus=bus)
    assert [topic for topic, _ in bus.log] == desk.said
    assert desk.orders == bundled.orders


@pytest.mark.covers("SE-03", "SE-08")
def test_guard_knows_from_the_bus_that_a_price_has_jumped():
    def buys_late(view, account):
        return [Signal("mine", "A", 1, 0.9)] if view.bar == 3 else []

    def said(**more):
        desk = Desk(create_components(runtime_engine=buys_late, **more))
        return desk.run([(100.0,), (100.0,), (100.0,), (70.0,)]).refused

    class Deaf(SynchronousBus):
        def subscribe(self, topic, listener):
            pass

    assert said() == ["PRICE_JUMP"]
    assert said(event_bus=Deaf()) == []


@pytest.mark.covers("SE-05")
def test_crash_is_stopped_by_the_real_governor():
    class Stubborn:
        def validate(self, order, view, account, policy):
            return ""

    class AllIn(EqualRiskBalancer):
        def size(self, signals, view, account, policy):
            wide = Policy(position_bps=50_000, gross_bps=50_000, stop_bps=9_000)
            return super().size(signals, view, account, wide)

    prices = [(100 * 1.01**at,) for at in range(60)] + [(180 * 0.9**at,) for at in range(30)]
    balancer = AllIn(fraction=1.0)
    desk = Desk(create_components(risk_guard=Stubborn(), portfolio_balancer=balancer)).run(prices)
    assert desk.stop is not None
    assert desk.bars < len(prices)
