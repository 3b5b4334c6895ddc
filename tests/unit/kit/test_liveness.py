"""Every state can come to rest: what goes round for ever is found, by the shortest way to it."""

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest

from hedgecheck import invariants, tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, number_of, scope_of
from hedgecheck.explore.exhaustive import Bounds, search
from hedgecheck.explore.lassos import is_ordinary
from hedgecheck.explore.liveness import can_rest, loops, parts_of
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.shrink import shrink
from hedgecheck.tape import Tape, bare
from hedgecheck.values import replace
from hedgecheck.world import Engine, Universe, World, universe_of
from tests.unit.kit.endless import FULL, LOST, PLAIN, PLANTED, Ticking, TickingAndWaiting

each_planted = pytest.mark.parametrize(("engine", "small"), PLANTED.values(), ids=PLANTED)


# ---- the same in the plainest way ----------------------------------------------------------------------


def key_of(world: World) -> World:
    return replace(world, timers=tuple(sorted(world.timers)))


def steps_of(universe: Universe, world: World, by_itself: bool) -> Iterator[World]:
    kinds = (tape.Receive, tape.Deliver, tape.DeliverLate, tape.Fill, tape.Fire)
    for action in universe.enabled(world):
        after = key_of(universe.apply(world, action)[0])
        if not by_itself or (isinstance(bare(action), kinds) and after.faults_left == world.faults_left):
            yield after


def depths_of(universe: Universe, start: World, by_itself: bool) -> dict[World, int]:
    """Every world that can be reached, with the fewest steps to it."""
    depths, layer = {}, [start]
    while layer:
        depths |= dict.fromkeys(layer, max(depths.values(), default=-1) + 1)
        after = (each for world in layer for each in steps_of(universe, world, by_itself))
        layer = list(dict.fromkeys(each for each in after if each not in depths))
    return depths


def shortest(universe: Universe) -> int:
    """Steps to a world that whatever happens by itself leads back to, and once around."""
    lengths = []
    for world, depth in depths_of(universe, key_of(universe.initial()), by_itself=False).items():
        around = {each: depths_of(universe, each, by_itself=True) for each in steps_of(universe, world, True)}
        if around and all(universe.quiet(each) for depths in around.values() for each in depths):
            reached = {each for depths in around.values() for each in depths}
            if all(world in depths_of(universe, each, by_itself=True) for each in reached):
                lengths.append(depth + 1 + min(depths[world] for depths in around.values()))
    return min(lengths)


# ---- graphs ---------------------------------------------------------------------------------------------


def drawn(seed: int) -> tuple[list[bool], list[int], list[int], list[int]]:
    random = Random(seed)
    count, edges = random.randint(1, 9), random.randint(0, 16)
    rests = [random.random() < 0.2 for _ in range(count)]
    ends = [[random.randrange(count) for _ in range(edges)] for _ in range(3)]
    return rests, *ends


def ways(start: int, pairs: set[tuple[int, int]]) -> dict[int, int]:
    """States that edges lead to, with the fewest steps, at least one."""
    found, layer, steps = {}, {start}, 0
    while layer:
        steps += 1
        layer = {b for a, b in pairs if a in layer} - set(found)
        found |= dict.fromkeys(layer, steps)
    return found


def test_what_can_rest_and_the_loops_of_what_cannot_are_those_found_the_plain_way():
    for seed in range(200):
        rests, sources, targets, _ = drawn(seed)
        pairs = set(zip(sources, targets, strict=True))
        reached = {state: ways(state, pairs) for state in range(len(rests))}
        able = [rest or any(rests[each] for each in reached[state]) for state, rest in enumerate(rests)]
        ends = {  # stuck, and whatever they lead to leads back
            state
            for state, after in reached.items()
            if not able[state] and after and all(state in reached[each] for each in after)
        }
        arrays = np.array(sources, np.int64), np.array(targets, np.int64)

        found = can_rest(np.array(rests), *arrays)

        assert found.tolist() == able
        assert {each.state: each.steps for each in loops(found, *arrays)} == {
            state: reached[state][state] for state in ends
        }


