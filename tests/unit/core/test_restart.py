"""One trade after a crash: what may be out is asked about, its timers run anew, people are told again.

What the crash lost is told by what the venue answers: the state holds commands that may never have left.
"""

from dataclasses import replace

import pytest

from core import orders, trade
from core.messages import (
    CancelRejected,
    EndTrade,
    EntriesHalted,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    QueryOrder,
    RaiseAlert,
    RequestOutcomeUnknown,
    Restarted,
    StartTimer,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    LINGER,
    SECOND,
    SIGNAL,
    absent,
    answered,
    asked_again,
    asked_and,
    both_filled,
    cancelled,
    confirmed_expired,
    ends,
    fill,
    filled,
    found,
    of_kind,
    opened,
    parks,
    played,
    queried,
    starts_query,
    starts_timeout,
    stops_query,
    stops_timeout,
    submitted,
    timed_out,
)

RESTART = Restarted()
HEDGE_2, FLATTEN_A_2 = replace(HEDGE, attempt=2), replace(FLATTEN_A, attempt=2)
LOST = RequestOutcomeUnknown(ENTRY, "submit")
ABORTED = (filled(ENTRY, 400), *confirmed_expired(ENTRY, 400))
HALF_HEDGED = (filled(ENTRY, 1_000), filled(HEDGE, 500), *confirmed_expired(HEDGE, 500))
PARTLY_HEDGED = (filled(ENTRY, 600), *confirmed_expired(ENTRY, 600), filled(HEDGE, 1_200))
ONE_TRY = Protocol(hedge_attempts=1, flatten_attempts=1, query_attempts=1)
STARTS_LINGER = StartTimer(LINGER.timer, 30 * SECOND)


def asks_anew(order):
    """What is done about an order that was working: its leg timer runs, and it is asked about."""
    return (starts_timeout(order), *queried(order))


def says_again(outcome, entry_fill, dust_a=0, dust_b=0):
    """What is done about a trade that ended: it waits as long again, and its end is told again."""
    return tuple(reversed(ends(outcome, entry_fill, dust_a, dust_b)))


# Per phase: what led there, and what a restart does then.
PHASES = {
    "entry": ((), asks_anew(ENTRY)),
    "entry, accepted": ((OrderAccepted(ENTRY),), asks_anew(ENTRY)),
    "entry, partly filled": ((filled(ENTRY, 400),), asks_anew(ENTRY)),
    "entry, unknown": ((LOST,), asks_anew(ENTRY)),
    "entry, going": ((timed_out(ENTRY),), queried(ENTRY)),
    "entry, halted": ((OrderAccepted(ENTRY), EntriesHalted()), asks_anew(ENTRY)),
    "entry, over but not confirmed": ((filled(ENTRY, 600), OrderCanceled(ENTRY, 600)), queried(ENTRY)),
    "entry, sent anew": (absent(ENTRY), asks_anew(ENTRY_2)),
    "entry, back beside its resend": (
        (*absent(ENTRY), OrderAccepted(ENTRY)),
        (*queried(ENTRY), *asks_anew(ENTRY_2)),
    ),
    "hedge": ((filled(ENTRY, 1_000),), asks_anew(HEDGE)),
    "hedge, sent anew": ((filled(ENTRY, 1_000), OrderRejected(HEDGE, "no")), asks_anew(HEDGE_2)),
    "flatten": (ABORTED, asks_anew(FLATTEN_A)),
    "flatten, both legs": (HALF_HEDGED, (*asks_anew(FLATTEN_A), *asks_anew(FLATTEN_B))),
    "ended": (both_filled(), (STARTS_LINGER, *says_again("hedged", "complete")[1:])),
    "ended, unfilled": ((OrderRejected(ENTRY, "no"),), says_again("unfilled", "none")),
    "ended, flattened": ((*ABORTED, filled(FLATTEN_A, 400)), says_again("flattened", "severe")),
    "ended, a late fill is flattened": (
        (*PARTLY_HEDGED, filled(ENTRY, 400, "late")),
        (*asks_anew(FLATTEN_A), STARTS_LINGER),
    ),
    "parked": ((LOST, asked_again(ENTRY)), (*asks_anew(ENTRY), *parks("TRADE_PARKED", "none"))),
    "parked, its orders known": (
        (*ABORTED, OrderRejected(FLATTEN_A, "no")),
        parks("TRADE_PARKED", "severe", held_a=400),
    ),
    "held": ((*both_filled(), LINGER), ()),
}
PLAN = {
    "flatten, both legs": {"protocol": Protocol(hedge_attempts=1)},
    "parked": {"protocol": ONE_TRY},
    "parked, its orders known": {"protocol": ONE_TRY},
}


def crashed(name):
    """The trade before the restart, and after."""
    begun = opened(*PHASES[name][0], **PLAN.get(name, {}))
    return begun, *trade.step(begun, RESTART, True)


