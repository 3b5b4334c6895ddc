"""All metrics of a course, from every family."""

from collections.abc import Mapping

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics import benchmark, drawdowns, execution, returns, risk, safety, trades
from hedgecheck.stress.metrics.basis import basis_of
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.models import MetricValue

FAMILIES = (returns, drawdowns, risk, trades, execution, safety, benchmark)
METRICS: tuple[Metric, ...] = tuple(metric for family in FAMILIES for metric in family.METRICS)


def measure(course: Course) -> dict[str, MetricValue]:
    """Each metric of ``METRICS`` by its name, in their order; those of the family ``benchmark`` only where
    the course has one.

    Undefined is None, never 0, infinite or NaN, and so is what is too large to be a number. Values are plain
    ints, floats and mappings of ints. ``UsageError`` for arrays that do not fit each other or hold what is no
    finite number.
    """
    values: dict[str, MetricValue] = {}
    with np.errstate(all="ignore"):  # what overflows is undefined, and said so by None
        basis = basis_of(course)
        for family in FAMILIES:
            values |= family.measured(course, basis)
    return {metric.name: _plain(values[metric.name]) for metric in METRICS if metric.name in values}


def _plain(value: MetricValue) -> MetricValue:
    """The same without numpy's types and negative zero; None for what is no finite number."""
    if value is None or isinstance(value, int | Mapping):
        return value
    return float(value) + 0.0 if np.isfinite(value) else None
