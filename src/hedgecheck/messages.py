"""The kit's wire vocabulary: requests to a venue, reports from it, and the records of what happened.

Amounts are int lots, prices int ticks, money int minor units, durations int nanoseconds. The kit has words
of its own; ``hedgecheck.drive`` maps an engine's words onto these.
"""

from typing import Literal

from hedgecheck import intents
from hedgecheck.values import frozen

Intent = intents.Intent
Side = intents.Side
Answer = Literal["found", "not_found", "failed", "empty", "stale"]
OrderStatus = Literal["open", "closed", "canceled", "expired", "rejected"]
Listing = Literal["open_orders", "orders", "fills", "positions", "balance"]
SessionPhase = Literal["pre_market", "regular", "closing", "after_hours", "closed"]


# ---- requests: engine to venue --------------------------------------------------------------------


@frozen
class CreateOrder:
    """``price`` None is a market order; ``immediate`` cancels what does not fill at once (IOC).
    ``idempotent``: the venue has promised to take no second order of this client order id. With a
    ``stop_price`` it waits until the market is at that price or beyond, above it to buy and below to sell."""

    client_order_id: str
    symbol: str
    side: Side
    amount: int
    price: int | None = None
    reduce_only: bool = False
    immediate: bool = False
    intent: str | None = None
    idempotent: bool = False
    stop_price: int | None = None


@frozen
class ReplaceOrder:
    """Changes an open order to ``amount`` lots in all, what was filled before included; a price that is None
    stays as it was."""

    client_order_id: str
    amount: int
    price: int | None = None
    stop_price: int | None = None


@frozen
class CancelOrder:
    client_order_id: str


@frozen
class FetchOrder:
    client_order_id: str


Request = CreateOrder | CancelOrder | FetchOrder | ReplaceOrder

# ---- reports: venue to engine ---------------------------------------------------------------------


@frozen
class Accepted:
    client_order_id: str


@frozen
class Rejected:
    client_order_id: str
    reason: str


@frozen
class Filled:
    """One execution. ``fee_lots`` is a fee taken in the bought asset itself."""

    client_order_id: str
    trade_id: str
    symbol: str
    side: Side
    amount: int
    price: int
    fee_money: int = 0
    fee_lots: int = 0


@frozen
class Canceled:
    """``filled`` is everything that was ever filled of the order."""

    client_order_id: str
    filled: int


@frozen
class Expired:
    """The remainder is gone without a cancel; ccxt shows such an order as closed."""

    client_order_id: str
    filled: int


@frozen
class CancelRefused:
    client_order_id: str
    reason: str


@frozen
class Replaced:
    """The order now stands for ``amount`` lots in all, and is over where that is no more than is filled."""

    client_order_id: str
    amount: int


@frozen
class ReplaceRefused:
    """The order is what it was."""

    client_order_id: str
    reason: str


@frozen
class Status:
    """The answer to one query. Only ``found`` says anything about the order; ``amount``: the lots in all for
    which it stands then, None where the venue does not say."""

    client_order_id: str
    answer: Answer
    status: OrderStatus = "open"
    fills: tuple[Filled, ...] = ()
    amount: int | None = None


@frozen
class Price:
    symbol: str
    price: int


@frozen
class BadPrice:
    """A price nobody can trade by, as it stood in the message: "nan", "inf", "none", "-1", "0"."""

    symbol: str
    raw: str


@frozen
class BookShown:
    """The best of an order book: lots that stand at the best bid and at the best ask, and the ticks between
    them, None where a side is empty. ``volume`` in lots and ``volatility_bps`` are of a day, None where the
    venue does not say."""

    symbol: str
    bid_depth: int
    ask_depth: int
    spread: int | None
    volume: int | None = None
    volatility_bps: int | None = None


OrderReport = (
    Accepted | Rejected | Filled | Canceled | Expired | CancelRefused | Status | Replaced | ReplaceRefused
)
Report = OrderReport | Price | BadPrice | BookShown
QUOTES = (Price, BadPrice, BookShown)  # about a symbol; the rest is about an order

