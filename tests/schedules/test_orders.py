"""Orders at the simulated exchange: what fills, what rests, what is refused and how."""

import asyncio

import ccxt
import pytest

from tests.schedules.performing import answer_of, error_of

BTC = "BTC/USDT"


def refused(ask, **terms):
    """The exception for what ``ask(exchange)`` asks of a new exchange."""

    async def body(sim):
        return await error_of(ask(sim.exchange(**terms)))

    return answer_of(body)


# ---- what fills and what rests ---------------------------------------------------------------------


def test_market_order_fills_at_the_market_price():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "market", "buy", 1.5)
        return order, sim.ledger.fills

    order, (fill,) = answer_of(ask)

    assert (order["status"], order["filled"], order["average"]) == ("closed", 1.5, 50_000.0)
    assert (str(fill.amount), str(fill.price), str(fill.fee), fill.feeCurrency) == (
        "1.50000",
        "50000.00",
        "75",
        "USDT",
    )


def test_limit_order_rests_until_the_price_reaches_it():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "limit", "buy", 1, 49_000)
        sim.price(BTC, 49_000.01)
        above = await exchange.fetch_order(order["id"], BTC)
        sim.price(BTC, 48_000)
        return order, above, await exchange.fetch_order(order["id"], BTC)

    order, above, below = answer_of(ask)

    assert (order["status"], above["status"], below["status"]) == ("open", "open", "closed")
    assert (below["filled"], below["average"]) == (1.0, 48_000.0)


def test_shock_moves_the_price_by_a_fraction_and_fills_what_it_passes():
    async def ask(sim):
        exchange = sim.exchange()
        await exchange.create_order(BTC, "limit", "buy", 1, 41_000)
        sim.shock(BTC, -0.2)
        return (await exchange.fetch_ticker(BTC))["last"], sim.ledger.open_orders()

    assert answer_of(ask) == (40_000.0, ())


def test_marketable_limit_order_fills_at_the_market_price():
    async def ask(sim):
        return await sim.exchange().create_order(BTC, "limit", "buy", 1, 51_000)

    order = answer_of(ask)

    assert (order["status"], order["average"], order["price"]) == ("closed", 50_000.0, 51_000.0)


def test_immediate_order_that_finds_no_price_is_over():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000, {"timeInForce": "IOC"})
        return order, await exchange.fetch_open_orders()

    order, left = answer_of(ask)

    assert (order["status"], order["filled"], order["remaining"]) == ("expired", 0.0, 1.0)
    assert left == []


def test_post_only_order_rests_and_is_refused_where_it_would_take():
    async def ask(sim):
        exchange = sim.exchange()
        rests = await exchange.create_order(BTC, "limit", "buy", 1, 49_000, {"postOnly": True})
        takes = exchange.create_order(BTC, "limit", "buy", 1, 51_000, {"postOnly": True})
        return rests, await error_of(takes), sim.ledger.orders

    rests, error, orders = answer_of(ask)

    assert (rests["status"], rests["postOnly"]) == ("open", True)
    assert type(error) is ccxt.OrderImmediatelyFillable
    assert len(orders) == 1


def test_reduce_only_order_trades_no_more_than_the_position():
    async def ask(sim):
        exchange = sim.exchange()
        await exchange.create_order(BTC, "market", "buy", 1)
        exit_order = await exchange.create_order(BTC, "market", "sell", 3, None, {"reduceOnly": True})
        again = exchange.create_order(BTC, "market", "sell", 1, None, {"reduceOnly": True})
        return exit_order, await error_of(again), sim.ledger.positions

    exit_order, error, positions = answer_of(ask)

    assert (exit_order["filled"], exit_order["status"], exit_order["reduceOnly"]) == (1.0, "closed", True)
    assert type(error) is ccxt.InvalidOrder
    assert "ReduceOnly" in str(error)
    assert positions == ()


# ---- accounts --------------------------------------------------------------------------------------


