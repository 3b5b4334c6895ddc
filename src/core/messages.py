"""Events, commands and ids: the observable boundary of the core.

Events are past tense, commands imperative, one frozen class each. Nothing here decides anything.
"""

from typing import Literal

from core.settings import Settings
from core.units import Lots, Money, Nanoseconds, Side, Ticks
from core.values import frozen

# ---- ids: functions of data, so that a restarted engine makes the same ones ------------------------

Slot = Literal["entry", "hedge", "flatten_a", "flatten_b"]
Purpose = Literal["leg_timeout", "query", "linger"]
BreakerKind = Literal["daily_loss", "manual"]


@frozen
class SignalId:
    """One intent of one strategy. Sequences of a strategy only rise."""

    strategy: str
    sequence: int


@frozen
class OrderId:
    """One attempt at one job of one trade. ``attempt`` rises only on proof that the last one is dead."""

    signal: SignalId
    slot: Slot
    attempt: int


@frozen
class TimerId:
    """A timer of a trade, or of one of its orders."""

    signal: SignalId
    purpose: Purpose
    order: OrderId | None = None


@frozen
class Fill:
    """One execution, known by the venue's trade id.

    ``fee_money`` is charged in the account currency, ``fee_lots`` in the bought asset itself.
    """

    trade_id: str
    quantity: Lots
    price: Ticks
    fee_money: Money = Money(0)
    fee_lots: Lots = Lots(0)


@frozen
class CodeTimerId:
    """Runs while the confirmation code for one link of one breaker's chain is good."""

    breaker: BreakerKind
    link: int


# ---- reasons -------------------------------------------------------------------------------------

Refusal = Literal[
    "DUPLICATE_SIGNAL",  # this id, or a later one of the strategy, was already answered
    "KEY_BUSY",  # the same pair and sides are being traded now
    "INVALID_SIGNAL",  # unknown symbol, one symbol twice, a number not positive, a stop on the wrong side
    "OFF_STEP",  # quantity or price not on the instrument's grid
    "BELOW_MINIMUM",  # a leg the venue would not take
    "PRICE_UNUSABLE",  # no current price to judge the trade by
    "HALTED",  # a breaker is tripped
    "RECOVERING",  # after a restart the fate of some order is not known yet
    "OPPOSING_POSITION",  # would be long and short one symbol at once
    "ORDER_SIZE",
    "TRADES_IN_FLIGHT",
    "POSITION_CAP",
    "GROSS_EXPOSURE",
    "HEAT",
]

Anomaly = Literal[
    "UNKNOWN_ORDER",
    "UNKNOWN_TIMER",
    "UNKNOWN_SYMBOL",
    "UNKNOWN_BREAKER",
    "UNEXPECTED_REPORT",  # no row of the order table
    "DUPLICATE_FILL",
    "UNKNOWN_FILL",  # a correction of a fill that was never reported
    "INVALID_VALUE",
    "OVERFILL",
    "INVALID_SETTINGS",
    "WRONG_CODE",
    "CODE_EXPIRED",
    "BREAKER_NOT_TRIPPED",
]

AlertKind = Literal["TRADE_PARKED", "ORDER_UNRESOLVED", "BREAKER_TRIPPED"]

Outcome = Literal["hedged", "flattened", "unfilled", "parked"]

FillGrade = Literal["complete", "partial", "severe", "none"]  # how much of leg A was filled

# ---- events --------------------------------------------------------------------------------------


@frozen
class SignalReceived:
    """A strategy wants to trade a pair. The strategy plans leg B; the trade only scales the plan.

    ``limit_price_a`` None is a market order. A stop None counts the full notional as risk.
    """

    signal: SignalId
    symbol_a: str
    side_a: Side
    quantity_a: Lots
    symbol_b: str
    side_b: Side
    quantity_b: Lots
    limit_price_a: Ticks | None = None
    stop_price_a: Ticks | None = None
    stop_price_b: Ticks | None = None


@frozen
class OrderAccepted:
    order: OrderId


@frozen
class OrderRejected:
    order: OrderId
    reason: str


@frozen
class OrderFilled:
    order: OrderId
    fill: Fill


@frozen
class FillCorrected:
    """The venue replaces a fill it reported, by trade id; quantity 0 busts it."""

    order: OrderId
    fill: Fill


