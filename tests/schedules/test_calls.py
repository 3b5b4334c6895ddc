"""Every method of ``sim.exchange()``: it answers in ccxt's structure, and lets others run meanwhile."""

import asyncio
from decimal import Decimal

import ccxt
import pytest

from hedgecheck.fronts.ccxt.face import CcxtFace
from hedgecheck.fronts.ccxt.names import COROUTINES, SNAKE
from tests.schedules.performing import answer_of, error_of

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
BASE = ccxt.Exchange()
ORDER, TICKER = set(BASE.safe_order({})), set(BASE.safe_ticker({}))
TRADE = {"id", "order", "timestamp", "symbol", "side", "price", "amount", "cost", "takerOrMaker", "fee"}
POSITION = {"symbol", "side", "contracts", "entryPrice", "markPrice", "timestamp"}


def is_order(answer):
    return set(answer) >= ORDER and answer["symbol"] in (SPOT, SWAP) and isinstance(answer["amount"], float)


def are_orders(answer):
    return bool(answer) and all(is_order(each) for each in answer)


def is_ticker(answer):
    return set(answer) >= TICKER and answer["bid"] < answer["last"] < answer["ask"]


def is_book(answer):
    return answer["bids"][0][0] < answer["asks"][0][0] and set(answer) >= {"symbol", "nonce", "datetime"}


def is_balance(answer):
    return set(answer) >= {"free", "used", "total", "info"} and set(answer["USDT"]) == {
        "free",
        "used",
        "total",
    }


def are_positions(answer):
    return bool(answer) and all(set(each) >= POSITION and each["contracts"] == 2 for each in answer)


def are_trades(answer):
    return bool(answer) and all(set(each) >= TRADE for each in answer)


def are_candles(answer):
    return bool(answer) and all(len(row) == 6 and row[2] >= row[3] for row in answer)


def is_(kind):
    return lambda answer: isinstance(answer, kind)


