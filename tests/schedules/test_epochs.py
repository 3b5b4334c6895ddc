"""How much an intent may put at risk: what a careful bot does is fine, what goes beyond it is not."""

import asyncio

from hedgecheck import invariants
from hedgecheck.simulate import variants
from tests.schedules.performing import EVERYTHING, failure_of

BTC, ETH = "BTC/USDT", "ETH/USDT"


def part(filled_ppm):
    """The number of the variant that fills so much of an order."""
    does = [(each.does, each.detail) for each in variants.CREATE]
    return 1 + does.index(("fill part", filled_ppm))


def pair_bot(after):
    """Delivers a pair; ``after(exchange, filled)`` is what the bot does once leg X is in."""

    async def test(sim):
        exchange = sim.exchange()

        async def trade(signal):
            order = await exchange.create_order(BTC, "market", signal.side_x, signal.amount_x)
            return await after(exchange, order["filled"])

        await sim.deliver(sim.signal(BTC, ETH, 1), trade)

    return test


async def order(exchange, symbol, side, amount):
    return (await exchange.create_order(symbol, "market", side, amount))["filled"]


HALF = {("1.1 create_order", 0): part(500_000)}


def test_abort_and_flatten_fits():
    async def abort(exchange, filled):
        await order(exchange, BTC, "sell", filled)
        return False

    assert failure_of(pair_bot(abort)) is None
    assert failure_of(pair_bot(abort), plan=EVERYTHING, strikes=HALF) is None


def test_flatten_of_more_than_was_filled_does_not():
    async def abort(exchange, filled):
        await order(exchange, BTC, "sell", 1)
        return False

    assert failure_of(pair_bot(abort), plan=EVERYTHING, strikes=HALF)[0] == "I05"


def test_hedge_of_the_filled_part_fits_and_of_the_requested_does_not():
    async def hedge_filled(exchange, filled):
        return await order(exchange, ETH, "sell", filled) == filled

    async def hedge_requested(exchange, filled):
        return await order(exchange, ETH, "sell", 1) == 1

    assert failure_of(pair_bot(hedge_filled), plan=EVERYTHING, strikes=HALF) is None
    assert failure_of(pair_bot(hedge_requested), plan=EVERYTHING, strikes=HALF)[0] == "I07"


def test_hedge_again_for_what_the_first_hedge_missed_fits():
    async def hedge(exchange, filled):
        missing = filled
        while missing > 0:
            missing = round(missing - await order(exchange, ETH, "sell", missing), 8)
        return True

    strikes = {("1.1 create_order", 1): part(500_000)}

    assert failure_of(pair_bot(hedge), plan=EVERYTHING, strikes=strikes) is None


def test_hedge_again_without_looking_does_not():
    async def hedge(exchange, filled):
        for _ in range(2):
            await order(exchange, ETH, "sell", filled)
        return True

    assert failure_of(pair_bot(hedge))[0] == "I05"


def one_leg(deliver):
    """``deliver(sim, buy)`` delivers as it likes to a bot that buys one leg."""

    async def test(sim):
        exchange = sim.exchange()

        async def buy(signal):
            return await order(exchange, signal.pair_x, "buy", signal.amount_x) == signal.amount_x

        await deliver(sim, buy)

    return test


def test_second_signal_after_the_first_ended_fits():
    async def two(sim, buy):
        await sim.deliver(sim.signal(BTC, None, 1), buy)
        await sim.deliver(sim.signal(BTC, None, 1), buy)

    assert failure_of(one_leg(two)) is None


def test_two_signals_at_once_may_buy_for_both_of_them():
    async def two(sim, buy):
        signals = [sim.signal(BTC, None, 1) for _ in range(2)]
        await asyncio.gather(*(sim.deliver(each, buy) for each in signals))

    assert failure_of(one_leg(two)) is None


def test_same_signal_delivered_twice_may_buy_once():
    async def same(sim, buy):
        await sim.deliver(sim.signal(BTC, None, 1), buy, times=2)

    async def later(sim, buy):
        signal = sim.signal(BTC, None, 1)
        await sim.deliver(signal, buy)
        await sim.sleep(100)
        await sim.deliver(signal, buy)

    assert failure_of(one_leg(same))[0] == "I05"
    assert failure_of(one_leg(later))[0] == "I05"


