"""What people set and strategies change while orders rest: limits, the trading state, prices of entries."""

from dataclasses import replace

import pytest

from core import engine, risk
from core.messages import (
    CancelOrder,
    CashMoved,
    EntryChangeRequested,
    OrderAccepted,
    PriceMoved,
    PriceUnusable,
    RefuseSignal,
    ReplaceOrder,
    ReportAnomaly,
    SettingsChanged,
    SignalId,
    SubmitOrder,
)
from core.settings import Correlation, MessageRate
from tests.unit.core.build import (
    ANCHORS,
    ENTRY,
    HEDGE,
    SIGNAL,
    WIDE,
    absent,
    after,
    answered,
    both_filled,
    cancelled,
    filled,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    starts_query,
    submitted,
    timed_out,
)

LIMITED = signal(limit_price_a=100, stop_price_a=90)
RESTING = after(ready(settings(anchors=ANCHORS)), LIMITED, OrderAccepted(ENTRY))
OTHER = signal(1, "other", symbol_a="CCC", symbol_b="BBB")


def with_limits(**limits):
    """Settings where only these limits bind."""
    return settings(replace(WIDE, **limits), anchors=ANCHORS)


def trading(state):
    """Settings with that trading state."""
    return replace(settings(anchors=ANCHORS), trading=state)


def changed(state, chosen):
    """State and commands after a change of settings, which must be taken."""
    state, commands = engine.step(state, SettingsChanged(chosen))
    assert state.settings == chosen
    return state, commands


# ---- limits that change while an entry rests ---------------------------------------------------------

# 1,000 AAA at 100 with a stop at 90 and 2,000 BBB at 50, of 10,000,000: 200,000 gross, 100,000 net,
# 110,200 heat
TIGHTER = [
    ("position_bps", 100),
    ("strategy_bps", 200),
    ("gross_bps", 200),
    ("net_bps", 100),
    ("leverage_bps", 200),
    ("cluster_bps", 200),
    ("heat_bps", 111),
]


@pytest.mark.parametrize(("limit", "bps"), TIGHTER)
def test_entry_that_rests_goes_where_a_limit_is_broken_now_and_stays_where_it_is_not(limit, bps):
    _, kept = changed(RESTING, with_limits(**{limit: bps}))
    _, gone = changed(RESTING, with_limits(**{limit: bps - 1}))

    assert kept == ()
    assert gone == cancelled(ENTRY)


def test_every_entry_that_rests_goes_and_nothing_else():
    both = after(RESTING, OTHER, filled(order_id("entry", 1, 1, "other"), 1_000))
    third = signal(1, "third", symbol_a="CCC", symbol_b="BBB", side_a="buy", limit_price_a=10)
    state = after(both, replace(third, symbol_b="AAA", side_b="buy"))

    _, commands = changed(state, with_limits(gross_bps=1))

    assert of_kind(commands, CancelOrder) == (
        CancelOrder(ENTRY),
        CancelOrder(order_id("entry", 1, 1, "third")),
    )
    assert of_kind(commands, SubmitOrder) == ()


def test_entry_that_was_told_to_go_is_not_told_again():
    going = after(RESTING, timed_out(ENTRY))

    assert changed(going, with_limits(gross_bps=1))[1] == ()


def test_what_is_held_stays_where_a_limit_is_broken():
    held = after(ready(settings(anchors=ANCHORS)), signal(), *both_filled())

    state, commands = changed(held, with_limits(gross_bps=1))

    assert (state.trades, commands) == (held.trades, ())


@pytest.mark.parametrize(
    "limits",
    [
        {"order_quantity": 1},
        {"order_notional": 1},
        {"collar_bps": 1},
        {"trades_in_flight": 1},
        {"exit_cost_bps": 0},
    ],
)
def test_limits_of_other_kinds_hold_for_what_is_sent_from_now_on(limits):
    two = after(RESTING, OTHER, PriceMoved("AAA", 99))

    assert changed(two, with_limits(**limits))[1] == ()


def test_entry_is_not_sent_again_where_a_limit_is_broken_by_then():
    lost = after(ready(settings(anchors=ANCHORS)), signal(), *absent(ENTRY, 2))
    tight = after(lost, PriceMoved("AAA", 150))

    for bps, sent in ((250, 1), (249, 0)):
        state = replace(tight, settings=with_limits(gross_bps=bps))
        _, commands = engine.step(state, answered(ENTRY, "not_found"))
        assert len(of_kind(commands, SubmitOrder)) == sent


# ---- correlations ------------------------------------------------------------------------------------

APART = (Correlation("AAA", "BBB", 0), Correlation("AAA", "CCC", 0))
REPORTED = Correlation("BBB", "CCC", 5)


