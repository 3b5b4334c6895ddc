"""The exchange of a plain test is the async one, called without ``await``."""

import inspect

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults
from hedgecheck.simulate.blocking import PlainExchange
from hedgecheck.simulate.exchange import SimExchange
from tests.schedules.performing import anything

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)


def seen_by(body):
    """What ``body(exchange)`` returns in one execution that breaks no rule."""
    seen = []

    def test(sim):
        sim.always(anything)
        exchange = sim.exchange()
        seen.append(body(exchange))
        exchange.create_order(*BUY)

    verdict = hedgecheck.check(test, executions=1, faults=None)
    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    (value,) = seen
    return value


METHODS = [
    name
    for name in dir(SimExchange)
    if not name.startswith("_") and inspect.iscoroutinefunction(getattr(SimExchange, name))
]


def test_every_async_method_has_its_synchronous_one_with_the_same_arguments() -> None:
    assert len(METHODS) >= 70
    for name in METHODS:
        method = getattr(PlainExchange, name)
        assert not inspect.iscoroutinefunction(method), name
        assert inspect.signature(method) == inspect.signature(getattr(SimExchange, name)), name


def test_names_in_capitals_and_what_nothing_simulates_are_as_in_ccxt() -> None:
    def body(exchange):
        markets = exchange.loadMarkets()
        exchange.timeout = 3000
        with pytest.raises(ccxt.NotSupported):
            exchange.fetchGreeks("X")
        with pytest.raises(AttributeError):
            exchange.fetch_the_moon()
        ticker = exchange.fetchTicker(BTC)["last"]
        return (
            BTC in markets,
            BTC in exchange.symbols,
            ticker,
            exchange.amountToPrecision(BTC, 1.23),
            str(exchange),
        )

    assert seen_by(body) == (True, True, 50_000.0, "1.23", "Sim")


def test_the_clients_own_timeout_is_kept() -> None:
    seen = set()

    def test(sim):
        exchange = sim.exchange()
        exchange.timeout = 3000
        sim.always(anything)
        try:
            exchange.create_order(*BUY)
        except ccxt.RequestTimeout:
            seen.add(sim.now())

    hedgecheck.check(test, executions=50, faults=faults.response_lost)

    assert seen == {3.0}
