"""Several trades side by side: whose message waits for whose, where commands go, what is not possible."""

from itertools import permutations
from typing import Any

import pytest

from hedgecheck import tape
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import search
from hedgecheck.messages import CancelOrder, Crashed, CreateOrder, FetchOrder
from hedgecheck.values import replace
from hedgecheck.world import LanedUniverse, Universe, universe_of
from tests.unit.kit.lanes import SHARED_TIMER, Sides, laned, order, resting, signaled, within
from tests.unit.kit.worlds import STRANGER, Actions, Echo, after, universe

RECEIVE = tape.Receive()
HALT = tape.Halt()
LINGERS = ("p1/linger", "q1/linger")
CANCELED = (RECEIVE, tape.Deliver("p1a1", "Canceled"))
ACCEPTED = tuple(tape.Deliver(order(lane), "Accepted") for lane in range(3))


# ---- one by one in a lane, in any order between them -------------------------------------------------------


@pytest.mark.parametrize("lanes", [*permutations(range(3))], ids=str)
def test_signals_come_in_any_order_of_lanes(lanes: tuple[int, ...]) -> None:
    setting = laned(trades=3)
    world = setting.initial()

    for action in signaled(*lanes):
        assert action in setting.enabled(world)
        world, records = setting.apply(world, action)
        assert records

    assert [each.signaled for each in world.lanes] == [(1,)] * 3


@pytest.mark.parametrize(("early", "late"), [(0, 1), (1, 0)])
def test_a_message_of_one_lane_does_not_wait_for_anothers(early: int, late: int) -> None:
    setting = laned()
    world = after(setting, *signaled(early, late))

    for action in within(late, RECEIVE, ACCEPTED[late]):
        assert action in setting.enabled(world)
        world, records = setting.apply(world, action)
        assert records

    assert [each.client_order_id for each in world.lanes[early].outbound] == [order(early)]
    assert (world.lanes[late].outbound, world.lanes[late].inbound) == ((), ())


def test_within_a_lane_reports_keep_their_order() -> None:
    setting = laned()
    filled = (*signaled(0, 1), *within(1, RECEIVE, tape.Fill(order(1), 1)))
    world = after(setting, *filled)
    (early,) = within(1, tape.Deliver(order(1), "Filled"))

    assert early not in setting.enabled(world)
    assert setting.apply(world, early) == (world, ())
    assert after(setting, *filled, *within(1, ACCEPTED[1]), early)


def test_within_a_lane_requests_keep_their_order() -> None:
    world = after(laned(Sides(), halts=1), *signaled(1, 0), HALT)

    for lane in (0, 1):
        requests = world.lanes[lane].outbound
        assert [type(each) for each in requests] == [CreateOrder, CancelOrder]
        assert {each.client_order_id for each in requests} == {order(lane)}


def test_a_lane_has_the_prices_of_its_own_symbols() -> None:
    setting = laned(faults=1)
    world = after(setting, *within(1, tape.Move("CCC", setting.scope.moves[0])))

    prices = [dict(each.venue.prices) for each in world.lanes]
    assert prices == [{"AAA": 100, "BBB": 100}, {"CCC": 80, "DDD": 100}]


# ---- timers ------------------------------------------------------------------------------------------------

BEGUN = (*resting(0), HALT, *within(0, *CANCELED))
REQUEST, REPORT = signaled(1), (*signaled(1), *within(1, RECEIVE))
ARRIVED = (*REPORT, *within(1, ACCEPTED[1]))
FIRES: dict[str, tape.Action] = {
    "lane": tape.InLane(0, tape.Fire(LINGERS[0])),
    "lane-crash": tape.InLane(0, tape.CrashIn("lost", "fire", LINGERS[0])),
    "shared": tape.Fire(SHARED_TIMER),
    "shared-crash": tape.CrashIn("lost", "fire", SHARED_TIMER),
}


@pytest.mark.parametrize("fire", FIRES.values(), ids=FIRES)
@pytest.mark.parametrize("flight", [REQUEST, REPORT], ids=["request", "report"])
def test_a_timer_fires_only_while_no_message_is_in_flight_in_any_lane(
    flight: Actions, fire: tape.Action
) -> None:
    setting = laned(Sides(), halts=1, crashes=1)
    busy = after(setting, *BEGUN, *flight)

    assert fire not in setting.enabled(busy)
    assert setting.apply(busy, fire) == (busy, ())
    for quiet in (after(setting, *BEGUN), after(setting, *BEGUN, *ARRIVED)):
        assert fire in setting.enabled(quiet)
        assert setting.apply(quiet, fire)[1]


