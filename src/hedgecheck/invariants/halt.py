"""I12: after a halt nothing is opened any more, nor where the market is closed. I14: nothing is opened on a
price nobody can trade by."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    Heard,
    MarketTerms,
    Names,
    View,
    named,
)
from hedgecheck.invariants.calendar import Hours, after, is_open, may_balance, may_open
from hedgecheck.messages import (
    Alert,
    BadPrice,
    CancelOrder,
    CreateOrder,
    Halt,
    Intent,
    NewDay,
    Price,
    ReplaceOrder,
    Restarted,
    Sent,
    Signaled,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.values import frozen, replace

HALTS = "BREAKER_TRIPPED"
RESUMES = ("BREAKER_PROBATION", "BREAKER_ARMED")


@frozen
class Openings:
    """``halted``: by a person, and so for good; ``tripped``: the breakers that are, as the engine said.
    ``bad``: symbols whose last price was none. ``entries``: the intents of the orders that open something, by
    client order id; ``cancels``: the orders that were to go. ``symbols``: of entries and stops. ``hours``:
    when the market can be traded in; ``out_of_hours``: the order that added to a position when not."""

    markets: tuple[MarketTerms, ...]
    intents: Archive[Intent] = Archive()
    halted: bool = False
    bad: tuple[str, ...] = ()
    entries: Archive[str] = Archive()
    cancels: Names = Archive()
    excused: Archive[str] = Archive()
    sent: int = 0
    opened_in_halt: str = ""
    insane: str = ""
    tripped: tuple[str, ...] = ()
    symbols: Archive[str] = Archive()
    hours: Hours = Hours()
    out_of_hours: str = ""


def _signaled(memory: Openings, record: Signaled) -> Openings:
    return replace(memory, intents=memory.intents.put(record.intent.id, record.intent))


def _halted(memory: Openings, _record: Halt) -> Openings:
    return replace(memory, halted=True)


def _alerted(memory: Openings, alert: Alert) -> Openings:
    """A breaker halts from its trip until the engine says that limits are raised again, step by step."""
    breaker = alert.subject.partition("#")[0]
    others = tuple([each for each in memory.tripped if each != breaker])
    if alert.reason == HALTS:
        return replace(memory, tripped=(*others, breaker))
    return replace(memory, tripped=others) if alert.reason in RESUMES else memory


def _turned(memory: Openings, record: NewDay | TradingHalted | TradingResumed) -> Openings:
    return replace(memory, hours=after(memory.hours, record))


def _is_halted(memory: Openings) -> bool:
    return memory.halted or bool(memory.tripped)


def _bad_price(memory: Openings, record: Told) -> Openings:
    report = record.report
    assert isinstance(report, BadPrice), "Invariant: books hear only what they ask for"
    return memory if report.symbol in memory.bad else replace(memory, bad=(*memory.bad, report.symbol))


def _price(memory: Openings, record: Told) -> Openings:
    report = record.report
    assert isinstance(report, Price), "Invariant: books hear only what they ask for"
    if report.symbol not in memory.bad:
        return memory
    return replace(memory, bad=tuple([each for each in memory.bad if each != report.symbol]))


def _opens(memory: Openings, order: CreateOrder) -> Intent | None:
    """The intent whose first leg the order trades in the intent's own direction."""
    intent = memory.intents.get(order.intent or "")
    if intent is None or order.reduce_only:
        return None
    return intent if (order.symbol, order.side) == (intent.symbol_a, intent.side_a) else None


def _sent(memory: Openings, record: Sent) -> Openings:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    intent = _opens(memory, order)
    name = order.client_order_id
    in_halt, insane = memory.opened_in_halt, memory.insane or _insane(memory, order)
    entries, symbols = memory.entries, memory.symbols
    if intent is not None or order.stop_price is not None:
        symbols = symbols.put(name, order.symbol)
    if intent is not None:
        entries = entries.put(name, intent.id)
        in_halt = in_halt or (name if _is_halted(memory) else "")
        for symbol in intent.symbols:
            if symbol in memory.bad and not insane:
                insane = f"order {name} opens where the last price of {symbol} was none"
    return replace(
        memory,
        entries=entries,
        symbols=symbols,
        opened_in_halt=in_halt,
        insane=insane,
        sent=memory.sent + 1,
        out_of_hours=memory.out_of_hours or _out_of_hours(memory, order),
    )


def _out_of_hours(memory: Openings, order: CreateOrder) -> str:
    """The order, where it opens a position or adds to one, as a hedge does, when that may not be."""
    intent = memory.intents.get(order.intent or "")
    if intent is None or order.reduce_only:
        return ""
    may = may_open if _opens(memory, order) else may_balance
    return "" if may(memory.hours, intent) else order.client_order_id


def _insane(memory: Openings, order: CreateOrder) -> str:
    market = next((each for each in memory.markets if each.symbol == order.symbol), None)
    if market is None:
        return f"order {order.client_order_id} is in {order.symbol}, which is not listed"
    if order.amount < market.minimum or order.amount % market.lot:
        wrong = f"below {market.minimum} or off the step of {market.lot}"
        return f"order {order.client_order_id} is for {order.amount} lots: {wrong}"
    return _off_tick(market, order)


