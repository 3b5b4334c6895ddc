"""The desk in front of the one venue: it hands out order ids, keeps times, and refuses as ccxt does.

The venue knows lots, ticks and unique client order ids of ours. A client knows decimals, ids that the venue
gave out, and client order ids of its own, which venues protect in different ways. Nothing is drawn here:
how much of an order fills at once is said by the caller.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

from hedgecheck.fronts.ccxt.calls import NewOrder
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import Listing, tick_lot_value, ticks_of
from hedgecheck.messages import Accepted, CancelOrder, CreateOrder, Filled, Rejected, Report, Side
from hedgecheck.values import replace
from hedgecheck.venue import (
    Book,
    CancelAcross,
    Decision,
    ExpireOrder,
    FillOrder,
    House,
    Market,
    MovePrice,
    RefuseOrder,
    ReshapeBook,
    Uniqueness,
    Venue,
    VenueOrder,
    fillable,
    filled,
    find,
    marketable,
    step,
    waits,
)

CASH = 10**9 * 10**8  # a billion, in the hundred-millionths of the quote that money is counted in
FEE_BPS = 10

REFUSALS = {
    "UNKNOWN_SYMBOL": ("BadSymbol", "Invalid symbol."),
    "DUPLICATE_CLIENT_ORDER_ID": ("InvalidOrder", "Duplicate order sent."),
    "NOT_POSITIVE": ("InvalidOrder", "Quantity or price is not positive."),
    "PRECISION": ("InvalidOrder", "Precision is over the maximum defined for this asset."),
    "BELOW_MINIMUM": ("InvalidOrder", "Filter failure: NOTIONAL"),
    "REDUCE_ONLY": ("InvalidOrder", "ReduceOnly Order is rejected."),
    "INSUFFICIENT_BALANCE": ("InsufficientFunds", "Account has insufficient balance for requested action."),
    "WOULD_TRIGGER": ("OrderImmediatelyFillable", "Order would immediately match and take."),
    "STOP_PASSED": ("OrderImmediatelyFillable", "Order would immediately trigger."),
}


class Placed:
    """An order as the desk knows it. ``key`` is its name in every record, ``id`` the venue's name for it."""

    __slots__ = ("changed_ms", "fills_ms", "id", "key", "new", "placed_ms")

    def __init__(self, key: str, order_id: str, new: NewOrder, placed_ms: int) -> None:
        self.key = key
        self.id = order_id
        self.new = new
        self.placed_ms = self.changed_ms = placed_ms
        self.fills_ms: list[int] = []


