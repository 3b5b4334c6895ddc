"""Belief equals truth: what an engine reports of itself against a recount of what it was told, and of what
the venue did. I01, I03, I04, I06, I11."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    BelievedOrder,
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    Names,
    Pairs,
    Table,
    Terms,
    View,
    bump,
    lots_of,
    market_of,
    money_of,
    named,
    nonzero,
    told_fills,
)
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CashFlow,
    CreateOrder,
    Expired,
    Filled,
    OutcomeUnknown,
    Overheard,
    Rejected,
    Replaced,
    ReplaceOrder,
    Sent,
    Status,
    Told,
)
from hedgecheck.values import frozen, replace

ORDER_REPORTS: tuple[Heard, ...] = tuple(
    (Told, kind) for kind in (Accepted, Rejected, Filled, Canceled, Expired, Status, Replaced)
)
EXECUTION_REPORTS: tuple[Heard, ...] = (
    *((Told, kind) for kind in (Filled, Canceled, Expired, Status)),
    Overheard,
)


@frozen
class Resized:
    """Lots in all of an order that was told to change: as the venue has it, and the least and the most that
    the engine was told it may stand for."""

    at_venue: int
    least: int
    most: int


@frozen
class ToldSoFar:
    """What an engine asked for and what it was told. All but the first three by client order id.

    ``positions``, ``cash`` and ``trades``: what the executions it heard of add up to, each once.
    ``evidence`` reaches the scope's number of confirmations where not-found answers prove an order over, and
    is one more where the venue said so itself. ``resized``: the orders that were to change; those are over,
    too, where what is filled reaches the amount they stand for. ``beyond``: the orders of which the venue
    filled more than they stand for, or less than nothing.
    """

    cash: int
    positions: Counts
    trades: Names
    amounts: Archive[int]
    filled: Archive[int]
    filled_at_venue: Archive[int]
    evidence: Archive[int]
    terms: Terms
    resized: Archive[Resized] = Archive()
    beyond: tuple[str, ...] = ()


def _initial(terms: Terms) -> ToldSoFar:
    nothing: Archive[int] = Archive()
    return ToldSoFar(terms.cash, Table(), Archive(), nothing, nothing, nothing, nothing, terms)


def _created(memory: ToldSoFar, record: Sent) -> ToldSoFar:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    name = order.client_order_id
    return _bounded(replace(memory, amounts=memory.amounts.put(name, order.amount)), name)


def _to_change(memory: ToldSoFar, record: Sent) -> ToldSoFar:
    order = record.request.client_order_id
    amount = memory.amounts.get(order, 0)
    is_over = memory.evidence.get(order, 0) > memory.terms.not_found_confirmations
    if order in memory.resized or is_over:
        return memory
    resized = memory.resized.put(order, Resized(amount, amount, amount))
    return _bounded(replace(memory, resized=resized), order)


def _changed_at_venue(memory: ToldSoFar, record: Replaced) -> ToldSoFar:
    return _resized(memory, record.client_order_id, at_venue=record.amount)


def _changed(memory: ToldSoFar, record: Told) -> ToldSoFar:
    report = record.report
    assert isinstance(report, Replaced), "Invariant: books hear only what they ask for"
    memory = _resized(memory, report.client_order_id, least=report.amount, most=report.amount)
    return _seen(memory, record)


def _shown_amount(memory: ToldSoFar, status: Status) -> ToldSoFar:
    """An answer may be older than the last change: the order stands for what it says, or what is known."""
    known = memory.resized.get(status.client_order_id)
    if known is None or status.amount is None:
        return memory
    least, most = min(known.least, status.amount), max(known.most, status.amount)
    return _resized(memory, status.client_order_id, least=least, most=most)


def _resized(memory: ToldSoFar, order: str, **amounts: int) -> ToldSoFar:
    known = memory.resized.get(order)
    if known is None:
        return memory
    resized = memory.resized.put(order, replace(known, **amounts))
    return _bounded(replace(memory, resized=resized), order)


def _filled_at_venue(memory: ToldSoFar, fill: Filled) -> ToldSoFar:
    order = fill.client_order_id
    filled = memory.filled_at_venue.get(order, 0) + fill.amount
    return _bounded(replace(memory, filled_at_venue=memory.filled_at_venue.put(order, filled)), order)


def _bounded(memory: ToldSoFar, order: str) -> ToldSoFar:
    """Notes whether the venue filled more of the order than it stands for."""
    filled = memory.filled_at_venue.get(order)
    within = filled is None or 0 <= filled <= _amount_at_venue(memory, order)
    if within is (order not in memory.beyond):
        return memory
    others = tuple([each for each in memory.beyond if each != order])
    return replace(memory, beyond=others if within else (*others, order))


def _amount_at_venue(memory: ToldSoFar, order: str) -> int:
    """Lots in all that the venue has the order for."""
    resized = memory.resized.get(order)
    amount: int = memory.amounts.get(order, 0) if resized is None else resized.at_venue
    return amount


def _executions(memory: ToldSoFar, record: Told) -> ToldSoFar:
    """Takes in the executions that the engine now heard of for the first time."""
    fresh = told_fills(record, memory.trades)
    if not fresh:
        return memory
    cash, positions, filled, evidence = memory.cash, memory.positions, memory.filled, memory.evidence
    for fill in fresh:
        order = fill.client_order_id
        cash += money_of(fill, market_of(memory.terms.markets, fill.symbol).tick_lot_value)
        positions = bump(positions, fill.symbol, lots_of(fill))
        filled = filled.put(order, filled.get(order, 0) + fill.amount)
        if order not in memory.resized and filled[order] >= memory.amounts.get(order, 0):
            evidence = evidence.put(order, memory.terms.not_found_confirmations + 1)
    trades = named(memory.trades, *[fill.trade_id for fill in fresh])
    return replace(memory, cash=cash, positions=positions, trades=trades, filled=filled, evidence=evidence)


def _flowed(memory: ToldSoFar, flow: CashFlow) -> ToldSoFar:
    return replace(memory, cash=memory.cash + flow.amount)


def _filled(memory: ToldSoFar, record: Told) -> ToldSoFar:
    return _seen(_executions(memory, record), record)


def _seen(memory: ToldSoFar, record: Told) -> ToldSoFar:
    """The order is there: a row of not-found answers is interrupted."""
    report = record.report
    assert isinstance(report, (Accepted, Filled, Replaced)), "Invariant: books hear only what they ask for"
    if 0 < memory.evidence.get(report.client_order_id, 0) <= memory.terms.not_found_confirmations:
        return _proved(memory, report.client_order_id, 0)
    return memory


def _ended(memory: ToldSoFar, record: Told) -> ToldSoFar:
    report = record.report
    assert isinstance(report, (Canceled, Expired, Rejected)), "Invariant: books hear only what they ask for"
    if isinstance(report, Rejected) and report.reason == "DUPLICATE_CLIENT_ORDER_ID":
        return memory  # the order of that id is another one, and says nothing here
    return _proved(memory, report.client_order_id, memory.terms.not_found_confirmations + 1)


def _answered(memory: ToldSoFar, record: Told) -> ToldSoFar:
    """Not-found answers count only in a row; what the venue said is over stays over."""
    memory, report = _executions(memory, record), record.report
    assert isinstance(report, Status), "Invariant: books hear only what they ask for"
    memory = _shown_amount(memory, report)
    known, confirmations = (
        memory.evidence.get(report.client_order_id, 0),
        memory.terms.not_found_confirmations,
    )
    if known > confirmations:
        return memory
    if report.answer == "not_found":
        return _proved(memory, report.client_order_id, min(confirmations, known + 1))
    if report.answer == "found":
        over = report.status != "open"
        return _proved(memory, report.client_order_id, confirmations + 1 if over else 0)
    return memory if known == confirmations else _proved(memory, report.client_order_id, 0)


def _proved(memory: ToldSoFar, order: str, evidence: int) -> ToldSoFar:
    return replace(memory, evidence=memory.evidence.put(order, evidence))


TOLD = Books(
    _initial,
    {
        (Sent, CreateOrder): _created,
        (Sent, ReplaceOrder): _to_change,
        Filled: _filled_at_venue,
        Replaced: _changed_at_venue,
        (Told, Replaced): _changed,
        (Told, Accepted): _seen,
        (Told, Filled): _filled,
        (Told, Status): _answered,
        (Told, Canceled): _ended,
        (Told, Expired): _ended,
        (Told, Rejected): _ended,
        CashFlow: _flowed,
    },
    lambda memory: (
        memory.cash,
        memory.positions,
        memory.trades,
        memory.amounts,
        memory.filled,
        memory.filled_at_venue,
        memory.evidence,
        memory.resized,
    ),
)


@frozen
class FillExactlyOnce:
    """After every message the engine's positions are those of the executions it heard of, each once."""

    id: str = "I03"
    name: str = "fill_exactly_once"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = EXECUTION_REPORTS
    books: Books = TOLD

    def verdict(self, memory: ToldSoFar, view: View) -> Finding:
        believed, told = view.belief.positions, nonzero(memory.positions)
        if believed == told:
            return "holds" if memory.trades else "vacuous"
        return Broken(f"the engine believes positions {_shown(believed)}; it was told of {_shown(told)}")


