"""Drawdowns: how far below its high-water mark (HWM) the equity was, how long, and what that bought.

They are positive: 0.3 is 30 % below the mark.
"""

import numpy as np

from hedgecheck.arrays import Floats
from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, Value, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.metrics.returns import cagr
from hedgecheck.stress.models import MetricValue

NO_CURVE = "the equity begins at or below zero; with flows, where it is at or below zero at any bar"

METRICS = (
    Metric(
        "max_drawdown",
        "fraction",
        "lower",
        "max(1 - E / HWM), positive, above 1 where the equity is below zero; with flows E is the growth by "
        "time-weighted returns",
        NO_CURVE,
        "Magdon-Ismail and Atiya 2004; empyrical max_drawdown with the other sign",
    ),
    Metric(
        "avg_drawdown",
        "fraction",
        "lower",
        "the mean over all drawdowns, the one under way included, of how deep each was",
        f"{NO_CURVE}, or there was no drawdown",
        "Bacon 2008",
    ),
    Metric(
        "max_drawdown_duration",
        "bars",
        "lower",
        "the most bars in a row that end below the HWM",
        NO_CURVE,
        "quantstats drawdown_details, days",
    ),
    Metric(
        "recovery_bars",
        "bars",
        "lower",
        "from the bar of max_drawdown, the first such, to the first that is at the HWM again",
        f"{NO_CURVE}, there was no drawdown, or no recovery of it",
        "LEAN, drawdown recovery",
    ),
    Metric(
        "ulcer_index",
        "fraction",
        "lower",
        "sqrt(mean(drawdown^2)) over all n bars",
        f"{NO_CURVE}, or there is no bar",
        "Martin and McCann 1989",
    ),
    Metric(
        "calmar_ratio",
        "ratio",
        "higher",
        "cagr / max_drawdown",
        "cagr is None, or there was no drawdown",
        "Young 1991; empyrical calmar_ratio",
    ),
    Metric(
        "recovery_factor",
        "ratio",
        "higher",
        "total_pnl / the largest drawdown in money, of the equity less flows",
        "there was no drawdown in money",
        "quantstats recovery_factor, there by the sum of the returns",
    ),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    values: dict[str, MetricValue] = dict.fromkeys(each.name for each in METRICS)
    values["recovery_factor"] = recovery_factor(course)
    if basis.curve is None:
        return values
    below = drawdowns(basis.curve, basis.rounding)
    depths, lengths = episodes(below)
    deepest = float(below.max())
    values["max_drawdown"] = deepest
    values["avg_drawdown"] = float(depths.mean()) if len(depths) else None
    values["max_drawdown_duration"] = int(lengths.max()) if len(lengths) else 0
    values["recovery_bars"] = recovery_bars(below)
    values["ulcer_index"] = float(np.sqrt((below**2).sum() / basis.bars)) if basis.bars else None
    values["calmar_ratio"] = ratio(cagr(basis, course.bars_per_year), deepest)
    return values


def drawdowns(curve: Floats, rounding: float) -> Floats:
    """How far below its high-water mark a curve is, at its start and at each bar; 0 up to ``rounding``."""
    below = 1 - curve / np.maximum.accumulate(curve)
    return np.where(below <= rounding, 0.0, below)


def episodes(below: Floats) -> tuple[Floats, Floats]:
    """How deep and how many bars long each drawdown was, in order; the last may be under way."""
    padded = np.concatenate((below, [0.0]))  # the first is never below
    edges = np.flatnonzero(np.diff(padded > 0)) + 1
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return np.empty(0), np.empty(0)
    return np.maximum.reduceat(padded, edges)[::2], (ends - starts).astype(np.float64)


def recovery_bars(below: Floats) -> int | None:
    """From the trough of the deepest drawdown to its end."""
    trough = int(below.argmax())
    back = np.flatnonzero(below[trough:] == 0)
    return int(back[0]) if below[trough] > 0 and len(back) else None


def recovery_factor(course: Course) -> Value:
    """Profit by the largest drawdown, both in money."""
    profit = course.equity - np.concatenate(([0.0], np.cumsum(course.flows)))
    fall = float((np.maximum.accumulate(profit) - profit).max())
    return ratio(float(profit[-1] - profit[0]), fall)
