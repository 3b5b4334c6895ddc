"""Commands: what the engine wants done, imperative, one frozen class each."""

from core.messages.events import Event
from core.messages.ids import AnyTimerId, BreakerName, OrderId, SignalId
from core.messages.reasons import AlertKind, Anomaly, FillGrade, Outcome, Refusal
from core.units import Lots, Money, Nanoseconds, Side, Ticks
from core.values import frozen


@frozen
class SubmitOrder:
    """``limit_price`` None is a market order. ``reduce_only`` may never grow or flip a position. With a
    ``stop_price`` the order waits until the market is at that price or beyond it."""

    order: OrderId
    symbol: str
    side: Side
    quantity: Lots
    limit_price: Ticks | None
    reduce_only: bool
    stop_price: Ticks | None = None


@frozen
class ReplaceOrder:
    """Changes a working order to ``quantity`` lots in all, what was filled before included."""

    order: OrderId
    quantity: Lots
    limit_price: Ticks | None
    stop_price: Ticks | None = None


@frozen
class CancelOrder:
    order: OrderId


@frozen
class QueryOrder:
    order: OrderId


@frozen
class StartTimer:
    timer: AnyTimerId
    duration: Nanoseconds


@frozen
class StopTimer:
    timer: AnyTimerId


@frozen
class RefuseSignal:
    signal: SignalId
    reason: Refusal


@frozen
class EndTrade:
    """The call returns. Only outcome "hedged" is a success; of one leg it says that something was filled.
    Dust is what no order could move, per leg."""

    signal: SignalId
    outcome: Outcome
    entry_fill: FillGrade
    dust_a: Lots
    dust_b: Lots


@frozen
class RaiseAlert:
    """A person must look. ``subject`` is the trade, or the breaker with the code link that resets it, or with
    the share of its limits in bps, the strategy with the capital that it owes, or the symbol with lots that
    were taken over."""

    kind: AlertKind
    subject: SignalId | tuple[BreakerName | str, int]


@frozen
class ReportAnomaly:
    """Something arrived that ought not to. Only fills are taken in all the same: they are money."""

    reason: Anomaly
    event: Event


@frozen
class AssignCapital:
    """A strategy has got ``amount`` from others in all, less what went to them; an empty name is the reserve.
    It is no change but a sum, and may be said again."""

    strategy: str
    amount: Money


Command = (
    SubmitOrder
    | ReplaceOrder
    | CancelOrder
    | QueryOrder
    | StartTimer
    | StopTimer
    | RefuseSignal
    | EndTrade
    | RaiseAlert
    | ReportAnomaly
    | AssignCapital
)
