"""Protective stops of one trade: from the grace after the first fill until nothing is held."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    CancelOrder,
    CancelRejected,
    EndTrade,
    LiquidationOrdered,
    OrderAccepted,
    OrderId,
    OrderRejected,
    OrderReplaced,
    ReplaceOrder,
    ReplaceRejected,
    RequestOutcomeUnknown,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
)
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
    filled,
    found,
    not_found,
    of_kind,
    played,
    proposed,
    signal,
    starts_query,
    submitted,
)

GRACE = TimerFired(TimerId(SIGNAL, "grace"))
STOP_A, STOP_B = OrderId(SIGNAL, "stop_a", 1), OrderId(SIGNAL, "stop_b", 1)
STOP_A_2, STOP_A_3 = OrderId(SIGNAL, "stop_a", 2), OrderId(SIGNAL, "stop_a", 3)
LEGS_FILLED = (filled(ENTRY, 1_000), filled(HEDGE, 2_000))
ACCEPTED = (OrderAccepted(STOP_A), OrderAccepted(STOP_B))
WATCH = 60 * SECOND


def guarded(stop_a=90, stop_b=55, **plan):
    """The pair's trade with stops: leg A is out at 90, leg B at 55."""
    begun = proposed(**plan)
    leg_a, leg_b = replace(begun.leg_a, stop_price=stop_a), replace(begun.leg_b, stop_price=stop_b)
    return replace(begun, leg_a=leg_a, leg_b=leg_b)


def opened(*events, **plan):
    """That trade, let through, after those events."""
    return played(guarded(**plan), signal(), *events)


def protected(*events, **plan):
    """Both legs filled, the grace over, both stops accepted; then those events."""
    return opened(*LEGS_FILLED, GRACE, *ACCEPTED, *events, **plan)


def stop_sent(order, quantity):
    """What sends a protective stop: the order, and the timer after which it is asked about."""
    symbol, side, price = ("AAA", "sell", 90) if order.slot == "stop_a" else ("BBB", "buy", 55)
    return (
        SubmitOrder(order, symbol, side, quantity, None, True, price),
        starts_query(order, WATCH),
    )


def hit(order, quantity, name="hit"):
    """A fill of a protective order."""
    return filled(order, quantity, name, price=90 if order.slot == "stop_a" else 55)


def step(begun, event):
    """One step with the gate open."""
    return trade.step(begun, event, True)


# ---- grace -------------------------------------------------------------------------------------------


def test_the_first_fill_of_a_leg_with_a_stop_starts_the_grace_and_sends_no_stop():
    after, commands = step(opened(), filled(ENTRY, 400))

    assert StartTimer(TimerId(SIGNAL, "grace"), SECOND) in commands
    assert after.grace == "running"
    assert not of_kind(commands, SubmitOrder)


def test_the_grace_starts_once():
    _, commands = step(opened(filled(ENTRY, 400)), filled(ENTRY, 300, "more"))

    assert not of_kind(commands, StartTimer)


def test_what_is_below_the_venue_s_minimum_starts_no_grace():
    after, _ = step(opened(grid_a=(1, 500)), filled(ENTRY, 400))

    assert after.grace == "none"


def test_a_trade_without_stops_has_no_grace():
    after, commands = step(opened(stop_a=None, stop_b=None), filled(ENTRY, 1_000))

    assert (after.grace, of_kind(commands, StartTimer)) == ("none", submitted(HEDGE, 2_000)[1:])


def test_after_the_grace_each_leg_rests_behind_one_stop_of_its_size():
    after, commands = step(opened(*LEGS_FILLED), GRACE)

    assert commands == (*stop_sent(STOP_A, 1_000), *stop_sent(STOP_B, 2_000))
    assert after.grace == "over"


def test_only_legs_with_a_stop_price_are_protected():
    _, first = step(opened(*LEGS_FILLED, stop_b=None), GRACE)
    _, second = step(opened(*LEGS_FILLED, stop_a=None), GRACE)

    assert (first, second) == (stop_sent(STOP_A, 1_000), stop_sent(STOP_B, 2_000))


def test_a_grace_that_is_not_running_cannot_end():
    before = opened()

    after, commands = step(before, GRACE)

    assert after is before
    assert [each.reason for each in commands] == ["UNKNOWN_TIMER"]


def test_the_part_that_is_filled_is_protected_while_the_entry_still_works():
    _, commands = step(opened(filled(ENTRY, 400)), GRACE)

    assert commands == stop_sent(STOP_A, 400)


def test_dust_of_a_step_is_left_out_of_the_stop():
    _, commands = step(opened(filled(ENTRY, 405), grid_a=(10, 10)), GRACE)

    assert commands == stop_sent(STOP_A, 400)


# ---- resizing ----------------------------------------------------------------------------------------


def test_each_fill_resizes_the_stop_by_a_replacement():
    before = opened(filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A))

    after, commands = step(before, filled(ENTRY, 300, "more"))

    assert commands == (ReplaceOrder(STOP_A, 700, None, 90), starts_query(STOP_A))
    assert trade.find(after, STOP_A).pending == "replace"


