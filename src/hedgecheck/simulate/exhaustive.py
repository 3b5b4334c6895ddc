"""Tries every execution of a test function, within bounds, instead of some of them.

Every order: at each moment each arrival that may be next is tried, and at each place each fault that may
strike; once with everything as soon as its order allows, once as late. Of orders that differ only in events
which may change places, one is tried: sleep sets (Godefroid, Partial-Order Methods for the Verification of
Concurrent Systems, 1996). Few holds: all executions with at most so many flows held back, and faults.

What is left out either way: other orders of callbacks, arrivals between two iterations of the loop, values
that ``sim.draw`` may have, and times between the soonest and the latest. It shows no bot right, only that
within these bounds nothing was found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from hedgecheck.simulate.agenda import Pace
from hedgecheck.simulate.choices import Choices, Kind, Label
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.footprints import EVERYTHING, Footprint, are_independent
from hedgecheck.simulate.perform import Outcome, Stage
from hedgecheck.simulate.search import Found, Progress, Search, Trial
from hedgecheck.values import replace

PACES: tuple[Pace, ...] = ("soonest", "latest")
NOTHING: Footprint = frozenset()


class Asleep(BaseException):
    """Whatever may be next was tried before in another order: this execution has nothing new."""


class Strayed(Exception):
    """The bot asks for other choices than it did before, after the same ones."""


@dataclass(slots=True)
class Turn:
    """A moment at which something is next. ``asleep``: what need not be, as an execution in which it came
    earlier was tried. ``done``: what was tried here, with all that it touched."""

    names: tuple[str, ...]
    asleep: dict[str, Footprint]
    chosen: int
    done: dict[str, Footprint] = field(default_factory=dict)
    touched: Footprint = NOTHING

    @property
    def name(self) -> str:
        """What is next."""
        return self.names[self.chosen]

    def awake(self, after: int) -> int | None:
        """The first that is to be tried behind a position."""
        for index in range(after + 1, len(self.names)):
            if self.names[index] not in self.asleep and self.names[index] not in self.done:
                return index
        return None


@dataclass(slots=True)
class Fork:
    """A place at which a fault may strike."""

    options: int
    value: int = 0


Path = list[Turn | Fork]


class Steered(Choices):
    """The choices of one execution along a path, which grows where it ends."""

    __slots__ = ("_at", "_now", "_path", "_reduces")

    def __init__(self, path: Path, *, reduces: bool) -> None:
        super().__init__()
        self._path = path
        self._at = 0
        self._now: tuple[Turn, Footprint] | None = None
        self._reduces = reduces

    def pick(self, kind: Kind, about: str, options: int) -> int:
        """Of faults each in its turn; of everything else the default."""
        value = self._fork(options) if kind == "fault" else 0
        self.made.append((self._label(kind, about), options, value))
        return value

    def next_of(self, names: Sequence[str]) -> int:
        """Each in its turn. Raises ``Asleep`` where nothing of it is new."""
        self.settle()
        if self._at == len(self._path):
            self._path.append(self._turn(tuple(names)))
        turn = self._path[self._at]
        if not isinstance(turn, Turn) or turn.names != tuple(names):
            raise Strayed(f"{CHANGED}: here {' | '.join(names)} may be next.")
        self._at += 1
        self._now = turn, NOTHING
        if len(names) > 1:
            self.made.append((self._label("order", " | ".join(names)), len(names), turn.chosen))
        return turn.chosen

    def settle(self) -> None:
        """What the last event has touched is known now."""
        if self._now is not None:
            turn, touched = self._now[0], frozenset(self.touched)
            turn.touched |= touched
            self._now = turn, touched
        self.touched.clear()

    def _fork(self, options: int) -> int:
        if self._at == len(self._path):
            self._path.append(Fork(options))
        fork = self._path[self._at]
        if not isinstance(fork, Fork) or fork.options != options:
            raise Strayed(f"{CHANGED}: here {options - 1} faults may strike.")
        self._at += 1
        return fork.value

    def _turn(self, names: tuple[str, ...]) -> Turn:
        asleep: dict[str, Footprint] = {}
        if self._reduces and self._now is not None:
            before, touched = self._now
            earlier = {**before.asleep, **before.done}
            asleep = {name: prints for name, prints in earlier.items() if are_independent(prints, touched)}
        turn = Turn(names, asleep, -1)
        first = turn.awake(-1)
        if first is None:
            raise Asleep
        turn.chosen = first
        return turn


CHANGED = "one choice sequence led to two executions"


def forward(path: Path) -> bool:
    """Turns a path to the next that was not tried; False where all were."""
    while path:
        last = path[-1]
        if isinstance(last, Fork):
            if last.value + 1 < last.options:
                last.value += 1
                return True
        else:
            last.done[last.name] = last.touched or frozenset((EVERYTHING,))
            following = last.awake(last.chosen)
            if following is not None:
                last.chosen, last.touched = following, NOTHING
                return True
        path.pop()
    return False


def is_broken(outcome: Outcome) -> bool:
    """Whether an execution broke a rule."""
    return outcome.failure is not None


@dataclass(slots=True)
class Exhaustive:
    """Tries executions one after the other, up to ``executions`` of them and for at most ``seconds``, until
    ``ends`` says so of one."""

    stage: Stage
    setting: Setting
    executions: int
    seconds: float | None = None
    progress: Progress | None = None
    ends: Callable[[Outcome], bool] = is_broken
    result: Search = field(default_factory=Search)
    began: float = field(default_factory=perf_counter)

    def every_order(self, *, reduces: bool = True) -> Search:
        """All orders, at both paces; without ``reduces`` also those that differ in nothing that matters."""
        ended = [self._orders(replace(self.setting, pace=pace), reduces) for pace in PACES]
        return self._ended(is_whole=all(ended))

    def few_holds(self, holds: int) -> Search:
        """All executions with at most so many flows held back, those with fewer deviations first."""
        plans: list[dict[Label, int]] = [{}]
        while plans:
            following: list[dict[Label, int]] = []
            for plan in plans:
                if not self._may_go_on():
                    return self._ended(is_whole=False)
                count = f"{len(plan)} deviation{'s' * (len(plan) != 1)}"
                outcome = self._perform(Trial(count, self.setting, plan), Choices(None, plan))
                following += extensions(plan, outcome, holds)
            plans = following
        return self._ended(is_whole=self.result.found is None)

    def _orders(self, setting: Setting, reduces: bool) -> bool:
        """All orders at one pace; whether there are no more."""
        path: Path = []
        trial = Trial(f"every order, {setting.pace}", setting)
        while self._may_go_on():
            choices = Steered(path, reduces=reduces)
            try:
                self._perform(trial, choices)
            except Asleep:
                self.result.asleep += 1
            except Strayed as error:
                self.result.strayed = str(error)
                return False
            choices.settle()
            if self.result.found is None and not forward(path):
                return True
        return False

    def _may_go_on(self) -> bool:
        result = self.result
        in_time = self.seconds is None or perf_counter() - self.began < self.seconds
        return in_time and result.found is None and result.executions + result.asleep < self.executions

    def _perform(self, trial: Trial, choices: Choices) -> Outcome:
        result = self.result
        outcome = self.stage.perform(trial.setting, choices)
        if outcome.error is not None:
            raise outcome.error
        result.count(trial, outcome)
        if self.progress is not None:
            self.progress(result.executions)
        if self.ends(outcome):
            deviations = {label: value for label, _, value in outcome.made if value}
            result.found = Found(trial.setting, deviations, outcome, result.executions, trial.way)
        return outcome

    def _ended(self, *, is_whole: bool) -> Search:
        self.result.is_whole = is_whole
        self.result.seconds = perf_counter() - self.began
        return self.result


def extensions(plan: dict[Label, int], outcome: Outcome, holds: int) -> Iterator[dict[Label, int]]:
    """Every plan with one deviation more, behind those of ``plan`` in the execution that it led to."""
    places = [label for label, _, _ in outcome.made]
    last = max((places.index(label) for label in plan if label in places), default=-1)
    held = sum(kind == "hold" for kind, _, _ in plan)
    for label, options, _ in outcome.made[last + 1 :]:
        if label[0] == "fault" or (label[0] == "hold" and held < holds):
            for value in range(1, options):
                yield {**plan, label: value}
