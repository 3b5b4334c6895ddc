"""The bundled core with one real-world defect planted in it: each must be found.

A canary puts its own function in the place of one of the core's, for the length of one step, so that
engines with different defects can run in one process. Every factory here is a TARGET of the command line:
``hedgecheck fuzz tests.canary.engines:z001``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from types import ModuleType
from typing import Any

from core import engine, orders, positions, risk, trade
from core.messages import (
    FillGrade,
    OrderStatusReported,
    RequestOutcomeUnknown,
)
from core.orders import Order
from core.trade import Trade
from core.units import Lots
from hedgecheck.drive import BundledCore
from hedgecheck.messages import EngineCommand, EngineEvent

Patch = tuple[ModuleType, str, Any]


class Defective(BundledCore):
    """The core with some of its functions exchanged."""

    def __init__(self, name: str, *patches: Patch) -> None:
        self.name = name
        self._patches = patches

    def step(self, state: engine.State, event: EngineEvent) -> tuple[engine.State, tuple[EngineCommand, ...]]:
        """One step with the defect in place."""
        kept = [(module, name, getattr(module, name)) for module, name, _ in self._patches]
        try:
            for module, name, planted in self._patches:
                setattr(module, name, planted)
            return super().step(state, event)
        finally:
            for module, name, original in kept:
                setattr(module, name, original)

    def __reduce__(self) -> Any:
        """Pickled by the name of its factory, which worker processes import."""
        return CANARIES[self.name].factory, ()


@dataclass(frozen=True)
class Canary:
    """A defect: where it was seen, and which rules may be the ones to find it."""

    id: str
    defect: str
    invariants: tuple[str, ...]
    factory: Callable[[], Defective]


def z001() -> Defective:
    """A timeout counts as a rejection: the engine forgets an order that is alive."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        if isinstance(event, RequestOutcomeUnknown) and event.request == "submit":
            return changed(order, phase="rejected"), None
        return orders_book(order, event, confirmations)

    orders_book = orders.book
    return Defective("Z001", (trade, "book", book))


def z002() -> Defective:
    """The first not-found answer is believed, and the order sent again."""

    def book(order: Order, event: Any, _confirmations: int) -> Any:
        return orders_book(order, event, 1)

    def wants(one: Trade, event: Any) -> Any:
        is_denial = isinstance(event, OrderStatusReported) and event.answer == "not_found"
        return "resend" if one.phase == "entry" and is_denial else trade_wants(one, event)

    orders_book, trade_wants = orders.book, trade.wants
    return Defective("Z002", (trade, "book", book), (trade, "wants", wants), (engine, "wants", wants))


def z013() -> Defective:
    """A late acknowledgement opens an order again that was already filled."""
    table = {**orders.TABLE, ("filled", "accepted"): "new"}
    return Defective("Z013", (orders, "TABLE", table))


def z018() -> Defective:
    """The set of seen executions is cleared when an order is complete: replayed fills count again."""

    def fill(order: Order, one: Any) -> Any:
        if order.phase == "filled":
            one = changed(one, trade_id=f"{one.trade_id}'")
        return orders_fill(order, one)

    orders_fill = orders._fill
    return Defective("Z018", (orders, "_fill", fill))


def z046() -> Defective:
    """What was filled before a cancel is not looked at: the hedge is for the planned amount."""
    return Defective("Z046", (trade, "hedge_target", lambda one: one.leg_b.planned))


def z062() -> Defective:
    """A status answer's fills are booked without regard to those already known."""

    def found(order: Order, event: Any) -> Any:
        renamed = tuple(changed(one, trade_id=f"{one.trade_id}?") for one in event.fills)
        return orders_found(order, changed(event, fills=renamed))

    orders_found = orders._found
    return Defective("Z062", (orders, "_found", found))


def z067() -> Defective:
    """Only the last of several fills moves the position."""

    def fill(order: Order, one: Any) -> Any:
        after, anomaly = orders_fill(order, one)
        return changed(after, fills=(one,)) if anomaly is None else after, anomaly

    orders_fill = orders._fill
    return Defective("Z067", (orders, "_fill", fill))


def z074() -> Defective:
    """A fee taken in the bought asset is not subtracted from what is held."""
    return Defective(
        "Z074",
        (orders, "position_change", lambda side, one: one.quantity if side == "buy" else -one.quantity),
        (positions, "position_change", lambda side, one: one.quantity if side == "buy" else -one.quantity),
    )


def z077() -> Defective:
    """Commission is charged twice."""

    def book_fill(book: Any, symbol: str, side: Any, one: Any, settings: Any) -> Any:
        return core_book_fill(book, symbol, side, changed(one, fee_money=2 * one.fee_money), settings)

    core_book_fill = positions.book_fill
    return Defective("Z077", (positions, "book_fill", book_fill))


