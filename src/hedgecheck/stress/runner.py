"""Runs scenarios, one or many, each in a process of its own, and says how far they are.

A process ends alone: by its time-out, by what is wrong with it, or by itself, and the others go on. What
comes of a scenario depends on it and the executor, never on how many processes there are.
"""

import os
import time
from collections.abc import Iterable, Sequence
from multiprocessing.connection import wait
from typing import Protocol

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.stress.batches import BatchRequest, BatchResult
from hedgecheck.stress.children import PATIENCE_SECONDS, Child, Factory, Said, warm
from hedgecheck.stress.keeping import ResultStore
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.stress.results import written

STARTING_SECONDS = 120.0  # a process may take as long until it begins with its scenario
MORE = "give it more (--timeout), or fewer bars"
TIMEOUT, TIMEOUT_SECONDS = "timeout_seconds", 60.0  # the parameter of a scenario, and without it


class Observer(Protocol):
    """Is told of scenarios while they run, in the process that asked for them."""

    def started(self, name: str) -> None:
        """One began."""

    def progressed(self, name: str, bars: int, of: int) -> None:
        """So many bars are done; now and then."""

    def finished(self, result: ScenarioResult) -> None:
        """One ended, well or not; it is stored already."""


class Unobserved:
    """Nobody listens."""

    def started(self, name: str) -> None:
        """Nothing."""

    def progressed(self, name: str, bars: int, of: int) -> None:
        """Nothing."""

    def finished(self, result: ScenarioResult) -> None:
        """Nothing."""


class Library(Protocol):
    """Scenarios by name."""

    def names(self) -> Sequence[str]:
        """Of all, in their order."""

    def get(self, name: str) -> Scenario:
        """The scenario. Raises ``UsageError`` for a name that is not there."""


class StressTestRunner:
    """Runs scenarios by executors that ``executor_factory`` makes, in each process anew: a function of a
    module, or a ``functools.partial`` of one, that takes nothing. Results are kept in ``store``."""

    def __init__(self, executor_factory: Factory, store: ResultStore | None = None) -> None:
        self._factory = executor_factory
        self._store = store
        self._context = warm()

    def run(
        self, scenario: Scenario, *, timeout_seconds: float | None = None, watch: Observer | None = None
    ) -> ScenarioResult:
        """What came of one scenario. Raises ``UsageError`` for one that cannot be run as it is, and
        ``KeyboardInterrupt``."""
        batch = _Batch(self, (scenario,), 1, timeout_seconds, watch or Unobserved())
        (result,) = batch.run().results or (None,)
        if batch.refused:
            raise UsageError(batch.refused[0])
        if result is None:
            raise KeyboardInterrupt
        return result

    def run_batch(
        self,
        scenarios: Iterable[Scenario],
        *,
        parallel: bool = True,
        max_workers: int | None = None,
        timeout_seconds: float | None = None,
        watch: Observer | None = None,
    ) -> BatchResult:
        """What came of scenarios, several at once where ``parallel``. One that fails, dies or takes longer
        than ``timeout_seconds`` (None is 60; its own parameter of that name wins) has a result that says so,
        and ends no other. An interrupt from the keyboard ends the batch with what is finished.

        Raises ``UsageError`` for numbers that make no sense, parameters that are no plain values, and two
        scenarios of one name.
        """
        asked = tuple(scenarios)
        at_once = os.cpu_count() or 1 if max_workers is None else whole("max_workers", max_workers, 1)
        return _Batch(self, asked, at_once if parallel else 1, timeout_seconds, watch or Unobserved()).run()

    def run_request(
        self,
        request: BatchRequest,
        library: Library,
        *,
        timeout_seconds: float | None = None,
        watch: Observer | None = None,
    ) -> BatchResult:
        """The same of scenarios by name. Raises ``UsageError`` for a name that the library has not, too."""
        scenarios = [library.get(name) for name in request.scenario_names]
        parallel, at_once = request.parallel, request.max_workers
        return self.run_batch(
            scenarios, parallel=parallel, max_workers=at_once, timeout_seconds=timeout_seconds, watch=watch
        )

    def begun(self, scenario: Scenario) -> Child:
        """A process that is at a scenario."""
        return Child(self._context, self._factory, scenario)

    def keep(self, result: ScenarioResult) -> None:
        """Stores a result, where there is a store."""
        if self._store is not None:
            self._store.save(result)


