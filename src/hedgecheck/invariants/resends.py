"""An order whose outcome is unknown is asked about before the same is sent again."""

from typing import Any, Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Handler, Heard, View
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelRefused,
    CreateOrder,
    Expired,
    Filled,
    Listed,
    OrderReport,
    OutcomeUnknown,
    Rejected,
    Sent,
    Status,
    Told,
)
from hedgecheck.values import frozen, replace

Orders = tuple[CreateOrder, ...]


@frozen
class Doubts:
    """``awaited``: sent, and nothing shows yet that the venue had them; oldest first. ``unknown``: their
    create got no readable answer, and nothing was said about them since. ``doubted``: some order ever was
    unknown."""

    awaited: Orders = ()
    unknown: Orders = ()
    doubted: bool = False
    breach: str = ""


def _sent(memory: Doubts, record: Sent) -> Doubts:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    breach = memory.breach
    for first in memory.unknown:
        if _is_same(first, order) and not order.idempotent:
            breach = breach or (
                f"{order.client_order_id} is sent to {order.side} {order.amount} lots of {order.symbol}, "
                f"where {first.client_order_id} for the same got no answer and nobody asked what became of it"
            )
    return replace(memory, awaited=(*memory.awaited, order), breach=breach)


def _is_same(first: CreateOrder, second: CreateOrder) -> bool:
    return (first.side, first.symbol, first.amount) == (second.side, second.symbol, second.amount)


def _unanswered(memory: Doubts, record: OutcomeUnknown) -> Doubts:
    order = _oldest(memory.awaited, record.client_order_id)
    if record.request != "create" or order is None:
        return memory  # what was heard of before its answer was lost is known
    unknown = (*memory.unknown, order)
    return replace(memory, awaited=_without(memory.awaited, order), unknown=unknown, doubted=True)


def _shown(memory: Doubts, record: Told) -> Doubts:
    """The venue had the order, or refused it."""
    awaited = _without(memory.awaited, _oldest(memory.awaited, _subject(record)))
    return _asked(replace(memory, awaited=awaited), record)


def _asked(memory: Doubts, record: Told) -> Doubts:
    """Something was said about the order; of one whose answer is still to come it proves nothing."""
    subject = _subject(record)
    unknown = tuple([each for each in memory.unknown if each.client_order_id != subject])
    return replace(memory, unknown=unknown)


def _subject(record: Told) -> str:
    report = record.report
    assert isinstance(report, OrderReport), "Invariant: books hear only what they ask for"
    return report.client_order_id


def _answered(memory: Doubts, record: Told) -> Doubts:
    status = record.report
    assert isinstance(status, Status), "Invariant: books hear only what they ask for"
    if status.answer in ("failed", "empty"):
        return memory
    return _shown(memory, record) if status.answer == "found" else _asked(memory, record)


def _listed(memory: Doubts, record: Listed) -> Doubts:
    """What a list shows is known. An order that is not among the open ones may have been filled; any other
    list is an answer about it all the same."""
    awaited = tuple([each for each in memory.awaited if each.client_order_id not in record.orders])
    unknown = tuple([each for each in memory.unknown if not _is_answered(each, record)])
    return replace(memory, awaited=awaited, unknown=unknown)


def _is_answered(order: CreateOrder, listed: Listed) -> bool:
    if order.client_order_id in listed.orders:
        return True
    return listed.what != "open_orders" and listed.symbol in (None, order.symbol)


def _oldest(orders: Orders, client_order_id: str) -> CreateOrder | None:
    return next((each for each in orders if each.client_order_id == client_order_id), None)


def _without(orders: Orders, order: CreateOrder | None) -> Orders:
    return tuple([each for each in orders if each is not order])


def _by_id(orders: Orders) -> Orders:
    return tuple(sorted(orders, key=lambda order: order.client_order_id))


SHOWING: tuple[type[Any], ...] = (Accepted, Rejected, Filled, Canceled, Expired)
HANDLERS: dict[Heard, Handler] = {
    (Sent, CreateOrder): _sent,
    OutcomeUnknown: _unanswered,
    (Told, CancelRefused): _asked,
    (Told, Status): _answered,
    Listed: _listed,
    **{(Told, report): _shown for report in SHOWING},
}

DOUBTS = Books(
    lambda terms: Doubts(),
    HANDLERS,
    lambda memory: (_by_id(memory.awaited), _by_id(memory.unknown), memory.doubted, memory.breach),
)


@frozen
class NoBlindResend:
    """No second order of the same side, symbol and size leaves while the outcome of the first is unknown and
    unasked. A restart makes nothing known."""

    id: str = "no_blind_resend"
    name: str = "no_blind_resend"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = ((Sent, CreateOrder),)
    books: Books = DOUBTS

    def verdict(self, memory: Doubts, view: View) -> Finding:
        if memory.breach:
            return Broken(memory.breach)
        return "holds" if memory.doubted else "vacuous"
