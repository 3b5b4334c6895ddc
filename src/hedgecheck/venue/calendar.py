"""What the calendar does to a venue: phases of the session, halts, stops once trading goes on, and what is
set apart as time goes by."""

from hedgecheck.messages import Expired, Report
from hedgecheck.values import replace
from hedgecheck.venue.model import (
    ArchiveOrders,
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
        case ArchiveOrders():
            return _archived(venue), ()


def _archived(venue: Venue) -> Venue:
    archive = venue.archive
    for order in venue.orders:
        if order.phase != "open":
            name = order.request.client_order_id
            archive = archive.put(name, (*archive.get(name, ()), order))
    kept = tuple([order for order in venue.orders if order.phase == "open"])
    return replace(venue, orders=kept, archive=archive)


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
    due = [order for order in venue.orders if _is_due(venue, order)]
    if not due:
        return venue
    at_work = [replace(each, triggered=True) if each in due else each for each in venue.orders]
    return replace(venue, orders=tuple(at_work))


def _is_due(venue: Venue, order: VenueOrder) -> bool:
    is_reached = order.phase == "open" and waits(order) and has_passed(venue, order.request)
    return is_reached and not closure_of(venue, order.request.symbol)
