"""One order at a venue, and what a client may know of it from what it was told: a recount from zero.

The venue's truth goes one way: on its way, open, over. The recount knows trades by their ids and nothing of
phases.
"""

from typing import Literal

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    Filled,
    OrderReport,
    OrderStatus,
    OutcomeUnknown,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Restarted,
    Status,
)
from hedgecheck.values import frozen, replace

OrderEvent = OrderReport | OutcomeUnknown | CancelOrder | ReplaceOrder
Doubt = Literal["none", "pending", "maybe"]  # of a request: whether its answer is awaited
ENDS = {"canceled": "canceled", "expired": "expired", "rejected": "rejected"}
STATUSES = (
    *("pending_new", "new", "partially_filled", "filled", "canceled", "expired", "rejected"),
    *("pending_cancel", "pending_replace", "absent"),
)


@frozen
class VenueOrder:
    """What is so. ``status`` None: the venue does not have it, yet or for ever (``lost``)."""

    request: CreateOrder
    amount: int
    status: OrderStatus | None = None
    lost: bool = False
    fills: tuple[Filled, ...] = ()

    @property
    def id(self) -> str:
        """Its client order id."""
        return self.request.client_order_id

    @property
    def filled(self) -> int:
        """Lots of all its trades."""
        return sum(each.amount for each in self.fills)

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.status == "open"

    @property
    def is_over(self) -> bool:
        """Whether it will never trade again."""
        return self.lost or self.status not in (None, "open")

    def answer(self) -> Status:
        """The answer to a question, honest at this moment."""
        if self.status is None or self.status == "rejected":
            return Status(self.id, "not_found")  # venues keep no orders that they refused
        return Status(self.id, "found", self.status, self.fills, self.amount)


Done = tuple[VenueOrder, OrderReport]


def taken(order: VenueOrder) -> Done:
    """The venue has it."""
    return replace(order, status="open"), Accepted(order.id)


def refused(order: VenueOrder) -> Done:
    """The venue does not want it."""
    return replace(order, status="rejected"), Rejected(order.id, "INSUFFICIENT_FUNDS")


def traded(order: VenueOrder, lots: int, price: int) -> Done:
    """It trades, and is over where nothing is left."""
    trade_id = f"t{len(order.fills) + 1}"
    fill = Filled(order.id, trade_id, order.request.symbol, order.request.side, lots, price)
    done = replace(order, fills=(*order.fills, fill))
    return (replace(done, status="closed") if done.filled >= done.amount else done), fill


def canceled(order: VenueOrder) -> Done:
    """A cancel arrives: it is over, or the cancel came too late, or too early."""
    if order.is_open:
        return replace(order, status="canceled"), Canceled(order.id, order.filled)
    return order, CancelRefused(order.id, "UNKNOWN_ORDER" if order.status is None else "TOO_LATE")


def expired(order: VenueOrder) -> Done:
    """Its time is over."""
    return replace(order, status="expired"), Expired(order.id, order.filled)


def resized(order: VenueOrder, amount: int) -> Done:
    """A replacement arrives; one down to what is filled ends the order."""
    if not order.is_open:
        return order, ReplaceRefused(order.id, "TOO_LATE")
    status: OrderStatus = "closed" if amount <= order.filled else "open"
    return replace(order, amount=amount, status=status), Replaced(order.id, amount)


# ---- what a client may know ------------------------------------------------------------------------


@frozen
class Heard:
    """One thing that the client was told, or did. ``fresh``: a status that was so when it was heard."""

    event: OrderEvent | Restarted
    fresh: bool = True


