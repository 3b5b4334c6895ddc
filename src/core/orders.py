"""One order: (quantity phase, pending request, unknown flag), its table, and its fills, each once.

The quantity phase and the pending request are kept apart as in FIX 5.0 SP2 appendix D; the status shown
to people is derived from both by FIX precedence. The module must not know why the order exists.
"""

from typing import Literal

from core.messages import (
    Anomaly,
    CancelRejected,
    Fill,
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderId,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    ReplaceRejected,
    RequestOutcomeUnknown,
)
from core.units import Lots, Side, Ticks, sign
from core.values import frozen, replace

Phase = Literal[
    "pending_new", "new", "partially_filled", "filled", "canceled", "expired", "rejected", "absent"
]
Signal = Literal[
    "accepted", "rejected", "canceled", "expired", "absent", "unfilled", "partly_filled", "fully_filled"
]
Pending = Literal["none", "cancel", "replace"]
Status = Phase | Literal["pending_cancel", "pending_replace"]

LIVE: tuple[Phase, ...] = ("pending_new", "new", "partially_filled")

# (phase, signal) -> phase. The last three signals say how much is filled after a fill, a correction or a
# replacement was booked. No row: the report contradicts what is known; it changes no phase.
TABLE: dict[tuple[Phase, Signal], Phase] = {
    ("pending_new", "accepted"): "new",
    ("pending_new", "rejected"): "rejected",
    ("pending_new", "canceled"): "canceled",  # the cancel's answer overtook the acknowledgement
    ("pending_new", "expired"): "expired",  # immediate-or-cancel with nothing to trade against
    ("pending_new", "absent"): "absent",
    ("pending_new", "unfilled"): "new",  # a replacement was acknowledged before the order was
    ("pending_new", "partly_filled"): "partially_filled",  # the fill overtook the acknowledgement
    ("pending_new", "fully_filled"): "filled",
    ("new", "accepted"): "new",  # acknowledged on two channels
    ("new", "rejected"): "rejected",  # the gateway took it, the matching engine did not
    ("new", "canceled"): "canceled",
    ("new", "expired"): "expired",
    ("new", "absent"): "absent",  # the venue restarted and forgot it
    ("new", "unfilled"): "new",
    ("new", "partly_filled"): "partially_filled",
    ("new", "fully_filled"): "filled",
    ("partially_filled", "accepted"): "partially_filled",  # a late acknowledgement is no news
    ("partially_filled", "canceled"): "canceled",
    ("partially_filled", "expired"): "expired",
    ("partially_filled", "absent"): "canceled",  # what traded stays; the remainder is not at the venue
    ("partially_filled", "unfilled"): "new",  # every fill was busted
    ("partially_filled", "partly_filled"): "partially_filled",
    ("partially_filled", "fully_filled"): "filled",
    ("filled", "accepted"): "filled",  # the acknowledgement came last; it opens nothing
    ("filled", "canceled"): "filled",  # FIX: filled outranks canceled
    ("filled", "expired"): "filled",
    ("filled", "absent"): "filled",  # moved to the venue's archive
    ("filled", "unfilled"): "new",  # busted after completion: it may work again
    ("filled", "partly_filled"): "partially_filled",
    ("filled", "fully_filled"): "filled",
    ("canceled", "accepted"): "canceled",
    ("canceled", "canceled"): "canceled",
    ("canceled", "absent"): "canceled",
    ("canceled", "unfilled"): "canceled",  # FIX J.1.b: a bust after the cancel does not revive it
    ("canceled", "partly_filled"): "canceled",  # a fill that crossed the cancel, reported late
    ("canceled", "fully_filled"): "filled",  # all of it had crossed
    ("expired", "accepted"): "expired",
    ("expired", "expired"): "expired",
    ("expired", "absent"): "expired",
    ("expired", "unfilled"): "expired",
    ("expired", "partly_filled"): "expired",
    ("expired", "fully_filled"): "filled",
    ("rejected", "rejected"): "rejected",
    ("rejected", "absent"): "rejected",  # venues keep no refused orders
    ("rejected", "partly_filled"): "partially_filled",  # it traded what it had refused: money is evidence
    ("rejected", "fully_filled"): "filled",
    ("absent", "accepted"): "new",  # it was there after all
    ("absent", "rejected"): "rejected",
    ("absent", "canceled"): "canceled",
    ("absent", "expired"): "expired",
    ("absent", "absent"): "absent",
    ("absent", "unfilled"): "new",
    ("absent", "partly_filled"): "partially_filled",
    ("absent", "fully_filled"): "filled",
}


