"""A listed market: its units, its market structure as ccxt gives it, and what a user may say of markets.

An amount on the wire is a whole number of lots, a price a whole number of ticks. Nothing here rounds but as
ccxt does: amounts are cut to the lot, prices rounded to the tick.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.precision import EXACT, too_small
from hedgecheck.values import frozen

# one unit of money, in the quote currency
MONEY = Decimal("0.00000001")
SYMBOL_ID = "simulated"
# no amount or price has more digits; beyond, whole numbers of lots would fill the memory
DIGITS_MAX = 40
# Binance's fees of an account without discounts, as a part of cost
SPOT_FEE = Decimal("0.001")
SWAP_TAKER_FEE, SWAP_MAKER_FEE = Decimal("0.0005"), Decimal("0.0002")
KNOWN_KEYS = ("price", "tick", "lot", "min_amount", "min_cost", "contract")


@frozen
class Listing:
    """One market. ``tick`` and ``min_cost`` in the quote currency, ``lot`` and ``min_amount`` in the base
    currency; ``price`` is where it starts; ``contract`` is a linear swap settled in the quote currency."""

    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_amount: Decimal
    min_cost: Decimal
    price: Decimal
    contract: bool = False


def lots_of(listing: Listing, amount: Any, id: str = SYMBOL_ID) -> int:
    """Whole lots in ``amount``, cut as ccxt's amount_to_precision; ccxt's InvalidOrder for what is no
    number, not finite, or less than a lot. ``id`` is the exchange's, for the message."""
    number = _number(listing, amount, "amount", id)
    lots = int(EXACT.divide_int(number, listing.lot))
    if lots <= 0:
        raise error_class("InvalidOrder")(too_small(id, listing.symbol, "amount", listing.lot))
    return lots


def ticks_of(listing: Listing, price: Any, id: str = SYMBOL_ID) -> int:
    """Whole ticks in ``price``, rounded as ccxt's price_to_precision (half a tick is one); errors as those
    of ``lots_of``."""
    number = _number(listing, price, "price", id)
    whole, missing = EXACT.divmod(number, listing.tick)
    ticks = int(whole) + (1 if EXACT.multiply(missing, Decimal(2)) >= listing.tick else 0)
    if number <= 0 or ticks <= 0:
        raise error_class("InvalidOrder")(too_small(id, listing.symbol, "price", listing.tick))
    return ticks


