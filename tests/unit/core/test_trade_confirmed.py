"""One trade, an order of which was canceled or expired: nothing follows before the venue confirmed it.

A fill may have crossed the end, and be told after it. What is hedged, flattened or ended is judged by what
was filled when the answer came.
"""

from dataclasses import replace

import pytest

from core import orders, trade
from core.messages import (
    CancelRejected,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    ReportAnomaly,
    RequestOutcomeUnknown,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    SECOND,
    absent,
    answered,
    asked_again,
    asks_once_more,
    booked,
    confirmed_canceled,
    confirmed_expired,
    ends,
    fill,
    filled,
    found,
    not_found,
    opened,
    parks,
    played,
    queried,
    stops_query,
    stops_timeout,
    submitted,
    trades,
)

HEDGE_2, HEDGE_3 = replace(HEDGE, attempt=2), replace(HEDGE, attempt=3)
FLATTEN_A_2 = replace(FLATTEN_A, attempt=2)
HALF_HEDGED = (filled(ENTRY, 1_000), filled(HEDGE, 500))


def over(quantity, **plan):
    """The trade whose entry was canceled after that many lots of 1,000, as far as is known."""
    return opened(filled(ENTRY, quantity), OrderCanceled(ENTRY, quantity), **plan)


# ---- the question --------------------------------------------------------------------------------

ENDED = {
    "entry": ((filled(ENTRY, 600),), ENTRY, 600),
    "hedge": (HALF_HEDGED, HEDGE, 500),
    "flatten": ((filled(ENTRY, 400), *confirmed_expired(ENTRY, 400), filled(FLATTEN_A, 100)), FLATTEN_A, 100),
}


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
@pytest.mark.parametrize("phase", ENDED)
def test_an_order_that_ended_is_asked_about_before_anything_follows(phase, kind):
    events, order, cumulative = ENDED[phase]

    asking, commands = trade.step(opened(*events), kind(order, cumulative), True)

    assert asking.phase == phase
    assert commands == asks_once_more(order)


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
def test_an_order_that_ended_is_asked_about_once_at_a_time(kind):
    asking = opened(filled(ENTRY, 600), kind(ENTRY, 600))

    again, commands = trade.step(asking, kind(ENTRY, 600), True)

    assert (again, commands) == (asking, ())


@pytest.mark.parametrize(
    "answer",
    [
        found(ENTRY),
        answered(ENTRY, "not_found"),
        answered(ENTRY, "failed"),
        answered(ENTRY, "empty"),
        answered(ENTRY, "stale"),
        RequestOutcomeUnknown(ENTRY, "query"),
    ],
    ids=["open", "not found", "failed", "empty", "stale", "lost"],
)
def test_an_answer_that_confirms_nothing_leaves_the_next_question_to_the_timer(answer):
    asking, commands = trade.step(over(600), answer, True)
    _, questions = trade.step(asking, asked_again(ENTRY), True)

    assert (asking.phase, commands) == ("entry", ())
    assert questions == queried(ENTRY, 2 * SECOND)


def test_an_end_that_is_not_found_so_often_is_believed():
    twice = played(over(600), answered(ENTRY, "not_found"), asked_again(ENTRY), answered(ENTRY, "not_found"))

    _, commands = trade.step(played(twice, asked_again(ENTRY)), answered(ENTRY, "not_found"), True)

    assert twice.phase == "entry"
    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 1_200))


def test_a_canceled_entry_that_the_venue_calls_closed_is_hedged():
    _, commands = trade.step(over(600), found(ENTRY, "closed"), True)

    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 1_200))


def test_a_cancel_refused_after_the_end_asks_again_and_nothing_follows():
    asking, commands = trade.step(over(600), CancelRejected(ENTRY, "too late"), True)

    assert (asking.phase, commands) == ("entry", queried(ENTRY, 2 * SECOND))


def test_an_end_that_is_never_confirmed_is_a_person_s_matter():
    asking = over(600, protocol=Protocol(query_attempts=2))

    last, question = trade.step(asking, asked_again(ENTRY), True)
    parked, commands = trade.step(last, asked_again(ENTRY), True)

    assert question == queried(ENTRY, 2 * SECOND)
    assert parked.phase == "parked"
    assert commands == parks("ORDER_UNRESOLVED", "partial", held_a=600)


