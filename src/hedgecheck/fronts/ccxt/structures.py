"""Orders, trades and fees as ccxt's dictionaries, with all that ccxt derives from what an exchange says.

Each builder gives what ``safe_order``, ``safe_trade`` and the like give for the same raw data; the tests
compare them. Amounts and prices come in as Decimal or int and go out as float; times are int ms.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache
from typing import Any, NotRequired, TypedDict, Unpack

Number = Decimal | int
Structure = dict[str, Any]
Completed = tuple[Number | None, Number | None, Number | None, Number | None, Number | None]

# Precise, ccxt's arithmetic, is exact but for division, which cuts after 18 decimals
EXACT = Context(prec=120, rounding=ROUND_DOWN)
FEE_KEYS = ("currency", "cost", "rate")
ZERO, HUNDRED = Decimal(0), Decimal(100)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_10000_MS = 253_402_300_800_000


@lru_cache(maxsize=8192)
def iso8601(timestamp_ms: int | None) -> str | None:
    """ "2017-07-14T02:40:00.000Z"; None for None, before 1970 or after what Python's dates hold."""
    if timestamp_ms is None or not 0 <= timestamp_ms < YEAR_10000_MS:
        return None
    seconds, milliseconds = divmod(timestamp_ms, 1000)
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def quotient(dividend: Number, divisor: Number, places: int = 18) -> Decimal | None:
    """``Precise.string_div``: cut after ``places`` decimals; None for a divisor of zero."""
    if divisor == 0:
        return None
    # a whole number of the last decimal's units
    units = EXACT.divide_int(EXACT.scaleb(dividend, places), divisor)
    return EXACT.scaleb(units, -places)


def number(value: Number | None) -> float | None:
    """``parse_number``: a float, or None for None."""
    return None if value is None else float(value)


def fee(*, currency: str, cost: Number, rate: Number | None = None) -> Structure:
    """A fee structure; ``cost`` in ``currency``, ``rate`` as a part of the order's cost."""
    made: Structure = {"currency": currency, "cost": float(cost)}
    if rate is not None:
        made["rate"] = float(rate)
    return made


def reduced_fees(fees: Sequence[Mapping[str, Any]]) -> list[Structure]:
    """``reduce_fees_by_currency``: one fee per currency and rate, added as decimals; those without a cost
    are left out."""
    if len(fees) == 1 and fees[0]["cost"] is not None:
        # the usual case, without adding
        return [{key: value for key, value in fees[0].items() if key in FEE_KEYS and value is not None}]
    totals: dict[str, dict[float | None, Decimal]] = {}
    for each in fees:
        if each["cost"] is not None:
            by_rate = totals.setdefault(each["currency"], {})
            rate = each.get("rate")
            by_rate[rate] = EXACT.add(by_rate.get(rate, ZERO), Decimal(str(each["cost"])))
    made: list[Structure] = []
    for currency, by_rate in totals.items():
        for rate, total in by_rate.items():
            kept: Structure = {"currency": currency, "cost": float(total)}
            made.append(kept if rate is None else {**kept, "rate": rate})
    return made


def trade_structure(
    *,
    id: str,
    order_id: str | None,
    timestamp_ms: int,
    symbol: str,
    side: str,
    price: Number,
    amount: Number,
    type: str | None = None,
    taker_or_maker: str | None = None,
    cost: Number | None = None,
    fee: Mapping[str, Any] | None = None,
    info: Structure | None = None,
) -> Structure:
    """A trade structure: ``cost`` None is price times amount; ``fee`` is a fee structure; a public trade has
    neither order nor fee."""
    if cost is None:
        cost = EXACT.multiply(Decimal(price), Decimal(amount))
    fees = [] if fee is None else reduced_fees((fee,))
    return {
        "info": {} if info is None else info,
        "id": id,
        "timestamp": timestamp_ms,
        "datetime": iso8601(timestamp_ms),
        "symbol": symbol,
        "order": order_id,
        "type": type,
        "side": side,
        "takerOrMaker": taker_or_maker,
        "price": float(price),
        "amount": float(amount),
        "cost": float(cost),
        "fee": fees[0] if fees else {"cost": None, "currency": None},
        "fees": fees,
    }


class OrderGiven(TypedDict):
    """What an exchange says of an order. ``status`` is open, closed, canceled, expired or rejected;
    ``average`` None is cost over filled; ``fees`` None are those of ``trades``, else they stand in their
    place."""

    id: str | None
    client_order_id: str | None
    timestamp_ms: int | None
    symbol: str
    type: str | None
    side: str | None
    amount: Number | None
    filled: Number | None
    status: str | None
    price: NotRequired[Number | None]
    average: NotRequired[Number | None]
    cost: NotRequired[Number | None]
    time_in_force: NotRequired[str | None]
    post_only: NotRequired[bool | None]
    reduce_only: NotRequired[bool | None]
    last_trade_ms: NotRequired[int | None]
    last_update_ms: NotRequired[int | None]
    fees: NotRequired[Sequence[Mapping[str, Any]] | None]
    trades: NotRequired[Sequence[Structure]]
    trigger_price: NotRequired[Number | None]
    info: NotRequired[Structure]


