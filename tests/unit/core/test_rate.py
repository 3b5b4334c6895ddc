"""The token bucket through the engine: what takes a message, who is refused one, and when there are more."""

from dataclasses import replace

import pytest

from core import engine, rate
from core.messages import (
    CancelOrder,
    OrderCanceled,
    PriceMoved,
    QueryOrder,
    RateTimerId,
    RefuseSignal,
    ReplaceOrder,
    ReportAnomaly,
    RequestOutcomeUnknown,
    Restarted,
    SettingsChanged,
    SignalId,
    SignalsReceived,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
)
from core.settings import MessageRate
from tests.unit.core.build import (
    ANCHORS,
    ENTRY,
    HEDGE,
    SECOND,
    TRIP,
    WIDE,
    absent,
    after,
    answered,
    filled,
    of_kind,
    ready,
    settings,
    signal,
    submitted,
    timed_out,
)

REFILL = TimerFired(RateTimerId())
STARTS = StartTimer(RateTimerId(), 5 * SECOND)
STOPS = StopTimer(RateTimerId())
OTHER = signal(1, "other", symbol_b="CCC")


def bounded(burst=3, refill=1, interval=5 * SECOND):
    """Settings with that rate of messages."""
    return settings(replace(WIDE, message_rate=MessageRate(burst, refill, interval)), anchors=ANCHORS)


def with_tokens(tokens, burst=9, refill=1):
    """An engine with so many messages left."""
    return replace(ready(bounded(burst, refill)), tokens=tokens)


# ---- taking ------------------------------------------------------------------------------------------


def test_bucket_is_full_at_first_and_without_a_rate_there_is_none():
    assert ready(bounded(3)).tokens == 3
    assert ready(settings()).tokens == 0
    assert after(ready(settings()), signal()).tokens == 0


def test_first_message_starts_the_timer_and_the_next_does_not():
    one, first = engine.step(ready(bounded()), signal())
    two, second = engine.step(one, OTHER)

    assert (one.tokens, first) == (2, (*submitted(ENTRY, 1_000), STARTS))
    assert (two.tokens, of_kind(second, StartTimer)[1:]) == (1, ())


@pytest.mark.parametrize(
    ("begun", "event", "taken"),
    [
        ((), signal(), {SubmitOrder: 1}),
        ((signal(),), filled(ENTRY, 1_000), {SubmitOrder: 1}),
        ((signal(),), TRIP, {CancelOrder: 1}),
        ((signal(),), timed_out(ENTRY), {CancelOrder: 1}),
        ((signal(),), RequestOutcomeUnknown(ENTRY, "submit"), {QueryOrder: 1}),
        ((signal(),), Restarted(), {QueryOrder: 1}),
        ((signal(), filled(ENTRY, 1)), OrderCanceled(ENTRY, 1), {QueryOrder: 1}),
        ((), PriceMoved("AAA", 101), {}),
    ],
    ids=["entry", "hedge", "halt", "timeout", "unknown", "restart", "canceled", "price"],
)
def test_every_request_takes_one_message(begun, event, taken):
    state = replace(after(ready(bounded(9)), *begun), tokens=5)

    state, commands = engine.step(state, event)

    requests = of_kind(commands, SubmitOrder, CancelOrder, QueryOrder, ReplaceOrder)
    assert {type(each): 1 for each in requests} == taken
    assert state.tokens == 5 - len(requests)


def test_replacement_takes_one_too():
    assert rate.spent(with_tokens(5), (ReplaceOrder(ENTRY, 1, 1),))[0].tokens == 4


@pytest.mark.parametrize("tokens", [1, 0])
def test_what_lowers_risk_is_never_held_back_and_takes_what_is_there(tokens):
    state = replace(after(ready(bounded(9)), signal()), tokens=tokens)

    state, commands = engine.step(state, filled(ENTRY, 1_000))

    assert of_kind(commands, SubmitOrder)[0].order == HEDGE
    assert state.tokens == 0


def test_several_messages_at_once_empty_the_bucket_and_no_more():
    two = (CancelOrder(ENTRY), CancelOrder(HEDGE))

    assert [rate.spent(with_tokens(left), two)[0].tokens for left in (3, 2, 1, 0)] == [1, 0, 0, 0]


def test_what_takes_nothing_changes_nothing():
    state = with_tokens(9)

    assert rate.spent(state, (STOPS,)) == (state, (STOPS,))
    assert rate.spent(ready(settings()), (CancelOrder(ENTRY),)) == (ready(settings()), (CancelOrder(ENTRY),))


