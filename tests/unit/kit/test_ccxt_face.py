"""The object a bot holds: ccxt's signatures, one call for each thing read, and its helpers."""

import asyncio
import inspect

import pytest

from hedgecheck.fronts.ccxt.calls import Fetch, Watch
from hedgecheck.fronts.ccxt.face import CcxtFace
from hedgecheck.fronts.ccxt.names import COROUTINES, FUNCTIONS, HAS_KEYS, SNAKE
from tests.unit.kit.faces import SPOT, SWAP, Recorder, asked

ccxt = pytest.importorskip("ccxt")
pro = pytest.importorskip("ccxt.pro")

METHODS = [name for name in (*COROUTINES, *FUNCTIONS) if hasattr(CcxtFace, name)]


def shape(method):
    parameters = inspect.signature(method).parameters.values()
    return [(each.name, each.default) for each in parameters if each.name != "self"]


@pytest.mark.parametrize("name", METHODS)
def test_method_has_ccxt_s_parameters_and_defaults(name):
    ours, theirs = getattr(CcxtFace, name), getattr(pro.binance, name)

    assert shape(ours) == shape(theirs)
    # ccxt's watch_order_book returns the coroutine of another method
    assert inspect.iscoroutinefunction(ours) == (
        inspect.iscoroutinefunction(theirs) or name == "watch_order_book"
    )


def test_public_methods_are_all_ccxt_s():
    own = {name for name in dir(CcxtFace) if not name.startswith("_") and callable(getattr(CcxtFace, name))}

    assert own - {"decimal_to_precision", "number_to_string"} <= {*COROUTINES, *FUNCTIONS}


def test_names_are_those_of_the_installed_ccxt():
    # making an instance is what gives ccxt's classes their camelCase names
    known = {*dir(pro.binance())}

    assert {*COROUTINES, *FUNCTIONS} <= known
    assert set(HAS_KEYS) >= set(ccxt.Exchange().has)
    assert {camel for camel, name in SNAKE.items() if name != camel} <= known


# ---- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "call"),
    [
        (lambda face: face.fetch_ticker("BTCUSDT"), Fetch("ticker", SPOT)),
        (lambda face: face.fetchTickers(), Fetch("tickers")),
        (lambda face: face.fetch_tickers([SWAP]), Fetch("tickers", symbols=(SWAP,))),
        (lambda face: face.fetch_order_book(SPOT, 5), Fetch("order_book", SPOT, limit=5)),
        (lambda face: face.fetchL2OrderBook(SPOT), Fetch("order_book", SPOT)),
        (
            lambda face: face.fetchOHLCV(SPOT, "5m", 1e12, 9),
            Fetch("ohlcv", SPOT, since=10**12, limit=9, timeframe="5m"),
        ),
        (lambda face: face.fetch_order("9", SPOT), Fetch("order", SPOT, id="9")),
        (
            lambda face: face.fetch_order("", SPOT, {"clientOrderId": "c"}),
            Fetch("order", SPOT, client_order_id="c"),
        ),
        (lambda face: face.fetch_order_with_client_order_id("c"), Fetch("order", client_order_id="c")),
        (lambda face: face.fetch_open_orders(), Fetch("open_orders")),
        (lambda face: face.fetch_closed_orders(SPOT, 1, 2), Fetch("closed_orders", SPOT, since=1, limit=2)),
        (lambda face: face.fetch_my_trades(SPOT), Fetch("my_trades", SPOT)),
        (
            lambda face: face.fetch_order_trades("9", SPOT, 1, 2),
            Fetch("order_trades", SPOT, None, "9", None, 1, 2),
        ),
        (lambda face: face.fetch_positions([SWAP]), Fetch("positions", symbols=(SWAP,))),
        (lambda face: face.fetch_position(SWAP), Fetch("position", SWAP)),
        (lambda face: face.fetch_funding_rate(SWAP), Fetch("funding_rate", SWAP)),
        (lambda face: face.fetch_time(), Fetch("time")),
        (lambda face: face.fetch_status(), Fetch("status")),
        (lambda face: face.fetch_currencies(), Fetch("currencies")),
        (lambda face: face.watch_ticker(SPOT), Watch("ticker", SPOT)),
        (lambda face: face.watchOHLCV(SPOT), Watch("ohlcv", SPOT, timeframe="1m")),
        (lambda face: face.watch_orders(), Watch("orders")),
        (lambda face: face.watch_my_trades(SPOT, 1, 2), Watch("my_trades", SPOT, since=1, limit=2)),
        (lambda face: face.watch_positions([SWAP], 1), Watch("positions", symbols=(SWAP,), since=1)),
        (lambda face: face.watch_balance(), Watch("balance")),
    ],
)
def test_reading_method_asks_once(ask, call):
    assert asked(ask) == [call]


