"""One trade: late fills, dust, fees, parking, and what stays of it."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    FillCorrected,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    RaiseAlert,
    ReportAnomaly,
    StartTimer,
    StopTimer,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    LINGER,
    SECOND,
    SIGNAL,
    asks_once_more,
    cancelled,
    confirmed_canceled,
    confirmed_expired,
    ends,
    fill,
    filled,
    found,
    opened,
    parks,
    played,
    stops_query,
    stops_timeout,
    submitted,
    timed_out,
)

FLATTEN_A_2, FLATTEN_A_3 = (replace(FLATTEN_A, attempt=attempt) for attempt in (2, 3))
HEDGED = (filled(ENTRY, 1_000), filled(HEDGE, 2_000))
PARTLY_HEDGED = (filled(ENTRY, 600), *confirmed_expired(ENTRY, 600), filled(HEDGE, 1_200))


def aborted(quantity, **plan):
    """The trade whose leg A ended with too little to hedge."""
    return opened(filled(ENTRY, quantity), *confirmed_expired(ENTRY, quantity), **plan)


# ---- late fills ----------------------------------------------------------------------------------


def test_a_late_entry_fill_after_the_end_is_booked_and_flattened():
    ended = opened(*PARTLY_HEDGED)

    late, commands = trade.step(ended, filled(ENTRY, 400, "late"), True)
    done, no_second_end = trade.step(late, filled(FLATTEN_A, 400), True)

    assert trade.open_lots(late, late.leg_a) == 1_000
    assert commands == submitted(FLATTEN_A, 400)
    assert no_second_end == (stops_timeout(FLATTEN_A),)
    assert (done.phase, done.outcome, trade.open_lots(done, done.leg_a)) == ("ended", "hedged", 600)


def test_a_late_hedge_fill_after_the_end_is_booked_and_flattened():
    ended = opened(
        filled(ENTRY, 1_000), *confirmed_canceled(HEDGE, 0), filled(replace(HEDGE, attempt=2), 2_000)
    )

    _, commands = trade.step(ended, filled(HEDGE, 2_000), True)

    assert ended.outcome == "hedged"
    assert commands == submitted(FLATTEN_B, 2_000)


def test_a_fill_of_a_rejected_order_is_booked_and_its_rest_cancelled_and_it_is_flattened():
    ended = opened(OrderRejected(ENTRY, "no"))

    working, cancelling = trade.step(ended, filled(ENTRY, 400), True)
    over, waiting = trade.step(working, OrderCanceled(ENTRY, 400), True)
    _, flattening = trade.step(over, found(ENTRY, "canceled"), True)

    assert cancelling == cancelled(ENTRY)
    assert waiting == ()
    assert flattening == (stops_query(ENTRY), *submitted(FLATTEN_A, 400))


def test_a_late_fill_while_hedging_is_hedged():
    hedging = opened(filled(ENTRY, 600), *confirmed_expired(ENTRY, 600))

    hedging, waiting = trade.step(hedging, filled(ENTRY, 400, "late"), True)
    _, commands = trade.step(hedging, filled(HEDGE, 1_200), True)

    assert waiting == ()
    assert commands == (stops_timeout(HEDGE), *submitted(replace(HEDGE, attempt=2), 800))


def test_a_late_fill_while_flattening_is_flattened():
    flattening = aborted(400)

    flattening, waiting = trade.step(flattening, filled(ENTRY, 500, "late"), True)
    _, commands = trade.step(flattening, filled(FLATTEN_A, 400), True)

    assert waiting == ()
    assert commands == (stops_timeout(FLATTEN_A), *submitted(FLATTEN_A_2, 500))


def test_a_duplicate_of_a_late_fill_flattens_nothing_more():
    late = opened(*PARTLY_HEDGED, filled(ENTRY, 400, "late"))

    same, commands = trade.step(late, filled(ENTRY, 400, "late"), True)

    assert same is late
    assert commands == (ReportAnomaly("DUPLICATE_FILL", filled(ENTRY, 400, "late")),)


# ---- corrections ---------------------------------------------------------------------------------


def test_a_bust_after_the_end_cannot_be_mended_by_an_order():
    ended = opened(*PARTLY_HEDGED)

    parked, commands = trade.step(ended, FillCorrected(ENTRY, fill(0, trade_id="entry-1")), True)

    assert parked.phase == "parked"
    assert commands == (RaiseAlert("TRADE_PARKED", SIGNAL), StopTimer(LINGER.timer))


def test_a_bust_while_hedging_is_taken_from_the_hedge():
    hedging = opened(filled(ENTRY, 900), filled(ENTRY, 50, "other"), *confirmed_expired(ENTRY, 950))

    hedging = played(hedging, FillCorrected(ENTRY, fill(0, trade_id="other")))
    _, commands = trade.step(hedging, filled(HEDGE, 1_900), True)

    assert commands == (stops_timeout(HEDGE), *submitted(FLATTEN_B, 100))


# ---- dust ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "orders_sent"), [(49, 1), (50, 2)])
def test_what_is_below_the_venue_s_minimum_cannot_be_flattened(quantity, orders_sent):
    assert len(aborted(quantity, grid_a=(1, 50)).orders) == orders_sent


def test_an_abort_tells_its_dust():
    begun = opened(filled(ENTRY, 49), OrderExpired(ENTRY, 49), grid_a=(1, 50))

    _, commands = trade.step(begun, found(ENTRY, "expired"), True)

    assert commands == (stops_query(ENTRY), *ends("flattened", "severe", dust_a=49))


def test_a_hedge_tells_the_dust_of_both_its_legs():
    hedged = (filled(ENTRY, 1_000, fee_lots=7), filled(HEDGE, 1_960), OrderExpired(HEDGE, 1_960))
    begun = opened(*hedged, grid_b=(1, 50))

    _, commands = trade.step(begun, found(HEDGE, "expired"), True)

    assert commands == (stops_query(HEDGE), *ends("hedged", "complete", dust_a=7, dust_b=40))


def test_what_the_grid_cut_off_the_hedge_is_dust():
    begun = opened(filled(ENTRY, 600), *confirmed_expired(ENTRY, 600), grid_b=(500, 500))

    _, commands = trade.step(begun, filled(HEDGE, 1_000), True)

    assert commands == (stops_timeout(HEDGE), *ends("hedged", "partial", dust_b=200))


def test_dust_is_added_to_the_trade_s_next_order():
    begun = opened(
        filled(ENTRY, 400), filled(ENTRY, 40, "other"), *confirmed_expired(ENTRY, 440), grid_a=(100, 100)
    )

    begun, commands = trade.step(played(begun, filled(ENTRY, 60, "late")), filled(FLATTEN_A, 400), True)

    assert commands == (stops_timeout(FLATTEN_A), *submitted(FLATTEN_A_2, 100))


def test_late_dust_after_the_end_waits_for_an_order_s_worth():
    ended = opened(*PARTLY_HEDGED, grid_a=(1, 50))

    waiting, nothing = trade.step(ended, filled(ENTRY, 30, "late"), True)
    _, commands = trade.step(waiting, filled(ENTRY, 20, "later"), True)

    assert nothing == ()
    assert commands == submitted(FLATTEN_A, 50)


def test_a_flatten_leaves_what_is_off_the_grid():
    begun = aborted(430, grid_a=(100, 100))

    _, commands = trade.step(begun, filled(FLATTEN_A, 400), True)

    assert begun.orders[-1].quantity == 400
    assert commands == (stops_timeout(FLATTEN_A), *ends("flattened", "severe", dust_a=30))


# ---- fees in the asset itself ----------------------------------------------------------------------


def test_a_fee_in_lots_is_not_sold_again():
    begun = opened(filled(ENTRY, 400, fee_lots=4), OrderExpired(ENTRY, 400))

    _, commands = trade.step(begun, found(ENTRY, "expired"), True)

    assert commands == (stops_query(ENTRY), *submitted(FLATTEN_A, 396))


def test_a_fee_in_lots_does_not_change_the_hedge():
    begun = opened(filled(ENTRY, 1_000, fee_lots=10))

    done = played(begun, filled(HEDGE, 2_000))

    assert begun.orders[-1].quantity == 2_000
    assert (done.kept_a, done.kept_b, done.outcome) == (990, 2_000, "hedged")


# ---- flatten attempts ----------------------------------------------------------------------------


def test_a_flatten_is_tried_again_for_what_is_left():
    begun = played(aborted(400), filled(FLATTEN_A, 100))

    asking, questions = trade.step(begun, OrderExpired(FLATTEN_A, 100), True)
    _, commands = trade.step(asking, found(FLATTEN_A, "expired"), True)

    assert questions == asks_once_more(FLATTEN_A)
    assert commands == (stops_query(FLATTEN_A), *submitted(FLATTEN_A_2, 300))


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_flatten_out_of_attempts_parks_the_trade_and_alerts(attempts):
    begun = aborted(400, protocol=Protocol(flatten_attempts=attempts))
    for attempt in range(1, attempts):
        begun = played(begun, OrderRejected(replace(FLATTEN_A, attempt=attempt), "no"))
    last = replace(FLATTEN_A, attempt=attempts)

    parked, commands = trade.step(begun, OrderRejected(last, "no"), True)

    assert (begun.phase, parked.phase) == ("flatten", "parked")
    assert commands == (stops_timeout(last), *parks("TRADE_PARKED", "severe", held_a=400))


def test_the_second_leg_s_flatten_out_of_attempts_parks_too():
    one_try = Protocol(hedge_attempts=1, flatten_attempts=1)
    begun = opened(filled(ENTRY, 1_000), filled(HEDGE, 500), *confirmed_expired(HEDGE, 500), protocol=one_try)

    waiting, nothing = trade.step(begun, OrderRejected(FLATTEN_B, "no"), True)
    _, commands = trade.step(waiting, filled(FLATTEN_A, 1_000), True)

    assert nothing == (stops_timeout(FLATTEN_B),)
    assert commands == (stops_timeout(FLATTEN_A), *parks("TRADE_PARKED", "complete", held_b=500))


def test_a_leg_that_is_flat_needs_no_attempt():
    one_try = Protocol(hedge_attempts=1, flatten_attempts=1)
    begun = opened(filled(ENTRY, 1_000), filled(HEDGE, 500), *confirmed_expired(HEDGE, 500), protocol=one_try)

    done = played(begun, filled(FLATTEN_A, 1_000), filled(FLATTEN_B, 500))

    assert (done.phase, done.outcome) == ("ended", "flattened")


@pytest.mark.parametrize(
    ("sold", "phase", "commands"),
    [
        (449, "ended", ends("flattened", "severe", dust_a=49)),
        (450, "parked", parks("TRADE_PARKED", "severe", held_a=50)),
    ],
)
def test_more_flattened_than_was_held_is_dust_or_a_person_s_matter(sold, phase, commands):
    begun = aborted(400, grid_a=(1, 50))

    done, told = trade.step(begun, filled(FLATTEN_A, sold), True)

    assert done.phase == phase
    assert told[2:] == commands


def test_the_second_leg_overflattened_is_a_person_s_matter():
    one_try = Protocol(hedge_attempts=1)
    begun = opened(filled(ENTRY, 1_000), filled(HEDGE, 500), *confirmed_expired(HEDGE, 500), protocol=one_try)

    parked = played(begun, filled(FLATTEN_A, 1_000), filled(FLATTEN_B, 501))

    assert (parked.phase, trade.open_lots(parked, parked.leg_b)) == ("parked", -1)


def test_a_late_fill_that_cannot_be_flattened_parks_without_a_second_end():
    ended = opened(*PARTLY_HEDGED, filled(ENTRY, 400, "late"), protocol=Protocol(flatten_attempts=1))

    parked, commands = trade.step(ended, OrderRejected(FLATTEN_A, "no"), True)

    assert (parked.phase, parked.outcome, parked.lingers) == ("parked", "parked", False)
    parks_for_good = (RaiseAlert("TRADE_PARKED", SIGNAL), StopTimer(LINGER.timer))
    assert commands == (stops_timeout(FLATTEN_A), *parks_for_good)


# ---- what stays ----------------------------------------------------------------------------------


def test_after_the_linger_a_trade_is_what_it_holds():
    held, commands = trade.step(opened(*HEDGED), LINGER, True)

    assert (held.phase, held.orders, held.lingers, commands) == ("held", (), False, ())
    assert (trade.open_lots(held, held.leg_a), trade.open_lots(held, held.leg_b)) == (1_000, 2_000)


def test_a_trade_that_holds_dust_of_leg_a_is_held():
    held = played(aborted(49, grid_a=(1, 50)), LINGER)

    assert (held.phase, held.kept_a, held.kept_b) == ("held", 49, 0)


def test_a_trade_that_holds_dust_of_leg_b_is_held():
    begun = opened(
        filled(ENTRY, 1_000), filled(HEDGE, 49), grid_b=(1, 50), protocol=Protocol(hedge_attempts=1)
    )

    held = played(begun, *confirmed_expired(HEDGE, 49), filled(FLATTEN_A, 1_000), LINGER)

    assert (held.phase, held.kept_a, held.kept_b) == ("held", 0, 49)


def test_what_came_late_and_could_not_be_moved_is_held_too():
    ended = opened(*PARTLY_HEDGED, grid_a=(1, 50), grid_b=(1, 50))

    held = played(ended, filled(ENTRY, 30, "late"), filled(HEDGE, 20, "late"), LINGER)

    assert (ended.kept_a, ended.kept_b) == (600, 1_200)
    assert (held.phase, held.kept_a, held.kept_b) == ("held", 630, 1_220)


def test_a_trade_that_holds_nothing_is_closed():
    closed, commands = trade.step(opened(OrderRejected(ENTRY, "no")), LINGER, True)

    assert (closed.phase, closed.orders, commands) == ("closed", (), ())


def test_a_linger_waits_while_a_late_fill_is_flattened():
    late = opened(*PARTLY_HEDGED, filled(ENTRY, 400, "late"))

    same, commands = trade.step(late, LINGER, True)
    released = played(same, filled(FLATTEN_A, 400), LINGER)

    assert (same, commands) == (late, (StartTimer(LINGER.timer, 30 * SECOND),))
    assert (released.phase, released.kept_a) == ("held", 600)


def test_the_linger_is_the_protocol_s():
    _, commands = trade.step(opened(protocol=Protocol(linger=7)), OrderRejected(ENTRY, "no"), True)

    assert commands[-1] == StartTimer(LINGER.timer, 7)


def test_a_linger_fires_once():
    held = opened(*HEDGED, LINGER)

    assert trade.step(held, LINGER, True) == (held, (ReportAnomaly("UNKNOWN_TIMER", LINGER),))


def test_an_order_that_left_with_its_trade_is_not_known_any_more():
    held = opened(*HEDGED, LINGER)

    same, commands = trade.step(held, filled(ENTRY, 1, "late"), True)

    assert same is held
    assert commands == (ReportAnomaly("UNKNOWN_ORDER", filled(ENTRY, 1, "late")),)


def test_an_ended_trade_ignores_a_timeout_that_was_stopped():
    ended = opened(*HEDGED)

    assert trade.step(ended, timed_out(ENTRY), True)[0] is ended
