"""Numbers as users give them: bounds belong to them, and what only looks like a number is none."""

from decimal import Decimal

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.arrays import names, number, series, whole


@pytest.mark.parametrize("value", [0, 1, 0.0, 0.5, 1.0, np.float32(0.5), np.int64(1)])
def test_number_within_its_bounds_is_taken(value):
    assert number("it", value, 0, 1) == float(value)
    assert isinstance(number("it", value, 0, 1), float)


@pytest.mark.parametrize("value", [-1e-9, 1.1, np.nan, np.inf, -np.inf, True, "1", None, Decimal(1), [1]])
def test_anything_else_is_refused(value):
    with pytest.raises(UsageError, match=r"it is .*Give a number that is from 0 to 1"):
        number("it", value, 0, 1)


def test_number_without_an_upper_bound_is_finite_all_the_same():
    assert number("it", 1e300, 0) == 1e300
    with pytest.raises(UsageError, match=r"it is inf\. Give a number that is at least 0"):
        number("it", np.inf, 0)


@pytest.mark.parametrize("value", [2, 5, np.int32(3)])
def test_whole_number_within_its_bounds_is_taken(value):
    assert whole("it", value, 2, 5) == int(value)
    assert type(whole("it", value, 2, 5)) is int


def test_true_is_no_count():
    with pytest.raises(UsageError, match="it is True"):
        whole("it", True, 0)


@pytest.mark.parametrize("value", [1, 6, 2.0, True, "2", None])
def test_any_other_whole_number_is_refused(value):
    with pytest.raises(UsageError, match=r"it is .*Give a whole number that is from 2 to 5"):
        whole("it", value, 2, 5)
    with pytest.raises(UsageError, match="at least 7"):
        whole("it", value, 7)


def test_series_tells_the_first_bar_that_is_wrong_and_how_many_are():
    with pytest.raises(UsageError, match=r"it is no finite number at bar 1: nan; 2 of 3 bars are so"):
        series("it", [1.0, np.nan, np.inf])
    with pytest.raises(UsageError, match=r"it is not above 0 at bar 2: -1.0; 1 of 3 bars are so"):
        series("it", [1.0, 2.0, -1.0], above=0)
    assert series("it", [0.0, -1.0]).tolist() == [0.0, -1.0]


def test_one_name_is_one_and_several_are_in_order():
    assert names("it", "AAA") == ("AAA",)
    assert names("it", ["B", "A"]) == ("B", "A")
