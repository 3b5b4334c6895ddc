"""Cases that a core which looks at the plain ones alone gets wrong: each states the rule it would break."""

from dataclasses import replace

import pytest

from core import engine, trade
from core.messages import (
    BreakerResetRequested,
    BreakerTripRequested,
    CancelOrder,
    CancelRejected,
    EndTrade,
    FillCorrected,
    OrderAccepted,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    PriceUnusable,
    RequestOutcomeUnknown,
    SubmitOrder,
)
from core.risk import Contribution, Intent, Summary, decide
from core.settings import Limits, Protocol
from core.units import Money
from tests.unit.core.build import (
    ANCHORS,
    CASH,
    ENTRY,
    ENTRY_2,
    FLATTEN_A,
    HEDGE,
    LINGER,
    OTHER_CODES,
    SIGNAL,
    absent,
    after,
    answered,
    asked_again,
    book,
    booked,
    both_filled,
    commands_of,
    confirmed_canceled,
    confirmed_expired,
    fill,
    filled,
    not_found,
    of_kind,
    opened,
    played,
    ready,
    settings,
    signal,
    timed_out,
)

LOST = RequestOutcomeUnknown(ENTRY, "submit")
PARTLY_HEDGED = (filled(ENTRY, 600), *confirmed_expired(ENTRY, 600), filled(HEDGE, 1_200))


# ---- money ---------------------------------------------------------------------------------------


def test_a_bust_leaves_the_trade_holding_what_the_books_hold():
    state = after(ready(), signal(), filled(ENTRY, 400, "t1"), FillCorrected(ENTRY, fill(0, fee_lots=7)))

    (begun,) = state.trades
    assert trade.open_lots(begun, begun.leg_a) == sum(each.lots for each in state.book.positions)


def test_a_busted_fill_that_is_reinstated_is_booked_with_its_fee():
    told, bust = fill(400, fee_money=5), fill(0, fee_money=5)
    story = [FillCorrected(ENTRY, bust), FillCorrected(ENTRY, told)]

    state = after(ready(), signal(), filled(ENTRY, 400, "t1", fee_money=5), *story)

    assert (state.book.cash, state.book.fees) == (CASH - 40_005, 5)


# ---- blind and ungated resends ---------------------------------------------------------------------


def test_no_entry_is_sent_anew_while_tripped_whatever_event_settles_the_last_one():
    story = [
        signal(),
        *absent(ENTRY),
        OrderAccepted(ENTRY),  # it was there after all, and is being cancelled
        *absent(ENTRY_2),
        BreakerTripRequested(),
    ]
    state = after(ready(settings(protocol=Protocol(entry_attempts=3))), *story)

    commands = commands_of(state, *confirmed_canceled(ENTRY, 0))

    assert of_kind(commands, SubmitOrder) == ()
    assert [each.outcome for each in of_kind(commands, EndTrade)] == ["unfilled"]


def test_a_lost_answer_breaks_the_row_of_not_found_answers():
    begun = opened(*absent(ENTRY, 2), RequestOutcomeUnknown(ENTRY, "query"), asked_again(ENTRY))

    _, commands = trade.step(begun, answered(ENTRY, "not_found"), True)

    assert of_kind(commands, SubmitOrder) == ()


def test_one_answer_delivered_three_times_proves_nothing():
    begun = opened(LOST, *not_found(ENTRY, 2))

    _, commands = trade.step(begun, answered(ENTRY, "not_found"), True)

    assert of_kind(commands, SubmitOrder) == ()


def test_an_entry_that_was_told_to_go_is_not_sent_anew():
    reset = BreakerResetRequested("manual", OTHER_CODES[1])
    story = [signal(), *absent(ENTRY, 2), BreakerTripRequested(), reset, answered(ENTRY, "not_found")]

    commands = commands_of(ready(settings(anchors=ANCHORS)), *story)

    assert [each.order for each in of_kind(commands, SubmitOrder)] == [ENTRY]


# ---- what a halt and the gate do not see -----------------------------------------------------------


def test_a_halt_cancels_the_resting_entry_of_a_parked_trade():
    parked = [signal(), LOST, asked_again(ENTRY), OrderAccepted(ENTRY)]
    state = after(ready(settings(protocol=Protocol(query_attempts=1))), *parked)

    _, commands = engine.step(state, BreakerTripRequested())

    assert of_kind(commands, CancelOrder) == (CancelOrder(ENTRY),)


def test_an_entry_that_came_back_after_the_end_counts_as_filled():
    state = after(ready(), signal(), *absent(ENTRY), *absent(ENTRY_2), OrderAccepted(ENTRY))

    assert engine.summary(state).total.gross >= 100_000


