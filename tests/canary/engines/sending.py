"""Defects in what is sent and when: entries, hedges, cancels, questions, and the limits on them."""

from dataclasses import replace as changed
from typing import Any

from core import admission, orders, risk, stepping, trade
from core.messages import OrderStatusReported, RequestOutcomeUnknown, SubmitOrder
from core.orders import Order
from core.trade import Trade
from core.units import Lots
from hedgecheck.explore.bounded import Small
from tests.canary.engines.defective import Defective, canary


@canary("I06", small=Small(faults=1, kinds=("F01",)), needs_fault="F01")
def z001() -> Defective:
    """A timeout counts as a rejection: the engine forgets an order that is alive."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        if isinstance(event, RequestOutcomeUnknown) and event.request == "submit":
            return changed(order, phase="rejected"), None
        return orders_book(order, event, confirmations)

    orders_book = orders.book
    return Defective("Z001", (trade, "book", book))


@canary("I06", why_blank="a small scope believes the first not-found answer by right")
def z002() -> Defective:
    """The first not-found answer is believed, and the order sent again."""

    def book(order: Order, event: Any, _confirmations: int) -> Any:
        return orders_book(order, event, 1)

    def wants(one: Trade, event: Any) -> Any:
        is_denial = isinstance(event, OrderStatusReported) and event.answer == "not_found"
        return "resend" if one.phase == "entry" and is_denial else trade_wants(one, event)

    orders_book, trade_wants = orders.book, trade.wants
    return Defective("Z002", (trade, "book", book), (trade, "wants", wants), (stepping, "wants", wants))


@canary("I05", "I07", "I10", "I12", why_blank="a small scope allows one attempt at an entry")
def z004() -> Defective:
    """An order that is not found is sent again without asking whether it had filled already."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        last = one.orders[-1]
        if last.phase in ("canceled", "expired") and last.id.attempt < one.protocol.entry_attempts:
            return trade._submit(one, "entry", one.leg_a.planned)
        return trade_after_entry(one, allowed)

    trade_after_entry = trade._after_entry
    return Defective("Z004", (trade, "_after_entry", after_entry))


@canary("I12", "I05", small=Small(faults=1, kinds=("F01",)), needs_fault="F01", needs_invariant="I05")
def z005() -> Defective:
    """A request that timed out is simply sent again."""

    def order_event(one: Trade, event: Any) -> Any:
        after, commands = trade_order_event(one, event)
        if isinstance(event, RequestOutcomeUnknown) and event.request == "submit" and after.phase == "entry":
            after, more = trade._submit(after, "entry", after.leg_a.planned)
            commands += more
        return after, commands

    trade_order_event = trade._order_event
    return Defective("Z005", (trade, "_order_event", order_event))


@canary("I06", small=Small(faults=2, kinds=("F01", "F07")), needs_fault="F07")
def z010() -> Defective:
    """When the questions run out the order is taken for dead."""

    def answered(order: Order, event: OrderStatusReported, confirmations: int) -> Any:
        if event.answer in ("failed", "empty"):
            event = changed(event, answer="not_found")
        return orders_answered(order, event, confirmations)

    orders_answered = orders._answered
    return Defective("Z010", (orders, "_answered", answered))


@canary("I07", small=Small(faults=1, lots=2, kinds=("F10",)))
def z046() -> Defective:
    """What was filled before a cancel is not looked at: the hedge is for the planned amount."""
    return Defective("Z046", (trade, "hedge_target", lambda one: one.leg_b.planned))


@canary("I07", small=Small(faults=1, lots=10, kinds=("F10",)))
def z088() -> Defective:
    """A partial fill that does not reach the hedge's own threshold is left as it is."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        if trade.fill_grade(one) != "severe":
            return trade_after_entry(one, allowed)
        after, commands = trade.end(one, "unfilled")
        return changed(after, kept_a=trade.open_lots(one, one.leg_a)), commands

    trade_after_entry = trade._after_entry
    return Defective("Z088", (trade, "_after_entry", after_entry))


@canary("I05", why_blank="a small scope allows one attempt at a hedge")
def z094() -> Defective:
    """What the hedge has covered is not counted: the same amount is hedged again."""

    def filled(one: Trade, slot: Any) -> Lots:
        return Lots(0) if slot == "hedge" else trade_filled(one, slot)

    trade_filled = trade.filled
    return Defective("Z094", (trade, "filled", filled))


@canary("I10", small=Small(trades=2, cap=1), needs_invariant="I10")
def z112() -> Defective:
    """What is in flight is not counted against the limit on trades."""

    def contribute(one: Trade, prices: Any, settings: Any) -> Any:
        return changed(risk_contribute(one, prices, settings), in_flight=0)

    risk_contribute = risk.contribute
    return Defective("Z112", (risk, "contribute", contribute))


@canary("I10", small=Small(trades=2, heat=3))
def z116() -> Defective:
    """Resting orders are not counted as exposure: each passes alone, together they break the cap."""

    def contribute(one: Trade, prices: Any, settings: Any) -> Any:
        if one.phase == "proposed":
            return risk_contribute(one, prices, settings)
        flat = changed(one, leg_a=changed(one.leg_a, planned=0), leg_b=changed(one.leg_b, planned=0))
        return risk_contribute(flat, prices, settings)

    risk_contribute = risk.contribute
    return Defective("Z116", (risk, "contribute", contribute))


@canary("I12", "I15", small=Small(faults=1, kinds=("F18",), halts=1), needs_fault="F18")
def z148() -> Defective:
    """A rejected order is sent again at once, without end."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        if one.orders[-1].phase == "rejected":
            return trade._submit(one, "entry", one.leg_a.planned)
        return trade_after_entry(one, allowed)

    trade_after_entry = trade._after_entry
    return Defective("Z148", (trade, "_after_entry", after_entry))


@canary("I04", "I05", "I06", small=Small(faults=1, kinds=("F13",)), needs_fault="F13")
def x001() -> Defective:
    """The lock is released between the check and the trade: the same signal trades twice (chaos test 5)."""
    return Defective(
        "X001", (admission, "_high_water", lambda state, strategy: -1), (admission, "_key", lambda one: one)
    )


@canary("I07", small=Small(faults=1, kinds=("F10",), lots=10), needs_invariant="I07")
def x002() -> Defective:
    """A half-filled entry is never flattened after an abort."""

    def reduce(one: Trade, keep_a: int, keep_b: int) -> Any:
        if one.phase != "flatten":
            return trade_reduce(one, keep_a, keep_b)
        after, commands = trade.end(one, "flattened")
        return changed(after, kept_a=trade.open_lots(one, one.leg_a)), commands

    trade_reduce = trade._reduce
    return Defective("X002", (trade, "_reduce", reduce))


@canary(
    "I05",
    "I08",
    needs_invariant="I08",
    why_blank="a small scope trades on margin, where the venue refuses an exit of nothing",
)
def x006() -> Defective:
    """Orders that open are marked as exits."""

    def submit(one: Trade, slot: Any, quantity: Lots) -> Any:
        after, commands = trade_submit(one, slot, quantity)
        return after, tuple(
            changed(each, reduce_only=True)
            if isinstance(each, SubmitOrder) and one.leg_a.stop_price is None
            else each
            for each in commands
        )

    trade_submit = trade._submit
    return Defective("X006", (trade, "_submit", submit))
