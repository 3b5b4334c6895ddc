"""What really happened at the venues, as a rule may look at it: frozen, in ccxt's words, exact."""

from decimal import Decimal

from hedgecheck.errors import UsageError
from hedgecheck.fronts.answers import status_of
from hedgecheck.fronts.ccxt.calls import NewOrder
from hedgecheck.fronts.ccxt.markets import amount_of, price_of
from hedgecheck.fronts.desk import Desk, Placed
from hedgecheck.values import frozen
from hedgecheck.venue import filled

MINOR_UNITS = 10**8  # of a venue's money, in one of its currency


@frozen
class LedgerOrder:
    """An order that a venue accepted. Amounts in the base currency, ``timestamp`` in milliseconds."""

    id: str
    exchange: str
    clientOrderId: str | None  # noqa: N815 - ccxt's name
    symbol: str
    side: str
    type: str
    amount: Decimal
    filled: Decimal
    remaining: Decimal
    price: Decimal | None
    status: str
    reduceOnly: bool  # noqa: N815 - ccxt's name
    timestamp: int


@frozen
class LedgerFill:
    """One execution. ``fee`` in ``feeCurrency``."""

    id: str
    exchange: str
    order: str
    symbol: str
    side: str
    amount: Decimal
    price: Decimal
    fee: Decimal
    feeCurrency: str  # noqa: N815 - in ccxt's style
    timestamp: int


@frozen
class LedgerPosition:
    """What is held: signed, in the base currency."""

    exchange: str
    symbol: str
    amount: Decimal


@frozen
class LedgerCash:
    """What a venue holds of its quote currency, exact to the minor unit."""

    exchange: str
    currency: str
    amount: Decimal


@frozen
class LedgerSignal:
    """An intent that was delivered; amounts in the base currency."""

    signal_id: str
    pair_x: str
    side_x: str
    amount_x: Decimal
    pair_y: str | None
    side_y: str | None
    amount_y: Decimal | None
    reduces: bool


class Ledger:
    """All venues of one simulation together."""

    def __init__(self) -> None:
        self._desks: list[Desk] = []
        self._signals: list[LedgerSignal] = []
        self._orders: tuple[LedgerOrder, ...] | None = None

    def add(self, desk: Desk) -> None:
        """A venue opens."""
        self._desks.append(desk)

    def changed(self) -> None:
        """Something happened at a venue."""
        self._orders = None

    def lots(self) -> tuple[tuple[str, str], ...]:
        """Of each symbol that was traded, what a lot is in its base currency."""
        traded = {
            each.new.symbol: desk.listings[each.new.symbol]
            for desk in self._desks
            for each in desk.orders.values()
        }
        return tuple((symbol, f"{listing.lot:f} {listing.base}") for symbol, listing in traded.items())

    def deliver(self, signal: LedgerSignal) -> None:
        """An intent reached the bot for the first time."""
        self._signals.append(signal)

    @property
    def orders(self) -> tuple[LedgerOrder, ...]:
        """Every order that a venue accepted, oldest first."""
        if self._orders is None:
            rows = [_order(desk, each) for desk in self._desks for each in desk.orders.values()]
            self._orders = tuple(rows)
        return self._orders

    @property
    def fills(self) -> tuple[LedgerFill, ...]:
        """Every execution, oldest first for each order."""
        return tuple(
            row for desk in self._desks for each in desk.orders.values() for row in _fills(desk, each)
        )

    @property
    def positions(self) -> tuple[LedgerPosition, ...]:
        """Everything held, without what is flat."""
        return tuple(
            LedgerPosition(desk.name, symbol, amount_of(desk.listings[symbol], lots))
            for desk in self._desks
            for symbol, lots in desk.venue.positions
        )

    @property
    def cash(self) -> tuple[LedgerCash, ...]:
        """The money of each venue, in the quote currency of the first market that it lists."""
        quotes = [next(iter(desk.listings.values())).quote for desk in self._desks]
        return tuple(
            LedgerCash(desk.name, quote, Decimal(desk.venue.cash) / MINOR_UNITS)
            for desk, quote in zip(self._desks, quotes, strict=True)
        )

    @property
    def signals(self) -> tuple[LedgerSignal, ...]:
        """Every intent that was delivered, once."""
        return tuple(self._signals)

    def open_orders(self, symbol: str | None = None) -> tuple[LedgerOrder, ...]:
        """The orders that work, of one symbol or all. Raises ``UsageError`` for a symbol no venue lists."""
        self._refuse_unlisted(symbol)
        return tuple(each for each in self.orders if each.status == "open" and symbol in (None, each.symbol))

    def position(self, symbol: str) -> Decimal:
        """What is held of a symbol at all venues together, signed. Raises ``UsageError`` for a symbol that
        no venue lists."""
        self._refuse_unlisted(symbol)
        return sum((each.amount for each in self.positions if each.symbol == symbol), Decimal(0))

    def _refuse_unlisted(self, symbol: str | None) -> None:
        listed = [each for desk in self._desks for each in desk.listings]
        if symbol is not None and listed and symbol not in listed:
            raise UsageError(
                f"No exchange of this simulation lists {symbol!r}. There are {', '.join(listed)}."
            )

    def __repr__(self) -> str:
        return f"<ledger: {len(self.orders)} orders, {len(self.fills)} fills>"


def _order(desk: Desk, placed: Placed) -> LedgerOrder:
    held, new = desk.held(placed), placed.new
    listing = desk.listings[new.symbol]
    done = filled(held)
    return LedgerOrder(
        placed.id,
        desk.name,
        new.client_order_id,
        new.symbol,
        new.side,
        new.type,
        amount_of(listing, new.amount),
        amount_of(listing, done),
        amount_of(listing, new.amount - done),
        None if new.price is None else price_of(listing, new.price),
        status_of(held),
        new.reduce_only,
        placed.placed_ms,
    )


def order_asked_for(desk: Desk, new: NewOrder, timestamp_ms: int) -> LedgerOrder:
    """An order as the venue would list it that it does not have yet: without an id, and nothing filled."""
    listing = desk.listing(new.symbol)
    amount = amount_of(listing, new.amount)
    return LedgerOrder(
        "",
        desk.name,
        new.client_order_id,
        new.symbol,
        new.side,
        new.type,
        amount,
        Decimal(0),
        amount,
        None if new.price is None else price_of(listing, new.price),
        "open",
        new.reduce_only,
        timestamp_ms,
    )


def _fills(desk: Desk, placed: Placed) -> list[LedgerFill]:
    listing = desk.listings[placed.new.symbol]
    rows = []
    for index, fill in enumerate(desk.held(placed).fills):
        in_base = bool(fill.fee_lots)
        charged = amount_of(listing, fill.fee_lots) if in_base else Decimal(fill.fee_money) / MINOR_UNITS
        rows.append(
            LedgerFill(
                f"{placed.id}{index + 1:02d}",
                desk.name,
                placed.id,
                fill.symbol,
                fill.side,
                amount_of(listing, fill.amount),
                price_of(listing, fill.price),
                charged,
                listing.base if in_base else listing.quote,
                placed.fills_ms[index],
            )
        )
    return rows