@frozen
class MoneyConserved:
    """The engine's cash is the opening cash plus every execution it heard of, fees included, once, and what
    was deposited less what was withdrawn."""

    id: str = "I11"
    name: str = "money_conserved"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (*EXECUTION_REPORTS, CashFlow)
    books: Books = TOLD

    def verdict(self, memory: ToldSoFar, view: View) -> Finding:
        if view.belief.cash == memory.cash:
            return "holds" if memory.trades or memory.cash != memory.terms.cash else "vacuous"
        return Broken(f"the engine believes cash {view.belief.cash}; what it was told leaves {memory.cash}")


@frozen
class FillBound:
    """0 <= filled <= amount for every order, at the venue and in the engine, and the engine's figure is the
    sum of the executions it heard of."""

    id: str = "I04"
    name: str = "fill_bound"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Filled, Replaced, *EXECUTION_REPORTS)
    books: Books = TOLD

    def verdict(self, memory: ToldSoFar, view: View) -> Finding:
        for order in memory.beyond:
            amount, filled = _amount_at_venue(memory, order), memory.filled_at_venue[order]
            return Broken(f"order {order} of {amount} lots was filled for {filled}")
        for believed in view.belief.orders:
            heard = memory.filled.get(believed.client_order_id, 0)
            if believed.filled != heard:
                return Broken(
                    f"the engine believes {believed.filled} lots of {believed.client_order_id} filled, "
                    f"heard {heard}"
                )
        return "holds" if memory.filled else "vacuous"


