"""One trade of two legs, as a local protocol.

``wants(trade, event)`` says what the risk gate must be asked before ``step(trade, event, allowed)``; both
depend on that trade and that event alone. The gate is asked once, for the worst case of the whole trade,
and again before an entry order is sent anew; hedge, flatten and cancel only lower risk and ask nobody.

    entry -> hedge -> ended -> held          leg A filled at or above the hedge threshold
    entry -> flatten -> ended                below it, or no hedge was to be had
    entry -> ended                           nothing was filled
    any   -> parked                          a person must act; an alert is up

An order is sent only when every earlier order of the trade is settled: over, with all its fills known.
"""

from typing import Literal

from core import tracking
from core.messages import (
    AlertKind,
    Command,
    EndTrade,
    EntriesHalted,
    FillGrade,
    OrderEvent,
    OrderId,
    OrderStatusReported,
    Outcome,
    RaiseAlert,
    ReportAnomaly,
    Restarted,
    SignalId,
    SignalReceived,
    Slot,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
    TradeEvent,
)
from core.orders import Order, book, is_known, is_live, is_settled, leaves, net_lots
from core.settings import Protocol
from core.units import Lots, Side, Ticks, opposite, orderable, reaches, scaled, sign
from core.values import frozen, replace

Phase = Literal["proposed", "entry", "hedge", "flatten", "ended", "parked", "held", "closed"]


@frozen
class Leg:
    """The plan of one leg. ``price`` is what the gate judged it by: its limit, or the market then.

    ``step`` and ``minimum`` are what the venue takes as one order, in lots.
    """

    symbol: str
    side: Side
    planned: Lots
    price: Ticks
    limit_price: Ticks | None
    stop_price: Ticks | None
    step: Lots
    minimum: Lots


@frozen
class Trade:
    """``kept_a`` and ``kept_b``: lots in the leg's direction that the trade, once over, is meant to hold."""

    signal: SignalId
    leg_a: Leg
    leg_b: Leg
    protocol: Protocol
    phase: Phase = "proposed"
    outcome: Outcome | None = None
    orders: tuple[Order, ...] = ()
    lingers: bool = False
    kept_a: int = 0
    kept_b: int = 0


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
    may_enter = allowed and wants(trade, event) is not None
    match event:
        case SignalReceived():
            return _open(trade) if may_enter else (replace(trade, phase="closed"), ())
        case TimerFired():
            trade, commands = _timer_fired(trade, event)
        case EntriesHalted():
            trade, commands = _cancel_entries(trade)
        case Restarted():
            return _restart(trade)
        case _:
            trade, commands = _order_event(trade, event)
    return _advance(trade, commands, may_enter)


# ---- what the trade stands for -------------------------------------------------------------------


def find(trade: Trade, order_id: OrderId) -> Order | None:
    """The order of that id, or None."""
    for order in trade.orders:
        if order.id == order_id:
            return order
    return None


def working_lots(trade: Trade, leg: Leg) -> Lots:
    """Lots that orders still out may add to the leg."""
    return Lots(
        sum(
            [leaves(order) for order in trade.orders if order.symbol == leg.symbol and order.side == leg.side]
        )
    )


def filled(trade: Trade, slot: Slot) -> Lots:
    """Lots filled by all orders of a slot."""
    return Lots(sum([order.filled for order in trade.orders if order.id.slot == slot]))


def open_lots(trade: Trade, leg: Leg) -> int:
    """Lots held now in the leg's direction; negative when more was flattened than was held."""
    if trade.phase in ("held", "closed"):
        return trade.kept_a if leg.symbol == trade.leg_a.symbol else trade.kept_b
    return sign(leg.side) * sum([net_lots(order) for order in trade.orders if order.symbol == leg.symbol])


def hedge_target(trade: Trade) -> Lots:
    """Lots of leg B that match what leg A filled, on the venue's grid."""
    entered = min(filled(trade, "entry"), trade.leg_a.planned)
    return orderable(scaled(trade.leg_b.planned, entered, trade.leg_a.planned), trade.leg_b.step, Lots(1))


def fill_grade(trade: Trade) -> FillGrade:
    """How much of leg A was filled, by the two thresholds."""
    entered, planned = filled(trade, "entry"), trade.leg_a.planned
    if entered == 0:
        return "none"
    if reaches(entered, planned, trade.protocol.complete_bps):
        return "complete"
    return "partial" if reaches(entered, planned, trade.protocol.hedge_bps) else "severe"


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
        return _release(trade)
    return trade, (ReportAnomaly("UNKNOWN_TIMER", event),)


def _cancel_entries(trade: Trade) -> Step:
    commands: tuple[Command, ...] = ()
    for order in trade.orders:
        if order.id.slot == "entry" and is_live(order) and not order.cancel_wanted:
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
        commands += (_linger(trade),)
    if trade.phase == "parked":
        commands += (RaiseAlert("TRADE_PARKED", trade.signal),)
    if trade.outcome is not None and trade.phase != "held":
        commands += (_result(trade, trade.outcome),)
    return replace(trade, orders=tuple(orders)), commands


def _put(trade: Trade, before: Order, after: Order, commands: tuple[Command, ...]) -> Step:
    """The trade with one order changed; parked where that order was asked about too often."""
    if after is before:
        return trade, commands
    trade = replace(trade, orders=tuple([after if each is before else each for each in trade.orders]))
    if tracking.is_given_up(after, trade.protocol):
        trade, more = _park(trade, "ORDER_UNRESOLVED")
        return trade, commands + more
    return trade, commands


