"""With breakers of every kind any event in any state has an answer, and what is kept stays bounded."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core import breakers, engine
from core.messages import (
    BreakerResetRequested,
    BreakerTimerId,
    CashMoved,
    CodeTimerId,
    CorrelationReported,
    HighWaterMarkRebased,
    MetricReported,
    PriceMoved,
    RaiseAlert,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SubmitOrder,
    TimerFired,
)
from core.settings import DAILY_LOSS, MANUAL, BreakerRule, problems
from tests.unit.core.build import CODES, OTHER_CODES, after, ready
from tests.unit.core.stories import BEGINNINGS, CHOSEN, EVENTS, HUGE, NUMBERS, SYMBOLS, meant

COMES_BACK = {"cooldown": 5, "resets_itself": True, "probation": 3}
RULES = (
    BreakerRule("consecutive_losses", "consecutive_losses", 1, **COMES_BACK),
    BreakerRule("correlation", "correlation", 200, **COMES_BACK),
    replace(DAILY_LOSS, threshold=5, **COMES_BACK),
    BreakerRule("drawdown", "drawdown", 10, **COMES_BACK),
    BreakerRule("error_rate", "error_rate", 5_000, 2, **COMES_BACK),
    BreakerRule("liquidation_buffer", "liquidation_buffer", 100, probation=3),
    replace(MANUAL, probation=3),
    BreakerRule("position_size", "position_size", 150, 2, **COMES_BACK),
    BreakerRule("vix", "custom", 40, **COMES_BACK),
    BreakerRule("volatility", "volatility", 400, 3, **COMES_BACK),
)
NAMES = tuple(rule.name for rule in RULES)
GUARDED = replace(
    CHOSEN, breakers=RULES, reset_anchors=tuple((name, CODES[0]) for name in NAMES if name != "vix")
)


def changed(rule, threshold):
    """The settings with another threshold for that breaker."""
    other = replace(rule, threshold=threshold)
    return replace(GUARDED, breakers=tuple(other if each == rule else each for each in RULES))


WHOSE = st.sampled_from([*NAMES, "weather"])
TRIPS = st.integers(-1, 3)
OF_BREAKERS = st.one_of(
    st.builds(CashMoved, NUMBERS),
    st.builds(MetricReported, st.sampled_from(["vix", "lag"]), NUMBERS | st.none()),
    st.builds(CorrelationReported, SYMBOLS, SYMBOLS, st.none() | st.sampled_from([-HUGE, -7_000, 0, 10_000])),
    st.just(HighWaterMarkRebased()),
    st.builds(SessionChanged, st.integers(0, 5)),
    st.builds(
        TimerFired,
        st.builds(BreakerTimerId, WHOSE, st.sampled_from(["cooldown", "probation"]), TRIPS)
        | st.builds(CodeTimerId, WHOSE, TRIPS),
    ),
    st.builds(BreakerResetRequested, WHOSE, st.sampled_from([*CODES, *OTHER_CODES]) | st.text()),
    st.builds(PriceMoved, st.sampled_from(["AAA", "BBB"]), st.sampled_from([50, 96, 100, 104, 200])),
    st.builds(
        lambda *chosen: SettingsChanged(changed(*chosen)), st.sampled_from(RULES), st.integers(-1, 9_000)
    ),
)
STORIES = st.builds(
    lambda beginning, rest: (*beginning, *rest),
    st.sampled_from(list(BEGINNINGS.values())),
    st.lists(OF_BREAKERS | EVENTS, max_size=15),
)


def reached(story):
    """The state that a story leads to, and everything that was commanded on the way."""
    state, said = ready(GUARDED), ()
    for event in story:
        state, commands = engine.step(state, meant(state, event))
        said += commands
    return state, said


def test_the_settings_are_sound():
    assert problems(GUARDED) == ()


@given(story=STORIES)
def test_no_event_makes_a_step_raise_and_rules_and_breakers_stay_side_by_side(story):
    state, _ = reached(story)

    assert [each.name for each in state.breakers] == list(NAMES)
    assert [rule.name for rule in state.settings.breakers] == list(NAMES)
    assert hash(state) == hash(reached(story)[0])


@given(story=STORIES)
def test_no_more_is_kept_than_the_windows_and_the_trades_need(story):
    state, _ = reached(story)
    kept = state.gauges

    assert all(1 <= len(prices) <= 4 for _symbol, prices in kept.windows)
    assert len(kept.outcomes) <= 2
    assert len({each.signal for each in kept.rounds}) == len(kept.rounds)
    assert {name for name, _ in kept.metrics} <= {"vix"}
    assert breakers.share(state.breakers) in (2_500, 5_000, 7_500, 10_000)


@given(story=STORIES)
def test_where_a_breaker_is_tripped_no_entry_leaves(story):
    state = ready(GUARDED)
    for event in story:
        was_halted = breakers.is_halted(state.breakers)
        state, commands = engine.step(state, meant(state, event))
        entries = [each for each in commands if isinstance(each, SubmitOrder) and each.order.slot == "entry"]
        assert not (was_halted and entries)


@given(story=STORIES)
def test_every_trip_was_told_with_the_code_that_resets_it(story):
    state, said = reached(story)

    told = {each.subject for each in said if isinstance(each, RaiseAlert) and each.kind == "BREAKER_TRIPPED"}
    assert {(each.name, each.link) for each in state.breakers if each.phase == "tripped"} <= told


@given(story=STORIES)
def test_a_restart_keeps_breakers_and_gauges_and_says_the_same_twice(story):
    state, _ = reached(story)

    once, commands = engine.step(state, Restarted())

    assert (once.breakers, once.gauges) == (state.breakers, state.gauges)
    assert engine.step(once, Restarted()) == (once, commands)


@given(story=STORIES)
def test_asking_for_health_never_raises_and_never_calls_a_halted_engine_well(story):
    state, _ = reached(story)

    assert not (engine.health(state).is_well and breakers.is_halted(state.breakers))


def test_what_no_breaker_needs_is_not_kept():
    state = after(ready(replace(GUARDED, breakers=(DAILY_LOSS, MANUAL))), PriceMoved("AAA", 101))

    kept = state.gauges
    assert (kept.mark, kept.windows, kept.rounds, kept.outcomes, kept.refusals, kept.metrics) == (None,) * 6
