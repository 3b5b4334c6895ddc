"""Lanes over crashes and at rest: a restart reaches all of them, and so does what a step sent or stored."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck import faults, tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.replay import Run, replay, run_tape
from hedgecheck.messages import (
    CancelOrder,
    CreateOrder,
    FetchOrder,
    OutcomeUnknown,
    Price,
    Record,
    Request,
    Restarted,
    Spent,
    TimerFired,
)
from hedgecheck.tape import Tape
from hedgecheck.world import LanedUniverse, Settling, World, is_at_rest, universe_of
from tests.unit.kit.lanes import (
    SHARED_TIMER,
    Sides,
    SidesSendsFirst,
    laned,
    order,
    resting,
    signaled,
    within,
)
from tests.unit.kit.worlds import Actions, after, told

RECEIVE, HALT, DOWN = tape.Receive(), tape.Halt(), tape.Restart()
WALKS = st.lists(st.integers(0, 2**16), min_size=20, max_size=60)
CANCELS = ((CancelOrder("p1a1"),), (CancelOrder("q1a1"),))


def wires(world: World) -> tuple[tuple[Request, ...], ...]:
    return tuple(each.outbound for each in world.lanes)


# ---- restart -----------------------------------------------------------------------------------------------


def test_a_restart_disconnects_every_lane_questions_die_and_creates_stay() -> None:
    setting = laned(Sides(), trades=3, faults=2, crashes=1, halts=1)
    asked = (*resting(0), HALT, *within(0, tape.LoseRequest()))
    moved = (*signaled(1, 2), *within(2, RECEIVE, tape.Move("EEE", setting.scope.moves[0])))
    world = after(setting, *asked, *moved)
    assert wires(world)[0] == (FetchOrder("p1a1"),)

    down, records = setting.apply(world, DOWN)

    create = CreateOrder("q1a1", "CCC", "buy", 1)
    assert wires(down) == ((), (create,), ())
    assert [each.inbound for each in down.lanes] == [(), (), (Price("EEE", 80),)]
    assert [each.timers for each in down.lanes] == [(), (), ()]
    assert (down.timers, down.crashes_left, down.faults_left) == ((), 0, world.faults_left)
    assert told(down)[-1] == Restarted()
    assert isinstance(records[0], Spent)


def test_what_a_restarted_engine_commands_goes_to_the_lanes_it_is_for() -> None:
    world = after(laned(crashes=1), *resting(1, 0), DOWN)

    assert wires(world) == ((FetchOrder("p1a1"),), (FetchOrder("q1a1"),))


def test_late_messages_of_every_lane_die_with_the_connection() -> None:
    setting = laned(Sides(), faults=2, kinds=("F02",), crashes=1)
    late = [within(lane, RECEIVE, tape.Delay(order(lane), "Accepted")) for lane in (0, 1)]
    world = after(setting, *signaled(0, 1), *late[0], *late[1])
    assert all(each.late for each in world.lanes)

    down, _ = setting.apply(world, DOWN)

    assert [each.late for each in down.lanes] == [(), ()]


# ---- crashes within a step ---------------------------------------------------------------------------------

SHARED_STEP = ("fire", SHARED_TIMER)
CALM = (
    *resting(0, 1),
    HALT,
    *within(0, RECEIVE, tape.Deliver("p1a1", "Canceled")),
    *within(1, RECEIVE, tape.Deliver("q1a1", "Canceled")),
)
CORRUPTED = (*resting(0, 1), *within(1, tape.Corrupt("CCC", "nan")))


def struck(setting: LanedUniverse, before: Actions, crash: tape.Action) -> tuple[World, World]:
    world = after(setting, *before)
    assert crash in setting.enabled(world)
    down, records = setting.apply(world, crash)
    assert records
    assert (down.crashes_left, told(down)[-1]) == (world.crashes_left - 1, Restarted())
    assert [each.timers for each in down.lanes] == [(), ()]
    return world, down


@pytest.mark.parametrize(
    ("engine", "cut", "is_heard", "is_sent"),
    [(Sides(), "lost", 0, 0), (Sides(), "stored", 1, 0), (SidesSendsFirst(), "sent", 0, 1)],
)
def test_a_crash_in_a_step_of_one_lane_cuts_what_it_did_to_all_of_them(
    engine: Sides, cut: str, is_heard: int, is_sent: int
) -> None:
    setting = laned(engine, faults=1, crashes=1)
    (crash,) = within(1, tape.CrashIn(cut, "deliver", "CCC"))

    world, down = struck(setting, CORRUPTED, crash)

    assert len(told(down)) == len(told(world)) + is_heard + 1
    assert wires(down) == (CANCELS if is_sent else ((), ()))
    assert [each.inbound for each in down.lanes] == [(), (Price("CCC", 100),)]
    assert down.timers == ()


@pytest.mark.parametrize(
    ("engine", "cut", "is_heard", "is_sent"),
    [(Sides(), "lost", 0, 0), (Sides(), "stored", 1, 0), (SidesSendsFirst(), "sent", 0, 1)],
)
def test_a_crash_in_a_step_of_no_lane_cuts_what_it_did_to_all_of_them(
    engine: Sides, cut: str, is_heard: int, is_sent: int
) -> None:
    setting = laned(engine, halts=1, crashes=1)

    world, down = struck(setting, CALM, tape.CrashIn(cut, *SHARED_STEP))

    assert told(down)[len(told(world)) :] == (*[TimerFired(SHARED_TIMER)] * is_heard, Restarted())
    assert wires(down) == (CANCELS if is_sent else ((), ()))


@pytest.mark.parametrize(
    ("engine", "cut", "is_delivered", "is_sent"),
    [(Sides(), "lost", 0, 0), (Sides(), "stored", 1, 0), (SidesSendsFirst(), "sent", 1, 1)],
)
def test_a_signal_cut_by_a_crash_is_delivered_where_it_was_stored_or_its_order_left(
    engine: Sides, cut: str, is_delivered: int, is_sent: int
) -> None:
    setting = laned(engine, crashes=1)
    (crash,) = within(1, tape.CrashIn(cut, "signal", "0"))

    _, down = struck(setting, signaled(0), crash)

    assert [each.signaled for each in down.lanes] == [(1,), (is_delivered,)]
    assert [len(each) for each in wires(down)] == [1, is_sent]


def test_a_crash_in_a_step_of_one_lane_disconnects_the_others() -> None:
    setting = laned(Sides(), faults=1, crashes=1)
    before = (*signaled(1), *within(1, RECEIVE), *resting(0), *within(0, tape.Corrupt("AAA", "nan")))
    (crash,) = within(0, tape.CrashIn("lost", "deliver", "AAA"))

    world, down = struck(setting, before, crash)

    assert world.lanes[1].inbound
    assert down.lanes[1].inbound == ()


@pytest.mark.parametrize(
    ("engine", "cuts"), [(Sides(), {"lost", "stored"}), (SidesSendsFirst(), {"lost", "sent"})]
)
def test_only_the_cuts_of_that_engine_are_possible(engine: Sides, cuts: set[str]) -> None:
    setting = laned(engine, crashes=1)
    world = setting.initial()

    for cut in ("lost", "stored", "sent"):
        (crash,) = within(1, tape.CrashIn(cut, "signal", "0"))
        assert (crash in setting.enabled(world)) is (cut in cuts)
        assert bool(setting.apply(world, crash)[1]) is (cut in cuts)


def test_an_outcome_unknown_in_a_lane_is_asked_about_there() -> None:
    setting = laned(Sides(), faults=1)
    world, records = setting.apply(after(setting, *signaled(0, 1)), *within(1, tape.LoseRequest()))

    assert OutcomeUnknown("q1a1", "create") in records
    assert [type(each[-1]) for each in wires(world)] == [CreateOrder, FetchOrder]


CALM_AND_HALTED = (*resting(0), HALT, *within(0, RECEIVE, tape.Deliver("p1a1", "Canceled")))

# ---- walks -------------------------------------------------------------------------------------------------

LIMITED = Small(trades=2, faults=2, lots=2, kinds=("F10", "F14"), own=1)
CHANGING = replace(
    scope_of(LIMITED),
    intents=tuple(replace(each, price_a=100) for each in scope_of(LIMITED).intents),
    changes=1,
    ticks=(10_000,),
)
SETTINGS = {
    "every-kind": laned(faults=2, lots=2, crashes=1, halts=1),
    "days-and-strangers": laned(trades=3, faults=3, lots=2, kinds=("F16", "F22", "F10"), crashes=1, cap=2),
    "stops": laned(faults=2, lots=2, kinds=("F10", "F09"), crashes=1, stops=1),
    "changes": universe_of(CHANGING, BundledCore()),
    "sends-first": laned(SidesSendsFirst(), faults=2, crashes=2, halts=2),
}
CORES = {name: each for name, each in SETTINGS.items() if name != "sends-first"}

each_setting = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
each_core = pytest.mark.parametrize("setting", CORES.values(), ids=CORES)


def stepped(setting: LanedUniverse, world: World, number: int) -> tuple[World, tuple[Record, ...]]:
    """What that one of the enabled actions leads to; where there are none, nothing."""
    possible = setting.enabled(world)
    return setting.apply(world, possible[number % len(possible)]) if possible else (world, ())


@each_setting
@settings(max_examples=40, deadline=None)
@given(walk=WALKS)
def test_whatever_is_enabled_happens_and_is_enabled_once(setting: LanedUniverse, walk: list[int]) -> None:
    world = setting.initial()

    for number in walk:
        possible = setting.enabled(world)
        assert len(set(possible)) == len(possible)
        for action in possible:
            following, records = setting.apply(world, action)
            assert records, action
            assert following != world, action
        world, _ = stepped(setting, world, number)


@each_setting
@settings(max_examples=40, deadline=None)
@given(walk=WALKS)
def test_faults_and_crashes_are_paid_for_out_of_one_purse(setting: LanedUniverse, walk: list[int]) -> None:
    world, crash_ids = setting.initial(), {each.id for each in faults.CRASHES}

    for number in walk:
        possible = setting.enabled(world)
        following, records = (
            setting.apply(world, possible[number % len(possible)]) if possible else (world, ())
        )
        spent = [each.fault in crash_ids for each in records if isinstance(each, Spent)]
        assert world.faults_left - following.faults_left == spent.count(False)
        assert world.crashes_left - following.crashes_left == spent.count(True)
        assert {(each.engine, each.faults_left, each.crashes_left) for each in following.lanes} == {
            (None, 0, 0)
        }
        world = following

    assert min(world.faults_left, world.crashes_left, world.halts_left) >= 0


@each_core
@settings(max_examples=40, deadline=None)
@given(walk=WALKS)
def test_messages_and_timers_of_a_trade_are_in_its_lane(setting: LanedUniverse, walk: list[int]) -> None:
    world, owner = setting.initial(), BundledCore().owner

    for number in walk:
        world, _ = stepped(setting, world, number)
        assert (world.outbound, world.inbound, world.late) == ((), (), ())
        assert {owner(each) for each in world.timers} <= {""}
        for lane, intent in zip(world.lanes, setting.scope.intents, strict=True):
            about = [each.client_order_id for each in lane.outbound]
            assert {owner(each) for each in (*about, *lane.timers)} <= {intent.id}


# ---- rest --------------------------------------------------------------------------------------------------


def walked(setting: LanedUniverse, seed: int) -> Run:
    """A walk of sixty steps at most."""
    run, random = Run(setting), Random(seed)
    for _ in range(60):
        possible = setting.enabled(run.world)
        if possible:
            run.do(random.choice(possible))
    return run


@each_core
def test_a_walk_through_lanes_comes_to_rest_with_nothing_broken(setting: LanedUniverse) -> None:
    for seed in range(25):
        run = walked(setting, seed)
        assert run.failure is None, (seed, run.failure)

        run.settle()

        assert run.failure is None, (seed, run.failure)
        assert all((each.outbound, each.inbound, each.late) == ((), (), ()) for each in run.world.lanes)
        assert is_at_rest(setting, run.world, 200), seed


def test_a_tape_of_lanes_runs_and_replays_to_rest_with_both_trades_hedged() -> None:
    setting = laned(lots=2)
    hedged = Tape(0, signaled(1, 0))

    ran = replay(setting, hedged)

    assert (run_tape(setting, hedged), ran.failure) == (None, None)
    facts = dict(ran.entries[-1].facts)
    assert facts["venue holds"] == facts["engine believes"] == "+2 AAA, -2 BBB, +2 CCC, -2 DDD"
    assert facts["in flight"] == "0 to the venue, 0 back"


def test_messages_of_any_lane_go_before_fills_and_fills_before_timers() -> None:
    setting = laned(halts=1)
    busy = after(setting, *resting(0), *signaled(1))
    filling = after(setting, *resting(0, 1), *within(0, tape.Fill("p1a1", 1)))

    assert setting.quiet(busy) == tape.InLane(1, RECEIVE)
    assert setting.quiet(filling) == tape.InLane(0, tape.Deliver("p1a1", "Filled"))
    assert setting.quiet(after(setting, *resting(0, 1))) == tape.InLane(0, tape.Fill("p1a1", 1))


def test_timers_of_lanes_go_before_those_beside_them_and_no_signal_comes_by_itself() -> None:
    setting = laned(Sides(), halts=1)
    world, fired = after(setting, *CALM_AND_HALTED), []

    settling = Settling(setting)
    while (action := settling.next(world)) is not None:
        fired += [action] if isinstance(tape.bare(action), tape.Fire) else []
        world, _ = setting.apply(world, action)

    assert fired == [*within(0, tape.Fire("p1/linger")), tape.Fire(SHARED_TIMER)]
    assert [each.signaled for each in world.lanes] == [(1,), (0,)]


def test_heartbeats_in_a_lane_end_where_a_round_of_them_changes_nothing() -> None:
    setting = laned(stops=1)
    protected = Run(setting)
    for action in signaled(0, 1):
        protected.do(action)

    done = protected.settle()

    assert protected.failure is None
    assert any(each.timers for each in protected.world.lanes)
    assert is_at_rest(setting, protected.world, 200)
    assert sum(isinstance(tape.bare(action), tape.Fire) for action, _ in done) >= 2
