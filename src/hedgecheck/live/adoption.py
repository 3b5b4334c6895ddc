"""What follows from the answer to a difference: the events that book it, and the words that people are asked
in."""

from core.engine import State
from core.messages import Adjustment, CashMoved, Event, OrderId, PositionAdjusted
from core.positions import price_of
from core.reconcile import is_ours
from core.reconcile_report import Difference, Kind, ListedFill
from core.settings import instrument
from core.units import Money, sign
from hedgecheck.drive import order_name, order_of

MEANINGS: dict[Kind, str] = {
    "external_trade": "nobody here made it",
    "phantom": "it is held here, and not there",
    "cash": "no fill accounts for it",
    "clock_skew": "the clocks are apart, in ns",
    "dispute": "both sides insist, and no question has settled it",
}


def subject_of(difference: Difference) -> str:
    """What a difference is about, in words that stay the same while it lasts: an order's name; a symbol, and
    how many lots are there beyond what is believed; cash likewise; the clock."""
    subject = difference.subject
    if isinstance(subject, OrderId):
        return _name_of(subject)
    if difference.part == "clock":
        return subject
    return f"{subject} {_excess(difference):+d}"


def details_of(difference: Difference) -> str:
    """What a person must know to answer."""
    told = [
        f"{MEANINGS[difference.kind]}: {difference.believed} believed,",
        f"{difference.reported} reported, {difference.rounds} times.",
    ]
    for each in difference.fills:
        fill = each.fill
        told.append(f"{_name_of(each.order)} {each.side} {fill.quantity} at {fill.price}, {fill.trade_id}.")
    return " ".join(told)


def is_bookable(difference: Difference, state: State) -> bool:
    """Whether taking it over changes the books. What does not is let be, for as long as it is there."""
    if difference.part == "positions":
        return instrument(state.settings, str(difference.subject)) is not None
    return difference.part == "cash"


def adjustments(difference: Difference, state: State) -> tuple[Event, ...]:
    """The events that book a difference: the fills that explain it; or else the lots at the market price, and
    nothing while there is none."""
    if difference.part == "cash":
        return (CashMoved(Money(_excess(difference))),)
    if difference.fills:
        return tuple([_of_fill(each, state) for each in difference.fills])
    symbol = str(difference.subject)
    price = price_of(state.prices, symbol)
    if price is None:
        return ()
    reason: Adjustment = "CLOSED_OUTSIDE" if difference.kind == "phantom" else "EXTERNAL_TRADE"
    return (PositionAdjusted(symbol, _excess(difference), price, reason),)


def _of_fill(listed: ListedFill, state: State) -> PositionAdjusted:
    fill = listed.fill
    return PositionAdjusted(
        listed.symbol,
        sign(listed.side) * fill.quantity,
        fill.price,
        "ENDED_TRADE" if is_ours(state, listed.order) else "EXTERNAL_TRADE",
        fill.fee_money,
        fill.fee_lots,
        fill.trade_id,
    )


def _excess(difference: Difference) -> int:
    return (difference.reported or 0) - (difference.believed or 0)


def _name_of(order: OrderId) -> str:
    """The client order id, also of an order that nobody here made."""
    name = order.signal.strategy
    return name if order_of(name) == order else order_name(order)
