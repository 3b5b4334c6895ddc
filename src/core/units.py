"""Quantities of the core, as distinct int types, and the exact conversions between them.

Each conversion has one rounding rule, and it is always the one that overstates risk or understates a
purchase. This module knows nothing of orders, trades or limits.
"""

from typing import Literal, NewType

Ticks = NewType("Ticks", int)  # a price, in the instrument's smallest price unit
Lots = NewType("Lots", int)  # a quantity, in the instrument's smallest quantity unit
Money = NewType("Money", int)  # an amount, in minor units of the account currency
Nanoseconds = NewType("Nanoseconds", int)
BasisPoints = NewType("BasisPoints", int)  # 10_000 is the whole

WHOLE_BPS = BasisPoints(10_000)

Side = Literal["buy", "sell"]


def sign(side: Side) -> int:
    """+1 for a buy, -1 for a sell."""
    return 1 if side == "buy" else -1


def opposite(side: Side) -> Side:
    """The other side."""
    return "sell" if side == "buy" else "buy"


def notional(price: Ticks, quantity: Lots, tick_lot_value: Money) -> Money:
    """Money that ``quantity`` lots are worth at ``price``: exact."""
    return Money(price * quantity * tick_lot_value)


def share(amount: Money, fraction: BasisPoints) -> Money:
    """``fraction`` of ``amount``, rounded down: a limit is never overstated."""
    return Money(amount * fraction // WHOLE_BPS)


def charge(amount: Money, rate: BasisPoints) -> Money:
    """A cost of ``rate`` on ``amount``, rounded up: a cost is never understated."""
    return Money(-(-amount * rate // WHOLE_BPS))


def reaches(part: Lots, whole: Lots, threshold: BasisPoints) -> bool:
    """Whether ``part`` of ``whole`` is at or above ``threshold``: exact, by cross-multiplication."""
    return WHOLE_BPS * part >= threshold * whole


def scaled(planned: Lots, filled_first: Lots, planned_first: Lots) -> Lots:
    """Lots of the second leg that match what the first leg filled, rounded down.

    ``planned_first`` is positive. With equal legs the result equals ``filled_first``.
    """
    return Lots(planned * filled_first // planned_first)


def orderable(quantity: Lots, step: Lots, minimum: Lots) -> Lots:
    """The part of ``quantity`` that a venue takes as one order; 0 when that is below its minimum."""
    whole_steps = quantity - quantity % step
    return Lots(whole_steps if whole_steps >= minimum else 0)
