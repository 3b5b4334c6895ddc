"""What a venue is made of, what may be decided for it, and what can be asked of it."""

from collections.abc import Iterator
from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.messages import BookShown, CreateOrder, Filled, OrderStatus, SessionPhase, Status
from hedgecheck.values import frozen
from hedgecheck.venue.books import Book, offers, shown

Phase = Literal["open", "filled", "canceled", "expired"]
Uniqueness = Literal["open_orders", "session", "forever"]


@frozen
class Market:
    """Steps and minima of a symbol: ``tick`` in ticks, ``lot`` and ``minimum`` in lots."""

    symbol: str
    tick: int = 1
    lot: int = 1
    minimum: int = 1
    minimum_notional: int = 0
    tick_lot_value: int = 1


@frozen
class House:
    """The venue's standing rules; ``fee_bps`` of notional or, as a fee in base, of the amount."""

    markets: tuple[Market, ...]
    account: Literal["margin", "spot"] = "margin"
    client_id_unique: Uniqueness = "open_orders"
    fee_bps: int = 0


@frozen
class VenueOrder:
    """An order as the venue keeps it; ``session`` is the session it was made in. ``request`` is what it
    stands for now, replacements included. ``triggered``: the market has reached its stop price."""

    request: CreateOrder
    phase: Phase = "open"
    fills: tuple[Filled, ...] = ()
    session: int = 0
    triggered: bool = False


@frozen
class Venue:
    """Orders sorted by client order id, then by age; positions and prices sorted by symbol. ``halted``: the
    symbols that are, by name; ``market_halted``: all are. ``books``: sorted by symbol; a symbol without one
    has unlimited depth at its market price. ``archive``: by client order id, by age, the orders that were set
    apart: a venue of long standing walks over those that it works alone."""

    house: House
    cash: int
    prices: tuple[tuple[str, int], ...]
    positions: tuple[tuple[str, int], ...] = ()
    orders: tuple[VenueOrder, ...] = ()
    session: int = 0
    session_phase: SessionPhase = "regular"
    halted: tuple[str, ...] = ()
    market_halted: bool = False
    books: tuple[Book, ...] = ()
    archive: Archive[tuple[VenueOrder, ...]] = Archive()


# ---- decisions: chosen by an explorer -------------------------------------------------------------


@frozen
class FillOrder:
    """Trades ``amount`` lots of an open order now, at ``price`` in ticks or else what the market gives: its
    price, or those of the book where there is one. What a market or IOC order has left then expires."""

    client_order_id: str
    amount: int
    fee_in_base: bool = False
    price: int | None = None


@frozen
class MovePrice:
    """A new market price, in ticks."""

    symbol: str
    price: int


@frozen
class ReshapeBook:
    """What stands in a symbol's order book from now on."""

    book: Book


@frozen
class CancelAcross:
    """An open order is cancelled while ``amount`` lots of it trade: the cancel is confirmed first."""

    client_order_id: str
    amount: int


@frozen
class ReplaceAcross:
    """``fill`` lots of an open order trade while its replacement is under way: the replacement is answered
    first, and of a fill that completes the order it comes too late."""

    client_order_id: str
    amount: int
    fill: int
    price: int | None = None
    stop_price: int | None = None


@frozen
class RefuseOrder:
    """An order that could be taken is not: the venue has its reasons."""

    client_order_id: str
    reason: str


@frozen
class ExpireOrder:
    """An open order ends by the venue's own rules: its time is over, or its market is."""

    client_order_id: str


@frozen
class NewSession:
    """The next trading session: session-wide client order ids may be used again."""


@frozen
class ChangePhase:
    """The trading session goes on to this phase. Where it ends, day orders do."""

    phase: SessionPhase


@frozen
class HaltTrading:
    """Nothing trades in these symbols, in none at all where there are none named; what rests stays."""

    symbols: tuple[str, ...] = ()


@frozen
class ResumeTrading:
    """Ends such a halt."""

    symbols: tuple[str, ...] = ()


@frozen
class MoveCash:
    """A deposit, or a withdrawal where ``amount`` is negative: of more than is free nothing is paid out."""

    amount: int