def test_where_somebody_else_decides_both_ways_must_lead_to_rest():
    for seed in range(100):
        rests, sources, targets, others = drawn(seed)
        able = list(rests)
        for _ in rests:
            for source, one, other in zip(sources, targets, others, strict=True):
                able[source] = able[source] or (able[one] and able[other])

        arrays = [np.array(each, np.int64) for each in (sources, targets, others)]

        assert can_rest(np.array(rests), *arrays).tolist() == able


def test_strongly_connected_parts_are_those_that_lead_to_each_other():
    for seed in range(100):
        rests, sources, targets, _ = drawn(seed)
        pairs = set(zip(sources, targets, strict=True))
        reached = {state: {state, *ways(state, pairs)} for state in range(len(rests))}
        following: dict[int, list[int]] = {}
        for source, target in sorted(pairs):
            following.setdefault(source, []).append(target)

        parts = [frozenset(each) for each in parts_of(following)]

        touched = {state for pair in pairs for state in pair}
        together = {frozenset(b for b in reached[a] if a in reached[b]) for a in touched}
        assert set(parts) == together
        assert len(parts) == len(together)
        place = {state: at for at, part in enumerate(parts) for state in part}
        assert all(place[target] <= place[source] for source, target in pairs)


def test_what_happens_by_itself_is_no_signal_takes_no_fault_and_is_of_any_lane():
    world = universe_of(scope_of(LOST), BundledCore()).initial()
    struck = replace(world, faults_left=0)

    assert is_ordinary(tape.Receive(), world, world)
    assert is_ordinary(tape.InLane(1, tape.Fire("t")), world, world)
    assert not is_ordinary(tape.Fill("p1a1", 1), world, struck)
    assert not is_ordinary(tape.Signal(0), world, world)


# ---- executions -----------------------------------------------------------------------------------------


def searched(engine: Engine, small: Small, **bounds: Any) -> Any:
    return search(universe_of(scope_of(small), engine), bounds=Bounds(**bounds))


@each_planted
def test_a_planted_defect_of_liveness_is_found_and_found_again_when_replayed(engine, small):
    universe = universe_of(scope_of(small), engine)

    done = search(universe)
    again = run_tape(universe, Tape(0, done.tape))

    assert done.verdict == "broken"
    assert done.failure.invariant == again.invariant == "I15"
    assert done.failure.used == again.used == len(done.tape)


@pytest.mark.parametrize("name", list(PLANTED)[1:])
def test_the_lasso_is_the_shortest_there_is(name):
    engine, small = PLANTED[name]
    universe = universe_of(scope_of(small), engine)

    done = search(universe)

    assert len(done.tape) == shortest(universe)
    assert "repeat for ever" in done.failure.why


@pytest.mark.parametrize("name", PLANTED)
def test_the_shrunk_case_still_goes_on_for_ever(name):
    engine, small = PLANTED[name]
    done = searched(engine, small)
    failing = Tape(number_of(small), done.tape)

    shrunk = shrink(engine, failing, done.failure)

    assert shrunk.failure.invariant == "I15"
    assert len(shrunk.tape.actions) <= len(done.tape)
    assert ("repeat for ever" in shrunk.failure.why) == (name != "a trade that waits for ever")


def test_what_only_ticks_is_at_rest():
    assert searched(Ticking(), PLAIN).verdict == "exhausted"


def test_a_defect_that_shows_at_rest_is_found_where_something_ticks_for_ever():
    done = searched(TickingAndWaiting(), FULL)

    assert done.verdict == "broken"
    assert (
        done.failure.why
        == "at rest 1 calls for intent p1 have not returned; the last 1 steps repeat for ever"
    )


def test_a_loop_that_was_seen_all_around_is_found_where_a_bound_ends_the_search():
    engine, small = PLANTED["a query loop"]

    assert searched(engine, small, depth_max=6).verdict == "truncated"
    done = searched(engine, small, depth_max=20)

    assert (done.verdict, len(done.tape)) == ("broken", 7)


def test_nothing_is_made_of_states_that_were_not_expanded():
    for depth in range(1, 24):
        assert searched(BundledCore(), PLAIN, depth_max=depth).verdict == "truncated"


def test_without_the_rule_of_liveness_nothing_of_the_kind_is_judged():
    rules = tuple(rule for rule in invariants.ALL if rule.id != "I15")
    engine, small = PLANTED["a queue that never drains"]

    assert search(universe_of(scope_of(small), engine), rules).verdict == "exhausted"