def test_timers_of_trades_are_in_their_lanes_and_those_of_breakers_beside_them() -> None:
    world = after(laned(halts=1), *resting(1, 0), HALT)

    timers = [set(each.timers) for each in world.lanes]
    assert timers == [{f"{order(lane)}/timeout", f"{order(lane)}/query"} for lane in (0, 1)]
    assert world.timers == ("manual#1",)


# ---- where commands go -------------------------------------------------------------------------------------


def test_a_halt_by_a_person_cancels_the_resting_entries_of_every_lane_in_its_own_wire() -> None:
    world = after(laned(trades=3, halts=1), *resting(2, 0, 1), HALT)

    assert [each.outbound for each in world.lanes] == [(CancelOrder(order(lane)),) for lane in range(3)]
    assert (world.outbound, world.halts_left) == ((), 0)


def test_what_a_step_of_one_lane_commands_goes_to_the_lanes_it_is_for() -> None:
    corrupted = within(1, tape.Corrupt("CCC", "nan"), tape.Deliver("CCC", "BadPrice"))
    world = after(laned(Sides(), faults=1), *resting(0, 1), *corrupted)

    assert [each.outbound for each in world.lanes] == [(CancelOrder(order(lane)),) for lane in (0, 1)]
    assert [each.timers for each in world.lanes] == [LINGERS[:1], LINGERS[1:]]
    assert world.timers == (SHARED_TIMER,)


def test_a_timer_of_a_lane_is_stopped_from_beside_it() -> None:
    canceled = (RECEIVE, tape.Deliver("q1a1", "Canceled"))
    calm = (*resting(0, 1), HALT, *within(0, *CANCELED), *within(1, *canceled))
    world = after(laned(Sides(), halts=1), *calm, tape.Fire(SHARED_TIMER))

    assert [each.timers for each in world.lanes] == [LINGERS[:1], ()]
    assert world.timers == ()


def test_a_timer_that_is_started_again_from_a_lane_runs_once() -> None:
    corrupted = within(1, tape.Corrupt("CCC", "nan"), tape.Deliver("CCC", "BadPrice"))
    world = after(laned(Sides(), halts=1, faults=1), HALT, *corrupted)

    assert world.timers == (SHARED_TIMER,)
    assert [each.timers for each in world.lanes] == [(), ()]


@pytest.mark.parametrize(
    ("timer", "lane"), [(tape.InLane(1, tape.Fire(LINGERS[1])), 1), (tape.Fire(SHARED_TIMER), 0)], ids=repr
)
def test_a_request_about_an_order_of_nobody_stays_where_it_was_made_or_goes_to_the_first_lane(
    timer: tape.Action, lane: int
) -> None:
    calm = (*resting(1), HALT, *within(1, RECEIVE, tape.Deliver("q1a1", "Canceled")))
    world = after(laned(Sides(), halts=1), *calm, timer)

    asked = [FetchOrder(STRANGER) in each.outbound for each in world.lanes]
    assert asked == [lane == 0, lane == 1]


# ---- one budget of faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lane", [0, 1])
def test_faults_left_is_one_budget_for_all_lanes(lane: int) -> None:
    setting = laned(faults=2, kinds=("F01",))
    lost = [tape.InLane(each, tape.LoseRequest()) for each in (0, 1)]
    world = after(setting, *signaled(0, 1))
    assert set(lost) <= set(setting.enabled(world))

    world, _ = setting.apply(world, lost[lane])
    assert world.faults_left == 1
    world, _ = setting.apply(world, lost[1 - lane])
    assert world.faults_left == 0

    world = after(setting, *signaled(0), lost[0], *signaled(1), lost[1], *within(0, RECEIVE))
    (reply,) = within(0, tape.LoseReply(order(0), "Status"))
    assert reply not in setting.enabled(world)
    assert setting.apply(world, reply) == (world, ())


# ---- what is not possible ----------------------------------------------------------------------------------

SHARED: tuple[tape.Action, ...] = (
    HALT,
    tape.Roll(),
    tape.Skew(2),
    tape.Crosstalk(STRANGER, "Accepted"),
    tape.Restart(),
)
IMPOSSIBLE: dict[str, tape.Action] = {
    "no-such-lane": tape.InLane(2, tape.Signal(0)),
    "lane-before-the-first": tape.InLane(-1, ACCEPTED[1]),
    "price-of-no-lane": tape.Move("CCC", -200_000),
    "lane-in-a-lane": tape.InLane(0, tape.InLane(0, tape.Signal(0))),
    "signal-of-no-lane": tape.Signal(0),
    "request-of-no-lane": RECEIVE,
    "crash-in-a-signal-of-no-lane": tape.CrashIn("lost", "signal", "0"),
    "crash-in-a-delivery-of-no-lane": tape.CrashIn("lost", "deliver", order(1)),
    "signal-of-another-number": tape.InLane(0, tape.Signal(1)),
    "signal-twice": tape.InLane(1, tape.Signal(0)),
    "no-request": tape.InLane(0, RECEIVE),
    "no-report": tape.InLane(0, ACCEPTED[0]),
    "report-of-another-lane": tape.InLane(0, ACCEPTED[1]),
    "crash-in-no-report": tape.InLane(0, tape.CrashIn("lost", "deliver", order(1))),
    "crash-in-no-step": tape.InLane(0, tape.CrashIn("lost", "sleep", "0")),
    "crash-by-no-cut": tape.InLane(0, tape.CrashIn("sent", "signal", "0")),
    "order-of-another-lane": tape.InLane(0, tape.Fill(order(1), 1)),
    "price-of-another-lane": tape.InLane(0, tape.Move("CCC", -200_000)),
    "no-such-timer": tape.Fire("manual#9"),
}


