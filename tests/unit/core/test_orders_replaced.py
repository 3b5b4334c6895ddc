"""One order that is replaced: what it stands for meanwhile, and what each answer makes of it."""

from dataclasses import replace

import pytest

from core import orders
from core.messages import (
    CancelRejected,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
    RequestOutcomeUnknown,
)
from core.orders import request_cancel, request_replace
from tests.unit.core.build import (
    ENTRY,
    ORDER,
    book,
    booked,
    confirmed_canceled,
    fill,
    found,
    not_found,
    trades,
)

ACCEPTED = OrderAccepted(ENTRY)
LOST = RequestOutcomeUnknown(ENTRY, "replace")


def to_half(order):
    """The order while a replacement by 500 lots at another price is under way."""
    return request_replace(order, 500, 99)


def to_more(order):
    """The order while a replacement by 15,000 lots at another price is under way."""
    return request_replace(order, 15_000, 99)


def told(quantity, status="open", *fills):
    """A status that says for how many lots the order stands."""
    return replace(found(ENTRY, status, *fills), quantity=quantity)


def test_a_replacement_counts_at_worst_until_the_venue_has_answered():
    larger = booked(ACCEPTED, lambda order: request_replace(order, 15_000, 99))
    smaller = booked(ACCEPTED, to_half)

    assert (orders.leaves(larger), orders.leaves(smaller)) == (15_000, 10_000)


def test_a_confirmed_replacement_has_the_price_and_the_quantity_that_were_asked_for():
    order, _ = book(booked(ACCEPTED, to_half), OrderReplaced(ENTRY, 500))

    assert (order.quantity, order.limit_price, order.replacing, order.replacing_price) == (
        500,
        99,
        None,
        None,
    )
    assert orders.leaves(order) == 500


def test_a_replacement_by_another_quantity_than_was_asked_for_leaves_the_price():
    order, _ = book(booked(ACCEPTED, to_half), OrderReplaced(ENTRY, 600))

    assert (order.quantity, order.limit_price, order.replacing) == (600, ORDER.limit_price, None)


def test_a_replacement_that_nobody_asked_for_leaves_the_price():
    order, _ = book(booked(ACCEPTED), OrderReplaced(ENTRY, 600))

    assert (order.quantity, order.limit_price) == (600, ORDER.limit_price)


def test_a_refused_replacement_leaves_the_order_as_it_was_and_says_so():
    order, _ = book(booked(ACCEPTED, to_half), ReplaceRejected(ENTRY, "late"))

    assert (order.quantity, order.limit_price, order.replacing) == (10_000, ORDER.limit_price, None)
    assert order.replacing_price is None
    assert (order.replace_refused, ORDER.replace_refused) == (True, False)


@pytest.mark.parametrize(("quantity", "stands"), [(500, 500), (10_000, 10_000)])
def test_after_a_lost_answer_the_status_tells_the_size(quantity, stands):
    doubted = booked(ACCEPTED, to_half, RequestOutcomeUnknown(ENTRY, "replace"))

    order, anomaly = book(doubted, replace(found(ENTRY), quantity=quantity))

    assert (doubted.replacing, orders.leaves(doubted)) == (500, 10_000)
    assert (order.quantity, order.replacing, anomaly) == (stands, None, None)


def test_a_status_without_a_size_leaves_the_replacement_in_doubt():
    doubted = booked(ACCEPTED, to_half, RequestOutcomeUnknown(ENTRY, "replace"))

    order, _ = book(doubted, found(ENTRY))

    assert (order.quantity, order.replacing) == (10_000, 500)


def test_the_size_in_a_status_means_nothing_where_no_replacement_is_in_doubt():
    order, _ = book(booked(ACCEPTED), replace(found(ENTRY), quantity=400))

    assert order.quantity == 10_000


def test_a_replacement_keeps_a_cancel_that_was_sent_meanwhile_pending():
    order, _ = book(booked(ACCEPTED, to_half, request_cancel), OrderReplaced(ENTRY, 500))

    assert (order.quantity, order.pending) == (500, "cancel")


@pytest.mark.covers("TC-IF-006")
def test_a_replacement_s_answer_takes_back_no_fill():
    order, _ = book(booked(ACCEPTED, to_half, trades(400)), OrderReplaced(ENTRY, 500))

    assert (order.filled, order.quantity, order.phase, orders.leaves(order)) == (
        400,
        500,
        "partially_filled",
        100,
    )


