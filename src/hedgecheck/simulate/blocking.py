"""The exchange that a plain test's bot holds: every method of the async one, which waits and returns.

A method is the async one's own, run on the same facts: signature, checks and errors are said once.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from hedgecheck.fronts.ccxt.exchange import Facts
from hedgecheck.simulate.bridge import wait
from hedgecheck.simulate.exchange import SimExchange
from hedgecheck.simulate.market import Market

if TYPE_CHECKING:
    from typing import assert_type

    from hedgecheck.fronts.ccxt.structures import Structure

Parameters = ParamSpec("Parameters")
Value = TypeVar("Value")


def _waiting(
    method: Callable[Concatenate[SimExchange, Parameters], Coroutine[Any, Any, Value]],
) -> Callable[Concatenate["PlainExchange", Parameters], Value]:
    """The method of an async exchange as one that waits for what it comes to."""

    @wraps(method)
    def waits(self: "PlainExchange", /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Value:
        return wait(method(self._asynchronous(), *args, **kwargs))

    return waits


class PlainExchange(Facts):
    """One client of a simulated venue, with ccxt's unified API as ``ccxt.binance()`` has it: a call returns
    when the answer is there, and virtual time has passed. Raises ccxt's exceptions; ``UsageError`` where it
    is called from what cannot wait."""

    def __init__(self, market: Market, number: int) -> None:
        self.__dict__ = SimExchange(market, number).__dict__

    @classmethod
    def of(cls, exchange: SimExchange) -> "PlainExchange":
        """The same client as an async exchange."""
        made = cls.__new__(cls)
        made.__dict__ = exchange.__dict__
        return made

    def _asynchronous(self) -> SimExchange:
        """The same client, for whom calls are awaited."""
        exchange = object.__new__(SimExchange)
        exchange.__dict__ = self.__dict__
        return exchange

    def __getattr__(self, name: str) -> Any:
        """As the async exchange; what nothing simulates refuses when it is called."""
        found = super().__getattr__(name)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *args, **kwargs: wait(found(*args, **kwargs))

    load_markets = _waiting(SimExchange.load_markets)
    fetch_markets = _waiting(SimExchange.fetch_markets)
    fetch_currencies = _waiting(SimExchange.fetch_currencies)
    sleep = _waiting(SimExchange.sleep)
    throttle = _waiting(SimExchange.throttle)
    close = _waiting(SimExchange.close)

    fetch_time = _waiting(SimExchange.fetch_time)
    fetch_status = _waiting(SimExchange.fetch_status)
    fetch_ticker = _waiting(SimExchange.fetch_ticker)
    fetch_tickers = _waiting(SimExchange.fetch_tickers)
    fetch_order_book = _waiting(SimExchange.fetch_order_book)
    fetch_l2_order_book = _waiting(SimExchange.fetch_l2_order_book)
    fetch_ohlcv = _waiting(SimExchange.fetch_ohlcv)
    fetch_trades = _waiting(SimExchange.fetch_trades)
    fetch_balance = _waiting(SimExchange.fetch_balance)
    fetch_partial_balance = _waiting(SimExchange.fetch_partial_balance)
    fetch_free_balance = _waiting(SimExchange.fetch_free_balance)
    fetch_used_balance = _waiting(SimExchange.fetch_used_balance)
    fetch_total_balance = _waiting(SimExchange.fetch_total_balance)
    fetch_order = _waiting(SimExchange.fetch_order)
    fetch_open_order = _waiting(SimExchange.fetch_open_order)
    fetch_order_with_client_order_id = _waiting(SimExchange.fetch_order_with_client_order_id)
    fetch_order_status = _waiting(SimExchange.fetch_order_status)
    fetch_orders = _waiting(SimExchange.fetch_orders)
    fetch_open_orders = _waiting(SimExchange.fetch_open_orders)
    fetch_closed_orders = _waiting(SimExchange.fetch_closed_orders)
    fetch_canceled_orders = _waiting(SimExchange.fetch_canceled_orders)
    fetch_my_trades = _waiting(SimExchange.fetch_my_trades)
    fetch_order_trades = _waiting(SimExchange.fetch_order_trades)
    fetch_positions = _waiting(SimExchange.fetch_positions)
    fetch_position = _waiting(SimExchange.fetch_position)
    fetch_funding_rate = _waiting(SimExchange.fetch_funding_rate)
    fetch_trading_fees = _waiting(SimExchange.fetch_trading_fees)
    fetch_trading_fee = _waiting(SimExchange.fetch_trading_fee)
    watch_ticker = _waiting(SimExchange.watch_ticker)
    watch_tickers = _waiting(SimExchange.watch_tickers)
    watch_order_book = _waiting(SimExchange.watch_order_book)
    watch_ohlcv = _waiting(SimExchange.watch_ohlcv)
    watch_trades = _waiting(SimExchange.watch_trades)
    watch_orders = _waiting(SimExchange.watch_orders)
    watch_my_trades = _waiting(SimExchange.watch_my_trades)
    watch_balance = _waiting(SimExchange.watch_balance)
    watch_positions = _waiting(SimExchange.watch_positions)

    create_order = _waiting(SimExchange.create_order)
    edit_order = _waiting(SimExchange.edit_order)
    cancel_order = _waiting(SimExchange.cancel_order)
    cancel_order_with_client_order_id = _waiting(SimExchange.cancel_order_with_client_order_id)
    cancel_orders = _waiting(SimExchange.cancel_orders)
    cancel_all_orders = _waiting(SimExchange.cancel_all_orders)
    create_limit_order = _waiting(SimExchange.create_limit_order)
    create_market_order = _waiting(SimExchange.create_market_order)
    create_limit_buy_order = _waiting(SimExchange.create_limit_buy_order)
    create_limit_sell_order = _waiting(SimExchange.create_limit_sell_order)
    create_market_buy_order = _waiting(SimExchange.create_market_buy_order)
    create_market_sell_order = _waiting(SimExchange.create_market_sell_order)
    create_stop_order = _waiting(SimExchange.create_stop_order)
    create_stop_limit_order = _waiting(SimExchange.create_stop_limit_order)
    create_stop_market_order = _waiting(SimExchange.create_stop_market_order)
    create_trigger_order = _waiting(SimExchange.create_trigger_order)
    create_stop_loss_order = _waiting(SimExchange.create_stop_loss_order)
    create_reduce_only_order = _waiting(SimExchange.create_reduce_only_order)
    create_post_only_order = _waiting(SimExchange.create_post_only_order)
    edit_limit_order = _waiting(SimExchange.edit_limit_order)
    edit_limit_buy_order = _waiting(SimExchange.edit_limit_buy_order)
    edit_limit_sell_order = _waiting(SimExchange.edit_limit_sell_order)
    create_order_ws = _waiting(SimExchange.create_order_ws)
    cancel_order_ws = _waiting(SimExchange.cancel_order_ws)
    set_leverage = _waiting(SimExchange.set_leverage)
    set_margin_mode = _waiting(SimExchange.set_margin_mode)
    set_position_mode = _waiting(SimExchange.set_position_mode)


if TYPE_CHECKING:  # what a type checker sees is what the async methods say

    def _typed(exchange: PlainExchange) -> None:
        assert_type(exchange.load_markets(), dict[str, Structure])
        assert_type(exchange.cancel_orders(["1"]), list[Any])
        assert_type(exchange.close(), None)
