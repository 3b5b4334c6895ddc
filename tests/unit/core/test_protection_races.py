"""Protective stops that race: fills against resizes, answers that say nothing, exits beside each other."""

from dataclasses import replace

import pytest

from core import protection, trade
from core.messages import (
    CancelOrder,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    RaiseAlert,
    ReplaceOrder,
    ReplaceRejected,
    RequestOutcomeUnknown,
    SubmitOrder,
)
from core.orders import Order
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    asked_again,
    asked_and,
    confirmed_expired,
    fill,
    filled,
    found,
    not_found,
    of_kind,
    played,
    queried,
    starts_query,
    stops_query,
    submitted,
)
from tests.unit.core.test_protection import (
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

SMALL = (filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A))
RESIZING = (*SMALL, filled(ENTRY, 300, "more"))


# ---- a hit that meets a resize -------------------------------------------------------------------------


def test_a_stop_hit_for_its_old_size_while_it_is_resized_may_stand_for_more_and_nothing_is_flattened():
    """Otherwise the rest of the stop and a flatten would both exit what is left."""
    gone = (OrderExpired(ENTRY, 700), found(ENTRY, "expired"))

    before, commands = step(opened(*RESIZING), hit(STOP_A, 400))
    after = played(before, *gone)

    assert queried(STOP_A)[0] in commands
    assert after.phase == "flatten"
    assert [each.id for each in after.orders] == [ENTRY, STOP_A]


def test_what_a_resized_stop_still_stands_for_after_a_hit_is_cancelled_and_then_flattened():
    leaving = opened(*RESIZING, hit(STOP_A, 400), *confirmed_expired(ENTRY, 700))

    open_still, commands = step(leaving, replace(found(STOP_A, "open", hit(STOP_A, 400).fill), quantity=700))
    gone = played(open_still, OrderCanceled(STOP_A, 400))
    _, more = step(gone, found(STOP_A, "canceled"))

    assert of_kind(commands, CancelOrder, SubmitOrder) == (CancelOrder(STOP_A),)
    assert of_kind(more, SubmitOrder) == (submitted(FLATTEN_A, 300)[0],)


def test_a_resize_that_came_too_late_leaves_the_rest_to_be_flattened():
    leaving = opened(*RESIZING, hit(STOP_A, 400), *confirmed_expired(ENTRY, 700))

    _, commands = step(leaving, found(STOP_A, "closed", hit(STOP_A, 400).fill))

    assert of_kind(commands, SubmitOrder) == (submitted(FLATTEN_A, 300)[0],)


def test_fills_of_a_resized_stop_whose_reports_got_lost_are_found():
    leaving = opened(*RESIZING, hit(STOP_A, 400), *confirmed_expired(ENTRY, 700))

    after, _ = step(leaving, found(STOP_A, "closed", hit(STOP_A, 400).fill, hit(STOP_A, 300, "2").fill))

    assert (trade.open_lots(after, after.leg_a), after.phase) == (0, "ended")


# ---- resizes -------------------------------------------------------------------------------------------


def test_a_stop_that_the_venue_has_not_acknowledged_is_not_resized_before_it_has():
    unheard = opened(filled(ENTRY, 400), GRACE)

    waiting, early = step(unheard, filled(ENTRY, 300, "more"))
    _, commands = step(waiting, OrderAccepted(STOP_A))

    assert not of_kind(early, ReplaceOrder)
    assert of_kind(commands, ReplaceOrder) == (ReplaceOrder(STOP_A, 700, None, 90),)


@pytest.mark.parametrize("answer", ["failed", "empty", "stale"])
def test_an_answer_that_says_nothing_does_not_take_the_stop_away(answer):
    doubted = opened(*RESIZING, RequestOutcomeUnknown(STOP_A, "replace"))

    after, commands = step(doubted, replace(found(STOP_A), answer=answer))
    _, again = step(after, asked_again(STOP_A))

    assert commands == ()
    assert again == queried(STOP_A, 2_000_000_000)


def test_what_is_being_flattened_is_not_put_behind_the_stop_as_well():
    """Leg B is over-hedged by 100; while these are flattened, a late fill of leg A raises its target."""
    hedged = opened(
        filled(ENTRY, 900),
        GRACE,
        OrderAccepted(STOP_A),
        *confirmed_expired(ENTRY, 900),
        filled(HEDGE, 1_900),
        OrderAccepted(STOP_B),
    )

    after, commands = step(hedged, filled(ENTRY, 50, "late"))
    _, done = step(after, filled(FLATTEN_B, 100))

    assert trade.find(hedged, STOP_B).quantity == 1_800
    assert not [each for each in commands if isinstance(each, ReplaceOrder) and each.order == STOP_B]
    assert not [each for each in done if isinstance(each, ReplaceOrder) and each.order == STOP_B]


def test_the_stops_that_stand_are_counted_together():
    ended = protected()
    revived = Order(STOP_A_2, "AAA", "sell", 1, phase="new")

    assert protection.is_within(ended, 1_000, 2_000)
    assert not protection.is_within(ended, 999, 2_000)
    assert not protection.is_within(ended, 1_000, 1_999)
    assert not protection.is_within(replace(ended, orders=(*ended.orders, revived)), 1_000, 2_000)
    assert protection.is_within(replace(ended, orders=(*ended.orders, revived)), 1_001, 2_000)


def test_of_what_is_to_go_whole_no_stop_may_be_open_in_any_way():
    going = protected(OrderCanceled(STOP_A, 0))

    assert not protection.is_within(going, 0, 2_000)
    assert protection.is_within(going, 1, 2_000)


