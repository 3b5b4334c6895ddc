"""Effective steps a second on one core, all invariants on: the fuzz driver against Hypothesis machines over
the same world, in interleaved rounds. An effective step is an action that changed the world.

The peers: the leanest RuleBasedStateMachine (one rule that indexes what is enabled), and an idiomatic one
(a rule per kind of action). CPU time, so that another process beside it does not count.

What is compared is the steps that an explorer chose. After them every driver lets things come to their end by
the same plain loop; those steps are in the second table, where they flatter the machines.
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


Rates = tuple[float, float]  # a second: steps that the explorer chose, and all steps


def by_fuzz(round_number: int) -> Rates:
    """What the fuzz driver does."""
    fuzz = Fuzz(bundled_core(), round_number)
    begun = time.process_time()
    campaign = fuzz.campaign(range(EXECUTIONS))
    seconds = time.process_time() - begun
    return campaign.chosen / seconds, campaign.steps / seconds


def by_machine(base: type[WorldMachine], round_number: int) -> Rates:
    """What a Hypothesis machine does."""
    campaign = Campaign()
    machine = hypothesis.seed(round_number)(machine_for(bundled_core(), campaign, base=base))
    begun = time.process_time()
    run_state_machine_as_test(machine, settings=exploring(EXAMPLES))
    seconds = time.process_time() - begun
    return campaign.chosen / seconds, campaign.steps / seconds


def main() -> None:
    """Prints steps a second and ratios, median of the rounds."""
    rounds = [
        (by_fuzz(number), by_machine(LeanMachine, number), by_machine(IdiomaticMachine, number))
        for number in range(ROUNDS)
    ]
    for which, (name, floor) in enumerate((("chosen steps", FLOOR_RATIO), ("all steps", None))):
        fuzz, lean, idiomatic = (median(row[driver][which] for row in rounds) for driver in range(3))
        against_lean = median(row[0][which] / row[1][which] for row in rounds)
        against_idiomatic = median(row[0][which] / row[2][which] for row in rounds)
        print(f"{name} a second")
        print(f"  fuzz driver         {fuzz:9,.0f}   (floor {FLOOR_STEPS:,})")
        wanted = f" (floor {floor})" if floor else ""
        print(f"  lean machine        {lean:9,.0f}   fuzz: {against_lean:.1f} times{wanted}")
        print(f"  idiomatic machine   {idiomatic:9,.0f}   fuzz: {against_idiomatic:.1f} times")


if __name__ == "__main__":
    main()
