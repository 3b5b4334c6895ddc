"""I10 and order books: no entry leaves beyond what the last ones that the engine was told of bear."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.invariants import Broken, Terms
from hedgecheck.invariants import worst_case_limit as rule
from hedgecheck.messages import BookShown, Canceled, CancelOrder, Expired, Restarted, Sent, Told
from tests.unit.kit.test_invariant_limits import breaks, limited, opened
from tests.unit.kit.traces import Records, buy, heard, judge, remember, sell, signaled

ALIKE = BookShown("AAA", 20, 20, 2, 10_000, 200), BookShown("BBB", 20, 20, 2, 10_000, 200)
THIN = Told(BookShown("AAA", 20, 1, 2, 10_000, 200))
BOUNDS: tuple[dict[str, int], ...] = ({"participation_bps": 5_000}, {"spread_bps": 200}, {"impact_bps": 10})


def booked(*books: BookShown, **limits: Any) -> Terms:
    """Both symbols with 20 lots on either side, 2 apart, 10,000 lots and 200 bps a day; or these books."""
    known = {each.symbol: each for each in (*ALIKE, *books)}
    return replace(limited(**limits), books=tuple(known.values()))


def holds(terms: Terms, *records: Any) -> bool:
    """Whether the rule holds, and had something to hold for."""
    return judge(rule, records, terms=terms) == "holds"


# ---- what leaves -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "at_bound", "beyond"),
    [
        ({"participation_bps": 5_000}, 10, 11),
        ({"participation_bps": 10_000}, 20, 21),
        ({"participation_bps": 499}, 0, 1),
        ({"impact_bps": 10}, 25, 26),
        ({"impact_bps": 7}, 12, 13),
    ],
    ids=str,
)
def test_size_holds_at_what_the_book_bears_and_breaks_beyond(
    limits: dict[str, int], at_bound: int, beyond: int
) -> None:
    assert not at_bound or holds(booked(**limits), *opened(lots=at_bound))
    assert breaks(booked(**limits), *opened(lots=beyond))


@pytest.mark.parametrize(("spread_bps", "broken"), [(200, False), (199, True), (0, True)])
def test_spread_is_a_share_of_the_price(spread_bps: int, broken: bool) -> None:
    assert breaks(booked(spread_bps=spread_bps), *opened()) is broken


@pytest.mark.parametrize(("spread_bps", "broken"), [(400, False), (399, True)])
def test_spread_is_judged_at_the_limit_of_the_entry(spread_bps: int, broken: bool) -> None:
    entry = replace(buy("p1a1"), price=50)

    assert breaks(booked(spread_bps=spread_bps), signaled(), Sent(entry)) is broken


@pytest.mark.parametrize(
    ("book", "broken"),
    [
        (BookShown("AAA", 1, 20, 2), False),
        (BookShown("AAA", 20, 1, 2), True),
        (BookShown("BBB", 1, 20, 2), True),
        (BookShown("BBB", 20, 1, 2), False),
    ],
)
def test_what_is_bought_takes_from_the_asks_and_what_is_sold_from_the_bids_of_either_leg(
    book: BookShown, broken: bool
) -> None:
    assert breaks(booked(book, participation_bps=10_000), *opened()) is broken


@pytest.mark.parametrize("limits", BOUNDS, ids=str)
@pytest.mark.parametrize("symbol", ["AAA", "BBB"])
def test_where_nobody_told_what_is_bounded_nothing_may_leave(limits: dict[str, int], symbol: str) -> None:
    blind = booked(BookShown(symbol, 0, 0, None), **limits)
    unheard = replace(blind, books=tuple(each for each in ALIKE if each.symbol != symbol))

    assert breaks(blind, *opened(lots=1))
    assert breaks(unheard, *opened(lots=1))


@pytest.mark.parametrize("day", [(None, 200), (10_000, None)], ids=["volume", "volatility"])
def test_impact_takes_the_volume_and_the_volatility_of_a_day(day: tuple[int | None, int | None]) -> None:
    assert breaks(booked(BookShown("AAA", 20, 20, 2, *day), impact_bps=10), *opened(lots=1))


def test_without_bounds_nobody_asks_for_books() -> None:
    assert holds(limited(), *opened())
    assert holds(booked(BookShown("AAA", 0, 0, None)), *opened())


def test_the_last_book_that_the_engine_was_told_of_counts_and_not_what_the_venue_has() -> None:
    terms, thin = booked(participation_bps=10_000), BookShown("AAA", 20, 9, 2)

    assert holds(terms, thin, *opened())
    assert breaks(terms, Told(thin), *opened())
    assert holds(terms, Told(thin), Told(ALIKE[0]), *opened())


def test_what_is_no_entry_leaves_into_any_book() -> None:
    dry = Told(BookShown("BBB", 0, 0, None))
    filled = (*opened(), heard(buy("p1a1")), dry)

    assert holds(booked(participation_bps=10_000), *filled, Sent(sell("p1b1", symbol="BBB")))


def test_an_entry_that_is_sent_again_is_judged_again() -> None:
    again = (*opened(), Told(Expired("p1a1", 0)), THIN, Sent(buy("p1a2")))

    assert breaks(booked(participation_bps=10_000), *again)
    assert holds(booked(), *again)


def test_a_leg_that_there_is_not_needs_no_book() -> None:
    lone = (signaled(amount_b=0), Sent(buy("p1a1")))
    terms = replace(booked(participation_bps=5_000, spread_bps=200, impact_bps=10), books=ALIKE[:1])

    assert holds(terms, *lone)


# ---- what rests --------------------------------------------------------------------------------------

CANCEL = Sent(CancelOrder("p1a1"))
OVER = (heard(buy("p1a1")), Told(Canceled("p1a1", 0)))


@pytest.mark.parametrize("limits", BOUNDS[::2], ids=str)
def test_an_entry_that_its_book_bears_no_longer_is_cancelled_at_once(limits: dict[str, int]) -> None:
    terms, lean = booked(**limits), Told(BookShown("AAA", 20, 1, 2, 10, 200))

    assert breaks(terms, *opened(), lean)
    assert holds(terms, *opened(), lean, CANCEL)
    assert holds(terms, *opened(), Told(ALIKE[0]))


def test_the_book_of_the_other_leg_counts_too() -> None:
    assert breaks(booked(participation_bps=5_000), *opened(), Told(BookShown("BBB", 1, 20, 2)))


def test_only_what_the_book_is_for_has_to_go() -> None:
    both = (*opened("m1", 1), *opened(lots=10))

    assert holds(booked(participation_bps=10_000), *both, Told(BookShown("AAA", 20, 5, 2)), CANCEL)
    assert breaks(booked(participation_bps=10_000), *both, THIN, Sent(CancelOrder("m1a1")))


@pytest.mark.parametrize("ending", OVER, ids=["filled", "canceled"])
def test_what_rests_no_more_needs_no_cancel(ending: Told) -> None:
    assert holds(booked(participation_bps=5_000), *opened(), ending, THIN)


def test_after_a_cancel_no_other_is_owed() -> None:
    assert holds(booked(participation_bps=5_000), *opened(), THIN, CANCEL, THIN)


def test_a_crash_takes_the_cancel_along() -> None:
    assert holds(booked(participation_bps=5_000), *opened(), THIN, Restarted())


def test_a_spread_that_widens_costs_nothing_of_what_rests() -> None:
    assert holds(booked(spread_bps=200), *opened(), Told(BookShown("AAA", 20, 20, 50)))


def test_what_was_told_of_a_book_is_of_the_essence() -> None:
    told, untold = (rule.books.essence(remember(rule, each, booked())) for each in ((THIN,), ()))

    assert told != untold
    assert untold == rule.books.essence(remember(rule, (Told(ALIKE[0]),), booked()))


# ---- in words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "records", "why"),
    [
        (
            {"participation_bps": 4_000},
            opened(),
            "order p1a1 leaves although 10 of AAA are over 4000 bps of the 20 lots there",
        ),
        ({"impact_bps": 5}, opened(), "order p1a1 leaves although 10 of AAA move its price by over 5 bps"),
        (
            {"spread_bps": 199},
            opened(),
            "order p1a1 leaves although the spread of AAA is 2 at a price of 100, over 199 bps",
        ),
        ({"participation_bps": 5_000}, (*opened(), THIN), "a book bears it no longer, and p1a1 still rests"),
    ],
    ids=["share", "impact", "spread", "resting"],
)
def test_it_says_what_the_book_does_not_bear(limits: dict[str, int], records: Records, why: str) -> None:
    assert judge(rule, records, terms=booked(**limits)) == Broken(why)
