"""What follows from the answer to a difference: the events that book it, and the words that people are asked
in."""

from collections.abc import Iterator

from core.engine import State
from core.messages import Adjustment, CashMoved, Event, OrderId, PositionAdjusted, SignalId
from core.plan import open_lots
from core.positions import price_of
from core.reconcile import is_ours
from core.reconcile_report import Difference, Kind, ListedFill
from core.settings import instrument
from core.units import Money, sign
from core.values import replace
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
    nothing while there is none. What a person takes over closes what is held here first."""
    if difference.part == "cash":
        return (CashMoved(Money(_excess(difference))),)
    if difference.fills:
        booked = [_of_fill(each, state) for each in difference.fills]
    else:
        symbol = str(difference.subject)
        price = price_of(state.prices, symbol)
        if price is None:
            return ()
        reason: Adjustment = "CLOSED_OUTSIDE" if difference.kind == "phantom" else "EXTERNAL_TRADE"
        booked = [PositionAdjusted(symbol, _excess(difference), price, reason)]
    if difference.kind == "ended_fill":
        return tuple(booked)
    held = _held(state)
    return tuple([part for each in booked for part in _shared(each, held)])


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


def _held(state: State) -> dict[tuple[str, SignalId | None], int]:
    """Signed lots that may be closed outside, by symbol and whose they are: nobody's first, then those of
    trades that have come to rest."""
    held: dict[tuple[str, SignalId | None], int] = {(each.symbol, None): each.lots for each in state.adopted}
    for trade in state.trades:
        if trade.phase in ("ended", "held", "parked"):
            for leg in (trade.leg_a, trade.leg_b):
                held[leg.symbol, trade.signal] = sign(leg.side) * max(0, open_lots(trade, leg))
    return held


def _shared(
    event: PositionAdjusted, held: dict[tuple[str, SignalId | None], int]
) -> Iterator[PositionAdjusted]:
    """The adjustment, in parts for each whose lots it closes, and one for what closes none. The fee goes with
    the first. ``held`` is brought up to date."""
    left, direction = abs(event.lots), 1 if event.lots > 0 else -1
    for whose, lots in held.items() if not event.fee_lots else ():
        part = min(left, -direction * lots) if whose[0] == event.symbol else 0
        if part > 0:
            yield replace(event, lots=direction * part, signal=whose[1])
            held[whose] += direction * part
            event, left = replace(event, fee_money=Money(0)), left - part
    if left:
        yield replace(event, lots=direction * left)


def _excess(difference: Difference) -> int:
    return (difference.reported or 0) - (difference.believed or 0)


def _name_of(order: OrderId) -> str:
    """The client order id, also of an order that nobody here made."""
    name = order.signal.strategy
    return name if order_of(name) == order else order_name(order)
