"""A restart through the engine: no entry before the fate of every order is known, and alerts told again."""

from dataclasses import replace

import pytest
from hypothesis import given

from core import engine
from core.messages import (
    BreakerResetRequested,
    CancelOrder,
    CodeTimerId,
    EndTrade,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    PriceMoved,
    QueryOrder,
    RaiseAlert,
    RefuseSignal,
    RequestOutcomeUnknown,
    Restarted,
    SignalId,
    SubmitOrder,
    TimerFired,
)
from core.settings import Protocol
from core.trade import is_resolved
from tests.unit.core.build import (
    CASH,
    ENTRY,
    ENTRY_2,
    GUARDED,
    HEDGE,
    LINGER,
    OTHER_CODES,
    SIGNAL,
    TRIP,
    absent,
    after,
    after_loss,
    after_trip,
    answered,
    asked_again,
    asked_and,
    both_filled,
    commands_of,
    confirmed_canceled,
    confirmed_expired,
    fill,
    filled,
    found,
    halted,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    timed_out,
    trips,
)
from tests.unit.core.stories import FEW, STORIES, reached, sent

RESTART = Restarted()
OTHER = order_id("entry", 1, 2)
TWO = (signal(1), signal(2, symbol_b="CCC"))
NEXT = signal(9, symbol_b="CCC")
THIRD = signal(9, symbol_a="CCC", side_a="sell")  # what is let in beside the two
LOST = RequestOutcomeUnknown(ENTRY, "submit")
GIVEN_UP = (asked_again(ENTRY),) * FEW.query_attempts
NEVER_ARRIVED = (answered(ENTRY, "not_found"), *asked_and(ENTRY, "not_found", "not_found"))
NEVER_HEDGED = (answered(HEDGE, "not_found"), *asked_and(HEDGE, "not_found", "not_found"))
IMPATIENT = settings(protocol=FEW)


def lets_in(state, event=NEXT):
    """Whether the engine lets a new trade in, which it refuses for no other reason than that it recovers."""
    _, commands = engine.step(state, event)
    refused = of_kind(commands, RefuseSignal)
    assert refused in ((), (RefuseSignal(event.signal, "RECOVERING"),))
    assert state.recovering == bool(refused)
    return bool(of_kind(commands, SubmitOrder))


# ---- nothing was out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [engine.initial(settings(), CASH), ready(), after(ready(), signal(symbol_b="ZZZ"))],
    ids=["initial", "priced", "refused"],
)
def test_a_restart_of_an_engine_without_trades_does_nothing(state):
    assert engine.step(state, RESTART) == (state, ())


@pytest.mark.parametrize(
    "events",
    [
        both_filled(),
        (*both_filled(), LINGER),
        (OrderRejected(ENTRY, "no"),),
        (LOST, *GIVEN_UP),
    ],
    ids=["ended", "held", "unfilled", "parked"],
)
def test_a_restart_without_an_open_question_holds_no_entry_up(events):
    assert lets_in(after(ready(IMPATIENT), signal(), *events, RESTART))


# ---- entries are held up ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "events",
    [
        (),
        (OrderAccepted(ENTRY),),
        (filled(ENTRY, 1_000),),
        (filled(ENTRY, 400), *confirmed_expired(ENTRY, 400)),
        (filled(ENTRY, 400), OrderExpired(ENTRY, 400)),
        (
            filled(ENTRY, 600),
            *confirmed_expired(ENTRY, 600),
            filled(HEDGE, 1_200),
            filled(ENTRY, 400, "late"),
        ),
    ],
    ids=["entry", "accepted", "hedge", "flatten", "not confirmed", "a late fill"],
)
def test_a_restart_with_an_order_out_holds_entries_up(events):
    before = after(ready(settings()), signal(), *events)

    assert lets_in(before)
    assert not lets_in(after(before, RESTART))


def test_a_signal_refused_meanwhile_is_answered_for_good():
    state, commands = engine.step(after(ready(settings()), signal(), RESTART), NEXT)

    assert commands == (RefuseSignal(NEXT.signal, "RECOVERING"),)
    assert state.high_water == (("pairs", 9),)
    assert engine.step(after(state, found(ENTRY)), NEXT)[1] == (
        RefuseSignal(NEXT.signal, "DUPLICATE_SIGNAL"),
    )


def test_a_halt_is_told_before_the_recovery():
    halt = after(ready(GUARDED), signal(), TRIP, RESTART)

    _, commands = engine.step(halt, NEXT)

    assert halt.recovering
    assert commands == (RefuseSignal(NEXT.signal, "HALTED"),)