def _number(listing: Listing, value: Any, kind: str, id: str) -> Decimal:
    """A finite number of sane size; a float by its shortest text, as ccxt reads it."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise error_class("InvalidOrder")(f"{id} {kind} of {listing.symbol} must be a number, not {value!r}")
    if number != 0 and number.adjusted() > DIGITS_MAX:
        raise error_class("InvalidOrder")(f"{id} {kind} of {listing.symbol} is too large: {value!r}")
    return number if number.adjusted() > -DIGITS_MAX else Decimal(0)


def amount_of(listing: Listing, lots: int) -> Decimal:
    """What ``lots`` are in the base currency, exactly."""
    return EXACT.multiply(Decimal(lots), listing.lot)


def price_of(listing: Listing, ticks: int) -> Decimal:
    """What ``ticks`` are in the quote currency, exactly."""
    return EXACT.multiply(Decimal(ticks), listing.tick)


def tick_lot_value(listing: Listing) -> int:
    """What one lot at one tick costs, in units of ``MONEY``; UsageError if that is no whole number."""
    value = EXACT.divide(EXACT.multiply(listing.tick, listing.lot), MONEY)
    if value != value.to_integral_value() or value < 1:
        raise UsageError(
            f"{listing.symbol}: tick {listing.tick} x lot {listing.lot} is not a whole multiple of {MONEY} "
            f"{listing.quote}. Make the tick or the lot larger."
        )
    return int(value)


# ---- as ccxt's dictionaries ----------------------------------------------------------------------


def market_structure(
    listing: Listing, *, taker: Decimal | None = None, maker: Decimal | None = None
) -> dict[str, Any]:
    """ccxt's market structure with precisionMode TICK_SIZE; ``taker`` and ``maker`` as a part of cost, else
    Binance's. The id is Binance's: "BTCUSDT"."""
    swap = listing.contract
    taker_rate = taker if taker is not None else SWAP_TAKER_FEE if swap else SPOT_FEE
    maker_rate = maker if maker is not None else SWAP_MAKER_FEE if swap else SPOT_FEE
    id = listing.base + listing.quote
    return {
        "id": id,
        "lowercaseId": id.lower(),
        "symbol": listing.symbol,
        "base": listing.base,
        "quote": listing.quote,
        "settle": listing.quote if swap else None,
        "baseId": listing.base,
        "quoteId": listing.quote,
        "settleId": listing.quote if swap else None,
        **_kind(listing),
        "taker": float(taker_rate),
        "maker": float(maker_rate),
        "contractSize": 1.0 if swap else None,
        "expiry": None,
        "expiryDatetime": None,
        "strike": None,
        "optionType": None,
        "precision": _precision(listing),
        "limits": _limits(listing),
        "marginModes": {"cross": swap, "isolated": swap},
        "created": None,
        "tierBased": False,
        "percentage": True,
        "feeSide": "get",
        "info": {},
    }


def _kind(listing: Listing) -> dict[str, Any]:
    """The keys that say what is traded: spot, or a linear swap."""
    swap = listing.contract
    return {
        "type": "swap" if swap else "spot",
        "spot": not swap,
        "margin": False,
        "swap": swap,
        "future": False,
        "option": False,
        # ccxt writes False for spot and leaves it open for contracts
        "index": None if swap else False,
        "active": True,
        "contract": swap,
        "linear": True if swap else None,
        "inverse": False if swap else None,
        "subType": "linear" if swap else None,
    }


def _precision(listing: Listing) -> dict[str, float]:
    """The steps of amounts and prices, and of balances."""
    money = float(MONEY)
    return {"amount": float(listing.lot), "price": float(listing.tick), "base": money, "quote": money}


def _limits(listing: Listing) -> dict[str, dict[str, float | None]]:
    """The smallest order; nothing is too large."""
    return {
        "leverage": {"min": None, "max": None},
        "amount": {"min": float(listing.min_amount), "max": None},
        "price": {"min": float(listing.tick), "max": None},
        "cost": {"min": float(listing.min_cost), "max": None},
    }


def currency_structure(code: str) -> dict[str, Any]:
    """ccxt's currency structure; nothing can be deposited or withdrawn."""
    nothing = {"min": None, "max": None}
    return {
        "info": {},
        "id": code,
        "numericId": None,
        "code": code,
        "precision": float(MONEY),
        "type": "crypto",
        "name": code,
        "active": True,
        "deposit": False,
        "withdraw": False,
        "fee": None,
        "fees": {},
        "networks": {},
        "limits": {"deposit": dict(nothing), "withdraw": dict(nothing)},
    }


def currencies_of(listings: Iterable[Listing]) -> dict[str, dict[str, Any]]:
    """The currencies of these markets by code, sorted."""
    codes = sorted({code for each in listings for code in (each.base, each.quote)})
    return {code: currency_structure(code) for code in codes}


# ---- what a user says -----------------------------------------------------------------------------


