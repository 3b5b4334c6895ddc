"""One trade, of two legs or of one, as a local protocol.

``wants(trade, event)`` says what the risk gate must be asked before ``step(trade, event, allowed)``; both
depend on that trade and that event alone. The gate is asked once, for the worst case of the whole trade,
and again before an entry order is sent anew; hedge, flatten and cancel only lower risk and ask nobody.

    entry -> hedge -> ended -> held          leg A filled at or above the hedge threshold
    entry -> flatten -> ended                below it, or no hedge was to be had
    entry -> ended                           nothing was filled
    ended, held -> exit -> ended             a stop was hit, or everything must go; the call had returned
    any   -> parked                          a person must act; an alert is up

A trade of one leg has nothing to hedge: it comes through ``hedge`` without an order, and ends hedged. It
keeps whatever was filled: the hedge threshold is for pairs, of which too small a part is not worth hedging.

An order is sent only when every earlier order of the trade is settled: over, with all its fills known.
Protective stops rest beside the others; see ``core.protection``.
"""

from typing import Literal

from core import protection, tracking
from core.closing import end, linger, park, release, result, strand
from core.messages import (
    Command,
    EntriesHalted,
    EntryChangeRequested,
    ExitRequested,
    LiquidationOrdered,
    OrderDoubted,
    OrderEvent,
    OrderId,
    OrderStatusReported,
    PositionAdjusted,
    RaiseAlert,
    ReportAnomaly,
    Restarted,
    SignalReceived,
    Slot,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
    TradeEvent,
    TradePaused,
    TradeResumed,
)
from core.orders import Order, book, is_calm, is_known, is_live, is_settled
from core.plan import (
    PROTECTS,
    Leg,
    Phase,
    Trade,
    attempts,
    fill_grade,
    filled,
    find,
    has_two_legs,
    hedge_target,
    last_entry,
    legs,
    open_lots,
)
from core.units import Lots, opposite, orderable, sign
from core.values import replace

__all__ = [
    "Leg",
    "Phase",
    "Trade",
    "fill_grade",
    "filled",
    "find",
    "hedge_target",
    "is_resolved",
    "legs",
    "open_lots",
    "step",
    "wants",
]

Step = tuple[Trade, tuple[Command, ...]]


def wants(trade: Trade, event: TradeEvent) -> Literal["open", "resend"] | None:
    """The question that the gate must answer before ``step`` may be called with this event."""
    if trade.phase == "proposed":
        return "open"
    if trade.phase == "entry" and isinstance(event, OrderStatusReported) and event.answer == "not_found":
        order = find(trade, event.order)
        last = trade.protocol.not_found_confirmations - 1
        if order is not None and order.not_found >= last and _may_resend(trade, order):
            return "resend"
    return None


def step(trade: Trade, event: TradeEvent, allowed: bool) -> Step:
    """The trade after ``event``; ``allowed`` is the gate's answer to ``wants``, else not looked at."""
    may_enter = allowed and not trade.paused and wants(trade, event) is not None
    match event:
        case SignalReceived():
            return _open(trade) if may_enter else (replace(trade, phase="closed"), ())
        case TimerFired():
            trade, commands = _timer_fired(trade, event)
        case EntriesHalted():
            trade, commands = _cancel_entries(trade)
        case Restarted():
            return _restart(trade)
        case EntryChangeRequested():
            return _change_entry(trade, event)
        case ExitRequested() | LiquidationOrdered():
            trade, commands = _leave(trade)
        case OrderDoubted():
            return _doubt(trade, event)
        case PositionAdjusted():
            return _closed_outside(trade, event)
        case TradePaused():
            return replace(trade, paused=True), ()
        case TradeResumed():
            trade, commands = _resume(trade)
        case _:
            trade, commands = _order_event(trade, event)
    return _advance(trade, commands, may_enter)


# ---- what an event does to its order -------------------------------------------------------------


