"""Against a benchmark, by its returns bar by bar; the risk-free rate is 0, years are arithmetic."""

import math

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, deviation, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.metrics.returns import TWO
from hedgecheck.stress.models import MetricValue

FLAT = f"{TWO}, or the benchmark's returns do not deviate"

METRICS = (
    Metric(
        "alpha",
        "fraction",
        "higher",
        "(mean(r) - beta x mean(b)) x P, arithmetic",
        FLAT,
        "Jensen 1968; quantstats greeks (empyrical's is geometric)",
    ),
    Metric("beta", "ratio", "neither", "cov(r, b) / var(b)", FLAT, "Sharpe 1964; empyrical beta"),
    Metric("tracking_error", "fraction", "lower", "std(r - b), ddof 1, x sqrt(P)", TWO, "Roll 1992"),
    Metric(
        "information_ratio",
        "ratio",
        "higher",
        "mean(r - b) x P / tracking_error",
        f"{TWO}, or the difference does not deviate",
        "Goodwin 1998 (empyrical's and quantstats' are of a bar, not of a year)",
    ),
    Metric(
        "treynor_ratio",
        "ratio",
        "higher",
        "mean(r) x P / beta, arithmetic",
        f"{FLAT}, or beta is 0",
        "Treynor 1965 (quantstats' has the total return above)",
    ),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name; none without a benchmark."""
    if course.benchmark is None:
        return {}
    values: dict[str, MetricValue] = dict.fromkeys(each.name for each in METRICS)
    returns, benchmark, per_year = basis.sample(), course.benchmark, course.bars_per_year
    if returns is None:
        return values
    active = returns - benchmark
    error = deviation(active, scale=1)
    information = ratio(float(active.mean()), error)
    values["tracking_error"] = error * math.sqrt(per_year)
    values["information_ratio"] = None if information is None else information * math.sqrt(per_year)
    if deviation(benchmark, scale=1):
        centred = benchmark - benchmark.mean()
        beta = float(np.sum(centred * (returns - returns.mean())) / np.sum(centred * centred))
        values["beta"] = beta
        values["alpha"] = (float(returns.mean()) - beta * float(benchmark.mean())) * per_year
        values["treynor_ratio"] = ratio(float(returns.mean()) * per_year, beta)
    return values