class Desk:
    """One venue with its clients' orders. ``venue`` is its present state, ``opening`` its first, ``before``
    that before its last fill. ``tell`` hears every report as it is made."""

    def __init__(
        self,
        name: str,
        listings: tuple[Listing, ...],
        account: str,
        balances: dict[str, float] | None,
        client_id_unique: Uniqueness,
        now_ms: Callable[[], int],
        tell: Callable[[Report], None],
    ) -> None:
        self.name = name
        self.listings = {each.symbol: each for each in listings}
        self.uniqueness = client_id_unique
        self.orders: dict[str, Placed] = {}
        self._by_id: dict[str, Placed] = {}
        self._now_ms = now_ms
        self._tell = tell
        owned = None if balances is None else tuple(balances.items())
        self.is_spot = account == "spot"
        self.opening = self.venue = self.before = opening(listings, account, owned)

    # ---- orders --------------------------------------------------------------------------------------

    def create(
        self, new: NewOrder, key: str, intent: str | None, lots: int | None = None, *, base_fee: bool = False
    ) -> Placed:
        """Takes an order and lets the market trade ``lots`` of it (None: all it would) at once.

        Raises ccxt's exception where the venue refuses.
        """
        request = as_request(new, key, intent)
        placed = Placed(key, str(1_000_000 + len(self.orders) + 1), new, self._now_ms())
        reason = self._refusal(new, request)
        if reason is not None:
            self._apply(RefuseOrder(key, reason))
        else:
            reports = self._apply(request, placed)
            reason = next((each.reason for each in reports if isinstance(each, Rejected)), None)
        if reason is not None:
            is_stop = new.stop_price is not None
            raise refusal(self.name, "STOP_PASSED" if is_stop and reason == "WOULD_TRIGGER" else reason)
        self.trade(placed, lots, base_fee=base_fee)
        return placed

    def reject(self, new: NewOrder, key: str, intent: str | None, reason: str) -> Exception:
        """Refuses an order that could be taken; the exception that its client gets."""
        self._apply(RefuseOrder(key, reason))
        return refusal(self.name, reason)

    def cancel(self, placed: Placed) -> None:
        """Cancels what is left. Raises ccxt's OrderNotFound where nothing is."""
        order = self.held(placed)
        if order.phase == "open":
            placed.changed_ms = self._now_ms()
        self._apply(CancelOrder(placed.key))
        if order.phase != "open":
            raise error_class("OrderNotFound")(f"{self.name} Unknown order sent.")

    def trade(self, placed: Placed, lots: int | None = None, *, base_fee: bool = False) -> int:
        """The market trades ``lots`` of an open order, or all that it would; how many it did."""
        order = self.held(placed)
        possible = fillable(self.venue, order)
        amount = possible if lots is None else min(lots, possible)
        if amount > 0:
            self._apply(FillOrder(placed.key, amount, base_fee))
        return amount

    def trade_through(self, placed: Placed) -> None:
        """Moves the price to where the market triggers a stop order, and trades a resting one."""
        new, order = placed.new, self.held(placed)
        if new.stop_price is not None and waits(order):
            self._apply(MovePrice(new.symbol, new.stop_price))
        if new.price is not None and not marketable(self.venue, order.request):
            self._apply(MovePrice(new.symbol, new.price))

    def cancel_across(self, placed: Placed, lots: int) -> None:
        """Cancels an order while ``lots`` of it trade: the cancel is confirmed first."""
        placed.changed_ms = self._now_ms()
        self._apply(CancelAcross(placed.key, lots))

    def expire(self, placed: Placed) -> None:
        """The venue ends an order by itself."""
        placed.changed_ms = self._now_ms()
        self._apply(ExpireOrder(placed.key))

    def move(self, symbol: str, price: int) -> None:
        """The market moves, in ticks, and trades what now can be traded."""
        self._apply(MovePrice(symbol, max(1, price)))
        for placed in self.open_orders(symbol):
            self.trade(placed)

    def shape(self, book: Book) -> None:
        """The order book of a symbol is this one, and trades what now can be traded."""
        self._apply(ReshapeBook(book))
        for placed in self.open_orders(book.symbol):
            self.trade(placed)

    def trade_at(self, symbol: str, taker: Side, price: int, lots: int) -> int:
        """Somebody buys or sells up to ``lots`` at ``price``, in ticks: of the resting orders that this
        crosses the best is filled first, and of two at one price the older. How many lots traded."""
        crossed = [
            each for each in self.open_orders(symbol) if each.new.side != taker and each.new.price is not None
        ]
        crossed.sort(key=lambda each: each.new.price or 0, reverse=taker == "sell")
        left = lots
        for placed in crossed:
            amount = min(left, fillable(self.venue, self.held(placed), price))
            if amount > 0:
                self._apply(FillOrder(placed.key, amount, price=price))
                left -= amount
        return lots - left

    def _apply(
        self, event: CreateOrder | CancelOrder | Decision, new: Placed | None = None
    ) -> tuple[Report, ...]:
        """``new``: the order that is listed once it is accepted, before anybody hears of it."""
        before = self.venue
        self.venue, reports = step(before, event)
        for report in reports:
            if isinstance(report, Accepted) and new is not None:
                self.orders[new.key] = self._by_id[new.id] = new
            elif isinstance(report, Filled):
                self.before = before
                placed = self.orders[report.client_order_id]
                placed.changed_ms = self._now_ms()
                placed.fills_ms.append(placed.changed_ms)
        for report in reports:  # whoever is told of one sees the order after all of them
            self._tell(report)
        return reports

    def _refusal(self, new: NewOrder, request: CreateOrder) -> str | None:
        """What the venue itself does not look at: client order ids of others, and post-only."""
        if new.client_order_id is not None and self.has_taken(new.client_order_id):
            return "DUPLICATE_CLIENT_ORDER_ID"
        if new.post_only and new.symbol in self.listings and marketable(self.venue, request):
            return "WOULD_TRIGGER"
        return None

    def has_taken(self, client_order_id: str) -> bool:
        """Whether the venue refuses another order of that client order id, as one it has already."""
        for placed in self.orders.values():
            if placed.new.client_order_id == client_order_id and (
                self.uniqueness != "open_orders" or self.held(placed).phase == "open"
            ):
                return True
        return False

    # ---- what it has -----------------------------------------------------------------------------------

    def held(self, placed: Placed, venue: Venue | None = None) -> VenueOrder:
        """The venue's own order, now or as it stood in ``venue``."""
        order = find(venue or self.venue, placed.key) or find(self.venue, placed.key)
        assert order is not None, "Invariant: the venue has every order that the desk placed"
        return order

    def find(self, order_id: str | None, client_order_id: str | None) -> Placed | None:
        """An order by the venue's id, else the newest of that client order id."""
        if order_id is not None:
            return self._by_id.get(str(order_id))
        for placed in reversed(self.orders.values()):
            if client_order_id is not None and placed.new.client_order_id == client_order_id:
                return placed
        return None

    def of(self, symbol: str | None) -> Iterator[Placed]:
        """Every order ever placed in a symbol, or at all, oldest first."""
        return (each for each in self.orders.values() if symbol is None or each.new.symbol == symbol)

    def open_orders(self, symbol: str | None) -> list[Placed]:
        """Those that work."""
        return [each for each in self.of(symbol) if self.held(each).phase == "open"]

    def listing(self, symbol: str) -> Listing:
        """The listing of a symbol. Raises ccxt's BadSymbol."""
        found = self.listings.get(symbol)
        if found is None:
            raise error_class("BadSymbol")(f"{self.name} does not have market symbol {symbol}")
        return found

    def left(self, placed: Placed) -> int:
        """Lots of an order that still work."""
        order = self.held(placed)
        return order.request.amount - filled(order) if order.phase == "open" else 0


