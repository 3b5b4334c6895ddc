"""The record of what happened: one entry per action, with virtual time for the reader.

The world has no clock. Times shown here are one schedule under which the trace could have happened: a
message takes ``HOP_NS``, a timer its duration from when it was started, and time never runs backwards.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck.messages import (
    Accepted,
    Alert,
    Anomaly,
    BadPrice,
    Batch,
    BookShown,
    Canceled,
    CancelOrder,
    CancelRefused,
    CapitalAssigned,
    CashFlow,
    Crashed,
    CreateOrder,
    EntryChange,
    Exit,
    Expired,
    Filled,
    Halt,
    Intent,
    Listed,
    Lost,
    NewDay,
    OutcomeUnknown,
    Overheard,
    Price,
    Rebalance,
    Record,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Report,
    Request,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Spent,
    StartTimer,
    Status,
    StopTimer,
    TimerFired,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.tape import Action
from hedgecheck.values import frozen

HOP_NS = 25_000_000
MARGIN = 84


@frozen
class Entry:
    """``drained``: it happened by itself after the tape ended and faults had stopped. ``facts``: label and
    value of what holds after it."""

    action: Action
    records: tuple[Record, ...]
    time_ns: int
    drained: bool
    facts: tuple[tuple[str, str], ...] = ()


class Clock:
    """Virtual time of one execution."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._due: dict[str, int] = {}

    def stamp(self, records: tuple[Record, ...]) -> int:
        """The time at which ``records`` happened; time moves on by what they are."""
        first = records[0] if records else None
        if isinstance(first, TimerFired):
            self.now_ns = max(self.now_ns, self._due.pop(first.timer, self.now_ns))
        else:
            self.now_ns += HOP_NS
        for record in records:
            if isinstance(record, StartTimer):
                self._due[record.timer] = self.now_ns + record.duration_ns
            elif isinstance(record, StopTimer):
                self._due.pop(record.timer, None)
        return self.now_ns


# ---- the sequence diagram --------------------------------------------------------------------------


def diagram(entries: tuple[Entry, ...], why: str) -> str:
    """What happened, a line each: when, who to whom, what; faults and the broken rule in the margin."""
    lines: list[str] = []
    for entry in entries:
        faults = [f"  FAULT {each.fault} {each.what}" for each in entry.records if isinstance(each, Spent)]
        for record in entry.records:
            text = line(record)
            if text:
                lines.append(
                    f"  t={entry.time_ns / 1e9:<8.3f} {text:{MARGIN if faults else 0}}{''.join(faults)}"
                )
                faults = []
    if lines and why:
        lines[-1] += "   <- rule broken"
    return "\n".join(lines)


def line(record: Record) -> str:
    """One record in words; empty for what a reader need not see."""
    write = WRITERS.get(type(record))
    return write(record) if write else ""


def _create(order: CreateOrder) -> str:
    price = "at market" if order.price is None else f"limit {order.price}"
    stop = "" if order.stop_price is None else f", stop {order.stop_price}"
    only = ", reduce only" if order.reduce_only else ""
    what = f"{order.side} {order.amount} {order.symbol} {price}{stop}{only}"
    return f"create_order {order.client_order_id}: {what}"


def _replacement(order: ReplaceOrder) -> str:
    limit = "" if order.price is None else f", limit {order.price}"
    stop = "" if order.stop_price is None else f", stop {order.stop_price}"
    return f"replace_order {order.client_order_id}: {order.amount} in all{limit}{stop}"


def _request(request: Request) -> str:
    if isinstance(request, CreateOrder):
        return _create(request)
    if isinstance(request, ReplaceOrder):
        return _replacement(request)
    verb = "cancel_order" if isinstance(request, CancelOrder) else "fetch_order"
    return f"{verb} {request.client_order_id}"


def _fill(fill: Filled) -> str:
    fee = f", fee {fill.fee_money}" if fill.fee_money else f", fee {fill.fee_lots} lots" * bool(fill.fee_lots)
    return f"{fill.client_order_id} filled: {fill.side} {fill.amount} {fill.symbol} at {fill.price}{fee}"


def _status(status: Status) -> str:
    if status.answer != "found":
        return f"{status.client_order_id} query: {status.answer.replace('_', ' ')}"
    filled = sum(fill.amount for fill in status.fills)
    return f"{status.client_order_id} query: {status.status}, {filled} filled"


