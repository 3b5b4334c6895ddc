"""Halts, restarts and crashes within a step: what is kept, what dies, what it costs. Patient timers."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, tape
from hedgecheck.messages import (
    Accepted,
    CancelOrder,
    FetchOrder,
    Halt,
    OutcomeUnknown,
    Price,
    Restarted,
    Sent,
    Signaled,
    Spent,
    StartTimer,
    TimerFired,
    Told,
)
from tests.unit.kit.worlds import (
    ACCEPTED,
    ASKING,
    CANCELING,
    INTENTS,
    ORDER,
    PRICED,
    SENT,
    SIGNAL,
    TRADED,
    WORKING,
    Actions,
    Echo,
    SendsFirst,
    after,
    core,
    strike,
    told,
    universe,
)

DOWN = tape.Restart()
ACK, UP = Accepted("X"), Restarted()
DELIVER = ("deliver", "X")


def crash(cut: str, step: str, name: str) -> tape.CrashIn:
    return tape.CrashIn(cut, step, name)


# ---- halts -----------------------------------------------------------------------------------------------


def test_halt_is_heard_at_once_and_costs_one_halt_and_no_fault() -> None:
    world, halted, records = strike(universe(), ACCEPTED, tape.Halt())

    assert records == [Halt()]
    assert told(halted) == (*told(world), Halt())
    assert replace(halted, engine=world.engine, halts_left=1) == world


def test_halt_is_possible_so_often_as_the_scope_says() -> None:
    setting = universe(halts=1)
    halted = after(setting, tape.Halt())

    assert (setting.halts(setting.initial()), setting.halts(halted)) == ([tape.Halt()], [])
    assert setting.apply(halted, tape.Halt()) == (halted, ())


# ---- restart between two steps ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "action"), [(faults.restart, DOWN), (faults.storage_error, crash("lost", "signal", "0"))]
)
def test_crash_costs_one_crash_and_no_fault(kind: faults.Fault, action: tape.Action) -> None:
    setting = universe()
    world = setting.initial()

    down, records = setting.apply(world, action)

    assert action in setting.adverse(world, kind)
    assert (down.crashes_left, down.faults_left) == (1, 9)
    assert [each.fault for each in records if isinstance(each, Spent)] == [kind.id]
    spent = replace(world, crashes_left=0)
    assert setting.apply(spent, action) == (spent, ())
    assert setting.adverse(spent, kind) == []


def test_crashes_are_left_when_faults_are_not() -> None:
    setting = universe(max_faults=0)

    assert setting.adverse(setting.initial(), faults.restart) == [DOWN]


def test_restart_keeps_what_was_stored_and_tells_the_engine() -> None:
    world, down, records = strike(universe(), WORKING, DOWN)

    assert records == [UP]
    assert told(down) == (*told(world), UP)
    assert (down.venue, down.signaled) == (world.venue, world.signaled)


def test_restart_drops_answers_and_timers() -> None:
    _, down, _ = strike(universe(), (*TRADED, tape.Delay("X", "Accepted")), DOWN)

    assert (down.inbound, down.late, down.timers) == ((), (), ())


@pytest.mark.parametrize(
    ("before", "kept"),
    [(SENT, (ORDER,)), (CANCELING, (CancelOrder("X"),)), (ASKING, ())],
    ids=["create", "cancel", "query"],
)
def test_requests_that_had_left_still_arrive_and_queries_do_not(before: Actions, kept: Any) -> None:
    world, down, _ = strike(universe(), before, DOWN)

    assert world.outbound
    assert down.outbound == kept


def test_restart_forgets_no_denial() -> None:
    _, down, _ = strike(universe(), (*ASKING, tape.Misanswer("not_found")), DOWN)

    assert down.denied == (("X", 1),)


def test_feed_shows_the_price_that_was_in_flight_again() -> None:
    other = (tape.Move("BBB", 10_000), tape.Delay("BBB", "Price"))

    _, down, _ = strike(universe(), (*PRICED, *PRICED, *other), DOWN)

    assert sorted(down.inbound, key=repr) == [Price("AAA", 102), Price("BBB", 101)]
    assert down.late == ()


def test_feed_shows_the_last_price_of_the_market_after_a_restart() -> None:
    before = (*PRICED, *PRICED, tape.Delay("AAA", "Price"), *PRICED)

    _, down, _ = strike(universe(), before, DOWN)

    assert down.inbound == (Price("AAA", 103),)


def test_two_restarts_are_one_after_the_other() -> None:
    world, down, _ = strike(universe(), (*WORKING, DOWN), DOWN)

    assert told(down) == (*told(world), UP)
    assert down.crashes_left == 0


# ---- crash within a step -----------------------------------------------------------------------------------


def test_cuts_are_those_of_the_engines_way_to_store() -> None:
    stores, sends = universe(), universe(engine=SendsFirst())

    def cuts(setting: Any) -> list[str]:
        return [each.cut for each in setting.adverse(setting.initial(), faults.storage_error)]

    assert (cuts(stores), cuts(sends)) == (["lost", "stored"], ["lost", "sent"])
    for setting, other in ((stores, "sent"), (sends, "stored")):
        world = setting.initial()
        assert setting.apply(world, crash(other, "signal", "0")) == (world, ())


def test_crash_is_offered_in_every_step_that_the_engine_may_take_next() -> None:
    setting = universe(intents=(*INTENTS, replace(INTENTS[0], id="p2")))

    offered = setting.adverse(after(setting, *ACCEPTED), faults.storage_error)

    steps = [(each.step, each.name) for each in offered if each.cut == "lost"]
    assert steps == [("deliver", "X"), ("fire", "t"), ("signal", "1")]


@pytest.mark.parametrize("engine", [Echo(), SendsFirst()], ids=["stores-first", "sends-first"])
def test_event_lost_in_the_crash_was_never_there(engine: Echo) -> None:
    world, down, records = strike(universe(engine=engine), ACCEPTED, crash("lost", *DELIVER))

    assert records == [UP]
    assert told(down) == (*told(world), UP)
    assert down.inbound == ()


def test_signal_lost_in_the_crash_may_be_given_again() -> None:
    setting = universe()
    _, down, _ = strike(setting, (), crash("lost", "signal", "0"))

    assert (down.signaled, down.outbound) == ((0,), ())
    assert SIGNAL in setting.enabled(down)


def test_event_stored_before_the_crash_is_known_and_its_commands_never_left() -> None:
    _, down, records = strike(universe(), (), crash("stored", "signal", "0"))

    assert records == [Signaled(INTENTS[0]), UP]
    assert told(down) == (INTENTS[0], UP)
    assert (down.signaled, down.outbound, down.timers) == ((1,), (), ())


def test_commands_sent_before_the_crash_left_and_the_engine_does_not_know() -> None:
    world, down, records = strike(universe(engine=SendsFirst()), (), crash("sent", "signal", "0"))

    assert records == [Signaled(INTENTS[0]), Sent(ORDER), StartTimer("t", 1), UP]
    assert told(down) == (UP,)
    assert down.engine == (*world.engine, UP)
    assert (down.signaled, down.outbound, down.timers) == ((1,), (ORDER,), ())


@pytest.mark.parametrize(
    ("engine", "cut", "left"), [(Echo(), "stored", ()), (SendsFirst(), "sent", (CancelOrder("X"),))]
)
def test_timer_that_fired_into_the_crash(engine: Echo, cut: str, left: Any) -> None:
    world, down, records = strike(universe(engine=engine), WORKING, crash(cut, "fire", "t"))

    stored = (TimerFired("t"),) if cut == "stored" else ()
    assert records == [TimerFired("t"), *(Sent(each) for each in left), UP]
    assert told(down) == (*told(world), *stored, UP)
    assert (down.outbound, down.timers) == (left, ())


def test_message_heard_and_stored_before_the_crash_is_told_once() -> None:
    world, down, records = strike(universe(), ACCEPTED, crash("stored", *DELIVER))

    assert records == [Told(ACK), UP]
    assert told(down) == (*told(world), ACK, UP)


def test_query_sent_before_the_crash_dies_with_the_connection() -> None:
    class Asks(SendsFirst):
        def step(self, state: Any, event: Any) -> Any:
            if isinstance(event, TimerFired):
                return (*state, event), (FetchOrder("X"), CancelOrder("X"))
            return super().step(state, event)

    _, down, _ = strike(universe(engine=Asks()), WORKING, crash("sent", "fire", "t"))

    assert down.outbound == (CancelOrder("X"),)


@pytest.mark.parametrize(
    "action",
    [
        *(crash("lost", "deliver", "X"), crash("lost", "fire", "t"), crash("lost", "signal", "1")),
        *(crash("lost", "signal", "-1"), crash("lost", "signal", "x"), crash("lost", "halt", "")),
        crash("between", "signal", "0"),
    ],
    ids=repr,
)
def test_crash_in_a_step_that_could_not_be_made_is_none(action: tape.CrashIn) -> None:
    world, down, records = strike(universe(), (), action)

    assert (down, records) == (world, [])


# ---- patient timers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "fires"),
    [
        (SENT, False),
        (ACCEPTED, False),
        (WORKING, True),
        ((*ACCEPTED, tape.Delay("X", "Accepted")), True),
    ],
    ids=["request-in-flight", "answer-in-flight", "nothing-in-flight", "only-late"],
)
def test_patient_timer_fires_when_no_message_is_in_flight_but_late_ones(before: Actions, fires: bool) -> None:
    patient, any_ = universe(timers="patient"), universe()
    world = after(patient, *before)
    step = {crash(cut, "fire", "t") for cut in ("lost", "stored")}

    assert (tape.Fire("t") in patient.enabled(world)) is fires
    assert (step <= set(patient.enabled(world))) is fires
    assert tape.Fire("t") in any_.enabled(world)
    assert step <= set(any_.enabled(world))


# ---- what a restart at rest would show --------------------------------------------------------------------


def test_restarts_are_tried_twice_and_followed_to_rest() -> None:
    setting = core()
    world = after(setting, SIGNAL)
    while (action := setting.quiet(world)) is not None:
        world, _ = setting.apply(world, action)

    first, second = setting.restarts(world)

    assert first == second == (setting.engine.belief(world.engine), "")


def test_order_that_a_restart_opens_is_named() -> None:
    class Rash(Echo):
        def step(self, state: Any, event: Any) -> Any:
            state, commands = super().step(state, event)
            return state, (*commands, ORDER) if event == UP else commands

    setting = universe(engine=Rash())

    assert [opened for _, opened in setting.restarts(setting.initial())] == ["X", "X"]


@pytest.mark.parametrize("changes", [{"max_crashes": 0}, {}], ids=["none-in-scope", "raised"])
def test_no_restart_is_tried_where_engines_do_not_crash_or_this_one_raised(changes: Any) -> None:
    setting = universe(**changes)

    assert setting.restarts(replace(setting.initial(), crashed=not changes)) == ()


def test_outcome_unknown_after_the_restart_is_only_of_what_still_leaves() -> None:
    setting = universe()
    down = after(setting, *SENT, DOWN)

    _, records = setting.apply(down, tape.LoseRequest())

    assert OutcomeUnknown("X", "create") in records
