"""hedgecheck's simulator, as ``verify`` uses it: its own loop, its own search, its own shrinking."""

from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import FAULTS_MAX, Subject
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.search import search as search_for
from hedgecheck.simulate.shrink import shrink as shrink_it

PACKAGE = "hedgecheck"
WAYS = {"verify": "the search of `verify`"}


def search(subject: Subject, way: str, executions: int, seed: int) -> Found:
    """The first failing execution of so many."""
    with stage(subject.scenario) as open_stage:
        result = search_for(open_stage, Setting(subject.plan, FAULTS_MAX), executions, seed)
    failure = None if result.found is None else result.found.outcome.failure
    return Found(result.executions, None if failure is None else f"{failure[1]}: {failure[2]}")


def shrink(subject: Subject, way: str, executions: int, seed: int) -> int | None:
    """Deviations from the plain execution that are left of a failure: flows held back, faults, values."""
    with stage(subject.scenario) as open_stage:
        result = search_for(open_stage, Setting(subject.plan, FAULTS_MAX), executions, seed)
        return None if result.found is None else len(shrink_it(open_stage, result.found).deviations)
