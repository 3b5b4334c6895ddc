"""What every ccxt exchange holds: its markets, its facts, and the helpers that ask nobody.

``_call`` is the only way out; whoever gives it a body decides how long an answer takes and what it says.
"""

import asyncio
import re
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from hedgecheck.fronts.ccxt import precision
from hedgecheck.fronts.ccxt.arguments import NO_PARAMS, Params
from hedgecheck.fronts.ccxt.calls import Call, Fetch
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import Listing, currencies_of, market_structure
from hedgecheck.fronts.ccxt.names import ATTRIBUTES, COROUTINES, FUNCTIONS, HAS_KEYS, SNAKE
from hedgecheck.fronts.ccxt.structures import EXACT, Structure, iso8601

# what is there once markets are loaded
LOADED = ("markets", "markets_by_id", "currencies", "currencies_by_id", "symbols", "ids", "codes")
# timeframes as in ccxt, and the units of one, in seconds
TIMEFRAMES = (
    "1s",
    "1m",
    "3m",
    "5m",
    "15m",
    "30m",
    "1h",
    "2h",
    "4h",
    "6h",
    "8h",
    "12h",
    "1d",
    "3d",
    "1w",
    "1M",
)
SECONDS = {"y": 31_536_000, "M": 2_592_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
CREDENTIALS = (
    "apiKey",
    "secret",
    "uid",
    "password",
    "login",
    "token",
    "privateKey",
    "walletAddress",
    "twofa",
)
KNOWN = frozenset((*COROUTINES, *FUNCTIONS))


class Facts:
    """The part of ccxt's exchange class that asks nobody. ``taker`` and ``maker`` are fees as a part of
    cost; None is Binance's."""

    def __init__(
        self,
        id: str,
        listings: tuple[Listing, ...],
        *,
        taker: Decimal | None = None,
        maker: Decimal | None = None,
    ) -> None:
        self.id = id
        self.name = id.capitalize()
        self._listings = {each.symbol: each for each in listings}
        self._fees = taker, maker
        self._set_nothing_loaded()
        self._set_facts()
        for name in CREDENTIALS:
            setattr(self, name, None)

    def _set_nothing_loaded(self) -> None:
        """What ccxt fills when it loads markets, and what it keeps of streams."""
        self._is_loaded = False
        self.markets: dict[str, Structure] | None = None
        self.markets_by_id: dict[str, list[Structure]] | None = None
        self.currencies: dict[str, Structure] = {}
        self.currencies_by_id: dict[str, Structure] | None = None
        self.symbols: list[str] | None = None
        self.ids: list[str] | None = None
        self.codes: list[str] | None = None
        self.orders: Any = None
        self.myTrades: Any = None
        self.positions: Any = None
        for name in ("balance", "tickers", "orderbooks", "ohlcvs", "trades"):
            setattr(self, name, {})

    def _set_facts(self) -> None:
        """What ccxt says of an exchange before asking it."""
        self.has = self._supported()
        self.timeframes = {each: each for each in TIMEFRAMES}
        self.options: dict[str, Any] = {"defaultType": "spot" if self.has["spot"] else "swap"}
        self.timeout = 10_000
        self.rateLimit = 50
        self.enableRateLimit = True
        self.precisionMode = precision.TICK_SIZE
        self.paddingMode = precision.NO_PADDING
        self.countries: list[str] = []
        self.urls: dict[str, Any] = {}
        self.headers: dict[str, Any] = {}
        self.requiredCredentials = dict.fromkeys(CREDENTIALS, False)
        self.fees = {"trading": {"tierBased": False, "percentage": True, "feeSide": "get"}}
        self.status: Structure = {"status": "ok", "updated": None, "eta": None, "url": None, "info": None}
        self.pro, self.certified, self.alias, self.verbose = True, True, False, False
        self.newUpdates = True
        self.isSandboxModeEnabled, self.closed_by_user = False, False
        self.version: str | None = None

    decimal_to_precision = staticmethod(precision.decimal_to_precision)
    number_to_string = staticmethod(precision.number_to_string)

    # ---- markets ----------------------------------------------------------------------------------

    def _load(self) -> None:
        """Loads the markets, as ccxt does before the first call that needs them; asks nobody."""
        if not self._is_loaded:
            self._is_loaded = True
            for name in LOADED:
                delattr(self, name)

    def _fill(self) -> None:
        """Makes what loading markets fills: when it is looked at, because few bots do."""
        taker, maker = self._fees
        structures = [market_structure(each, taker=taker, maker=maker) for each in self._listings.values()]
        by_id: dict[str, list[Structure]] = {}
        for each in sorted(structures, key=lambda each: not each["spot"]):
            by_id.setdefault(each["id"], []).append(each)
        self.markets = {each["symbol"]: each for each in structures}
        self.markets_by_id = by_id
        self.currencies = currencies_of(self._listings.values())
        self.currencies_by_id = dict(self.currencies)
        self.symbols, self.ids, self.codes = sorted(self.markets), sorted(by_id), sorted(self.currencies)

    def market(self, symbol: str | None) -> Structure:
        """The market structure of a symbol or market id; ExchangeError before markets are loaded, BadSymbol
        if there is none such."""
        if symbol is None:
            raise error_class("ArgumentsRequired")(f"{self.id} market() requires a symbol argument")
        if self.markets is None or self.markets_by_id is None:
            raise error_class("ExchangeError")(f"{self.id} markets not loaded")
        if symbol in self.markets:
            return self.markets[symbol]
        same_id = self.markets_by_id.get(symbol, [])
        kind = self.options.get("defaultType", "spot")
        for each in [*(each for each in same_id if each.get(kind) is True), *same_id]:
            return each
        raise error_class("BadSymbol")(f"{self.id} does not have market symbol {symbol}")

    def market_id(self, symbol: str | None) -> str:
        """The exchange's id of a market."""
        id: str = self.market(symbol)["id"]
        return id

    def currency(self, code: str | None) -> Structure:
        """The currency structure of a code; ExchangeError if there is none such."""
        if code is None:
            raise error_class("ArgumentsRequired")(f"{self.id} currency() requires a code argument")
        if not self.currencies:
            raise error_class("ExchangeError")(f"{self.id} currencies not loaded")
        if code in self.currencies:
            return self.currencies[code]
        raise error_class("ExchangeError")(f"{self.id} does not have currency code {code}")

    def _listing(self, symbol: str | None) -> Listing:
        """The listing of a symbol or market id, after loading markets."""
        self._load()
        known = self._listings.get(symbol or "")
        return known if known is not None else self._listings[self.market(symbol)["symbol"]]

    def _symbol(self, symbol: str | None) -> str | None:
        """A symbol that exists, or None for all."""
        return None if symbol is None else self._listing(symbol).symbol

    def _symbols(self, symbols: Any) -> tuple[str, ...] | None:
        """Symbols that exist, or None for all."""
        return None if symbols is None else tuple(self._listing(each).symbol for each in symbols)

    # ---- numbers and times ------------------------------------------------------------------------

    def amount_to_precision(self, symbol: str | None, amount: Any) -> str | None:
        """``amount`` cut to the lot; InvalidOrder if nothing is left."""
        return precision.amount_to_precision(self.id, self.market(symbol), amount)

    def price_to_precision(self, symbol: str | None, price: Any) -> str | None:
        """``price`` rounded to the tick; InvalidOrder if nothing is left."""
        return precision.price_to_precision(self.id, self.market(symbol), price)

    def cost_to_precision(self, symbol: str | None, cost: Any) -> str | None:
        """``cost`` cut to the tick."""
        return precision.cost_to_precision(self.market(symbol), cost)

    def calculate_fee(
        self,
        symbol: str,
        type: str,
        side: str,
        amount: float,
        price: float,
        takerOrMaker: str = "taker",  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Structure:
        """The presumable fee: of a spot order in the currency one gets, of a swap in the settlement one."""
        if type == "market" and takerOrMaker == "maker":
            raise error_class("ArgumentsRequired")(
                f"{self.id} calculateFee() - a market order cannot be maker"
            )
        market = self.market(symbol)
        role = "taker" if type == "market" else takerOrMaker
        in_quote = side == "sell"
        cost, rate = Decimal(str(amount)), Decimal(str(market[role]))
        if in_quote:
            cost = EXACT.multiply(cost, Decimal(str(price)))
        key = ("quote" if in_quote else "base") if market["spot"] else "settle"
        charged = float(EXACT.multiply(cost, rate))
        return {"type": role, "currency": market[key], "rate": float(rate), "cost": charged}

    def milliseconds(self) -> int:
        """Now, in ms; the one clock of a face: what has another time overrides it."""
        return time.time_ns() // 1_000_000

    def seconds(self) -> int:
        """Now, in whole seconds."""
        return self.milliseconds() // 1000

    def microseconds(self) -> int:
        """Now, in microseconds, to the ms."""
        return self.milliseconds() * 1000

    def nonce(self) -> int:
        """Now, in whole seconds."""
        return self.seconds()

    @staticmethod
    def iso8601(timestamp: Any = None) -> str | None:
        """A time in ms as text; None for what is none."""
        if isinstance(timestamp, bool) or not isinstance(timestamp, int | float | str):
            return None
        if isinstance(timestamp, str) and re.fullmatch("[0-9]+", timestamp) is None:
            return None
        return iso8601(int(timestamp)) if abs(float(timestamp)) < float("inf") else None

    @staticmethod
    def parse8601(timestamp: Any = None) -> int | None:
        """A text of date and time as ms, UTC if it names no zone; None for what is none."""
        if not isinstance(timestamp, str):
            return None
        try:
            moment = datetime.fromisoformat(timestamp)
        except ValueError:
            return None
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        whole = int(aware.replace(microsecond=0).timestamp())
        return whole * 1000 + aware.microsecond // 1000

    @staticmethod
    def parse_timeframe(timeframe: str) -> int:
        """A timeframe in seconds; NotSupported for an unknown unit."""
        if timeframe[-1] not in SECONDS:
            raise error_class("NotSupported")(f"timeframe unit {timeframe[-1]} is not supported")
        return int(timeframe[:-1]) * SECONDS[timeframe[-1]]

    # ---- the rest ---------------------------------------------------------------------------------

    def check_required_credentials(self, error: bool = True) -> bool:
        """True: a simulated exchange asks for none."""
        return True

    def set_sandbox_mode(self, enable: bool) -> None:
        """Notes the wish; there is one exchange only."""
        self.isSandboxModeEnabled = enable

    def __str__(self) -> str:
        return self.name

    def _supported(self) -> dict[str, Any]:
        """ccxt's ``has``: True for what is simulated, False for the rest."""
        kinds = {each.contract for each in self._listings.values()}
        kind: type = type(self)
        has = _methods_of(kind)
        said = {"publicAPI": True, "privateAPI": True, "CORS": None, "sandbox": True, "ws": True}
        return {**has, **said, "spot": False in kinds, "swap": True in kinds}

    def __getattr__(self, name: str) -> Any:
        """camelCase names, and a refusal of what ccxt has and nothing simulates, raised by the call."""
        if name in LOADED:
            self._fill()
            return self.__dict__[name]
        snake = SNAKE.get(name, name)
        if snake != name and (snake in ATTRIBUTES or hasattr(type(self), snake)):
            return getattr(self, snake)
        if snake not in KNOWN:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        message = f"{self.id} {name}() is not supported by the simulated exchange"
        if snake in COROUTINES:
            return _refusing_coroutine(message)
        return _refusing_function(message)


class Exchange(Facts, ABC):
    """What every async exchange has besides: the way out, and what it asks to know its own markets."""

    @abstractmethod
    async def _call(self, call: Call) -> Any:
        """Asks the exchange and gives its answer as ccxt would, or raises ccxt's error."""

    async def load_markets(self, reload: bool = False, params: Params = NO_PARAMS) -> dict[str, Structure]:
        """The markets by symbol; asks for them once, or again with ``reload``."""
        if reload or not self._is_loaded:
            await self.fetch_markets(params)
        self._load()
        assert self.markets is not None, "Invariant: loaded markets are there"
        return self.markets

    async def fetch_markets(self, params: Params = NO_PARAMS) -> list[Structure]:
        """All market structures. The listings are known here: the answer's content is not read."""
        await self._call(Fetch("markets"))
        taker, maker = self._fees
        return [market_structure(each, taker=taker, maker=maker) for each in self._listings.values()]

    async def fetch_currencies(self, params: Params = NO_PARAMS) -> dict[str, Structure]:
        """All currency structures by code; the answer's content is not read."""
        await self._call(Fetch("currencies"))
        return currencies_of(self._listings.values())

    async def sleep(self, milliseconds: float) -> None:
        """Waits on the running loop's clock."""
        await asyncio.sleep(milliseconds / 1000)

    async def throttle(self, cost: float | None = None) -> None:
        """Lets others run, once: nothing is limited on this side."""
        await asyncio.sleep(0)

    async def close(self, clean_instance_data: bool = False) -> None:
        """Notes it: there is nothing to give back."""
        self.closed_by_user = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@lru_cache(maxsize=16)
def _methods_of(kind: type) -> dict[str, Any]:
    return {key: hasattr(kind, SNAKE.get(key, key)) for key in HAS_KEYS}


def _refusing_coroutine(message: str) -> Any:
    """A method that raises when awaited."""

    async def _refuse(*_: Any, **__: Any) -> None:
        raise error_class("NotSupported")(message)

    return _refuse


def _refusing_function(message: str) -> Any:
    """A method that raises when called."""

    def _refuse(*_: Any, **__: Any) -> None:
        raise error_class("NotSupported")(message)

    return _refuse
