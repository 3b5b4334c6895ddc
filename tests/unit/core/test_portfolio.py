"""Whose every fill and every minor unit is: what each strategy has adds up to the account."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine, portfolio
from core.messages import CashMoved, FillCorrected, PriceMoved, PriceUnusable, RefuseSignal
from core.portfolio import Account, Transfer
from core.positions import Book, Position
from core.settings import Limits
from tests.unit.core.build import CASH, after, both_filled, fill, filled, order_id, ready, settings, signal
from tests.unit.core.owned import BUDGETS, CAPITAL, NAMES, book_of, cash_of, owned

STATE = ready(owned())
TARGETS = st.lists(st.integers(0, 10_000), min_size=1, max_size=9).filter(lambda each: sum(each) <= 10_000)
EMPTY = (Account("", Book(10)), Account("a", Book(20)), Account("b", Book(30)))


def named(shares):
    """The shares as targets of strategies a, b, c and so on."""
    return tuple(zip("abcdefghi", shares, strict=False))


# ---- shares ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        (100, [5_000, 5_000], [0, 50, 50]),
        (100, [5_000, 2_500], [25, 50, 25]),
        (101, [5_000, 5_000], [0, 51, 50]),
        (1, [3_333, 3_333, 3_334], [0, 0, 0, 1]),
        (1, [3_333, 3_333], [1, 0, 0]),
        (1, [2_500, 2_500, 2_500], [1, 0, 0, 0]),
        (3, [2_500, 2_500, 2_500], [1, 1, 1, 0]),
        (-1, [5_000, 5_000], [0, -1, 0]),
        (-3, [2_500, 2_500, 2_500], [-1, -1, -1, 0]),
        (0, [5_000, 5_000], [0, 0, 0]),
        (7, [0, 10_000], [0, 0, 7]),
    ],
)
def test_an_amount_is_split_to_the_minor_unit(amount, shares, parts):
    names = ["", *"abc"][: len(parts)]

    assert portfolio.split(amount, named(shares)) == tuple(zip(names, parts, strict=True))


@pytest.mark.covers("MS-05")
@given(st.integers(-(10**15), 10**15), TARGETS)
def test_parts_add_up_and_none_is_a_whole_unit_off_its_share(amount, shares):
    parts = dict(portfolio.split(amount, named(shares)))

    assert sum(parts.values()) == amount
    exact = {"": 10_000 - sum(shares), **dict(named(shares))}
    assert all(abs(parts[name] * 10_000 - amount * share) < 10_000 for name, share in exact.items())


# ---- accounts --------------------------------------------------------------------------------------


@pytest.mark.covers("MS-01")
def test_each_strategy_begins_with_its_budget_and_the_reserve_with_the_rest():
    assert cash_of(STATE) == CAPITAL
    assert sum(CAPITAL.values()) == CASH
    assert portfolio.budgets(STATE.settings) == tuple(zip(NAMES, BUDGETS, strict=True))


def test_without_strategies_there_are_no_accounts_and_any_may_trade():
    plain = ready(settings())

    assert (plain.accounts, after(plain, CashMoved(5)).accounts) == ((), ())
    assert not isinstance(engine.step(plain, signal(1, "whoever"))[1][0], RefuseSignal)
    assert after(plain, signal(), *both_filled()).accounts == ()


@pytest.mark.covers("MS-02")
def test_a_fill_is_booked_to_the_strategy_of_its_trade_and_to_no_other():
    state = after(STATE, signal(1, "momentum"), *both_filled(1, "momentum"))
    state = after(state, signal(1, "squeeze", symbol_b="CCC", quantity_a=10, quantity_b=100))
    state = after(state, filled(order_id(strategy="squeeze"), 10, price=99, fee_money=7))

    assert book_of(state, "momentum") == Book(
        3_000_000, 0, (Position("AAA", 1_000, 100_000), Position("BBB", -2_000, -100_000))
    )
    assert book_of(state, "squeeze") == Book(500_000 - 990 - 7, 7, (Position("AAA", 10, 990),))
    assert all(book_of(state, name) == Book(CAPITAL[name]) for name in ("", "deep_value", "pairs"))
    assert sum(cash_of(state).values()) == state.book.cash


def test_a_corrected_fill_is_corrected_in_its_strategys_book():
    opened = after(STATE, signal(), filled(order_id(), 1_000, "t1", fee_money=3))

    corrected = after(opened, FillCorrected(order_id(), fill(900, 90, "t1", 2)))
    busted = after(opened, FillCorrected(order_id(), fill(0, 1, "t1")))

    assert book_of(corrected, "pairs") == Book(2_500_000 - 81_000 - 2, 2, (Position("AAA", 900, 81_000),))
    assert (book_of(busted, "pairs").cash, book_of(busted, "pairs").fees) == (2_500_000, 0)


def test_a_fill_that_is_told_twice_is_booked_once():
    once = after(STATE, signal(), filled(order_id(), 600, "t1"))

    assert after(once, filled(order_id(), 600, "t1")).accounts == once.accounts


@pytest.mark.parametrize("amount", [1_003, -1_003, 1])
def test_cash_that_is_paid_in_or_out_is_shared_by_the_budgets(amount):
    moved = cash_of(after(STATE, CashMoved(amount)))

    shares = dict(portfolio.split(amount, portfolio.budgets(STATE.settings)))
    assert moved == {name: CAPITAL[name] + shares[name] for name in CAPITAL}


def test_capital_that_moves_changes_both_accounts_and_no_other():
    transfers = (Transfer("", "a", 4), Transfer("", "b", 3), Transfer("b", "a", 1))

    moved = portfolio.transferred(EMPTY, transfers)

    assert [(each.book.cash, each.assigned) for each in moved] == [(3, -7), (25, 5), (32, 2)]
    assert [each.assigned for each in portfolio.transferred(moved, transfers[:1])] == [-11, 9, 2]
    assert portfolio.transferred(EMPTY, transfers[1:2])[1] is EMPTY[1]


def test_capital_is_cash_and_what_is_held_at_the_market():
    state = after(STATE, signal(), *both_filled(), PriceMoved("AAA", 103), PriceMoved("BBB", 49))
    blind = after(state, PriceUnusable("BBB"))

    worth = portfolio.capitals(state.accounts, state.prices, state.settings)
    unknown = portfolio.capitals(blind.accounts, blind.prices, blind.settings)

    assert dict(worth) == {**CAPITAL, "pairs": 2_500_000 + 3_000 + 2_000}
    assert dict(unknown) == {**CAPITAL, "pairs": None}


# ---- budgets ---------------------------------------------------------------------------------------

FREE = replace(Limits(), position_bps=10_000, heat_bps=100_000, collar_bps=10_000, trades_in_flight=99)
SPENT = st.lists(st.sampled_from(NAMES), unique=True)


def asks(state, strategy, lots, sequence=1):
    """Why a trade of AAA and CCC, that many lots of AAA and ten of CCC, is refused; None where it is not."""
    event = signal(sequence, strategy, symbol_b="CCC", quantity_a=lots, quantity_b=10)
    first = engine.step(state, event)[1][0]
    return first.reason if isinstance(first, RefuseSignal) else None


@pytest.mark.covers("MS-06")
@given(SPENT, st.sampled_from(NAMES))
def test_no_strategy_starves_and_none_dominates(others, name):
    """Each has its whole budget whatever the others have open, and not a lot more."""
    state = ready(owned(FREE))
    for other in others:
        if other != name:
            whole = (CAPITAL[other] - 100) // 100
            state = after(state, signal(1, other, symbol_b="CCC", quantity_a=whole, quantity_b=10))
            entry = order_id(strategy=other)
            state = after(state, filled(entry, whole), filled(order_id("hedge", 1, 1, other), 10, price=10))
    whole = (CAPITAL[name] - 100) // 100

    assert asks(state, name, whole + 1) == "STRATEGY_BUDGET"
    assert asks(state, name, whole) is None


def test_a_strategy_that_lost_has_less_to_trade_with_and_the_others_do_not():
    state = ready(owned(FREE))
    state = after(state, signal(1, "squeeze", symbol_b="CCC", quantity_a=1_000, quantity_b=10))
    state = after(state, filled(order_id(strategy="squeeze"), 1_000))
    state = after(state, filled(order_id("hedge", 1, 1, "squeeze"), 10, price=10), PriceMoved("AAA", 90))

    worth = dict(portfolio.capitals(state.accounts, state.prices, state.settings))
    left = (490_000 - 90_000 - 100 - 100) // 90

    assert worth == {**CAPITAL, "squeeze": 490_000}
    assert (asks(state, "squeeze", left, 2), asks(state, "squeeze", left + 1, 2)) == (None, "STRATEGY_BUDGET")
    assert asks(state, "mean_reversion", 999_900 // 90) is None


def test_every_strategy_is_shown_and_together_they_are_the_account():
    state = after(STATE, signal(1, "momentum"), *both_filled(1, "momentum"), PriceMoved("AAA", 110))
    state = after(
        state, signal(1, "pairs", symbol_b="CCC"), filled(order_id(), 1_000, price=110, fee_money=9)
    )

    shown = {each.name: each for each in engine.health(state).strategies}

    momentum, pairs = shown["momentum"], shown["pairs"]
    assert (momentum.capital, momentum.cash, momentum.unrealised) == (3_010_000, 3_000_000, 10_000)
    assert (momentum.realised, momentum.fees, momentum.needed, momentum.owed) == (0, 0, 210_000, 0)
    assert (pairs.capital, pairs.cash, pairs.fees) == (2_499_991, 2_500_000 - 110_009, 9)
    assert pairs.needed == 110 * 1_000 + 10 * 2_000
    assert sum(each.capital for each in shown.values()) == engine.equity(state)
    assert list(shown) == ["", *NAMES]


def test_what_a_strategy_made_is_shown_and_nothing_where_a_price_is_missing():
    state = after(STATE, signal(), *both_filled(quantity_a=400))
    state = after(state, PriceMoved("AAA", 120), filled(order_id("flatten_a"), 1, price=120))
    pairs = engine.health(after(state, PriceUnusable("AAA"))).strategies[4]

    assert (pairs.name, pairs.capital, pairs.unrealised) == ("pairs", None, None)
    assert engine.health(ready(settings())).strategies == ()


SIDES = st.sampled_from(["buy", "sell"])
FILLS = st.tuples(st.sampled_from(NAMES), SIDES, st.integers(1, 50), st.integers(1, 300))


@given(st.lists(FILLS, max_size=20))
def test_profit_of_all_strategies_is_the_accounts_whatever_each_one_paid(fills):
    """Each has its own average cost: what is realised differs, and so does what is not, by the same."""
    book, accounts = Book(CASH), portfolio.initial(owned(), CASH)
    for name, side, lots, price in fills:
        paid = fill(lots, price, "t", 1)

        def with_it(each, side=side, paid=paid):
            return portfolio.positions.book_fill(each, "AAA", side, paid, STATE.settings)

        book, accounts = with_it(book), portfolio.booked(accounts, name, with_it)

    profit = [
        sum(p.realised - p.cost for p in each.positions) for each in (book, *(a.book for a in accounts))
    ]
    assert profit[0] == sum(profit[1:])
    assert sum(each.book.cash for each in accounts) == book.cash
    assert sum(each.book.fees for each in accounts) == book.fees
