"""The ccxt broker's stream: what is watched, what is asked for in its place, and what is told once."""

import asyncio
from typing import Any

import ccxt
import pytest

from hedgecheck.errors import BrokerLost
from hedgecheck.live.brokers.ccxt import CcxtBroker
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.messages import (
    Accepted,
    BadPrice,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Price,
    Rejected,
    Report,
    Status,
)
from tests.unit.live.canned import BTC, MARKET

BUY = CreateOrder("p1a1", BTC, "buy", 100_000, 5_000_000)
TRADE = {"id": "7", "order": "28", "symbol": BTC, "side": "buy", "amount": 0.4, "price": 50_000.0}
FILL = Filled("p1a1", f"{BTC} 7", BTC, "buy", 40_000, 5_000_000, 0)
TRADED = {**TRADE, "fee": {"currency": "USDT", "cost": 0.0}}


def order(status: str, filled: float = 0.0, **other: Any) -> dict[str, Any]:
    """An order as ccxt shows it."""
    raw = {"id": "28", "clientOrderId": "hcp1a1", "symbol": BTC, "side": "buy", "amount": 1.0}
    return {**raw, "filled": filled, "status": status, "trades": [], **other}


class Fake:
    """An exchange whose streams bring what they are given, and then nothing; an exception breaks one.
    ``answers``: of the methods that are asked."""

    id = "fake"

    def __init__(self, watched: tuple[str, ...] = (), **answers: Any) -> None:
        keys = {"orders": "watchOrders", "my_trades": "watchMyTrades", "tickers": "watchTickers"}
        self.has: dict[str, bool] = {keys[each]: True for each in watched}
        self.has["fetchTickers"] = True
        self.asked: list[str] = []
        self._answers = {name: list(given) for name, given in answers.items()}

    def __getattr__(self, name: str) -> Any:
        async def method(*_: Any, **__: Any) -> Any:
            self.asked.append(name)
            given = self._answers.get(name, [])
            if not given:
                if name == "fetch_tickers":
                    return {}
                await asyncio.Event().wait()
            answer = given.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return method


def heard(exchange: Fake, send: bool = False, **ways: Any) -> list[Report | str]:
    """All that a stream tells until nothing comes any more; at the end why it was lost, if it was."""

    async def listen() -> list[Report | str]:
        broker = CcxtBroker(exchange, (MARKET,), ways=Ways(poll_seconds=0.0, **ways))
        told: list[Report | str] = list(await broker.send(BUY)) if send else []  # type: ignore[arg-type]
        stream = broker.stream()

        async def follow() -> None:
            try:
                async for report in stream:
                    told.append(report)
            except BrokerLost:
                told.append("lost")

        following = asyncio.ensure_future(follow())
        for _ in range(200):
            await asyncio.sleep(0)
        following.cancel()
        return told

    return asyncio.run(listen())


def test_a_stream_of_orders_tells_acceptance_fills_and_end_each_once() -> None:
    part = order("open", 0.4, trades=[TRADED])
    end = order("canceled", 0.4, trades=[TRADED])
    exchange = Fake(("orders",), watch_orders=[[order("open")], [part, part], [end]])

    assert heard(exchange) == [Accepted("p1a1"), FILL, Canceled("p1a1", 40_000)]


@pytest.mark.parametrize(
    ("status", "report"),
    [
        ("expired", Expired("p1a1", 0)),
        ("closed", Expired("p1a1", 0)),
        ("rejected", Rejected("p1a1", "REJECTED")),
    ],
)
def test_an_order_that_the_venue_ends_itself_is_over(status: str, report: Report) -> None:
    assert heard(Fake(("orders",), watch_orders=[[order(status)]])) == [report]


def test_an_order_that_is_filled_to_the_end_has_no_other_end() -> None:
    whole = {**TRADED, "amount": 1.0}
    exchange = Fake(("orders",), watch_orders=[[order("closed", 1.0, trades=[whole])]])

    (fill,) = heard(exchange)
    assert isinstance(fill, Filled)
    assert fill.amount == 100_000


