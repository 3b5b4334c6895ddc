"""The latch: a tripped breaker opens to its own next code and to nothing else, and comes back by steps."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import breakers
from core.breakers import Breaker
from core.settings import DAILY_LOSS, MANUAL, BreakerRule
from tests.unit.core.build import CODES, OTHER_CODES, settings

ARMED = Breaker("daily_loss", CODES[0])
TRIPPED = breakers.trip(ARMED)
PLAIN = BreakerRule("daily_loss", "daily_loss", 200, cooldown=10)
SLOW = replace(PLAIN, probation=5)
TRIED = breakers.returned(TRIPPED, SLOW)  # the first step of its probation


def test_every_breaker_starts_armed_with_its_own_anchor():
    made = breakers.initial(settings(anchors=(("daily_loss", CODES[0]), ("manual", OTHER_CODES[0]))))

    assert made == (Breaker("daily_loss", CODES[0]), Breaker("manual", OTHER_CODES[0]))
    assert not breakers.is_halted(made)


def test_a_breaker_without_an_anchor_has_none():
    assert breakers.initial(settings()) == (Breaker("daily_loss", ""), Breaker("manual", ""))


def test_there_are_the_breakers_of_the_settings_and_no_other():
    made = breakers.initial(settings(breakers=(MANUAL, BreakerRule("vix", "custom", 40))))

    assert [each.name for each in made] == ["manual", "vix"]


@pytest.mark.parametrize("name", ["daily_loss", "manual"])
def test_one_tripped_breaker_halts(name):
    armed = breakers.initial(settings())

    tripped = breakers.put(armed, breakers.trip(breakers.find(armed, name)))

    assert breakers.is_halted(tripped)
    assert [each.name for each in tripped] == ["daily_loss", "manual"]
    assert [each.phase for each in tripped].count("tripped") == 1
    assert breakers.find(tripped, name).phase == "tripped"


@pytest.mark.parametrize("phase", ["armed", "warning", "probation"])
def test_only_a_tripped_breaker_halts(phase):
    assert not breakers.is_halted((replace(ARMED, phase=phase, step=1),))


def test_a_breaker_there_is_not_is_not_found():
    assert breakers.find((ARMED,), "drawdown") is None


# ---- trips ---------------------------------------------------------------------------------------


def test_a_trip_asks_for_the_next_link():
    assert Breaker("daily_loss", CODES[0], "tripped", link=1, trips=1, row=1) == TRIPPED


def test_a_late_code_asks_for_the_link_after_it_and_is_no_trip():
    late = breakers.asked_anew(breakers.expire(TRIPPED))

    assert late == Breaker("daily_loss", CODES[0], "tripped", link=2, trips=1, row=1)


def test_a_trip_forgets_that_the_code_before_it_expired():
    expired = replace(ARMED, link=1, expired=True)

    assert breakers.trip(expired) == Breaker("daily_loss", CODES[0], "tripped", link=2, trips=1, row=1)


@pytest.mark.parametrize(("phase", "row"), [("armed", 1), ("warning", 1), ("probation", 4)])
def test_only_trips_in_probation_are_in_a_row(phase, row):
    tripped = breakers.trip(replace(ARMED, phase=phase, trips=7, row=3, step=2))

    assert (tripped.trips, tripped.row, tripped.step) == (8, row, 0)


@pytest.mark.parametrize(("row", "duration"), [(1, 10), (2, 20), (3, 40), (5, 160)])
def test_the_cooldown_doubles_with_each_trip_in_a_row(row, duration):
    assert breakers.cooldown(replace(TRIPPED, row=row), PLAIN) == duration


# ---- codes ---------------------------------------------------------------------------------------


def test_a_code_is_the_value_whose_sha256_is_the_link_before_it():
    assert breakers.next_anchor(CODES[1]) == CODES[0] == sha256(CODES[1].encode()).hexdigest()


@pytest.mark.covers("EM-11")
def test_the_right_code_moves_the_chain_on():
    assert breakers.unlocked(TRIPPED, CODES[1]) == replace(TRIPPED, anchor=CODES[1], spent=1)


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
    assert breakers.unlocked(TRIPPED, code) is None


@pytest.mark.covers("EM-11")
def test_a_used_code_does_not_reset_the_next_trip_and_the_next_code_does():
    again = breakers.trip(breakers.returned(breakers.unlocked(TRIPPED, CODES[1]), PLAIN))

    assert breakers.unlocked(again, CODES[1]) is None
    assert breakers.unlocked(again, CODES[2]) == replace(again, anchor=CODES[2], spent=2)


def test_after_an_expired_code_only_the_one_after_it_resets():
    asked_anew = breakers.asked_anew(breakers.expire(TRIPPED))

    assert breakers.expire(TRIPPED).expired
    assert breakers.unlocked(asked_anew, CODES[1]) is None
    assert breakers.unlocked(asked_anew, CODES[2]) == replace(asked_anew, anchor=CODES[2], spent=2)


def test_after_it_reset_itself_the_unused_code_opens_nothing_and_the_next_one_does():
    again = breakers.trip(breakers.returned(TRIPPED, PLAIN))

    assert breakers.unlocked(again, CODES[1]) is None
    assert breakers.unlocked(again, CODES[2]) == replace(again, anchor=CODES[2], spent=2)


def test_a_breaker_without_an_anchor_is_never_reset():
    assert breakers.unlocked(breakers.trip(Breaker("manual", "")), CODES[1]) is None


def test_a_code_of_the_wrong_length_never_resets_even_if_its_hash_is_the_anchor():
    short = "secret"
    tripped = breakers.trip(Breaker("manual", sha256(short.encode()).hexdigest()))

    assert breakers.unlocked(tripped, short) is None


@given(code=st.text(min_size=64, max_size=64) | st.text())
def test_a_guess_does_not_reset(code):
    assert breakers.unlocked(TRIPPED, code) is None


# ---- probation -----------------------------------------------------------------------------------


def test_without_a_probation_a_reset_arms_at_once():
    critical = replace(TRIPPED, liquidates=True)

    assert breakers.returned(critical, PLAIN) == replace(TRIPPED, phase="armed")


def test_with_a_probation_a_reset_is_its_first_step():
    critical = replace(TRIPPED, liquidates=True)

    assert breakers.returned(critical, SLOW) == replace(TRIPPED, phase="probation", step=1)
    assert breakers.returned(TRIPPED, replace(PLAIN, probation=1)).phase == "probation"


@pytest.mark.covers("TC-CB-015")
def test_limits_come_back_by_quarters():
    steps = [TRIED]
    for _ in range(3):
        steps.append(breakers.eased(steps[-1], SLOW))

    assert [breakers.share_of(each) for each in steps[:-1]] == [2_500, 5_000, 7_500]
    assert [each.phase for each in steps] == ["probation", "probation", "probation", "armed"]
    assert [each.step for each in steps] == [1, 2, 3, 0]


def test_a_probation_that_was_done_away_with_ends_with_its_step():
    assert breakers.eased(TRIED, PLAIN) == replace(TRIPPED, phase="armed")
    assert breakers.eased(TRIED, replace(SLOW, probation=1)).step == 2


@pytest.mark.parametrize("phase", ["armed", "warning", "tripped"])
def test_outside_a_probation_all_of_the_limits_hold(phase):
    assert breakers.share((replace(ARMED, phase=phase, step=1),)) == 10_000
    assert breakers.share(()) == 10_000


@pytest.mark.covers("TC-CB-015")
def test_the_least_share_holds_of_several():
    further = breakers.eased(TRIED, SLOW)

    assert breakers.share((ARMED, further, TRIED)) == 2_500
    assert breakers.share((further, ARMED)) == 5_000


def test_the_default_breakers_are_reset_by_people():
    assert (DAILY_LOSS.threshold, DAILY_LOSS.resets_itself, DAILY_LOSS.probation) == (200, False, 0)
    assert (MANUAL.kind, MANUAL.resets_itself, MANUAL.probation) == ("manual", False, 0)
