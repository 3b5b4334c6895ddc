"""The bars that all are given, and what a crossing strategy must do on them, by sums of whole cents."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.stress_peers.clocked import CASH, FAST, QUANTITY, SLOW
from hedgecheck.arrays import Floats, Ints
from hedgecheck.marketdata import Garch, Market, generate
from hedgecheck.marketdata.generator import Liquidity

SYMBOL = "AAA"
MINUTE_NS = 60 * 10**9
START_NS = 1_704_067_200 * 10**9  # 2024-01-01
CENTS = 100
CALM = Garch(omega=1.17e-9)  # a deviation of 3 bps a bar: 100,000 of them stay near the first price
SERIES = ("open", "high", "low", "close")


def bars_of(count: int, seed: int = 1) -> Market:
    """One symbol at 500, so many minutes, prices in whole cents; each opens where the one before closed, so
    that the next open is the price at which all can trade."""
    made = generate(
        SYMBOL,
        bars=count,
        seed=seed,
        model=CALM,
        price=500.0,
        liquidity=Liquidity(volume=1e9),
        bars_per_year=365 * 24 * 60,
        start_ns=START_NS,
        bar_ns=MINUTE_NS,
    )
    rounded = {name: np.rint(getattr(made, name) * CENTS) / CENTS for name in SERIES}
    return replace(made, volume=np.rint(made.volume), **rounded)


def written(market: Market, path: Path) -> None:
    """For the peers: arrays of the one symbol by name."""
    series = {name: getattr(market, name)[:, 0] for name in (*SERIES, "volume")}
    np.savez(path, time_ns=market.time_ns, **series)


def targets(close: Floats) -> Ints:
    """At the end of each bar 1 for long, -1 for short, 0 while there are too few bars. Where the averages are
    equal the side stays."""
    cents = np.rint(close * CENTS).astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(cents)])
    ends = np.arange(SLOW, len(sums))
    ahead = SLOW // FAST * (sums[ends] - sums[ends - FAST]) - (sums[ends] - sums[ends - SLOW])
    sides = np.concatenate([np.zeros(SLOW - 1, dtype=np.int64), np.sign(ahead)])
    last = np.maximum.accumulate(np.where(sides != 0, np.arange(len(sides)), 0))
    found: Ints = sides[last]
    return found


def counted(close: Floats) -> tuple[int, float]:
    """How many trades begin, and the equity after the last bar: all at the close that gave the signal,
    which is the next open; no costs."""
    sides = targets(close)
    trades = int(np.count_nonzero(np.diff(sides, prepend=0)))
    return trades, CASH + QUANTITY * float((sides[:-1] * np.diff(close)).sum())
