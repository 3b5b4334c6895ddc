"""Market-wide circuit breakers by the rule's own numbers, and on twenty years of the S&P 500."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.halts import MarketWide, is_halted, level_prices, marked
from hedgecheck.prices import daily
from hedgecheck.values import replace

MINUTE = 60_000_000_000
OPEN, AT_1525, CLOSE = 570 * MINUTE, 925 * MINUTE, 960 * MINUTE
FALLS = (
    *("2000-04-14", "2008-09-29", "2008-10-06", "2008-10-09", "2008-10-10", "2008-10-15", "2008-10-22"),
    *("2008-11-20", "2008-12-01", "2010-05-06"),
)
FRESH = MarketWide(10_000, CLOSE)


def test_levels_of_2020_03_09_are_those_that_were_published():
    """After a close of 2,972.37 level 1 was 2,764.30; the index reached it four minutes after the open."""
    assert level_prices(297_237) == (276_430, 258_596, 237_789)


@pytest.mark.parametrize(
    ("index", "now", "level", "until"),
    [
        (9_301, OPEN, 0, 0),
        (9_300, OPEN, 1, OPEN + 15 * MINUTE),
        (8_701, OPEN, 1, OPEN + 15 * MINUTE),
        (8_700, OPEN, 2, OPEN + 15 * MINUTE),
        (8_001, OPEN, 2, OPEN + 15 * MINUTE),
        (8_000, OPEN, 3, CLOSE),
        (9_300, AT_1525 - 1, 1, AT_1525 - 1 + 15 * MINUTE),
        (9_300, AT_1525, 0, 0),
        (8_700, AT_1525, 0, 0),
        (8_000, AT_1525, 3, CLOSE),
        (8_000, CLOSE - 1, 3, CLOSE),
    ],
)
def test_each_level_halts_when_the_rule_says(index, now, level, until):
    after = marked(FRESH, now, index)

    assert (after.level, after.until_ns) == (level, until)
    assert is_halted(after, now) == (level > 0)


def test_on_a_short_day_the_last_halt_is_as_long_before_the_close():
    short = replace(FRESH, close_ns=780 * MINUTE)

    assert marked(short, 745 * MINUTE - 1, 9_300).level == 1
    assert marked(short, 745 * MINUTE, 9_300).level == 0


def test_level_halts_once_a_day_and_the_next_one_after_it():
    first = marked(FRESH, OPEN, 9_300)
    resumed = OPEN + 15 * MINUTE

    assert is_halted(first, resumed - 1)
    assert not is_halted(first, resumed)
    assert marked(first, resumed - 1, 8_700) == first  # nothing trades, nothing follows
    assert marked(first, resumed, 9_200) == first
    assert marked(first, resumed, 8_700).level == 2


def test_level_that_was_passed_over_does_not_halt_later():
    second = marked(FRESH, OPEN, 8_700)

    assert marked(second, OPEN + 20 * MINUTE, 9_300) == second


def test_third_level_is_for_the_rest_of_the_day():
    closed = marked(FRESH, OPEN, 8_000)

    assert is_halted(closed, CLOSE - 1)
    assert is_halted(closed, CLOSE + 60 * MINUTE)
    assert marked(closed, OPEN + 20 * MINUTE, 10_000) == closed


@given(st.integers(1, 10**6), st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10**6)), max_size=30))
def test_there_are_at_most_three_halts_a_day_each_deeper_than_the_last(close, marks):
    breakers, now, levels = MarketWide(close, CLOSE), OPEN, []
    for minutes, index in marks:
        now += minutes * MINUTE
        after = marked(breakers, now, index)
        if after != breakers:
            assert not is_halted(breakers, now)
            assert index * 10_000 <= close * (10_000 - (700, 1_300, 2_000)[after.level - 1])
            levels.append(after.level)
        breakers = after

    assert levels == sorted(set(levels))


def test_days_of_the_s_and_p_500_that_fell_far_enough():
    """The rule is of 2013; these are the days before on which it would have halted trading."""
    found = []
    for before, day in pairwise(daily("sp500")):
        breakers = MarketWide(round(before.close * 100), CLOSE)
        level = marked(breakers, OPEN, round(day.low * 100)).level
        if level:
            found.append((day.date, level))

    assert found == [(date, 1) for date in FALLS]
