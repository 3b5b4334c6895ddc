"""Fills, prices and reports through the engine: booked once, and each trade by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine
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
    PriceMoved,
    PriceUnusable,
    ReplaceRejected,
    ReportAnomaly,
    RequestOutcomeUnknown,
    TimerFired,
    TimerId,
)
from core.positions import Book, Position
from tests.unit.core.build import (
    CASH,
    ENTRY,
    FLATTEN_A,
    HEDGE,
    LINGER,
    SIGNAL,
    TRIP,
    after,
    asked_again,
    both_filled,
    confirmed_canceled,
    confirmed_expired,
    fill,
    filled,
    found,
    order_id,
    ready,
    settings,
    signal,
    timed_out,
)

STRANGER = order_id("entry", 9, 9, "stranger")


# ---- the books -----------------------------------------------------------------------------------


def test_fills_are_booked_at_their_price_with_their_fees():
    state = after(
        ready(),
        signal(),
        filled(ENTRY, 1_000, price=101, fee_money=7, fee_lots=3),
        filled(HEDGE, 2_000, price=49, fee_money=5),
    )

    assert state.book == Book(
        CASH - 101_000 + 98_000 - 12, 12, (Position("AAA", 997, 101_000), Position("BBB", -2_000, -98_000))
    )
    assert engine.equity(state) == CASH - 101_000 + 98_000 - 12 + 99_700 - 100_000


def test_a_fill_told_twice_is_booked_once():
    once = after(ready(), signal(), filled(ENTRY, 400))

    twice, commands = engine.step(once, filled(ENTRY, 400))

    assert twice == once
    assert commands == (ReportAnomaly("DUPLICATE_FILL", filled(ENTRY, 400)),)


def test_fills_brought_by_a_query_are_booked_once_too():
    state = after(
        ready(), signal(), filled(ENTRY, 400, "t1"), found(ENTRY, "open", fill(400), fill(100, 99, "t2"))
    )

    assert state.book.positions == (Position("AAA", 500, 49_900),)


def test_a_corrected_fill_is_booked_as_corrected():
    begun = after(ready(), signal(), filled(ENTRY, 400, "t1", fee_money=9))

    smaller = after(begun, FillCorrected(ENTRY, fill(300, 99, fee_money=2)))
    busted = after(begun, FillCorrected(ENTRY, fill(0)))

    assert smaller.book == Book(CASH - 29_702, 2, (Position("AAA", 300, 29_700),))
    assert busted.book == Book(CASH, 0, (Position("AAA"),))


def test_two_trades_in_one_symbol_share_its_position():
    state = after(
        ready(settings()),
        signal(1),
        signal(2, symbol_b="CCC"),
        filled(ENTRY, 400),
        filled(order_id(sequence=2), 70),
    )

    assert state.book.positions == (Position("AAA", 470, 47_000),)


def test_a_trade_that_holds_nothing_leaves_the_state():
    begun = after(ready(), signal(), OrderRejected(ENTRY, "no"))

    assert [each.phase for each in begun.trades] == ["ended"]
    assert after(begun, LINGER).trades == ()


def test_a_trade_that_holds_something_stays_without_its_orders():
    state = after(ready(), signal(), *both_filled(), LINGER)

    assert [(each.phase, each.orders, each.kept_a, each.kept_b) for each in state.trades] == [
        ("held", (), 1_000, 2_000)
    ]


def test_the_trades_beside_the_one_that_leaves_stay():
    state = after(
        ready(settings()),
        signal(1, symbol_b="CCC"),
        signal(2, symbol_b="BBB"),
        signal(3, symbol_a="CCC", side_a="sell"),
        OrderRejected(order_id(sequence=2), "no"),
        TimerFired(TimerId(order_id(sequence=2).signal, "linger")),
    )

    assert [each.signal.sequence for each in state.trades] == [1, 3]


# ---- what was never sent -------------------------------------------------------------------------

REPORTS = [
    OrderAccepted(STRANGER),
    OrderRejected(STRANGER, "no"),
    OrderFilled(STRANGER, fill(10)),
    FillCorrected(STRANGER, fill(10)),
    OrderCanceled(STRANGER, 0),
    OrderExpired(STRANGER, 0),
    OrderReplaced(STRANGER, 10),
    CancelRejected(STRANGER, "late"),
    ReplaceRejected(STRANGER, "late"),
    OrderStatusReported(STRANGER, "found", "closed", (fill(10),)),
    RequestOutcomeUnknown(STRANGER, "submit"),
]


@pytest.mark.parametrize("of", [STRANGER, order_id("hedge", 7)], ids=["a stranger", "a trade of ours"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: type(report).__name__)
def test_a_report_on_an_order_never_sent_is_an_anomaly_and_changes_nothing(report, of):
    state, event = after(ready(), signal(), filled(ENTRY, 400)), replace(report, order=of)

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_ORDER", event),))


@pytest.mark.parametrize("event", [timed_out(STRANGER), asked_again(STRANGER), asked_again(ENTRY)])
def test_a_timer_that_never_started_is_an_anomaly_and_changes_nothing(event):
    state = after(ready(), signal())

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_TIMER", event),))


# ---- prices --------------------------------------------------------------------------------------


def test_a_price_is_remembered_for_its_symbol_alone():
    state = after(ready(), PriceMoved("BBB", 51), PriceUnusable("CCC"))

    assert state.prices == (("AAA", 100), ("BBB", 51), ("CCC", None))
    assert engine.step(state, PriceMoved("AAA", 1))[1] == ()


@pytest.mark.parametrize("price", [0, -1])
def test_a_price_that_cannot_be_is_an_anomaly_and_changes_nothing(price):
    state, event = ready(), PriceMoved("AAA", price)

    assert engine.step(state, event) == (state, (ReportAnomaly("INVALID_VALUE", event),))


@pytest.mark.parametrize("event", [PriceMoved("ZZZ", 5), PriceUnusable("ZZZ")])
def test_a_price_of_a_symbol_no_one_trades_is_an_anomaly_and_changes_nothing(event):
    state = ready()

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_SYMBOL", event),))


# ---- each trade by itself ------------------------------------------------------------------------

OWN = [
    signal(1),
    OrderAccepted(ENTRY),
    filled(ENTRY, 600),
    timed_out(ENTRY),
    CancelRejected(ENTRY, "no"),
    found(ENTRY),
    *confirmed_canceled(ENTRY, 600),
    RequestOutcomeUnknown(HEDGE, "submit"),
    found(HEDGE, "closed", fill(1_000, 50, "b1")),
    filled(order_id("hedge", 2), 200),
    filled(ENTRY, 300, "late"),
    OrderRejected(FLATTEN_A, "no"),
    filled(order_id("flatten_a", 2), 300),
    LINGER,
]
OTHER = [
    signal(1, "aside", symbol_b="CCC"),
    filled(order_id("entry", 1, 1, "aside"), 1_000),
    filled(order_id("hedge", 1, 1, "aside"), 2_000, price=10),
    signal(2, "zebra", symbol_a="CCC", side_a="sell"),
    filled(order_id("entry", 1, 2, "zebra"), 400, price=10),
    *confirmed_expired(order_id("entry", 1, 2, "zebra"), 400),
    TimerFired(TimerId(order_id("entry", 1, 1, "aside").signal, "linger")),
]


def told(events):
    """What one trade becomes, and commands, on its way through a story."""
    state = ready(settings())
    commands = []
    for event in events:
        state, more = engine.step(state, event)
        if event in OWN:
            commands.append(more)
    return [each for each in state.trades if each.signal == SIGNAL], commands


def test_the_story_of_the_trade_that_is_watched_goes_all_the_way():
    (held,), _ = told(OWN)

    assert (held.phase, held.kept_a, held.kept_b) == ("held", 600, 1_200)


@given(cuts=st.lists(st.integers(0, len(OWN)), min_size=len(OTHER), max_size=len(OTHER)))
def test_a_trade_does_what_it_does_whatever_other_trades_do(cuts):
    story = list(OWN)
    for event, cut in reversed(list(zip(OTHER, sorted(cuts), strict=True))):
        story.insert(cut, event)

    assert told(story) == told(OWN)


def test_a_trip_reaches_a_trade_only_while_its_entry_rests():
    hedging = after(ready(settings()), *OWN[:8])

    assert [each.phase for each in hedging.trades] == ["hedge"]
    assert after(hedging, TRIP).trades == hedging.trades
