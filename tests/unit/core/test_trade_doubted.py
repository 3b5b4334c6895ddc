"""An order of which the venue lists something else is asked about, and nothing follows before the answer."""

from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    OrderAccepted,
    OrderCanceled,
    OrderDoubted,
    OrderRejected,
    QueryOrder,
    ReportAnomaly,
    RequestOutcomeUnknown,
)
from core.plan import find
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    HEDGE,
    SECOND,
    absent,
    after,
    answered,
    asked_again,
    commands_of,
    confirmed_canceled,
    fill,
    filled,
    found,
    of_kind,
    opened,
    order_id,
    played,
    queried,
    ready,
    settings,
    signal,
    submitted,
)

DOUBTED = OrderDoubted(ENTRY)
RESTING = after(ready(), signal(limit_price_a=99), OrderAccepted(ENTRY))


def entry(state):
    """The entry order of the only trade."""
    return find(state.trades[0], ENTRY)


def test_order_that_works_is_asked_about_and_again_later():
    assert engine.step(RESTING, DOUBTED)[1] == queried(ENTRY)
    assert entry(after(RESTING, DOUBTED)).unknown


def test_question_that_fails_is_asked_again():
    asked = after(RESTING, DOUBTED, answered(ENTRY, "failed"))

    assert engine.step(asked, asked_again(ENTRY))[1] == queried(ENTRY, 2 * SECOND)


def test_order_that_is_being_asked_about_is_not_asked_about_twice():
    asked = after(RESTING, DOUBTED)

    assert engine.step(asked, DOUBTED) == (asked, ())


def test_its_status_books_the_fills_that_were_lost():
    state = after(RESTING, DOUBTED, found(ENTRY, "open", fill(400), fill(100, trade_id="t2")))

    assert (entry(state).filled, entry(state).unknown) == (500, False)
    assert state.book.positions[0].lots == 500


def test_order_that_was_forgotten_is_absent_after_three_answers():
    state = after(RESTING, DOUBTED, answered(ENTRY, "not_found"))
    state = after(state, asked_again(ENTRY), answered(ENTRY, "not_found"), asked_again(ENTRY))
    assert entry(state).phase == "new"

    commands = commands_of(state, answered(ENTRY, "not_found"))

    assert submitted(ENTRY_2, 1_000, 99)[0] in commands


def test_nothing_is_counted_from_before():
    """One not-found answer of an earlier row of questions, and all its questions, are forgotten."""
    few = ready(settings(protocol=Protocol(query_attempts=2)))
    lost = (RequestOutcomeUnknown(ENTRY, "submit"), answered(ENTRY, "not_found"), asked_again(ENTRY))
    state = after(few, signal(), *lost, asked_again(ENTRY))
    assert state.trades[0].phase == "parked"

    state, commands = engine.step(state, DOUBTED)

    assert commands == queried(ENTRY)
    assert (entry(state).queries, entry(state).answers, entry(state).not_found) == (1, 0, 0)


@pytest.mark.parametrize(
    "events",
    [absent(ENTRY), (OrderRejected(ENTRY, "no"),), confirmed_canceled(ENTRY, 0)],
    ids=["absent", "rejected", "canceled"],
)
def test_of_an_order_that_is_over_nothing_is_waited_for(events):
    entries = settings(protocol=Protocol(entry_attempts=1))
    state = after(ready(entries), signal(), *events)

    asked, commands = engine.step(state, DOUBTED)

    assert commands == (QueryOrder(ENTRY),)
    assert not entry(asked).unknown
    assert commands_of(asked, answered(ENTRY, "not_found")) == ()
    assert entry(after(asked, answered(ENTRY, "not_found"))).phase == entry(state).phase


def test_order_that_was_there_after_all_works_again():
    entries = settings(protocol=Protocol(entry_attempts=1))
    state = after(ready(entries), signal(), *absent(ENTRY), DOUBTED, found(ENTRY, "open"))

    assert entry(state).phase == "new"
    assert entry(state).cancel_wanted


def test_order_of_which_fills_are_missing_is_asked_about_anew():
    state = after(ready(), signal(), filled(ENTRY, 400), OrderCanceled(ENTRY, 500))

    assert of_kind(engine.step(state, DOUBTED)[1], QueryOrder) == (QueryOrder(ENTRY),)


def test_nothing_follows_before_the_answer():
    trade = opened(filled(ENTRY, 1_000))

    doubted = played(trade, OrderDoubted(HEDGE))

    assert replace(doubted, orders=trade.orders) == trade
    assert [each.id for each in doubted.orders] == [ENTRY, HEDGE]


@pytest.mark.parametrize("order", [ENTRY_2, order_id(sequence=2), order_id(strategy="stranger")])
def test_order_that_is_not_there_is_an_anomaly(order):
    event = OrderDoubted(order)

    assert engine.step(RESTING, event) == (RESTING, (ReportAnomaly("UNKNOWN_ORDER", event),))
