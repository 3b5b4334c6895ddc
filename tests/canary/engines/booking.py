"""Defects in what is made of the venue's reports: phases, fills, fees and positions."""

from dataclasses import replace as changed
from typing import Any

from core import engine, lifecycle, orders, positions, trade
from core.messages import CancelRejected, OrderAccepted, OrderFilled
from core.orders import Order, is_live, net_lots
from hedgecheck.drive import order_name, order_of, signal_name
from hedgecheck.explore.bounded import Small
from hedgecheck.invariants import Belief
from hedgecheck.messages import Filled, Price
from tests.canary.engines.defective import Defective, canary
from tests.canary.engines.inputs import handling


@canary("I06", small=Small(faults=1, kinds=("F02",)), needs_invariant="I06")
def z013() -> Defective:
    """A late acknowledgement opens an order again that was already filled."""
    table = {**lifecycle.TABLE, ("filled", "accepted"): "new"}
    return Defective("Z013", (orders, "TABLE", table))


@canary("I03", small=Small(faults=1, kinds=("F04",)), needs_fault="F04")
def z018() -> Defective:
    """The set of seen executions is cleared when an order is complete: replayed fills count again."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        if isinstance(event, OrderFilled) and order.phase == "filled":
            event = changed(event, fill=changed(event.fill, trade_id=f"{event.fill.trade_id}'"))
        return orders_book(order, event, confirmations)

    orders_book = orders.book
    return Defective("Z018", (trade, "book", book))


@canary("I03", small=Small(faults=1, lots=2, kinds=("F08",)))
def z062() -> Defective:
    """A status answer's fills are booked without regard to those already known."""

    def found(order: Order, event: Any) -> Any:
        renamed = tuple(changed(one, trade_id=f"{one.trade_id}?") for one in event.fills)
        return orders_found(order, changed(event, fills=renamed))

    orders_found = orders._found
    return Defective("Z062", (orders, "_found", found))


@canary("I03", small=Small(faults=1, lots=2, kinds=("F09", "F10")))
def z067() -> Defective:
    """Only the last of several fills moves the position."""

    def fill(order: Order, one: Any) -> Any:
        after, anomaly = orders_fill(order, one)
        return changed(after, fills=(one,)) if anomaly is None else after, anomaly

    orders_fill = orders._fill
    return Defective("Z067", (orders, "_fill", fill))


@canary("I04", "I05", "I06", small=Small(faults=1, lots=2, kinds=("F09", "F10")))
def z070() -> Defective:
    """The filled amount of an order is that of its last execution, not the total."""

    def fill(order: Order, one: Any) -> Any:
        after, anomaly = orders_fill(order, one)
        return changed(after, filled=one.quantity) if anomaly is None else after, anomaly

    orders_fill = orders._fill
    return Defective("Z070", (orders, "_fill", fill))


@canary("I03", small=Small(faults=1, lots=10, kinds=("F19",)), needs_fault="F19")
def z074() -> Defective:
    """A fee taken in the bought asset is not subtracted from what is held."""
    return Defective(
        "Z074",
        (orders, "position_change", lambda side, one: one.quantity if side == "buy" else -one.quantity),
        (positions, "position_change", lambda side, one: one.quantity if side == "buy" else -one.quantity),
    )


@canary("I11", small=Small(faults=1, lots=10, kinds=("F19",)), needs_invariant="I11")
def z077() -> Defective:
    """Commission is charged twice."""

    def book_fill(book: Any, symbol: str, side: Any, one: Any, settings: Any) -> Any:
        return core_book_fill(book, symbol, side, changed(one, fee_money=2 * one.fee_money), settings)

    core_book_fill = positions.book_fill
    return Defective("Z077", (positions, "book_fill", book_fill))


@canary("I03", small=Small(faults=1, kinds=("F03",)), needs_fault="F03")
def z016() -> Defective:
    """A refused cancel takes the order off the map: the fill that it overtook belongs to nobody."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        is_off_the_map = order.reconciled and is_live(order)
        if isinstance(event, OrderFilled) and is_off_the_map:
            return order, "UNEXPECTED_REPORT"
        after, anomaly = orders_book(order, event, confirmations)
        return changed(after, reconciled=True) if isinstance(event, CancelRejected) else after, anomaly

    orders_book = orders.book
    return Defective("Z016", (trade, "book", book))


@canary("I03", small=Small(faults=1, kinds=("F08",)), needs_fault="F08")
def z040() -> Defective:
    """What the venue reports as cancelled is done with: a fill that crossed the cancel is not looked at."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        if isinstance(event, OrderFilled) and order.phase == "canceled":
            return order, "UNEXPECTED_REPORT"
        return orders_book(order, event, confirmations)

    orders_book = orders.book
    return Defective("Z040", (trade, "book", book))


