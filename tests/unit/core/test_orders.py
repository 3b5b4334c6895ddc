"""One order: the FIX vectors, what holds whatever a venue says, and fills, each exactly once."""

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
from tests.unit.core.build import ENTRY, ORDER, book, booked, fill, trades


def to_seven_thousand(order):
    """The order while a replacement by 7,000 lots is under way."""
    return request_replace(order, 7_000, None)


def to_seven_lots(order):
    """The order while a replacement by seven lots is under way."""
    return request_replace(order, 7, None)


ACCEPTED = OrderAccepted(ENTRY)

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
        (to_seven_thousand, "pending_replace", 0, 10_000, 10_000),
        (trades(7_000), "pending_replace", 7_000, 3_000, 10_000),
        (OrderReplaced(ENTRY, 7_000), "filled", 7_000, 0, 7_000),
    ],
    "replace-below-cum": [
        (ACCEPTED, "new", 0, 10_000, 10_000),
        (to_seven_thousand, "pending_replace", 0, 10_000, 10_000),
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
    st.sampled_from([request_cancel, to_seven_lots]),
)


@given(events=st.lists(REPORTS, max_size=25))
def test_leaves_is_quantity_less_filled_while_live_and_zero_when_over(events):
    order = Order(ENTRY, "AAA", "buy", 10)

    for event in events:
        order, _ = book(order, event)

        if order.phase in ("pending_new", "new", "partially_filled"):
            assert leaves(order) == max(order.quantity, order.replacing or 0) - order.filled > 0
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
def test_a_fill_that_cannot_be_is_refused(wrong):
    before = booked(ACCEPTED, trades(400, "t2"))

    assert book(before, OrderFilled(ENTRY, wrong)) == (before, "INVALID_VALUE")


@pytest.mark.parametrize("wrong", [fill(-1), fill(10, price=0), fill(10, fee_lots=-1), fill(10, fee_lots=11)])
def test_a_correction_that_cannot_be_is_refused(wrong):
    before = booked(ACCEPTED, trades(400))

    assert book(before, FillCorrected(ENTRY, wrong)) == (before, "INVALID_VALUE")


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
