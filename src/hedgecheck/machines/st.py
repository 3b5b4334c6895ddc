"""Strategies for what a risk gate, an order state and a breaker are shown.

Of a gate amounts are floats of whole lots, prices of whole ticks; of an order state and a breaker everything
is int: lots, ticks, minor units of money.
"""

import math
from typing import Any

from hypothesis import strategies as st

from hedgecheck.machines.gate import GateOrder
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelRefused,
    CreateOrder,
    Expired,
    Filled,
    OrderReport,
    Rejected,
    Replaced,
    ReplaceRefused,
    Status,
)

UNUSABLE: tuple[Any, ...] = (math.nan, math.inf, -math.inf, -1.0, None)


def amounts(lot: float = 0.001, largest: int = 200_000) -> st.SearchStrategy[float]:
    """Amounts above zero in the base currency: a few lots, or up to ``largest`` of them."""
    few, many = st.integers(1, 10), st.integers(1, largest)
    return (few | many | st.sampled_from([1_000, 10_000, largest])).map(lambda lots: _times(lots, lot))


def prices(tick: float = 0.01, largest: int = 10_000_000) -> st.SearchStrategy[float]:
    """Prices above zero in the quote currency: up to ``largest`` ticks, often a hundredth of it."""
    ticks = st.integers(1, largest // 100) | st.integers(1, largest // 100) | st.integers(1, largest)
    return ticks.map(lambda count: _times(count, tick))


def orders(symbols: tuple[str, ...], lot: float = 0.001) -> st.SearchStrategy[GateOrder]:
    """Orders to buy or sell one of the symbols."""
    sides = st.sampled_from(("buy", "sell"))
    return st.builds(GateOrder, st.sampled_from(symbols), sides, amounts(lot))


def batches(symbols: tuple[str, ...], lot: float = 0.001) -> st.SearchStrategy[tuple[GateOrder, ...]]:
    """One to four orders that are asked for at once; some are one order several times."""
    some = st.lists(orders(symbols, lot), min_size=1, max_size=4).map(tuple)
    same = st.builds(times, orders(symbols, lot), st.integers(2, 4))
    return some | same


def times(order: GateOrder, count: int) -> tuple[GateOrder, ...]:
    """One order several times."""
    return (order,) * count


def unusable() -> st.SearchStrategy[Any]:
    """What stands where a number ought to: no number, infinite, negative, nothing."""
    return st.sampled_from(UNUSABLE)


def create_orders(symbols: tuple[str, ...], largest: int = 12) -> st.SearchStrategy[CreateOrder]:
    """Orders as they are sent: up to ``largest`` lots, at the market or at a limit in ticks."""
    lots, limits = st.integers(1, largest), st.none() | st.integers(90, 110)
    sides = st.sampled_from(("buy", "sell"))
    return st.builds(CreateOrder, st.just("c1"), st.sampled_from(symbols), sides, lots, limits)


def order_reports(order: CreateOrder) -> st.SearchStrategy[OrderReport]:
    """Anything that a venue has words for about this order, whether it makes sense or not."""
    name, reasons = st.just(order.client_order_id), st.sampled_from(("TOO_LATE", "UNKNOWN_ORDER"))
    lots, trades = st.integers(0, order.amount), st.sampled_from(("t1", "t2", "t3"))
    of_it = st.just(order.symbol), st.just(order.side)
    fills = st.builds(Filled, name, trades, *of_it, st.integers(1, order.amount), st.integers(90, 110))
    statuses = st.sampled_from(("open", "closed", "canceled", "expired", "rejected"))
    once = st.lists(fills, max_size=3, unique_by=lambda fill: fill.trade_id).map(tuple)
    found = st.builds(Status, name, st.just("found"), statuses, once, st.none() | lots)
    nothing = st.builds(Status, name, st.sampled_from(("not_found", "failed", "empty", "stale")))
    answers = [st.builds(kind, name, reasons) for kind in (Rejected, CancelRefused, ReplaceRefused)]
    ends = [st.builds(kind, name, lots) for kind in (Canceled, Expired, Replaced)]
    return st.one_of(st.builds(Accepted, name), fills, *answers, *ends, found, nothing)


def equity_paths(
    start: int, largest_bps: int = 600, marks_max: int = 6
) -> st.SearchStrategy[tuple[int, ...]]:
    """What an account is worth from mark to mark, in minor units: each up to ``largest_bps`` away from the
    one before, and above zero."""
    moves = st.lists(st.integers(-largest_bps, largest_bps), min_size=1, max_size=marks_max)

    def walked(bps: list[int]) -> tuple[int, ...]:
        found = [start]
        for each in bps:
            found.append(max(1, found[-1] * (10_000 + each) // 10_000))
        return tuple(found[1:])

    return moves.map(walked)


def _times(count: int, step: float) -> float:
    """A float that is written as short as its decimals are: 3 times 0.1 is 0.3."""
    return round(count * step, 12)