# ---- a fill crossed the end ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "crossed", "following"),
    [
        (600, 300, submitted(HEDGE, 1_800)),
        (400, 200, submitted(HEDGE, 1_200)),
        (400, 50, submitted(FLATTEN_A, 450)),
        (499, 1, submitted(HEDGE, 1_000)),
    ],
    ids=["more to hedge", "a hedge in the place of an abort", "more to flatten", "the very threshold"],
)
@pytest.mark.parametrize("told", ["before the answer", "with the answer"])
def test_a_fill_that_crossed_the_entry_s_end_is_part_of_what_follows(known, crossed, following, told):
    late = fill(crossed, trade_id="crossed")
    with_answer = told == "with the answer"
    answer = found(ENTRY, "canceled", *[late] * with_answer)

    waiting = over(known) if with_answer else played(over(known), filled(ENTRY, crossed, "crossed"))
    _, commands = trade.step(waiting, answer, True)

    assert waiting.phase == "entry"
    assert commands == (stops_query(ENTRY), *following)


def test_an_entry_that_seemed_unfilled_is_flattened_for_what_crossed_its_end():
    waiting = opened(OrderExpired(ENTRY, 0))

    begun, commands = trade.step(waiting, found(ENTRY, "expired", fill(100)), True)

    assert waiting.outcome is None
    assert begun.outcome is None
    assert commands == (stops_query(ENTRY), *submitted(FLATTEN_A, 100))


def test_an_entry_that_was_unfilled_ends_the_trade_when_that_is_confirmed():
    waiting, questions = trade.step(opened(), OrderExpired(ENTRY, 0), True)

    done, commands = trade.step(waiting, found(ENTRY, "expired"), True)

    assert questions == asks_once_more(ENTRY)
    assert (waiting.phase, done.phase, done.outcome) == ("entry", "ended", "unfilled")
    assert commands == (stops_query(ENTRY), *ends("unfilled", "none"))


@pytest.mark.parametrize(
    ("crossed", "following"),
    [(300, submitted(HEDGE_2, 1_200)), (1_500, ends("hedged", "complete"))],
    ids=["less to hedge again", "nothing to hedge again"],
)
def test_a_fill_that_crossed_the_hedge_s_end_is_not_hedged_again(crossed, following):
    waiting = opened(*HALF_HEDGED, OrderCanceled(HEDGE, 500))

    _, commands = trade.step(waiting, found(HEDGE, "canceled", fill(crossed, 50, "crossed")), True)

    assert commands == (stops_query(HEDGE), *following)


def test_the_last_hedge_is_not_given_up_before_its_end_is_confirmed():
    waiting = opened(
        filled(ENTRY, 1_000),
        OrderRejected(HEDGE, "no"),
        OrderRejected(HEDGE_2, "no"),
        OrderExpired(HEDGE_3, 0),
    )

    done, commands = trade.step(waiting, found(HEDGE_3, "expired", fill(2_000, 50)), True)

    assert waiting.phase == "hedge"
    assert done.outcome == "hedged"
    assert commands == (stops_query(HEDGE_3), *ends("hedged", "complete"))


@pytest.mark.parametrize(
    ("crossed", "following"),
    [(100, submitted(FLATTEN_A_2, 200)), (300, ends("flattened", "severe"))],
    ids=["less to flatten again", "nothing to flatten again"],
)
def test_a_fill_that_crossed_the_flatten_s_end_is_not_flattened_again(crossed, following):
    begun = opened(filled(ENTRY, 400), *confirmed_expired(ENTRY, 400), filled(FLATTEN_A, 100))
    waiting = played(begun, OrderExpired(FLATTEN_A, 100))

    _, commands = trade.step(waiting, found(FLATTEN_A, "expired", fill(crossed, trade_id="crossed")), True)

    assert commands == (stops_query(FLATTEN_A), *following)


def test_the_last_flatten_does_not_park_the_trade_before_its_end_is_confirmed():
    one_try = Protocol(flatten_attempts=1)
    begun = opened(filled(ENTRY, 400), *confirmed_expired(ENTRY, 400), protocol=one_try)

    waiting = played(begun, OrderExpired(FLATTEN_A, 0))

    assert waiting.phase == "flatten"
    assert played(waiting, found(FLATTEN_A, "expired", fill(400))).outcome == "flattened"
    assert played(waiting, found(FLATTEN_A, "expired")).phase == "parked"


