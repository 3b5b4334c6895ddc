"""Two results, metric by metric: what is worse by more than is tolerated regressed."""

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.stress.comparing import Tolerance, Tolerances, compare, read_tolerances, tolerance_of
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.values import frozen
from tests.unit.stress.fakes import crash, scenario


@frozen
class Metric:
    """A row as the registry has it."""

    name: str
    unit: str
    better: str


METRICS = (
    Metric("total_pnl", "money", "higher"),
    Metric("max_drawdown", "fraction", "lower"),
    Metric("sharpe", "ratio", "higher"),
    Metric("total_trades", "count", "neither"),
    Metric("refusals", "count", "lower"),
    Metric("emergency_stops", "count", "lower"),
)


def result(**metrics) -> ScenarioResult:
    made = crash(bars=100)
    made.metrics = metrics
    return made


def moved(old: dict, new: dict, tolerances: Tolerances = Tolerances()) -> dict[str, str]:  # noqa: B008
    compared = compare(result(**old), result(**new), METRICS, tolerances)
    return {row.name: row.moved for row in compared.rows}


@pytest.mark.parametrize(
    ("metric", "old", "new", "is_now"),
    [
        ("total_pnl", 100.0, 120.0, "better"),
        ("total_pnl", 100.0, 80.0, "regressed"),
        ("total_pnl", 100.0, 96.0, "worse"),
        ("total_pnl", -100.0, -120.0, "regressed"),
        ("total_pnl", -100.0, -104.0, "worse"),
        ("total_pnl", -100.0, -80.0, "better"),
        ("max_drawdown", 0.10, 0.08, "better"),
        ("max_drawdown", 0.10, 0.12, "regressed"),
        ("max_drawdown", 0.10, 0.104, "worse"),
        ("max_drawdown", 0.10, 0.10, "same"),
        ("emergency_stops", 0, 1, "regressed"),
        ("total_trades", 10, 3, "changed"),
        ("refusals", {"MAX_HEAT": 1}, {"MAX_HEAT": 9}, "changed"),
        ("sharpe", None, 1.5, "undefined"),
        ("sharpe", 1.5, None, "undefined"),
        ("sharpe", 1.5, float("nan"), "undefined"),
    ],
)
def test_direction_of_the_registry_says_what_is_worse(metric: str, old, new, is_now: str):
    assert moved({metric: old}, {metric: new}) == {metric: is_now}


@pytest.mark.parametrize(
    ("tolerance", "is_now"),
    [
        (Tolerance(0.0, 0.0), "regressed"),
        (Tolerance(0.0, 0.019), "regressed"),
        (Tolerance(0.0, 0.021), "worse"),
        (Tolerance(0.19, 0.0), "regressed"),
        (Tolerance(0.21, 0.0), "worse"),
        (Tolerance(0.21, 0.001), "worse"),
    ],
)
def test_tolerance_is_the_larger_of_relative_and_absolute(tolerance: Tolerance, is_now: str):
    named = Tolerances(named=(("max_drawdown", tolerance),))

    assert moved({"max_drawdown": 0.1}, {"max_drawdown": 0.12}, named) == {"max_drawdown": is_now}


def test_where_some_are_named_alone_no_other_regresses():
    named = Tolerances(named=(("sharpe", Tolerance(0.0, 0.0)),), named_alone=True)

    found = moved({"sharpe": 1.0, "total_pnl": 10.0}, {"sharpe": 0.9, "total_pnl": -90.0}, named)

    assert found == {"total_pnl": "worse", "sharpe": "regressed"}


def test_success_that_is_lost_is_a_regression_and_says_why():
    failed = ScenarioResult(scenario(), success=False, failure="ValueError: no price")

    compared = compare(crash(), failed, METRICS)

    assert compared.regressed == ("success",)
    assert compared.failed == "ValueError: no price"


def test_failure_that_was_there_before_is_none():
    failed = ScenarioResult(scenario(), success=False, failure="ValueError: no price")

    compared = compare(failed, failed, METRICS)

    assert compared.regressed == ()
    assert "the earlier one is no success: ValueError: no price" in compared.notes


def test_results_of_other_seeds_and_parameters_are_told_apart():
    one, other = crash(scenario(drop_pct=0.3)), crash(scenario(drop_pct=0.2))
    other.seed = 8

    notes = compare(one, other, METRICS).notes

    assert notes == (
        "not the same seed: 7 and 8",
        "not the same parameters: {'drop_pct': 0.3} and {'drop_pct': 0.2}",
    )


def test_comparison_as_plain_data_names_what_regressed():
    told = compare(result(sharpe=2.0, total_pnl=1.0), result(sharpe=1.0, total_pnl=2.0), METRICS).to_json()

    assert told["regressed"] == ["sharpe"]
    assert told["metrics"][1] == {
        "metric": "sharpe",
        "old": 2.0,
        "new": 1.0,
        "change": -1.0,
        "moved": "regressed",
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("max_drawdown=0.02", ("max_drawdown", Tolerance(0.0, 0.02))),
        ("sharpe=10%", ("sharpe", Tolerance(0.1, 0.0))),
        ("sharpe = .5 %", ("sharpe", Tolerance(0.005, 0.0))),
        ("total_pnl", ("total_pnl", Tolerance(0.0, 0.0))),
    ],
)
def test_tolerance_is_read_as_it_is_written(text: str, meant):
    assert tolerance_of(text) == meant


@pytest.mark.parametrize("text", ["", "sharpe=", "sharpe=-1", "sharpe=x", "=3", "sharpe=1%%"])
def test_text_that_is_no_tolerance_is_refused(text: str):
    with pytest.raises(UsageError, match="is no tolerance"):
        tolerance_of(text)


@pytest.mark.parametrize(
    ("name", "why"),
    [("max_drawdwn", "Is 'max_drawdown' meant"), ("total_trades", "no way is better")],
)
def test_tolerance_of_what_cannot_regress_is_refused(name: str, why: str):
    with pytest.raises(UsageError, match=why):
        moved({}, {}, Tolerances(named=((name, Tolerance()),)))


def test_tolerances_of_a_file(tmp_path):
    path = tmp_path / "limits.toml"
    path.write_text("[default]\nrelative = 0.1\n\n[max_drawdown]\nabsolute = 0.01\n")

    assert read_tolerances(path) == Tolerances(
        Tolerance(0.1, 0.0), (("max_drawdown", Tolerance(0.0, 0.01)),), named_alone=False
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[max_drawdown\n", "cannot be read"),
        ("max_drawdown = 1\n", "Give it relative"),
        ("[max_drawdown]\nabs = 1\n", "Give it relative"),
        ("[max_drawdown]\nabsolute = -1\n", "at least 0"),
        ("[max_drawdown]\nrelative = true\n", "at least 0"),
    ],
)
def test_file_that_holds_no_tolerances_is_refused(tmp_path, text: str, why: str):
    path = tmp_path / "limits.toml"
    path.write_text(text)

    with pytest.raises(UsageError, match=why):
        read_tolerances(path)
