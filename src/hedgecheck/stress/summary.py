"""What people read of a result, of a batch and of a comparison: tables on a terminal."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hedgecheck.report.text import COLOURS, table_of
from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.comparing import Comparison, MetricRow
from hedgecheck.stress.models import EmergencyStop, Scenario, ScenarioResult
from hedgecheck.stress.wording import (
    FIGURES,
    delay_of,
    failures_by_reason,
    issues_by_kind,
    shown,
    time_of,
    verdict_of,
    words,
)

MOVED = {"better": "green", "worse": "yellow", "regressed": "bold red", "undefined": "yellow"}


def scenarios_of(scenarios: Iterable[Scenario]) -> Table:
    """What can be run."""
    table = table_of("Scenarios", "name", "type", "symbols", "description")
    for each in scenarios:
        cells = (each.name, str(each.type), ", ".join(each.symbols), each.description)
        table.add_row(*map(Text, cells))
    return table


def show_result(result: ScenarioResult, console: Console, metrics: Iterable[MetricRow] = ()) -> None:
    """Prints a result: what came of it, what stopped it, what was wrong; the ``metrics`` of a registry."""
    console.print(_figures(result))
    if result.stops:
        console.print(_stops(result))
    if result.rules:
        console.print(_rules(result))
    rows = [each for each in metrics if each.name in result.metrics]
    if rows:
        console.print(_metrics(result, rows))
    for note in result.notes:
        console.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)
    verdict = verdict_of(result)
    console.print(Text(f"\nverdict: {verdict.word}", style=COLOURS[verdict.kind]), Text(f"- {verdict.why}"))


def _figures(result: ScenarioResult) -> Table:
    scenario = result.scenario
    table = table_of(escape(scenario.name), "", ">")
    told = f": {scenario.description}" if scenario.description else ""
    table.add_row("scenario", Text(f"{words(scenario.type)}, seed {result.seed}{told}"))
    source, symbols = result.source or "unknown", ", ".join(scenario.symbols)
    table.add_row("data", Text(f"{source}, {result.bars:,} bars of {symbols}"))
    for name, metric, unit in FIGURES:
        table.add_row(name, shown(result.metrics.get(metric), unit))
    for status, reason, count in failures_by_reason(result):
        table.add_row(f"  {status}", Text(f"{count:,} {reason}"))
    issues = ", ".join(f"{words(kind)} {count:,}" for kind, count in issues_by_kind(result))
    table.add_row("data issues", Text(issues or "none"))
    return table


def _stops(result: ScenarioResult) -> Table:
    table = table_of("What stopped trading", ">bar", "time", "by", "why", "")
    for each in result.stops:
        by = f"{each.source} {words(each.kind)}"
        table.add_row(f"{each.bar:,}", time_of(result, each.bar), Text(by), Text(each.why), delay_of(each))
    return table


def _rules(result: ScenarioResult) -> Table:
    table = table_of("What must always be true", "id", "invariant", ">checks", ">not vacuous", "verdict")
    for each in result.rules:
        counts = f"{each.checks:,}", f"{each.nonvacuous_checks:,}"
        said = Text(each.verdict, style=COLOURS[each.verdict])
        table.add_row(
            each.id, Text(words(each.name)), *counts, said.append(f" {each.why}" if each.why else "")
        )
    return table


def _metrics(result: ScenarioResult, rows: list[MetricRow]) -> Table:
    table = table_of("Metrics", "metric", ">")
    for each in rows:
        table.add_row(words(each.name), Text(shown(result.metrics[each.name], each.unit)))
    return table


def show_batch(batch: BatchResult, console: Console) -> None:
    """Prints a batch: a line for each scenario, why some failed, what stopped trading, and the totals."""
    heads = ("verdict", ">P&L", ">DD", ">win rate", ">trades", ">stops", ">failed", ">issues")
    table = table_of("Scenarios", "scenario", *heads)
    table.box, table.padding = SIMPLE_HEAD, (0, 0)
    for column in table.columns[1:]:
        column.no_wrap = True
    for each in batch.results:
        verdict = verdict_of(each)
        cells = [shown(each.metrics.get(metric), unit) for _, metric, unit in FIGURES]
        said = Text(verdict.word, style=COLOURS[verdict.kind])
        table.add_row(Text(each.name), said, *cells, f"{len(each.issues):,}")
    for name in batch.unfinished:
        table.add_row(Text(name), Text("unknown", style=COLOURS["unknown"]), *[""] * 7)
    console.print(table)
    for each in batch.results:
        if not each.success:
            why = f"{each.name}: {verdict_of(each).why}"
            console.print(Text(why, style=COLOURS["broken"]), soft_wrap=True)
        for stop in each.stops:
            console.print(Text(stop_line(each, stop)), soft_wrap=True)
    for line in totals_of(batch):
        console.print(Text(line))
    if batch.partial:
        left = f"{len(batch.unfinished)} of {batch.total_scenarios} scenarios did not come to an end"
        console.print(Text(f"interrupted: {left}.", style=COLOURS["unknown"]))


def stop_line(result: ScenarioResult, stop: EmergencyStop) -> str:
    """When and why trading was stopped, in a line."""
    when = f"bar {stop.bar:,}, {time_of(result, stop.bar)}"
    return f"{result.name}: {when}, {stop.source} {words(stop.kind)}: {stop.why}"


def totals_of(batch: BatchResult) -> tuple[str, ...]:
    """The totals, a line each."""
    return (
        f"Total scenarios: {batch.total_scenarios}",
        f"Successful: {batch.successful}",
        f"Avg win rate: {batch.avg_winrate:.1f}%",
        f"Worst DD: {batch.worst_drawdown:.2f}%",
    )


def show_comparison(compared: Comparison, console: Console) -> None:
    """Prints what has moved, and what of it regressed."""
    table = table_of(escape(compared.name), "metric", ">before", ">now", ">change", "")
    moved = [row for row in compared.rows if row.moved != "same"]
    for row in moved:
        values = [Text(shown(each, row.unit)) for each in (row.old, row.new, row.change)]
        table.add_row(words(row.name), *values, Text(row.moved, style=MOVED.get(row.moved, "")))
    if moved:
        console.print(table)
    for note in compared.notes:
        console.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)
    same = f"{len(compared.rows) - len(moved)} of {len(compared.rows)} metrics are the same"
    if compared.failed:
        why = f"{compared.name}: no success any more: {compared.failed}"
        console.print(Text(why, style=COLOURS["broken"]), soft_wrap=True)
    regressed = ", ".join(map(words, compared.regressed))
    told = f"regressed: {regressed}" if regressed else "nothing regressed"
    style = COLOURS["broken" if regressed else "holds"]
    console.print(Text(f"{compared.name}: {told}", style=style), Text(f"- {same}"))
