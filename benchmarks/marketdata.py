"""How long it takes to make a market of 1,000 bars, for each model and with conditions that come over it.

The baseline is geometric Brownian motion bar by bar in plain Python, closes only. The floor is 10 ms.
"""

import math
import time
from collections.abc import Callable
from random import Random
from statistics import median

from hedgecheck.marketdata import (
    FlashCrash,
    Garch,
    Gbm,
    Merton,
    SpreadWidening,
    Switching,
    VolatilityFactor,
    generate,
)

BARS = 1_000
RUNS = 50
FLOOR_MS = 10.0
CONDITIONS = (FlashCrash(100), VolatilityFactor(300, 100), SpreadWidening(500, 50))


def plain(seed: int) -> list[float]:
    """The closes of as many bars, one after the other."""
    random, price, deviation = Random(seed), 100.0, 0.2 / 252**0.5
    found = []
    for _ in range(BARS):
        price *= math.exp(deviation * random.gauss(0, 1) - deviation**2 / 2)
        found.append(price)
    return found


def milliseconds(work: Callable[[int], object]) -> float:
    """The median of many runs, each with a seed of its own."""
    taken = []
    for seed in range(RUNS):
        begun = time.perf_counter()
        work(seed)
        taken.append((time.perf_counter() - begun) * 1_000)
    return median(taken)


def main() -> None:
    """Prints milliseconds for 1,000 bars, and how they compare with the baseline."""
    baseline = milliseconds(plain)
    print(f"{BARS} bars; closes alone in plain Python: {baseline:.2f} ms; floor {FLOOR_MS:g} ms")
    ten = [f"S{each}" for each in range(10)]
    for name, work in (
        *(
            (type(each).__name__, lambda seed, model=each: generate(bars=BARS, seed=seed, model=model))
            for each in (Gbm(), Garch(), Merton(), Switching())
        ),
        (
            "Garch with three conditions",
            lambda seed: generate(seed=seed, model=Garch(), conditions=CONDITIONS),
        ),
        ("Gbm of ten symbols", lambda seed: generate(ten, seed=seed, correlations=0.5)),
        ("Gbm bar by bar", lambda seed: list(generate(seed=seed).bars())),
    ):
        taken = milliseconds(work)
        print(f"  {name:28} {taken:5.2f} ms, {taken / baseline:5.1f} times the baseline")


if __name__ == "__main__":
    main()
