"""Safety: when trading was stopped and how soon, which bad data were found, what had to be put right."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.models import EmergencyStop, MetricValue

TRIPS = ("breaker", "governor")  # sources of a stop by the system; a halt of the exchange is none
DATA_FAULTS = ("nan", "spike", "duplicate")  # kinds of ``Injected`` that data checks are there to find

METRICS = (
    Metric(
        "emergency_stops",
        "count",
        "lower",
        "how often trading was stopped: by a breaker, the governor or a halt of the exchange",
        "",
        "hedgecheck",
    ),
    Metric(
        "breaker_trips",
        "count",
        "lower",
        "trips of the engine's breakers, by kind",
        "",
        "hedgecheck",
    ),
    Metric(
        "time_tripped",
        "bars",
        "lower",
        "bars for which a breaker or the governor had trading stopped, each once; a halt of the exchange is "
        "no trip",
        "",
        "hedgecheck",
    ),
    Metric(
        "time_to_trip",
        "bars",
        "lower",
        "the most bars from a breach to the trip of a breaker or the governor",
        "nothing tripped for a number beyond its limit",
        "hedgecheck",
    ),
    Metric(
        "data_quality_issues_found",
        "count",
        "neither",
        "bars of a symbol in which an issue was found, false alarms included",
        "",
        "hedgecheck",
    ),
    Metric(
        "data_quality_issues_injected",
        "count",
        "neither",
        f"bars of a symbol into which a data fault was put: {', '.join(DATA_FAULTS)}",
        "",
        "hedgecheck",
    ),
    Metric(
        "data_quality_recall",
        "fraction",
        "higher",
        "the share of bars with an injected data fault in which an issue was found",
        "no data fault was injected",
        "van Rijsbergen 1979, Information Retrieval",
    ),
    Metric(
        "reconciliation_breaks",
        "count",
        "lower",
        "differences between what the engine believed and what the venue told",
        "",
        "hedgecheck",
    ),
    Metric(
        "ghost_orders_resolved",
        "count",
        "neither",
        "orders of unknown outcome whose fate was found out",
        "",
        "hedgecheck",
    ),
    Metric(
        "invariant_violations",
        "count",
        "lower",
        "invariants broken; must be 0",
        "",
        "hedgecheck",
    ),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    trips = [each for each in course.stops if each.source in TRIPS]
    found = {(each.symbol, each.bar) for each in course.issues}
    injected = {
        (each.symbol, each.bar + later)
        for each in course.injected
        if each.kind in DATA_FAULTS
        for later in range(each.bars)
    }
    kinds = Counter(each.kind for each in course.stops if each.source == "breaker")
    return {
        "emergency_stops": len(course.stops),
        "breaker_trips": {kind: kinds[kind] for kind in sorted(kinds)},
        "time_tripped": bars_stopped(trips, basis.bars),
        "time_to_trip": max(
            (each.bar - each.breached_bar for each in trips if each.breached_bar is not None), default=None
        ),
        "data_quality_issues_found": len(found),
        "data_quality_issues_injected": len(injected),
        "data_quality_recall": ratio(len(found & injected), len(injected)),
        "reconciliation_breaks": course.reconciliation_breaks,
        "ghost_orders_resolved": course.ghost_orders_resolved,
        "invariant_violations": course.invariant_violations,
    }


def bars_stopped(stops: Sequence[EmergencyStop], bars: int) -> int:
    """Bars from a stop up to, without, that of its reset, to the end where there is none; each once."""
    stopped = np.zeros(bars, dtype=np.bool_)
    for each in stops:
        stopped[each.bar : each.reset_bar] = True
    return int(np.count_nonzero(stopped))
