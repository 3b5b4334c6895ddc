"""Wall time of ``hedgecheck verify`` with its default budget, and how many cores it kept busy.

The baseline is the same work in one process: two cores ought to do close to twice as much in the time.
"""

import resource
import time

from hedgecheck.runner import Plan, run

FLOOR_SECONDS = 75


def steps_a_second(processes: int, budget_seconds: float) -> tuple[float, float, float]:
    """Steps a second of wall time, wall seconds, and processor seconds used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    report = run(Plan("core", 0, budget_seconds=budget_seconds, processes=processes))
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return report.total.steps / wall, wall, after.ru_utime - used.ru_utime


def main() -> None:
    """Prints seconds, cores and the ratio."""
    plan = Plan("core", 0)
    rate, wall, used = steps_a_second(plan.processes, plan.budget_seconds)
    print(f"verify, default budget: {wall:.1f} s (floor {FLOOR_SECONDS}), {used / wall:.2f} cores busy")
    alone, _, _ = steps_a_second(1, plan.budget_seconds / 3)
    print(f"{plan.processes} processes do {rate / alone:.2f} times the steps a second of one")


if __name__ == "__main__":
    main()