# method -> what it is called with, and what its answer is. ``rest``: the id of a resting order named "rest",
# to sell 1 at 90000; ``done``: the id of one that bought 2.
CALLS = {
    "cancel_all_orders": (lambda rest, done: (SPOT,), are_orders),
    "cancel_order": (lambda rest, done: (rest, SPOT), is_order),
    "cancel_order_with_client_order_id": (lambda rest, done: ("rest", SPOT), is_order),
    "cancel_order_ws": (lambda rest, done: (rest, SPOT), is_order),
    "cancel_orders": (lambda rest, done: ([rest], SPOT), are_orders),
    "create_limit_buy_order": (lambda rest, done: (SPOT, 1, 40_000), is_order),
    "create_limit_order": (lambda rest, done: (SPOT, "buy", 1, 40_000), is_order),
    "create_limit_sell_order": (lambda rest, done: (SPOT, 1, 80_000), is_order),
    "create_market_buy_order": (lambda rest, done: (SPOT, 1), is_order),
    "create_market_order": (lambda rest, done: (SPOT, "buy", 1), is_order),
    "create_market_sell_order": (lambda rest, done: (SPOT, 1), is_order),
    "create_order": (lambda rest, done: (SPOT, "market", "buy", 1), is_order),
    "create_order_ws": (lambda rest, done: (SPOT, "market", "buy", 1), is_order),
    "create_post_only_order": (lambda rest, done: (SPOT, "limit", "buy", 1, 40_000), is_order),
    "create_reduce_only_order": (lambda rest, done: (SPOT, "market", "sell", 1), is_order),
    "create_stop_limit_order": (lambda rest, done: (SPOT, "sell", 1, 40_000, 41_000), is_order),
    "create_stop_loss_order": (lambda rest, done: (SPOT, "market", "sell", 1, None, 41_000), is_order),
    "create_stop_market_order": (lambda rest, done: (SPOT, "sell", 1, 41_000), is_order),
    "create_stop_order": (lambda rest, done: (SPOT, "market", "sell", 1, None, 41_000), is_order),
    "create_trigger_order": (lambda rest, done: (SPOT, "limit", "sell", 1, 40_000, 41_000), is_order),
    "edit_limit_buy_order": (lambda rest, done: (rest, SPOT, 1, 40_000), is_order),
    "edit_limit_order": (lambda rest, done: (rest, SPOT, "sell", 1, 91_000), is_order),
    "edit_limit_sell_order": (lambda rest, done: (rest, SPOT, 1, 91_000), is_order),
    "edit_order": (lambda rest, done: (rest, SPOT, "limit", "sell", 2, 91_000), is_order),
    "fetch_balance": (lambda rest, done: (), is_balance),
    "fetch_canceled_orders": (lambda rest, done: (SPOT,), lambda answer: answer == []),
    "fetch_closed_orders": (lambda rest, done: (SPOT,), are_orders),
    "fetch_currencies": (lambda rest, done: (), lambda answer: set(answer) == {"BTC", "USDT"}),
    "fetch_free_balance": (lambda rest, done: (), lambda answer: "USDT" in answer),
    "fetch_funding_rate": (lambda rest, done: (SWAP,), lambda answer: answer["fundingRate"] == 0.0001),
    "fetch_l2_order_book": (lambda rest, done: (SPOT,), is_book),
    "fetch_markets": (lambda rest, done: (), lambda answer: [e["symbol"] for e in answer] == [SPOT, SWAP]),
    "fetch_my_trades": (lambda rest, done: (SPOT,), are_trades),
    "fetch_ohlcv": (lambda rest, done: (SPOT,), are_candles),
    "fetch_open_order": (lambda rest, done: (rest, SPOT), is_order),
    "fetch_open_orders": (lambda rest, done: (SPOT,), are_orders),
    "fetch_order": (lambda rest, done: (rest, SPOT), is_order),
    "fetch_order_book": (lambda rest, done: (SPOT,), is_book),
    "fetch_order_status": (lambda rest, done: (rest, SPOT), lambda answer: answer == "open"),
    "fetch_order_trades": (lambda rest, done: (done, SPOT), are_trades),
    "fetch_order_with_client_order_id": (lambda rest, done: ("rest", SPOT), is_order),
    "fetch_orders": (lambda rest, done: (SPOT,), are_orders),
    "fetch_partial_balance": (lambda rest, done: ("free",), lambda answer: "USDT" in answer),
    "fetch_position": (lambda rest, done: (SWAP,), lambda answer: answer["contracts"] == 0),
    "fetch_positions": (lambda rest, done: ([SPOT],), are_positions),
    "fetch_status": (lambda rest, done: (), lambda answer: answer["status"] == "ok"),
    "fetch_ticker": (lambda rest, done: (SPOT,), is_ticker),
    "fetch_tickers": (lambda rest, done: ([SPOT],), lambda answer: is_ticker(answer[SPOT])),
    "fetch_time": (lambda rest, done: (), is_(int)),
    "fetch_total_balance": (lambda rest, done: (), lambda answer: "USDT" in answer),
    "fetch_trades": (lambda rest, done: (SPOT,), is_(list)),
    "fetch_trading_fee": (lambda rest, done: (SPOT,), lambda answer: answer["taker"] == 0.001),
    "fetch_trading_fees": (lambda rest, done: (), lambda answer: set(answer) == {SPOT, SWAP}),
    "fetch_used_balance": (lambda rest, done: (), lambda answer: "USDT" in answer),
    "load_markets": (lambda rest, done: (True,), lambda answer: answer[SPOT]["base"] == "BTC"),
    "set_leverage": (lambda rest, done: (3, SWAP), is_(dict)),
    "set_margin_mode": (lambda rest, done: ("cross", SWAP), is_(dict)),
    "set_position_mode": (lambda rest, done: (False,), is_(dict)),
    "sleep": (lambda rest, done: (10,), lambda answer: answer is None),
    "throttle": (lambda rest, done: (), lambda answer: answer is None),
    "watch_balance": (lambda rest, done: (), is_balance),
    "watch_my_trades": (lambda rest, done: (SPOT,), are_trades),
    "watch_ohlcv": (lambda rest, done: (SPOT,), are_candles),
    "watch_order_book": (lambda rest, done: (SPOT,), is_book),
    "watch_orders": (lambda rest, done: (SPOT,), are_orders),
    "watch_positions": (lambda rest, done: ([SPOT],), is_(list)),
    "watch_ticker": (lambda rest, done: (SPOT,), is_ticker),
    "watch_tickers": (lambda rest, done: ([SPOT],), lambda answer: is_ticker(answer[SPOT])),
    "watch_trades": (lambda rest, done: (SPOT,), is_(list)),
}
METHODS = [name for name in COROUTINES if hasattr(CcxtFace, name)]
CAMEL = {name: camel for camel, name in SNAKE.items() if camel != name}


async def opened(sim):
    """A client with one resting and one filled order."""
    exchange = sim.exchange(markets=[SPOT, SWAP])
    rest = await exchange.create_order(SPOT, "limit", "sell", 1, 90_000, {"clientOrderId": "rest"})
    done = await exchange.create_order(SPOT, "market", "buy", 2)
    return exchange, rest["id"], done["id"]


