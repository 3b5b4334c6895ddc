"""When the governor stops: at its limits, not before, and for what is no number."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError
from hedgecheck.stress.components.safety_governor import LimitGovernor
from tests.unit.stress.component_bars import POLICY, account, bar, quote


def judge(governor, number=0, usable=True, **changes):
    return governor.judge(bar(number, quote(usable=usable)), account(**changes), POLICY)


def kinds(governor, accounts):
    stops = [judge(governor, at, **each) for at, each in enumerate(accounts)]
    return [each and each.kind for each in stops]


@pytest.mark.covers("SE-05")
def test_drawdown_from_the_peak_stops_and_liquidates():
    governor = LimitGovernor(drawdown=0.2, daily_loss=9.0)
    assert judge(governor, equity=120_001.0, peak=150_000.0) is None
    stop = judge(governor, equity=120_000.0, peak=150_000.0)

    assert (stop.kind, stop.liquidate) == ("drawdown", True)
    assert stop.why == "drawdown 20.00%, the limit is 20.00%"


@pytest.mark.covers("SE-05")
def test_loss_of_the_day_stops():
    governor = LimitGovernor(daily_loss=0.1, liquidate=False)
    assert judge(governor, equity=90_001.0) is None
    stop = judge(governor, equity=90_000.0)
    assert (stop.kind, stop.liquidate) == ("daily_loss", False)
    assert judge(governor, equity=90_000.0, day_start=95_000.0) is None


@pytest.mark.covers("SE-05")
def test_failed_orders_are_counted_over_the_last_ones():
    governor = LimitGovernor(failed=0.5, orders=10)
    sent = [{"orders": at, "failures": min(at, 4)} for at in range(1, 40)]
    assert set(kinds(governor, sent)) == {None}
    later = [{"orders": 39 + at, "failures": 4 + at} for at in range(1, 7)]
    assert kinds(governor, later) == [None] * 4 + ["execution_failures"] * 2


def test_few_orders_are_not_judged():
    assert kinds(LimitGovernor(orders=10), [{"orders": 9, "failures": 9}]) == [None]
    assert kinds(LimitGovernor(orders=10), [{"orders": 10, "failures": 5}]) == ["execution_failures"]


def test_failure_that_is_known_later_counts():
    accounts = [{"orders": 10, "failures": 0}, {"orders": 10, "failures": 4}, {"orders": 10, "failures": 5}]
    assert kinds(LimitGovernor(orders=10), accounts) == [None, None, "execution_failures"]


@pytest.mark.covers("SE-05")
def test_flagged_bars_stop_without_liquidating():
    governor = LimitGovernor(flagged=0.3, bars=10)
    flags = [False] * 20 + [True, False] * 5
    stops = [judge(governor, at, usable=not flag) for at, flag in enumerate(flags)]

    assert [each and each.kind for each in stops[:24]] == [None] * 24
    assert (stops[24].kind, stops[24].liquidate) == ("data", False)


def test_flags_are_forgotten_with_their_bars():
    governor = LimitGovernor(flagged=0.3, bars=10)
    flags = [True] * 2 + [False] * 8 + [True] * 2 + [False] * 20
    assert {judge(governor, at, usable=not flag) for at, flag in enumerate(flags)} == {None}


@pytest.mark.covers("SE-05")
@pytest.mark.parametrize(
    "changes", [{"equity": nan, "peak": 1.0}, {"peak": nan}, {"equity": 0.0, "peak": 0.0}]
)
def test_number_that_is_none_stops(changes):
    assert judge(LimitGovernor(), **changes).kind == "drawdown"


EQUITIES = st.lists(st.floats(1_000, 200_000), min_size=1, max_size=20)
SHARES = st.floats(0.01, 1.0)


@given(EQUITIES, SHARES, SHARES)
def test_tighter_limit_never_stops_later(equities, first, second):
    tight, loose = sorted([first, second])

    def stopped(limit):
        governor, peak = LimitGovernor(drawdown=limit, daily_loss=9.0), 0.0
        for at, equity in enumerate(equities):
            peak = max(peak, equity)
            if judge(governor, at, equity=equity, peak=peak) is not None:
                return at
        return len(equities)

    assert stopped(tight) <= stopped(loose)


@given(st.floats(0, 300_000), st.floats(0, 300_000), st.floats(1, 300_000), SHARES, SHARES)
def test_with_less_equity_it_stops_as_well(first, second, peak, drawdown, daily):
    less, more = sorted([first, second])
    stops = [
        judge(LimitGovernor(drawdown, daily), equity=each, peak=max(peak, more)) for each in (less, more)
    ]
    assert stops[0] is not None or stops[1] is None


ACTIVITY = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(ACTIVITY, st.integers(1, 12))
def test_share_of_failed_orders_agrees_with_a_plain_count(activity, window):
    governor = LimitGovernor(failed=0.5, orders=window)
    history, orders, failures = [(0, 0)], 0, 0
    for at, (sent, failed) in enumerate(activity):
        orders, failures = orders + sent, failures + min(sent, failed)
        history.append((orders, failures))
        since = max(
            (each for each in history if each[0] <= orders - window), key=lambda each: each, default=None
        )
        # of several bars with as many orders the last is the beginning of the window
        expected = since is not None and (failures - since[1]) / (orders - since[0]) >= 0.5
        stop = judge(governor, at, orders=orders, failures=failures)
        assert (stop is not None) is expected


@pytest.mark.parametrize(
    "numbers", [{"drawdown": 0.0}, {"orders": 0}, {"flagged": nan}, {"liquidate": 1}, {"bars": 0}]
)
def test_numbers_that_make_no_sense_are_refused(numbers):
    with pytest.raises(UsageError, match=f"{next(iter(numbers))} is"):
        LimitGovernor(**numbers)