def test_margin_account_sells_short():
    async def ask(sim):
        exchange = sim.exchange()
        await exchange.create_order(BTC, "market", "sell", 1)
        return await exchange.fetch_positions([BTC])

    (position,) = answer_of(ask)

    assert (position["side"], position["contracts"]) == ("short", 1.0)


def test_spot_account_spends_what_it_has():
    async def ask(sim):
        exchange = sim.exchange(account="spot", balances={"USDT": 60_000, "ETH": 2})
        before = await exchange.fetch_balance()
        bought = await exchange.create_order(BTC, "market", "buy", 1)
        too_much = await error_of(exchange.create_order(BTC, "market", "buy", 1))
        short = await error_of(exchange.create_order(BTC, "market", "sell", 1.1))
        sold = await exchange.create_order("ETH/USDT", "market", "sell", 2)
        return before, bought, too_much, short, sold, await exchange.fetch_balance()

    before, bought, too_much, short, sold, after = answer_of(ask)

    assert (before["USDT"]["free"], before["ETH"]["total"]) == (60_000.0, 2.0)
    assert (bought["status"], sold["status"]) == ("closed", "closed")
    assert type(too_much) is type(short) is ccxt.InsufficientFunds
    assert after["USDT"]["total"] == 60_000 - 50_050 + 6_000 - 6
    assert (after["BTC"]["total"], after["total"].get("ETH")) == (1.0, None)


def test_spot_account_shows_what_resting_orders_lock():
    async def ask(sim):
        exchange = sim.exchange(account="spot", balances={"USDT": 60_000})
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        locked = await exchange.fetch_balance()
        too_much = await error_of(exchange.create_order(BTC, "market", "buy", 1))
        await exchange.cancel_order(order["id"], BTC)
        return locked["USDT"], too_much, (await exchange.fetch_balance())["USDT"]

    locked, too_much, free = answer_of(ask)

    assert locked == {"free": 20_000.0, "used": 40_000.0, "total": 60_000.0}
    assert type(too_much) is ccxt.InsufficientFunds
    assert free == {"free": 60_000.0, "used": 0.0, "total": 60_000.0}


# ---- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda exchange: exchange.create_order("NO/USDT", "market", "buy", 1), ccxt.BadSymbol),
        (lambda exchange: exchange.fetch_ticker("NO/USDT"), ccxt.BadSymbol),
        (lambda exchange: exchange.create_order(BTC, "market", "buy", 0.00005), ccxt.InvalidOrder),
        (lambda exchange: exchange.create_order(BTC, "market", "buy", 0.000001), ccxt.InvalidOrder),
        (lambda exchange: exchange.create_order(BTC, "limit", "buy", 1), ccxt.InvalidOrder),
        (lambda exchange: exchange.create_order(BTC, "limit", "buy", 1, float("nan")), ccxt.InvalidOrder),
        (lambda exchange: exchange.create_order(BTC, "stop", "buy", 1, 1), ccxt.InvalidOrder),
        (lambda exchange: exchange.create_order(BTC, "take_profit", "buy", 1, 1), ccxt.NotSupported),
        (
            lambda exchange: exchange.create_stop_market_order(BTC, "sell", 1, 50_000),
            ccxt.OrderImmediatelyFillable,
        ),
        (
            lambda exchange: exchange.create_stop_market_order(BTC, "sell", 1, 40_000, {"reduceOnly": True}),
            ccxt.InvalidOrder,
        ),
        (lambda exchange: exchange.cancel_order("77", BTC), ccxt.OrderNotFound),
        (lambda exchange: exchange.edit_order("77", BTC, "limit", "buy", 1, 40_000), ccxt.OrderNotFound),
        (lambda exchange: exchange.fetch_order("77", BTC), ccxt.OrderNotFound),
        (lambda exchange: exchange.fetch_order(None, BTC), ccxt.ArgumentsRequired),
        (lambda exchange: exchange.fetch_position(BTC), ccxt.NotSupported),
    ],
)
def test_refusal_is_the_installed_ccxt_s_own_exception(ask, kind):
    assert type(refused(ask)) is kind


