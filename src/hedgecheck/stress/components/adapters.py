"""The eight adapters: a user's own component in, what the executor calls out.

Each takes an object with the methods of its protocol, or a plain callable of the same arguments where that is
one method. It refuses what does not fit when it is made, and a wrong answer at the bar at which it is given
(``UsageError``). It changes nothing, and counts ``calls`` and ``refusals``: signals and orders that were not
let through, stops of the governor. An error that the component raises passes with a note of where it was.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from hedgecheck.errors import UsageError
from hedgecheck.stress.components.checking import (
    halves,
    items,
    order_checked,
    refuse,
    signal_checked,
    subset_checked,
)
from hedgecheck.stress.components.fitting import fitted
from hedgecheck.stress.components.policy_store import checked
from hedgecheck.stress.components.protocols import (
    MSC,
    AccountView,
    BarView,
    EventBus,
    Orchestrator,
    Order,
    Policy,
    PolicyStore,
    PortfolioBalancer,
    Published,
    Refused,
    RiskGuard,
    RuntimeEngine,
    SafetyGovernor,
    Signal,
    Stop,
)


class Adapter:
    """What all eight do. ``component`` is the user's."""

    name: ClassVar[str]
    protocol: ClassVar[type]

    def __init__(self, component: Any) -> None:
        self.component = component
        self.calls = self.refusals = 0
        self._methods = fitted(self.name, component, self.protocol)
        self._method = self._methods[0]

    def _ask(self, bar: int, *arguments: Any) -> Any:
        self.calls += 1
        try:
            return self._method(*arguments)
        except Exception as error:
            error.add_note(f"{self.name} ({type(self.component).__name__}) at bar {bar}")
            raise


class RuntimeEngineAdapter(Adapter):
    """Of a runtime engine: ``signals(view, account)``."""

    name, protocol = "runtime_engine", RuntimeEngine

    def signals(self, view: BarView, account: AccountView) -> Sequence[Signal]:
        """See ``RuntimeEngine``. ``UsageError`` for a signal of no symbol of the bar, or of no target."""
        found = items(self.name, view.bar, self._ask(view.bar, view, account), Signal)
        for each in found:
            signal_checked(self.name, view, each)
        return found


class OrchestratorAdapter(Adapter):
    """Of an orchestrator: ``select(signals, view, account, policy)``."""

    name, protocol = "orchestrator", Orchestrator

    def select(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Signal], Sequence[Refused]]:
        """See ``Orchestrator``. ``UsageError`` for a signal that was not given to it."""
        answer = self._ask(view.bar, signals, view, account, policy)
        passed, refused = halves(self.name, view.bar, answer, Signal)
        if passed:
            subset_checked(self.name, view.bar, passed, signals)
        self.refusals += len(refused)
        return passed, refused


class PortfolioBalancerAdapter(Adapter):
    """Of a balancer: ``size(signals, view, account, policy)``."""

    name, protocol = "portfolio_balancer", PortfolioBalancer

    def size(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Order], Sequence[Refused]]:
        """See ``PortfolioBalancer``. ``UsageError`` for an amount that is not above 0 or no number, and for
        an order of a signal that was not given to it."""
        answer = self._ask(view.bar, signals, view, account, policy)
        orders, refused = halves(self.name, view.bar, answer, Order)
        for each in orders:
            order_checked(self.name, view, each, signals)
        if orders:
            subset_checked(self.name, view.bar, [each.signal for each in orders], signals)
        self.refusals += len(refused)
        return orders, refused


class RiskGuardAdapter(Adapter):
    """Of a guard: ``validate(order, view, account, policy)``."""

    name, protocol = "risk_guard", RiskGuard

    def validate(self, order: Order, view: BarView, account: AccountView, policy: Policy) -> str:
        """See ``RiskGuard``. ``UsageError`` for an answer that is no text: True would be an order let through
        by some and refused by others."""
        answer = self._ask(view.bar, order, view, account, policy)
        if not isinstance(answer, str):
            raise refuse(self.name, view.bar, answer, "give why the order is refused, or '' where it is not")
        self.refusals += bool(answer)
        return answer


class SafetyGovernorAdapter(Adapter):
    """Of a governor: ``judge(view, account, policy)``."""

    name, protocol = "safety_governor", SafetyGovernor

    def judge(self, view: BarView, account: AccountView, policy: Policy) -> Stop | None:
        """See ``SafetyGovernor``. ``UsageError`` for what is neither a stop nor None."""
        answer = self._ask(view.bar, view, account, policy)
        if answer is None:
            return None
        if not isinstance(answer, Stop):
            raise refuse(self.name, view.bar, answer, "give a Stop, or None to go on")
        self.refusals += 1
        return answer


class MSCAdapter(Adapter):
    """Of a policy controller: ``policy(current, view, account)``."""

    name, protocol = "msc", MSC

    def policy(self, current: Policy, view: BarView, account: AccountView) -> Policy:
        """See ``MSC``. ``UsageError`` for what is no policy, or one with a number that makes no sense."""
        answer = self._ask(view.bar, current, view, account)
        return current if answer is current else _policy(self.name, f" at bar {view.bar}", answer)


class PolicyStoreAdapter(Adapter):
    """Of a policy store: ``load()`` and ``save(policy)``."""

    name, protocol = "policy_store", PolicyStore

    def __init__(self, component: Any) -> None:
        super().__init__(component)
        self._load, self._save = self._methods
        self._known: Policy | None = None

    def load(self) -> Policy:
        """See ``PolicyStore``. ``UsageError`` for what is no policy, or one with a number that makes no
        sense."""
        self.calls += 1
        answer = self._load()
        if self._known is None or answer is not self._known:
            self._known = _policy(self.name, "", answer)
        return self._known

    def save(self, policy: Policy) -> None:
        """See ``PolicyStore``."""
        self.calls += 1
        self._save(policy)


class EventBusAdapter(Adapter):
    """Of a bus: ``publish(message)`` and ``subscribe(topic, listener)``."""

    name, protocol = "event_bus", EventBus

    def __init__(self, component: Any) -> None:
        super().__init__(component)
        self._publish, self._subscribe = self._methods

    def publish(self, message: Published) -> None:
        """See ``EventBus``."""
        self._ask(message.bar, message)

    def subscribe(self, topic: str, listener: Callable[[Published], None]) -> None:
        """See ``EventBus``."""
        self.calls += 1
        self._subscribe(topic, listener)


def _policy(name: str, where: str, answer: Any) -> Policy:
    """An answer that is a policy with numbers that make sense."""
    if not isinstance(answer, Policy):
        raise UsageError(f"{name}{where} returned {answer!r}: give a Policy.")
    try:
        return checked(answer)
    except UsageError as error:
        raise UsageError(f"{name}{where} returned {answer!r}: {error}") from error
