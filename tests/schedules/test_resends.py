"""An order sent again under the same client order id: safe where the venue protects the id, else not."""

import asyncio

import ccxt
import pytest

import hedgecheck

UNIQUE = ("session", "forever")


class SameId:
    """Sends under one client order id until the venue answers."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def execute(self, signal):
        named = {"clientOrderId": f"c-{signal.signal_id}"}
        for _ in range(20):
            try:
                order = await self.exchange.create_order(
                    signal.pair_x, "market", signal.side_x, signal.amount_x, None, named
                )
                if order["id"]:
                    return True
            except ccxt.NetworkError:
                pass
            except ccxt.InvalidOrder as error:
                return "Duplicate" in str(error)
            except ccxt.ExchangeError:
                return False
            await asyncio.sleep(1)
        return False


def scenario_with(client_id_unique):
    async def scenario(sim):
        bot = SameId(sim.exchange(client_id_unique=client_id_unique))
        await sim.deliver(sim.signal("BTC/USDT", None, 1.0), bot.execute)

    return scenario


@pytest.mark.parametrize("client_id_unique", UNIQUE)
def test_the_same_id_again_is_no_blind_resend_where_the_venue_protects_it(client_id_unique):
    verdict = hedgecheck.check(scenario_with(client_id_unique), executions=400, max_faults=2)

    assert verdict.verdict == "holds", verdict.counterexamples


def test_the_same_id_again_is_one_where_the_venue_looks_at_open_orders_only():
    verdict = hedgecheck.check(scenario_with("open_orders"), executions=400)

    assert verdict.verdict == "broken"
    assert verdict.counterexamples[0].invariant in ("no_blind_resend", "I05")


@pytest.mark.parametrize("client_id_unique", UNIQUE)
def test_a_fault_rejects_no_order_whose_id_the_venue_has(client_id_unique):
    """It would answer that it has it; to believe anything else was right of the bot."""
    seen = set()

    async def scenario(sim):
        exchange = sim.exchange(client_id_unique=client_id_unique)
        named = {"clientOrderId": "mine"}
        try:
            await exchange.create_order("BTC/USDT", "market", "buy", 1, None, named)
        except ccxt.BaseError:
            return
        try:
            await exchange.create_order("BTC/USDT", "market", "buy", 1, None, named)
        except ccxt.BaseError as error:
            seen.add(type(error).__name__)

    hedgecheck.check(scenario, executions=100, faults=hedgecheck.faults.venue_reject)

    assert seen == {"InvalidOrder"}
