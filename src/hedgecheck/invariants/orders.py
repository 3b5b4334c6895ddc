"""What the venue has and what the engine knows of: I02 at rest, I17 after every restart."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import Books, Broken, Finding, Heard, Table, View, put
from hedgecheck.messages import (
    Accepted,
    Alert,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Lost,
    Rejected,
    Replaced,
    Restarted,
    Sent,
)
from hedgecheck.values import frozen, replace


@frozen
class Orders:
    """``sent``: on their way to the venue, oldest first. ``left``: lots of those the venue works, by id, of
    the ``amounts`` in all. ``intents``: whose each order is. ``restarted``: whether a crash may have kept an
    order from leaving."""

    sent: tuple[CreateOrder, ...] = ()
    left: Table[int] = Table()
    amounts: Archive[int] = Archive()
    intents: Archive[str | None] = Archive()
    flagged: tuple[str, ...] = ()
    restarted: bool = False


def _sent(memory: Orders, record: Sent) -> Orders:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    intents = memory.intents.put(order.client_order_id, order.intent)
    return replace(memory, sent=(*memory.sent, order), intents=intents)


def _on_its_way(memory: Orders, client_order_id: str) -> CreateOrder | None:
    for order in memory.sent:
        if order.client_order_id == client_order_id:
            return order
    return None


def _arrived(memory: Orders, client_order_id: str) -> Orders:
    order = _on_its_way(memory, client_order_id)
    return replace(memory, sent=tuple([each for each in memory.sent if each is not order]))


def _lost(memory: Orders, record: Lost) -> Orders:
    if not isinstance(record.request, CreateOrder):
        return memory
    return _arrived(memory, record.request.client_order_id)


def _accepted(memory: Orders, record: Accepted) -> Orders:
    order = _on_its_way(memory, record.client_order_id)
    if order is None:
        return memory
    memory = _arrived(memory, record.client_order_id)
    left = put(memory.left, record.client_order_id, order.amount)
    return replace(memory, left=left, amounts=memory.amounts.put(record.client_order_id, order.amount))


def _replaced(memory: Orders, record: Replaced) -> Orders:
    left, before = memory.left.get(record.client_order_id), memory.amounts.get(record.client_order_id)
    if left is None or before is None:
        return memory
    memory = replace(memory, amounts=memory.amounts.put(record.client_order_id, record.amount))
    left += record.amount - before
    if left <= 0:
        return _ended(memory, record)
    return replace(memory, left=put(memory.left, record.client_order_id, left))


def _filled(memory: Orders, fill: Filled) -> Orders:
    left = memory.left.get(fill.client_order_id)
    if left is None:
        return memory
    if fill.amount >= left:
        return _ended(memory, fill)
    return replace(memory, left=put(memory.left, fill.client_order_id, left - fill.amount))


def _ended(memory: Orders, record: Filled | Canceled | Expired | Replaced) -> Orders:
    left = Table({order: lots for order, lots in memory.left.items() if order != record.client_order_id})
    return replace(memory, left=left)


def _alerted(memory: Orders, alert: Alert) -> Orders:
    return replace(memory, flagged=(*memory.flagged, alert.subject))


ORDERS = Books(
    lambda terms: Orders(),
    {
        (Sent, CreateOrder): _sent,
        Lost: _lost,
        Accepted: _accepted,
        Rejected: lambda memory, record: _arrived(memory, record.client_order_id),
        Filled: _filled,
        Replaced: _replaced,
        Canceled: _ended,
        Expired: _ended,
        Alert: _alerted,
        Restarted: lambda memory, _record: replace(memory, restarted=True),
    },
    lambda memory: (
        tuple(sorted(memory.sent, key=lambda order: order.client_order_id)),
        memory.left,
        memory.amounts,
        memory.intents,
        frozenset(memory.flagged),
        memory.restarted,
    ),
)


@frozen
class OpenOrdersConverge:
    """At rest the orders that the engine thinks open are those the venue works. Where an alert is up for the
    order's intent a person has been told; of an order that a crash kept from leaving no intent is known."""

    id: str = "I02"
    name: str = "open_orders_converge"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = ORDERS

    def verdict(self, memory: Orders, view: View) -> Finding:
        believed = [order.client_order_id for order in view.belief.orders if not order.over]
        for order in believed:
            if order not in memory.left and not _is_flagged(memory, order):
                return Broken(f"at rest the engine thinks order {order} open; the venue does not work it")
        for order in memory.left:
            if order not in believed and not _is_flagged(memory, order):
                return Broken(f"at rest the venue works order {order}, which the engine does not think open")
        return "holds" if memory.intents else "vacuous"


def _is_flagged(memory: Orders, client_order_id: str) -> bool:
    """Whether an alert is up for the order's intent; for one that a crash kept from leaving any will do."""
    if client_order_id not in memory.intents:
        return memory.restarted and bool(memory.flagged)
    return memory.intents[client_order_id] in memory.flagged


@frozen
class DurableTrace:
    """After every restart the engine knows of each order that works at the venue or is on its way there."""

    id: str = "I17"
    name: str = "durable_trace"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Restarted,)
    books: Books = ORDERS

    def verdict(self, memory: Orders, view: View) -> Finding:
        known = [order.client_order_id for order in view.belief.orders]
        out = [*memory.left, *(order.client_order_id for order in memory.sent)]
        for order in out:
            if order not in known:
                return Broken(f"after the restart the engine knows nothing of order {order}, which is out")
        return "holds" if out else "vacuous"
