"""What a client asks of the exchange: one frozen record per request, after all arguments were checked.

Amounts are int lots and prices int ticks of the symbol's listing, times int ms. ``what`` is the noun of the
unified method: ``fetch_open_orders`` is ``Fetch("open_orders")``.
"""

from hedgecheck.messages import Side
from hedgecheck.values import frozen


@frozen
class NewOrder:
    """``create_order``. ``type`` is "limit" or "market"; ``price`` is None for a market order, and only then;
    ``immediate`` is timeInForce IOC. With a ``stop_price`` it waits for the market to get there."""

    symbol: str
    type: str
    side: Side
    amount: int
    price: int | None = None
    client_order_id: str | None = None
    reduce_only: bool = False
    immediate: bool = False
    post_only: bool = False
    stop_price: int | None = None


@frozen
class EditOrder:
    """``edit_order``: ``order`` in place of the order ``id``."""

    id: str
    order: NewOrder


@frozen
class CancelOrder:
    """``cancel_order``, by the exchange's id or by the client's; one of them is there."""

    id: str | None
    client_order_id: str | None = None
    symbol: str | None = None


@frozen
class CancelAll:
    """``cancel_all_orders`` of one symbol, or of all with None."""

    symbol: str | None = None


@frozen
class Fetch:
    """Every ``fetch_*``; ``since`` in ms, ``limit`` a count, ``timeframe`` as in ccxt ("1m")."""

    what: str
    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    id: str | None = None
    client_order_id: str | None = None
    since: int | None = None
    limit: int | None = None
    timeframe: str | None = None


@frozen
class Watch:
    """Every ``watch_*``: the next message of a stream; fields as those of ``Fetch``."""

    what: str
    symbol: str | None = None
    symbols: tuple[str, ...] | None = None
    since: int | None = None
    limit: int | None = None
    timeframe: str | None = None


@frozen
class Configure:
    """``set_leverage``, ``set_margin_mode``, ``set_position_mode``: ``what`` is "leverage" (value an int),
    "margin_mode" ("cross" or "isolated") or "position_mode" (True is hedged)."""

    what: str
    symbol: str | None
    value: int | str | bool


Call = NewOrder | EditOrder | CancelOrder | CancelAll | Fetch | Watch | Configure


def symbol_of(call: Call) -> str:
    """The symbol that a call is about; empty where it names none."""
    return call.order.symbol if isinstance(call, EditOrder) else getattr(call, "symbol", None) or ""
