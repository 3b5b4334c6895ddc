"""Classes: states that nothing around a trade can tell apart are one, and no others are."""

from typing import Any

import numpy as np
import pytest

from hedgecheck.explore.tables import classes
from hedgecheck.explore.tables.alone import ASKS, CRASHES, FIRES, HALTS, OPENS, RESTARTS, SHAKES
from hedgecheck.explore.tables.classes import NOWHERE, Classes, faces_of, partitions
from hedgecheck.explore.tables.levels import level_of
from tests.unit.kit.handmade import Edge, Kind, table_of
from tests.unit.kit.walks import tabulated

DIAMOND = [Edge(0, 1), Edge(0, 2), Edge(1, 3), Edge(2, 3)]


def only(*given: Any, **named: Any) -> Classes:
    """The one partition where there are no faults."""
    (kinds,) = partitions(*given, max_faults=0, **named)
    return kinds


def groups(kinds: Classes) -> set[frozenset[int]]:
    """The states of each class."""
    known: dict[int, set[int]] = {}
    for state, number in enumerate(kinds.of.tolist()):
        if number != NOWHERE:
            known.setdefault(number, set()).add(state)
    return {frozenset(each) for each in known.values()}


def edges_of(kinds: Classes, number: int) -> list[tuple[int, int, int]]:
    """Target, flags and cost of each edge of a class."""
    here = range(kinds.first[number], kinds.first[number + 1])
    return sorted((int(kinds.targets[at]), int(kinds.flags[at]), int(kinds.costs[at])) for at in here)


# ---- what is alike -------------------------------------------------------------------------------------


def test_states_from_which_the_same_follows_are_one() -> None:
    kinds = only(table_of(4, DIAMOND), ())

    assert groups(kinds) == {frozenset({0}), frozenset({1, 2}), frozenset({3})}
    assert kinds.of[0] == 0
    assert edges_of(kinds, 0) == [(int(kinds.of[1]), 0, 0)]


def test_how_many_edges_are_alike_is_nothing_to_tell_states_apart_by() -> None:
    kinds = only(table_of(4, [*DIAMOND, Edge(2, 3)]), ())

    assert kinds.of[1] == kinds.of[2]


def test_states_are_told_apart_however_far_ahead_they_differ() -> None:
    chains = [Edge(0, 1), Edge(1, 2), Edge(2, 3), Edge(0, 4), Edge(4, 5), Edge(5, 6), Edge(6, 3, FIRES)]
    kinds = only(table_of(7, chains), ())

    assert kinds.of[1] != kinds.of[4]
    assert kinds.of[2] != kinds.of[5]
    assert kinds.count == 7


def test_states_on_rounds_of_the_same_kind_are_one() -> None:
    kinds = only(table_of(4, [Edge(0, 1), Edge(1, 2), Edge(2, 1), Edge(0, 3), Edge(3, 3)]), ())

    assert groups(kinds) == {frozenset({0, 1, 2, 3})}


OTHER_EDGES = {
    "to elsewhere": Edge(2, 0),
    "of another kind": Edge(2, 3, FIRES),
    "that crashes": Edge(2, 3, CRASHES),
    "that asks": Edge(2, 3, ASKS),
    "that asks something else": Edge(2, 3, 0, question=1),
}


@pytest.mark.parametrize("edge", OTHER_EDGES.values(), ids=OTHER_EDGES)
def test_states_with_another_edge_are_not_alike(edge: Edge) -> None:
    instead = only(table_of(4, [*DIAMOND[:3], edge]), ())
    besides = only(table_of(4, [*DIAMOND, edge]), ())

    assert instead.of[1] != instead.of[2]
    assert besides.of[1] != besides.of[2]


OTHER_KINDS = {
    "crashed": Kind(crashed=1),
    "not quiet": Kind(quiet=0),
    "at rest": Kind(rests=1),
    "wrong at rest": Kind(wrong=True),
    "not resolved": Kind(resolved=False),
    "not valued": Kind(valued=False),
}


