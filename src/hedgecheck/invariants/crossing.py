"""I19: our bids stay below our asks, so that we never trade with ourselves."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import Books, Broken, Finding, Heard, View
from hedgecheck.messages import (
    Accepted,
    Arrived,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Lost,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Sent,
)
from hedgecheck.values import frozen, replace

Orders = tuple[CreateOrder, ...]


@frozen
class Resting:
    """``sent``: on their way to the venue. ``resting``: limit orders that it works, each for the lots it has
    left. Both oldest first. ``faced``: one ever worked while one of the other side of its symbol did.
    ``waiting``: stop-limit orders that the market has not reached. ``amounts``: lots in all of those two, by
    client order id; ``change``: the replacement that the venue has before it."""

    sent: Orders = ()
    resting: Orders = ()
    faced: bool = False
    waiting: Orders = ()
    amounts: Archive[int] = Archive()
    change: ReplaceOrder | None = None


def _sent(memory: Resting, record: Sent) -> Resting:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    return replace(memory, sent=(*memory.sent, order))


def _lost(memory: Resting, record: Lost) -> Resting:
    if not isinstance(record.request, CreateOrder):
        return memory
    return _arrived(memory, _oldest(memory.sent, record.request.client_order_id))


def _rejected(memory: Resting, record: Rejected) -> Resting:
    return _arrived(memory, _oldest(memory.sent, record.client_order_id))


def _accepted(memory: Resting, record: Accepted) -> Resting:
    order = _oldest(memory.sent, record.client_order_id)
    memory = _arrived(memory, order)
    if order is None or order.price is None or order.immediate:
        return memory
    memory = replace(memory, amounts=memory.amounts.put(order.client_order_id, order.amount))
    if order.stop_price is not None:
        return replace(memory, waiting=(*memory.waiting, order))
    return _rests(memory, order)


def _rests(memory: Resting, order: CreateOrder) -> Resting:
    faced = memory.faced or any(_is_opposite(order, each) for each in memory.resting)
    return replace(memory, resting=(*memory.resting, order), faced=faced)


def _priced(memory: Resting, price: Price) -> Resting:
    """Stop orders that the market reaches rest from now on."""
    for order in memory.waiting:
        if order.symbol == price.symbol and _is_reached(order, price.price):
            memory = _rests(replace(memory, waiting=_without(memory.waiting, order)), order)
    return memory


def _is_reached(order: CreateOrder, price: int) -> bool:
    assert order.stop_price is not None, "Invariant: what waits has a stop"
    return price >= order.stop_price if order.side == "buy" else price <= order.stop_price


def _to_change(memory: Resting, record: Arrived) -> Resting:
    return replace(memory, change=record.request) if isinstance(record.request, ReplaceOrder) else memory


def _replaced(memory: Resting, record: Replaced) -> Resting:
    """The order has the amount that is reported, and the prices that were asked for."""
    change, name = memory.change, record.client_order_id
    order = _oldest((*memory.resting, *memory.waiting), name)
    if order is None or change is None or change.client_order_id != name:
        return replace(memory, change=None)
    left = order.amount + record.amount - memory.amounts[name]
    prices = change.price or order.price, change.stop_price or order.stop_price
    after = replace(order, amount=left, price=prices[0], stop_price=prices[1])
    amounts = memory.amounts.put(name, record.amount)
    memory = replace(memory, change=None, amounts=amounts)
    return _exchanged(memory, order, (after,) if left > 0 else ())


def _unchanged(memory: Resting, _record: ReplaceRefused) -> Resting:
    return replace(memory, change=None)


def _exchanged(memory: Resting, order: CreateOrder, after: Orders) -> Resting:
    """The books with ``after`` in the place of one order."""
    resting, waiting = (
        tuple([each for old in orders for each in (after if old is order else (old,))])
        for orders in (memory.resting, memory.waiting)
    )
    return replace(memory, resting=resting, waiting=waiting)


def _filled(memory: Resting, fill: Filled) -> Resting:
    order = _oldest(memory.resting, fill.client_order_id)
    if order is None:
        return memory
    rest = (replace(order, amount=order.amount - fill.amount),) if fill.amount < order.amount else ()
    return _exchanged(memory, order, rest)


def _ended(memory: Resting, record: Canceled | Expired) -> Resting:
    order = _oldest((*memory.resting, *memory.waiting), record.client_order_id)
    return memory if order is None else _exchanged(memory, order, ())


# A client order id can be in use twice: held at the venue, and sent again. What happens to one of the two is
# no word about the other.


def _arrived(memory: Resting, order: CreateOrder | None) -> Resting:
    return replace(memory, sent=_without(memory.sent, order))


def _oldest(orders: Orders, client_order_id: str) -> CreateOrder | None:
    return next((each for each in orders if each.client_order_id == client_order_id), None)


def _without(orders: Orders, order: CreateOrder | None) -> Orders:
    return tuple([each for each in orders if each is not order])


def _is_opposite(first: CreateOrder, second: CreateOrder) -> bool:
    return first.symbol == second.symbol and first.side != second.side


def _by_id(orders: Orders) -> Orders:
    return tuple(sorted(orders, key=lambda order: order.client_order_id))


RESTING = Books(
    lambda terms: Resting(),
    {
        (Sent, CreateOrder): _sent,
        Lost: _lost,
        Rejected: _rejected,
        Accepted: _accepted,
        Filled: _filled,
        Price: _priced,
        Arrived: _to_change,
        Replaced: _replaced,
        ReplaceRefused: _unchanged,
        Canceled: _ended,
        Expired: _ended,
    },
    lambda memory: (
        _by_id(memory.sent),
        _by_id(memory.resting),
        memory.faced,
        _by_id(memory.waiting),
        memory.amounts,
        memory.change,
    ),
)


@frozen
class NoSelfCross:
    """Among the orders that the venue works for us no limit to buy is at or above a limit to sell of the same
    symbol. Market and immediate orders never rest and are not counted, nor are stop orders that wait."""

    id: str = "I19"
    name: str = "no_self_cross"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted, Price, Replaced)
    books: Books = RESTING

    def verdict(self, memory: Resting, view: View) -> Finding:
        bids = [order for order in memory.resting if order.side == "buy"]
        asks = [order for order in memory.resting if order.side == "sell"]
        for bid in bids:
            for ask in asks:
                if bid.symbol == ask.symbol and _limit(bid) >= _limit(ask):
                    return Broken(
                        f"{bid.symbol}: order {bid.client_order_id} works to buy at {_limit(bid)} where "
                        f"order {ask.client_order_id} works to sell at {_limit(ask)}"
                    )
        return "holds" if memory.faced else "vacuous"


def _limit(order: CreateOrder) -> int:
    assert order.price is not None, "Invariant: what rests has a limit"
    return order.price
