"""seedloop: its ``check`` with delays and faults drawn from ``world.rng``. It does not shrink."""

import seedloop

from benchmarks.rivals.exchange import Stage
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import Subject
from benchmarks.rivals.with_asyncio import Seeded

PACKAGE = "seedloop"
WAYS = {"seeds": "`check`"}


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many, from ``seed`` on."""

    stage = Stage(subject)

    async def scenario(world: seedloop.World) -> None:
        await stage.play(Seeded(world.rng))

    result = seedloop.check(scenario, seeds=range(seed, seed + executions), on_failure="return")
    why = None if result.error is None else f"{type(result.error).__name__}: {result.error}"
    return Found(result.checked, why)


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """It has none."""
    return None
