"""Faults as frozen values, and the pure edits that they make: of messages in flight, answers and fills.

A fault says how it heals, so that liveness may be asked for once faults stop. Faults compose: a plan is a
set of kinds and a number, and any sequence of that many strikes may happen in one execution.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar

from hedgecheck.messages import Status
from hedgecheck.values import frozen

Message = TypeVar("Message")


@frozen
class Fault:
    """One kind of fault. ``site``: where it strikes; ``heals``: why the system can recover from it. Of a
    user's own: ``does``, the function of a message; ``method``, whose messages it strikes; and for how many
    virtual seconds, None for one message alone."""

    id: str
    name: str
    site: Literal["request", "reply", "event", "decision", "input", "engine", "price"]
    heals: str
    does: Callable[[Any], Any] | None = None
    method: str = "*"
    heals_after_seconds: float | None = None

    def __or__(self, other: "Fault | Plan") -> "Plan":
        return Plan((self,)) | other


@frozen
class Plan:
    """Several kinds together, in the order of their ids."""

    kinds: tuple[Fault, ...]

    def __or__(self, other: "Fault | Plan") -> "Plan":
        more = other.kinds if isinstance(other, Plan) else (other,)
        return Plan(tuple(sorted(dict.fromkeys((*self.kinds, *more)), key=lambda fault: fault.id)))

    def __contains__(self, fault: Fault) -> bool:
        return fault in self.kinds

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)


response_lost = Fault("F01", "response lost", "reply", "the order can be queried; later answers arrive")
late_ack = Fault("F02", "late ack", "reply", "the acknowledgement arrives in the end")
reordered = Fault("F03", "reordered events", "event", "every event arrives in the end")
duplicated = Fault("F04", "duplicated events", "event", "copies are finite")
event_dropped = Fault("F05", "event dropped", "event", "the venue tells what it said on being asked")
disconnect = Fault("F06", "disconnect", "event", "the client connects again, and queries are answered")
query_unreliable = Fault(
    "F07",
    "query unreliable",
    "decision",
    "a venue shows an order it has after at most as many false not-found answers as the scope allows",
)
fill_during_cancel = Fault("F08", "fill during cancel", "decision", "the fill that crossed is reported")
fill_during_modify = Fault("F09", "fill during modify", "decision", "the fill is reported")
partial_fill = Fault("F10", "partial fill", "decision", "liquidity returns")
restart = Fault("F11", "restart", "engine", "the process comes up again with what it had stored")
storage_error = Fault("F12", "crash between submit and persist", "engine", "the same")
simultaneous_signals = Fault("F13", "simultaneous signals", "input", "repetitions are finite")
price_shock = Fault("F14", "price shock", "input", "prices stay positive")
bad_data = Fault("F15", "bad data", "input", "the next price is good")
clock_skew = Fault("F16", "clock skew", "input", "the clock goes on from there")
rate_limit = Fault("F17", "rate limit", "request", "the next request is taken")
venue_reject = Fault("F18", "venue reject", "decision", "the venue takes the next order")
base_fee = Fault("F19", "fee in base", "decision", "the fee is in the report of its fill")
snapshot_lag = Fault("F20", "snapshot lags", "reply", "the next snapshot is up to date")
lifecycle = Fault("F21", "lifecycle", "decision", "the venue reports the end of the order")
crosstalk = Fault("F22", "crosstalk", "reply", "the next answer holds one's own alone")
field_semantics = Fault("F23", "field semantics", "reply", "the order can be queried")
asymmetric_latency = Fault("F24", "asymmetric latency", "event", "data that fell behind catches up")

NUMBERED = (  # small scopes are numbered by the place in this list: append only
    response_lost,
    late_ack,
    reordered,
    duplicated,
    event_dropped,
    query_unreliable,
    fill_during_cancel,
    partial_fill,
    simultaneous_signals,
    price_shock,
    bad_data,
    venue_reject,
    base_fee,
    asymmetric_latency,
    fill_during_modify,
    clock_skew,
    crosstalk,
)
WORLD = Plan(()) | Plan(NUMBERED)  # what the pure world can do to any engine
CRASHES = Plan((restart, storage_error))  # for engines that keep something over a crash
PURE = WORLD | CRASHES  # every kind that the pure world knows
CLIENT = Plan(  # what shows only to a client of an exchange
    (
        disconnect,
        rate_limit,
        snapshot_lag,
        lifecycle,
        field_semantics,
    )
)
ALL = WORLD | CLIENT  # what may strike a bot of which nothing is known

REJECTIONS = ("BELOW_MINIMUM", "INSUFFICIENT_BALANCE", "WOULD_TRIGGER", "REDUCE_ONLY")
BAD_PRICES = ("nan", "inf", "none", "-1", "0")


# ---- edits of what is in flight --------------------------------------------------------------------


def without(in_flight: tuple[Message, ...], index: int) -> tuple[Message, ...]:
    """The messages less one: it was heard, or it is lost."""
    return in_flight[:index] + in_flight[index + 1 :]


def with_copy(in_flight: tuple[Message, ...], index: int) -> tuple[Message, ...]:
    """The messages after one was heard and its copy is still to come, last."""
    return (*without(in_flight, index), in_flight[index])


# ---- answers a venue gives instead of the truth ----------------------------------------------------


def false_answers(truth: Status, may_hide: bool) -> dict[str, Status]:
    """What an unreliable query may return for an order whose true status is ``truth``, by name.

    ``may_hide``: whether the venue may still deny an order that it has. A stale answer shows the order
    before its last fill, still open.
    """
    order = truth.client_order_id
    answers = {"failed": Status(order, "failed"), "empty": Status(order, "empty")}
    if truth.answer == "found":
        if truth.fills:
            answers["stale"] = Status(order, "found", "open", truth.fills[:-1], truth.amount)
        if may_hide:
            answers["not_found"] = Status(order, "not_found")
    return answers


def partial_amounts(fillable: int, lot: int) -> tuple[int, ...]:
    """Amounts less than ``fillable`` worth trying: one lot, a tenth, around half, all but one lot."""
    half = fillable // 2
    candidates = (lot, fillable // 10, half - lot, half, half + lot, fillable * 95 // 100, fillable - lot)
    rounded = {amount - amount % lot for amount in candidates}
    return tuple(sorted(amount for amount in rounded if 0 < amount < fillable))
