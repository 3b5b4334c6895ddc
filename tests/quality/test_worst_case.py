"""The gate over many random steps: nothing it lets in could pass a limit, and each limit refuses some."""

import pytest

from core import risk
from tests.quality.worst_case import LIMITS, walked

STEPS = 200_000


@pytest.fixture(scope="module")
def many():
    """What many executions came to."""
    return walked(0, STEPS)


def test_no_limit_is_passed_if_all_that_rests_and_is_in_flight_fills_at_its_worst(many):
    assert many.found == []
    assert many.steps >= STEPS


def test_every_limit_refuses_something(many):
    assert [reason for reason in LIMITS if not many.refused[reason]] == []


@pytest.mark.parametrize("reason", LIMITS)
def test_limit_that_the_gate_forgets_is_found_passed(reason, monkeypatch):
    decide = risk._refusal

    def forgetful(*question):
        found = decide(*question)
        return None if found == reason else found

    monkeypatch.setattr(risk, "_refusal", forgetful)

    assert walked(0, STEPS).found