def test_an_order_in_doubt_without_a_restart_holds_no_entry_up():
    assert lets_in(after(ready(settings()), signal(), LOST))


# ---- until every fate is known ---------------------------------------------------------------------

RESOLVED = {
    "found working": (found(ENTRY),),
    "found over": (found(ENTRY, "closed", fill(400)),),
    "accepted": (OrderAccepted(ENTRY),),
    "partly filled": (filled(ENTRY, 400),),
    "filled": (filled(ENTRY, 1_000),),
    "rejected": (OrderRejected(ENTRY, "no"),),
    "canceled and confirmed": confirmed_canceled(ENTRY, 0),
    "expired and confirmed": confirmed_expired(ENTRY, 0),
    "never arrived": NEVER_ARRIVED,
    "parked": GIVEN_UP,
}
UNRESOLVED = {
    "nothing said": (),
    "failed": (answered(ENTRY, "failed"),),
    "stale": (answered(ENTRY, "stale"),),
    "not found twice": NEVER_ARRIVED[:-1],
    "canceled and not confirmed": (OrderCanceled(ENTRY, 0),),
    "fills missing": (*confirmed_expired(ENTRY, 100),),
    "asked again": GIVEN_UP[1:],
    "timed out": (timed_out(ENTRY),),
    "a price": (PriceMoved("AAA", 101),),
    "another restart": (RESTART,),
}


@pytest.mark.parametrize("answers", RESOLVED.values(), ids=RESOLVED)
def test_entries_pass_again_when_the_last_fate_is_known(answers):
    before = after(ready(IMPATIENT), signal(), RESTART, *answers[:-1])

    assert not lets_in(before)
    assert lets_in(after(before, answers[-1]))


@pytest.mark.parametrize("answers", UNRESOLVED.values(), ids=UNRESOLVED)
def test_entries_are_held_up_while_a_fate_is_not_known(answers):
    assert not lets_in(after(ready(IMPATIENT), signal(), RESTART, *answers))


@pytest.mark.parametrize("answers", RESOLVED.values(), ids=RESOLVED)
def test_one_trade_s_answer_does_not_speak_for_another(answers):
    before = after(ready(IMPATIENT), *TWO, RESTART, *answers)

    assert not lets_in(before, THIRD)
    assert lets_in(after(before, found(OTHER)), THIRD)


def test_entries_pass_again_when_the_last_trade_in_doubt_is_parked():
    before = after(ready(IMPATIENT), *TWO, RESTART, found(OTHER), *GIVEN_UP[1:])

    state, commands = engine.step(before, asked_again(ENTRY))

    assert not lets_in(before, THIRD)
    assert of_kind(commands, RaiseAlert) == (RaiseAlert("ORDER_UNRESOLVED", SIGNAL),)
    assert lets_in(state, THIRD)


def test_a_doubt_that_comes_up_meanwhile_holds_entries_up_too():
    hedging = after(ready(settings()), *TWO, RESTART, filled(ENTRY, 1_000))

    doubted = after(hedging, RequestOutcomeUnknown(HEDGE, "submit"), found(OTHER))

    assert not lets_in(doubted, THIRD)
    assert lets_in(after(doubted, found(HEDGE)), THIRD)


def test_a_restart_in_the_middle_of_a_recovery_asks_for_every_answer_again():
    state = after(ready(settings()), signal(), RESTART, found(ENTRY), RESTART)

    assert not lets_in(state)
    assert lets_in(after(state, found(ENTRY)))


# ---- what is sent anew ---------------------------------------------------------------------------


def test_an_entry_lost_in_the_crash_is_not_sent_anew_and_its_trade_ends():
    state = after(ready(settings()), signal(), RESTART, *NEVER_ARRIVED[:-1])

    done, commands = engine.step(state, NEVER_ARRIVED[-1])

    assert of_kind(commands, SubmitOrder, EndTrade) == (EndTrade(SIGNAL, "unfilled", "none", 0, 0),)
    assert [each.outcome for each in done.trades] == ["unfilled"]


def test_an_entry_lost_after_the_recovery_is_sent_anew():
    state = after(ready(settings()), signal(1), RESTART, found(ENTRY), NEXT)
    lost = replace(ENTRY, signal=NEXT.signal)

    commands = commands_of(state, *absent(lost))

    assert [each.order for each in of_kind(commands, SubmitOrder)] == [replace(ENTRY_2, signal=NEXT.signal)]


