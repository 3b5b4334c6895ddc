"""How breakers warn, come back by themselves or by steps, and what of it a restart leaves."""

from dataclasses import replace

import pytest

from core import breakers, engine
from core.messages import (
    BreakerTimerId,
    CodeTimerId,
    MetricReported,
    OrderRejected,
    PriceMoved,
    RaiseAlert,
    RefuseSignal,
    ReportAnomaly,
    Restarted,
    SessionChanged,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
)
from core.settings import DAILY_LOSS, MANUAL, BreakerRule
from tests.unit.core.build import (
    ANCHORS,
    BIG,
    BIG_FILLED,
    CODES,
    SECOND,
    TRIP,
    after,
    cancelled,
    commands_of,
    halted,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    trips,
    warns,
)
from tests.unit.core.guards import reset, watching

COOLS = BreakerRule("vix", "custom", 40, cooldown=10 * SECOND, resets_itself=True)
STEPS = replace(COOLS, probation=5 * SECOND)
HUMAN = replace(COOLS, resets_itself=False, probation=5 * SECOND)


def vix(value):
    return MetricReported("vix", value)


def timer(purpose, trip=1):
    return BreakerTimerId("vix", purpose, trip)


def fires(purpose, trip=1):
    return TimerFired(timer(purpose, trip))


def phase(state):
    return breakers.find(state.breakers, "vix").phase


def on_probation(share, trip=1, seconds=5):
    return (
        RaiseAlert("BREAKER_PROBATION", ("vix", share)),
        StartTimer(timer("probation", trip), seconds * SECOND),
    )


ARMS = RaiseAlert("BREAKER_ARMED", ("vix", 10_000))


# ---- the warning -----------------------------------------------------------------------------------


def test_a_warning_is_raised_once_on_entering_and_leaves_quietly():
    state = watching(COOLS)

    assert commands_of(state, vix(32)) == (warns("vix"),)
    assert commands_of(after(state, vix(32)), vix(39), vix(33)) == ()
    assert commands_of(after(state, vix(32)), vix(31)) == ()
    assert commands_of(after(state, vix(32)), vix(31), vix(32)) == (warns("vix"),)


@pytest.mark.parametrize(
    ("values", "expected"), [((32,), "warning"), ((32, 31), "armed"), ((32, 40), "tripped")]
)
def test_a_warning_is_a_phase(values, expected):
    assert phase(after(watching(COOLS), *map(vix, values))) == expected


def test_a_warning_halts_nothing():
    state = after(watching(COOLS), vix(39))

    assert of_kind(engine.step(state, signal())[1], SubmitOrder)


def test_a_tripped_breaker_neither_warns_nor_trips_again():
    state = after(watching(HUMAN), vix(40))

    for value in (0, 32, 40, None):
        assert engine.step(state, vix(value))[1] == ()
        assert phase(after(state, vix(value))) == "tripped"


# ---- cooldown and reset by itself ------------------------------------------------------------------


@pytest.mark.covers("EM-07", "TC-CB-013")
def test_a_trip_starts_the_cooldown_of_a_breaker_that_resets_itself():
    assert commands_of(watching(COOLS), vix(40)) == (
        *trips("vix"),
        StartTimer(timer("cooldown"), 10 * SECOND),
    )
    assert commands_of(watching(HUMAN), vix(40)) == trips("vix")


@pytest.mark.covers("EM-07", "TC-CB-013")
def test_after_the_cooldown_with_its_cause_gone_it_resets_itself():
    calm = after(watching(COOLS), vix(40), vix(39))

    state, commands = engine.step(calm, fires("cooldown"))

    assert halted(calm) == ["vix"]
    assert phase(state) == "warning"
    assert commands == (StopTimer(CodeTimerId("vix", 1)), ARMS, warns("vix"))
    assert of_kind(engine.step(state, signal())[1], SubmitOrder)


@pytest.mark.covers("EM-07", "TC-CB-013")
@pytest.mark.parametrize("value", [40, 41, None])
def test_while_its_cause_lasts_it_cools_down_anew(value):
    state = after(watching(COOLS), vix(40), vix(value))

    assert engine.step(state, fires("cooldown")) == (state, (StartTimer(timer("cooldown"), 10 * SECOND),))


def test_a_code_that_expired_has_no_timer_to_stop():
    calm = after(watching(COOLS), vix(40), vix(0), TimerFired(CodeTimerId("vix", 1)))

    assert engine.step(calm, fires("cooldown"))[1] == (ARMS,)


