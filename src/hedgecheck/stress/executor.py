"""Runs a scenario: loads its market, puts it under stress, and takes it bar by bar through the components of
a trading system, the risk core and the venue, with every step judged. It knows no scenario's name.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from hedgecheck.drive import bundled_core
from hedgecheck.marketdata.chance import source
from hedgecheck.stress.components.factory import ComponentsFactory, Recipe, components_from
from hedgecheck.stress.components.failing import FailingEngine, failing
from hedgecheck.stress.course import Course
from hedgecheck.stress.execution import Execution
from hedgecheck.stress.loading import Loaded, ScenarioLoader
from hedgecheck.stress.metrics import measure
from hedgecheck.stress.models import Curves, Rule, Scenario, ScenarioResult
from hedgecheck.stress.parameters import parameters_of
from hedgecheck.stress.running import Progress
from hedgecheck.stress.settings import SETTINGS, ExecutorSettings
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming import ScenarioTransformer
from hedgecheck.values import replace
from hedgecheck.world import Engine

COLLECTED_AFTER = 100_000  # objects
BUNDLED: ComponentsFactory = Recipe(())


class ScenarioExecutor:
    """``components`` makes the eight anew for each scenario, so that nothing of one is left for the next;
    ``engine`` the engine that has the last word."""

    def __init__(
        self,
        components: ComponentsFactory | None = None,
        *,
        engine: Callable[[], Engine] = bundled_core,
        loader: ScenarioLoader | None = None,
        settings: ExecutorSettings = SETTINGS,
    ) -> None:
        self._components = components or BUNDLED
        self._engine, self._settings = engine, settings
        self._loader = loader or ScenarioLoader()

    def run(self, scenario: Scenario, progress: Progress | None = None) -> ScenarioResult:
        """What comes of a scenario: the same for the same scenario and data, byte for byte. ``progress`` is
        told how many bars are done, of how many. Raises ``UsageError`` for a scenario that makes no sense."""
        seed = scenario.root_seed
        loaded, stressed = self.prepared(scenario, seed)
        components = self._components(stressed.truth.symbols)
        model = failing(components.runtime_engine, stressed.plan, source(seed))
        execution = Execution(
            stressed,
            replace(components, runtime_engine=model),
            self._engine(),
            self._settings,
            cash=parameters_of(scenario).cash,
            seed=seed,
        )
        with _collecting_seldom():
            execution.run(progress or (lambda done, of: None))
        notes = (*loaded.notes, *_failed(model), *_parked(execution))
        return _result(scenario, seed, loaded, stressed, execution, notes)

    def prepared(self, scenario: Scenario, seed: int) -> tuple[Loaded, Stressed]:
        """The market of a scenario, and what the stress makes of it. Raises ``UsageError``."""
        asked = parameters_of(scenario)
        loaded = self._loader.load(
            scenario.symbols,
            asked.source,
            bars=asked.bars,
            bar_seconds=asked.bar_seconds,
            seed=seed,
            volatility=asked.volatility,
            correlation=asked.correlation,
            first=asked.first or "",
            last=asked.last or "",
        )
        return loaded, ScenarioTransformer(seed).apply(loaded.market, scenario)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Records make no cycles, and the collector of cycles would walk over all of them again and again. It
    still comes, for what components leave."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED_AFTER if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def create_executor(
    *,
    engine: Callable[[], Engine] = bundled_core,
    loader: ScenarioLoader | None = None,
    settings: ExecutorSettings = SETTINGS,
    **components: Any,
) -> ScenarioExecutor:
    """An executor of components by their names (``runtime_engine``, ``orchestrator`` ...), each in its
    adapter and made anew for each scenario; see ``components_from``, also for what is refused. What is left
    out is bundled."""
    return ScenarioExecutor(components_from(components), engine=engine, loader=loader, settings=settings)


create_quantum_trader_executor = create_executor  # as it is called where adapters come from


def _result(
    scenario: Scenario,
    seed: int,
    loaded: Loaded,
    stressed: Stressed,
    execution: Execution,
    notes: tuple[str, ...],
) -> ScenarioResult:
    course = _course(loaded, stressed, execution)
    rules, broken = _rules(execution), execution.broken
    failure = "" if broken is None else f"{broken.name} ({broken.invariant}): {broken.why}"
    if execution.crashed:
        failure = f"the engine raised in bar {execution.ledger.bar}"
    return ScenarioResult(
        scenario,
        not failure,
        failure,
        seed,
        loaded.source,
        len(execution.account.days),
        measure(course),
        course.trades,
        course.executions,
        _curves(stressed, execution),
        course.stops,
        stressed.injected,
        course.issues,
        rules,
        notes,
    )


def _failed(model: FailingEngine) -> tuple[str, ...]:
    """What became of the predictions, where some were to fail."""
    if not model.predictions:
        return ()
    ways = f"{model.missing} missing, {model.inverted} inverted, {model.no_number} no number"
    return (f"{model.failed} of {model.predictions} predictions failed: {ways}",)


def _parked(execution: Execution) -> tuple[str, ...]:
    """The trades that wait for a person."""
    parked = execution.ledger.parked.items()
    return tuple(f"trade {name} waits for a person since bar {bar}: {why}" for name, (bar, why) in parked)


def _course(loaded: Loaded, stressed: Stressed, execution: Execution) -> Course:
    ledger, account, minor = execution.ledger, execution.account, execution.scale.minor
    made = ledger.realized()
    return Course(
        np.array(account.equity, dtype=np.float64) * minor,
        np.array(account.gross, dtype=np.float64) * minor,
        np.array(account.heat, dtype=np.float64) * minor,
        np.array(account.held, dtype=np.float64),
        np.zeros(len(account.days)),
        loaded.bars_per_year,
        made * minor,
        (account.equity[-1] - account.equity[0] - made) * minor,
        ledger.trade_records(),
        ledger.execution_results(),
        execution.emergency_stops(),
        stressed.injected,
        tuple(execution.gateway.issues),
        tuple(sorted(execution.refusals.items())),
        reconciliation_breaks=execution.reconciliation_breaks(),
        ghost_orders_resolved=ledger.ghosts,
        invariant_violations=int(execution.broken is not None),
        benchmark=_benchmark(stressed, len(account.days)),
    )


def _benchmark(stressed: Stressed, bars: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The returns of holding all symbols in equal parts, shared out anew at each bar."""
    points = np.vstack([stressed.truth.reference, stressed.truth.close[:bars]])
    found: np.ndarray[tuple[int], np.dtype[np.float64]] = (points[1:] / points[:-1] - 1).mean(axis=1)
    return found


