"""Multisets by their places: every one has a place of its own, there are no gaps, and orders are counted."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.explore.tables.multisets import at_place, count_of, orders_of, place_of, runs_of

SIZES, TIMES = st.integers(1, 7), st.integers(1, 4)


def columns(multisets: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """One row per place in the multiset."""
    return [np.array(each, np.int64) for each in zip(*multisets, strict=True)]


def every(size: int, times: int) -> list[tuple[int, ...]]:
    return list(combinations_with_replacement(range(size), times))


@given(SIZES, TIMES)
def test_there_are_as_many_places_as_multisets(size: int, times: int) -> None:
    assert count_of(size, times) == len(every(size, times))


def test_there_is_one_multiset_of_nothing_and_none_of_nothing_to_choose_from() -> None:
    assert count_of(5, 0) == 1
    assert count_of(0, 2) == 0


@given(SIZES, TIMES)
def test_places_have_no_gaps_and_no_two_multisets_share_one(size: int, times: int) -> None:
    places = place_of(columns(every(size, times)))

    assert sorted(places.tolist()) == list(range(count_of(size, times)))


@given(SIZES, TIMES)
def test_what_is_at_a_place_is_sorted_and_has_that_place(size: int, times: int) -> None:
    places = np.arange(count_of(size, times))

    rows = at_place(places, size, times)

    assert (place_of(rows) == places).all()
    assert sorted(zip(*[row.tolist() for row in rows], strict=True)) == every(size, times)


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=4))
def test_large_numbers_come_back_from_their_place(numbers: list[int]) -> None:
    multiset = tuple(sorted(numbers))

    rows = at_place(place_of(columns([multiset])), 2_001, len(multiset))

    assert tuple(int(row[0]) for row in rows) == multiset


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_orders_are_the_distinct_permutations(numbers: list[int]) -> None:
    multiset = tuple(sorted(numbers))

    assert orders_of(columns([multiset])).tolist() == [len(set(permutations(multiset)))]


def test_orders_of_many_are_counted_each_for_itself() -> None:
    assert orders_of(columns([(1, 1, 1), (1, 1, 2), (1, 2, 2), (1, 2, 3)])).tolist() == [1, 3, 3, 6]


def test_runs_are_groups_with_how_many_lanes_are_in_them() -> None:
    assert runs_of((0, 0, 2)) == [(0, 2), (2, 1)]
    assert runs_of((4,)) == [(4, 1)]
