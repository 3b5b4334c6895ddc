"""A venue with a market around it: prices walk, and orders trade in parts after a while, all from a seed.

Nothing here waits or knows of a wire: whoever lets time pass says ``beat``. What an order may do is the
venue's to decide (``hedgecheck.venue``); what the market does to it is drawn here.
"""

import time
from collections.abc import Callable, Iterator
from random import Random

from hedgecheck import venue
from hedgecheck.live.ports import Account, OpenOrder
from hedgecheck.messages import QUOTES, REPLIES, Arrived, Canceled, Filled, Price, Record, Report, Request
from hedgecheck.values import frozen, replace
from hedgecheck.venue import Decision, FillOrder, House, Market, MovePrice, Venue, VenueOrder

MILLION = 1_000_000
WHOLE_BPS = 10_000
LATEST_FILLS = 500  # that an account is shown
LIVELY_MAX = 64  # orders among which the venue looks for one; those that ended are kept beside it
PRICE = 10_000
MARKETS = tuple((symbol, PRICE) for symbol in ("AAA", "BBB", "CCC", "DDD"))
CASH = 10**9

Hearing = Callable[[Report], None]


@frozen
class Temper:
    """How restless a market is at each beat. Chances in bps: that a price moves; that an order which the
    market would trade does; that one with a limit trades in part; that one at the market does, and what it
    has left expires. In ppm: how far a price moves at most, and how far away from where it began it gets.
    """

    moves_bps: int = 2_000
    trades_bps: int = 3_000
    parts_bps: int = 3_000
    expires_bps: int = 300
    move_ppm: int = 500
    range_ppm: int = 10_000


CALM = Temper()


@frozen
class Ledger:
    """What a venue has of an account, for a judge: all orders there ever were, sorted by client order id and
    then by age; all fills, oldest first; signed lots by symbol; cash in minor units."""

    orders: tuple[VenueOrder, ...]
    fills: tuple[Filled, ...]
    positions: tuple[tuple[str, int], ...]
    cash: int


