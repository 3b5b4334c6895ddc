"""Tails and stakes, counted by hand."""

import pytest

from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course, growing

TWENTY_ONE = [each / 100 for each in range(-10, 11)]  # 5 %: the second; 95 %: the last but one


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("value_at_risk_95", -0.09),
        ("value_at_risk_99", -0.098),
        ("conditional_value_at_risk", -0.095),
        ("tail_ratio", 1),
    ],
)
def test_tails_of_twenty_one_returns_counted_by_hand(name, expected):
    assert measure(growing(TWENTY_ONE))[name] == pytest.approx(expected)


def test_all_returns_that_tie_with_the_quantile_are_in_the_tail():
    found = measure(course((128, 32, 16, 8, 8, 8)))  # -75 %, twice -50 %, twice nothing

    assert found["value_at_risk_95"] == pytest.approx(-0.7)
    assert found["conditional_value_at_risk"] == -0.75
    assert measure(course((128, 64, 32, 32)))["conditional_value_at_risk"] == -0.5


def test_tail_ratio_without_a_tail_is_undefined():
    assert measure(course((100, 100, 100, 110)))["tail_ratio"] is None


def test_tails_of_one_return_are_undefined():
    found = measure(course((100, 90)))

    names = ("value_at_risk_95", "value_at_risk_99", "conditional_value_at_risk", "tail_ratio")
    assert [found[name] for name in names] == [None] * 4


def test_stakes_are_the_largest_at_the_end_of_a_bar():
    found = measure(course((100, 50, 200), gross=(150, 300), heat=(5, 8), held=(0, 2)))

    assert found["max_gross_exposure"] == 300
    assert found["max_leverage"] == 3  # 150 of 50, not 300 of 200
    assert found["max_portfolio_heat"] == 0.1
    assert found["exposure_time"] == 0.5


@pytest.mark.parametrize("end", [0, -10])
def test_leverage_of_no_equity_is_undefined(end):
    found = measure(course((100, 50, end), gross=(150, 10), heat=(5, 5)))

    assert found["max_leverage"] is found["max_portfolio_heat"] is None
    assert found["max_gross_exposure"] == 150


def test_stakes_of_no_bar_are_undefined():
    found = measure(course((100,)))

    names = ("max_leverage", "max_gross_exposure", "max_portfolio_heat", "exposure_time", "turnover")
    assert [found[name] for name in names] == [None] * 5
