"""The verdict as a table on a terminal, for somebody who has never seen one."""

from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hedgecheck.report.verdict import Report

COLOURS = {"holds": "green", "broken": "bold red", "unknown": "yellow", "n/a": "dim"}
SEEN = {"exhausted": "holds", "truncated": "unknown", "broken": "broken"}
BLOCKS, BARS = "▁▂▃▄▅▆▇█", 60
DRAWN_MAX = 3  # searches whose states are drawn by depth
MEANING = {
    "holds": "no rule was broken in anything that was tried. That is not a proof.",
    "broken": "a rule is broken; the smallest case found is above, with the command that replays it.",
    "unknown": "too little was tried to say: a rule never had anything to check, or a search was cut short.",
}


EXHAUSTED = "every execution of these scopes was seen, and no rule was broken in any of them."
REDUCED = (
    "of executions of these scopes that differ in the order of independent steps one was seen, "
    "and no rule was broken in any of them."
)


def show(report: Report, console: Console) -> None:
    """Prints the tables, the counterexamples, and last the verdict."""
    console.print(_explorers(report))
    if any(each.searches for each in report.explorers):
        console.print(_searches(report))
        _by_depth(report, console)
        for explorer in report.explorers if not report.exhausts else ():
            if explorer.searches:
                console.print(Text(explorer.scope), soft_wrap=True)
    console.print(_invariants(report))
    console.print(_faults(report))
    if report.sometimes:
        console.print(_goals(report))
    if report.unsought:
        console.print(Text(f"not looked for: {', '.join(report.unsought)}"), soft_wrap=True)
    for each in report.counterexamples:
        console.print(Text(f"\n{each.invariant}: {each.why}", style="bold red"))
        console.print(Text(each.diagram), soft_wrap=True)
        console.print(
            f"  {each.actions_shrunk} actions, shrunk from {each.actions_found}; "
            f"found in execution {each.found_after}.",
            highlight=False,
        )
        console.print(Text(f"  replay:  {each.replay}"), soft_wrap=True)
    for note in report.notes:
        console.print(Text(f"note: {note}", style="yellow"), soft_wrap=True)
    verdict = report.verdict
    exhausted = REDUCED if any(each.reduction for each in report.explorers) else EXHAUSTED
    console.print(
        Text(f"\nverdict: {verdict}", style=COLOURS[verdict]),
        Text(f"- {exhausted if report.exhausts and verdict == 'holds' else MEANING[verdict]}"),
    )


def _explorers(report: Report) -> Table:
    table = table_of("How it was looked at", "explorer", ">executions", ">steps", ">seconds", "verdict")
    for row in report.to_json()["explorers"]:
        table.add_row(
            row["name"],
            f"{row['executions']:,}" if row["executions"] else "",
            f"{row['steps']:,}",
            f"{row['seconds']:.1f}",
            _verdict(row["verdict"]),
        )
    return table


def _searches(report: Report) -> Table:
    table = table_of("What was searched", "scope", ">states", ">edges", ">depth", ">seconds", ">MB", "")
    for explorer in report.explorers:
        for each in explorer.searches:
            counts = [f"{count:,}" for count in (each.states, each.edges, each.depth)]
            how = Text(f"{each.verdict} {each.why}".strip(), style=COLOURS[SEEN[each.verdict]])
            scope = Text(f"{each.scope}\n{each.detail}" if each.detail else each.scope)
            scope.stylize("dim", len(each.scope))
            table.add_row(scope, *counts, f"{each.seconds:.1f}", f"{each.megabytes:,}", how)
    return table


def _by_depth(report: Report, console: Console) -> None:
    """A line for each search, where there are few: how many states lie how far from the start."""
    searches = [each for explorer in report.explorers for each in explorer.searches if each.layers]
    for each in searches if len(searches) <= DRAWN_MAX else ():
        most = max(each.layers)
        alike = ", alike trades not told apart" * (sum(each.layers) < each.states)
        told = f"{most:,} states at most{alike}, {each.layers.index(most)} steps from the start"
        console.print(
            Text(f"states by depth  0 {_bars(each.layers)} {len(each.layers) - 1}  {told}"), soft_wrap=True
        )


def _bars(layers: tuple[int, ...]) -> str:
    """Heights in blocks, ``BARS`` of them at most; each the most of the depths that it stands for."""
    wide = -(-len(layers) // BARS)
    heights = [max(layers[at : at + wide]) for at in range(0, len(layers), wide)]
    top = max(heights)
    return "".join(BLOCKS[(len(BLOCKS) - 1) * height // top] for height in heights)


def _goals(report: Report) -> Table:
    """How often each goal was reached; of a search in full also after how many steps, and the way there."""
    goals = report.sometimes
    ways = [">steps", "witness"] if any(each.witness for each in goals) else []
    table = table_of(
        "What it got to see", "id", "situation", ">scopes" if report.exhausts else ">executions", *ways
    )
    for each in goals:
        style = "" if each.reached else COLOURS["unknown"]
        way = [str(each.steps), each.witness] if each.witness else []
        table.add_row(each.id, each.name, f"{each.reached:,}" if each.reached else "never", *way, style=style)
    return table


def _invariants(report: Report) -> Table:
    table = table_of("What must always be true", "id", "invariant", ">checks", ">not vacuous", "verdict")
    for row in report.invariant_rows():
        name = row["name"].replace("_", " ")
        counts = (f"{row['checks']:,}", f"{row['nonvacuous_checks']:,}")
        table.add_row(row["id"], name, *counts, _verdict(row["verdict"]))
    return table


def _faults(report: Report) -> Table:
    table = table_of("What was done to it", "id", "fault", ">times")
    for row in report.fault_rows():
        table.add_row(row["id"], row["name"], f"{row['spent']:,}")
    return table


def table_of(title: str, *columns: str) -> Table:
    """A table; a column whose name begins with ``>`` is of numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for column in columns:
        justify: Literal["right", "left"] = "right" if column.startswith(">") else "left"
        table.add_column(column.lstrip(">"), justify=justify, overflow="fold")
    return table


def _verdict(verdict: str) -> Text:
    return Text(verdict, style=COLOURS[verdict])
