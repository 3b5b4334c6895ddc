"""A strategy that wants out of a trade: its orders go, and what it holds is closed."""

import pytest

from core import engine
from core.messages import (
    CancelOrder,
    EndTrade,
    ExitRequested,
    LiquidationOrdered,
    OrderAccepted,
    RaiseAlert,
    ReportAnomaly,
    SettingsChanged,
    SignalId,
    SubmitOrder,
)
from core.settings import Settings
from core.values import replace
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    LINGER,
    SETTINGS,
    SIGNAL,
    WIDE,
    after,
    confirmed_canceled,
    filled,
    of_kind,
    ready,
    signal,
)
from tests.unit.core.test_protection import GRACE, LEGS_FILLED, STOP_A, STOP_B, hit, opened, protected, step

OUT = ExitRequested(SIGNAL)
BOTH = (filled(ENTRY, 1_000), filled(HEDGE, 2_000))
OPEN: Settings = replace(SETTINGS, limits=WIDE)


def sent(commands):
    """The orders that leave, by slot and lots; all of them reduce."""
    orders = of_kind(commands, SubmitOrder)
    assert all(each.reduce_only for each in orders)
    return [(each.order.slot, each.quantity) for each in orders]


@pytest.mark.parametrize("released", [(), (LINGER,)])
def test_what_a_trade_holds_is_closed_on_both_legs(released):
    held = after(ready(OPEN), signal(), *BOTH, *released)

    state, commands = engine.step(held, OUT)
    assert sent(commands) == [("flatten_a", 1_000), ("flatten_b", 2_000)]

    gone = after(state, filled(FLATTEN_A, 1_000), filled(FLATTEN_B, 2_000), LINGER)
    assert gone.trades == ()
    assert [each.lots for each in gone.book.positions if each.lots] == []


def test_entry_that_rests_is_withdrawn_and_the_signal_is_over():
    resting = after(ready(OPEN), signal(limit_price_a=100), OrderAccepted(ENTRY))

    state, commands = engine.step(resting, OUT)
    assert of_kind(commands, CancelOrder) == (CancelOrder(ENTRY),)

    _, commands = engine.step(
        after(state, *confirmed_canceled(ENTRY, 0)[:1]), confirmed_canceled(ENTRY, 0)[1]
    )
    assert [each.outcome for each in of_kind(commands, EndTrade)] == ["unfilled"]


def test_part_of_an_entry_is_closed_and_not_hedged():
    part = after(ready(OPEN), signal(limit_price_a=100), OrderAccepted(ENTRY), filled(ENTRY, 600), OUT)
    first, second = confirmed_canceled(ENTRY, 600)

    _, commands = engine.step(after(part, first), second)

    assert sent(commands) == [("flatten_a", 600)]


def test_stops_go_before_what_they_protect_is_closed():
    leaving, commands = step(protected(), OUT)
    assert set(of_kind(commands, CancelOrder)) == {CancelOrder(STOP_A), CancelOrder(STOP_B)}
    assert sent(commands) == []

    closing = leaving
    for event in (*confirmed_canceled(STOP_A, 0), *confirmed_canceled(STOP_B, 0)):
        closing, commands = step(closing, event)
    assert sent(commands) == [("flatten_a", 1_000), ("flatten_b", 2_000)]


HISTORIES = {
    "opened": (),
    "entry rests": (OrderAccepted(ENTRY),),
    "entry filled in part": (OrderAccepted(ENTRY), filled(ENTRY, 400)),
    "hedging": (filled(ENTRY, 1_000),),
    "hedged": LEGS_FILLED,
    "protected": (*LEGS_FILLED, GRACE, OrderAccepted(STOP_A), OrderAccepted(STOP_B)),
    "stopped out": (*LEGS_FILLED, GRACE, OrderAccepted(STOP_A), hit(STOP_A, 1_000)),
    "held": (*LEGS_FILLED, GRACE, OrderAccepted(STOP_A), OrderAccepted(STOP_B), LINGER),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_trade_leaves_as_in_a_liquidation_and_is_told_once(name):
    before = opened(*HISTORIES[name])

    left = step(before, OUT)

    assert left == step(before, LiquidationOrdered())
    assert step(left[0], OUT) == (left[0], ())


def test_other_trades_go_on():
    other = signal(1, "other", symbol_b="CCC")
    both = after(ready(OPEN), other, signal(), *BOTH)

    state, commands = engine.step(both, OUT)

    assert state.trades[0] is both.trades[0]
    assert {each.order.signal for each in of_kind(commands, SubmitOrder)} == {SIGNAL}


@pytest.mark.parametrize("name", [SignalId("pairs", 2), SignalId("other", 1)])
def test_wish_to_leave_what_there_is_not_is_reported(name):
    state = after(ready(OPEN), signal())

    assert engine.step(state, ExitRequested(name)) == (
        state,
        (ReportAnomaly("UNKNOWN_SIGNAL", ExitRequested(name)),),
    )


def test_wish_while_nothing_may_leave_waits_and_somebody_is_told():
    halted = after(ready(OPEN), signal(), *BOTH, SettingsChanged(replace(OPEN, trading="halted")))

    state, commands = engine.step(halted, OUT)
    assert of_kind(commands, RaiseAlert) == (RaiseAlert("TRADE_PARKED", SIGNAL),)
    assert sent(commands) == []

    _, commands = engine.step(state, SettingsChanged(OPEN))
    assert sent(commands) == [("flatten_a", 1_000), ("flatten_b", 2_000)]
