"""A chain of rows: whatever is done to it by chance is seen, with the place up to which all is well."""

from dataclasses import replace
from random import Random

import pytest

from hedgecheck.errors import StoreDamaged
from hedgecheck.live.chain import (
    Damage,
    Head,
    Row,
    genesis,
    head_of,
    is_beginning,
    linked,
    whole,
    wrong_with,
)

BEGUN = head_of(genesis("opening", 1, 5))


def rows_after(head: Head, bodies: list[str], now_ns: int) -> list[Row]:
    """The rows that come after a head."""
    return [Row(*each) for each in linked(head, 1, bodies, now_ns)]


def chain(count: int) -> list[Row]:
    """So many rows."""
    rows, head = [], BEGUN
    for number in range(count):
        rows += rows_after(head, [f"event {number}"], 10 * number)
        head = head_of(rows[-1])
    return rows


def damage_of(rows: list[Row], head: Head, beginning: Head = BEGUN) -> tuple[str, int]:
    """What is wrong with these, and the last place up to which all is well."""
    with pytest.raises(StoreDamaged, match=r"^here: ") as damaged:
        list(whole(beginning, rows, head, "here"))
    return str(damaged.value).removeprefix("here: ").partition(". ")[0], damaged.value.good


ROWS = chain(9)
HEAD = head_of(ROWS[-1])


def test_whole_chain_has_no_damage() -> None:
    assert list(whole(BEGUN, ROWS, HEAD, "here")) == ROWS
    assert list(whole(BEGUN, [], BEGUN, "here")) == []
    assert list(whole(head_of(ROWS[3]), ROWS[4:], HEAD, "here")) == ROWS[4:]


@pytest.mark.parametrize(
    ("rows", "damage"),
    [
        ([*ROWS[:4], *ROWS[5:]], Damage(4, "event 5 is missing")),
        ([*ROWS[:4], ROWS[3], *ROWS[4:]], Damage(4, "event 5 is not there, but one of another place")),
        ([*ROWS[:4], ROWS[5], ROWS[4], *ROWS[6:]], Damage(4, "event 5 is missing")),
        (ROWS[:4], Damage(4, "events from 5 to 9 are missing at the end")),
        ([], Damage(0, "events from 1 to 9 are missing at the end")),
        ([replace(ROWS[0], body="other"), *ROWS[1:]], Damage(0, "event 1 is not what was written")),
        ([*ROWS[:8], replace(ROWS[8], format=2)], Damage(8, "event 9 is not what was written")),
        ([*ROWS, *rows_after(HEAD, ["more"], 99)], Damage(10, "the head is not what was written")),
    ],
)
def test_first_damage_is_told_with_its_place(rows: list[Row], damage: Damage) -> None:
    assert damage_of(rows, HEAD) == (damage.what, damage.good)


def test_head_of_another_digest_is_damage() -> None:
    assert damage_of(ROWS, Head(9, 80, b"other")) == ("the head is not what was written", 9)
    assert damage_of(ROWS, replace(HEAD, recorded_ns=81)) == ("the head is not what was written", 9)


def test_chain_of_another_opening_does_not_begin_here() -> None:
    for other in (genesis("opening", 2, 5), genesis("other", 1, 5), genesis("opening", 1, 6)):
        assert damage_of(ROWS, HEAD, head_of(other)) == ("event 1 is not what was written", 0)


def test_beginning_shows_by_itself_that_it_is_what_was_written() -> None:
    begun = genesis("opening", 1, 5)

    assert is_beginning(begun)
    changed = {"position": 1, "format": 2, "recorded_ns": 6, "body": "other", "digest": b"other"}
    assert [name for name, value in changed.items() if is_beginning(replace(begun, **{name: value}))] == []


def test_time_never_goes_backwards() -> None:
    (first,) = rows_after(BEGUN, ["a"], 50)
    (second,) = rows_after(head_of(first), ["b"], 30)

    assert (first.recorded_ns, second.recorded_ns) == (50, 50)
    assert wrong_with(head_of(first), second) == ""


def test_row_that_is_older_than_the_one_before_it_is_damage_whatever_its_digest() -> None:
    (first,) = rows_after(BEGUN, ["a"], 50)
    (older,) = rows_after(replace(head_of(first), recorded_ns=0), ["b"], 30)

    assert wrong_with(head_of(first), older) == "event 2 is older than the one before it"


@pytest.mark.parametrize("seed", range(50))
def test_any_row_that_is_changed_moved_doubled_or_lost_is_seen(seed: int) -> None:
    random, rows = Random(seed), list(ROWS)
    at = random.randrange(len(rows))
    match random.choice(("body", "time", "digest", "lose", "double", "swap")):
        case "body":
            rows[at] = replace(rows[at], body=rows[at].body + random.choice((" ", "x", "0")))
        case "time":
            rows[at] = replace(rows[at], recorded_ns=rows[at].recorded_ns + random.choice((-1, 1, 1 << 40)))
        case "digest":
            rows[at] = replace(rows[at], digest=random.randbytes(32))
        case "lose":
            del rows[at]
        case "double":
            rows.insert(random.randrange(len(rows)), rows[at])
        case "swap":
            other = random.choice([each for each in range(len(rows)) if each != at])
            rows[at], rows[other] = rows[other], rows[at]

    _, good = damage_of(rows, HEAD)

    assert ROWS[:good] == rows[:good]
