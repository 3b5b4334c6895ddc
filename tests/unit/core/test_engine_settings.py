"""Session days and settings through the engine."""

from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    PriceMoved,
    PriceUnusable,
    RefuseSignal,
    ReportAnomaly,
    SessionChanged,
    SettingsChanged,
    SignalId,
)
from core.settings import DAILY_LOSS, MANUAL, Protocol, Strategy
from tests.unit.core.build import (
    ANCHORS,
    BIG,
    BIG_FILLED,
    CODES,
    ENTRY,
    GUARDED,
    HEDGE,
    WIDE,
    after,
    after_loss,
    after_trip,
    both_filled,
    filled,
    halted,
    ready,
    settings,
    signal,
    stops_timeout,
    submitted,
    trips,
)


def test_a_new_day_measures_its_loss_from_its_own_opening():
    down = after(ready(GUARDED), BIG, *BIG_FILLED, PriceMoved("AAA", 81))

    tomorrow, commands = engine.step(down, SessionChanged(1))

    assert (tomorrow.day, tomorrow.gauges.opening, commands) == (1, 9_810_000, ())
    assert halted(after(down, PriceMoved("AAA", 80))) == ["daily_loss"]
    assert halted(after(tomorrow, PriceMoved("AAA", 62))) == []
    assert halted(after(tomorrow, PriceMoved("AAA", 61))) == ["daily_loss"]


def test_a_new_day_does_not_reset_a_breaker():
    assert halted(after_loss(SessionChanged(1))) == ["daily_loss"]


def test_a_day_that_opens_without_a_price_keeps_its_baseline():
    blind = after(ready(GUARDED), BIG, *BIG_FILLED, PriceUnusable("AAA"))

    state = after(blind, SessionChanged(5))

    assert (state.day, state.gauges.opening) == (5, 10_000_000)


@pytest.mark.parametrize("day", [3, 2, -1])
def test_days_only_rise(day):
    state = after(ready(GUARDED), SessionChanged(3))

    assert engine.step(state, SessionChanged(day)) == (
        state,
        (ReportAnomaly("INVALID_VALUE", SessionChanged(day)),),
    )


@pytest.mark.parametrize(("bps", "tripped"), [(191, False), (190, True)])
def test_a_tighter_daily_loss_holds_at_once(bps, tripped):
    down = after(ready(GUARDED), BIG, *BIG_FILLED, PriceMoved("AAA", 81))
    tighter = settings(anchors=ANCHORS, breakers=(replace(DAILY_LOSS, threshold=bps), MANUAL))

    state, commands = engine.step(down, SettingsChanged(tighter))

    assert state.settings == tighter
    assert commands == (trips("daily_loss") if tripped else ())


@pytest.mark.covers("TC-IF-015")
def test_settings_changed_under_a_running_trade_hold_for_the_next_one_only():
    slower = settings(replace(WIDE, trades_in_flight=1), Protocol(leg_timeout=7, hedge_attempts=1), ANCHORS)
    begun = after(ready(GUARDED), signal(1))

    changed, commands = engine.step(begun, SettingsChanged(slower))
    _, hedge = engine.step(changed, filled(ENTRY, 1_000))
    _, next_one = engine.step(after(changed, *both_filled()), signal(2))

    assert commands == ()
    assert changed.trades == begun.trades
    assert hedge == (stops_timeout(ENTRY), *submitted(HEDGE, 2_000))
    assert engine.step(changed, signal(2, symbol_b="CCC"))[1] == (
        RefuseSignal(SignalId("pairs", 2), "TRADES_IN_FLIGHT"),
    )
    assert next_one[1].duration == 7


@pytest.mark.parametrize(
    "wrong",
    [
        settings(replace(WIDE, heat_bps=0), anchors=ANCHORS),
        replace(GUARDED, instruments=GUARDED.instruments[:2]),
        replace(
            GUARDED, instruments=(replace(GUARDED.instruments[0], price_step=2), *GUARDED.instruments[1:])
        ),
        settings(anchors=(("manual", CODES[0]),)),
        settings(),
        replace(GUARDED, strategies=(Strategy("pairs", 1),)),
    ],
    ids=["not valid", "fewer instruments", "other steps", "other codes", "no codes", "other strategies"],
)
def test_settings_that_must_not_be_are_refused_whole(wrong):
    assert engine.step(after_trip(), SettingsChanged(wrong)) == (
        after_trip(),
        (ReportAnomaly("INVALID_SETTINGS", SettingsChanged(wrong)),),
    )
