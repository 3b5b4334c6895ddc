"""Which explorer finds which planted defect, and what it cannot be found without: ``matrix.csv``.

Made by ``python -m tests.canary --matrix``; ``test_matrix`` runs every cell again.
"""

import csv
from pathlib import Path

from hedgecheck import machines
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import number_of
from tests.canary.engines import CANARIES
from tests.canary.looking import fuzzed, searched

PATH = Path(__file__).with_name("matrix.csv")
COLUMNS = (
    "canary",
    "defect",
    "invariants",
    "needs_fault",
    "needs_invariant",
    "fuzz",
    "hypothesis",
    "exhaustive",
    "why_blank",
)
EXECUTIONS_MAX = 5_000
EXAMPLES_MAX = 500
EXAMPLES_MAX_WITH_PROOF = 100  # where an exhaustive search finds it too, Hypothesis is asked for less


def examples_max(name: str) -> int:
    """How many examples Hypothesis has for a canary."""
    return EXAMPLES_MAX if CANARIES[name].small is None else EXAMPLES_MAX_WITH_PROOF


def by_fuzz(name: str, first: int = 0) -> int | None:
    """Executions that a fuzz run of seed 0 needs, where none before ``first`` finds it."""
    found = fuzzed(CANARIES[name].factory(), 0, range(first, EXECUTIONS_MAX))
    return found and found.origin.number + 1


def by_hypothesis(name: str, examples: int = 0) -> int | None:
    """Executions that Hypothesis needs with seed 0, those it threw away included.

    What it draws depends on which modules are loaded, as it takes constants from them: two programs differ.
    """
    campaign = machines.explore(CANARIES[name].factory(), 0, examples or examples_max(name))
    return campaign.executions if campaign.found else None


def by_search(name: str) -> int | None:
    """The length of a shortest tape in the canary's small scope, of all there are."""
    canary = CANARIES[name]
    if canary.small is None:
        return None
    search = searched(canary.factory(), scopes.draw(number_of(canary.small)))
    return search.failure and len(search.tape)


def measured(name: str) -> dict[str, str]:
    """One row, each cell by running it."""
    canary = CANARIES[name]
    fuzz, hypothesis, shortest = by_fuzz(name), by_hypothesis(name), by_search(name)
    why = [f"exhaustive: {canary.why_blank}"] if shortest is None else []
    why += [f"fuzz: not in {EXECUTIONS_MAX:,} executions"] if fuzz is None else []
    why += [f"hypothesis: not in {examples_max(name):,} examples"] if hypothesis is None else []
    return {
        "canary": name,
        "defect": canary.defect,
        "invariants": " ".join(canary.invariants),
        "needs_fault": canary.needs_fault,
        "needs_invariant": canary.needs_invariant,
        "fuzz": str(fuzz or ""),
        "hypothesis": str(hypothesis or ""),
        "exhaustive": "" if shortest is None or canary.small is None else f"{canary.small.name}: {shortest}",
        "why_blank": "; ".join(why),
    }


def write(rows: list[dict[str, str]]) -> None:
    """Writes the matrix."""
    with PATH.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read() -> dict[str, dict[str, str]]:
    """The rows of the matrix as it was last made, by canary."""
    with PATH.open(newline="", encoding="utf-8") as file:
        return {row["canary"]: row for row in csv.DictReader(file)}
