"""Small scopes: the number that names one, the errors that name the option, and one scope per kind."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import faults
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import (
    CASH,
    FIELDS,
    NUMBERED_FROM,
    PRICE,
    Small,
    number_of,
    plan_of,
    scope_of,
    small_of,
    smalls,
    without_room,
)
from hedgecheck.explore.exhaustive import search
from hedgecheck.invariants import Bounds
from hedgecheck.tape import Signal, Tape, read_token, token_of
from hedgecheck.world import Universe, universe_of

IDS = tuple(fault.id for fault in faults.WORLD)
NUMBERED = tuple(fault.id for fault in faults.NUMBERED)
SMALLS = st.builds(
    Small,
    st.integers(0, 3),
    st.integers(0, 15),
    st.integers(0, 63),
    st.sets(st.sampled_from(IDS)).map(lambda kinds: tuple(kind for kind in NUMBERED if kind in kinds)),
    st.integers(0, 7),
    st.integers(0, 3),
    st.none() | st.integers(0, 4_094),
    st.none() | st.integers(0, 14),
    st.integers(0, 1),
    st.integers(0, 1),
)


def spent_in(small: Small) -> Any:
    """How often each kind struck in all of the scope."""
    return search(Universe(scope_of(small), BundledCore())).spent


# ---- numbers -----------------------------------------------------------------------------------------------


@given(SMALLS)
def test_number_of_a_small_scope_stands_for_it(small: Small) -> None:
    assert small_of(number_of(small)) == small


@given(SMALLS, SMALLS)
def test_two_scopes_have_two_numbers(one: Small, other: Small) -> None:
    assert (number_of(one) == number_of(other)) is (one == other)


@given(SMALLS)
def test_numbers_are_those_of_no_drawn_scope_and_fit_a_token(small: Small) -> None:
    number = number_of(small)

    assert number >= NUMBERED_FROM
    assert read_token(token_of(Tape(number, (Signal(0),)))) == Tape(number, (Signal(0),))


def test_number_is_drawn_as_its_scope() -> None:
    small = Small(trades=2, faults=1, lots=3, kinds=("F08",), crashes=1, halts=1, heat=0, cap=1)

    assert scopes.draw(number_of(small)) == scope_of(small)
    assert scope_of(small) != scope_of(replace(small, heat=None))


def test_number_of_a_printed_token_keeps_its_meaning() -> None:
    known = Small(trades=2, faults=2, lots=2, kinds=("F01", "F24"), crashes=1, halts=1, heat=5, cap=1)

    assert number_of(known) == 71_477_920_305_290


def test_number_of_what_came_later_leaves_room_for_more_kinds() -> None:
    assert number_of(Small(stops=1)) - number_of(Small()) == 1 << sum(bits for _, bits in FIELDS) + 32
    assert number_of(Small(own=1)) - number_of(Small()) == 1 << sum(bits for _, bits in FIELDS) + 33
    assert number_of(Small(kinds=tuple(NUMBERED))) < number_of(Small(stops=1)) < number_of(Small(own=1))


@pytest.mark.parametrize(("name", "bits"), [*FIELDS, ("stops", 1), ("own", 1)])
def test_number_that_is_too_large_is_refused_by_the_name_of_its_option(name: str, bits: int) -> None:
    with pytest.raises(UsageError, match=f"--{name} {1 << bits} is too large"):
        number_of(Small(**{name: 1 << bits}))


LIMITS = [(name, bits) for name, bits in FIELDS if name in ("heat", "cap")]
COUNTS = [(name, bits) for name, bits in FIELDS if name not in ("heat", "cap")]


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        *LIMITS,
        *COUNTS,
    ],
)
def test_error_names_the_most_that_is_possible(name: str, bits: int) -> None:
    with pytest.raises(UsageError) as caught:
        number_of(Small(**{name: 1 << bits}))

    most = int(re.search(r": (\d+) is the most", str(caught.value))[1])
    number_of(Small(**{name: most}))
    with pytest.raises(UsageError):
        number_of(Small(**{name: most + 1}))


# ---- scopes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trades", [0, 4, -1])
def test_trades_are_between_one_and_three(trades: int) -> None:
    with pytest.raises(UsageError, match=f"--trades {trades}: between 1 and 3"):
        scope_of(Small(trades=trades))


@pytest.mark.parametrize("wrong", [{"faults": -1}, {"crashes": -1}, {"halts": -1}, {"lots": 0}])
def test_counts_are_not_negative_and_something_is_traded(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least one lot"):
        scope_of(Small(**wrong))


@pytest.mark.parametrize("wrong", [{"heat": -1}, {"cap": -1}], ids=["heat", "cap"])
def test_limits_are_not_negative(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=f"--{next(iter(wrong))} -1"):
        scope_of(Small(**wrong))


@pytest.mark.parametrize("trades", [1, 2, 3])
def test_trades_share_a_leg_and_are_of_different_strategies(trades: int) -> None:
    scope = scope_of(Small(trades=trades, lots=3))

    assert [each.id for each in scope.intents] == ["p1", "q1", "r1"][:trades]
    assert {(each.amount_a, each.amount_b) for each in scope.intents} == {(3, 3)}
    listed = {symbol for each in scope.intents for symbol in (each.symbol_a, each.symbol_b)}
    assert {symbol for symbol, _ in scope.prices} == {each.symbol for each in scope.house.markets} == listed


@pytest.mark.parametrize("trades", [1, 2, 3])
def test_trades_with_symbols_of_their_own_share_none_and_are_alike(trades: int) -> None:
    small = Small(trades=trades, lots=3, own=1)
    scope = scope_of(small)

    legs = [symbol for each in scope.intents for symbol in (each.symbol_a, each.symbol_b)]
    assert scope.lanes
    assert not scope_of(replace(small, own=0)).lanes
    assert len(set(legs)) == len(legs) == 2 * trades
    assert {(each.side_a, each.amount_a, each.side_b, each.amount_b) for each in scope.intents} == {
        ("buy", 3, "sell", 3)
    }
    assert scopes.draw(number_of(small)) == scope


@pytest.mark.parametrize(("lots", "fee_lots"), [(1, 0), *((lots, 1) for lots in range(2, 20)), (20, 2)])
def test_a_fee_in_base_takes_a_lot_of_two_or_more_where_symbols_are_own(lots: int, fee_lots: int) -> None:
    fee_bps = scope_of(Small(faults=1, lots=lots, kinds=("F19",), own=1)).house.fee_bps

    assert lots * fee_bps // 10_000 == fee_lots


def test_an_order_may_be_asked_about_once_more_than_faults_can_lose_the_answer() -> None:
    crashing, own = Small(faults=3, crashes=1), Small(faults=3, own=1)

    assert [scope_of(each).attempts[2] for each in (Small(faults=3), crashing, own, Small(own=1))] == [
        2,
        4,
        4,
        2,
    ]


def test_limits_bind_where_they_are_given_and_are_far_away_where_not() -> None:
    loose, tight = scope_of(Small()).bounds, scope_of(Small(heat=3, cap=1)).bounds

    assert (tight.heat_bps, tight.trades_in_flight) == (3, 1)
    assert PRICE * 10_000 == CASH  # so a lot is one basis point
    assert loose.heat_bps > 10_000
    assert loose.trades_in_flight >= 3 > Bounds().trades_in_flight - 2


def test_faults_are_of_the_kinds_named_and_crashes_come_on_top() -> None:
    named = Small(faults=2, kinds=("F04", "F01"))

    assert list(plan_of(named)) == [faults.response_lost, faults.duplicated]
    assert plan_of(Small(faults=1)) == faults.WORLD
    assert list(plan_of(Small())) == []
    assert plan_of(Small(crashes=1)) == faults.CRASHES
    assert plan_of(replace(named, crashes=1)) == plan_of(named) | faults.CRASHES
    assert scope_of(replace(named, crashes=3)).max_crashes == 3


def test_only_fees_in_base_make_a_house_with_fees() -> None:
    assert scope_of(Small(faults=1, kinds=("F19",))).house.fee_bps
    assert not scope_of(Small(faults=1, kinds=("F01",))).house.fee_bps


@pytest.mark.parametrize(("kinds", "days", "strangers"), [(("F16",), 2, 0), (("F22",), 0, 1), ((), 0, 0)])
def test_only_what_strikes_them_makes_days_and_strangers(
    kinds: tuple[str, ...], days: int, strangers: int
) -> None:
    scope = scope_of(Small(faults=1, kinds=kinds))

    assert (scope.days, len(scope.strangers)) == (days, strangers)


def test_stops_are_on_both_legs_on_the_side_that_loses() -> None:
    plain, stopped = scope_of(Small(trades=2)), scope_of(Small(trades=2, stops=1))

    assert {(each.stop_a, each.stop_b) for each in plain.intents} == {(None, None)}
    assert [(each.stop_a, each.stop_b) for each in stopped.intents] == [(95, 105), (105, 95)]
    assert {each.price_a for each in stopped.intents} == {None}


def test_stop_is_hit_by_the_shock() -> None:
    scope = scope_of(Small(faults=1, kinds=("F14",), stops=1))

    assert PRICE * (1_000_000 + scope.moves[0]) // 1_000_000 < 95


def test_scope_of_replacements_has_stops_and_an_entry_that_rests() -> None:
    (room,) = (small for small in smalls(Small(faults=1), "each") if "F09" in small.kinds)
    (named,) = smalls(Small(faults=3, lots=5), "F09,F10")

    assert room == Small(faults=2, lots=2, kinds=("F10", "F09"), stops=1)
    assert named == Small(faults=3, lots=5, kinds=("F10", "F09"), stops=1)
    assert {(each.price_a, each.stop_a) for each in scope_of(room).intents} == {(PRICE, 95)}


def test_name_shows_the_options_that_differ_from_none() -> None:
    assert Small().name == "--trades 1 --faults 0 --lots 1"
    assert Small(2, 1, 3, ("F01", "F08"), 1, 2, 0, 4, 1).name == (
        "--trades 2 --faults 1 --lots 3 --kinds F01,F08 --crashes 1 --halts 2 --heat 0 --cap 4 --stops 1 "
        "--symbols shared"
    )
    assert Small(own=1).name == "--trades 1 --faults 0 --lots 1 --crashes 0 --symbols own"


# ---- several scopes ----------------------------------------------------------------------------------------


def test_kinds_named_are_mixed_in_one_scope_in_their_order() -> None:
    assert smalls(Small(faults=2), "f08, F01") == (Small(faults=2, kinds=("F01", "F08")),)
    assert smalls(Small(faults=2), "all") == (Small(faults=2),)


def test_beside_a_mixture_of_trades_apart_is_one_of_replacements_that_meet_a_fill() -> None:
    own = Small(trades=3, faults=2, lots=2, crashes=1, cap=2, own=1)

    assert smalls(own, "all") == (own, replace(own, kinds=("F10", "F09"), stops=1))
    for small in (replace(own, faults=1), replace(own, lots=1), replace(own, stops=1), replace(own, own=0)):
        assert smalls(small, "all") == (small,)


@pytest.mark.parametrize("kinds", ["F99", "F01,F99", "each,F01", ""])
def test_kind_that_does_not_exist_is_refused_and_those_there_are_named(kinds: str) -> None:
    with pytest.raises(UsageError, match=r"--kinds .*there is no such kind. There are F01, F02.*F24"):
        smalls(Small(faults=1), kinds)


@pytest.mark.parametrize("kind", ["F11", "f12"])
def test_crash_is_no_kind_and_the_option_for_it_is_named(kind: str) -> None:
    with pytest.raises(UsageError, match=f"--kinds {kind}: that is a crash. Take --crashes 1"):
        smalls(Small(faults=1), kind)


def test_kind_that_does_not_exist_is_refused_without_faults_too() -> None:
    with pytest.raises(UsageError):
        smalls(Small(), "F99")


def test_each_is_one_scope_per_kind_and_one_for_the_crashes() -> None:
    each = smalls(Small(faults=2, crashes=1), "each")

    assert {kind for small in each for kind in small.kinds} == set(IDS)
    assert len({small.kinds for small in each}) == len(each)
    mixed = {small.kinds for small in each[:-1] if len(small.kinds) > 1}
    assert mixed == {("F14", "F24"), ("F10", "F09")}
    assert all(not small.crashes for small in each[:-1])
    assert each[-1] == Small(crashes=1)
    assert smalls(Small(faults=2), "each") == each[:-1]


def test_room_for_a_kind_takes_no_lots_away() -> None:
    assert {small.lots for small in smalls(Small(faults=1, lots=20), "each")} == {20}


@pytest.mark.parametrize(
    ("kind", "faults_"),
    [
        *((kind, 2) for kind in IDS),
        *((kind, 1) for kind in IDS),
    ],
)
def test_each_kind_has_a_scope_in_which_it_strikes(kind: str, faults_: int) -> None:
    of_kind = [small for small in smalls(Small(faults=faults_), "each") if kind in small.kinds]

    assert [small for small in of_kind if spent_in(small)[kind]]


def test_both_kinds_of_crash_strike_in_their_scope() -> None:
    spent = spent_in(smalls(Small(faults=1, crashes=1), "each")[-1])

    assert set(spent) == {"F11", "F12"}


# ---- kinds without room ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "small",
    [Small(faults=1), Small(faults=1, lots=2), Small(faults=1, own=1), Small(faults=1, kinds=("F10",))],
    ids=lambda small: small.name,
)
def test_kinds_without_room_are_those_that_never_strike(small: Small) -> None:
    spent = search(universe_of(scope_of(small), BundledCore())).spent

    assert without_room(small) == tuple(kind for kind in plan_of(small) if not spent[kind.id])
