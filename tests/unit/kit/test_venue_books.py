"""Order books of the venue: what a taker pays, what is left, and what an order waits for."""

from dataclasses import replace

import pytest

from hedgecheck.messages import Accepted, BookShown, Canceled, Expired, Filled, ReplaceOrder
from hedgecheck.venue import (
    LEVELS,
    Book,
    CancelAcross,
    Market,
    MovePrice,
    ReplaceAcross,
    ReshapeBook,
    Venue,
    fillable,
    find,
    is_dry,
    marketable,
)
from tests.unit.kit.exchange import bought, exchange, fill, order, reports_of, run, spot

BOOK = Book("AAA", 2, 4, 6)  # 4 lots bid at 99, 98 ..., 6 asked at 101, 102 ...
EMPTY = ReshapeBook(Book("AAA", 2, 0, 0))


def booked(book: Book = BOOK, venue: Venue | None = None) -> Venue:
    """An exchange in which AAA has that book."""
    return run(venue or exchange(), ReshapeBook(book))[0]


def traded(venue: Venue, *events) -> list[tuple[int, int]]:
    """Prices and lots of every fill."""
    return [(each.price, each.amount) for each in run(venue, *events)[1] if isinstance(each, Filled)]


# ---- what a taker pays -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "amount", "fills"),
    [
        ("buy", 1, [(101, 1)]),
        ("buy", 6, [(101, 6)]),
        ("buy", 7, [(101, 6), (102, 1)]),
        ("buy", 20, [(101, 6), (102, 6), (103, 6), (104, 2)]),
        ("sell", 4, [(99, 4)]),
        ("sell", 10, [(99, 4), (98, 4), (97, 2)]),
    ],
)
def test_market_order_walks_levels_of_equal_depth_one_price_step_apart(side, amount, fills):
    assert traded(booked(), order("X", side, amount), fill("X", amount)) == fills


def test_each_level_is_an_execution_with_an_id_and_a_fee_of_its_own():
    venue = booked(venue=exchange(fee_bps=100))

    *_, first, second, shown = run(venue, order(amount=8), fill(amount=8))[1]

    assert first == Filled("X", "X.1", "AAA", "buy", 6, 101, 7)
    assert second == Filled("X", "X.2", "AAA", "buy", 2, 102, 3)
    assert shown == BookShown("AAA", 4, 4, 3)


def test_money_and_lots_move_by_what_was_paid():
    venue, _ = run(booked(), order(amount=8), fill(amount=8))

    assert venue.cash == 10_000 - 6 * 101 - 2 * 102
    assert venue.positions == (("AAA", 8),)


def test_the_next_taker_begins_where_the_last_one_ended_until_the_book_is_shaped_anew():
    first = (order("X", "buy", 8), fill("X", 8))
    second = (order("Y", "buy", 6), fill("Y", 6))

    assert traded(booked(), *first, *second)[2:] == [(102, 4), (103, 2)]
    assert traded(booked(), *first, ReshapeBook(BOOK), *second)[2:] == [(101, 6)]
    assert traded(booked(), *first, order("Z", "sell", 4), fill("Z", 4))[2:] == [(99, 4)]


def test_the_book_goes_with_the_market_price_and_stops_at_one_price_step():
    assert traded(booked(), MovePrice("AAA", 50), order(amount=1), fill(amount=1)) == [(51, 1)]
    down = (MovePrice("AAA", 2), order(side="sell"), fill(amount=10))
    assert traded(booked(), *down) == [(1, 4), (1, 4), (1, 2)]


def test_levels_are_one_step_of_their_market_apart_and_an_odd_spread_costs_the_buyer_more():
    coarse = booked(Book("AAA", 5, 2, 2), exchange(Market("AAA", 5)))

    assert traded(coarse, order(amount=4), fill(amount=4)) == [(103, 2), (108, 2)]
    assert traded(coarse, order(side="sell", amount=4), fill(amount=4)) == [(98, 2), (93, 2)]
    assert traded(coarse, MovePrice("AAA", 6), order(side="sell", amount=1), fill(amount=1)) == [(5, 1)]


def test_a_price_that_the_decision_names_is_beside_the_book():
    venue, said = run(booked(), order(amount=30), replace(fill(amount=30), price=120))

    assert [each.price for each in said if isinstance(each, Filled)] == [120]
    assert venue.books == (BOOK,)


def test_a_symbol_without_a_book_trades_at_its_market_price_in_any_size():
    other = order("X", "buy", 99, symbol="BBB")

    assert traded(booked(), other, fill("X", 99)) == [(100, 99)]


# ---- what the venue shows ----------------------------------------------------------------------------------


def test_a_shape_is_answered_with_what_stands_at_the_best_prices():
    shaped = ReshapeBook(replace(BOOK, volume=5_000, volatility_bps=150))

    assert reports_of(exchange(), shaped) == (BookShown("AAA", 4, 6, 2, 5_000, 150),)


@pytest.mark.parametrize(
    ("side", "amount", "bids", "asks", "spread"),
    [("buy", 5, 4, 1, 2), ("buy", 6, 4, 6, 3), ("sell", 4 * LEVELS, 0, 6, None), ("sell", 9, 3, 6, 4)],
)
def test_each_fill_is_followed_by_what_it_left_of_the_book(side, amount, bids, asks, spread):
    said = reports_of(booked(), order("X", side, amount), fill("X", amount))

    assert said[-1] == BookShown("AAA", bids, asks, spread)


