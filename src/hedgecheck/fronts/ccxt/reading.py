"""What a bot reads: the ``fetch_*`` and ``watch_*`` methods, with ccxt's signatures."""

from typing import Any

from hedgecheck.fronts.ccxt.arguments import NO_PARAMS, Params, order_id_of, whole
from hedgecheck.fronts.ccxt.calls import Fetch, Watch
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.exchange import Exchange
from hedgecheck.fronts.ccxt.names import camel

# ccxt's declarations: optional since and limit
Whole = int | None
SymbolList = list[str] | None


class Reading(Exchange):
    """Methods that change nothing. Each checks its arguments, then asks once."""

    async def fetch_time(self, params: Params = NO_PARAMS) -> Any:
        """The exchange's clock, in ms."""
        return await self._call(Fetch("time"))

    async def fetch_status(self, params: Params = NO_PARAMS) -> Any:
        """Whether the exchange works."""
        return await self._call(Fetch("status"))

    async def fetch_ticker(self, symbol: str, params: Params = NO_PARAMS) -> Any:
        """The ticker of a market."""
        return await self._call(Fetch("ticker", symbol=self._listing(symbol).symbol))

    async def fetch_tickers(self, symbols: SymbolList = None, params: Params = NO_PARAMS) -> Any:
        """Tickers by symbol, of all markets with None."""
        return await self._call(Fetch("tickers", symbols=self._symbols(symbols)))

    async def fetch_order_book(self, symbol: str, limit: Whole = None, params: Params = NO_PARAMS) -> Any:
        """The order book; ``limit`` levels of each side."""
        return await self._rows("order_book", self._listing(symbol).symbol, None, limit)

    async def fetch_l2_order_book(self, symbol: str, limit: Whole = None, params: Params = NO_PARAMS) -> Any:
        """The order book by price, as all order books here are."""
        return await self.fetch_order_book(symbol, limit, params)

    async def fetch_ohlcv(
        self,
        symbol: str,
        timeframe: str = "1m",
        since: Whole = None,
        limit: Whole = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """Candles from ``since`` (ms) on."""
        return await self._rows("ohlcv", self._listing(symbol).symbol, since, limit, timeframe)

    async def fetch_trades(
        self, symbol: str, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Public trades from ``since`` (ms) on."""
        return await self._rows("trades", self._listing(symbol).symbol, since, limit)

    async def fetch_balance(self, params: Params = NO_PARAMS) -> Any:
        """Balances by currency."""
        return await self._call(Fetch("balance"))

    async def fetch_partial_balance(self, part: Any, params: Params = NO_PARAMS) -> Any:
        """One part of the balances: free, used, total or a currency."""
        balance = await self.fetch_balance(params)
        return balance[part]

    async def fetch_free_balance(self, params: Params = NO_PARAMS) -> Any:
        """The free amount of each currency."""
        return await self.fetch_partial_balance("free", params)

    async def fetch_used_balance(self, params: Params = NO_PARAMS) -> Any:
        """The used amount of each currency."""
        return await self.fetch_partial_balance("used", params)

    async def fetch_total_balance(self, params: Params = NO_PARAMS) -> Any:
        """The total amount of each currency."""
        return await self.fetch_partial_balance("total", params)

    async def fetch_order(self, id: str, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """An order, by the exchange's id or by params clientOrderId."""
        order_id, client_order_id = order_id_of(self.id, id, params, "fetchOrder")
        call = Fetch("order", symbol=self._symbol(symbol), id=order_id, client_order_id=client_order_id)
        return await self._call(call)

    async def fetch_open_order(self, id: str, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """An order that is open, as ``fetch_order``."""
        return await self.fetch_order(id, symbol, params)

    async def fetch_order_with_client_order_id(
        self,
        clientOrderId: str,  # noqa: N803
        symbol: str | None = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """An order, by the client's id."""
        return await self.fetch_order("", symbol, {**params, "clientOrderId": clientOrderId})

    async def fetch_order_status(self, id: str, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """The status of an order: open, closed, canceled, expired or rejected."""
        order = await self.fetch_order(id, symbol, params)
        return order["status"]

    async def fetch_orders(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Orders from ``since`` (ms) on, of all markets with None."""
        return await self._rows("orders", self._symbol(symbol), since, limit)

    async def fetch_open_orders(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Open orders from ``since`` (ms) on, of all markets with None."""
        return await self._rows("open_orders", self._symbol(symbol), since, limit)

    async def fetch_closed_orders(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Orders filled to the end from ``since`` (ms) on, of all markets with None."""
        return await self._rows("closed_orders", self._symbol(symbol), since, limit)

    async def fetch_canceled_orders(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Canceled orders from ``since`` (ms) on, of all markets with None."""
        return await self._rows("canceled_orders", self._symbol(symbol), since, limit)

    async def fetch_my_trades(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """Trades of the account from ``since`` (ms) on, of all markets with None."""
        return await self._rows("my_trades", self._symbol(symbol), since, limit)

    async def fetch_order_trades(
        self,
        id: str,
        symbol: str | None = None,
        since: Whole = None,
        limit: Whole = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """The trades of an order."""
        order_id, client_order_id = order_id_of(self.id, id, params, "fetchOrderTrades")
        since = whole(self.id, "fetchOrderTrades", "since", since)
        limit = whole(self.id, "fetchOrderTrades", "limit", limit)
        chosen = self._symbol(symbol)
        call = Fetch("order_trades", chosen, None, order_id, client_order_id, since, limit)
        return await self._call(call)

    async def fetch_positions(self, symbols: SymbolList = None, params: Params = NO_PARAMS) -> Any:
        """Positions, of all markets with None."""
        return await self._call(Fetch("positions", symbols=self._symbols(symbols)))

    async def fetch_position(self, symbol: str, params: Params = NO_PARAMS) -> Any:
        """The position of a contract."""
        return await self._call(Fetch("position", symbol=self._contract(symbol, "fetchPosition")))

    async def fetch_funding_rate(self, symbol: str, params: Params = NO_PARAMS) -> Any:
        """The funding rate of a contract."""
        return await self._call(Fetch("funding_rate", symbol=self._contract(symbol, "fetchFundingRate")))

    async def fetch_trading_fees(self, params: Params = NO_PARAMS) -> Any:
        """Fees by symbol."""
        return await self._call(Fetch("trading_fees"))

    async def fetch_trading_fee(self, symbol: str, params: Params = NO_PARAMS) -> Any:
        """The fees of a market."""
        chosen = self._listing(symbol).symbol
        fees = await self.fetch_trading_fees(params)
        return fees.get(chosen)

    async def watch_ticker(self, symbol: str, params: Params = NO_PARAMS) -> Any:
        """The next ticker of a market."""
        return await self._call(Watch("ticker", symbol=self._listing(symbol).symbol))

    async def watch_tickers(self, symbols: SymbolList = None, params: Params = NO_PARAMS) -> Any:
        """The next tickers, by symbol."""
        return await self._call(Watch("tickers", symbols=self._symbols(symbols)))

    async def watch_order_book(self, symbol: str, limit: Whole = None, params: Params = NO_PARAMS) -> Any:
        """The next order book."""
        return await self._stream("order_book", self._listing(symbol).symbol, None, limit)

    async def watch_ohlcv(
        self,
        symbol: str,
        timeframe: str = "1m",
        since: Whole = None,
        limit: Whole = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """The next candles."""
        return await self._stream("ohlcv", self._listing(symbol).symbol, since, limit, timeframe)

    async def watch_trades(
        self, symbol: str, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """The next public trades."""
        return await self._stream("trades", self._listing(symbol).symbol, since, limit)

    async def watch_orders(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """The next changes of the account's orders."""
        return await self._stream("orders", self._symbol(symbol), since, limit)

    async def watch_my_trades(
        self, symbol: str | None = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """The next trades of the account."""
        return await self._stream("my_trades", self._symbol(symbol), since, limit)

    async def watch_balance(self, params: Params = NO_PARAMS) -> Any:
        """The next balances."""
        return await self._call(Watch("balance"))

    async def watch_positions(
        self, symbols: SymbolList = None, since: Whole = None, limit: Whole = None, params: Params = NO_PARAMS
    ) -> Any:
        """The next changes of positions."""
        since = whole(self.id, "watchPositions", "since", since)
        limit = whole(self.id, "watchPositions", "limit", limit)
        return await self._call(Watch("positions", None, self._symbols(symbols), since, limit))

    async def _rows(
        self, what: str, symbol: str | None, since: Any, limit: Any, timeframe: Any = None
    ) -> Any:
        """Fetches rows of something, once since, limit and timeframe make sense."""
        method = camel(f"fetch_{what}")
        since_ms, limit = self._range(method, since, limit, timeframe)
        return await self._call(Fetch(what, symbol, since=since_ms, limit=limit, timeframe=timeframe))

    async def _stream(
        self, what: str, symbol: str | None, since: Any, limit: Any, timeframe: Any = None
    ) -> Any:
        """Watches something, once since, limit and timeframe make sense."""
        method = camel(f"watch_{what}")
        since_ms, limit = self._range(method, since, limit, timeframe)
        return await self._call(Watch(what, symbol, since=since_ms, limit=limit, timeframe=timeframe))

    def _range(self, method: str, since: Any, limit: Any, timeframe: Any) -> tuple[Whole, Whole]:
        """Since in ms, and limit; BadRequest for what is no number or no timeframe."""
        if timeframe is not None and timeframe not in self.timeframes:
            raise error_class("BadRequest")(f"{self.id} {method}() does not have timeframe {timeframe!r}")
        return whole(self.id, method, "since", since), whole(self.id, method, "limit", limit)

    def _contract(self, symbol: str | None, method: str) -> str:
        """The symbol of a contract; NotSupported for a spot market, as in ccxt."""
        listing = self._listing(symbol)
        if not listing.contract:
            raise error_class("NotSupported")(f"{self.id} {method}() supports linear contracts only")
        return listing.symbol
