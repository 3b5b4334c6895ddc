"""Stops, data faults and what had to be put right, counted by hand."""

import pytest

from hedgecheck.stress.metrics import measure
from hedgecheck.stress.models import EmergencyStop, Injected, Issue
from tests.unit.stress.courses import course


def of(**said):
    return measure(course([100] * 21, **said))


STOPS = (
    EmergencyStop(2, "breaker", "drawdown", "", breached_bar=1, reset_bar=6),
    EmergencyStop(4, "breaker", "daily_loss", "", breached_bar=1, reset_bar=8),
    EmergencyStop(10, "breaker", "drawdown", "", breached_bar=10, reset_bar=11),
    EmergencyStop(15, "market", "LEVEL_1", "", breached_bar=3, reset_bar=17),
    EmergencyStop(18, "governor", "failures", ""),
)


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("emergency_stops", 5),
        ("breaker_trips", {"daily_loss": 1, "drawdown": 2}),
        ("time_tripped", 6 + 1 + 2),
        ("time_to_trip", 3),
    ],
)
def test_five_stops_counted_by_hand(name, expected):
    assert of(stops=STOPS)[name] == expected


def test_run_without_a_stop():
    found = of()

    assert (found["emergency_stops"], found["breaker_trips"], found["time_tripped"]) == (0, {}, 0)
    assert found["time_to_trip"] is None


def test_trips_are_told_in_one_order_whatever_came_first():
    first = of(stops=STOPS)["breaker_trips"]
    other = of(stops=STOPS[::-1])["breaker_trips"]

    assert list(first) == list(other) == ["daily_loss", "drawdown"]


def test_recall_is_of_the_bars_with_an_injected_fault_and_a_false_alarm_is_found_but_no_hit():
    found = of(
        injected=(
            Injected("spike", "AAA", 3),
            Injected("nan", "AAA", 5, bars=3),
            Injected("flash_crash", "AAA", 9),
        ),
        issues=(
            *(Issue("spike", "AAA", 3), Issue("stale", "AAA", 3)),
            *(Issue("nan", "AAA", 6), Issue("nan", "BBB", 5), Issue("spike", "AAA", 9)),
        ),
    )

    assert found["data_quality_issues_injected"] == 4
    assert found["data_quality_issues_found"] == 4
    assert found["data_quality_recall"] == 0.5


def test_recall_of_nothing_injected_is_undefined():
    assert of(issues=(Issue("spike", "AAA", 3),))["data_quality_recall"] is None


def test_what_had_to_be_put_right_is_as_the_course_says():
    found = of(reconciliation_breaks=3, ghost_orders_resolved=2, invariant_violations=1)

    assert found["reconciliation_breaks"] == 3
    assert found["ghost_orders_resolved"] == 2
    assert found["invariant_violations"] == 1