def test_closed_order_cannot_be_cancelled_or_edited():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "market", "buy", 1)
        cancel = await error_of(exchange.cancel_order(order["id"], BTC))
        edit = await error_of(exchange.edit_order(order["id"], BTC, "limit", "buy", 1, 40_000))
        return cancel, edit, sim.ledger.orders

    cancel, edit, orders = answer_of(ask)

    assert type(cancel) is type(edit) is ccxt.OrderNotFound
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("unique", "while_open", "once_closed"),
    [("open_orders", False, True), ("session", False, False), ("forever", False, False)],
)
def test_client_order_id_is_taken_as_long_as_the_venue_says(unique, while_open, once_closed):
    async def ask(sim):
        exchange = sim.exchange(client_id_unique=unique)
        named = {"clientOrderId": "mine"}

        async def is_taken():
            try:
                await exchange.create_order(BTC, "limit", "buy", 1, 40_000, named)
            except ccxt.InvalidOrder as error:
                return "Duplicate order sent" not in str(error)
            return True

        assert await is_taken()
        first = await is_taken()
        await exchange.cancel_all_orders(BTC)
        return first, await is_taken()

    assert answer_of(ask) == (while_open, once_closed)


# ---- cancel and edit -------------------------------------------------------------------------------


def test_cancelled_order_keeps_what_it_filled():
    async def ask(sim):
        exchange = sim.exchange(account="spot", balances={"USDT": 1_000_000})
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        answer = await exchange.cancel_order(order["id"], BTC)
        return answer, await exchange.fetch_canceled_orders(BTC), await exchange.fetch_open_orders(BTC)

    answer, canceled, still_open = answer_of(ask)

    assert (answer["status"], answer["filled"], answer["remaining"]) == ("canceled", 0.0, 1.0)
    assert canceled == [answer]
    assert still_open == []


def test_cancel_all_takes_the_orders_of_one_symbol():
    async def ask(sim):
        exchange = sim.exchange()
        for symbol, price in ((BTC, 40_000), (BTC, 41_000), ("ETH/USDT", 2_000)):
            await exchange.create_order(symbol, "limit", "buy", 1, price)
        gone = await exchange.cancel_all_orders(BTC)
        return gone, await exchange.fetch_open_orders()

    gone, left = answer_of(ask)

    assert [each["status"] for each in gone] == ["canceled", "canceled"]
    assert [each["symbol"] for each in left] == ["ETH/USDT"]


def test_edit_puts_a_new_order_in_the_place_of_the_old():
    async def ask(sim):
        exchange = sim.exchange()
        old = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        new = await exchange.edit_order(old["id"], BTC, "limit", "buy", 2, 41_000)
        return old, new, await exchange.fetch_order(old["id"], BTC), await exchange.fetch_open_orders(BTC)

    old, new, gone, left = answer_of(ask)

    assert new["id"] != old["id"]
    assert (new["amount"], new["price"], gone["status"]) == (2.0, 41_000.0, "canceled")
    assert left == [new]


def test_lists_take_since_and_limit():
    async def ask(sim):
        exchange = sim.exchange()
        for _ in range(3):
            await exchange.create_order(BTC, "market", "buy", 1)
            await sim.sleep(10)
        all_of_them = await exchange.fetch_orders(BTC)
        middle = all_of_them[1]["timestamp"]
        return (
            all_of_them,
            await exchange.fetch_orders(BTC, middle),
            await exchange.fetch_my_trades(BTC, None, 2),
        )

    orders, since, newest = answer_of(ask)

    assert since == orders[1:]
    assert [each["order"] for each in newest] == [each["id"] for each in orders[1:]]


def test_cancelled_caller_leaves_its_order_where_it_is():
    async def ask(sim):
        exchange = sim.exchange()
        task = asyncio.create_task(exchange.create_order(BTC, "market", "buy", 1))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sim.sleep(5)
        return task.cancelled(), sim.ledger.orders

    cancelled, orders = answer_of(ask)

    assert cancelled
    assert [each.status for each in orders] == ["closed"]
