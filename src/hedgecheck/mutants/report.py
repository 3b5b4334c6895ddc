"""What came of the mutants: tables and lists for people, plain data for programs."""

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hedgecheck.mutants.mutant import Mutant
from hedgecheck.mutants.trial import KILLED, Outcome, Trial
from hedgecheck.values import frozen

SAID: dict[Outcome, str] = {
    "rule": "rule",
    "error": "error",
    "endless": "endless",
    "counts": "counts only",
    "survived": "survived",
    "undecided": "undecided",
}
DETECTOR = (
    "Counts are a change detector, not a specification: other numbers of states and edges than the core's "
    "say that something changed, not that it is wrong."
)
Judged = tuple[Mutant, Trial]


@frozen
class Report:
    """``made``: how many mutants there are, of which ``asked`` were to be tried. ``scopes``: by name, with
    states, edges and depth of the core itself. ``why``: what cut it short; empty where nothing did."""

    modules: tuple[str, ...]
    made: int
    asked: int
    judged: tuple[Judged, ...]
    scopes: tuple[tuple[str, int, int, int], ...]
    seed: int
    processes: int
    wall_seconds: float
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every mutant that was asked for was decided."""
        return not self.why and not self.named("undecided")

    def named(self, *outcomes: Outcome) -> tuple[Judged, ...]:
        """The mutants that this became of, in order."""
        return tuple([each for each in self.judged if each[1].outcome in outcomes])

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "schema": 1,
            "verdict": "complete" if self.is_whole else "truncated",
            "why": self.why,
            "modules": {each: _summary(_of(self.judged, each)) for each in self.modules},
            "all": _summary(self.judged),
            "made": self.made,
            "asked": self.asked,
            "tried": len(self.judged),
            "seed": self.seed,
            "processes": self.processes,
            "wall_seconds": round(self.wall_seconds, 1),
            "counts": DETECTOR,
            "scopes": [
                {"scope": name, "states": states, "edges": edges, "depth": depth}
                for name, states, edges, depth in self.scopes
            ],
            "mutants": [_row(*each) for each in self.judged],
        }


def _of(judged: tuple[Judged, ...], module: str) -> tuple[Judged, ...]:
    return tuple([each for each in judged if each[0].module == module])


def _summary(judged: tuple[Judged, ...]) -> dict[str, Any]:
    outcomes = Counter(trial.outcome for _, trial in judged)
    rules = Counter(trial.rule for _, trial in judged if trial.outcome == "rule")
    seconds = [trial.seconds for _, trial in judged]
    return {
        "mutants": len(judged),
        "outcomes": {name: outcomes[name] for name in SAID},
        "rules": dict(sorted(rules.items())),
        "not_run": sum(trial.outcome == "survived" and not trial.rungs for _, trial in judged),
        "cpu_seconds_median": round(median(seconds), 3) if seconds else 0.0,
        "cpu_seconds": round(sum(seconds), 1),
    }


def _row(mutant: Mutant, trial: Trial) -> dict[str, Any]:
    return {
        "name": mutant.name,
        "line": mutant.line,
        "before": mutant.before,
        "after": mutant.after,
        "outcome": trial.outcome,
        "rule": trial.rule,
        "scope": trial.rung,
        "steps": trial.steps,
        "why": trial.why,
        "scopes": trial.rungs,
        "cpu_seconds": round(trial.seconds, 3),
    }


def show(report: Report, console: Console) -> None:
    """Prints the report: counts per module, then every mutant that no rule noticed."""
    if report.asked < report.made:
        console.print(f"a sample: {report.asked:,} of {report.made:,} mutants, seed {report.seed}")
    console.print(_table(report))
    for line in _lists(report):
        console.print(line, soft_wrap=True)
    console.print(Text(_ending(report), style="" if report.is_whole else "bold yellow"), soft_wrap=True)


def _table(report: Report) -> Table:
    table = Table()
    table.add_column("module", no_wrap=True)
    shown = [each for each in SAID if each != "undecided" or report.named(each)]
    for name in ("mutants", *[SAID[each] for each in shown], "CPU median", "CPU total"):
        table.add_column(name, justify="right")
    rows = [(each, _of(report.judged, each)) for each in report.modules]
    for name, judged in [*rows, ("all", report.judged)] if len(rows) > 1 else rows:
        summary = _summary(judged)
        counts = [summary["mutants"], *[summary["outcomes"][each] for each in shown]]
        times = [f"{summary['cpu_seconds_median']:.2f} s", f"{summary['cpu_seconds']:,.0f} s"]
        table.add_row(name, *[f"{each:,}" for each in counts], *times)
    return table


def _lists(report: Report) -> Iterator[Text]:
    rules = _summary(report.judged)["rules"]
    if rules:
        yield Text(
            "rules that were broken: " + ", ".join([f"{rule} {count:,}" for rule, count in rules.items()])
        )
    for mutant, trial in report.named("endless"):
        yield _line(mutant, "never ended", trial)
    noticed = report.named("counts")
    for mutant, trial in noticed:
        yield _line(mutant, "counts only", trial)
    if noticed:
        yield Text(DETECTOR, style="dim")
    survivors = report.named("survived")
    for mutant, trial in [each for each in survivors if each[1].rungs]:
        yield _line(mutant, "survived", trial)
    for mutant, trial in [each for each in survivors if not each[1].rungs]:
        yield _line(mutant, "survived, no scope runs it", trial)
    for mutant, trial in report.named("undecided"):
        yield _line(mutant, "undecided", trial)


def _line(mutant: Mutant, said: str, trial: Trial) -> Text:
    why = f"  ({trial.why}; {trial.rung})" if trial.why else ""
    return Text.assemble((f"{said}: ", "yellow"), f"{mutant.name} line {mutant.line}: {mutant.diff}{why}")


def _ending(report: Report) -> str:
    killed, counts = len(report.named(*KILLED)), len(report.named("counts"))
    tried = len(report.judged)
    said = (
        f"{killed:,} of {tried:,} killed, {counts:,} more noticed by the counts only, "
        f"{len(report.named('survived')):,} survived; {len(report.scopes)} scopes, "
        f"{report.wall_seconds:,.0f} s, {report.processes} processes"
    )
    return said if not report.why else f"{said}. {report.why}: {report.asked - tried:,} were not tried"
