"""What a bot orders: one call for each thing asked, and ccxt's refusals before anything is."""

import asyncio

import pytest

from hedgecheck.fronts.ccxt.calls import CancelAll, CancelOrder, Configure, EditOrder, NewOrder
from tests.unit.kit.faces import SPOT, SWAP, Recorder, asked

ccxt = pytest.importorskip("ccxt")

STOP_LIMIT = NewOrder("BTC/USDT", "limit", "sell", 100_000, 100, stop_price=200)
STOP_MARKET = NewOrder("BTC/USDT", "market", "sell", 100_000, stop_price=200)
BUY = NewOrder(SPOT, "limit", "buy", 150_000, 5_000_012)


@pytest.mark.parametrize(
    ("ask", "call"),
    [
        (lambda face: face.create_order(SPOT, "limit", "buy", 1.5, 50_000.12), BUY),
        (lambda face: face.createOrder("BTCUSDT", "LIMIT", "BUY", "1.500009", "50000.119"), BUY),
        (lambda face: face.create_limit_order(SPOT, "buy", 1.5, 50_000.12), BUY),
        (lambda face: face.create_limit_buy_order(SPOT, 1.5, 50_000.12), BUY),
        (lambda face: face.create_order_ws(SPOT, "limit", "buy", 1.5, 50_000.12), BUY),
        (
            lambda face: face.create_limit_sell_order(SWAP, 1, 2, {"clientOrderId": 7}),
            NewOrder(SWAP, "limit", "sell", 100_000, 200, "7"),
        ),
        (lambda face: face.create_market_order(SPOT, "buy", 1), NewOrder(SPOT, "market", "buy", 100_000)),
        (
            lambda face: face.create_market_order(SPOT, "buy", 1, 50_000),
            NewOrder(SPOT, "market", "buy", 100_000),
        ),
        (lambda face: face.create_market_buy_order(SPOT, 1), NewOrder(SPOT, "market", "buy", 100_000)),
        (
            lambda face: face.create_market_sell_order(SPOT, 1, {"newClientOrderId": "c"}),
            NewOrder(SPOT, "market", "sell", 100_000, client_order_id="c"),
        ),
        (
            lambda face: face.create_reduce_only_order(SWAP, "market", "sell", 1),
            NewOrder(SWAP, "market", "sell", 100_000, reduce_only=True),
        ),
        (
            lambda face: face.create_post_only_order(SPOT, "limit", "buy", 1, 1),
            NewOrder(SPOT, "limit", "buy", 100_000, 100, post_only=True),
        ),
        (
            lambda face: face.create_order(SPOT, "limit", "buy", 1, 1, {"timeInForce": "IOC", "other": 1}),
            NewOrder(SPOT, "limit", "buy", 100_000, 100, immediate=True),
        ),
        (lambda face: face.create_order(SPOT, "limit", "sell", 1, 1, {"triggerPrice": 2}), STOP_LIMIT),
        (lambda face: face.create_order(SPOT, "limit", "sell", 1, 1, {"stopPrice": "2"}), STOP_LIMIT),
        (lambda face: face.create_order(SPOT, "limit", "sell", 1, 1, {"stopLossPrice": 2}), STOP_LIMIT),
        (
            lambda face: face.create_order(
                SPOT, "limit", "sell", 1, 1, {"stopLossPrice": 2, "triggerPrice": 3, "stopPrice": 4}
            ),
            STOP_LIMIT,
        ),
        (lambda face: face.create_order(SPOT, "STOP", "sell", 1, 1, {"stopPrice": 2}), STOP_LIMIT),
        (lambda face: face.create_order(SPOT, "stop_limit", "sell", 1, 1, {"stopPrice": 2}), STOP_LIMIT),
        (lambda face: face.create_order(SPOT, "stop_loss_limit", "sell", 1, 1, {"stopPrice": 2}), STOP_LIMIT),
        (lambda face: face.create_order(SPOT, "stop_market", "sell", 1, 1, {"stopPrice": 2}), STOP_MARKET),
        (lambda face: face.create_order(SPOT, "STOP_LOSS", "sell", 1, None, {"stopPrice": 2}), STOP_MARKET),
        (lambda face: face.create_stop_order(SPOT, "limit", "sell", 1, 1, 2), STOP_LIMIT),
        (lambda face: face.createStopOrder(SPOT, "market", "sell", 1, None, 2), STOP_MARKET),
        (lambda face: face.create_stop_limit_order(SPOT, "sell", 1, 1, 2), STOP_LIMIT),
        (lambda face: face.create_stop_market_order(SPOT, "sell", 1, 2), STOP_MARKET),
        (lambda face: face.create_trigger_order(SPOT, "market", "sell", 1, None, 2), STOP_MARKET),
        (lambda face: face.createStopLossOrder(SPOT, "limit", "sell", 1, 1, 2), STOP_LIMIT),
        (
            lambda face: face.create_reduce_only_order(SWAP, "market", "sell", 1, None, {"stopPrice": 2}),
            NewOrder(SWAP, "market", "sell", 100_000, reduce_only=True, stop_price=200),
        ),
        (
            lambda face: face.create_order(SPOT, "market", "sell", 1, None, {"stopPrice": None}),
            NewOrder(SPOT, "market", "sell", 100_000),
        ),
        (lambda face: face.edit_order("9", SPOT, "limit", "buy", 1.5, 50_000.12), EditOrder("9", BUY)),
        (
            lambda face: face.edit_order("9", SPOT, "limit", "sell", 1, 1, {"stopPrice": 2}),
            EditOrder("9", STOP_LIMIT),
        ),
        (lambda face: face.editLimitBuyOrder("9", SPOT, 1.5, 50_000.12), EditOrder("9", BUY)),
        (lambda face: face.cancel_order("9", SPOT), CancelOrder("9", None, SPOT)),
        (lambda face: face.cancelOrder(9), CancelOrder("9")),
        (lambda face: face.cancel_order("9", None, {"clientOrderId": "c"}), CancelOrder(None, "c")),
        (lambda face: face.cancel_order_with_client_order_id("c"), CancelOrder(None, "c")),
        (lambda face: face.cancel_all_orders(), CancelAll()),
        (lambda face: face.cancel_all_orders("BTCUSDT"), CancelAll(SPOT)),
        (lambda face: face.set_leverage(3, SWAP), Configure("leverage", SWAP, 3)),
        (lambda face: face.set_margin_mode("ISOLATED", SWAP), Configure("margin_mode", SWAP, "isolated")),
        (lambda face: face.set_position_mode(False), Configure("position_mode", None, False)),
    ],
)
def test_trading_method_asks_once(ask, call):
    assert asked(ask) == [call]


