"""What a bot decides by itself is an intent, where its test says how: declared, delivered, and held to."""

import asyncio
import functools

import pytest

import hedgecheck
from hedgecheck import faults
from tests.schedules.performing import answer_of, failure_of

BTC, ETH = "BTC/USDT", "ETH/USDT"


class Deciding:
    """Buys once the price is low, as much as it decided."""

    times = 1

    def __init__(self, exchange):
        self.exchange = exchange

    def decide(self, price):
        return {"symbol": BTC, "amount": 0.5} if price <= 50_000 else None

    async def run(self):
        for _ in range(3):
            price = (await self.exchange.fetch_ticker(BTC))["last"]
            decision = self.decide(price)
            if decision is not None:
                await self.enter(decision)
                return
            await asyncio.sleep(1)

    async def enter(self, decision):
        for _ in range(self.times):
            await self.exchange.create_order(decision["symbol"], "market", "buy", decision["amount"])


class Asking(Deciding):
    """Its decision takes a while."""

    async def decide(self, price):
        await asyncio.sleep(1)
        return super().decide(price)

    async def run(self):
        decision = await self.decide(50_000)
        await self.enter(decision)


class Twice(Deciding):
    times = 2


class AskingTwice(Asking):
    times = 2


def as_tuple(decision):
    return decision["symbol"], None, decision["amount"]


def as_dict(decision):
    return {"pair_x": decision["symbol"], "amount_x": decision["amount"], "signal_id": "mine"}


def deciding(bot, to_intent=as_tuple):
    async def test(sim):
        mine = bot(sim.exchange())
        if to_intent is not None:
            mine.decide = sim.intends(mine.decide, to_intent)
        await mine.run()

    return test


@pytest.mark.parametrize("bot", [Twice, AskingTwice])
@pytest.mark.parametrize("to_intent", [as_tuple, as_dict])
def test_bot_that_buys_more_than_it_decided_is_found(bot, to_intent):
    (found,) = hedgecheck.check(deciding(bot, to_intent), executions=20).counterexamples

    assert found.invariant == "I05"
    assert "takes <signal" in found.diagram


@pytest.mark.parametrize("bot", [Deciding, Asking])
@pytest.mark.parametrize("to_intent", [as_tuple, as_dict])
def test_bot_that_buys_what_it_decided_is_not_accused(bot, to_intent):
    plan = faults.response_lost | faults.late_ack | faults.partial_fill | faults.lifecycle
    verdict = hedgecheck.check(deciding(bot, to_intent), executions=60, faults=plan)
    rows = {row["id"]: row["verdict"] for row in verdict.invariant_rows()}

    assert verdict.verdict == "holds", verdict.counterexamples
    assert rows["I05"] == "holds"


def test_what_a_bot_decides_is_nobodys_intent_unless_the_test_says_so():
    assert failure_of(deciding(Twice, None)) is None


def test_decision_that_makes_no_intent_is_none():
    async def program(sim):
        mine = Deciding(sim.exchange())
        mine.decide = sim.intends(mine.decide, lambda decision: None)
        await mine.run()
        return len(sim.ledger.signals)

    assert answer_of(program) == 0


def test_nothing_decided_is_not_asked_about():
    async def program(sim):
        asked = []
        decide = sim.intends(lambda price: None, asked.append)
        return decide(1), asked

    assert answer_of(program) == (None, [])


def test_each_decision_is_an_intent_of_its_own():
    async def program(sim):
        mine = Deciding(sim.exchange())
        mine.decide = sim.intends(mine.decide, as_tuple)
        await mine.run()
        await mine.run()
        return [(each.signal_id, each.pair_x, float(each.amount_x)) for each in sim.ledger.signals]

    assert answer_of(program) == [("s1", BTC, 0.5), ("s2", BTC, 0.5)]


def test_wrapper_is_called_as_the_function_was_and_answers_as_it_did():
    async def program(sim):
        sim.exchange()

        def decide(symbol, *, amount):
            """Decides."""
            return {"symbol": symbol, "amount": amount}

        wrapped = sim.intends(decide, as_tuple)
        partial = sim.intends(functools.partial(decide, BTC), as_tuple)
        asked = sim.intends(lambda: asyncio.sleep(1, {"symbol": ETH, "amount": 2}), as_tuple)
        said = wrapped(BTC, amount=1), partial(amount=3), await asked()
        return said, wrapped.__name__, asyncio.iscoroutinefunction(wrapped), len(sim.ledger.signals)

    said, name, is_async, signals = answer_of(program)

    assert [(each["symbol"], each["amount"]) for each in said] == [(BTC, 1), (BTC, 3), (ETH, 2)]
    assert (name, is_async, signals) == ("decide", False, 3)


class Catching(Deciding):
    async def run(self):
        try:
            await super().run()
        except Exception:
            await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("to_intent", "error"),
    [
        (lambda decision: "buy", hedgecheck.UsageError),
        (lambda decision: [BTC], hedgecheck.UsageError),
        (lambda decision: ("XXX/USDT", None, 1), hedgecheck.UsageError),
        (lambda decision: {"pair": BTC}, TypeError),
        (lambda decision: decision["price"], KeyError),
    ],
)
def test_mistake_of_the_test_is_said_whatever_the_bot_catches(to_intent, error):
    with pytest.raises(error):
        failure_of(deciding(Catching, to_intent))


@pytest.mark.parametrize("given", [(None, as_tuple), (as_tuple, None), (BTC, as_tuple)])
def test_what_is_no_function_is_refused(given):
    async def program(sim):
        sim.intends(*given)

    with pytest.raises(hedgecheck.UsageError, match="takes functions"):
        answer_of(program)
