"""Runs the invariants along one execution: dispatches records, asks for verdicts, counts checks."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from hedgecheck.invariants import Books, Broken, Handler, Heard, Invariant, View, heard_as
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


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which books a record goes to, and which rules it makes due; worked out once per set of rules.

    ``readers``: per books, the always rules that a change of memory makes due. ``memory_of``: per rule, its
    books.
    """

    books: tuple[Books, ...]
    hearers: dict[Heard, tuple[tuple[int, Handler], ...]]
    due_after: dict[Heard, tuple[int, ...]]
    readers: tuple[tuple[int, ...], ...]
    memory_of: tuple[int, ...]


@lru_cache(maxsize=64)
def _wired(rules: tuple[Invariant, ...]) -> Wiring:
    books = tuple(dict.fromkeys(rule.books for rule in rules))
    memory_of = tuple(books.index(rule.books) for rule in rules)
    always = [index for index, rule in enumerate(rules) if rule.kind == "always"]
    hearers: dict[Heard, tuple[tuple[int, Handler], ...]] = {}
    for index, each in enumerate(books):
        for heard, handler in each.handlers.items():
            hearers[heard] = (*hearers.get(heard, ()), (index, handler))
    due_after: dict[Heard, tuple[int, ...]] = {}
    for index in always:
        for heard in rules[index].judged_after or ():
            due_after[heard] = (*due_after.get(heard, ()), index)
    readers = tuple(
        tuple(index for index in always if rules[index].judged_after is None and memory_of[index] == book)
        for book in range(len(books))
    )
    return Wiring(books, hearers, due_after, readers, memory_of)


class Watch:
    """The rules over one execution."""

    def __init__(self, universe: Universe, rules: tuple[Invariant, ...], tally: Tally) -> None:
        self._rules = rules
        self._wiring = _wired(rules)
        self._checks = tally.checks
        self._nonvacuous = tally.nonvacuous
        terms = universe.terms()
        self.memories: list[Any] = [books.initial(terms) for books in self._wiring.books]

    def see(self, records: tuple[Record, ...], view: View) -> tuple[Invariant, str] | None:
        """Takes the records of one step in; the first rule it breaks, with the reason."""
        due: dict[int, None] = {}
        memories = self.memories
        hearers, due_after, readers = self._wiring.hearers, self._wiring.due_after, self._wiring.readers
        for record in records:
            heard = heard_as(record)
            for index, handler in hearers.get(heard, ()):
                before = memories[index]
                after = handler(before, record)
                if after is not before:
                    memories[index] = after
                    for rule in readers[index]:
                        due[rule] = None
            for rule in due_after.get(heard, ()):
                due[rule] = None
        for index in due:
            broken = self._judge(index, view)
            if broken is not None:
                return broken
        return None

    def rest(self, view: View) -> tuple[Invariant, str] | None:
        """Judges every rule at rest; the first that is broken."""
        for index in range(len(self._rules)):
            broken = self._judge(index, view)
            if broken is not None:
                return broken
        return None

    def _judge(self, index: int, view: View) -> tuple[Invariant, str] | None:
        rule = self._rules[index]
        finding = rule.verdict(self.memories[self._wiring.memory_of[index]], view)
        key = rule.id
        self._checks[key] = self._checks.get(key, 0) + 1
        if finding == "vacuous":
            return None
        self._nonvacuous[key] = self._nonvacuous.get(key, 0) + 1
        return (rule, finding.why) if isinstance(finding, Broken) else None
