"""Somebody trades with what rests: so much, at that price, the best order first; and no price moves."""

import asyncio
from decimal import Decimal

import pytest

import hedgecheck
from tests.schedules.performing import answer_of

BTC = "BTC/USDT"


def traded(orders, *trade, **terms):
    """What is filled of each of these resting orders (side, amount, price), and what traded in all."""

    async def program(sim):
        exchange = sim.exchange(**terms)
        for side, amount, price in orders:
            await exchange.create_order(BTC, "limit", side, amount, price)
        amount = sim.trade_at(BTC, *trade)
        last = (await exchange.fetch_ticker(BTC))["last"]
        prices = {each.price for each in sim.ledger.fills}
        return [float(each.filled) for each in sim.ledger.orders], amount, last, prices

    return answer_of(program)


BIDS = (("buy", 1, 48_000), ("buy", 1, 49_000), ("buy", 1, 48_500), ("buy", 1, 49_000))
ASKS = (("sell", 1, 52_000), ("sell", 1, 51_000), ("sell", 1, 51_500))


@pytest.mark.parametrize(
    ("orders", "trade", "filled"),
    [
        (BIDS, ("sell", 49_000, 0.5), [0, 0.5, 0, 0]),
        (BIDS, ("sell", 49_000, 1.5), [0, 1, 0, 0.5]),
        (BIDS, ("sell", 49_000, 9), [0, 1, 0, 1]),
        (BIDS, ("sell", 48_500, 2.5), [0, 1, 0.5, 1]),
        (BIDS, ("sell", 49_000.01, 9), [0, 0, 0, 0]),
        (BIDS, ("buy", 40_000, 9), [0, 0, 0, 0]),
        (ASKS, ("buy", 51_500, 1.25), [0, 1, 0.25]),
        (ASKS, ("buy", 50_999.99, 9), [0, 0, 0]),
        (ASKS, ("sell", 60_000, 9), [0, 0, 0]),
    ],
)
def test_the_best_is_filled_first_and_of_two_the_older_until_it_is_enough(orders, trade, filled):
    seen, amount, last, prices = traded(orders, *trade)

    assert seen == filled
    assert amount == Decimal(str(sum(filled)))
    assert last == 50_000
    assert prices <= {Decimal(str(trade[1]))}


def test_stop_order_is_not_there_until_the_market_is():
    async def program(sim):
        exchange = sim.exchange()
        await exchange.create_order(BTC, "limit", "sell", 1, 44_000, {"stopPrice": 45_000})
        return sim.trade_at(BTC, "buy", 46_000, 1)

    assert answer_of(program) == 0


def test_amount_is_that_of_all_venues_together():
    async def program(sim):
        for name in ("a", "b"):
            await sim.exchange(name).create_order(BTC, "limit", "buy", 1, 49_000)
        traded = sim.trade_at(BTC, "sell", 49_000, 1.5)
        return traded, [float(each.filled) for each in sim.ledger.orders]

    assert answer_of(program) == (Decimal("1.5"), [1.0, 0.5])


def test_spot_account_pays_the_price_of_the_trade():
    terms = {"account": "spot", "balances": {"USDT": 49_100}}
    seen, *_ = traded((("buy", 1, 49_000),), "sell", 48_000, 1, **terms)

    assert seen == [1.0]


def test_streams_tell_of_it():
    async def program(sim):
        exchange = sim.exchange()
        heard = asyncio.create_task(exchange.watch_my_trades(BTC))
        await exchange.create_order(BTC, "limit", "buy", 1, 49_000)
        sim.trade_at(BTC, "sell", 48_900, 0.25)
        (trade,) = await heard
        return trade["amount"], trade["price"]

    assert answer_of(program) == (0.25, 48_900)


@pytest.mark.parametrize(
    ("trade", "says"),
    [
        (("XXX/USDT", "buy", 1, 1), "lists"),
        ((BTC, "hold", 1, 1), "no side"),
        *(((BTC, "buy", 50_000, amount), "amount") for amount in (0, -1, float("nan"), "much", None, 1e-9)),
        *(((BTC, "buy", price, 1), "price") for price in (0, -1, float("inf"), None)),
    ],
)
def test_what_is_no_trade_is_refused(trade, says):
    async def program(sim):
        sim.exchange()
        sim.trade_at(*trade)

    with pytest.raises(hedgecheck.UsageError, match=says):
        answer_of(program)


# ---- a maker ---------------------------------------------------------------------------------------


class Maker:
    """Quotes 1 to buy; what is filled it sells again. It takes any fill for the whole of its quote."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def run(self):
        quote = await self.exchange.create_order(BTC, "limit", "buy", 1, 49_000)
        while not (seen := await self.exchange.fetch_order(quote["id"], BTC))["filled"]:
            await asyncio.sleep(1)
        await self.exchange.cancel_all_orders(BTC)
        await self.exchange.create_order(BTC, "market", "sell", await self.filled(seen))

    async def filled(self, seen):
        return seen["amount"]


class Exact(Maker):
    async def filled(self, seen):
        return (await self.exchange.fetch_order(seen["id"], BTC))["filled"]


@pytest.mark.parametrize(("bot", "verdict"), [(Maker, "broken"), (Exact, "holds")])
def test_maker_that_takes_a_part_for_the_whole_is_found(bot, verdict):
    async def test(sim):
        sim.always(lambda ledger: ledger.position(BTC) >= 0)
        maker = asyncio.create_task(bot(sim.exchange()).run())
        await sim.sleep(3)
        sim.trade_at(BTC, "sell", 49_000, 0.4)
        await maker

    assert hedgecheck.check(test, executions=30, faults=None).verdict == verdict
