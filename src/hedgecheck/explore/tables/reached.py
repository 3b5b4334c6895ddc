"""Which goals one trade reaches, and by which ways: those of its table that it goes by itself.

On such a way no neighbour does anything: the gate answers as it does to one trade, nobody's fault but its own
halts trading. What came over all is taken back in the table; here it goes along with the state, as two bits:
whether trading is halted, and whether the engine waits for the fate of orders from before a crash. In either
case the gate refuses. One way is gone to each state, first those with the fewest faults, then the shortest,
and every edge from there is looked at. Where a goal may be reached, the way is performed in the world of all
lanes, and the goal read from what happens there: what is shown is so, and what is not shown is not denied.

A second trade is sent its signal where that is all that a goal takes: two at once, one refused for another;
and it goes its own shortest way to a halt while the first is between its legs.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from hedgecheck import tape
from hedgecheck.explore.goals import GOALS, Story
from hedgecheck.explore.hints import Facts, Hints
from hedgecheck.explore.tables.alone import (
    ASKS,
    CRASHES,
    HALTS,
    OPENS,
    REFUSED,
    RESTARTS,
    SHAKES,
    WRONG,
    Tabulator,
)
from hedgecheck.explore.tables.counterexample import way_of
from hedgecheck.explore.tables.renaming import Renaming
from hedgecheck.messages import Record
from hedgecheck.tape import Action, InLane
from hedgecheck.world import Universe

HALTED, WAITS = 1, 2  # what may hold for all: bits beside the number of a state
MODES = 4
BESIDE = -1  # in the place of an edge: the second trade is sent its signal
TAKE_SEVERAL = ("G18", "G20", "G22")  # goals that one trade alone does not reach
OF_NO_LANE = (
    "G24",
    "G25",
    "G26",
    "G27",
)  # lanes have no sessions, no halted symbols, no capital that moves
TRIED = 200  # ways that come to nothing, for each goal
Ways = dict[str, tuple[Action, ...]]


def reached_alone(universe: Universe, tabulator: Tabulator, twins: Sequence[Renaming]) -> Ways:
    """The goals that are reached, each with a way of the world of all lanes. ``twins``: what turns the first
    lane into each."""
    return _Search(universe, tabulator, twins).run()


class _Search:
    """Nodes by number, in the order in which they are reached: state and mode as one, where from and by which
    edge, and the facts of the way by number. ``pending``: per faults and depth pairs of node and edge.
    ``halting``: the edges of the first way on which one trade halts all."""

    def __init__(self, universe: Universe, tabulator: Tabulator, twins: Sequence[Renaming]) -> None:
        scope = universe.scope
        self._second = twins[1] if len(twins) > 1 else None
        self._halting: list[int] = []
        self._universe, self._tabulator, self._table = universe, tabulator, tabulator.table
        self._faults = scope.max_faults
        self._barred = WRONG | (0 if scope.halts else HALTS)
        self._hints = Hints(tabulator.universe.scope.intents)
        self._goals = {each.id: each for each in GOALS}
        self._tries: Counter[str] = Counter()
        self._facts: list[Facts] = [0]
        self._numbers: dict[Facts, int] = {0: 0}
        self._read: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {}
        self._firsts = _firsts(tabulator)
        self._nodes, self._parents = array("i"), array("i")
        self._edges, self._known = array("i"), array("i")
        self._seen = bytearray(MODES * self._table.states)
        self._pending: list[defaultdict[int, array[int]]] = [
            defaultdict(lambda: array("i")) for _ in range(self._faults + 1)
        ]
        self._reached: Ways = {}

    def run(self) -> Ways:
        """The fewest faults first, then the fewest steps."""
        self._settle(0, BESIDE, 0, 0, 0, 0)
        for spent, layers in enumerate(self._pending):
            while layers:
                depth = min(layers)
                layer = layers.pop(depth)
                for at in range(0, len(layer), 2):
                    self._take(layer[at], layer[at + 1], spent, depth)
        if self._second is not None and self._halting and "G14" not in self._reached:
            self._halt_between()
        return self._reached

    def _take(self, parent: int, edge: int, spent: int, depth: int) -> None:
        """Goes on by an edge: notes what it reaches, and what comes next where it leads to something new."""
        mode = self._nodes[parent] % MODES
        if edge == BESIDE:
            self._try(parent, (), _beside(mode), (InLane(1, tape.Signal(0)),))
            return
        table = self._table
        facts, hinted = self._facts_after(self._known[parent], self._tabulator.happenings.numbers[edge])
        if hinted:
            hinted = _refusal(hinted, mode) if table.flags[edge] & REFUSED else hinted
            self._try(parent, (edge,), hinted)
        if table.flags[edge] & SHAKES and not self._halting:
            self._halting = [*self._edges_to(parent), edge]
        then = self._mode(mode, edge)
        node = table.targets[edge] * MODES + then
        if not self._seen[node]:
            self._settle(parent, edge, node, facts, spent, depth)
            is_news = then & ~mode or table.flags[edge] & OPENS
            if self._second is not None and is_news:
                self._pending[spent][depth + 1].extend((len(self._nodes) - 1, BESIDE))

    def _settle(self, parent: int, edge: int, node: int, facts: int, spent: int, depth: int) -> None:
        """Numbers a node, and what can be done there is to be taken."""
        number = len(self._nodes)
        self._seen[node] = 1
        self._nodes.append(node)
        self._parents.append(parent)
        self._edges.append(edge)
        self._known.append(facts)
        state, mode = divmod(node, MODES)
        for each in self._edges_from(state):
            cost = spent + self._table.costs[each]
            if cost <= self._faults and self._is_own(each, mode):
                self._pending[cost][depth + 1].extend((number, each))

    def _edges_from(self, state: int) -> Iterator[int]:
        """The edges of a state, which lie side by side in the table."""
        table, edge = self._table, self._firsts[state]
        while 0 <= edge < len(table.sources) and table.sources[edge] == state:
            yield edge
            edge += 1

    def _edges_to(self, number: int) -> list[int]:
        """The edges of the way to a node."""
        edges: list[int] = []
        while number:
            edges.append(self._edges[number])
            number = self._parents[number]
        return edges[::-1]

    def _is_own(self, edge: int, mode: int) -> bool:
        """Whether that can happen while neighbours do nothing."""
        flags = self._table.flags[edge]
        if flags & self._barred or self._table.choices[edge] < 0 or (flags & HALTS and mode & HALTED):
            return False
        return not flags & (ASKS | REFUSED) or bool(flags & REFUSED) == bool(mode)

    def _mode(self, mode: int, edge: int) -> int:
        """What holds for all after an edge."""
        table, flags = self._table, self._table.flags[edge]
        waits = mode & WAITS or flags & (CRASHES | RESTARTS)
        if table.resolved[table.engines[table.targets[edge]]]:
            waits = 0
        return (HALTED if flags & SHAKES else mode & HALTED) | (WAITS if waits else 0)

    def _facts_after(self, facts: int, happening: int) -> tuple[int, tuple[str, ...]]:
        """The facts after what happens at an edge, and the goals that it hints at."""
        key = (facts, happening)
        known = self._read.get(key)
        if known is None:
            records = self._tabulator.happenings.records[happening]
            after, hinted = self._hints.read(self._facts[facts], records)
            number = self._numbers.setdefault(after, len(self._facts))
            if number == len(self._facts):
                self._facts.append(after)
            known = self._read[key] = number, tuple([each.id for each in hinted])
        return known

    def _halt_between(self) -> None:
        """The second trade halts all while the first is somewhere on its way. Where people may not halt, the
        edges of a halt stand for that."""
        last = way_of(self._halting, self._tabulator, 1, self._second)
        for number, node in enumerate(self._nodes):
            for edge in self._edges_from(node // MODES):
                if self._table.flags[edge] & HALTS and not node % MODES:
                    happening = self._tabulator.happenings.numbers[edge]
                    _, hinted = self._facts_after(self._known[number], happening)
                    self._try(number, (), hinted, last)

    def _try(
        self,
        number: int,
        more: tuple[int, ...],
        hinted: tuple[str, ...],
        last: tuple[Action, ...] = (),
    ) -> None:
        """Performs the way to a node, by ``more`` edges, and what comes ``last``, to see the goals."""
        hinted = tuple([e for e in hinted if e not in self._reached and self._tries[e] < TRIED])
        if not hinted:
            return
        self._tries.update(hinted)
        way = (*way_of([*self._edges_to(number), *more], self._tabulator), *last)
        story = self._performed(way)
        for each in hinted:
            if story is not None and self._goals[each].reached(story):
                self._reached[each] = way

    def _performed(self, way: tuple[Action, ...]) -> Story | None:
        """What happens on a way; None where something on it is not possible."""
        world, story = self._universe.initial(), list[Record]()
        for action in way:
            world, records = self._universe.apply(world, action)
            if not records:
                return None
            story += records
        return Story(story)


def _refusal(hinted: tuple[str, ...], mode: int) -> tuple[str, ...]:
    """The table knows one refusal for all reasons that the gate may have."""
    return (*[each for each in hinted if each not in ("G15", "G18")], *_refused(mode))


def _beside(mode: int) -> tuple[str, ...]:
    """What may be reached where a second trade is sent its signal."""
    return _refused(mode) or ("G22",)


def _refused(mode: int) -> tuple[str, ...]:
    halted = ("G15",) if mode & HALTED else ()
    return (*halted, "G18") if mode & WAITS else halted


def _firsts(tabulator: Tabulator) -> "array[int]":
    """The first edge of each state, -1 where it has none."""
    sources = np.frombuffer(tabulator.table.sources, np.int32)
    firsts = np.full(tabulator.table.states, -1, np.int32)
    begins = np.flatnonzero(np.diff(sources, prepend=np.int32(-1)))
    firsts[sources[begins]] = begins
    return array("i", firsts.tobytes())