def everything() -> LanedUniverse:
    """A scope in which all of what is not of a lane is possible."""
    setting = laned(faults=2, kinds=("F14", "F16", "F22"), halts=1, crashes=1)
    assert set(SHARED) <= set(setting.enabled(setting.initial()))
    return setting


@pytest.mark.parametrize("action", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_is_not_possible_changes_nothing_and_records_nothing(action: tape.Action) -> None:
    setting = everything()
    world = after(setting, *REPORT)

    assert action not in setting.enabled(world)
    assert setting.apply(world, action) == (world, ())


@pytest.mark.parametrize("shared", SHARED, ids=repr)
def test_what_comes_over_all_lanes_comes_in_none_of_them(shared: tape.Action) -> None:
    setting = everything()
    world = setting.initial()

    assert setting.apply(world, shared)[1]
    for action in within(0, shared):
        assert setting.apply(world, action) == (world, ())


@pytest.mark.parametrize("place", ["lane", "beside"])
def test_a_timer_does_not_fire_where_it_is_not(place: str) -> None:
    setting = laned(Sides(), halts=1)
    world = after(setting, *BEGUN)
    wrong = within(0, tape.Fire(SHARED_TIMER))[0] if place == "lane" else tape.Fire(LINGERS[0])

    assert setting.apply(world, wrong) == (world, ())


def test_in_a_world_without_lanes_nothing_happens_in_a_lane() -> None:
    setting = universe()
    world = setting.initial()

    assert setting.apply(world, tape.InLane(0, tape.Signal(0))) == (world, ())


class Raiser(BundledCore):
    """Raises on the second intent."""

    def step(self, state: Any, event: Any) -> Any:
        """Raises."""
        if getattr(event, "id", "") == "q1":
            raise KeyError("q1")
        return super().step(state, event)


def test_nothing_is_possible_in_any_lane_after_the_engine_raised_in_one() -> None:
    setting = laned(Raiser(), halts=1)
    begun = after(setting, *signaled(0))

    world, records = setting.apply(begun, *signaled(1))

    assert isinstance(records[-1], Crashed)
    assert world.crashed
    assert (setting.enabled(world), setting.quiet(world)) == ((), None)
    assert setting.apply(world, *within(0, RECEIVE)) == (world, ())


# ---- which universe a scope has ----------------------------------------------------------------------------


def test_an_engine_that_does_not_say_whose_an_order_is_gets_no_lanes() -> None:
    with pytest.raises(UsageError, match=r"echo has no owner.*Take --symbols shared"):
        universe_of(scope_of(Small(trades=2, own=1)), Echo())


def test_a_scope_without_lanes_has_the_plain_universe_whatever_the_engine_says() -> None:
    for engine in (Echo(), BundledCore()):
        setting = universe_of(scope_of(Small(trades=2)), engine)
        assert type(setting) is Universe
        assert setting == Universe(scope_of(Small(trades=2)), engine)


ALONE = {
    "faults": Small(faults=1),
    "crashes": Small(crashes=1),
    "halts": Small(halts=1, stops=1),
    "days": Small(faults=1, kinds=("F16",)),
    "strangers": Small(faults=1, kinds=("F22",)),
    "replacements": Small(faults=2, lots=2, kinds=("F10", "F09"), stops=1),
}


@pytest.mark.parametrize("small", ALONE.values(), ids=ALONE)
def test_one_lane_alone_has_the_states_and_edges_of_the_world_without_lanes(small: Small) -> None:
    plain = search(universe_of(scope_of(small), BundledCore()))
    scope = scope_of(small)
    apart = replace(scope_of(replace(small, own=1)), strangers=scope.strangers, days=scope.days)
    own = search(universe_of(apart, BundledCore()))

    assert (own.verdict, plain.verdict) == ("exhausted", "exhausted")
    assert (own.states, own.edges, own.depth) == (plain.states, plain.edges, plain.depth)
    assert (own.spent, own.actions, own.transitions) == (plain.spent, plain.actions, plain.transitions)
