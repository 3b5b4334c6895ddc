"""The requirement registry of a checkout and its trace: which tests turn red if a requirement breaks.

Reads ``specs/requirements.csv`` (id, group, requirement, source) and ``specs/trace.csv`` (id, test).
"""

import csv
from pathlib import Path
from typing import Any

from rich.table import Table

from hedgecheck.errors import UsageError

REGISTRY = Path("specs") / "requirements.csv"
TRACE = Path("specs") / "trace.csv"


def load(folder: Path) -> list[dict[str, Any]]:
    """One row per requirement: id, group, requirement, source, tests.

    Raises ``UsageError`` outside a checkout, or where the trace names a requirement that is not there.
    """
    registry, trace = folder / REGISTRY, folder / TRACE
    for path in (registry, trace):
        if not path.is_file():
            raise UsageError(f"There is no {path}. Run this in a checkout of hedgecheck.")
    tests: dict[str, list[str]] = {}
    for row in _rows(trace):
        tests.setdefault(row["id"], []).append(row["test"])
    rows = [{**row, "tests": sorted(tests.pop(row["id"], []))} for row in _rows(registry)]
    if tests:
        raise UsageError(f"{trace} names {', '.join(sorted(tests))}, which {registry} does not have.")
    return rows


def as_table(rows: list[dict[str, Any]]) -> Table:
    """The registry for a terminal: what is traced, by group, and how much is not yet."""
    traced = sum(bool(row["tests"]) for row in rows)
    table = Table(title=f"{traced} of {len(rows)} requirements have a test", title_justify="left")
    for column in ("id", "requirement", "tests"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row["id"], row["requirement"], "\n".join(row["tests"]) or "-")
    return table


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
