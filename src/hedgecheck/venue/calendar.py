"""What the calendar does to a venue: phases of the session, halts, and stops once trading goes on."""

from hedgecheck.messages import Expired, Report
from hedgecheck.values import replace
from hedgecheck.venue.model import (
    Calendar,
    ChangePhase,
    HaltTrading,
    NewSession,
    ResumeTrading,
    Venue,
    VenueOrder,
    closure_of,
    filled,
    has_passed,
    waits,
)

Step = tuple[Venue, tuple[Report, ...]]


def turned(venue: Venue, decision: Calendar) -> Step:
    """The venue after a turn of its calendar. Stops that the market passed meanwhile are at work at once."""
    match decision:
        case NewSession():
            return replace(venue, session=venue.session + 1), ()
        case ChangePhase():
            venue, expired = _day_orders_ended(replace(venue, session_phase=decision.phase))
            return triggered(venue), expired
        case HaltTrading():
            named = tuple(sorted({*venue.halted, *decision.symbols}))
            is_whole = venue.market_halted or not decision.symbols
            return replace(venue, halted=named, market_halted=is_whole), ()
        case ResumeTrading():
            named = tuple([each for each in venue.halted if each not in decision.symbols])
            is_whole = venue.market_halted and bool(decision.symbols)
            return triggered(replace(venue, halted=named, market_halted=is_whole)), ()


def _day_orders_ended(venue: Venue) -> Step:
    """Out of the session what is open expires, but for stops: those are good till cancelled."""
    ended = [order for order in venue.orders if _is_of_the_day(order)]
    if venue.session_phase in ("regular", "closing") or not ended:
        return venue, ()
    orders = tuple([replace(each, phase="expired") if each in ended else each for each in venue.orders])
    reports = tuple([Expired(each.request.client_order_id, filled(each)) for each in ended])
    return replace(venue, orders=orders), reports


def _is_of_the_day(order: VenueOrder) -> bool:
    return order.phase == "open" and order.request.stop_price is None


def triggered(venue: Venue) -> Venue:
    """The venue with every stop order at work whose price the market has reached, where it trades."""
    orders = tuple([_at_work(venue, each) for each in venue.orders])
    return venue if orders == venue.orders else replace(venue, orders=orders)


def _at_work(venue: Venue, order: VenueOrder) -> VenueOrder:
    is_due = order.phase == "open" and waits(order) and has_passed(venue, order.request)
    if is_due and not closure_of(venue, order.request.symbol):
        return replace(order, triggered=True)
    return order