# ---- what is certain -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "is_calm"),
    [
        ((), False),
        ((ACCEPTED,), True),
        ((ACCEPTED, request_cancel), False),
        ((ACCEPTED, to_half), False),
        ((ACCEPTED, to_half, LOST), False),
        ((ACCEPTED, to_half, LOST, found(ENTRY)), True),
        ((ACCEPTED, to_half, ReplaceRejected(ENTRY, "no")), True),
        ((ACCEPTED, *not_found(ENTRY, 1)), False),
        ((ACCEPTED, *not_found(ENTRY, 1), found(ENTRY)), True),
        ((RequestOutcomeUnknown(ENTRY, "submit"),), False),
    ],
    ids=[
        "not acknowledged",
        "acknowledged",
        "cancelling",
        "replacing",
        "replacement in doubt",
        "its size never to be known",
        "replacement refused",
        "not found once",
        "found again",
        "outcome unknown",
    ],
)
def test_an_order_is_calm_when_nothing_is_under_way_or_to_be_confirmed(events, is_calm):
    order = replace(booked(*events), queries=2, answers=2)

    assert orders.is_calm(order) == is_calm
    assert not orders.is_calm(replace(order, answers=1))


def test_a_resized_order_that_is_filled_is_settled_only_once_the_venue_was_asked():
    more = booked(ACCEPTED, to_more, trades(10_000))

    asked = booked(found(ENTRY, "closed"), order=more)

    assert (more.phase, orders.is_settled(more)) == ("filled", False)
    assert (asked.phase, orders.is_settled(asked)) == ("filled", True)


def test_an_order_that_was_only_repriced_is_settled_once_it_is_filled():
    repriced = booked(ACCEPTED, lambda order: request_replace(order, 10_000, 99), trades(10_000))

    assert orders.is_settled(repriced)


@pytest.mark.parametrize(("quantity", "is_settled"), [(10_000, True), (9_000, False)])
def test_a_size_that_nobody_asked_for_is_not_certain(quantity, is_settled):
    order = booked(ACCEPTED, OrderReplaced(ENTRY, quantity), trades(quantity))

    assert (order.phase, orders.is_settled(order)) == ("filled", is_settled)


def test_once_of_uncertain_size_an_order_stays_so():
    back = booked(ACCEPTED, to_more, OrderReplaced(ENTRY, 15_000), lambda o: request_replace(o, 15_000, 98))

    assert booked(OrderReplaced(ENTRY, 15_000), order=back).resized


@pytest.mark.parametrize(("quantity", "anomaly"), [(15_000, None), (15_001, "OVERFILL")])
def test_what_a_replacement_may_have_made_of_it_is_no_overfill(quantity, anomaly):
    _, filled = book(booked(ACCEPTED, to_more), trades(quantity))
    _, corrected = book(booked(ACCEPTED, to_more, trades(1)), FillCorrected(ENTRY, fill(quantity)))

    assert (filled, corrected) == (anomaly, anomaly)


@pytest.mark.parametrize(("cumulative", "anomaly"), [(15_000, None), (15_001, "INVALID_VALUE")])
def test_an_end_may_speak_of_all_that_a_replacement_may_have_made_of_it(cumulative, anomaly):
    order, wrong = book(booked(ACCEPTED, to_more), OrderCanceled(ENTRY, cumulative))

    assert wrong == anomaly
    assert order.phase == ("new" if anomaly else "canceled")


# ---- what a status tells of the size -----------------------------------------------------------------


def test_a_status_shows_that_what_seemed_filled_stands_for_more():
    seemed = booked(ACCEPTED, to_more, trades(10_000))

    order, anomaly = book(seemed, told(15_000))

    assert (order.phase, orders.leaves(order), anomaly) == ("partially_filled", 5_000, None)


def test_what_is_proven_to_be_over_is_not_revived_by_an_older_status():
    over = booked(ACCEPTED, to_more, trades(10_000), found(ENTRY, "closed"))

    assert booked(told(15_000), order=over).phase == "filled"


@pytest.mark.parametrize(
    ("quantity", "phase", "stands"), [(10_000, "filled", 10_000), (15_000, "expired", 15_000)]
)
def test_an_order_closed_with_less_than_it_stood_for_has_expired(quantity, phase, stands):
    seemed = booked(ACCEPTED, to_more, trades(10_000))

    order, anomaly = book(seemed, told(quantity, "closed"))

    assert (order.phase, order.quantity, order.reconciled, anomaly) == (phase, stands, True, None)