def test_a_breaker_that_does_not_reset_itself_never_does():
    calm = after(watching(HUMAN), vix(40), vix(0))

    assert engine.step(calm, fires("cooldown")) == (
        calm,
        (ReportAnomaly("UNKNOWN_TIMER", fires("cooldown")),),
    )


def test_the_cooldown_of_an_earlier_trip_means_nothing():
    again = after(watching(COOLS), vix(40), vix(0), fires("cooldown"), vix(40), vix(0))

    assert engine.step(again, fires("cooldown", 1)) == (
        again,
        (ReportAnomaly("UNKNOWN_TIMER", fires("cooldown", 1)),),
    )
    assert phase(after(again, fires("cooldown", 2))) == "armed"


def test_a_person_may_reset_it_before_it_does_so_itself():
    calm = after(watching(COOLS), vix(40), vix(0))

    state, commands = engine.step(calm, reset("vix"))

    assert phase(state) == "armed"
    assert commands == (StopTimer(CodeTimerId("vix", 1)), StopTimer(timer("cooldown")))
    assert engine.step(state, fires("cooldown")) == (
        state,
        (ReportAnomaly("UNKNOWN_TIMER", fires("cooldown")),),
    )


def test_what_counts_the_past_is_over_after_its_cooldown():
    rule = BreakerRule("error_rate", "error_rate", 10_000, 1, cooldown=10, resets_itself=True)
    state = after(
        ready(settings(breakers=(rule, MANUAL))), signal(), OrderRejected(order_id(), "no"), signal(2)
    )

    calm = after(state, TimerFired(BreakerTimerId("error_rate", "cooldown", 1)))

    assert (halted(state), halted(calm)) == (["error_rate"], [])
    assert calm.gauges.outcomes == ()


def test_a_new_day_is_what_ends_a_daily_loss():
    rule = replace(DAILY_LOSS, cooldown=10, resets_itself=True)
    cooled = TimerFired(BreakerTimerId("daily_loss", "cooldown", 1))
    lost = after(ready(settings(breakers=(rule, MANUAL))), BIG, *BIG_FILLED, PriceMoved("AAA", 80))

    assert halted(after(lost, cooled)) == ["daily_loss"]
    assert halted(after(lost, SessionChanged(1))) == ["daily_loss"]
    assert halted(after(lost, SessionChanged(1), cooled)) == []


# ---- probation -------------------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-015", "EM-07")
def test_limits_come_back_in_steps_and_people_are_told_of_each():
    told, state = [], after(watching(STEPS), vix(40), vix(0))
    for event in (fires("cooldown"), *(fires("probation"),) * 3):
        state, commands = engine.step(state, event)
        told.append((breakers.share(state.breakers), phase(state), commands))

    assert told == [
        (2_500, "probation", (StopTimer(CodeTimerId("vix", 1)), *on_probation(2_500))),
        (5_000, "probation", on_probation(5_000)),
        (7_500, "probation", on_probation(7_500)),
        (10_000, "armed", (ARMS,)),
    ]


@pytest.mark.covers("TC-CB-015")
def test_a_person_s_reset_begins_a_probation_too():
    calm = after(watching(HUMAN), vix(40), vix(0))

    state, commands = engine.step(calm, reset("vix"))

    assert (phase(state), halted(state)) == ("probation", [])
    assert commands == (StopTimer(CodeTimerId("vix", 1)), *on_probation(2_500))


@pytest.mark.covers("EM-07")
def test_a_breach_in_probation_trips_again_and_cools_down_twice_as_long():
    state = after(watching(STEPS), vix(40), vix(0), fires("cooldown"), fires("probation"))

    second, commands = engine.step(state, vix(40))
    third = after(second, vix(0), fires("cooldown", 2))

    assert commands == (
        StopTimer(timer("probation")),
        *trips("vix", 2),
        StartTimer(timer("cooldown", 2), 20 * SECOND),
    )
    assert commands_of(third, vix(40))[-1] == StartTimer(timer("cooldown", 3), 40 * SECOND)
    assert breakers.share(third.breakers) == 2_500


def test_once_armed_the_cooldown_is_short_again():
    armed = after(watching(STEPS), vix(40), vix(0), fires("cooldown"), *(fires("probation"),) * 3)

    assert commands_of(armed, vix(40))[-1] == StartTimer(timer("cooldown", 2), 10 * SECOND)


def test_a_reset_while_the_cause_lasts_trips_again_at_once():
    state, commands = engine.step(after(watching(HUMAN), vix(40)), reset("vix"))

    assert halted(state) == ["vix"]
    assert commands == (
        StopTimer(CodeTimerId("vix", 1)),
        *on_probation(2_500),
        StopTimer(timer("probation")),
        *trips("vix", 2),
    )


