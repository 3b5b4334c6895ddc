"""Profit and returns, counted by hand."""

import math

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course

UP_DOWN_UP = (100, 110, 99, 108.9)  # +10 %, -10 %, +10 %
UP_DOWN_TWICE = (100, 110, 99, 108.9, 98.01)
OF_RETURNS = (
    *("volatility", "downside_risk", "sharpe_ratio", "sortino_ratio", "omega_ratio"),
    *("probabilistic_sharpe_ratio", "skew", "kurtosis"),
)


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total_pnl", 8.9),
        ("total_return", 0.089),
        ("cagr", 1.089 ** (4 / 3) - 1),
        ("volatility", math.sqrt(0.08 / 3 / 2) * 2),
        ("downside_risk", math.sqrt(0.01 / 3) * 2),
        ("sharpe_ratio", 1 / math.sqrt(3)),
        ("sortino_ratio", 2 / math.sqrt(3)),
        ("omega_ratio", 2),
        ("skew", -math.sqrt(3)),
        ("best_period", 0.1),
        ("worst_period", -0.1),
    ],
)
def test_three_returns_counted_by_hand(name, expected):
    assert measure(course(UP_DOWN_UP))[name] == pytest.approx(expected)


def test_kurtosis_is_that_over_a_normals_without_the_bias_of_the_sample():
    # z^4 is (0.01 / (0.04 / 3))^2 = 0.5625 four times; 4 * 5 / 6 * 2.25 - 3 * 9 / 2
    assert measure(course(UP_DOWN_TWICE))["kurtosis"] == pytest.approx(-6)


def test_probabilistic_sharpe_ratio_of_no_mean_is_even_odds():
    assert measure(course(UP_DOWN_TWICE))["probabilistic_sharpe_ratio"] == pytest.approx(0.5)


def test_probabilistic_sharpe_ratio_of_two_levels_counted_by_hand():
    # r is 0.3 and -0.1 in turn: SR = 0.1 / sqrt(0.16 / 3), no skew, excess -6, which is less than nothing
    # under the root from SR = 1 on and here leaves 1 - SR^2
    sharpe = 0.1 / math.sqrt(0.16 / 3)
    z = sharpe * math.sqrt(3) / math.sqrt(1 - sharpe**2)

    found = measure(course((100, 130, 117, 152.1, 136.89)))["probabilistic_sharpe_ratio"]

    assert found == pytest.approx((1 + math.erf(z / math.sqrt(2))) / 2)


def test_probabilistic_sharpe_ratio_is_undefined_where_nothing_is_under_the_root():
    found = measure(course((100, 150, 165, 247.5, 272.25)))  # 0.5 and 0.1 in turn: SR is 1.3, excess -6

    assert found["kurtosis"] == pytest.approx(-6)
    assert found["probabilistic_sharpe_ratio"] is None


def test_realized_and_unrealized_profit_are_as_the_course_says():
    found = measure(course(UP_DOWN_UP, realized_pnl=10.4, unrealized_pnl=-1.5))

    assert (found["realized_pnl"], found["unrealized_pnl"]) == (10.4, -1.5)


def test_deposit_is_neither_profit_nor_return():
    found = measure(course((100, 150, 75), flows=(50, 0)))

    assert found["total_pnl"] == -75
    assert found["total_return"] == found["worst_period"] == -0.5
    assert found["best_period"] == 0


def test_withdrawal_is_no_loss():
    found = measure(course((100, 60, 66), flows=(-50, 0)))

    assert found["total_pnl"] == pytest.approx(16)
    assert found["total_return"] == pytest.approx(1.1 * 1.1 - 1)
    assert found["max_drawdown"] == 0


@pytest.mark.parametrize("equity", [(100,), (100, 110)])
def test_statistics_of_fewer_than_two_returns_are_undefined(equity):
    found = measure(course(equity))

    assert [found[name] for name in OF_RETURNS] == [None] * len(OF_RETURNS)


def test_shape_of_too_few_returns_is_undefined():
    assert measure(course((100, 110, 99)))["skew"] is None
    assert measure(course(UP_DOWN_UP))["kurtosis"] is None
    assert measure(course(UP_DOWN_UP))["probabilistic_sharpe_ratio"] is None


def test_returns_that_differ_by_rounding_alone_do_not_deviate():
    found = measure(course([100 * 1.01**bar for bar in range(60)]))  # the last bits of the returns differ

    assert found["volatility"] == 0
    undefined = ("sharpe_ratio", "skew", "kurtosis", "probabilistic_sharpe_ratio")
    assert [found[name] for name in undefined] == [None] * 4


def test_ratios_by_losses_are_undefined_without_a_loss():
    found = measure(course((100, 101, 101, 104)))

    assert found["downside_risk"] == 0
    assert found["sortino_ratio"] is found["omega_ratio"] is None


@pytest.mark.parametrize("equity", [(100, 50, 0, 20), (100, -5, 10, 20), (100, 90, 80, -1)])
def test_equity_at_or_below_zero_has_no_returns(equity):
    found = measure(course(equity))

    names = (*OF_RETURNS, "best_period", "worst_period")
    assert [found[name] for name in names] == [None] * len(names)
    assert found["total_return"] == equity[-1] / 100 - 1


def test_account_that_lost_everything_lost_everything_in_a_year_and_one_that_lost_more_has_no_rate():
    assert measure(course((100, 50, 0)))["cagr"] == -1
    assert measure(course((100, 50, -10)))["cagr"] is None


@pytest.mark.parametrize("start", [0, -10])
def test_account_that_began_with_nothing_has_no_return(start):
    found = measure(course((start, 50, 60)))

    names = ("total_return", "cagr", "max_drawdown", "best_period", "worst_period")
    assert found["total_pnl"] == 60 - start
    assert [found[name] for name in names] == [None] * 5


def test_deposit_does_not_hide_that_everything_was_lost():
    found = measure(course((100, 50, 60), flows=(60, 0)))

    names = ("total_return", "max_drawdown", "worst_period")
    assert found["total_pnl"] == -100
    assert [found[name] for name in names] == [None] * 3


def test_rate_that_is_too_large_to_be_a_number_is_undefined():
    assert measure(course((100, 200, 400), bars_per_year=525_600))["cagr"] is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"held": (1, 1)}, "held has 2 bars and equity has 3"),
        ({"flows": (0, float("nan"), 0)}, "flows is no finite number at bar 1"),
        ({"benchmark": (0, 0, 0, 0)}, "benchmark has 4 bars and equity has 3"),
        ({"bars_per_year": 0}, "bars_per_year is 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(said, why):
    with pytest.raises(UsageError, match=why):
        measure(course(UP_DOWN_UP, **said))


def test_equity_that_is_no_number_is_refused():
    with pytest.raises(UsageError, match="equity is no finite number at bar 1"):
        measure(course((100, float("inf"), 100)))
