"""Order books of the simulated exchange: what a bot sees of them, and what its orders pay in them."""

import asyncio

import pytest

import hedgecheck
from hedgecheck.errors import UsageError
from hedgecheck.simulate.streams import TICK_SECONDS
from tests.schedules.performing import answer_of

BTC = "BTC/USDT"  # at 50,000, in ticks of 0.01


def seen(*asked, **book):
    """What a program sees that gives BTC a book, and then asks for one thing after another."""

    async def program(sim):
        exchange = sim.exchange()
        sim.book(BTC, **book)
        return [await ask(exchange) for ask in asked]

    return answer_of(program)


def buys(amount, kind="market", price=None):
    return lambda exchange: exchange.create_order(BTC, kind, "buy", amount, price)


def sells(amount):
    return lambda exchange: exchange.create_order(BTC, "market", "sell", amount)


def shows(limit=None):
    return lambda exchange: exchange.fetch_order_book(BTC, limit)


def quotes(exchange):
    return exchange.fetch_ticker(BTC)


def paid(order):
    return [(each["price"], each["amount"]) for each in order["trades"]]


# ---- what it sees ------------------------------------------------------------------------------------------


def test_order_book_and_ticker_are_those_of_the_book():
    book, ticker = seen(shows(), quotes, spread=2.0, depth=(0.5, 0.25))

    assert book["asks"] == [[50_001.0 + step / 100, 0.25] for step in range(5)]
    assert book["bids"] == [[49_999.0 - step / 100, 0.5] for step in range(5)]
    assert (ticker["bid"], ticker["ask"], ticker["last"]) == (49_999.0, 50_001.0, 50_000.0)
    assert (ticker["bidVolume"], ticker["askVolume"]) == (0.5, 0.25)


def test_side_that_is_empty_has_no_best_price():
    book, ticker = seen(shows(), quotes, spread=2.0, depth=(0, 1))

    assert (book["bids"], len(book["asks"])) == ([], 5)
    assert (ticker["bid"], ticker["ask"]) == (None, 50_001.0)


def test_no_more_levels_are_shown_than_were_asked_for():
    [book] = seen(shows(2), spread=0, depth=1.0)

    assert (len(book["asks"]), len(book["bids"])) == (2, 2)


def test_without_a_book_the_market_looks_as_ever():
    async def program(sim):
        exchange = sim.exchange()
        return await exchange.fetch_ticker(BTC), await exchange.fetch_order_book(BTC)

    ticker, book = answer_of(program)

    assert (ticker["bid"], ticker["ask"]) == (49_999.99, 50_000.01)
    assert book["asks"] == [[50_000.0 + step / 100, 100.0] for step in range(1, 6)]
    assert book["bids"] == [[50_000.0 - step / 100, 100.0] for step in range(1, 6)]


# ---- what its orders pay -----------------------------------------------------------------------------------


def test_market_order_walks_the_book_and_the_next_one_sees_what_it_left():
    order, book, ticker = seen(buys(0.6), shows(), quotes, spread=2.0, depth=0.25)

    assert paid(order) == [(50_001.0, 0.25), (50_001.01, 0.25), (50_001.02, 0.1)]
    assert order["average"] == pytest.approx(50_001.0075)
    assert book["asks"] == [[50_001.02, 0.15], [50_001.03, 0.25], [50_001.04, 0.25]]
    assert ticker["bid"] == 49_999.0


def test_what_was_bought_and_sold_again_costs_the_spread():
    bought, sold = seen(buys(0.25), sells(0.25), spread=4.0, depth=1.0)

    assert (paid(bought), paid(sold)) == ([(50_002.0, 0.25)], [(49_998.0, 0.25)])


def test_what_a_book_does_not_hold_of_a_market_order_is_not_filled():
    [order] = seen(buys(1.5), spread=2.0, depth=0.2)

    assert (order["status"], order["filled"], order["remaining"]) == ("closed", 1.0, 0.5)


def test_limit_order_rests_until_the_book_reaches_it():
    async def program(sim):
        exchange = sim.exchange()
        sim.book(BTC, spread=10.0, depth=1.0)
        order = await buys(0.5, "limit", 50_001)(exchange)
        sim.book(BTC, spread=2.0, depth=0.2)
        narrow = await exchange.fetch_order(order["id"], BTC)
        sim.book(BTC, spread=0, depth=1.0)
        return [each["filled"] for each in (order, narrow, await exchange.fetch_order(order["id"], BTC))]

    assert answer_of(program) == [0, 0.2, 0.5]


def test_watched_book_comes_anew_when_it_changes():
    async def program(sim):
        exchange = sim.exchange()
        await exchange.watch_order_book(BTC)
        watching, began = asyncio.ensure_future(exchange.watch_order_book(BTC)), sim.now()
        await asyncio.sleep(0)
        sim.book(BTC, spread=2.0, depth=0.5)
        best = (await watching)["asks"][0]
        return best, sim.now() - began

    best, seconds = answer_of(program)

    assert best == [50_001.0, 0.5]
    assert seconds < TICK_SECONDS[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"spread": -1.0, "depth": 1.0},
        {"spread": float("nan"), "depth": 1.0},
        {"spread": 1.0, "depth": -1.0},
        {"spread": 1.0, "depth": (1.0, "much")},
        {"spread": 1.0, "depth": (1.0, 1.0, 1.0)},
    ],
    ids=str,
)
def test_what_is_no_book_is_refused(wrong):
    with pytest.raises(UsageError, match=r"sim\.book"):
        seen(**wrong)


def test_symbol_that_nobody_lists_is_refused():
    async def program(sim):
        sim.exchange()
        sim.book("XYZ/USDT", spread=1.0, depth=1.0)

    with pytest.raises(UsageError, match="XYZ/USDT"):
        answer_of(program)


def test_the_plain_face_has_books_too():
    def bot(sim):
        exchange = sim.exchange()
        sim.book(BTC, spread=2.0, depth=0.5)
        order = exchange.create_order(BTC, "market", "buy", 1.0)
        assert [each["price"] for each in order["trades"]] == [50_001.0, 50_001.01]

    assert hedgecheck.check(bot, executions=1, faults=hedgecheck.faults.Plan(())).verdict == "holds"
