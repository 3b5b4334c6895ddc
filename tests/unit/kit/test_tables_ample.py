"""Fewer orders show all that can be seen of a product; and each condition of it is needed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.tables import ample
from hedgecheck.explore.tables.alone import FIRES, HALTS, SHAKES
from hedgecheck.explore.tables.ample import Ample, Judge
from hedgecheck.explore.tables.classes import Classes, partitions
from hedgecheck.explore.tables.product import Dense
from hedgecheck.explore.tables.reduced import ReducedDense, ReducedReference
from hedgecheck.explore.tables.reference import Reference
from hedgecheck.explore.tables.surroundings import Surroundings
from tests.unit.kit.beside import BINDING, Beside, Drawn, seen_by
from tests.unit.kit.handmade import Edge, Kind, table_of

DRAWN = [Drawn(seed) for seed in range(400)]
MOVING, RESTING, WRONG_THERE = Kind(quiet=0), Kind(rests=1), Kind(rests=1, wrong=True)


def shows_all(around: Surroundings, kinds: Sequence[Classes]) -> bool:
    """Whether the reduced product comes to every rest, to all that others can see, and to nothing else."""
    states, rests, happens = seen_by(Reference(around, kinds), kinds)
    fewer, *seen = seen_by(ReducedReference(around, kinds), kinds)
    return fewer <= states and [rests, happens] == seen


def test_fewer_orders_come_to_every_rest_and_to_all_that_others_can_see() -> None:
    assert [number for number, each in enumerate(DRAWN) if not shows_all(each.beside(), each.kinds)] == []


def test_whole_arrays_count_what_is_counted_state_by_state() -> None:
    fewer = 0
    for each in DRAWN[:150]:
        if each.is_lumped:
            product = ReducedReference(each.beside(), each.kinds).search()
            at_once = ReducedDense(each.beside(), each.kinds).search(Bounds(), time.perf_counter())
            whole = Dense(each.beside(), each.kinds).search(Bounds(), time.perf_counter())
            assert (at_once.orders, at_once.edges) == (product.states, product.edges)
            fewer += at_once.states < whole.states
    assert fewer > 10


# ---- what is noticed where a condition is left out -----------------------------------------------------

Condition = Callable[[Judge, int], bool]
WEAKENED: dict[str, tuple[str, Condition]] = {
    "a timer may fire": ("keeps_timers", lambda judge, each: not judge._kinds.rests[each]),
    "it may rest": ("keeps_timers", lambda judge, each: not judge._kinds.quiet[each]),
    "it may ask and tell": ("is_own", lambda judge, each: bool(judge.onward(each))),
    "others may see it": ("is_unseen", lambda judge, each: True),
}


def is_noticed() -> bool:
    return not all(shows_all(each.beside(), each.kinds) for each in DRAWN)


@pytest.mark.parametrize(("name", "condition"), WEAKENED.values(), ids=WEAKENED)
def test_condition_that_is_left_out_is_noticed(
    name: str, condition: Condition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Judge, name, condition)

    assert is_noticed()


def test_trade_that_is_resolved_unseen_while_the_engine_recovers_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    safe_classes = ample.safe_classes
    monkeypatch.setattr(ample, "safe_classes", lambda kinds, halts, _: safe_classes(kinds, halts, False))

    assert is_noticed()


@pytest.mark.parametrize("name", ["_without_rounds", "_closed"])
def test_round_of_safe_steps_or_a_halt_out_of_them_is_noticed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ample, name, lambda judge, safe: safe)

    assert is_noticed()


def test_going_first_before_a_crash_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ample, "_is_past_crashes", lambda ample, everybody: True)

    assert is_noticed()


def halted_on_the_way() -> tuple[Any, list[Classes]]:
    """A trade that goes on to another end where a person halted trading before its step."""
    edges = [Edge(0, 1), Edge(2, 4), Edge(0, 2, HALTS), Edge(1, 3, HALTS)]
    edges += [Edge(each, each, HALTS) for each in (2, 3, 4)]
    table = table_of(5, edges, {0: MOVING, 1: RESTING, 2: MOVING, 3: RESTING, 4: WRONG_THERE})
    return Beside(table, lanes=2, halts=1), partitions(table, BINDING, 0)


def halted_by_a_fault() -> tuple[Any, list[Classes]]:
    """The same where the other trade halts all after a fault, so that nothing does while all are left."""
    start, first, then, other, struck, told, halted, before, after, idle = range(10)
    edges = [Edge(start, first, FIRES), Edge(start, other), Edge(first, then)]
    edges += [Edge(other, struck, cost=1), Edge(struck, told, SHAKES), Edge(halted, after)]
    edges += [
        Edge(start, idle, HALTS),
        Edge(other, idle, HALTS),
        Edge(first, halted, HALTS),
        Edge(then, before, HALTS),
    ]
    kinds = {first: MOVING, then: RESTING, struck: Kind(struck=1, quiet=0), told: Kind(struck=1, rests=1)}
    kinds |= {halted: Kind(struck=1, quiet=0), before: Kind(struck=1, rests=1)}
    kinds |= {after: Kind(struck=1, rests=1, wrong=True), idle: Kind(struck=1, rests=1)}
    table = table_of(10, edges, kinds)
    return Beside(table, lanes=2), partitions(table, BINDING, 1)


@pytest.mark.parametrize(
    ("made", "condition"), [(halted_on_the_way, "is_halted_alike"), (halted_by_a_fault, "lasts")]
)
def test_halt_that_makes_a_difference_is_noticed(
    made: Callable[[], tuple[Any, list[Classes]]], condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shows_all(*made())
    monkeypatch.setattr(Judge, condition, lambda judge, number: True)

    assert not shows_all(*made())
