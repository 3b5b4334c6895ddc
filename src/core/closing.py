"""How a trade ends, what is told of that, and what of it stays in the state."""

from core.messages import (
    AlertKind,
    Command,
    EndTrade,
    Outcome,
    RaiseAlert,
    Slot,
    StartTimer,
    StopTimer,
    TimerId,
)
from core.orders import Order, is_settled
from core.plan import PROTECTS, Trade, attempts, fill_grade, filled, open_lots
from core.units import Lots, orderable, scaled
from core.values import replace

SLOTS: tuple[Slot, ...] = ("entry", "flatten_a", "flatten_b", "hedge", "stop_a", "stop_b")

Step = tuple[Trade, tuple[Command, ...]]


def end(trade: Trade, outcome: Outcome) -> Step:
    """Ends the trade once; an ended one whose late fill was flattened just waits again.

    One that was left before anything was filled is unfilled, however it was left.
    """
    if trade.phase == "ended":
        return trade, ()
    if trade.phase == "exit":
        return replace(trade, phase="ended", kept_a=0, kept_b=0, lingers=True), (linger(trade),)
    outcome = outcome if any(order.fills for order in trade.orders) else "unfilled"
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    kept_a, kept_b = (held_a, held_b) if outcome == "hedged" else (0, 0)
    trade = replace(trade, phase="ended", outcome=outcome, kept_a=kept_a, kept_b=kept_b, lingers=True)
    return trade, (result(trade, outcome), linger(trade))


def park(trade: Trade, alert: AlertKind) -> Step:
    """A person must act; the call returns, where it has not."""
    if trade.phase == "parked":
        return trade, ()
    raised: tuple[Command, ...] = (RaiseAlert(alert, trade.signal),)
    if trade.phase == "ended":
        outcome: Outcome = "exited" if trade.outcome == "exited" else "parked"
        trade = replace(trade, phase="parked", outcome=outcome, lingers=False)
        return trade, (*raised, StopTimer(TimerId(trade.signal, "linger")))
    if trade.phase in ("held", "exit"):
        return replace(trade, phase="parked", outcome="exited"), raised
    trade = replace(trade, phase="parked", outcome="parked")
    return trade, (*raised, result(trade, "parked"))


def strand(trade: Trade) -> Step:
    """An order is called for while none may leave: a person is told, once."""
    if trade.stranded:
        return trade, ()
    return replace(trade, stranded=True), (RaiseAlert("TRADE_PARKED", trade.signal),)


def result(trade: Trade, outcome: Outcome) -> EndTrade:
    """What is said of a trade that is over: how it ended, and the dust that it leaves."""
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    entered = min(filled(trade, "entry"), trade.leg_a.planned) if outcome == "hedged" else Lots(0)
    planned_b = scaled(trade.leg_b.planned, entered, trade.leg_a.planned)
    dust_a, dust_b = Lots(abs(entered - held_a)), Lots(abs(planned_b - held_b))
    return EndTrade(trade.signal, outcome, fill_grade(trade), dust_a, dust_b)


def release(trade: Trade) -> Step:
    """After the linger the orders leave the state; what the trade still holds stays, as a holding, with its
    protection. While a late fill is being flattened, or waits for that, the timer is armed anew instead.
    """
    resting = tuple([order for order in trade.orders if not is_settled(order)])
    held_a, held_b = open_lots(trade, trade.leg_a), open_lots(trade, trade.leg_b)
    is_at_work = any(order.fills or order.id.slot not in PROTECTS for order in resting)
    is_needless = resting and not (held_a or held_b)
    if is_at_work or is_needless or _exceeds(trade, held_a - trade.kept_a, held_b - trade.kept_b):
        return trade, (linger(trade),)
    after = replace(trade, phase="held", orders=resting, kept_a=held_a, kept_b=held_b, lingers=False)
    after = replace(
        after,
        carried_a=held_a - open_lots(replace(after, carried_a=0), trade.leg_a),
        carried_b=held_b - open_lots(replace(after, carried_b=0), trade.leg_b),
        spent=_spent(trade, resting),
    )
    if held_a or held_b:
        return after, ()
    stop = (StopTimer(TimerId(trade.signal, "grace")),) if trade.grace == "running" else ()
    return replace(after, phase="closed"), stop


def _exceeds(trade: Trade, excess_a: int, excess_b: int) -> bool:
    """Whether more is held than is to be kept, by what the venue takes as an order."""
    leg_a, leg_b = trade.leg_a, trade.leg_b
    move_a = orderable(Lots(excess_a), leg_a.step, leg_a.minimum)
    return bool(move_a or orderable(Lots(excess_b), leg_b.step, leg_b.minimum))


def _spent(trade: Trade, staying: tuple[Order, ...]) -> tuple[tuple[Slot, int], ...]:
    """The attempts of all orders that are not staying."""
    kept = [order.id.slot for order in staying]
    sent = [(slot, attempts(trade, slot) - kept.count(slot)) for slot in SLOTS]
    return tuple([each for each in sent if each[1]])


def linger(trade: Trade) -> StartTimer:
    """Starts the time in which reports on an ended trade's orders may still come."""
    return StartTimer(TimerId(trade.signal, "linger"), trade.protocol.linger)
