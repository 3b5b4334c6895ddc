"""frontrun: its ``explore`` of asyncio tasks, where it applies.

It decides between the workers that it is handed. Tasks that a program starts itself are not under its
control, and timers of the loop stay on the wall clock, as its documentation says: an engine that starts its
own tasks, and an exchange made of timers, are not for it. A whole program can be its one worker.
"""

import asyncio
from typing import Any

import frontrun

from benchmarks.rivals.programs import PROGRAMS
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import Subject

PACKAGE = "frontrun"
WAYS = {"random": '`explore`, `strategy="random"`, `clock="virtual"`, the program as its one worker'}
ONLY = tuple(PROGRAMS)
WHY_ONLY = "n/a: tasks that an engine starts, and timers of the loop, are not its to control"


class Outcome:
    """What the worker came to; made anew for each execution."""

    why: str | None = None


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many."""
    seen: list[str] = []

    async def worker(outcome: Outcome) -> None:
        try:
            await subject.scenario(None)
        except AssertionError as error:
            outcome.why = f"assertion: {error}"
            seen.append(outcome.why)

    async def explore() -> Any:
        return await frontrun.explore(
            setup=Outcome,
            workers=[worker],
            invariant=lambda outcome: outcome.why is None,
            strategy="random",
            clock="virtual",
            max_attempts=executions,
            seed=seed,
        )

    result = asyncio.run(explore())
    return Found(result.num_explored, None if result.property_holds else (seen or ["not said"])[0])


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """It shows the schedule that failed, and makes it no smaller."""
    return None
