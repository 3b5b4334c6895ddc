"""Tickers, order books, candles, balances and positions as ccxt's dictionaries; see ``structures``.

Amounts and prices come in as Decimal or int and go out as float; times are int ms.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NotRequired, TypedDict, Unpack

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.structures import (
    EXACT,
    HUNDRED,
    ZERO,
    Number,
    Structure,
    iso8601,
    number,
    quotient,
)

# safe_position takes a smaller profit for a rounding error
PROFIT_MIN = Decimal("0.000001")


class TickerGiven(TypedDict):
    """What an exchange says of a market's last day; volumes in the base or the quote currency; ``tick`` gives
    the average its decimals."""

    symbol: str
    timestamp_ms: int | None
    last: Number | None
    bid: NotRequired[Number | None]
    ask: NotRequired[Number | None]
    bid_volume: NotRequired[Number | None]
    ask_volume: NotRequired[Number | None]
    open: NotRequired[Number | None]
    high: NotRequired[Number | None]
    low: NotRequired[Number | None]
    base_volume: NotRequired[Number | None]
    quote_volume: NotRequired[Number | None]
    previous_close: NotRequired[Number | None]
    mark_price: NotRequired[Number | None]
    index_price: NotRequired[Number | None]
    tick: NotRequired[Decimal | None]
    info: NotRequired[Structure]


def ticker_structure(**given: Unpack[TickerGiven]) -> Structure:
    """A ticker structure of what is said in ``TickerGiven``: change, percentage (in hundredths), average and
    vwap follow from the rest. A price of zero is None."""
    get: Any = given.get
    open, last = get("open") or None, given["last"] or None
    return {
        "symbol": given["symbol"],
        "timestamp": given["timestamp_ms"],
        "datetime": iso8601(given["timestamp_ms"]),
        "high": number(get("high") or None),
        "low": number(get("low") or None),
        "bid": number(get("bid") or None),
        "bidVolume": number(get("bid_volume")),
        "ask": number(get("ask") or None),
        "askVolume": number(get("ask_volume")),
        "vwap": number(_average_price(get("quote_volume"), get("base_volume"))),
        "open": number(open),
        "close": number(last),
        "last": number(last),
        "previousClose": number(get("previous_close")),
        **_changes(open, last, get("tick")),
        "baseVolume": number(get("base_volume")),
        "quoteVolume": number(get("quote_volume")),
        "markPrice": number(get("mark_price")),
        "indexPrice": number(get("index_price")),
        "info": get("info", {}),
    }


def _average_price(quote_volume: Number | None, base_volume: Number | None) -> Decimal | None:
    """vwap, None without trades."""
    return quotient(quote_volume, base_volume) if quote_volume and base_volume else None


def _changes(open: Number | None, close: Number | None, tick: Decimal | None) -> Structure:
    """What follows from the first and the last price; all None if one is missing."""
    if open is None or close is None:
        return {"change": None, "percentage": None, "average": None}
    change = EXACT.subtract(Decimal(close), Decimal(open))
    share = quotient(change, open)
    places = 18 if tick is None else max(0, -int(tick.normalize(EXACT).as_tuple().exponent))
    return {
        "change": float(change),
        "percentage": None if share is None else float(EXACT.multiply(share, HUNDRED)),
        "average": number(quotient(EXACT.add(Decimal(open), Decimal(close)), 2, places)),
    }


Level = tuple[Number, Number]


def order_book_structure(
    *,
    symbol: str,
    bids: Iterable[Level],
    asks: Iterable[Level],
    timestamp_ms: int | None = None,
    nonce: int | None = None,
) -> Structure:
    """An order book of (price, amount) levels, best first."""
    return {
        "symbol": symbol,
        "bids": sorted(([float(price), float(amount)] for price, amount in bids), key=_price, reverse=True),
        "asks": sorted(([float(price), float(amount)] for price, amount in asks), key=_price),
        "timestamp": timestamp_ms,
        "datetime": iso8601(timestamp_ms),
        "nonce": nonce,
    }


def _price(level: list[float]) -> float:
    """The price of a level."""
    return level[0]


def ohlcv_row(
    *, timestamp_ms: int, open: Number, high: Number, low: Number, close: Number, volume: Number
) -> list[int | float]:
    """One candle: when it opened in ms, four prices, volume in the base currency."""
    return [timestamp_ms, float(open), float(high), float(low), float(close), float(volume)]


def balance_structure(
    *,
    free: Mapping[str, Number],
    used: Mapping[str, Number] | None = None,
    timestamp_ms: int | None = None,
    info: Structure | None = None,
) -> Structure:
    """Balances by currency: total is free and used together; a currency named in one only has 0 in the
    other."""
    held = {} if used is None else used
    made: Structure = {"info": {} if info is None else info}
    for code in [*free, *(code for code in held if code not in free)]:
        free_amount, used_amount = Decimal(free.get(code, 0)), Decimal(held.get(code, 0))
        total = EXACT.add(free_amount, used_amount)
        made[code] = {"free": float(free_amount), "used": float(used_amount), "total": float(total)}
    codes = [code for code in made if code != "info"]
    made["timestamp"] = timestamp_ms
    made["datetime"] = iso8601(timestamp_ms)
    for part in ("free", "used", "total"):
        made[part] = {code: made[code][part] for code in codes}
    return made


class PositionGiven(TypedDict):
    """What an exchange says of a position of a linear swap whose contract is one of the base currency.

    ``side`` is "long", "short" or None for a flat one; ``contracts`` is never negative; ``collateral``, in
    the quote currency, is that of an account with cross margin; ``maintenance_rate`` is a part of notional.
    """

    symbol: str
    timestamp_ms: int | None
    side: str | None
    contracts: Number
    entry_price: Number | None
    mark_price: Number | None
    leverage: NotRequired[Number | None]
    margin_mode: NotRequired[str]
    collateral: NotRequired[Number | None]
    maintenance_rate: NotRequired[Number | None]
    liquidation_price: NotRequired[Number | None]
    id: NotRequired[str | None]
    hedged: NotRequired[bool]
    info: NotRequired[Structure]


def position_structure(**given: Unpack[PositionGiven]) -> Structure:
    """A position structure of what is said in ``PositionGiven``: notional, margins, profit and percentage
    follow. UsageError for ``collateral`` of an isolated position, from which ccxt derives other things."""
    get: Any = given.get
    margin_mode, collateral = get("margin_mode", "cross"), get("collateral")
    if margin_mode == "isolated" and collateral is not None:
        raise UsageError("collateral is that of an account. Leave it out for an isolated position.")
    return {
        "info": get("info", {}),
        "id": get("id"),
        "symbol": given["symbol"],
        "timestamp": given["timestamp_ms"],
        "datetime": iso8601(given["timestamp_ms"]),
        "hedged": get("hedged", False),
        "side": given["side"],
        "contracts": float(given["contracts"]),
        "contractSize": 1.0,
        "entryPrice": number(given["entry_price"]),
        "markPrice": number(given["mark_price"]),
        "liquidationPrice": number(get("liquidation_price")),
        "leverage": number(get("leverage", 1)),
        "marginMode": margin_mode,
        "collateral": number(collateral),
        "positionMargin": None,
        "maintenanceMarginPercentage": number(get("maintenance_rate")),
        "stopLossPrice": None,
        "takeProfitPrice": None,
        **_margins(given),
    }


def _margins(given: PositionGiven) -> Structure:
    """What ``safe_position`` derives; all None for a flat position."""
    contracts, mark_price, leverage = given["contracts"], given["mark_price"], given.get("leverage", 1)
    collateral, rate = given.get("collateral"), given.get("maintenance_rate")
    profit = _profit(given["side"], contracts, given["entry_price"], mark_price)
    notional = EXACT.multiply(Decimal(contracts), Decimal(mark_price)) if mark_price and contracts else None
    solvent = collateral is None or collateral >= 0
    share = quotient(1, leverage) if leverage and contracts and solvent else None
    margin = quotient(notional, leverage) if notional and leverage and solvent else None
    maintenance = EXACT.multiply(notional, Decimal(rate)) if notional and rate else None
    ratio = quotient(maintenance, collateral, 4) if maintenance and collateral and solvent else None
    part = quotient(profit, margin, 4) if profit is not None and margin is not None else None
    return {
        "notional": number(notional),
        "unrealizedPnl": number(profit),
        "initialMargin": number(margin or None),
        "initialMarginPercentage": number(share or None),
        "maintenanceMargin": number(maintenance),
        "marginRatio": number(ratio or None),
        "percentage": None if part is None else float(EXACT.multiply(part, HUNDRED)),
    }


def _profit(
    side: str | None, contracts: Number, entry_price: Number | None, mark_price: Number | None
) -> Decimal | None:
    """Unrealized profit in the quote currency, None if it cannot be known."""
    if not contracts or not entry_price or not mark_price or side not in ("long", "short"):
        return None
    gained = EXACT.subtract(Decimal(mark_price), Decimal(entry_price))
    profit = EXACT.multiply(gained if side == "long" else -gained, Decimal(contracts))
    return profit if profit == ZERO or abs(profit) >= PROFIT_MIN else None


def funding_rate_structure(
    *,
    symbol: str,
    timestamp_ms: int,
    rate: Number,
    mark_price: Number,
    index_price: Number | None = None,
    funding_ms: int | None = None,
    interval: str | None = "8h",
    info: Structure | None = None,
) -> Structure:
    """A funding rate structure: ``rate`` of one ``interval`` as a part of notional, due at ``funding_ms``."""
    made: Structure = {
        "info": {} if info is None else info,
        "symbol": symbol,
        "markPrice": float(mark_price),
        "indexPrice": number(index_price),
        "interestRate": None,
        "estimatedSettlePrice": None,
        "timestamp": timestamp_ms,
        "datetime": iso8601(timestamp_ms),
        "fundingRate": float(rate),
        "fundingTimestamp": funding_ms,
        "fundingDatetime": iso8601(funding_ms),
        "interval": interval,
    }
    for moment in ("next", "previous"):
        for name in ("FundingRate", "FundingTimestamp", "FundingDatetime"):
            made[moment + name] = None
    return made


def trading_fee_structure(*, symbol: str, maker: Number, taker: Number) -> Structure:
    """The fees of a market, as a part of cost."""
    rates: dict[str, Any] = {"maker": float(maker), "taker": float(taker)}
    return {"info": {}, "symbol": symbol, **rates, "percentage": True, "tierBased": False}


def status_structure(*, status: str = "ok") -> Structure:
    """Whether the exchange works: "ok" or "maintenance"."""
    return {"status": status, "updated": None, "eta": None, "url": None, "info": {}}