def test_orders_are_canceled_one_after_another():
    assert asked(lambda face: face.cancel_orders(["1", "2"])) == [CancelOrder("1"), CancelOrder("2")]


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (
            lambda f: f.create_order("NO/PE", "limit", "buy", 1, 1),
            "BadSymbol",
            "not have market symbol NO/PE",
        ),
        (lambda f: f.create_order(None, "limit", "buy", 1, 1), "ArgumentsRequired", "requires a symbol"),
        (lambda f: f.create_order(SPOT, "limit", None, 1, 1), "ArgumentsRequired", "requires a side"),
        (lambda f: f.create_order(SPOT, "limit", "long", 1, 1), "InvalidOrder", "buy or sell"),
        (lambda f: f.create_order(SPOT, "odd", "buy", 1, 1), "InvalidOrder", "odd is not a valid order type"),
        (lambda f: f.create_order(SPOT, "limit", "buy", 1), "InvalidOrder", "requires a price argument"),
        (lambda f: f.create_order(SPOT, "market", "buy", 1e-6), "InvalidOrder", "minimum amount precision"),
        (lambda f: f.create_order(SPOT, "market", "buy", None), "InvalidOrder", "must be a number"),
        (lambda f: f.create_order(SPOT, "limit", "buy", 1, -1), "InvalidOrder", "price of BTC/USDT"),
        (
            lambda f: f.create_order(SPOT, "stop_loss", "buy", 1, 1),
            "InvalidOrder",
            "a triggerPrice extra param",
        ),
        (lambda f: f.create_order(SPOT, "take_profit", "buy", 1, 1), "NotSupported", "take_profit"),
        (lambda f: f.create_order(SPOT, "trailing_stop_market", "buy", 1), "NotSupported", "trailing"),
        (
            lambda f: f.create_order(SPOT, "market", "buy", 1, None, {"takeProfitPrice": 1}),
            "NotSupported",
            "takeProfitPrice",
        ),
        (
            lambda f: f.create_order(SPOT, "limit", "buy", 1, 1, {"stopPrice": -1}),
            "InvalidOrder",
            "price of BTC/USDT",
        ),
        (
            lambda f: f.create_order(SPOT, "stop_limit", "buy", 1, None, {"stopPrice": 1}),
            "InvalidOrder",
            "requires a price argument",
        ),
        (
            lambda f: f.create_post_only_order(SPOT, "limit", "buy", 1, 1, {"stopPrice": 2}),
            "InvalidOrder",
            "stop orders cannot be postOnly",
        ),
        (lambda f: f.create_order(SPOT, "market", "buy", 1, None, {"test": True}), "NotSupported", "test"),
        (lambda f: f.create_order(SPOT, "limit", "buy", 1, 1, {"timeInForce": "FOK"}), "NotSupported", "FOK"),
        (lambda f: f.create_post_only_order(SPOT, "market", "buy", 1), "InvalidOrder", "cannot be postOnly"),
        (
            lambda f: f.create_post_only_order(SPOT, "limit", "buy", 1, 1, {"timeInForce": "IOC"}),
            "InvalidOrder",
            "equal to IOC",
        ),
        (
            lambda f: f.create_stop_order(SPOT, "limit", "buy", 1, 1),
            "ArgumentsRequired",
            "a stopPrice argument",
        ),
        (lambda f: f.create_trigger_order(SPOT, "market", "buy", 1), "ArgumentsRequired", "a triggerPrice"),
        (
            lambda f: f.create_stop_loss_order(SPOT, "market", "buy", 1),
            "ArgumentsRequired",
            "a stopLossPrice",
        ),
        (
            lambda f: f.create_take_profit_order(SPOT, "market", "buy", 1),
            "NotSupported",
            "create_take_profit",
        ),
        (lambda f: f.edit_order("", SPOT, "limit", "buy", 1, 1), "ArgumentsRequired", "requires an id"),
        (lambda f: f.cancel_order(None), "ArgumentsRequired", "requires an id"),
        (lambda f: f.fetch_order(None), "ArgumentsRequired", "requires an id"),
        (lambda f: f.fetch_orders("NO/PE"), "BadSymbol", "NO/PE"),
        (lambda f: f.fetch_tickers([SPOT, "NO/PE"]), "BadSymbol", "NO/PE"),
        (lambda f: f.fetch_ohlcv(SPOT, "7m"), "BadRequest", "7m"),
        (lambda f: f.fetch_trades(SPOT, "yesterday"), "BadRequest", "since"),
        (lambda f: f.fetch_position(SPOT), "NotSupported", "contracts only"),
        (lambda f: f.set_leverage(0, SWAP), "BadRequest", "between 1 and 125"),
        (lambda f: f.set_leverage(3), "ArgumentsRequired", "requires a symbol"),
        (lambda f: f.set_margin_mode("crossed", SWAP), "BadRequest", "either cross or isolated"),
    ],
)
def test_misuse_is_refused_as_ccxt_refuses_it_before_anything_is_asked(ask, error, words):
    face = Recorder()

    with pytest.raises(getattr(ccxt, error), match=words):
        asyncio.run(ask(face))

    assert face.calls == []
