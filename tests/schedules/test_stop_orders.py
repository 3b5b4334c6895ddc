"""Stop orders at the simulated exchange: what waits, what triggers it, what is shown, what faults do."""

import ccxt
import pytest

from hedgecheck import faults
from hedgecheck.simulate.variants import CREATE, WAITING
from tests.schedules.performing import answer_of, error_of, failure_of

BTC, SWAP = "BTC/USDT", "BTC/USDT:USDT"
REDUCE = {"reduceOnly": True}


def shown(order):
    return {name: order[name] for name in ("status", "type", "price", "triggerPrice", "stopPrice", "filled")}


# ---- waiting and triggering ------------------------------------------------------------------------------


def test_stop_waits_until_the_market_is_at_its_price_and_trades_there():
    async def ask(sim):
        exchange = sim.exchange()
        await exchange.create_order(BTC, "market", "buy", 1)
        order = await exchange.create_stop_market_order(BTC, "sell", 1, 45_000, REDUCE)
        sim.price(BTC, 45_000.01)
        above = await exchange.fetch_order(order["id"], BTC)
        sim.price(BTC, 44_000)
        return order, above, await exchange.fetch_order(order["id"], BTC), sim.ledger.positions

    order, above, below, positions = answer_of(ask)

    stop = {"type": "market", "triggerPrice": 45_000.0, "stopPrice": 45_000.0}
    assert shown(order) == shown(above) == {**stop, "status": "open", "price": None, "filled": 0.0}
    assert shown(below) == {**stop, "status": "closed", "price": 44_000.0, "filled": 1.0}
    assert not positions


def test_stop_to_buy_triggers_from_below():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "market", "buy", 1, None, {"triggerPrice": 55_000})
        sim.price(BTC, 54_999.99)
        below = await exchange.fetch_order(order["id"], BTC)
        sim.price(BTC, 55_000)
        return below, await exchange.fetch_order(order["id"], BTC)

    below, above = answer_of(ask)

    assert (below["status"], above["status"]) == ("open", "closed")


def test_triggered_stop_limit_rests_at_its_limit():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_stop_limit_order(BTC, "buy", 1, 54_000, 55_000)
        sim.price(BTC, 55_000)
        rests = await exchange.fetch_order(order["id"], BTC)
        sim.price(BTC, 53_000)
        return rests, await exchange.fetch_order(order["id"], BTC)

    rests, filled = answer_of(ask)

    assert (rests["status"], rests["price"], rests["filled"]) == ("open", 54_000.0, 0.0)
    assert (filled["status"], filled["average"]) == ("closed", 53_000.0)


def test_stop_that_is_passed_already_is_refused_in_binance_s_words():
    async def ask(sim):
        return await error_of(sim.exchange().create_stop_market_order(BTC, "sell", 1, 50_000))

    error = answer_of(ask)

    assert type(error) is ccxt.OrderImmediatelyFillable
    assert "immediately trigger" in str(error)


def test_post_only_order_is_refused_in_other_words():
    async def ask(sim):
        return await error_of(sim.exchange().create_post_only_order(BTC, "limit", "buy", 1, 51_000))

    assert "match and take" in str(answer_of(ask))


def test_stop_is_among_the_open_orders_and_can_be_cancelled():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_stop_market_order(BTC, "buy", 1, 55_000)
        listed = await exchange.fetch_open_orders(BTC)
        await exchange.cancel_order(order["id"], BTC)
        sim.price(BTC, 60_000)
        return listed, await exchange.fetch_open_orders(BTC), sim.ledger.fills

    listed, after, fills = answer_of(ask)

    assert [each["triggerPrice"] for each in listed] == [55_000.0]
    assert (after, fills) == ([], ())


def test_edited_stop_is_another_order_at_another_price():
    async def ask(sim):
        exchange = sim.exchange()
        order = await exchange.create_stop_market_order(BTC, "buy", 1, 55_000)
        other = await exchange.edit_order(order["id"], BTC, "market", "buy", 2, None, {"stopPrice": 56_000})
        return order, other, await exchange.fetch_open_orders(BTC)

    order, other, listed = answer_of(ask)

    assert other["id"] != order["id"]
    assert [(each["amount"], each["triggerPrice"]) for each in listed] == [(2.0, 56_000.0)]


def test_spot_account_shows_what_a_stop_locks():
    async def ask(sim):
        exchange = sim.exchange(account="spot", balances={"USDT": 60_000, "BTC": 1})
        await exchange.create_stop_market_order(BTC, "buy", 0.5, 55_000)
        await exchange.create_stop_market_order(BTC, "sell", 1, 45_000)
        return await exchange.fetch_balance()

    balance = answer_of(ask)

    assert (balance["USDT"]["used"], balance["BTC"]["used"]) == (27_500.0, 1.0)


# ---- faults ----------------------------------------------------------------------------------------------


def test_part_of_an_order_that_waits_cannot_fill_and_its_fee_is_no_question():
    gone = {each.fault for each in CREATE} - {each.fault for each in WAITING}

    assert gone == {faults.partial_fill, faults.base_fee}
    assert set(WAITING) < set(CREATE)


@pytest.mark.parametrize("plan", [faults.partial_fill, faults.base_fee], ids=lambda fault: fault.id)
def test_create_of_a_stop_is_not_struck_by_what_needs_a_fill(plan):
    async def body(sim):
        exchange = sim.exchange()
        return await exchange.create_stop_market_order(BTC, "buy", 1, 55_000)

    struck = answer_of(body, plan=faults.Plan((plan,)), strikes={("1 create_order", 0): 1})

    assert struck["status"] == "open"


def test_stop_that_fills_as_it_is_cancelled_was_reached_by_the_market():
    async def body(sim):
        exchange = sim.exchange()
        order = await exchange.create_stop_market_order(BTC, "buy", 1, 55_000)
        error = None
        try:
            await exchange.cancel_order(order["id"], BTC)
        except ccxt.OrderNotFound as raised:
            error = raised
        return error, sim.ledger.fills, await exchange.fetch_ticker(BTC)

    struck = {"plan": faults.Plan((faults.fill_during_cancel,)), "strikes": {("1 cancel_order", 0): 1}}

    plain, _, _ = answer_of(body)
    error, (fill,), ticker = answer_of(body, **struck)

    assert plain is None
    assert type(error) is ccxt.OrderNotFound
    assert (float(fill.price), ticker["last"]) == (55_000.0, 55_000.0)


# ---- rules -----------------------------------------------------------------------------------------------


def test_bot_that_protects_what_it_bought_breaks_no_rule():
    async def body(sim):
        exchange = sim.exchange()
        signal = sim.signal(BTC, amount_x=1.0)

        async def trade():
            await exchange.create_order(BTC, "market", "buy", 1)
            await exchange.create_stop_market_order(BTC, "sell", 1, 45_000, REDUCE)
            return True

        await sim.deliver(signal, lambda _signal: trade())
        sim.price(BTC, 44_000)

    assert failure_of(body) is None


def test_bot_that_protects_twice_what_it_bought_breaks_a_rule():
    async def body(sim):
        exchange = sim.exchange()
        signal = sim.signal(BTC, amount_x=1.0)

        async def trade():
            await exchange.create_order(BTC, "market", "buy", 1)
            for _ in range(2):
                await exchange.create_stop_market_order(BTC, "sell", 1, 45_000, REDUCE)
            return True

        await sim.deliver(signal, lambda _signal: trade())

    assert failure_of(body)[0] == "I08"
