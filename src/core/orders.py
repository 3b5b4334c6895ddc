"""One order: (quantity phase, pending request, unknown flag), and its fills, each once.

The quantity phase and the pending request are kept apart as in FIX 5.0 SP2 appendix D; the status shown
to people is derived from both by FIX precedence. The module must not know why the order exists.
"""

from typing import Literal

from core.lifecycle import LIVE, TABLE, Phase, Signal
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

Pending = Literal["none", "cancel", "replace"]
Status = Phase | Literal["pending_cancel", "pending_replace"]


@frozen
class Order:
    """An order as far as the engine knows it.

    ``reported`` is the largest cumulative quantity the venue has spoken of; ``filled`` is what the fills
    known here add up to. ``not_found`` counts such answers in a row, ``queries`` the questions asked,
    ``answers`` those that were answered or given up. ``reconciled``: after it was over the venue was asked,
    and said the same. ``replacing``: the quantity of a replacement of which it is not known whether it came
    to be, with ``replacing_price`` as its limit; ``replace_refused``: nor will it be, or it was refused.
    ``resized``: it may stand for more than is known, so that being filled is no proof of its end. The others
    are for ``core.tracking``: whether it should go, which of its timers run, whether it rests until it is
    cancelled (FIX TimeInForce 1).
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
    good_till_canceled: bool = False
    replacing: Lots | None = None
    replacing_price: Ticks | None = None
    replace_refused: bool = False
    resized: bool = False


Booked = tuple[Order, Anomaly | None]


def is_live(order: Order) -> bool:
    """Whether the venue may still fill it."""
    return order.phase in LIVE


def is_settled(order: Order) -> bool:
    """Whether nothing about it is open: it is over, every fill the venue spoke of is known, and where its
    size is not certain, or a fill may have crossed its end, the venue was asked since."""
    if order.phase in LIVE or order.filled < order.reported:
        return False
    return order.reconciled or not (order.resized or order.phase in ("canceled", "expired"))


def is_known(order: Order) -> bool:
    """Whether its fate is known: it works as far as the venue said last, or it is settled."""
    return is_settled(order) or (is_live(order) and not order.unknown)


def is_calm(order: Order) -> bool:
    """Whether nothing is under way about it: no request, no question, nothing to be asked again."""
    if order.unknown or order.not_found or order.phase == "pending_new" or order.pending != "none":
        return False
    return order.answers >= order.queries and (order.replacing is None or order.replace_refused)


def leaves(order: Order) -> Lots:
    """Lots that may still be filled (FIX LeavesQty), at worst: 0 once the order is over."""
    if not is_live(order):
        return Lots(0)
    return Lots(_most(order) - order.filled)


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
        case CancelRejected():
            return _done(order, "cancel"), None
        case ReplaceRejected():
            order = _done(order, "replace")
            return replace(order, replacing=None, replacing_price=None, replace_refused=True), None
        case OrderReplaced():
            return _replaced(order, event.quantity)
        case _:
            return _corrected(order, event.fill)


def request_cancel(order: Order) -> Order:
    """The order after a cancel was sent."""
    return replace(order, pending="cancel", cancel_wanted=True)


def request_replace(order: Order, quantity: Lots, limit_price: Ticks | None) -> Order:
    """The order after a replacement by ``quantity`` lots in all was sent."""
    resized = order.resized or quantity != order.quantity
    return replace(order, pending="replace", replacing=quantity, replacing_price=limit_price, resized=resized)


def _done(order: Order, request: str) -> Order:
    """The order once nobody waits for the answer to that request any more."""
    return replace(order, pending="none") if order.pending == request else order


def _most(order: Order) -> Lots:
    """Lots in all that the order may stand for at the venue."""
    return Lots(max(order.quantity, order.replacing or 0))


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


def is_valid(fill: Fill) -> bool:
    """Whether a venue could mean it: it moves lots, at a price."""
    return fill.quantity > 0 and fill.price > 0 and 0 <= fill.fee_lots <= fill.quantity


def _fill(order: Order, fill: Fill) -> Booked:
    if not is_valid(fill):
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
    return order, "OVERFILL" if filled > _most(order) else None


def _end(order: Order, event: OrderCanceled | OrderExpired) -> Booked:
    if not 0 <= event.cumulative <= _most(order):
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
    order = _told_size(order, event)
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


def _told_size(order: Order, event: OrderStatusReported) -> Order:
    """The order after a status said, or did not say, for how many lots it stands.

    Of one that was never resized, or is proven to be over, that is no news. What is open stands for more
    than is filled. A size that is the same before and after tells nothing of the replacement."""
    if order.reconciled or event.status not in ("open", "closed"):
        return order
    if order.replacing is None and not order.resized:
        return order
    told = max(0, event.quantity or 0) or _implied_size(order, event)
    if event.status == "open" and 0 < told <= order.filled:
        return order
    if not told or told == order.quantity == order.replacing:
        return order if order.replacing is None else replace(_done(order, "replace"), replace_refused=True)
    order = _resized(order, Lots(told))
    return _move(order, _level(order))[0]


def _implied_size(order: Order, event: OrderStatusReported) -> int:
    """The size that a status without one gives away: what is open though all it stood for is filled stands
    for the replacement; 0 where nothing follows."""
    is_filled = sum([each.quantity for each in event.fills]) >= order.quantity
    return order.replacing or 0 if event.status == "open" and is_filled else 0


def _outcome_unknown(order: Order, event: RequestOutcomeUnknown) -> Order:
    if event.request == "submit":
        return replace(order, unknown=True) if order.phase == "pending_new" else order
    if event.request == "query":
        return replace(_heard_back(order), not_found=0)  # the row of not-found answers is broken
    return _done(order, event.request)  # the status query will tell; a cancel may be sent again


def _replaced(order: Order, quantity: Lots) -> Booked:
    if quantity <= 0:
        return order, "INVALID_VALUE"
    replaced = _resized(_seen(order), quantity)
    moved, anomaly = _move(replaced, _level(replaced))
    return (order, anomaly) if anomaly else (moved, None)


def _resized(order: Order, quantity: Lots) -> Order:
    """The order once the venue has said for how many lots it stands now."""
    changed = order.replacing is not None and quantity == order.replacing
    return replace(
        _done(order, "replace"),
        quantity=max(quantity, order.filled),
        limit_price=order.replacing_price if changed else order.limit_price,
        replacing=None,
        replacing_price=None,
        resized=order.resized or quantity != order.quantity,
    )


def _corrected(order: Order, fill: Fill) -> Booked:
    if fill.quantity == 0:
        fill = Fill(fill.trade_id, Lots(0), fill.price)  # a bust takes the fee back with it
    elif not is_valid(fill):
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
    return order, anomaly or ("OVERFILL" if order.filled > _most(order) else None)
