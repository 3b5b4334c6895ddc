"""Two executions of one test function under the same choices, and one difference between them.

``Twice`` has the face of a ``Stage``: a search, a shrinker and a replay perform pairs as they perform single
executions. Which way to vary is one more choice of the execution, made between the two. What cannot be
compared is counted, and is no failure: see ``Twice.unjudged``.
"""

from collections import Counter
from collections.abc import Callable
from itertools import zip_longest
from typing import Any, Protocol

from hedgecheck.errors import NotApplicable
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Invariant
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.execution import REST_SECONDS, Execution, Setting
from hedgecheck.simulate.perform import Made, Outcome, Stage, Test, is_plain
from hedgecheck.simulate.plain import Face
from hedgecheck.simulate.story import Line, Story
from hedgecheck.values import frozen, replace

BREAKS_ALONE = "break a rule as they are, as hedgecheck.check would tell"
NO_DIFFERENCE = "have nothing to differ in"
Begin = Callable[[Face], None]
Lines = tuple[Line, ...]


@frozen
class Ran:
    """One of the two executions: its world, as it was left, and what it came to. ``prefix``: the choices
    that were made before anything differed."""

    sim: Face
    outcome: Outcome
    prefix: int = 0

    @property
    def run(self) -> Execution:
        """The world outside of the loop."""
        return self.sim._run


class Variation(Protocol):
    """What differs between two executions, and what must not."""

    @property
    def rule(self) -> Invariant:
        """The rule that a difference breaks."""

    @property
    def about(self) -> str:
        """What is varied, for whoever reads of it."""

    @property
    def cure(self) -> str:
        """What to do where nothing can differ."""

    @property
    def shows_first(self) -> bool:
        """Whether the first of the two tells more of what went wrong."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of the kinds of choices those that mean the same in both."""

    def watch(self, sim: Face) -> None:
        """The first execution begins."""

    def ways(self, first: Ran) -> int:
        """In how many ways the second may differ; 0 where it cannot."""

    def vary(self, sim: Face, value: int) -> None:
        """The second execution begins, and is to differ in that way."""

    def second_test(self, test: Test) -> Test:
        """The test function of the second execution."""

    def prefix(self) -> int:
        """The choices of the second execution before it differed."""

    def parted(self, first: Ran, second: Ran) -> str:
        """Why the two cannot be compared; empty where they can."""

    def difference(self, first: Ran, second: Ran) -> str:
        """What differs and must not, in words; empty where nothing does."""

    def is_met(self, first: Ran, second: Ran) -> bool:
        """Whether there was anything to compare."""


