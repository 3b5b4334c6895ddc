"""How soon the planted defect of each broken engine is found, and whether a correct one is ever accused.

``python -m tests.schedules [NAME ...]``: executions and seconds until each defect is found, over 20 seeds,
and the deviations that shrinking leaves; under all faults, and under only those that the defect needs.

``python -m tests.schedules --correct [EXECUTIONS] [NAME ...]``: that many executions (10,000) of each correct
engine under all faults, two at a time.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from rich.console import Console
from rich.table import Table

from hedgecheck import faults
from tests.schedules.catalog import BROKEN, CORRECT
from tests.schedules.trials import Trial, alarm, find, plan_of

SEEDS = range(20)
DEVIATIONS_MAX, SECONDS_MAX = 3, 2.0


def searched(name: str) -> tuple[list[Trial], list[Trial]]:
    """One broken engine under every seed: under all faults, and under those that its defect needs."""
    module = BROKEN[name]
    every = [find(module, faults.ALL, seed) for seed in SEEDS]
    return every, [find(module, plan_of(module), seed) for seed in SEEDS]


def accused(task: tuple[str, int]) -> str:
    """What one correct engine is accused of."""
    name, executions = task
    return alarm(CORRECT[name], executions, seed=0)


def cells(trials: list[Trial]) -> tuple[str, str, str, str, str]:
    """The rules broken, executions needed (median, most), seconds and deviations (most)."""
    hits = [each.executions for each in trials if each.executions is not None]
    return (
        " ".join(sorted({each.rule for each in trials if each.rule})),
        f"{median(hits):g}" if hits else "-",
        str(max(hits)) if len(hits) == len(trials) else "MISSED",
        f"{max(each.seconds for each in trials):.2f}",
        str(max(each.deviations for each in trials)),
    )


def is_bad(trials: list[Trial]) -> bool:
    """Whether a defect was missed, or took more than it may."""
    return any(
        each.executions is None or each.seconds > SECONDS_MAX or each.deviations > DEVIATIONS_MAX
        for each in trials
    )


def show_broken(names: list[str]) -> int:
    """Prints the table; 1 where a defect was missed, or took more than it may."""
    title = f"Until each planted defect is found, {len(SEEDS)} seeds"
    table = Table(title=title, title_justify="left")
    for column in ("engine", "under", "rule"):
        table.add_column(column)
    for column in ("executions, median", "most", "seconds, most", "deviations, most"):
        table.add_column(column, justify="right")
    bad = 0
    with ProcessPoolExecutor() as pool:
        for name, (every, own) in zip(names, pool.map(searched, names), strict=True):
            bad += is_bad(every) + is_bad(own)
            table.add_row(name, "all faults", *cells(every))
            table.add_row("", " ".join(each.id for each in plan_of(BROKEN[name])) or "none", *cells(own))
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 1 if bad else 0


def show_correct(names: list[str], executions: int) -> int:
    """Prints a line for each engine; 1 where one is accused."""
    alarms = 0
    with ProcessPoolExecutor() as pool:
        for name, why in zip(names, pool.map(accused, [(name, executions) for name in names]), strict=True):
            alarms += bool(why)
            print(f"{name:24} {executions:,} executions: {why or 'never accused'}", flush=True)
    return 1 if alarms else 0


def main(arguments: list[str]) -> int:
    """Shows what was asked for."""
    if arguments[:1] != ["--correct"]:
        return show_broken(arguments or list(BROKEN))
    rest = arguments[1:]
    executions = int(rest.pop(0)) if rest and rest[0].isdigit() else 10_000
    return show_correct(rest or list(CORRECT), executions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