@frozen
class OrderCanceled:
    """``cumulative`` is everything the venue ever filled of this order, reported or not."""

    order: OrderId
    cumulative: Lots


@frozen
class OrderExpired:
    """The remainder is gone: immediate-or-cancel, end of day, or "closed" with less than asked."""

    order: OrderId
    cumulative: Lots


@frozen
class OrderReplaced:
    order: OrderId
    quantity: Lots


@frozen
class CancelRejected:
    order: OrderId
    reason: str


@frozen
class ReplaceRejected:
    order: OrderId
    reason: str


@frozen
class OrderStatusReported:
    """The answer to a query. Failed, empty and stale answers are no evidence of anything.

    ``status`` and ``fills`` mean something only when ``answer`` is found.
    """

    order: OrderId
    answer: Literal["found", "not_found", "failed", "empty", "stale"]
    status: Literal["open", "closed", "canceled", "expired", "rejected"] = "open"
    fills: tuple[Fill, ...] = ()


@frozen
class RequestOutcomeUnknown:
    """A request left and no readable answer came: it may or may not have happened."""

    order: OrderId
    request: Literal["submit", "cancel", "replace", "query"]


@frozen
class PriceMoved:
    symbol: str
    price: Ticks


@frozen
class PriceUnusable:
    """NaN, infinite, missing, negative or stale: the price is not known."""

    symbol: str


@frozen
class TimerFired:
    timer: TimerId | CodeTimerId


@frozen
class SessionChanged:
    """A new session day of the exchange's calendar begins; ``day`` is its ordinal."""

    day: int


@frozen
class SettingsChanged:
    settings: Settings


@frozen
class Restarted:
    """The process is up again; the state is the fold of every event that was stored before it went down."""


@frozen
class BreakerTripRequested:
    """A person halts trading."""


@frozen
class BreakerResetRequested:
    """A person resets one breaker with its confirmation code, 32 bytes as hex."""

    breaker: BreakerKind
    code: str


OrderEvent = (
    OrderAccepted
    | OrderRejected
    | OrderFilled
    | FillCorrected
    | OrderCanceled
    | OrderExpired
    | OrderReplaced
    | CancelRejected
    | ReplaceRejected
    | OrderStatusReported
    | RequestOutcomeUnknown
)

Event = (
    SignalReceived
    | OrderEvent
    | PriceMoved
    | PriceUnusable
    | TimerFired
    | SessionChanged
    | SettingsChanged
    | Restarted
    | BreakerTripRequested
    | BreakerResetRequested
)


@frozen
class EntriesHalted:
    """Inside the engine only: a breaker tripped, so resting entry orders must go."""


TradeEvent = SignalReceived | OrderEvent | TimerFired | Restarted | EntriesHalted

# ---- commands ------------------------------------------------------------------------------------


@frozen
class SubmitOrder:
    """``limit_price`` None is a market order. ``reduce_only`` may never grow or flip a position."""

    order: OrderId
    symbol: str
    side: Side
    quantity: Lots
    limit_price: Ticks | None
    reduce_only: bool


@frozen
class CancelOrder:
    order: OrderId


@frozen
class QueryOrder:
    order: OrderId


@frozen
class StartTimer:
    timer: TimerId | CodeTimerId
    duration: Nanoseconds


@frozen
class StopTimer:
    timer: TimerId | CodeTimerId


@frozen
class RefuseSignal:
    signal: SignalId
    reason: Refusal


@frozen
class EndTrade:
    """The call returns. Only outcome "hedged" is a success. Dust is what no order could move, per leg."""

    signal: SignalId
    outcome: Outcome
    entry_fill: FillGrade
    dust_a: Lots
    dust_b: Lots


@frozen
class RaiseAlert:
    """A person must look. ``subject`` is the trade, or the breaker with the code link that resets it."""

    kind: AlertKind
    subject: SignalId | tuple[BreakerKind, int]


@frozen
class ReportAnomaly:
    """Something arrived that ought not to. Only fills are taken in all the same: they are money."""

    reason: Anomaly
    event: Event


Command = (
    SubmitOrder
    | CancelOrder
    | QueryOrder
    | StartTimer
    | StopTimer
    | RefuseSignal
    | EndTrade
    | RaiseAlert
    | ReportAnomaly
)
