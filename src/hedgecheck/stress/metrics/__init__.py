"""What is measured of a run: ``measure`` gives each metric of ``METRICS`` by its name."""

from hedgecheck.stress.metrics.measuring import METRICS, measure
from hedgecheck.stress.metrics.metric import Metric

__all__ = ["METRICS", "Metric", "measure"]
