"""No tool: asyncio's own loop over a clock that jumps to the next timer, and a seeded source for the delays.

What twenty lines get without any tool, and therefore the baseline. Its order is CPython's own.
"""

import asyncio
from collections.abc import Iterable
from random import Random
from selectors import DefaultSelector
from typing import Any

from benchmarks.rivals.exchange import Stage
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import Subject

PACKAGE = None
WAYS = {"seeds": "random delays and faults, FIFO"}


class JumpingSelector(DefaultSelector):
    """Never waits: the time moves on instead. ``now``: virtual seconds."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing of the real world, which nobody asks here."""
        if timeout is None:
            raise RuntimeError("nothing is left to happen, and somebody waits for ever")
        self.now += max(0.0, timeout)
        return []


class JumpingLoop(asyncio.SelectorEventLoop):
    """CPython's loop in virtual time."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        """Virtual seconds."""
        return self.jumping.now


class Seeded:
    """A ``random.Random`` as the chance of an execution."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def between(self, low: float, high: float) -> float:
        """Any, with the same probability."""
        return self._random.uniform(low, high)

    def strikes(self, percent: int) -> bool:
        """True that often."""
        return self._random.random() * 100 < percent

    def one_of(self, options: int) -> int:
        """A number from zero, below ``options``."""
        return self._random.randrange(options)


def perform(subject: Subject, seeds: Iterable[int]) -> tuple[int, AssertionError | Exception | None]:
    """Executions performed until one failed, and how that did; None where none does."""
    stage, count = Stage(subject), 0
    for seed in seeds:
        count += 1
        try:
            with asyncio.Runner(loop_factory=JumpingLoop) as runner:
                runner.run(stage.play(Seeded(Random(seed))))
        except Exception as error:  # anything that an execution ends with is a finding
            return count, error
    return count, None


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many, from ``seed`` on."""
    count, error = perform(subject, range(seed, seed + executions))
    return Found(count, None if error is None else f"{type(error).__name__}: {error}")


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """Nothing shrinks here."""
    return None
