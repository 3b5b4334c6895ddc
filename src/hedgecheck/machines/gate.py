"""What a risk gate is shown, and an independent recount of what a portfolio may come to at worst.

The recount uses fractions and knows no sums but those it makes itself.
"""

import math
from fractions import Fraction
from typing import Any

from hedgecheck.messages import Side
from hedgecheck.values import frozen

SLACK = Fraction(1, 10**9)  # of a limit: what a gate that counts in floats may be off


@frozen
class GateOrder:
    """An order that is asked for, or that works: ``amount`` in the base currency, all of it unfilled."""

    symbol: str
    side: Side
    amount: float


@frozen
class GatePortfolio:
    """What there is: ``equity`` in the quote currency, prices by symbol, signed positions in the base
    currency, and orders that rest or are on their way."""

    equity: float
    prices: tuple[tuple[str, float], ...]
    positions: tuple[tuple[str, float], ...] = ()
    working: tuple[GateOrder, ...] = ()
    halted: bool = False


@frozen
class GateLimits:
    """What a gate is to keep, each as a part of equity; None where it keeps none.

    ``order``: the value of one order. ``position``: of what is held in one symbol. ``gross``: of all symbols
    together. ``net``: of all that is long less all that is short.
    """

    position: float | None = 0.2
    gross: float | None = 1.0
    net: float | None = None
    order: float | None = None

    def stated(self) -> dict[str, float]:
        """The limits that there are, by name."""
        every = {"position": self.position, "gross": self.gross, "net": self.net, "order": self.order}
        return {name: part for name, part in every.items() if part is not None}


Orders = tuple[GateOrder, ...]
Measures = dict[tuple[str, str], Fraction]  # by limit and what it is about, in the quote currency


def is_usable(portfolio: GatePortfolio, intents: Orders) -> bool:
    """Whether every number is one: equity finite, prices and amounts of orders above zero."""
    above_zero = [price for _, price in portfolio.prices]
    above_zero += [each.amount for each in (*portfolio.working, *intents)]
    known = {symbol for symbol, _ in portfolio.prices}
    named = [symbol for symbol, _ in portfolio.positions]
    named += [each.symbol for each in (*portfolio.working, *intents)]
    finite = [portfolio.equity, *above_zero, *(amount for _, amount in portfolio.positions)]
    return (
        all(_is_finite(each) for each in finite)
        and all(each > 0 for each in above_zero)
        and known.issuperset(named)
    )


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def spans(portfolio: GatePortfolio, more: Orders = ()) -> dict[str, tuple[Fraction, Fraction]]:
    """The least and the most that may be held of each symbol, whichever orders fill."""
    low = {symbol: Fraction(0) for symbol, _ in portfolio.prices}
    for symbol, amount in portfolio.positions:
        low[symbol] += Fraction(amount)
    high = dict(low)
    for order in (*portfolio.working, *more):
        if order.side == "buy":
            high[order.symbol] += Fraction(order.amount)
        else:
            low[order.symbol] -= Fraction(order.amount)
    return {symbol: (low[symbol], high[symbol]) for symbol in low}


def measures(portfolio: GatePortfolio, more: Orders = ()) -> Measures:
    """What each limit bounds, at worst, if ``more`` is let in, at the prices of now."""
    price = {symbol: Fraction(each) for symbol, each in portfolio.prices}
    ends = {
        symbol: (low * price[symbol], high * price[symbol])
        for symbol, (low, high) in spans(portfolio, more).items()
    }
    worst = {symbol: max(abs(low), abs(high)) for symbol, (low, high) in ends.items()}
    found: Measures = {("position", symbol): value for symbol, value in worst.items()}
    found["gross", "all symbols"] = sum(worst.values(), Fraction(0))
    lowest = sum((low for low, _ in ends.values()), Fraction(0))
    highest = sum((high for _, high in ends.values()), Fraction(0))
    found["net", "all symbols"] = max(abs(lowest), abs(highest))
    values = [Fraction(each.amount) * price[each.symbol] for each in more]
    found["order", "the largest order"] = max(values, default=Fraction(0))
    return found


def excess(portfolio: GatePortfolio, limits: GateLimits, let_in: Orders) -> str:
    """The first limit that is passed at worst, and further than without ``let_in``; empty for none."""
    before, after = measures(portfolio), measures(portfolio, let_in)
    for (name, subject), value in after.items():
        part = limits.stated().get(name)
        if part is None or value <= before[name, subject]:
            continue
        if value > max(Fraction(0), Fraction(part) * Fraction(portfolio.equity)) * (1 + SLACK):
            return (
                f"{name}: {subject} may come to {float(value):.10g}, where {part:.10g} of the equity of "
                f"{portfolio.equity:.10g} is the limit"
            )
    return ""


def opening(portfolio: GatePortfolio, intents: Orders) -> Orders:
    """Those of the orders that may add to a position or turn it round, each after those before it."""
    found, leaving = [], portfolio.working
    for each in intents:
        if not _reduces(portfolio, each, leaving):
            found.append(each)
        leaving = (*leaving, each)
    return tuple(found)


def _reduces(portfolio: GatePortfolio, order: GateOrder, others: Orders) -> bool:
    held = dict(portfolio.positions).get(order.symbol, 0.0)
    same = [each.amount for each in others if (each.symbol, each.side) == (order.symbol, order.side)]
    if not all(_is_finite(each) for each in (held, order.amount, *same)):
        return False
    there = Fraction(held) if order.side == "sell" else -Fraction(held)
    return 0 < Fraction(order.amount) <= there - sum(map(Fraction, same))
