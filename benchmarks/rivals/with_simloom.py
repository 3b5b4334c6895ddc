"""simloom: its ``explore`` with delays and faults drawn from its tape, and its ``shrink``."""

from typing import Any

import simloom

from benchmarks.rivals.exchange import Stage
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import Subject

PACKAGE = "simloom"
WAYS = {
    "random": "`explore`, the default scheduler",
    "pct:auto": "`explore`, scheduler `pct:auto`",
}
STEPS = 1_000  # into which an interval of delays is divided


class Tape:
    """simloom's choice tape as the chance of an execution: replayed and shrunk with the schedule."""

    def between(self, low: float, high: float) -> float:
        """One of a thousand moments; the earliest is what shrinking leads to."""
        return low + (high - low) * simloom.draw("delay", STEPS) / STEPS

    def strikes(self, percent: int) -> bool:
        """As its "buggify" has it."""
        return simloom.sometimes("fault", percent)

    def one_of(self, options: int) -> int:
        """A number from zero, below ``options``."""
        return simloom.draw("kind of fault", options) if options > 1 else 0


def explored(subject: Subject, way: str, executions: int, seed: int) -> tuple[Any, simloom.Exploration]:
    """The main coroutine, and what exploring it found."""

    stage = Stage(subject)

    async def main() -> None:
        await stage.play(Tape())

    return main, simloom.explore(main, runs=executions, start_seed=seed, scheduler=way, world=False)


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many, from ``seed`` on."""
    _, result = explored(subject, way, executions, seed)
    if not result.failures:
        return Found(result.runs, None)
    first = result.failures[0]
    return Found(result.runs, f"{first.error}: {first.message}")


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """Draws of the tape that are not zero when it is done: callbacks out of order, delays, faults."""
    main, result = explored(subject, way, executions, seed)
    if result.first_failure is None:
        return None
    return simloom.shrink(main, result.first_failure, world=False).deviations