# ---- refusing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tokens", "refused"), [(1, False), (0, True)])
def test_signal_is_refused_where_no_message_is_left(tokens, refused):
    state, commands = engine.step(with_tokens(tokens), signal())

    assert bool(state.trades) is not refused
    assert (commands == (RefuseSignal(SignalId("pairs", 1), "MESSAGE_RATE"),)) is refused


@pytest.mark.parametrize(
    ("tokens", "sent", "left"),
    [(3, 2, 1), (2, 2, 0), (1, 1, 0), (0, 0, 0)],
    ids=["more", "both", "one", "none"],
)
def test_signals_of_one_moment_share_what_is_left(tokens, sent, left):
    state, commands = engine.step(with_tokens(tokens), SignalsReceived((signal(), OTHER)))

    assert len(of_kind(commands, SubmitOrder)) == sent
    assert [each.reason for each in of_kind(commands, RefuseSignal)] == ["MESSAGE_RATE"] * (2 - sent)
    assert state.tokens == left


def test_signals_of_one_moment_start_the_timer_once():
    _, commands = engine.step(with_tokens(9), SignalsReceived((signal(), OTHER)))

    assert commands.count(STARTS) == 1


@pytest.mark.parametrize(("tokens", "sent"), [(1, 1), (0, 0)])
def test_entry_is_not_sent_again_where_no_message_is_left(tokens, sent):
    lost = after(ready(bounded(9)), signal(), *absent(ENTRY, 2))

    state, commands = engine.step(replace(lost, tokens=tokens), answered(ENTRY, "not_found"))

    assert len(of_kind(commands, SubmitOrder)) == sent
    assert [each.phase for each in state.trades] == ["entry" if sent else "ended"]


# ---- filling -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "refill", "left", "commands"),
    [(0, 1, 1, (STARTS,)), (0, 4, 4, (STARTS,)), (6, 4, 9, ()), (5, 4, 9, ()), (4, 4, 8, (STARTS,))],
)
def test_timer_brings_a_share_and_runs_on_until_the_bucket_is_full(tokens, refill, left, commands):
    state, said = engine.step(with_tokens(tokens, refill=refill), REFILL)

    assert (state.tokens, said) == (left, commands)


@pytest.mark.parametrize("state", [ready(settings()), ready(bounded())], ids=["no rate", "full"])
def test_timer_that_does_not_run_brings_nothing(state):
    assert engine.step(state, REFILL) == (state, (ReportAnomaly("UNKNOWN_TIMER", REFILL),))


@pytest.mark.parametrize(("tokens", "commands"), [(9, ()), (8, (STARTS,)), (0, (STARTS,))])
def test_timer_runs_anew_after_a_restart_where_the_bucket_is_not_full(tokens, commands):
    assert engine.step(with_tokens(tokens), Restarted()) == (with_tokens(tokens), commands)


def test_nothing_runs_after_a_restart_without_a_rate():
    assert engine.step(ready(settings()), Restarted())[1] == ()


# ---- changing ----------------------------------------------------------------------------------------

SOON = StartTimer(RateTimerId(), 2 * SECOND)


@pytest.mark.parametrize(
    ("before", "tokens", "changed", "left", "commands"),
    [
        (settings(anchors=ANCHORS), 0, bounded(3), 3, ()),
        (bounded(3), 3, settings(anchors=ANCHORS), 0, ()),
        (bounded(3), 2, settings(anchors=ANCHORS), 0, (STOPS,)),
        (bounded(3), 2, bounded(3), 2, ()),
        (bounded(3), 2, bounded(2), 2, (STOPS,)),
        (bounded(3), 2, bounded(1), 1, (STOPS,)),
        (bounded(3), 3, bounded(4), 3, (STARTS,)),
        (bounded(3), 3, bounded(2), 2, ()),
        (bounded(3), 3, bounded(3, 2), 3, ()),
        (bounded(3), 1, bounded(3, 1, 2 * SECOND), 1, (SOON,)),
    ],
    ids=[
        "new",
        "gone while full",
        "gone",
        "same",
        "just full now",
        "over full",
        "larger",
        "smaller",
        "other share",
        "sooner",
    ],
)
def test_bucket_keeps_what_is_in_it_when_the_rate_changes(before, tokens, changed, left, commands):
    state, said = engine.step(replace(ready(before), tokens=tokens), SettingsChanged(changed))

    assert (state.tokens, said) == (left, commands)
