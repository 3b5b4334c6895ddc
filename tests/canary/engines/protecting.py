"""Defects in protective stops and in what a replacement makes of an order."""

from dataclasses import replace as changed
from typing import Any

from core import orders, protection, tracking
from core.messages import SubmitOrder
from core.orders import Order
from core.plan import Leg, Trade
from core.units import Lots
from hedgecheck.explore.bounded import Small
from tests.canary.engines.defective import Defective, canary

RESIZED = Small(faults=1, lots=2, kinds=("F09", "F10"), stops=1)  # an entry that fills in parts


@canary(
    "I04", "I06", "I03", "I09", "I01", "I02", small=Small(faults=2, lots=2, kinds=("F09", "F10"), stops=1)
)
def z043() -> Defective:
    """The confirmation of a replacement puts back what was filled before it was sent."""

    def resized(order: Order, quantity: Lots) -> Order:
        after = orders_resized(order, quantity)
        return changed(after, filled=Lots(0), fills=()) if order.replacing is not None else after

    orders_resized = orders._resized
    return Defective("Z043", (orders, "_resized", resized))


@canary("I09", small=RESIZED, needs_invariant="I09")
def z073() -> Defective:
    """A stop keeps its size when more of its leg fills."""
    return Defective("Z073", (tracking, "change", lambda order, *_: (order, ())))


@canary("I05", "I09", "I08", small=RESIZED)
def z052() -> Defective:
    """The stop is placed for the whole plan when the first part has filled."""

    def wanted(one: Trade, leg: Leg) -> Lots:
        return leg.planned if protection_wanted(one, leg) else Lots(0)

    protection_wanted = protection._wanted
    return Defective("Z052", (protection, "_wanted", wanted))


@canary("I05", "I08", "I09", small=RESIZED)
def z107() -> Defective:
    """What is left over is flattened while the stop of the same lots still rests."""
    return Defective("Z107", (protection, "is_within", lambda one, keep_a, keep_b: True))


@canary("I07", "I09", small=Small(faults=1, kinds=("F18",), stops=1), needs_invariant="I09")
def z143() -> Defective:
    """A stop that the venue refused is taken for placed: the position goes on without one."""

    def standing(one: Trade, slot: Any) -> Any:
        refused = [order for order in one.orders if order.id.slot == slot and order.phase == "rejected"]
        return refused[0] if refused else protection_standing(one, slot)

    protection_standing = protection._standing
    return Defective("Z143", (protection, "_standing", standing), (protection, "is_void", lambda one: False))


@canary("I09", small=Small(stops=1), needs_invariant="I09")
def x016() -> Defective:
    """The stop of the second leg is forgotten."""

    def protected_legs(one: Trade) -> Any:
        return protection_legs(one)[:1]

    protection_legs = protection._protected_legs
    return Defective("X016", (protection, "_protected_legs", protected_legs))


@canary("I05", "I08", "I09", small=Small(stops=1))
def x017() -> Defective:
    """Protective stops leave without being marked as exits."""

    def submit(one: Trade, *rest: Any) -> Any:
        after, commands = protection_submit(one, *rest)
        plain = [
            changed(each, reduce_only=False) if isinstance(each, SubmitOrder) else each for each in commands
        ]
        return after, tuple(plain)

    protection_submit = protection._submit
    return Defective("X017", (protection, "_submit", submit))


def _plain(command: Any) -> Any:
    return changed(command, reduce_only=False) if isinstance(command, SubmitOrder) else command