def test_an_order_that_turns_out_whole_needs_no_more_answer():
    _, commands = trade.step(over(600), filled(ENTRY, 400, "crossed"), True)

    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 2_000))


def test_one_leg_s_flatten_waits_for_the_other_s_answer():
    one_hedge = Protocol(hedge_attempts=1)
    begun = opened(*HALF_HEDGED, *confirmed_canceled(HEDGE, 500), protocol=one_hedge)

    waiting = played(begun, OrderExpired(FLATTEN_A, 0), filled(FLATTEN_B, 500))
    _, commands = trade.step(waiting, found(FLATTEN_A, "expired"), True)

    assert [order.id for order in waiting.orders] == [ENTRY, HEDGE, FLATTEN_A, FLATTEN_B]
    assert commands == (stops_query(FLATTEN_A), *submitted(FLATTEN_A_2, 1_000))


def test_a_confirmed_end_is_asked_about_no_more():
    hedging = opened(filled(ENTRY, 600), *confirmed_expired(ENTRY, 600))

    again, commands = trade.step(hedging, OrderExpired(ENTRY, 600), True)
    _, hedged = trade.step(again, filled(HEDGE, 1_200), True)

    assert (again, commands) == (hedging, ())
    assert hedged == (stops_timeout(HEDGE), *ends("hedged", "partial"))


def test_a_confirmed_end_with_more_told_than_known_is_asked_about_for_its_fills():
    hedging = opened(filled(ENTRY, 600), *confirmed_canceled(ENTRY, 600), filled(HEDGE, 1_200))

    waiting, questions = trade.step(hedging, OrderCanceled(ENTRY, 700), True)
    _, commands = trade.step(waiting, found(ENTRY, "canceled", fill(100, trade_id="late")), True)

    assert questions == queried(ENTRY, 2 * SECOND)
    assert commands == (stops_query(ENTRY), *submitted(FLATTEN_A, 100))


# ---- an order that came back -----------------------------------------------------------------------


def test_nothing_is_hedged_while_a_fill_may_cross_the_end_of_an_entry_that_came_back():
    begun = opened(*absent(ENTRY), OrderAccepted(ENTRY), filled(ENTRY_2, 1_000))

    over, waiting = trade.step(begun, OrderCanceled(ENTRY, 0), True)
    _, commands = trade.step(over, found(ENTRY, "canceled"), True)

    assert waiting == ()
    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 2_000))


def test_no_hedge_is_flattened_while_a_fill_may_cross_the_end_of_a_busted_entry():
    busted = (found(ENTRY, "closed", fill(600), fill(400, trade_id="t2")), FillCorrected(ENTRY, fill(0)))
    hedged = opened(*busted, OrderCanceled(ENTRY, 400), filled(HEDGE, 2_000))

    _, commands = trade.step(hedged, found(ENTRY, "canceled", fill(600, trade_id="crossed")), True)

    assert [order.id for order in hedged.orders] == [ENTRY, HEDGE]
    assert commands == (stops_query(ENTRY), *ends("hedged", "complete"))


def test_an_order_that_comes_back_without_its_leg_timer_keeps_its_question():
    over = opened(filled(ENTRY, 400), OrderCanceled(ENTRY, 900), OrderReplaced(ENTRY, 400))

    back, _ = trade.step(over, FillCorrected(ENTRY, fill(0, trade_id="entry-1")), True)

    assert (over.orders[0].phase, back.orders[0].phase) == ("filled", "new")
    assert not back.orders[0].timeout_armed
    assert back.orders[0].query_armed


def test_a_question_that_was_given_up_waits_for_no_answer():
    parked = played(over(600, protocol=Protocol(query_attempts=1)), asked_again(ENTRY))
    nobody_asked = answered(ENTRY, "not_found")

    told, commands = trade.step(parked, nobody_asked, True)
    _, anomalies = trade.step(told, nobody_asked, True)

    assert (parked.phase, commands) == ("parked", ())
    assert anomalies == (ReportAnomaly("UNEXPECTED_REPORT", nobody_asked),)


def test_an_absent_order_that_traded_is_asked_about_when_it_ends():
    order = booked(*not_found(ENTRY), trades(300))

    assert orders.is_live(order)
    assert not orders.is_settled(booked(OrderCanceled(ENTRY, 300), order=order))
