"""What the contracts make of plain numbers: CrossHair does not make a ``Literal``, so an index names one.

Nothing here starts with an assert, or CrossHair would take it for a contract.
"""

from typing import Any, get_args

from core import lifecycle, orders, risk
from core.clusters import Clusters
from core.messages import Fill, OrderEvent, OrderFilled, OrderId, Refusal, SignalId
from core.orders import Order
from core.risk import NOTHING, Contribution, Intent, Summary, decide
from core.settings import Instrument, Limits
from core.trade import Leg
from core.units import Money, notional
from core.values import replace

SIDES = ("buy", "sell")
SYMBOLS = ("A", "B")
PHASES = get_args(lifecycle.Phase)
FINAL = ("filled", "canceled", "expired", "rejected")  # not "absent": that only says what the venue knows
REQUESTS = ("submit", "cancel", "replace", "query")
CONFIRMATIONS = 3

SIGNAL = SignalId("strategy", 1)
ID = OrderId(SIGNAL, "entry", 1)

ENOUGH = 10**30
MUCH = 10**20  # money that even an equity of 1 may stand for, at limits that are ENOUGH
WIDE = Limits(
    ENOUGH,
    ENOUGH,
    ENOUGH,
    ENOUGH,
    ENOUGH,
    strategy_bps=ENOUGH,
    net_bps=ENOUGH,
    leverage_bps=ENOUGH,
    cluster_bps=ENOUGH,
    collar_bps=ENOUGH,
    order_notional=ENOUGH,
)
INSTRUMENT = Instrument("A")
EXIT_COST_BPS = 10


def working(quantity: int, filled: int, phase: int) -> Order:
    """An order in that phase, whose ``filled`` lots are one fill, or none where it is 0."""
    fills = (Fill("first", filled, 1),) if filled else ()
    return Order(ID, "A", "buy", quantity, None, PHASES[phase], filled=filled, reported=filled, fills=fills)


def filled_by(trade_id: str, quantity: int) -> OrderFilled:
    """The report of that many lots at a price of 1."""
    return OrderFilled(ID, Fill(trade_id, quantity, 1))


def booked(order: Order, *events: OrderEvent) -> Order:
    """The order after all of these."""
    for event in events:
        order, _ = orders.book(order, event, CONFIRMATIONS)
    return order


def long_in(symbol: str, in_flight: int, gross: int, heat: int, lots: int) -> Contribution:
    """A contribution that is long in one symbol."""
    return Contribution(in_flight, gross, heat, ((symbol, lots, 0, gross),))


def wide(**tight: int) -> Limits:
    """Limits that only these can exceed."""
    changes: Any = tight
    return replace(WIDE, **changes)


def reason(
    total: Contribution,
    adds: Contribution,
    limits: Limits,
    largest_order: int = 1,
    equity: int | None = 1,
    clusters: Clusters = (),
) -> Refusal | None:
    """Why the gate refuses one intent, or None, where nothing is halted or recovering."""
    summary = Summary(equity, False, total, False, clusters)
    (decision,) = decide(summary, limits, (Intent(SIGNAL, adds, largest_order),))
    return decision.reason


def ordered(notional: int, limit: int | None, market: int, limits: Limits, tokens: int = 1) -> Refusal | None:
    """Why the gate refuses an intent for its order alone; it adds nothing."""
    asked = Intent(SIGNAL, NOTHING, 1, notional, limit, market)
    (decision,) = decide(Summary(1, False, tokens=tokens), limits, (asked,))
    return decision.reason


def leg(side: str, price: int, stop: int | None) -> Leg:
    """A leg in the symbol of ``INSTRUMENT``."""
    return Leg("A", side, 1, price, None, stop, 1, 1)


def judged(of: Leg, lots: int) -> tuple[Money, Money]:
    """Notional and heat of so many lots, at the price the gate judges by."""
    value = notional(of.price, lots, INSTRUMENT.tick_lot_value)
    return value, risk._heat(of, lots, value, INSTRUMENT, EXIT_COST_BPS)
