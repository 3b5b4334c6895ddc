"""No batch is let in that could pass a limit if all that rests and is in flight fills at its worst.

``python -m tests.quality.worst_case --steps N [--seed S]``: random executions of the core with several limits
tight at once, under every fault, with I10 recounting each opening from the records. Prints how often each
limit refused something; exits with 1 where one was passed.
"""

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations, count
from multiprocessing import get_context
from random import Random
from typing import Any, get_args

from rich.console import Console
from rich.progress import track

from core import engine
from core.messages import Refusal
from hedgecheck import invariants
from hedgecheck.drive import BundledCore
from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import Campaign, Fuzz
from hedgecheck.explore.replay import Run
from hedgecheck.invariants import Bounds
from hedgecheck.messages import EngineCommand, EngineEvent, Returned
from hedgecheck.values import replace
from hedgecheck.world import Scope, Universe

PROCESSES = 2
EXECUTIONS_PER_SCOPE = 8
STEPS_PER_PART = 200_000
RULES = (invariants.worst_case_limit,)
FIRST_OF_THE_GATE = get_args(Refusal).index("ORDER_SIZE")
OF_BOOKS = (
    "LIQUIDITY_UNKNOWN",
    "PARTICIPATION",
    "SPREAD",
    "MARKET_IMPACT",
)  # of which the walks tell nothing
LIMITS: tuple[str, ...] = tuple(  # the reasons that are limits
    each for each in get_args(Refusal)[FIRST_OF_THE_GATE:] if each not in OF_BOOKS
)


@dataclass(slots=True)
class Result:
    """``refused``: signals by reason; ``openings``: entry orders that were recounted."""

    executions: int = 0
    steps: int = 0
    openings: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        """Adds another result to this one."""
        self.executions += other.executions
        self.steps += other.steps
        self.openings += other.openings
        self.refused.update(other.refused)
        self.found += other.found


class Counting(BundledCore):
    """The core, with what it refuses counted."""

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()

    def step(self, state: engine.State, event: EngineEvent) -> tuple[engine.State, tuple[EngineCommand, ...]]:
        """One step of the core."""
        after, commands = super().step(state, event)
        self.refused.update(
            each.reason for each in commands if isinstance(each, Returned) and each.reason in LIMITS
        )
        return after, commands


def tight(seed: int) -> Scope:
    """A drawn scope in which about half of all limits are within a few legs of what its intents ask for."""
    scope, random = scopes.draw(seed), Random(f"limits {seed}")
    size = max(max(each.amount_a, each.amount_b) for each in scope.intents)
    leg_bps = size * scopes.PRICE * 10_000 // scope.cash + 1
    looser = random.choice((1, 2, 3))
    at_most: dict[str, tuple[int, ...]] = {
        "position_bps": (1, 2, 3),
        "strategy_bps": (2, 3, 4),
        "gross_bps": (2, 4, 6),
        "net_bps": (1, 2),
        "leverage_bps": (3, 5, 7),
        "cluster_bps": (2, 3, 5),
        "heat_bps": (1, 3, 6),
    }
    changes: dict[str, Any] = {
        name: leg_bps * looser * random.choice(legs)
        for name, legs in at_most.items()
        if random.random() < 0.5
    }
    changes["correlations"] = tuple(
        (*each, random.choice((-7_000, 0, 6_999, 7_000)))
        for each in combinations(scopes.SYMBOLS, 2)
        if random.random() < 0.8
    )
    if random.random() < 0.2:
        changes["collar_bps"] = random.choice((50, 150, 1_500))
    if random.random() < 0.2:
        changes["order_notional"] = size * scopes.PRICE
    if random.random() < 0.3:
        changes |= {"message_burst": random.choice((1, 3, 8)), "message_refill": random.choice((1, 2))}
    changes["trades_in_flight"] = random.choice((1, 2, 4))
    if random.random() < 0.3:
        changes["budgets"] = (("m", random.choice((1_000, 3_000))), ("p", random.choice((500, 2_000, 5_000))))
    return replace(scope, bounds=_bounds(scope.bounds, changes))


def _bounds(loose: Bounds, changes: dict[str, Any]) -> Bounds:
    return replace(loose, **changes)


def walked(seed: int, steps: int) -> Result:
    """At least so many steps, from executions that follow from the seed alone; fewer where one fails."""
    result, core = Result(), Counting()
    for number in count(seed << 24 | 1):
        universe = Universe(tight(number), core)
        fuzz, campaign = Fuzz(core, number, rules=RULES), Campaign()
        opening = universe.initial()
        for execution in range(EXECUTIONS_PER_SCOPE):
            run = Run(universe, RULES, campaign.tally, opening)
            fuzz._walk(run, Random(number << 8 | execution), campaign, None)
            if run.failure is None:
                run.settle()
            result.executions += 1
            result.steps += run.steps
            if run.failure is not None:
                result.found.append(f"scope {number}, execution {execution}: {run.failure.why}")
        result.openings += campaign.tally.nonvacuous["I10"]
        if result.found or result.steps >= steps:
            break
    result.refused.update(core.refused)
    return result


def walked_by_all(seed: int, steps: int, processes: int = PROCESSES) -> Result:
    """The same in parts, shared out among processes; says on the terminal how far it is."""
    result, parts = Result(), -(-steps // STEPS_PER_PART)
    seeds = [seed * parts + each for each in range(parts)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        done = pool.map(walked, seeds, [STEPS_PER_PART] * parts)
        for each in track(done, "walking", parts, console=Console(stderr=True)):
            result.add(each)
    return result


def main() -> int:
    """Prints what was done, and what was found; 1 where that is something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(f"python -m tests.quality.worst_case --steps {chosen.steps} --seed {chosen.seed}", flush=True)
    begun = time.perf_counter()
    result = walked_by_all(chosen.seed, chosen.steps)
    seconds = time.perf_counter() - begun
    print(f"{result.executions:,} executions, {result.steps:,} steps, {seconds:.0f} s")
    print(f"{result.openings:,} times recounted with something open; refused:")
    for reason in LIMITS:
        print(f"  {reason:18} {result.refused[reason]:9,}")
    for each in result.found:
        print(f"BROKEN {each}")
    return 1 if result.found else 0


if __name__ == "__main__":
    sys.exit(main())
