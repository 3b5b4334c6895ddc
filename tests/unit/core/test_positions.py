"""Fills to positions, cash, fees and profit: exact, whatever the rounding of an average."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import positions
from core.messages import FillCorrected, OrderFilled
from core.orders import Order
from core.positions import Book, Position
from core.settings import Instrument, Settings
from tests.unit.core.build import ENTRY, HEDGE, ORDER, booked, fill

# One tick of one lot is worth 2 for AAA, 3 for BBB.
WORTH = Settings((Instrument("AAA", tick_lot_value=2), Instrument("BBB", tick_lot_value=3)))
EMPTY = Book(1_000)


def traded(*fills, book=EMPTY, symbol="AAA"):
    """The book after (side, quantity, price) fills of one symbol."""
    for side, quantity, price in fills:
        book = positions.book_fill(book, symbol, side, fill(quantity, price), WORTH)
    return book


@pytest.mark.parametrize(
    ("fills", "position", "cash"),
    [
        ([("buy", 10, 5)], Position("AAA", 10, 100, 0), 900),
        ([("sell", 10, 5)], Position("AAA", -10, -100, 0), 1_100),
        ([("buy", 10, 5), ("buy", 10, 7)], Position("AAA", 20, 240, 0), 760),
        ([("sell", 10, 5), ("sell", 10, 7)], Position("AAA", -20, -240, 0), 1_240),
        ([("buy", 10, 5), ("sell", 4, 8)], Position("AAA", 6, 60, 24), 964),
        ([("sell", 10, 5), ("buy", 4, 8)], Position("AAA", -6, -60, -24), 1_036),
        ([("buy", 10, 5), ("sell", 10, 8)], Position("AAA", 0, 0, 60), 1_060),
        ([("sell", 10, 5), ("buy", 10, 4)], Position("AAA", 0, 0, 20), 1_020),
        ([("buy", 10, 5), ("sell", 15, 8)], Position("AAA", -5, -80, 60), 1_140),
        ([("sell", 10, 5), ("buy", 15, 8)], Position("AAA", 5, 80, -60), 860),
        ([("buy", 10, 5), ("sell", 10, 8), ("sell", 3, 9)], Position("AAA", -3, -54, 60), 1_114),
    ],
    ids=[
        "buy",
        "sell",
        "grow long",
        "grow short",
        "reduce long",
        "reduce short",
        "close long",
        "close short",
        "flip to short",
        "flip to long",
        "open again",
    ],
)
def test_fills_move_position_cost_profit_and_cash(fills, position, cash):
    book = traded(*fills)

    assert book.positions == (position,)
    assert (book.cash, book.fees) == (cash, 0)


def test_a_fee_in_money_is_paid_from_cash_and_added_up():
    book = positions.book_fill(EMPTY, "AAA", "buy", fill(10, 5, fee_money=7), WORTH)
    book = positions.book_fill(book, "AAA", "sell", fill(10, 5, fee_money=4), WORTH)

    assert (book.cash, book.fees) == (989, 11)
    assert book.positions == (Position("AAA", 0, 0, 0),)


@pytest.mark.parametrize(("side", "lots", "cost"), [("buy", 8, 100), ("sell", -12, -100)])
def test_a_fee_in_the_asset_takes_lots_and_no_cash(side, lots, cost):
    book = positions.book_fill(EMPTY, "AAA", side, fill(10, 5, fee_lots=2), WORTH)

    assert book.positions == (Position("AAA", lots, cost, 0),)
    assert (book.cash, book.fees) == (1_000 - cost, 0)


def test_a_purchase_all_eaten_by_its_fee_is_a_loss():
    book = positions.book_fill(EMPTY, "AAA", "buy", fill(10, 5, fee_lots=10), WORTH)

    assert positions.position_of(book, "AAA").lots == 0
    assert positions.equity(book, (("AAA", 5),), WORTH) == 900


def test_positions_are_sorted_by_symbol():
    book = traded(("buy", 1, 1), book=traded(("buy", 1, 1), symbol="BBB"))

    assert [each.symbol for each in book.positions] == ["AAA", "BBB"]


def test_a_fill_of_one_symbol_leaves_the_others():
    book = traded(("buy", 5, 1), book=traded(("buy", 7, 1), symbol="BBB"))

    assert positions.position_of(book, "BBB") == Position("BBB", 7, 21, 0)


def test_a_symbol_never_held_is_flat():
    assert positions.position_of(EMPTY, "AAA") == Position("AAA", 0, 0, 0)


FILLS = st.lists(
    st.tuples(
        st.sampled_from(["AAA", "BBB"]),
        st.sampled_from(["buy", "sell"]),
        st.integers(1, 20),
        st.integers(1, 30),
        st.integers(-5, 5),
        st.integers(0, 1),
    ),
    max_size=20,
)


@given(fills=FILLS, price_a=st.integers(1, 30), price_b=st.integers(1, 30))
def test_equity_is_cash_put_in_plus_realised_plus_unrealised_less_fees(fills, price_a, price_b):
    book = EMPTY
    for symbol, side, quantity, price, fee_money, fee_lots in fills:
        told = fill(quantity, price, fee_money=fee_money, fee_lots=fee_lots)
        book = positions.book_fill(book, symbol, side, told, WORTH)
    prices = {"AAA": price_a, "BBB": price_b}

    profit = sum(
        each.realised + positions.unrealised(each, prices[each.symbol], WORTH) for each in book.positions
    )

    assert positions.equity(book, tuple(prices.items()), WORTH) == 1_000 + profit - book.fees


@given(fills=FILLS)
def test_cash_moves_by_what_each_fill_cost(fills):
    book = EMPTY
    paid = 0
    for symbol, side, quantity, price, fee_money, fee_lots in fills:
        told = fill(quantity, price, fee_money=fee_money, fee_lots=fee_lots)
        book = positions.book_fill(book, symbol, side, told, WORTH)
        value = quantity * price * (2 if symbol == "AAA" else 3)
        paid += fee_money + (value if side == "buy" else -value)

    assert book.cash == 1_000 - paid


# ---- an order's fills ----------------------------------------------------------------------------


def told(*events, side="buy"):
    """The order before the last event and after it."""
    order = Order(ENTRY, "AAA", side, 100)
    return booked(*events[:-1], order=order), booked(*events, order=order)


def test_only_fills_that_are_new_are_booked():
    before, after = told(
        OrderFilled(ENTRY, fill(10, 5, "t1")), OrderFilled(ENTRY, fill(3, 6, "t2", fee_money=1))
    )

    first = positions.book_order(EMPTY, None, before, WORTH)
    second = positions.book_order(first, before, after, WORTH)

    assert first.positions == (Position("AAA", 10, 100, 0),)
    assert second.positions == (Position("AAA", 13, 136, 0),)
    assert (second.cash, second.fees) == (863, 1)
    assert positions.book_order(second, after, after, WORTH) == second


@pytest.mark.parametrize(
    ("side", "corrected", "position", "cash", "fees"),
    [
        ("buy", fill(4, 7, "t1", fee_money=2), Position("AAA", 4, 56, 0), 942, 2),
        ("buy", fill(10, 5, "t1", fee_money=2, fee_lots=1), Position("AAA", 9, 100, 0), 898, 2),
        ("sell", fill(4, 7, "t1", fee_money=2), Position("AAA", -4, -56, 0), 1_054, 2),
        ("buy", fill(0, 5, "t1"), Position("AAA", 0, 0, 0), 1_000, 0),
        ("sell", fill(0, 5, "t1"), Position("AAA", 0, 0, 0), 1_000, 0),
    ],
    ids=["smaller", "fee", "smaller sale", "bust", "busted sale"],
)
def test_a_corrected_fill_is_taken_back_and_booked_as_corrected(side, corrected, position, cash, fees):
    before, after = told(
        OrderFilled(ENTRY, fill(10, 5, "t1", fee_money=3)), FillCorrected(ENTRY, corrected), side=side
    )
    first = positions.book_order(EMPTY, None, before, WORTH)

    book = positions.book_order(first, before, after, WORTH)

    assert book.positions == (position,)
    assert (book.cash, book.fees) == (cash, fees)


def test_a_correction_leaves_the_other_fills_booked():
    before, after = told(
        OrderFilled(ENTRY, fill(10, 5, "t1")),
        OrderFilled(ENTRY, fill(20, 5, "t2")),
        OrderFilled(ENTRY, fill(30, 5, "t3")),
        FillCorrected(ENTRY, fill(15, 5, "t2")),
    )
    first = positions.book_order(EMPTY, None, before, WORTH)

    assert positions.book_order(first, before, after, WORTH).positions == (Position("AAA", 55, 550, 0),)


def test_a_fill_with_a_fee_in_lots_is_taken_back_whole():
    before, after = told(
        OrderFilled(ENTRY, fill(10, 5, "t1", fee_lots=2)), FillCorrected(ENTRY, fill(0, 5, "t1"))
    )
    first = positions.book_order(EMPTY, None, before, WORTH)

    assert positions.book_order(first, before, after, WORTH) == Book(1_000, 0, (Position("AAA", 0, 0, 0),))


def test_an_order_of_a_symbol_no_one_trades_is_a_bug():
    stray = booked(OrderFilled(HEDGE, fill(1, 1)), order=Order(HEDGE, "ZZZ", "buy", 1))

    with pytest.raises(AssertionError, match="Invariant: an order's symbol stays in the settings"):
        positions.book_order(EMPTY, None, stray, WORTH)


# ---- marks ---------------------------------------------------------------------------------------


def test_unrealised_profit_is_market_value_less_cost():
    assert positions.unrealised(Position("AAA", 10, 100), 6, WORTH) == 20
    assert positions.unrealised(Position("AAA", -10, -100), 6, WORTH) == -20


def test_equity_marks_every_position():
    book = traded(("sell", 2, 4), book=traded(("buy", 10, 5)), symbol="BBB")

    assert positions.equity(book, (("AAA", 6), ("BBB", 5)), WORTH) == 1_000 + 20 - 6


@pytest.mark.parametrize("prices", [(), (("AAA", None),), (("BBB", 5),)])
def test_equity_is_not_known_while_a_held_position_has_no_price(prices):
    assert positions.equity(traded(("buy", 10, 5)), prices, WORTH) is None


def test_a_flat_position_needs_no_price():
    assert positions.equity(traded(("buy", 10, 5), ("sell", 10, 6)), (), WORTH) == 1_020


def test_a_flat_position_does_not_hide_the_next():
    book = traded(("buy", 1, 5), book=traded(("buy", 10, 5), ("sell", 10, 6)), symbol="BBB")

    assert positions.equity(book, (("BBB", 7),), WORTH) == 1_020 + 6


def test_a_price_is_found_by_its_symbol():
    prices = (("AAA", 5), ("BBB", None))

    assert positions.price_of(prices, "AAA") == 5
    assert positions.price_of(prices, "BBB") is None
    assert positions.price_of(prices, "CCC") is None


def test_an_order_without_fills_books_nothing():
    assert positions.book_order(EMPTY, None, ORDER, WORTH) is EMPTY
