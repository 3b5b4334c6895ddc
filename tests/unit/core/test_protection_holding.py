"""Protective stops of a trade that ended: watched for ever, through restarts, and while nothing may leave."""

from dataclasses import replace

import pytest

from core import orders, protection, trade
from core.messages import (
    CancelOrder,
    EndTrade,
    EntryChangeRequested,
    LiquidationOrdered,
    OrderAccepted,
    OrderReplaced,
    QueryOrder,
    RaiseAlert,
    ReplaceOrder,
    ReplaceRejected,
    RequestOutcomeUnknown,
    Restarted,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerId,
    TradePaused,
    TradeResumed,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    LINGER,
    SECOND,
    SIGNAL,
    asked_again,
    confirmed_canceled,
    confirmed_expired,
    filled,
    found,
    not_found,
    of_kind,
    played,
    proposed,
    signal,
    starts_query,
    submitted,
    timed_out,
)
from tests.unit.core.test_protection import (
    ACCEPTED,
    GRACE,
    LEGS_FILLED,
    STOP_A,
    STOP_A_2,
    STOP_B,
    WATCH,
    hit,
    opened,
    protected,
    step,
    stop_sent,
)

HELD = (*LEGS_FILLED, GRACE, *ACCEPTED, LINGER)

# ---- watching ----------------------------------------------------------------------------------------


def test_a_resting_stop_is_asked_about_for_ever_and_looks_the_same_each_time():
    before = protected()

    asked, commands = step(before, asked_again(STOP_A))
    after, more = step(asked, found(STOP_A))

    assert commands == (QueryOrder(STOP_A), starts_query(STOP_A))
    assert more == (starts_query(STOP_A, WATCH),)
    assert after == before


def test_the_answer_to_the_watch_brings_a_fill_whose_report_got_lost():
    asked = protected(asked_again(STOP_A))

    after, _ = step(asked, found(STOP_A, "closed", hit(STOP_A, 1_000).fill))

    assert after.phase == "exit"


def test_an_acknowledgement_does_not_put_the_watch_off():
    before = protected()

    after, commands = step(before, OrderAccepted(STOP_A))

    assert (after, commands) == (before, ())


def test_a_stop_has_no_timeout():
    _, commands = step(protected(), timed_out(STOP_A))

    assert [each.reason for each in commands] == ["UNKNOWN_TIMER"]


def test_a_stop_that_comes_back_to_life_once_another_stands_is_cancelled():
    no = not_found(STOP_A, 1)[0]
    denied = (RequestOutcomeUnknown(STOP_A, "submit"), no, asked_again(STOP_A), no, asked_again(STOP_A), no)
    before = opened(*LEGS_FILLED, GRACE, OrderAccepted(STOP_B), *denied, OrderAccepted(STOP_A_2))

    _, commands = step(before, OrderAccepted(STOP_A))

    assert CancelOrder(STOP_A) in commands
    assert CancelOrder(STOP_A_2) not in commands


# ---- holdings -----------------------------------------------------------------------------------------


def test_a_holding_keeps_its_stops_and_what_it_carries_over():
    held = opened(*HELD)

    assert (held.phase, [each.id for each in held.orders]) == ("held", [STOP_A, STOP_B])
    assert (trade.open_lots(held, held.leg_a), trade.open_lots(held, held.leg_b)) == (1_000, 2_000)
    assert (held.carried_a, held.carried_b, held.kept_a, held.kept_b) == (1_000, 2_000, 1_000, 2_000)


def test_a_stop_that_hits_a_holding_closes_it():
    leaving, commands = step(opened(*HELD), hit(STOP_A, 1_000))
    ended = played(leaving, *confirmed_canceled(STOP_B, 0), filled(FLATTEN_B, 2_000))
    closed, last = step(ended, LINGER)

    assert of_kind(commands, StopTimer) == (StopTimer(TimerId(SIGNAL, "query", STOP_A)),)
    assert (leaving.phase, ended.phase, closed.phase) == ("exit", "ended", "closed")
    assert last == ()


def test_order_ids_of_a_holding_are_never_used_again():
    with_flatten = opened(*LEGS_FILLED, filled(ENTRY, 50, "late"), filled(FLATTEN_A, 50), LINGER, GRACE)

    after, _ = step(with_flatten, LiquidationOrdered())
    gone = played(after, *confirmed_canceled(STOP_A, 0), confirmed_canceled(STOP_B, 0)[0])
    _, more = step(gone, found(STOP_B, "canceled"))

    assert of_kind(more, SubmitOrder)[0].order == replace(FLATTEN_A, attempt=2)


def test_a_stop_that_stays_is_counted_once():
    held = opened(*HELD)
    gone, _ = step(held, confirmed_canceled(STOP_A, 0)[0])

    _, commands = step(gone, found(STOP_A, "canceled"))

    assert of_kind(commands, SubmitOrder) == stop_sent(STOP_A_2, 1_000)[:1]


