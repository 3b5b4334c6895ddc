"""States and edges a second of the exhaustive search, on one core, all invariants on.

The baseline, in the same interleaved rounds: the plain breadth-first search that a reader would write first,
whose visited set holds worlds and memories as they are. It tells more states apart, by their past.
"""

import time
from statistics import median

from hedgecheck import invariants
from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.exhaustive import search
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.world import Universe

SMALL = Small(trades=2)
ROUNDS = 3


def plain(universe: Universe) -> tuple[int, int]:
    """States and edges, by a set of worlds with memories."""
    watch = Watch(universe, invariants.ALL, Tally())
    first = (universe.initial(), tuple(watch.memories))
    visited, layer, edges = {first}, [first], 0
    while layer:
        following = []
        for world, memories in layer:
            for action in universe.enabled(world):
                after, records = universe.apply(world, action)
                edges += 1
                watch.memories = list(memories)
                assert watch.see(records, universe.view(after, at_rest=False)) is None
                state = (after, tuple(watch.memories))
                if state not in visited:
                    visited.add(state)
                    following.append(state)
        layer = following
    return len(visited), edges


def main() -> None:
    """Prints states and edges a second, median of the rounds, and the ratio."""
    universe = Universe(scopes.draw(number_of(SMALL)), bundled_core())
    rates, ratios = [], []
    for _ in range(ROUNDS):
        begun = time.process_time()
        done = search(universe)
        between = time.process_time()
        states, edges = plain(universe)
        seconds, plainly = between - begun, time.process_time() - between
        rates.append((done.states / seconds, done.edges / seconds))
        ratios.append((edges / plainly, plainly / seconds))
    states_a_second, edges_a_second = (median(column) for column in zip(*rates, strict=True))
    plain_edges, ratio = (median(column) for column in zip(*ratios, strict=True))
    print(f"{SMALL.name}: {done.states:,} states, {done.edges:,} edges")
    print(f"  exhaustive search   {states_a_second:9,.0f} states/s {edges_a_second:9,.0f} edges/s")
    print(
        f"  plain set of worlds {states:9,} states   {plain_edges:9,.0f} edges/s: {ratio:.1f} times the time"
    )


if __name__ == "__main__":
    main()