def test_while_the_stop_s_fate_is_open_it_is_not_resized():
    unanswered = opened(filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A), filled(ENTRY, 300, "more"))
    doubted = opened(filled(ENTRY, 400), GRACE, RequestOutcomeUnknown(STOP_A, "submit"))

    for before in (unanswered, doubted):
        _, commands = step(before, filled(ENTRY, 100, "third"))

        assert not of_kind(commands, ReplaceOrder, SubmitOrder)


def test_a_resize_that_waited_is_made_up_for():
    before = opened(
        filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A), filled(ENTRY, 300, "2"), filled(ENTRY, 100, "3")
    )

    _, commands = step(before, OrderReplaced(STOP_A, 700))

    assert commands == (ReplaceOrder(STOP_A, 800, None, 90), starts_query(STOP_A))


def test_a_stop_that_stands_for_the_right_size_is_left_alone():
    before = opened(filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A), filled(ENTRY, 300, "more"))

    _, commands = step(before, OrderReplaced(STOP_A, 700))

    assert commands == ()


def test_a_refused_resize_is_asked_about_and_the_stop_then_exchanged():
    before = opened(
        filled(ENTRY, 400),
        GRACE,
        OrderAccepted(STOP_A),
        filled(ENTRY, 300, "2"),
        ReplaceRejected(STOP_A, "no"),
    )

    after, commands = step(before, found(STOP_A))
    gone, more = step(played(after, *confirmed_canceled(STOP_A, 0)[:1]), found(STOP_A, "canceled"))

    assert CancelOrder(STOP_A) in commands
    assert more[-2:] == stop_sent(STOP_A_2, 700)
    assert gone.phase == "entry"


def test_a_resize_of_unknown_outcome_counts_at_worst_until_the_status_tells_the_size():
    doubted = opened(
        filled(ENTRY, 400),
        GRACE,
        OrderAccepted(STOP_A),
        filled(ENTRY, 300, "2"),
        RequestOutcomeUnknown(STOP_A, "replace"),
    )

    done, quiet = step(doubted, replace(found(STOP_A), quantity=700))
    _, again = step(doubted, replace(found(STOP_A), quantity=400))
    _, blind = step(doubted, found(STOP_A))

    assert not of_kind(quiet, ReplaceOrder, CancelOrder)
    assert trade.find(done, STOP_A).quantity == 700
    assert ReplaceOrder(STOP_A, 700, None, 90) in again
    assert CancelOrder(STOP_A) in blind


# ---- being hit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "lots", "other"), [(STOP_A, 1_000, STOP_B), (STOP_B, 2_000, STOP_A)], ids=["leg a", "leg b"]
)
def test_a_stop_that_is_hit_takes_the_other_leg_with_it(order, lots, other):
    after, commands = step(protected(), hit(order, lots))

    assert of_kind(commands, CancelOrder) == (CancelOrder(other),)
    assert StopTimer(TimerId(SIGNAL, "linger")) in commands
    assert (after.phase, after.outcome, after.lingers) == ("exit", "exited", False)
    assert not of_kind(commands, SubmitOrder)


def test_the_other_leg_is_flattened_once_its_stop_is_gone():
    leaving = protected(hit(STOP_A, 1_000))

    _, early = step(leaving, confirmed_canceled(STOP_B, 0)[0])
    _, commands = step(played(leaving, confirmed_canceled(STOP_B, 0)[0]), found(STOP_B, "canceled"))

    assert not of_kind(early, SubmitOrder)
    assert of_kind(commands, SubmitOrder, StartTimer) == submitted(FLATTEN_B, 2_000)


def test_an_exit_ends_in_silence_since_its_call_has_returned():
    leaving = protected(hit(STOP_A, 1_000), *confirmed_canceled(STOP_B, 0))

    after, commands = step(leaving, filled(FLATTEN_B, 2_000))

    assert (after.phase, after.outcome, after.kept_a, after.kept_b) == ("ended", "exited", 0, 0)
    assert after.lingers
    assert not of_kind(commands, EndTrade)
    assert commands[-1] == StartTimer(TimerId(SIGNAL, "linger"), 30 * SECOND)


def test_a_stop_hit_in_part_is_cancelled_and_the_rest_flattened():
    leaving = protected(hit(STOP_A, 400))
    _, first = step(protected(), hit(STOP_A, 400))

    gone = played(leaving, *confirmed_canceled(STOP_A, 400), confirmed_canceled(STOP_B, 0)[0])
    _, commands = step(gone, found(STOP_B, "canceled"))

    assert of_kind(first, CancelOrder) == (CancelOrder(STOP_A), CancelOrder(STOP_B))
    assert of_kind(commands, SubmitOrder) == (
        submitted(FLATTEN_A, 600)[0],
        submitted(FLATTEN_B, 2_000)[0],
    )


def test_both_stops_may_be_hit_at_once():
    leaving = protected(hit(STOP_A, 1_000), hit(STOP_B, 2_000))

    assert (leaving.phase, trade.open_lots(leaving, leaving.leg_a)) == ("ended", 0)