def test_a_holding_may_still_be_within_its_grace():
    held = opened(*LEGS_FILLED, LINGER)

    _, commands = step(held, GRACE)

    assert (held.phase, held.grace) == ("held", "running")
    assert of_kind(commands, SubmitOrder) == (stop_sent(STOP_A, 1_000)[0], stop_sent(STOP_B, 2_000)[0])


def test_a_trade_that_closes_within_its_grace_stops_the_timer():
    flat = opened(filled(ENTRY, 100), *confirmed_expired(ENTRY, 100), filled(FLATTEN_A, 100))

    closed, commands = step(flat, LINGER)

    assert (closed.phase, commands) == ("closed", (StopTimer(TimerId(SIGNAL, "grace")),))


def test_a_flatten_that_works_puts_the_release_off_and_a_stop_does_not():
    working = protected(filled(ENTRY, 50, "late"))

    _, commands = step(working, LINGER)

    assert commands == (StartTimer(TimerId(SIGNAL, "linger"), 30 * SECOND),)


@pytest.mark.parametrize("begin", [HELD, HELD[:-1]], ids=["held", "ended"])
def test_an_exit_that_cannot_be_flattened_waits_for_a_person_and_ends_no_call_again(begin):
    once = Protocol(flatten_attempts=1)
    leaving = opened(*begin, hit(STOP_A, 1_000), *confirmed_canceled(STOP_B, 0), protocol=once)
    unfilled = played(leaving, timed_out(FLATTEN_B), confirmed_canceled(FLATTEN_B, 0)[0])

    parked, commands = step(unfilled, found(FLATTEN_B, "canceled"))

    assert (parked.phase, parked.outcome) == ("parked", "exited")
    assert of_kind(commands, RaiseAlert, EndTrade) == (RaiseAlert("TRADE_PARKED", SIGNAL),)


def test_a_stop_of_a_holding_that_nobody_can_tell_of_waits_for_a_person():
    few = Protocol(query_attempts=1)
    doubted = opened(*HELD, asked_again(STOP_A), protocol=few)

    parked, commands = step(doubted, asked_again(STOP_A))

    assert (parked.phase, parked.outcome) == ("parked", "exited")
    assert of_kind(commands, RaiseAlert, EndTrade) == (RaiseAlert("ORDER_UNRESOLVED", SIGNAL),)


def test_the_stops_of_a_parked_trade_are_left_as_they_are():
    parked = replace(protected(), phase="parked")

    _, commands = step(parked, filled(ENTRY, 50, "late"))

    assert not of_kind(commands, ReplaceOrder, CancelOrder, SubmitOrder)


def test_what_no_order_protects_any_more_is_known():
    once = Protocol(protect_attempts=1)
    lost = opened(*HELD[:-1], protocol=once)
    gone = played(lost, *confirmed_canceled(STOP_A, 0))

    assert not protection.is_unprotected(lost, lost.leg_a, "stop_a")
    assert gone.phase == "exit"


# ---- restarts -----------------------------------------------------------------------------------------


def test_a_restart_runs_the_grace_anew():
    _, commands = step(opened(*LEGS_FILLED), Restarted())

    assert StartTimer(TimerId(SIGNAL, "grace"), SECOND) in commands


def test_a_restart_asks_about_every_stop():
    _, commands = step(opened(*HELD), Restarted())

    assert of_kind(commands, QueryOrder) == (QueryOrder(STOP_A), QueryOrder(STOP_B))
    assert not of_kind(commands, EndTrade, RaiseAlert)


def test_a_restart_does_not_end_the_call_of_an_exit_again():
    exited = protected(hit(STOP_A, 1_000), *confirmed_canceled(STOP_B, 0), filled(FLATTEN_B, 2_000))

    _, commands = step(exited, Restarted())

    assert not of_kind(commands, EndTrade)


# ---- nothing but cancels ------------------------------------------------------------------------------


def test_while_trading_is_halted_a_hedge_is_held_up_and_a_person_told_once():
    halted = opened(TradePaused())

    after, _ = step(halted, filled(ENTRY, 400))
    later = played(after, confirmed_expired(ENTRY, 400)[0])
    stranded, more = step(later, found(ENTRY, "expired"))
    _, still = step(stranded, filled(ENTRY, 10, "late"))

    assert (after.stranded, stranded.stranded) == (False, True)
    assert of_kind(more, SubmitOrder, RaiseAlert) == (RaiseAlert("TRADE_PARKED", SIGNAL),)
    assert not of_kind(still, SubmitOrder, RaiseAlert)


def test_what_was_held_up_is_flattened_and_not_hedged_when_trading_resumes():
    stranded = opened(TradePaused(), filled(ENTRY, 1_000))

    after, commands = step(stranded, TradeResumed())

    assert of_kind(commands, SubmitOrder) == (submitted(FLATTEN_A, 1_000)[0],)
    assert (after.phase, after.paused, after.stranded) == ("flatten", False, False)


