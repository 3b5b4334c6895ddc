"""Risk: the tails of the returns, and how much was at stake."""

import numpy as np

from hedgecheck.arrays import Floats
from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, Value, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.metrics.returns import TWO
from hedgecheck.stress.models import MetricValue

NO_BAR = "there is no bar"
BROKE = "there is no bar, or the equity is at or below zero at the end of any"

METRICS = (
    Metric(
        "value_at_risk_95",
        "fraction",
        "higher",
        "the 5 % quantile of r, interpolated; a loss is negative",
        TWO,
        "RiskMetrics 1996; Hyndman and Fan 1996, type 7; empyrical value_at_risk",
    ),
    Metric(
        "value_at_risk_99",
        "fraction",
        "higher",
        "the 1 % quantile of r, interpolated; a loss is negative",
        TWO,
        "RiskMetrics 1996; Hyndman and Fan 1996, type 7; empyrical value_at_risk",
    ),
    Metric(
        "conditional_value_at_risk",
        "fraction",
        "higher",
        "the mean of the r at or below value_at_risk_95",
        TWO,
        "Rockafellar and Uryasev 2000; quantstats, historical",
    ),
    Metric(
        "tail_ratio",
        "ratio",
        "higher",
        "abs(95 % quantile of r) / abs(5 % quantile of r)",
        f"{TWO}, or the 5 % quantile is 0",
        "empyrical tail_ratio",
    ),
    Metric(
        "exposure_time",
        "fraction",
        "neither",
        "the share of bars at whose end something is held",
        NO_BAR,
        "backtesting.py, Exposure Time",
    ),
    Metric(
        "max_leverage",
        "ratio",
        "lower",
        "max(value of what is held / equity), at the end of a bar",
        BROKE,
        "hftbacktest MaxLeverage",
    ),
    Metric(
        "max_gross_exposure",
        "money",
        "lower",
        "max(value of what is held), long and short added",
        NO_BAR,
        "FIA 2015, Guide to the Development and Operation of Automated Trading Systems",
    ),
    Metric(
        "max_portfolio_heat",
        "fraction",
        "lower",
        "max(what would be lost at the stops / equity), at the end of a bar",
        BROKE,
        "Tharp 2008, The Definitive Guide to Position Sizing",
    ),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    bars = basis.bars > 0
    return {
        **tails(basis.sample()),
        "exposure_time": np.count_nonzero(course.held) / basis.bars if bars else None,
        "max_leverage": most_of_equity(course.gross, course.equity),
        "max_gross_exposure": course.gross.max() if bars else None,
        "max_portfolio_heat": most_of_equity(course.heat, course.equity),
    }


def tails(sample: Floats | None) -> dict[str, MetricValue]:
    """What the quantiles of the returns say."""
    if sample is None:
        return dict.fromkeys(each.name for each in METRICS[:4])
    low, fifth, high = (float(each) for each in np.quantile(sample, (0.01, 0.05, 0.95)))
    return {
        "value_at_risk_95": fifth,
        "value_at_risk_99": low,
        "conditional_value_at_risk": sample[sample <= fifth].mean(),
        "tail_ratio": ratio(abs(high), abs(fifth)),
    }


def most_of_equity(values: Floats, equity: Floats) -> Value:
    """The largest of ``values`` by the equity at the end of its bar."""
    after = equity[1:]
    return float((values / after).max()) if len(after) and (after > 0).all() else None
