"""The live shell in ten scenarios: it dies at every await, and whatever else goes wrong up to three times."""

import os
from typing import Any

import pytest

import hedgecheck
from hedgecheck.live.brokers.ccxt_orders import Ways
from tests.schedules.shell_scenarios import SCENARIOS, Scenario, late_fill, left, pair, played, reconnected
from tests.schedules.shell_stores import on_disk
from tests.schedules.shells import Plan, crashed_everywhere

NIGHTLY = os.environ.get("HEDGECHECK_PROFILE") == "nightly"
EXECUTIONS = (100_000 if NIGHTLY else 2_000) // len(SCENARIOS) // 2
WAYS_EXECUTIONS = 1_000 if NIGHTLY else 40
EVERYTHING = 5_000  # executions that suffice to die at every await of a scenario
AWAITS = 30  # places at which to die, in each scenario at least
# what becomes of each order where nothing goes wrong: status and what is filled
COMES_TO: dict[str, dict[str, tuple[str, str]]] = {
    "pair": {"hcp1a1": ("closed", "0.5"), "hcp1b1": ("closed", "8")},
    "partial_fill": {"hcp1a1": ("canceled", "0.3"), "hcp1b1": ("closed", "4.8")},
    "aborted": {"hcp1a1": ("canceled", "0.05"), "hcp1x1": ("closed", "0.05")},
    "rejected_entry": {},
    "crossed_cancel": {"hcp1a1": ("closed", "0.5"), "hcp1b1": ("closed", "8")},
    "late_fill": {"hcp1a1": ("canceled", "0.25"), "hcp1b1": ("closed", "4")},
    "tripped": {
        **{"hcp1a1": ("closed", "0.5"), "hcp1b1": ("closed", "8"), "hcq1a1": ("canceled", "0")},
    },
    "two_trades": {
        **{"hcp1a1": ("closed", "0.3"), "hcp1b1": ("closed", "5")},
        **{"hcq1a1": ("closed", "60"), "hcq1b1": ("closed", "18000")},
    },
    "left": {
        **{"hcp1a1": ("closed", "0.5"), "hcp1b1": ("closed", "8")},
        **{"hcp1x1": ("closed", "0.5"), "hcp1y1": ("closed", "8")},
    },
    "reconnected": {"hcp1a1": ("canceled", "0.3"), "hcp1b1": ("closed", "4.8")},
}
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
every_restart = pytest.mark.parametrize("restart", ["warm", "cold"])


@every_scenario
def test_scenario_comes_to_what_it_says(scenario: Scenario) -> None:
    seen: dict[str, tuple[str, str]] = {}

    async def test(sim: Any) -> None:
        await scenario(sim, Plan())
        orders = sim.ledger.orders
        seen.update({each.clientOrderId: (each.status, f"{each.filled.normalize():f}") for each in orders})

    verdict = hedgecheck.check(test, executions=1, faults=None)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert seen == COMES_TO[scenario.__name__]


@every_scenario
@every_restart
def test_shell_is_clean_wherever_it_dies(scenario: Scenario, restart: Any) -> None:
    verdict = crashed_everywhere(played(scenario, Plan(restart=restart)), EVERYTHING)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    (explorer,) = verdict.explorers
    assert not explorer.truncated
    places = explorer.campaign.spent["F11"] + explorer.campaign.spent["F12"]
    print(
        f"{scenario.__name__}, {restart}: {explorer.campaign.executions} executions, dies at {places} places"
    )
    assert places >= AWAITS


@every_restart
@pytest.mark.parametrize("scenario", [pair, left] if NIGHTLY else [pair], ids=lambda each: each.__name__)
def test_shell_is_clean_over_a_store_on_disk_wherever_it_dies(scenario: Scenario, restart: Any) -> None:
    verdict = crashed_everywhere(played(scenario, on_disk(restart)), EVERYTHING)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert verdict.explorers[0].campaign.spent["F11"] >= AWAITS


@every_scenario
@every_restart
def test_shell_is_clean_whatever_goes_wrong_three_times(scenario: Scenario, restart: Any) -> None:
    verdict = hedgecheck.check(played(scenario, Plan(restart=restart)), executions=EXECUTIONS, max_faults=3)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    (explorer,) = verdict.explorers
    assert explorer.campaign.executions == EXECUTIONS
    print(
        f"{scenario.__name__}, {restart}: {EXECUTIONS} executions, {explorer.campaign.spent.total()} faults"
    )


@pytest.mark.parametrize("scenario", [late_fill, reconnected], ids=lambda each: each.__name__)
@pytest.mark.parametrize("ways", [Ways(), Ways(streams=(), poll_seconds=5.0)], ids=["streams", "questions"])
def test_shell_is_clean_however_it_hears_of_what_happens(scenario: Scenario, ways: Ways) -> None:
    verdict = hedgecheck.check(played(scenario, Plan(ways=ways)), executions=WAYS_EXECUTIONS, max_faults=3)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram


@every_scenario
def test_a_restart_at_rest_changes_nothing(scenario: Scenario) -> None:
    neutral = hedgecheck.invariants.restart_neutral

    verdict = hedgecheck.compare(played(scenario), vary=neutral, executions=20, faults=None)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
