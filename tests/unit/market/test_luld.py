"""Limit up-limit down by its own tables: bands, limit state, pause, extension, reopening."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.halts import Luld, Security, band, mean_price, opened, passed, quoted, referenced, reopened
from hedgecheck.values import replace

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
OPEN, CLOSE = 570 * MINUTE, 960 * MINUTE
MIDDAY, LATE = 200 * MINUTE, 25 * MINUTE  # before the close
LARGE = Security(1, 10_000)

# tier, previous close and reference in cents, time to the close: lower and upper band in cents.
BANDS = [
    (1, 10_000, 10_000, MIDDAY, 9_500, 10_500),
    (1, 10_000, 10_000, LATE, 9_000, 11_000),
    (1, 10_000, 10_000, LATE + 1, 9_500, 10_500),
    (1, 10_000, 10_000, 390 * MINUTE, 9_500, 10_500),  # not doubled at the open
    (2, 10_000, 10_000, MIDDAY, 9_000, 11_000),
    (2, 10_000, 10_000, LATE, 9_000, 11_000),
    (1, 301, 301, MIDDAY, 286, 316),
    (1, 300, 300, MIDDAY, 240, 360),
    (2, 300, 300, LATE, 180, 420),
    (2, 301, 301, LATE, 271, 331),
    (2, 75, 100, MIDDAY, 80, 120),
    (1, 74, 74, MIDDAY, 59, 89),
    (1, 74, 74, LATE, 44, 104),
    (2, 74, 10, MIDDAY, 3, 18),  # three quarters of ten cents are less than fifteen
    (2, 74, 10, LATE, 0, 25),
    (1, 10_000, 10_010, MIDDAY, 9_510, 10_511),  # 9,509.5 and 10,510.5: half a cent goes up
    (1, 301, 200, MIDDAY, 190, 210),  # the bucket is that of the close, not of the reference
]


@pytest.mark.parametrize(("tier", "close", "reference", "to_close", "lower", "upper"), BANDS)
def test_bands_are_those_of_the_table(tier, close, reference, to_close, lower, upper):
    found = band(Security(tier, close), reference, to_close)

    assert (found.lower_ticks, found.upper_ticks) == (lower, upper)


@given(
    st.sampled_from([1, 2]), st.integers(1, 500_000), st.integers(1, 500_000), st.integers(0, 390 * MINUTE)
)
def test_bands_lie_about_the_reference_and_are_the_same_in_finer_ticks(tier, close, reference, to_close):
    coarse = band(Security(tier, close), reference, to_close)
    fine = band(Security(tier, close * 100, ticks_per_dollar=10_000), reference * 100, to_close)

    assert 0 <= coarse.lower_ticks <= reference <= coarse.upper_ticks
    assert abs(Fraction(fine.lower_ticks, 100) - coarse.lower_ticks) <= Fraction(1, 2)
    assert abs(Fraction(fine.upper_ticks, 100) - coarse.upper_ticks) <= Fraction(1, 2)


@given(st.integers(1, 500_000), st.integers(1, 500_000), st.integers(0, 390 * MINUTE))
def test_tier_two_is_never_narrower_but_late_and_late_bands_are_never_narrower(close, reference, to_close):
    one, two = (band(Security(tier, close), reference, MIDDAY) for tier in (1, 2))
    late = band(Security(1, close), reference, to_close)

    assert two.lower_ticks <= one.lower_ticks
    assert two.upper_ticks >= one.upper_ticks
    assert late.lower_ticks <= one.lower_ticks
    assert late.upper_ticks >= one.upper_ticks


def test_mean_is_of_the_last_five_minutes_alone():
    trades = ((0, 100), (1, 200), (5 * MINUTE, 300), (5 * MINUTE + 1, 900))

    assert mean_price(trades, 5 * MINUTE) == 250
    assert mean_price(trades, 5 * MINUTE, after_ns=1) == 300
    assert mean_price(trades[:2], 20 * MINUTE) is None
    assert mean_price(((1, 100), (2, 101)), 2) == 101  # a half goes up


def at_open(price: int = 10_000) -> Luld:
    return opened(LARGE, OPEN, CLOSE, price)


def test_reference_moves_by_a_hundredth_or_not_at_all_and_stands_for_thirty_seconds():
    later = OPEN + 30 * SECOND

    assert referenced(at_open(), later, ((later, 10_099),)).reference_ticks == 10_000
    assert referenced(at_open(), later, ((later, 10_100),)).reference_ticks == 10_100
    assert referenced(at_open(), later, ((later, 9_900),)).reference_ticks == 9_900
    assert referenced(at_open(), later - 1, ((later - 1, 10_100),)).reference_ticks == 10_000
    assert referenced(at_open(), later, ()).reference_ticks == 10_000
    moved = referenced(at_open(), later, ((later, 10_100),))
    assert referenced(moved, later + 1, ((later + 1, 11_000),)) == moved


def test_reference_stays_in_a_limit_state_and_forgets_what_was_before_the_reopening():
    later = OPEN + MINUTE
    limit = quoted(at_open(), later, 9_400, 9_500)

    assert referenced(limit, later + SECOND, ((later + SECOND, 9_500),)) == limit
    again = reopened(limit, later + 15 * SECOND + 5 * MINUTE, 9_300)
    now = later + 7 * MINUTE
    assert referenced(again, now, ((again.opened_ns, 9_000),)).reference_ticks == 9_300
    assert referenced(again, now, ((again.opened_ns + 1, 9_000),)).reference_ticks == 9_000


@pytest.mark.parametrize(
    ("bid", "ask", "phase"),
    [
        (9_999, 10_001, "trading"),
        (9_400, 9_501, "trading"),
        (9_400, 9_500, "limit_down"),
        (10_499, 10_600, "trading"),
        (10_500, 10_600, "limit_up"),
        (None, 9_500, "limit_down"),
        (10_500, None, "limit_up"),
        (None, None, "trading"),
    ],
)
def test_quote_on_a_band_is_a_limit_state(bid, ask, phase):
    assert quoted(at_open(), OPEN + MINUTE, bid, ask).phase == phase


def test_limit_state_of_fifteen_seconds_becomes_a_pause_of_five_minutes():
    begun = OPEN + MINUTE
    limit = quoted(at_open(), begun, 9_400, 9_500)
    still = quoted(limit, begun + 10 * SECOND, 9_450, 9_500)

    assert passed(still, begun + 15 * SECOND - 1).phase == "limit_down"
    paused = passed(still, begun + 15 * SECOND)
    assert (paused.phase, paused.since_ns) == ("paused", begun + 15 * SECOND)
    assert quoted(paused, begun + MINUTE, 9_999, 10_001) == paused
    ends = paused.since_ns + 5 * MINUTE
    assert reopened(paused, ends - 1, 9_300) == paused
    assert reopened(paused, ends, 9_300) == opened(LARGE, ends, CLOSE, 9_300)


def test_pause_is_told_late_and_began_when_it_did():
    limit = quoted(at_open(), OPEN, 10_500, 10_600)

    late = quoted(limit, OPEN + 60 * SECOND, 9_999, 10_001)

    assert (late.phase, late.since_ns) == ("paused", OPEN + 15 * SECOND)


def test_limit_state_that_is_left_in_time_begins_anew():
    limit = quoted(at_open(), OPEN, 9_400, 9_500)
    left = quoted(limit, OPEN + 14 * SECOND, 9_499, 9_501)
    again = quoted(left, OPEN + 15 * SECOND, 9_400, 9_500)

    assert left.phase == "trading"
    assert passed(again, OPEN + 29 * SECOND).phase == "limit_down"
    assert passed(again, OPEN + 30 * SECOND).phase == "paused"


def test_from_one_limit_to_the_other_the_time_begins_anew():
    limit = quoted(at_open(), OPEN, 9_400, 9_500)
    other = quoted(limit, OPEN + 14 * SECOND, 10_500, 10_600)

    assert passed(other, OPEN + 28 * SECOND).phase == "limit_up"


def test_pause_is_extended_as_often_as_there_is_no_price():
    paused = passed(quoted(at_open(), OPEN, 9_400, 9_500), OPEN + 15 * SECOND)
    ends = paused.since_ns + 5 * MINUTE

    once = reopened(paused, ends, None)
    assert (once.phase, once.extensions) == ("paused", 1)
    assert reopened(once, ends + 5 * MINUTE - 1, 9_300) == once
    twice = reopened(once, ends + 5 * MINUTE, None)
    assert twice.extensions == 2
    assert reopened(twice, ends + 10 * MINUTE, 9_300).phase == "trading"
    assert reopened(twice, ends + 10 * MINUTE, 9_300).extensions == 0


@pytest.mark.parametrize(
    ("minutes", "phase"), [(16, "trading"), (15, "trading"), (14, "closing_auction"), (1, "closing_auction")]
)
def test_in_the_last_ten_minutes_there_is_no_reopening(minutes, phase):
    paused = replace(at_open(), phase="paused", since_ns=CLOSE - minutes * MINUTE)

    ended = reopened(paused, paused.since_ns + 5 * MINUTE, 9_300)

    assert ended.phase == phase
    assert quoted(ended, ended.since_ns, 1, 2).phase == ("limit_down" if phase == "trading" else phase)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(9_000, 11_000), st.integers(1, 300)), max_size=40))
def test_trading_pauses_only_after_fifteen_seconds_on_one_band_and_for_five_minutes_at_least(quotes):
    luld, now, on_band_since, paused_at = at_open(), OPEN, None, None
    for seconds, bid, spread in quotes:
        now += seconds * SECOND
        before = luld
        luld = quoted(luld, now, bid, bid + spread)
        side = "limit_down" if bid + spread <= 9_500 else "limit_up" if bid >= 10_500 else None
        if luld.phase == "paused":
            if before.phase != "paused":
                assert on_band_since is not None
                assert now - on_band_since[1] >= 15 * SECOND
                paused_at = luld.since_ns
            again = reopened(luld, now, 10_000)
            assert (again.phase == "trading") == (now - paused_at >= 5 * MINUTE)
            luld = again
            on_band_since = None
        elif side is None:
            on_band_since = None
        elif on_band_since is None or on_band_since[0] != side:
            on_band_since = (side, now)
