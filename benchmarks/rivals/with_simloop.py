"""simloop: its ``explore`` with delays and faults drawn from ``sim.random``, and its schedule shrinking."""

import simloop

from benchmarks.rivals.exchange import Stage
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import Subject
from benchmarks.rivals.with_asyncio import Seeded

PACKAGE = "simloop"
WAYS = {
    "random": "`explore`, the default policy, in this process (its `jobs` freeze the heap by themselves)",
    "pct": "`explore`, policy `pct`, which knows no `jobs`",
}


def report(
    subject: Subject, way: str, executions: int, seed: int, *, shrink: bool
) -> simloop.SeedReport | None:
    """What it says of the first failing seed."""

    stage = Stage(subject)

    async def main() -> None:
        await stage.play(Seeded(simloop.sim.random))

    return simloop.explore(main, range(seed, seed + executions), policy=way, shrink=shrink)


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many, from ``seed`` on."""
    failed = report(subject, way, executions, seed, shrink=False)
    if failed is None:
        return Found(executions, None)
    return Found(failed.seeds_passed + 1, f"{type(failed.exception).__name__}: {failed.exception}")


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """Steps that are not in FIFO order when it is done; delays and faults stay those of the seed."""
    failed = report(subject, way, executions, seed, shrink=True)
    return None if failed is None or failed.shrunk is None else len(failed.shrunk.kept)
