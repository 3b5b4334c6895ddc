"""The core through the calendars of exchanges: each phase as it comes, and what may leave in it."""

import pytest

from core import engine
from core.messages import PriceMoved, RefuseSignal, ReportAnomaly, SessionChanged, SignalId, SignalReceived
from core.settings import Instrument, Settings
from hedgecheck.calendars import phases


def told(changes):
    """The state after each change, and what the core said of it."""
    state = engine.initial(Settings((Instrument("AAA"), Instrument("BBB"))), 10**9)
    for symbol in ("AAA", "BBB"):
        state, _ = engine.step(state, PriceMoved(symbol, 100))
    for each in changes:
        state, commands = engine.step(state, SessionChanged(each.day, each.phase))
        yield each, state, commands


@pytest.mark.parametrize("exchange", ["XNYS", "XLON", "XHKG", "CMES", "24/7"])
def test_every_change_of_a_year_is_one_that_the_core_takes(exchange):
    for each, state, commands in told(phases(exchange, "2024-01-01", "2024-12-31")):
        assert not any(isinstance(command, ReportAnomaly) for command in commands)
        assert state.session == each.phase
        assert each.phase == "closed" or state.day == each.day


@pytest.mark.covers("TC-MC-014")
def test_entries_leave_in_regular_hours_alone_over_thanksgiving():
    entered = []
    for number, (each, state, _) in enumerate(told(phases("XNYS", "2024-11-27", "2024-12-02"))):
        signal = SignalReceived(SignalId("s", number), "AAA", "buy", 10, "BBB", "sell", 10)
        _, commands = engine.step(state, signal)
        if not any(isinstance(command, RefuseSignal) for command in commands):
            entered.append((each.session, each.phase))

    assert entered == [(day, "regular") for day in ("2024-11-27", "2024-11-29", "2024-12-02")]
