"""How soon each planted defect is found: ``python -m tests.canary [ID ...]``.

Fuzz: executions needed, for each of seeds 0 to 9 (bound 5,000). Hypothesis: executions of the whole-world
machine (bound 2,000 examples). Shrunk: actions left of those found.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from rich.console import Console
from rich.table import Table

from hedgecheck import machines
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.explore.shrink import shrink
from tests.canary.engines import CANARIES

SEEDS = range(10)
EXECUTIONS_MAX = 5_000
EXAMPLES_MAX = 2_000


def row(name: str) -> tuple[list[int | None], set[str], int | None, int, int]:
    """What finding one canary took: per seed, rules broken, by Hypothesis, actions before and after."""
    canary = CANARIES[name]
    needed: list[int | None] = []
    rules: set[str] = set()
    before = after = 0
    for seed in SEEDS:
        fuzz = Fuzz(canary.factory(), seed)
        found = fuzz.campaign(range(EXECUTIONS_MAX)).found
        needed.append(found[0].origin.number + 1 if found else None)
        if found:
            rules.add(found[0].failure.invariant)
            shrunk = shrink(fuzz.engine, found[0].tape, found[0].failure)
            before, after = len(found[0].tape.actions), len(shrunk.tape.actions)
    campaign = machines.explore(canary.factory(), 0, EXAMPLES_MAX)
    return needed, rules, campaign.executions if campaign.found else None, before, after


def main() -> int:
    """Prints the table; 1 where a canary was missed."""
    names = sys.argv[1:] or list(CANARIES)
    table = Table(title="Executions until each planted defect is found", title_justify="left")
    for column in ("canary", "defect", "rules", "fuzz median", "fuzz max", "hypothesis", "shrunk"):
        table.add_column(column)
    missed = 0
    with ProcessPoolExecutor() as pool:
        for name, (needed, rules, by_hypothesis, before, after) in zip(
            names, pool.map(row, names), strict=True
        ):
            hit = [count for count in needed if count is not None]
            missed += (len(hit) < len(needed)) + (by_hypothesis is None)
            table.add_row(
                name,
                CANARIES[name].defect,
                " ".join(sorted(rules)),
                f"{median(hit):.0f}" if hit else "-",
                str(max(hit)) if len(hit) == len(needed) else "MISSED",
                str(by_hypothesis or "MISSED"),
                f"{before} -> {after}",
            )
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