class Twice:
    """A stage on which every execution is two. ``counts``: the pairs that were compared, and those with
    anything to compare; ``unjudged``: the others, by why. ``perform`` raises ``NotApplicable`` where not
    even the first pair can differ."""

    def __init__(self, stage: Stage, hook: "Hook", test: Test, variation: Variation) -> None:
        self._stage = stage
        self._hook = hook
        self._test = test
        self._variation = variation
        self.performed = 0
        self.counts = Tally()
        self.unjudged: Counter[str] = Counter()
        self.look_away = stage.look_away

    @property
    def single(self) -> int:
        """The pairs of which there was no second execution."""
        return self.unjudged[BREAKS_ALONE] + self.unjudged[NO_DIFFERENCE]

    @property
    def goals(self) -> tuple[str, ...]:
        """What the test wants to be seen at least once."""
        return self._stage.goals

    def perform(
        self,
        setting: Setting,
        choices: Choices,
        *,
        tell: bool = False,
        logs: bool = False,
        story: Story | None = None,
    ) -> Outcome:
        """Both executions as one outcome, whose failure is the difference between them."""
        variation = self._variation
        choices.confine((*variation.kinds, "vary"))
        first = self._ran(self._test, self._begin_first, setting, choices, tell=tell)
        if first.outcome.error is not None:
            return first.outcome
        if first.outcome.failure is not None:
            return self._without(first, BREAKS_ALONE)
        ways = variation.ways(first)
        if not ways and self.performed == 1:
            raise NotApplicable(variation.cure)
        if not ways:
            return self._without(first, NO_DIFFERENCE)
        value = choices.pick("vary", variation.about, ways)
        made = tuple(choices.made)
        same = {label: chosen for label, _, chosen in first.outcome.made if chosen}
        second = self._ran(
            variation.second_test(self._test),
            lambda sim: self._begin_second(sim, first, value),
            setting,
            Choices(None, same),
            tell=tell,
            logs=logs,
            story=story,
        )
        second = replace(second, prefix=variation.prefix())
        return self._compared(first, second, made)

    def _begin_first(self, sim: Face) -> None:
        """The first rests for longer, so that the second has time to do what it does later."""
        sim._run.rest_seconds = 2 * REST_SECONDS
        self._variation.watch(sim)

    def _begin_second(self, sim: Face, first: Ran, value: int) -> None:
        """The second rests until the first did: what goes on for ever goes on for as long."""
        sim._run.rests_until = first.run.horizon()
        self._variation.vary(sim, value)

    def _ran(self, test: Test, begin: Begin, setting: Setting, choices: Choices, **how: Any) -> Ran:
        self.performed += 1
        self._hook.test, self._hook.begin = test, begin
        outcome = self._stage.perform(setting, choices, **how)
        assert self._hook.sim is not None, "Invariant: an execution begins"
        return Ran(self._hook.sim, outcome)

    def _without(self, first: Ran, why: str) -> Outcome:
        self.unjudged[why] += 1
        return replace(first.outcome, failure=None, made=self._comparable(first.outcome.made))

    def _compared(self, first: Ran, second: Ran, made: Made) -> Outcome:
        variation, one, other = self._variation, first.outcome, second.outcome
        both = replace(
            other,
            failure=None,
            made=self._comparable(made),
            steps=one.steps + other.steps,
            orders=one.orders + other.orders,
            spent=one.spent,
            reached=one.reached,
        )
        if other.error is not None:
            return both
        why = variation.parted(first, second)
        if why:
            self.unjudged[why] += 1
            return both
        rule = variation.rule
        self.counts.checks[rule.id] += 1
        self.counts.nonvacuous[rule.id] += variation.is_met(first, second)
        found = variation.difference(first, second)
        if not found:
            return both
        shown, unseen = (first, second) if variation.shows_first else (second, first)
        lines = shown.outcome.lines
        told = (*lines, *_told(lines, unseen.outcome.lines, found)) if lines else ()
        return replace(both, failure=(rule.id, rule.name, found), lines=told, lots=())

    def _comparable(self, made: Made) -> Made:
        """The choices, where those that mean nothing in both cannot be deviated from."""
        kinds = (*self._variation.kinds, "vary")
        return tuple((label, options if label[0] in kinds else 1, value) for label, options, value in made)


class Hook:
    """The test function that a stage is opened with: it begins and calls whichever is on."""

    def __init__(self) -> None:
        self.test: Test | None = None
        self.begin: Begin | None = None
        self.sim: Face | None = None

    def of(self, test: Test) -> Test:
        """The function to open the stage with: async or plain, as the test is."""

        async def begins(sim: Face) -> Any:
            return await self._begins(sim)

        return self._begins if is_plain(test) else begins

    def _begins(self, sim: Face) -> Any:
        assert self.test is not None, "Invariant: a test is set before it is performed"
        assert self.begin is not None, "Invariant: how it begins is set before it is performed"
        self.sim = sim
        self.begin(sim)
        return self.test(sim)


def same_choices(first: Ran, second: Ran, ignored: tuple[str, ...] = ()) -> str:
    """Why the second execution is not one of the same choices; empty where it is."""
    before = first.outcome.made[: second.prefix]
    if before != second.outcome.made[: second.prefix]:
        return "ask for other choices before anything differs"
    chosen = {label: value for label, _, value in second.outcome.made if value}
    for label, _, value in first.outcome.made:
        if value and label[0] not in ignored and chosen.get(label) != value:
            return f"have a choice of kind {label[0]!r} that the other run never comes to"
    return ""


def _told(lines: Lines, others: Lines, found: str) -> Lines:
    """Where the two part, and what came of it, at the end of the story that is shown."""
    at = max(each.at for each in lines)
    parts = [part for part in found.split(" / ") if ": " in part]
    return tuple(Line(at, "compare", part) for part in (*_parting(lines, others), *parts))


def _parting(lines: Lines, others: Lines) -> list[str]:
    """The first lines in which the two stories differ, in words."""
    for one, other in zip_longest(lines, others):
        if one is None or other is None or (one.who, one.text, one.at) != (other.who, other.text, other.at):
            return [f"they part here: {_said(one)}", f"there: {_said(other)}"]
    return []


def _said(line: Line | None) -> str:
    return f"at t={line.at:.3f} {line.who}: {line.text.strip()}" if line is not None else "nothing more"
