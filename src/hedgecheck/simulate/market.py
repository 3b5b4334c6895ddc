"""One venue in a simulation: its desk, what faults do there, and who is told."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.calls import Call, Fetch, NewOrder, symbol_of
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import Listing, amount_of, lots_of, tick_lot_value, ticks_of
from hedgecheck.fronts.desk import Desk, Placed
from hedgecheck.invariants import MarketTerms
from hedgecheck.messages import BadPrice, Report, Side
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.footprints import Resource
from hedgecheck.simulate.story import report_words
from hedgecheck.simulate.streams import Stream
from hedgecheck.simulate.variants import Variant
from hedgecheck.venue import Book, Uniqueness, fillable, price_of

MILLION = 1_000_000
Script = Callable[[Call], Variant | None]
LIQUIDITY_SECONDS = 1.0, 5.0  # until the market trades what a fault kept it from trading


class Market:
    """A venue, its clients' streams, and the ways in which faults bend what it does."""

    def __init__(
        self,
        run: Execution,
        name: str,
        listings: tuple[Listing, ...],
        account: str,
        balances: dict[str, float] | None,
        client_id_unique: Uniqueness,
        *,
        is_first: bool,
    ) -> None:
        self.run = run
        self.is_first = is_first
        self.lane = "venue" if name == "sim" else name
        self.desk = Desk(name, listings, account, balances, client_id_unique, run.now_ms, self._tell)
        self.streams: list[Stream] = []
        self.sent_ids: dict[str, str] = {}
        self.script: Script | None = None
        run.judge.add_venue(name, _terms(listings))
        run.ledger.add(self.desk)

    def _tell(self, report: Report) -> None:
        """The venue's own record, and everybody who listens."""
        run = self.run
        assert not isinstance(report, BadPrice), "Invariant: a venue knows its prices"
        run.ledger.changed()
        if run.story is not None:
            run.say(self.lane, report_words(self.desk, report), venue=self.lane)
        run.note(self.desk.name, report)
        for stream in self.streams:
            stream.hear(report)

    def scripted(self, call: Call) -> Variant | None:
        """The fault that the test wants to strike a call that has arrived; nothing is chosen then."""
        variant = self.script(call) if self.script is not None else None
        if variant is not None:
            self.run.struck(variant)
        return variant

    def touched_by(self, call: Call) -> Resource:
        """What a call that has arrived here reads or writes: its symbol, where nothing else tells of it."""
        is_tied = bool(self.streams) or self.desk.is_spot or not self.run.judge.is_by_symbol
        return Resource(
            f"venue {self.desk.name}", "" if is_tied else symbol_of(call), not isinstance(call, Fetch)
        )

    # ---- orders -----------------------------------------------------------------------------------------

    def create(self, new: NewOrder, key: str, intent: str | None, variant: Variant | None) -> Placed:
        """Takes an order as a fault will have it. Raises ccxt's exceptions."""
        does = variant.does if variant is not None else ""
        known = new.client_order_id is not None and self.desk.has_taken(new.client_order_id)
        if variant is not None and does == "reject" and not known:  # a venue looks at the id first
            raise self.desk.reject(new, key, intent, str(variant.detail))
        lots = None
        if variant is not None and does == "fill part":
            lots = max(1, new.amount * int(variant.detail) // MILLION)
        elif variant is not None and does == "expire":
            lots = new.amount * int(variant.detail) // MILLION
        placed = self.desk.create(new, key, intent, lots, base_fee=does == "fee in base")
        if does == "expire":
            self.desk.expire(placed)
        elif lots is not None and self.desk.left(placed):
            self._trade_later(placed)
        return placed

    def sends_again(self, client_order_id: str | None, key: str) -> bool:
        """Notes what an order is sent as; whether the venue protects from a second order of that id."""
        if client_order_id is None:
            return False
        known = client_order_id in self.sent_ids
        self.sent_ids[client_order_id] = key
        return known and self.desk.uniqueness != "open_orders"

    def refuse(self, new: NewOrder, key: str, intent: str | None) -> None:
        """An order that was to take the place of one that is gone."""
        self.desk.reject(new, key, intent, "WOULD_TRIGGER")

    def _trade_later(self, placed: Placed) -> None:
        lo, hi = LIQUIDITY_SECONDS
        run = self.run
        run.agenda.add(f"market {placed.key}", run.now + lo, run.now + hi, lambda: self._trade(placed))

    def _trade(self, placed: Placed) -> None:
        self.desk.trade(placed)

    def cancel(self, placed: Placed, variant: Variant | None) -> None:
        """Cancels an order as a fault will have it. Raises ccxt's OrderNotFound where it is too late."""
        if variant is not None and variant.does == "fill across" and self.desk.left(placed):
            self.desk.trade_through(placed)
            part = self.desk.left(placed) * int(variant.detail) // MILLION
            possible = fillable(self.desk.venue, self.desk.held(placed))
            if 0 < part <= possible:
                self.desk.cancel_across(placed, part)
                return
        self.before_end(placed, variant)
        self.desk.cancel(placed)

    def cancel_what_is_left(self, placed: Placed, variant: Variant | None) -> None:
        """Cancels one of many orders: one that fills to the end meanwhile is none to be cancelled."""
        fills_first = variant is not None and variant.does == "fill first"
        if fills_first:
            self.before_end(placed, variant)
        if self.desk.left(placed):
            self.cancel(placed, None if fills_first else variant)

    def before_end(self, placed: Placed, variant: Variant | None) -> None:
        """What may trade just before an order is ended or replaced."""
        if variant is None or variant.does != "fill first" or not self.desk.left(placed):
            return
        self.desk.trade_through(placed)
        self.desk.trade(placed, max(1, self.desk.left(placed) * int(variant.detail) // MILLION))

    # ---- prices -------------------------------------------------------------------------------------------

    def shock(self, symbol: str, ppm: int) -> None:
        """The price of a symbol moves by parts per million."""
        self.desk.listing(symbol)
        ticks = price_of(self.desk.venue, symbol)
        self.desk.move(symbol, ticks + ticks * ppm // MILLION)

    def set_price(self, symbol: str, price: Any) -> None:
        """The price of a symbol, in the quote currency."""
        self.desk.move(symbol, ticks_of(self.desk.listing(symbol), price))


def book_everywhere(markets: list[Market], symbol: str, spread: Any, depth: Any) -> None:
    """The order book of a symbol at these venues. ``UsageError`` for what is no spread or depth."""
    listing = markets[0].desk.listings[symbol]
    sides = depth if isinstance(depth, tuple) else (depth, depth)
    try:
        bids, asks = (lots_of(listing, each) if each else 0 for each in sides)
        book = Book(symbol, ticks_of(listing, spread) if spread else 0, bids, asks)
    except (error_class("InvalidOrder"), ValueError) as error:
        raise UsageError(f"sim.book: {error}") from error
    for market in markets:
        market.desk.shape(book)


def trade_everywhere(markets: list[Market], symbol: str, side: Side, price: Any, amount: Any) -> Decimal:
    """Somebody trades up to ``amount`` of the base currency with what rests at these venues, one after the
    other. What traded; ``UsageError`` for what is no side, price or amount."""
    if side not in ("buy", "sell"):
        raise UsageError(f"{side!r} is no side. A side is 'buy' or 'sell'.")
    listing = markets[0].desk.listings[symbol]
    try:
        ticks, left = ticks_of(listing, price), lots_of(listing, amount)
    except error_class("InvalidOrder") as error:
        raise UsageError(f"sim.trade_at: {error}") from error
    traded = 0
    for market in markets:
        traded += market.desk.trade_at(symbol, side, ticks, left - traded)
    return amount_of(listing, traded)


@lru_cache(maxsize=64)
def _terms(listings: tuple[Listing, ...]) -> tuple[MarketTerms, ...]:
    terms = []
    for each in listings:
        minimum, price = max(1, int(-(-each.min_amount // each.lot))), ticks_of(each, each.price)
        terms.append(
            MarketTerms(each.symbol, price, tick_lot_value(each), minimum, int(each.min_cost * 10**8))
        )
    return tuple(terms)
