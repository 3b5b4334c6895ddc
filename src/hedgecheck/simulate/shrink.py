"""Makes a failing execution small: fewer deviations, a plainer setting, plainer values, earlier holds.

The rule that breaks stays the same. The result is deterministic, and no single deviation can be taken out of
it.
"""

from hedgecheck.simulate.choices import Choices, Label
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.exhaustive import Exhaustive
from hedgecheck.simulate.perform import Outcome, Stage
from hedgecheck.simulate.search import Found, signature
from hedgecheck.values import frozen, replace

HELD_MAX = 500  # executions in which it is looked for with flows held back
EARLIER_MAX = 10  # how many earlier times are tried for each deviation


@frozen
class Shrunk:
    """The small execution, and how many were performed to find it."""

    setting: Setting
    deviations: dict[Label, int]
    outcome: Outcome
    performed: int


def shrink(stage: Stage, found: Found) -> Shrunk:
    """The smallest execution found that breaks the same rule."""
    return _Shrinker(stage, found).run()


class _Shrinker:
    def __init__(self, stage: Stage, found: Found) -> None:
        self._stage = stage
        self._rule = signature(found.outcome)
        self._performed = 0
        self._setting = found.setting
        self._best = dict(found.deviations)
        self._outcome = found.outcome

    def run(self) -> Shrunk:
        """Every pass, until none of them makes it smaller."""
        self._take(self._setting, {})
        if self._setting.pace != "held":
            self._by_holds()
        before = None
        while before != (self._best, self._setting):
            before = (self._best, self._setting)
            self._plain_setting()
            self._remove()
            self._replace_two()
            self._plain_values()
            self._earlier()
        return Shrunk(self._setting, self._best, self._outcome, self._performed)

    def _take(self, setting: Setting, deviations: dict[Label, int]) -> bool:
        """Whether this fails by the same rule; then it is the best. What never came up in it is left out."""
        self._performed += 1
        outcome = self._stage.perform(setting, Choices(None, deviations))
        if outcome.failure is None or signature(outcome) != self._rule:
            return False
        self._setting, self._outcome = setting, outcome
        self._best = {label: value for label, _, value in outcome.made if value}
        return True

    def _by_holds(self) -> None:
        """The same by a flow or two that are held back: fewer words than the order of every message."""
        plain, rule = replace(self._setting, pace="held"), self._rule
        every = Exhaustive(self._stage, plain, HELD_MAX, ends=lambda each: signature(each) == rule)
        for holds in (0, 2):
            found = every.few_holds(holds).found
            if found is not None:
                self._take(plain, dict(found.deviations))
                return

    def _plain_setting(self) -> None:
        if self._setting.order:
            self._take(replace(self._setting, order=0), self._best)
        if self._setting.arrivals:
            self._take(replace(self._setting, arrivals=False), self._best)

    def _remove(self) -> None:
        """Takes out runs of deviations, halving the length of the run, from the end to the beginning."""
        length = max(1, len(self._best) // 2)
        while True:
            at, removed = len(self._best), False
            while at > 0:
                labels = list(self._best)
                start = max(0, at - length)
                kept = {label: self._best[label] for label in (*labels[:start], *labels[at:])}
                if len(kept) < len(self._best) and self._take(self._setting, kept):
                    removed = True
                at = min(start, len(self._best))
            if length == 1 and not removed:
                return
            length = max(1, length // 2)

    def _replace_two(self) -> None:
        """One hold in the place of two: a flow that is held back earlier may do for both."""
        labels = list(self._best)
        for drop in labels:
            for change in labels:
                if change == drop or change[0] != "hold":
                    continue
                rest = {each: self._best[each] for each in labels if each not in (drop, change)}
                earlier = [(change[0], change[1], count) for count in range(change[2])]
                if any(self._take(self._setting, {each: 1, **rest}) for each in earlier):
                    return

    def _earlier(self) -> None:
        """Each deviation at an earlier time that the same was asked."""
        for label, value in list(self._best.items()):
            kind, about, count = label
            rest = {each: kept for each, kept in self._best.items() if each != label}
            for earlier in range(min(count, EARLIER_MAX)):
                if label in self._best and self._take(self._setting, {**rest, (kind, about, earlier): value}):
                    break

    def _plain_values(self) -> None:
        for label, value in list(self._best.items()):
            for smaller in range(1, value):
                if label in self._best and self._take(self._setting, {**self._best, label: smaller}):
                    break
