"""Looks for an execution that breaks a rule: first one with whatever can go wrong in it, which is enough for
many a bot; then the plain one, everything one deviation away, then two, then at random, in several ways in
turn.

A deviation is a flow held back from some moment on, or a fault. Holding back is sticky, so that one deviation
reaches what a choice at every step would need many for. What is found is one of many failing executions;
``shrink`` makes it small.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from typing import Any

from hedgecheck.simulate.choices import (
    Choices,
    Deviations,
    Drawn,
    Label,
    PriorityChanges,
    Source,
    StickyRandom,
)
from hedgecheck.simulate.drawn import can_draw, drawn_executions
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import Outcome, Stage
from hedgecheck.values import frozen, replace

SHARE_OF_ONE, SHARE_OF_TWO = 0.4, 0.6  # of the budget: one deviation may take this, one and two that
SHARE_OF_HYPOTHESIS = 0.1  # of the budget, at its end
SECOND_MAX = 50  # second deviations kept for each first one: of a long execution there are too many to keep
FIRST_FROM = 10  # executions asked for, from which on the first is not the plain one
FIRST_HOLD, FIRST_FAULT = 0.3, 0.6
ARRIVALS_EVERY = 5  # of the random executions one in so many also tries arrivals between iterations
ORDERS = (0, 1, 7, 11)  # of tasks in sets

Progress = Callable[[int], None]


@frozen
class Trial:
    """One execution to try."""

    way: str
    setting: Setting
    deviations: Deviations | None = None
    source: Source | None = None


@frozen
class Found:
    """A failing execution: what it was, what was deviated from in it, and when it was found."""

    setting: Setting
    deviations: Deviations
    outcome: Outcome
    number: int
    way: str


@dataclass(slots=True)
class Search:
    """What a search did. ``raised``: the first exchange's error that a call or the test ended with. Of an
    exhaustive one, ``is_whole``: it left nothing out; ``asleep``: executions begun that had nothing new;
    ``strayed``: how the bot did not do the same again."""

    executions: int = 0
    steps: int = 0
    orders: int = 0
    seconds: float = 0.0
    spent: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    found: Found | None = None
    longest: int = 0
    raised: str = ""
    is_whole: bool | None = None
    asleep: int = 0
    strayed: str = ""

    def count(self, trial: Trial, outcome: Outcome) -> None:
        """Adds one execution."""
        self.executions += 1
        self.raised = self.raised or outcome.raised
        self.steps += outcome.steps
        self.orders += outcome.orders
        self.spent.update(outcome.spent)
        self.ways[trial.way] += 1
        self.reached.update(outcome.reached)
        self.longest = max(self.longest, len(outcome.made))


def search(
    stage: Stage,
    setting: Setting,
    executions: int,
    seed: int,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Search:
    """Tries up to ``executions`` executions, for at most ``seconds``, until one breaks a rule.

    Raises what is wrong with the test itself, such as a rule that cannot be asked for.
    """
    return _Searcher(stage, setting, executions, seed, seconds, progress).run()


class _Searcher:
    def __init__(
        self,
        stage: Stage,
        setting: Setting,
        executions: int,
        seed: int,
        seconds: float | None,
        progress: Progress | None,
    ) -> None:
        self._stage = stage
        self._setting = setting
        self._budget = executions
        self._seed = seed
        self._seconds = seconds
        self._progress = progress
        self._began = perf_counter()
        self._result = Search()
        self._trials = _Trials(setting, executions, Random(seed), self._result)

    def run(self) -> Search:
        """Every way in turn, and last what Hypothesis draws."""
        by_hypothesis = int(self._budget * SHARE_OF_HYPOTHESIS) if can_draw() else 0
        for trial in self._trials.all(self._budget - by_hypothesis):
            if not self._try(trial):
                break
        else:
            drawn_executions(by_hypothesis, self._seed, self._try_drawn)
        self._result.seconds = perf_counter() - self._began
        return self._result

    def _try_drawn(self, drawn: Drawn) -> bool:
        return self._try(Trial("hypothesis", self._setting, None, drawn))

    def _try(self, trial: Trial) -> bool:
        """Performs one execution; whether to go on."""
        result = self._result
        outcome = self._stage.perform(trial.setting, Choices(trial.source, trial.deviations))
        if outcome.error is not None:
            raise outcome.error
        result.count(trial, outcome)
        if self._progress is not None:
            self._progress(result.executions)
        if outcome.failure is not None:
            deviations = {label: value for label, _, value in outcome.made if value}
            result.found = Found(trial.setting, deviations, outcome, result.executions, trial.way)
            return False
        self._trials.learn(trial, outcome)
        in_time = self._seconds is None or perf_counter() - self._began < self._seconds
        return in_time and result.executions < self._budget


class _Trials:
    """Which executions to try, in order."""

    def __init__(self, setting: Setting, executions: int, random: Random, done: Search) -> None:
        self._setting = setting
        self._budget = executions
        self._random = random
        self._done = done
        self._from_default: list[dict[Label, int]] = []
        self._from_one: list[dict[Label, int]] = []

    def all(self, count: int) -> Iterator[Trial]:
        """The plain one, one deviation, two, and then at random: ``count`` of them."""
        for trial in self._for_ever():
            if self._done.executions >= count:
                return
            yield trial

    def _for_ever(self) -> Iterator[Trial]:
        if self._budget >= FIRST_FROM:
            source = StickyRandom(self._random, FIRST_HOLD, FIRST_FAULT)
            yield Trial("everything at once", self._setting, None, source)
        yield Trial("default", self._setting)
        yield from self._planned("one deviation", self._from_default, SHARE_OF_ONE)
        yield from self._orders()
        yield from self._planned("two deviations", self._from_one, SHARE_OF_TWO)
        yield from self._rotation()

    def learn(self, trial: Trial, outcome: Outcome) -> None:
        """What can be deviated from in an execution that was tried."""
        if trial.way == "default":
            self._extend(self._from_default, {}, outcome, 0)
        elif trial.way == "one deviation":
            assert trial.deviations is not None, "Invariant: a planned execution deviates"
            (label,) = trial.deviations
            places = [place for place, _, _ in outcome.made]
            after = places.index(label) + 1 if label in places else len(places)
            self._extend(self._from_one, dict(trial.deviations), outcome, after)

    def _extend(
        self, plans: list[dict[Label, int]], base: dict[Label, int], outcome: Outcome, after: int
    ) -> None:
        ways = [(label, value) for label, options, _ in outcome.made[after:] for value in range(1, options)]
        if base and len(ways) > SECOND_MAX:
            ways = self._random.sample(ways, SECOND_MAX)
        plans += [{**base, label: value} for label, value in ways]

    def _planned(self, way: str, plans: list[dict[Label, int]], share: float) -> Iterator[Trial]:
        self._random.shuffle(plans)
        for plan in plans:
            if self._done.executions >= self._budget * share:
                return
            yield Trial(way, self._setting, plan)

    def _orders(self) -> Iterator[Trial]:
        for order in ORDERS[1:]:
            yield Trial("order of tasks", replace(self._setting, order=order))

    def _rotation(self) -> Iterator[Trial]:
        ways: tuple[tuple[str, Callable[[], Source]], ...] = (
            ("sticky random", lambda: StickyRandom(self._random, 0.15, 0.05)),
            ("priority changes", self._priority_changes),
            ("many faults", lambda: StickyRandom(self._random, 0.03, 0.3)),
            ("uniform", lambda: StickyRandom(self._random, 0.5, 0.1)),
        )
        number = 0
        while True:
            name, make = ways[number % len(ways)]
            number += 1
            arrivals = number % ARRIVALS_EVERY == 0
            order = ORDERS[number // ARRIVALS_EVERY % len(ORDERS)] if arrivals else 0
            setting = replace(self._setting, arrivals=arrivals, order=order)
            yield Trial(f"{name}, arrivals" if arrivals else name, setting, None, make())

    def _priority_changes(self) -> Source:
        changes = self._random.randint(1, 4)
        return PriorityChanges(self._random, changes, self._done.longest, 0.03)


def perform_found(stage: Stage, found: Found, *, tell: bool) -> Outcome:
    """The failing execution once more."""
    return stage.perform(found.setting, Choices(None, found.deviations), tell=tell)


def signature(outcome: Outcome) -> Any:
    """What makes two failures the same: the rule."""
    return outcome.failure[0] if outcome.failure is not None else None