class Exchange:
    """Accounts at one venue. Each is opened with ``cash`` when it is first named, and trades by itself: what
    one does moves no price. ``prices``: of each symbol, in ticks. ``now_ns``: its clock."""

    def __init__(
        self,
        prices: tuple[tuple[str, int], ...] = MARKETS,
        cash: int = CASH,
        seed: int = 0,
        temper: Temper = CALM,
        house: House | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._began = tuple(sorted(prices))
        self.prices = dict(self._began)
        self._now_ns = now_ns
        self._house = house or House(tuple(Market(symbol) for symbol, _ in prices))
        self._cash = cash
        self._seed = seed
        self._temper = temper
        self._walk = Random(f"{seed} prices")
        self._kept: dict[str, _Kept] = {}

    @property
    def markets(self) -> tuple[Market, ...]:
        """What can be traded, with the steps and minima of each."""
        return self._house.markets

    def request(self, account: str, request: Request, asker: Hearing | None = None) -> tuple[Report, ...]:
        """What the venue answers. Whatever else came of it is told to all who listen; that an order was
        canceled, to all but the ``asker``, who has it as his answer."""
        kept = self._of(account)
        kept.recall(request.client_order_id)
        reports = kept.apply(request)
        answers = tuple([each for each in reports if isinstance(each, REPLIES)])
        for each in reports:
            if not isinstance(each, REPLIES):
                kept.tell(each)
            elif isinstance(each, Canceled):
                kept.tell(each, asker)
        return answers

    def beat(self) -> None:
        """Some time passes: prices move, and orders trade."""
        for symbol, began in self._began:
            if self._walk.randrange(WHOLE_BPS) < self._temper.moves_bps:
                self._move(symbol, began)
        for kept in self._kept.values():
            kept.trade(self._temper)

    def listen(self, account: str, hear: Hearing) -> Callable[[], None]:
        """From now on ``hear`` is told prices and what becomes of the account's orders, the present prices
        first. Returns what ends that."""
        kept = self._of(account)
        for symbol, price in self.prices.items():
            hear(Price(symbol, price))
        kept.listeners.append(hear)
        return lambda: kept.listeners.remove(hear)

    def account(self, account: str) -> Account:
        """What the account has now."""
        kept = self._of(account)
        working = [each for each in kept.venue.orders if each.phase == "open"]
        shown = tuple([_shown(each) for each in working])
        fills = tuple(kept.fills[-LATEST_FILLS:])
        return Account(shown, kept.venue.positions, kept.venue.cash, fills, self._now_ns())

    def ledger(self, account: str) -> Ledger:
        """Everything that a judge may ask of the account."""
        kept = self._of(account)
        orders = sorted(kept.orders(), key=lambda each: each.request.client_order_id)
        return Ledger(tuple(orders), tuple(kept.fills), kept.venue.positions, kept.venue.cash)

    def records(self, account: str) -> tuple[Record, ...]:
        """The requests that came, and what was said of them, in order; prices left out."""
        return tuple(self._of(account).records)

    def counts(self) -> dict[str, int]:
        """How many accounts, orders and fills there are in all."""
        every = self._kept.values()
        fills = sum([len(each.fills) for each in every])
        return {"accounts": len(every), "orders": sum([each.placed for each in every]), "fills": fills}

    def _move(self, symbol: str, began: int) -> None:
        """One step of a walk that turns back at the ends of its range."""
        ppm = self._walk.randint(-self._temper.move_ppm, self._temper.move_ppm)
        wide = began * self._temper.range_ppm // MILLION
        moved = self.prices[symbol] + self.prices[symbol] * ppm // MILLION
        self.prices[symbol] = max(1, began - wide, min(began + wide, moved))
        for kept in self._kept.values():
            for each in kept.apply(MovePrice(symbol, self.prices[symbol])):
                kept.tell(each)

    def _of(self, account: str) -> "_Kept":
        if account not in self._kept:
            opened = Venue(self._house, self._cash, tuple(self.prices.items()))
            self._kept[account] = _Kept(opened, Random(f"{self._seed} fills {account}"))
        return self._kept[account]


class _Kept:
    """One account: the venue as it sees it, the orders that ended long ago, and who listens."""

    def __init__(self, opened: Venue, random: Random) -> None:
        self.venue = opened
        self.listeners: list[Hearing] = []
        self.records: list[Record] = []
        self.fills: list[Filled] = []
        self.placed = 0
        self._ended: dict[str, list[VenueOrder]] = {}
        self._random = random

    def apply(self, event: Request | Decision) -> tuple[Report, ...]:
        """One step of the venue, and its records."""
        before = len(self.venue.orders)
        self.venue, reports = venue.step(self.venue, event)
        self.placed += len(self.venue.orders) - before
        if isinstance(event, Request):
            self.records.append(Arrived(event))
        self.records += [each for each in reports if not isinstance(each, QUOTES)]
        self.fills += [each for each in reports if isinstance(each, Filled)]
        return reports

    def tell(self, report: Report, but: Hearing | None = None) -> None:
        """All who listen hear it."""
        for hear in [each for each in self.listeners if each != but]:
            hear(report)

    def trade(self, temper: Temper) -> None:
        """The market trades some of what it would."""
        self._put_away()
        for order in self.venue.orders:
            amount = venue.fillable(self.venue, order) if order.phase == "open" else 0
            if amount and self._random.randrange(WHOLE_BPS) < temper.trades_bps:
                part = self._part(order, amount, temper)
                for each in self.apply(FillOrder(order.request.client_order_id, part)):
                    self.tell(each)

    def recall(self, client_order_id: str) -> None:
        """Orders of that id that ended long ago are there again for the venue to look at."""
        ended = self._ended.pop(client_order_id, [])
        if ended:
            orders = sorted((*ended, *self.venue.orders), key=lambda each: each.request.client_order_id)
            self.venue = replace(self.venue, orders=tuple(orders))

    def orders(self) -> Iterator[VenueOrder]:
        """All there ever were; of one client order id, the oldest first."""
        for each in self._ended.values():
            yield from each
        yield from self.venue.orders

    def _part(self, order: VenueOrder, amount: int, temper: Temper) -> int:
        chance = temper.expires_bps if order.request.price is None else temper.parts_bps
        if amount == 1 or self._random.randrange(WHOLE_BPS) >= chance:
            return amount
        return self._random.randrange(1, amount)

    def _put_away(self) -> None:
        if len(self.venue.orders) <= LIVELY_MAX:
            return
        for each in self.venue.orders:
            if each.phase != "open":
                self._ended.setdefault(each.request.client_order_id, []).append(each)
        left = tuple([each for each in self.venue.orders if each.phase == "open"])
        self.venue = replace(self.venue, orders=left)


def _shown(order: VenueOrder) -> OpenOrder:
    request = order.request
    filled = venue.filled(order)
    return OpenOrder(request.client_order_id, request.symbol, request.side, request.amount, filled)
