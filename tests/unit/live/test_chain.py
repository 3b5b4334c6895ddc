"""A chain of rows: whatever is done to it by chance is seen, with the place up to which all is well."""

from dataclasses import replace
from random import Random

import pytest

from hedgecheck.errors import StoreDamaged
from hedgecheck.live.chain import Damage, Head, Row, demand_whole, first_damage, genesis, linked

BEGUN = genesis("opening", 1)


def chain(count: int) -> list[Row]:
    """So many rows."""
    rows, head = [], BEGUN
    for number in range(count):
        rows.append(linked(head, 1, f"event {number}"))
        head = head_of(rows)
    return rows


def head_of(rows: list[Row]) -> Head:
    """Where these end."""
    return Head(rows[-1].position, rows[-1].digest) if rows else BEGUN


ROWS = chain(9)
HEAD = head_of(ROWS)


def test_whole_chain_has_no_damage() -> None:
    assert first_damage(BEGUN, ROWS, HEAD) == (None, HEAD)
    assert first_damage(BEGUN, [], BEGUN) == (None, BEGUN)
    assert demand_whole(BEGUN, ROWS, HEAD, "here") == HEAD


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
        ([*ROWS, linked(HEAD, 1, "more")], Damage(10, "the head is not what was written")),
    ],
)
def test_first_damage_is_told_with_its_place(rows: list[Row], damage: Damage) -> None:
    found, last = first_damage(BEGUN, rows, HEAD)

    assert found == damage
    assert last.position == damage.good
    with pytest.raises(StoreDamaged, match=f"here: .*up to event {damage.good}") as damaged:
        demand_whole(BEGUN, rows, HEAD, "here")
    assert damaged.value.good == damage.good


def test_head_of_another_digest_is_damage() -> None:
    assert first_damage(BEGUN, ROWS, Head(9, b"other"))[0] == Damage(9, "the head is not what was written")


def test_chain_of_another_opening_does_not_begin_here() -> None:
    assert first_damage(genesis("opening", 2), ROWS, HEAD)[0] == Damage(0, "event 1 is not what was written")
    assert first_damage(genesis("other", 1), ROWS, HEAD)[0] == Damage(0, "event 1 is not what was written")


@pytest.mark.parametrize("seed", range(50))
def test_any_row_that_is_changed_moved_doubled_or_lost_is_seen(seed: int) -> None:
    random, rows = Random(seed), list(ROWS)
    at = random.randrange(len(rows))
    match random.choice(("body", "digest", "lose", "double", "swap")):
        case "body":
            rows[at] = replace(rows[at], body=rows[at].body + random.choice((" ", "x", "0")))
        case "digest":
            rows[at] = replace(rows[at], digest=random.randbytes(32))
        case "lose":
            del rows[at]
        case "double":
            rows.insert(random.randrange(len(rows)), rows[at])
        case "swap":
            other = random.choice([each for each in range(len(rows)) if each != at])
            rows[at], rows[other] = rows[other], rows[at]

    damage, last = first_damage(BEGUN, rows, HEAD)

    assert damage is not None
    assert ROWS[: last.position] == rows[: last.position]