@pytest.mark.parametrize("name", [each for each in METHODS if each != "close"])
def test_method_answers_in_ccxt_s_structure_and_lets_others_run(name):
    arguments, is_right = CALLS[name]

    async def ask(sim):
        exchange, rest, done = await opened(sim)
        others = []

        async def other():
            others.append(sim.now())
            if name.startswith("watch_"):
                await asyncio.sleep(1)  # what is watched begins with the subscription
                await exchange.create_order(SPOT, "market", "buy", 1)

        task = asyncio.create_task(other())
        answer = await getattr(exchange, CAMEL.get(name, name))(*arguments(rest, done))
        ran = bool(others)
        await task
        return answer, ran

    answer, others_ran = answer_of(ask)

    assert is_right(answer), answer
    assert others_ran


def test_closing_asks_nobody():
    async def close(sim):
        async with sim.exchange() as exchange:
            pass
        return exchange.closed_by_user, sim.now()

    assert answer_of(close) == (True, 0.0)


def test_what_is_not_simulated_says_so():
    async def ask(sim):
        return await error_of(sim.exchange().withdraw("BTC", 1, "x"))

    error = answer_of(ask)

    assert type(error) is ccxt.NotSupported
    assert "withdraw" in str(error)


# ---- time ------------------------------------------------------------------------------------------


def test_timestamps_are_of_virtual_time():
    async def ask(sim):
        exchange = sim.exchange()
        await sim.sleep(100)
        before = exchange.milliseconds()
        order = await exchange.create_order(SPOT, "market", "buy", 1)
        ticker = await exchange.fetch_ticker(SPOT)
        time = await exchange.fetch_time()
        return before, order, ticker, time, exchange.milliseconds(), sim.now()

    before, order, ticker, time, after, now = answer_of(ask)

    assert before < order["timestamp"] < ticker["timestamp"] < time < after
    assert order["timestamp"] == order["trades"][0]["timestamp"] == order["lastTradeTimestamp"]
    assert order["datetime"].startswith("2023-11-14T22:15:00")
    assert 100 < now < 101


def test_order_ids_are_the_venue_s_and_differ():
    async def ask(sim):
        exchange = sim.exchange()
        return [(await exchange.create_order(SPOT, "market", "buy", 1))["id"] for _ in range(3)]

    ids = answer_of(ask)

    assert len(set(ids)) == 3
    assert all(each.isdigit() for each in ids)


def test_time_of_last_change_is_not_that_of_a_refused_cancel():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(SPOT, "market", "buy", 1)
        await sim.sleep(5)
        await error_of(exchange.cancel_order(order["id"], SPOT))
        return order, await exchange.fetch_order(order["id"], SPOT)

    before, after = answer_of(ask)

    assert after == before


# ---- several clients and venues --------------------------------------------------------------------


def test_two_clients_of_one_venue_see_each_other_s_orders():
    async def ask(sim):
        one, other = sim.exchange("a"), sim.exchange("a")
        order = await one.create_order(SPOT, "limit", "buy", 1, 40_000)
        seen = await other.fetch_open_orders(SPOT)
        await other.cancel_order(order["id"], SPOT)
        return order, seen, await one.fetch_open_orders(SPOT)

    order, seen, left = answer_of(ask)

    assert seen == [order]
    assert left == []


def test_two_venues_know_nothing_of_each_other():
    async def ask(sim):
        one, other = sim.exchange("a"), sim.exchange("b")
        order = await one.create_order(SPOT, "limit", "buy", 1, 40_000, {"clientOrderId": "x"})
        await one.create_order(SPOT, "market", "buy", 1)
        same_id = await other.create_order(SPOT, "limit", "buy", 2, 40_000, {"clientOrderId": "x"})
        missing = await error_of(other.fetch_order("1000002", SPOT))
        return order, same_id, missing, await other.fetch_positions(), sim.ledger.orders

    order, same_id, missing, positions, orders = answer_of(ask)

    assert (order["amount"], same_id["amount"]) == (1.0, 2.0)
    assert type(missing) is ccxt.OrderNotFound
    assert positions == []
    assert [(each.exchange, each.amount) for each in orders] == [
        ("a", Decimal(1)),
        ("a", Decimal(1)),
        ("b", Decimal(2)),
    ]


def test_price_is_set_at_every_venue_that_lists_the_symbol():
    async def ask(sim):
        one, other = sim.exchange("a"), sim.exchange("b", markets=[SPOT])
        sim.price(SPOT, 45_000)
        return [(await each.fetch_ticker(SPOT))["last"] for each in (one, other)]

    assert answer_of(ask) == [45_000.0, 45_000.0]