def _order_event(trade: Trade, event: OrderEvent) -> Step:
    before = find(trade, event.order)
    if before is None:
        return trade, (ReportAnomaly("UNKNOWN_ORDER", event),)
    order, anomaly = book(before, event, trade.protocol.not_found_confirmations)
    commands: tuple[Command, ...] = (ReportAnomaly(anomaly, event),) if anomaly else ()
    order, more = tracking.follow_up(order, event, trade.protocol)
    return _put(trade, before, order, commands + more)


def _timer_fired(trade: Trade, event: TimerFired) -> Step:
    """Only a timer that was started, and not stopped since, does anything."""
    timer = event.timer
    if isinstance(timer, TimerId) and timer.order is not None:
        order = find(trade, timer.order)
        if order is not None and timer.purpose == "leg_timeout" and order.timeout_armed:
            after, commands = tracking.timed_out(order, trade.protocol)
            return _put(trade, order, after, commands)
        if order is not None and timer.purpose == "query" and order.query_armed:
            after, commands = tracking.asked_again(order, trade.protocol)
            return _put(trade, order, after, commands)
    elif timer == TimerId(trade.signal, "linger") and trade.lingers:
        return release(trade)
    elif timer == TimerId(trade.signal, "grace") and trade.grace == "running":
        return replace(trade, grace="over"), ()
    return trade, (ReportAnomaly("UNKNOWN_TIMER", event),)


def _doubt(trade: Trade, event: OrderDoubted) -> Step:
    """Asks about one order; nothing follows before the answer."""
    order = find(trade, event.order)
    if order is None:
        return trade, (ReportAnomaly("UNKNOWN_ORDER", event),)
    return _put(trade, order, *tracking.doubted(order, trade.protocol))


def _closed_outside(trade: Trade, event: PositionAdjusted) -> Step:
    """Somebody else closed lots that it holds; one that is left with nothing is over."""
    legs = [leg for leg in (trade.leg_a, trade.leg_b) if leg.symbol == event.symbol]
    if trade.phase not in ("ended", "held", "parked") or not legs or event.fee_lots:
        return trade, ()
    gone = -sign(legs[0].side) * event.lots
    if not 0 < gone <= open_lots(trade, legs[0]):
        return trade, ()
    if legs[0] is trade.leg_a:
        trade = replace(trade, carried_a=trade.carried_a - gone, kept_a=max(0, trade.kept_a - gone))
    else:
        trade = replace(trade, carried_b=trade.carried_b - gone, kept_b=max(0, trade.kept_b - gone))
    if open_lots(trade, trade.leg_a) or open_lots(trade, trade.leg_b):
        return _advance(trade, (), False)
    if trade.phase == "parked" and all(map(is_settled, trade.orders)):
        return replace(trade, phase="closed"), ()
    return _advance(*_leave(trade), False)


def _change_entry(trade: Trade, event: EntryChangeRequested) -> Step:
    """Another limit for the resting entry; the leg is judged by the worse of both prices from now on."""
    order = last_entry(trade) if trade.phase == "entry" else None
    if order is None or order.limit_price is None or not is_live(order) or not is_calm(order):
        return trade, ()
    has_it = order.replacing is None and order.limit_price == event.limit_price
    if order.cancel_wanted or trade.paused or has_it:
        return trade, ()
    leg, worse = trade.leg_a, max if trade.leg_a.side == "buy" else min
    leg = replace(leg, limit_price=event.limit_price, price=worse(leg.price, event.limit_price))
    after, commands = tracking.change(order, order.quantity, event.limit_price, None, trade.protocol)
    return _put(replace(trade, leg_a=leg), order, after, commands)


def _cancel_entries(trade: Trade) -> Step:
    return _cancel(trade, ("entry",))


def _cancel(trade: Trade, slots: tuple[Slot, ...]) -> Step:
    commands: tuple[Command, ...] = ()
    for order in trade.orders:
        if order.id.slot in slots and is_live(order) and not order.cancel_wanted:
            after, more = tracking.cancel(order, trade.protocol)
            trade, commands = _put(trade, order, after, commands + more)
    return trade, commands


