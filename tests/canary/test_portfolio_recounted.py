"""Defects in whose capital is whose are found by the kit's recounts, in random walks of the whole world."""

import pytest

from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.world import Scope
from tests.canary.looking import fuzzed
from tests.canary.planted import planted

EXECUTIONS = range(400)


def owned(seed: int, moves: tuple[int, ...] = ()) -> Scope:
    """Draws scopes as a fuzz run does, all of them with strategies that have capital of their own."""
    return scopes.draw(scopes.OWNED_FROM + seed % scopes.OWNED_FROM, moves)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("last_strategy_is_left_out", "I10"),
        ("fills_are_booked_to_the_first", "I18"),
        ("capital_arrives_and_never_left", "I18"),
        ("budget_is_never_asked_for", "I10"),
        ("capital_in_use_moves_too", "I10"),
    ],
)
def test_fuzzing_finds_what_is_wrong_with_capital(name: str, rule: str):
    with planted(name):
        found = fuzzed(bundled_core(), 0, EXECUTIONS, draw=owned)

    assert found is not None
    assert found.failure.invariant == rule


def test_nothing_is_wrong_with_the_capital_of_the_sound_core():
    assert fuzzed(bundled_core(), 0, EXECUTIONS, draw=owned) is None