def _listing(symbol: str, **values: Decimal) -> Listing:
    """A listing whose smallest order is one lot worth 5, unless ``values`` say more."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    if not base or not quote or "/" in quote:
        raise UsageError(f"{symbol!r} is no symbol. Write BASE/QUOTE, or BASE/QUOTE:QUOTE for a swap.")
    if settle not in ("", quote):
        raise UsageError(f"{symbol!r} settles in {settle}. Only linear swaps are simulated: {pair}:{quote}.")
    filled = {"min_amount": values["lot"], "min_cost": Decimal(5), **values}
    made = Listing(symbol=symbol, base=base, quote=quote, contract=bool(settle), **filled)
    tick_lot_value(made)
    return made


def _row(symbol: str, price: str, tick: str, lot: str) -> Listing:
    """One row of ``DEFAULT_LISTINGS``."""
    return _listing(symbol, price=Decimal(price), tick=Decimal(tick), lot=Decimal(lot))


# ticks and lots are Binance's
DEFAULT_LISTINGS: tuple[Listing, ...] = (
    _row("BTC/USDT", "50000", "0.01", "0.00001"),
    _row("ETH/USDT", "3000", "0.01", "0.0001"),
    _row("SOL/USDT", "150", "0.01", "0.001"),
    _row("XRP/USDT", "0.5", "0.0001", "0.1"),
    _row("BNB/USDT", "600", "0.01", "0.001"),
    _row("ADA/USDT", "0.4", "0.0001", "0.1"),
    _row("DOGE/USDT", "0.1", "0.00001", "1"),
    _row("LTC/USDT", "80", "0.01", "0.001"),
)


def listings_from(
    markets: Mapping[str, Mapping[str, Any]] | Iterable[str] | None,
) -> tuple[Listing, ...]:
    """The markets of an exchange: the defaults for None, symbols, or symbols with what differs from what is
    known of them. UsageError, with the cure, for anything that makes no sense."""
    if markets is None:
        return DEFAULT_LISTINGS
    if isinstance(markets, str):
        raise UsageError(f"markets is a text. Write [{markets!r}].")
    wanted = dict(markets) if isinstance(markets, Mapping) else _distinct(markets)
    made = tuple(_stated(symbol, stated) for symbol, stated in wanted.items())
    if not made:
        raise UsageError("There are no markets. Name one, such as BTC/USDT, or leave markets out.")
    quotes = sorted({each.quote for each in made})
    if len(quotes) > 1:
        raise UsageError(f"Markets are quoted in {' and '.join(quotes)}. Choose those of one quote currency.")
    return made


def _distinct(symbols: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Each symbol with nothing stated; UsageError for one named twice."""
    wanted: dict[str, Mapping[str, Any]] = {}
    for symbol in symbols:
        if symbol in wanted:
            raise UsageError(f"Market {symbol} is named twice. Name it once.")
        wanted[symbol] = {}
    return wanted


def _stated(symbol: str, stated: Mapping[str, Any]) -> Listing:
    """The listing of ``symbol``: what is stated, then what is known, then what fits the price."""
    if not isinstance(symbol, str) or not isinstance(stated, Mapping):
        raise UsageError(f"Market {symbol!r}: {stated!r}. Write a symbol, with a dict of {_known()}.")
    for key in stated:
        if key not in KNOWN_KEYS:
            raise UsageError(f"Market {symbol}: {key!r} is not known. Known are {_known()}.")
    if bool(stated.get("contract", ":" in symbol)) != (":" in symbol):
        raise UsageError(f"Market {symbol}: BASE/QUOTE:QUOTE is a contract and BASE/QUOTE is none.")
    values = {key: _positive(symbol, key, value) for key, value in stated.items() if key != "contract"}
    known = next((each for each in DEFAULT_LISTINGS if each.symbol == symbol.partition(":")[0]), None)
    if known is not None:
        fallback = {"price": known.price, "tick": known.tick, "lot": known.lot}
    else:
        fallback = _fitting(values.get("price", Decimal(100)))
    return _listing(symbol, **{**fallback, **values})


def _fitting(price: Decimal) -> dict[str, Decimal]:
    """A tick about 100 000 times smaller than ``price``, and a lot worth about a tenth to one of quote."""
    size = price.adjusted()
    return {"price": price, "tick": Decimal(1).scaleb(size - 5), "lot": Decimal(1).scaleb(-size - 1)}


def _positive(symbol: str, key: str, value: Any) -> Decimal:
    """``value`` as a number above zero, else UsageError."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0:
        raise UsageError(f"Market {symbol}: {key} is {value!r}. It must be a number above zero.")
    return number


def _known() -> str:
    """The keys a user may state, as text."""
    return ", ".join(KNOWN_KEYS)
