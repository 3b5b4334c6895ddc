"""Random walks over the tables, many at once: the gate is asked and every edge is judged, as in the search.

What comes over all lanes by itself, a restart between two steps or a person's halt, is left to the search.

A walk takes chance edges until nothing is left to do or it is long enough, and then begins anew. What it does
depends on the seed alone, so a walk that breaks a rule is made again, with its states, to be handed on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.tables.alone import ASKS, CRASHES, FIRES, OPENS, REFUSED, SHAKES, WRONG
from hedgecheck.explore.tables.classes import BROKEN, Classes, Ints
from hedgecheck.explore.tables.levels import Level, level_of
from hedgecheck.explore.tables.reference import State, turn_of
from hedgecheck.explore.tables.surroundings import Surroundings

Flags = npt.NDArray[np.bool_]
LENGTH = 256  # chances to step before a walk begins anew
TURNS = ("nothing", "halted", "restarted", "both")
JOINT = ASKS | OPENS | SHAKES | CRASHES


@dataclass(slots=True)
class Walked:
    """``steps``: edges that were taken; ``way``: the states of a walk that broke a rule, from the first one
    on; empty where none did."""

    steps: int = 0
    walks: int = 0
    way: tuple[State, ...] = ()


class Walkers:
    """So many walks at once. ``seed``: of all chance."""

    def __init__(
        self, around: Surroundings, partitions: Sequence[Classes], seed: int, count: int = 20_000
    ) -> None:
        self._around = around
        self._levels = [level_of(each) for each in partitions]
        self._seed, self._count = seed, count
        self.walked = Walked()
        self._faces = max(around.faces) + 1
        self._first = int(partitions[-1].of[0])

    def walk(self, rounds: int) -> Walked:
        """``rounds`` times as many walks as there are walkers, or up to the first broken rule."""
        for number in range(rounds):
            broken = self._round(number, None)
            self.walked.walks += self._count
            if broken >= 0:
                states: list[State] = []
                self._round(number, (broken, states))
                self.walked.way = tuple(dict.fromkeys(states))
                break
        return self.walked

    def _round(self, number: int, traced: tuple[int, list[State]] | None) -> int:
        """One walk of each walker; the first that broke a rule, or -1. ``traced``: whose states to note."""
        random = np.random.default_rng((self._seed, number))
        lanes = self._around.lanes
        self._members = np.full((lanes, self._count), self._first)
        self._everybody = np.zeros(self._count, np.int64)
        self._waits = np.zeros(self._count, bool)
        self._left = np.full(self._count, len(self._levels) - 1)
        self._broken = -1
        for _ in range(LENGTH):
            if traced is not None:
                traced[1].append(self._state(traced[0]))
            lane = random.integers(0, lanes, self._count)
            chance = random.random(self._count)
            taken = sum(self._step(left, lane, chance) for left in range(len(self._levels)))
            if traced is None:
                self.walked.steps += taken
            if self._broken >= 0 or not taken:
                break
        return self._broken if self._broken >= 0 else self._rests_wrongly()

    def _rests_wrongly(self) -> int:
        """The first walker that came to a rest which breaks a rule, or -1."""
        for left, level in enumerate(self._levels):
            who = np.flatnonzero(self._left == left)
            members, kinds = self._members[:, who], level.kinds
            rests = (kinds.rests[members] > 0).all(axis=0) & (kinds.wrong[members] > 0).any(axis=0)
            for walker in who[rests]:
                if self._around.company.rests(int(self._everybody[walker])):
                    return int(walker)
        return -1

    def _state(self, walker: int) -> State:
        members = sorted(int(each) for each in self._members[:, walker])
        where = (int(self._everybody[walker]), int(self._waits[walker]), int(self._left[walker]))
        return (*where, *members)

    def _step(self, left: int, lane: Ints, chance: npt.NDArray[np.float64]) -> int:
        """Lets the walkers with so many faults left take an edge; how many did."""
        level = self._levels[left]
        kinds = level.kinds
        who = np.flatnonzero(self._left == left)
        if not len(who):
            return 0
        members = self._members[:, who]
        own = members[lane[who], np.arange(len(who))]
        degree = kinds.first[own + 1] - kinds.first[own]
        edge = np.minimum(kinds.first[own] + (chance[who] * degree).astype(np.int64), len(kinds.flags) - 1)
        flags = kinds.flags[edge]
        is_quiet = (kinds.quiet[members] > 0).all(axis=0)
        able = (degree > 0) & ((flags & FIRES == 0) | is_quiet)
        plain = able & (flags & (JOINT | WRONG) == 0)
        joint = np.flatnonzero(able & (flags & (JOINT | WRONG) > 0))
        taken = int(plain.sum())
        if len(joint):
            taken += self._step_jointly(level, who[joint], lane[who[joint]], edge[joint], members[:, joint])
        self._arrive(level, who[plain], lane[who[plain]], edge[plain])
        return taken

    def _arrive(self, level: Level, who: Ints, lane: Ints, edge: Ints) -> None:
        """Puts walkers where a plain edge leads."""
        kinds = level.kinds
        costs = kinds.costs[edge]
        for cost in range(len(kinds.less)):
            here = costs == cost
            chosen = who[here]
            if cost:
                self._members[:, chosen] = kinds.less[cost][self._members[:, chosen]]
            self._members[lane[here], chosen] = kinds.targets[edge[here]]
            self._left[chosen] -= cost
            self._settle(chosen)

    def _settle(self, who: Ints) -> None:
        """The engine recovers no longer once everything is resolved."""
        waiting = who[self._waits[who]]
        if len(waiting):
            left = self._left[waiting[0]]
            resolved = self._levels[left].kinds.resolved[self._members[:, waiting]]
            self._waits[waiting] = ~(resolved > 0).all(axis=0)

    def _step_jointly(self, level: Level, who: Ints, lane: Ints, edge: Ints, members: Ints) -> int:
        """Steps in which the gate answers, or all are told: each question once. How many are taken."""
        kinds, columns = level.kinds, np.arange(len(who))
        faces = kinds.faces[members]
        faces[lane, columns] = -1
        faces.sort(axis=0)  # who asks comes first, and is left out
        key = (self._everybody[who] * 2 + self._waits[who]) * len(kinds.flags) + edge
        for row in faces[1:]:
            key = key * self._faces + row
        _, examples, inverse = np.unique(key, return_index=True, return_inverse=True)
        answers = [
            self._answered(level, int(who[e]), int(lane[e]), int(edge[e]), members[:, e]) for e in examples
        ]
        able, after, broken, turn = np.array(answers, np.int64)[inverse].T
        for code, name in enumerate(TURNS):
            here = np.flatnonzero((able > 0) & (turn == code))
            if not len(here):
                continue
            turned = level.turns[name][members[:, here]]
            turned[lane[here], np.arange(len(here))] = 0  # it goes its own way
            wrong = (broken[here] > 0) | (turned == BROKEN).any(axis=0)
            if wrong.any() and self._broken < 0:
                self._broken = int(who[here[np.flatnonzero(wrong)[0]]])
            assert self._broken >= 0 or (turned >= 0).all(), "Invariant: what comes over all leads somewhere"
            self._members[:, who[here]] = turned
        taken = able > 0
        self._everybody[who[taken]] = after[taken]
        self._waits[who[taken]] |= (kinds.flags[edge[taken]] & CRASHES) > 0
        self._arrive(level, who[taken], lane[taken], edge[taken])
        return int(taken.sum())

    def _answered(
        self, level: Level, walker: int, lane: int, edge: int, members: Ints
    ) -> tuple[int, int, int, int]:
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
