"""What every tool is tried on: the broken engines, the correct ones, and the programs of ``programs``.

An engine comes from ``tests.schedules``, unchanged. A broken one is tried under the faults that its defect
needs, a correct one under all: up to two strike in one execution.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.rivals.programs import PROGRAMS
from hedgecheck import faults
from hedgecheck.faults import Plan
from tests.schedules.catalog import BROKEN, CORRECT
from tests.schedules.trials import plan_of

FAULTS_MAX = 2


@dataclass(frozen=True)
class Subject:
    """A program ``async def scenario(sim)``, and the faults that it is tried under."""

    name: str
    scenario: Callable[[Any], Awaitable[None]]
    plan: Plan


DEFECTS = {name: Subject(name, module.scenario, plan_of(module)) for name, module in BROKEN.items()}
SOUND = {
    **{name: Subject(name, module.scenario, faults.ALL) for name, module in CORRECT.items()},
    **{name: Subject(name, scenario, Plan(())) for name, scenario in PROGRAMS.items()},
}
TIMED = "pair_engine"  # the correct engine whose executions are timed
