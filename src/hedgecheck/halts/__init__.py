"""Halts of US stock exchanges as pure functions over ints: limit up-limit down of one security, and the
market-wide circuit breakers. Times are ns of one clock, prices are ticks."""

from hedgecheck.halts.luld import (
    Band,
    Luld,
    Security,
    Tier,
    band,
    mean_price,
    opened,
    passed,
    quoted,
    referenced,
    reopened,
)
from hedgecheck.halts.market_wide import MarketWide, is_halted, level_prices, marked

__all__ = [
    "Band",
    "Luld",
    "MarketWide",
    "Security",
    "Tier",
    "band",
    "is_halted",
    "level_prices",
    "marked",
    "mean_price",
    "opened",
    "passed",
    "quoted",
    "referenced",
    "reopened",
]
