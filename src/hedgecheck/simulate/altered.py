"""Answers that are not what the venue would say: the edits that faults make to a reply."""

import math
from typing import Any

from hedgecheck.fronts import answers
from hedgecheck.fronts.ccxt.calls import Call, Fetch
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.desk import Desk
from hedgecheck.messages import Accepted, Listed, Record, Status, Told
from hedgecheck.simulate.variants import Variant
from hedgecheck.values import replace

Reply = tuple[Any, tuple[Record, ...]]
BAD = {"none": None, "nan": math.nan, "zero": 0.0}
SERIES = ("order_book", "ohlcv", "trades")
PRICES = ("last", "close", "bid", "ask", "average", "vwap", "open", "high", "low")


def reply(desk: Desk, call: Call, answer: Any, told: tuple[Record, ...], variant: Variant | None) -> Reply:
    """The answer as the client gets it, and what it learns from it."""
    if variant is None or isinstance(answer, Exception):
        return answer, told
    match variant.does:
        case "hide":
            return _hidden(desk, call, answer, told)
        case "no id":
            return _emptied(answer), _in_words(told, "empty")
        case "only an id":
            kept = {**_emptied(answer), "id": answer["id"], "clientOrderId": answer["clientOrderId"]}
            return kept, tuple(each for each in told if isinstance(each, Told) and _accepts(each))
        case "bad":
            return without_price(answer, BAD[str(variant.detail)]), told
        case "alien":
            return [*answer, _alien(answer, call)], told
    return answer, told


def _accepts(record: Told) -> bool:
    return isinstance(record.report, Accepted)


def _hidden(desk: Desk, call: Call, answer: Any, told: tuple[Record, ...]) -> Reply:
    """Without what the answer was about, or without the newest of it."""
    if isinstance(call, Fetch) and call.what == "order":
        error = error_class("OrderNotFound")(f"{desk.name} Order does not exist.")
        return error, _in_words(told, "not_found")
    if isinstance(call, Fetch) and call.what in SERIES:
        return ([] if isinstance(answer, list) else {**answer, "bids": [], "asks": []}), told
    if isinstance(call, Fetch) and call.what == "position":
        return answers.flat_position(desk, answer["symbol"], answer["timestamp"]), told
    if isinstance(answer, list):
        return answer[:-1], tuple(_less(desk, answer[:-1], each) for each in told)
    return _quote_alone(desk, answer), told


def _less(desk: Desk, rows: list[dict[str, Any]], record: Record) -> Record:
    """What the rows that are left show."""
    if not isinstance(record, Listed):
        return record
    shown = {row.get("order") or row.get("id") for row in rows}
    return replace(record, orders=tuple(key for key in record.orders if desk.orders[key].id in shown))


def _quote_alone(desk: Desk, answer: dict[str, Any]) -> dict[str, Any]:
    """A balance without any asset but the quote currency."""
    quote = next(iter(desk.listings.values())).quote
    kept = {
        name: value
        for name, value in answer.items()
        if not isinstance(value, dict) or name in (quote, "info")
    }
    for part in ("free", "used", "total"):
        if part in answer:
            kept[part] = {quote: answer[part].get(quote)}
    return kept


def _in_words(told: tuple[Record, ...], answer: str) -> tuple[Record, ...]:
    """What is learnt when the true status is not in the answer."""
    return tuple(
        Told(Status(each.report.client_order_id, answer))  # type: ignore[arg-type]
        for each in told
        if isinstance(each, Told) and isinstance(each.report, Status)
    )


def _emptied(order: dict[str, Any]) -> dict[str, Any]:
    """What ccxt makes of an empty body: a structure with nothing in it, and no exception."""
    kept: dict[str, Any] = {name: ([] if isinstance(value, list) else None) for name, value in order.items()}
    return {**kept, "info": {}, "symbol": order.get("symbol")}


def without_price(answer: dict[str, Any], value: float | None) -> dict[str, Any]:
    """A ticker, or tickers, with this in the place of every price."""
    if "symbol" in answer:
        return {name: value if name in PRICES else each for name, each in answer.items()}
    return {symbol: without_price(each, value) for symbol, each in answer.items()}


def _alien(own: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    """An order that somebody else has placed in the same account."""
    pattern = own[0] if own else {}
    blank = {"id": "9999999", "clientOrderId": "web_9999999", "status": "open", "filled": 0.0, "trades": []}
    defaults = {"symbol": getattr(call, "symbol", None), "side": "buy", "type": "limit", "amount": 0.001}
    return {**defaults, **pattern, **blank, "price": 1.0, "remaining": pattern.get("amount", 0.001)}
