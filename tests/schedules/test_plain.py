"""A plain test of a synchronous bot: the same faults, tokens and diagrams as the async test of its twin."""

import os
import re
import threading
import time
from contextlib import suppress
from time import sleep

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults, invariants
from tests.schedules.performing import anything

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)
PLACE = re.compile(r"\S+\.py:\d+ *")


def drawn(verdict):
    """The lines of the diagram, without where in the bot's code they are from."""
    return [PLACE.sub("", line).rstrip() for line in verdict.counterexamples[0].diagram.splitlines()]


# ---- twins -----------------------------------------------------------------------------------------------


def naive(sim):
    exchange = sim.exchange()
    sim.always(invariants.one_intent_one_exposure)

    def enter(signal):
        for _ in range(2):
            try:
                return exchange.create_order(BTC, "market", "buy", signal.amount_x)["filled"] == 1
            except ccxt.RequestTimeout:
                sleep(1)
        return False

    sim.deliver(sim.signal(BTC, None, 1), enter)


async def naive_twin(sim):
    exchange = sim.exchange()
    sim.always(invariants.one_intent_one_exposure)

    async def enter(signal):
        for _ in range(2):
            try:
                order = await exchange.create_order(BTC, "market", "buy", signal.amount_x)
                return order["filled"] == 1
            except ccxt.RequestTimeout:
                await sim.sleep(1)
        return False

    await sim.deliver(sim.signal(BTC, None, 1), enter)


def racing(sim):
    exchange = sim.exchange()
    sim.always(lambda ledger: ledger.position(BTC) <= 1)

    def enter():
        if not exchange.fetch_orders(BTC):
            exchange.create_order(*BUY)

    sim.concurrently(enter, enter)


async def racing_twin(sim):
    exchange = sim.exchange()
    sim.always(lambda ledger: ledger.position(BTC) <= 1)

    async def enter():
        if not await exchange.fetch_orders(BTC):
            await exchange.create_order(*BUY)

    await sim.concurrently(enter, enter)


class Forgetful:
    """Buys once in its life, and knows nothing of the one before."""

    def __init__(self, exchange):
        self.exchange = exchange

    def start(self):
        self.exchange.fetch_balance()
        self.exchange.create_order(*BUY)


class ForgetfulTwin(Forgetful):
    async def start(self):
        await self.exchange.fetch_balance()
        await self.exchange.create_order(*BUY)


def forgetting(sim):
    exchange = sim.exchange()
    sim.always(lambda ledger: ledger.position(BTC) <= 1)
    sim.process(lambda: Forgetful(exchange))


async def forgetting_twin(sim):
    exchange = sim.exchange()
    sim.always(lambda ledger: ledger.position(BTC) <= 1)
    await sim.process(lambda: ForgetfulTwin(exchange))


TWINS = {
    "naive": (naive, naive_twin, faults.response_lost, 1),
    "racing": (racing, racing_twin, None, 0),
    "forgetting": (forgetting, forgetting_twin, faults.restart, 1),
}


@pytest.mark.parametrize("name", TWINS)
def test_twins_break_alike_and_each_ones_token_is_the_others(name) -> None:
    plain, twin, plan, count = TWINS[name]
    how = {"executions": 300, "faults": plan, "seed": 1}

    broken, same = hedgecheck.check(plain, **how), hedgecheck.check(twin, **how)

    assert (broken.verdict, same.verdict) == ("broken", "broken")
    assert drawn(broken) == drawn(same)
    (found,), (twins,) = broken.counterexamples, same.counterexamples
    assert found.token == twins.token
    assert found.actions_shrunk == count
    assert broken.explorers[0].campaign == same.explorers[0].campaign
    replayed = hedgecheck.check(plain, token=found.token, faults=plan)
    assert replayed.counterexamples[0].diagram == found.diagram


def test_a_line_of_the_diagram_leads_to_the_line_of_the_bot() -> None:
    found = hedgecheck.check(naive, executions=100, faults=faults.response_lost).counterexamples[0]

    line = naive.__code__.co_firstlineno + 7
    assert f"schedules/test_plain.py:{line}" in found.diagram


# ---- bots that do what they should -----------------------------------------------------------------------


def careful(sim):
    exchange = sim.exchange()
    known, lock = set(), threading.Lock()

    def enter(signal):
        with lock:
            if signal.signal_id in known:
                return False
            known.add(signal.signal_id)
        name = f"bot-{signal.signal_id}"
        with suppress(ccxt.NetworkError):
            exchange.create_order(BTC, "market", "buy", signal.amount_x, None, {"clientOrderId": name})
        return settled(exchange, name) == signal.amount_x

    sim.deliver(sim.signal(BTC, None, 1), enter)


def settled(exchange, name):
    """What an order came to, asked until the answer can change no more."""
    for _ in range(20):
        time.sleep(3)
        try:
            order = exchange.fetch_order(None, BTC, {"clientOrderId": name})
            if order["status"] in ("closed", "canceled", "expired", "rejected"):
                return order["filled"]
        except ccxt.NetworkError:
            continue
        except ccxt.OrderNotFound:
            continue
    return 0