# answers to a request; the rest is streamed
REPLIES = (Accepted, Rejected, Canceled, CancelRefused, Status, Replaced, ReplaceRefused)

# ---- what an engine is told besides reports, and what it says besides requests --------------------


@frozen
class OutcomeUnknown:
    """A request got no readable answer in time."""

    client_order_id: str
    request: Literal["create", "cancel", "fetch", "replace"]


@frozen
class TimerFired:
    timer: str


@frozen
class Halt:
    """A person halts trading: from now on nothing may be opened."""


@frozen
class NewDay:
    """The exchange's calendar goes on: a session day begins, or another phase of it; ``day`` is its number.
    One that comes closed is a weekend or a holiday, and no session."""

    day: int
    phase: SessionPhase = "regular"


@frozen
class TradingHalted:
    """The venue takes no new order in these symbols; in none at all where there are none named."""

    symbols: tuple[str, ...] = ()


@frozen
class TradingResumed:
    """It does again. A halt of the whole market ends where there are none named; a symbol that was halted by
    name is resumed by name."""

    symbols: tuple[str, ...] = ()


@frozen
class Batch:
    """Strategies want all of these at one moment: what opposes in them may be netted."""

    intents: tuple[Intent, ...]


@frozen
class EntryChange:
    """The strategy wants the entry order of an intent at another limit price."""

    intent: str
    price: int


@frozen
class Exit:
    """The strategy wants out of an intent: what works for it goes, and what it holds is closed."""

    intent: str


@frozen
class Rebalance:
    """Capital is to move between strategies: ``targets``, each one's share of all in bps, sorted by name."""

    targets: tuple[tuple[str, int], ...]


@frozen
class CashFlow:
    """Cash was deposited, or withdrawn where ``amount`` is negative: it is neither profit nor loss."""

    amount: int


@frozen
class Restarted:
    """The engine's process is up again, with the state that it had stored."""


@frozen
class StartTimer:
    timer: str
    duration_ns: int


@frozen
class StopTimer:
    timer: str


@frozen
class Returned:
    """The call that carried an intent returns. True only when it ended hedged: of one leg, filled."""

    intent: str
    success: bool
    reason: str


@frozen
class Alert:
    """A person must look; ``subject`` is an intent or a breaker."""

    subject: str
    reason: str


@frozen
class Anomaly:
    """The engine was told something it had no answer for, and said so."""

    reason: str
    about: str


@frozen
class CapitalAssigned:
    """The engine says how much a strategy has got from others in all, less what went to them; an empty name
    is the reserve. It may say so again."""

    strategy: str
    amount: int


Calendar = NewDay | TradingHalted | TradingResumed
Wish = Batch | EntryChange | Exit | Rebalance
Happening = OutcomeUnknown | TimerFired | Halt | Calendar | Wish | CashFlow | Restarted
EngineEvent = Intent | Report | Happening
Statement = StartTimer | StopTimer | Returned | Alert | Anomaly | CapitalAssigned
EngineCommand = Request | Statement

# ---- records: what happened, for observers and readers --------------------------------------------
# A report as a record is the venue's own ledger entry; ``Told`` says that the engine has now heard it.


@frozen
class Signaled:
    intent: Intent


@frozen
class Sent:
    """The engine handed a request to the wire."""

    request: Request


@frozen
class Lost:
    """The request never reaches the venue."""

    request: Request


@frozen
class Arrived:
    """The venue has the request."""

    request: Request


@frozen
class Told:
    report: Report


@frozen
class Overheard:
    """The engine is told of an order that somebody else has on the account."""

    report: Report


@frozen
class Listed:
    """The engine was shown a list; ``orders`` are client order ids, and ``symbol`` None asked for all."""

    what: Listing
    symbol: str | None
    orders: tuple[str, ...] = ()


@frozen
class Spent:
    """A fault struck; ``what`` says which and at what, in words."""

    fault: str
    what: str


@frozen
class Crashed:
    """The engine raised; ``error`` is the exception in one line."""

    error: str


Observed = Signaled | Sent | Lost | Arrived | Told | Overheard | Listed | Spent | Crashed
Record = Report | Happening | Statement | Observed
