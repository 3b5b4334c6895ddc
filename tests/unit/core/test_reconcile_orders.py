"""Orders and their fills: what a venue lists otherwise, what is asked, and what is waited for."""

from dataclasses import replace

import pytest

from core.messages import (
    OrderAccepted,
    OrderCanceled,
    OrderDoubted,
    OrderId,
    OrderRejected,
    RequestOutcomeUnknown,
    SignalId,
)
from core.orders import request_replace
from core.reconcile import answer_to, differences
from core.reconcile_report import Difference, Seen
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    HEDGE,
    LINGER,
    absent,
    after,
    asked_again,
    both_filled,
    confirmed_canceled,
    fill,
    filled,
    order_id,
    ready,
    settings,
    signal,
    timed_out,
)
from tests.unit.core.build import (
    found as status,
)
from tests.unit.core.reports import STANDARD, found, history, honest, kinds, listed

ONCE = ready(settings(protocol=Protocol(entry_attempts=1)))
RESTING = after(ready(), signal(limit_price_a=99), OrderAccepted(ENTRY))
PARTLY = after(RESTING, filled(ENTRY, 400))
HELD = after(ready(), signal(), *both_filled())
STRANGER = OrderId(SignalId("somebody", 0), "entry", 1)
GIVEN_UP = after(
    ready(settings(protocol=Protocol(query_attempts=1))),
    signal(),
    RequestOutcomeUnknown(ENTRY, "submit"),
    asked_again(ENTRY),
)


def entry(state):
    """The entry order of the only trade."""
    return state.trades[0].orders[0]


def listing(state, **changes):
    """An honest report, but that the entry is listed as open, with these changes."""
    return honest(state, orders=(listed(entry(state), **changes),))


# ---- orders ----------------------------------------------------------------------------------------


def test_order_that_is_not_listed_is_asked_about():
    (difference,) = found(PARTLY, honest(PARTLY, orders=()))

    assert difference == Difference("orders", "missing_fill", ENTRY, 400, None)
    assert answer_to(difference) == "query"


def test_order_of_which_more_is_filled_is_asked_about():
    (difference,) = found(PARTLY, listing(PARTLY, filled=401))

    assert difference == Difference("orders", "late_fill", ENTRY, 400, 401)
    assert answer_to(difference) == "query"


def test_order_of_which_less_is_filled_is_an_old_report():
    (difference,) = found(PARTLY, listing(PARTLY, filled=399))

    assert difference == Difference("orders", "stale_report", ENTRY, 400, 399)
    assert answer_to(difference) == "again"


def test_order_of_another_size_is_asked_about():
    assert kinds(PARTLY, listing(PARTLY, quantity=900)) == [("orders", "missing_fill", ENTRY)]


@pytest.mark.parametrize("change", [{"symbol": "BBB"}, {"side": "sell"}])
def test_order_of_our_name_that_is_another_is_somebody_elses(change):
    assert kinds(PARTLY, listing(PARTLY, **change)) == [("orders", "unconfirmed", ENTRY)]
    assert kinds(PARTLY, listing(PARTLY, **change), rounds=2) == [("orders", "external_trade", ENTRY)]


@pytest.mark.parametrize(
    "state",
    [
        after(ready(), signal()),
        after(PARTLY, timed_out(ENTRY)),
        after(PARTLY, OrderDoubted(ENTRY)),
    ],
    ids=["sent", "cancelling", "asked about"],
)
@pytest.mark.parametrize("reported", [None, 401], ids=["not listed", "more filled"])
def test_while_it_is_asked_about_or_changed_it_is_waited_for(state, reported):
    report = honest(state, orders=()) if reported is None else listing(state, filled=reported)

    assert kinds(state, report) == [("orders", "in_flight", ENTRY)]


def test_replacement_under_way_explains_a_size():
    trade = RESTING.trades[0]
    changing = replace(trade, orders=(request_replace(entry(RESTING), 500, 99),))
    state = replace(RESTING, trades=(changing,))

    assert kinds(state, listing(state, quantity=500)) == [("orders", "in_flight", ENTRY)]


def test_order_that_was_given_up_is_asked_about_once_more():
    assert GIVEN_UP.trades[0].phase == "parked"

    assert kinds(GIVEN_UP, honest(GIVEN_UP, orders=())) == [("orders", "missing_fill", ENTRY)]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (after(ONCE, signal(), *absent(ENTRY)), "missing_fill"),
        (after(ONCE, signal(), OrderRejected(ENTRY, "no")), "missing_fill"),
        (after(ONCE, signal(), *confirmed_canceled(ENTRY, 0)), "stale_report"),
        (HELD, "stale_report"),
        (after(ONCE, signal(), OrderCanceled(ENTRY, 0)), "stale_report"),
    ],
    ids=["absent", "rejected", "canceled", "filled", "end not confirmed"],
)
def test_order_that_is_over_and_listed_is_asked_about_where_it_may_have_come_back(state, kind):
    assert kinds(state, listing(state)) == [("orders", kind, ENTRY)]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (after(ONCE, signal(), *confirmed_canceled(ENTRY, 0)), "late_fill"),
        (after(ONCE, signal(), OrderCanceled(ENTRY, 0)), "in_flight"),
    ],
    ids=["canceled", "end not confirmed"],
)
def test_order_that_is_over_and_filled_more_is_asked_about_once(state, kind):
    assert kinds(state, listing(state, filled=1)) == [("orders", kind, ENTRY)]


