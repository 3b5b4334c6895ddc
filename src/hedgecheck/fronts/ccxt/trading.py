"""What a bot orders: the methods that create, edit and cancel orders and set up an account."""

from typing import Any

from hedgecheck.fronts.ccxt.arguments import NO_PARAMS, Params, new_order, order_id_of
from hedgecheck.fronts.ccxt.calls import CancelAll, CancelOrder, Configure, EditOrder
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.reading import Reading

Num = str | float | int | None
LEVERAGE_MAX = 125


class Trading(Reading):
    """Methods that change something. Each checks its arguments, then asks once."""

    async def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """Places a limit or market order: ``amount`` in the base currency, ``price`` in the quote currency.
        params: clientOrderId, timeInForce (GTC, IOC, PO), postOnly, reduceOnly; triggerPrice, stopPrice or
        stopLossPrice for a stop order, which waits until the market is at that price or beyond, above it to
        buy and below to sell. The price of a market order is ignored. InvalidOrder, ArgumentsRequired,
        BadSymbol or NotSupported before anything is asked."""
        call = new_order(self.id, self._listing(symbol), type, side, amount, price, params)
        return await self._call(call)

    async def edit_order(
        self,
        id: str,
        symbol: str,
        type: str,
        side: str,
        amount: Num = None,
        price: Num = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """Puts an order in the place of the open order ``id``; arguments as those of ``create_order``."""
        if id in (None, ""):
            raise error_class("ArgumentsRequired")(f"{self.id} editOrder() requires an id argument")
        order = new_order(self.id, self._listing(symbol), type, side, amount, price, params)
        return await self._call(EditOrder(str(id), order))

    async def cancel_order(self, id: str, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """Cancels an order, by the exchange's id or by params clientOrderId."""
        order_id, client_order_id = order_id_of(self.id, id, params, "cancelOrder")
        return await self._call(CancelOrder(order_id, client_order_id, self._symbol(symbol)))

    async def cancel_order_with_client_order_id(
        self,
        clientOrderId: str,  # noqa: N803
        symbol: str | None = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """Cancels an order, by the client's id."""
        return await self.cancel_order("", symbol, {**params, "clientOrderId": clientOrderId})

    async def cancel_orders(
        self, ids: list[str], symbol: str | None = None, params: Params = NO_PARAMS
    ) -> list[Any]:
        """Cancels orders one after another; the first that fails ends it."""
        return [await self.cancel_order(each, symbol, params) for each in ids]

    async def cancel_all_orders(self, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """Cancels the open orders of a market, of all with None."""
        return await self._call(CancelAll(self._symbol(symbol)))

    # ---- conveniences -----------------------------------------------------------------------------

    async def create_limit_order(
        self, symbol: str, side: str, amount: float, price: float, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` of type limit."""
        return await self.create_order(symbol, "limit", side, amount, price, params)

    async def create_market_order(
        self, symbol: str, side: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` of type market."""
        return await self.create_order(symbol, "market", side, amount, price, params)

    async def create_limit_buy_order(
        self, symbol: str, amount: float, price: float, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` of type limit that buys."""
        return await self.create_order(symbol, "limit", "buy", amount, price, params)

    async def create_limit_sell_order(
        self, symbol: str, amount: float, price: float, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` of type limit that sells."""
        return await self.create_order(symbol, "limit", "sell", amount, price, params)

    async def create_market_buy_order(self, symbol: str, amount: float, params: Params = NO_PARAMS) -> Any:
        """``create_order`` of type market that buys."""
        return await self.create_order(symbol, "market", "buy", amount, None, params)

    async def create_market_sell_order(self, symbol: str, amount: float, params: Params = NO_PARAMS) -> Any:
        """``create_order`` of type market that sells."""
        return await self.create_order(symbol, "market", "sell", amount, None, params)

    async def create_stop_order(
        self,
        symbol: str,
        type: str,
        side: str,
        amount: float,
        price: Num = None,
        triggerPrice: Num = None,  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Any:
        """``create_order`` that waits for ``triggerPrice``."""
        stop = self._required("create_stop_order", "stopPrice", triggerPrice)
        return await self.create_order(symbol, type, side, amount, price, {**params, "stopPrice": stop})

    async def create_stop_limit_order(
        self,
        symbol: str,
        side: str,
        amount: float,
        price: float,
        triggerPrice: float,  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Any:
        """``create_order`` of type limit that waits for ``triggerPrice``."""
        return await self.create_order(
            symbol, "limit", side, amount, price, {**params, "stopPrice": triggerPrice}
        )

    async def create_stop_market_order(
        self,
        symbol: str,
        side: str,
        amount: float,
        triggerPrice: float,  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Any:
        """``create_order`` of type market that waits for ``triggerPrice``."""
        return await self.create_order(
            symbol, "market", side, amount, None, {**params, "stopPrice": triggerPrice}
        )

    async def create_trigger_order(
        self,
        symbol: str,
        type: str,
        side: str,
        amount: float,
        price: Num = None,
        triggerPrice: Num = None,  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Any:
        """``create_order`` that waits for ``triggerPrice``."""
        trigger = self._required("createTriggerOrder", "triggerPrice", triggerPrice)
        return await self.create_order(symbol, type, side, amount, price, {**params, "triggerPrice": trigger})

    async def create_stop_loss_order(
        self,
        symbol: str,
        type: str,
        side: str,
        amount: float,
        price: Num = None,
        stopLossPrice: Num = None,  # noqa: N803
        params: Params = NO_PARAMS,
    ) -> Any:
        """``create_order`` that waits for ``stopLossPrice``."""
        stop = self._required("createStopLossOrder", "stopLossPrice", stopLossPrice)
        return await self.create_order(symbol, type, side, amount, price, {**params, "stopLossPrice": stop})

    def _required(self, method: str, name: str, price: Num) -> Num:
        if price is None:
            raise error_class("ArgumentsRequired")(f"{self.id} {method}() requires a {name} argument")
        return price

    async def create_reduce_only_order(
        self, symbol: str, type: str, side: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` that can only make a position smaller."""
        return await self.create_order(symbol, type, side, amount, price, {**params, "reduceOnly": True})

    async def create_post_only_order(
        self, symbol: str, type: str, side: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` that can only make."""
        return await self.create_order(symbol, type, side, amount, price, {**params, "postOnly": True})

    async def edit_limit_order(
        self,
        id: str,
        symbol: str,
        side: str,
        amount: float,
        price: Num = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """``edit_order`` of type limit."""
        return await self.edit_order(id, symbol, "limit", side, amount, price, params)

    async def edit_limit_buy_order(
        self, id: str, symbol: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``edit_order`` of type limit that buys."""
        return await self.edit_limit_order(id, symbol, "buy", amount, price, params)

    async def edit_limit_sell_order(
        self, id: str, symbol: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``edit_order`` of type limit that sells."""
        return await self.edit_limit_order(id, symbol, "sell", amount, price, params)

    async def create_order_ws(
        self, symbol: str, type: str, side: str, amount: float, price: Num = None, params: Params = NO_PARAMS
    ) -> Any:
        """``create_order`` over a stream, which makes no difference here."""
        return await self.create_order(symbol, type, side, amount, price, params)

    async def cancel_order_ws(self, id: str, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """``cancel_order`` over a stream, which makes no difference here."""
        return await self.cancel_order(id, symbol, params)

    # ---- the account ------------------------------------------------------------------------------

    async def set_leverage(self, leverage: int, symbol: str | None = None, params: Params = NO_PARAMS) -> Any:
        """Sets the leverage of a contract, 1 to 125; BadRequest beyond."""
        if symbol is None:
            raise error_class("ArgumentsRequired")(f"{self.id} setLeverage() requires a symbol argument")
        if not isinstance(leverage, int | float) or not 1 <= leverage <= LEVERAGE_MAX:
            raise error_class("BadRequest")(f"{self.id} leverage should be between 1 and {LEVERAGE_MAX}")
        return await self._call(Configure("leverage", self._contract(symbol, "setLeverage"), int(leverage)))

    async def set_margin_mode(
        self,
        marginMode: str,  # noqa: N803
        symbol: str | None = None,
        params: Params = NO_PARAMS,
    ) -> Any:
        """Sets the margin mode of a contract: cross or isolated; BadRequest else."""
        if symbol is None:
            raise error_class("ArgumentsRequired")(f"{self.id} setMarginMode() requires a symbol argument")
        mode = str(marginMode).lower()
        if mode not in ("cross", "isolated"):
            raise error_class("BadRequest")(f"{self.id} marginMode must be either cross or isolated")
        return await self._call(Configure("margin_mode", self._contract(symbol, "setMarginMode"), mode))

    async def set_position_mode(
        self, hedged: bool, symbol: str | None = None, params: Params = NO_PARAMS
    ) -> Any:
        """Chooses between a long and a short position side by side (True) and one net position."""
        return await self._call(Configure("position_mode", self._symbol(symbol), bool(hedged)))
