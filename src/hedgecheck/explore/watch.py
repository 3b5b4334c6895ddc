"""Runs the invariants along one execution: dispatches records, asks for verdicts, counts checks."""

from dataclasses import dataclass, field
from typing import Any

from hedgecheck.invariants import Broken, Invariant, View
from hedgecheck.messages import Record
from hedgecheck.world import Universe


@dataclass(slots=True)
class Tally:
    """Per invariant id: verdicts asked for, and those where something was there to break."""

    checks: dict[str, int] = field(default_factory=dict)
    nonvacuous: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Adds another tally to this one."""
        for mine, theirs in ((self.checks, other.checks), (self.nonvacuous, other.nonvacuous)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count


class Watch:
    """Observers over one execution. A verdict is asked for when the memory it rests on has changed."""

    def __init__(self, universe: Universe, invariants: tuple[Invariant, ...], tally: Tally) -> None:
        self._invariants = invariants
        self._tally = tally
        self._hearers = _hearers(invariants)
        terms = universe.terms()
        self.memories: list[Any] = [invariant.initial(terms) for invariant in invariants]

    def see(self, records: tuple[Record, ...], view: View) -> tuple[Invariant, str] | None:
        """Takes the records of one step in; the first invariant it breaks, with the reason."""
        changed = set()
        memories = self.memories
        for record in records:
            for index in self._hearers.get(type(record), ()):
                before = memories[index]
                after = self._invariants[index].observe(before, record)
                if after is not before:
                    memories[index] = after
                    changed.add(index)
        for index in sorted(changed):
            if self._invariants[index].kind == "always":
                broken = self._judge(index, view)
                if broken:
                    return broken
        return None

    def rest(self, view: View) -> tuple[Invariant, str] | None:
        """Judges every invariant at rest; the first that is broken."""
        for index in range(len(self._invariants)):
            broken = self._judge(index, view)
            if broken:
                return broken
        return None

    def _judge(self, index: int, view: View) -> tuple[Invariant, str] | None:
        invariant = self._invariants[index]
        finding = invariant.verdict(self.memories[index], view)
        checks, nonvacuous = self._tally.checks, self._tally.nonvacuous
        checks[invariant.id] = checks.get(invariant.id, 0) + 1
        if finding != "vacuous":
            nonvacuous[invariant.id] = nonvacuous.get(invariant.id, 0) + 1
        return (invariant, finding.why) if isinstance(finding, Broken) else None


def _hearers(invariants: tuple[Invariant, ...]) -> dict[type[Any], tuple[int, ...]]:
    hearers: dict[type[Any], list[int]] = {}
    for index, invariant in enumerate(invariants):
        for heard in invariant.hears:
            hearers.setdefault(heard, []).append(index)
    return {heard: tuple(indices) for heard, indices in hearers.items()}
