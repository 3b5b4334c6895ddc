"""``frozen`` and ``replace`` do what ``dataclasses`` do, in both copies of them."""

import dataclasses
import inspect
import pickle

import pytest

from core import values as of_the_core
from core.messages import SignalId, TimerId
from core.orders import Order
from core.values import replace
from hedgecheck import values as of_the_kit
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


# ---- frozen ----------------------------------------------------------------------------------------


@of_the_core.frozen
class CorePoint:
    """A place."""

    x: int
    y: int = 7


@of_the_kit.frozen
class KitPoint:
    """A place."""

    x: int
    y: int = 7


@of_the_core.frozen
class Empty:
    """Nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlainPoint:
    x: int
    y: int = 7


both = pytest.mark.parametrize("point", [CorePoint, KitPoint])


@both
def test_frozen_records_are_made_as_plain_ones_are(point):
    assert dataclasses.astuple(point(1)) == (1, 7)
    assert dataclasses.astuple(point(1, 2)) == dataclasses.astuple(point(y=2, x=1)) == (1, 2)
    assert repr(point(1)) == f"{point.__name__}(x=1, y=7)"
    assert inspect.signature(point).parameters == inspect.signature(PlainPoint).parameters
    assert [each.name for each in dataclasses.fields(point)] == ["x", "y"]
    with pytest.raises(TypeError, match=r"(?i)missing.* required"):
        point()


@both
def test_frozen_records_are_frozen_and_have_no_room_for_more(point):
    made = point(1)

    assert type(made) is point
    with pytest.raises(AttributeError):
        made.x = 2
    with pytest.raises(AttributeError):
        del made.x
    assert not hasattr(made, "__dict__")


@both
def test_frozen_records_of_equal_parts_are_equal_and_hash_alike(point):
    assert point(1, 2) == point(1, 2)
    assert point(1, 2) != point(1, 3)
    assert point(1, 2) != point(3, 2)
    assert hash(point(1, 2)) == hash(point(1, 2))
    assert len({point(1), point(1), point(2)}) == 2
    assert Empty() == Empty()


def test_frozen_records_of_two_classes_are_never_equal():
    assert CorePoint(1) != KitPoint(1)
    assert CorePoint(1) != (1, 7)
    assert CorePoint(1) != None  # noqa: E711


@both
def test_a_part_that_differs_from_itself_equals_itself_as_in_a_tuple(point):
    nan = float("nan")

    assert (nan,) == (nan,)  # and dataclasses up to Python 3.12; since 3.13 they say that those differ
    assert point(nan) == point(nan)


@pytest.mark.parametrize("values", [of_the_core, of_the_kit])
def test_frozen_records_do_not_make_their_defaults(values):
    with pytest.raises(AssertionError, match="is a value"):

        @values.frozen
        class Bag:
            """Its default would be shared."""

            things: list = dataclasses.field(default_factory=list)


@pytest.mark.parametrize(("values", "point"), [(of_the_core, KitPoint), (of_the_kit, CorePoint)])
def test_each_refuses_to_copy_the_records_of_the_other(values, point):
    with pytest.raises(TypeError):
        values.replace(point(1), x=2)


@both
def test_frozen_records_survive_a_trip_to_another_process(point):
    assert pickle.loads(pickle.dumps(point(1, 2))) == point(1, 2)