# ---- what the trade does next --------------------------------------------------------------------


def _advance(trade: Trade, commands: tuple[Command, ...], may_enter: bool) -> Step:
    for order in trade.orders:
        if not is_settled(order):
            return trade, commands
    match trade.phase:
        case "entry":
            trade, more = _after_entry(trade, may_enter)
        case "hedge":
            trade, more = _after_hedge(trade)
        case "flatten":
            trade, more = _reduce(trade, 0, 0)
        case "ended":
            trade, more = _reduce(trade, trade.kept_a, trade.kept_b)
        case _:
            more = ()
    return trade, commands + more


def _open(trade: Trade) -> Step:
    return _submit(replace(trade, phase="entry"), "entry", trade.leg_a.planned)


def _after_entry(trade: Trade, may_enter: bool) -> Step:
    grade = fill_grade(trade)
    if grade == "none":
        last = trade.orders[-1]
        if last.phase == "absent" and _may_resend(trade, last) and may_enter:
            return _submit(trade, "entry", trade.leg_a.planned)
        return _end(trade, "unfilled")
    if grade == "severe":
        return _reduce(replace(trade, phase="flatten"), 0, 0)
    return _after_hedge(replace(trade, phase="hedge"))


def _may_resend(trade: Trade, entry: Order) -> bool:
    """Whether an entry that proves absent may be sent anew: not once it was told to go."""
    return entry.id.attempt < trade.protocol.entry_attempts and not entry.cancel_wanted


def _after_hedge(trade: Trade) -> Step:
    target, hedged = hedge_target(trade), filled(trade, "hedge")
    missing = orderable(Lots(target - hedged), trade.leg_b.step, trade.leg_b.minimum)
    if missing and _attempts(trade, "hedge") < trade.protocol.hedge_attempts:
        return _submit(trade, "hedge", missing)
    if missing or not (target and hedged):  # no hedge was to be had, or there is nothing left to hedge
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
    attempts = trade.protocol.flatten_attempts
    if (move_a and _attempts(trade, "flatten_a") >= attempts) or (
        move_b and _attempts(trade, "flatten_b") >= attempts
    ):
        return _park(trade, "TRADE_PARKED")
    too_little = excess_a <= -trade.leg_a.minimum or excess_b <= -trade.leg_b.minimum
    if too_little and trade.phase != "hedge":
        return _park(trade, "TRADE_PARKED")
    if not move_a and not move_b:
        return _end(trade, "hedged" if trade.phase == "hedge" else "flattened")
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
        OrderId(trade.signal, slot, _attempts(trade, slot) + 1),
        leg.symbol,
        opposite(leg.side) if flattens else leg.side,
        quantity,
        leg.limit_price if slot == "entry" else None,
        timeout_armed=True,
    )
    submit = SubmitOrder(order.id, order.symbol, order.side, quantity, order.limit_price, flattens)
    timeout = StartTimer(TimerId(trade.signal, "leg_timeout", order.id), trade.protocol.leg_timeout)
    return replace(trade, orders=(*trade.orders, order)), (submit, timeout)


def _attempts(trade: Trade, slot: Slot) -> int:
    return sum([order.id.slot == slot for order in trade.orders])


# ---- ends ----------------------------------------------------------------------------------------


def _end(trade: Trade, outcome: Outcome) -> Step:
    """Ends the trade once; an ended one whose late fill was flattened just waits again."""
    if trade.phase == "ended":
        return trade, ()
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    kept_a, kept_b = (held_a, held_b) if outcome == "hedged" else (0, 0)
    trade = replace(trade, phase="ended", outcome=outcome, kept_a=kept_a, kept_b=kept_b, lingers=True)
    return trade, (_result(trade, outcome), _linger(trade))


def _result(trade: Trade, outcome: Outcome) -> EndTrade:
    """What is said of a trade that is over: how it ended, and the dust that it leaves."""
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    entered = min(filled(trade, "entry"), trade.leg_a.planned) if outcome == "hedged" else Lots(0)
    planned_b = scaled(trade.leg_b.planned, entered, trade.leg_a.planned)
    dust_a, dust_b = Lots(abs(entered - held_a)), Lots(abs(planned_b - held_b))
    return EndTrade(trade.signal, outcome, fill_grade(trade), dust_a, dust_b)


def _park(trade: Trade, alert: AlertKind) -> Step:
    if trade.phase == "parked":
        return trade, ()
    raised: tuple[Command, ...] = (RaiseAlert(alert, trade.signal),)
    if trade.phase == "ended":
        trade = replace(trade, phase="parked", outcome="parked", lingers=False)
        return trade, (*raised, StopTimer(TimerId(trade.signal, "linger")))
    trade = replace(trade, phase="parked", outcome="parked")
    return trade, (*raised, _result(trade, "parked"))


def _release(trade: Trade) -> Step:
    """After the linger the orders leave the state; what the trade still holds stays, as a holding.

    While a late fill is being flattened the timer is armed anew instead.
    """
    if not all(is_settled(order) for order in trade.orders):
        return trade, (_linger(trade),)
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    phase: Phase = "held" if held_a or held_b else "closed"
    return replace(trade, phase=phase, orders=(), kept_a=held_a, kept_b=held_b, lingers=False), ()


def is_resolved(trade: Trade) -> bool:
    """Whether the fate of all its orders is known, or a person was told that it is not."""
    return trade.phase == "parked" or all(is_known(order) for order in trade.orders)


def _linger(trade: Trade) -> StartTimer:
    return StartTimer(TimerId(trade.signal, "linger"), trade.protocol.linger)
