"""What passes through a plain test: errors, ends, and what belongs to one call."""

import asyncio
import time
from contextvars import ContextVar

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults
from tests.schedules.performing import BTC, seen_by


class Leaves(BaseException):
    """Nothing that anybody knows."""


ENDS = {
    "skip": (pytest.skip.Exception, pytest.skip.Exception),
    "interrupt": (KeyboardInterrupt, KeyboardInterrupt),
    "usage": (hedgecheck.UsageError, hedgecheck.UsageError),
}
FAILS = {
    "assertion": (AssertionError("no"), "assertion", "no"),
    "error": (ValueError("no"), "I15", "raised ValueError: no at test_passing.py"),
    "iteration": (StopIteration("no"), "I15", "raised StopIteration('no') at test_passing.py"),
    "exit": (SystemExit("no"), "I15", "raised SystemExit: no"),
    "cancel": (asyncio.CancelledError(), "I15", "the test was cancelled"),
    "generator": (GeneratorExit("no"), "I15", "raised GeneratorExit"),
    "foreign": (Leaves("no"), "I15", "raised Leaves: no"),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_is_not_the_bots_ends_the_campaign_as_it_is(name: str) -> None:
    raised, caught = ENDS[name]

    def test(sim):
        sim.exchange().fetch_time()
        sim.concurrently(lambda: sim.sleep(1))
        raise raised("no")

    with pytest.raises(caught, match="no"):
        hedgecheck.check(test, executions=3)


@pytest.mark.parametrize("name", FAILS)
def test_what_the_bot_raises_is_a_finding(name: str) -> None:
    error, rule, why = FAILS[name]

    def test(sim):
        sim.exchange().fetch_time()
        raise error

    found = hedgecheck.check(test, executions=1, faults=None).counterexamples[0]

    assert found.invariant == rule
    assert why in found.why


def test_an_error_is_told_by_the_line_where_it_was_raised_first() -> None:
    class Bot:
        def start(self):
            self.exchange.fetch_time()
            raise ValueError("no")

    def test(sim):
        Bot.exchange = sim.exchange()
        sim.process(Bot)

    found = hedgecheck.check(test, executions=1, faults=None).counterexamples[0]

    line = Bot.start.__code__.co_firstlineno + 2
    assert found.why.endswith(f"raised ValueError: no at test_passing.py:{line}")


def test_errors_of_the_exchange_rise_in_the_bot_and_are_results_of_calls() -> None:
    def body(sim):
        exchange = sim.exchange()
        with pytest.raises(ccxt.BadSymbol):
            exchange.fetch_ticker("NO/WHERE")
        with pytest.raises(ccxt.OrderNotFound):
            exchange.cancel_order("77", BTC)
        one, other = sim.concurrently(lambda: exchange.cancel_order("77", BTC), lambda: 5)
        return type(one).__name__, other

    assert seen_by(body) == ("OrderNotFound", 5)


def test_context_variables_are_each_calls_own() -> None:
    variable = ContextVar("variable", default="none")

    def body(sim):
        exchange = sim.exchange()
        variable.set("test")

        def call(name):
            before = variable.get()
            variable.set(name)
            exchange.fetch_time()
            time.sleep(1)
            return before, variable.get()

        return sim.concurrently(lambda: call("one"), lambda: call("other")), variable.get()

    assert seen_by(body) == ([("test", "one"), ("test", "other")], "test")


def test_an_order_is_for_the_signal_that_its_own_call_has_read() -> None:
    def test(sim):
        exchange = sim.exchange()
        sim.always(hedgecheck.invariants.one_intent_one_exposure)
        signals = sim.signal(BTC, None, 1), sim.signal(BTC, None, 2)

        def enter(signal):
            amount = signal.amount_x
            exchange.fetch_time()
            return exchange.create_order(BTC, "market", "buy", amount)["filled"] == amount

        sim.concurrently(*[lambda each=each: enter(each) for each in signals])
        assert [each.amount for each in sim.ledger.orders] in ([1, 2], [2, 1])

    assert hedgecheck.check(test, executions=40, faults=faults.reordered).verdict == "holds"
