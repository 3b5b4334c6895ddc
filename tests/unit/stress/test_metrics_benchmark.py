"""Against a benchmark, counted by hand."""

import math

import pytest

from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course

NAMES = ["alpha", "beta", "tracking_error", "information_ratio", "treynor_ratio"]
TWICE = (100, 121, 96.8, 116.16)  # +21 %, -20 %, +20 %: twice the benchmark, and 1 % more at first
BENCHMARK = (0.1, -0.1, 0.1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("beta", 2.025),
        ("alpha", (0.07 - 2.025 * 0.1 / 3) * 4),
        ("tracking_error", math.sqrt((0.11**2 + 0.1**2 + 0.1**2 - 0.11**2 / 3) / 2) * 2),
        ("information_ratio", 0.11 / 3 * 2 / math.sqrt((0.11**2 + 0.1**2 + 0.1**2 - 0.11**2 / 3) / 2)),
        ("treynor_ratio", 0.07 * 4 / 2.025),
    ],
)
def test_three_returns_beside_a_benchmark_counted_by_hand(name, expected):
    assert measure(course(TWICE, benchmark=BENCHMARK))[name] == pytest.approx(expected)


def test_without_a_benchmark_nothing_is_said_of_it():
    assert not set(NAMES) & set(measure(course(TWICE)))


@pytest.mark.parametrize("flat", [(0.01, 0.01, 0.01), (0.3, 0.1 + 0.2, 0.3)])
def test_benchmark_that_does_not_move_but_for_rounding_has_no_beta(flat):
    found = measure(course(TWICE, benchmark=flat))

    assert found["beta"] is found["alpha"] is found["treynor_ratio"] is None
    assert found["tracking_error"] > 0


def test_returns_that_are_the_benchmarks_have_no_information():
    found = measure(course((100, 110, 99), benchmark=(0.1, -0.1)))

    assert found["tracking_error"] == 0
    assert found["information_ratio"] is None


def test_beside_one_return_everything_is_undefined():
    found = measure(course((100, 110), benchmark=(0.1,)))

    assert [found[name] for name in NAMES] == [None] * 5
