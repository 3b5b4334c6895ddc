"""State machines that count: a rule that never fires, or an event never seen, fails the run.

A machine of ours binds inputs in its rules, drives one event in each and asserts nothing there; its
invariants judge. Without the count a rule whose precondition never holds would pass for tested.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ClassVar

import hypothesis
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import SearchStrategy

STEPS = 50
ROUNDS = 3


class Counted(RuleBasedStateMachine):
    """Base of the machines. ``awaited`` names what has to be seen in a run, beside every rule.

    What is judged after each rule are the methods marked with ``judge``, under one invariant: a failing
    program then shows one line of it per step, not a dozen.
    """

    awaited: ClassVar[tuple[str, ...]] = ()
    seen: ClassVar[Counter[str]] = Counter()

    def see(self, *names: str) -> None:
        """Counts events, for the whole run."""
        self.seen.update(names)

    def before_rule(self) -> None:
        """Runs before each rule; a machine may forget here what was judged already."""

    @invariant()
    def everything_holds(self) -> None:
        """Every judge of the machine agrees with where it stands."""
        for name in marked(type(self), "judges"):
            getattr(self, name)()


def judge(body: Callable[..., None]) -> Callable[..., None]:
    """Marks a method that looks at the machine after each rule and asserts what has to hold."""
    body.judges = True  # type: ignore[attr-defined]
    return body


def counted(
    when: Callable[[Any], bool] | None = None, **bounds: SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule that counts itself; with ``when`` it is not there while that does not hold."""

    def declare(body: Callable[..., None]) -> Callable[..., None]:
        @wraps(body)
        def counting(self: Counted, **drawn: Any) -> None:
            self.see(body.__name__)
            self.before_rule()
            body(self, **drawn)

        declared = rule(**bounds)(counting)
        declared = precondition(when)(declared) if when else declared
        declared.counts_itself = True  # type: ignore[attr-defined]
        return declared

    return declare


@cache
def marked(machine: type[Counted], mark: str) -> list[str]:
    """The names of the machine's methods that carry the mark, sorted."""
    return [name for name in dir(machine) if hasattr(getattr(machine, name), mark)]


def run(machine: type[Counted], steps: int = STEPS) -> None:
    """Runs the machine as the Hypothesis profile says, then asks what it never saw.

    Each call counts from zero in a class of its own. What is rare is given as many rounds as ``ROUNDS``,
    which only makes a difference where the profile draws anew.
    """
    fresh = type(machine.__name__, (machine,), {"seen": Counter()})
    for _ in range(ROUNDS):
        run_state_machine_as_test(fresh, settings=hypothesis.settings(stateful_step_count=steps))
        never = [name for name in (*marked(fresh, "counts_itself"), *fresh.awaited) if not fresh.seen[name]]
        if not never:
            return
    raise AssertionError(f"never seen in the whole run: {', '.join(never)}")
