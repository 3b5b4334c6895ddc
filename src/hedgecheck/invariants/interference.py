"""I20: what is done for one intent does not depend on what is done for another that shares nothing with it.

No execution alone can break it: two of them are compared, one tape with and without the other intent.
"""

from collections.abc import Hashable
from typing import Literal

from hedgecheck.invariants.base import Books, Broken, Finding, Heard, View
from hedgecheck.messages import (
    Alert,
    Arrived,
    CreateOrder,
    Intent,
    Lost,
    Record,
    Returned,
    Sent,
    Signaled,
    Told,
)
from hedgecheck.values import frozen


@frozen
class Step:
    """One action with its records. ``own``: it is one of the execution without the other intent."""

    own: bool
    action: Hashable
    records: tuple[Record, ...]


Steps = tuple[Step, ...]
NOTHING = Books(lambda terms: (), {})


@frozen
class NonInterference:
    """Of two executions of one tape, alone and beside an intent on symbols of its own, each step of the tape
    does the same in both, and no step of the other intent says anything of the intents of the tape. That is
    promised where nothing is shared: no limit binds, no breaker trips, nobody halts trading, nothing crashes,
    and every price of what is held can be used."""

    id: str = "I20"
    name: str = "non_interference"
    kind: Literal["compared"] = "compared"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = NOTHING

    def verdict(self, memory: object, view: View) -> Finding:
        """One execution says nothing."""
        return "vacuous"

    def compared(self, intents: tuple[Intent, ...], alone: Steps, beside: Steps) -> Finding:
        """What two executions say of these intents."""
        names = frozenset(intent.id for intent in intents)
        orders = frozenset(
            each.request.client_order_id
            for step in alone
            for each in step.records
            if isinstance(each, Sent) and isinstance(each.request, CreateOrder)
        )
        for step in beside:
            for record in () if step.own else step.records:
                if _names_of(record) & (names | orders):
                    return Broken(f"{step.action} of another intent leads to {record}")
        same = [step for step in beside if step.own]
        for one, other in zip(alone, same, strict=False):
            if one != other:
                return Broken(_difference(one, other))
        if len(alone) != len(same):
            return Broken(f"{len(alone)} steps alone are {len(same)} beside another intent")
        is_met = alone and len(beside) > len(same)
        return "holds" if is_met else "vacuous"


def _names_of(record: Record) -> frozenset[str]:
    """The intents and orders that a record is about."""
    match record:
        case Signaled():
            return frozenset((record.intent.id,))
        case Returned():
            return frozenset((record.intent,))
        case Alert():
            return frozenset((record.subject,))
        case Sent() | Lost() | Arrived():
            intent = getattr(record.request, "intent", None) or ""
            return frozenset((record.request.client_order_id, intent))
        case Told():
            return frozenset((getattr(record.report, "client_order_id", ""),))
    return frozenset((getattr(record, "client_order_id", ""),))


def _difference(one: Step, other: Step) -> str:
    for alone, beside in zip(one.records, other.records, strict=False):
        if alone != beside:
            return f"{one.action} leads to {alone} alone, and beside another intent to {beside}"
    fewer, more = sorted((one.records, other.records), key=len)
    where = "beside another intent" if more is other.records else "alone"
    return (
        f"{one.action} leads to {more[len(fewer)]} {where} only"
        if len(more) > len(fewer)
        else (f"{one.action} becomes {other.action}")
    )
