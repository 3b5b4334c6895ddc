"""Drawdowns, counted by hand."""

import math

import pytest

from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course

THREE = (100, 120, 90, 120, 108, 114, 130, 117)  # 25 % for a bar, 10 % for two, 10 % under way


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("max_drawdown", 0.25),
        ("avg_drawdown", 0.15),
        ("max_drawdown_duration", 2),
        ("recovery_bars", 1),
        ("ulcer_index", math.sqrt((0.0625 + 0.01 + 0.0025 + 0.01) / 7)),
        ("calmar_ratio", (1.17 ** (4 / 7) - 1) / 0.25),
        ("recovery_factor", 17 / 30),
    ],
)
def test_three_drawdowns_counted_by_hand(name, expected):
    assert measure(course(THREE))[name] == pytest.approx(expected)


def test_first_number_is_a_high_water_mark():
    found = measure(course((100, 80, 90)))

    assert found["max_drawdown"] == pytest.approx(0.2)
    assert found["max_drawdown_duration"] == 2


def test_drawdown_under_way_has_no_recovery():
    assert measure(course((100, 80, 99)))["recovery_bars"] is None


def test_recovery_is_counted_from_the_first_trough_of_the_deepest():
    assert measure(course((100, 95, 100, 50, 60, 50, 100, 90)))["recovery_bars"] == 3


def test_equity_that_never_falls_has_no_drawdown_to_speak_of():
    found = measure(course((100, 100, 110)))

    assert (found["max_drawdown"], found["max_drawdown_duration"], found["ulcer_index"]) == (0, 0, 0)
    undefined = ("avg_drawdown", "recovery_bars", "calmar_ratio", "recovery_factor")
    assert [found[name] for name in undefined] == [None] * 4


def test_debt_is_a_drawdown_of_more_than_all():
    assert measure(course((100, -50, 10)))["max_drawdown"] == 1.5


def test_flows_are_no_drawdown_and_hide_none():
    found = measure(course((100, 50, 100, 90), flows=(-50, 50, 0)))

    assert found["max_drawdown"] == pytest.approx(0.1)
    assert found["recovery_factor"] == -1


def test_recovery_that_rounding_leaves_below_the_mark_is_one():
    found = measure(course((100, 57, 100, 110), flows=(0, 0, 10)))  # 0.57 x (100 / 57) is less than 1

    assert found["recovery_bars"] == 1
    assert found["max_drawdown_duration"] == 1


def test_run_without_a_bar_has_no_ulcer():
    found = measure(course((100,)))

    assert found["ulcer_index"] is found["calmar_ratio"] is None
    assert found["max_drawdown"] == 0
