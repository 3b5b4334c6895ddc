"""The whole world under Hypothesis: signals, messages, fills, timeouts, shocks and every other fault."""

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from hedgecheck.drive import bundled_core
from hedgecheck.explore.fuzz import Campaign
from hedgecheck.machines import machine_for
from hedgecheck.machines.world import STEPS
from hedgecheck.tape import ACTIONS


def test_no_rule_of_the_bundled_core_is_broken_and_every_action_happens():
    campaign = Campaign()
    machine = machine_for(bundled_core(), campaign)

    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(max_examples=300, stateful_step_count=STEPS),
    )

    never = [action.__name__ for action in ACTIONS if not campaign.calls[action.__name__].enabled]
    assert never == []
