"""Defects in trades of one leg alone are found by the kit's rules, in random walks of the whole world."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from core import protection, risk, trade
from core.messages import ExitRequested
from core.plan import has_two_legs
from core.values import replace
from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.world import Scope
from tests.canary.looking import fuzzed

EXECUTIONS = range(800)
contribute, step, protected_legs = risk.contribute, trade.step, protection._protected_legs


def lone(seed: int, moves: tuple[int, ...] = ()) -> Scope:
    """Draws scopes as a fuzz run does, in all of which most intents have one leg."""
    return scopes.draw(scopes.LONE_FROM + seed % scopes.LONE_FROM, moves)


def without_heat(begun: Any, *more: Any) -> Any:
    """The heat of one leg is forgotten."""
    made = contribute(begun, *more)
    return made if has_two_legs(begun) else replace(made, heat=0)


def without_stops(begun: Any) -> Any:
    """The stop of one leg is looked for in leg B."""
    return protected_legs(begun) if has_two_legs(begun) else ()


def not_left(begun: Any, event: Any, allowed: bool) -> Any:
    """One leg is not closed when its strategy wants out."""
    is_out = isinstance(event, ExitRequested) and not has_two_legs(begun)
    return (begun, ()) if is_out else step(begun, event, allowed)


@pytest.mark.parametrize(
    ("place", "defect", "rule"),
    [
        ("core.risk.contribute", without_heat, "I10"),
        ("core.protection._protected_legs", without_stops, "I09"),
        ("core.stepping.step_trade", not_left, "I07"),
    ],
    ids=["heat", "stop", "exit"],
)
def test_fuzzing_finds_what_is_wrong_with_one_leg(place: str, defect: Callable[..., Any], rule: str):
    with mock.patch(place, defect):
        found = fuzzed(bundled_core(), 0, EXECUTIONS, draw=lone)

    assert found is not None
    assert found.failure.invariant == rule


def test_nothing_is_wrong_with_one_leg_of_the_sound_core():
    assert fuzzed(bundled_core(), 0, EXECUTIONS, draw=lone) is None
