"""One order: how it ends, requests whose outcome is unknown, and what the answers to queries prove."""

from dataclasses import replace

import pytest

from core import orders
from core.messages import (
    CancelRejected,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    ReplaceRejected,
    RequestOutcomeUnknown,
)
from core.orders import request_cancel, request_replace
from tests.unit.core.build import (
    ENTRY,
    ORDER,
    answered,
    book,
    booked,
    confirmed_canceled,
    fill,
    found,
    not_found,
    trades,
)


def to_half(order):
    """The order while a replacement by 500 lots at another price is under way."""
    return request_replace(order, 500, 99)


ACCEPTED = OrderAccepted(ENTRY)
ENDS = pytest.mark.parametrize(
    ("kind", "word"), [(OrderCanceled, "canceled"), (OrderExpired, "expired")], ids=["canceled", "expired"]
)

# ---- ends ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
@pytest.mark.parametrize("cumulative", [-1, 10_001])
def test_a_cumulative_quantity_that_cannot_be_is_refused(kind, cumulative):
    before = booked(ACCEPTED, request_cancel)

    assert book(before, kind(ENTRY, cumulative)) == (before, "INVALID_VALUE")


@ENDS
@pytest.mark.parametrize(
    ("cumulative", "reported", "settled"), [(0, 400, True), (400, 400, True), (401, 401, False)]
)
def test_a_confirmed_end_settles_an_order_when_every_fill_the_venue_spoke_of_is_known(
    kind, word, cumulative, reported, settled
):
    over = booked(trades(400), kind(ENTRY, cumulative))

    order = booked(found(ENTRY, word), order=over)

    assert not orders.is_settled(over)
    assert (order.phase, order.reported, orders.is_settled(order)) == (word, reported, settled)


def test_the_missing_fill_settles_it():
    over = booked(trades(400), *confirmed_canceled(ENTRY, 700))

    order = booked(trades(300, "t2"), order=over)

    assert not orders.is_settled(over)
    assert (order.phase, order.filled, orders.is_settled(order)) == ("canceled", 700, True)


def test_the_missing_fill_alone_does_not_settle_it():
    order = booked(trades(400), OrderCanceled(ENTRY, 700), trades(300, "t2"))

    assert (order.phase, order.filled, orders.is_settled(order)) == ("canceled", 700, False)


@ENDS
def test_a_fill_that_crossed_the_end_comes_with_its_confirmation(kind, word):
    order = booked(trades(400), kind(ENTRY, 400), found(ENTRY, word, fill(400), fill(200, trade_id="t2")))

    assert (order.phase, order.filled, orders.is_settled(order)) == (word, 600, True)


def test_a_crossed_fill_of_all_that_was_left_needs_no_confirmation():
    order = booked(trades(400), OrderCanceled(ENTRY, 400), trades(9_600, "t2"))

    assert (order.phase, orders.is_settled(order)) == ("filled", True)


@ENDS
@pytest.mark.parametrize(
    "answers",
    [
        (found(ENTRY),),
        (answered(ENTRY, "failed"),),
        (answered(ENTRY, "empty"),),
        (answered(ENTRY, "stale"),),
        not_found(ENTRY, 2),
        (*not_found(ENTRY, 2), found(ENTRY), *not_found(ENTRY, 2)),
    ],
    ids=["open", "failed", "empty", "stale", "not found twice", "a broken row"],
)
def test_no_other_answer_confirms_an_end(kind, word, answers):
    order = booked(trades(400), kind(ENTRY, 400), *answers)

    assert (order.phase, order.reconciled, orders.is_settled(order)) == (word, False, False)


@ENDS
def test_an_order_not_found_so_often_is_over_as_it_was_told(kind, word):
    order = booked(trades(400), kind(ENTRY, 400), *not_found(ENTRY, 3))

    assert (order.phase, order.reconciled, orders.is_settled(order)) == (word, True, True)


@ENDS
def test_an_answer_nobody_asked_for_is_no_confirmation(kind, word):
    over = booked(kind(ENTRY, 0), order=replace(ORDER, queries=2))

    order = booked(*not_found(ENTRY, 3), order=over)

    assert (order.phase, order.not_found, orders.is_settled(order)) == (word, 2, False)


@ENDS
@pytest.mark.parametrize("answer", ["canceled", "expired", "closed"])
def test_an_end_is_confirmed_by_whatever_word_the_venue_has_for_it(kind, word, answer):
    order, anomaly = book(booked(trades(400), kind(ENTRY, 400)), found(ENTRY, answer, fill(400)))

    assert (order.phase, anomaly, orders.is_settled(order)) == (word, None, True)


@ENDS
def test_an_end_that_was_told_in_other_words_unasked_is_an_anomaly_and_no_confirmation(kind, word):
    other = OrderExpired if kind is OrderCanceled else OrderCanceled

    order, anomaly = book(booked(trades(400), kind(ENTRY, 400)), other(ENTRY, 400))

    assert (order.phase, anomaly, orders.is_settled(order)) == (word, "UNEXPECTED_REPORT", False)


