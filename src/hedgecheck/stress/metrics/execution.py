"""Execution: what trading cost, how much of what was asked for was traded, how fast, and what was refused.

Quantities of different symbols are no sum: each is taken at the first reference price of its symbol, so that
with one symbol a rate is by quantity alone.
"""

from collections.abc import Sequence

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, Value, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.models import ExecutionResult, MetricValue

FAILED = ("rejected", "failed", "unknown")
WHOLE = 1 - 1e-9  # of what was asked for: as good as all of it, by rounding
NO_ORDER = "no order was sent"
NO_FATE = "the fate of no order was known"

METRICS = (
    Metric(
        "turnover",
        "ratio",
        "neither",
        "quantity x price of all fills / mean equity at the end of a bar",
        "there is no bar, or the mean equity is at or below zero",
        "pyfolio, get_turnover; here of the whole run",
    ),
    Metric("total_fees", "money", "lower", "fees of all orders", "", "LEAN, Total Fees"),
    Metric(
        "slippage_cost",
        "money",
        "lower",
        "slippage of all orders, positive is worse; the spread is not in it",
        "",
        "Perold 1988, The Implementation Shortfall",
    ),
    Metric(
        "slippage_bps",
        "bps",
        "lower",
        "slippage_cost / (quantity x reference price of all fills) x 10,000",
        "nothing was filled",
        "Perold 1988, The Implementation Shortfall",
    ),
    Metric("order_count", "count", "neither", "orders sent", "", "LEAN, Total Orders"),
    Metric(
        "fill_rate",
        "fraction",
        "higher",
        "quantity filled / quantity asked for; symbols are added at their first reference price",
        NO_ORDER,
        "FIX 5.0 SP2, CumQty / OrderQty",
    ),
    Metric(
        "partial_fill_rate",
        "fraction",
        "lower",
        "the share of orders of which a part was filled, and not all, whatever their status",
        NO_ORDER,
        "FIX 5.0 SP2, 0 < CumQty < OrderQty",
    ),
    Metric("reject_count", "count", "lower", "orders refused by the venue", "", "FIX 5.0 SP2, OrdStatus 8"),
    Metric(
        "deny_count",
        "count",
        "neither",
        "intents not let in, by reason",
        "",
        "NautilusTrader, OrderDenied",
    ),
    Metric(
        "execution_failures",
        "count",
        "lower",
        "orders that were refused by the venue, failed, or whose fate is unknown",
        "",
        "hedgecheck",
    ),
    Metric(
        "latency_p50",
        "ns",
        "lower",
        "median from sent to known fate",
        NO_FATE,
        "Hyndman and Fan 1996, type 7",
    ),
    Metric(
        "latency_p99", "ns", "lower", "99 % quantile of the same", NO_FATE, "Hyndman and Fan 1996, type 7"
    ),
    Metric("latency_max", "ns", "lower", "the longest", NO_FATE, "hedgecheck"),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    orders = course.executions
    slippage = sum((each.slippage for each in orders), 0.0)
    reference = sum(each.filled * each.reference_price for each in orders)
    slipped = ratio(slippage, reference)
    denied: dict[str, float | int] = {}
    for reason, count in sorted(course.refusals):
        denied[reason] = denied.get(reason, 0) + count
    return {
        "turnover": turnover(course) if basis.bars else None,
        "total_fees": sum((each.fee for each in orders), 0.0),
        "slippage_cost": slippage,
        "slippage_bps": None if slipped is None else slipped * 10_000,
        "order_count": len(orders),
        "fill_rate": fill_rate(orders),
        "partial_fill_rate": ratio(sum(map(is_partial, orders)), len(orders)),
        "reject_count": sum(each.status == "rejected" for each in orders),
        "deny_count": denied,
        "execution_failures": sum(each.status in FAILED for each in orders),
        **latencies([each.latency_ns for each in orders if each.latency_ns is not None]),
    }


def turnover(course: Course) -> Value:
    """How many times the mean equity was traded."""
    traded = sum(each.filled * each.price for each in course.executions if each.price is not None)
    mean = float(course.equity[1:].mean())
    return traded / mean if mean > 0 else None


def fill_rate(orders: Sequence[ExecutionResult]) -> Value:
    """The share of what was asked for that was traded."""
    prices: dict[str, float] = {}
    filled = requested = 0.0
    for each in orders:
        price = prices.setdefault(each.symbol, each.reference_price)
        filled += each.filled * price
        requested += each.requested * price
    return ratio(filled, requested)


def is_partial(order: ExecutionResult) -> bool:
    """Whether a part was filled, and not all."""
    return 0 < order.filled < order.requested * WHOLE


def latencies(found_ns: list[int]) -> dict[str, MetricValue]:
    """Median, 99 % quantile and the longest."""
    if not found_ns:
        return dict.fromkeys(("latency_p50", "latency_p99", "latency_max"))
    median, high = np.quantile(np.array(found_ns, dtype=np.float64), (0.5, 0.99))
    return {"latency_p50": float(median), "latency_p99": float(high), "latency_max": max(found_ns)}
