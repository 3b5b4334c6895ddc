"""Multisets of numbers, and their places in a list of all of them without gaps.

The combinatorial number system (Lehmer 1964): sorted numbers a <= b <= c ... have the place
C(a, 1) + C(b + 1, 2) + C(c + 2, 3) + ...
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def runs_of(groups: tuple[int, ...]) -> list[tuple[int, int]]:
    """Each group with how many lanes are in it."""
    return [(group, groups.count(group)) for group in dict.fromkeys(groups)]


def count_of(size: int, times: int) -> int:
    """How many multisets of so many there are."""
    whole = 1
    for place in range(times):
        whole = whole * (size + place) // (place + 1)
    return whole


def place_of(rows: list[Ints]) -> Ints:
    """The places of sorted rows, of as many multisets as a row is long."""
    places = np.zeros_like(rows[0])
    for place, row in enumerate(rows):
        term = np.ones_like(row)
        for step in range(place + 1):
            term = term * (row + step) // (step + 1)
        places += term
    return places


def at_place(places: Ints, size: int, times: int) -> list[Ints]:
    """What is at each place: ``place_of`` the other way round."""
    rows: list[Ints] = []
    for place in reversed(range(times)):
        numbers = np.arange(size)
        whole = np.ones(size, np.int64)
        for step in range(place + 1):
            whole = whole * (numbers + step) // (step + 1)
        row = np.searchsorted(whole, places, side="right") - 1
        places = places - whole[row]
        rows.insert(0, row)
    return rows


def orders_of(members: list[Ints]) -> Ints:
    """In how many orders of the lanes each multiset comes."""
    count = len(members)
    orders = np.full(len(members[0]), _factorial(count), np.int64)
    run = np.ones(len(members[0]), np.int64)
    for before, after in pairwise(members):
        run = np.where(before == after, run + 1, 1)
        orders //= run
    return orders


def _factorial(count: int) -> int:
    return 1 if count <= 1 else count * _factorial(count - 1)


def distinct(codes: Ints) -> Ints:
    """The different ones of some numbers, mostly few and close together."""
    if not len(codes):
        return codes
    low, high = int(codes.min()), int(codes.max())
    if low == high:
        return np.array([low])
    if high - low < 1 << 16:
        return np.flatnonzero(np.bincount(codes - low)) + low
    return np.unique(codes)
