"""Measures one tool in one way of using it, in a process of its own: ``python -m benchmarks.rivals.measure``.

One argument, an ``Order`` as JSON; the answer is a ``Row`` as JSON on the standard output, and what is being
done on the other. The heap is frozen where executions are counted, not where they are timed as shipped: some
tools collect garbage after each execution, of a heap that holds ccxt and hedgecheck.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import version
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.rivals.results import Found, Row
from benchmarks.rivals.subjects import DEFECTS, SOUND, TIMED, Subject

SEEDS_APART = 100_000  # between the first seeds of two searches
WARM_UP, TIMED_LEAST, TIMED_MOST = 30, 50, 500  # executions


@dataclass(frozen=True)
class Order:
    """What to measure. ``seeds`` searches of up to ``budget`` executions for each defect, ``tried``
    executions of each correct program, ``shrunk`` defects made small; ``rounds`` of about ``timed`` CPU
    seconds, from ``TIMED_LEAST`` to ``TIMED_MOST`` executions."""

    tool: str
    way: str
    part: str  # "search" or "rates"
    seeds: int
    budget: int
    tried: int
    shrunk: int
    rounds: int
    timed: float


@contextmanager
def frozen_heap(*, collects: bool = False) -> Iterator[None]:
    """What lives now is out of the collector's sight; nothing is collected at all unless ``collects``."""
    gc.collect()
    gc.freeze()
    if not collects:
        gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


class Unfair(RuntimeError):
    """A tool was accused of what this benchmark did wrong."""


class Measuring:
    """One tool, tried on everything."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.adapter: ModuleType = import_module(f"benchmarks.rivals.with_{order.tool}")
        self.only = getattr(self.adapter, "ONLY", None)

    def row(self) -> Row:
        """What was asked for."""
        order, adapter = self.order, self.adapter
        known = {
            "tool": order.tool,
            "version": version(adapter.PACKAGE) if adapter.PACKAGE else "",
            "way": order.way,
            "settings": adapter.WAYS[order.way],
        }
        if order.part == "rates":
            return Row(**known, rates=None if self.only else self.rates())
        with frozen_heap(collects=True):
            return Row(**known, **self.searched())

    def searched(self) -> dict[str, Any]:
        """Everything but the rates."""
        sound = {name: each for name, each in SOUND.items() if self.only is None or name in self.only}
        defects = DEFECTS if self.only is None else {}
        return {
            "hits": {name: self.hits(each) for name, each in defects.items()},
            "alarms": {name: why for name, each in sound.items() if (why := self.alarm(each))},
            "sound": len(sound),
            "tried": self.order.tried,
            "shrunk": self.shrunk(list(defects.values())[: self.order.shrunk]),
            "why_not": getattr(self.adapter, "WHY_ONLY", ""),
        }

    def search(self, subject: Subject, executions: int, seed: int) -> Found:
        """One search."""
        found = self.adapter.search(subject, self.order.way, executions, seed)
        if found.why is not None and "Unplayable" in found.why:
            raise Unfair(f"{subject.name}: {found.why}")
        return found

    def hits(self, subject: Subject) -> list[int | None]:
        """For each seed, executions until the defect was found; None where it was not."""
        self.say(subject.name)
        found = [
            self.search(subject, self.order.budget, number * SEEDS_APART)
            for number in range(self.order.seeds)
        ]
        return [each.executions if each.why is not None else None for each in found]

    def alarm(self, subject: Subject) -> str:
        """What a correct program is accused of, after how many executions; empty where it is not."""
        self.say(subject.name)
        found = self.search(subject, self.order.tried, 0)
        return "" if found.why is None else f"{found.why.splitlines()[0]}, execution {found.executions}"

    def shrunk(self, subjects: list[Subject]) -> dict[str, int]:
        """What is left of one failure of each defect."""
        left = {}
        for each in subjects:
            self.say(f"shrinks {each.name}")
            count = self.adapter.shrink(each, self.order.way, self.order.budget, 0)
            if count is None:
                continue
            left[each.name] = count
        return left

    def rates(self) -> tuple[float, float]:
        """Executions a second of one correct engine, as shipped and with the heap frozen: medians."""
        self.say(f"times {TIMED}")
        count = int(self.order.timed * self.rate(WARM_UP, 0))
        count = max(TIMED_LEAST, min(TIMED_MOST, count))
        shipped, frozen = [], []
        for number in range(self.order.rounds):
            shipped.append(self.rate(count, number))
            with frozen_heap():
                frozen.append(self.rate(count, number))
        return median(shipped), median(frozen)

    def rate(self, count: int, number: int) -> float:
        """Executions a second of CPU time, over so many."""
        begun = time.process_time()
        found = self.search(SOUND[TIMED], count, number * SEEDS_APART)
        return found.executions / (time.process_time() - begun)

    def say(self, what: str) -> None:
        """A line of progress."""
        print(f"  {self.order.tool} {self.order.way}: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(asdict(Measuring(Order(**json.loads(sys.argv[1]))).row())))