def as_request(new: NewOrder, key: str, intent: str | None) -> CreateOrder:
    """The order in the kit's words."""
    return CreateOrder(
        key,
        new.symbol,
        new.side,
        new.amount,
        new.price,
        new.reduce_only,
        new.immediate,
        intent,
        stop_price=new.stop_price,
    )


def refusal(name: str, reason: str) -> Exception:
    """ccxt's exception for a reason of the venue's."""
    kind, text = REFUSALS[reason]
    return error_class(kind)(f"{name} {text}")


@lru_cache(maxsize=64)
def opening(
    listings: tuple[Listing, ...], account: str, balances: tuple[tuple[str, float], ...] | None
) -> Venue:
    """The venue before anything happened, with what the account holds, by currency."""
    markets = []
    for each in listings:
        minimum = max(1, int(-(-each.min_amount // each.lot)))
        cost = int(each.min_cost * 10**8)
        markets.append(Market(each.symbol, 1, 1, minimum, cost, tick_lot_value(each)))
    house = House(tuple(markets), "spot" if account == "spot" else "margin", fee_bps=FEE_BPS)
    prices = tuple((each.symbol, ticks_of(each, each.price)) for each in listings)
    venue = Venue(house, CASH, prices)
    if balances is None:
        return venue
    owned, quote = dict(balances), listings[0].quote
    held = []
    for each in listings:
        if owned.get(each.base):
            held.append((each.symbol, round(owned[each.base] / float(each.lot))))
    return replace(venue, cash=round(owned.get(quote, 0) * 10**8), positions=tuple(sorted(held)))