def test_order_of_a_trade_that_has_left_is_an_old_report_and_then_a_dispute():
    state = after(HELD, LINGER)
    report = honest(state, orders=(listed(entry(HELD)),))
    trades = ("entry-1", "hedge-1")

    assert found(state, report, trades) == (Difference("orders", "stale_report", ENTRY, None, 1_000),)
    assert kinds(state, report, trades, rounds=5) == [("orders", "stale_report", ENTRY)]
    assert kinds(state, report, trades, rounds=6) == [("orders", "dispute", ENTRY)]


@pytest.mark.parametrize("order", [STRANGER, order_id(sequence=2)], ids=["strange name", "our kind of name"])
def test_order_that_nobody_here_made_is_somebody_elses(order):
    report = honest(PARTLY, orders=(*honest(PARTLY).orders, listed(entry(PARTLY), order=order)))

    assert kinds(PARTLY, report, rounds=2) == [("orders", "external_trade", order)]


def test_question_that_settles_nothing_is_a_dispute():
    report = honest(PARTLY, orders=())

    assert kinds(PARTLY, report, rounds=5) == [("orders", "missing_fill", ENTRY)]
    assert kinds(PARTLY, report, rounds=6) == [("orders", "dispute", ENTRY)]
    assert kinds(PARTLY, report, rounds=2, confirmations=1) == [("orders", "missing_fill", ENTRY)]


def test_each_order_is_compared_with_its_own():
    both = after(HELD, signal(2, limit_price_a=99), OrderAccepted(order_id(sequence=2)))

    assert kinds(both, honest(both, orders=()), ("entry-1", "hedge-1")) == [
        ("orders", "missing_fill", order_id(sequence=2))
    ]


# ---- fills -----------------------------------------------------------------------------------------


def test_fill_in_the_history_that_was_not_told_is_asked_about():
    report = honest(PARTLY, fills=(*honest(PARTLY).fills, history(ENTRY, 5)))

    assert found(PARTLY, report) == (Difference("trades", "late_fill", ENTRY, 1, 2),)


def test_while_its_order_is_asked_about_it_is_waited_for():
    state = after(PARTLY, OrderDoubted(ENTRY))
    report = honest(state, fills=(*honest(state).fills, history(ENTRY, 5)))

    assert kinds(state, report) == [("trades", "in_flight", ENTRY)]


def test_fill_of_somebody_else_is_not_asked_about():
    report = honest(PARTLY, fills=(*honest(PARTLY).fills, history(STRANGER, 5)))

    assert found(PARTLY, report, rounds=9) == ()


TWICE = after(PARTLY, filled(ENTRY, 100, "late"))


@pytest.mark.parametrize(
    ("kept", "booked", "kind"),
    [
        (("entry-1", "late"), ("entry-1", "late"), None),
        (("entry-1",), ("entry-1", "late"), "stale_report"),
        (("late",), ("entry-1", "late"), None),  # it shows the latest only
        (("late",), ("late", "entry-1"), "stale_report"),
        ((), ("entry-1", "late"), "stale_report"),
        (("x1",), ("entry-1", "late"), None),
        (("entry-1",), (), None),
    ],
)
def test_history_that_lacks_what_it_ought_to_list_is_old(kept, booked, kind):
    fills = [each for each in honest(TWICE).fills if each.fill.trade_id in kept]
    strange = (history(STRANGER, 5),) if "x1" in kept else ()

    expected = [] if kind is None else [("trades", kind, ENTRY)]
    assert kinds(TWICE, honest(TWICE, fills=(*fills, *strange)), booked) == expected


def test_history_without_any_lacks_the_only_fill_there_is():
    assert kinds(PARTLY, honest(PARTLY, fills=()), ("entry-1",)) == [("trades", "stale_report", ENTRY)]


def test_old_history_is_no_dispute_and_says_what_is_missing():
    report = honest(TWICE, fills=())

    assert found(TWICE, report, ("entry-1", "late"), rounds=9) == (
        Difference("trades", "stale_report", ENTRY, 2, 0, 9),
    )


def test_while_its_history_is_old_nothing_follows_from_a_position():
    report = honest(TWICE, fills=(), positions=())

    assert kinds(TWICE, report, ("entry-1", "late"), rounds=2) == [
        ("trades", "stale_report", ENTRY),
        ("positions", "in_flight", "AAA"),
    ]


# ---- rounds ----------------------------------------------------------------------------------------


def test_rounds_are_counted_while_both_sides_stay_the_same():
    seen = Seen()
    for reported, expected in ((401, 1), (401, 2), (402, 1), (402, 2)):
        seen = replace(seen, found=differences(PARTLY, listing(PARTLY, filled=reported), seen, STANDARD))
        assert [each.rounds for each in seen.found] == [expected]


def test_what_was_told_meanwhile_begins_anew():
    seen = Seen(found=differences(PARTLY, listing(PARTLY, filled=500), Seen(), STANDARD))
    state = after(PARTLY, status(ENTRY, "open", fill(50, trade_id="t2")))

    (difference,) = differences(state, listing(state, filled=500), seen, STANDARD)

    assert (difference.believed, difference.reported, difference.rounds) == (450, 500, 1)


def test_hedge_is_compared_as_well():
    state = after(ready(), signal(), filled(ENTRY, 1_000), OrderAccepted(HEDGE))

    assert kinds(state, honest(state, orders=()), ("entry-1",)) == [("orders", "missing_fill", HEDGE)]
