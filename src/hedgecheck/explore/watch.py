"""Runs the invariants along one execution: dispatches records, asks for verdicts, counts checks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from hedgecheck.invariants import Books, Finding, Handler, Heard, Invariant, Terms, View, live
from hedgecheck.messages import Record, Sent, Told
from hedgecheck.values import frozen


@dataclass(slots=True)
class Tally:
    """Per invariant id: verdicts asked for, and those where something was there to break."""

    checks: Counter[str] = field(default_factory=Counter)
    nonvacuous: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Adds another tally to this one."""
        self.checks.update(other.checks)
        self.nonvacuous.update(other.nonvacuous)


Reading = tuple[int, Handler]  # which books, and what a record makes of their memory
Verdict = Callable[[Any, View], Finding]
Mask = int  # a set of rules, one bit each


@frozen
class Route:
    """What one kind of record does: whom it is read by, and which rules it makes due by itself."""

    readings: tuple[Reading, ...] = ()
    due: Mask = 0


@frozen
class Wiring:
    """Who reads what and who is due when, worked out once per set of rules.

    ``routes`` by record type; ``told`` and ``sent`` by the type of what was told or sent. ``due_on_change``
    per books: the rules that a change of their memory makes due. ``memory_of`` per rule: its books.
    ``members``: the rules of a mask, ready to be asked; filled as masks come up.
    """

    books: tuple[Books, ...]
    routes: dict[type[Any], Route]
    told: dict[type[Any], Route]
    sent: dict[type[Any], Route]
    due_on_change: tuple[Mask, ...]
    memory_of: tuple[int, ...]
    members: dict[Mask, tuple[tuple[str, Verdict, int, Invariant], ...]]

    def route_of(self, record: Record) -> Route | None:
        """Where a record goes; None where nobody hears it."""
        if isinstance(record, Told):
            return self.told.get(type(record.report))
        if isinstance(record, Sent):
            return self.sent.get(type(record.request))
        return self.routes.get(type(record))


NOWHERE = Route()


@lru_cache(maxsize=64)
def _wired(rules: tuple[Invariant, ...]) -> Wiring:
    books = tuple(dict.fromkeys(rule.books for rule in rules))
    memory_of = tuple(books.index(rule.books) for rule in rules)
    always = [(index, rule) for index, rule in enumerate(rules) if rule.kind == "always"]
    routes: dict[Heard, Route] = {}
    for index, each in enumerate(books):
        for heard, handler in each.handlers.items():
            known = routes.get(heard, NOWHERE)
            routes[heard] = Route((*known.readings, (index, handler)), known.due)
    for index, rule in always:
        for heard in rule.judged_after or ():
            known = routes.get(heard, NOWHERE)
            routes[heard] = Route(known.readings, known.due | 1 << index)
    on_change = [0] * len(books)
    for index, rule in always:
        if rule.judged_after is None:
            on_change[memory_of[index]] |= 1 << index
    return Wiring(
        books,
        {heard: route for heard, route in routes.items() if not isinstance(heard, tuple)},
        {heard[1]: route for heard, route in routes.items() if isinstance(heard, tuple) and heard[0] is Told},
        {heard[1]: route for heard, route in routes.items() if isinstance(heard, tuple) and heard[0] is Sent},
        tuple(on_change),
        memory_of,
        {},
    )


class Setting(Protocol):
    """Where executions happen, as far as observers must know it."""

    def terms(self) -> Terms:
        """What observers start from."""


class Watch:
    """The rules over one execution."""

    __slots__ = ("_checks", "_nonvacuous", "_rules", "_wiring", "essences", "memories")

    def __init__(self, setting: Setting, rules: tuple[Invariant, ...], tally: Tally) -> None:
        self._rules = rules
        self._wiring = _wired(rules)
        self._checks = tally.checks
        self._nonvacuous = tally.nonvacuous
        terms = setting.terms()
        self.memories: list[Any] = [books.initial(terms) for books in self._wiring.books]
        self.essences = tuple(books.essence for books in self._wiring.books)

    @property
    def books(self) -> tuple[Books, ...]:
        """Whose memory is at which place of ``memories``."""
        return self._wiring.books

    def see(self, records: tuple[Record, ...], view: View) -> tuple[Invariant, str] | None:
        """Takes the records of one step in; the first rule it breaks, with the reason."""
        due = 0
        memories, route_of, due_on_change = self.memories, self._wiring.route_of, self._wiring.due_on_change
        for record in records:
            route = route_of(record)
            if route is None:
                continue
            due |= route.due
            for index, handler in route.readings:
                before = memories[index]
                after = handler(before, record)
                if after is not before:
                    memories[index] = after
                    due |= due_on_change[index]
        return self._judged(due, view) if due else None

    def rest(self, view: View, turn: int = 0) -> tuple[Invariant, str] | None:
        """Judges every rule at rest; the first that is broken. ``turn``: so many steps only lead back there:
        who waits for something then waits for ever, and that comes first."""
        if turn and live in self._rules:
            broken = self._judged(1 << self._rules.index(live), view)
            if broken is not None:
                return broken[0], f"{broken[1]}; the last {turn} steps repeat for ever"
        return self._judged((1 << len(self._rules)) - 1, view)

    def finding(self, rule: Invariant, view: View) -> Finding | None:
        """What a rule finds at this moment, uncounted; None where it is not one of these."""
        if rule not in self._rules:
            return None
        return rule.verdict(self.memories[self._wiring.memory_of[self._rules.index(rule)]], view)

    def _judged(self, due: Mask, view: View) -> tuple[Invariant, str] | None:
        """Asks every rule that is due, in order, until one is broken."""
        wiring, memories, checks, nonvacuous = self._wiring, self.memories, self._checks, self._nonvacuous
        members = wiring.members.get(due)
        if members is None:
            members = wiring.members[due] = tuple(
                (rule.id, rule.verdict, wiring.memory_of[index], rule)
                for index, rule in enumerate(self._rules)
                if due >> index & 1
            )
        for rule_id, verdict, memory, rule in members:
            finding = verdict(memories[memory], view)
            checks[rule_id] += 1
            if finding != "vacuous":
                nonvacuous[rule_id] += 1
                if finding != "holds":
                    return rule, finding.why
        return None
