"""What ccxt's structures say of an order, in the kit's words: exactly, or ``Unreadable``.

Fills have the venue's trade ids. Where a venue shows none, each increase of ``filled`` is one fill, whose id
is what is filled by then: told again it has the same, and is booked once.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from hedgecheck.live.brokers.ccxt_markets import (
    EXACT,
    CcxtMarket,
    Unreadable,
    down,
    number,
    steps,
    up,
)
from hedgecheck.messages import Canceled, Expired, Filled, OrderStatus, Rejected, Side
from hedgecheck.values import frozen

Structure = Mapping[str, Any]
Fills = Literal["trades", "cumulative"]
Rates = Mapping[str, Decimal]  # what one unit of a currency is worth in the quote currency
STATUSES: dict[str, OrderStatus] = {
    "open": "open",
    "closed": "closed",
    "canceled": "canceled",
    "cancelled": "canceled",
    "expired": "expired",
    "rejected": "rejected",
}
SIDES: dict[str, Side] = {"buy": "buy", "sell": "sell"}


@frozen
class Booked:
    """What was told of an order so far, of a venue without trade ids; money in its units."""

    lots: int = 0
    cost: Decimal = Decimal(0)
    fee_money: int = 0
    fee_lots: int = 0


@frozen
class Reading:
    """An order as the venue shows it; None is what it does not say."""

    id: str | None
    name: str | None
    side: Side | None
    status: OrderStatus | None
    amount: int | None
    filled: int | None

    @property
    def is_over(self) -> bool:
        """Whether the venue says that nothing more will be filled."""
        return self.status not in (None, "open")


def reading(market: CcxtMarket, raw: Structure) -> Reading:
    """An order structure, less its fills. Raises ``Unreadable``, for numbers and for a word of no status."""
    status, id, name = raw.get("status"), raw.get("id"), raw.get("clientOrderId")
    if status is not None and status not in STATUSES:
        raise Unreadable(f"there is no status {status!r}")
    amount, filled = (raw.get(each) for each in ("amount", "filled"))
    return Reading(
        str(id) if id not in (None, "") else None,
        str(name) if name not in (None, "") else None,
        SIDES.get(str(raw.get("side"))),
        None if status is None else STATUSES[status],
        steps(amount, market.lot) if amount else None,
        None if filled is None else steps(filled, market.lot),
    )


def end_of(name: str, order: Reading, asked: int | None) -> Canceled | Expired | Rejected | None:
    """The report of an order's end; none where it works, or is filled to the end. ``asked``: its lots, where
    the venue does not say; what is closed with less has expired."""
    filled, whole = order.filled or 0, order.amount or asked or 0
    if order.status == "rejected":
        return Rejected(name, "REJECTED")
    if order.status == "canceled":
        return Canceled(name, filled)
    if order.status == "expired" or (order.status == "closed" and filled < whole):
        return Expired(name, filled)
    return None


# ---- fills -----------------------------------------------------------------------------------------------


def fills_of(
    market: CcxtMarket, name: str, side: Side | None, trades: Iterable[Structure], rates: Rates
) -> tuple[Filled, ...]:
    """The trades of an order, as fills. Raises ``Unreadable``, as for one without an id."""
    return tuple([_fill(market, name, side, each, rates) for each in trades])


def _fill(market: CcxtMarket, name: str, side: Side | None, trade: Structure, rates: Rates) -> Filled:
    side = SIDES.get(str(trade.get("side"))) or side
    lots, ticks = steps(trade.get("amount"), market.lot), steps(trade.get("price"), market.tick)
    if trade.get("id") in (None, "") or side is None or not lots or not ticks:
        raise Unreadable("a trade without id, side, amount or price")
    money, fee_lots = _fee(market, trade, market.lot_value(Decimal(lots * ticks)), rates)
    id = f"{market.symbol} {trade['id']}"  # some venues count the trades of each symbol for itself
    return Filled(name, id, market.symbol, side, lots, ticks, money, fee_lots)


def increase(
    market: CcxtMarket, name: str, side: Side | None, raw: Structure, before: Booked, rates: Rates
) -> tuple[tuple[Filled, ...], Booked]:
    """The fill that an order has more than was told before, if any, and what is told by then.

    Its price is rounded to a tick so that it is paid too dear; its fee is what the order's has grown by.
    """
    side, filled = SIDES.get(str(raw.get("side"))) or side, steps(raw.get("filled"), market.lot)
    more = filled - before.lots
    if more <= 0:
        return (), before
    average = number(raw.get("average") if raw.get("average") is not None else raw.get("price"))
    if side is None or average <= 0:
        raise Unreadable("an order without side or average price")
    cost = EXACT.multiply(EXACT.divide(average, market.tick), Decimal(filled))  # in ticks x lots
    money, fee_lots = _fee(market, raw, market.lot_value(cost), rates)
    if before.lots and not before.cost:  # told by an earlier process: its part of all
        part = Decimal(before.lots) / filled
        before = Booked(before.lots, cost * part, int(money * part), int(fee_lots * part))
    price = EXACT.divide(max(Decimal(0), cost - before.cost), more)
    ticks = max(1, up(price, Decimal(1)) if side == "buy" else down(price, Decimal(1)))
    now = Booked(filled, cost, max(money, before.fee_money), max(fee_lots, before.fee_lots))
    charged, taken = now.fee_money - before.fee_money, min(more, now.fee_lots - before.fee_lots)
    return (Filled(name, f"{name} at {filled}", market.symbol, side, more, ticks, charged, taken),), now


def _fee(market: CcxtMarket, raw: Structure, cost: Decimal, rates: Rates) -> tuple[int, int]:
    """The fee in units of money, and in lots where it is taken in the base currency itself.

    Rounded up, each. One that the venue does not say, or that is in a currency of no known rate, is the
    market's taker fee of the cost, which is in units of money.
    """
    charges = [each for each in _fees(raw) if each.get("cost") is not None]
    estimate = EXACT.multiply(cost, market.taker)
    money, lots = Decimal(0) if charges else estimate, 0
    for each in charges:
        currency, charged = each.get("currency"), number(each["cost"])
        if currency == market.base and charged >= 0 and not market.is_contract:
            lots += up(charged, market.lot)
        elif currency == market.quote or currency in rates:
            rate = rates.get(str(currency), Decimal(1))
            money += EXACT.divide(EXACT.multiply(charged, rate), market.money)
        else:
            money += estimate
    return up(money, Decimal(1)), lots


def _fees(raw: Structure) -> list[Structure]:
    return list(raw.get("fees") or ([raw["fee"]] if raw.get("fee") else []))
