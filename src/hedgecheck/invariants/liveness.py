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

REQUESTS_MAX = 50


@dataclass(frozen=True, slots=True)
class CallBooks:
    """The books behind ``Live``."""

    hears: tuple[type[Any], ...] = (Signaled, Returned, Alert, Crashed, Sent)

    def initial(self, terms: Terms) -> tuple[Pairs, tuple[str, ...], str, Pairs]:
        return (), (), "", ()

    def observe(self, memory: Any, record: Record) -> Any:
        calls, flagged, crash, requests = memory
        match record:
            case Signaled():
                calls = bump(calls, record.intent.id, 1)
            case Returned():
                calls = bump(calls, record.intent, -1)
            case Alert():
                flagged = (*flagged, record.subject)
            case Crashed():
                crash = record.error
            case Sent():
                requests = bump(requests, _counted_as(record.request), 1)
            case _:
                return memory
        return calls, flagged, crash, requests


def _counted_as(request: Request) -> str:
    """New orders count against their intent, everything else against its order."""
    if isinstance(request, CreateOrder):
        return f"new orders for {request.intent}"
    return f"{'cancels' if isinstance(request, CancelOrder) else 'queries'} of {request.client_order_id}"


@dataclass(frozen=True, slots=True)
class Live:
    """Once faults have stopped and all is at rest: every delivered call has returned or a person was told,
    no order is left open in the engine, and nothing was ever asked of the venue more than 50 times over."""

    id: str = "I15"
    name: str = "live"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = CallBooks()

    def verdict(self, memory: Any, view: View) -> Finding:
        calls, flagged, crash, requests = memory
        if crash:
            return Broken(f"the engine raised {crash}")
        for what, count in requests:
            if count > REQUESTS_MAX:
                return Broken(f"{count} {what}: that has no end")
        if not view.is_at_rest:
            return "vacuous"
        for intent, waiting in calls:
            if waiting > 0 and intent not in flagged:
                return Broken(f"at rest {waiting} calls for intent {intent} have not returned")
        for order in view.belief.orders:
            if not order.over and not flagged:
                return Broken(f"at rest the engine still waits for order {order.client_order_id}")
        return "holds" if calls else "vacuous"