@frozen
class ArchiveOrders:
    """Sets apart every order that is closed. Who asks for one by its id is answered as before."""


Calendar = NewSession | ChangePhase | HaltTrading | ResumeTrading | ArchiveOrders
Decision = (
    FillOrder
    | MovePrice
    | ReshapeBook
    | CancelAcross
    | ReplaceAcross
    | RefuseOrder
    | ExpireOrder
    | MoveCash
    | Calendar
)


# ---- what can be asked of it -----------------------------------------------------------------------


def market_of(venue: Venue, symbol: str) -> Market | None:
    """The market of that symbol, or None."""
    for each in venue.house.markets:
        if each.symbol == symbol:
            return each
    return None


def price_of(venue: Venue, symbol: str) -> int:
    """The market price of a listed symbol, in ticks."""
    for name, price in venue.prices:
        if name == symbol:
            return price
    raise AssertionError("Invariant: every listed symbol has a price")


def book_of(venue: Venue, symbol: str) -> Book | None:
    """The order book of a symbol, or None where its depth is unlimited."""
    for book in venue.books:
        if book.symbol == symbol:
            return book
    return None


def book_shown(venue: Venue, symbol: str) -> BookShown | None:
    """What the venue tells of a symbol's book, or None where there is none."""
    book, market = book_of(venue, symbol), market_of(venue, symbol)
    return None if book is None or market is None else shown(book, market.tick)


def closure_of(venue: Venue, symbol: str) -> str:
    """Why nothing trades in a symbol now; empty where it does."""
    if venue.session_phase not in ("regular", "closing"):
        return "MARKET_CLOSED"
    return "SYMBOL_HALTED" if venue.market_halted or symbol in venue.halted else ""


def position_of(venue: Venue, symbol: str) -> int:
    """Signed lots held."""
    for name, lots in venue.positions:
        if name == symbol:
            return lots
    return 0


def find(venue: Venue, client_order_id: str) -> VenueOrder | None:
    """The newest order of that client order id, or None."""
    orders = orders_of(venue, client_order_id)
    return orders[-1] if orders else None


def orders_of(venue: Venue, client_order_id: str) -> list[VenueOrder]:
    """Every order there ever was of that client order id, by age."""
    here = [order for order in venue.orders if order.request.client_order_id == client_order_id]
    return [*venue.archive.get(client_order_id, ()), *here]


def filled(order: VenueOrder) -> int:
    """Lots filled so far."""
    return sum([fill.amount for fill in order.fills])


def fillable(venue: Venue, order: VenueOrder, price: int | None = None) -> int:
    """Lots of an order that the market would trade at ``price`` in ticks; at the present one for None."""
    request = order.request
    if order.phase != "open" or waits(order) or not marketable(venue, request, price):
        return 0
    if closure_of(venue, request.symbol):
        return 0
    if venue.house.account == "spot":
        return payable(venue, order, price)
    lots = min(request.amount - filled(order), reducible(venue, request))
    if not venue.books:
        return lots
    return sum([each for _, each in offered(venue, request, lots, price)])


def offered(
    venue: Venue, request: CreateOrder, lots: int, price: int | None = None
) -> Iterator[tuple[int, int]]:
    """Prices, and lots at each, at which the market would trade up to so many lots of an order, the best
    first: at ``price`` in ticks, or for None at what it gives now."""
    book = book_of(venue, request.symbol) if price is None else None
    if book is None:
        yield price_of(venue, request.symbol) if price is None else price, lots
        return
    for at, there in _within(venue, request, book):
        if lots <= 0:
            return
        yield at, min(lots, there)
        lots -= there


def _within(venue: Venue, request: CreateOrder, book: Book) -> Iterator[tuple[int, int]]:
    """What the book offers the order at its limit or better."""
    market = market_of(venue, request.symbol)
    assert market is not None, "Invariant: only listed symbols have books"
    for at, lots in offers(book, request.side, price_of(venue, request.symbol), market.tick):
        if not _is_acceptable(request, at):
            return
        yield at, lots


def _is_acceptable(request: CreateOrder, price: int) -> bool:
    """Whether the price is at the order's limit or better."""
    if request.price is None:
        return True
    return price <= request.price if request.side == "buy" else price >= request.price