def test_an_order_of_somebody_else_is_not_told() -> None:
    alien = order("open", clientOrderId="web_1", id="29")
    other = order("open", symbol="DOGE/USDT")
    assert heard(Fake(("orders",), watch_orders=[[alien, other]])) == []


def test_a_report_that_nobody_can_book_by_is_told_as_an_empty_answer() -> None:
    reports = [[order("open", float("nan"))], [order("haggled")], [order("canceled", filled=None)]]
    exchange = Fake(("orders",), watch_orders=reports, fetch_my_trades=[[]])

    assert heard(exchange) == [Status("p1a1", "empty")] * 3


def test_what_an_answer_told_the_stream_does_not_tell_again() -> None:
    taken = order("open", 0.4, trades=[TRADED])
    exchange = Fake(("orders", "my_trades"), create_order=[taken], watch_orders=[[taken]])
    exchange._answers["watch_my_trades"] = [[TRADED]]

    assert heard(exchange, send=True) == [Accepted("p1a1"), FILL]


def test_a_trade_of_an_order_that_is_not_known_yet_is_looked_up() -> None:
    exchange = Fake(("my_trades",), watch_my_trades=[[TRADED]], fetch_order=[order("open", 0.4)])

    assert heard(exchange) == [FILL]


def test_a_trade_of_somebody_else_is_not_told() -> None:
    alien = order("open", clientOrderId="web_1")
    assert heard(Fake(("my_trades",), watch_my_trades=[[TRADED]], fetch_order=[alien])) == []


def test_a_trade_that_nobody_says_whose_it_is_ends_the_stream() -> None:
    failing = [ccxt.ExchangeNotAvailable("503")]
    assert heard(Fake(("my_trades",), watch_my_trades=[[TRADED]], fetch_order=failing)) == ["lost"]


def test_a_trade_without_an_id_is_told_as_an_empty_answer() -> None:
    nameless = {**TRADED, "id": None}
    exchange = Fake(("my_trades",), watch_my_trades=[[nameless]], fetch_order=[order("open")])

    assert heard(exchange) == [Status("p1a1", "empty")]


@pytest.mark.parametrize(
    "error", [ccxt.NetworkError("1006"), ccxt.AuthenticationError("keys"), KeyError("e")]
)
def test_a_stream_that_breaks_is_lost_after_what_it_had_told(error: Exception) -> None:
    exchange = Fake(("orders",), watch_orders=[[order("open")], error])

    assert heard(exchange) == [Accepted("p1a1"), "lost"]


def test_without_streams_the_orders_that_work_are_asked_for_until_they_are_over() -> None:
    taken, part = order("open"), order("open", 0.4, trades=[TRADED])
    end = order("canceled", 0.4, trades=[TRADED])
    exchange = Fake(create_order=[taken], fetch_order=[taken, part, part, end])

    assert heard(exchange, send=True) == [Accepted("p1a1"), FILL, Canceled("p1a1", 40_000)]
    assert exchange.asked.count("fetch_order") == 4


def test_an_order_that_is_asked_for_in_vain_ends_the_stream() -> None:
    exchange = Fake(create_order=[order("open")], fetch_order=[ccxt.RequestTimeout("10 s")])

    assert heard(exchange, send=True) == [Accepted("p1a1"), "lost"]


@pytest.mark.parametrize(
    ("last", "report"),
    [
        (50_000.0, Price(BTC, 5_000_000)),
        (None, BadPrice(BTC, "none")),
        (float("nan"), BadPrice(BTC, "nan")),
        (float("inf"), BadPrice(BTC, "inf")),
        (0.0, BadPrice(BTC, "0.0")),
        (-1.0, BadPrice(BTC, "-1.0")),
        (50_000.001, BadPrice(BTC, "50000.001")),
    ],
)
def test_a_price_is_the_last_one_or_unusable(last: float | None, report: Report) -> None:
    assert heard(Fake(("tickers",), watch_tickers=[{BTC: {"last": last}}])) == [report]
    polled = Fake(fetch_tickers=[{BTC: {"last": last}}, ccxt.NetworkError("1006")])
    assert heard(polled) == [report, "lost"]