def test_fault_that_delivers_once_more_is_found_in_a_bot_that_forgets():
    async def once(sim, buy):
        await sim.deliver(sim.signal(BTC, None, 1), buy)

    again = {("delivery of s1", 0): 1}

    assert failure_of(one_leg(once)) is None
    assert failure_of(one_leg(once), plan=EVERYTHING, strikes=again)[0] == "I05"


def resting(then):
    """A bot whose limit order rests for a while; ``then(exchange, order)`` is what it does about it."""

    async def test(sim):
        exchange = sim.exchange()

        async def work(signal):
            first = await exchange.create_order(BTC, "limit", "buy", signal.amount_x, 40_000)
            return await then(exchange, first)

        await sim.deliver(sim.signal(BTC, None, 1), work)

    return test


def test_cancelled_remainder_is_not_at_risk():
    async def chase(exchange, first):
        await exchange.cancel_order(first["id"], BTC)
        return await order(exchange, BTC, "buy", 1) == 1

    async def chase_by_all(exchange, first):
        await exchange.cancel_all_orders(BTC)
        return await order(exchange, BTC, "buy", 1) == 1

    async def edit(exchange, first):
        changed = await exchange.edit_order(first["id"], BTC, "limit", "buy", 1, 51_000)
        return changed["filled"] == 1

    for each in (chase, chase_by_all, edit):
        assert failure_of(resting(each)) is None


def test_order_that_still_works_is_at_risk():
    async def add(exchange, first):
        return await order(exchange, BTC, "buy", 1) == 1

    assert failure_of(resting(add))[0] == "I05"


def test_order_that_a_fault_expired_is_not_at_risk():
    expire = 1 + [each.does for each in variants.CREATE].index("expire")

    async def again(exchange, first):
        filled = first["filled"]
        return await order(exchange, BTC, "buy", round(1 - filled, 8)) == 1

    assert failure_of(resting(again), plan=EVERYTHING, strikes={("1.1 create_order", 0): expire}) is None


def test_edit_that_is_refused_leaves_nothing_open():
    """The epoch ends, so that what that signal asked for is no licence for the next one."""

    async def test(sim):
        exchange = sim.exchange()

        async def change(signal):
            await exchange.edit_order("77", BTC, "limit", "buy", signal.amount_x, 40_000)

        async def buy_twice(signal):
            for _ in range(2):
                await order(exchange, BTC, "buy", signal.amount_x)
            return True

        await sim.deliver(sim.signal(BTC, None, 1), change)
        await sim.deliver(sim.signal(BTC, None, 1), buy_twice)

    assert failure_of(test)[0] == "I05"


# ---- calls that say nothing -----------------------------------------------------------------------


def fire_and_forget(times):
    """The call returns None at once, and the work goes on in a task of the bot's own."""

    async def test(sim):
        exchange, tasks = sim.exchange(), []
        sim.always(invariants.one_intent_one_exposure)

        async def buy(amount):
            for _ in range(times):
                await sim.sleep(1)
                await order(exchange, BTC, "buy", amount)

        def call(signal):
            tasks.append(asyncio.create_task(buy(signal.amount_x)))

        await sim.deliver(sim.signal(BTC, None, 1), call)
        await asyncio.gather(*tasks)

    return test


def test_call_that_returns_none_may_go_on_in_the_background():
    assert failure_of(fire_and_forget(1)) is None
    assert failure_of(fire_and_forget(2))[0] == "I05"


def test_signal_read_by_the_test_itself_is_delivered_by_it():
    async def test(sim):
        exchange, signal = sim.exchange(), sim.signal(BTC, None, 1)
        for _ in range(2):
            await order(exchange, signal.pair_x, "buy", signal.amount_x)

    assert failure_of(test)[0] == "I05"


def test_reader_of_two_signals_trades_for_both():
    async def test(sim):
        exchange = sim.exchange()
        signals = [sim.signal(BTC, None, 1), sim.signal(BTC, None, 2)]

        async def batch():
            amount = sum(each.amount_x for each in signals)
            return await order(exchange, BTC, "buy", amount) == amount

        await sim.concurrently(batch)

    assert failure_of(test) is None
