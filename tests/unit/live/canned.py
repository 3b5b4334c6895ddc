"""The real ccxt over HTTP answers that were written down: signing, parsing and errors are its own."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ccxt.async_support

from hedgecheck.live.brokers.ccxt_markets import CcxtMarket
from hedgecheck.messages import Filled

BTC, ETH = "BTC/USDT", "ETH/USDT"
MARKET = CcxtMarket(BTC, "BTC", "USDT", Decimal("0.01"), Decimal("0.00001"))
LOTS = {BTC: "0.00001", ETH: "0.0001"}
FILTERS = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
    {"filterType": "NOTIONAL", "minNotional": "5"},
]
TYPES = ["LIMIT", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"]
Canned = tuple[int, str] | BaseException


class Response:
    """One answer, as aiohttp gives it."""

    reason = "canned"
    headers = {"Content-Type": "application/json"}  # noqa: RUF012

    def __init__(self, status: int, body: str) -> None:
        self.status = status
        self._body = body

    async def text(self, errors: str = "") -> str:
        return self._body

    async def __aenter__(self) -> "Response":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


class Session:
    """Answers what is asked with what was written down, in order; ``asked``: method, path and parameters."""

    headers: dict[str, str] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.answers: list[Canned] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def __getattr__(self, method: str) -> Any:
        def ask(url: Any, data: bytes | None = None, **_: Any) -> Response:
            parts = urlsplit(str(url))
            self.asked.append((method, parts.path, dict(parse_qsl(data.decode() if data else parts.query))))
            answer = self.answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return Response(*answer)

        return ask


def ok(body: Any) -> Canned:
    """A good answer."""
    return 200, json.dumps(body)


def refused(code: int, text: str, status: int = 400) -> Canned:
    """An error of Binance's."""
    return status, json.dumps({"code": code, "msg": text})


def binance(*answers: Canned) -> tuple[Any, Session]:
    """A Binance client of ccxt's that lists two spot markets, and what it is connected to."""
    exchange, session = ccxt.async_support.binance({"apiKey": "key", "secret": "secret"}), Session()
    exchange.session, exchange.own_session, exchange.enableRateLimit = session, False, False
    exchange.options.update(crossMarginPairsData=[], isolatedMarginPairsData=[])
    exchange.set_markets([exchange.parse_market(_listed(each)) for each in (BTC, ETH)])
    session.answers += answers
    return exchange, session


def _listed(symbol: str) -> dict[str, Any]:
    base, quote = symbol.split("/")
    lot = {"filterType": "LOT_SIZE", "minQty": "0.00010", "maxQty": "9000", "stepSize": LOTS[symbol]}
    return {
        **{"symbol": base + quote, "status": "TRADING", "baseAsset": base, "quoteAsset": quote},
        **{"orderTypes": TYPES, "isSpotTradingAllowed": True, "permissions": ["SPOT"]},
        **{
            "baseAssetPrecision": 8,
            "quoteAssetPrecision": 8,
            "quotePrecision": 8,
            "filters": [*FILTERS, lot],
        },
    }


def order(status: str, filled: str = "0", **other: Any) -> dict[str, Any]:
    """An order of Binance's: p1a1, a purchase of one BTC."""
    return {
        **{"symbol": "BTCUSDT", "orderId": 28, "clientOrderId": "hcp1a1", "price": "50000", "origQty": "1.0"},
        **{"executedQty": filled, "cummulativeQuoteQty": str(float(filled) * 50_000), "status": status},
        **{"timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "time": 1_507_725_176_595},
        **other,
    }


def trade(id: int = 56, amount: str = "0.4", fee: tuple[str, str] = ("0.1", "USDT")) -> dict[str, Any]:
    """A trade of that order."""
    return {
        **{"symbol": "BTCUSDT", "id": id, "orderId": 28, "price": "50000", "qty": amount, "isBuyer": True},
        **{"commission": fee[0], "commissionAsset": fee[1], "time": 1_507_725_176_595, "isMaker": False},
    }


def fill(id: int = 56, lots: int = 40_000, money: int = 10_000_000, fee_lots: int = 0) -> Filled:
    """That trade, as the broker tells it."""
    return Filled("p1a1", f"{BTC} {id}", BTC, "buy", lots, 5_000_000, money, fee_lots)
