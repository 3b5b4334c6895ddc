"""Larger and larger scopes, while there is time: how ``verify`` finds the largest that fits its budget.

A rung of the ladder takes several times as long as the one below, so it is begun only where so much is left;
what it then takes nobody knows before, and one that runs out of time is named and counts for nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from hedgecheck.explore.bounded import Small
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.report import Looked
from hedgecheck.values import frozen

SHARE = 0.4  # of the budget's processor time, for all that is searched in full
GROWTH = 4  # a rung takes about so many times as long as what was searched before
MEGABYTES_MAX = 8_192
STATES_MAX = 10_000_000_000
CGROUP = Path("/sys/fs/cgroup/memory.max")
MEMINFO = Path("/proc/meminfo")
BY_TABLES = (
    Small(trades=3, faults=1, lots=2, crashes=1, cap=2, own=1),
    Small(trades=3, faults=2, lots=1, crashes=1, cap=2, own=1),
    Small(trades=3, faults=2, lots=2, crashes=1, cap=2, own=1),
    Small(trades=3, faults=3, lots=2, crashes=1, cap=2, own=1),
)
DIRECTLY = (
    Small(trades=2, faults=1, cap=1),
    Small(trades=1, faults=2, lots=2, crashes=1),
    Small(trades=2, faults=2, cap=1),
)


@frozen
class Ladder:
    """The rungs for an engine, ``by_tables`` where it says how its state falls into trades. ``cpu_seconds``:
    the whole budget's."""

    by_tables: bool
    cpu_seconds: float

    @property
    def kind(self) -> Literal["table", "direct"]:
        """How they are searched."""
        return "table" if self.by_tables else "direct"

    @property
    def rungs(self) -> tuple[Small, ...]:
        """From the smallest on."""
        return BY_TABLES if self.by_tables else DIRECTLY

    def next(self, looked: Sequence[Looked], seconds_left: float) -> tuple[Small, Bounds] | None:
        """The rung that is next and fits what is left, with its bounds; None where none does.
        ``seconds_left``: of the whole run."""
        rung = self._above(looked)
        spent = sum(each.seconds for each in looked)
        left = min(SHARE * self.cpu_seconds - spent, seconds_left)
        if rung is None or left < GROWTH * max((each.seconds for each in looked), default=0.0):
            return None
        return rung, Bounds(STATES_MAX, seconds_max=left, megabytes_max=room())

    def _above(self, looked: Sequence[Looked]) -> Small | None:
        """The lowest rung that was not tried; None where one did not hold."""
        tried = {each.scope: each.verdict for each in looked}
        for rung in self.rungs:
            if tried.get(rung.name) != "exhausted":
                return None if rung.name in tried else rung
        return None

    def seen(self, looked: Sequence[Looked]) -> tuple[Looked, ...]:
        """What was searched, less a rung that did not fit: that says nothing."""
        names = {rung.name for rung in self.rungs}
        return tuple(each for each in looked if each.scope not in names or each.verdict != "truncated")

    def said(self, looked: Sequence[Looked]) -> str:
        """Which scope was the largest of those that were seen in full, and what became of the next rung."""
        full = [each for each in looked if each.verdict == "exhausted"]
        if not full:
            return ""
        largest = max(full, key=lambda each: each.states)
        said = f"The largest seen in full: {largest.scope} ({largest.states:,} states)."
        tried = {each.scope: each for each in looked}
        for rung in self.rungs:
            this = tried.get(rung.name)
            if this is None:
                return f"{said} The next, {rung.name}, was not begun: the budget has no room for it."
            if this.verdict == "truncated":
                return f"{said} The next, {rung.name}, did not fit: {this.why} ({this.states:,} states)."
        return said


def room() -> int:
    """The megabytes that a search may fill here: half of what is free, or of what a container may have."""
    limit = CGROUP.read_text().strip() if CGROUP.exists() else "max"
    bounds = [_available(), *([int(limit)] if limit.isdigit() else [])]
    return min(MEGABYTES_MAX, min(bounds) // 2 >> 20)


def _available() -> int:
    """Bytes that nobody else has; where nobody says, room for all that a search may take."""
    if MEMINFO.exists():
        for line in MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return MEGABYTES_MAX << 21
