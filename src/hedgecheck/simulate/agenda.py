"""What is on its way from outside, and what of it arrives next.

Every arrival has an interval of times. One may be next only where no other has to be earlier: its earliest
time is not after the latest time of any other, nor after the next timer. So each execution has a timing that
explains it, nothing stays away for ever, and no timer fires after a later one.

At the pace "held" the earliest arrives by default; a flow that is held back arrives as late as it may from
then on. At the other two each that may be next is offered every time, and arrives as soon or as late as it
may: so every order is within reach, at the price of a choice for each arrival.
"""

from collections.abc import Callable
from typing import Any, Literal

from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.footprints import EVERYTHING, MEMORY, Resource
from hedgecheck.simulate.loop import SimLoop

INFINITY = float("inf")
TIMER = "timer"
Pace = Literal["held", "soonest", "latest"]
PACES: tuple[Pace, ...] = ("held", "soonest", "latest")  # append only


class Arrival:
    """Something on its way: not before ``earliest``, not after ``latest``, in virtual seconds. What is held
    back is its ``flow``, of which this is the arrival ``number``; ``in_order``: it does not overtake what its
    flow sent before. ``touches``: what it reads or writes; None where it says so itself."""

    __slots__ = ("arrive", "earliest", "flow", "in_order", "latest", "number", "touches")

    def __init__(
        self,
        flow: str,
        number: int,
        earliest: float,
        latest: float,
        arrive: Callable[[], None],
        in_order: bool,
        touches: Resource | None,
    ) -> None:
        self.flow = flow
        self.number = number
        self.touches = touches
        self.earliest = earliest
        self.latest = latest
        self.arrive = arrive
        self.in_order = in_order


class Agenda:
    """All arrivals of one execution. ``arrivals``: also try those between two iterations of the loop, in
    one poll with another, and at the very moment of a timer."""

    __slots__ = ("_added", "_choices", "_held", "_pace", "_pending", "arrivals")

    def __init__(self, choices: Choices, arrivals: bool, pace: Pace = "held") -> None:
        self._choices = choices
        self._pace = pace
        self._added: dict[str, int] = {}
        self._pending: list[Arrival] = []
        self._held: dict[str, int] = {}
        self.arrivals = arrivals

    def add(
        self,
        flow: str,
        earliest: float,
        latest: float,
        arrive: Callable[[], None],
        *,
        in_order: bool = False,
        touches: Resource | None = EVERYTHING,
    ) -> Arrival:
        """Something will arrive between these times."""
        number = self._added[flow] = self._added.get(flow, 0) + 1
        arrival = Arrival(flow, number, earliest, latest, arrive, in_order, touches)
        self._pending.append(arrival)
        return arrival

    def withdraw(self, arrival: Arrival) -> None:
        """It does not arrive after all."""
        if arrival in self._pending:
            self._pending.remove(arrival)

    def is_empty(self) -> bool:
        """Whether nothing is on its way."""
        return not self._pending

    def release(self) -> None:
        """Nothing is held back any more."""
        self._held.clear()

    # ---- what is next --------------------------------------------------------------------------------

    def next(self, loop: SimLoop, due: float) -> bool:
        """Lets the next arrival arrive; False where the timer that is ``due`` comes first."""
        if self._pace != "held":
            return self._next_of_all(loop, due)
        pending = self._pending
        if not pending:
            return False
        heads = self._heads()
        limit = min([due, *[each.latest for each in heads]])
        chosen = self._candidate(heads, limit, due <= limit)
        if chosen is None:
            return False
        at = max(loop.now, limit if chosen.flow in self._held else chosen.earliest)
        if self.arrivals and due <= limit and self._choices.pick("deadline", chosen.flow, 2):
            at = max(at, due)
        self._take(loop, chosen, at)
        if self.arrivals:
            self._batch(loop, limit)
        return True

    def _next_of_all(self, loop: SimLoop, due: float) -> bool:
        """As ``next``, with every order offered."""
        heads = self._heads()
        limit = min([due, *[each.latest for each in heads]])
        possible = sorted((each for each in heads if each.earliest <= limit), key=_earliest)
        names = [f"{each.flow}#{each.number}" for each in possible]
        if due <= limit:
            names.append(TIMER)
        chosen = self._choices.next_of(names)
        if chosen == len(possible):
            self._choices.touched.add(EVERYTHING)
            return False
        arrival = possible[chosen]
        if arrival.touches is not None:
            self._choices.touched.add(arrival.touches)
        self._take(loop, arrival, max(loop.now, limit if self._pace == "latest" else arrival.earliest))
        return True

    def between(self, loop: SimLoop) -> None:
        """What may arrive while callbacks wait to run: only what could be there by now."""
        self._choices.touched.add(MEMORY)
        if not self.arrivals or not self._pending:
            return
        for each in self._heads():
            if each.earliest <= loop.now and self._choices.pick("between", each.flow, 2):
                self._take(loop, each, loop.now)
                return

    def _candidate(self, first: list[Arrival], limit: float, timer_may_fire: bool) -> Arrival | None:
        """The first arrival that is possible and not held back; each may be held back from here on."""
        heads = [each for each in first if each.earliest <= limit]
        free = [each for each in heads if each.flow not in self._held]
        free.sort(key=_earliest)  # stable: of two at one time the one that left first
        others = timer_may_fire or len(heads) > len(free)
        for position, each in enumerate(free):
            if each.flow in self._held:
                continue  # since a moment ago, with all that it sends
            if not others and position == len(free) - 1:
                return each
            if not self._choices.pick("hold", each.flow, 2):
                return each
            self._held[each.flow] = len(self._held)
            others = True
        if timer_may_fire or not heads:
            return None
        return min(heads, key=lambda each: self._held[each.flow])

    def _heads(self) -> list[Arrival]:
        """What nothing of its own flow has to precede, in the order in which they left."""
        seen: set[str] = set()
        heads = []
        for each in self._pending:
            if not each.in_order:
                heads.append(each)
            elif each.flow not in seen:
                seen.add(each.flow)
                heads.append(each)
        return heads

    def _batch(self, loop: SimLoop, limit: float) -> None:
        """More that arrives in the same poll: the loop hears of all of it before any callback runs."""
        for each in self._heads():
            if each.earliest <= limit and self._choices.pick("batch", each.flow, 2):
                self._take(loop, each, max(loop.now, each.earliest))

    def _take(self, loop: SimLoop, arrival: Arrival, at: float) -> None:
        self._pending.remove(arrival)
        loop.now = at
        arrival.arrive()


def _earliest(arrival: Arrival) -> Any:
    return arrival.earliest
