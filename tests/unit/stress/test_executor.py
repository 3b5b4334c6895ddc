"""The executor: the same bytes each time and everywhere, and what comes of an engine that is wrong."""

import gc
import subprocess
import sys
from dataclasses import replace

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.messages import Intent, Price
from hedgecheck.stress.components.factory import components_from
from hedgecheck.stress.components.protocols import Signal
from hedgecheck.stress.executor import ScenarioExecutor, create_executor
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.loading import ScenarioLoader
from hedgecheck.stress.metrics import METRICS
from hedgecheck.stress.models import Scenario
from hedgecheck.stress.results import read, written
from hedgecheck.stress.runner import StressTestRunner
from hedgecheck.stress.settings import SETTINGS
from specs.generate import ROOT
from tests.canary.engines import x018, z001, z005, z077

BARS = 200
PAIR = ("BTCUSDT", "ETHUSDT")
CRISIS = Scenario(
    "Crisis", "execution_failure", "", {"bars": BARS, "start_bar": 0, "failure_rate": 0.5}, PAIR, seed=1
)
CHAOS = Scenario(
    "Chaos",
    "mixed_custom",
    "",
    {"bars": BARS, "flash_crash_drop_pct": 0.3, "corruption_pct": 0.1, "model_failure_rate": 0.3},
    PAIR,
)
ELSEWHERE = """
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.results import written
from tests.unit.stress.test_executor import CHAOS, CRISIS
print(*[written(ScenarioExecutor().run(each)) for each in (CRISIS, CHAOS)], sep="", end="")
"""


def text_of(scenario: Scenario) -> str:
    return written(ScenarioExecutor().run(scenario))


# ---- determinism ---------------------------------------------------------------------------------------


@pytest.mark.covers("SE-10")
@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_result_is_the_same_text_in_this_process_and_in_any_other(hash_seed: str):
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == text_of(CRISIS) + text_of(CHAOS)


@pytest.mark.covers("SE-10")
def test_result_is_the_same_text_from_an_executor_that_ran_others_and_from_the_runner():
    executor = ScenarioExecutor()
    executor.run(CHAOS)

    assert written(executor.run(CRISIS)) == text_of(CRISIS)
    assert written(StressTestRunner(ScenarioExecutor).run(CRISIS)) == text_of(CRISIS)


@pytest.mark.covers("SE-10")
def test_another_seed_gives_another_result():
    one, other = ScenarioExecutor().run(CRISIS), ScenarioExecutor().run(replace(CRISIS, seed=2))

    assert one.curves is not None
    assert other.curves is not None
    assert one.curves.prices != other.curves.prices
    assert one.executions != other.executions


@pytest.mark.covers("SE-10")
def test_what_the_exchange_does_is_of_the_seed_too():
    class SameMarket(ScenarioLoader):
        def load(self, *wanted, seed, **told):
            return super().load(*wanted, seed=1, **told)

    executor = ScenarioExecutor(loader=SameMarket())
    one, other = executor.run(CRISIS), executor.run(replace(CRISIS, seed=2))

    assert one.curves is not None
    assert other.curves is not None
    assert one.curves.prices == other.curves.prices
    assert one.executions != other.executions


def test_scenario_without_a_seed_has_that_of_its_name():
    unnamed = replace(CRISIS, seed=None)

    assert ScenarioExecutor().run(unnamed).seed == unnamed.root_seed
    assert ScenarioExecutor().run(replace(unnamed, name="Other")).seed != unnamed.root_seed


# ---- what a result holds -------------------------------------------------------------------------------


@pytest.mark.covers("SE-09", "SM-02")
def test_curves_have_one_number_for_each_bar_and_the_last_is_what_is_measured():
    result = ScenarioExecutor().run(CRISIS)
    curves = result.curves

    assert result.success
    assert curves is not None
    assert result.bars == BARS
    series = curves.time_ns, curves.equity, curves.pnl, curves.drawdown, curves.heat, curves.exposure
    assert {len(each) for each in series} == {BARS}
    assert [(name, len(prices)) for name, prices in curves.prices] == [(name, BARS) for name in PAIR]
    assert result.metrics["total_pnl"] == pytest.approx(curves.equity[-1] - 100_000)
    total = sum(each.pnl for each in result.trades)
    assert result.metrics["total_pnl"] == pytest.approx(total, abs=1e-6)


@pytest.mark.covers("SM-02")
def test_result_is_read_again_as_it_was_written():
    result = ScenarioExecutor().run(CHAOS)

    assert read(written(result)) == result
    assert set(result.metrics) == {each.name for each in METRICS}


@pytest.mark.covers("SE-12")
def test_orders_that_failed_are_in_the_result_and_counted():
    result = ScenarioExecutor().run(CRISIS)

    failed = [each for each in result.executions if each.status in ("rejected", "failed")]
    assert {each.reason for each in failed} == {"INSUFFICIENT_BALANCE", "REQUEST_LOST"}
    assert result.metrics["execution_failures"] >= len(failed) > 0


@pytest.mark.covers("ST-15")
def test_predictions_that_failed_are_told():
    scenario = Scenario("Model", "model_failure", "", {"bars": BARS, "failure_rate": 0.5}, PAIR)

    (note,) = ScenarioExecutor().run(scenario).notes

    assert "predictions failed" in note