def _restart(trade: Trade) -> Step:
    """After a crash: what may be out is asked about, timers run anew, people are told again."""
    commands: tuple[Command, ...] = ()
    orders = []
    for order in trade.orders:
        after, more = tracking.restarted(order, trade.protocol)
        orders.append(after)
        commands += more
    if trade.lingers:
        commands += (linger(trade),)
    if trade.grace == "running":
        commands += (protection.grace_timer(trade),)
    if trade.phase == "parked" or trade.stranded:
        commands += (RaiseAlert("TRADE_PARKED", trade.signal),)
    if trade.outcome not in (None, "exited") and trade.phase != "held":
        commands += (result(trade, trade.outcome),)
    return replace(trade, orders=tuple(orders)), commands


def _put(trade: Trade, before: Order, after: Order, commands: tuple[Command, ...]) -> Step:
    """The trade with one order changed; parked where that order was asked about too often."""
    if after is before:
        return trade, commands
    trade = replace(trade, orders=tuple([after if each is before else each for each in trade.orders]))
    if tracking.is_given_up(after, trade.protocol):
        trade, more = park(trade, "ORDER_UNRESOLVED")
        return trade, commands + more
    return trade, commands


# ---- what the trade does next --------------------------------------------------------------------


def _advance(trade: Trade, commands: tuple[Command, ...], may_enter: bool) -> Step:
    if trade.outcome in (None, "hedged") and protection.is_void(trade):
        trade, more = _leave(trade)
        commands += more
    trade, more = _next(trade, may_enter)
    commands += more
    trade, more = protection.align(trade)
    return trade, commands + more


def _next(trade: Trade, may_enter: bool) -> Step:
    """The next order, or the end, once nothing is open but protection."""
    if _is_at_work(trade):
        return trade, ()
    after, commands = _decide(trade, may_enter)
    if trade.paused and any(isinstance(each, SubmitOrder) for each in commands):
        return strand(trade)
    return after, commands


def _is_at_work(trade: Trade) -> bool:
    """Whether an order of its own, protection aside, is not settled."""
    return any(not is_settled(order) and order.id.slot not in PROTECTS for order in trade.orders)


def _decide(trade: Trade, may_enter: bool) -> Step:
    match trade.phase:
        case "entry":
            return _after_entry(trade, may_enter)
        case "hedge":
            return _after_hedge(trade)
        case "flatten" | "exit":
            return _reduce(trade, 0, 0)
        case "ended":
            return _reduce(trade, trade.kept_a, trade.kept_b)
        case _:
            return trade, ()


def _leave(trade: Trade) -> Step:
    """Everything is to go: what works is cancelled, and what is held will be flattened."""
    if trade.phase in ("entry", "hedge"):
        return _cancel(replace(trade, phase="flatten"), ("entry", "hedge"))
    if trade.phase not in ("ended", "held") or trade.outcome != "hedged":
        return trade, ()
    stop = (StopTimer(TimerId(trade.signal, "linger")),) if trade.lingers else ()
    return replace(trade, phase="exit", outcome="exited", lingers=False), stop


def _resume(trade: Trade) -> Step:
    """Orders may leave again. A trade that was held up is not hedged any more, but flattened; one of which
    only the protection was held up goes on. One that waits for a person still does, who is told so."""
    held_up = trade.stranded and not _is_at_work(trade)
    trade = replace(trade, paused=False, stranded=False)
    if trade.phase == "parked":
        return trade, (RaiseAlert("TRADE_PARKED", trade.signal),)
    return _leave(trade) if held_up and trade.phase in ("entry", "hedge") else (trade, ())


def _open(trade: Trade) -> Step:
    return _submit(replace(trade, phase="entry"), "entry", trade.leg_a.planned)


