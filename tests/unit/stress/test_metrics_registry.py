"""The registry names what is measured, in its order, and says enough of each."""

import json

import pytest

from hedgecheck.stress.metrics import METRICS, measure
from hedgecheck.stress.metrics.measuring import FAMILIES
from tests.unit.stress.courses import course, order, trade

ROWS = """
total_pnl; realized_pnl unrealized_pnl; total_return; cagr; volatility; downside_risk; sharpe_ratio;
sortino_ratio; calmar_ratio; omega_ratio; probabilistic_sharpe_ratio; max_drawdown; avg_drawdown;
max_drawdown_duration; recovery_bars; ulcer_index; recovery_factor; value_at_risk_95 value_at_risk_99;
conditional_value_at_risk; tail_ratio; skew kurtosis; best_period worst_period;
total_trades winning_trades losing_trades; win_rate; profit_factor; payoff_ratio; expectancy; sqn;
max_consecutive_losses max_consecutive_wins; avg_trade_duration; avg_mae avg_mfe; exposure_time; turnover;
max_leverage max_gross_exposure; max_portfolio_heat; total_fees slippage_cost slippage_bps;
order_count fill_rate partial_fill_rate; reject_count deny_count;
execution_failures latency_p50 latency_p99 latency_max;
emergency_stops breaker_trips time_tripped time_to_trip;
data_quality_issues_found data_quality_issues_injected data_quality_recall;
reconciliation_breaks ghost_orders_resolved invariant_violations
"""
AGAINST_A_BENCHMARK = ["alpha", "beta", "tracking_error", "information_ratio", "treynor_ratio"]


@pytest.mark.covers("SE-09", "SM-02")
def test_every_metric_of_the_table_is_measured_and_no_other():
    named = ROWS.replace(";", " ").split()

    assert sorted(measure(course((100, 110, 99)))) == sorted(named)
    assert sorted(each.name for each in METRICS) == sorted([*named, *AGAINST_A_BENCHMARK])


def test_metrics_come_in_the_order_of_the_registry():
    found = measure(course((100, 110, 99), benchmark=(0.1, 0.2)))

    assert list(found) == [each.name for each in METRICS]


def test_every_metric_says_how_it_is_counted_and_by_whom():
    assert [each.name for each in METRICS if not each.definition or not each.source] == []
    assert len({each.name for each in METRICS}) == len(METRICS)
    assert [each.name for each in METRICS if "|" in each.definition + each.none_where + each.source] == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_family_measures_what_it_registers(family):
    from hedgecheck.stress.metrics.basis import basis_of  # noqa: PLC0415

    given = course((100, 110, 99), benchmark=(0.1, 0.2))

    assert set(family.measured(given, basis_of(given))) == {each.name for each in family.METRICS}


DEFINED = course(
    (100, 110, 99, 105, 104, 120),
    gross=(1, 2, 3, 4, 5),
    heat=(1, 2, 3, 4, 5),
    held=(1, 0, 1, 0, 1),
    trades=(trade(5), trade(-3)),
    executions=(order(),),
    benchmark=(0.1, 0.2, -0.1, 0, 0.1),
)


def test_metric_that_is_never_undefined_has_a_value_of_nothing():
    found = measure(course((100,)))

    assert {each.name for each in METRICS if not each.none_where} <= {
        name for name, value in found.items() if value is not None
    }


def test_values_are_those_of_plain_python():
    found = measure(DEFINED)

    assert {type(value) for value in found.values()} == {int, float, dict, type(None)}
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [name for name, value in found.items() if value is None] == ["time_to_trip", "data_quality_recall"]


def test_nothing_is_never_less_than_nothing():
    assert str(measure(course((100, 100), realized_pnl=-0.0))["realized_pnl"]) == "0.0"


def test_money_is_a_float_though_nothing_was_traded():
    found = measure(course((100, 110)))

    money = [each.name for each in METRICS if each.unit == "money"]
    assert {type(found[name]) for name in money} == {float, type(None)}
    assert type(found["total_fees"]) is type(found["slippage_cost"]) is float


def test_metric_of_a_whole_number_of_something_is_an_int():
    found = measure(DEFINED)

    counts = {each.name for each in METRICS if each.unit == "count"} - {"deny_count", "breaker_trips"}
    assert {name for name in counts if type(found[name]) is not int} == set()
