"""Adapters: what fits, what is refused when it is made, what at the bar at which it answers."""

from functools import partial
from math import inf, nan

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.components.adapters import (
    EventBusAdapter,
    MSCAdapter,
    OrchestratorAdapter,
    PolicyStoreAdapter,
    PortfolioBalancerAdapter,
    RiskGuardAdapter,
    RuntimeEngineAdapter,
    SafetyGovernorAdapter,
)
from hedgecheck.stress.components.factory import BUNDLED
from hedgecheck.stress.components.protocols import Order, Policy, Published, Refused, Stop
from hedgecheck.values import replace
from tests.unit.stress.component_bars import POLICY, account, bar, buy, quote

VIEW, ACCOUNT = bar(17, quote("A"), quote("B")), account()
ORDER = Order(buy(), "buy", 10.0, 0.0, 95.0, None)
PAIR = Order(buy(hedge="B"), "buy", 10.0, 10.0, 95.0, 105.0)
REFUSED = Refused("mine", "NO", buy())

ADAPTERS = {
    each.name: each
    for each in (
        RuntimeEngineAdapter,
        OrchestratorAdapter,
        RiskGuardAdapter,
        PortfolioBalancerAdapter,
        SafetyGovernorAdapter,
        MSCAdapter,
        PolicyStoreAdapter,
        EventBusAdapter,
    )
}
ASKED = {  # how the executor asks each that has one method
    "runtime_engine": ("signals", (VIEW, ACCOUNT)),
    "orchestrator": ("select", ([buy(), buy("B")], VIEW, ACCOUNT, POLICY)),
    "risk_guard": ("validate", (ORDER, VIEW, ACCOUNT, POLICY)),
    "portfolio_balancer": ("size", ([buy(), buy(hedge="B")], VIEW, ACCOUNT, POLICY)),
    "safety_governor": ("judge", (VIEW, ACCOUNT, POLICY)),
    "msc": ("policy", (POLICY, VIEW, ACCOUNT)),
}
GOOD = {
    "runtime_engine": [buy(confidence=nan)],
    "orchestrator": ([buy()], [REFUSED]),
    "risk_guard": "NO",
    "portfolio_balancer": ([ORDER, PAIR], [REFUSED]),
    "safety_governor": Stop("mine", "why"),
    "msc": Policy(risk=0.1),
}


def ask(name, answer):
    """An adapter over a callable that answers so, and what comes of it."""
    adapter = ADAPTERS[name](lambda *_: answer)
    method, arguments = ASKED[name]
    return adapter, getattr(adapter, method)(*arguments)


@pytest.mark.covers("SE-13")
def test_there_is_an_adapter_for_each_of_the_eight():
    assert sorted(ADAPTERS) == sorted(BUNDLED)
    for name, kind in BUNDLED.items():
        assert ADAPTERS[name](kind()).component.__class__ is kind


@pytest.mark.covers("SE-11", "SE-15")
@pytest.mark.parametrize("name", ASKED)
def test_answer_of_the_component_is_handed_on_unchanged(name):
    adapter, answer = ask(name, GOOD[name])

    assert answer == GOOD[name]
    assert adapter.calls == 1
    assert adapter.refusals == (0 if name in ("runtime_engine", "msc") else 1)


@pytest.mark.covers("SE-15")
@pytest.mark.parametrize("name", ASKED)
def test_component_is_given_what_the_adapter_is_given(name):
    method, arguments = ASKED[name]
    heard = []

    class Mine:
        pass

    def answers(self, *given):
        heard.append(given)
        return GOOD[name]

    setattr(Mine, method, answers)
    getattr(ADAPTERS[name](Mine()), method)(*arguments)
    assert heard == [arguments]


