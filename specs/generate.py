"""The files that are made from the code: ``python -m specs`` writes them, a test keeps them fresh."""

import ast
import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

from core import lifecycle, reconcile_report, sessions
from hedgecheck import faults, invariants
from hedgecheck.stress.metrics.measuring import FAMILIES
from hedgecheck.stress.reading import scenario_schema
from specs.api import reference

ROOT = Path(__file__).resolve().parents[1]
TEST_FOLDERS = ("tests", "stateful")
MARK = "pytest.mark.covers"


def order_lifecycle() -> str:
    """The table of ``core.lifecycle`` as a diagram and in full."""
    moves: dict[tuple[str, str], list[str]] = {}
    for (before, signal), after in lifecycle.TABLE.items():
        if before != after:
            moves.setdefault((before, after), []).append(signal)
    lines = [
        "# The life of an order",
        "",
        "Made from `lifecycle.TABLE` by `python -m specs`. An order also has a pending request (cancel or",
        "replace) and an unknown flag; the status shown to people follows from all three by FIX precedence.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> pending_new",
    ]
    lines += [f"    {before} --> {after}: {', '.join(signals)}" for (before, after), signals in moves.items()]
    lines += ["```", "", "Every cell; a dash is a report that contradicts what is known and changes nothing."]
    signals = get_args(lifecycle.Signal)
    lines += ["", "| phase | " + " | ".join(signals) + " |", "|---" * (len(signals) + 1) + "|"]
    for phase in get_args(lifecycle.Phase):
        cells = [lifecycle.TABLE.get((phase, signal), "-") for signal in signals]
        lines.append(f"| **{phase}** | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def market_sessions() -> str:
    """The table of ``core.sessions`` in full."""
    classes = get_args(sessions.OrderClass)
    lines = [
        "# What may leave when",
        "",
        "Made from `sessions.TABLE` by `python -m specs`: by the phase of the session, and while a symbol of",
        "the trade or the whole market is halted. What may not leave is not sent; an entry that may not rest",
        "is cancelled. A trade that holds an unhedged fill meanwhile is parked: alerted, and flattened once",
        "that may leave.",
        "",
        "| | " + " | ".join(classes) + " |",
        "|---" * (len(classes) + 1) + "|",
    ]
    for condition, leaving in sessions.TABLE.items():
        cells = ["yes" if each in leaving else "-" for each in classes]
        lines.append(f"| **{condition}** | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def reconciliation() -> str:
    """The table of ``core.reconcile_report``, each row with the reason that stands beside it."""
    lines = [
        "# What a reconciliation finds",
        "",
        "Made from `reconcile_report.ANSWERS` by `python -m specs`. What is queried, or asked for again, and",
        "stays different is a dispute in the end. [What is done](../how-to/reconcile.md).",
        "",
        "| Difference | Answer | Why |",
        "|---|---|---|",
    ]
    source = Path(reconcile_report.__file__).read_text(encoding="utf-8")
    reasons = dict(re.findall(r'^    "(\w+)": "\w+",  # (.+)$', source, re.MULTILINE))
    for kind, answer in reconcile_report.ANSWERS.items():
        lines.append(f"| **{kind}** | {answer} | {reasons[kind]} |")
    return "\n".join(lines) + "\n"


def stress_metrics() -> str:
    """The registry of ``hedgecheck.stress.metrics``, family by family."""
    lines = [
        "# Metrics of a stress test",
        "",
        "Made from `hedgecheck.stress.metrics.METRICS` by `python -m specs`. r is the return of a bar, n the",
        "number of bars, P how many there are in a year, E the equity, HWM its high-water mark, b the return",
        "of the benchmark. Fractions are of 1: 0.05 is 5 %. What is undefined is None, and so is what is too",
        "large to be a number.",
    ]
    for family in FAMILIES:
        lines += ["", *(family.__doc__ or "").strip().splitlines(), ""]
        lines += [
            "| Metric | Unit | Better | Definition | None where | Source |",
            "|---|---|---|---|---|---|",
        ]
        for each in family.METRICS:
            cells = (each.unit, each.better, each.definition, each.none_where or "never", each.source)
            lines.append(f"| **{each.name}** | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def scenario_files() -> str:
    """The JSON Schema of files with stress scenarios."""
    return json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"


ALONE = (invariants.no_self_cross, invariants.no_blind_resend, invariants.one_order_per_slot)


def numbered_invariants() -> str:
    """What must always be true, and what is done to an engine to see whether it is."""
    lines = [
        "# Invariants",
        "",
        "Made from `hedgecheck.invariants` and `hedgecheck.faults` by `python -m specs`.",
        "",
        "| id | name | judged | rule |",
        "|---|---|---|---|",
    ]
    for rule in (*invariants.ALL, *ALONE):
        text = " ".join((type(rule).__doc__ or "").split())
        judged = "at rest" if rule.kind == "rest" else "always"
        lines.append(f"| {rule.id} | `{rule.name}` | {judged} | {text} |")
    lines += ["", "# Faults", "", "| id | name | strikes | heals because |", "|---|---|---|---|"]
    lines += [
        f"| {fault.id} | {fault.name} | {fault.site} | {fault.heals} |"
        for fault in faults.ALL | faults.CRASHES
    ]
    return "\n".join(lines) + "\n"


def trace() -> str:
    """Requirement id, test: one row for every id in a ``covers`` mark."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "test"))
    writer.writerows(sorted(set(covered())))
    return file.getvalue()


def covered() -> Iterator[tuple[str, str]]:
    """(requirement id, test) for every mark in the test folders."""
    for folder in TEST_FOLDERS:
        for path in sorted((ROOT / folder).rglob("test_*.py")):
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text if MARK in text else "")
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    name = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                    for mark in node.decorator_list:
                        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == MARK:
                            yield from ((ast.literal_eval(each), name) for each in mark.args)


GENERATED: dict[str, Callable[[], str]] = {  # by the path in the project, what makes it
    "docs/reference/api.md": reference,
    "docs/reference/order-lifecycle.md": order_lifecycle,
    "docs/reference/reconciliation.md": reconciliation,
    "docs/reference/sessions.md": market_sessions,
    "docs/reference/stress-metrics.md": stress_metrics,
    "docs/reference/stress-scenario.schema.json": scenario_files,
    "specs/invariants.md": numbered_invariants,
    "specs/trace.csv": trace,
}


def write() -> None:
    """Writes every generated file."""
    for path, made in GENERATED.items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made(), encoding="utf-8")