@pytest.mark.parametrize("book", [Book("ZZZ", 2, 4, 6), Book("AAA", -1, 4, 6), Book("AAA", 2, -4, 6)])
def test_a_book_that_cannot_be_changes_nothing(book):
    assert run(exchange(), ReshapeBook(book)) == (exchange(), ())


# ---- what waits --------------------------------------------------------------------------------------------


def test_an_empty_side_fills_nothing_of_a_market_order_until_it_refills():
    venue, _ = run(booked(), EMPTY, order())

    assert fillable(venue, find(venue, "X")) == 0
    assert traded(venue, fill()) == []
    assert is_dry(venue.books[0])
    assert traded(venue, ReshapeBook(BOOK), fill()) == [(101, 6), (102, 4)]


def test_what_the_book_does_not_hold_of_a_market_order_expires_with_its_fill():
    venue, _ = run(booked(Book("AAA", 2, 1, 1)), order())
    most = LEVELS * 1

    assert fillable(venue, find(venue, "X")) == most
    *fills, expired, shown = reports_of(venue, fill(amount=most))
    assert [each.price for each in fills] == [101, 102, 103, 104, 105]
    assert (expired, shown) == (Expired("X", most), BookShown("AAA", 1, 0, None))


@pytest.mark.parametrize(("limit", "lots"), [(100, 0), (101, 6), (102, 10), (200, 10)])
def test_a_limit_order_takes_no_level_beyond_its_price(limit, lots):
    venue, _ = run(booked(), order(price=limit))
    resting = find(venue, "X")

    assert fillable(venue, resting) == lots
    assert marketable(venue, resting.request) == (lots > 0)


def test_a_limit_order_rests_with_what_was_there_and_goes_on_once_more_is():
    venue, _ = run(booked(), order(price=101), fill(amount=6))

    assert (find(venue, "X").phase, fillable(venue, find(venue, "X"))) == ("open", 0)
    assert traded(venue, ReshapeBook(BOOK), fill(amount=4)) == [(101, 4)]


def test_an_immediate_order_is_gone_where_the_book_has_nothing_for_it():
    at_once = order(immediate=True)

    assert reports_of(booked(), EMPTY, at_once) == (Accepted("X"), Expired("X", 0))
    assert reports_of(booked(), at_once, EMPTY)[1:] == (Expired("X", 0),)
    assert reports_of(booked(), order(immediate=True, price=100)) == (Accepted("X"), Expired("X", 0))
    other = (order("Y", "buy", 6 * LEVELS), fill("Y", 6 * LEVELS))
    assert reports_of(booked(), at_once, *other)[-1:] == (Expired("X", 0),)


def test_a_reduce_only_order_takes_no_more_than_the_position():
    venue, _ = run(booked(), *bought(5), order("X", "sell", 10, reduce_only=True))

    assert fillable(venue, find(venue, "X")) == 5


def test_a_cancel_is_confirmed_before_every_fill_that_crossed_it():
    said = reports_of(booked(), order(price=110), CancelAcross("X", 8))

    assert said[0] == Canceled("X", 0)
    assert [type(each) for each in said[1:]] == [Filled, Filled, BookShown]


def test_a_fill_that_crosses_a_cancel_leaves_nothing_for_another_immediate_order():
    resting, at_once = order("X", amount=6 * LEVELS, price=110), order("Y", immediate=True)

    said = reports_of(booked(), resting, at_once, CancelAcross("X", 6 * LEVELS))

    assert said[-1] == Expired("Y", 0)


def test_a_cancel_that_a_part_of_a_market_order_crosses_says_nothing_of_its_end_but_the_cancel():
    said = reports_of(booked(), order(), CancelAcross("X", 4))

    assert [type(each) for each in said] == [Canceled, Filled, BookShown]


def test_a_replacement_is_answered_before_every_fill_that_it_met():
    said = reports_of(booked(), order(price=110), ReplaceAcross("X", 9, 8))
    plain = reports_of(booked(), order(price=110), fill(amount=8), ReplaceOrder("X", 9))

    assert said[:1] == plain
    assert [type(each) for each in said[1:]] == [Filled, Filled, BookShown]


def test_spot_buys_what_its_cash_pays_at_the_prices_of_the_book():
    venue, _ = run(booked(venue=spot(1_000)), order())

    assert fillable(venue, find(venue, "X")) == 9  # six cost 606, three more 306
    assert run(venue, fill(amount=9))[0].cash == 88


@pytest.mark.parametrize(("cash", "lots"), [(203, 2), (202, 1)])
def test_spot_pays_fees_that_are_rounded_up_level_by_level(cash, lots):
    dear = replace(spot(cash), house=exchange(account="spot", fee_bps=1).house)
    venue, _ = run(booked(Book("AAA", 0, 1, 1), dear), order(amount=2))  # at 100 and 101, a fee of 1 each

    assert fillable(venue, find(venue, "X")) == lots
    assert run(venue, fill(amount=lots))[0].cash == cash - 101 - 102 * (lots - 1)
