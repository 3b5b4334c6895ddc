"""Strategies for what a risk gate is shown; amounts are whole lots, prices whole ticks."""

import math
from typing import Any

from hypothesis import strategies as st

from hedgecheck.machines.gate import GateOrder

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


def _times(count: int, step: float) -> float:
    """A float that is written as short as its decimals are: 3 times 0.1 is 0.3."""
    return round(count * step, 12)
