"""States of a table by their parts: what goes in comes out, and nothing is one that is not."""

import random

import hypothesis
from hypothesis import strategies as st

from hedgecheck.explore.exhaustive import kept_of, wire_of
from hedgecheck.explore.remember import Canon
from hedgecheck.explore.tables.nodes import Interned, Nodes, Rows
from hedgecheck.values import replace
from tests.unit.kit.walks import STRUCK, alone, laned, walk

rows = st.lists(st.tuples(*[st.integers(0, 5)] * 3), max_size=40)


@hypothesis.given(rows)
def test_rows_are_numbered_as_they_come_and_the_same_row_has_one_number(
    given_rows: list[tuple[int, ...]],
) -> None:
    known, numbers = Rows(3), {}

    for row in given_rows:
        assert known.number(row) == numbers.setdefault(row, len(numbers))

    assert len(known) == len(numbers)
    assert list(zip(*known.columns, strict=True)) == list(numbers)


def test_rows_keep_their_numbers_however_many_there_are() -> None:
    known, wanted = Rows(2), [(each % 97, each // 97) for each in range(20_000)]

    assert [known.number(row) for row in wanted] == list(range(20_000))

    shuffled = random.Random(0).sample(range(20_000), 20_000)
    assert [known.number(wanted[each]) for each in shuffled] == shuffled


def test_the_first_of_those_that_are_alike_stands_for_them() -> None:
    known: Interned[str] = Interned()

    numbers = [known.number(len(text), text) for text in ("ab", "c", "de", "f")]

    assert numbers == [0, 1, 0, 1]
    assert known.values == ["ab", "c"]


def test_a_world_is_made_again_from_its_parts() -> None:
    universe, engines, remembered = alone(laned(STRUCK).scope, 0), Canon(None), Canon(None)
    nodes = Nodes(engines, [remembered])
    worlds = [after for seed in range(20) for _, _, after, _ in walk(universe, seed)]
    seen: dict[int, object] = {}

    for world in worlds:
        engine, memory = engines.one(world.engine), remembered.one(world.signaled)
        wire = wire_of(replace(world, faults_left=0))
        key = (engines.numbers[id(engine)], kept_of(world.venue), wire)
        number = nodes.number(*key, world, (memory,))
        made, memories = nodes.node(number, world.faults_left)
        assert replace(made, timers=()) == replace(world, timers=())
        assert sorted(made.timers) == sorted(world.timers)
        assert memories == (memory,)
        assert seen.setdefault(number, key) == key

    assert len(nodes) == len(seen) > 100
