"""An earlier result against a later one: metric by metric, what is better, what is worse, what regressed.

Which way is better says the registry of metrics. A metric regressed where it got worse by more than is
tolerated; a result did where one of its metrics did, or where the earlier one was a success and it is not.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from hedgecheck.arrays import number
from hedgecheck.errors import UsageError
from hedgecheck.stress.models import MetricValue, ScenarioResult
from hedgecheck.stress.near import meant
from hedgecheck.stress.results import plain
from hedgecheck.values import frozen

Moved = Literal["better", "worse", "regressed", "same", "changed", "undefined"]
DEFAULT = "default"  # the table of a file that holds for metrics without one of their own
PERCENT = 100.0


class MetricRow(Protocol):
    """What is read of a row of the registry."""

    @property
    def name(self) -> str:
        """By which results have it."""

    @property
    def unit(self) -> str:
        """Fractions are of 1."""

    @property
    def better(self) -> Literal["higher", "lower", "neither"]:
        """Which way."""


@frozen
class Tolerance:
    """How much worse is still no regression: the larger of ``absolute``, in the metric's unit, and
    ``relative`` to the earlier value, a fraction of it."""

    relative: float = 0.05
    absolute: float = 0.0


@frozen
class Tolerances:
    """``usual`` for every metric but those that are ``named``. ``named_alone``: no other can regress."""

    usual: Tolerance = Tolerance()
    named: tuple[tuple[str, Tolerance], ...] = ()
    named_alone: bool = False

    def of(self, metric: str) -> Tolerance | None:
        """That of a metric; None: it cannot regress."""
        return dict(self.named).get(metric, None if self.named_alone else self.usual)


USUAL = Tolerances()


@frozen
class Row:
    """One metric. ``change`` is later less earlier, None where one is undefined or is no single number."""

    name: str
    unit: str
    old: MetricValue
    new: MetricValue
    change: float | None
    moved: Moved


@frozen
class Comparison:
    """``notes``: why the two may not be compared like with like. ``failed``: the later one is no success,
    the earlier one was."""

    name: str
    rows: tuple[Row, ...]
    failed: str = ""
    notes: tuple[str, ...] = ()

    @property
    def regressed(self) -> tuple[str, ...]:
        """What did: metrics, and ``success``."""
        found = tuple(row.name for row in self.rows if row.moved == "regressed")
        return ("success", *found) if self.failed else found

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        rows = [
            {
                "metric": row.name,
                **{"old": plain(row.old), "new": plain(row.new), "change": plain(row.change)},
                "moved": row.moved,
            }
            for row in self.rows
        ]
        told = {"failed": self.failed, "notes": list(self.notes), "metrics": rows}
        return {"name": self.name, "regressed": list(self.regressed), **told}


def compare(
    old: ScenarioResult,
    new: ScenarioResult,
    metrics: Iterable[MetricRow],
    tolerances: Tolerances = USUAL,
) -> Comparison:
    """The two, by the metrics of a registry that either has, in its order.

    Raises ``UsageError`` for a tolerance of a metric that there is not, or that no way is better of.
    """
    known = {each.name: each for each in metrics}
    for name, _ in tolerances.named:
        _check(name, known)
    rows = tuple(
        _row(each, old.metrics.get(name), new.metrics.get(name), tolerances.of(name))
        for name, each in known.items()
        if name in old.metrics or name in new.metrics
    )
    failed = (new.failure or "an invariant is broken") if old.success and not new.success else ""
    return Comparison(new.name, rows, failed, _notes(old, new))


def _check(name: str, known: Mapping[str, MetricRow]) -> None:
    if name not in known:
        raise UsageError(f"There is no metric {name!r}. {meant(name, known)}")
    if known[name].better == "neither":
        raise UsageError(f"Of {name} no way is better, so it cannot regress. Leave it out.")


def _row(metric: MetricRow, old: MetricValue, new: MetricValue, tolerance: Tolerance | None) -> Row:
    change = new - old if isinstance(old, int | float) and isinstance(new, int | float) else None
    return Row(metric.name, metric.unit, old, new, change, _moved(metric, old, new, tolerance))


def _moved(metric: MetricRow, old: MetricValue, new: MetricValue, tolerance: Tolerance | None) -> Moved:
    if old == new:
        return "same"
    if old is None or new is None:
        return "undefined"
    if isinstance(old, Mapping) or isinstance(new, Mapping) or metric.better == "neither":
        return "changed"
    worse_by = old - new if metric.better == "higher" else new - old
    if math.isnan(worse_by):
        return "undefined"
    if worse_by < 0:
        return "better"
    tolerated = math.inf if tolerance is None else max(tolerance.absolute, tolerance.relative * abs(old))
    return "regressed" if worse_by > tolerated else "worse"


def _notes(old: ScenarioResult, new: ScenarioResult) -> tuple[str, ...]:
    told = (
        ("name", old.name, new.name),
        ("seed", old.seed, new.seed),
        ("data", old.source, new.source),
        ("bars", old.bars, new.bars),
        ("parameters", old.scenario.parameters, new.scenario.parameters),
        ("symbols", old.scenario.symbols, new.scenario.symbols),
    )
    notes = [f"not the same {what}: {was!r} and {now!r}" for what, was, now in told if was != now]
    return (*notes, *([] if old.success else [f"the earlier one is no success: {old.failure}"]))


# ---- tolerances as people write them ----------------------------------------------------------------------


def tolerance_of(text: str) -> tuple[str, Tolerance]:
    """``max_drawdown=0.02`` in the metric's unit, or ``sharpe=10%`` of the earlier value.

    Raises ``UsageError`` for any other text.
    """
    match = re.fullmatch(r"\s*(\w+)\s*(?:=\s*(\d+(?:\.\d*)?(?:e-?\d+)?|\.\d+)\s*(%?)\s*)?", text)
    if match is None:
        raise UsageError(f"{text!r} is no tolerance. Write max_drawdown=0.02, sharpe=10% or total_pnl.")
    name, amount, is_relative = match.groups()
    if amount is None:
        return name, Tolerance(0.0, 0.0)
    if is_relative:
        return name, Tolerance(float(amount) / PERCENT, 0.0)
    return name, Tolerance(0.0, float(amount))


def read_tolerances(path: Path) -> Tolerances:
    """Tolerances of a TOML file: a table for each metric and one named ``default``, each with ``relative``,
    ``absolute`` or both; what a table leaves out is 0.

    Raises ``UsageError`` for a file that cannot be read or is none.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Give a TOML file.") from error
    found = {name: _tolerance(path, name, table) for name, table in content.items()}
    usual = found.pop(DEFAULT, Tolerance())
    return Tolerances(usual, tuple(sorted(found.items(), key=lambda pair: pair[0])))


def _tolerance(path: Path, name: str, table: Any) -> Tolerance:
    if not isinstance(table, dict) or not set(table) <= {"relative", "absolute"}:
        raise UsageError(f"{path}: [{name}] is {table!r}. Give it relative = 0.05, absolute = 0.01, or both.")
    amounts = (number(f"{path}: {name}.{key}", table.get(key, 0.0), 0.0) for key in ("relative", "absolute"))
    return Tolerance(*amounts)
