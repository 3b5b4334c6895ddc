"""How numbers of results are told to people: amounts, percentages, times, and what is undefined."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hedgecheck.stress.models import Curves, EmergencyStop, MetricValue, ScenarioResult
from hedgecheck.values import frozen

UNDEFINED = "-"
MS_NS, SECOND_NS = 1_000_000, 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
DIGITS = {"money": 2, "ratio": 3, "bars": 1, "bps": 1, "count": 1}
SUFFIXES = {"bps": " bps", "bars": " bars"}
FIGURES = (  # of a result: how it is told, its metric, its unit
    ("P&L", "total_pnl", "money"),
    ("worst drawdown", "max_drawdown", "fraction"),
    ("win rate", "win_rate", "fraction"),
    ("trades", "total_trades", "count"),
    ("emergency stops", "emergency_stops", "count"),
    ("execution failures", "execution_failures", "count"),
)


def shown(value: MetricValue, unit: str) -> str:
    """A metric in its unit: fractions in percent, times in ms or s, what is undefined as a dash."""
    if value is None:
        return UNDEFINED
    if isinstance(value, Mapping):
        parts = sorted(value.items(), key=lambda pair: (-pair[1], pair[0]))
        return ", ".join(f"{name} {shown(each, unit)}" for name, each in parts) or "none"
    if math.isnan(value):
        return UNDEFINED
    if math.isinf(value):
        return "-∞" if value < 0 else "∞"
    if unit == "fraction":
        return f"{100 * value:,.2f} %"
    if unit == "ns":
        return f"{value / MS_NS:,.1f} ms" if abs(value) < SECOND_NS else f"{value / SECOND_NS:,.2f} s"
    whole = isinstance(value, int) or (unit == "count" and float(value).is_integer())
    text = f"{value:,.0f}" if whole and unit != "money" else f"{value:,.{DIGITS.get(unit, 3)}f}"
    return text + SUFFIXES.get(unit, "")


def words(name: str) -> str:
    """``max_drawdown`` as ``max drawdown``."""
    return name.replace("_", " ")


def when(curves: Curves, bar: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """When a bar ended, in UTC. Where all bars end at midnight, the last day that it covers: what ends then
    is told by its day, not by the next one."""
    at = datetime.fromtimestamp(curves.time_ns[bar] // SECOND_NS, UTC)
    if all(each % DAY_NS == 0 for each in curves.time_ns):
        return f"{at - timedelta(days=1):%Y-%m-%d}"
    return f"{at:{form}}"


def time_of(result: ScenarioResult, bar: int) -> str:
    """When a bar ended, empty where that is not known."""
    curves = result.curves
    return when(curves, bar) if curves is not None and 0 <= bar < len(curves.time_ns) else ""


def delay_of(stop: EmergencyStop) -> str:
    """How long after the breach it was, and when trading went on."""
    late = "" if stop.breached_bar is None else f"{stop.bar - stop.breached_bar} bars after the breach"
    late = late.replace("1 bars", "1 bar", 1) if late.startswith("1 ") else late
    again = "not reset" if stop.reset_bar is None else f"reset at bar {stop.reset_bar:,}"
    return f"{late}, {again}" if late else again


def issues_by_kind(result: ScenarioResult) -> tuple[tuple[str, int], ...]:
    """How many issues of the data there are of each kind, the most first."""
    counts = Counter(each.kind for each in result.issues)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def failures_by_reason(result: ScenarioResult) -> tuple[tuple[str, str, int], ...]:
    """Orders that failed: status, reason, how many, the most first."""
    failed = ("rejected", "failed", "unknown")
    counts = Counter((each.status, each.reason) for each in result.executions if each.status in failed)
    return tuple((*key, count) for key, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


@frozen
class Verdict:
    """``word`` as it is said; ``kind``, holds, broken or unknown, by which it is coloured; why, in a line."""

    word: str
    kind: str
    why: str


def verdict_of(result: ScenarioResult) -> Verdict:
    """What a result comes to."""
    broken = [each for each in result.rules if each.verdict == "broken"]
    if broken:
        named = ", ".join(f"{each.id} {words(each.name)}" for each in broken)
        return Verdict("broken", "broken", f"{named}: {broken[0].why or result.failure}")
    if not result.success:
        return Verdict("failed", "broken", result.failure or "it did not run to its last bar")
    if not result.executions:
        return Verdict("unknown", "unknown", "no order was sent: nothing was put to the test")
    checked = sum(1 for each in result.rules if each.nonvacuous_checks)
    many = f"{checked} of {len(result.rules)} invariants had something to check"
    said = f"no invariant was broken: {many}" if result.rules else "no invariant was judged"
    return Verdict("holds", "holds", f"it ran to its last bar, and {said}")
