"""Breakers through the engine: when they trip, what they stop, and what still passes."""

from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    CancelOrder,
    OrderCanceled,
    OrderRejected,
    PriceMoved,
    PriceUnusable,
    QueryOrder,
    RefuseSignal,
    RequestOutcomeUnknown,
    SubmitOrder,
    TimerFired,
)
from core.settings import Protocol
from tests.unit.core.build import (
    BIG,
    BIG_FILLED,
    ENTRY,
    FLATTEN_A,
    GUARDED,
    HEDGE,
    SECOND,
    TRIP,
    WIDE,
    absent,
    after,
    after_loss,
    after_trip,
    answered,
    both_filled,
    cancelled,
    filled,
    found,
    halted,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    stops_query,
    stops_timeout,
    submitted,
    trips,
    warns,
)

# ---- the daily loss ------------------------------------------------------------------------------


@pytest.mark.covers("EM-09", "TC-CB-001")
@pytest.mark.parametrize(
    ("price", "fee", "tripped"),
    [(81, 9_999, False), (81, 10_000, True), (80, 0, True), (79, 0, True), (84, 0, False)],
)
def test_unrealised_loss_and_fees_trip_at_two_per_cent_and_not_one_unit_below(price, fee, tripped):
    entry = filled(ENTRY, 10_000, fee_money=fee)
    held = after(ready(GUARDED), BIG, entry, BIG_FILLED[1])

    state, commands = engine.step(held, PriceMoved("AAA", price))

    assert halted(held) == []
    assert halted(state) == (["daily_loss"] if tripped else [])
    assert commands == (trips("daily_loss") if tripped else (warns("daily_loss"),))


@pytest.mark.covers("EM-09", "TC-CB-001")
@pytest.mark.parametrize(("price", "fee", "tripped"), [(81, 9_999, False), (81, 10_000, True), (80, 0, True)])
def test_realised_loss_and_fees_trip_at_the_same_boundary(price, fee, tripped):
    rejections = (OrderRejected(order_id("hedge", attempt), "no") for attempt in (1, 2, 3))
    flattening = after(ready(GUARDED), BIG, filled(ENTRY, 10_000), *rejections)

    state = after(flattening, filled(FLATTEN_A, 10_000, price=price, fee_money=fee))

    assert halted(flattening) == []
    assert [each.lots for each in state.book.positions] == [0]
    assert halted(state) == (["daily_loss"] if tripped else [])


@pytest.mark.covers("TC-CB-001")
@pytest.mark.parametrize(("price", "tripped"), [(119, False), (120, True)])
def test_a_fill_far_from_the_market_trips_in_the_middle_of_its_trade_and_is_hedged(price, tripped):
    working = after(ready(GUARDED), BIG)

    state, commands = engine.step(working, filled(ENTRY, 10_000, price=price))

    assert halted(state) == (["daily_loss"] if tripped else [])
    assert commands == (
        stops_timeout(ENTRY),
        *submitted(HEDGE, 20_000),
        *(trips("daily_loss") if tripped else (warns("daily_loss"),)),
    )


def test_a_tripped_breaker_trips_no_second_time():
    assert engine.step(after_loss(), PriceMoved("AAA", 10))[1] == ()
    assert engine.step(after_trip(), TRIP) == (after_trip(), ())


def test_the_lifetime_of_a_code_is_the_protocol_s():
    brief = ready(settings(protocol=Protocol(code_lifetime=7 * SECOND)))

    assert engine.step(brief, TRIP)[1] == trips("manual", seconds=7)


@pytest.mark.parametrize("symbol", ["AAA", "BBB"])
def test_a_held_position_without_a_price_trips(symbol):
    held = after(ready(GUARDED), BIG, *BIG_FILLED)

    state, commands = engine.step(held, PriceUnusable(symbol))

    assert engine.equity(state) is None
    assert commands == trips("daily_loss")


def test_a_symbol_not_held_may_lose_its_price():
    assert halted(after(ready(GUARDED), BIG, *BIG_FILLED, PriceUnusable("CCC"))) == []
    assert halted(after(ready(GUARDED), PriceUnusable("AAA"))) == []