def _curves(stressed: Stressed, execution: Execution) -> Curves:
    minor, truth, account = execution.scale.minor, stressed.truth, execution.account
    points = np.array(account.equity, dtype=np.float64)
    equity, peak, bars = points[1:], np.maximum.accumulate(points)[1:], len(points) - 1
    worth = np.maximum(equity, 1.0)
    return Curves(
        tuple(truth.time_ns[:bars].tolist()),
        tuple((equity * minor).tolist()),
        tuple(((equity - points[0]) * minor).tolist()),
        tuple((1 - equity / peak).tolist()),
        tuple((np.array(account.heat) / worth).tolist()),
        tuple((np.array(account.gross) / worth).tolist()),
        tuple((each, tuple(truth.close[:bars, at].tolist())) for at, each in enumerate(truth.symbols)),
    )


def _rules(execution: Execution) -> tuple[Rule, ...]:
    """Every invariant, how often it was judged, and what became of it."""
    tally, broken, found = execution.tally, execution.broken, list[Rule]()
    for each in execution.settings.rules:
        why = broken.why if broken is not None and broken.invariant == each.id else ""
        checks, sharp = tally.checks[each.id], tally.nonvacuous[each.id]
        verdict: Literal["broken", "holds", "n/a"] = "broken" if why else "holds" if sharp else "n/a"
        found.append(Rule(each.id, each.name, verdict, checks, sharp, why))
    return tuple(found)