@canary("I03", small=Small(faults=1, lots=2, kinds=("F10",)), needs_fault="F10", needs_invariant="I03")
def x004() -> Defective:
    """A partial fill moves the reported position only when its order is over."""

    def believes(state: engine.State, belief: Belief) -> Belief:
        held = dict(belief.positions)
        for order in (order for one in state.trades for order in one.orders if is_live(order)):
            held[order.symbol] = held.get(order.symbol, 0) - net_lots(order)
        return changed(belief, positions=tuple(sorted(pair for pair in held.items() if pair[1])))

    return Defective("X004", believes=believes)


@canary("I04", small=Small(faults=1, lots=2, kinds=("F10",)), needs_invariant="I04")
def x005() -> Defective:
    """An order that was cancelled or expired is reported as if nothing of it had been filled."""

    def believes(state: engine.State, belief: Belief) -> Belief:
        ended = [
            order_name(order.id)
            for one in state.trades
            for order in one.orders
            if order.phase in ("canceled", "expired")
        ]
        shown = [changed(each, filled=0) if each.client_order_id in ended else each for each in belief.orders]
        return changed(belief, orders=tuple(shown))

    return Defective("X005", believes=believes)


class Rebooking(Defective):
    """Its state is the core's, and the entries' fills at prices that it had not heard of."""

    def initial(self, scope: Any) -> Any:
        """The core's state, and no such fills."""
        return super().initial(scope), ()

    def step(self, state: Any, event: Any) -> Any:
        """Books such a fill again when its price is heard of at last, and the trade is over."""
        inner, unheard = state
        if isinstance(event, Filled) and order_of(event.client_order_id).slot == "entry":
            known = positions.price_of(inner.prices, event.symbol)
            unheard += (event,) if known not in (None, event.price) else ()
        inner, commands = super().step(inner, event)
        ended = [signal for signal, phase in super().phases(inner) if phase == "ended"]
        for fill in unheard if isinstance(event, Price) else ():
            is_late = (fill.symbol, fill.price) == (event.symbol, event.price)
            if is_late and signal_name(order_of(fill.client_order_id).signal) in ended:
                inner, more = super().step(inner, changed(fill, trade_id=f"{fill.trade_id}'"))
                commands += more
        return (inner, unheard), commands

    parts = None  # its state is not the core's

    def essence(self, state: Any) -> Any:
        """What the future depends on."""
        return super().essence(state[0]), state[1]

    def phases(self, state: Any) -> Any:
        """Where each trade is in its life."""
        return super().phases(state[0])

    def belief(self, state: Any) -> Belief:
        """What the core holds to be true."""
        return super().belief(state[0])


@canary("I18", "I03", "I04", "I05", small=Small(faults=2, kinds=("F14", "F24")), needs_fault="F24")
def x010() -> Defective:
    """An entry filled at a price that the feed had not shown is booked again when the feed shows it late."""
    return Rebooking("X010")


@canary("I06", small=Small(crashes=1), needs_fault="F11")
def x011() -> Defective:
    """An entry's acknowledgement that comes after a restart is nobody's: the order is written off."""

    def book(order: Order, event: Any, confirmations: int) -> Any:
        is_new = order.phase == "pending_new" and order.id.slot == "entry"
        if isinstance(event, OrderAccepted) and order.unknown and is_new:
            return changed(order, phase="rejected", unknown=False), None
        return orders_book(order, event, confirmations)

    orders_book = orders.book
    return Defective("X011", (trade, "book", book))


@canary("I06", small=Small(faults=1, kinds=("F02",)), needs_fault="F02", needs_invariant="I06")
def x012() -> Defective:
    """An acknowledgement that comes after the cancel opens the order again."""
    table = {**lifecycle.TABLE, ("canceled", "accepted"): "new"}
    return Defective("X012", (orders, "TABLE", table))


@canary("I03", "I01", small=Small(faults=1, kinds=("F22",)), needs_fault="F22")
def x020() -> Defective:
    """A fill that somebody else had on the account is booked as if an order here had it."""

    def filled(state: engine.State, event: OrderFilled) -> engine.Step:
        after, commands = engine_filled(state, event)
        if any(each.signal == event.order.signal for each in state.trades):
            return after, commands
        symbol = state.settings.instruments[0].symbol
        book = positions.book_fill(after.book, symbol, "buy", event.fill, state.settings)
        return changed(after, book=book), commands

    engine_filled = engine.HANDLERS[OrderFilled]
    return Defective("X020", handling(OrderFilled, filled))
