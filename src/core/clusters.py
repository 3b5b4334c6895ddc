"""Symbols that move together, as clusters: what the gate bounds as if it were one position.

Two symbols are linked by a correlation at or beyond the threshold, whichever its sign, and by one that is not
known: it counts as whole. A cluster is a connected component of that graph, as single-linkage clustering
makes them (Gower and Ross 1969). In stress correlations tend to one, so what is not shown apart is held
together.
"""

from core.memo import latest
from core.settings import Correlation, Instrument
from core.units import BasisPoints

Clusters = tuple[tuple[str, str], ...]  # each symbol with the first one of its cluster, sorted


@latest
def clusters(
    instruments: tuple[Instrument, ...], correlations: tuple[Correlation, ...], threshold: BasisPoints
) -> Clusters:
    """The cluster of every instrument. ``threshold`` in bps of a whole correlation, itself included."""
    apart = {
        pair
        for each in correlations
        if abs(each.value) < threshold
        for pair in ((each.symbol_a, each.symbol_b), (each.symbol_b, each.symbol_a))
    }
    named: dict[str, str] = {}
    waiting = [each.symbol for each in instruments]
    while waiting:
        first, waiting = waiting[0], waiting[1:]
        reached = [first]
        for symbol in reached:  # grows while it is walked
            named[symbol] = first
            reached += [other for other in waiting if (symbol, other) not in apart]
            waiting = [other for other in waiting if (symbol, other) in apart]
    return tuple(sorted(named.items()))
