"""I15: everything that was begun ends or is flagged, nothing crashes, nothing is asked for ever."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Pairs, Terms, View, bump
from hedgecheck.messages import Alert, Crashed, FetchOrder, Record, Returned, Sent, Signaled

QUERIES_MAX = 50


@dataclass(frozen=True, slots=True)
class CallBooks:
    """The books behind ``Live``."""

    hears: tuple[type[Any], ...] = (Signaled, Returned, Alert, Crashed, Sent)

    def initial(self, terms: Terms) -> tuple[Pairs, tuple[str, ...], str, Pairs]:
        return (), (), "", ()

    def observe(self, memory: Any, record: Record) -> Any:
        calls, flagged, crash, queries = memory
        match record:
            case Signaled():
                calls = bump(calls, record.intent.id, 1)
            case Returned():
                calls = bump(calls, record.intent, -1)
            case Alert():
                flagged = (*flagged, record.subject)
            case Crashed():
                crash = record.error
            case Sent(request=FetchOrder() as request):
                queries = bump(queries, request.client_order_id, 1)
            case _:
                return memory
        return calls, flagged, crash, queries


@dataclass(frozen=True, slots=True)
class Live:
    """Once faults have stopped and all is at rest: every delivered call has returned or a person was told,
    no order is left open in the engine, and no order was ever asked about more than 50 times."""

    id: str = "I15"
    name: str = "live"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = CallBooks()

    def verdict(self, memory: Any, view: View) -> Finding:
        calls, flagged, crash, queries = memory
        if crash:
            return Broken(f"the engine raised {crash}")
        for order, count in queries:
            if count > QUERIES_MAX:
                return Broken(f"order {order} was asked about {count} times")
        if not view.is_at_rest:
            return "vacuous"
        for intent, waiting in calls:
            if waiting > 0 and intent not in flagged:
                return Broken(f"at rest {waiting} calls for intent {intent} have not returned")
        for order in view.belief.orders:
            if not order.over and not flagged:
                return Broken(f"at rest the engine still waits for order {order.client_order_id}")
        return "holds" if calls else "vacuous"
