"""Belief equals truth: what an engine reports of itself against a recount of what it was told, and of what
the venue did. I01, I03, I04, I06, I11."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import (
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
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Record,
    Rejected,
    Sent,
    Status,
    Told,
)


@dataclass(frozen=True, slots=True)
class PositionConverges:
    """At rest the engine's positions are the venue's, recounted from the venue's executions."""

    id: str = "I01"
    name: str = "position_converges"
    kind: Literal["rest"] = "rest"
    hears: tuple[type[Any], ...] = (Filled,)

    def initial(self, terms: Terms) -> Pairs:
        return ()

    def observe(self, memory: Pairs, record: Record) -> Pairs:
        assert isinstance(record, Filled), "Invariant: an observer hears only what it asked for"
        return bump(memory, record.symbol, lots_of(record))

    def verdict(self, memory: Pairs, view: View) -> Finding:
        if not memory:
            return "vacuous"
        believed, true = dict(view.belief.positions), dict(nonzero(memory))
        for symbol in sorted({*believed, *true}):
            if believed.get(symbol, 0) != true.get(symbol, 0):
                return Broken(
                    f"at rest the engine believes {believed.get(symbol, 0)} lots of {symbol}, "
                    f"the venue holds {true.get(symbol, 0)}"
                )
        return "holds"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the engine was told: trade ids seen, positions and cash they add up to."""

    trades: tuple[str, ...]
    positions: Pairs
    cash: int
    terms: Terms


def _hear(memory: Heard, record: Record) -> Heard:
    trades, positions, cash = memory.trades, memory.positions, memory.cash
    for fill in told_fills(record, trades):
        trades = (*trades, fill.trade_id)
        positions = bump(positions, fill.symbol, lots_of(fill))
        cash += money_of(fill, market_of(memory.terms, fill.symbol).tick_lot_value)
    return memory if trades is memory.trades else Heard(trades, positions, cash, memory.terms)


@dataclass(frozen=True, slots=True)
class FillExactlyOnce:
    """After every message the engine's positions are those of the executions it heard of, each once."""

    id: str = "I03"
    name: str = "fill_exactly_once"
    kind: Literal["always"] = "always"
    hears: tuple[type[Any], ...] = (Told,)

    def initial(self, terms: Terms) -> Heard:
        return Heard((), (), terms.cash, terms)

    def observe(self, memory: Heard, record: Record) -> Heard:
        return _hear(memory, record)

    def verdict(self, memory: Heard, view: View) -> Finding:
        if not memory.trades:
            return "vacuous"
        believed, told = view.belief.positions, nonzero(memory.positions)
        if believed == told:
            return "holds"
        return Broken(f"the engine believes positions {_shown(believed)}; it was told of {_shown(told)}")


@dataclass(frozen=True, slots=True)
class MoneyConserved:
    """The engine's cash is the opening cash plus every execution it heard of, fees included, once."""

    id: str = "I11"
    name: str = "money_conserved"
    kind: Literal["always"] = "always"
    hears: tuple[type[Any], ...] = (Told,)

    def initial(self, terms: Terms) -> Heard:
        return Heard((), (), terms.cash, terms)

    def observe(self, memory: Heard, record: Record) -> Heard:
        return _hear(memory, record)

    def verdict(self, memory: Heard, view: View) -> Finding:
        if not memory.trades:
            return "vacuous"
        if view.belief.cash == memory.cash:
            return "holds"
        return Broken(f"the engine believes cash {view.belief.cash}; its executions leave {memory.cash}")


@dataclass(frozen=True, slots=True)
class FillBound:
    """0 <= filled <= amount for every order, at the venue and in the engine, and the engine's figure is the
    sum of the executions it heard of."""

    id: str = "I04"
    name: str = "fill_bound"
    kind: Literal["always"] = "always"
    hears: tuple[type[Any], ...] = (Sent, Filled, Told)

    def initial(self, terms: Terms) -> tuple[Pairs, Pairs, tuple[str, ...], Pairs]:
        return (), (), (), ()

    def observe(self, memory: Any, record: Record) -> Any:
        amounts, at_venue, trades, told = memory
        if isinstance(record, Sent):
            if isinstance(record.request, CreateOrder):
                amounts = put(amounts, record.request.client_order_id, record.request.amount)
        elif isinstance(record, Filled):
            at_venue = bump(at_venue, record.client_order_id, record.amount)
        else:
            fresh = told_fills(record, trades)
            if not fresh:
                return memory
            for fill in fresh:
                trades = (*trades, fill.trade_id)
                told = bump(told, fill.client_order_id, fill.amount)
        return amounts, at_venue, trades, told

    def verdict(self, memory: Any, view: View) -> Finding:
        amounts, at_venue, _, told = memory
        for order, filled in at_venue:
            if not 0 <= filled <= get(amounts, order):
                return Broken(f"order {order} of {get(amounts, order)} lots was filled for {filled}")
        if not told:
            return "vacuous"
        for believed in view.belief.orders:
            order, heard = believed.client_order_id, get(told, believed.client_order_id)
            if believed.filled != heard:
                return Broken(f"the engine believes {believed.filled} lots of {order} filled, heard {heard}")
        return "holds"


@dataclass(frozen=True, slots=True)
class NoTerminalStateWithoutEvidence:
    """An order the engine calls over was said to be over: filled, cancelled, expired or rejected, or not
    found so many times in a row. A timeout, an error or an empty answer is no such word."""

    id: str = "I06"
    name: str = "no_terminal_state_without_evidence"
    kind: Literal["always"] = "always"
    hears: tuple[type[Any], ...] = (Sent, Told)

    def initial(self, terms: Terms) -> Any:
        return (), (), (), (), terms.not_found_confirmations

    def observe(self, memory: Any, record: Record) -> Any:
        amounts, over, trades, told, confirmations = memory
        if isinstance(record, Sent):
            if not isinstance(record.request, CreateOrder):
                return memory
            amounts = put(amounts, record.request.client_order_id, record.request.amount)
            return amounts, over, trades, told, confirmations
        assert isinstance(record, Told), "Invariant: an observer hears only what it asked for"
        for fill in told_fills(record, trades):
            trades = (*trades, fill.trade_id)
            told = bump(told, fill.client_order_id, fill.amount)
            if get(told, fill.client_order_id) >= get(amounts, fill.client_order_id):
                over = put(over, fill.client_order_id, confirmations)
        over = _evidence(over, record, confirmations)
        return amounts, over, trades, told, confirmations

    def verdict(self, memory: Any, view: View) -> Finding:
        over, confirmations = memory[1], memory[4]
        finding: Finding = "vacuous"
        for order in view.belief.orders:
            if order.over:
                if get(over, order.client_order_id) < confirmations:
                    return Broken(f"the engine calls order {order.client_order_id} over; nobody told it so")
                finding = "holds"
        return finding


def _evidence(over: Pairs, record: Told, confirmations: int) -> Pairs:
    """Per order: ``confirmations`` where it is proved over, less where not-found answers are still few."""
    report = record.report
    if isinstance(report, (Canceled, Expired, Rejected)):
        return put(over, report.client_order_id, confirmations)
    if not isinstance(report, Status):
        return over
    order = report.client_order_id
    if get(over, order) >= confirmations:
        return over
    if report.answer == "not_found":
        return bump(over, order, 1)
    if report.answer == "found" and report.status != "open":
        return put(over, order, confirmations)
    return put(over, order, 0)


def _shown(pairs: Pairs) -> str:
    return ", ".join(f"{symbol} {value:+d}" for symbol, value in pairs) or "none"
