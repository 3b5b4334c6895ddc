"""``replace`` copies a record with changes, as ``dataclasses.replace`` does."""

import dataclasses

import pytest

from core.messages import SignalId, TimerId
from core.orders import Order
from core.values import replace
from tests.unit.core.build import ENTRY, SIGNAL, fill, opened

ORDER = Order(ENTRY, "AAA", "buy", 1_000, fills=(fill(10),))


def test_replace_changes_what_it_is_told_and_nothing_else():
    changed = replace(ORDER, phase="new", filled=10)

    assert changed == dataclasses.replace(ORDER, phase="new", filled=10)
    assert type(changed) is Order


def test_replace_leaves_the_original_alone():
    before = dataclasses.astuple(ORDER)

    replace(ORDER, quantity=7)

    assert dataclasses.astuple(ORDER) == before


def test_replace_without_changes_is_an_equal_copy():
    copy = replace(ORDER)

    assert copy == ORDER
    assert copy is not ORDER
    assert copy.fills is ORDER.fills


def test_replace_can_set_none_and_false():
    timer = replace(TimerId(SIGNAL, "query", ENTRY), order=None)

    assert timer == TimerId(SIGNAL, "query")
    assert replace(opened(), lingers=False).lingers is False


def test_replace_tells_classes_apart():
    renamed = replace(SignalId("pairs", 1), sequence=2)

    assert (renamed.strategy, renamed.sequence) == ("pairs", 2)
    assert replace(ORDER, quantity=2).quantity == 2


def test_replace_refuses_fields_the_record_does_not_have():
    with pytest.raises(TypeError, match="color"):
        replace(ORDER, quantity=2, color="red")
