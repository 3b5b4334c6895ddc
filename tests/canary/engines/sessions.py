"""Defects in what is done when the market opens, closes, halts and goes on."""

from typing import Any

from core import sessions, trade
from core.trade import Trade
from tests.canary.engines.defective import Defective, canary

NO_SESSIONS = "a small scope has no sessions and no halts"


def with_row(condition: str, like: str) -> Any:
    """The table with one condition taken for another."""
    return (sessions, "TABLE", {**sessions.TABLE, condition: sessions.TABLE[like]})  # type: ignore[index]


@canary("I12", "I07", why_blank=NO_SESSIONS)
def x021() -> Defective:
    """Entries leave in the pre-market, as if the market were open."""
    return Defective("X021", with_row("pre_market", "regular"))


@canary("I12", needs_invariant="I12", why_blank=NO_SESSIONS)
def x022() -> Defective:
    """Entries that rest when the session ends are left to the venue."""
    return Defective("X022", (sessions, "may_enter", lambda _condition: True))


@canary("I12", needs_invariant="I12", why_blank=NO_SESSIONS)
def x023() -> Defective:
    """Entries leave while the close is prepared."""
    return Defective("X023", with_row("closing", "regular"))


@canary("I12", why_blank=NO_SESSIONS)
def x024() -> Defective:
    """A hedge is sent into a halt."""
    return Defective("X024", with_row("halted", "closing"))


@canary("I07", needs_invariant="I07", why_blank=NO_SESSIONS)
def x025() -> Defective:
    """A trade that was held up is forgotten when trading goes on."""

    def resume(one: Trade) -> Any:
        return (one, ()) if one.stranded else trade_resume(one)

    trade_resume = trade._resume
    return Defective("X025", (trade, "_resume", resume))