class _Batch:
    """One batch under way."""

    def __init__(
        self,
        runner: StressTestRunner,
        scenarios: tuple[Scenario, ...],
        at_once: int,
        timeout_seconds: float | None,
        watch: Observer,
    ) -> None:
        self._names = tuple(each.name for each in scenarios)
        for each in scenarios:
            written(_failed(each, ""))  # what could not be told afterwards is refused before
        twice = [name for place, name in enumerate(self._names) if name in self._names[:place]]
        if twice:
            raise UsageError(f"{twice[0]!r} is in the batch twice. Leave one out, or give it another name.")
        self._limits = tuple(_limit(each, timeout_seconds) for each in scenarios)
        self._runner, self._scenarios, self._at_once, self._watch = runner, scenarios, at_once, watch
        self._done: dict[int, ScenarioResult] = {}
        self._children: dict[int, Child] = {}
        self._deadlines: dict[int, float] = {}
        self.refused: list[str] = []

    def run(self) -> BatchResult:
        """Until all are done, or it is interrupted."""
        waiting = iter(range(len(self._scenarios)))
        try:
            while True:
                while len(self._children) < self._at_once and (place := next(waiting, None)) is not None:
                    self._begin(place)
                if not self._children:
                    break
                self._listen()
        except KeyboardInterrupt:
            pass
        finally:
            for child in self._children.values():
                child.end()
        places = range(len(self._scenarios))
        left = tuple(self._names[place] for place in places if place not in self._done)
        return BatchResult(tuple(self._done[place] for place in places if place in self._done), left)

    def _begin(self, place: int) -> None:
        self._children[place] = self._runner.begun(self._scenarios[place])
        self._deadlines[place] = time.monotonic() + STARTING_SECONDS
        self._watch.started(self._names[place])

    def _listen(self) -> None:
        """Waits until a process says something or is out of time, and answers to it."""
        seconds = max(0.0, min(self._deadlines.values()) - time.monotonic())
        by_end = {each.end_of_pipe: place for place, each in self._children.items()}
        for end in wait(list(by_end), seconds):
            place = by_end[end]  # type: ignore[index]
            self._hear(place, self._children[place].said())
        now = time.monotonic()
        for place in [each for each, deadline in self._deadlines.items() if deadline <= now]:
            limit = self._limits[place]
            late = f"took longer than its time-out of {limit:g} s: {MORE}"
            why = late if self._children[place].is_at_it else f"did not begin within {STARTING_SECONDS:g} s"
            self._finish(place, _failed(self._scenarios[place], why), 0.0)

    def _hear(self, place: int, said: Said) -> None:
        if said.kind == "begun":
            self._deadlines[place] = time.monotonic() + self._limits[place]
        elif said.kind == "bars":
            self._watch.progressed(self._names[place], *said.bars)
        elif said.result is not None:
            self._finish(place, said.result)
        else:
            if said.kind == "refused":
                self.refused.append(said.why)
            self._finish(place, _failed(self._scenarios[place], said.why))

    def _finish(self, place: int, result: ScenarioResult, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._deadlines.pop(place, None)
        self._children.pop(place).end(patience_seconds)
        self._runner.keep(result)
        self._done[place] = result
        self._watch.finished(result)


def _limit(scenario: Scenario, timeout_seconds: float | None) -> float:
    """Seconds that a scenario may take: its own, or those of the batch."""
    usual = TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
    value = scenario.parameters.get(TIMEOUT, usual)
    limit = number(TIMEOUT, value, 0.0)
    if limit <= 0:
        raise UsageError(f"{TIMEOUT} of {scenario.name!r} is {value!r}. Give more than 0 seconds.")
    return limit


def _failed(scenario: Scenario, why: str) -> ScenarioResult:
    return ScenarioResult(scenario, success=False, failure=why, seed=scenario.seed or 0)
