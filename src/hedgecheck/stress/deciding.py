"""How the eight components come to what is traded at the end of a bar: policy, stop, signals, sizes, orders.

A target of 0, or of the other side, leaves what a strategy holds; what is opened goes to the engine, whose
own gate has the last word. Everything is said on the bus.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from hedgecheck.stress.components.protocols import (
    AccountView,
    BarView,
    Components,
    Order,
    Policy,
    Published,
    Refused,
    Signal,
    Stop,
)
from hedgecheck.stress.models import ExecutionResult
from hedgecheck.stress.stressed import MarginRaise, RuntimeFault, ShortSaleBan
from hedgecheck.values import replace


class Trader(Protocol):
    """Whoever carries out what was decided."""

    def leave(self, signal: Signal) -> bool:
        """What the signal's strategy holds on another side is left; whether there was any."""

    def enter(self, order: Order) -> None:
        """The order becomes an intent of the engine's."""

    def pause(self) -> None:
        """What was left has time to go before anything is opened."""

    def stop(self, stop: Stop) -> None:
        """Trading stops."""


class Decisions:
    """The components at work. ``refusals``: what they did not let through, by reason. ``is_stopped``: the
    governor has stopped trading."""

    def __init__(self, components: Components, trader: Trader, plan: tuple[RuntimeFault, ...] = ()) -> None:
        self.refusals: Counter[str] = Counter()
        self.is_stopped = False
        self._components, self._trader = components, trader
        self._raises = [each for each in plan if isinstance(each, MarginRaise)]
        self._bans = [each for each in plan if isinstance(each, ShortSaleBan)]
        self._bar = 0

    def decide(self, view: BarView, account: AccountView) -> None:
        """All that follows from a bar."""
        self._bar = view.bar
        self._say("bar", view)
        policy = self._policy(view, account)
        if not self.is_stopped:
            self._judge(view, account, policy)
        signals = self._components.runtime_engine.signals(view, account)
        if not signals:
            return
        for each in signals:
            self._say("signal", each)
        selected, refused = self._components.orchestrator.select(signals, view, account, policy)
        self._refuse(refused)
        left = [self._trader.leave(each) for each in selected]
        wanted = [each for each in selected if each.target and not self.is_stopped]
        if not wanted:
            return
        if any(left):
            self._trader.pause()
        orders, refused = self._components.portfolio_balancer.size(wanted, view, account, policy)
        self._refuse(refused)
        for order in orders:
            self._enter(order, view, account, policy)

    def filled(self, bar: int, order: ExecutionResult) -> None:
        """An order was filled, or some of it."""
        self._components.event_bus.publish(Published("fill", bar, order))

    def _policy(self, view: BarView, account: AccountView) -> Policy:
        store = self._components.policy_store
        current = store.load()
        policy = self._components.msc.policy(current, view, account)
        if policy is not current and policy != current:
            store.save(policy)
            self._say("policy", policy)
        return self._forced(policy, view.bar) if self._raises or self._bans else policy

    def _forced(self, policy: Policy, bar: int) -> Policy:
        """The policy as far as the exchange lets it."""
        for each in self._raises:
            if each.window.holds(bar):
                policy = replace(
                    policy,
                    position_bps=int(policy.position_bps / each.factor),
                    gross_bps=int(policy.gross_bps / each.factor),
                )
        is_banned = any(each.window.holds(bar) for each in self._bans)
        return replace(policy, short_allowed=False) if is_banned else policy

    def _judge(self, view: BarView, account: AccountView, policy: Policy) -> None:
        stop = self._components.safety_governor.judge(view, account, policy)
        if stop is not None:
            self.is_stopped = True
            self._say("stop", stop)
            self._trader.stop(stop)

    def _enter(self, order: Order, view: BarView, account: AccountView, policy: Policy) -> None:
        reason = self._components.risk_guard.validate(order, view, account, policy)
        if reason:
            self._refuse([Refused("risk_guard", reason, order.signal)])
            return
        self._say("order", order)
        self._trader.enter(order)

    def _refuse(self, refused: Iterable[Refused]) -> None:
        for each in refused:
            self.refusals[each.reason] += 1
            self._say("refused", each)

    def _say(self, topic: str, payload: Any) -> None:
        self._components.event_bus.publish(Published(topic, self._bar, payload))
