"""Courses, trades and orders by what a test says of them."""

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.models import ExecutionResult, TradeRecord
from hedgecheck.values import replace


def course(equity, **said) -> Course:
    """A course of that equity, a year of four bars; whatever is not said is nothing."""
    equity = np.asarray(equity, dtype=np.float64)
    arrays = dict.fromkeys(("gross", "heat", "held", "flows"), np.zeros(len(equity) - 1))
    for name in (*arrays, "benchmark"):
        if said.get(name) is not None:
            said[name] = np.asarray(said[name], dtype=np.float64)
    usual = {"bars_per_year": 4, "realized_pnl": 0.0, "unrealized_pnl": 0.0}
    return Course(equity=equity, **{**arrays, **usual, **said})


def growing(returns, start=100_000.0, **said) -> Course:
    """A course whose equity has those returns."""
    return course(start * np.cumprod(np.concatenate(([1.0], 1 + np.asarray(returns)))), **said)


def trade(pnl, entry_bar=0, exit_bar: int | None = 1, mae=0.0, mfe=0.0) -> TradeRecord:
    """A round trip of that profit."""
    return TradeRecord(
        intent="a",
        strategy="s",
        symbol="AAA",
        hedge="",
        side="buy",
        quantity=1.0,
        entry_bar=entry_bar,
        entry_price=10.0,
        exit_bar=exit_bar,
        exit_price=None if exit_bar is None else 10.0 + pnl,
        pnl=pnl,
        fees=0.0,
        mae=mae,
        mfe=mfe,
        reason="",
    )


ORDER = ExecutionResult(
    order="o",
    intent="a",
    symbol="AAA",
    side="buy",
    bar=0,
    status="filled",
    requested=10.0,
    filled=10.0,
    price=100.0,
    reference_price=100.0,
    slippage=0.0,
    spread_cost=0.0,
    fee=0.0,
    latency_ns=50_000_000,
)


def order(**said) -> ExecutionResult:
    """An order of 10 at 100, filled at once without any cost, but for what is said."""
    return replace(ORDER, **said)
