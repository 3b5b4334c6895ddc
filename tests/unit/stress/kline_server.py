"""A loopback server that answers the real ccxt Binance class as Binance does, and badly where it is told."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ccxt

from tests.unit.live.canned import BTC, _listed

HOUR_MS = 3_600_000
LIMIT_MAX = 1_000
CUT_BYTES = 500  # is what is left of an answer that is cut off


class Klines:
    """Hourly candles that begin from ``first`` up to, without, ``end``, in hours since 1970; not those in
    ``missing``. ``sabotage``: what befalls the next requests, one each; ``asked``: their parameters."""

    def __init__(self, first: int, end: int, missing: range = range(0)) -> None:
        self.hours = [hour for hour in range(first, end) if hour not in missing]
        self.sabotage: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.throttled = 0

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes, int]:
        """Status, body, and the length that is claimed of it."""
        if path.endswith("exchangeInfo"):
            return _whole(200, json.dumps({"timezone": "UTC", "symbols": [_listed(BTC)]}))
        self.asked.append(query)
        after = [hour for hour in self.hours if hour * HOUR_MS >= int(query["startTime"])]
        body = json.dumps([candle(hour) for hour in after[: min(LIMIT_MAX, int(query["limit"]))]])
        match self.sabotage.pop(0) if self.sabotage else "":
            case "cut":
                return _whole(200, body[:CUT_BYTES])
            case "hung up":
                return 200, body[: len(body) // 2].encode(), len(body)
            case "empty":
                return _whole(200, "")
            case "busy":
                return _whole(429, json.dumps({"code": -1003, "msg": "Too many requests."}))
            case "down":
                return _whole(503, "<html>Service Unavailable</html>")
            case "banned":
                return _whole(400, json.dumps({"code": -2015, "msg": "Invalid API-key, IP."}))
        return _whole(200, body)


def _whole(status: int, body: str) -> tuple[int, bytes, int]:
    return status, body.encode(), len(body.encode())


def candle(hour: int) -> list[Any]:
    """A kline as Binance writes it: prices differ from hour to hour."""
    price, begins = 100 + abs(hour % 100 - 50), hour * HOUR_MS
    numbers = [f"{price}.00", f"{price + 2}.00", f"{price - 1}.50", f"{price + 1}.00", "12.50000000"]
    return [begins, *numbers, begins + HOUR_MS - 1, "1250.0", 40, "6.0", "600.0", "0"]


@contextmanager
def serving(klines: Klines) -> Iterator[Any]:
    """ccxt's synchronous Binance, connected to it alone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body, claimed = klines.answer(parts.path, dict(parse_qsl(parts.query)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(claimed))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = claimed != len(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield _binance(klines, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _binance(klines: Klines, address: str) -> Any:
    exchange = ccxt.binance({"enableRateLimit": True, "options": {"fetchMarkets": {"types": ["spot"]}}})
    exchange.has["fetchCurrencies"] = False
    urls = exchange.urls["api"]
    exchange.urls["api"] = {
        name: re.sub("https?://[^/]+", address, url) for name, url in urls.items() if isinstance(url, str)
    }
    exchange.rateLimit = 1  # ms; the limiter runs, and nobody waits for it
    throttle = exchange.throttle

    def counted(cost: Any = None) -> Any:
        klines.throttled += 1
        return throttle(cost)

    exchange.throttle = counted
    return exchange