def test_an_entry_lost_beside_a_trade_in_doubt_is_not_sent_anew():
    state = after(ready(settings()), *TWO, RESTART, found(ENTRY), LOST)

    commands = commands_of(state, *asked_and(ENTRY, *["not_found"] * 3))

    assert of_kind(commands, SubmitOrder) == ()


def test_a_hedge_lost_in_the_crash_is_sent_anew_while_entries_are_held_up():
    state = after(ready(settings()), *TWO, filled(ENTRY, 1_000), RESTART)

    commands = commands_of(state, *NEVER_HEDGED)

    assert [each.order for each in of_kind(commands, SubmitOrder)] == [order_id("hedge", 2)]
    assert not lets_in(after(state, *NEVER_HEDGED), THIRD)


def test_a_cancel_of_a_halt_that_the_crash_lost_is_sent_again():
    state = after(ready(GUARDED), signal(), OrderAccepted(ENTRY), TRIP, RESTART)

    _, commands = engine.step(state, found(ENTRY))

    assert of_kind(commands, CancelOrder) == (CancelOrder(ENTRY),)


def test_a_restart_asks_about_every_trade_in_their_order():
    state = after(ready(settings()), *TWO, filled(ENTRY, 1_000))

    restarted, commands = engine.step(state, RESTART)

    assert [each.order for each in of_kind(commands, QueryOrder)] == [HEDGE, OTHER]
    assert [each.signal for each in restarted.trades] == [SIGNAL, SignalId("pairs", 2)]
    assert replace(restarted, trades=state.trades, recovering=False) == state


# ---- alerts are told again -------------------------------------------------------------------------


def test_a_tripped_breaker_is_told_again_with_its_code_and_no_new_one_is_asked_for():
    state, commands = engine.step(after_trip(), RESTART)

    assert (state, commands) == (after_trip(), trips("manual"))
    assert halted(after(state, BreakerResetRequested("manual", OTHER_CODES[1]))) == []


def test_both_tripped_breakers_are_told_again_each_with_its_link():
    state = after_loss(TRIP, BreakerResetRequested("manual", OTHER_CODES[1]), TRIP)

    _, commands = engine.step(state, RESTART)

    tail = trips("daily_loss") + trips("manual", link=2)
    assert commands[-4:] == tail
    assert of_kind(commands, RaiseAlert) == of_kind(tail, RaiseAlert)


def test_a_breaker_whose_code_expired_is_told_again_without_a_timer():
    state = after_trip(TimerFired(CodeTimerId("manual", 1)))

    assert engine.step(state, RESTART) == (state, trips("manual")[:1])


def test_a_breaker_that_was_reset_is_told_no_more():
    state = after_trip(BreakerResetRequested("manual", OTHER_CODES[1]))

    assert engine.step(state, RESTART) == (state, ())


def test_the_lifetime_of_a_code_told_again_is_the_protocol_s():
    brief = after(ready(settings(protocol=Protocol(code_lifetime=7_000_000_000))), TRIP)

    assert engine.step(brief, RESTART)[1] == trips("manual", seconds=7)


def test_parked_trades_are_told_before_breakers():
    state = after(ready(IMPATIENT), signal(), LOST, *GIVEN_UP, TRIP)

    _, commands = engine.step(state, RESTART)

    alerts = [each.kind for each in of_kind(commands, RaiseAlert)]
    assert alerts == ["TRADE_PARKED", "BREAKER_TRIPPED"]


# ---- in every state ------------------------------------------------------------------------------


@given(story=STORIES)
def test_a_second_restart_does_the_same_and_changes_nothing(story):
    once, commands = engine.step(reached(story), RESTART)

    assert engine.step(once, RESTART) == (once, commands)


@given(story=STORIES)
def test_a_restart_leaves_the_books_and_what_was_decided_alone(story):
    state = reached(story)

    restarted, commands = engine.step(state, RESTART)

    assert replace(restarted, trades=state.trades, recovering=state.recovering) == state
    assert [each.phase for each in restarted.trades] == [each.phase for each in state.trades]
    assert of_kind(commands, SubmitOrder, CancelOrder, RefuseSignal) == ()


@given(story=STORIES)
def test_an_engine_recovers_only_while_a_fate_is_not_known(story):
    state = reached(story)

    assert not state.recovering or not all(is_resolved(each) for each in state.trades)


@given(story=STORIES)
def test_silence_ends_a_recovery_too(story):
    state = after(reached(story), RESTART)

    for _ in range(FEW.query_attempts):
        state = after(state, *(asked_again(order.id) for order in sent(state) if order.query_armed))

    assert not state.recovering
