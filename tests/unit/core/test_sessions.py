"""Every cell of the table of sessions, driven through the engine; what changes in a session; halts.

``GRID`` says again, by hand, what may leave; it is not derived from ``sessions.TABLE``: a row changed there
turns a cell red here.
"""

from dataclasses import replace
from typing import get_args

import pytest

from core import engine, sessions
from core.messages import (
    CancelOrder,
    OrderAccepted,
    PriceMoved,
    RaiseAlert,
    RefuseSignal,
    ReportAnomaly,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SignalId,
    StartTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
    TradingHalted,
    TradingResumed,
)
from tests.unit.core.build import (
    BIG,
    BIG_FILLED,
    ENTRY,
    FLATTEN_A,
    GUARDED,
    HEDGE,
    SETTINGS,
    SIGNAL,
    absent,
    after,
    both_filled,
    cancelled,
    commands_of,
    confirmed_expired,
    filled,
    halted,
    of_kind,
    ready,
    settings,
    signal,
    submitted,
    timed_out,
)

GRID = """
            entry hedge flatten protect cancel
pre_market  no    no    no      no      yes
regular     yes   yes   yes     yes     yes
closing     no    yes   yes     yes     yes
after_hours no    no    no      no      yes
closed      no    no    no      no      yes
halted      no    no    no      no      yes
"""
HEADER, *ROWS = (line.split() for line in GRID.strip().splitlines())
CELLS = {(row[0], kind): cell == "yes" for row in ROWS for kind, cell in zip(HEADER, row[1:], strict=True)}

GRACE = TimerFired(TimerId(SIGNAL, "grace"))
STOPPED = signal(stop_price_a=90, stop_price_b=55)
LIMITED = signal(limit_price_a=100)
OVER, CONFIRMED = confirmed_expired(ENTRY, 100)
# What came before, and the event with which an order of that class is due.
DUE = {
    "entry": ((), signal()),
    "hedge": ((signal(),), filled(ENTRY, 1_000)),
    "flatten": (
        (signal(), filled(ENTRY, 100), confirmed_expired(ENTRY, 100)[0]),
        confirmed_expired(ENTRY, 100)[1],
    ),
    "protect": ((STOPPED, *both_filled()), GRACE),
    "cancel": ((signal(), filled(ENTRY, 1_000)), timed_out(HEDGE)),
}
SENT = {"entry": "entry", "hedge": "hedge", "flatten": "flatten_a", "protect": "stop_a"}

PAUSE, RESUME = TradingHalted(("AAA",)), TradingResumed(("AAA",))
BREAK, END_OF_BREAK = TradingHalted(), TradingResumed()
OPEN, CLOSING, SHUT = (SessionChanged(0, phase) for phase in ("regular", "closing", "closed"))
ALERT = RaiseAlert("TRADE_PARKED", SIGNAL)
PHASES = get_args(sessions.SessionPhase)
LEFT = after(ready(), signal(), filled(ENTRY, 1_000, "t1"))  # the hedge is out
RESTING = after(ready(), LIMITED, OrderAccepted(ENTRY))


def became(condition):
    """What brings the market into a condition."""
    if condition == "halted":
        return (PAUSE,)
    return () if condition == "regular" else (SessionChanged(0, condition),)


def left(commands):
    """The jobs of the orders that were sent."""
    return [each.order.slot for each in of_kind(commands, SubmitOrder)]


# ---- the table ---------------------------------------------------------------------------------------


def test_the_grid_has_every_cell():
    conditions = (*get_args(sessions.SessionPhase), "halted")

    assert list(CELLS) == [(each, kind) for each in conditions for kind in get_args(sessions.OrderClass)]


@pytest.mark.parametrize(("condition", "kind"), CELLS, ids=[" ".join(cell) for cell in CELLS])
def test_a_class_of_orders_leaves_only_where_the_table_says(condition, kind):
    history, due = DUE[kind]
    state = after(ready(), *history, *became(condition))

    _, commands = engine.step(state, due)

    assert (kind in sessions.TABLE[condition]) == CELLS[condition, kind]
    if kind == "cancel":
        assert of_kind(commands, CancelOrder) == (CancelOrder(HEDGE),)
    else:
        assert (SENT[kind] in left(commands)) == CELLS[condition, kind]


@pytest.mark.parametrize("kind", ["hedge", "flatten", "protect"])
def test_where_one_class_that_lowers_risk_may_not_leave_none_does(monkeypatch, kind):
    fewer = tuple(each for each in sessions.TABLE["regular"] if each != kind)
    monkeypatch.setitem(sessions.TABLE, "regular", fewer)

    assert sessions.may_enter("regular")
    assert not sessions.may_lower_risk("regular")


