"""A maker that cancels and replaces its quote has one at a time."""

import ccxt

import hedgecheck
from hedgecheck import faults, invariants
from tests.schedules.performing import failure_of

BTC = "BTC/USDT"


class Maker:
    """Cancels its quote and places the next; where the cancel gets no answer it believes it is gone."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def quote(self, price):
        await self.clear()
        try:
            await self.exchange.create_order(BTC, "limit", "buy", 1, price)
        except ccxt.NetworkError:
            return

    async def clear(self):
        try:
            await self.exchange.cancel_all_orders(BTC)
        except ccxt.NetworkError:
            return


class Sure(Maker):
    """Cancels until nothing of its own is open."""

    async def clear(self):
        while True:
            await super().clear()
            try:
                if not await self.exchange.fetch_open_orders(BTC):
                    return
            except ccxt.NetworkError:
                continue


def making(bot, rule=invariants.one_order_per_slot):
    async def test(sim):
        maker = bot(sim.exchange())
        sim.always(rule)
        for price in (40_000, 41_000, 42_000):
            await maker.quote(price)

    return hedgecheck.check(test, executions=100, faults=faults.response_lost, max_faults=2)


def test_maker_that_believes_a_cancel_without_an_answer_is_found():
    (found,) = making(Maker).counterexamples

    assert found.invariant == "one_order_per_slot"
    assert "work at the same time in slot ('BTC/USDT', 'buy')" in found.why


def test_maker_that_looks_holds():
    verdict = making(Sure)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram


def test_maker_with_a_slot_per_price_holds():
    by_price = invariants.one_order_per_slot(key=lambda order: (order.symbol, order.side, order.price))

    assert making(Maker, by_price).verdict == "holds"


def test_two_venues_share_no_slot():
    async def test(sim):
        sim.always(invariants.one_order_per_slot)
        for name in ("a", "b"):
            await sim.exchange(name).create_order(BTC, "limit", "buy", 1, 40_000)

    assert failure_of(test) is None
