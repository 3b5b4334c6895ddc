"""At most one order works in each slot: what a maker that cancels and replaces must never lose count of."""

from collections.abc import Callable, Hashable
from typing import Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Heard, View
from hedgecheck.invariants.crossing import RESTING, Resting
from hedgecheck.messages import Accepted, CreateOrder
from hedgecheck.values import frozen

Key = Callable[[CreateOrder], Hashable]


def side_of_symbol(order: CreateOrder) -> Hashable:
    """One slot for the bids and one for the asks of each symbol."""
    return order.symbol, order.side


@frozen
class OneOrderPerSlot:
    """Of the orders that the venue works at any time at most one has the same key: one per symbol and side,
    unless the rule is called with another. An order counts until the venue has confirmed its cancellation, or
    it is filled to the end; market and immediate orders never rest and do not count. Orders at two venues
    share no slot.

    ``one_order_per_slot(key=...)``: a function of the order as it was sent, with ``symbol``, ``side``,
    ``price`` in ticks, ``stop_price``, ``reduce_only`` and ``intent``, to anything that can be compared."""

    id: str = "one_order_per_slot"
    name: str = "one_order_per_slot"
    kind: Literal["always", "rest", "compared"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted,)
    books: Books = RESTING
    key: Key = side_of_symbol

    def __call__(self, *, key: Key) -> "OneOrderPerSlot":
        return OneOrderPerSlot(key=key)

    def verdict(self, memory: Resting, view: View) -> Finding:
        slots: dict[Hashable, CreateOrder] = {}
        for order in (*memory.resting, *memory.waiting):
            slot = self.key(order)
            first = slots.setdefault(slot, order)
            if first is not order:
                return Broken(
                    f"orders {first.client_order_id} and {order.client_order_id} work at the same time in "
                    f"slot {slot!r}"
                )
        return "holds" if memory.amounts else "vacuous"