# ---- entries that rest ---------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["pre_market", "closing", "after_hours", "closed", "halted"])
def test_an_entry_that_rests_goes_where_none_may_be_opened_and_is_told_once(condition):
    (event,) = became(condition)

    state, commands = engine.step(RESTING, event)

    assert commands == cancelled(ENTRY)
    assert of_kind(commands_of(state, PAUSE, SessionChanged(1, "closed")), CancelOrder) == ()


@pytest.mark.parametrize(("symbol", "goes"), [("AAA", True), ("BBB", True), ("CCC", False)])
def test_an_entry_goes_where_either_leg_is_halted(symbol, goes):
    state, commands = engine.step(RESTING, TradingHalted((symbol,)))

    assert commands == (cancelled(ENTRY) if goes else ())
    assert state.trades[0].paused == goes


def test_in_a_break_of_the_whole_market_every_entry_goes():
    other = signal(1, "other", symbol_b="CCC", limit_price_a=100)
    both = after(RESTING, other, OrderAccepted(replace(ENTRY, signal=SignalId("other", 1))))

    state, commands = engine.step(both, BREAK)

    assert [each.order.signal.strategy for each in of_kind(commands, CancelOrder)] == ["other", "pairs"]
    assert [each.paused for each in state.trades] == [True, True]


def test_an_entry_that_proves_absent_while_the_session_closes_is_not_sent_anew():
    state = after(ready(), signal(), *absent(ENTRY)[:-1], CLOSING)

    assert left(commands_of(state, absent(ENTRY)[-1])) == []


# ---- what is held up, and goes on ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "freed"),
    [
        (PAUSE, RESUME),
        (BREAK, END_OF_BREAK),
        (SHUT, OPEN),
        (SHUT, CLOSING),
        (SHUT, SessionChanged(1)),
    ],
)
def test_a_trade_that_holds_an_unhedged_fill_waits_for_the_market_and_is_flattened(held, freed):
    state = after(ready(), signal(), held)
    waiting, commands = engine.step(state, filled(ENTRY, 1_000))

    assert [each for each in commands if not isinstance(each, StartTimer)][-1:] == [ALERT]
    assert left(commands) == []
    assert left(engine.step(waiting, freed)[1]) == ["flatten_a"]


def test_a_trade_that_needs_nothing_meanwhile_goes_on_as_if_nothing_had_been():
    paused = after(ready(), signal(), PAUSE, RESUME)

    assert left(commands_of(paused, filled(ENTRY, 1_000))) == ["hedge"]
    assert not paused.trades[0].paused


HOLDS = {
    "the session": (SHUT, OPEN),
    "a pause": (PAUSE, RESUME),
    "a pause of the other leg": (TradingHalted(("BBB",)), TradingResumed(("BBB",))),
    "a break": (BREAK, END_OF_BREAK),
    "people": (
        SettingsChanged(replace(SETTINGS, trading="halted")),
        SettingsChanged(replace(SETTINGS, trading="reducing")),
    ),
}


@pytest.mark.parametrize("first", HOLDS)
@pytest.mark.parametrize("last", HOLDS)
def test_a_trade_goes_on_only_when_nothing_holds_it_any_more(first, last):
    (hold, free), (other_hold, other_free) = HOLDS[first], HOLDS[last]
    state = after(LEFT, hold, *([other_hold] if last != first else []))

    halfway = after(state, free)
    done = after(halfway, other_free)

    assert state.trades[0].paused
    assert halfway.trades[0].paused == (first != last)
    assert not done.trades[0].paused


def test_a_symbol_that_was_halted_by_name_outlasts_a_break_of_the_market():
    state = after(LEFT, PAUSE, BREAK, END_OF_BREAK)

    assert (state.halts, state.market_halted, state.trades[0].paused) == (("AAA",), False, True)


def test_a_break_of_the_market_outlasts_what_is_resumed_by_name():
    state = after(LEFT, PAUSE, BREAK, RESUME)

    assert (state.halts, state.market_halted, state.trades[0].paused) == ((), True, True)


def test_a_pause_that_begins_in_a_break_of_the_market_ends_no_break():
    state = after(LEFT, BREAK, PAUSE)

    assert (state.halts, state.market_halted) == (("AAA",), True)


def test_halts_are_kept_sorted_each_once_and_are_no_news_twice():
    state = after(ready(), TradingHalted(("CCC", "AAA", "AAA")))

    assert state.halts == ("AAA", "CCC")
    assert engine.step(state, PAUSE) == (state, ())
    assert engine.step(state, TradingResumed(("BBB",))) == (state, ())
    assert after(state, TradingResumed(("CCC",))).halts == ("AAA",)


