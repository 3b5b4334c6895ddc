"""How far scenarios are, as bars on a terminal, one for each that is at work and one for all."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hedgecheck.stress.models import ScenarioResult

QUIET_SECONDS = 2.0


class Bars:
    """An observer. Shows nothing for the first two seconds, and nothing at all where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} bars"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._is_terminal = console.is_terminal
        self._begun = time.monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._is_shown = False

    def __enter__(self) -> "Bars":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._progress.stop()

    def started(self, name: str) -> None:
        """A bar for it."""
        self._tasks[name] = self._progress.add_task(name, total=1)
        self._show()

    def progressed(self, name: str, bars: int, of: int) -> None:
        """Moves its bar."""
        self._progress.update(self._tasks[name], completed=bars, total=of)
        self._show()

    def finished(self, result: ScenarioResult) -> None:
        """Takes its bar away."""
        task = self._tasks.pop(result.name, None)
        if task is not None:
            self._progress.remove_task(task)
        self._show()

    def _show(self) -> None:
        if self._is_terminal and not self._is_shown and time.monotonic() - self._begun > QUIET_SECONDS:
            self._is_shown = True
            self._progress.start()
