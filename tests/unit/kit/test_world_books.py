"""Order books of a world: the shapes they take, what it costs, and what venue and engine hear of it."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, invariants, tape
from hedgecheck.drive import bundled_core
from hedgecheck.errors import UsageError
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of
from hedgecheck.explore.exhaustive import kept_of, search, wire_of
from hedgecheck.explore.replay import Run
from hedgecheck.invariants import Terms
from hedgecheck.messages import BookShown, Filled, Price, Restarted, Told
from hedgecheck.venue import LEVELS, Book
from hedgecheck.world import Universe, universe_of
from hedgecheck.world.books import SHAPES, refills
from tests.unit.kit.worlds import ACCEPTED, SIGNAL, WORKING, Echo, after, core, strike, universe

BOOK = Book("AAA", 2, 20, 40)
BOOKS = (BOOK, Book("BBB", 1, 30, 30))
DRAINED = tape.Reshape("AAA", "drained")
WIDE = tape.Reshape("AAA", "wide")
OPENING = tape.Reshape("AAA", "opening")
TOLD_OF_IT = tape.Deliver("AAA", "BookShown")


def booked(*kinds: faults.Fault, **changes: Any) -> Universe:
    """The small world with books in two of its symbols."""
    return universe(*kinds, **{"books": BOOKS, "reshapes": 2, **changes})


# ---- what may come -----------------------------------------------------------------------------------------


def test_without_books_nothing_is_offered_and_nothing_happens() -> None:
    setting = universe(reshapes=3)
    world = setting.initial()

    assert setting.reshapes(world) == refills(setting, world) == []
    assert setting.apply(world, DRAINED) == (world, ())


def test_each_book_may_take_every_shape_that_it_does_not_have() -> None:
    setting = booked()
    world, drained = setting.initial(), after(setting, DRAINED)
    others = [shape for shape in SHAPES if shape != "opening"]

    assert setting.reshapes(world) == [tape.Reshape(name, each) for name in ("AAA", "BBB") for each in others]
    assert DRAINED in setting.enabled(world)
    assert DRAINED not in setting.reshapes(drained)
    assert setting.apply(drained, DRAINED) == (drained, ())
    assert setting.apply(world, tape.Reshape("AAA", "round")) == (world, ())


def test_books_take_shapes_so_often_as_the_scope_says() -> None:
    setting = booked(reshapes=1)
    left = after(setting, WIDE)

    assert (left.reshapes_left, setting.reshapes(left)) == (0, [])
    assert setting.apply(left, DRAINED) == (left, ())
    assert setting.reshapes(replace(setting.initial(), crashed=True)) == []


@pytest.mark.parametrize(
    ("shape", "depths", "spread"),
    [
        ("deep", (200, 400), 2),
        ("thin", (2, 4), 2),
        ("wide", (20, 40), 20),
        ("drained", (0, 0), 2),
        ("no_bids", (0, 40), 2),
        ("no_asks", (20, 0), 2),
    ],
)
def test_shapes_are_parts_of_what_the_market_opened_with(
    shape: str, depths: tuple[int, int], spread: int
) -> None:
    for so_far in ((), (tape.Reshape("AAA", "deep" if shape == "wide" else "wide"),)):
        book = after(booked(), *so_far, tape.Reshape("AAA", shape)).venue.books[0]
        assert (book.bid_depth, book.ask_depth, book.spread) == (*depths, spread)


def test_what_is_left_of_a_thin_book_is_in_whole_lots_and_at_least_one() -> None:
    house = replace(scopes.plain().house, markets=(replace(scopes.plain().house.markets[0], lot=5),))
    lots = [
        after(booked(house=house, books=(replace(BOOK, bid_depth=bids),)), tape.Reshape("AAA", "thin"))
        for bids in (20, 170)
    ]

    assert [each.venue.books[0].bid_depth for each in lots] == [5, 15]


def test_a_book_that_ran_dry_fills_again_for_nothing() -> None:
    setting = booked(reshapes=1)
    dry = after(setting, DRAINED)

    assert refills(setting, setting.initial()) == []
    assert refills(setting, dry) == [OPENING]
    assert OPENING in setting.ordinary(dry)
    filled, records = setting.apply(dry, OPENING)
    assert records == (BookShown("AAA", 20, 40, 2),)
    assert filled.venue == setting.initial().venue
    assert filled.reshapes_left == dry.reshapes_left
    assert refills(setting, replace(dry, crashed=True)) == []


def test_a_book_that_orders_emptied_fills_again_too() -> None:
    setting = booked(books=(replace(BOOK, ask_depth=2),), reshapes=0)
    emptied = after(setting, *ACCEPTED, tape.Fill("X", 2 * LEVELS))

    assert refills(setting, emptied) == [OPENING]


def test_all_comes_to_rest_in_books_with_two_sides_and_timers_wait_for_that() -> None:
    setting = booked()
    world = after(setting, *WORKING, DRAINED)

    assert setting.quiet(world) == TOLD_OF_IT
    world, _ = setting.apply(world, TOLD_OF_IT)
    assert setting.quiet(world) == OPENING
    assert world.timers == ("t",)


# ---- who hears what ----------------------------------------------------------------------------------------


def test_the_engine_knows_the_books_that_the_market_opens_with_and_so_do_the_observers() -> None:
    setting = booked()
    opening = (BookShown("AAA", 20, 40, 2), BookShown("BBB", 30, 30, 1))

    assert setting.initial().engine[-2:] == opening
    assert setting.terms().books == opening
    assert universe().terms().books == Terms(0, ()).books == ()


def test_the_engine_hears_of_a_shape_when_the_message_arrives() -> None:
    world, reshaped, records = strike(booked(), (SIGNAL,), WIDE)
    shown = BookShown("AAA", 20, 40, 20)

    assert records == [shown]
    assert reshaped.engine == world.engine
    assert reshaped.inbound == (shown,)
    assert booked().apply(reshaped, TOLD_OF_IT)[1] == (Told(shown),)


def test_an_order_walks_the_book_and_what_it_left_is_told() -> None:
    setting = booked(books=(replace(BOOK, ask_depth=8),))

    _, records = setting.apply(after(setting, *ACCEPTED), tape.Fill("X", 10))

    assert [(each.price, each.amount) for each in records if isinstance(each, Filled)] == [(101, 8), (102, 2)]
    assert records[-1] == BookShown("AAA", 20, 6, 3)


def test_less_than_the_order_is_no_fault_where_the_book_holds_no_more() -> None:
    setting = booked(books=(replace(BOOK, ask_depth=1),), max_faults=0)

    assert tape.Fill("X", LEVELS) in setting.ordinary(after(setting, *ACCEPTED))
    assert setting.apply(after(setting, *ACCEPTED), tape.Fill("X", LEVELS - 1))[1] == ()


def test_a_strategy_may_change_its_entry_while_a_book_is_in_flight() -> None:
    limited = replace(booked().scope.intents[0], price_a=90)
    engine = Echo(replace(Echo().order, price=90))
    setting = booked(engine=engine, intents=(limited,), changes=1)

    assert setting.changes(after(setting, *WORKING, WIDE))


def test_a_book_may_be_dropped_on_its_way() -> None:
    drop = tape.Drop("AAA", "BookShown")
    setting = booked(faults.event_dropped)

    assert drop in setting.adverse(after(setting, WIDE), faults.event_dropped)
    assert after(setting, WIDE, drop).inbound == ()


def test_after_a_restart_the_feed_shows_the_books_of_which_one_was_in_flight() -> None:
    setting = booked(faults.restart, reshapes=3)
    world = after(setting, tape.Reshape("BBB", "deep"), WIDE, DRAINED, tape.Restart())

    assert world.inbound == (BookShown("AAA", 0, 0, None), BookShown("BBB", 300, 300, 1))
    assert world.engine[-1] == Restarted()
    assert after(setting, tape.Move("AAA", 10_000), tape.Restart()).inbound == (Price("AAA", 101),)


# ---- what is state, and what has no books ------------------------------------------------------------------


def test_two_worlds_that_differ_in_a_book_alone_are_two() -> None:
    setting = booked(reshapes=9)
    ways = [(), *((tape.Reshape("AAA", shape),) for shape in SHAPES if shape != "opening"), (WIDE, OPENING)]
    worlds = [replace(after(setting, *way), inbound=()) for way in ways]

    assert len({kept_of(each.venue) for each in worlds}) == len(worlds) - 1
    assert len({(kept_of(each.venue), wire_of(each)) for each in worlds}) == len(worlds)


def test_lanes_refuse_order_books() -> None:
    with pytest.raises(UsageError, match="Order books are of one market"):
        universe_of(replace(booked().scope, lanes=True), Echo())


# ---- every execution ---------------------------------------------------------------------------------------


def test_core_trades_through_thin_books_and_believes_the_cash_that_it_paid() -> None:
    run = Run(core(books=(replace(BOOK, ask_depth=4), Book("BBB", 4, 3, 3)), reshapes=0))
    run.do(SIGNAL)

    run.settle()

    belief = run.universe.engine.belief(run.world.engine)
    assert run.failure is None
    assert belief.positions == run.world.venue.positions == (("AAA", 10), ("BBB", -10))
    bought = 4 * 101 + 4 * 102 + 2 * 103
    sold = 3 * 98 + 3 * 97 + 3 * 96 + 95
    assert belief.cash == run.world.venue.cash == 1_000_000 - bought + sold


def test_in_every_execution_of_one_trade_with_a_change_of_liquidity_all_rules_hold() -> None:
    one = scopes.draw(number_of(Small(trades=1, faults=0, lots=2)))
    books = (Book("AAA", 2, 1, 1), Book("BBB", 2, 10, 1))
    bounds = replace(one.bounds, participation_bps=20_000, spread_bps=500)

    found = search(
        Universe(replace(one, books=books, reshapes=1, bounds=bounds), bundled_core()), invariants.ALL
    )

    assert (found.verdict, found.states) == ("exhausted", 6_832), found.failure
