"""Follows one order until it is settled: asks about it, cancels it, arms and stops its timers.

Decides from that order and its protocol alone; it must not know which trade it belongs to, or why.
"""

from core.messages import (
    CancelOrder,
    CancelRejected,
    Command,
    OrderEvent,
    OrderStatusReported,
    QueryOrder,
    ReplaceOrder,
    ReplaceRejected,
    RequestOutcomeUnknown,
    StartTimer,
    StopTimer,
    TimerId,
)
from core.orders import Order, is_calm, is_live, is_settled, request_cancel, request_replace
from core.settings import Protocol
from core.units import Lots, Nanoseconds, Ticks
from core.values import replace

Step = tuple[Order, tuple[Command, ...]]


def is_given_up(order: Order, protocol: Protocol) -> bool:
    """Whether it was asked about as often as the protocol allows, and once more was called for."""
    return order.queries > protocol.query_attempts


def follow_up(order: Order, event: OrderEvent, protocol: Protocol) -> Step:
    """What to do about an order after ``event`` was booked on it."""
    commands: tuple[Command, ...] = ()
    if _leaves_a_question(event) and not is_settled(order):
        order, commands = query(order, protocol)
    elif isinstance(event, OrderStatusReported) and event.answer == "found" and _resists(order):
        order, commands = cancel(order, protocol)
    if is_live(order):
        order, more = _keep_in_sight(_told_of(order, event), protocol)
    else:
        order, more = _wind_up(order, protocol)
    return order, commands + more


def restarted(order: Order, protocol: Protocol) -> Step:
    """What was under way is not known any more: an order that is not settled is asked about anew.

    Its timers died with the process; questions and answers are counted from zero.
    """
    if is_settled(order):
        return order, ()
    order = replace(order, unknown=True, pending="none", not_found=0, queries=0, answers=0, query_armed=False)
    commands: tuple[Command, ...] = ()
    if order.timeout_armed:
        commands = (StartTimer(TimerId(order.id.signal, "leg_timeout", order.id), protocol.leg_timeout),)
    order, more = query(order, protocol)
    return order, commands + more


def doubted(order: Order, protocol: Protocol) -> Step:
    """The venue lists something else: asks anew, as of an order of unknown outcome. One that is being asked
    about is not asked about twice. Of a settled one nothing is waited for: it stays over unless told else.
    """
    if order.unknown and not is_given_up(order, protocol):
        return order, ()
    order = replace(order, not_found=0, queries=0, answers=0)
    if is_settled(order):
        return replace(order, queries=1), (QueryOrder(order.id),)
    return query(replace(order, unknown=True), protocol)


def timed_out(order: Order, protocol: Protocol) -> Step:
    """Its time to be filled is over: the remainder goes."""
    return cancel(replace(order, timeout_armed=False), protocol)


def asked_again(order: Order, protocol: Protocol) -> Step:
    """The back-off after the last question is over."""
    return query(replace(order, query_armed=False), protocol)


def cancel(order: Order, protocol: Protocol) -> Step:
    """Cancels even an order of unknown outcome: a cancel is safe to send twice or for nothing."""
    order = replace(request_cancel(order), query_armed=True)
    ask_later = StartTimer(TimerId(order.id.signal, "query", order.id), protocol.query_backoff)
    return order, (CancelOrder(order.id), ask_later)


def change(
    order: Order, quantity: Lots, limit_price: Ticks | None, stop_price: Ticks | None, protocol: Protocol
) -> Step:
    """Replaces a calm order by one of ``quantity`` lots in all; asks about it where no answer comes."""
    order = request_replace(order, quantity, limit_price)
    order = replace(order, queries=0, answers=0, query_armed=True)  # all that was asked before is answered
    ask_later = StartTimer(TimerId(order.id.signal, "query", order.id), protocol.query_backoff)
    return order, (ReplaceOrder(order.id, quantity, limit_price, stop_price), ask_later)


def watch_timer(order: Order, protocol: Protocol) -> StartTimer:
    """After it a resting order is asked about: its fills may have got lost."""
    return StartTimer(TimerId(order.id.signal, "query", order.id), protocol.watch_interval)


def query(order: Order, protocol: Protocol) -> Step:
    """Asks for the order's status, and arms the timer that asks again, each time a longer back-off later.

    The number of questions is bounded; past the bound the order is given up.
    """
    if is_given_up(order, protocol):
        return order, ()
    queries = order.queries + 1
    if queries > protocol.query_attempts:
        return replace(order, queries=queries, answers=order.answers + 1), ()  # not asked, not waited for
    ask_again = StartTimer(
        TimerId(order.id.signal, "query", order.id), Nanoseconds(protocol.query_backoff * queries)
    )
    return replace(order, queries=queries, query_armed=True), (QueryOrder(order.id), ask_again)


def _leaves_a_question(event: OrderEvent) -> bool:
    """A query that got no answer does not: its timer asks again."""
    if isinstance(event, RequestOutcomeUnknown):
        return event.request != "query"
    return isinstance(event, (CancelRejected, ReplaceRejected))


def _resists(order: Order) -> bool:
    """Whether an order that was told to go is still being worked."""
    return order.cancel_wanted and is_live(order)


def _told_of(order: Order, event: OrderEvent) -> Order:
    """Of an order that rests, one answer makes up for every question that got none: else each that was lost
    would count against it for as long as it rests."""
    if order.good_till_canceled and isinstance(event, OrderStatusReported) and event.answer == "found":
        return replace(order, answers=order.queries)
    return order


def _keep_in_sight(order: Order, protocol: Protocol) -> Step:
    """A live order has a timer running; one with a timeout that is well known is not asked about."""
    if order.good_till_canceled and not order.cancel_wanted:
        return _watch(order, protocol)
    if not order.timeout_armed and not order.query_armed:  # it came back to life
        return cancel(order, protocol)
    if order.timeout_armed and not order.unknown and order.pending == "none" and not order.cancel_wanted:
        return _stop_query(order)
    return order, ()


def _watch(order: Order, protocol: Protocol) -> Step:
    """A resting order of which nothing is open is asked about now and then, for ever."""
    if not is_calm(order) or (order.query_armed and not order.queries):
        return order, ()
    return replace(order, queries=0, answers=0, query_armed=True), (watch_timer(order, protocol),)


def _wind_up(order: Order, protocol: Protocol) -> Step:
    """An order that is over needs no timeout; while fills of it are missing it is asked about."""
    commands: tuple[Command, ...] = ()
    rested = order.good_till_canceled and not order.cancel_wanted
    if rested:
        order = replace(order, cancel_wanted=True)  # should it come back to life, another protects by then
    if order.timeout_armed:
        order = replace(order, timeout_armed=False)
        commands = (StopTimer(TimerId(order.id.signal, "leg_timeout", order.id)),)
    if is_settled(order):
        order, more = _stop_query(order)
        return order, commands + more
    if order.query_armed and not rested:  # the watch of one that rested is too long to wait for
        return order, commands
    order, more = query(order, protocol)
    return order, commands + more


def _stop_query(order: Order) -> Step:
    if not order.query_armed:
        return order, ()
    return replace(order, query_armed=False), (StopTimer(TimerId(order.id.signal, "query", order.id)),)
