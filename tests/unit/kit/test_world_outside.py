"""Session days, messages about somebody else's order, and how often scopes have them."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, tape
from hedgecheck.explore import scopes
from hedgecheck.messages import (
    Accepted,
    Canceled,
    Filled,
    NewDay,
    Overheard,
    Sent,
)
from hedgecheck.venue import Market
from tests.unit.kit.worlds import (
    ACCEPTED,
    STRANGER,
    after,
    core,
    strike,
    told,
    universe,
)

# ---- session days ----------------------------------------------------------------------------------------


def test_day_begins_with_the_next_number_and_costs_no_fault() -> None:
    world, rolled, records = strike(universe(), (tape.Roll(),), tape.Roll())

    assert records == [NewDay(2)]
    assert told(rolled) == (NewDay(1), NewDay(2))
    assert replace(rolled, engine=world.engine, day=1, days_left=1) == world


def test_days_begin_so_often_as_the_scope_says() -> None:
    setting = universe(days=1)
    rolled = after(setting, tape.Roll())

    assert (setting.rolls(setting.initial()), setting.rolls(rolled)) == ([tape.Roll()], [])
    assert tape.Roll() in setting.enabled(setting.initial())
    assert setting.apply(rolled, tape.Roll()) == (rolled, ())
    assert setting.adverse(rolled, faults.clock_skew) == []
    assert setting.apply(rolled, tape.Skew(0)) == (rolled, ())


@pytest.mark.parametrize(("days", "told_day", "next_day"), [(0, 1, 2), (-1, 0, 1), (2, 3, 4)])
def test_wrong_clock_tells_its_own_day_and_goes_on_from_there(
    days: int, told_day: int, next_day: int
) -> None:
    world, skewed, records = strike(universe(days=3), (tape.Roll(),), tape.Skew(days))

    assert records == [NewDay(told_day)]
    assert skewed.days_left == world.days_left - 1 == 1
    assert told(after(universe(days=3), tape.Roll(), tape.Skew(days), tape.Roll()))[-1] == NewDay(next_day)


def test_wrong_clock_may_take_the_last_day() -> None:
    setting = universe(days=1)
    world, records = setting.apply(setting.initial(), tape.Skew(2))

    assert tape.Skew(2) in setting.adverse(setting.initial(), faults.clock_skew)
    assert (records[-1], world.days_left) == (NewDay(2), 0)


@pytest.mark.parametrize("days", [1, 3, -2])
def test_clock_is_wrong_in_three_ways_alone(days: int) -> None:
    setting = universe()
    world = setting.initial()

    assert setting.apply(world, tape.Skew(days)) == (world, ())


def test_day_is_kept_over_a_crash_and_over_what_the_engine_does() -> None:
    world = after(universe(), tape.Roll(), *ACCEPTED, tape.Restart())

    assert (world.day, world.days_left) == (1, 1)


def test_core_takes_a_day_that_begins_and_reports_one_that_does_not() -> None:
    setting = core()
    world, records = setting.apply(after(setting, tape.Roll()), tape.Skew(0))

    assert [getattr(each, "reason", None) for each in records[2:]] == ["INVALID_VALUE"]
    assert setting.engine.belief(world.engine) == setting.engine.belief(after(setting, tape.Roll()).engine)


# ---- somebody else's order -------------------------------------------------------------------------------

STRAYS = {
    "Accepted": Accepted(STRANGER),
    "Filled": Filled(STRANGER, f"{STRANGER}.1", "AAA", "buy", 1, 100),
    "Canceled": Canceled(STRANGER, 0),
}


@pytest.mark.parametrize(("kind", "report"), STRAYS.items(), ids=STRAYS)
def test_engine_hears_of_a_strangers_order_at_once_and_the_venue_does_nothing(kind: str, report: Any) -> None:
    world, struck, records = strike(universe(), ACCEPTED, tape.Crosstalk(STRANGER, kind))

    assert records == [Overheard(report)]
    assert told(struck) == (*told(world), report)
    assert replace(struck, engine=world.engine, faults_left=world.faults_left) == world


def test_strangers_fill_is_of_one_lot_of_the_first_market_at_its_price() -> None:
    house = replace(universe().scope.house, markets=(Market("AAA", lot=5), Market("BBB"), Market("CCC")))
    _, _, records = strike(
        universe(house=house), (tape.Move("AAA", 10_000),), tape.Crosstalk(STRANGER, "Filled")
    )

    assert records == [Overheard(Filled(STRANGER, f"{STRANGER}.1", "AAA", "buy", 5, 101))]


@pytest.mark.parametrize("stray", [tape.Crosstalk("X", "Filled"), tape.Crosstalk(STRANGER, "Status")])
def test_only_strangers_are_overheard_and_only_so(stray: tape.Crosstalk) -> None:
    setting = universe()
    world = after(setting, *ACCEPTED)

    assert setting.apply(world, stray) == (world, ())


def test_scope_without_strangers_has_no_crosstalk() -> None:
    setting = universe(strangers=())

    assert setting.adverse(setting.initial(), faults.crosstalk) == []


@pytest.mark.parametrize("kind", STRAYS)
def test_core_books_nothing_of_a_strangers_order_and_says_so(kind: str) -> None:
    setting = core()
    world = setting.initial()

    struck, records = setting.apply(world, tape.Crosstalk(STRANGER, kind))

    assert [getattr(each, "reason", None) for each in records[2:]] == ["UNKNOWN_ORDER"]
    assert not [each for each in records if isinstance(each, Sent)]
    assert struck.engine == world.engine


# ---- scopes that are drawn -------------------------------------------------------------------------------


def test_drawn_scopes_have_days_and_strangers_now_and_then() -> None:
    drawn = [scopes.draw(seed) for seed in range(1, 200)]

    assert {scope.days for scope in drawn} == {0, 1, 2}
    assert {scope.strangers for scope in drawn} == {(), (STRANGER,)}
    assert {scope.changes for scope in drawn} == {0, 2, 5, 9}
    for kind in (faults.fill_during_modify, faults.clock_skew, faults.crosstalk):
        assert 0 < sum(kind in scope.faults for scope in drawn) < len(drawn)


OLDER = ("margin", 12_000_000, 1, 2, 1)
OLDER_KINDS = "F01 F02 F03 F04 F05 F07 F08 F10 F12 F13 F14 F18 F24"


def test_scope_of_an_older_seed_keeps_what_it_had() -> None:
    scope = scopes.draw(61_412)
    older = [kind.id for kind in scope.faults if kind.id not in ("F09", "F16", "F22")]

    kept = (scope.house.account, scope.cash, scope.max_faults, scope.max_crashes, scope.halts)
    assert kept == OLDER
    assert " ".join(older) == OLDER_KINDS
