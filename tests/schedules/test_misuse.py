"""What a bot author gets wrong in the first hour: each is said at once, and nothing passes by mistake."""

import asyncio
import logging
import warnings

import pytest

import hedgecheck
from hedgecheck.targets import engine_of

BTC = "BTC/USDT"


async def buys(sim):
    await sim.exchange().create_order(BTC, "market", "buy", 1)


def test_assertion_that_fails_in_the_test_is_no_pass():
    async def test(sim):
        await buys(sim)
        assert sim.ledger.position(BTC) == 2

    with pytest.raises(hedgecheck.Falsified) as caught:
        hedgecheck.verify(executions=20)(test)()

    assert caught.value.invariant == "assertion"


def yields(sim):
    yield


async def yields_later(sim):
    yield


@pytest.mark.parametrize(
    ("fn", "cure"),
    [
        (yields, "without yield"),
        (yields_later, "without yield"),
        (type("Test", (), {}), "def test"),
        (None, "def test"),
    ],
)
def test_what_is_no_function_to_call_once_is_refused(fn, cure):
    with pytest.raises(hedgecheck.UsageError, match=cure):
        hedgecheck.check(fn)


def test_generator_is_refused_when_it_is_decorated():
    with pytest.raises(hedgecheck.UsageError, match="without yield"):
        hedgecheck.verify(executions=10)(yields)


def test_setting_without_a_name_is_refused():
    with pytest.raises(hedgecheck.UsageError, match="executions=500"):
        hedgecheck.verify(500)


def test_coroutine_in_the_place_of_a_function_is_refused():
    async def test(sim):
        waiting = buys(sim)
        try:
            await sim.concurrently(waiting)
        finally:
            waiting.close()

    with pytest.raises(hedgecheck.UsageError, match="lambda"):
        hedgecheck.check(test, executions=5)


@pytest.mark.parametrize(
    "ask", [lambda ledger: ledger.position("BTC-USDT"), lambda ledger: ledger.open_orders("X")]
)
def test_symbol_that_nobody_lists_is_refused_by_the_ledger(ask):
    async def test(sim):
        sim.always(lambda ledger: not ask(ledger))
        await buys(sim)

    with pytest.raises(hedgecheck.UsageError, match="lists"):
        hedgecheck.check(test, executions=5)


def test_what_is_never_reached_is_said():
    async def test(sim):
        sim.sometimes("on the moon", lambda ledger: False)
        await buys(sim)

    with pytest.raises(hedgecheck.Unproven, match="on the moon"):
        hedgecheck.verify(executions=10)(test)()


def test_no_order_names_what_was_raised():
    async def test(sim):
        await sim.exchange().create_order("NO/WHERE", "market", "buy", 1)

    with pytest.raises(hedgecheck.NothingHappened, match="BadSymbol"):
        hedgecheck.verify(executions=10)(test)()


def test_signal_that_nobody_read_is_named():
    async def test(sim):
        sim.signal(BTC, None, 1.0)
        await buys(sim)

    (found,) = hedgecheck.check(test, executions=10).counterexamples

    assert "signal s1 was made and nobody has read it" in found.why


def test_skip_is_the_tests_own_affair():
    async def test(sim):
        pytest.skip("not today")

    with pytest.raises(pytest.skip.Exception, match="not today"):
        hedgecheck.verify(executions=10)(test)()


def test_pinned_token_that_no_longer_fits_warns_and_the_search_goes_on():
    async def waits(sim):
        exchange = sim.exchange()
        await exchange.fetch_ticker(BTC)
        await buys(sim)

    token = _token_of_a_lost_reply()
    with pytest.warns(UserWarning, match="diverged at choice"):
        hedgecheck.example(token)(hedgecheck.verify(executions=10)(waits))()


def _token_of_a_lost_reply():
    async def fails(sim):
        sim.always(lambda ledger: not ledger.orders or bool(ledger.fills))
        await sim.exchange().create_order(BTC, "market", "buy", 1)

    (found,) = hedgecheck.check(fails, faults=hedgecheck.faults.lifecycle).counterexamples
    return found.token


def test_only_the_execution_that_is_shown_may_log(caplog):
    async def test(sim):
        logging.getLogger("bot").warning("trades")
        await buys(sim)
        sim.always(lambda ledger: not ledger.orders)

    with caplog.at_level(logging.WARNING):
        hedgecheck.check(test, executions=50)
    logging.getLogger("bot").warning("afterwards")

    assert [each.message for each in caplog.records] == ["trades", "afterwards"]


def test_what_repeats_is_folded():
    async def test(sim):
        exchange = sim.exchange()
        for _ in range(30):
            await exchange.fetch_ticker(BTC)
            await asyncio.sleep(1)
        await buys(sim)
        sim.always(lambda ledger: not ledger.orders)

    (found,) = hedgecheck.check(test, executions=5, faults=None).counterexamples

    assert "times more, until" in found.diagram
    assert len(found.diagram.splitlines()) < 15


def test_a_shrunk_fault_strikes_as_early_as_it_may():
    async def test(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: len(ledger.orders) < 4 or len(ledger.fills) == len(ledger.orders))
        for _ in range(4):
            await exchange.create_order(BTC, "market", "buy", 1)

    (found,) = hedgecheck.check(test, faults=hedgecheck.faults.lifecycle, seed=5).counterexamples

    assert "FAULT lifecycle" in found.diagram.splitlines()[2]


def test_decorated_test_is_no_target_of_the_pure_world():
    with pytest.raises(hedgecheck.UsageError, match="pytest --hedgecheck-replay"):
        engine_of("tests.schedules.test_misuse:DECORATED")


DECORATED = hedgecheck.verify(executions=1)(buys)
DECORATED.__test__ = False


def test_warnings_of_the_run_are_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hedgecheck.verify(executions=20)(buys)()
