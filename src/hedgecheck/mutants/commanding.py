"""``hedgecheck explore --mutants``: says what it does, shows how far it is, and writes what it found."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from hedgecheck.mutants.report import Judged, show
from hedgecheck.mutants.running import Wanted, Watch, judge
from hedgecheck.mutants.trial import KILLED
from hedgecheck.terminal import as_json, writable, write

COMPLETE, TRUNCATED = 0, 2


def command(wanted: Wanted, json_path: Path | None, console: Console) -> int:
    """Judges the mutants wanted and shows what came of them. The exit code: 0 when all were decided, whatever
    survived, 2 when something cut it short."""
    if json_path is not None:
        writable(json_path)
    console.print(Text(_replay(wanted), style="dim"), soft_wrap=True)
    with _progress(console) as watch:
        report = judge(wanted, watch)
    show(report, console)
    if json_path is not None:
        write(json_path, as_json(report.to_json()))
        console.print(Text(f"wrote {json_path}", style="dim"))
    return COMPLETE if report.is_whole else TRUNCATED


def _replay(wanted: Wanted) -> str:
    sample = f" --sample {wanted.sample} --seed {wanted.seed}" if wanted.sample is not None else ""
    return f"hedgecheck explore --mutants {' '.join(wanted.modules)}{sample}"


@contextmanager
def _progress(console: Console) -> Iterator[Watch]:
    """A line on a terminal, nothing elsewhere. It is drawn when something ends: no thread may run where
    processes are forked."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    bar = Progress(
        *columns, console=console, transient=True, auto_refresh=False, disable=not console.is_terminal
    )
    task = bar.add_task("the core itself", total=None)

    def watch(total: int, judged: list[Judged]) -> None:
        outcomes = [trial.outcome for _, trial in judged]
        killed, counts = sum(each in KILLED for each in outcomes), outcomes.count("counts")
        said = f"{len(judged):,} of {total:,} mutants: {killed:,} killed, {counts:,} counts only, "
        said += f"{outcomes.count('survived'):,} survived"
        said = said if judged else "the core itself"
        bar.update(task, total=total, completed=len(judged), description=said, refresh=True)

    with bar:
        yield watch
