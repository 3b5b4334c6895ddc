"""States a second of the table search against the direct search, on the largest scope that both go through.

Interleaved rounds, one core, all invariants on; the table search pays for its table and all it asks. The
states are the same ones, lanes told apart: of the table search those that its classes stand for. Kinds of
fault that make a scope of their own, or days, of which tables do not keep the opening, are left out.
"""

import time
from statistics import median

from hedgecheck import faults
from hedgecheck.drive import bundled_core
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import Bounds, search
from hedgecheck.explore.tables import search as search_tables
from hedgecheck.explore.tables.reference import Reference
from hedgecheck.explore.tables.searching import prepare
from hedgecheck.explore.tables.walkers import Walkers
from hedgecheck.world import universe_of

BOTH = tuple(each.id for each in faults.WORLD if each not in (faults.fill_during_modify, faults.clock_skew))
COMMON = Small(trades=2, faults=1, kinds=BOTH, crashes=0, own=1)
LARGER = Small(trades=3, faults=1, lots=2, crashes=1, cap=2, own=1)
ROUNDS, WALKS = 3, 5


def _walk() -> None:
    """Prints steps a second of walks over the tables of the larger scope, the gate asked and edges judged."""
    tables = prepare(universe_of(scope_of(LARGER), bundled_core()))
    walkers = Walkers(tables.surroundings(), tables.partitions(), seed=0)
    walkers.walk(1)  # what the gate answers is known from then on
    before, begun = walkers.walked.steps, time.process_time()
    steps = walkers.walk(WALKS).steps - before
    print(f"  walks          {steps / (time.process_time() - begun):11,.0f} steps/s")


def main() -> None:
    """Prints states a second of both, and the ratio, median of the rounds."""
    universe = universe_of(scope_of(COMMON), bundled_core())
    prepared = prepare(universe)
    stands_for = Reference(prepared.surroundings(), prepared.partitions(is_lumped=False)).search().states
    direct, tables = [], []
    for _ in range(ROUNDS):
        begun = time.process_time()
        plainly = search(universe)
        between = time.process_time()
        tabled = search_tables(universe)
        assert plainly.verdict == tabled.verdict == "exhausted"
        assert plainly.states == stands_for, "the two searches disagree"
        direct.append(plainly.states / (between - begun))
        tables.append(stands_for / (time.process_time() - between))
    ratio = median(each / other for each, other in zip(tables, direct, strict=True))
    print(f"{COMMON.name}: {stands_for:,} states of a trade each, {tabled.orders:,} by classes")
    print(f"  direct search  {median(direct):11,.0f} states/s")
    print(f"  table search   {median(tables):11,.0f} states/s, table and all: {ratio:.1f} times")
    _walk()
    larger = search_tables(universe_of(scope_of(LARGER), bundled_core()), bounds=Bounds(megabytes_max=8_192))
    print(f"{LARGER.name}: {larger.orders:,} states by classes in {larger.seconds:.1f} s, {larger.verdict}")


if __name__ == "__main__":
    main()