@pytest.mark.covers("SE-11")
@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("runtime_engine", None, "give a list or a tuple of Signal"),
        ("runtime_engine", (each for each in [buy()]), "give a list or a tuple of Signal"),
        ("runtime_engine", ["buy"], "'buy': give a list of Signal"),
        ("runtime_engine", [buy("X")], "unknown symbol; there are A, B"),
        ("runtime_engine", [buy(hedge="X")], "unknown symbol; there are A, B"),
        ("runtime_engine", [buy(hedge="A")], "a symbol does not hedge itself"),
        ("runtime_engine", [buy(target=2)], "target is 1, 0 or -1"),
        ("runtime_engine", [buy(confidence="high")], "confidence is a number"),
        ("orchestrator", [buy()], "give two lists"),
        ("orchestrator", ([buy(confidence=0.8)], []), "was not given to it"),
        ("orchestrator", ([buy(), buy()], []), "or not as often"),
        ("orchestrator", ([], ["NO"]), "'NO': give a list of Refused"),
        ("portfolio_balancer", ([ORDER], None), "give a list or a tuple of Refused"),
        ("portfolio_balancer", ([replace(ORDER, signal=buy("B"))], []), "was not given to it"),
        ("portfolio_balancer", ([ORDER, ORDER], []), "or not as often"),
        ("portfolio_balancer", ([replace(ORDER, quantity=nan)], []), "finite numbers above 0"),
        ("portfolio_balancer", ([replace(ORDER, quantity=-1.0)], []), "finite numbers above 0"),
        ("portfolio_balancer", ([replace(ORDER, quantity=0)], []), "finite numbers above 0"),
        ("portfolio_balancer", ([replace(ORDER, stop=inf)], []), "finite numbers above 0"),
        ("portfolio_balancer", ([replace(ORDER, side="long")], []), "side is buy or sell"),
        ("portfolio_balancer", ([replace(PAIR, hedge_quantity=nan)], []), "the hedge's quantity"),
        ("portfolio_balancer", ([replace(PAIR, hedge_quantity=0.0)], []), "the hedge's quantity"),
        ("portfolio_balancer", ([replace(ORDER, hedge_quantity=1.0)], []), "there is no hedge"),
        ("risk_guard", True, "give why the order is refused, or ''"),
        ("risk_guard", None, "give why the order is refused, or ''"),
        ("safety_governor", True, "give a Stop, or None"),
        ("safety_governor", "stop", "give a Stop, or None"),
        ("msc", None, "give a Policy"),
        ("msc", {"risk": 1.0}, "give a Policy"),
        ("msc", Policy(risk=nan), "risk is nan"),
    ],
)
def test_wrong_answer_is_refused_with_component_bar_and_value(name, answer, said):
    with pytest.raises(UsageError, match=f"^{name} at bar 17 returned ") as error:
        ask(name, answer)
    assert said in str(error.value)


def test_store_that_hands_out_no_policy_is_refused():
    class Store:
        def load(self):
            return Policy(stop_bps=0)

        def save(self, policy):
            pass

    with pytest.raises(UsageError, match=r"policy_store returned Policy.*stop_bps is 0"):
        PolicyStoreAdapter(Store()).load()


@pytest.mark.covers("SE-11")
@pytest.mark.parametrize(
    ("name", "component", "said"),
    [
        (
            "runtime_engine",
            object(),
            "is a object without signals. Give an object with signals(view, account) or",
        ),
        ("policy_store", object(), "without load and save. Give an object with load() and save(policy)."),
        ("policy_store", lambda: POLICY, "without load and save"),
        ("event_bus", print, "without publish and subscribe"),
        (
            "runtime_engine",
            lambda view: [],
            "too many positional arguments. It is called as signals(view, account)",
        ),
        ("risk_guard", lambda order, view: "", "It is called as validate(order, view, account, policy)"),
        ("msc", lambda current, view, account, more: current, "missing a required argument: 'more'"),
        ("msc", type("Mine", (), {}), "is the class Mine. Hand over an object of it"),
        ("msc", 5, "is a int without policy"),
    ],
)
def test_component_that_does_not_fit_is_refused_when_it_is_made(name, component, said):
    with pytest.raises(UsageError) as error:
        ADAPTERS[name](component)
    assert str(error.value).startswith(name)
    assert said in str(error.value)


async def judges(view, account, policy):
    return None


class Judges:
    async def __call__(self, view, account, policy):
        return None


@pytest.mark.parametrize("component", [judges, Judges(), partial(judges)])
def test_async_component_is_refused(component):
    with pytest.raises(
        UsageError, match=r"is async. Make it a plain function: judge\(view, account, policy\)"
    ):
        SafetyGovernorAdapter(component)


def test_arguments_may_have_other_names_and_defaults():
    for fits in (lambda *_: None, lambda a, b, c=None: None, lambda a, b, c, d=1, **e: None):
        assert SafetyGovernorAdapter(fits).judge(VIEW, ACCOUNT, POLICY) is None


def test_method_goes_before_the_call():
    class Both:
        def __call__(self):
            raise AssertionError

        def judge(self, view, account, policy):
            return None

    assert SafetyGovernorAdapter(Both()).judge(VIEW, ACCOUNT, POLICY) is None


def test_error_of_a_component_says_whose_and_when():
    def fails(*_):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError) as error:
        RiskGuardAdapter(fails).validate(ORDER, VIEW, ACCOUNT, POLICY)
    assert error.value.__notes__ == ["risk_guard (function) at bar 17"]


def test_users_bus_hears_and_subscribes():
    class Bus:
        def __init__(self):
            self.said = []

        def publish(self, message):
            self.said.append(message)

        def subscribe(self, topic, listener):
            self.said.append(topic)

    adapter = EventBusAdapter(Bus())
    adapter.subscribe("bar", print)
    adapter.publish(Published("bar", 1, None))
    assert adapter.component.said == ["bar", Published("bar", 1, None)]
    assert adapter.calls == 2
