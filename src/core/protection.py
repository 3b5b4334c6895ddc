"""Protective stops of one trade: each leg that has a stop price rests behind one order of its size.

Once the grace after the first fill is over, what is held and meant to be kept stands behind exactly one stop
order, resized on each fill and cancelled when flat. All live exits together never exceed what is held: the
size comes down before anything is flattened. The module decides from that trade alone, and ends no trade.
"""

from core import tracking
from core.closing import strand
from core.messages import Command, OrderId, Slot, StartTimer, SubmitOrder, TimerId
from core.orders import Order, is_calm, is_live, is_settled, leaves
from core.plan import PROTECTS, Leg, Trade, attempts, kept_lots, open_lots
from core.units import Lots, opposite, orderable
from core.values import replace

Step = tuple[Trade, tuple[Command, ...]]


def align(trade: Trade) -> Step:
    """The next step towards the protection that the trade ought to have."""
    if trade.grace == "none":
        return _begin_grace(trade)
    commands: tuple[Command, ...] = ()
    if trade.grace == "over":
        for leg, slot in _protected_legs(trade):
            trade, more = _align_leg(trade, leg, slot)
            commands += more
    return trade, commands


def is_void(trade: Trade) -> bool:
    """Whether the trade must be left: a stop was hit or refused, or protection cannot be had."""
    for order in trade.orders:
        if order.id.slot in PROTECTS and (order.filled or order.phase == "rejected"):
            return True
    return any(is_unprotected(trade, leg, slot) for leg, slot in _protected_legs(trade))


def is_unprotected(trade: Trade, leg: Leg, slot: Slot) -> bool:
    """Whether lots are held that no order protects, nor will: every attempt is spent."""
    if trade.grace != "over" or not _wanted(trade, leg) or _standing(trade, slot) is not None:
        return False
    return attempts(trade, slot) >= trade.protocol.protect_attempts


def is_within(trade: Trade, keep_a: int, keep_b: int) -> bool:
    """Whether the protection that stands exits no more than is to be kept."""
    for slot, keep in (("stop_a", keep_a), ("stop_b", keep_b)):
        standing = [order for order in trade.orders if order.id.slot == slot and not is_settled(order)]
        if standing and (not keep or sum([leaves(order) for order in standing]) > keep):
            return False
    return True


def _protected_legs(trade: Trade) -> tuple[tuple[Leg, Slot], ...]:
    legs: tuple[tuple[Leg, Slot], ...] = ((trade.leg_a, "stop_a"), (trade.leg_b, "stop_b"))
    return tuple([each for each in legs if each[0].stop_price is not None])


def _wanted(trade: Trade, leg: Leg) -> Lots:
    """Lots that a stop order is to exit: what is held and to be kept, as far as the venue takes it.

    While nothing can be flattened, all that is held is kept; what is being flattened is another's to exit.
    """
    held = open_lots(trade, leg) - _being_flattened(trade, leg)
    kept = held if trade.paused or trade.phase == "parked" else kept_lots(trade, leg)
    return orderable(Lots(max(0, min(held, kept))), leg.step, leg.minimum)


def _being_flattened(trade: Trade, leg: Leg) -> Lots:
    slot = "flatten_a" if leg is trade.leg_a else "flatten_b"
    return Lots(sum([leaves(order) for order in trade.orders if order.id.slot == slot]))


def _standing(trade: Trade, slot: Slot) -> Order | None:
    """The protective order that is not over, or of which it is not known."""
    for order in trade.orders:
        if order.id.slot == slot and not is_settled(order):
            return order
    return None


def _begin_grace(trade: Trade) -> Step:
    if trade.phase == "parked" or not any(_wanted(trade, leg) for leg, _ in _protected_legs(trade)):
        return trade, ()
    return replace(trade, grace="running"), (grace_timer(trade),)


def grace_timer(trade: Trade) -> StartTimer:
    """What starts the grace."""
    return StartTimer(TimerId(trade.signal, "grace"), trade.protocol.protect_grace)


def _align_leg(trade: Trade, leg: Leg, slot: Slot) -> Step:
    order, wanted = _standing(trade, slot), _wanted(trade, leg)
    if order is None:
        return _submit(trade, leg, slot, wanted) if wanted else (trade, ())
    if order.cancel_wanted or not is_live(order):
        return trade, ()
    if not wanted:
        return _put(trade, order, *tracking.cancel(order, trade.protocol))
    fits = order.replacing is None and leaves(order) == wanted
    if fits or trade.phase == "parked" or not is_calm(order):
        return trade, ()
    if trade.paused:
        return strand(trade)
    if order.replace_refused:  # what it stands for is not to be had, or not to be known
        return _put(trade, order, *tracking.cancel(order, trade.protocol))
    size = Lots(order.filled + wanted)
    return _put(trade, order, *tracking.change(order, size, None, leg.stop_price, trade.protocol))


def _submit(trade: Trade, leg: Leg, slot: Slot, quantity: Lots) -> Step:
    if trade.phase == "parked" or attempts(trade, slot) >= trade.protocol.protect_attempts:
        return trade, ()
    if trade.paused:
        return strand(trade)
    order = Order(
        OrderId(trade.signal, slot, attempts(trade, slot) + 1),
        leg.symbol,
        opposite(leg.side),
        quantity,
        good_till_canceled=True,
        query_armed=True,
    )
    submit = SubmitOrder(order.id, order.symbol, order.side, quantity, None, True, leg.stop_price)
    return replace(trade, orders=(*trade.orders, order)), (
        submit,
        tracking.watch_timer(order, trade.protocol),
    )


def _put(trade: Trade, before: Order, after: Order, commands: tuple[Command, ...]) -> Step:
    return replace(
        trade, orders=tuple([after if each is before else each for each in trade.orders])
    ), commands