def test_changed_correlations_take_the_place_of_those_reported():
    reported = replace(RESTING, correlations=(REPORTED,))
    known = replace(settings(anchors=ANCHORS), correlations=APART)

    assert changed(reported, settings(anchors=ANCHORS))[0].correlations == (REPORTED,)
    assert changed(reported, known)[0].correlations == APART
    assert changed(replace(reported, settings=known), settings(anchors=ANCHORS))[0].correlations == ()


def test_correlations_of_the_settings_hold_from_the_start():
    known = replace(with_limits(cluster_bps=100), correlations=APART)

    assert engine.step(ready(known), signal())[1] == submitted(ENTRY, 1_000)
    assert engine.step(ready(with_limits(cluster_bps=100)), signal())[1] == (
        RefuseSignal(SIGNAL, "CLUSTER_EXPOSURE"),
    )


# ---- trading state -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["reducing", "halted"])
def test_no_entry_leaves_and_none_rests_unless_trading_is_active(state):
    quiet, commands = changed(RESTING, trading(state))

    assert commands == cancelled(ENTRY)
    assert engine.step(quiet, OTHER)[1] == (RefuseSignal(SignalId("other", 1), "HALTED"),)
    assert engine.step(changed(quiet, trading("active"))[0], replace(OTHER, signal=SignalId("other", 2)))[1]


@pytest.mark.parametrize(("state", "leaves"), [("active", True), ("reducing", True), ("halted", False)])
def test_hedge_leaves_unless_trading_is_halted(state, leaves):
    quiet, _ = changed(RESTING, trading(state))

    _, commands = engine.step(quiet, filled(ENTRY, 1_000))

    assert [each.order for each in of_kind(commands, SubmitOrder)] == ([HEDGE] if leaves else [])


@pytest.mark.parametrize("back", ["active", "reducing"])
def test_trades_are_told_when_nothing_may_leave_and_when_it_may_again(back):
    two = after(RESTING, OTHER)

    halted, _ = changed(two, trading("halted"))
    again, _ = changed(halted, trading("halted"))
    resumed, _ = changed(halted, trading(back))

    assert [each.paused for each in halted.trades] == [True, True]
    assert [each.paused for each in again.trades] == [True, True]
    assert [each.paused for each in resumed.trades] == [False, False]


def test_trades_are_not_told_when_only_entries_stop():
    reducing, _ = changed(RESTING, trading("reducing"))

    assert [each.paused for each in reducing.trades] == [False]


def test_flatten_that_was_held_up_leaves_once_trading_goes_on():
    halted, _ = changed(after(RESTING, filled(ENTRY, 1_000, "t1")), trading("halted"))
    stuck = after(halted, timed_out(HEDGE))

    assert of_kind(changed(stuck, trading("reducing"))[1], SubmitOrder) == ()
    assert stuck.trades[0].paused


# ---- leverage while an entry rests -------------------------------------------------------------------


def levered(bps, *events):
    """The resting entry and 10,000 AAA held besides, at that leverage."""
    big = signal(1, "big", quantity_a=10_000, quantity_b=20_000)
    held = after(ready(with_limits(leverage_bps=bps)), big, *both_filled(1, "big", 10_000, 20_000))
    return after(held, LIMITED, OrderAccepted(ENTRY), *events)


# 11,000 AAA and 22,000 BBB: at 101 and 50 it is 2,211,000 of 10,010,000, which is 2,208.8 bps
@pytest.mark.parametrize(("bps", "goes"), [(2_209, False), (2_208, True)])
def test_entry_that_rests_goes_where_a_price_takes_it_beyond_the_leverage(bps, goes):
    _, commands = engine.step(levered(bps), PriceMoved("AAA", 101))

    assert commands == (cancelled(ENTRY) if goes else ())


def test_withdrawal_may_take_it_beyond_the_leverage_too():
    assert engine.step(levered(2_200), CashMoved(-1_000))[1] == cancelled(ENTRY)
    assert engine.step(levered(2_200), CashMoved(0))[1] == ()


def test_entry_that_was_filled_or_told_to_go_is_let_be():
    for event in (timed_out(ENTRY), filled(ENTRY, 1_000)):
        state = after(levered(2_208), event)
        assert of_kind(engine.step(state, PriceMoved("AAA", 101))[1], CancelOrder) == ()


def test_leverage_at_a_part_of_the_limits_is_a_part_of_it():
    state = replace(levered(4_417), settings=with_limits(leverage_bps=4_417))
    on_probation = tuple(replace(each, phase="probation", step=2) for each in state.breakers)

    assert engine.step(state, PriceMoved("AAA", 101))[1] == ()
    assert of_kind(engine.step(replace(state, breakers=on_probation), PriceMoved("AAA", 101))[1], CancelOrder)