def _book(book: BookShown) -> str:
    spread = "" if book.spread is None else f", {book.spread} apart"
    return f"{book.symbol} book: {book.bid_depth} bid, {book.ask_depth} asked{spread}"


def _report(report: Report) -> str:
    match report:
        case Filled():
            return _fill(report)
        case Status():
            return _status(report)
        case Price():
            return f"{report.symbol} trades at {report.price}"
        case BadPrice():
            return f"{report.symbol} price {report.raw}"
        case BookShown():
            return _book(report)
        case Canceled() | Expired():
            return f"{report.client_order_id} {type(report).__name__.lower()}, {report.filled} filled"
        case Rejected() | CancelRefused() | ReplaceRefused():
            return f"{report.client_order_id} {REFUSALS[type(report)]}: {report.reason}"
        case Replaced():
            return f"{report.client_order_id} replaced, {report.amount} in all"
        case Accepted():
            return f"{report.client_order_id} accepted"


def _intent(intent: Intent) -> str:
    limit = "" if intent.price_a is None else f" limit {intent.price_a}"
    second = f", {intent.side_b} {intent.amount_b} {intent.symbol_b}" if intent.amount_b else ""
    return f"signal {intent.id}: {intent.side_a} {intent.amount_a} {intent.symbol_a}{limit}{second}"


def _listed(listed: Listed) -> str:
    count = "" if listed.what in ("positions", "balance") else f"{len(listed.orders)} "
    of = "" if listed.symbol is None else f" of {listed.symbol}"
    return f"{count}{listed.what.replace('_', ' ')}{of}"


def _symbols(record: TradingHalted | TradingResumed) -> str:
    return ", ".join(record.symbols) or "the market"


def _at_venue(report: Report) -> str:
    return f"                      venue {_report(report)}"


REFUSALS: dict[type[Any], str] = {
    Rejected: "rejected",
    CancelRefused: "cancel refused",
    ReplaceRefused: "replace refused",
}
WRITERS: dict[type[Any], Callable[[Any], str]] = {
    Signaled: lambda record: f"strategy -> engine          {_intent(record.intent)}",
    Sent: lambda record: f"            engine -> venue {_request(record.request)}",
    Lost: lambda record: f"            engine -x venue {_request(record.request)}",
    Told: lambda record: f"            engine <- venue {_report(record.report)}",
    Overheard: lambda record: f"            engine <- venue somebody else's {_report(record.report)}",
    Listed: lambda record: f"            engine <- venue {_listed(record)}",
    OutcomeUnknown: lambda record: (
        f"            engine x- venue no answer to {record.request} {record.client_order_id}"
    ),
    TimerFired: lambda record: f"            engine          timer {record.timer} fires",
    Halt: lambda record: "person   -> engine          halt",
    NewDay: lambda record: f"calendar -> engine          day {record.day}, {record.phase.replace('_', '-')}",
    TradingHalted: lambda record: f"calendar -> engine          {_symbols(record)} halted",
    TradingResumed: lambda record: f"calendar -> engine          {_symbols(record)} resumed",
    Batch: lambda record: (
        f"strategy -> engine          {', '.join(each.id for each in record.intents)} at one moment"
    ),
    EntryChange: lambda record: f"strategy -> engine          {record.intent} to enter at {record.price}",
    Exit: lambda record: f"strategy -> engine          {record.intent} to exit",
    Rebalance: lambda record: (
        f"person   -> engine          shares {', '.join(f'{name} {bps}' for name, bps in record.targets)} bps"
    ),
    CashFlow: lambda record: (
        f"person   -> engine          {'deposits' if record.amount > 0 else 'withdraws'} {abs(record.amount)}"
    ),
    CapitalAssigned: lambda record: (
        f"            engine          {record.strategy or 'the reserve'} has got {record.amount} from others"
    ),
    Restarted: lambda record: "            engine          is up again with what it had stored",
    Returned: lambda record: (
        f"strategy <- engine          {record.intent} returns {record.success}: {record.reason}"
    ),
    Alert: lambda record: f"            engine          ALERT {record.reason} {record.subject}",
    Anomaly: lambda record: f"            engine          anomaly {record.reason} in {record.about}",
    Crashed: lambda record: f"            engine          raises {record.error}",
    Accepted: _at_venue,
    Rejected: _at_venue,
    Filled: _at_venue,
    Canceled: _at_venue,
    Expired: _at_venue,
    CancelRefused: _at_venue,
    Replaced: _at_venue,
    ReplaceRefused: _at_venue,
    Price: _at_venue,
    BookShown: _at_venue,
}
