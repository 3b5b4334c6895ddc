"""What may leave in which phase of the market's day, and while trading is halted, as a table.

The module must not know who says which phase it is, nor what is out.
"""

from typing import Literal

SessionPhase = Literal["pre_market", "regular", "closing", "after_hours", "closed"]
Condition = SessionPhase | Literal["halted"]
OrderClass = Literal["entry", "hedge", "flatten", "protect", "cancel"]

LOWER_RISK: tuple[OrderClass, ...] = ("hedge", "flatten", "protect")

# What a trade may send: entry (leg A, its resend), hedge (leg B), flatten (reduces), protect (stops), cancel.
TABLE: dict[Condition, tuple[OrderClass, ...]] = {
    "pre_market": ("cancel",),  # no stop is triggered and books are thin: what is held waits for the open
    "regular": ("entry", "hedge", "flatten", "protect", "cancel"),
    "closing": ("hedge", "flatten", "protect", "cancel"),  # what is opened now may stay unhedged overnight
    "after_hours": ("cancel",),  # only limit orders trade then, and what hedges or flattens is none
    "closed": ("cancel",),  # venues take cancels of what rests until the next session
    "halted": ("cancel",),  # a pause or a circuit breaker: a new order would wait for the reopening auction
}


def may_enter(condition: Condition) -> bool:
    """Whether entries may leave, and rest."""
    return "entry" in TABLE[condition]


def may_lower_risk(condition: Condition) -> bool:
    """Whether all that lowers risk may leave. A trade does not hedge where it could not flatten."""
    return all(each in TABLE[condition] for each in LOWER_RISK)
