"""Tries the engines of the catalog: what finding a planted defect takes, and that nothing else is found."""

from dataclasses import dataclass
from types import ModuleType

import hedgecheck
from hedgecheck import faults
from hedgecheck.faults import Plan
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.search import search
from hedgecheck.simulate.shrink import shrink

EXECUTIONS = 500


@dataclass(frozen=True)
class Trial:
    """One search: executions until the defect was found (None: it was not), the rule, what shrinking left."""

    executions: int | None
    rule: str
    deviations: int
    seconds: float


def plan_of(module: ModuleType) -> Plan:
    """The faults that an engine is tried under."""
    wanted = getattr(module, "FAULTS", "ALL")
    if wanted == "ALL":
        return faults.ALL
    names = () if wanted == "none" else (wanted,) if isinstance(wanted, str) else wanted
    return Plan(tuple(getattr(faults, name) for name in names))


def find(module: ModuleType, plan: Plan, seed: int) -> Trial:
    """Searches one broken engine under these faults, and shrinks what was found."""
    with stage(module.scenario) as open_stage:
        result = search(open_stage, Setting(plan, max_faults=2), EXECUTIONS, seed)
        if result.found is None or result.found.outcome.failure is None:
            return Trial(None, "", 0, result.seconds)
        shrunk = shrink(open_stage, result.found)
    rule = result.found.outcome.failure[1]
    return Trial(result.executions, rule, len(shrunk.deviations), result.seconds)


def alarm(module: ModuleType, executions: int, seed: int) -> str:
    """What a correct engine is falsely said to do, under all faults; empty where nothing is."""
    verdict = hedgecheck.check(module.scenario, executions=executions, max_faults=2, seed=seed)
    if verdict.verdict == "holds":
        return ""
    if verdict.counterexamples:
        found = verdict.counterexamples[0]
        return f"{found.invariant}: {found.why}\n{found.diagram}\n{found.token}"
    return verdict.unknown_because
