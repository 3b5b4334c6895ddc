"""I13: a loss trips its breaker at the right number, not one unit early and not one message late.

The account is recounted from what the engine was told: cash, executions, fees, prices. No breaker is reset
here, so what tripped stays tripped.
"""

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
    bump,
    lots_of,
    money_of,
    named,
    put,
    told_fills,
)
from hedgecheck.messages import Alert, BadPrice, CashFlow, Filled, NewDay, Price, Status, Told
from hedgecheck.values import frozen, replace

WHOLE_BPS = 10_000
TRIPPED = "BREAKER_TRIPPED"


@frozen
class Measured:
    """``opening``: equity when the session day began, and ``flowed``, cash deposited since less what was
    withdrawn; ``mark``: the highest equity there was, where a breaker measures from it, and it moves with
    cash that flows. ``due``: breakers that ought to have tripped, and why; ``tripped``: those that said so;
    ``early``: what was said without a cause."""

    terms: Terms
    lot_values: Counts
    prices: Table[int | None]
    cash: int
    opening: int
    mark: int
    positions: Counts = Table()
    trades: Names = Archive()
    day: int = 0
    due: Table[str] = Table()
    tripped: tuple[str, ...] = ()
    early: str = ""
    flowed: int = 0


def _initial(terms: Terms) -> Measured:
    prices = Table({each.symbol: each.price for each in terms.markets})
    lot_values = Table({each.symbol: each.tick_lot_value for each in terms.markets})
    return Measured(terms, lot_values, Table(prices), terms.cash, terms.cash, terms.cash)


def _equity(memory: Measured) -> int | None:
    """Cash and what is held at its price; None while something held has none."""
    total = memory.cash
    for symbol, lots in memory.positions.items():
        if lots:
            price = memory.prices[symbol]
            if price is None:
                return None
            total += lots * price * memory.lot_values[symbol]
    return total


def _executed(memory: Measured, record: Told) -> Measured:
    fresh = told_fills(record, memory.trades)
    if not fresh:
        return memory
    for fill in fresh:
        memory = replace(
            memory,
            trades=named(memory.trades, fill.trade_id),
            cash=memory.cash + money_of(fill, memory.lot_values[fill.symbol]),
            positions=bump(memory.positions, fill.symbol, lots_of(fill)),
        )
    return _measured(memory)


def _priced(memory: Measured, record: Told) -> Measured:
    report = record.report
    assert isinstance(report, (Price, BadPrice)), "Invariant: books hear only what they ask for"
    price = report.price if isinstance(report, Price) else None
    return _measured(replace(memory, prices=put(memory.prices, report.symbol, price)))


def _new_day(memory: Measured, record: NewDay) -> Measured:
    """The day's loss is measured from its opening, where that is known: with nothing there all is lost. Days
    only rise, and one that comes closed is none."""
    if record.day <= memory.day or record.phase == "closed":
        return memory
    equity = _equity(memory)
    if equity is None:
        return replace(memory, day=record.day)
    return _measured(replace(memory, day=record.day, opening=equity, flowed=0))


def _cash_flowed(memory: Measured, flow: CashFlow) -> Measured:
    """Neither profit nor loss: what losses are measured from moves with it."""
    amount = flow.amount
    return _measured(
        replace(memory, cash=memory.cash + amount, flowed=memory.flowed + amount, mark=memory.mark + amount)
    )


def _measured(memory: Measured) -> Measured:
    equity, terms = _equity(memory), memory.terms
    if terms.drawdown_bps and equity is not None and equity > memory.mark:
        memory = replace(memory, mark=equity)
    memory = _fallen(memory, "daily_loss", terms.daily_loss_bps, equity, memory.opening, memory.flowed)
    return _fallen(memory, "drawdown", terms.drawdown_bps, equity, memory.mark, 0)


def _fallen(memory: Measured, name: str, bps: int, equity: int | None, whole: int, flowed: int) -> Measured:
    """A breaker is due where so much of the whole is lost, or it cannot be said; one of 0 bps is none."""
    is_due = equity is None or (whole + flowed - equity) * WHOLE_BPS >= whole * bps
    if not (is_due and bps) or name in memory.due:
        return memory
    apart = f", {flowed:+d} of cash that flowed apart" if flowed else ""
    why = f"equity is {equity}, {bps} bps below {whole} or lower{apart}"
    return replace(memory, due=put(memory.due, name, why))


def _alerted(memory: Measured, alert: Alert) -> Measured:
    name = alert.subject.partition("#")[0]
    if alert.reason != TRIPPED or name not in ("daily_loss", "drawdown") or name in memory.tripped:
        return memory
    early = memory.early
    if name not in memory.due and not early:
        base = memory.opening + memory.flowed if name == "daily_loss" else memory.mark
        early = f"{name} tripped at equity {_equity(memory)}, measured from {base}: that is too early"
    return replace(memory, tripped=(*memory.tripped, name), early=early)


MEASURED = Books(
    _initial,
    {
        (Told, Filled): _executed,
        (Told, Status): _executed,
        (Told, Price): _priced,
        (Told, BadPrice): _priced,
        NewDay: _new_day,
        CashFlow: _cash_flowed,
        Alert: _alerted,
    },
    lambda memory: (
        memory.prices,
        memory.cash,
        memory.opening,
        memory.mark,
        memory.positions,
        memory.trades,
        memory.day,
        frozenset(memory.due),
        frozenset(memory.tripped),
        memory.early,
        memory.flowed,
    ),
)


@frozen
class RiskNumberIsRight:
    """The daily-loss breaker trips with the message after which equity, recounted from all the engine was
    told, is the given share or more below the day's opening, or is not known; and not before. Where there is
    one, so does the drawdown breaker, below the highest equity there was. What is deposited is no profit, and
    what is withdrawn no loss."""

    id: str = "I13"
    name: str = "risk_number_is_right"
    kind: Literal["always", "rest", "compared"] = "always"
    judged_after: tuple[Heard, ...] = (
        (Told, Filled),
        (Told, Status),
        (Told, Price),
        (Told, BadPrice),
        CashFlow,
        NewDay,
        Alert,
    )
    books: Books = MEASURED

    def verdict(self, memory: Measured, view: View) -> Finding:
        if memory.early:
            return Broken(memory.early)
        for name, why in memory.due.items():
            if name not in memory.tripped:
                return Broken(f"{name} has not tripped: {why}")
        return "holds" if memory.trades else "vacuous"
