"""Errors, units, market structures and precision: those of the installed ccxt, and exact in between."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt import errors, precision
from hedgecheck.fronts.ccxt.errors import OWN, PARENTS, error_class
from hedgecheck.fronts.ccxt.markets import (
    DEFAULT_LISTINGS,
    MONEY,
    amount_of,
    listings_from,
    lots_of,
    market_structure,
    price_of,
    tick_lot_value,
    ticks_of,
)

ccxt = pytest.importorskip("ccxt")

BTC = DEFAULT_LISTINGS[0]
PLAIN = ccxt.Exchange({"precisionMode": ccxt.TICK_SIZE})
PLAIN.set_markets([market_structure(each) for each in DEFAULT_LISTINGS])
listed = st.sampled_from(DEFAULT_LISTINGS)
quick = settings(max_examples=200, deadline=None)
numbers = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9) | st.decimals(-(10**9), 10**9, places=9)


def tree(hierarchy, parent="Exception"):
    for name, children in hierarchy.items():
        yield name, parent
        yield from tree(children, name)


# ---- errors ---------------------------------------------------------------------------------------


def test_own_hierarchy_is_that_of_the_installed_ccxt():
    from ccxt.base.errors import error_hierarchy  # noqa: PLC0415

    assert dict(tree(error_hierarchy)) == PARENTS
    assert {name: each.__bases__[0].__name__ for name, each in OWN.items()} == PARENTS


def test_error_is_of_the_class_a_bot_catches():
    assert error_class("RequestTimeout") is ccxt.RequestTimeout


def test_unknown_error_names_the_known_ones():
    with pytest.raises(UsageError, match="RequestTimeout"):
        error_class("RequestTimedOut")


def test_without_ccxt_errors_are_our_own(monkeypatch):
    monkeypatch.setattr(errors, "_installed", lambda: None)

    assert error_class.__wrapped__("OnMaintenance") is OWN["OnMaintenance"]
    assert issubclass(OWN["OnMaintenance"], OWN["NetworkError"])


def test_everything_works_without_ccxt():
    program = (
        "import sys; sys.modules['ccxt'] = None\n"
        "import hedgecheck.fronts.ccxt.face, hedgecheck.fronts.ccxt.accounts\n"
        "from hedgecheck.fronts.ccxt.errors import OWN, error_class\n"
        "assert error_class('RequestTimeout') is OWN['RequestTimeout']\n"
        "assert not any(each.startswith('ccxt') for each in sys.modules if each != 'ccxt')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr


# ---- units ----------------------------------------------------------------------------------------


@quick
@given(listed, st.integers(1, 10**15))
def test_lots_and_ticks_come_back_from_amounts_and_prices(listing, units):
    assert lots_of(listing, amount_of(listing, units)) == units
    assert ticks_of(listing, price_of(listing, units)) == units


@quick
@given(listed, numbers)
def test_lots_and_ticks_are_those_of_ccxt_s_precision(listing, value):
    for convert, back, theirs in (
        (lots_of, amount_of, PLAIN.amount_to_precision),
        (ticks_of, price_of, PLAIN.price_to_precision),
    ):
        try:
            expected = Decimal(theirs(listing.symbol, value))
        except ccxt.InvalidOrder as refused:
            with pytest.raises(ccxt.InvalidOrder, match=f"^{refused}$"):
                convert(listing, value, PLAIN.id)
        else:
            if expected > 0:
                assert back(listing, convert(listing, value)) == expected


@pytest.mark.parametrize("convert", [lots_of, ticks_of])
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "abc",
        [],
        True,
        float("nan"),
        float("inf"),
        "-inf",
        -1,
        0,
        -0.0,
        1e-30,
        "1e-999999",
        "1e999999",
    ],
)
def test_what_is_no_amount_or_price_is_an_invalid_order(convert, value):
    with pytest.raises(ccxt.InvalidOrder, match="of BTC/USDT"):
        convert(BTC, value)


def test_float_is_read_by_its_shortest_text():
    assert lots_of(listings_from({"AAA/BBB": {"lot": "0.1", "tick": 1}})[0], 0.3) == 3


def test_price_of_half_a_tick_is_rounded_up():
    assert ticks_of(BTC, "100.005") == 10_001


@pytest.mark.parametrize("listing", DEFAULT_LISTINGS, ids=lambda each: each.symbol)
def test_one_lot_at_one_tick_is_whole_money(listing):
    assert tick_lot_value(listing) * MONEY == listing.tick * listing.lot


# ---- structures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", ["BTC/USDT", "BTC/USDT:USDT"])
def test_market_structure_is_what_binance_s_parser_makes(symbol):
    (listing,) = listings_from([symbol])
    exchange = ccxt.binanceusdm() if listing.contract else ccxt.binance()
    for name in ("crossMarginPairsData", "isolatedMarginPairsData"):
        exchange.options[name] = []
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": "0.00001"},
        {"filterType": "MIN_NOTIONAL", "minNotional": "5", "notional": "5"},
    ]
    raw = {"symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT"}
    raw |= {"baseAssetPrecision": "8", "quotePrecision": "8", "isSpotTradingAllowed": True}
    if listing.contract:
        raw |= {"contractType": "PERPETUAL", "marginAsset": "USDT"}
    exchange.set_markets([exchange.parse_market({**raw, "permissions": ["SPOT"], "filters": filters})])

    theirs = dict(exchange.market(symbol))

    assert theirs.pop("info")
    assert theirs.pop("stock") is False
    assert market_structure(listing) == {**theirs, "info": {}}


def test_ccxt_takes_the_market_structures_as_they_are():
    assert PLAIN.market("BTC/USDT") == market_structure(BTC)


# ---- what a user says -----------------------------------------------------------------------------


def test_nothing_said_is_eight_markets():
    assert listings_from(None) == DEFAULT_LISTINGS


def test_what_is_said_stands_and_the_rest_is_known():
    (listing,) = listings_from({"BTC/USDT": {"price": 90_000, "min_cost": "10"}})

    assert (listing.price, listing.min_cost) == (Decimal(90_000), Decimal(10))
    assert (listing.tick, listing.lot) == (BTC.tick, BTC.lot)


def test_swap_has_the_units_of_its_spot_market():
    (listing,) = listings_from(["BTC/USDT:USDT"])

    assert listing.contract
    assert (listing.base, listing.quote, listing.tick) == ("BTC", "USDT", BTC.tick)


@pytest.mark.parametrize("price", ["0.0000012", "0.5", "7", "123456"])
def test_unknown_market_has_units_that_fit_its_price(price):
    (listing,) = listings_from({"FOO/USDT": {"price": price}})

    assert ticks_of(listing, listing.price) >= 10_000
    assert tick_lot_value(listing) >= 1


@pytest.mark.parametrize(
    ("markets", "cure"),
    [
        ("BTC/USDT", "Write \\['BTC/USDT'\\]"),
        ([], "Name one"),
        (["BTCUSDT"], "Write BASE/QUOTE"),
        (["BTC/USDT", "BTC/EUR"], "one quote currency"),
        (["BTC/USDT", "BTC/USDT"], "Name it once"),
        (["BTC/USD:BTC"], "Only linear swaps"),
        ({"BTC/USDT": {"tik": 1}}, "'tik' is not known. Known are price, tick"),
        ({"BTC/USDT": {"price": -1}}, "above zero"),
        ({"BTC/USDT": {"price": "much"}}, "above zero"),
        ({"BTC/USDT": {"contract": True}}, "BASE/QUOTE:QUOTE is a contract"),
        ({"BTC/USDT": {"tick": "0.0000001"}}, "Make the tick or the lot larger"),
        ({"BTC/USDT": 50_000}, "with a dict of price"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_cure(markets, cure):
    with pytest.raises(UsageError, match=cure):
        listings_from(markets)


# ---- precision ------------------------------------------------------------------------------------


@quick
@given(listed, numbers)
def test_numbers_are_written_as_ccxt_writes_them(listing, value):
    market = PLAIN.market(listing.symbol)
    for ours, theirs in (
        (lambda: precision.amount_to_precision(PLAIN.id, market, value), PLAIN.amount_to_precision),
        (lambda: precision.price_to_precision(PLAIN.id, market, value), PLAIN.price_to_precision),
        (lambda: precision.cost_to_precision(market, value), PLAIN.cost_to_precision),
    ):
        try:
            expected = theirs(listing.symbol, value)
        except ccxt.InvalidOrder as refused:
            with pytest.raises(ccxt.InvalidOrder, match=str(refused)):
                ours()
        else:
            assert ours() == expected


@quick
@given(
    numbers,
    st.sampled_from([ccxt.TRUNCATE, ccxt.ROUND]),
    st.sampled_from(["0.01", 0.05, "2", 10, 1e-7]).map(lambda tick: (tick, ccxt.TICK_SIZE))
    | st.integers(0, 8).map(lambda places: (places, ccxt.DECIMAL_PLACES)),
)
def test_decimal_to_precision_is_ccxt_s(value, rounding, counting):
    arguments = (value, rounding, *counting)

    assert precision.decimal_to_precision(*arguments) == ccxt.decimal_to_precision(*arguments)


def test_zeros_are_padded_as_ccxt_pads_them():
    arguments = (1.5, ccxt.ROUND, 0.001, ccxt.TICK_SIZE, ccxt.PAD_WITH_ZERO)

    assert precision.decimal_to_precision(*arguments) == ccxt.decimal_to_precision(*arguments) == "1.500"


def test_significant_digits_are_not_supported():
    with pytest.raises(ccxt.NotSupported):
        precision.decimal_to_precision(1, ccxt.ROUND, 2, ccxt.SIGNIFICANT_DIGITS)
