"""Defects in how a trade is left that its strategy wants out of."""

from dataclasses import replace as changed
from typing import Any

from core import stepping, trade
from core.messages import ExitRequested, TradeEvent
from core.trade import Trade
from tests.canary.engines.defective import Defective, canary

NO_EXITS = "a small scope has no exits"


@canary("I07", needs_invariant="I07", why_blank=NO_EXITS)
def x026() -> Defective:
    """A pair that is to be left is closed by its first leg alone."""

    def step(one: Trade, event: TradeEvent, allowed: bool) -> Any:
        if not isinstance(event, ExitRequested) or one.outcome != "hedged" or one.phase == "parked":
            return trade_step(one, event, allowed)
        left = changed(one, phase="ended", outcome="exited", kept_a=0, lingers=True)
        commands = () if one.lingers else (trade.linger(one),)
        return trade._advance(left, commands, False)

    trade_step = stepping.step_trade
    return Defective("X026", (stepping, "step_trade", step))


@canary("I07", needs_invariant="I07", why_blank=NO_EXITS)
def x027() -> Defective:
    """A wish to leave that comes while the pair is still being opened is forgotten."""

    def step(one: Trade, event: TradeEvent, allowed: bool) -> Any:
        if isinstance(event, ExitRequested) and one.phase in ("entry", "hedge"):
            return one, ()
        return trade_step(one, event, allowed)

    trade_step = stepping.step_trade
    return Defective("X027", (stepping, "step_trade", step))