def z088() -> Defective:
    """A partial fill that does not reach the hedge's own threshold is left as it is."""

    def fill_grade(one: Trade) -> FillGrade:
        grade = trade_fill_grade(one)
        return "none" if grade == "severe" else grade

    trade_fill_grade = trade.fill_grade
    return Defective("Z088", (trade, "fill_grade", fill_grade))


def z094() -> Defective:
    """What the hedge has covered is not counted: the same amount is hedged again."""

    def filled(one: Trade, slot: Any) -> Lots:
        return Lots(0) if slot == "hedge" else trade_filled(one, slot)

    trade_filled = trade.filled
    return Defective("Z094", (trade, "filled", filled))


def z112() -> Defective:
    """What is in flight is not counted against the limit on trades."""

    def contribute(one: Trade, prices: Any, settings: Any) -> Any:
        return changed(risk_contribute(one, prices, settings), in_flight=0)

    risk_contribute = risk.contribute
    return Defective("Z112", (risk, "contribute", contribute))


def z116() -> Defective:
    """Resting orders are not counted as exposure: each passes alone, together they break the cap."""

    def contribute(one: Trade, prices: Any, settings: Any) -> Any:
        if one.phase == "proposed":
            return risk_contribute(one, prices, settings)
        flat = changed(one, leg_a=changed(one.leg_a, planned=0), leg_b=changed(one.leg_b, planned=0))
        return risk_contribute(flat, prices, settings)

    risk_contribute = risk.contribute
    return Defective("Z116", (risk, "contribute", contribute))


def z004() -> Defective:
    """An order that is not found is sent again without asking whether it had filled already."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        last = one.orders[-1]
        if last.phase in ("canceled", "expired") and last.id.attempt < one.protocol.entry_attempts:
            return trade._submit(one, "entry", one.leg_a.planned)
        return trade_after_entry(one, allowed)

    trade_after_entry = trade._after_entry
    return Defective("Z004", (trade, "_after_entry", after_entry))


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


def z010() -> Defective:
    """When the questions run out the order is taken for dead."""

    def answered(order: Order, event: OrderStatusReported, confirmations: int) -> Any:
        if event.answer in ("failed", "empty"):
            event = changed(event, answer="not_found")
        return orders_answered(order, event, confirmations)

    orders_answered = orders._answered
    return Defective("Z010", (orders, "_answered", answered))


def z148() -> Defective:
    """A rejected order is sent again at once, without end."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        if one.orders[-1].phase == "rejected":
            return trade._submit(one, "entry", one.leg_a.planned)
        return trade_after_entry(one, allowed)

    trade_after_entry = trade._after_entry
    return Defective("Z148", (trade, "_after_entry", after_entry))


def x001() -> Defective:
    """The lock is released between the check and the trade: the same signal trades twice (chaos test 5)."""
    return Defective(
        "X001", (engine, "_high_water", lambda state, strategy: -1), (engine, "_key", lambda one: one)
    )


def x002() -> Defective:
    """A half-filled entry is never flattened after an abort."""

    def reduce(one: Trade, keep_a: int, keep_b: int) -> Any:
        return (
            trade._end(changed(one, phase="flatten"), "flattened")
            if one.phase == "flatten"
            else trade_reduce(one, keep_a, keep_b)
        )

    trade_reduce = trade._reduce
    return Defective("X002", (trade, "_reduce", reduce))


def z070() -> Defective:
    """The filled amount of an order is that of its last execution, not the total."""

    def fill(order: Order, one: Any) -> Any:
        after, anomaly = orders_fill(order, one)
        return changed(after, filled=one.quantity) if anomaly is None else after, anomaly

    orders_fill = orders._fill
    return Defective("Z070", (orders, "_fill", fill))


RULES: dict[Callable[[], Defective], tuple[str, ...]] = {
    z001: ("I06",),
    z002: ("I06",),
    z004: ("I05", "I07"),
    z005: ("I05",),
    z010: ("I06",),
    z013: ("I06",),
    z018: ("I03",),
    z046: ("I07",),
    z062: ("I03",),
    z067: ("I03",),
    z070: ("I04", "I05"),
    z074: ("I03",),
    z077: ("I11",),
    z088: ("I07",),
    z094: ("I05",),
    z112: ("I10",),
    z116: ("I10",),
    z148: ("I15",),
    x001: ("I04", "I05", "I06"),
    x002: ("I07",),
}

CANARIES: dict[str, Canary] = {
    factory().name: Canary(factory().name, (factory.__doc__ or "").strip(), rules, factory)
    for factory, rules in RULES.items()
}
