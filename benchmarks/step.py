"""``core.engine.step`` over the events of real executions: median and 99th percentile, by event.

No peer: an engine step of this shape exists nowhere else. The baseline is a call that does nothing, timed
in the same loop.
"""

import time
from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from core import engine
from hedgecheck.drive import BundledCore, event_of
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.messages import EngineEvent

EXECUTIONS = 800
FLOOR_US = 20


class Recorder(BundledCore):
    """The bundled core, keeping every step it was asked for."""

    def __init__(self) -> None:
        self.steps: list[tuple[engine.State, EngineEvent]] = []

    def step(self, state: engine.State, event: EngineEvent) -> Any:
        """One step, remembered."""
        self.steps.append((state, event))
        return super().step(state, event)


def nothing(_state: object, _event: object) -> None:
    """The baseline."""


def main() -> None:
    """Prints microseconds per step and the ratio to an empty call."""
    recorder = Recorder()
    Fuzz(recorder, 1, rules=()).campaign(range(EXECUTIONS))
    taken: dict[str, list[float]] = defaultdict(list)
    empty: list[float] = []
    for state, event in recorder.steps:
        core_event = event_of(event)
        begun = time.perf_counter_ns()
        engine.step(state, core_event)
        between = time.perf_counter_ns()
        nothing(state, core_event)
        empty.append((time.perf_counter_ns() - between) / 1_000)
        taken[type(core_event).__name__].append((between - begun) / 1_000)
    every = [each for times in taken.values() for each in times]
    p99 = quantiles(every, n=100)[98]
    print(f"engine.step median {median(every):.1f} us (floor {FLOOR_US}), p99 {p99:.1f} us")
    print(f"  {median(every) / median(empty):.0f} times an empty call; {len(every):,} steps")
    for name, times in sorted(taken.items(), key=lambda item: -len(item[1])):
        print(f"  {name:22} {median(times):6.1f} us median of {len(times):,}")


if __name__ == "__main__":
    main()