def test_a_stop_hit_before_the_hedge_is_done_flattens_what_there_is():
    before = opened(filled(ENTRY, 1_000), GRACE, OrderAccepted(STOP_A), filled(HEDGE, 500))

    hit_before, commands = step(before, hit(STOP_A, 1_000))
    assert of_kind(commands, CancelOrder) == (CancelOrder(HEDGE), CancelOrder(STOP_B))
    assert hit_before.phase == "flatten"

    gone = played(hit_before, *confirmed_canceled(STOP_B, 0), confirmed_canceled(HEDGE, 500)[0])
    flat, more = step(gone, found(HEDGE, "canceled"))
    ended, last = step(flat, filled(FLATTEN_B, 500))

    assert of_kind(more, SubmitOrder) == (submitted(FLATTEN_B, 500)[0],)
    assert of_kind(last, EndTrade) == (EndTrade(SIGNAL, "flattened", "complete", 0, 0),)
    assert ended.outcome == "flattened"


def test_a_stop_that_filled_while_it_was_being_cancelled_is_not_flattened_again():
    leaving = protected(hit(STOP_A, 1_000), CancelRejected(STOP_B, "too late"))

    after = played(leaving, hit(STOP_B, 2_000))

    assert after.phase == "ended"
    assert trade.open_lots(after, after.leg_b) == 0


# ---- protection that cannot be had ---------------------------------------------------------------------


def test_a_refused_stop_means_that_its_price_is_passed_and_the_trade_is_left():
    before = opened(*LEGS_FILLED, GRACE, OrderAccepted(STOP_B))

    after, commands = step(before, OrderRejected(STOP_A, "would trigger"))

    assert after.phase == "exit"
    assert of_kind(commands, CancelOrder) == (CancelOrder(STOP_B),)


def test_a_stop_that_never_arrived_is_sent_again_and_after_three_the_trade_is_left():
    lost = (RequestOutcomeUnknown(STOP_A, "submit"), *never_there(STOP_A))
    first = opened(*LEGS_FILLED, GRACE, OrderAccepted(STOP_B), *lost[:-1])

    second, commands = step(first, lost[-1])
    third = played(second, RequestOutcomeUnknown(STOP_A_2, "submit"), *never_there(STOP_A_2))
    given_up = played(third, RequestOutcomeUnknown(STOP_A_3, "submit"), *never_there(STOP_A_3))

    assert of_kind(commands, SubmitOrder) == stop_sent(STOP_A_2, 1_000)[:1]
    assert third.phase == "ended"
    assert given_up.phase == "exit"


def never_there(order):
    """The order is asked about until the venue has denied it often enough."""
    no = not_found(order, 1)[0]
    return (no, asked_again(order), no, asked_again(order), no)


# ---- leaving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grade", [400, 100])
def test_the_stop_goes_before_anything_is_flattened(grade):
    before = opened(filled(ENTRY, grade), GRACE, OrderAccepted(STOP_A), confirmed_expired(ENTRY, grade)[0])

    after, commands = step(before, found(ENTRY, "expired"))
    _, more = step(played(after, confirmed_canceled(STOP_A, 0)[0]), found(STOP_A, "canceled"))

    assert of_kind(commands, CancelOrder, SubmitOrder) == (CancelOrder(STOP_A),)
    assert of_kind(more, SubmitOrder) == (submitted(FLATTEN_A, grade)[0],)


def test_what_exceeds_the_plan_is_flattened_beside_the_stop_of_the_rest():
    ended = protected()

    after, commands = step(ended, filled(ENTRY, 50, "late"))

    assert of_kind(commands, SubmitOrder, ReplaceOrder, CancelOrder) == (submitted(FLATTEN_A, 50)[0],)
    assert after.phase == "ended"


@pytest.mark.covers("TC-CB-008")
def test_a_liquidation_closes_what_is_held():
    after, commands = step(protected(), LiquidationOrdered())

    assert of_kind(commands, CancelOrder) == (CancelOrder(STOP_A), CancelOrder(STOP_B))
    assert after.phase == "exit"


@pytest.mark.covers("TC-CB-008")
def test_a_liquidation_takes_back_what_works_and_hedges_nothing():
    hedging = opened(filled(ENTRY, 1_000))

    after, commands = step(hedging, LiquidationOrdered())

    assert of_kind(commands, CancelOrder) == (CancelOrder(HEDGE),)
    assert after.phase == "flatten"


def test_a_liquidation_of_a_holding_without_stops_flattens_at_once():
    held = opened(*LEGS_FILLED, LINGER, stop_a=None, stop_b=None)

    after, commands = step(held, LiquidationOrdered())

    assert of_kind(commands, SubmitOrder) == (submitted(FLATTEN_A, 1_000)[0], submitted(FLATTEN_B, 2_000)[0])
    assert (held.phase, after.phase) == ("held", "exit")


@pytest.mark.parametrize("phase", ["parked", "flatten", "exit"])
def test_a_liquidation_leaves_alone_what_is_leaving_or_waits_for_a_person(phase):
    before = replace(protected(), phase=phase, outcome="exited")

    assert trade.step(before, LiquidationOrdered(), True)[0].phase in (phase, "ended")
