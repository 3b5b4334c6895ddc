"""Walks over the tables: quick, the same for the same seed, and a failing one can be performed."""

from itertools import pairwise

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.tables.counterexample import tape_of
from hedgecheck.explore.tables.reference import Reference
from hedgecheck.explore.tables.searching import Prepared, prepare
from hedgecheck.explore.tables.walkers import Walked, Walkers
from hedgecheck.tape import Tape
from hedgecheck.values import replace
from hedgecheck.world import Engine, universe_of
from tests.canary.engines import CANARIES

SMALL = Small(trades=2, own=1, cap=1, faults=1, kinds=("F01",), crashes=1)


def prepared(small: Small = SMALL, engine: Engine | None = None) -> Prepared:
    return prepare(universe_of(scope_of(small), engine or BundledCore()))


def walked(tables: Prepared, seed: int = 0, rounds: int = 2) -> Walked:
    return Walkers(tables.surroundings(), tables.partitions(), seed, count=500).walk(rounds)


def test_walks_of_a_right_engine_break_nothing_and_are_counted() -> None:
    done = walked(prepared())

    assert done.way == ()
    assert done.walks == 1_000
    assert done.steps > 10 * done.walks


def test_walks_are_those_of_their_seed() -> None:
    tables = prepared()

    assert walked(tables, seed=1).steps == walked(tables, seed=1).steps != walked(tables, seed=2).steps


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
