"""What is enabled happens; what is not possible changes nothing; and every kind of fault heals."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck import faults, tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore.replay import Run
from hedgecheck.faults import Fault
from hedgecheck.messages import Crashed, Record, Spent
from hedgecheck.tape import ACTIONS
from hedgecheck.tape.tokens import FIELDS, WORDS
from hedgecheck.world import Universe, World, is_at_rest
from hedgecheck.world.ordinary import moves
from tests.unit.kit.lanes import laned
from tests.unit.kit.worlds import ACCEPTED, SENT, TRADED, Actions, after, core, universe

HOUSE = replace(universe().scope.house, fee_bps=1_000)
FULL = core(house=HOUSE, intents=tuple(replace(universe().scope.intents[0], id=f"p{n}") for n in (1, 2)))
LANED = laned(faults=3, lots=2, crashes=2, halts=1)
WALKS = st.lists(st.integers(0, 2**16), max_size=60)
LEAST = {("Signal", "intent"): 0, ("Repeat", "intent"): 0, ("Fill", "amount"): 1}  # see the defects below
LEAST["FillFeeInBase", "amount"] = 1
NAMES = st.sampled_from(
    (
        *("p1a1", "p1a2", "p1b1", "p2a1", "q1a1", "p1x1", "AAA", "BBB", "ZZZ", "0", "1", "nan", "none"),
        *("p1a1/timeout", "p1a1/query", "p1b1/timeout", "p1/linger", "WOULD_TRIGGER", "REDUCE_ONLY"),
        *("lost", "stored", "sent", "deliver", "fire", "signal", "BadPrice", *WORDS),
    )
)


def _fields(action: type[Any]) -> dict[str, Any]:
    def numbers(name: str) -> Any:
        least = LEAST.get((action.__name__, name))
        return st.integers(-3 if least is None else least, 12) | st.integers(least)

    return {name: numbers(name) if kind is int else NAMES for name, kind in FIELDS[action]}


OF_ONE_LANE = st.one_of(*(st.builds(each, **_fields(each)) for each in ACTIONS if each is not tape.InLane))
IN_A_LANE = st.builds(tape.InLane, st.integers(-2, 3), OF_ONE_LANE)
IN_LANES = IN_A_LANE | st.builds(tape.InLane, st.integers(0, 1), IN_A_LANE)
ANYTHING = OF_ONE_LANE | IN_LANES


def reached(setting: Universe, walk: Sequence[int]) -> World:
    """The world after a walk: each number picks among what is enabled."""
    world = setting.initial()
    for number in walk:
        possible = setting.enabled(world)
        if possible:
            world, _ = setting.apply(world, possible[number % len(possible)])
    return world


# ---- possible or not ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", [FULL, LANED], ids=["plain", "lanes"])
@settings(max_examples=150, deadline=None)
@given(walk=WALKS, actions=st.lists(ANYTHING, min_size=1, max_size=40))
def test_any_action_in_any_world_records_something_or_changes_nothing(
    setting: Universe, walk: list[int], actions: list[tape.Action]
) -> None:
    world = reached(setting, walk)

    for action in actions:
        following, records = setting.apply(world, action)
        assert records or following == world, action


@settings(max_examples=50, deadline=None)
@given(WALKS, IN_LANES)
def test_nothing_happens_in_a_lane_where_there_are_none(walk: list[int], action: tape.Action) -> None:
    world = reached(FULL, walk)

    assert FULL.apply(world, action) == (world, ())


@settings(max_examples=100, deadline=None)
@given(WALKS)
def test_whatever_is_enabled_happens_and_is_enabled_once(walk: list[int]) -> None:
    world = reached(FULL, walk)

    possible = FULL.enabled(world)

    assert len(set(possible)) == len(possible)
    for action in possible:
        following, records = FULL.apply(world, action)
        assert records, action
        assert following != world, action


@settings(max_examples=100, deadline=None)
@given(WALKS)
def test_faults_crashes_and_halts_are_paid_for_by_the_records_that_say_so(walk: list[int]) -> None:
    world, crash_ids = FULL.initial(), {each.id for each in faults.CRASHES}
    for number in walk:
        possible = FULL.enabled(world)
        following, records = FULL.apply(world, possible[number % len(possible)])
        spent = [each.fault in crash_ids for each in records if isinstance(each, Spent)]
        assert world.faults_left - following.faults_left == spent.count(False)
        assert world.crashes_left - following.crashes_left == spent.count(True)
        world = following

    assert min(world.faults_left, world.crashes_left, world.halts_left) >= 0


@settings(max_examples=50, deadline=None)
@given(WALKS)
def test_world_is_a_value_and_applying_leaves_it_as_it_was(walk: list[int]) -> None:
    world = reached(FULL, walk)
    before = repr(world)

    results = [[FULL.apply(world, action) for action in FULL.enabled(world)] for _ in range(2)]

    assert results[0] == results[1]
    assert repr(world) == before
    assert hash(world) == hash(reached(FULL, walk))


DEFECTS: dict[str, tuple[Actions, tape.Action]] = {
    "no-such-signal": ((), tape.Signal(-1)),
    "no-such-repetition": (SENT, tape.Repeat(-1)),
    "fill-of-nothing": (ACCEPTED, tape.Fill("X", 0)),
    "fill-of-less-than-nothing": (TRADED, tape.Fill("X", -1)),
    "fee-on-nothing": (TRADED, tape.FillFeeInBase("X", 0)),
}


@pytest.mark.parametrize(("before", "action"), DEFECTS.values(), ids=DEFECTS)
def test_action_with_a_number_that_makes_no_sense_changes_nothing(
    before: Actions, action: tape.Action
) -> None:
    setting = universe(house=HOUSE)
    world = after(setting, *before)

    assert setting.apply(world, action) == (world, ())


# ---- an engine that raises ---------------------------------------------------------------------------------


class Raiser(BundledCore):
    """Raises on the first intent."""

    def step(self, state: Any, event: Any) -> Any:
        """Raises."""
        if type(event).__name__ == "Intent":
            raise KeyError("p1")
        return super().step(state, event)


def test_engine_that_raises_is_recorded_and_nothing_is_enabled_afterwards() -> None:
    setting = universe(engine=Raiser())

    world, records = setting.apply(setting.initial(), tape.Signal(0))

    assert isinstance(records[-1], Crashed)
    assert world.crashed
    assert (setting.enabled(world), setting.quiet(world)) == ((), None)


@pytest.mark.parametrize(
    "action", [tape.Halt(), tape.Corrupt("AAA", "nan"), tape.Move("AAA", 10_000)], ids=repr
)
def test_nothing_is_possible_after_the_engine_raised(action: tape.Action) -> None:
    setting = universe(engine=Raiser())
    world = after(setting, tape.Signal(0))

    assert setting.apply(world, action) == (world, ())


# ---- healing -----------------------------------------------------------------------------------------------


def walked(setting: Universe, kind: Fault, seed: int) -> tuple[Run, list[Record]]:
    """A walk that strikes with the kind wherever it can, half of the time."""
    run, random, records = Run(setting), Random(seed), []
    for _ in range(60):
        world = run.world
        struck = setting.adverse(world, kind) if random.random() < 0.5 else []
        possible = struck or setting.ordinary(world) or setting.ticks(world)
        records += run.do(random.choice(possible))
        assert run.failure is None, (seed, run.failure)
    return run, records


@pytest.mark.parametrize(
    "kind", [kind for kind in faults.PURE if kind != faults.fill_during_modify], ids=lambda kind: kind.id
)
def test_once_faults_stop_everything_comes_to_rest_and_no_rule_is_broken(kind: Fault) -> None:
    also = (faults.price_shock,) if kind == faults.asymmetric_latency else ()
    setting = core(kind, *also, house=HOUSE, max_faults=3, intents=FULL.scope.intents)
    strikes = 0
    for seed in range(25):
        run, records = walked(setting, kind, seed)
        strikes += sum(isinstance(each, Spent) and each.fault == kind.id for each in records)

        run.settle()

        world = run.world
        assert run.failure is None, (seed, run.failure)
        assert (world.outbound, world.inbound, world.late, world.timers) == ((), (), (), ())
        assert setting.quiet(world) is None
    assert strikes >= 5


def test_replacements_that_meet_fills_come_to_rest_with_the_stops_that_protect_what_is_held() -> None:
    kinds = (faults.fill_during_modify, faults.partial_fill)
    intents = tuple(replace(each, price_a=100, stop_a=95, stop_b=105) for each in FULL.scope.intents)
    setting = core(*kinds, max_faults=6, intents=intents)
    strikes = 0
    for seed in range(150):
        run, random = Run(setting), Random(seed)
        for _ in range(60):
            struck = [each for kind in kinds for each in setting.adverse(run.world, kind)]
            timers = [tape.Fire(timer) for timer in run.world.timers if random.random() < 0.1]
            possible = timers or moves(run.world) or setting.ordinary(run.world)
            chosen = struck if struck and random.random() < 0.5 else possible or setting.ticks(run.world)
            records = run.do(random.choice(chosen))
            strikes += sum(isinstance(each, Spent) and each.fault == "F09" for each in records)

        run.settle()

        assert run.failure is None, (seed, run.failure)
        assert (run.world.outbound, run.world.inbound, run.world.late) == ((), (), ())
        assert is_at_rest(setting, run.world, 200)
    assert strikes >= 5