def status_of(venue: Venue, client_order_id: str) -> Status:
    """The true answer to a query."""
    order = find(venue, client_order_id)
    if order is None:
        return Status(client_order_id, "not_found")
    shown: dict[Phase, OrderStatus] = {"filled": "closed", "expired": "closed", "canceled": "canceled"}
    status = shown.get(order.phase, "open")
    return Status(client_order_id, "found", status, order.fills, order.request.amount)


def waits(order: VenueOrder) -> bool:
    """Whether it is a stop order whose price the market has not reached."""
    return order.request.stop_price is not None and not order.triggered


def has_passed(venue: Venue, request: CreateOrder) -> bool:
    """Whether the market is at the order's stop price or beyond; False without one."""
    if request.stop_price is None:
        return False
    price = price_of(venue, request.symbol)
    return price >= request.stop_price if request.side == "buy" else price <= request.stop_price


def marketable(venue: Venue, request: CreateOrder, price: int | None = None) -> bool:
    """Whether the market would trade the order at ``price``, at what it gives now for None, were it not for a
    stop."""
    book = book_of(venue, request.symbol) if price is None else None
    if book is not None:
        return next(_within(venue, request, book), None) is not None
    return _is_acceptable(request, price_of(venue, request.symbol) if price is None else price)


def reducible(venue: Venue, request: CreateOrder) -> int:
    """Lots by which the order may trade: all of it, unless reduce-only holds it to the position."""
    if not request.reduce_only or venue.house.account == "spot":
        return request.amount
    held = position_of(venue, request.symbol)
    return max(0, held if request.side == "sell" else -held)


def payable(venue: Venue, order: VenueOrder, price: int | None = None) -> int:
    """Spot: lots of the order that can be paid now. A buy may lack cash after a price move, or for fees
    rounded up fill by fill; what other open orders have locked is not its to spend."""
    request, market = order.request, market_of(venue, order.request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    left = request.amount - filled(order)
    found = offered(venue, request, left, price)
    if request.side == "sell":
        return sum([lots for _, lots in found])
    others = (each for each in venue.orders if each.phase == "open" and each is not order)
    cash = venue.cash - sum(locked_cash(venue, each) for each in others if each.request.side == "buy")
    total = 0
    for at, lots in found:
        worth = at * market.tick_lot_value
        bought = min(lots, max(0, cash) * 10_000 // (worth * (10_000 + venue.house.fee_bps)))
        total += bought
        cash -= bought * worth + -(-bought * worth * venue.house.fee_bps // 10_000)
    return left if total == left else total - total % market.lot


def locked_cash(venue: Venue, order: VenueOrder) -> int:
    """Spot: money that an open buy order keeps from being spent, fees included. A stop order locks what it
    may cost from the moment it is placed, as on Binance."""
    market = market_of(venue, order.request.symbol)
    assert market is not None, "Invariant: an accepted order's symbol is listed"
    price = order.request.price or worst_price(venue, order)
    worth = (order.request.amount - filled(order)) * price * market.tick_lot_value
    return worth + -(-worth * venue.house.fee_bps // 10_000)


def withdrawable(venue: Venue) -> int:
    """Money that may be paid out: spot, cash that no open order has locked; margin, cash up to the equity, so
    that neither what a short sale brought is paid out nor profit that is not realised."""
    if venue.house.account == "spot":
        open_orders = [order for order in venue.orders if order.phase == "open"]
        locked = sum([locked_cash(venue, each) for each in open_orders if each.request.side == "buy"])
        return max(0, venue.cash - locked)
    lot_values = {each.symbol: each.tick_lot_value for each in venue.house.markets}
    worth = sum([lots * price_of(venue, symbol) * lot_values[symbol] for symbol, lots in venue.positions])
    return max(0, venue.cash + min(0, worth))


def worst_price(venue: Venue, order: VenueOrder) -> int:
    """The price that an order without a limit is counted at: its stop's while it waits, else the market's."""
    if order.request.stop_price is not None and waits(order):
        return order.request.stop_price
    return price_of(venue, order.request.symbol)