@pytest.mark.covers("ST-13")
def test_trade_that_waits_for_a_person_is_told():
    def buys(view, account):
        return [Signal("mine", "BTCUSDT", 1, 0.9)] if view.bar == 10 else []

    down = {"bars": 20, "start_bar": 10, "partition_bars": 5}
    result = create_executor(runtime_engine=buys).run(Scenario("Down", "mixed_custom", "", down))

    assert result.success
    assert result.notes == ("trade mine1 waits for a person since bar 11: ORDER_UNRESOLVED",)


def test_every_rule_is_told_with_how_often_it_was_judged():
    rules = {each.id: each for each in ScenarioExecutor().run(CRISIS).rules}

    assert {each.verdict for each in rules.values()} <= {"holds", "n/a"}
    assert rules["I03"].checks >= rules["I03"].nonvacuous_checks > 0


# ---- an engine that is wrong ---------------------------------------------------------------------------


class Raising(BundledCore):
    """The core, that raises at an event of a kind, after so many."""

    def __init__(self, kind: type, after: int) -> None:
        super().__init__()
        self._kind, self._left = kind, after

    def step(self, state, event):
        self._left -= isinstance(event, self._kind)
        if self._left < 0:
            raise ValueError("no such price")
        return super().step(state, event)


@pytest.mark.covers("SE-12")
@pytest.mark.parametrize(
    ("engine", "broken"),
    [
        (x018, "attribution (I18)"),
        (z001, "no_terminal_state_without_evidence (I06)"),
        (z005, "worst_case_limit (I10)"),
        (z077, "money_conserved (I11)"),
    ],
)
def test_engine_that_breaks_an_invariant_ends_the_run_and_the_invariant_is_named(engine, broken: str):
    result = ScenarioExecutor(engine=engine).run(CRISIS)

    assert not result.success
    assert result.failure.startswith(f"{broken}: ")
    assert [f"{each.name} ({each.id})" for each in result.rules if each.verdict == "broken"] == [broken]
    assert result.metrics["invariant_violations"] == 1
    assert result.bars < BARS
    assert result.curves is not None
    assert len(result.curves.equity) == result.bars


class Forgetful(BundledCore):
    """The core, that believes in a minor unit less cash than it has."""

    def belief(self, state):
        belief = super().belief(state)
        return replace(belief, cash=belief.cash - 1)


@pytest.mark.covers("SE-12")
def test_what_engine_venue_and_books_do_not_agree_on_is_counted():
    unjudged = replace(SETTINGS, rules=())

    sound = ScenarioExecutor(settings=unjudged).run(CRISIS)
    wrong = ScenarioExecutor(engine=Forgetful, settings=unjudged).run(CRISIS)

    assert (sound.metrics["reconciliation_breaks"], wrong.metrics["reconciliation_breaks"]) == (0, 1)


@pytest.mark.covers("SE-12")
@pytest.mark.parametrize(("kind", "after", "bar"), [(Price, 20, 19), (Intent, 0, 7)])
def test_engine_that_raises_ends_the_run_and_the_bar_is_named(kind: type, after: int, bar: int):
    def buys(view, account):
        return [Signal("mine", "BTCUSDT", 1, 0.9)] if view.bar == 7 else []

    executor = create_executor(engine=lambda: Raising(kind, after), runtime_engine=buys)
    result = executor.run(replace(CRISIS, symbols=("BTCUSDT",)))

    assert not result.success
    assert result.failure == f"the engine raised in bar {bar}"


def test_component_that_raises_is_named_with_its_bar():
    def raising(view, account):
        if view.bar == 7:
            raise ZeroDivisionError("no volume")
        return []

    with pytest.raises(ZeroDivisionError) as caught:
        ScenarioExecutor(components_from({"runtime_engine": raising})).run(CRISIS)

    assert caught.value.__notes__ == ["runtime_engine (function) at bar 7"]


def test_stress_that_does_not_fit_is_refused():
    alone = Scenario("Alone", "correlation_breakdown", parameters={"bars": 100})

    with pytest.raises(UsageError, match="BTCUSDT is alone"):
        ScenarioExecutor().run(alone)


def test_every_scenario_of_the_library_runs_to_its_last_bar_and_breaks_nothing():
    library = [replace(each, parameters={**each.parameters, "bars": 300}) for each in ScenarioLibrary()]

    results = [ScenarioExecutor().run(each) for each in library]

    assert [(each.name, each.failure) for each in results if not each.success] == []
    assert {each.bars for each in results} == {300}


class NoModel:
    """An engine of signals that fails at its first bar."""

    def signals(self, view: object, account: object) -> tuple[()]:
        raise RuntimeError("no model")


def test_collector_of_cycles_comes_as_often_as_before_once_a_run_is_over_however_it_ends():
    before = gc.get_threshold()
    gc.set_threshold(701, 9, 8)
    seen: list[tuple[int, int, int]] = []
    try:
        ScenarioExecutor().run(CRISIS, lambda done, of: seen.append(gc.get_threshold()))
        after_one = gc.get_threshold()
        with pytest.raises(RuntimeError, match="no model"):
            create_executor(runtime_engine=NoModel).run(CRISIS)
        after_both = gc.get_threshold()
    finally:
        gc.set_threshold(*before)

    assert seen[0][0] > 701
    assert after_one == after_both == (701, 9, 8)
