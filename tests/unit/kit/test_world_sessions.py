"""Sessions and halts of a world: what may come next, what it costs, what venue and engine hear of it."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import invariants, tape
from hedgecheck.drive import bundled_core
from hedgecheck.errors import UsageError
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.exhaustive import kept_of, search, wire_of
from hedgecheck.messages import Expired, NewDay, TradingHalted, TradingResumed
from hedgecheck.world import Universe, World, universe_of
from hedgecheck.world.ordinary import may_fire
from hedgecheck.world.sessions import openings
from tests.unit.kit.worlds import ACCEPTED, INTENTS, ORDER, SENT, WORKING, Echo

ENDS = ["closing", "after_hours", "closed"]
MARKET = tape.HaltTrading("*")
PAUSE = tape.HaltTrading("AAA")


def setting(sessions: int = 2, pauses: int = 2, **more: Any) -> Universe:
    scope = replace(scopes.plain(), intents=INTENTS, sessions=sessions, pauses=pauses, **more)
    return Universe(scope, Echo(replace(ORDER, price=90)))


def after(universe: Universe, *actions: tape.Action) -> World:
    world = universe.initial()
    for action in actions:
        world, records = universe.apply(world, action)
        assert records, f"{action} is not possible"
    return world


def phases(*names: str) -> tuple[tape.Action, ...]:
    return tuple(map(tape.ChangePhase, names))


def next_phases(actions: list[tape.Action]) -> list[str]:
    return [each.phase for each in actions if isinstance(each, tape.ChangePhase)]


# ---- what may come -----------------------------------------------------------------------------------------


def test_without_sessions_and_halts_in_the_scope_nothing_is_offered_and_nothing_happens() -> None:
    universe = setting(0, 0)
    world = universe.initial()

    assert universe.closings(world) == []
    assert not [
        each for each in universe.enabled(world) if isinstance(each, tape.ChangePhase | tape.HaltTrading)
    ]
    for action in (tape.ChangePhase("closed"), PAUSE, MARKET, tape.ResumeTrading("AAA")):
        assert universe.apply(world, action) == (world, ())


@pytest.mark.parametrize(
    ("so_far", "possible"),
    [
        (["closing"], ["after_hours", "closed"]),
        (["after_hours"], ["closed"]),
        (["closing", "after_hours"], ["closed"]),
        (["closed"], ["pre_market", "regular"]),
        (["closed", "pre_market"], ["regular"]),
    ],
)
def test_a_session_goes_on_from_where_it_is(so_far: list[str], possible: list[str]) -> None:
    universe = setting()
    world = after(universe, *phases(*so_far))

    assert next_phases(universe.ordinary(world)) == possible
    assert next_phases(universe.closings(world)) == []
    assert world.venue.session_phase == so_far[-1]
    for name in {*ENDS, "pre_market", "regular", "lunch"} - set(possible):
        assert universe.apply(world, tape.ChangePhase(name)) == (world, ())


def test_a_session_ends_so_often_as_the_scope_says_and_opens_for_nothing() -> None:
    universe = setting(sessions=1)
    world = universe.initial()

    ended = after(universe, *phases("closed"))
    opened = after(universe, *phases("closed", "regular"))

    assert next_phases(universe.closings(world)) == ENDS
    assert (ended.sessions_left, opened.sessions_left) == (0, 0)
    assert next_phases(universe.closings(opened)) == []
    assert universe.apply(opened, tape.ChangePhase("closed")) == (opened, ())


def test_a_halt_takes_one_of_those_that_the_scope_allows_and_to_resume_takes_none() -> None:
    universe = setting(pauses=2)
    paused = after(universe, PAUSE)
    both = after(universe, PAUSE, MARKET)

    offered = [each.symbol for each in universe.closings(paused) if isinstance(each, tape.HaltTrading)]
    assert offered == ["BBB", "CCC", "*"]
    assert (paused.pauses_left, both.pauses_left) == (1, 0)
    assert universe.apply(paused, PAUSE) == (paused, ())
    assert universe.apply(after(universe, MARKET), MARKET)[1] == ()
    resuming = [each for each in universe.ordinary(both) if isinstance(each, tape.ResumeTrading)]
    assert resuming == [tape.ResumeTrading("AAA"), tape.ResumeTrading("*")]
    assert universe.apply(paused, tape.ResumeTrading("BBB")) == (paused, ())
    assert after(universe, PAUSE, MARKET, *resuming).venue == universe.initial().venue


def test_a_dead_engine_has_no_calendar() -> None:
    universe = setting()
    dead = replace(after(universe, PAUSE, *phases("closed")), crashed=True)

    assert universe.closings(dead) == universe.ordinary(dead) == openings(dead) == []


# ---- who hears what ----------------------------------------------------------------------------------------


def test_the_engine_is_told_the_phase_and_hears_later_what_expired() -> None:
    universe = setting()
    world = after(universe, *ACCEPTED)

    closed, records = universe.apply(world, tape.ChangePhase("closed"))

    assert records == (NewDay(0, "closed"), Expired("X", 0))
    assert closed.engine[-1] == NewDay(0, "closed")
    assert closed.inbound[-1] == Expired("X", 0)


def test_with_the_pre_market_another_day_begins_and_with_no_other_phase() -> None:
    world = after(setting(), *phases("closing", "after_hours", "closed", "pre_market", "regular"))

    told = [(each.day, each.phase) for each in world.engine if isinstance(each, NewDay)]
    assert told == [(0, "closing"), (0, "after_hours"), (0, "closed"), (1, "pre_market"), (1, "regular")]
    assert world.day == 1


def test_a_day_that_begins_in_a_closed_market_comes_closed() -> None:
    world = after(setting(days=2), *phases("closed"), tape.Roll(), *phases("pre_market"))

    assert [each for each in world.engine if isinstance(each, NewDay)][1:] == [
        NewDay(1, "closed"),
        NewDay(2, "pre_market"),
    ]


@pytest.mark.parametrize(("action", "symbols"), [(PAUSE, ("AAA",)), (MARKET, ())])
def test_the_engine_is_told_what_is_halted_and_what_goes_on(action: Any, symbols: tuple[str, ...]) -> None:
    universe = setting()
    halted, said = universe.apply(universe.initial(), action)
    resumed, more = universe.apply(halted, tape.ResumeTrading(action.symbol))

    assert (said, more) == ((TradingHalted(symbols),), (TradingResumed(symbols),))
    assert resumed.engine[-2:] == (*said, *more)


def test_what_the_engine_sent_before_a_close_arrives_after_it() -> None:
    world, records = setting().apply(after(setting(), *SENT, *phases("closed")), tape.Receive())

    assert [getattr(each, "reason", None) for each in records] == [None, "MARKET_CLOSED"]
    assert world.venue.orders == ()


# ---- rest --------------------------------------------------------------------------------------------------


def test_once_faults_have_stopped_the_market_opens_before_a_timer_fires_and_after_all_messages() -> None:
    universe = setting()
    world = after(universe, *WORKING, PAUSE, *phases("closing", "closed"))

    assert universe.quiet(world) == tape.Deliver("X", "Expired")
    world, _ = universe.apply(world, tape.Deliver("X", "Expired"))
    way = []
    while may_fire(universe, world) and not isinstance(action := universe.quiet(world), tape.Fire):
        way.append(action)
        world, _ = universe.apply(world, action)
    assert way == [tape.ResumeTrading("AAA"), *phases("pre_market", "regular")]
    assert world.timers == ("t",)


# ---- what is state, and what has no sessions ---------------------------------------------------------------


def test_two_worlds_that_differ_in_the_calendar_alone_are_two() -> None:
    universe = setting()
    worlds = [after(universe, *way) for way in ((), (PAUSE,), (MARKET,), phases("closing"), phases("closed"))]
    worlds.append(after(universe, PAUSE, tape.ResumeTrading("AAA")))
    worlds.append(after(universe, *phases("closed", "regular")))

    assert len({(kept_of(each.venue), wire_of(each)) for each in worlds}) == len(worlds)


@pytest.mark.parametrize("more", [{"sessions": 1}, {"pauses": 1}])
def test_lanes_refuse_sessions_and_halts(more: dict[str, int]) -> None:
    scope = replace(scopes.plain(), lanes=True, **more)

    with pytest.raises(UsageError, match="Sessions and halts are of a whole market"):
        universe_of(scope, Echo())


def test_scopes_have_sessions_and_halts_or_not_and_the_rest_of_them_is_what_it_was() -> None:
    drawn = [scopes.draw(seed) for seed in range(1, 200)]

    assert {each.sessions for each in drawn} == {each.pauses for each in drawn} == {0, 1, 3}
    assert (scopes.plain().sessions, scopes.plain().pauses) == (0, 0)


# ---- every execution ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "states"), [({"sessions": 1}, 1_594), ({"pauses": 1}, 687)], ids=str)
def test_in_every_execution_of_one_trade_with_one_close_or_one_halt_all_rules_hold(
    more: dict[str, int], states: int
) -> None:
    one = scopes.draw(number_of(Small(trades=1, faults=0, lots=2)))

    found = search(Universe(replace(one, **more), bundled_core()), invariants.ALL)

    assert (found.verdict, found.states) == ("exhausted", states), found.failure