def _off_tick(market: MarketTerms, order: CreateOrder | ReplaceOrder) -> str:
    for kind, price in (("limit", order.price), ("stop", order.stop_price)):
        if price is not None and (price <= 0 or price % market.tick):
            return f"order {order.client_order_id} has {kind} {price}, off the tick of {market.tick}"
    return ""


def _changed(memory: Openings, record: Sent) -> Openings:
    """To change an order that opens something is to open it anew."""
    change = record.request
    assert isinstance(change, ReplaceOrder), "Invariant: books hear only what they ask for"
    name = change.client_order_id
    in_halt = name if name in memory.entries and _is_halted(memory) else ""
    out_of_hours = name if _must_go(memory, name) else ""
    return replace(
        memory,
        opened_in_halt=memory.opened_in_halt or in_halt,
        out_of_hours=memory.out_of_hours or out_of_hours,
        insane=memory.insane or _insane_change(memory, change),
        sent=memory.sent + 1,
    )


def _insane_change(memory: Openings, change: ReplaceOrder) -> str:
    """The lots in all are above zero and on the step: they may be down to what is filled."""
    name = change.client_order_id
    market = next((each for each in memory.markets if each.symbol == memory.symbols.get(name)), None)
    if change.amount <= 0 or (market is not None and change.amount % market.lot):
        return f"order {name} is changed to {change.amount} lots, off the market's step"
    return "" if market is None else _off_tick(market, change)


def _cancel(memory: Openings, record: Sent) -> Openings:
    return replace(memory, cancels=named(memory.cancels, record.request.client_order_id))


def _restarted(memory: Openings, _record: Restarted) -> Openings:
    """A cancel may have been lost with the process: the engine asks first what became of those orders."""
    return replace(memory, excused=memory.entries)


OPENINGS = Books(
    lambda terms: Openings(terms.markets),
    {
        Signaled: _signaled,
        Halt: _halted,
        NewDay: _turned,
        TradingHalted: _turned,
        TradingResumed: _turned,
        Alert: _alerted,
        (Told, BadPrice): _bad_price,
        (Told, Price): _price,
        (Sent, CreateOrder): _sent,
        (Sent, ReplaceOrder): _changed,
        (Sent, CancelOrder): _cancel,
        Restarted: _restarted,
    },
    lambda memory: (
        memory.intents,
        memory.halted,
        frozenset(memory.tripped),
        frozenset(memory.bad),
        memory.entries,
        memory.cancels,
        memory.excused,
        memory.sent > 0,
        memory.opened_in_halt,
        memory.insane,
        memory.symbols,
        memory.hours,
        memory.out_of_hours,
    ),
)


@frozen
class HaltIsHalt:
    """Once a person halted trading, or the engine said that a breaker tripped, no order leaves that opens a
    position or adds to one, and none such is changed, restart or not; and the engine at once cancels those
    that are out, but for those that were out when it went down. Hedges, exits and stops do leave. A breaker
    that the engine says is on probation or armed again halts no more; what a person halted stays so. The same
    holds of an intent one of whose symbols the venue has halted, and of all out of the regular phase of the
    session; then no hedge leaves either, but while the close is prepared."""

    id: str = "I12"
    name: str = "halt_is_halt"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (
        (Sent, CreateOrder),
        (Sent, ReplaceOrder),
        Halt,
        Alert,
        NewDay,
        TradingHalted,
    )
    books: Books = OPENINGS

    def verdict(self, memory: Openings, view: View) -> Finding:
        if memory.opened_in_halt:
            return Broken(f"order {memory.opened_in_halt} opens a position after trading was halted")
        if memory.out_of_hours:
            name = memory.out_of_hours
            return Broken(f"order {name} adds to a position where the market is closed or halted")
        if not _is_halted(memory) and is_open(memory.hours):
            return "vacuous"
        for order in view.belief.orders:
            name = order.client_order_id
            is_known = name in memory.cancels or name in memory.excused
            if not order.over and not is_known and _must_go(memory, name):
                return Broken(f"trading is halted and order {name}, which opens a position, is left to work")
        return "holds"


def _must_go(memory: Openings, name: str) -> bool:
    """Whether an order opens something where nothing may be opened now."""
    intent = memory.intents.get(memory.entries.get(name, ""))
    return intent is not None and (_is_halted(memory) or not may_open(memory.hours, intent))


@frozen
class SaneOrders:
    """Every order is for a positive amount on the market's grid and not below its minimum, at positive
    prices on the tick, stops and changes of orders included; and none opens a position where the last price
    heard of one of its symbols was none."""

    id: str = "I14"
    name: str = "sane_orders"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = ((Sent, CreateOrder), (Sent, ReplaceOrder))
    books: Books = OPENINGS

    def verdict(self, memory: Openings, view: View) -> Finding:
        if memory.insane:
            return Broken(memory.insane)
        return "holds" if memory.sent else "vacuous"
