"""I08: an exit makes a position smaller and does nothing else."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    Table,
    View,
    bump,
    lots_of,
    moved,
    put,
)
from hedgecheck.messages import Accepted, Canceled, CreateOrder, Expired, Filled, Replaced, Sent
from hedgecheck.values import frozen, replace


@frozen
class Exits:
    """``positions`` at the venue. ``orders``: every exit that was sent, stops that wait among them; ``left``:
    lots of it that work, of those that do; ``began``: whether any ever did."""

    positions: Counts = Table()
    orders: Archive[CreateOrder] = Archive()
    left: Counts = Table()
    breach: str = ""
    began: bool = False


def _sent(memory: Exits, record: Sent) -> Exits:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    if not order.reduce_only:
        return memory
    return replace(memory, orders=memory.orders.put(order.client_order_id, order))


def _accepted(memory: Exits, record: Accepted) -> Exits:
    order = memory.orders.get(record.client_order_id)
    if order is None:
        return memory
    return replace(memory, left=put(memory.left, order.client_order_id, order.amount), began=True)


def _filled(memory: Exits, fill: Filled) -> Exits:
    positions = bump(memory.positions, fill.symbol, lots_of(fill))
    order = memory.orders.get(fill.client_order_id)
    if order is None:
        return replace(memory, positions=positions)
    held = memory.positions.get(fill.symbol, 0)
    signed = fill.amount if fill.side == "buy" else -fill.amount
    breach = memory.breach
    if held * signed >= 0 or abs(signed) > abs(held):
        breach = (
            f"exit {fill.client_order_id} traded {signed:+d} lots of {fill.symbol} where {held:+d} were held"
        )
    left = moved(memory.left, fill.client_order_id, -fill.amount)
    return replace(memory, positions=positions, left=left, breach=breach, began=True)


def _replaced(memory: Exits, record: Replaced) -> Exits:
    order = memory.orders.get(record.client_order_id)
    if order is None:
        return memory
    change = record.amount - order.amount
    orders = memory.orders.put(order.client_order_id, replace(order, amount=record.amount))
    return replace(memory, orders=orders, left=moved(memory.left, order.client_order_id, change), began=True)


def _ended(memory: Exits, record: Canceled | Expired) -> Exits:
    left = memory.left.get(record.client_order_id, 0)
    return replace(memory, left=moved(memory.left, record.client_order_id, -left)) if left else memory


EXITS = Books(
    lambda terms: Exits(),
    {
        (Sent, CreateOrder): _sent,
        Accepted: _accepted,
        Filled: _filled,
        Replaced: _replaced,
        Canceled: _ended,
        Expired: _ended,
    },
)


@frozen
class ExitsOnlyReduce:
    """A reduce-only order never grows or flips a position; all that the venue works for one symbol together,
    stops that wait among them, are no more than the position; and at rest none is left where nothing is
    held."""

    id: str = "I08"
    name: str = "exits_only_reduce"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted, Filled, Replaced)
    books: Books = EXITS

    def verdict(self, memory: Exits, view: View) -> Finding:
        if memory.breach:
            return Broken(memory.breach)
        working: dict[tuple[str, str], int] = {}
        for client_order_id, left in memory.left.items():
            order = memory.orders[client_order_id]
            if left > 0:
                working[order.symbol, order.side] = working.get((order.symbol, order.side), 0) + left
        for (symbol, side), lots in working.items():
            held = memory.positions.get(symbol, 0) * (1 if side == "sell" else -1)
            if lots > max(0, held):
                return Broken(f"exits for {lots} lots of {symbol} work where {max(0, held)} are held")
        return "holds" if memory.began else "vacuous"
