"""The whole world under Hypothesis: signals, messages, fills, timeouts, shocks and every other fault."""

from collections import Counter
from typing import ClassVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.fuzz import Campaign
from hedgecheck.explore.replay import Run
from hedgecheck.machines import machine_for
from hedgecheck.machines.world import STEPS, LeanMachine
from hedgecheck.tape import ACTIONS, Action, InLane
from hedgecheck.world import universe_of
from hedgecheck.world.lanes import SHARED_ACTIONS

TOO_RARE = ("CrossReplace",)  # a replacement in flight; random walks and small scopes spend it
LANES = ("InLane",)  # no drawn scope has any; see the second test
NOT_SMALL = (  # no small scope has them
    "ChangeEntry",
    "ChangePhase",
    "HaltTrading",
    "ResumeTrading",
    "Rebalance",
    "Exit",
    "Reshape",
    "Batch",
    "CashFlow",
)
ROUNDS_MAX = 12  # what Hypothesis draws hangs on which modules are loaded; the rare actions may need a few
LANED = (
    Small(trades=2, faults=4, lots=2, crashes=1, halts=1, own=1),
    Small(trades=3, faults=3, lots=2, crashes=1, cap=2, own=1),
    Small(trades=2, faults=4, lots=2, kinds=("F24", "F10", "F16", "F22", "F14"), own=1),
    Small(trades=2, faults=4, lots=2, kinds=("F08", "F07"), halts=1, own=1),
    Small(trades=2, faults=4, lots=2, kinds=("F04", "F19"), own=1),
)


def test_no_rule_of_the_bundled_core_is_broken_and_every_action_happens():
    campaign, never = Campaign(), ["all of them"]
    settings = hypothesis.settings(max_examples=300, stateful_step_count=STEPS)

    for number in range(ROUNDS_MAX):
        if never:
            machine = hypothesis.seed(number)(machine_for(bundled_core(), campaign))
            run_state_machine_as_test(machine, settings=settings)
            expected = [each.__name__ for each in ACTIONS if each.__name__ not in (*TOO_RARE, *LANES)]
            never = [name for name in expected if not campaign.calls[name].enabled]

    assert never == []


class LanedMachine(LeanMachine):
    """Small scopes of several trades, each in a lane of its own; what happened, in a lane or over all."""

    engine = bundled_core()
    campaign = Campaign()
    happened: ClassVar[Counter[tuple[bool, str]]] = Counter()

    def _begin(self) -> Run:
        universe = universe_of(scopes.draw(self.scope), self.engine)
        return Run(universe, self.rules_watched, self.campaign.tally)

    @initialize(small=st.sampled_from(LANED))
    def draw_scope(self, small: Small) -> None:
        """The setting of this execution."""
        self.scope, self._enabled = number_of(small), None
        self.run = self._begin()

    _enabled: list[Action] | None = None

    @property
    def enabled(self) -> list[Action]:
        """Everything that can happen; worked out once a step."""
        if self._enabled is None:
            self._enabled = [*self.run.universe.enabled(self.run.world)]
        return self._enabled

    def do(self, action: Action) -> None:
        """Notes it, and drives it."""
        is_in_lane = isinstance(action, InLane)
        self.happened[is_in_lane, type(action.action if is_in_lane else action).__name__] += 1
        self._enabled = None
        super().do(action)


def test_no_rule_is_broken_side_by_side_and_every_action_of_a_lane_happens_in_one():
    settings, never = hypothesis.settings(max_examples=150, stateful_step_count=STEPS), [(True, "all")]
    shared = {each.__name__ for each in SHARED_ACTIONS}
    own = {each.__name__ for each in ACTIONS} - shared - {*TOO_RARE, *LANES, *NOT_SMALL}

    for number in range(ROUNDS_MAX):
        if never:
            machine = hypothesis.seed(number)(type("Laned", (LanedMachine,), {}))
            run_state_machine_as_test(machine, settings=settings)
            expected = {*((True, each) for each in own), *((False, each) for each in shared)}
            never = sorted(expected - set(LanedMachine.happened))

    assert never == []
    assert not [name for in_lane, name in LanedMachine.happened if in_lane and name in shared]
