"""What a metric is: its name, its unit, how it is counted, and which way is better."""

from typing import Literal

from hedgecheck.values import frozen

Better = Literal["higher", "lower", "neither"]
Unit = Literal["money", "fraction", "ratio", "bars", "count", "bps", "ns"]


@frozen
class Metric:
    """One row of the registry. ``unit``: fractions are of 1, not percent; ``count`` of a mapping is for each
    of its keys. ``better``: which way an improvement goes. ``none_where``: when it is undefined, and so None;
    empty where it always is defined. ``source``: of the definition, a paper or a library."""

    name: str
    unit: Unit
    better: Better
    definition: str
    none_where: str
    source: str