@ENDS
def test_a_closed_order_that_was_filled_whole_is_filled_whatever_its_end(kind, word):
    whole = fill(9_600, trade_id="t2")

    order, anomaly = book(booked(trades(400), kind(ENTRY, 400)), found(ENTRY, "closed", whole))

    assert (order.phase, anomaly, orders.is_settled(order)) == ("filled", None, True)


@pytest.mark.parametrize(
    "earlier",
    [
        (*not_found(ENTRY), ACCEPTED),
        (found(ENTRY, "closed", fill(10_000)), FillCorrected(ENTRY, fill(0))),
    ],
    ids=["it was absent and came back", "it was filled and busted"],
)
def test_an_order_that_came_back_to_life_needs_a_confirmation_when_it_ends_again(earlier):
    order = booked(*earlier)

    over = booked(OrderCanceled(ENTRY, 0), order=order)

    assert orders.is_live(order)
    assert not orders.is_settled(over)
    assert orders.is_settled(booked(found(ENTRY, "canceled"), order=over))


@pytest.mark.parametrize("word", ["closed", "canceled", "expired"])
def test_an_end_that_the_answer_itself_tells_is_confirmed_by_it(word):
    assert orders.is_settled(booked(ACCEPTED, trades(400), found(ENTRY, word)))


@pytest.mark.parametrize(
    "events",
    [(OrderRejected(ENTRY, "no"),), (trades(10_000),), not_found(ENTRY, 3)],
    ids=["rejected", "filled", "absent"],
)
def test_only_a_canceled_or_expired_order_needs_a_confirmation(events):
    assert orders.is_settled(booked(*events))


@pytest.mark.parametrize(
    ("events", "known"),
    [
        ((), True),
        ((ACCEPTED,), True),
        ((RequestOutcomeUnknown(ENTRY, "submit"),), False),
        ((RequestOutcomeUnknown(ENTRY, "submit"), *not_found(ENTRY, 2)), False),
        ((RequestOutcomeUnknown(ENTRY, "submit"), ACCEPTED), True),
        ((RequestOutcomeUnknown(ENTRY, "submit"), *not_found(ENTRY, 3)), True),
        ((OrderCanceled(ENTRY, 0),), False),
        (confirmed_canceled(ENTRY, 0), True),
        (confirmed_canceled(ENTRY, 1), False),
        ((OrderRejected(ENTRY, "no"),), True),
    ],
)
def test_the_fate_of_an_order_is_known_when_it_works_as_told_or_is_settled(events, known):
    assert orders.is_known(booked(*events)) is known


def test_a_live_order_is_not_settled():
    assert [orders.is_settled(booked(*events)) for events in [(), (ACCEPTED,), (trades(1),)]] == [False] * 3
    assert orders.is_live(booked(ACCEPTED))
    assert not orders.is_live(booked(OrderCanceled(ENTRY, 0)))


@pytest.mark.parametrize("report", [OrderCanceled(ENTRY, 10_000), OrderExpired(ENTRY, 10_000)])
def test_an_end_answers_the_cancel(report):
    order = booked(ACCEPTED, request_cancel, report)

    assert (order.pending, order.cancel_wanted) == ("none", True)


def test_a_report_without_a_row_leaves_the_pending_request():
    order, anomaly = book(booked(OrderExpired(ENTRY, 0), request_cancel), OrderCanceled(ENTRY, 5))

    assert (order.phase, order.pending, order.reported, anomaly) == (
        "expired",
        "cancel",
        0,
        "UNEXPECTED_REPORT",
    )


@pytest.mark.parametrize(
    ("request_made", "refusal", "pending"),
    [
        (request_cancel, CancelRejected(ENTRY, "late"), "none"),
        (request_cancel, ReplaceRejected(ENTRY, "late"), "cancel"),
        (to_half, ReplaceRejected(ENTRY, "late"), "none"),
        (to_half, CancelRejected(ENTRY, "late"), "replace"),
    ],
)
def test_a_refusal_ends_the_request_it_belongs_to(request_made, refusal, pending):
    order, anomaly = book(booked(ACCEPTED, request_made), refusal)

    assert (order.pending, order.phase, anomaly) == (pending, "new", None)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_replacement_by_nothing_is_refused(quantity):
    before = booked(ACCEPTED, to_half)

    assert book(before, OrderReplaced(ENTRY, quantity)) == (before, "INVALID_VALUE")


def test_a_replacement_of_one_lot_is_one():
    order, anomaly = book(booked(ACCEPTED, to_half), OrderReplaced(ENTRY, 1))

    assert (order.quantity, order.pending, anomaly) == (1, "none", None)


# ---- unknown outcomes ----------------------------------------------------------------------------