@pytest.mark.parametrize("kind", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_states_that_are_otherwise_are_not_alike(kind: Kind) -> None:
    kinds = only(table_of(4, DIAMOND, {2: kind}), ())

    assert kinds.of[1] != kinds.of[2]


# ---- what is to be seen of a state ---------------------------------------------------------------------

SEEN = {
    "weight": (Kind(weights=(0, 7)), (1,), (0,)),
    "recount": (Kind(recount=(0, 7)), (1,), (0,)),
    "trades in flight": (Kind(weights=(1, 0)), (0,), (1,)),
    "gain": (Kind(gain=-3), (1,), (0,)),
}


@pytest.mark.parametrize(("kind", "matters", "not_so"), SEEN.values(), ids=SEEN)
def test_weight_tells_states_apart_where_a_limit_may_matter(
    kind: Kind, matters: tuple[int, ...], not_so: tuple[int, ...]
) -> None:
    table = table_of(4, DIAMOND, {2: kind})

    seen, unseen, none = only(table, matters), only(table, not_so), only(table, ())

    assert seen.of[1] != seen.of[2]
    assert unseen.of[1] == unseen.of[2]
    assert none.of[1] == none.of[2]


def test_faces_are_numbered_by_what_is_to_be_seen() -> None:
    kinds = {1: Kind(weights=(0, 7)), 2: Kind(weights=(0, 7)), 3: Kind(valued=False)}

    assert faces_of(table_of(4, DIAMOND, kinds), (1,)).tolist() == [0, 1, 1, 2]


def test_table_without_an_account_has_faces_of_the_engine_alone() -> None:
    table = table_of(4, DIAMOND, {1: Kind(weights=(0, 7))})
    table.recounts = []

    assert faces_of(table, (1,)).tolist() == [0, 1, 0, 0]


# ---- faults --------------------------------------------------------------------------------------------

FAULT = [*DIAMOND, Edge(1, 4, cost=1)]
AFTER = {4: Kind(struck=1)}


def test_with_fewer_faults_left_more_states_are_alike() -> None:
    none, one = partitions(table_of(5, [*FAULT, Edge(4, 3)], AFTER), (), 1)

    assert one.of[1] != one.of[2]
    assert none.of[1] == none.of[2]
    assert one.count > len({int(none.of[state]) for state in range(4)})


def test_state_that_takes_more_faults_than_are_spent_is_in_no_class() -> None:
    none, one = partitions(table_of(5, FAULT, AFTER), (), 1)

    assert one.of[4] == NOWHERE
    assert none.of[4] != NOWHERE


def test_fault_leads_to_a_class_of_the_partition_for_as_many_faults_less() -> None:
    none, one = partitions(table_of(5, [*FAULT, Edge(4, 3)], AFTER), (), 1)

    assert (int(none.of[4]), 0, 1) in edges_of(one, int(one.of[1]))
    assert all(cost == 0 for number in range(none.count) for _, _, cost in edges_of(none, number))


def test_states_that_a_fault_takes_elsewhere_are_not_alike() -> None:
    edges = [*DIAMOND, Edge(1, 4, cost=1), Edge(2, 5, cost=1)]
    after = {4: Kind(struck=1), 5: Kind(struck=1)}

    same = partitions(table_of(6, edges, after), (), 1)[1]
    other = partitions(table_of(6, edges, {**after, 5: Kind(struck=1, quiet=0)}), (), 1)[1]

    assert same.of[1] == same.of[2]
    assert other.of[1] != other.of[2]


def test_states_of_which_a_fault_costs_more_are_not_alike() -> None:
    edges = [*DIAMOND, Edge(1, 4, cost=1), Edge(2, 5, cost=2)]
    kinds = partitions(table_of(6, edges, {4: Kind(struck=1), 5: Kind(struck=2)}), (), 2)

    assert kinds[2].of[1] != kinds[2].of[2]
    assert kinds[1].of[1] != kinds[1].of[2]
    assert kinds[0].of[1] == kinds[0].of[2]


def test_less_is_the_class_once_so_many_faults_more_are_spent() -> None:
    none, one, two = partitions(table_of(5, FAULT, AFTER), (), 2)

    for kinds, fewer in ((two, (two, one, none)), (one, (one, none)), (none, (none,))):
        assert len(kinds.less) == len(fewer)
        for less, there in zip(kinds.less, fewer, strict=True):
            assert less.tolist() == [int(there.of[each]) for each in kinds.examples]


def test_classes_are_numbered_by_crashes_and_then_by_their_own_faults() -> None:
    edges = [Edge(0, 4, CRASHES), Edge(0, 1, cost=1), Edge(1, 3, FIRES), Edge(0, 2, FIRES)]
    kinds = {4: Kind(crashed=1), 1: Kind(struck=1), 3: Kind(struck=1)}
    none = partitions(table_of(5, [*edges, Edge(4, 4, FIRES)], kinds), (), 1)[0]

    order = list(zip(none.crashed.tolist(), none.struck.tolist(), strict=True))
    assert order == sorted(order)
    assert {(0, 0), (0, 1), (1, 0)} == set(order)


def test_what_people_do_to_all_counts_for_no_fault_of_a_trade() -> None:
    kinds = {1: Kind(struck=1, quiet=0), 2: Kind(struck=1, rests=1)}
    none = partitions(table_of(3, [Edge(0, 1, HALTS, 1), Edge(0, 2, cost=1)], kinds), (), 1)[0]

    assert (none.struck[none.of[1]], none.struck[none.of[2]]) == (0, 1)


# ---- what comes over all lanes -------------------------------------------------------------------------


def test_what_comes_over_all_lanes_is_told_per_class_and_is_no_edge() -> None:
    turns = [Edge(0, 1, HALTS), Edge(0, 2, RESTARTS), Edge(0, 3, HALTS | RESTARTS), Edge(1, 0, FIRES)]
    kinds = only(table_of(4, turns, {2: Kind(rests=1), 3: Kind(quiet=0)}), ())

    start = int(kinds.of[0])
    turned = [int(each[start]) for each in (kinds.halted, kinds.restarted, kinds.both)]
    assert turned == [int(kinds.of[1]), int(kinds.of[2]), int(kinds.of[3])]
    assert edges_of(kinds, start) == []
    assert kinds.halted[kinds.of[2]] == NOWHERE


def test_states_that_a_halt_takes_elsewhere_are_not_alike() -> None:
    kinds = only(table_of(4, [*DIAMOND, Edge(1, 3, HALTS), Edge(2, 0, HALTS)]), ())

    assert kinds.of[1] != kinds.of[2]


@pytest.mark.parametrize("flag", [ASKS, OPENS, SHAKES])
def test_edges_that_are_looked_at_in_company_stay_apart(flag: int) -> None:
    kinds = only(table_of(2, [Edge(0, 1, flag), Edge(0, 1, flag), Edge(0, 1), Edge(0, 1)]), ())

    assert edges_of(kinds, int(kinds.of[0])) == sorted([(1, flag, 0), (1, flag, 0), (1, 0, 0)])
    assert sorted(kinds.edges.tolist())[:2] == [0, 1]


def test_edge_of_a_class_is_named_by_one_of_its_example() -> None:
    table = table_of(4, DIAMOND)
    kinds = only(table, ())

    for number, example in enumerate(kinds.examples):
        for at in range(kinds.first[number], kinds.first[number + 1]):
            assert table.sources[kinds.edges[at]] == example
            assert kinds.of[table.targets[kinds.edges[at]]] == kinds.targets[at]


# ---- not lumped ----------------------------------------------------------------------------------------


def test_every_state_is_its_own_class_where_nothing_is_lumped() -> None:
    none, one = partitions(table_of(5, [*FAULT, Edge(2, 3)], AFTER), (), 1, is_lumped=False)

    assert none.count == 5
    assert one.count == 4
    assert len(set(none.of.tolist())) == 5


def test_edges_that_are_alike_are_counted_where_nothing_is_lumped() -> None:
    table = table_of(4, [*DIAMOND, Edge(2, 3)])

    whole, lumped = only(table, (), is_lumped=False), only(table, ())

    assert whole.times.sum() == 5
    assert whole.times[whole.first[whole.of[2]]] == 2
    assert set(lumped.times.tolist()) == {1}


# ---- a partition is checked ----------------------------------------------------------------------------


def checked(of: list[int], edges: list[Edge]) -> None:
    columns = [
        [each.source for each in edges],
        [each.target for each in edges],
        [each.flags for each in edges],
    ]
    classes._check(np.array(of), *[np.array(each, np.int64) for each in columns])


def test_check_lets_a_right_partition_pass() -> None:
    checked([0, 1, 1, 2], [*DIAMOND, Edge(2, 3)])
    checked([0, 1, 2, 3], DIAMOND)


WRONG = {
    "too few edges": ([0, 1, 1, 2], DIAMOND[:3], "as many edges"),
    "to elsewhere": ([0, 1, 1, 2], [*DIAMOND[:3], Edge(2, 0)], "the same edges"),
    "of another kind": ([0, 1, 1, 2], [*DIAMOND[:3], Edge(2, 3, FIRES)], "the same edges"),
    "the first in another class": ([2, 1, 0, 1], DIAMOND, "as many edges"),
}


@pytest.mark.parametrize(("of", "edges", "why"), WRONG.values(), ids=WRONG)
def test_check_notices_a_wrong_partition(of: list[int], edges: list[Edge], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        checked(of, edges)


def test_states_that_fell_together_by_their_hash_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classes, "_mixed", np.zeros_like)

    with pytest.raises(AssertionError, match="states of a class have"):
        only(table_of(4, DIAMOND), ())


# ---- a real table, made ready --------------------------------------------------------------------------


def test_classes_of_a_real_table_do_not_hang_on_the_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    table = tabulated().table

    one = only(table, (0, 2))
    monkeypatch.setattr(classes, "SEED", classes.SEED + 1)
    other = only(table, (0, 2))

    assert one.of.tolist() == other.of.tolist()
    assert 1 < one.count < table.states
    assert one.targets.tolist() == other.targets.tolist()


def test_level_has_every_edge_in_the_column_of_its_kind() -> None:
    kinds = only(tabulated().table, (0, 2))

    level = level_of(kinds)

    assert sum(len(each.targets) for each in level.columns) == len(kinds.targets)
    for number in range(kinds.count):
        found = [
            (int(each.targets[at]), each.flags, each.cost)
            for each in level.columns
            for at in range(each.first[number], each.first[number + 1])
        ]
        assert sorted(found) == edges_of(kinds, number)


def test_groups_of_a_level_lie_side_by_side() -> None:
    edges = [Edge(0, 1, CRASHES), Edge(0, 2, FIRES), Edge(0, 3, cost=1)]
    kinds = partitions(table_of(4, edges, {1: Kind(crashed=1), 3: Kind(struck=1, rests=1)}), (), 1)[0]

    level = level_of(kinds)

    assert level.group.tolist() == sorted(level.group.tolist())
    assert level.sizes.tolist() == [level.group.tolist().count(each) for each in range(len(level.sizes))]
    assert level.begins.tolist() == [level.group.tolist().index(each) for each in range(len(level.sizes))]
    assert len(level.sizes) == 3
