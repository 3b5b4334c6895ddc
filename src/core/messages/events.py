"""Events: what the engine is told, past tense, one frozen class each."""

from typing import Literal

from core.messages.ids import AnyTimerId, BreakerName, Fill, OrderId, SignalId
from core.messages.reasons import Adjustment
from core.sessions import SessionPhase
from core.settings import Settings
from core.units import BasisPoints, Lots, Money, Side, Ticks
from core.values import frozen


@frozen
class SignalReceived:
    """A strategy wants to trade a pair. The strategy plans leg B; the trade only scales the plan. With
    ``quantity_b`` 0 it wants leg A alone, and nothing else that is said of leg B is looked at.

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
    """The order now stands for ``quantity`` lots in all, what was filled before included."""

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

    ``status``, ``fills`` and ``quantity`` mean something only when ``answer`` is found; a venue that does not
    say for how many lots the order stands now reports None.
    """

    order: OrderId
    answer: Literal["found", "not_found", "failed", "empty", "stale"]
    status: Literal["open", "closed", "canceled", "expired", "rejected"] = "open"
    fills: tuple[Fill, ...] = ()
    quantity: Lots | None = None


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
    timer: AnyTimerId


@frozen
class SessionChanged:
    """The exchange's calendar goes on: a new day, or another phase of this one. ``day`` is its ordinal.

    A market that never closes is always in its regular phase. A weekend or a holiday comes closed.
    """

    day: int
    phase: SessionPhase = "regular"


@frozen
class TradingHalted:
    """The venue takes no new orders in these symbols, or in none at all where there are none named: a limit
    up-limit down pause, a regulatory halt, a market-wide circuit breaker."""

    symbols: tuple[str, ...] = ()


@frozen
class TradingResumed:
    """A halt of these symbols is over; that of the whole market where there are none named. A symbol that was
    halted by name stays so until it is resumed by name."""

    symbols: tuple[str, ...] = ()


@frozen
class SettingsChanged:
    settings: Settings


@frozen
class EntryChangeRequested:
    """A strategy wants its resting entry order at another limit price."""

    signal: SignalId
    limit_price: Ticks


@frozen
class ExitRequested:
    """A strategy wants out of a trade: what works of it goes, and what it holds is closed at the market."""

    signal: SignalId


@frozen
class CorrelationReported:
    """How two symbols move together now, -10_000 to 10_000 bps; None where it is not known."""

    symbol_a: str
    symbol_b: str
    correlation: BasisPoints | None


@frozen
class MetricReported:
    """The value of a metric that a custom breaker watches; None where it is unusable."""

    name: str
    value: int | None


@frozen
class LiquidityReported:
    """What the book of a symbol shows now, and how it trades in a day; None where it is not known.

    ``bid_depth`` and ``ask_depth``: lots near the best price; ``spread``: ask less bid; ``volume``: lots a
    day; ``volatility``: standard deviation of a day's return.
    """

    symbol: str
    bid_depth: Lots | None = None
    ask_depth: Lots | None = None
    spread: Ticks | None = None
    volume: Lots | None = None
    volatility: BasisPoints | None = None


@frozen
class CashMoved:
    """A deposit, or a withdrawal where ``amount`` is negative: neither profit nor loss."""

    amount: Money


@frozen
class PositionAdjusted:
    """For the audit: lots are the account's, or are not any more, that no order of a trade here made.

    ``lots`` signed as bought or sold; they are booked as a fill at ``price``, fees included. ``trade_id``:
    the venue's, empty where none is known. ``signal``: the trade that held what was closed; else they belong
    to no trade.
    """

    symbol: str
    lots: int
    price: Ticks
    reason: Adjustment
    fee_money: Money = Money(0)
    fee_lots: Lots = Lots(0)
    trade_id: str = ""
    signal: SignalId | None = None


@frozen
class OrderDoubted:
    """What the venue lists of an order is not what is known of it here: it is to be asked about."""

    order: OrderId


@frozen
class HighWaterMarkRebased:
    """A person decides that drawdown is measured from the present equity on."""


@frozen
class Restarted:
    """The process is up again; the state is the fold of every event that was stored before it went down."""


@frozen
class BreakerTripRequested:
    """A person halts trading, or the shell does until a person has answered what it asks."""


@frozen
class BreakerResetRequested:
    """A person resets one breaker with its confirmation code, 32 bytes as hex."""

    breaker: BreakerName
    code: str


@frozen
class SignalsReceived:
    """Strategies want to trade at one moment: what opposes one another may be netted."""

    signals: tuple[SignalReceived, ...]


@frozen
class RebalanceRequested:
    """Capital is to move between strategies: ``targets`` in bps of all by name, each strategy once, sorted;
    what they leave of the whole is in reserve. Without any: the budgets of the settings."""

    targets: tuple[tuple[str, BasisPoints], ...] = ()


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
    | TradingHalted
    | TradingResumed
    | SettingsChanged
    | EntryChangeRequested
    | ExitRequested
    | CorrelationReported
    | MetricReported
    | LiquidityReported
    | CashMoved
    | PositionAdjusted
    | OrderDoubted
    | HighWaterMarkRebased
    | Restarted
    | BreakerTripRequested
    | BreakerResetRequested
    | SignalsReceived
    | RebalanceRequested
)


@frozen
class EntriesHalted:
    """Inside the engine only: a breaker tripped, so resting entry orders must go."""


@frozen
class LiquidationOrdered:
    """Inside the engine only: a critical breaker tripped, so nothing is hedged any more and all must go."""


@frozen
class TradePaused:
    """Inside the engine only: nothing but cancels may leave for this trade."""


@frozen
class TradeResumed:
    """Inside the engine only: orders of this trade that lower risk may leave again."""


TradeEvent = (
    SignalReceived
    | OrderEvent
    | TimerFired
    | Restarted
    | EntryChangeRequested
    | ExitRequested
    | OrderDoubted
    | PositionAdjusted
    | EntriesHalted
    | LiquidationOrdered
    | TradePaused
    | TradeResumed
)
