"""A trade that is left, parked or released: what is told of it, and which of its orders stay."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    CancelOrder,
    EndTrade,
    EntryChangeRequested,
    FillCorrected,
    LiquidationOrdered,
    OrderAccepted,
    OrderReplaced,
    QueryOrder,
    RaiseAlert,
    ReplaceOrder,
    ReplaceRejected,
    RequestOutcomeUnknown,
    Restarted,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerId,
)
from core.orders import Order
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    LINGER,
    SECOND,
    SIGNAL,
    asked_again,
    confirmed_canceled,
    confirmed_expired,
    fill,
    filled,
    found,
    of_kind,
    played,
    starts_query,
    submitted,
    timed_out,
)
from tests.unit.core.test_protection import (
    GRACE,
    LEGS_FILLED,
    STOP_A,
    STOP_A_2,
    STOP_B,
    hit,
    opened,
    protected,
    step,
)
from tests.unit.core.test_protection_holding import resting

LINGERS = StartTimer(TimerId(SIGNAL, "linger"), 30 * SECOND)
EXITED = (hit(STOP_A, 1_000), *confirmed_canceled(STOP_B, 0), filled(FLATTEN_B, 2_000))


# ---- how it ends ---------------------------------------------------------------------------------------


def test_a_trade_left_before_anything_was_filled_is_unfilled():
    leaving = opened(OrderAccepted(ENTRY), LiquidationOrdered(), *confirmed_canceled(ENTRY, 0)[:1])

    ended, commands = step(leaving, found(ENTRY, "canceled"))

    assert (ended.phase, ended.outcome) == ("ended", "unfilled")
    assert of_kind(commands, EndTrade) == (EndTrade(SIGNAL, "unfilled", "none", 0, 0),)


def test_a_late_fill_of_an_exit_that_cannot_be_flattened_ends_no_call_again():
    once = Protocol(flatten_attempts=1)
    exited = protected(*EXITED, filled(ENTRY, 50, "late"), timed_out(FLATTEN_A), protocol=once)

    parked, commands = step(
        played(exited, *confirmed_canceled(FLATTEN_A, 0)[:1]), found(FLATTEN_A, "canceled")
    )
    _, again = step(parked, Restarted())

    assert (parked.phase, parked.outcome, parked.lingers) == ("parked", "exited", False)
    assert of_kind(commands, RaiseAlert, StopTimer)[-2:] == (
        RaiseAlert("TRADE_PARKED", SIGNAL),
        StopTimer(TimerId(SIGNAL, "linger")),
    )
    assert of_kind(again, EndTrade, RaiseAlert) == (RaiseAlert("TRADE_PARKED", SIGNAL),)


def test_a_late_fill_of_a_hedged_trade_that_cannot_be_flattened_parks_it():
    once = Protocol(flatten_attempts=1)
    ended = opened(
        *LEGS_FILLED, filled(ENTRY, 50, "late"), timed_out(FLATTEN_A), stop_a=None, stop_b=None, protocol=once
    )

    parked = played(ended, *confirmed_canceled(FLATTEN_A, 0))

    assert (parked.phase, parked.outcome) == ("parked", "parked")


def test_what_cannot_be_flattened_any_more_keeps_its_stops():
    """Attempts were spent on late fills; to take the stops away for one more would protect nobody."""
    once = Protocol(flatten_attempts=1)
    spent = protected(filled(ENTRY, 50, "late"), filled(FLATTEN_A, 50), protocol=once)

    parked, commands = step(spent, LiquidationOrdered())

    assert parked.phase == "parked"
    assert of_kind(commands, RaiseAlert, CancelOrder, SubmitOrder) == (RaiseAlert("TRADE_PARKED", SIGNAL),)


def test_what_was_flattened_too_far_is_not_waited_for():
    over = protected(filled(ENTRY, 50, "late"))

    parked, _ = step(over, filled(FLATTEN_A, 60))

    assert parked.phase == "parked"


@pytest.mark.parametrize("phase", ["ended", "held"])
def test_only_what_is_hedged_is_left(phase):
    flat = replace(
        opened(filled(ENTRY, 100), *confirmed_expired(ENTRY, 100), filled(FLATTEN_A, 100)), phase=phase
    )

    after, commands = step(flat, LiquidationOrdered())

    assert (flat.outcome, after, commands) == ("flattened", flat, ())


# ---- what is released ----------------------------------------------------------------------------------


def test_a_stop_behind_which_nothing_is_held_puts_the_release_off():
    exited = protected(*EXITED, asked_again(STOP_A))
    revived = replace(exited, orders=(*exited.orders, Order(STOP_A_2, "AAA", "sell", 1_000, phase="new")))

    after, commands = step(revived, LINGER)

    assert LINGERS in commands
    assert after.phase == "ended"


def test_a_stop_that_trades_puts_the_release_off():
    """A holding starts from what its orders that stay have not traded."""
    ended = protected(grid_b=(1, 30))
    hit_once = replace(ended.orders[-1], fills=(fill(1, 55, "hit"),))

    after, commands = trade.step(replace(ended, orders=(*ended.orders[:-1], hit_once)), LINGER, True)

    assert (after.phase, LINGERS in commands) == ("ended", True)


def test_a_trade_that_holds_leg_b_alone_stays():
    ended = opened(*LEGS_FILLED, FillCorrected(ENTRY, fill(0, 100, "entry-1")), stop_a=None, stop_b=None)
    short = replace(ended, phase="ended", kept_a=0, lingers=True, orders=ended.orders[1:])

    assert trade.step(short, LINGER, True)[0].phase == "held"


# ---- another price for the entry -----------------------------------------------------------------------


def test_an_entry_may_be_changed_while_a_stop_rests_beside_it():
    begun = resting()
    begun = replace(begun, leg_a=replace(begun.leg_a, stop_price=90))
    guarded = played(begun, filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A))

    _, commands = step(guarded, EntryChangeRequested(SIGNAL, 105))

    assert commands == (ReplaceOrder(ENTRY, 1_000, 105, None), starts_query(ENTRY))


def test_an_entry_that_the_venue_has_not_acknowledged_is_not_changed():
    begun = resting()
    unheard = replace(begun, orders=(replace(begun.orders[0], phase="pending_new"),))

    after, commands = step(unheard, EntryChangeRequested(SIGNAL, 105))

    assert (after is unheard, commands) == (True, ())


def test_while_its_price_is_in_doubt_an_entry_may_be_changed_back():
    doubted = resting(
        EntryChangeRequested(SIGNAL, 105),
        RequestOutcomeUnknown(ENTRY, "replace"),
        replace(found(ENTRY), quantity=1_000),
    )

    _, commands = step(doubted, EntryChangeRequested(SIGNAL, 100))

    assert doubted.orders[0].limit_price == 100
    assert of_kind(commands, ReplaceOrder) == (ReplaceOrder(ENTRY, 1_000, 100, None),)


def test_changes_that_were_refused_and_asked_about_do_not_add_up():
    few = Protocol(query_attempts=2)
    entry = replace(resting(), protocol=few)
    for price in (101, 102, 103):
        entry = played(entry, EntryChangeRequested(SIGNAL, price), ReplaceRejected(ENTRY, "no"), found(ENTRY))

    assert entry.phase == "entry"
    assert (entry.orders[0].queries, entry.orders[0].answers) == (1, 1)


def test_a_repriced_entry_is_hedged_as_soon_as_it_is_filled():
    repriced = resting(EntryChangeRequested(SIGNAL, 105), OrderReplaced(ENTRY, 1_000))

    _, commands = step(repriced, filled(ENTRY, 1_000))

    assert of_kind(commands, SubmitOrder) == (submitted(HEDGE, 2_000)[0],)
    assert not of_kind(commands, QueryOrder)


def test_an_entry_is_last_the_one_that_was_sent_last():
    begun = opened()

    assert trade.last_entry(begun).id == ENTRY
    assert trade.last_entry(replace(begun, orders=())) is None
