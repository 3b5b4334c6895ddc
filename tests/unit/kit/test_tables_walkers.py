"""Walks over the tables: quick, the same for the same seed, and a failing one can be performed."""

from itertools import count, pairwise

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.tables import TableSearch, searching, walk
from hedgecheck.explore.tables.counterexample import tape_of
from hedgecheck.explore.tables.reference import Reference, State
from hedgecheck.explore.tables.searching import Prepared, prepare
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.explore.tables.walkers import Walked, Walkers, without_loops
from hedgecheck.tape import Tape
from hedgecheck.values import replace
from hedgecheck.world import Engine, universe_of
from tests.canary.engines import CANARIES

SMALL = Small(trades=2, own=1, cap=1, faults=1, kinds=("F01",), crashes=1)


def prepared(small: Small = SMALL, engine: Engine | None = None) -> Prepared:
    return prepare(universe_of(scope_of(small), engine or BundledCore()))


def walked(tables: Prepared, seed: int = 0, rounds: int = 2) -> Walked:
    return Walkers(tables.surroundings(), tables.partitions(), seed, count=500, length=128).walk(rounds)


def test_walks_of_a_right_engine_break_nothing_and_are_counted() -> None:
    done = walked(prepared())

    assert done.way == ()
    assert done.walks > 1_000  # each of 500 begins anew in each of two rounds
    assert done.steps > 10 * done.walks


def test_walks_are_those_of_their_seed() -> None:
    tables = prepared()

    first, again, other = [walked(tables, seed=each, rounds=1) for each in (1, 1, 2)]
    assert first.steps == again.steps != other.steps


@pytest.mark.parametrize("name", ["Z112", "Z038", "Z001", "X011"])
def test_a_walk_that_breaks_a_rule_is_performed_in_the_world(name: str) -> None:
    canary = CANARIES[name]
    assert canary.small is not None
    tables = prepared(replace(canary.small, own=1, trades=2), canary.factory())

    done = walked(tables, rounds=20)

    kinds, whole = tables.partitions(), tables.partitions(is_lumped=False)
    reference = Reference(tables.surroundings(), whole)
    tape = tape_of(done.way, reference, kinds, whole, tables.tabulator, tables.twins)
    failure = run_tape(tables.universe, Tape(0, tape))
    assert failure is not None
    assert failure.invariant in canary.invariants


def test_every_state_of_a_walk_is_one_of_the_search() -> None:
    canary = CANARIES["Z038"]
    assert canary.small is not None
    tables = prepared(replace(canary.small, own=1, trades=2), canary.factory())
    seen = Reference(tables.surroundings(), tables.partitions(), symmetric=True)

    way = walked(tables, rounds=20).way

    for before, after in pairwise(way):
        assert after in {move.after for move in seen.moves(before)}


SETTINGS = {  # small enough for the reference: what comes over all lanes, faults, a crash, a limit
    "a halt": Small(trades=2, own=1, halts=1),
    "clock skew": Small(trades=2, own=1, cap=1, faults=1, kinds=("F16",)),
    "a crash": Small(trades=2, own=1, cap=1, crashes=1),
    "a fault": Small(trades=2, own=1, cap=1, faults=1, kinds=("F15",)),
}


@pytest.mark.parametrize("small", SETTINGS.values(), ids=SETTINGS)
def test_walks_come_to_nothing_that_the_search_does_not_come_to(small: Small) -> None:
    tables = prepared(small)
    kinds, around = tables.partitions(), tables.surroundings()
    seen = Reference(around, kinds, symmetric=True).search()
    walkers = Walkers(around, kinds, seed=3, count=300, length=128)

    stood: set[State] = set()
    for _ in range(3):
        walkers.walk(1)
        stood |= {walkers.state(each) for each in range(300)}

    assert stood <= set(seen.parents)
    assert len(stood) > 50


def test_walks_take_what_comes_over_all_now_and_then() -> None:
    tables = prepared(SETTINGS["a halt"])
    walkers = Walkers(tables.surroundings(), tables.partitions(), seed=0, count=500)

    done = walkers.walk(2)

    assert 0 < done.over_all < done.steps


def test_a_way_goes_no_rounds() -> None:
    a, b, c, d = [(0, 0, 0, each) for each in range(4)]

    assert without_loops([a, b, b, c, a, c, d]) == (a, c, d)


# ---- the search by walks ---------------------------------------------------------------------------------


def walked_through(small: Small, engine: Engine, seed: int = 0) -> TableSearch:
    return walk(universe_of(scope_of(small), engine), seed=seed)


def ends_soon(monkeypatch: pytest.MonkeyPatch) -> Bounds:
    """Bounds that end walks after some rounds, by a clock that goes on whenever it is looked at."""
    monkeypatch.setattr(searching.time, "perf_counter", count().__next__)
    return Bounds(seconds_max=12)


def canary_of(name: str) -> tuple[Small, Engine]:
    small = CANARIES[name].small
    assert small is not None
    return replace(small, own=1, trades=2), CANARIES[name].factory()


@pytest.mark.parametrize("name", ["Z125", "Z148", "X001"])
def test_walks_find_a_planted_defect_and_make_a_tape_of_it(name: str) -> None:
    small, engine = canary_of(name)

    found = walked_through(small, engine)

    assert found.verdict == "broken"
    assert found.failure is not None
    assert found.failure.invariant in CANARIES[name].invariants
    assert run_tape(universe_of(scope_of(small), engine), Tape(0, found.tape)) == found.failure


def test_walks_of_one_seed_find_the_same() -> None:
    small, engine = canary_of("Z038")

    done = [walked_through(small, engine, seed=each) for each in (5, 5, 6)]

    found = [(each.tape, each.edges) for each in done]
    assert found[0] == found[1] != found[2]


def test_a_defect_in_what_a_halt_does_is_found_by_halting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, engine = canary_of("Z125")
    assert walked_through(small, engine).verdict == "broken"

    monkeypatch.setattr(Surroundings, "over_all", lambda self, everybody: ())
    found = walk(universe_of(scope_of(small), engine), bounds=ends_soon(monkeypatch))

    assert found.verdict == "truncated"
    assert found.walks > 0


def test_walks_whose_time_is_over_have_proved_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    universe = universe_of(scope_of(SETTINGS["a halt"]), BundledCore())

    result = walk(universe, bounds=ends_soon(monkeypatch))

    assert result.verdict == "truncated"
    assert result.failure is None
    walked = f"random walks: {result.edges:,} steps of {result.walks:,} walks"
    assert result.why == f"{walked}; 12 seconds are over"


def test_walks_that_are_interrupted_say_how_far_they_came() -> None:
    def interrupt(seen: TableSearch) -> None:
        if seen.walks:
            raise KeyboardInterrupt

    result = walk(universe_of(scope_of(SETTINGS["a halt"]), BundledCore()), watch=interrupt)

    assert result.verdict == "truncated"
    assert "interrupted: random walks" in result.why