# ---- at every phase ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PHASES)
def test_a_restart_asks_about_what_may_be_out_and_runs_its_timers_anew(name):
    begun, restarted, commands = crashed(name)

    assert begun.phase == restarted.phase == name.split(",")[0]
    if name == "ended, a late fill is flattened":  # what it says of its dust is no matter here
        commands = tuple(each for each in commands if not isinstance(each, EndTrade))
    assert commands == PHASES[name][1]


@pytest.mark.parametrize("name", PHASES)
def test_a_restart_casts_doubt_on_what_is_not_settled_and_on_nothing_else(name):
    begun, restarted, _ = crashed(name)

    assert replace(restarted, orders=()) == replace(begun, orders=())
    for before, after in zip(begun.orders, restarted.orders, strict=True):
        if orders.is_settled(before):
            assert after == before
        else:
            doubt = {"unknown": True, "pending": "none", "query_armed": True}
            counted = {"queries": 1, "answers": 0, "not_found": 0}
            assert after == replace(before, **doubt, **counted)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("name", PHASES)
def test_a_second_restart_does_the_same_and_changes_nothing(name, allowed):
    _, once, commands = crashed(name)

    assert trade.step(once, RESTART, allowed) == (once, commands)


@pytest.mark.parametrize("name", PHASES)
def test_a_restart_asks_the_gate_for_nothing(name):
    begun, _, _ = crashed(name)

    assert trade.wants(begun, RESTART) is None


def test_the_leg_timeout_and_the_linger_after_a_restart_are_the_protocol_s():
    quick = Protocol(leg_timeout=7, linger=8, query_backoff=9)

    _, working = trade.step(opened(protocol=quick), RESTART, True)
    _, ended = trade.step(opened(OrderRejected(ENTRY, "no"), protocol=quick), RESTART, True)

    assert working == (starts_timeout(ENTRY, 7), *queried(ENTRY, 9))
    assert ended[0] == StartTimer(LINGER.timer, 8)


def test_an_ended_trade_is_released_by_the_linger_that_runs_anew():
    ended = opened(*both_filled(), RESTART)

    assert played(ended, LINGER).phase == "held"


# ---- questions are counted from zero ---------------------------------------------------------------


def test_after_a_restart_the_back_off_begins_anew():
    tired = opened(LOST, *[asked_again(ENTRY)] * 5)

    restarted, first = trade.step(tired, RESTART, True)
    _, second = trade.step(restarted, asked_again(ENTRY), True)

    assert starts_query(ENTRY) in first
    assert second == queried(ENTRY, 2 * SECOND)


def test_after_a_restart_there_are_as_many_questions_as_ever():
    begun = opened(LOST, asked_again(ENTRY), RESTART, protocol=Protocol(query_attempts=3))

    last = played(begun, asked_again(ENTRY), asked_again(ENTRY))
    parked, commands = trade.step(last, asked_again(ENTRY), True)

    assert (last.phase, parked.phase) == ("entry", "parked")
    assert commands == parks("ORDER_UNRESOLVED", "none")


def test_a_row_of_not_found_answers_does_not_outlive_the_crash():
    begun = opened(*absent(ENTRY, 2), RESTART)

    twice = played(begun, answered(ENTRY, "not_found"), *asked_and(ENTRY, "not_found"))
    thrice = played(twice, *asked_and(ENTRY, "not_found"))

    assert [order.id for order in twice.orders] == [ENTRY]
    assert [order.id for order in thrice.orders] == [ENTRY, ENTRY_2]


def test_answers_to_questions_from_before_the_crash_prove_nothing():
    begun = opened(LOST, *[asked_again(ENTRY)] * 4, RESTART)

    begun = played(begun, *[answered(ENTRY, "not_found")] * 4)

    assert (begun.orders[0].not_found, [order.id for order in begun.orders]) == (1, [ENTRY])


def test_a_parked_trade_asks_anew_and_gives_up_without_a_second_alert():
    parked = opened(LOST, asked_again(ENTRY), protocol=ONE_TRY)

    restarted, commands = trade.step(parked, RESTART, True)
    silent, nothing = trade.step(restarted, asked_again(ENTRY), True)

    assert of_kind(commands, QueryOrder, RaiseAlert) == (
        QueryOrder(ENTRY),
        RaiseAlert("TRADE_PARKED", SIGNAL),
    )
    assert (silent.phase, nothing) == ("parked", ())


def test_a_parked_trade_books_what_it_is_told_after_the_restart_and_stays_parked():
    parked = opened(LOST, asked_again(ENTRY), RESTART, protocol=ONE_TRY)

    told, commands = trade.step(parked, found(ENTRY, "closed", fill(1_000)), True)

    assert (told.phase, trade.open_lots(told, told.leg_a)) == ("parked", 1_000)
    assert commands == (stops_timeout(ENTRY), stops_query(ENTRY))


# ---- a submit was lost -----------------------------------------------------------------------------


def never_arrived(order):
    """The answers about an order that never reached the venue."""
    return (answered(order, "not_found"), *asked_and(order, "not_found", "not_found"))