def test_nothing_warns_in_probation_and_what_is_near_warns_after_it():
    state = after(watching(HUMAN), vix(40), vix(0), reset("vix"))

    assert engine.step(state, vix(39))[1] == ()
    ended = commands_of(after(state, vix(39)), *(fires("probation"),) * 3)
    assert ended[-2:] == (ARMS, warns("vix"))


@pytest.mark.parametrize(
    ("events", "purpose", "trip"),
    [
        ((), "cooldown", 0),
        ((), "probation", 0),
        ((vix(40),), "probation", 1),
        ((vix(40), vix(0), fires("cooldown")), "cooldown", 1),
        ((vix(40), vix(0), fires("cooldown")), "probation", 2),
        ((vix(40), vix(0), fires("cooldown"), *(fires("probation"),) * 3), "probation", 1),
    ],
    ids=["never tripped", "no probation", "tripped", "cooled down", "another trip", "over"],
)
def test_a_timer_of_a_breaker_that_does_not_run_does_nothing(events, purpose, trip):
    state = after(watching(STEPS), *events)

    assert engine.step(state, fires(purpose, trip)) == (
        state,
        (ReportAnomaly("UNKNOWN_TIMER", fires(purpose, trip)),),
    )


def test_a_timer_of_a_breaker_there_is_not_is_an_anomaly():
    state, event = watching(STEPS), TimerFired(BreakerTimerId("drawdown", "cooldown", 0))

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_BREAKER", event),))


# ---- several at once -------------------------------------------------------------------------------


@pytest.mark.covers("EM-06")
def test_one_event_may_trip_several_and_resting_entries_go_once():
    rules = (BreakerRule("position_size", "position_size", 1), DAILY_LOSS, MANUAL)
    chosen = settings(anchors=ANCHORS, breakers=tuple(sorted(rules, key=lambda each: each.name)))
    state = after(ready(settings(anchors=ANCHORS)), BIG, *BIG_FILLED, signal(2, symbol_b="CCC"))
    state = replace(state, settings=chosen, breakers=breakers.initial(chosen))

    tripped, commands = engine.step(state, PriceMoved("AAA", 80))

    assert halted(tripped) == ["daily_loss", "position_size"]
    assert commands == (
        *trips("daily_loss"),
        *cancelled(order_id("entry", 1, 2)),
        *trips("position_size"),
    )


@pytest.mark.covers("EM-06")
def test_a_breaker_on_probation_lets_nothing_in_while_another_is_tripped():
    state = after(watching(HUMAN), vix(40), vix(0), TRIP, reset("vix"))

    assert halted(state) == ["manual"]
    assert engine.step(state, signal())[1] == (RefuseSignal(signal().signal, "HALTED"),)


# ---- restart ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "commands"),
    [
        ((), ()),
        ((vix(32),), (warns("vix"),)),
        ((vix(40),), (*trips("vix"), StartTimer(timer("cooldown"), 10 * SECOND))),
        (
            (vix(40), TimerFired(CodeTimerId("vix", 1))),
            (trips("vix")[0], StartTimer(timer("cooldown"), 10 * SECOND)),
        ),
        ((vix(40), vix(0), fires("cooldown"), fires("probation")), on_probation(5_000)),
        (
            (vix(40), vix(0), fires("cooldown"), vix(40)),
            (*trips("vix", 2), StartTimer(timer("cooldown", 2), 20 * SECOND)),
        ),
    ],
    ids=["armed", "warning", "tripped", "code expired", "probation", "tripped again"],
)
def test_a_restart_keeps_the_phase_tells_of_it_and_starts_its_timers(events, commands):
    state = after(watching(STEPS), *events)

    assert engine.step(state, Restarted()) == (state, commands)


def test_a_restart_tells_of_every_breaker_in_their_order():
    names = ("lag", "spread", "vix")
    rules = tuple(replace(HUMAN, name=name) for name in names)
    anchors = tuple((name, CODES[0]) for name in names)
    state = ready(settings(anchors=anchors, breakers=(rules[0], MANUAL, *rules[1:])))
    state = after(state, MetricReported("lag", 40), MetricReported("lag", 0), reset("lag"))

    state = after(state, TRIP, MetricReported("spread", 32), vix(32))
    lag = BreakerTimerId("lag", "probation", 1)

    assert engine.step(state, Restarted())[1] == (
        RaiseAlert("BREAKER_PROBATION", ("lag", 2_500)),
        StartTimer(lag, 5 * SECOND),
        *trips("manual"),
        warns("spread"),
        warns("vix"),
    )