def test_positions_are_kept_when_a_breaker_trips():
    assert [(each.symbol, each.lots) for each in after_loss().book.positions] == [
        ("AAA", 10_000),
        ("BBB", -20_000),
    ]


# ---- what a trip stops, and what passes ------------------------------------------------------------


@pytest.mark.parametrize("begin", [after_trip, after_loss], ids=["manual", "daily loss"])
def test_tripped_no_entry_is_let_in(begin):
    event = signal(2, symbol_b="CCC")

    assert engine.step(begin(), event)[1] == (RefuseSignal(event.signal, "HALTED"),)


@pytest.mark.covers("TC-CB-007")
def test_a_trip_cancels_every_resting_entry_and_nothing_else():
    resting, partly = order_id("entry", 1, 2), order_id("entry", 1, 3)
    state = after(
        ready(settings(replace(WIDE, trades_in_flight=9))),
        signal(1),
        filled(ENTRY, 1_000),
        signal(2, symbol_b="CCC"),
        signal(3, symbol_a="CCC", side_a="sell"),
        filled(partly, 400, price=10),
        signal(4, symbol_a="CCC", side_a="sell", symbol_b="AAA", side_b="buy"),
        *both_filled(4),
        signal(5, symbol_a="BBB", side_a="sell", symbol_b="AAA", side_b="buy"),
        OrderRejected(order_id("entry", 1, 5), "no"),
    )

    tripped, commands = engine.step(state, TRIP)

    assert [each.phase for each in state.trades] == ["hedge", "entry", "entry", "ended", "ended"]
    assert commands == (*trips("manual"), *cancelled(resting), *cancelled(partly))
    assert [order.id for each in tripped.trades for order in each.orders if order.cancel_wanted] == [
        resting,
        partly,
    ]


@pytest.mark.covers("TC-CB-007")
def test_a_daily_loss_cancels_resting_entries():
    resting = order_id("entry", 1, 2)
    state = after(ready(GUARDED), BIG, *BIG_FILLED, signal(2, symbol_b="CCC"))

    _, commands = engine.step(state, PriceMoved("AAA", 80))

    assert commands == (*trips("daily_loss"), *cancelled(resting))


def test_a_second_breaker_cancels_no_second_time():
    resting = after(ready(GUARDED), BIG, *BIG_FILLED, signal(2, symbol_b="CCC"), PriceMoved("AAA", 80))

    state, commands = engine.step(resting, TRIP)

    assert halted(state) == ["daily_loss", "manual"]
    assert commands == trips("manual")


def test_tripped_a_hedge_passes_and_is_tried_again():
    begun = after(ready(GUARDED), signal(), filled(ENTRY, 600), TRIP)

    over, stopped = engine.step(begun, OrderCanceled(ENTRY, 600))
    hedging, hedge = engine.step(over, found(ENTRY, "canceled"))
    _, again = engine.step(hedging, OrderRejected(HEDGE, "no"))

    assert stopped == (stops_timeout(ENTRY),)
    assert hedge == (stops_query(ENTRY), *submitted(HEDGE, 1_200))
    assert of_kind(again, SubmitOrder) == submitted(order_id("hedge", 2), 1_200)[:1]


def test_tripped_a_flatten_passes():
    begun = after(ready(GUARDED), signal(), filled(ENTRY, 400), TRIP, OrderCanceled(ENTRY, 400))

    _, commands = engine.step(begun, found(ENTRY, "canceled"))

    assert of_kind(commands, SubmitOrder) == submitted(FLATTEN_A, 400)[:1]


def test_tripped_an_absent_entry_is_not_sent_anew():
    begun = after(ready(GUARDED), signal(), *absent(ENTRY, 2))

    allowed, refused = begun, after(begun, TRIP)

    assert of_kind(engine.step(allowed, answered(ENTRY, "not_found"))[1], SubmitOrder)
    assert not of_kind(engine.step(refused, answered(ENTRY, "not_found"))[1], SubmitOrder)


def test_tripped_questions_and_cancels_pass():
    begun = after(ready(GUARDED), signal(), TRIP)

    assert of_kind(engine.step(begun, RequestOutcomeUnknown(ENTRY, "cancel"))[1], QueryOrder)
    assert of_kind(engine.step(begun, TimerFired(stops_timeout(ENTRY).timer))[1], CancelOrder)
