"""Signals and trades of leg A alone."""

from dataclasses import replace

from core import trade
from core.plan import NO_LEG
from tests.unit.core.build import (
    played,
    proposed,
    signal,
)


def one(sequence=1, strategy="pairs", **changes):
    """The signal for leg A alone."""
    return signal(sequence, strategy, **{"symbol_b": "", "quantity_b": 0, **changes})


def alone(*events, stop=None, protocol=None, **plan):
    """The trade of leg A alone, let through, after those events."""
    begun = proposed(protocol=protocol, **plan)
    begun = replace(begun, leg_a=replace(begun.leg_a, stop_price=stop), leg_b=NO_LEG)
    return played(begun, one(), *events)


def step(begun, event):
    """The trade after the event, and what it commands."""
    return trade.step(begun, event, True)