def _after_entry(trade: Trade, may_enter: bool) -> Step:
    grade = fill_grade(trade)
    if grade == "none":
        last = last_entry(trade)
        if may_enter and last is not None and last.phase == "absent" and _may_resend(trade, last):
            return _submit(trade, "entry", trade.leg_a.planned)
        return end(trade, "unfilled")
    if grade == "severe" and has_two_legs(trade):
        return _reduce(replace(trade, phase="flatten"), 0, 0)
    return _after_hedge(replace(trade, phase="hedge"))


def _may_resend(trade: Trade, order: Order) -> bool:
    """Whether an order that proves absent may be sent anew: an entry, and not once it was told to go."""
    is_left = order.id.attempt < trade.protocol.entry_attempts
    return order.id.slot == "entry" and is_left and not order.cancel_wanted


def _after_hedge(trade: Trade) -> Step:
    target, hedged = hedge_target(trade), filled(trade, "hedge")
    missing = orderable(Lots(target - hedged), trade.leg_b.step, trade.leg_b.minimum)
    if missing and attempts(trade, "hedge") < trade.protocol.hedge_attempts:
        return _submit(trade, "hedge", missing)
    is_left = target and hedged if has_two_legs(trade) else open_lots(trade, trade.leg_a) > 0
    if missing or not is_left:  # no hedge was to be had, or there is nothing left to hedge
        return _reduce(replace(trade, phase="flatten"), 0, 0)
    return _reduce(trade, trade.leg_a.planned, target)


def _reduce(trade: Trade, keep_a: int, keep_b: int) -> Step:
    """Flattens what is held beyond ``keep``; ends the trade when nothing orderable is left to move.

    Less than ``keep`` is in order while hedging, where ``keep`` is a plan. Elsewhere it means that more was
    flattened than was held, and no order of ours mends that.
    """
    excess_a = open_lots(trade, trade.leg_a) - keep_a
    excess_b = open_lots(trade, trade.leg_b) - keep_b
    move_a = orderable(Lots(excess_a), trade.leg_a.step, trade.leg_a.minimum)
    move_b = orderable(Lots(excess_b), trade.leg_b.step, trade.leg_b.minimum)
    most = trade.protocol.flatten_attempts
    if (move_a and attempts(trade, "flatten_a") >= most) or (move_b and attempts(trade, "flatten_b") >= most):
        return park(trade, "TRADE_PARKED")
    too_little = excess_a <= -trade.leg_a.minimum or excess_b <= -trade.leg_b.minimum
    if too_little and trade.phase != "hedge":
        return park(trade, "TRADE_PARKED")
    if not protection.is_within(trade, keep_a, keep_b):
        return strand(trade) if trade.paused and (move_a or move_b) else (trade, ())
    if not move_a and not move_b:
        return end(trade, "hedged" if trade.phase == "hedge" else "flattened")
    commands: tuple[Command, ...] = ()
    if move_a:
        trade, commands = _submit(trade, "flatten_a", move_a)
    if move_b:
        trade, more = _submit(trade, "flatten_b", move_b)
        commands += more
    return trade, commands


def _submit(trade: Trade, slot: Slot, quantity: Lots) -> Step:
    leg = trade.leg_a if slot in ("entry", "flatten_a") else trade.leg_b
    flattens = slot in ("flatten_a", "flatten_b")
    order = Order(
        OrderId(trade.signal, slot, attempts(trade, slot) + 1),
        leg.symbol,
        opposite(leg.side) if flattens else leg.side,
        quantity,
        leg.limit_price if slot == "entry" else None,
        timeout_armed=True,
    )
    submit = SubmitOrder(order.id, order.symbol, order.side, quantity, order.limit_price, flattens)
    timeout = StartTimer(TimerId(trade.signal, "leg_timeout", order.id), trade.protocol.leg_timeout)
    return replace(trade, orders=(*trade.orders, order)), (submit, timeout)


def is_resolved(trade: Trade) -> bool:
    """Whether the fate of all its orders is known, or a person was told that it is not."""
    return trade.phase == "parked" or all(is_known(order) for order in trade.orders)