@frozen
class Order:
    """An order as far as the engine knows it.

    ``reported`` is the largest cumulative quantity the venue has spoken of; ``filled`` is what the fills
    known here add up to. ``not_found`` counts such answers in a row, ``queries`` the questions asked,
    ``answers`` those that were answered or given up. ``reconciled``: after it was over the venue was asked,
    and said the same. The last three fields are for ``core.tracking``: whether the order should go, and
    which of its timers run.
    """

    id: OrderId
    symbol: str
    side: Side
    quantity: Lots
    limit_price: Ticks | None = None
    phase: Phase = "pending_new"
    pending: Pending = "none"
    unknown: bool = False
    filled: Lots = Lots(0)
    reported: Lots = Lots(0)
    fills: tuple[Fill, ...] = ()
    not_found: int = 0
    queries: int = 0
    answers: int = 0
    reconciled: bool = False
    cancel_wanted: bool = False
    timeout_armed: bool = False
    query_armed: bool = False


Booked = tuple[Order, Anomaly | None]


def is_live(order: Order) -> bool:
    """Whether the venue may still fill it."""
    return order.phase in LIVE


def is_settled(order: Order) -> bool:
    """Whether nothing about it is open: it is over, every fill the venue spoke of is known, and where a fill
    may have crossed its end, the venue was asked since."""
    if order.phase in LIVE or order.filled < order.reported:
        return False
    return order.reconciled or order.phase not in ("canceled", "expired")


def is_known(order: Order) -> bool:
    """Whether its fate is known: it works as far as the venue said last, or it is settled."""
    return is_settled(order) or (is_live(order) and not order.unknown)


def leaves(order: Order) -> Lots:
    """Lots that may still be filled (FIX LeavesQty): 0 once the order is over."""
    return Lots(order.quantity - order.filled) if is_live(order) else Lots(0)


def status(order: Order) -> Status:
    """The one status shown, by FIX precedence: pending cancel, pending replace, then the phase."""
    if order.pending == "cancel":
        return "pending_cancel"
    if order.pending == "replace":
        return "pending_replace"
    return order.phase


def position_change(side: Side, fill: Fill) -> int:
    """Signed lots by which a fill moves the position; a fee in the asset itself always takes away."""
    return sign(side) * fill.quantity - fill.fee_lots


def net_lots(order: Order) -> int:
    """Signed lots by which the order has moved the position."""
    return sum([position_change(order.side, fill) for fill in order.fills])


def book(order: Order, event: OrderEvent, not_found_confirmations: int) -> Booked:
    """The order after ``event``, and what was wrong with the event, if anything."""
    match event:
        case OrderFilled():
            return _fill(order, event.fill)
        case OrderAccepted():
            return _heard(order, "accepted")
        case OrderCanceled() | OrderExpired():
            return _end(order, event)
        case OrderStatusReported():
            return _answered(order, event, not_found_confirmations)
        case RequestOutcomeUnknown():
            return _outcome_unknown(order, event), None
        case OrderRejected():
            return _heard(order, "rejected")
        case CancelRejected() | ReplaceRejected():
            return replace(order, pending="none"), None
        case OrderReplaced():
            return _replaced(order, event.quantity)
        case _:
            return _corrected(order, event.fill)


def request_cancel(order: Order) -> Order:
    """The order after a cancel was sent."""
    return replace(order, pending="cancel", cancel_wanted=True)


def request_replace(order: Order) -> Order:
    """The order after a replacement was sent."""
    return replace(order, pending="replace")


def _seen(order: Order) -> Order:
    """The venue spoke of it: its outcome is known, and not-found answers start from zero."""
    if order.unknown or order.not_found:
        return replace(order, unknown=False, not_found=0)
    return order


def _move(order: Order, signal: Signal) -> Booked:
    phase = TABLE.get((order.phase, signal))
    if phase is None:
        return order, "UNEXPECTED_REPORT"
    if phase == order.phase:
        return order, None
    return replace(order, phase=phase, reconciled=order.reconciled and phase not in LIVE), None


def _heard(order: Order, signal: Signal) -> Booked:
    """The order after the venue spoke of it; unchanged where there is no row for what it said."""
    moved, anomaly = _move(_seen(order), signal)
    return (order, anomaly) if anomaly else (moved, None)


def _level(order: Order) -> Signal:
    if order.filled <= 0:
        return "unfilled"
    return "partly_filled" if order.filled < order.quantity else "fully_filled"


