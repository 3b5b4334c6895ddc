"""What one trade is: the plan of its legs, its orders, and what both stand for. It decides nothing."""

from typing import Literal

from core.messages import FillGrade, OrderId, Outcome, SignalId, Slot
from core.orders import Order, net_lots
from core.settings import Protocol
from core.units import Lots, Side, Ticks, orderable, reaches, scaled, sign
from core.values import frozen

Phase = Literal["proposed", "entry", "hedge", "flatten", "ended", "parked", "held", "exit", "closed"]
Grace = Literal["none", "running", "over"]

PROTECTS: tuple[Slot, ...] = ("stop_a", "stop_b")


@frozen
class Leg:
    """The plan of one leg. ``price`` is what the gate judged it by: its limit, or the market then.

    ``step`` and ``minimum`` are what the venue takes as one order, in lots. A leg with a stop price is to be
    protected by a stop order once lots of it are held.
    """

    symbol: str
    side: Side
    planned: Lots
    price: Ticks
    limit_price: Ticks | None
    stop_price: Ticks | None
    step: Lots
    minimum: Lots


NO_LEG = Leg("", "buy", Lots(0), Ticks(0), None, None, Lots(1), Lots(1))  # no instrument is named so


@frozen
class Trade:
    """A pair, or leg A alone: ``leg_b`` then is ``NO_LEG``, of which nothing is ever ordered or held.

    ``kept_a`` and ``kept_b``: lots in the leg's direction that the trade, once over, is meant to hold;
    ``carried_a`` and ``carried_b``: what it holds from orders that left the state.

    ``spent``: the attempts of orders that left, by slot. ``grace``: the time a new position may go without
    protection. ``paused``: nothing but cancels may leave; ``stranded``: an order was called for meanwhile.
    """

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
    carried_a: int = 0
    carried_b: int = 0
    spent: tuple[tuple[Slot, int], ...] = ()
    grace: Grace = "none"
    paused: bool = False
    stranded: bool = False


def legs(trade: Trade) -> tuple[Leg, ...]:
    """The legs that there are, leg A first."""
    return (trade.leg_a, trade.leg_b) if has_two_legs(trade) else (trade.leg_a,)


def has_two_legs(trade: Trade) -> bool:
    """Whether what leg A fills is to be hedged."""
    return trade.leg_b.symbol != NO_LEG.symbol


def find(trade: Trade, order_id: OrderId) -> Order | None:
    """The order of that id, or None."""
    for order in trade.orders:
        if order.id == order_id:
            return order
    return None


def last_entry(trade: Trade) -> Order | None:
    """The entry order that was sent last; None before the first."""
    for order in reversed(trade.orders):
        if order.id.slot == "entry":
            return order
    return None


def filled(trade: Trade, slot: Slot) -> Lots:
    """Lots filled by all orders of a slot that are in the state."""
    return Lots(sum([order.filled for order in trade.orders if order.id.slot == slot]))


def open_lots(trade: Trade, leg: Leg) -> int:
    """Lots held now in the leg's direction; negative when more was flattened than was held."""
    carried = trade.carried_a if leg.symbol == trade.leg_a.symbol else trade.carried_b
    moved = 0
    for order in trade.orders:
        if order.fills and order.symbol == leg.symbol:
            moved += net_lots(order)
    return carried + sign(leg.side) * moved


def kept_lots(trade: Trade, leg: Leg) -> int:
    """Lots of the leg that the trade is to hold as things stand; what is beyond is to be flattened."""
    is_first = leg.symbol == trade.leg_a.symbol
    if trade.phase in ("entry", "hedge"):
        return leg.planned if is_first else hedge_target(trade)
    if trade.phase in ("ended", "held"):
        return trade.kept_a if is_first else trade.kept_b
    return 0


def attempts(trade: Trade, slot: Slot) -> int:
    """Orders that were ever sent for a slot."""
    return dict(trade.spent).get(slot, 0) + sum([order.id.slot == slot for order in trade.orders])


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