@frozen
class Evidence:
    """What follows from all that was heard. ``sizes``: the lots in all for which the order may stand;
    ``ends``: the words for its end that were heard; ``cumulative``: the lots of which an end spoke;
    ``not_found``: such answers in all, ``row`` those that came last, in a row."""

    sizes: frozenset[int]
    trades: tuple[tuple[str, int], ...] = ()
    ends: frozenset[str] = frozenset()
    cumulative: int = 0
    is_known: bool = False
    is_refused: bool = False
    not_found: int = 0
    row: int = 0
    cancel: Doubt = "none"
    change: Doubt = "none"
    wanted: int = 0

    @property
    def traded(self) -> int:
        """Lots of the trades heard of, each once."""
        return sum(lots for _, lots in self.trades)

    @property
    def must_be_over(self) -> bool:
        """Whether it is proven that nothing of it will trade any more."""
        return bool(self.ends) or self.traded >= max(self.sizes)

    def may_be_over(self, confirmations: int) -> bool:
        """Whether anything says so; ``confirmations``: the not-found answers that are enough."""
        return self.must_be_over or self.traded >= min(self.sizes) or self.not_found >= confirmations

    def statuses(self, confirmations: int) -> frozenset[str]:
        """The one status of FIX's precedence, or several where what was heard leaves it open."""
        if self.not_found >= confirmations and not self.must_be_over:
            return frozenset(STATUSES)
        allowed = self._phases() | ({"absent"} if self.not_found >= confirmations else set())
        for doubt, word in ((self.change, "pending_replace"), (self.cancel, "pending_cancel")):
            if doubt == "pending" and not self.must_be_over:
                allowed = frozenset((word,))  # of both the cancel's goes first
            elif doubt != "none":
                allowed |= {word}
        return allowed

    def _phases(self) -> frozenset[str]:
        if self.traded >= max(self.sizes):
            return frozenset(("filled",))
        perhaps = {"filled"} if max(self.traded, self.cumulative) >= min(self.sizes) else set()
        if self.ends:
            return self.ends | perhaps
        if self.traded:
            return frozenset(("partially_filled", *perhaps))
        if self.is_known:
            return frozenset(("new",))
        return frozenset(("pending_new", "new") if self.is_refused else ("pending_new",))


def evidence(order: CreateOrder, heard: tuple[Heard, ...]) -> Evidence:
    """Everything that was heard, in order, counted from zero."""
    found = Evidence(sizes=frozenset((order.amount,)))
    for each in heard:
        found = _after(found, each)
        is_another = isinstance(each.event, Status) and each.event.answer == "not_found"
        found = replace(found, row=found.row + 1 if is_another else 0)
    return found


def _after(found: Evidence, heard: Heard) -> Evidence:
    match heard.event:
        case Accepted():
            return replace(found, is_known=True)
        case Filled() as fill:
            return replace(found, trades=_with(found.trades, (fill,)))
        case Rejected():
            return replace(found, ends=found.ends | {"rejected"})
        case Canceled(_, lots) | Expired(_, lots):
            word = "canceled" if isinstance(heard.event, Canceled) else "expired"
            ended = replace(found, ends=found.ends | {word}, cumulative=max(found.cumulative, lots))
            return replace(ended, cancel="none", change="none" if found.change == "none" else "maybe")
        case Status():
            return _told(found, heard.event, heard.fresh)
        case OutcomeUnknown(_, request):
            return _doubted(found, request)
    return _requested(found, heard.event)


def _requested(found: Evidence, event: OrderEvent | Restarted) -> Evidence:
    """What is heard of changes and cancels, from either side."""
    match event:
        case CancelOrder():
            # whether the answer to a change will still come nobody can say
            return replace(found, cancel="pending", change="none" if found.change == "none" else "maybe")
        case CancelRefused():
            # of several refusals nobody can tell which cancel each is the answer to
            return replace(found, cancel="maybe" if found.is_refused else "none", is_refused=True)
        case ReplaceOrder(_, lots):
            return replace(found, change="pending", wanted=lots, sizes=found.sizes | {lots})
        case Replaced(_, lots):
            return replace(found, change="none", sizes=frozenset((lots,)), is_known=True)
        case ReplaceRefused():
            old = found.sizes - {found.wanted}
            return replace(found, change="none", sizes=old or found.sizes, is_refused=True)
    return found


def _doubted(found: Evidence, request: str) -> Evidence:
    if request == "cancel" and found.cancel == "pending":
        return replace(found, cancel="maybe")
    if request == "replace" and found.change == "pending":
        return replace(found, change="maybe")
    return found


def _told(found: Evidence, status: Status, fresh: bool) -> Evidence:
    doubted = replace(
        found,
        cancel="none" if found.cancel == "none" else "maybe",
        change="none" if found.change == "none" else "maybe",
    )
    if status.answer == "not_found":  # what is not there answers no request either
        return replace(doubted, not_found=found.not_found + 1)
    if status.answer != "found":
        return found
    told = frozenset((status.amount,)) if status.amount is not None else found.sizes
    found = replace(
        found,
        trades=_with(found.trades, status.fills),
        is_known=True,
        sizes=told if fresh else found.sizes | told,
        not_found=0 if fresh else found.not_found,
        change=doubted.change,
    )
    if status.status in ENDS:
        found = replace(found, ends=found.ends | {ENDS[status.status]}, cancel=doubted.cancel)
    return found


def _with(trades: tuple[tuple[str, int], ...], fills: tuple[Filled, ...]) -> tuple[tuple[str, int], ...]:
    known = dict(trades)
    for each in fills:
        known.setdefault(each.trade_id, each.amount)
    return tuple(known.items())
