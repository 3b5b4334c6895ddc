"""Defects of sessions and halts: what leaves when, what goes, and what goes on."""

from dataclasses import replace

from core import engine, gauges, leaving, market, sessions, state, trade
from tests.canary.planted import Swap, plant

PROMISED = tuple(f"TC-MC-{number:03}" for number in range(11, 16))


@plant("TC-MC-011", "TC-MC-014")
def entries_leave_out_of_the_session() -> list[Swap]:
    """A signal is taken whatever the phase of the session."""
    return [(sessions, "may_enter", lambda condition: condition != "halted")]


@plant("TC-MC-011", "TC-MC-012")
def orders_leave_out_of_the_session() -> list[Swap]:
    """What lowers risk is sent before the open and after the close, too."""
    return [(sessions, "may_lower_risk", lambda condition: condition != "halted")]


@plant("TC-MC-011", "TC-MC-014")
def a_day_keeps_the_opening_of_the_last() -> list[Swap]:
    """A new day goes on measuring its loss from the opening of the day before."""
    return [(gauges, "day_begun", lambda read, worth: read)]


@plant("TC-MC-013")
def entries_leave_before_the_close() -> list[Swap]:
    """While the close is prepared positions are opened as at noon."""
    may_enter = sessions.may_enter
    return [(sessions, "may_enter", lambda condition: condition == "closing" or may_enter(condition))]


@plant("TC-MC-013", "TC-MC-015")
def what_rests_is_left() -> list[Swap]:
    """Entries that rest stay where none may be opened any more."""
    return [(leaving, "_has_entry", lambda each: False)]


@plant("TC-MC-013")
def nothing_is_hedged_before_the_close() -> list[Swap]:
    """While the close is prepared nothing leaves, as if the market were closed."""
    return [(sessions, "may_lower_risk", lambda condition: condition == "regular")]


@plant("TC-MC-014")
def a_weekend_is_a_day() -> list[Swap]:
    """A weekend counts as a session: what was lost before it is forgotten."""
    changed = market.session_changed

    def counting(before, event):
        after, commands = changed(before, event)
        if event.day <= before.day or event.phase != "closed":
            return after, commands
        read = gauges.day_begun(after.gauges, state.equity(after))
        return replace(after, day=event.day, gauges=read), commands

    return [(market, "session_changed", counting)]


@plant("TC-MC-015")
def a_hedge_leaves_into_a_halt() -> list[Swap]:
    """A halt stops entries alone."""
    may_lower_risk = sessions.may_lower_risk
    return [
        (sessions, "may_lower_risk", lambda condition: condition == "halted" or may_lower_risk(condition))
    ]


@plant("TC-MC-015")
def a_break_of_the_market_ends_with_a_pause() -> list[Swap]:
    """Whatever is resumed, all is."""
    return [
        (
            market,
            "trading_resumed",
            lambda before, event: leaving.aligned(replace(before, halts=(), market_halted=False), ()),
        )
    ]


@plant("TC-MC-011", "TC-MC-012", "TC-MC-015")
def what_was_held_up_is_forgotten() -> list[Swap]:
    """A trade that had to wait is not told that the market is open again."""
    resume = trade._resume
    return [(trade, "_resume", lambda one: (one, ()) if one.stranded else resume(one))]


@plant("TC-MC-014", "TC-MC-015")
def a_restart_opens_the_market() -> list[Swap]:
    """A process that comes up again takes the market for open."""
    restarted = engine._restarted

    def forgetting(before, event):
        after, commands = restarted(before, event)
        return replace(after, session="regular", halts=(), market_halted=False), commands

    return [(engine, "_restarted", forgetting)]