@pytest.mark.parametrize("kind", [TradingHalted, TradingResumed])
def test_a_symbol_there_is_not_is_told_and_the_others_are_taken_in(kind):
    state = after(ready(), TradingHalted(("BBB",)))
    event = kind(("BBB", "ZZZ"))

    told, commands = engine.step(state, event)

    assert commands == (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    assert told.halts == (("BBB",) if kind is TradingHalted else ())
    assert engine.step(told, kind(("ZZZ",)))[0] == told


def test_halts_open_nothing_in_what_they_name():
    paused = after(ready(), TradingHalted(("BBB",)))

    assert engine.step(paused, signal())[1] == (RefuseSignal(SIGNAL, "SYMBOL_HALTED"),)
    assert left(commands_of(paused, signal(symbol_b="CCC"))) == ["entry"]
    assert engine.step(after(ready(), BREAK), signal())[1] == (RefuseSignal(SIGNAL, "SYMBOL_HALTED"),)


def test_a_restart_keeps_the_phase_and_the_halts():
    state = after(LEFT, SessionChanged(2, "closing"), PAUSE, BREAK, Restarted())

    assert (state.day, state.session, state.halts, state.market_halted) == (2, "closing", ("AAA",), True)
    assert left(commands_of(state, timed_out(HEDGE))) == []


def test_a_liquidation_waits_for_the_market():
    severe = after(ready(), signal(), filled(ENTRY, 100), PAUSE, *confirmed_expired(ENTRY, 100))

    assert severe.trades[0].stranded
    assert commands_of(severe, RESUME)[:1] == submitted(FLATTEN_A, 100)[:1]


# ---- days ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
def test_phases_of_one_day_follow_each_other_in_any_order(phase):
    first = next(each for each in PHASES if each != phase)
    state = after(ready(), SessionChanged(1, "regular"), *([SessionChanged(1, first)] * (first != "regular")))

    told, commands = engine.step(state, SessionChanged(1, phase))

    assert (told.session, told.day, commands) == (phase, 1, ())


@pytest.mark.parametrize(
    "event",
    [
        SessionChanged(3, "closing"),
        SessionChanged(2, "closing"),
        SessionChanged(2, "closed"),
        SessionChanged(3, "lunch"),
        SessionChanged(4, "lunch"),
    ],
)
def test_a_phase_that_is_repeated_goes_back_or_is_none_is_an_anomaly(event):
    state = after(ready(), SessionChanged(3, "closing"))

    assert engine.step(state, event) == (state, (ReportAnomaly("INVALID_VALUE", event),))


def test_a_phase_of_the_same_day_moves_no_opening():
    lost = after(ready(GUARDED), BIG, *BIG_FILLED, SessionChanged(1), PriceMoved("AAA", 90))

    state = after(lost, SessionChanged(1, "after_hours"), SessionChanged(1, "closed"))

    assert state.gauges.opening == lost.gauges.opening == 10_000_000


@pytest.mark.parametrize("phase", ["pre_market", "regular", "closing", "after_hours"])
def test_a_new_day_begins_with_the_first_phase_in_which_the_market_is_not_closed(phase):
    lost = after(ready(GUARDED), BIG, *BIG_FILLED, SessionChanged(1), PriceMoved("AAA", 90))
    weekend = after(lost, SessionChanged(2, "closed"), SessionChanged(3, "closed"))

    monday = after(weekend, SessionChanged(3, phase))

    assert (weekend.day, weekend.session, weekend.gauges.opening) == (1, "closed", 10_000_000)
    assert (monday.day, monday.session, monday.gauges.opening) == (3, phase, 9_900_000)


def test_what_is_lost_over_a_weekend_is_lost_on_the_day_before_it():
    friday = after(ready(GUARDED), BIG, *BIG_FILLED, SessionChanged(1), PriceMoved("AAA", 90))
    weekend = after(friday, SessionChanged(1, "closed"), SessionChanged(2, "closed"))

    assert halted(after(weekend, PriceMoved("AAA", 81))) == []
    assert halted(after(weekend, PriceMoved("AAA", 80))) == ["daily_loss"]


# ---- health --------------------------------------------------------------------------------------------


def test_health_shows_the_phase_what_is_halted_and_who_waits_for_it():
    calm = after(ready(settings()), CLOSING, TradingHalted(("BBB",)))
    waiting = after(LEFT, BREAK, *confirmed_expired(HEDGE, 0))

    found = engine.health(waiting)

    assert (engine.health(calm).session, engine.health(calm).halted_symbols) == ("closing", ("BBB",))
    assert engine.health(calm).is_well
    assert (found.session, found.halted_symbols) == ("regular", ("AAA", "BBB", "CCC"))
    assert (found.stranded, found.is_well) == ((SIGNAL,), False)