# ---- the watch -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [OrderCanceled, OrderExpired])
def test_a_stop_that_the_venue_ended_is_asked_about_at_once(end):
    """Its watch would be too long to wait for: nothing protects the leg until the end is confirmed."""
    after, commands = step(protected(), end(STOP_A, 0))

    assert commands == queried(STOP_A)
    assert after.phase == "ended"


def test_a_stop_that_was_told_to_go_is_asked_about_when_its_time_has_come():
    _, commands = step(protected(hit(STOP_B, 2_000)), OrderCanceled(STOP_A, 0))

    assert commands == ()


def test_a_stop_that_is_not_found_is_asked_about_again_soon_and_sent_anew_when_it_stays_away():
    no = not_found(STOP_A, 1)[0]
    missing, commands = step(protected(asked_again(STOP_A)), no)

    _, again = step(missing, asked_again(STOP_A))
    _, last = step(played(missing, *asked_and(STOP_A, "not_found"), asked_again(STOP_A)), no)

    assert commands == ()
    assert again == queried(STOP_A, 2_000_000_000)
    assert last == (stops_query(STOP_A), *stop_sent(STOP_A_2, 1_000))


def test_a_stop_that_is_found_again_is_watched_as_before():
    before = protected()
    missing = played(before, asked_again(STOP_A), not_found(STOP_A, 1)[0], asked_again(STOP_A))

    after, commands = step(missing, found(STOP_A))

    assert after == before
    assert commands == (starts_query(STOP_A, WATCH),)


def test_a_question_that_was_never_answered_is_made_up_for_by_the_next_answer():
    """Lost answers would else add up, for as long as the stop rests, until a person had to look."""
    before = protected()
    unanswered = played(before, asked_again(STOP_A), asked_again(STOP_A))

    after, commands = step(unanswered, found(STOP_A))

    assert after == before
    assert commands == (starts_query(STOP_A, WATCH),)


@pytest.mark.parametrize("answer", ["failed", "empty", "stale", "not_found"])
def test_an_answer_that_finds_nothing_makes_up_for_none(answer):
    unanswered = protected(asked_again(STOP_A), asked_again(STOP_A))

    after, commands = step(unanswered, replace(found(STOP_A), answer=answer))

    assert commands == ()
    assert (trade.find(after, STOP_A).queries, trade.find(after, STOP_A).answers) == (2, 1)


def test_the_watch_finds_a_stop_that_stands_for_another_size_than_was_known():
    resized = opened(*RESIZING, OrderReplaced(STOP_A, 700), asked_again(STOP_A))

    _, commands = step(resized, replace(found(STOP_A), quantity=400))

    assert of_kind(commands, ReplaceOrder) == (ReplaceOrder(STOP_A, 700, None, 90),)


# ---- the entry beside the stop -------------------------------------------------------------------------


def test_the_venue_s_ignorance_of_a_stop_is_no_question_about_the_entry():
    no = not_found(STOP_A, 1)[0]
    unsure = opened(
        filled(ENTRY, 400), GRACE, RequestOutcomeUnknown(STOP_A, "submit"), no, asked_again(STOP_A)
    )
    last = played(unsure, no, asked_again(STOP_A))

    assert trade.wants(last, no) is None


def test_an_entry_whose_fills_were_all_busted_is_not_sent_again_for_a_stop_that_proves_absent():
    no = not_found(STOP_A, 1)[0]
    busted = opened(
        filled(ENTRY, 400),
        GRACE,
        RequestOutcomeUnknown(STOP_A, "submit"),
        OrderExpired(ENTRY, 400),
        FillCorrected(ENTRY, fill(0, 100, "entry-1")),
    )

    ended, commands = step(busted, found(ENTRY, "expired"))
    _, more = step(played(ended, no, asked_again(STOP_A), no, asked_again(STOP_A)), no)

    assert (ended.phase, ended.outcome) == ("ended", "unfilled")
    assert not of_kind(commands + more, SubmitOrder)


# ---- parked --------------------------------------------------------------------------------------------


def test_the_stop_of_a_parked_trade_goes_once_nothing_is_held():
    parked = replace(protected(), phase="parked", outcome="parked")

    _, held = step(parked, hit(STOP_B, 2_000))
    _, commands = step(parked, FillCorrected(ENTRY, fill(0, 100, "entry-1")))

    assert not of_kind(held, CancelOrder)
    assert CancelOrder(STOP_A) in commands
    assert CancelOrder(STOP_B) not in commands


def test_a_parked_trade_is_neither_protected_nor_given_a_grace():
    parked = replace(opened(*LEGS_FILLED, GRACE), phase="parked", outcome="parked", orders=())
    fresh = replace(opened(), phase="parked", outcome="parked")

    _, commands = step(replace(parked, carried_a=1_000), OrderAccepted(ENTRY))
    after, started = step(fresh, filled(ENTRY, 400))

    assert not of_kind(commands, SubmitOrder)
    assert (after.grace, started) == ("none", ())


def test_the_stop_of_a_parked_trade_is_not_resized():
    parked = replace(opened(*SMALL), phase="parked", outcome="parked")

    _, commands = step(parked, filled(ENTRY, 300, "more"))

    assert not of_kind(commands, ReplaceOrder, CancelOrder, SubmitOrder, RaiseAlert)


def test_a_stop_whose_resize_is_refused_stays_while_it_fits():
    fitting = opened(*RESIZING, ReplaceRejected(STOP_A, "no"), FillCorrected(ENTRY, fill(0, 100, "more")))

    _, commands = step(fitting, found(STOP_A))

    assert not of_kind(commands, ReplaceOrder, CancelOrder, SubmitOrder)
