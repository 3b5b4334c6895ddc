"""What the commands share on a terminal: the console, progress, and the files they write."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from hedgecheck.errors import UsageError
from hedgecheck.values import frozen


def say_target(console: Console, target: str) -> None:
    """Prints what is checked, so that nobody takes the bundled core for his own engine."""
    from hedgecheck.targets import described

    console.print(Text(f"target: {described(target)}"), soft_wrap=True)


@frozen
class Outputs:
    """The files that a run is to write, each None where it was not asked for."""

    json: Path | None = None
    html: Path | None = None
    junit: Path | None = None

    def check(self) -> None:
        """Says so before the work, not after it, when a file cannot be written. Raises ``UsageError``."""
        for path in (self.json, self.html, self.junit):
            if path is not None:
                writable(path)

    def write(self, report: Any, console: Console) -> None:
        """Writes what was asked for, and says so."""
        from hedgecheck.report.junit import to_junit
        from hedgecheck.report.page import to_html

        if self.json is not None:
            write(self.json, as_json(report.to_json()))
        if self.html is not None:
            write(self.html, to_html(report))
        if self.junit is not None:
            write(self.junit, to_junit(report))
        for path in (self.json, self.html, self.junit):
            if path is not None:
                console.print(Text(f"wrote {path}", style="dim"))


def as_json(content: Any) -> str:
    """Text of a JSON file."""
    return json.dumps(content, indent=1) + "\n"


class ProgressBar:
    """A progress bar on a terminal, shown once two seconds have passed; nothing elsewhere."""

    def __init__(self, console: Console, budget_seconds: float) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=budget_seconds)
        self._is_terminal = console.is_terminal
        self._is_shown = False

    def __enter__(self) -> Callable[[Any], None]:
        return self._watch

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._bar.stop()

    def _watch(self, progress: Any) -> None:
        if not self._is_terminal or progress.seconds < 2:
            return
        if not self._is_shown:
            self._bar.start()
            self._is_shown = True
        done = [f"{name} {each.executions:,}" for name, each in progress.campaigns.items() if each.executions]
        seen = sum(each.states for each in progress.looked)
        shown = [*done, f"{len(progress.looked)} scopes, {seen:,} states"] if progress.looked else done
        shown = [progress.now, *shown] if progress.now else shown
        self._bar.update(self._task, completed=progress.seconds, description=", ".join(shown))


def open_console() -> Console:
    """The console for results: as wide as the terminal, or 110 columns in a file."""
    width = None if sys.stdout.isatty() else 110
    return Console(width=width, highlight=False)


def writable(path: Path) -> None:
    """Says so before the work, not after it, when the result cannot be written."""
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}. Make it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file in it.")


def write(path: Path, content: str) -> None:
    """Writes beside the target first, so that a full disk never leaves half a file in its place."""
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_text(content, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error
