"""Random walks over the tables, many at once: the gate is asked and every edge is judged, as in the search.

A walk takes chance edges, and now and then what comes over all lanes by itself: a restart between two steps,
a person's halt, a new day. After so many tries in vain, which is mostly where nothing is left to do, it
begins anew. What it does depends on the seed alone, so a walk that breaks a rule is made again, with its
states, to be handed on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.tables.alone import ASKS, CRASHES, FIRES, OPENS, REFUSED, SHAKES, WRONG
from hedgecheck.explore.tables.classes import BROKEN, NOWHERE, Classes, Ints
from hedgecheck.explore.tables.company import NotLocalError
from hedgecheck.explore.tables.levels import Level, level_of
from hedgecheck.explore.tables.reference import State, turn_of
from hedgecheck.explore.tables.surroundings import OverAll, Surroundings

Flags = npt.NDArray[np.bool_]
Answer = tuple[int, int, int, int]
LENGTH = 512
VAIN_MAX = 24  # tries in vain after which a walk begins anew
RARELY = 32  # chances of each lane to one of what comes over all
TELL_EVERY = 64  # chances
KNOWN_MAX = 500_000  # answers of a level that are kept
TURNS = ("nothing", "halted", "restarted", "both")
JOINT = ASKS | OPENS | SHAKES | CRASHES


@dataclass(slots=True)
class Walked:
    """``steps``: edges that were taken; ``over_all``: how many of them came over all lanes. ``way``: the
    states of a walk that broke a rule, from the first one on; empty where none did."""

    steps: int = 0
    walks: int = 0
    over_all: int = 0
    way: tuple[State, ...] = ()


def without_loops(states: Sequence[State]) -> tuple[State, ...]:
    """A way without what was done between two visits of one state."""
    way: dict[State, None] = {}
    for state in states:
        if state in way:
            kept = list(way)
            way = dict.fromkeys(kept[: kept.index(state)])
        way[state] = None
    return tuple(way)


class Walkers:
    """So many walks at once. ``seed``: of all chance. ``length``: chances to step in a round, and the most of
    a walk. ``watch`` sees how far they are, and may raise."""

    def __init__(
        self,
        around: Surroundings,
        partitions: Sequence[Classes],
        seed: int,
        count: int = 20_000,
        length: int = LENGTH,
        watch: Callable[[Walked], None] = lambda walked: None,
    ) -> None:
        self._around = around
        self._levels = [level_of(each) for each in partitions]
        self._answers: list[dict[int, Answer]] = [{} for _ in partitions]
        self._seed, self._count, self._length = seed, count, length
        self._watch = watch
        self.walked = Walked()
        self._rounds = 0
        self._faces = max(around.faces) + 1
        self._first = int(partitions[-1].of[0])
        self._may_rest_wrongly = [bool(each.wrong.any()) for each in partitions]
        self._rests: list[tuple[bool, bool]] = []  # by what holds for all: whether it rests, and wrongly
        self._begin_all()

    def walk(self, rounds: int) -> Walked:
        """So many rounds of every walker, or up to the first broken rule."""
        for _ in range(rounds):
            number, self._rounds = self._rounds, self._rounds + 1
            broken = self._round(number, None)
            if broken >= 0:
                self.walked.way = self._way(number, broken)
                break
        return self.walked

    def state(self, walker: int) -> State:
        """Where a walker stands."""
        members = sorted(int(each) for each in self._members[:, walker])
        where = (int(self._everybody[walker]), int(self._waits[walker]), int(self._left[walker]))
        return (*where, *members)

    def _way(self, number: int, walker: int) -> tuple[State, ...]:
        """The states of a walk of that round."""
        walked, self.walked = self.walked, Walked()
        states: list[State] = []
        self._round(number, (walker, states))
        self.walked = walked
        return without_loops(states)

    def _begin_all(self) -> None:
        lanes, count = self._around.lanes, self._count
        self._members = np.full((lanes, count), self._first)
        self._everybody = np.zeros(count, np.int64)
        self._waits = np.zeros(count, bool)
        self._left = np.full(count, len(self._levels) - 1)
        self._vain = np.zeros(count, np.int64)
        self._broken = -1

    def _begin_anew(self, who: Ints) -> None:
        self._members[:, who] = self._first
        self._everybody[who] = 0
        self._waits[who] = False
        self._left[who] = len(self._levels) - 1
        self._vain[who] = 0

    def _round(self, number: int, traced: tuple[int, list[State]] | None) -> int:
        """A round of each walker; the first that broke a rule, or -1. ``traced``: whose states to note."""
        random = np.random.default_rng((self._seed, number))
        lanes = self._around.lanes
        self._begin_all()
        self.walked.walks += self._count
        for chance in range(self._length):
            if traced is not None:
                traced[1].append(self.state(traced[0]))
            self._judge_rests()
            if self._broken >= 0:
                break
            self._step(random.integers(0, lanes * RARELY + 1, self._count), random.random(self._count))
            if self._broken >= 0:
                break
            over = np.flatnonzero(self._vain >= VAIN_MAX)
            self._begin_anew(over)
            self.walked.walks += len(over)
            if traced is not None and traced[0] in over:
                traced[1].clear()
            if traced is None and chance % TELL_EVERY == 0:
                self._watch(self.walked)
        return self._broken

    def _judge_rests(self) -> None:
        """Looks for walkers at a rest which breaks a rule."""
        around = self._around
        for number in range(len(self._rests), len(around.company.known)):
            self._rests.append((around.company.rests(number), around.at_rest(number) is not None))
        is_wrong = any(wrong for _, wrong in self._rests)
        for left, level in enumerate(self._levels):
            if not is_wrong and not self._may_rest_wrongly[left]:
                continue
            who = np.flatnonzero(self._left == left)
            members, kinds = self._members[:, who], level.kinds
            rests, wrongly = np.array(self._rests, bool)[self._everybody[who]].T
            rests &= (kinds.rests[members] > 0).all(axis=0)
            self._break(who[rests & (wrongly | (kinds.wrong[members] > 0).any(axis=0))])

    def _break(self, who: Ints) -> None:
        """Notes the first of the walkers that broke a rule."""
        if len(who) and self._broken < 0:
            self._broken = int(who[0])

    def _step(self, lane: Ints, chance: npt.NDArray[np.float64]) -> None:
        """Lets every walker try one edge of a lane, or what comes over all where there is no such lane."""
        lanes = self._around.lanes
        self._vain += 1
        here = [np.flatnonzero(self._left == left) for left in range(len(self._levels))]
        for left, everyone in enumerate(here):
            is_rare = lane[everyone] == lanes * RARELY
            who, rare = everyone[~is_rare], everyone[is_rare]
            if len(who):
                self._step_alone(left, who, lane[who] % lanes, chance[who])
            if len(rare):
                self._step_over_all(left, rare, chance[rare])

    def _step_alone(self, left: int, who: Ints, lane: Ints, chance: npt.NDArray[np.float64]) -> None:
        """Lets walkers with so many faults left take an edge."""
        level = self._levels[left]
        kinds, begins = level.kinds, level.kinds.first
        own = self._members[lane, who]
        begin = begins[own]
        degree = begins[own + 1] - begin
        some = np.flatnonzero(degree)
        who, lane = who[some], lane[some]
        edge = begin[some] + (chance[some] * degree[some]).astype(np.int64)
        flags = kinds.flags[edge]
        fires = np.flatnonzero(flags & FIRES)
        able = np.ones(len(who), bool)
        able[fires] = self._is_quiet(level, who[fires])
        is_joint = (flags & (JOINT | WRONG)) > 0
        joint, plain = np.flatnonzero(able & is_joint), np.flatnonzero(able & ~is_joint)
        if len(joint):
            self._step_jointly(left, who[joint], lane[joint], edge[joint])
        self._arrive(level, who[plain], lane[plain], edge[plain])

    def _is_quiet(self, level: Level, who: Ints) -> Flags:
        """Of each walker, whether nothing is in flight."""
        quiet: Flags = np.logical_and.reduce([level.kinds.quiet[row[who]] > 0 for row in self._members])
        return quiet

    def _arrive(self, level: Level, who: Ints, lane: Ints, edge: Ints) -> None:
        """Puts walkers where a plain edge leads."""
        kinds = level.kinds
        costs = kinds.costs[edge]
        self.walked.steps += len(who)
        self._vain[who] = 0
        for cost in range(1, len(kinds.less)):
            chosen = who[costs == cost]
            self._members[:, chosen] = kinds.less[cost][self._members[:, chosen]]
            self._left[chosen] -= cost
        self._members[lane, who] = kinds.targets[edge]
        for cost in range(len(kinds.less)):
            self._settle(who[costs == cost])

    def _settle(self, who: Ints) -> None:
        """The engine recovers no longer once everything is resolved."""
        waiting = who[self._waits[who]]
        if len(waiting):
            left = self._left[waiting[0]]
            resolved = self._levels[left].kinds.resolved[self._members[:, waiting]]
            self._waits[waiting] = ~(resolved > 0).all(axis=0)

    # ---- what is about all ---------------------------------------------------------------------------

    def _step_over_all(self, left: int, who: Ints, chance: npt.NDArray[np.float64]) -> None:
        """Lets one of what may come over all lanes come over each of these."""
        for everybody in np.unique(self._everybody[who]):
            events = [each for each in self._around.over_all(int(everybody)) if each.cost <= left]
            here = self._everybody[who] == everybody
            chosen = (chance[here] * len(events)).astype(np.int64)
            for number, event in enumerate(events):
                self._come_over_all(left, who[here][chosen == number], event)

    def _come_over_all(self, left: int, who: Ints, event: OverAll) -> None:
        level = self._levels[left]
        if event.fires:
            who = who[self._is_quiet(level, who)]
        turned = level.turns[event.turns][self._members[:, who]]
        wrong = (turned == BROKEN).any(axis=0) | (event.broken is not None)
        self._break(who[wrong])
        who, turned = who[~wrong], turned[:, ~wrong]
        if not len(who):
            return
        self._hold_turned(turned)
        self._members[:, who] = level.kinds.less[event.cost][turned]
        self._everybody[who] = event.everybody
        self._left[who] -= event.cost
        self._waits[who] |= event.turns == "restarted"
        self._vain[who] = 0
        self._settle(who)
        self.walked.steps += len(who)
        self.walked.over_all += len(who)

    def _hold_turned(self, turned: Ints) -> None:
        if (turned == NOWHERE).any():
            raise NotLocalError("What came over all trades cost more faults than there are.")

    def _step_jointly(self, left: int, who: Ints, lane: Ints, edge: Ints) -> None:
        """Steps in which the gate answers, or all are told: each question once."""
        level = self._levels[left]
        kinds, columns = level.kinds, np.arange(len(who))
        members = self._members[:, who]
        faces = kinds.faces[members]
        faces[lane, columns] = -1
        faces.sort(axis=0)  # who asks comes first, and is left out
        key = (self._everybody[who] * 2 + self._waits[who]) * len(kinds.flags) + edge
        for row in faces[1:]:
            key = key * self._faces + row
        asked, examples, inverse = np.unique(key, return_index=True, return_inverse=True)
        known = self._known(left)
        answers = []
        for question, e in zip(asked.tolist(), examples.tolist(), strict=True):
            answer = known.get(question)
            if answer is None:
                answer = self._answered(level, int(who[e]), int(lane[e]), int(edge[e]), members[:, e])
                known[question] = answer
            answers.append(answer)
        able, after, broken, turn = np.array(answers, np.int64)[inverse].T
        goes = able > 0
        for code, name in enumerate(TURNS):
            here = np.flatnonzero(goes & (turn == code))
            turned = level.turns[name][members[:, here]]
            turned[lane[here], np.arange(len(here))] = 0  # it goes its own way
            wrong = (broken[here] > 0) | (turned == BROKEN).any(axis=0)
            self._break(who[here[wrong]])
            goes[here[wrong]] = False
            here, turned = here[~wrong], turned[:, ~wrong]
            self._hold_turned(turned)
            self._members[:, who[here]] = turned
        self._everybody[who[goes]] = after[goes]
        self._waits[who[goes]] |= (kinds.flags[edge[goes]] & CRASHES) > 0
        self._arrive(level, who[goes], lane[goes], edge[goes])

    def _known(self, left: int) -> dict[int, Answer]:
        """The answers to questions with so many faults left; forgotten once they are too many."""
        known = self._answers[left]
        if len(known) > KNOWN_MAX:
            known.clear()
        return known

    def _answered(self, level: Level, walker: int, lane: int, edge: int, members: Ints) -> Answer:
        """Whether that edge can be taken, what holds for all then, whether a rule is broken, which turn."""
        kinds, around = level.kinds, self._around
        everybody, flags, number = (
            int(self._everybody[walker]),
            int(kinds.flags[edge]),
            int(kinds.edges[edge]),
        )
        if flags & CRASHES and around.company.known[everybody].world.crashes_left <= 0:
            return 0, 0, 0, 0
        after, broken = everybody, bool(flags & WRONG)
        if flags & (ASKS | OPENS):
            others = [int(kinds.examples[each]) for place, each in enumerate(members) if place != lane]
            answer = around.answer(everybody, bool(self._waits[walker]), others, number)
            if flags & ASKS and answer.refused != bool(flags & REFUSED):
                return 0, 0, 0, 0
            after, broken = answer.everybody, broken or answer.broken is not None
        elif flags & SHAKES:
            answer = around.shaken(everybody, number)
            after, broken = answer.everybody, broken or answer.broken is not None
        elif flags & CRASHES:
            after = around.restarted(everybody)
        shakes = bool(flags & SHAKES) and around.is_news(everybody, after)
        return 1, after, int(broken), TURNS.index(turn_of(flags, shakes))
