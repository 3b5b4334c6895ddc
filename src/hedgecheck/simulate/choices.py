"""Everything that an execution leaves open, as one sequence of choices, each with a default.

A choice is asked for by kind and label; the label names it within the execution whatever was chosen before,
so that a deviation from the default keeps its meaning when others are taken away.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Literal, Protocol

from hedgecheck.simulate.footprints import Resource
from hedgecheck.values import frozen

Kind = Literal["hold", "fault", "batch", "between", "deadline", "ready", "draw", "vary", "order"]
KINDS: tuple[str, ...] = (  # append only
    *("hold", "fault", "batch", "between", "deadline", "ready", "draw", "vary", "order"),
)
VALUES = ("draw", "vary")  # no deviation is the better for being rare
Label = tuple[str, str, int]  # kind, who or what, how often it was asked of that


class Source(Protocol):
    """Where choices come from."""

    def pick(self, kind: str, options: int, index: int) -> int:
        """One of ``options`` numbers from zero, which is the default. ``index``: choices made before."""


@frozen
class Choice:
    """A choice that was made."""

    label: Label
    options: int
    value: int


Deviations = Mapping[Label, int]


class Choices:
    """The choices of one execution: forced where ``deviations`` says so, else the source's. ``touched``: what
    has been read or written since something was last chosen to happen next."""

    __slots__ = ("_asked", "_deviations", "_source", "made", "touched")

    def __init__(self, source: Source | None = None, deviations: Deviations | None = None) -> None:
        self._source = source
        self._deviations = deviations
        self._asked: dict[tuple[str, str], int] = {}
        self.made: list[tuple[Label, int, int]] = []
        self.touched: set[Resource] = set()

    def pick(self, kind: Kind, about: str, options: int) -> int:
        """The choice for ``about``, below ``options``."""
        label = self._label(kind, about)
        value = 0
        if self._deviations is not None:
            value = min(self._deviations.get(label, 0), options - 1)
        if not value and self._source is not None:
            value = self._source.pick(kind, options, len(self.made))
        self.made.append((label, options, value))
        return value

    def next_of(self, names: Sequence[str]) -> int:
        """Which of these happens next, where any of them can; by default the first."""
        self.touched.clear()
        return self.pick("order", " | ".join(names), len(names)) if len(names) > 1 else 0

    def _label(self, kind: Kind, about: str) -> Label:
        asked, key = self._asked, (kind, about)
        count = asked.get(key, 0)
        asked[key] = count + 1
        return (kind, about, count)

    def confine(self, kinds: tuple[str, ...]) -> None:
        """From now on the source chooses in these kinds alone; every other choice is the default, unless it
        is forced."""
        if self._source is not None:
            self._source = Confined(self._source, kinds)

    def deviations(self) -> dict[Label, int]:
        """What was not chosen by default, in order."""
        return {label: value for label, _, value in self.made if value}


# ---- sources ---------------------------------------------------------------------------------------


class Confined:
    """Another source's choices in some kinds, and defaults in the rest."""

    def __init__(self, source: Source, kinds: tuple[str, ...]) -> None:
        self._others, self._kinds = source, kinds

    def pick(self, kind: str, options: int, index: int) -> int:
        """The other source's choice, or the default."""
        return self._others.pick(kind, options, index) if kind in self._kinds else 0


class StickyRandom:
    """Holds a flow back now and then, and lets a fault strike now and then."""

    def __init__(self, random: Random, hold: float, fault: float) -> None:
        self._random, self._hold, self._fault = random, hold, fault

    def pick(self, kind: str, options: int, index: int) -> int:
        """A deviation with the probability of its kind; of values to draw, any."""
        if kind in VALUES:
            return int(self._random.random() * options)
        chance = self._fault if kind == "fault" else self._hold
        if self._random.random() >= chance:
            return 0
        return 1 if options == 2 else 1 + int(self._random.random() * (options - 1))


class PriorityChanges:
    """Holds flows back at a few places drawn beforehand: probabilistic concurrency testing (Burckhardt and
    others, 2010), where a held flow is one of lowest priority."""

    def __init__(self, random: Random, changes: int, length: int, fault: float) -> None:
        self._random, self._fault = random, fault
        self._places = {int(random.random() * max(1, length)) for _ in range(changes)}

    def pick(self, kind: str, options: int, index: int) -> int:
        """A deviation at those places; faults and values at random."""
        if kind in VALUES:
            return int(self._random.random() * options)
        if index in self._places:
            return 1 + int(self._random.random() * (options - 1))
        if kind == "fault" and self._random.random() < self._fault:
            return 1 + int(self._random.random() * (options - 1))
        return 0


class Drawn:
    """Choices that Hypothesis draws: a few places to hold at; each fault, and each value, when it comes."""

    def __init__(self, integer: Callable[[int], int], holds: tuple[int, ...]) -> None:
        self._integer, self._holds = integer, holds
        self._asked = 0

    def pick(self, kind: str, options: int, index: int) -> int:
        """``integer(n)`` draws from zero to n."""
        if kind == "fault" or kind in VALUES:
            return self._integer(options - 1)
        self._asked += 1
        return 1 if self._asked - 1 in self._holds else 0