def test_a_submit_without_an_answer_is_unknown_and_not_rejected():
    order, anomaly = book(ORDER, RequestOutcomeUnknown(ENTRY, "submit"))

    assert (order.phase, order.unknown, anomaly) == ("pending_new", True, None)


@pytest.mark.parametrize(
    "report",
    [
        ACCEPTED,
        OrderRejected(ENTRY, "no"),
        trades(400),
        OrderCanceled(ENTRY, 0),
        OrderExpired(ENTRY, 0),
        OrderReplaced(ENTRY, 500),
        found(ENTRY),
    ],
    ids=lambda report: type(report).__name__,
)
def test_whatever_the_venue_says_of_an_order_ends_the_doubt(report):
    doubted = booked(RequestOutcomeUnknown(ENTRY, "submit"), *not_found(ENTRY, 2))

    order, _ = book(doubted, report)

    assert (doubted.unknown, doubted.not_found) == (True, 2)
    assert (order.unknown, order.not_found) == (False, 0)


def test_the_row_of_not_found_answers_ends_without_a_doubt_too():
    assert booked(ACCEPTED, *not_found(ENTRY, 2), ACCEPTED).not_found == 0


def test_a_late_word_about_the_submit_casts_no_doubt_on_an_acknowledged_order():
    before = booked(ACCEPTED)

    assert book(before, RequestOutcomeUnknown(ENTRY, "submit")) == (before, None)


@pytest.mark.parametrize(
    ("request_made", "lost", "pending"),
    [
        (request_cancel, "cancel", "none"),
        (to_half, "replace", "none"),
        (request_cancel, "replace", "cancel"),
        (request_cancel, "query", "cancel"),
    ],
)
def test_a_lost_answer_ends_only_the_request_it_belongs_to(request_made, lost, pending):
    order, anomaly = book(booked(ACCEPTED, request_made), RequestOutcomeUnknown(ENTRY, lost))

    assert (order.phase, order.pending, order.unknown, anomaly) == ("new", pending, False, None)


# ---- answers to queries --------------------------------------------------------------------------


def test_not_found_is_believed_the_third_time_in_a_row():
    twice = booked(RequestOutcomeUnknown(ENTRY, "submit"), request_cancel, *not_found(ENTRY, 2))

    thrice, anomaly = book(twice, answered(ENTRY, "not_found"))

    assert (twice.phase, twice.unknown, twice.pending) == ("pending_new", True, "cancel")
    assert (thrice.phase, thrice.unknown, thrice.pending, anomaly) == ("absent", False, "none", None)


@pytest.mark.parametrize("answer", ["failed", "empty", "stale"])
def test_an_answer_that_proves_nothing_breaks_the_row(answer):
    order = booked(*not_found(ENTRY, 2), answered(ENTRY, answer), *not_found(ENTRY, 2))

    assert (order.phase, order.not_found) == ("pending_new", 2)


@pytest.mark.parametrize("answer", ["failed", "empty", "stale"])
def test_an_answer_that_proves_nothing_changes_nothing(answer):
    before = booked(RequestOutcomeUnknown(ENTRY, "submit"))
    says_closed = OrderStatusReported(ENTRY, answer, "closed", (fill(10_000),))

    assert book(before, says_closed) == (replace(before, answers=1), None)


@pytest.mark.parametrize(("fills", "phase"), [((), "expired"), ((9_999,), "expired"), ((10_000,), "filled")])
def test_closed_is_what_the_filled_amount_says(fills, phase):
    order, anomaly = book(booked(ACCEPTED), found(ENTRY, "closed", *(fill(each) for each in fills)))

    assert (order.phase, order.filled, anomaly) == (phase, sum(fills), None)


def test_a_found_order_brings_only_the_fills_that_are_new():
    before = booked(trades(400, "t1"))

    order, anomaly = book(before, found(ENTRY, "open", fill(400, trade_id="t1"), fill(100, trade_id="t2")))

    assert (order.filled, anomaly) == (500, None)


def test_a_found_order_with_one_bad_fill_brings_the_good_ones_and_a_complaint():
    order, anomaly = book(
        ORDER, found(ENTRY, "open", fill(100), fill(-1, trade_id="t2"), fill(200, trade_id="t3"))
    )

    assert (order.filled, anomaly) == (300, "INVALID_VALUE")


def test_what_is_wrong_with_a_fill_is_told_before_what_is_wrong_with_the_status():
    order, anomaly = book(booked(trades(1)), found(ENTRY, "rejected", fill(-1, trade_id="t2")))

    assert (order.phase, anomaly) == ("partially_filled", "INVALID_VALUE")


@pytest.mark.parametrize(
    ("status", "pending"),
    [("open", "cancel"), ("closed", "none"), ("canceled", "none"), ("expired", "none"), ("rejected", "none")],
)
def test_a_found_order_that_is_over_has_no_request_pending(status, pending):
    order = booked(ACCEPTED, request_cancel, found(ENTRY, status))

    assert order.pending == pending
