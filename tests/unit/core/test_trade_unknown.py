"""One trade whose requests had no readable answer: ask, never send again blind, and stop asking some day."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    CancelRejected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    QueryOrder,
    RequestOutcomeUnknown,
    SubmitOrder,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    FLATTEN_A,
    HEDGE,
    SECOND,
    absent,
    answered,
    asked_again,
    asked_and,
    cancelled,
    confirmed_canceled,
    confirmed_expired,
    ends,
    fill,
    filled,
    found,
    of_kind,
    opened,
    parks,
    played,
    proposed,
    queried,
    signal,
    starts_query,
    stops_query,
    stops_timeout,
    submitted,
    timed_out,
)

HEDGE_2 = replace(HEDGE, attempt=2)
LOST = RequestOutcomeUnknown(ENTRY, "submit")
LOST_HEDGE = RequestOutcomeUnknown(HEDGE, "submit")


@pytest.mark.covers("CH-03")
def test_a_submit_without_an_answer_is_looked_up_and_not_sent_again():
    begun, commands = trade.step(opened(), LOST, True)

    assert begun.phase == "entry"
    assert commands == queried(ENTRY)


@pytest.mark.covers("CH-03")
def test_a_hedge_without_an_answer_is_looked_up_and_not_sent_again():
    begun, commands = trade.step(opened(filled(ENTRY, 1_000)), LOST_HEDGE, True)

    assert begun.phase == "hedge"
    assert commands == queried(HEDGE)


@pytest.mark.covers("CH-04")
def test_a_ghost_that_went_through_is_used():
    begun = opened(filled(ENTRY, 1_000), LOST_HEDGE)

    done, commands = trade.step(begun, found(HEDGE, "closed", fill(2_000, 50)), True)

    assert done.outcome == "hedged"
    assert commands == (stops_timeout(HEDGE), stops_query(HEDGE), *ends("hedged", "complete"))


def test_a_ghost_that_is_working_is_waited_for():
    begun, commands = trade.step(opened(LOST), found(ENTRY), True)

    assert commands == (stops_query(ENTRY),)
    assert begun.orders[0].phase == "new"


def test_an_acknowledgement_after_the_doubt_stops_the_questions():
    begun, commands = trade.step(opened(LOST), OrderAccepted(ENTRY), True)

    assert commands == (stops_query(ENTRY),)
    assert begun.orders[0].query_armed is False
    assert begun.orders[0].timeout_armed is True


@pytest.mark.parametrize("answer", ["failed", "empty", "stale", "not_found"])
def test_an_answer_that_proves_nothing_leaves_the_next_question_to_the_timer(answer):
    begun, commands = trade.step(opened(LOST), answered(ENTRY, answer), True)
    _, questions = trade.step(begun, asked_again(ENTRY), True)

    assert commands == ()
    assert questions == queried(ENTRY, 2 * SECOND)


def test_a_query_without_an_answer_is_asked_again_by_its_timer():
    unanswered, commands = trade.step(opened(LOST), RequestOutcomeUnknown(ENTRY, "query"), True)
    _, questions = trade.step(unanswered, asked_again(ENTRY), True)

    assert commands == ()
    assert questions == queried(ENTRY, 2 * SECOND)


def test_each_question_waits_longer_than_the_last():
    begun = opened(LOST, protocol=Protocol(query_backoff=5))
    waits = []
    for _ in range(3):
        begun, commands = trade.step(begun, asked_again(ENTRY), True)
        waits.append(commands[1])

    assert waits == [starts_query(ENTRY, wait) for wait in (10, 15, 20)]


# ---- not found -----------------------------------------------------------------------------------


def test_an_entry_found_absent_three_times_is_sent_anew_when_allowed():
    begun, commands = trade.step(opened(*absent(ENTRY, 2)), answered(ENTRY, "not_found"), True)

    assert begun.phase == "entry"
    assert commands == (stops_timeout(ENTRY), stops_query(ENTRY), *submitted(ENTRY_2, 1_000))
    assert begun.orders[0].timeout_armed is False


def test_an_entry_found_absent_three_times_is_given_up_when_not_allowed():
    begun, commands = trade.step(opened(*absent(ENTRY, 2)), answered(ENTRY, "not_found"), False)

    assert begun.outcome == "unfilled"
    assert commands == (stops_timeout(ENTRY), stops_query(ENTRY), *ends("unfilled", "none"))


@pytest.mark.parametrize("answer", ["failed", "empty", "stale"])
def test_a_row_that_was_broken_starts_again(answer):
    broken = (*absent(ENTRY, 2), answered(ENTRY, answer))
    begun = opened(*broken, *asked_and(ENTRY, "not_found", "not_found"), asked_again(ENTRY))

    _, commands = trade.step(begun, answered(ENTRY, "not_found"), True)

    assert [order.phase for order in begun.orders] == ["pending_new"]
    assert of_kind(commands, SubmitOrder) == submitted(ENTRY_2, 1_000)[:1]


def test_the_number_of_confirmations_is_the_protocol_s():
    begun = opened(LOST, answered(ENTRY, "not_found"), protocol=Protocol(not_found_confirmations=1))

    assert [order.id for order in begun.orders] == [ENTRY, ENTRY_2]


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_an_entry_is_sent_no_more_often_than_its_attempts(attempts):
    begun = opened(protocol=Protocol(entry_attempts=attempts))
    for attempt in range(1, attempts + 1):
        begun = played(begun, *absent(replace(ENTRY, attempt=attempt)))

    assert [order.id.attempt for order in begun.orders] == list(range(1, attempts + 1))
    assert begun.outcome == "unfilled"


@pytest.mark.parametrize(
    "reports", [(OrderRejected(ENTRY, "no"),), confirmed_canceled(ENTRY, 0), confirmed_expired(ENTRY, 0)]
)
def test_an_entry_that_the_venue_ended_is_not_sent_anew(reports):
    done = opened(*reports)

    assert (done.phase, [order.id for order in done.orders]) == ("ended", [ENTRY])


def test_an_absent_hedge_is_sent_anew_whatever_the_gate_would_say():
    begun = opened(filled(ENTRY, 1_000), *absent(HEDGE, 2))

    _, commands = trade.step(begun, answered(HEDGE, "not_found"), False)

    assert commands == (stops_timeout(HEDGE), stops_query(HEDGE), *submitted(HEDGE_2, 2_000))


def test_what_was_filled_before_the_order_was_lost_is_hedged():
    begun = opened(filled(ENTRY, 600), timed_out(ENTRY), *asked_and(ENTRY, *["not_found"] * 3))

    assert begun.orders[0].phase == "canceled"
    assert begun.orders[1].quantity == 1_200


# ---- an absent order comes back ------------------------------------------------------------------


@pytest.mark.parametrize("report", [OrderAccepted(ENTRY), filled(ENTRY, 300)], ids=["accepted", "filled"])
def test_an_absent_order_that_comes_back_is_cancelled(report):
    begun, commands = trade.step(opened(*absent(ENTRY)), report, True)

    assert commands == cancelled(ENTRY)
    assert begun.orders[0].cancel_wanted


def test_an_absent_order_found_again_is_cancelled():
    _, commands = trade.step(opened(*absent(ENTRY)), found(ENTRY), True)

    assert commands == cancelled(ENTRY)


def test_no_hedge_leaves_while_an_absent_order_is_back():
    begun = opened(*absent(ENTRY), OrderAccepted(ENTRY))

    _, commands = trade.step(begun, filled(ENTRY_2, 1_000), True)

    assert commands == (stops_timeout(ENTRY_2),)


def test_what_a_resurrected_order_bought_too_much_is_flattened():
    begun = opened(
        *absent(ENTRY), filled(ENTRY, 300), filled(ENTRY_2, 1_000), *confirmed_canceled(ENTRY, 300)
    )

    done, commands = trade.step(begun, filled(HEDGE, 2_000), True)

    assert begun.orders[-1].quantity == 2_000
    assert commands == (stops_timeout(HEDGE), *submitted(FLATTEN_A, 300))
    assert played(done, filled(FLATTEN_A, 300)).kept_a == 1_000


def test_an_order_that_comes_back_after_the_end_is_cancelled_and_flattened():
    ended = opened(*absent(ENTRY), *absent(ENTRY_2))

    back, cancelling = trade.step(ended, filled(ENTRY, 300), True)
    over, waiting = trade.step(back, OrderCanceled(ENTRY, 300), True)
    _, flattening = trade.step(over, found(ENTRY, "canceled"), True)

    assert ended.outcome == "unfilled"
    assert cancelling == cancelled(ENTRY)
    assert waiting + flattening == (stops_query(ENTRY), *submitted(FLATTEN_A, 300))


# ---- fills still missing -------------------------------------------------------------------------


def test_an_order_that_ended_with_fills_unknown_here_is_asked_for_them():
    begun, questions = trade.step(opened(), OrderExpired(ENTRY, 1_000), True)
    _, hedging = trade.step(begun, found(ENTRY, "closed", fill(1_000)), True)

    assert questions == (stops_timeout(ENTRY), *queried(ENTRY))
    assert hedging == (stops_query(ENTRY), *submitted(HEDGE, 2_000))


def test_an_order_that_was_being_asked_about_is_not_asked_twice():
    _, commands = trade.step(opened(LOST), OrderExpired(ENTRY, 1_000), True)

    assert commands == (stops_timeout(ENTRY),)


# ---- the bound -----------------------------------------------------------------------------------


def test_questions_are_bounded_and_then_a_person_must_look():
    begun = opened(LOST)
    questions = []
    for _ in range(11):
        begun, commands = trade.step(begun, asked_again(ENTRY), True)
        questions += of_kind(commands, QueryOrder)

    parked, commands = trade.step(begun, asked_again(ENTRY), True)

    assert len(questions) == 11
    assert begun.phase == "entry"
    assert (parked.phase, parked.outcome) == ("parked", "parked")
    assert parked.orders[0].query_armed is False
    assert commands == parks("ORDER_UNRESOLVED", "none")


def test_the_bound_is_the_protocol_s_and_what_is_held_is_told():
    begun = opened(filled(ENTRY, 1_000), LOST_HEDGE, protocol=Protocol(query_attempts=1))

    _, commands = trade.step(begun, asked_again(HEDGE), True)

    assert commands == parks("ORDER_UNRESOLVED", "complete", held_a=1_000)


def test_a_cancel_rejected_forever_is_bounded():
    begun = opened(timed_out(ENTRY), protocol=Protocol(query_attempts=3))

    refused = played(begun, *(CancelRejected(ENTRY, "no"),) * 3)

    assert refused.phase == "entry"
    assert played(refused, CancelRejected(ENTRY, "no")).phase == "parked"


def test_a_parked_trade_sends_no_more_orders_and_books_its_fills():
    parked = opened(LOST, asked_again(ENTRY), protocol=Protocol(query_attempts=1))

    after, commands = trade.step(parked, filled(ENTRY, 1_000), True)

    assert (parked.phase, after.phase) == ("parked", "parked")
    assert trade.open_lots(after, after.leg_a) == 1_000
    assert commands == (stops_timeout(ENTRY),)


def test_a_parked_trade_s_working_order_is_still_cancelled_at_its_timeout():
    parked = opened(LOST, asked_again(ENTRY), protocol=Protocol(query_attempts=1))

    after, commands = trade.step(parked, timed_out(ENTRY), True)

    assert commands == cancelled(ENTRY)
    assert after.phase == "parked"


# ---- proof, in every order of events -------------------------------------------------------------


def test_an_attempt_follows_only_when_the_last_one_is_settled():
    begun = proposed()
    story = [
        signal(),
        *absent(ENTRY),
        OrderAccepted(ENTRY),
        RequestOutcomeUnknown(ENTRY_2, "submit"),
        found(ENTRY_2, "closed", fill(1_000)),
        CancelRejected(ENTRY, "no"),
        found(ENTRY),
        *confirmed_canceled(ENTRY, 0),
        LOST_HEDGE,
        found(HEDGE, "rejected"),
    ]
    sent = []
    for event in story:
        before = begun
        begun, commands = trade.step(begun, event, True)
        for command in of_kind(commands, SubmitOrder):
            known = {order.id for order in before.orders}
            assert all(trade.is_settled(order) for order in begun.orders if order.id in known)
            sent.append(command.order)

    assert sent == [ENTRY, ENTRY_2, HEDGE, HEDGE_2]