def test_other_limits_do_not_drive_an_entry_away_as_prices_move():
    tight = replace(RESTING, settings=with_limits(gross_bps=200, heat_bps=111, position_bps=100))

    assert engine.step(tight, PriceMoved("AAA", 101))[1] == ()


# ---- an entry at another price -----------------------------------------------------------------------


def asks(price, name=SIGNAL):
    """A strategy wants its entry at that price."""
    return EntryChangeRequested(name, price)


def refused(state, event):
    """Whether the change is refused, and nothing else happens."""
    return engine.step(state, event) == (state, (ReportAnomaly("CHANGE_REFUSED", event),))


def test_entry_is_moved_and_judged_by_the_worse_price_from_then_on():
    state, commands = engine.step(RESTING, asks(101))

    assert commands == (ReplaceOrder(ENTRY, 1_000, 101), starts_query(ENTRY))
    assert engine.summary(state).total.heat == engine.summary(RESTING).total.heat + 1_000


@pytest.mark.parametrize(
    ("limits", "price", "allowed"),
    [
        ({"heat_bps": 112}, 101, True),
        ({"heat_bps": 111}, 101, False),
        ({"collar_bps": 200}, 102, True),
        ({"collar_bps": 200}, 98, True),
        ({"collar_bps": 200}, 103, False),
        ({"collar_bps": 200}, 97, False),
        ({"order_notional": 102_000}, 102, True),
        ({"order_notional": 101_999}, 102, False),
        ({"gross_bps": 200}, 101, True),
        ({"gross_bps": 199}, 101, False),
        ({"leverage_bps": 199}, 99, False),
        ({"position_bps": 99}, 99, False),
        ({"strategy_bps": 199}, 99, False),
        ({"net_bps": 99}, 99, False),
        ({"cluster_bps": 199}, 99, False),
        ({"trades_in_flight": 1}, 101, True),
        ({"order_quantity": 1_999}, 101, False),
    ],
)
def test_change_of_an_entry_is_put_to_the_gate(limits, price, allowed):
    state = replace(RESTING, settings=with_limits(**limits))

    assert refused(state, asks(price)) is not allowed


@pytest.mark.parametrize("price", [89, 0, -1])
def test_price_that_makes_no_sense_is_refused(price):
    assert refused(RESTING, asks(price))


def test_price_off_the_grid_is_refused():
    coarse = (replace(RESTING.settings.instruments[0], price_step=2), *RESTING.settings.instruments[1:])
    state = replace(RESTING, settings=replace(RESTING.settings, instruments=coarse))

    assert refused(state, asks(101))
    assert not refused(state, asks(102))


def test_price_at_which_the_venue_would_not_take_it_is_refused():
    dear = (
        replace(RESTING.settings.instruments[0], minimum_notional=95_000),
        *RESTING.settings.instruments[1:],
    )
    state = replace(RESTING, settings=replace(RESTING.settings, instruments=dear))

    assert refused(state, asks(94))
    assert not refused(state, asks(95))


def test_change_is_refused_while_a_price_is_not_known_or_entries_are():
    wary = replace(RESTING, settings=trading("reducing"))
    blind = replace(RESTING, prices=(("AAA", 100), ("BBB", None), ("CCC", 10)))

    assert refused(wary, asks(101))
    assert refused(blind, asks(101))


@pytest.mark.parametrize(("tokens", "allowed"), [(1, True), (0, False)])
def test_change_takes_a_message(tokens, allowed):
    state = replace(RESTING, settings=with_limits(message_rate=MessageRate(3, 1, 1)), tokens=tokens)

    assert refused(state, asks(101)) is not allowed


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (RESTING, asks(100)),
        (RESTING, asks(101, SignalId("pairs", 2))),
        (ready(), asks(101)),
        (after(ready(), signal(), OrderAccepted(ENTRY)), asks(101)),
        (after(RESTING, timed_out(ENTRY)), asks(101)),
        (after(RESTING, filled(ENTRY, 1_000)), asks(101)),
        (after(RESTING, asks(101)), asks(102)),
    ],
    ids=["same price", "other signal", "no trade", "no limit", "going", "filled", "being changed"],
)
def test_where_nothing_is_to_be_changed_the_signal_is_unknown(state, event):
    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_SIGNAL", event),))


def test_what_a_refused_change_would_add_is_forgotten():
    state, _ = engine.step(replace(RESTING, settings=with_limits(heat_bps=111)), asks(101))

    assert risk.contribute(state.trades[0], state.prices, state.settings) == engine.summary(RESTING).total


def test_price_that_nobody_can_trade_by_drives_entries_away():
    assert of_kind(engine.step(levered(10_000), PriceUnusable("AAA"))[1], CancelOrder) == (
        CancelOrder(ENTRY),
    )
