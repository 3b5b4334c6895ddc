"""Confirmation codes through the engine: a trip opens to its own code, once, in time."""

import pytest

from core import breakers, engine
from core.messages import (
    BreakerResetRequested,
    CodeTimerId,
    PriceMoved,
    RefuseSignal,
    ReportAnomaly,
    StopTimer,
    SubmitOrder,
    TimerFired,
)
from tests.unit.core.build import (
    CODES,
    GUARDED,
    OTHER_CODES,
    TRIP,
    after,
    after_loss,
    after_trip,
    halted,
    of_kind,
    ready,
    settings,
    signal,
    trips,
)


def reset(kind, code):
    return BreakerResetRequested(kind, code)


def code_expired(kind="manual", link=1):
    return TimerFired(CodeTimerId(kind, link))


@pytest.mark.covers("TC-CB-014", "EM-11")
def test_the_right_code_resets_and_entries_pass_again():
    state, commands = engine.step(after_trip(), reset("manual", OTHER_CODES[1]))

    assert halted(state) == []
    assert commands == (StopTimer(CodeTimerId("manual", 1)),)
    assert of_kind(engine.step(state, signal())[1], SubmitOrder)


@pytest.mark.covers("TC-CB-014", "EM-11")
@pytest.mark.parametrize(
    "code",
    ["", "0" * 64, CODES[1], OTHER_CODES[0], OTHER_CODES[2]],
    ids=["missing", "wrong", "other", "0", "2"],
)
def test_no_other_code_resets_anything(code):
    state, commands = engine.step(after_trip(), reset("manual", code))

    assert state == after_trip()
    assert commands == (ReportAnomaly("WRONG_CODE", reset("manual", code)),)


@pytest.mark.covers("EM-06", "EM-11")
def test_each_breaker_needs_its_own_code():
    both = after_loss(PriceMoved("AAA", 100), TRIP)

    wrong = after(both, reset("daily_loss", OTHER_CODES[1]), reset("manual", CODES[1]))
    one = after(both, reset("manual", OTHER_CODES[1]))
    none = after(one, reset("daily_loss", CODES[1]))

    assert halted(both) == halted(wrong) == ["daily_loss", "manual"]
    assert halted(one) == ["daily_loss"]
    assert of_kind(engine.step(one, signal(2))[1], RefuseSignal)
    assert halted(none) == []
    assert of_kind(engine.step(none, signal(2))[1], SubmitOrder)


@pytest.mark.covers("EM-11")
def test_a_code_works_once():
    used = after_trip(reset("manual", OTHER_CODES[1]))

    again, commands = engine.step(used, reset("manual", OTHER_CODES[1]))
    tripped = after(used, TRIP, reset("manual", OTHER_CODES[1]))

    assert again == used
    assert commands == (ReportAnomaly("BREAKER_NOT_TRIPPED", reset("manual", OTHER_CODES[1])),)
    assert halted(tripped) == ["manual"]
    assert halted(after(tripped, reset("manual", OTHER_CODES[2]))) == []


@pytest.mark.covers("EM-11")
def test_an_expired_code_resets_nothing_and_the_next_one_is_asked_for():
    expired = after_trip(code_expired())

    asked, commands = engine.step(expired, reset("manual", OTHER_CODES[1]))

    assert halted(asked) == ["manual"]
    assert commands == (
        ReportAnomaly("CODE_EXPIRED", reset("manual", OTHER_CODES[1])),
        *trips("manual", link=2),
    )
    assert halted(after(asked, reset("manual", OTHER_CODES[1]))) == ["manual"]
    assert halted(after(asked, reset("manual", OTHER_CODES[2]))) == []


def test_a_breaker_without_a_chain_can_be_tripped_and_not_reset():
    state = after(ready(settings()), TRIP)

    assert engine.step(state, reset("manual", OTHER_CODES[1]))[0] == state


def test_a_reset_while_the_loss_lasts_trips_again_at_once():
    state, commands = engine.step(after_loss(), reset("daily_loss", CODES[1]))

    assert halted(state) == ["daily_loss"]
    assert commands == (StopTimer(CodeTimerId("daily_loss", 1)), *trips("daily_loss", link=2))
    assert halted(after(state, PriceMoved("AAA", 100), reset("daily_loss", CODES[2]))) == []


@pytest.mark.parametrize(
    ("events", "timer"),
    [
        ((), CodeTimerId("manual", 0)),
        ((TRIP,), CodeTimerId("manual", 2)),
        ((TRIP,), CodeTimerId("daily_loss", 1)),
        ((TRIP, code_expired()), CodeTimerId("manual", 1)),
        ((TRIP, reset("manual", OTHER_CODES[1])), CodeTimerId("manual", 1)),
    ],
    ids=["never tripped", "another link", "another breaker", "twice", "after the reset"],
)
def test_a_code_timer_that_does_not_run_does_nothing(events, timer):
    state = after(ready(GUARDED), *events)

    assert engine.step(state, TimerFired(timer)) == (
        state,
        (ReportAnomaly("UNKNOWN_TIMER", TimerFired(timer)),),
    )


@pytest.mark.parametrize("event", [code_expired("volatility"), reset("volatility", CODES[1])])
def test_a_breaker_there_is_not_is_an_anomaly(event):
    assert engine.step(after_trip(), event) == (after_trip(), (ReportAnomaly("UNKNOWN_BREAKER", event),))


def test_an_expired_code_says_nothing():
    state, commands = engine.step(after_trip(), code_expired())

    assert commands == ()
    assert breakers.find(state.breakers, "manual").expired