@pytest.mark.parametrize(("quantity", "replacing"), [(400, 500), (401, None)])
def test_an_open_order_stands_for_more_than_is_filled_or_the_status_is_older(quantity, replacing):
    order, _ = book(booked(ACCEPTED, to_half, LOST, trades(400)), told(quantity))

    assert (order.replacing, order.quantity) == (replacing, 10_000 if replacing else 401)


@pytest.mark.parametrize("quantity", [None, 0, -1])
def test_a_size_that_is_not_told_means_that_the_replacement_is_not_to_be_had(quantity):
    order, _ = book(booked(ACCEPTED, to_half), told(quantity))
    going, _ = book(booked(ACCEPTED, to_half, request_cancel), told(quantity))

    assert (order.pending, order.replacing, order.replace_refused, order.quantity) == (
        "none",
        500,
        True,
        10_000,
    )
    assert (going.pending, going.replace_refused) == ("cancel", True)


@pytest.mark.parametrize(("filled", "stands"), [(10_000, 15_000), (9_999, 10_000)])
def test_an_order_that_is_open_with_all_that_it_stood_for_filled_stands_for_the_replacement(filled, stands):
    seemed = booked(ACCEPTED, to_more, LOST, trades(10_000))

    order, _ = book(seemed, found(ENTRY, "open", fill(filled)))

    assert (order.quantity, orders.leaves(order) > 0) == (stands, stands == 15_000)


def test_an_order_that_is_open_though_more_is_filled_than_the_replacement_keeps_its_size():
    seemed = booked(ACCEPTED, to_half, LOST, trades(10_000))

    order, _ = book(seemed, found(ENTRY, "open", fill(10_000)))

    assert (order.quantity, order.replacing) == (10_000, 500)


def test_a_size_that_is_not_told_is_no_news_of_an_order_whose_replacement_was_confirmed():
    order, _ = book(booked(ACCEPTED, to_half, OrderReplaced(ENTRY, 500)), told(None))

    assert (order.quantity, order.replace_refused) == (500, False)


def test_a_size_that_did_not_change_tells_nothing_of_the_price():
    repriced = booked(ACCEPTED, lambda order: request_replace(order, 10_000, 99))

    order, _ = book(repriced, told(10_000))

    assert (order.limit_price, order.replacing, order.pending) == (ORDER.limit_price, 10_000, "none")
    assert order.replace_refused


def test_the_size_of_a_resized_order_is_what_the_venue_said_last():
    order, _ = book(booked(ACCEPTED, to_half, OrderReplaced(ENTRY, 500)), told(600))

    assert (order.quantity, order.limit_price) == (600, 99)


@pytest.mark.parametrize("status", ["canceled", "expired", "rejected"])
def test_of_an_order_that_ended_otherwise_the_size_is_no_news(status):
    order, _ = book(booked(ACCEPTED, to_half), told(500, status))

    assert (order.phase, order.quantity) == (status, 10_000)


def test_a_refused_order_that_is_told_closed_stays_refused():
    order, anomaly = book(booked(ACCEPTED, to_half, OrderRejected(ENTRY, "no")), told(500, "closed"))

    assert (order.phase, anomaly) == ("rejected", "UNEXPECTED_REPORT")


@pytest.mark.parametrize(
    ("request_sent", "refused", "pending"),
    [
        (request_cancel, CancelRejected(ENTRY, "no"), "none"),
        (request_cancel, ReplaceRejected(ENTRY, "no"), "cancel"),
        (to_half, CancelRejected(ENTRY, "no"), "replace"),
        (to_half, ReplaceRejected(ENTRY, "no"), "none"),
    ],
)
def test_a_refusal_answers_the_request_it_is_of(request_sent, refused, pending):
    assert booked(ACCEPTED, request_sent, refused).pending == pending


@pytest.mark.parametrize(
    ("request_sent", "lost", "pending"),
    [
        (request_cancel, "cancel", "none"),
        (request_cancel, "replace", "cancel"),
        (to_half, "cancel", "replace"),
    ],
)
def test_a_lost_answer_is_that_of_its_request(request_sent, lost, pending):
    assert booked(ACCEPTED, request_sent, RequestOutcomeUnknown(ENTRY, lost)).pending == pending


def test_a_cancelled_order_is_settled_once_asked_whatever_replacement_was_under_way():
    order = booked(ACCEPTED, to_more, *confirmed_canceled(ENTRY, 0))

    assert (order.phase, orders.is_settled(order), orders.leaves(order)) == ("canceled", True, 0)