@frozen
class NoTerminalStateWithoutEvidence:
    """An order the engine calls over was said to be over: filled for all that it stands for, cancelled,
    expired or rejected, or not found so many times in a row. A timeout, an error or an empty answer is no
    such word. And what the venue itself said is over stays over."""

    id: str = "I06"
    name: str = "no_terminal_state_without_evidence"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (OutcomeUnknown, *ORDER_REPORTS)
    books: Books = TOLD

    def verdict(self, memory: ToldSoFar, view: View) -> Finding:
        finding: Finding = "vacuous"
        confirmations = memory.terms.not_found_confirmations
        for order in view.belief.orders:
            evidence = _evidence(memory, order)
            if order.over and evidence < confirmations:
                return Broken(f"the engine calls order {order.client_order_id} over; nobody told it so")
            if evidence > confirmations and not order.over:
                return Broken(
                    f"the engine waits for order {order.client_order_id}, which it was told is over"
                )
            if order.over:
                finding = "holds"
        return finding


def _evidence(memory: ToldSoFar, order: BelievedOrder) -> int:
    """How sure it is that the order is over. Of one whose amount is not certain either answer will do where
    what is filled lies between the least and the most it may stand for."""
    evidence: int = memory.evidence.get(order.client_order_id, 0)
    resized, confirmations = memory.resized.get(order.client_order_id), memory.terms.not_found_confirmations
    if resized is None or evidence > confirmations:
        return evidence
    filled = memory.filled.get(order.client_order_id, 0)
    if filled >= resized.most:
        return confirmations + 1
    return confirmations if filled >= resized.least else evidence


def _moved(memory: Counts, fill: Filled) -> Counts:
    return bump(memory, fill.symbol, lots_of(fill))


TRADED = Books(lambda terms: Table(), {Filled: _moved})  # positions, recounted from the venue's executions


@frozen
class PositionConverges:
    """At rest the engine's positions are the venue's, recounted from the venue's executions."""

    id: str = "I01"
    name: str = "position_converges"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = TRADED

    def verdict(self, memory: Counts, view: View) -> Finding:
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