def test_an_entry_that_came_back_after_the_end_counts_on_its_own_side():
    state = after(ready(), signal(), *absent(ENTRY), *absent(ENTRY_2), OrderAccepted(ENTRY))

    assert engine.summary(state).total.exposures == (("AAA", 1_000, 0, 100_000),)


def test_an_entry_that_came_back_beside_its_resend_counts_too():
    state = after(ready(), signal(), *absent(ENTRY), OrderAccepted(ENTRY))

    assert engine.summary(state).total.exposures[0] == ("AAA", 2_000, 0, 200_000)


# ---- ends ----------------------------------------------------------------------------------------


def test_a_trade_that_holds_nothing_does_not_end_as_hedged():
    busted = FillCorrected(ENTRY, fill(0, trade_id="entry-1"))

    done = opened(filled(ENTRY, 1_000), busted, *confirmed_canceled(ENTRY, 0), *confirmed_canceled(HEDGE, 0))

    assert (done.phase, done.outcome) == ("ended", "flattened")


def test_a_trade_whose_hedge_is_below_the_minimum_does_not_end_as_hedged():
    done = opened(filled(ENTRY, 600), *confirmed_expired(ENTRY, 600), planned_b=50, grid_b=(1, 50))

    assert played(done, filled(FLATTEN_A, 600)).outcome == "flattened"


def test_a_parked_trade_stays_parked_until_a_person_acts():
    story = (*PARTLY_HEDGED, filled(ENTRY, 400, "late"), OrderRejected(FLATTEN_A, "no"), LINGER)

    assert opened(*story, protocol=Protocol(flatten_attempts=1)).phase == "parked"


def test_dust_of_an_abort_is_added_to_the_next_order():
    ended = opened(filled(ENTRY, 40), *confirmed_expired(ENTRY, 40), grid_a=(1, 50))

    _, commands = trade.step(ended, filled(ENTRY, 60, "late"), True)

    assert of_kind(commands, SubmitOrder)[0].quantity == 100


# ---- questions -----------------------------------------------------------------------------------


def test_stray_reports_on_a_filled_order_do_not_park_its_trade():
    state = after(ready(), signal(), *both_filled(), *[CancelRejected(ENTRY, "too late")] * 13)

    assert [each.phase for each in state.trades] == ["ended"]


def test_an_order_given_up_changes_no_more():
    begun = opened(OrderExpired(ENTRY, 1_000), asked_again(ENTRY), protocol=Protocol(query_attempts=1))
    given_up = trade.step(begun, OrderExpired(ENTRY, 1_000), True)[0]

    assert trade.step(given_up, OrderExpired(ENTRY, 1_000), True)[0] == given_up


def test_one_answer_brings_one_cancel():
    story = (LOST, timed_out(ENTRY), asked_again(ENTRY), asked_again(ENTRY))
    begun = opened(*story, protocol=Protocol(query_attempts=1))

    _, commands = trade.step(begun, replace(answered(ENTRY, "found"), status="open"), True)

    assert of_kind(commands, CancelOrder) == (CancelOrder(ENTRY),)


# ---- nothing more than was said ------------------------------------------------------------------


def test_a_report_without_a_row_leaves_the_order_as_it_is():
    rejected, _ = book(booked(OrderAccepted(ENTRY)), OrderRejected(ENTRY, "no"))

    assert book(rejected, OrderReplaced(ENTRY, 5)) == (rejected, "UNEXPECTED_REPORT")


@pytest.mark.parametrize(("stop_a", "stop_b"), [(101, None), (None, 49)])
def test_a_stop_that_is_passed_already_is_refused_and_not_counted_as_no_risk(stop_a, stop_b):
    _, commands = engine.step(ready(), signal(stop_price_a=stop_a, stop_price_b=stop_b))

    assert [each.reason for each in commands] == ["INVALID_SIGNAL"]


@pytest.mark.parametrize(("symbol", "reason"), [("AAA", "POSITION_CAP"), ("BBB", None)])
def test_a_symbol_that_drifted_over_its_cap_holds_up_only_its_own_signals(symbol, reason):
    drifted = Summary(Money(1_000), False, Contribution(exposures=(("AAA", 9, 0, Money(900)),)))
    asks = Intent(SIGNAL, Contribution(1, Money(1), Money(1), ((symbol, 1, 0, Money(1)),)))

    assert decide(drifted, Limits(), (asks,))[0].reason == reason


@pytest.mark.parametrize("symbol", ["AAA", "BBB"])
def test_an_entry_is_not_sent_again_on_a_price_nobody_can_trade_by(symbol):
    state = after(ready(), signal(), LOST, PriceUnusable(symbol))

    commands = commands_of(state, *absent(ENTRY))

    assert of_kind(commands, SubmitOrder) == ()
    assert [each.outcome for each in of_kind(commands, EndTrade)] == ["unfilled"]
