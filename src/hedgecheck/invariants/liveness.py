"""I15: everything that was begun ends or is flagged, nothing crashes, nothing is asked for ever."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Pairs, Terms, View, bump
from hedgecheck.messages import (
    Alert,
    CancelOrder,
    Crashed,
    CreateOrder,
    Record,
    Request,
    Returned,
    Sent,
    Signaled,
)
from hedgecheck.values import replace

REQUESTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Begun:
    """``calls``: deliveries of an intent that have not returned. ``requests``: how often what was asked.
    ``intents``: whose each order is."""

    calls: Pairs = ()
    requests: Pairs = ()
    intents: tuple[tuple[str, str | None], ...] = ()
    flagged: tuple[str, ...] = ()
    crash: str = ""


@dataclass(frozen=True, slots=True)
class CallBooks:
    """The books behind ``Live``."""

    hears: tuple[type[Any], ...] = (Signaled, Returned, Alert, Crashed, Sent)

    def initial(self, terms: Terms) -> Begun:
        return Begun()

    def observe(self, memory: Begun, record: Record) -> Begun:
        match record:
            case Signaled():
                return replace(memory, calls=bump(memory.calls, record.intent.id, 1))
            case Returned():
                return replace(memory, calls=bump(memory.calls, record.intent, -1))
            case Alert():
                return replace(memory, flagged=(*memory.flagged, record.subject))
            case Crashed():
                return replace(memory, crash=record.error)
            case Sent():
                return _sent(memory, record.request)
            case _:
                return memory


def _sent(memory: Begun, request: Request) -> Begun:
    intents = memory.intents
    if isinstance(request, CreateOrder):
        intents = (*intents, (request.client_order_id, request.intent))
    return replace(memory, requests=bump(memory.requests, _counted_as(request), 1), intents=intents)


def _counted_as(request: Request) -> str:
    """New orders count against their intent, everything else against its order."""
    if isinstance(request, CreateOrder):
        return f"new orders for {request.intent}"
    return f"{'cancels' if isinstance(request, CancelOrder) else 'queries'} of {request.client_order_id}"


@dataclass(frozen=True, slots=True)
class Live:
    """Once faults have stopped and all is at rest: every delivered call has returned or a person was told,
    no order is left open in the engine unless that person was told of its intent, and nothing was ever asked
    of the venue more than 50 times over."""

    id: str = "I15"
    name: str = "live"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = CallBooks()

    def verdict(self, memory: Begun, view: View) -> Finding:
        if memory.crash:
            return Broken(f"the engine raised {memory.crash}")
        for what, count in memory.requests:
            if count > REQUESTS_MAX:
                return Broken(f"{count} {what}: that has no end")
        if not view.is_at_rest:
            return "vacuous"
        for intent, waiting in memory.calls:
            if waiting > 0 and intent not in memory.flagged:
                return Broken(f"at rest {waiting} calls for intent {intent} have not returned")
        for order in view.belief.orders:
            if not order.over and not _is_flagged(memory, order.client_order_id):
                return Broken(f"at rest the engine still waits for order {order.client_order_id}")
        return "holds" if memory.calls else "vacuous"


def _is_flagged(memory: Begun, client_order_id: str) -> bool:
    """Whether an alert is up for the order's intent; for an order of nobody's any alert may be the one."""
    intent = dict(memory.intents).get(client_order_id)
    return intent in memory.flagged if intent else bool(memory.flagged)
