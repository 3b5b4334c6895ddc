"""A tripped breaker opens to its own next code and to nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import breakers
from core.breakers import Breaker
from tests.unit.core.build import CODES, OTHER_CODES, settings

ARMED = Breaker("daily_loss", CODES[0])
TRIPPED = breakers.trip(ARMED)


def test_every_breaker_starts_armed_with_its_own_anchor():
    made = breakers.initial(settings(anchors=(("daily_loss", CODES[0]), ("manual", OTHER_CODES[0]))))

    assert made == (Breaker("daily_loss", CODES[0]), Breaker("manual", OTHER_CODES[0]))
    assert not breakers.is_halted(made)


def test_a_breaker_without_an_anchor_has_none():
    assert breakers.initial(settings()) == (Breaker("daily_loss", ""), Breaker("manual", ""))


@pytest.mark.parametrize("kind", breakers.KINDS)
def test_one_tripped_breaker_halts(kind):
    armed = breakers.initial(settings())

    tripped = breakers.put(armed, breakers.trip(breakers.get(armed, kind)))

    assert breakers.is_halted(tripped)
    assert [each.kind for each in tripped] == list(breakers.KINDS)
    assert [each.phase for each in tripped].count("tripped") == 1
    assert breakers.get(tripped, kind).phase == "tripped"


def test_a_trip_asks_for_the_next_link():
    assert Breaker("daily_loss", CODES[0], "tripped", link=1) == TRIPPED
    assert breakers.trip(breakers.expire(TRIPPED)) == Breaker("daily_loss", CODES[0], "tripped", link=2)


def test_a_code_is_the_value_whose_sha256_is_the_link_before_it():
    assert breakers.next_anchor(CODES[1]) == CODES[0] == sha256(CODES[1].encode()).hexdigest()


@pytest.mark.covers("EM-11")
def test_the_right_code_resets_and_moves_the_chain_on():
    assert breakers.reset(TRIPPED, CODES[1]) == Breaker("daily_loss", CODES[1], "armed", link=1, spent=1)


@pytest.mark.covers("EM-11")
@pytest.mark.parametrize(
    "code",
    [
        "",
        "0" * 64,
        CODES[0],
        CODES[2],
        OTHER_CODES[1],
        CODES[1][:-1],
        CODES[1] + "0",
        CODES[1].upper(),
        "\ud800" * 64,
    ],
    ids=[
        "missing",
        "wrong",
        "public",
        "the one after",
        "other",
        "cut",
        "long",
        "upper case",
        "no text",
    ],
)
def test_no_other_code_resets(code):
    assert breakers.reset(TRIPPED, code) is None


@pytest.mark.covers("EM-11")
def test_a_used_code_does_not_reset_the_next_trip_and_the_next_code_does():
    again = breakers.trip(breakers.reset(TRIPPED, CODES[1]))

    assert breakers.reset(again, CODES[1]) is None
    assert breakers.reset(again, CODES[2]) == Breaker("daily_loss", CODES[2], "armed", link=2, spent=2)


def test_after_an_expired_code_only_the_one_after_it_resets():
    asked_anew = breakers.trip(breakers.expire(TRIPPED))

    assert breakers.expire(TRIPPED).expired
    assert breakers.reset(asked_anew, CODES[1]) is None
    assert breakers.reset(asked_anew, CODES[2]) == Breaker("daily_loss", CODES[2], "armed", link=2, spent=2)


def test_a_breaker_without_an_anchor_is_never_reset():
    assert breakers.reset(breakers.trip(Breaker("manual", "")), CODES[1]) is None


def test_a_code_of_the_wrong_length_never_resets_even_if_its_hash_is_the_anchor():
    short = "secret"
    tripped = breakers.trip(Breaker("manual", sha256(short.encode()).hexdigest()))

    assert breakers.reset(tripped, short) is None


@given(code=st.text(min_size=64, max_size=64) | st.text())
def test_a_guess_does_not_reset(code):
    assert breakers.reset(TRIPPED, code) is None


# ---- the daily loss ------------------------------------------------------------------------------


@pytest.mark.covers("EM-09")
@pytest.mark.parametrize(
    ("equity", "too_much"),
    [
        (10_000_000, False),
        (9_800_001, False),
        (9_800_000, True),
        (9_799_999, True),
        (12_000_000, False),
        (0, True),
        (-1, True),
        (None, True),
    ],
)
def test_two_per_cent_of_the_baseline_is_too_much(equity, too_much):
    assert breakers.loses_too_much(10_000_000, equity, 200) is too_much


@pytest.mark.covers("EM-09")
@pytest.mark.parametrize(("equity", "too_much"), [(99, False), (98, True), (49, True)])
def test_the_boundary_is_exact_where_the_share_is_no_whole_number(equity, too_much):
    assert breakers.loses_too_much(99, equity, 100) is too_much


def test_with_nothing_to_lose_nothing_may_be_lost():
    assert breakers.loses_too_much(0, 0, 200)