def test_part_of_a_balance_is_taken_from_the_whole():
    face = Recorder({"free": {"BTC": 1.0}})

    assert asyncio.run(face.fetch_free_balance()) == {"BTC": 1.0}
    assert face.calls == [Fetch("balance")]


def test_status_of_an_order_is_taken_from_the_order():
    assert asyncio.run(Recorder({"status": "closed"}).fetch_order_status("1")) == "closed"


# ---- markets, names, helpers ----------------------------------------------------------------------


def test_markets_are_not_there_until_they_are_loaded():
    face = Recorder()

    with pytest.raises(ccxt.ExchangeError, match="markets not loaded"):
        face.market(SPOT)
    assert face.markets is None


def test_markets_are_asked_for_once():
    face = Recorder()

    first = asyncio.run(face.load_markets())
    assert asyncio.run(face.load_markets()) is first
    asyncio.run(face.load_markets(True))

    assert face.calls == [Fetch("markets"), Fetch("markets")]
    assert (face.symbols, face.ids) == ([SPOT, SWAP], ["BTCUSDT"])
    assert face.market("BTCUSDT")["symbol"] == SPOT
    assert sorted(face.currencies) == ["BTC", "USDT"]
    assert face.marketsById is face.markets_by_id
    assert [each["symbol"] for each in face.markets_by_id["BTCUSDT"]] == [SPOT, SWAP]


def test_alias_is_the_method_of_the_subclass():
    class Patient(Recorder):
        async def create_order(self, *arguments):
            return arguments

    assert asyncio.run(Patient().createOrder(SPOT)) == (SPOT,)


@pytest.mark.parametrize(
    "name", ["fetch_l3_order_book", "withdraw", "fetchLedger", "unWatchTicker", "transfer"]
)
def test_what_nothing_simulates_is_refused_when_awaited(name):
    asking = getattr(Recorder(), name)("BTC")

    with pytest.raises(ccxt.NotSupported, match=f"venue {name}\\(\\) is not supported by the simulated"):
        asyncio.run(asking)


def test_helper_that_is_not_there_is_refused_when_called():
    with pytest.raises(ccxt.NotSupported, match="safe_order"):
        Recorder().safe_order({})


def test_what_ccxt_does_not_have_is_no_attribute():
    assert not hasattr(Recorder(), "fetch_l4_order_book")


def test_has_says_what_is_simulated():
    has = Recorder().has

    for key in ("fetchOrder", "fetchL2OrderBook", "cancelOrder", "createOrder", "fetchOHLCV", "watchOrders"):
        assert has[key] is True
    assert (has["withdraw"], has["fetchLedger"], has["spot"], has["swap"]) == (False, False, True, True)


def test_fee_is_what_ccxt_calculates():
    face, theirs = Recorder(), ccxt.Exchange({"precisionMode": ccxt.TICK_SIZE})
    markets = asyncio.run(face.load_markets())
    theirs.set_markets(list(markets.values()))

    for symbol in (SPOT, SWAP):
        for asking in (("limit", "buy", 0.3, 101.1, "maker"), ("market", "sell", 0.3, 101.1, "taker")):
            assert face.calculate_fee(symbol, *asking) == theirs.calculate_fee(symbol, *asking)


@pytest.mark.parametrize(
    "moment", [None, 0, 1_500_000_000_123, "1500000000123", "x", -1, 1.5e12, True, float("nan")]
)
def test_times_are_text_as_in_ccxt(moment):
    assert CcxtFace.iso8601(moment) == ccxt.Exchange.iso8601(moment)


@pytest.mark.parametrize(
    "text", [None, "2017-07-14T02:40:00.123Z", "2017-07-14 02:40:00", "2017-07-14T02:40:00+02:00", "soon"]
)
def test_texts_are_times_as_in_ccxt(text):
    assert CcxtFace.parse8601(text) == ccxt.Exchange.parse8601(text)


@pytest.mark.parametrize("timeframe", ["1s", "5m", "4h", "1d", "2w", "1M", "1y"])
def test_timeframes_are_seconds_as_in_ccxt(timeframe):
    assert CcxtFace.parse_timeframe(timeframe) == ccxt.Exchange.parse_timeframe(timeframe)


def test_precision_needs_loaded_markets_and_is_text():
    face = Recorder()
    asyncio.run(face.load_markets())

    assert face.amount_to_precision(SPOT, 1.2345678) == "1.23456"
    assert face.priceToPrecision(SPOT, 1.235) == "1.24"


def test_it_is_closed_when_left():
    async def use():
        async with Recorder() as face:
            assert not face.closed_by_user
        return face

    assert asyncio.run(use()).closed_by_user
