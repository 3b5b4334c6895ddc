"""A trade while nothing but cancels may leave, and what becomes of it when orders may leave again."""

import pytest

from core.messages import (
    CancelOrder,
    EndTrade,
    FillCorrected,
    LiquidationOrdered,
    OrderAccepted,
    OrderCanceled,
    OrderRejected,
    RaiseAlert,
    ReplaceOrder,
    ReplaceRejected,
    Restarted,
    StartTimer,
    SubmitOrder,
    TimerId,
    TradePaused,
    TradeResumed,
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
    absent,
    confirmed_canceled,
    confirmed_expired,
    fill,
    filled,
    found,
    of_kind,
    played,
    submitted,
    timed_out,
)
from tests.unit.core.test_protection import (
    GRACE,
    LEGS_FILLED,
    STOP_A,
    STOP_B,
    hit,
    opened,
    protected,
    step,
    stop_sent,
)

ALERT = RaiseAlert("TRADE_PARKED", SIGNAL)
SMALL = (filled(ENTRY, 400), GRACE, OrderAccepted(STOP_A))


# ---- protection through a halt -------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-008")
def test_while_nothing_can_be_flattened_the_stops_of_what_has_to_go_stay():
    leaving, commands = step(protected(TradePaused()), LiquidationOrdered())

    _, more = step(leaving, TradeResumed())

    assert commands[-1:] == (ALERT,)
    assert not of_kind(commands, CancelOrder)
    assert of_kind(more, CancelOrder, SubmitOrder) == (CancelOrder(STOP_A), CancelOrder(STOP_B))


def test_a_stop_that_is_hit_while_trading_is_halted_leaves_the_other_leg_behind_its_stop():
    leaving, commands = step(protected(TradePaused()), hit(STOP_A, 1_000))
    gone, more = step(leaving, TradeResumed())
    _, last = step(played(gone, OrderCanceled(STOP_B, 0)), found(STOP_B, "canceled"))

    assert (leaving.phase, leaving.stranded) == ("exit", True)
    assert of_kind(commands, CancelOrder, SubmitOrder, RaiseAlert) == (ALERT,)
    assert of_kind(more, CancelOrder) == (CancelOrder(STOP_B),)
    assert of_kind(last, SubmitOrder) == (submitted(FLATTEN_B, 2_000)[0],)


def test_a_stop_goes_even_while_trading_is_halted_once_nothing_is_held_behind_it():
    halted = protected(TradePaused())

    _, commands = step(halted, FillCorrected(HEDGE, fill(0, 50, "hedge-1")))

    assert CancelOrder(STOP_B) in commands
    assert CancelOrder(STOP_A) not in commands


def test_a_person_is_told_that_no_stop_could_be_sent_and_it_is_sent_when_trading_resumes():
    unprotected, commands = step(opened(*LEGS_FILLED, TradePaused()), GRACE)

    resumed, more = step(unprotected, TradeResumed())

    assert commands == (ALERT,)
    assert of_kind(more, SubmitOrder) == (stop_sent(STOP_A, 1_000)[0], stop_sent(STOP_B, 2_000)[0])
    assert (resumed.phase, resumed.stranded) == ("ended", False)


def test_a_person_is_told_that_a_stop_could_not_be_resized_and_the_trade_then_goes_on():
    small, commands = step(opened(*SMALL, TradePaused()), filled(ENTRY, 300, "more"))
    _, again = step(small, filled(ENTRY, 100, "third"))

    resumed, more = step(small, TradeResumed())

    assert commands == (ALERT,)
    assert again == ()
    assert of_kind(more, ReplaceOrder, CancelOrder) == (ReplaceOrder(STOP_A, 700, None, 90),)
    assert resumed.phase == "entry"


def test_a_stop_that_cannot_be_resized_is_not_exchanged_while_trading_is_halted():
    refused = opened(*SMALL, filled(ENTRY, 300, "more"), ReplaceRejected(STOP_A, "no"), TradePaused())

    after, commands = step(refused, found(STOP_A))
    _, more = step(after, TradeResumed())

    assert of_kind(commands, CancelOrder, RaiseAlert) == (ALERT,)
    assert of_kind(more, CancelOrder) == (CancelOrder(STOP_A),)


def test_a_halt_tells_nobody_of_protection_that_stands():
    _, commands = step(protected(TradePaused()), OrderAccepted(STOP_A))

    assert commands == ()


# ---- what was held up ------------------------------------------------------------------------------------


def test_a_flatten_that_waits_for_its_stop_is_held_up_as_well():
    """Else nobody would be told of an exit that cannot go on."""
    before = opened(*SMALL, TradePaused(), *confirmed_expired(ENTRY, 400)[:1])

    after, commands = step(before, found(ENTRY, "expired"))

    assert (after.phase, after.stranded) == ("flatten", True)
    assert of_kind(commands, RaiseAlert, CancelOrder, SubmitOrder) == (ALERT,)


