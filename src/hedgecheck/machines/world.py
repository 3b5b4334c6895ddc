"""The whole world as a RuleBasedStateMachine: signals, messages, fills, timers, and every fault.

A rule bounds its input, drives one action and asserts nothing; the invariants judge. Rules count themselves
in ``campaign``, so that one that never fires can fail the run.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hedgecheck import faults, invariants, tape
from hedgecheck.errors import Falsified
from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import READ_EVERY, Campaign, Found
from hedgecheck.explore.replay import Replay, Run, replay
from hedgecheck.faults import Fault
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Record
from hedgecheck.tape import Action, Execution, Tape, token_of
from hedgecheck.trace import diagram
from hedgecheck.world import Engine, Universe

STEPS = 60
OWNED = range(scopes.OWNED_FROM + 1, scopes.OWNED_FROM + (1 << 9))
BOOKED = range(scopes.BOOKED_FROM + 1, scopes.BOOKED_FROM + (1 << 9))
LONE = range(scopes.LONE_FROM + 1, scopes.LONE_FROM + (1 << 9))
SCOPES = (*range((1 << 12) - len(LONE) - len(OWNED) - len(BOOKED)), *LONE, *OWNED, *BOOKED)


class WorldMachine(RuleBasedStateMachine):
    """Base of the machines: an engine, a scope drawn first, one execution, and its judgement."""

    engine: ClassVar[Engine]
    rules_watched: ClassVar[tuple[Invariant, ...]] = invariants.ALL
    campaign: ClassVar[Campaign]
    moves: ClassVar[tuple[int, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.actions: list[Action] = []
        self.story: list[Record] = []
        self.scope = 0
        self.run = self._begin()
        self._ordinary: list[Action] | None = None
        self._adverse: dict[Fault, list[Action]] = {}

    def _begin(self) -> Run:
        universe = Universe(scopes.draw(self.scope, self.moves), self.engine)
        return Run(universe, self.rules_watched, self.campaign.tally)

    @initialize(scope=st.sampled_from(SCOPES))
    def draw_scope(self, scope: int) -> None:
        """The setting of this execution; Hypothesis shrinks towards the plain one."""
        self.scope = scope
        self.run = self._begin()
        self._ordinary, self._adverse = None, {}

    def do(self, action: Action) -> None:
        """Drives one action and lets the invariants judge it."""
        self._ordinary, self._adverse = None, {}
        self.actions.append(action)
        self.run.used = len(self.actions)
        records = self.run.do(action)
        self.campaign.count(action, records)
        self.story += records
        self._judge()

    def teardown(self) -> None:
        """Faults have stopped: everything under way comes to its end, and the rest is judged."""
        self.campaign.chosen += self.run.steps
        if self.run.failure is None:
            for action, records in self.run.settle():
                self.campaign.count(action, records)
                self.story += records
        if self.campaign.executions % READ_EVERY == 0:
            self.campaign.read(self.story)
        self.campaign.executions += 1
        self.campaign.steps += self.run.steps
        self._judge()

    def _judge(self) -> None:
        failure = self.run.failure
        if failure is not None:
            failing = Tape(self.scope, tuple(self.actions))
            ran = replay(self.run.universe, failing, self.rules_watched)
            picture = diagram(ran.entries, failure.why)
            raise Falsified(failure.name, failure.invariant, failure.why, token_of(failing), ran, picture)

    @property
    def ordinary(self) -> list[Action]:
        """What happens without a fault; worked out once a step."""
        if self._ordinary is None:
            self._ordinary = self.run.universe.ordinary(self.run.world)
        return self._ordinary

    @property
    def ticks(self) -> list[Action]:
        """Price changes of an ordinary day, as long as anything else is going on."""
        return self.run.universe.ticks(self.run.world) if self.ordinary else []

    def adverse(self, fault: Fault) -> list[Action]:
        """What one kind of fault could do; worked out once a step."""
        if fault not in self._adverse:
            self._adverse[fault] = self.run.universe.adverse(self.run.world, fault)
        return self._adverse[fault]

    @property
    def enabled(self) -> list[Action]:
        """Everything that can happen."""
        kinds = (self.adverse(fault) for fault in self.run.universe.scope.faults)
        universe, world = self.run.universe, self.run.world
        people = [*universe.halts(world), *universe.rolls(world), *universe.changes(world)]
        people += [*universe.closings(world), *universe.rebalances(world), *universe.exits(world)]
        people += universe.reshapes(world)
        people += [*universe.cash_flows(world), *universe.batches(world)]
        outside = people if self.ordinary else []
        return [*self.ordinary, *self.ticks, *outside, *(action for kind in kinds for action in kind)]

    @precondition(lambda self: not self.enabled)
    @rule()
    def nothing_is_left(self) -> None:
        """Hypothesis wants a rule at every step, also when everything has come to rest."""


class LeanMachine(WorldMachine):
    """One rule that indexes what is enabled: the least that a machine over this world can do per step."""

    @precondition(lambda self: self.enabled)
    @rule(index=st.integers(0, 1 << 16))
    def act(self, index: int) -> None:
        """Any possible action."""
        self.do(self.enabled[index % len(self.enabled)])


def _rule(name: str, offers: Callable[[WorldMachine], list[Action]]) -> Callable[..., None]:
    """A rule that drives one of the actions offered, and is not there while there are none."""

    def body(self: WorldMachine, data: st.DataObject) -> None:
        self.do(data.draw(st.sampled_from(offers(self))))

    body.__name__ = name
    offered = precondition(lambda self: bool(offers(self)))
    return offered(rule(data=st.data())(body))


def _ordinary(kind: type[Any]) -> Callable[..., None]:
    return _rule(
        kind.__name__.lower(),
        lambda self: [action for action in self.ordinary if isinstance(action, kind)],
    )


def _faults(name: str, *kinds: Fault) -> Callable[..., None]:
    return _rule(name, lambda self: [action for kind in kinds for action in self.adverse(kind)])


class IdiomaticMachine(WorldMachine):
    """One rule per kind of thing that can happen, as a reader of Hypothesis would write it.

    Faults that could always strike share a rule, or they would spend what there is before the rare ones can.
    """

    signal = _ordinary(tape.Signal)
    venue_takes_a_request = _ordinary(tape.Receive)
    engine_hears_a_report = _ordinary(tape.Deliver)
    market_fills_an_order = _ordinary(tape.Fill)
    timer_fires = _ordinary(tape.Fire)
    late_message_arrives = _ordinary(tape.DeliverLate)
    person_halts_trading = _rule("person_halts_trading", lambda self: self.run.universe.halts(self.run.world))
    strategy_changes_its_mind = _rule(
        "strategy_changes_its_mind", lambda self: self.run.universe.changes(self.run.world)
    )
    capital_is_shared_anew = _rule(
        "capital_is_shared_anew", lambda self: self.run.universe.rebalances(self.run.world)
    )
    strategy_wants_out = _rule("strategy_wants_out", lambda self: self.run.universe.exits(self.run.world))
    liquidity_changes = _rule("liquidity_changes", lambda self: self.run.universe.reshapes(self.run.world))
    cash_flows = _rule("cash_flows", lambda self: self.run.universe.cash_flows(self.run.world))
    several_signals_at_once = _rule(
        "several_signals_at_once", lambda self: self.run.universe.batches(self.run.world)
    )
    session_day_begins = _rule("session_day_begins", lambda self: self.run.universe.rolls(self.run.world))
    market_closes_or_halts = _rule(
        "market_closes_or_halts", lambda self: self.run.universe.closings(self.run.world)
    )
    session_goes_on = _ordinary(tape.ChangePhase)
    halt_is_over = _ordinary(tape.ResumeTrading)
    book_fills_again = _ordinary(tape.Reshape)
    responses_are_lost = _faults("responses_are_lost", faults.response_lost)
    events_are_mixed_up = _faults("events_are_mixed_up", faults.reordered, faults.duplicated)
    events_are_dropped = _faults("events_are_dropped", faults.event_dropped)
    messages_fall_behind = _faults("messages_fall_behind", faults.late_ack, faults.asymmetric_latency)
    venue_refuses = _faults("venue_refuses", faults.venue_reject)
    fills_cross_cancels = _faults("fills_cross_cancels", faults.fill_during_cancel)
    fills_cross_changes = _faults("fills_cross_changes", faults.fill_during_modify)
    engine_restarts = _faults("engine_restarts", faults.restart, faults.storage_error)
    queries_are_unreliable = _faults("queries_are_unreliable", faults.query_unreliable)
    fills_are_partial = _faults("fills_are_partial", faults.partial_fill)
    fees_are_in_base = _faults("fees_are_in_base", faults.base_fee)
    inputs_are_rough = _faults(
        "inputs_are_rough", faults.price_shock, faults.simultaneous_signals, faults.bad_data
    )
    world_outside_is_rough = _faults("world_outside_is_rough", faults.clock_skew, faults.crosstalk)


def machine_for(
    engine: Engine,
    campaign: Campaign | None = None,
    moves: tuple[int, ...] = (),
    base: type[WorldMachine] = IdiomaticMachine,
) -> type[WorldMachine]:
    """The whole-world machine for an engine, counting into ``campaign``."""
    body = {"engine": engine, "campaign": campaign or Campaign(), "moves": moves}
    return type("WholeWorld", (base,), body)


def explore(
    engine: Engine, seed: int, examples: int, prices: str = "", moves: tuple[int, ...] = ()
) -> Campaign:
    """Runs the whole-world machine for so many examples of up to ``STEPS`` steps, from one seed."""
    campaign = Campaign()
    machine = hypothesis.seed(seed)(machine_for(engine, campaign, moves))
    try:
        run_state_machine_as_test(machine, settings=exploring(examples))
    except Falsified as falsified:
        ran = falsified.trace
        assert isinstance(ran, Replay), "Invariant: a machine fails with its replay"
        assert ran.failure is not None, "Invariant: the replay fails as the machine did"
        campaign.found.append(Found(Execution(seed, campaign.executions, prices), ran.tape, ran.failure))
    return campaign


def exploring(examples: int) -> settings:
    """Settings for looking, not for explaining: our shrinker does that."""
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
