"""What a bot passes to a unified method, checked and turned into a call: pure, and as strict as ccxt.

Refuses what would otherwise be read as something else: a trailing stop sent as a plain order would fill at
once. Parameters that mean nothing here are ignored, as ccxt passes them on without reading them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hedgecheck.fronts.ccxt.calls import NewOrder
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import Listing, lots_of, ticks_of
from hedgecheck.messages import Side

Params = Mapping[str, Any]

NO_PARAMS: Params = MappingProxyType({})
# parameters that make another order of it
REFUSED = (
    *("takeProfitPrice", "stopLoss", "takeProfit"),
    *("trailingPercent", "trailingAmount", "trailingDelta", "callbackRate", "trailingTriggerPrice"),
    *("activationPrice", "priceMatch", "cost", "quoteOrderQty", "icebergAmount"),
    *("test", "closePosition", "hedged"),
)
STOP_PRICES = ("stopLossPrice", "triggerPrice", "stopPrice")  # the first that is there counts, as in ccxt
STOP_TYPES = {  # what the stop order is once it is triggered
    "stop": "limit",
    "stop_limit": "limit",
    "stop_loss_limit": "limit",
    "stop_market": "market",
    "stop_loss": "market",
}
SIDES: dict[str, Side] = {"buy": "buy", "sell": "sell"}


def new_order(
    id: str, listing: Listing, type: Any, side: Any, amount: Any, price: Any, params: Params
) -> NewOrder:
    """The order asked for, in lots and ticks. ``id`` is the exchange's, for messages. ArgumentsRequired,
    InvalidOrder or NotSupported for what makes no sense or is not simulated. The price of a market order is
    ignored."""
    _refuse_other_orders(id, params)
    chosen_side = _side(id, side)
    kind, maker_only = _type(id, listing.symbol, type)
    immediate, post_only = _validity(id, kind, maker_only, params)
    stop_price = _stop_price(id, type, params)
    if stop_price is not None and post_only:
        raise error_class("InvalidOrder")(f"{id} stop orders cannot be postOnly")
    lots = lots_of(listing, amount, id)
    if kind == "limit" and price is None:
        raise error_class("InvalidOrder")(f"{id} createOrder() requires a price argument for a {type} order")
    return NewOrder(
        symbol=listing.symbol,
        type=kind,
        side=chosen_side,
        amount=lots,
        price=ticks_of(listing, price, id) if kind == "limit" else None,
        client_order_id=client_order_id_of(params),
        reduce_only=params.get("reduceOnly") is True,
        immediate=immediate,
        post_only=post_only,
        stop_price=None if stop_price is None else ticks_of(listing, stop_price, id),
    )


def _refuse_other_orders(id: str, params: Params) -> None:
    """NotSupported for take-profit, trailing, iceberg and cost orders."""
    for name in REFUSED:
        if params.get(name) not in (None, False):
            raise error_class("NotSupported")(
                f"{id} createOrder() with {name} is not supported by the simulated exchange"
            )


def _side(id: str, side: Any) -> Side:
    """buy or sell, in capitals or not."""
    if side is None:
        raise error_class("ArgumentsRequired")(f"{id} requires a side argument")
    chosen = SIDES.get(side.lower()) if isinstance(side, str) else None
    if chosen is None:
        raise error_class("InvalidOrder")(f"{id} createOrder() side must be buy or sell, not {side!r}")
    return chosen


def _type(id: str, symbol: str, type: Any) -> tuple[str, bool]:
    """The type, that of a stop order once it is triggered, and whether it is Binance's limit_maker."""
    kind = type.lower() if isinstance(type, str) else ""
    if kind in ("limit", "market"):
        return kind, False
    if kind in STOP_TYPES:
        return STOP_TYPES[kind], False
    if kind == "limit_maker":
        return "limit", True
    if any(word in kind for word in ("stop", "take_profit", "trailing")):
        raise error_class("NotSupported")(f"{id} {type} orders are not supported by the simulated exchange")
    if type is None:
        raise error_class("ArgumentsRequired")(f"{id} createOrder() requires a type argument")
    raise error_class("InvalidOrder")(f"{id} {type} is not a valid order type for the {symbol} market")


def _stop_price(id: str, type: Any, params: Params) -> Any:
    """What the client gave as the stop price; None for an order that has none. InvalidOrder where the type
    needs one."""
    for name in STOP_PRICES:
        if params.get(name) not in (None, False):
            return params[name]
    if isinstance(type, str) and type.lower() in STOP_TYPES:
        raise error_class("InvalidOrder")(
            f"{id} createOrder() requires a triggerPrice extra param for a {type} order"
        )
    return None


def _validity(id: str, kind: str, maker_only: bool, params: Params) -> tuple[bool, bool]:
    """Whether what does not fill at once is canceled, and whether it may only make."""
    stated = params.get("timeInForce")
    time_in_force = "GTC" if stated is None else str(stated).upper()
    if time_in_force not in ("GTC", "IOC", "PO", "GTX"):
        raise error_class("NotSupported")(
            f"{id} createOrder() timeInForce {stated} is not supported by the simulated exchange"
        )
    post_only = maker_only or params.get("postOnly") is True or time_in_force in ("PO", "GTX")
    if post_only and time_in_force == "IOC":
        raise error_class("InvalidOrder")(f"{id} postOnly orders cannot have timeInForce equal to IOC")
    if post_only and kind == "market":
        raise error_class("InvalidOrder")(f"{id} market orders cannot be postOnly")
    return time_in_force == "IOC", post_only


def client_order_id_of(params: Params) -> str | None:
    """The client's own id of an order, under any of the names in use; numbers are taken as text."""
    for name in ("clientOrderId", "newClientOrderId", "origClientOrderId"):
        if params.get(name) not in (None, ""):
            return str(params[name])
    return None


def order_id_of(exchange_id: str, id: Any, params: Params, method: str) -> tuple[str | None, str | None]:
    """The exchange's id of an order and the client's; ArgumentsRequired with neither. Given both, the
    client's counts alone, as in ccxt."""
    client_order_id = client_order_id_of(params)
    if client_order_id is not None:
        return None, client_order_id
    if id in (None, ""):
        raise error_class("ArgumentsRequired")(f"{exchange_id} {method}() requires an id argument")
    return str(id), None


def whole(id: str, method: str, name: str, value: Any) -> int | None:
    """``since`` in ms or ``limit``: a whole number, or None; BadRequest for what is no number."""
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        message = f"{id} {method}() {name} must be a whole number, not {value!r}"
    raise error_class("BadRequest")(message)
