"""Bounded models of the bundled core, each with the states and edges that it must have.

``counts.csv`` is made by ``python -m specs.models --write``, and ``--check`` compares. A change of the core
that changes a count is seen here; whether it was meant is for the reader of the diff to say. The counts are
a change detector, not a specification.
"""

import csv
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from hedgecheck.drive import bundled_core
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of, smalls
from hedgecheck.explore.exhaustive import search
from hedgecheck.runner import SMALL_SCOPES
from hedgecheck.values import frozen
from hedgecheck.world import Universe

COUNTS = Path(__file__).parent / "counts.csv"
TOO_LARGE = {"F09", "F16", "F22"}  # with two trades these take longer than a nightly run should
LARGE_SCOPES = tuple(
    each for each in smalls(Small(trades=2, faults=2, crashes=1), "each") if not TOO_LARGE & set(each.kinds)
)


@frozen
class Count:
    """One row: a scope, and what an exhaustive search of it must come to."""

    scope: str
    states: int
    edges: int
    depth: int
    verdict: str


def counted(small: Small) -> tuple[Count, float]:
    """Searches one scope now: its row, and the seconds it took."""
    begun = time.perf_counter()
    done = search(Universe(scopes.draw(number_of(small)), bundled_core()))
    row = Count(small.name, done.states, done.edges, done.depth, done.verdict)
    return row, time.perf_counter() - begun


def counted_all(smalls: Iterable[Small], processes: int = 2) -> Iterator[tuple[Count, float]]:
    """Every scope, in order, side by side in processes."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(counted, smalls)


def pinned() -> dict[str, Count]:
    """The rows of ``counts.csv`` by scope."""
    with COUNTS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["scope"]: Count(
            row["scope"], int(row["states"]), int(row["edges"]), int(row["depth"]), row["verdict"]
        )
        for row in rows
    }


def write(rows: list[Count]) -> None:
    """Replaces the rows of these scopes in ``counts.csv`` and keeps the others."""
    known = pinned() if COUNTS.exists() else {}
    known |= {row.scope: row for row in rows}
    order = [small.name for small in (*SMALL_SCOPES, *LARGE_SCOPES)]
    with COUNTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("scope", "states", "edges", "depth", "verdict"))
        for scope in order:
            if scope in known:
                row = known[scope]
                writer.writerow((row.scope, row.states, row.edges, row.depth, row.verdict))