def test_an_exit_of_which_nothing_is_left_to_flatten_is_not_held_up():
    before = opened(*LEGS_FILLED, GRACE, OrderAccepted(STOP_A), OrderAccepted(STOP_B), TradePaused())

    ended = played(before, hit(STOP_A, 1_000), hit(STOP_B, 2_000))

    assert ended.phase == "ended"


def test_a_trade_whose_hedge_still_works_goes_on_when_trading_resumes():
    working = opened(filled(ENTRY, 1_000), TradePaused(), GRACE)

    resumed, commands = step(working, TradeResumed())

    assert working.stranded
    assert resumed.phase == "hedge"
    assert of_kind(commands, CancelOrder, SubmitOrder) == (stop_sent(STOP_A, 1_000)[0],)


def test_an_entry_that_proves_absent_while_trading_is_halted_is_not_sent_again():
    lost = absent(ENTRY)
    before = opened(TradePaused(), *lost[:-1])

    after, commands = step(before, lost[-1])

    assert (after.phase, after.outcome, after.stranded) == ("ended", "unfilled", False)
    assert of_kind(commands, SubmitOrder, RaiseAlert) == ()


@pytest.mark.parametrize("late", [1, 50])
def test_what_came_late_while_trading_is_halted_is_not_let_pass_for_a_holding(late):
    halted = opened(*LEGS_FILLED, TradePaused(), filled(ENTRY, late, "late"), stop_a=None, stop_b=None)

    waiting, commands = step(halted, LINGER)
    _, more = step(waiting, TradeResumed())

    assert (waiting.phase, waiting.lingers) == ("ended", True)
    assert commands == (StartTimer(TimerId(SIGNAL, "linger"), 30 * SECOND),)
    assert of_kind(more, SubmitOrder) == (submitted(FLATTEN_A, late)[0],)


@pytest.mark.parametrize(("leg", "lots"), [(ENTRY, 19), (HEDGE, 29)])
def test_dust_that_came_late_is_let_pass(leg, lots):
    halted = opened(
        filled(ENTRY, 980),
        *confirmed_expired(ENTRY, 980),
        filled(HEDGE, 1_960),
        TradePaused(),
        filled(leg, lots, "late"),
        stop_a=None,
        stop_b=None,
        grid_a=(1, 20),
        grid_b=(1, 30),
    )

    assert played(halted, LINGER).phase == "held"


@pytest.mark.parametrize(("leg", "lots"), [(ENTRY, 20), (HEDGE, 30)])
def test_what_the_venue_would_take_as_an_order_is_not(leg, lots):
    halted = opened(
        filled(ENTRY, 980),
        *confirmed_expired(ENTRY, 980),
        filled(HEDGE, 1_960),
        TradePaused(),
        filled(leg, lots, "late"),
        stop_a=None,
        stop_b=None,
        grid_a=(1, 20),
        grid_b=(1, 30),
    )

    assert played(halted, LINGER).phase == "ended"


def test_a_flatten_whose_attempts_are_spent_parks_the_trade_even_while_trading_is_halted():
    once = Protocol(flatten_attempts=1)
    severe = opened(filled(ENTRY, 100), *confirmed_expired(ENTRY, 100), TradePaused(), protocol=once)

    parked = played(severe, timed_out(FLATTEN_A), *confirmed_canceled(FLATTEN_A, 0))

    assert (parked.phase, parked.outcome) == ("parked", "parked")


def test_a_halt_that_comes_while_the_stop_is_going_is_told_of_once_it_is_gone():
    going = protected(LiquidationOrdered(), TradePaused(), *confirmed_canceled(STOP_A, 0))

    _, commands = step(going, OrderCanceled(STOP_B, 0))

    assert going.stranded
    assert not of_kind(commands, RaiseAlert, SubmitOrder, EndTrade)


def test_a_restart_within_a_halt_changes_nothing_of_it():
    halted = protected(TradePaused(), LiquidationOrdered())

    after, commands = step(halted, Restarted())

    assert (after.paused, after.stranded, after.phase) == (True, True, "exit")
    assert of_kind(commands, RaiseAlert, CancelOrder, SubmitOrder) == (ALERT,)


def test_a_trade_that_waits_for_a_person_is_told_of_again_once_orders_may_leave():
    once = Protocol(flatten_attempts=1)
    severe = opened(filled(ENTRY, 100), *confirmed_expired(ENTRY, 100), TradePaused(), protocol=once)
    parked, told = step(severe, OrderRejected(FLATTEN_A, "SYMBOL_HALTED"))

    resumed, commands = step(parked, TradeResumed())

    assert (parked.phase, parked.stranded, ALERT in told) == ("parked", False, True)
    assert (resumed.phase, resumed.paused, commands) == ("parked", False, (ALERT,))
