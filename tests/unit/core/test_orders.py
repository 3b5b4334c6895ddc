"""One order: the FIX vectors, fills exactly once, unknown outcomes, and what queries prove."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import orders
from core.messages import (
    CancelRejected,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    ReplaceRejected,
    RequestOutcomeUnknown,
)
from core.orders import Order, leaves, request_cancel, request_replace
from tests.unit.core.build import ENTRY, answered, fill, found, not_found

ORDER = Order(ENTRY, "AAA", "buy", 10_000)
ACCEPTED = OrderAccepted(ENTRY)


def book(order, event):
    """One report, or a request of ours, and what was wrong."""
    return (event(order), None) if callable(event) else orders.book(order, event, 3)


def booked(*events, order=ORDER):
    """The order after those."""
    for event in events:
        order, _ = book(order, event)
    return order


def trades(quantity, trade_id="t1"):
    return OrderFilled(ENTRY, fill(quantity, trade_id=trade_id))


# ---- FIX 5.0 SP2, volume 4 appendix D --------------------------------------------------------------

# Each row: what happened, then status, cumulative, leaves and quantity.
CANCEL_REQUESTED = [
    (ACCEPTED, "new", 0, 10_000, 10_000),
    (trades(2_000, "t1"), "partially_filled", 2_000, 8_000, 10_000),
    (trades(3_000, "t2"), "partially_filled", 5_000, 5_000, 10_000),
    (request_cancel, "pending_cancel", 5_000, 5_000, 10_000),
]
FIX_VECTORS = {
    "B.1.b": [
        *CANCEL_REQUESTED,
        (trades(1_000, "t3"), "pending_cancel", 6_000, 4_000, 10_000),
        (OrderCanceled(ENTRY, 6_000), "canceled", 6_000, 0, 10_000),
    ],
    "B.1.c": [
        *CANCEL_REQUESTED,
        (trades(5_000, "t3"), "pending_cancel", 10_000, 0, 10_000),
        (CancelRejected(ENTRY, "too late"), "filled", 10_000, 0, 10_000),
    ],
    "replace-down": [
        (ACCEPTED, "new", 0, 10_000, 10_000),
        (request_replace, "pending_replace", 0, 10_000, 10_000),
        (trades(7_000), "pending_replace", 7_000, 3_000, 10_000),
        (OrderReplaced(ENTRY, 7_000), "filled", 7_000, 0, 7_000),
    ],
    "replace-below-cum": [
        (ACCEPTED, "new", 0, 10_000, 10_000),
        (request_replace, "pending_replace", 0, 10_000, 10_000),
        (trades(8_000), "pending_replace", 8_000, 2_000, 10_000),
        (OrderReplaced(ENTRY, 7_000), "filled", 8_000, 0, 8_000),
    ],
    "J.1.b": [
        (ACCEPTED, "new", 0, 10_000, 10_000),
        (trades(5_000), "partially_filled", 5_000, 5_000, 10_000),
        (request_cancel, "pending_cancel", 5_000, 5_000, 10_000),
        (OrderCanceled(ENTRY, 5_000), "canceled", 5_000, 0, 10_000),
        (FillCorrected(ENTRY, fill(0)), "canceled", 0, 0, 10_000),
        (trades(4_000, "t2"), "canceled", 4_000, 0, 10_000),
    ],
}


@pytest.mark.parametrize("vector", FIX_VECTORS.values(), ids=FIX_VECTORS)
def test_fix_appendix_d(vector):
    order = ORDER

    for event, status, cumulative, left, quantity in vector:
        order, anomaly = book(order, event)

        assert anomaly is None
        assert (orders.status(order), order.filled, leaves(order), order.quantity) == (
            status,
            cumulative,
            left,
            quantity,
        )


# ---- invariants over anything a venue may say ------------------------------------------------------

AMOUNTS = st.one_of(st.integers(-2, 15), st.sampled_from([10**30, -(10**30)]))
FILLS = st.builds(fill, AMOUNTS, AMOUNTS, st.sampled_from(["t1", "t2", "t3"]), AMOUNTS, AMOUNTS)
GOOD_FILLS = st.builds(fill, st.integers(1, 12), st.just(100), st.sampled_from(["t1", "t2", "t3", "t4"]))
REPORTS = st.one_of(
    st.just(ACCEPTED),
    st.just(OrderRejected(ENTRY, "no")),
    st.builds(OrderFilled, st.just(ENTRY), GOOD_FILLS | FILLS),
    st.builds(FillCorrected, st.just(ENTRY), GOOD_FILLS | FILLS | st.builds(fill, st.just(0))),
    st.builds(OrderCanceled, st.just(ENTRY), AMOUNTS),
    st.builds(OrderExpired, st.just(ENTRY), AMOUNTS),
    st.builds(OrderReplaced, st.just(ENTRY), AMOUNTS),
    st.builds(CancelRejected, st.just(ENTRY), st.just("late")),
    st.builds(ReplaceRejected, st.just(ENTRY), st.just("late")),
    st.builds(
        OrderStatusReported,
        st.just(ENTRY),
        st.sampled_from(["found", "not_found", "failed", "empty", "stale"]),
        st.sampled_from(["open", "closed", "canceled", "expired", "rejected"]),
        st.lists(GOOD_FILLS | FILLS, max_size=3).map(tuple),
    ),
    st.builds(
        RequestOutcomeUnknown, st.just(ENTRY), st.sampled_from(["submit", "cancel", "replace", "query"])
    ),
    st.sampled_from([request_cancel, request_replace]),
)


@given(events=st.lists(REPORTS, max_size=25))
def test_leaves_is_quantity_less_filled_while_live_and_zero_when_over(events):
    order = Order(ENTRY, "AAA", "buy", 10)

    for event in events:
        order, _ = book(order, event)

        if order.phase in ("pending_new", "new", "partially_filled"):
            assert leaves(order) == order.quantity - order.filled > 0
        else:
            assert leaves(order) == 0


@given(events=st.lists(REPORTS, max_size=25))
def test_the_phase_agrees_with_what_is_filled(events):
    order = Order(ENTRY, "AAA", "buy", 10)

    for event in events:
        order, _ = book(order, event)

        assert order.filled == sum(each.quantity for each in order.fills)
        assert 0 <= order.filled <= order.reported
        assert len({each.trade_id for each in order.fills}) == len(order.fills)
        if order.phase in ("pending_new", "new", "rejected", "absent"):
            assert order.filled == 0
        elif order.phase == "partially_filled":
            assert 0 < order.filled < order.quantity
        else:
            assert (order.phase == "filled") == (order.filled >= order.quantity)


@given(events=st.lists(REPORTS, max_size=15), again=st.builds(OrderFilled, st.just(ENTRY), GOOD_FILLS))
def test_a_fill_is_booked_once_however_often_it_is_told(events, again):
    once = booked(*events, again, order=Order(ENTRY, "AAA", "buy", 10))

    twice, anomaly = book(once, again)

    assert twice == once
    assert anomaly == "DUPLICATE_FILL"


# ---- fills ---------------------------------------------------------------------------------------


def test_a_fill_that_overtakes_the_acknowledgement_is_booked_and_the_acknowledgement_is_no_news():
    early = booked(trades(400))

    late, anomaly = book(early, ACCEPTED)

    assert (early.phase, early.filled, early.reported) == ("partially_filled", 400, 400)
    assert (late, anomaly) == (early, None)


@pytest.mark.parametrize(
    "wrong",
    [
        fill(0),
        fill(-1),
        fill(10, price=0),
        fill(10, price=-1),
        fill(10, fee_lots=-1),
        fill(10, fee_lots=11),
    ],
)
@pytest.mark.parametrize("kind", [OrderFilled, FillCorrected])
def test_a_fill_that_cannot_be_is_refused(kind, wrong):
    before = booked(ACCEPTED, trades(400))
    if kind is FillCorrected and wrong.quantity == 0:
        pytest.skip("a correction to nothing is a bust")

    order, anomaly = book(before, kind(ENTRY, wrong))

    assert (order, anomaly) == (before, "INVALID_VALUE")


@pytest.mark.parametrize("right", [fill(1, price=1), fill(10, fee_lots=10), fill(10, fee_lots=0)])
def test_the_smallest_fill_and_the_largest_fee_are_fills(right):
    order, anomaly = book(ORDER, OrderFilled(ENTRY, right))

    assert (order.fills, anomaly) == ((right,), None)


@pytest.mark.parametrize(("quantity", "anomaly"), [(10_000, None), (10_001, "OVERFILL")])
def test_an_overfill_is_booked_and_reported(quantity, anomaly):
    order, wrong = book(ORDER, trades(quantity))

    assert (order.phase, order.filled, wrong) == ("filled", quantity, anomaly)


@pytest.mark.parametrize(
    ("corrected", "phase", "filled", "anomaly"),
    [
        (0, "new", 0, None),
        (1, "partially_filled", 1, None),
        (10_000, "filled", 10_000, None),
        (10_001, "filled", 10_001, "OVERFILL"),
    ],
)
def test_a_correction_replaces_the_fill_it_names(corrected, phase, filled, anomaly):
    before = booked(ACCEPTED, trades(10_000))

    order, wrong = book(before, FillCorrected(ENTRY, fill(corrected, price=99)))

    assert (order.phase, order.filled, order.reported, wrong) == (phase, filled, filled, anomaly)
    assert order.fills == (fill(corrected, price=99),)


def test_a_correction_leaves_the_other_fills_alone():
    before = booked(trades(100, "t1"), trades(200, "t2"), trades(300, "t3"))

    order, _ = book(before, FillCorrected(ENTRY, fill(250, trade_id="t2")))

    assert [(each.trade_id, each.quantity) for each in order.fills] == [("t1", 100), ("t2", 250), ("t3", 300)]
    assert order.filled == 650


def test_a_correction_of_an_unknown_fill_changes_nothing():
    before = booked(trades(100, "t1"))

    assert book(before, FillCorrected(ENTRY, fill(50, trade_id="t2"))) == (before, "UNKNOWN_FILL")


def test_a_correction_of_a_rejected_order_s_busted_fill_is_reported():
    before = booked(ACCEPTED, trades(100), FillCorrected(ENTRY, fill(0)), OrderRejected(ENTRY, "no"))

    order, anomaly = book(before, FillCorrected(ENTRY, fill(0, price=99)))

    assert (order.phase, anomaly) == ("rejected", "UNEXPECTED_REPORT")


@pytest.mark.parametrize(("side", "bought"), [("buy", 1), ("sell", -1)])
def test_an_order_s_fills_move_the_position_and_a_fee_in_lots_takes_away(side, bought):
    order = booked(
        OrderFilled(ENTRY, fill(100, fee_lots=3)), trades(50, "t2"), order=Order(ENTRY, "AAA", side, 1_000)
    )

    assert orders.position_change(side, fill(100, fee_lots=3)) == bought * 100 - 3
    assert orders.net_lots(order) == bought * 150 - 3


# ---- ends ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
@pytest.mark.parametrize("cumulative", [-1, 10_001])
def test_a_cumulative_quantity_that_cannot_be_is_refused(kind, cumulative):
    before = booked(ACCEPTED, request_cancel)

    assert book(before, kind(ENTRY, cumulative)) == (before, "INVALID_VALUE")


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
@pytest.mark.parametrize(
    ("cumulative", "reported", "settled"), [(0, 400, True), (400, 400, True), (401, 401, False)]
)
def test_an_ended_order_is_settled_when_every_fill_the_venue_spoke_of_is_known(
    kind, cumulative, reported, settled
):
    order = booked(trades(400), kind(ENTRY, cumulative))

    assert (order.reported, orders.is_settled(order)) == (reported, settled)


def test_the_missing_fill_settles_it():
    order = booked(trades(400), OrderCanceled(ENTRY, 700), trades(300, "t2"))

    assert (order.phase, order.filled, orders.is_settled(order)) == ("canceled", 700, True)


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


@pytest.mark.parametrize("refusal", [CancelRejected(ENTRY, "late"), ReplaceRejected(ENTRY, "late")])
@pytest.mark.parametrize("request_made", [request_cancel, request_replace])
def test_a_refused_request_is_pending_no_more(refusal, request_made):
    order, anomaly = book(booked(ACCEPTED, request_made), refusal)

    assert (order.pending, orders.status(order), anomaly) == ("none", "new", None)


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_replacement_by_nothing_is_refused(quantity):
    before = booked(ACCEPTED, request_replace)

    assert book(before, OrderReplaced(ENTRY, quantity)) == (before, "INVALID_VALUE")


def test_a_replacement_of_one_lot_is_one():
    order, anomaly = book(booked(ACCEPTED, request_replace), OrderReplaced(ENTRY, 1))

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
        (request_replace, "replace", "none"),
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

    assert book(before, says_closed) == (before, None)


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