def order_structure(**given: Unpack[OrderGiven]) -> Structure:
    """An order structure of what is said in ``OrderGiven``; a market order shows its average as its price."""
    get: Any = given.get
    type, trades = given["type"], get("trades") or ()
    amount, filled, cost, average, remaining = _quantities(given, trades)
    trigger_price = number(get("trigger_price") or None)
    price = get("price") or (average if type == "market" else None)
    charged = _charged(get("fees"), trades) if trades or get("fees") else []
    at_once = type == "market" and trigger_price is None
    time_in_force, post_only = _validity(at_once, get("time_in_force"), get("post_only"))
    return {
        "info": get("info", {}),
        "id": given["id"],
        "clientOrderId": given["client_order_id"],
        "timestamp": given["timestamp_ms"],
        "datetime": iso8601(given["timestamp_ms"]),
        "lastTradeTimestamp": _last_trade_ms(given, trades),
        "lastUpdateTimestamp": get("last_update_ms"),
        "symbol": given["symbol"],
        "type": type,
        "timeInForce": time_in_force,
        "postOnly": post_only,
        "reduceOnly": get("reduce_only"),
        "side": given["side"],
        "price": None if price is None else float(price),
        "triggerPrice": trigger_price,
        "stopPrice": trigger_price,
        "takeProfitPrice": None,
        "stopLossPrice": None,
        "amount": None if amount is None else float(amount),
        "cost": None if cost is None else float(cost),
        "average": None if average is None else float(average),
        "filled": None if filled is None else float(filled),
        "remaining": None if remaining is None else float(remaining),
        "status": given["status"],
        "fee": charged[0] if len(charged) == 1 else None,
        "fees": charged,
        "trades": list(trades),
    }


def _last_trade_ms(given: OrderGiven, trades: Sequence[Structure]) -> int | None:
    said = given.get("last_trade_ms")
    return max([each["timestamp"] for each in trades], default=None) if said is None else said


def _validity(
    at_once: bool, time_in_force: str | None, post_only: bool | None
) -> tuple[str | None, bool | None]:
    """timeInForce and postOnly: each follows from the other, and a market order that waits for nothing is
    IOC."""
    if time_in_force is None:
        return "PO" if post_only else "IOC" if at_once else None, post_only
    return time_in_force, time_in_force == "PO" if post_only is None else post_only


def _quantities(given: OrderGiven, trades: Sequence[Structure]) -> Completed:
    """Amount, filled, cost, average and remaining."""
    amount, filled, cost = given["amount"], given["filled"], given.get("cost")
    average = given.get("average") or None
    if not amount or filled is None or cost is None:
        return _completed(given, trades)
    if average is None and filled > 0:
        average = quotient(cost, filled)
    return amount, filled, cost, average, EXACT.subtract(amount, filled)


def _charged(fees: Sequence[Mapping[str, Any]] | None, trades: Sequence[Structure]) -> list[Structure]:
    """What an order was charged: the fees stated, else those of its trades."""
    return reduced_fees(fees if fees is not None else [fee for each in trades for fee in each["fees"]])


def _completed(given: OrderGiven, trades: Sequence[Structure]) -> Completed:
    """Amount, filled, cost, average and remaining, as ``safe_order`` finds them when some are missing."""
    amount, price, average = given["amount"] or None, given.get("price") or None, given.get("average") or None
    filled, status = given["filled"], given["status"]
    stated_cost = cost = given.get("cost")
    if trades:
        filled = _total(trades, "amount") if filled is None else filled
        cost = _total(trades, "cost") if cost is None else cost
    if status == "closed":
        amount = filled if amount is None else amount
        filled = amount if filled is None else filled
    remaining: Number | None = ZERO if status == "closed" else None
    if amount is not None and filled is not None:
        remaining = EXACT.subtract(amount, filled)
    if average is None and filled is not None and cost is not None and filled > 0:
        average = quotient(cost, filled)
    known_price = price if average is None else average
    if stated_cost is None and filled is not None and known_price is not None:
        cost = EXACT.multiply(filled, known_price)
    return amount, filled, cost, average, remaining


def _total(trades: Sequence[Structure], key: str) -> Decimal:
    """The sum of a number of each trade, added as decimals."""
    total = ZERO
    for each in trades:
        total = EXACT.add(total, Decimal(str(each[key])))
    return total
