"""What the executions of each test came to, counted, and the section of a run's end that shows it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Work:
    """All executions of one test. ``spent``: faults by id. ``ways``: executions by how they were chosen.
    ``is_whole``: nothing was left out of what was to be tried; None where not everything was."""

    executions: int = 0
    steps: int = 0
    seconds: float = 0.0
    spent: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    is_whole: bool | None = None

    def add(self, other: "Work") -> None:
        """Counts what one search or replay did."""
        self.executions += other.executions
        self.steps += other.steps
        self.seconds += other.seconds
        self.spent.update(other.spent)
        self.ways.update(other.ways)
        self.is_whole = other.is_whole

    def plain(self) -> dict[str, Any]:
        """As plain data, which a report can carry from one process to another."""
        counts = {"executions": self.executions, "steps": self.steps, "seconds": self.seconds}
        return {**counts, "spent": dict(self.spent), "ways": dict(self.ways), "whole": self.is_whole}


def line(test_id: str, plain: dict[str, Any]) -> str:
    """One test's line, of what ``Work.plain`` gave."""
    seconds, executions = plain["seconds"], plain["executions"]
    spent = ", ".join(f"{name} {count}" for name, count in sorted(plain["spent"].items())) or "none"
    ways = "; ".join(f"{count} {way}" for way, count in plain["ways"].items()) or "replays alone"
    parts = [f"{executions:,} executions", f"{plain['steps']:,} steps", f"{seconds:.2f} s"]
    parts += [f"{executions / seconds:,.0f} executions/s"] if seconds else []
    parts += ["all there are within the bounds"] if plain["whole"] else []
    return f"{test_id}  {' | '.join((*parts, f'faults: {spent}', f'ways: {ways}'))}"


class Stats:
    """A pytest plugin of one run: it hears the reports, those of workers too, and ends with a line a test."""

    def __init__(self) -> None:
        self._plain: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keeps what a test's report carries."""
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "hedgecheck":
                self._plain[report.nodeid] = value

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Shows the section."""
        terminalreporter.section("hedgecheck")
        for test_id, plain in sorted(self._plain.items()):
            terminalreporter.write_line(line(test_id, plain))
        if not self._plain:
            terminalreporter.write_line("no test under hedgecheck.verify has run")