def _valid(fill: Fill) -> bool:
    return fill.quantity > 0 and fill.price > 0 and 0 <= fill.fee_lots <= fill.quantity


def _fill(order: Order, fill: Fill) -> Booked:
    if not _valid(fill):
        return order, "INVALID_VALUE"
    if any(known.trade_id == fill.trade_id for known in order.fills):
        return order, "DUPLICATE_FILL"
    filled = Lots(order.filled + fill.quantity)
    level: Signal = "partly_filled" if filled < order.quantity else "fully_filled"
    phase = TABLE[order.phase, level]  # every phase has a row for fills
    order = replace(
        order,
        phase=phase,
        reconciled=order.reconciled and phase not in LIVE,
        fills=(*order.fills, fill),
        filled=filled,
        reported=max(order.reported, filled),
        unknown=False,
        not_found=0,
    )
    return order, "OVERFILL" if filled > order.quantity else None


def _end(order: Order, event: OrderCanceled | OrderExpired) -> Booked:
    if not 0 <= event.cumulative <= order.quantity:
        return order, "INVALID_VALUE"
    order, anomaly = _heard(order, "canceled" if isinstance(event, OrderCanceled) else "expired")
    if anomaly:
        return order, anomaly
    return replace(order, pending="none", reported=max(order.reported, event.cumulative)), None


def _answered(order: Order, event: OrderStatusReported, confirmations: int) -> Booked:
    if event.answer == "found":
        return _found(_heard_back(order), event)
    if order.answers >= order.queries:
        return order, "UNEXPECTED_REPORT"  # nobody asked, or it was delivered twice: it proves nothing more
    order = _heard_back(order)
    if event.answer != "not_found":
        return replace(order, not_found=0), None
    order = replace(order, not_found=min(confirmations, order.not_found + 1))
    if order.not_found < confirmations:
        return order, None
    return _move(replace(order, unknown=False, pending="none", reconciled=True), "absent")


def _heard_back(order: Order) -> Order:
    """The order after one of the questions about it was answered, or its answer was lost."""
    return replace(order, answers=min(order.queries, order.answers + 1))


def _found(order: Order, event: OrderStatusReported) -> Booked:
    anomaly: Anomaly | None = None
    for fill in event.fills:
        order, wrong = _fill(order, fill)
        anomaly = wrong if wrong not in (None, "DUPLICATE_FILL") else anomaly
    ending: dict[str, Signal] = {"canceled": "canceled", "expired": "expired", "rejected": "rejected"}
    if event.status == "closed":  # the filled amount decides, not the word: less than asked is a partial fill
        signal: Signal = "expired" if order.filled < order.quantity else "fully_filled"
    else:
        signal = ending.get(event.status, "accepted")
    if signal in ("canceled", "expired") and order.phase in ("canceled", "expired"):
        signal = "canceled" if order.phase == "canceled" else "expired"  # venues have two words for one end
    order, wrong = _heard(order, signal)
    if event.status != "open" and not wrong:
        order = replace(order, pending="none", reconciled=True)
    return order, anomaly or wrong


def _outcome_unknown(order: Order, event: RequestOutcomeUnknown) -> Order:
    if event.request == "submit":
        return replace(order, unknown=True) if order.phase == "pending_new" else order
    if event.request == "query":
        return replace(_heard_back(order), not_found=0)  # the row of not-found answers is broken
    if event.request == order.pending:
        return replace(order, pending="none")  # the status query will tell; a cancel may be sent again
    return order


def _replaced(order: Order, quantity: Lots) -> Booked:
    if quantity <= 0:
        return order, "INVALID_VALUE"
    replaced = replace(_seen(order), pending="none", quantity=max(quantity, order.filled))
    moved, anomaly = _move(replaced, _level(replaced))
    return (order, anomaly) if anomaly else (moved, None)


def _corrected(order: Order, fill: Fill) -> Booked:
    if fill.quantity == 0:
        fill = Fill(fill.trade_id, Lots(0), fill.price)  # a bust takes the fee back with it
    elif not _valid(fill):
        return order, "INVALID_VALUE"
    known = next((each for each in order.fills if each.trade_id == fill.trade_id), None)
    if known is None:
        return order, "UNKNOWN_FILL"
    change = fill.quantity - known.quantity
    order = replace(
        order,
        fills=tuple(fill if each is known else each for each in order.fills),
        filled=Lots(order.filled + change),
        reported=Lots(order.reported + change),
    )
    order, anomaly = _move(order, _level(order))
    return order, anomaly or ("OVERFILL" if order.filled > order.quantity else None)