def test_a_careful_bot_holds() -> None:
    verdict = hedgecheck.check(careful, executions=150, max_faults=2)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram


def test_a_lock_of_the_bot_ends_the_race() -> None:
    def test(sim):
        exchange, lock = sim.exchange(), threading.RLock()
        sim.always(lambda ledger: ledger.position(BTC) <= 1)

        def enter():
            with lock, lock:
                if not exchange.fetch_orders(BTC):
                    exchange.create_order(*BUY)

        sim.concurrently(enter, enter)

    verdict = hedgecheck.check(test, executions=100, faults=None)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram


# ---- crashes ---------------------------------------------------------------------------------------------


class Writing:
    """Buys once, whatever becomes of it, by a note that is written before or after."""

    def __init__(self, exchange, path, *, first):
        self.exchange, self.path, self.first = exchange, path, first

    def start(self):
        with open(self.path, "a+", encoding="utf-8") as file:
            file.seek(0)
            if file.read():
                return
            if self.first:
                self.note(file)
            self.exchange.create_order(*BUY)
            self.note(file)

    def note(self, file):
        file.write("bought\n")
        file.flush()
        os.fsync(file.fileno())


@pytest.mark.parametrize(("first", "verdict"), [(True, "holds"), (False, "broken")])
def test_a_note_is_written_before_the_order_is_sent(first, verdict) -> None:
    def test(sim):
        exchange, folder = sim.exchange(), sim.storage("bot")
        sim.always(lambda ledger: ledger.position(BTC) <= 1)
        sim.process(lambda: Writing(exchange, folder / "journal", first=first))
        sim.sleep(60)

    plan = faults.restart | faults.storage_error
    result = hedgecheck.check(test, executions=150, max_faults=2, faults=plan)

    assert result.verdict == verdict
    if verdict == "broken":
        assert result.counterexamples[0].actions_shrunk == 1


def test_everything_but_the_test_dies_in_crash_and_restart() -> None:
    seen = []

    def test(sim):
        exchange, said = sim.exchange(), []

        def first():
            try:
                exchange.create_order(*BUY)
                said.append("answered")
            finally:
                said.append("finally")

        sim.background(first)
        sim.sleep(0.01)
        second = sim.crash_and_restart(lambda: exchange.fetch_balance()["total"])
        sim.sleep(60)
        seen.append((list(said), "USDT" in second, sim.ledger.position(BTC)))

    hedgecheck.check(test, executions=1, faults=None)

    assert seen == [([], True, 1)]


def test_a_bot_that_polls_for_ever_runs_beside_the_test_and_crashes_there() -> None:
    lives = []

    class Polling:
        def __init__(self, exchange):
            self.exchange = exchange
            lives.append(self)

        def run(self):
            while True:
                with suppress(ccxt.NetworkError):
                    self.exchange.fetch_ticker(BTC)
                time.sleep(60)

    def test(sim):
        exchange = sim.exchange()
        sim.always(anything)
        sim.background(lambda: sim.process(lambda: Polling(exchange), start="run"))
        sim.sleep(600)
        exchange.create_order(*BUY)

    executions = 60
    verdict = hedgecheck.check(test, executions=executions, faults=faults.restart)

    assert verdict.verdict == "holds"
    assert len(lives) > executions


# ---- what else a test says -------------------------------------------------------------------------------


def test_beliefs_intents_owners_draws_and_trades_are_those_of_an_async_test() -> None:
    from hypothesis import strategies as st  # noqa: PLC0415

    drawn, seen = set(), []

    def test(sim):
        exchange = sim.exchange()
        amount = sim.draw(st.integers(1, 3))
        drawn.add(amount)
        held = {}
        sim.believes(lambda: held)
        sim.attribute(lambda order: "desk")
        sim.sometimes("bought", lambda ledger: ledger.position(BTC) > 0)
        sim.eventually(lambda ledger: len(ledger.fills) > 0, within_seconds=30)
        decide = sim.intends(lambda: amount, lambda lots: (BTC, None, lots))
        exchange.create_order(BTC, "limit", "buy", decide(), 40_000)
        filled = sim.trade_at(BTC, "sell", price=40_000, amount=amount)
        held[BTC] = float(filled)
        seen.append((filled == amount, sim.ledger.signals[0].amount_x == amount, sim.now() < 1))

    verdict = hedgecheck.check(test, executions=60, faults=None)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert drawn == {1, 2, 3}
    assert set(seen) == {(True, True, True)}


def test_a_belief_that_is_wrong_is_found_and_a_deadline_that_passes() -> None:
    def believing(sim):
        sim.believes(lambda: {BTC: 2})
        sim.exchange().create_order(*BUY)

    def waiting(sim):
        sim.eventually(lambda ledger: ledger.position(BTC) == 0, within_seconds=5)
        sim.exchange().create_order(*BUY)
        sim.sleep(20)

    assert hedgecheck.check(believing, executions=5, faults=None).counterexamples[0].invariant == "I01"
    assert hedgecheck.check(waiting, executions=5, faults=None).counterexamples[0].why.endswith("than 5 s)")
