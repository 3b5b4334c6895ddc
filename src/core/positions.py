"""Fills to positions, cash, fees, realised and unrealised profit.

Average cost per symbol. Equity is exact whatever the rounding of an average: what realised profit gains
by rounding, unrealised loses. Knows nothing of orders that are not filled.
"""

from bisect import bisect_left

from core.memo import latest
from core.messages import Fill
from core.orders import Order, position_change
from core.settings import Instrument, Settings, instrument
from core.units import Money, Side, Ticks, sign
from core.values import frozen

Prices = tuple[tuple[str, Ticks | None], ...]  # sorted by symbol; None is a price that is not known


@frozen
class Position:
    """``lots`` signed; ``cost`` is what the open lots were bought for, negative when short."""

    symbol: str
    lots: int = 0
    cost: Money = Money(0)
    realised: Money = Money(0)


@frozen
class Book:
    """Cash in minor units, fees paid so far, positions sorted by symbol."""

    cash: Money
    fees: Money = Money(0)
    positions: tuple[Position, ...] = ()


def book_order(book: Book, before: Order | None, after: Order, settings: Settings) -> Book:
    """The book after what happened to one order's fills between ``before`` and ``after``."""
    known = before.fills if before is not None else ()
    for index, fill in enumerate(after.fills):
        if index >= len(known):
            book = book_fill(book, after.symbol, after.side, fill, settings)
        elif known[index] != fill:  # corrected: take the old one back, then book the new one
            book = _take_back(book, after.symbol, after.side, known[index], settings)
            if fill.quantity:
                book = book_fill(book, after.symbol, after.side, fill, settings)
    return book


def book_fill(book: Book, symbol: str, side: Side, fill: Fill, settings: Settings) -> Book:
    """The book after one fill of a known symbol."""
    change = position_change(side, fill)
    value = _value(symbol, sign(side) * fill.quantity, fill.price, settings)
    return _add(book, symbol, change, value, fill.fee_money)


def _take_back(book: Book, symbol: str, side: Side, fill: Fill, settings: Settings) -> Book:
    change = position_change(side, fill)
    value = _value(symbol, sign(side) * fill.quantity, fill.price, settings)
    return _add(book, symbol, -change, Money(-value), Money(-fill.fee_money))


def _value(symbol: str, lots: int, price: Ticks, settings: Settings) -> Money:
    traded = instrument(settings, symbol)
    assert traded is not None, "Invariant: an order's symbol stays in the settings while it lives"
    return Money(lots * price * traded.tick_lot_value)


def _add(book: Book, symbol: str, change: int, value: Money, fee: Money) -> Book:
    """``value`` is what the lots cost, signed as the trade; cash pays it and the fee."""
    rest = tuple(each for each in book.positions if each.symbol != symbol)
    position = _moved(position_of(book, symbol), change, value)
    return Book(
        Money(book.cash - value - fee),
        Money(book.fees + fee),
        tuple(sorted((*rest, position), key=lambda each: each.symbol)),
    )


def _moved(position: Position, change: int, value: Money) -> Position:
    """Average cost: growing adds the cost, reducing realises its share, flipping does both."""
    lots, cost = position.lots, position.cost
    if lots == 0 or change == 0 or (lots > 0) == (change > 0):
        return Position(position.symbol, lots + change, Money(cost + value), position.realised)
    closed = min(abs(change), abs(lots))
    closing_value = value * closed // abs(change)
    released = cost * closed // abs(lots)
    realised = Money(position.realised - closing_value - released)
    return Position(position.symbol, lots + change, Money(cost - released + value - closing_value), realised)


def position_of(book: Book, symbol: str) -> Position:
    """The position in a symbol; a flat one where none was ever held."""
    for each in book.positions:
        if each.symbol == symbol:
            return each
    return Position(symbol)


def price_of(prices: Prices, symbol: str) -> Ticks | None:
    """The symbol's current price, or None when it is not known."""
    at = bisect_left(prices, (symbol,))
    return prices[at][1] if at < len(prices) and prices[at][0] == symbol else None


def unrealised(position: Position, price: Ticks, settings: Settings) -> Money:
    """Market value of the open lots less what they cost."""
    return Money(_value(position.symbol, position.lots, price, settings) - position.cost)


def equity(book: Book, prices: Prices, settings: Settings) -> Money | None:
    """Cash and the market value of every position; None while a held position has no known price."""
    held = [position for position in book.positions if position.lots]
    if not held:
        return book.cash
    total, known, values = book.cash, dict(prices), _tick_lot_values(settings.instruments)
    for position in held:
        price = known.get(position.symbol)
        if price is None:
            return None
        total = Money(total + position.lots * price * values[position.symbol])
    return total


@latest
def _tick_lot_values(instruments: tuple[Instrument, ...]) -> dict[str, Money]:
    return {each.symbol: each.tick_lot_value for each in instruments}
