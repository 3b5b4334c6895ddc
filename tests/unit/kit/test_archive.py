"""What a long run leaves behind: an archive holds what a dict would, and costs what is new."""

import pickle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.archive import YOUNG, Archive


def drawn(seed: int, count: int) -> list[tuple[str, int]]:
    """So many entries, their keys again and again, so that they settle several times."""
    chance = Random(seed)
    return [(str(chance.randrange(3 * YOUNG)), chance.randrange(9)) for _ in range(count)]


ENTRIES = st.builds(drawn, st.integers(0, 99), st.integers(0, 12 * YOUNG))


def filled(entries: list[tuple[str, int]]) -> Archive[int]:
    """An archive into which these were put, one by one."""
    archive: Archive[int] = Archive()
    for key, value in entries:
        archive = archive.put(key, value)
    return archive


@given(ENTRIES)
def test_an_archive_holds_what_a_dict_would_in_the_order_of_its_keys(entries: list[tuple[str, int]]) -> None:
    archive, expected = filled(entries), dict(entries)

    assert list(archive.items()) == list(expected.items())
    assert len(archive) == len(expected)
    assert bool(archive) == bool(expected)
    for key in map(str, range(3 * YOUNG + 2)):
        assert (key in archive, archive.get(key), archive.get(key, 7)) == (
            key in expected,
            expected.get(key),
            expected.get(key, 7),
        )


@given(ENTRIES)
def test_archives_are_equal_by_what_they_hold_however_it_came(entries: list[tuple[str, int]]) -> None:
    archive, at_once = filled(entries), Archive(dict(entries))

    assert archive == at_once
    assert hash(archive) == hash(at_once)
    assert archive != at_once.put("other", 0)


def test_what_is_put_into_an_archive_leaves_the_one_before_as_it_was() -> None:
    before = Archive({"a": 1})

    after = before.put("a", 2).put("b", 3)

    assert (dict(before), dict(after)) == ({"a": 1}, {"a": 2, "b": 3})
    assert after["b"] == 3


def test_what_was_before_is_not_seen_by_those_that_stayed_behind() -> None:
    """However often what is new has settled meanwhile, and in which of two lines."""
    root = filled([(str(number), 0) for number in range(3 * YOUNG)])
    before = dict(root)

    lines = [root, root]
    for number in range(3 * YOUNG):
        lines = [
            each.put(str(number), line + 1).put(f"{line}/{number}", 0) for line, each in enumerate(lines)
        ]

    assert dict(root) == before
    for line, each in enumerate(lines):
        expected = before | {str(number): line + 1 for number in range(3 * YOUNG)}
        assert dict(each) == expected | {f"{line}/{number}": 0 for number in range(3 * YOUNG)}
        assert root["0"] == 0
        assert f"{line}/0" not in root


def test_one_line_is_never_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Archive, "_old")

    archive = filled([(str(number), number) for number in range(64 * YOUNG)])

    assert [archive[str(number)] for number in (0, 64 * YOUNG - 1)] == [0, 64 * YOUNG - 1]


def test_an_archive_survives_a_trip_to_another_process_without_what_came_later() -> None:
    archive = filled([(str(number), number) for number in range(2 * YOUNG)])
    filled_on = archive
    for number in range(4 * YOUNG):
        filled_on = filled_on.put(f"later {number}", 0)

    sent = pickle.dumps(archive)

    assert pickle.loads(sent) == archive
    assert b"later" not in sent
