"""Trades side by side for tests: scopes with lanes, walks through them, the same walk in each lane alone."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hedgecheck import tape
from hedgecheck.dividing import CoreParts
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.tables.alone import Tabulator, alone_of, tabulate
from hedgecheck.explore.tables.renaming import Renaming, twins
from hedgecheck.messages import Filled, Record, Told
from hedgecheck.tape import Action, InLane
from hedgecheck.world import LanedUniverse, Scope, Universe, World, universe_of

PAIR = Small(trades=2, own=1)
STRUCK = Small(trades=2, own=1, faults=2, kinds=("F02", "F08", "F10", "F14"), lots=2)  # none trips a breaker
TURNED = Small(trades=2, own=1, faults=1, kinds=("F02", "F16"), crashes=1, halts=1)  # halts, days, restarts
WALK_STEPS_MAX = 200


def laned(small: Small = PAIR, **changes: Any) -> LanedUniverse:
    """A scope with lanes, and the bundled core in it."""
    universe = universe_of(replace(scope_of(small), **changes), BundledCore())
    assert isinstance(universe, LanedUniverse)
    return universe


def parts_of(small: Small = PAIR) -> CoreParts:
    """How states of the bundled core fall into trades there."""
    return BundledCore().parts(scope_of(small))


def alone(scope: Scope, index: int) -> Universe:
    """The bundled core with the trade of one lane."""
    return Universe(replace(alone_of(scope, index), days=scope.days), BundledCore())


@lru_cache(maxsize=8)
def tabulated(small: Small = PAIR) -> Tabulator:
    """The table of one trade of the bundled core."""
    scope, engine = scope_of(small), BundledCore()
    return tabulate(scope, engine, engine.parts(scope))


def all_twins(scope: Scope) -> tuple[Renaming, ...]:
    """What turns the first lane into each."""
    found = [twins(scope, index) for index in range(len(scope.intents))]
    assert all(found)
    return tuple(found)


def walk(universe: Universe, seed: int) -> Iterator[tuple[World, Action, World, tuple[Record, ...]]]:
    """Chance steps up to where nothing is possible any more: world, action, world then, records."""
    chance, world = random.Random(seed), universe.initial()
    for _ in range(WALK_STEPS_MAX):
        actions = universe.enabled(world)
        if not actions:
            return
        action = chance.choice(actions)
        after, records = universe.apply(world, action)
        yield world, action, after, records
        world = after


@dataclass
class Apart:
    """A moment of a walk. ``world``: of all lanes; ``lanes``: each lane's trade alone, told what it was told
    there; ``seen``: all records so far, and those of each lane alone."""

    world: World
    lanes: list[World]
    seen: list[Record]
    own: list[list[Record]]

    def fills(self) -> list[int]:
        """How many executions each trade was told of."""
        return [
            sum(isinstance(r, Told) and isinstance(r.report, Filled) for r in records) for records in self.own
        ]


def walk_apart(universe: LanedUniverse, seed: int) -> Iterator[Apart]:
    """A walk in all lanes, and the same in each lane alone; what comes over all comes over each."""
    scope = universe.scope
    sides = [alone(scope, index) for index in range(len(scope.intents))]
    apart = Apart(universe.initial(), [side.initial() for side in sides], [], [[] for _ in sides])
    yield apart
    for before, action, world, records in walk(universe, seed):
        apart = Apart(world, list(apart.lanes), [*apart.seen, *records], [list(own) for own in apart.own])
        for index, side in enumerate(sides):
            for each in _in_lane(action, index):
                after, own = side.apply(_waiting(apart.lanes[index], before), each)
                if isinstance(action, InLane) and action.lane == index:
                    assert own, f"{each} is possible beside others, and is not alone"
                apart.lanes[index] = after
                apart.own[index] += own
        yield apart


def _waiting(lane: World, world: World) -> World:
    """The world of a lane whose engine waits for as long as that of all lanes does: its gate answers so."""
    return replace(lane, engine=replace(lane.engine, recovering=world.engine.recovering))


def _in_lane(action: Action, index: int) -> tuple[Action, ...]:
    """What an action is to one lane."""
    if isinstance(action, InLane):
        if action.lane == index:
            return (action.action,)
        return (tape.Restart(),) if isinstance(action.action, tape.CrashIn) else ()
    return (tape.Restart(),) if isinstance(action, tape.CrashIn) else (action,)
