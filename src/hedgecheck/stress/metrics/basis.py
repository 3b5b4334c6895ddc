"""What several families of metrics share: returns, a curve to take drawdowns of, deviation, ratios.

A deposit is no profit. Where there are flows, returns are time-weighted: a flow comes at the end of its bar
and is taken out before the return of that bar is counted (GIPS 2020). Nothing here goes through BLAS,
whose sums differ by processor: the same course gives the same numbers to the last bit.
"""

import numpy as np

from hedgecheck.arrays import Floats, number, series
from hedgecheck.errors import UsageError
from hedgecheck.stress.course import Course
from hedgecheck.values import frozen

RETURNS_MIN = 2  # of which a deviation can be taken
BARS_PER_YEAR_MIN = 1e-3
EPSILON = float(np.finfo(np.float64).eps)
ROUNDINGS = 8  # of the last bit, between equity and a return: what differs by less is the same number

Value = float | None  # None: undefined


@frozen
class Basis:
    """``returns``: one for each bar, None where the equity is at or below zero at any bar, before or after
    its flow. ``curve``: what drawdowns are taken of, one number more than there are bars: the equity itself,
    or with flows the growth of 1; None where it begins at or below zero, or has flows and no returns.
    ``rounding``: how far, as a fraction, rounding alone may put it below its high-water mark."""

    bars: int
    returns: Floats | None
    curve: Floats | None
    rounding: float

    def sample(self) -> Floats | None:
        """The returns, None where there are fewer than two."""
        return self.returns if self.returns is not None and self.bars >= RETURNS_MIN else None


def basis_of(course: Course) -> Basis:
    """Returns and curve of a course. ``UsageError`` where its arrays do not fit each other."""
    _checked(course)
    equity, flows = course.equity, course.flows
    bars, flowing = len(flows), bool(flows.any())
    settled = equity[1:] - flows if flowing else equity[1:]
    returns = settled / equity[:-1] - 1 if (equity > 0).all() and (settled > 0).all() else None
    curve: Floats | None = equity if equity[0] > 0 else None
    if flowing:
        curve = None if returns is None else growth(returns)
    return Basis(bars, returns, curve, ROUNDINGS * len(equity) * EPSILON if flowing else 0.0)


def growth(returns: Floats) -> Floats:
    """What 1 grows to, before the first bar and at the end of each."""
    curve: Floats = np.cumprod(np.concatenate(([1.0], 1 + returns)), dtype=np.float64)
    return curve


def _checked(course: Course) -> None:
    """Raises ``UsageError`` for arrays that hold no numbers or are not of one length."""
    bars = len(series("equity", course.equity)) - 1
    arrays = {"gross": course.gross, "heat": course.heat, "held": course.held, "flows": course.flows}
    if course.benchmark is not None:
        arrays["benchmark"] = course.benchmark
    for name, values in arrays.items():
        found = len(series(name, values, bars_min=0))
        if found != bars:
            raise UsageError(
                f"{name} has {found} bars and equity has {bars} after its first number. Give one number for "
                "each bar, and to the equity that before the first."
            )
    number("bars_per_year", course.bars_per_year, BARS_PER_YEAR_MIN)


def deviation(values: Floats, scale: float) -> float:
    """The sample's standard deviation (ddof 1) of two numbers or more; 0 where they differ by rounding alone.

    ``scale`` is how large what they were computed from is beside them: 1 for returns, which are differences
    from 1; 0 for numbers that are given.
    """
    largest = scale + float(np.abs(values).max())
    if float(np.ptp(values)) <= ROUNDINGS * EPSILON * largest:
        return 0.0
    return float(values.std(ddof=1))


def ratio(above: Value, below: Value) -> Value:
    """``above / below``; None where one is undefined or ``below`` is 0."""
    return None if above is None or not below else above / below
