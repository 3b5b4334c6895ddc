"""I19: our bids stay below our asks, so that we never trade with ourselves."""

from typing import Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Heard, View
from hedgecheck.messages import Accepted, Canceled, CreateOrder, Expired, Filled, Lost, Rejected, Sent
from hedgecheck.values import frozen, replace

Orders = tuple[CreateOrder, ...]


@frozen
class Resting:
    """``sent``: on their way to the venue. ``resting``: limit orders that it works, each for the lots it has
    left. Both oldest first. ``faced``: one ever worked while one of the other side of its symbol did."""

    sent: Orders = ()
    resting: Orders = ()
    faced: bool = False


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
    faced = memory.faced or any(_is_opposite(order, each) for each in memory.resting)
    return replace(memory, resting=(*memory.resting, order), faced=faced)


def _filled(memory: Resting, fill: Filled) -> Resting:
    order = _oldest(memory.resting, fill.client_order_id)
    if order is None:
        return memory
    if fill.amount >= order.amount:
        return replace(memory, resting=_without(memory.resting, order))
    rest = replace(order, amount=order.amount - fill.amount)
    return replace(memory, resting=tuple([rest if each is order else each for each in memory.resting]))


def _ended(memory: Resting, record: Canceled | Expired) -> Resting:
    return replace(memory, resting=_without(memory.resting, _oldest(memory.resting, record.client_order_id)))


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
        Canceled: _ended,
        Expired: _ended,
    },
    lambda memory: (_by_id(memory.sent), _by_id(memory.resting), memory.faced),
)


@frozen
class NoSelfCross:
    """Among the orders that the venue works for us no limit to buy is at or above a limit to sell of the same
    symbol. Market and immediate orders never rest and are not counted."""

    id: str = "I19"
    name: str = "no_self_cross"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted,)
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
