"""A run that cannot get to a situation says which: goals are not reached by default."""

from dataclasses import replace

import pytest

from core import engine
from core.units import Money
from hedgecheck.drive import BundledCore, bundled_core, settings_of
from hedgecheck.explore.fuzz import Fuzz
from hedgecheck.explore.goals import GOALS
from hedgecheck.world import Scope

EXECUTIONS, STARVED_EXECUTIONS = 2_500, 1_000
RARE = ("G05", "G10", "G18", "G21")


class OneAttempt(BundledCore):
    """The core without the transitions that send a second order for one job."""

    def initial(self, scope: Scope) -> engine.State:
        """As the core, with one attempt each."""
        settings = settings_of(scope)
        protocol = replace(settings.protocol, entry_attempts=1, hedge_attempts=1, flatten_attempts=1)
        return engine.initial(replace(settings, protocol=protocol), Money(scope.cash))


def reached(core: BundledCore, executions: int = EXECUTIONS) -> set[str]:
    campaign = Fuzz(core, 3).campaign(range(executions))
    return {goal.id for goal in GOALS if campaign.goals[goal.id]}


def test_an_engine_without_second_attempts_starves_their_goals_and_no_other():
    starved = {goal.id for goal in GOALS} - reached(OneAttempt(), STARVED_EXECUTIONS)

    assert {"G09", "G10", "G11"} <= starved
    assert "G01" not in starved


@pytest.mark.parametrize("goal", [goal.id for goal in GOALS if goal.id not in RARE])
def test_a_short_run_of_the_core_reaches_nearly_every_goal(goal: str, core_reached: set[str]):
    assert goal in core_reached


@pytest.fixture(scope="module")
def core_reached() -> set[str]:
    """What a short run of the sound core reaches; the rarest goals need a longer one."""
    return reached(bundled_core())