@pytest.mark.parametrize(
    ("allowed", "following"),
    [(True, submitted(ENTRY_2, 1_000)), (False, ends("unfilled", "none"))],
    ids=["allowed", "refused"],
)
def test_an_entry_that_never_left_is_sent_anew_only_when_allowed(allowed, following):
    *first, last = never_arrived(ENTRY)
    begun = opened(RESTART, *first)

    _, commands = trade.step(begun, last, allowed)

    assert begun.phase == "entry"
    assert trade.wants(begun, last) == "resend"
    assert commands == (stops_timeout(ENTRY), stops_query(ENTRY), *following)


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_hedge_that_never_left_is_sent_anew_or_what_was_bought_is_flattened(attempts):
    *first, last = never_arrived(HEDGE)
    begun = opened(filled(ENTRY, 1_000), RESTART, *first, protocol=Protocol(hedge_attempts=attempts))

    _, commands = trade.step(begun, last, False)

    following = submitted(FLATTEN_A, 1_000) if attempts == 1 else submitted(HEDGE_2, 2_000)
    assert commands == (stops_timeout(HEDGE), stops_query(HEDGE), *following)


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_flatten_that_never_left_is_sent_anew_or_parks_the_trade(attempts):
    *first, last = never_arrived(FLATTEN_A)
    begun = opened(*ABORTED, RESTART, *first, protocol=Protocol(flatten_attempts=attempts))

    _, commands = trade.step(begun, last, False)

    parked = parks("TRADE_PARKED", "severe", held_a=400)
    following = parked if attempts == 1 else submitted(FLATTEN_A_2, 400)
    assert commands == (stops_timeout(FLATTEN_A), stops_query(FLATTEN_A), *following)


# ---- a submit had arrived --------------------------------------------------------------------------


def test_what_was_filled_during_the_outage_is_hedged():
    _, commands = trade.step(opened(RESTART), found(ENTRY, "closed", fill(1_000)), True)

    assert commands == (stops_timeout(ENTRY), stops_query(ENTRY), *submitted(HEDGE, 2_000))


@pytest.mark.parametrize("report", [found(ENTRY), OrderAccepted(ENTRY), filled(ENTRY, 100)])
def test_an_order_that_works_is_waited_for_and_asked_about_no_more(report):
    begun, commands = trade.step(opened(RESTART), report, True)
    _, later = trade.step(begun, timed_out(ENTRY), True)

    assert commands == (stops_query(ENTRY),)
    assert not begun.orders[0].unknown
    assert later == cancelled(ENTRY)


def test_an_order_still_in_doubt_when_its_time_is_over_is_cancelled():
    begun, commands = trade.step(opened(RESTART), timed_out(ENTRY), True)

    assert commands == cancelled(ENTRY)
    assert begun.orders[0].unknown


# ---- a cancel was lost -----------------------------------------------------------------------------

GOING = {
    "timed out": (timed_out(ENTRY),),
    "halted": (EntriesHalted(),),
    "refused": (timed_out(ENTRY), CancelRejected(ENTRY, "no")),
    "came back": (*absent(ENTRY), OrderAccepted(ENTRY)),
}


@pytest.mark.parametrize("events", GOING.values(), ids=GOING)
def test_a_cancel_that_never_left_is_sent_again_when_its_order_is_found_working(events):
    begun = opened(*events, RESTART)

    again, commands = trade.step(begun, found(ENTRY), True)

    assert commands == cancelled(ENTRY)
    assert again.orders[0].pending == "cancel"


def test_a_cancel_that_arrived_is_not_sent_again_and_what_was_filled_is_hedged():
    begun = opened(filled(ENTRY, 600), timed_out(ENTRY), RESTART)

    _, commands = trade.step(begun, found(ENTRY, "canceled"), True)

    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 1_200))


def test_a_going_entry_that_never_arrived_is_not_sent_anew():
    done = opened(timed_out(ENTRY), RESTART, *never_arrived(ENTRY))

    assert (done.outcome, [order.id for order in done.orders]) == ("unfilled", [ENTRY])


# ---- an end was not confirmed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [(found(ENTRY, "expired"),), never_arrived(ENTRY)],
    ids=["told again", "not found"],
)
def test_an_end_from_before_the_crash_is_confirmed_after_it(answers):
    begun = opened(filled(ENTRY, 600), OrderExpired(ENTRY, 600), RESTART)

    done = played(begun, *answers)

    assert begun.phase == "entry"
    assert [(order.id, order.quantity) for order in done.orders] == [(ENTRY, 1_000), (HEDGE, 1_200)]


def test_a_fill_that_crossed_the_end_before_the_crash_changes_the_hedge():
    begun = opened(filled(ENTRY, 600), OrderExpired(ENTRY, 600), RESTART)

    _, commands = trade.step(begun, found(ENTRY, "expired", fill(300, trade_id="crossed")), True)

    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 1_800))
