"""Belief equals truth: what an engine reports of itself against a recount of what it was told, and of what
the venue did. I01, I03, I04, I06, I11."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    Pairs,
    Terms,
    View,
    bump,
    get,
    lots_of,
    market_of,
    money_of,
    nonzero,
    put,
    told_fills,
)
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    OutcomeUnknown,
    Record,
    Rejected,
    Sent,
    Status,
    Told,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine asked for and what it was told. All but the first two by client order id.

    ``positions``, ``cash`` and ``trades``: what the executions it heard of add up to, each once.
    ``evidence`` reaches the scope's number of confirmations where not-found answers prove an order over, and
    is one more where the venue said so itself.
    """

    cash: int
    positions: Pairs = ()
    trades: tuple[str, ...] = ()
    amounts: Pairs = ()
    filled: Pairs = ()
    filled_at_venue: Pairs = ()
    evidence: Pairs = ()
    terms: Terms = Terms(0, ())


@dataclass(frozen=True, slots=True)
class HeardBooks:
    """The books that the rules of this family share."""

    hears: tuple[type[Any], ...] = (Sent, Filled, Told)

    def initial(self, terms: Terms) -> Heard:
        return Heard(terms.cash, terms=terms)

    def observe(self, memory: Heard, record: Record) -> Heard:
        if isinstance(record, Told):
            return _told(memory, record)
        amounts, at_venue = memory.amounts, memory.filled_at_venue
        if isinstance(record, Filled):
            at_venue = bump(at_venue, record.client_order_id, record.amount)
        elif isinstance(record, Sent) and isinstance(record.request, CreateOrder):
            amounts = put(amounts, record.request.client_order_id, record.request.amount)
        else:
            return memory
        return Heard(
            memory.cash,
            memory.positions,
            memory.trades,
            amounts,
            memory.filled,
            at_venue,
            memory.evidence,
            memory.terms,
        )


def _told(memory: Heard, record: Told) -> Heard:
    cash, positions, trades, filled = memory.cash, memory.positions, memory.trades, memory.filled
    evidence, confirmations = memory.evidence, memory.terms.not_found_confirmations
    for fill in told_fills(record, trades):
        order = fill.client_order_id
        trades = (*trades, fill.trade_id)
        cash += money_of(fill, market_of(memory.terms, fill.symbol).tick_lot_value)
        positions = bump(positions, fill.symbol, lots_of(fill))
        filled = bump(filled, order, fill.amount)
        if get(filled, order) >= get(memory.amounts, order):
            evidence = put(evidence, order, confirmations + 1)
    evidence = _evidence(evidence, record, confirmations)
    if trades is memory.trades and evidence is memory.evidence:
        return memory
    return Heard(
        cash, positions, trades, memory.amounts, filled, memory.filled_at_venue, evidence, memory.terms
    )


def _evidence(evidence: Pairs, record: Told, confirmations: int) -> Pairs:
    """What the report proves about its order being over; not-found answers only count in a row."""
    report = record.report
    if isinstance(report, (Canceled, Expired)):
        return put(evidence, report.client_order_id, confirmations + 1)
    if isinstance(report, Rejected):
        if report.reason == "DUPLICATE_CLIENT_ORDER_ID":
            return evidence  # the order of that id is another one, and says nothing here
        return put(evidence, report.client_order_id, confirmations + 1)
    if not isinstance(report, (Status, Accepted, Filled)):
        return evidence
    order = report.client_order_id
    if get(evidence, order) > confirmations:
        return evidence
    if not isinstance(report, Status):  # it is there
        return put(evidence, order, 0) if get(evidence, order) else evidence
    if report.answer == "not_found":
        return put(evidence, order, min(confirmations, get(evidence, order) + 1))
    if report.answer == "found" and report.status != "open":
        return put(evidence, order, confirmations + 1)
    if report.answer == "found" or get(evidence, order) < confirmations:
        return put(evidence, order, 0)
    return evidence


