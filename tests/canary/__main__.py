"""How each planted defect is found.

``python -m tests.canary [ID ...]``: executions a fuzz run needs, for each of seeds 0 to 9, and what shrinking
leaves of the case that was found.

``python -m tests.canary --matrix [ID ...]``: writes ``matrix.csv``, each cell of those rows by running it.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from rich.console import Console
from rich.table import Table

from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.explore.shrink import shrink
from tests.canary.engines import CANARIES
from tests.canary.matrix import EXECUTIONS_MAX, measured, read, write

SEEDS = range(10)


def row(name: str) -> tuple[list[int | None], set[str], int, int]:
    """What finding one canary took: per seed, rules broken, actions before and after."""
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
    return needed, rules, before, after


def show(names: list[str]) -> int:
    """Prints the table; 1 where a canary was missed."""
    table = Table(title="Executions until each planted defect is found", title_justify="left")
    for column in ("canary", "defect", "rules", "fuzz median", "fuzz max", "shrunk"):
        table.add_column(column)
    missed = 0
    with ProcessPoolExecutor() as pool:
        for name, (needed, rules, before, after) in zip(names, pool.map(row, names), strict=True):
            hit = [count for count in needed if count is not None]
            missed += len(hit) < len(needed)
            table.add_row(
                name,
                CANARIES[name].defect,
                " ".join(sorted(rules)),
                f"{median(hit):.0f}" if hit else "-",
                str(max(hit)) if len(hit) == len(needed) else "MISSED",
                f"{before} -> {after}",
            )
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 1 if missed else 0


def main() -> int:
    """Shows the table, or makes the matrix."""
    names = sys.argv[1:]
    if names[:1] != ["--matrix"]:
        return show(names or sorted(CANARIES))
    rows = read() if names[1:] else {}
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:  # so that no row depends on another
        rows |= {row["canary"]: row for row in pool.map(measured, names[1:] or sorted(CANARIES))}
    write([rows[name] for name in sorted(rows)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
