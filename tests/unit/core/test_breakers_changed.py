"""What a change of settings does to breakers."""

from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    BreakerTimerId,
    BreakerTripRequested,
    MetricReported,
    ReportAnomaly,
    SettingsChanged,
    StartTimer,
    StopTimer,
)
from core.settings import DAILY_LOSS, MANUAL, BreakerRule
from tests.unit.core.build import (
    GUARDED,
    SECOND,
    after,
    halted,
    ready,
    settings,
    trips,
)
from tests.unit.core.guards import reset, watching

COOLS = BreakerRule("vix", "custom", 40, cooldown=10 * SECOND, resets_itself=True)
STEPS = replace(COOLS, probation=5 * SECOND)
HUMAN = replace(COOLS, resets_itself=False, probation=5 * SECOND)


def vix(value):
    return MetricReported("vix", value)


def timer(purpose):
    return BreakerTimerId("vix", purpose, 1)


def changed_to(state, rule):
    return SettingsChanged(replace(state.settings, breakers=(MANUAL, rule)))


@pytest.mark.covers("TC-CB-012")
def test_a_changed_threshold_holds_at_once_and_resets_nothing():
    state = after(watching(HUMAN), vix(30))

    tighter = engine.step(state, changed_to(state, replace(HUMAN, threshold=30)))
    looser = engine.step(tighter[0], changed_to(state, replace(HUMAN, threshold=90)))

    assert (halted(tighter[0]), tighter[1]) == (["vix"], trips("vix"))
    assert (halted(looser[0]), looser[1]) == (["vix"], ())
    assert halted(after(looser[0], reset("vix"))) == []


@pytest.mark.covers("TC-CB-012")
@pytest.mark.parametrize(
    "rules",
    [
        (MANUAL,),
        (MANUAL, replace(HUMAN, name="lag")),
        (DAILY_LOSS, MANUAL, HUMAN),
        (),
    ],
    ids=["taken away", "renamed", "added", "none"],
)
def test_breakers_cannot_be_changed_away(rules):
    state = after(watching(HUMAN), vix(40))
    event = SettingsChanged(replace(state.settings, breakers=rules))

    assert engine.step(state, event) == (state, (ReportAnomaly("INVALID_SETTINGS", event),))


@pytest.mark.covers("TC-CB-012")
def test_a_tripped_breaker_begins_to_cool_down_when_it_may_reset_itself_and_stops_when_not():
    tripped = after(watching(HUMAN), vix(40))

    cooling, start = engine.step(tripped, changed_to(tripped, STEPS))
    again, nothing = engine.step(cooling, changed_to(tripped, STEPS))
    _, stop = engine.step(again, changed_to(tripped, HUMAN))

    assert start == (StartTimer(timer("cooldown"), 10 * SECOND),)
    assert nothing == ()
    assert stop == (StopTimer(timer("cooldown")),)


def test_of_several_each_begins_to_cool_down():
    rules = tuple(replace(HUMAN, name=name) for name in ("lag", "vix"))
    state = ready(settings(breakers=(rules[0], MANUAL, rules[1])))
    tripped = after(state, MetricReported("lag", 40), vix(40))
    cooling = tuple(replace(rule, resets_itself=True) for rule in rules)
    event = SettingsChanged(replace(state.settings, breakers=(cooling[0], MANUAL, cooling[1])))

    assert engine.step(tripped, event)[1] == (
        StartTimer(BreakerTimerId("lag", "cooldown", 1), 10 * SECOND),
        StartTimer(timer("cooldown"), 10 * SECOND),
    )


def test_while_armed_such_a_change_starts_nothing():
    armed = watching(HUMAN)

    assert engine.step(armed, changed_to(armed, STEPS))[1] == ()


def test_a_person_halts_trading_only_where_there_is_a_breaker_for_it():
    bare = engine.initial(replace(GUARDED, breakers=(DAILY_LOSS,)), 100)
    event = BreakerTripRequested()

    assert engine.step(bare, event) == (bare, (ReportAnomaly("UNKNOWN_BREAKER", event),))
