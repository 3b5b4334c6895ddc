"""Batches in real processes: what fails ends alone, and the number of processes changes nothing."""

import signal

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.stress.batches import BatchRequest, BatchResult
from hedgecheck.stress.keeping import ResultDirectory
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.stress.results import written
from hedgecheck.stress.runner import StressTestRunner, Unobserved
from tests.unit.stress.fakes import FakeExecutor, crash, executor, scenario


class Seen(Unobserved):
    """What an observer was told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.bars: dict[str, list[tuple[int, int]]] = {}
        self.ended: list[str] = []
        self.at_once_max = 0

    def started(self, name: str) -> None:
        self.begun.append(name)
        self.at_once_max = max(self.at_once_max, len(self.begun) - len(self.ended))

    def progressed(self, name: str, bars: int, of: int) -> None:
        self.bars.setdefault(name, []).append((bars, of))

    def finished(self, result: ScenarioResult) -> None:
        self.ended.append(result.name)


class Named(dict[str, Scenario]):
    """Scenarios by name."""

    def names(self) -> list[str]:
        return list(self)

    def get(self, name: str) -> Scenario:  # type: ignore[override]
        return self[name]


def texts(batch: BatchResult) -> list[str]:
    return [written(each) for each in batch.results]


@pytest.fixture
def runner() -> StressTestRunner:
    return StressTestRunner(executor)


def test_results_come_in_the_order_asked_for_and_alike_from_one_process_and_from_three(runner):
    asked = [Scenario(f"Crash {seed}", "flash_crash", seed=seed) for seed in (3, 1, 2)]
    asked.insert(1, scenario("Broken", do="raise"))

    side_by_side = runner.run_batch(asked, max_workers=3)
    one_by_one = runner.run_batch(asked, parallel=False)

    assert [each.name for each in side_by_side.results] == ["Crash 3", "Broken", "Crash 1", "Crash 2"]
    assert texts(side_by_side) == texts(one_by_one)
    assert side_by_side.results[0] == crash(asked[0])


@pytest.mark.parametrize(
    ("do", "why"),
    [
        ("raise", "ValueError: no such price (fakes.py, line {line}: raise ValueError("),
        ("die", "its process ended without an answer, with exit code 3"),
        ("be killed", "its process was ended by SIGKILL"),
        ("refuse", "drop_pct is 3. Give a fraction."),
        ("never end", "took longer than its time-out of 0.2 s: give it more"),
    ],
)
def test_scenario_that_fails_says_why_and_stops_no_other(runner, do: str, why: str):
    wrong = scenario("Wrong", do=do, **({"timeout_seconds": 0.2} if do == "never end" else {}))

    batch = runner.run_batch([wrong, scenario("Right")], max_workers=2)
    failed, right = batch.results

    line = failed.failure.partition("line ")[2].partition(":")[0]
    assert failed.failure.startswith(why.format(line=line))
    assert (failed.success, failed.scenario) == (False, wrong)
    assert right == crash(scenario("Right"))
    assert (batch.successful, batch.total_scenarios, batch.partial) == (1, 2, False)


@pytest.mark.covers("SR-22")
def test_time_out_of_a_scenario_wins_over_that_of_the_batch(runner):
    raised = scenario("Raised", timeout_seconds=600)

    batch = runner.run_batch([scenario("Endless", do="never end"), raised], timeout_seconds=0.000_001)

    assert [each.success for each in batch.results] == [False, True]
    assert "time-out of 1e-06 s" in batch.results[0].failure


@pytest.mark.covers("SR-23")
def test_parallel_false_runs_one_after_another_and_max_workers_so_many(runner):
    library = Named({f"S{number}": scenario(f"S{number}") for number in range(4)})
    batch_request = BatchRequest(tuple(library))
    batch_request.parallel = False
    one = Seen()
    runner.run_request(batch_request, library, watch=one)

    batch_request.parallel, batch_request.max_workers = True, 2
    two = Seen()
    runner.run_request(batch_request, library, watch=two)

    assert (one.at_once_max, two.at_once_max) == (1, 2)
    assert one.begun == one.ended == list(library)
    assert sorted(two.ended) == list(library)


@pytest.mark.covers("SR-14")
def test_request_needs_names_alone(runner):
    request = BatchRequest(scenario_names=("A",))

    batch = runner.run_request(request, Named(A=scenario("A")))

    assert (request.parallel, request.max_workers) == (True, None)
    assert batch.results == (crash(scenario("A")),)


@pytest.mark.covers("SR-15")
def test_batch_carries_its_totals_in_percent():
    first, second, third = crash(scenario("A")), crash(scenario("B")), crash(scenario("C"))
    first.metrics |= {"win_rate": 0.4, "max_drawdown": 0.032}
    second.metrics |= {"win_rate": 0.51, "max_drawdown": 0.125}
    third.metrics |= {"win_rate": None, "max_drawdown": 0.0}
    lost = ScenarioResult(scenario("D"), success=False, failure="died")

    totals = BatchResult((first, second, third, lost)).to_json()

    assert totals["total_scenarios"] == 4
    assert totals["successful"] == 3
    assert totals["avg_winrate"] == 45.5
    assert totals["worst_drawdown"] == 12.5


def test_batch_of_nothing_has_totals_that_print():
    totals = BatchResult(()).to_json()

    assert f"{totals['avg_winrate']:.1f}% {totals['worst_drawdown']:.2f}%" == "0.0% 0.00%"


def test_progress_is_told_in_bars_and_reaches_the_last(runner):
    seen = Seen()

    runner.run(scenario("A"), watch=seen)

    assert seen.begun == seen.ended == ["A"]
    assert seen.bars["A"][0] == (1, 600)
    assert seen.bars["A"][-1] == (600, 600)


class Impatient(Seen):
    """Presses Ctrl-C as soon as one has ended and the other is at work."""

    def progressed(self, name: str, bars: int, of: int) -> None:
        super().progressed(name, bars, of)
        if self.ended and name == "Endless":
            signal.raise_signal(signal.SIGINT)


def test_interrupt_keeps_what_is_finished_and_names_the_rest(runner, tmp_path):
    store = ResultDirectory(tmp_path)
    asked = [scenario("Endless", do="never end"), scenario("Done"), scenario("Never begun")]
    asked[2].parameters["do"] = "never end"

    batch = StressTestRunner(executor, store).run_batch(asked, max_workers=2, watch=Impatient())

    assert batch.partial
    assert batch.results == (crash(scenario("Done")),)
    assert batch.unfinished == ("Endless", "Never begun")
    assert batch.to_json()["partial"] is True
    assert store.names() == ("Done",)


class Interrupting(Unobserved):
    """Presses Ctrl-C at the first word."""

    def progressed(self, name: str, bars: int, of: int) -> None:
        signal.raise_signal(signal.SIGINT)


def test_interrupt_of_a_single_run_is_passed_on(runner):
    with pytest.raises(KeyboardInterrupt):
        runner.run(scenario(do="never end"), watch=Interrupting())


def test_every_result_is_stored_when_it_is_told(tmp_path):
    store = ResultDirectory(tmp_path)
    told = []

    class Looking(Unobserved):
        def finished(self, result: ScenarioResult) -> None:
            told.append(store.load(result.name) == result)

    StressTestRunner(executor, store).run_batch([scenario("A"), scenario("B", do="raise")], watch=Looking())

    assert told == [True, True]


def test_single_scenario_that_cannot_be_run_is_the_users_mistake(runner):
    with pytest.raises(UsageError, match="Give a fraction"):
        runner.run(scenario(do="refuse"))


def test_process_that_has_answered_may_tidy_up(runner, tmp_path):
    path = tmp_path / "told"

    assert runner.run(scenario(do="tidy up", into=str(path))).success
    assert path.read_text().startswith("tidied up")


def test_single_scenario_that_dies_has_a_result(runner):
    assert runner.run(scenario(do="die")).failure.endswith("exit code 3")


def test_executor_that_cannot_be_made_fails_the_scenario():
    result = StressTestRunner(dict).run(scenario())  # type: ignore[arg-type]

    assert "AttributeError: 'dict' object has no attribute 'run'" in result.failure


def test_scenario_of_which_no_result_could_tell_is_refused_before_anything_runs(runner):
    seen = Seen()

    with pytest.raises(UsageError, match="holds a function, which is not written"):
        runner.run_batch([scenario("Right"), scenario("Wrong", rate=lambda bar: 0.5)], watch=seen)
    assert seen.begun == []


def test_factory_that_cannot_be_handed_over_is_refused():
    with pytest.raises(UsageError, match="Give a function of a module"):
        StressTestRunner(lambda: FakeExecutor()).run(scenario())  # noqa: PLW0108


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"max_workers": 0}, "max_workers is 0"),
        ({"timeout_seconds": -1}, "timeout_seconds is -1"),
        ({"timeout_seconds": 0}, "more than 0 seconds"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(runner, how: dict, why: str):
    with pytest.raises(UsageError, match=why):
        runner.run_batch([scenario()], **how)


def test_two_of_one_name_are_refused(runner):
    with pytest.raises(UsageError, match="in the batch twice"):
        runner.run_batch([scenario(), scenario()])
