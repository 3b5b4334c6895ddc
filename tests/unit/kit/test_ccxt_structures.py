"""ccxt's dictionaries: those of our builders are those of the installed ccxt, for the same raw data."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.accounts import (
    balance_structure,
    funding_rate_structure,
    ohlcv_row,
    order_book_structure,
    position_structure,
    ticker_structure,
)
from hedgecheck.fronts.ccxt.markets import DEFAULT_LISTINGS, listings_from, market_structure
from hedgecheck.fronts.ccxt.structures import fee, iso8601, order_structure, trade_structure

ccxt = pytest.importorskip("ccxt")

PLAIN = ccxt.Exchange()
BINANCE = ccxt.binance()
BINANCE.set_markets([{**market_structure(each), "info": {}} for each in DEFAULT_LISTINGS])
(SWAP,) = listings_from(["BTC/USDT:USDT"])
SWAPS = ccxt.binanceusdm()
SWAPS.set_markets([market_structure(SWAP)])
NOW = 1_500_000_000_000

quick = settings(max_examples=150, deadline=None)
positive = st.integers(1, 10**12).map(lambda units: Decimal(units).scaleb(-6))
amounts = st.integers(0, 10**12).map(lambda units: Decimal(units).scaleb(-6))
signed = st.integers(-(10**9), 10**9).map(lambda units: Decimal(units).scaleb(-6))
times = st.integers(0, 4_102_444_800_000)
fee_parts = st.tuples(st.sampled_from(["USDT", "BNB"]), amounts, st.sampled_from([None, Decimal("0.001")]))


def maybe(strategy):
    return st.none() | strategy


def text(value):
    return None if value is None else str(value)


def without_info(structure):
    bare = {key: value for key, value in structure.items() if key != "info"}
    if "trades" in bare:
        bare["trades"] = [without_info(each) for each in bare["trades"]]
    return bare


def raw_fee(parts):
    currency, cost, rate = parts
    return {"currency": currency, "cost": str(cost)} | ({} if rate is None else {"rate": str(rate)})


def own_fee(parts):
    currency, cost, rate = parts
    return fee(currency=currency, cost=cost, rate=rate)


@st.composite
def trades(draw):
    """The same trade as raw data and by our builder."""
    timestamp, price, amount = draw(times), draw(positive), draw(positive)
    cost, charged, side = draw(maybe(amounts)), draw(maybe(fee_parts)), draw(st.sampled_from(["buy", "sell"]))
    role = draw(st.sampled_from([None, "maker", "taker"]))
    raw = {
        **{"id": "t1", "order": "o1", "timestamp": timestamp, "datetime": PLAIN.iso8601(timestamp)},
        **{"symbol": "BTC/USDT", "type": None, "side": side, "takerOrMaker": role, "info": {}},
        **{"price": text(price), "amount": text(amount), "cost": text(cost)},
        "fee": None if charged is None else raw_fee(charged),
    }
    own = trade_structure(
        id="t1",
        order_id="o1",
        timestamp_ms=timestamp,
        symbol="BTC/USDT",
        side=side,
        price=price,
        amount=amount,
        cost=cost,
        taker_or_maker=role,
        fee=None if charged is None else own_fee(charged),
    )
    return raw, own


@quick
@given(trades())
def test_trade_is_what_safe_trade_makes(pair):
    raw, own = pair

    assert own == PLAIN.safe_trade(raw)


KEYS = ("price", "amount", "filled", "average", "cost")


@quick
@given(
    numbers=st.fixed_dictionaries({key: maybe(amounts) for key in KEYS}),
    trigger=maybe(positive),
    type=st.sampled_from(["limit", "market"]),
    status=st.sampled_from(["open", "closed", "canceled", "expired", "rejected"]),
    time_in_force=st.sampled_from([None, "GTC", "IOC", "PO"]),
    post_only=st.sampled_from([None, True, False]),
    traded=maybe(times),
    fills=st.lists(trades(), max_size=3),
    fees=maybe(st.lists(fee_parts, max_size=4)),
)
def test_order_is_what_safe_order_makes(
    numbers, trigger, type, status, time_in_force, post_only, traded, fills, fees
):
    fees = None if fills else fees
    raw = {
        **{"id": "1", "clientOrderId": "c", "timestamp": NOW, "lastTradeTimestamp": traded, "info": {}},
        **{"symbol": "BTC/USDT", "type": type, "side": "buy", "timeInForce": time_in_force},
        **{"postOnly": post_only, "reduceOnly": None, "status": status, "fee": None},
        **{key: text(value) for key, value in numbers.items()},
        "fees": None if fees is None else [raw_fee(each) for each in fees],
        "trades": [PLAIN.safe_trade(raw) for raw, _ in fills],
        "triggerPrice": text(trigger),
    }

    own = order_structure(
        **{"id": "1", "client_order_id": "c", "timestamp_ms": NOW, "symbol": "BTC/USDT"},
        trigger_price=trigger,
        **{"type": type, "side": "buy", "status": status, "time_in_force": time_in_force},
        **{"post_only": post_only, "last_trade_ms": traded, **numbers},
        fees=None if fees is None else [own_fee(each) for each in fees],
        trades=[own for _, own in fills],
    )

    theirs = PLAIN.safe_order(raw)
    assert own == {**theirs, "datetime": PLAIN.iso8601(NOW)}


STATUSES = {"open": "NEW", "closed": "FILLED", "canceled": "CANCELED", "expired": "EXPIRED"}


@quick
@pytest.mark.covers("TI-11")
@given(
    amount=positive,
    part=st.sampled_from(["0", "0.25", "1"]),
    price=positive,
    kind=st.sampled_from(["limit", "market"]),
    status=st.sampled_from(sorted(STATUSES)),
)
def test_order_is_what_binance_s_parser_makes(amount, part, price, kind, status):
    filled = amount if status == "closed" else amount * Decimal(part)
    market = BINANCE.market("BTC/USDT")
    payload = {
        **{"symbol": "BTCUSDT", "orderId": "12", "clientOrderId": "x-1", "origQty": str(amount)},
        **{"executedQty": str(filled), "cummulativeQuoteQty": str(filled * price), "side": "SELL"},
        **{"price": str(price) if kind == "limit" else "0.00", "type": kind.upper(), "timeInForce": "GTC"},
        **{"status": STATUSES[status], "time": str(NOW), "updateTime": str(NOW + 5)},
    }

    own = order_structure(
        id="12",
        client_order_id="x-1",
        timestamp_ms=NOW,
        last_update_ms=NOW + 5,
        # Binance says no time of a trade for an order that ended early
        last_trade_ms=NOW + 5 if filled and status in ("open", "closed") else None,
        symbol="BTC/USDT",
        type=kind,
        side="sell",
        amount=amount,
        filled=filled,
        cost=filled * price,
        price=price if kind == "limit" else None,
        status=status,
        time_in_force="GTC",
    )

    assert without_info(own) == without_info(BINANCE.parse_order(payload, market))


STOPS = {
    ("spot", "limit"): "STOP_LOSS_LIMIT",
    ("spot", "market"): "STOP_LOSS",
    ("swap", "limit"): "STOP",
    ("swap", "market"): "STOP_MARKET",
}


@quick
@given(
    where=st.sampled_from(["spot", "swap"]),
    kind=st.sampled_from(["limit", "market"]),
    price=positive,
    trigger=positive,
    part=st.sampled_from(["0", "0.25", "1"]),
)
def test_stop_order_is_what_binance_s_parser_makes(where, kind, price, trigger, part):
    exchange, symbol = (BINANCE, "BTC/USDT") if where == "spot" else (SWAPS, "BTC/USDT:USDT")
    market, amount, filled = exchange.market(symbol), Decimal(1), Decimal(part)
    payload = {
        **{"symbol": "BTCUSDT", "orderId": "12", "clientOrderId": "x-1", "origQty": "1", "side": "SELL"},
        **{"executedQty": part, "price": str(price) if kind == "limit" else "0.00", "timeInForce": "GTC"},
        **{"cummulativeQuoteQty" if where == "spot" else "cumQuote": str(filled * price)},
        **{"type": STOPS[where, kind], "stopPrice": str(trigger), "status": "NEW"},
        **{"time": str(NOW), "updateTime": str(NOW)},
        **({"reduceOnly": True} if where == "swap" else {}),
    }

    own = order_structure(
        id="12",
        client_order_id="x-1",
        timestamp_ms=NOW,
        last_update_ms=NOW,
        last_trade_ms=NOW if filled else None,
        symbol=symbol,
        type=kind,
        side="sell",
        amount=amount,
        filled=filled,
        cost=filled * price,
        price=price if kind == "limit" else None,
        trigger_price=trigger,
        status="open",
        time_in_force="GTC",
        reduce_only=True if where == "swap" else None,
    )

    assert without_info(own) == without_info(exchange.parse_order(payload, market))


def test_fees_of_an_order_are_added_by_currency_as_decimals():
    bought = [own_fee(("BNB", Decimal(cost), None)) for cost in ("0.1", "0.2")]

    own = order_structure(
        id="1",
        client_order_id=None,
        timestamp_ms=NOW,
        symbol="BTC/USDT",
        type="limit",
        side="buy",
        amount=1,
        filled=1,
        cost=1,
        status="closed",
        fees=bought,
    )

    assert own["fee"] == {"currency": "BNB", "cost": 0.3}


@quick
@given(
    st.fixed_dictionaries(
        {key: maybe(amounts) for key in ("open", "high", "low", "bid", "ask", "bidVolume", "askVolume")}
    ),
    maybe(amounts),
    maybe(amounts),
    maybe(amounts),
)
def test_ticker_is_what_safe_ticker_makes(prices, last, base_volume, quote_volume):
    market = BINANCE.market("BTC/USDT")
    raw = {key: text(value) for key, value in prices.items()}
    raw |= {"symbol": "BTC/USDT", "timestamp": NOW, "datetime": PLAIN.iso8601(NOW), "last": text(last)}
    raw |= {"baseVolume": text(base_volume), "quoteVolume": text(quote_volume), "info": {}}
    named = {"bidVolume": "bid_volume", "askVolume": "ask_volume"}

    own = ticker_structure(
        symbol="BTC/USDT",
        timestamp_ms=NOW,
        last=last,
        base_volume=base_volume,
        quote_volume=quote_volume,
        tick=DEFAULT_LISTINGS[0].tick,
        **{named.get(key, key): value for key, value in prices.items()},
    )

    assert own == BINANCE.safe_ticker(raw, market)


codes = st.dictionaries(st.sampled_from(["BTC", "USDT", "ETH"]), amounts)


@quick
@given(codes, codes)
def test_balance_is_what_safe_balance_makes(free, used):
    held = {*free, *used}
    raw = {code: {"free": str(free.get(code, 0)), "used": str(used.get(code, 0))} for code in held}
    raw |= {"info": {}, "timestamp": NOW, "datetime": PLAIN.iso8601(NOW)}

    assert balance_structure(free=free, used=used, timestamp_ms=NOW) == PLAIN.safe_balance(raw)


@quick
@given(
    side=st.sampled_from(["long", "short"]),
    contracts=amounts,
    entry=maybe(positive),
    mark=maybe(positive),
    leverage=st.sampled_from([None, 1, 3, 20]),
    collateral=maybe(signed),
    rate=maybe(st.just(Decimal("0.004"))),
    mode=st.sampled_from(["cross", "isolated"]),
    liquidation=maybe(positive),
)
def test_position_is_what_safe_position_makes(
    side, contracts, entry, mark, leverage, collateral, rate, mode, liquidation
):
    collateral = collateral if mode == "cross" else None
    raw = {
        **{"info": {}, "id": None, "symbol": SWAP.symbol, "timestamp": NOW, "hedged": False, "side": side},
        **{"datetime": PLAIN.iso8601(NOW), "marginMode": mode, "contractSize": 1.0},
        **dict.fromkeys(("stopLossPrice", "takeProfitPrice", "notional", "unrealizedPnl")),
        **dict.fromkeys(("initialMargin", "initialMarginPercentage", "maintenanceMargin", "marginRatio")),
        "percentage": None,
    }
    given_numbers = {"contracts": contracts, "entryPrice": entry, "markPrice": mark, "leverage": leverage}
    given_numbers |= {"collateral": collateral, "maintenanceMarginPercentage": rate}
    given_numbers |= {"liquidationPrice": liquidation}
    raw |= {key: None if value is None else float(value) for key, value in given_numbers.items()}

    own = position_structure(
        symbol=SWAP.symbol,
        timestamp_ms=NOW,
        side=side,
        contracts=contracts,
        entry_price=entry,
        mark_price=mark,
        leverage=leverage,
        margin_mode=mode,
        collateral=collateral,
        maintenance_rate=rate,
        liquidation_price=liquidation,
    )

    assert own == SWAPS.safe_position(raw)


def test_collateral_of_an_isolated_position_is_refused():
    with pytest.raises(UsageError, match="Leave it out"):
        position_structure(
            symbol=SWAP.symbol,
            timestamp_ms=NOW,
            side="long",
            contracts=1,
            entry_price=1,
            mark_price=1,
            margin_mode="isolated",
            collateral=5,
        )


levels = st.lists(st.tuples(positive, positive), max_size=4, unique_by=lambda level: level[0])


@quick
@given(levels, levels)
def test_order_book_is_what_parse_order_book_makes(bids, asks):
    raw = {"bids": [[str(a), str(b)] for a, b in bids], "asks": [[str(a), str(b)] for a, b in asks]}

    own = order_book_structure(symbol="BTC/USDT", bids=bids, asks=asks, timestamp_ms=NOW)

    assert own == PLAIN.parse_order_book(raw, "BTC/USDT", NOW)


def test_candle_is_what_parse_ohlcv_makes():
    row = ohlcv_row(timestamp_ms=NOW, open=1, high=Decimal("2.5"), low=1, close=2, volume=7)

    assert row == PLAIN.parse_ohlcv([NOW, "1", "2.5", "1", "2", "7"])


def test_funding_rate_has_the_keys_of_binance_s():
    own = funding_rate_structure(symbol=SWAP.symbol, timestamp_ms=NOW, rate=Decimal("0.0001"), mark_price=5)
    raw = {"symbol": "BTCUSDT", "time": NOW, "markPrice": "5", "lastFundingRate": "0.0001"}

    theirs = SWAPS.parse_funding_rate(raw, SWAPS.market(SWAP.symbol))
    assert without_info(own) == {**without_info(theirs), "interval": "8h"}


@quick
@given(st.integers(-10, 253_402_300_800_000 + 10))
def test_times_are_written_as_ccxt_writes_them(timestamp_ms):
    assert iso8601(timestamp_ms) == PLAIN.iso8601(timestamp_ms)
