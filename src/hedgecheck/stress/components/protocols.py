"""The eight components of a trading system, as the executor meets them; each can be a user's own.

At each bar, in this order: the market's bar is published on the bus; the policy controller (MSC) sets the
policy; the governor says whether trading stops; the runtime engine makes signals; the orchestrator filters
them; the balancer gives them a size; the guard has the last word before the engine. The engine's own gate
judges every intent after that. A component is told what is known at the end of the bar, never more.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from hedgecheck.messages import Side
from hedgecheck.values import frozen


@frozen
class Quote:
    """One symbol at the end of a bar, as the feed shows it. ``usable`` False: the bar was flagged, the price
    is the last one that could be used, and nothing may be opened by it."""

    symbol: str
    price: float
    high: float
    low: float
    volume: float
    spread_bps: float
    usable: bool


@frozen
class BarView:
    """A bar of all symbols. ``bar`` counts from 0; ``time_ns`` is its end."""

    bar: int
    time_ns: int
    quotes: tuple[Quote, ...]


@frozen
class Holding:
    """What one intent holds: ``quantity`` of ``symbol``, negative is short; ``hedge`` is the other symbol or
    empty. ``strategy`` asked for it. ``quantity`` 0: an entry is under way, and nothing of it is filled."""

    intent: str
    strategy: str
    symbol: str
    hedge: str
    quantity: float


@frozen
class AccountView:
    """The account at the end of a bar, counted from the venue's fills, in money. ``peak``: the highest equity
    so far; ``day_start``: that at the start of the day. ``holdings``: every intent that holds something or
    has an entry under way. ``pending``: those intents that are under way, in or out. ``tripped``: breakers of
    the engine. ``failures`` of ``orders``: requests that failed, of those sent."""

    equity: float
    cash: float
    peak: float
    day_start: float
    gross: float
    heat: float
    holdings: tuple[Holding, ...]
    pending: tuple[str, ...]
    tripped: tuple[str, ...]
    orders: int
    failures: int
    flagged_bars: int


@frozen
class Policy:
    """What is allowed now. ``risk``: part of the usual size, 0 opens nothing. ``confidence_min``: signals
    below it are passed over. ``positions_max``: intents held at once; ``position_bps`` and ``gross_bps`` of
    the equity. ``short_allowed``: whether anything may be sold short."""

    risk: float = 1.0
    confidence_min: float = 0.5
    positions_max: int = 8
    position_bps: int = 1_800
    gross_bps: int = 8_000
    stop_bps: int = 500
    short_allowed: bool = True


@frozen
class Signal:
    """What a strategy wants: ``target`` 1 long, -1 short, 0 out, of ``symbol`` against ``hedge`` (empty: of
    one symbol alone). ``confidence`` from 0 to 1. Where the strategy holds the opposite it says 0 first, and
    what it wants then when it holds nothing."""

    strategy: str
    symbol: str
    target: int
    confidence: float
    hedge: str = ""


@frozen
class Order:
    """A signal with a size, in units of the symbol; ``hedge_quantity`` 0 where there is no hedge. The stops
    are prices; without one all of a leg is at risk."""

    signal: Signal
    side: Side
    quantity: float
    hedge_quantity: float
    stop: float | None
    hedge_stop: float | None


@frozen
class Refused:
    """A signal or an order that a component did not let through, and why: a word in capitals."""

    component: str
    reason: str
    signal: Signal


@frozen
class Stop:
    """The governor stops trading. ``liquidate``: what is held is to be left, too."""

    kind: str
    why: str
    liquidate: bool = False


@frozen
class Published:
    """What is said on the bus at which bar. The payload by ``topic``: ``bar`` the ``BarView``, ``signal`` the
    ``Signal``, ``refused`` the ``Refused``, ``order`` the ``Order``, ``stop`` the ``Stop``, ``policy`` the
    ``Policy``, ``fill`` the ``ExecutionResult`` of the order that was filled, so far; ``listener_failed``,
    which the bus itself says, a ``ListenerFailed``."""

    topic: str
    bar: int
    payload: Any


@frozen
class ListenerFailed:
    """A listener of ``topic`` raised ``error``. The others heard the message all the same."""

    topic: str
    listener: str
    error: str


class RuntimeEngine(Protocol):
    """Makes signals."""

    def signals(self, view: BarView, account: AccountView) -> Sequence[Signal]:
        """What its strategies want at the end of this bar."""


class Orchestrator(Protocol):
    """Filters signals."""

    def select(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Signal], Sequence[Refused]]:
        """Those that go on, and those that do not."""


class PortfolioBalancer(Protocol):
    """Gives signals a size that keeps to the constraints of the portfolio."""

    def size(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Order], Sequence[Refused]]:
        """Orders for what may be opened; a target of 0 needs none and is not given to it."""


class RiskGuard(Protocol):
    """Validates an order before the trade."""

    def validate(self, order: Order, view: BarView, account: AccountView, policy: Policy) -> str:
        """Empty: it may go to the engine; else why not, a word in capitals."""


class SafetyGovernor(Protocol):
    """Stops trading in an emergency."""

    def judge(self, view: BarView, account: AccountView, policy: Policy) -> Stop | None:
        """A stop, or None; asked at the end of each bar until it has stopped."""


class MSC(Protocol):
    """The meta strategy controller: sets the policy."""

    def policy(self, current: Policy, view: BarView, account: AccountView) -> Policy:
        """The policy from this bar on."""


class PolicyStore(Protocol):
    """Keeps the global configuration."""

    def load(self) -> Policy:
        """The policy that holds now."""

    def save(self, policy: Policy) -> None:
        """That policy holds from now on."""


class EventBus(Protocol):
    """Distributes what happens."""

    def publish(self, message: Published) -> None:
        """Tells all that listen to its topic."""

    def subscribe(self, topic: str, listener: Callable[[Published], None]) -> None:
        """From now on ``listener`` hears that topic; ``*`` is every topic."""


@frozen
class Components:
    """All eight."""

    runtime_engine: RuntimeEngine
    orchestrator: Orchestrator
    risk_guard: RiskGuard
    portfolio_balancer: PortfolioBalancer
    safety_governor: SafetyGovernor
    msc: MSC
    policy_store: PolicyStore
    event_bus: EventBus


Configuration = Mapping[str, Any]
