"""Effective steps a second on one core, all invariants on: the fuzz driver against Hypothesis machines over
the same world, in interleaved rounds. An effective step is an action that changed the world.

The peers: the leanest RuleBasedStateMachine (one rule that indexes what is enabled), and an idiomatic one
(a rule per kind of action). CPU time, so that another process beside it does not count.
"""

import time
from statistics import median

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from hedgecheck.drive import bundled_core
from hedgecheck.explore.fuzz import Campaign, Fuzz
from hedgecheck.machines import LeanMachine, WorldMachine, machine_for
from hedgecheck.machines.world import IdiomaticMachine, exploring

ROUNDS = 5
EXECUTIONS = 1_200
EXAMPLES = 60
FLOOR_STEPS = 15_000
FLOOR_RATIO = 8


def by_fuzz(round_number: int) -> float:
    """Steps a second of the fuzz driver."""
    fuzz = Fuzz(bundled_core(), round_number)
    begun = time.process_time()
    campaign = fuzz.campaign(range(EXECUTIONS))
    return campaign.steps / (time.process_time() - begun)


def by_machine(base: type[WorldMachine], round_number: int) -> float:
    """Steps a second of a Hypothesis machine."""
    campaign = Campaign()
    machine = hypothesis.seed(round_number)(machine_for(bundled_core(), campaign, base=base))
    begun = time.process_time()
    run_state_machine_as_test(machine, settings=exploring(EXAMPLES))
    return campaign.steps / (time.process_time() - begun)


def main() -> None:
    """Prints steps a second and ratios, median of the rounds."""
    rounds = [
        (by_fuzz(number), by_machine(LeanMachine, number), by_machine(IdiomaticMachine, number))
        for number in range(ROUNDS)
    ]
    fuzz, lean, idiomatic = (median(column) for column in zip(*rounds, strict=True))
    against_lean = median(row[0] / row[1] for row in rounds)
    against_idiomatic = median(row[0] / row[2] for row in rounds)
    print(f"fuzz driver         {fuzz:9,.0f} steps/s   (floor {FLOOR_STEPS:,})")
    print(f"lean machine        {lean:9,.0f} steps/s   fuzz: {against_lean:.1f} times (floor {FLOOR_RATIO})")
    print(f"idiomatic machine   {idiomatic:9,.0f} steps/s   fuzz: {against_idiomatic:.1f} times")


if __name__ == "__main__":
    main()