@dataclass(frozen=True, slots=True)
class FillExactlyOnce:
    """After every message the engine's positions are those of the executions it heard of, each once."""

    id: str = "I03"
    name: str = "fill_exactly_once"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] = (Told,)
    books: Books = HeardBooks()

    def verdict(self, memory: Heard, view: View) -> Finding:
        believed, told = view.belief.positions, nonzero(memory.positions)
        if believed == told:
            return "holds" if memory.trades else "vacuous"
        return Broken(f"the engine believes positions {_shown(believed)}; it was told of {_shown(told)}")


@dataclass(frozen=True, slots=True)
class MoneyConserved:
    """The engine's cash is the opening cash plus every execution it heard of, fees included, once."""

    id: str = "I11"
    name: str = "money_conserved"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] = (Told,)
    books: Books = HeardBooks()

    def verdict(self, memory: Heard, view: View) -> Finding:
        if view.belief.cash == memory.cash:
            return "holds" if memory.trades else "vacuous"
        return Broken(f"the engine believes cash {view.belief.cash}; its executions leave {memory.cash}")


@dataclass(frozen=True, slots=True)
class FillBound:
    """0 <= filled <= amount for every order, at the venue and in the engine, and the engine's figure is the
    sum of the executions it heard of."""

    id: str = "I04"
    name: str = "fill_bound"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] = (Filled, Told)
    books: Books = HeardBooks()

    def verdict(self, memory: Heard, view: View) -> Finding:
        for order, filled in memory.filled_at_venue:
            if not 0 <= filled <= get(memory.amounts, order):
                return Broken(f"order {order} of {get(memory.amounts, order)} lots was filled for {filled}")
        for believed in view.belief.orders:
            order, heard = believed.client_order_id, get(memory.filled, believed.client_order_id)
            if believed.filled != heard:
                return Broken(f"the engine believes {believed.filled} lots of {order} filled, heard {heard}")
        return "holds" if memory.filled else "vacuous"


@dataclass(frozen=True, slots=True)
class NoTerminalStateWithoutEvidence:
    """An order the engine calls over was said to be over: filled, cancelled, expired or rejected, or not
    found so many times in a row. A timeout, an error or an empty answer is no such word. And what the venue
    itself said is over stays over."""

    id: str = "I06"
    name: str = "no_terminal_state_without_evidence"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] = (Told, OutcomeUnknown)
    books: Books = HeardBooks()

    def verdict(self, memory: Heard, view: View) -> Finding:
        finding: Finding = "vacuous"
        confirmations = memory.terms.not_found_confirmations
        for order in view.belief.orders:
            evidence = get(memory.evidence, order.client_order_id)
            if order.over and evidence < confirmations:
                return Broken(f"the engine calls order {order.client_order_id} over; nobody told it so")
            if evidence > confirmations and not order.over:
                return Broken(
                    f"the engine waits for order {order.client_order_id}, which it was told is over"
                )
            if order.over:
                finding = "holds"
        return finding


@dataclass(frozen=True, slots=True)
class VenueBooks:
    """Positions, recounted from the venue's executions."""

    hears: tuple[type[Any], ...] = (Filled,)

    def initial(self, terms: Terms) -> Pairs:
        return ()

    def observe(self, memory: Pairs, record: Record) -> Pairs:
        assert isinstance(record, Filled), "Invariant: books hear only what they ask for"
        return bump(memory, record.symbol, lots_of(record))


@dataclass(frozen=True, slots=True)
class PositionConverges:
    """At rest the engine's positions are the venue's, recounted from the venue's executions."""

    id: str = "I01"
    name: str = "position_converges"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = VenueBooks()

    def verdict(self, memory: Pairs, view: View) -> Finding:
        believed, true = dict(view.belief.positions), dict(nonzero(memory))
        for symbol in sorted({*believed, *true}):
            if believed.get(symbol, 0) != true.get(symbol, 0):
                return Broken(
                    f"at rest the engine believes {believed.get(symbol, 0)} lots of {symbol}, "
                    f"the venue holds {true.get(symbol, 0)}"
                )
        return "holds" if memory else "vacuous"


def _shown(pairs: Pairs) -> str:
    return ", ".join(f"{symbol} {value:+d}" for symbol, value in pairs) or "none"
