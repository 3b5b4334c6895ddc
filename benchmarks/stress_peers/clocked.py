"""Times a run and prints it as JSON: imported by every peer's script, so it needs nothing but NumPy.

A script is called as ``python SCRIPT BARS.npz COUNT ...`` and prints a line for each count of bars.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

CASH = 100_000.0
QUANTITY = 5  # units held, long or short
FAST, SLOW = 10, 30  # bars
TOLERANCE = 1e-4  # averages of prices in cents differ by a thirtieth of a cent at least, or are equal
SHORT, ROUNDS = 5_000, 5  # a run of no more bars than this is made so many times, and the fastest counts

Bars = Mapping[str, Any]  # arrays by name: time_ns (ends), open, high, low, close, volume
Done = tuple[int, int, float]  # orders, trades, equity at the end
Work = Callable[[], Done]


def clocked(name: str, prepare: Callable[[Bars], Work], arguments: list[str]) -> None:
    """Prints what runs over the first bars took. What ``prepare`` does is not timed; the first run warms."""
    with np.load(arguments[0]) as kept:
        every = {each: kept[each] for each in kept.files}
    counts = [int(each) for each in arguments[1:]]
    fastest(prepare, every, counts[0], 1)
    for count in counts:
        found = fastest(prepare, every, count, ROUNDS if count <= SHORT else 1)
        print(json.dumps({"name": name, **found}))


def fastest(prepare: Callable[[Bars], Work], every: Bars, count: int, rounds: int) -> dict[str, Any]:
    """The run that took the least CPU time, of so many over the first ``count`` bars."""
    bars = {name: values[:count] for name, values in every.items()}
    found = []
    for _ in range(rounds):
        work = prepare(bars)
        wall, cpu = time.perf_counter(), time.process_time()
        orders, trades, equity = work()
        spent = time.process_time() - cpu, time.perf_counter() - wall
        found.append((*spent, len(bars["close"]), orders, trades, equity))
    names = ("cpu_seconds", "wall_seconds", "bars", "orders", "trades", "equity")
    return dict(zip(names, min(found), strict=True))
