"""I15: everything that was begun ends or is flagged, nothing crashes, nothing is asked for ever."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    Names,
    Table,
    Terms,
    View,
    moved,
    named,
)
from hedgecheck.messages import (
    Alert,
    CancelOrder,
    Crashed,
    CreateOrder,
    FetchOrder,
    ReplaceOrder,
    Request,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Status,
    Told,
)
from hedgecheck.values import frozen, replace

REQUESTS_MAX = 50


@frozen
class Begun:
    """``calls``: deliveries of an intent that have not returned; ``called``: intents of which there were any.
    ``requests``: how often what was asked. ``endless``: what was asked too often. ``intents``: whose each
    order is. ``stops``: orders that protect a position, and may work as long as it lasts."""

    calls: Counts
    requests: Archive[int]
    intents: Archive[str | None]
    flagged: tuple[str, ...] = ()
    crash: str = ""
    endless: str = ""
    stops: Names = Archive()
    called: Names = Archive()


def _initial(_terms: Terms) -> Begun:
    return Begun(Table(), Archive(), Archive())


def _signaled(memory: Begun, record: Signaled) -> Begun:
    name = record.intent.id
    return replace(memory, calls=moved(memory.calls, name, 1), called=named(memory.called, name))


def _returned(memory: Begun, record: Returned) -> Begun:
    waiting = memory.calls.get(record.intent, 0)
    calls = moved(memory.calls, record.intent, -1) if waiting else memory.calls
    return replace(memory, calls=calls, called=named(memory.called, record.intent))


def _alerted(memory: Begun, alert: Alert) -> Begun:
    return replace(memory, flagged=(*memory.flagged, alert.subject))


def _restarted(memory: Begun, _record: Restarted) -> Begun:
    """The callers died with the process; nobody waits any more."""
    return replace(memory, calls=Table(), called=Archive())


def _crashed(memory: Begun, record: Crashed) -> Begun:
    return replace(memory, crash=record.error)


def _sent(memory: Begun, record: Sent) -> Begun:
    request, intents, stops = record.request, memory.intents, memory.stops
    if isinstance(request, CreateOrder):
        if request.reduce_only and request.stop_price is not None:
            stops = named(stops, request.client_order_id)
        intents = intents.put(request.client_order_id, request.intent)
        if request.intent is None:  # nobody's: how many orders are too many is not known
            return replace(memory, intents=intents, stops=stops)
    what = _counted_as(request)
    times = memory.requests.get(what, 0) + 1
    endless = f"{times} {what}" if times > REQUESTS_MAX else memory.endless
    requests = memory.requests.put(what, times)
    return replace(memory, requests=requests, intents=intents, endless=endless, stops=stops)


def _answered(memory: Begun, record: Told) -> Begun:
    """A stop may be asked about for as long as it rests: the questions that were answered do not count."""
    report = record.report
    assert isinstance(report, Status), "Invariant: books hear only what they ask for"
    asked = f"queries of {report.client_order_id}"
    if (
        report.client_order_id not in memory.stops
        or report.answer != "found"
        or not memory.requests.get(asked)
    ):
        return memory
    return replace(memory, requests=memory.requests.put(asked, 0))


def _counted_as(request: Request) -> str:
    """New orders count against their intent, everything else against its order."""
    if isinstance(request, CreateOrder):
        return f"new orders for {request.intent}"
    verbs = {CancelOrder: "cancels", FetchOrder: "queries", ReplaceOrder: "changes"}
    return f"{verbs[type(request)]} of {request.client_order_id}"


BEGUN = Books(
    _initial,
    {
        Signaled: _signaled,
        Returned: _returned,
        Alert: _alerted,
        Crashed: _crashed,
        Restarted: _restarted,
        (Sent, CreateOrder): _sent,
        (Sent, CancelOrder): _sent,
        (Sent, FetchOrder): _sent,
        (Sent, ReplaceOrder): _sent,
        (Told, Status): _answered,
    },
    lambda memory: (
        memory.calls,
        memory.requests,
        memory.intents,
        frozenset(memory.flagged),
        memory.crash,
        memory.endless,
        memory.stops,
        memory.called,
    ),
)


@frozen
class Live:
    """Once faults have stopped and all is at rest: every delivered call has returned or a person was told,
    no order is left open in the engine unless that person was told of its intent, or it is a stop that
    protects a position; and nothing was ever asked of the venue more than 50 times over, of a stop without an
    answer."""

    id: str = "I15"
    name: str = "live"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (
        Crashed,
        (Sent, CreateOrder),
        (Sent, CancelOrder),
        (Sent, FetchOrder),
        (Sent, ReplaceOrder),
    )
    books: Books = BEGUN

    def verdict(self, memory: Begun, view: View) -> Finding:
        if memory.crash:
            return Broken(f"the engine raised {memory.crash}")
        if memory.endless:
            return Broken(f"{memory.endless}: that has no end")
        if not view.is_at_rest:
            return "vacuous"
        for intent, waiting in memory.calls.items():
            if waiting > 0 and intent not in memory.flagged:
                return Broken(f"at rest {waiting} calls for intent {intent} have not returned")
        for order in view.belief.orders:
            name = order.client_order_id
            if not order.over and name not in memory.stops and not _is_flagged(memory, name):
                return Broken(f"at rest the engine still waits for order {name}")
        return "holds" if memory.called else "vacuous"


def _is_flagged(memory: Begun, client_order_id: str) -> bool:
    """Whether an alert is up for the order's intent; for an order of nobody's any alert may be the one."""
    intent = memory.intents.get(client_order_id)
    return intent in memory.flagged if intent else bool(memory.flagged)
