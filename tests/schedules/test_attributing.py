"""Orders that are sent where no signal was read are of whoever the test says."""

import asyncio
from decimal import Decimal

import pytest

import hedgecheck
from hedgecheck import invariants
from tests.schedules.performing import answer_of, failure_of

BTC, ETH = "BTC/USDT", "ETH/USDT"


class Queueing:
    """Takes signals into a queue; a worker that has read none of them sends the orders, each under a tag."""

    def __init__(self, exchange):
        self.exchange, self.queue, self.owners = exchange, asyncio.Queue(), {}
        self.worker = asyncio.create_task(self.work())

    async def enter(self, signal):
        tag = f"tag{len(self.owners)}"
        self.owners[tag] = signal.signal_id
        await self.queue.put((tag, signal.pair_x, signal.side_x, signal.amount_x))

    async def work(self):
        while True:
            tag, symbol, side, amount = await self.queue.get()
            named = {"clientOrderId": self.tagged(tag)}
            await self.exchange.create_order(symbol, "market", side, amount, None, named)

    def tagged(self, tag):
        return tag


class MixingUp(Queueing):
    """Puts every order under the first tag."""

    def tagged(self, tag):
        return "tag0"


def queueing(bot, attributes=True):
    async def test(sim):
        mine = bot(sim.exchange())
        sim.always(invariants.attribution)
        if attributes:
            sim.attribute(lambda order: mine.owners[order.clientOrderId])
        await sim.deliver(sim.signal(BTC, None, 1), mine.enter)
        await sim.deliver(sim.signal(ETH, None, 1), mine.enter)
        await sim.sleep(5)

    return failure_of(test)


def test_orders_of_a_worker_are_of_no_intent_unless_the_test_says_whose():
    assert queueing(Queueing) is None
    assert "of no intent" in queueing(Queueing, attributes=False)[1]


def test_bot_that_mixes_up_whose_its_orders_are_is_found():
    rule, why = queueing(MixingUp)

    assert rule == "I18"
    assert "order #2 is in ETH/USDT, which intent s1 does not trade" in why


def test_the_owner_is_asked_about_the_order_as_the_ledger_would_list_it():
    async def program(sim):
        exchange, asked = sim.exchange("venue"), []
        sim.attribute(asked.append)
        await sim.sleep(2)
        await exchange.create_order(BTC, "limit", "buy", 0.5, 40_000, {"clientOrderId": "mine"})
        (order,) = asked
        (listed,) = sim.ledger.orders
        fields = ("exchange", "clientOrderId", "symbol", "side", "type", "amount", "filled", "remaining")
        fields += ("price", "status", "reduceOnly")
        same = [getattr(order, name) == getattr(listed, name) for name in fields]
        return all(same), order.id, order.amount, listed.timestamp - order.timestamp

    assert answer_of(program) == (True, "", Decimal("0.5"), 25)


def test_signal_that_was_read_goes_before_what_the_test_says():
    async def test(sim):
        exchange = sim.exchange()
        sim.always(invariants.attribution)
        sim.attribute(lambda order: "nobody")

        async def buy(signal):
            await exchange.create_order(signal.pair_x, "market", "buy", signal.amount_x)

        await sim.deliver(sim.signal(BTC, None, 1), buy)

    assert failure_of(test) is None


def buying_for(owner):
    async def test(sim):
        sim.attribute(owner)
        try:
            await sim.exchange().create_order(BTC, "market", "buy", 1)
        except Exception:
            await sim.sleep(1)

    return test


@pytest.mark.parametrize("owner", ["", 1, True, ("s1",)])
def test_owner_that_is_no_name_is_refused_whatever_the_bot_catches(owner):
    with pytest.raises(hedgecheck.UsageError, match="owner of an order"):
        failure_of(buying_for(lambda order: owner))


def test_error_of_the_function_is_the_tests_whatever_the_bot_catches():
    with pytest.raises(KeyError, match="mine"):
        failure_of(buying_for(lambda order: {}["mine"]))


def test_what_is_no_function_is_refused():
    with pytest.raises(hedgecheck.UsageError, match="function of an order"):
        failure_of(buying_for({"tag0": "s1"}))
