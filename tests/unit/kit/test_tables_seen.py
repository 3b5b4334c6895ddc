"""States that were seen, kept sorted: what a dictionary would hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.explore.tables import seen
from hedgecheck.explore.tables.seen import Gathered, Seen

PLACES = st.lists(st.integers(0, 60), max_size=30)


def array(places):
    return np.array(places, np.int64)


@given(st.lists(PLACES, max_size=8))
def test_states_are_those_of_a_dictionary_each_with_the_depth_at_which_it_was_new(layers):
    block, known = Seen(), {}
    for depth, places in enumerate(layers, start=1):
        fresh = block.add(array(sorted(set(places))), depth)

        assert fresh.tolist() == sorted({*places} - {*known})
        known |= dict.fromkeys(fresh.tolist(), depth)

    assert block.places.tolist() == sorted(known)
    assert len(block) == len(known)
    assert {each: block.depth_of(each) for each in known} == known
    for depth in range(len(layers) + 2):
        assert block.at(depth).tolist() == sorted(each for each in known if known[each] == depth)


@given(st.lists(PLACES, min_size=1, max_size=12), st.integers(1, 20))
def test_what_is_gathered_comes_once_and_in_order_however_often_doubles_are_dropped(parts, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "GATHERED", most)
        gathered = Gathered()
        for part in parts:
            gathered.gather(array(part))

    assert gathered.once().tolist() == sorted({each for part in parts for each in part})


def test_doubles_are_dropped_before_they_take_much_room(monkeypatch):
    monkeypatch.setattr(seen, "GATHERED", 10)
    gathered = Gathered()
    for _ in range(100):
        gathered.gather(array([1, 2, 3]))

    assert sum(len(each) for each in gathered._parts) <= 13


def test_a_state_that_was_not_seen_has_no_depth():
    block = Seen()
    block.add(array([2, 5]), 1)

    with pytest.raises(AssertionError, match="was seen"):
        block.depth_of(3)