def test_a_halt_that_held_up_nothing_changes_nothing():
    resumed = opened(TradePaused(), TradeResumed())

    after, commands = step(resumed, filled(ENTRY, 1_000))

    assert of_kind(commands, SubmitOrder) == (submitted(HEDGE, 2_000)[0],)
    assert after.phase == "hedge"


def test_a_flatten_that_was_held_up_leaves_when_trading_resumes():
    severe = opened(TradePaused(), filled(ENTRY, 100), *confirmed_expired(ENTRY, 100))

    _, commands = step(severe, TradeResumed())

    assert severe.stranded
    assert of_kind(commands, SubmitOrder) == (submitted(FLATTEN_A, 100)[0],)


def test_while_trading_is_halted_no_stop_is_sent_or_resized():
    unprotected = opened(*LEGS_FILLED, TradePaused())
    small = opened(filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A), TradePaused())

    _, unsent = step(unprotected, GRACE)
    _, unchanged = step(small, filled(ENTRY, 300, "more"))

    assert not of_kind(unsent, SubmitOrder)
    assert not of_kind(unchanged, ReplaceOrder)


def test_protection_is_made_up_for_when_trading_resumes():
    unprotected = opened(*LEGS_FILLED, TradePaused(), GRACE)

    _, commands = step(unprotected, TradeResumed())

    assert of_kind(commands, SubmitOrder) == (stop_sent(STOP_A, 1_000)[0], stop_sent(STOP_B, 2_000)[0])


def test_a_restart_tells_again_that_a_trade_is_stranded():
    stranded = opened(TradePaused(), filled(ENTRY, 1_000))

    _, commands = step(stranded, Restarted())

    assert of_kind(commands, RaiseAlert) == (RaiseAlert("TRADE_PARKED", SIGNAL),)


# ---- another price for the entry ------------------------------------------------------------------------


def resting(*events, side="buy", limit=100):
    """A pair whose entry rests at a limit price."""
    begun = proposed()
    leg = replace(begun.leg_a, side=side, limit_price=limit)
    return played(replace(begun, leg_a=leg), signal(), OrderAccepted(ENTRY), *events)


@pytest.mark.covers("TC-IF-006")
@pytest.mark.parametrize(("side", "price", "judged"), [("buy", 105, 105), ("buy", 95, 100), ("sell", 95, 95)])
def test_a_resting_entry_takes_another_price_and_is_judged_by_the_worse(side, price, judged):
    after, commands = step(resting(side=side), EntryChangeRequested(SIGNAL, price))

    assert commands == (ReplaceOrder(ENTRY, 1_000, price, None), starts_query(ENTRY))
    assert (after.leg_a.limit_price, after.leg_a.price) == (price, judged)
    assert orders.status(after.orders[0]) == "pending_replace"


@pytest.mark.covers("TC-IF-006")
def test_a_confirmed_change_stops_the_question_about_it():
    _, commands = step(resting(EntryChangeRequested(SIGNAL, 105)), OrderReplaced(ENTRY, 1_000))

    assert commands == (StopTimer(TimerId(SIGNAL, "query", ENTRY)),)


@pytest.mark.covers("TC-IF-006")
def test_a_fill_during_the_change_is_kept_and_the_question_stays():
    changing = resting(EntryChangeRequested(SIGNAL, 105))

    crossed, commands = step(changing, filled(ENTRY, 400))
    done = played(crossed, OrderReplaced(ENTRY, 1_000))

    assert commands == ()
    assert (done.orders[0].filled, done.orders[0].quantity, done.orders[0].limit_price) == (400, 1_000, 105)


@pytest.mark.covers("TC-IF-006")
def test_a_refused_change_is_asked_about():
    _, commands = step(resting(EntryChangeRequested(SIGNAL, 105)), ReplaceRejected(ENTRY, "too late"))

    assert QueryOrder(ENTRY) in commands


@pytest.mark.parametrize(
    "before",
    [
        resting(EntryChangeRequested(SIGNAL, 101)),
        resting(timed_out(ENTRY)),
        resting(filled(ENTRY, 1_000)),
        resting(RequestOutcomeUnknown(ENTRY, "cancel")),
        resting(TradePaused()),
        opened(OrderAccepted(ENTRY)),
        protected(),
    ],
    ids=["changing", "going", "filled", "asked about", "halted", "market order", "over"],
)
def test_an_entry_that_does_not_rest_in_peace_is_not_changed(before):
    after, commands = step(before, EntryChangeRequested(SIGNAL, 105))

    assert (after is before, commands) == (True, ())


def test_the_price_it_has_already_is_no_change():
    before = resting()

    assert step(before, EntryChangeRequested(SIGNAL, 100)) == (before, ())
