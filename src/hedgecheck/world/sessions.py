"""The calendar of a world: phases of the session, and halts of a symbol or of the whole market.

The venue turns, and the engine is told in the same step: what it sent before may still arrive after. To end a
session or to halt takes one of those that the scope allows; to open again takes none, so that all comes to
rest in an open market.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck import tape, venue
from hedgecheck.messages import NewDay, SessionPhase, TradingHalted, TradingResumed
from hedgecheck.values import replace
from hedgecheck.venue import ChangePhase, HaltTrading, ResumeTrading
from hedgecheck.world.model import Setting, Step, World

MARKET = "*"  # in a tape: the whole market
ENDS: tuple[SessionPhase, ...] = ("closing", "after_hours", "closed")  # not every venue prepares its close
GOES_ON: dict[SessionPhase, tuple[SessionPhase, ...]] = {
    "closing": ("after_hours", "closed"),
    "after_hours": ("closed",),
    "closed": ("pre_market", "regular"),
    "pre_market": ("regular",),
}


def closings(setting: Setting, world: World) -> list[tape.Action]:
    """How the session may end, and what may be halted, so often as the scope says."""
    actions: list[tape.Action] = []
    if world.crashed:
        return actions
    if world.sessions_left > 0 and world.venue.session_phase == "regular":
        actions += [tape.ChangePhase(phase) for phase in ENDS]
    if world.pauses_left > 0:
        named = [tape.HaltTrading(each) for each, _ in world.venue.prices if each not in world.venue.halted]
        actions += named if world.venue.market_halted else [*named, tape.HaltTrading(MARKET)]
    return actions


def is_open(world: World) -> bool:
    """Whether nothing is closed or halted."""
    now = world.venue
    return now.session_phase == "regular" and not now.halted and not now.market_halted


def openings(world: World) -> list[tape.Action]:
    """How an interrupted session goes on, and what may be resumed."""
    if world.crashed or is_open(world):
        return []
    halted = (*world.venue.halted, *([MARKET] if world.venue.market_halted else []))
    phases = GOES_ON.get(world.venue.session_phase, ())
    return [*map(tape.ResumeTrading, halted), *map(tape.ChangePhase, phases)]


def _change_phase(setting: Setting, world: World, action: tape.ChangePhase) -> Step:
    if action not in (*closings(setting, world), *openings(world)):
        return world, ()
    phase: SessionPhase = action.phase  # type: ignore[assignment]
    if world.venue.session_phase == "regular":
        world = replace(world, sessions_left=world.sessions_left - 1)
    after, reports = venue.step(world.venue, ChangePhase(phase))
    began = NewDay(world.day + (phase == "pre_market"), phase)
    world = replace(world, venue=after, inbound=(*world.inbound, *reports), day=began.day)
    return setting.tell(world, began, began, *reports)


def _halt_trading(setting: Setting, world: World, action: tape.HaltTrading) -> Step:
    if action not in closings(setting, world):
        return world, ()
    symbols = _named(action.symbol)
    after, _ = venue.step(world.venue, HaltTrading(symbols))
    world = replace(world, venue=after, pauses_left=world.pauses_left - 1)
    halted = TradingHalted(symbols)
    return setting.tell(world, halted, halted)


def _resume_trading(setting: Setting, world: World, action: tape.ResumeTrading) -> Step:
    if action not in openings(world):
        return world, ()
    symbols = _named(action.symbol)
    after, _ = venue.step(world.venue, ResumeTrading(symbols))
    resumed = TradingResumed(symbols)
    return setting.tell(replace(world, venue=after), resumed, resumed)


def _named(symbol: str) -> tuple[str, ...]:
    return () if symbol == MARKET else (symbol,)


HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {
    tape.ChangePhase: _change_phase,
    tape.HaltTrading: _halt_trading,
    tape.ResumeTrading: _resume_trading,
}
