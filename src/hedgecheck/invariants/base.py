"""What an invariant is: a pure observer of records with a memory of its own, and a verdict.

Memories are frozen records; the mappings in them are never written to, only copied with a change, so that a
memory can be compared and hashed. A ``Table`` is copied whole: it holds what is live. What only grows as long
as an execution goes on is in an ``Archive``.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Literal, Protocol, TypeVar

from hedgecheck.archive import Archive
from hedgecheck.messages import BookShown, Filled, Record, Sent, Status, Told
from hedgecheck.values import frozen

Pairs = tuple[tuple[str, int], ...]  # sorted by name
Heard = type[Any] | tuple[type[Any], type[Any]]
Conflicts = Literal["refuse", "net"]
Handler = Callable[[Any, Any], Any]
Value = TypeVar("Value")
WHOLE_BPS = 10_000


@frozen
class Broken:
    """The rule does not hold; ``why`` says so with the numbers."""

    why: str


Finding = Broken | Literal["holds", "vacuous"]  # vacuous: nothing was there that could have broken it


@frozen
class BelievedOrder:
    """An order as the engine reports it; ``over``: the engine no longer expects anything of it."""

    client_order_id: str
    over: bool
    filled: int


@frozen
class Belief:
    """What an engine reports of itself. ``positions`` are signed lots by symbol, without zeros; ``halted``:
    it opens nothing until a person says so. ``attributed``: intent, symbol and signed lots that it holds for
    that intent, sorted, without zeros; ``accounts``: the cash of each strategy and, under an empty name, of
    the reserve, sorted; None where it does not say."""

    cash: int
    positions: Pairs
    orders: tuple[BelievedOrder, ...]
    halted: bool = False
    attributed: tuple[tuple[str, str, int], ...] | None = None
    accounts: Pairs | None = None


Restart = tuple[Belief, str]


@frozen
class MarketTerms:
    """What an observer must know of a market: minima in lots and money, money per tick and lot."""

    symbol: str
    price: int
    tick_lot_value: int = 1
    minimum: int = 1
    minimum_notional: int = 0
    lot: int = 1
    tick: int = 1


@frozen
class Bounds:
    """The limits an engine was told to keep; bps of equity, but of the market price for the collar.

    ``order_notional`` in money. ``correlations``: of two symbols, in bps; from ``cluster_correlation`` on,
    and where it is not known, they move together. ``message_burst``: requests that may leave at once, and
    ``message_refill`` more whenever the engine's timer ``rate`` fires; 0 is no limit. ``budgets``: the share
    of the cash that each strategy begins with, sorted by name; what it has open is at most ``budget_bps`` of
    what it has then. Without any all share the account. ``conflicts``: what becomes of intents of one moment
    that oppose one another: the later is refused, or they are netted. ``participation_bps``: of what stands
    at the best price of the side of a book that an order takes from; ``spread_bps`` and ``impact_bps``, of
    the price; None is no limit.
    """

    position_bps: int = 2_000
    gross_bps: int = 10_000
    heat_bps: int = 600
    exit_cost_bps: int = 10
    trades_in_flight: int = 4
    order_amount: int = 1_000_000
    strategy_bps: int = 10_000
    net_bps: int = 10_000
    leverage_bps: int = 10_000
    cluster_bps: int = 10_000
    cluster_correlation: int = 7_000
    correlations: tuple[tuple[str, str, int], ...] = ()
    collar_bps: int = 1_000_000
    order_notional: int = 10**12
    message_burst: int = 0
    message_refill: int = 1
    budgets: tuple[tuple[str, int], ...] = ()
    budget_bps: int = 10_000
    participation_bps: int | None = None
    spread_bps: int | None = None
    impact_bps: int | None = None
    conflicts: Conflicts = "refuse"


@frozen
class Terms:
    """The setting an observer starts from. ``daily_loss_bps`` of a day's opening equity and ``drawdown_bps``
    of the highest equity are what may not be lost; 0 is no limit. ``books``: what the venue opened with."""

    cash: int
    markets: tuple[MarketTerms, ...]
    bounds: Bounds = Bounds()
    not_found_confirmations: int = 3
    daily_loss_bps: int = 200
    drawdown_bps: int = 0
    books: tuple[BookShown, ...] = ()


class View(Protocol):
    """What a verdict may see of the world beyond its own memory."""

    @property
    def belief(self) -> Belief: ...

    @property
    def is_at_rest(self) -> bool: ...

    @property
    def restarts(self) -> tuple["Restart", ...]:
        """What the engine believes after one restart and after a second, each followed through to rest, and
        the order it opened, if any. Empty where engines do not restart in this setting."""


def heard_as(record: Record) -> Heard:
    """What a record is heard as: its type; of what was told or sent, also the type of that."""
    if isinstance(record, Told):
        return Told, type(record.report)
    if isinstance(record, Sent):
        return Sent, type(record.request)
    return type(record)


def _itself(memory: Any) -> Hashable:
    assert isinstance(memory, Hashable), "Invariant: a memory is a value"
    return memory


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """A pure observer: the memory it starts from, and what each record it hears makes of it.

    Invariants with the same books share one memory. ``essence``: what of a memory future verdicts depend on;
    two memories of one essence are one to a search that visits every state once.
    """

    initial: Callable[[Terms], Any]
    handlers: Mapping[Heard, Handler]
    essence: Callable[[Any], Hashable] = _itself

    def observe(self, memory: Any, record: Record) -> Any:
        """The memory after a record; the same one where the books do not hear it."""
        handler = self.handlers.get(heard_as(record))
        return memory if handler is None else handler(memory, record)


class Invariant(Protocol):
    """A rule over the memory of its books, and over what the engine believes.

    ``kind`` rest: judged at rest only; compared: of two executions, never of one. ``judged_after``: the
    record types after which an always rule is judged; None where it looks at nothing but its memory, so that
    a change of that is enough.
    """

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> Literal["always", "rest", "compared"]: ...

    @property
    def judged_after(self) -> tuple[Heard, ...] | None: ...

    @property
    def books(self) -> Books: ...

    def verdict(self, memory: Any, view: View) -> Finding: ...


def capitals(terms: Terms) -> "Counts":
    """The cash that each strategy and the reserve begin with. Empty where strategies have none."""
    return shared(terms.cash, terms.bounds)


def shared(amount: int, bounds: Bounds) -> "Counts":
    """Money by the budgets: units that are left over go to those that lost most by rounding, and what is
    taken is shared as what is given. Empty where there are no budgets."""
    if not bounds.budgets:
        return Table()
    shares = dict(bounds.budgets)
    shares[""] = WHOLE_BPS - sum(shares.values())
    exact = {name: Fraction(abs(amount) * bps, WHOLE_BPS) for name, bps in shares.items()}
    parts = {name: floor(part) for name, part in exact.items()}
    while sum(parts.values()) < abs(amount):
        most = max(sorted(exact), key=lambda name: exact[name] - parts[name])
        parts[most] += 1
    return Table(parts if amount >= 0 else {name: -part for name, part in parts.items()})


# ---- books -----------------------------------------------------------------------------------------


class Table(dict[str, Value]):
    """A mapping that is a value: never written to, equal and hashed by what it holds."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


Counts = Table[int]


def put(table: Table[Value], key: str, value: Value) -> Table[Value]:
    """The table with ``value`` at ``key``."""
    changed = Table(table)
    changed[key] = value
    return changed


def bump(counts: Counts, key: str, change: int) -> Counts:
    """The counts with ``change`` added at ``key``."""
    return put(counts, key, counts.get(key, 0) + change)


def moved(counts: Counts, key: str, change: int) -> Counts:
    """The counts with ``change`` added at ``key``; what comes to zero is gone."""
    after = counts.get(key, 0) + change
    if after:
        return put(counts, key, after)
    return Table({name: count for name, count in counts.items() if name != key})


Names = Archive[None]  # a set of names that only grows


def named(names: Names, *more: str) -> Names:
    """The names with more of them."""
    for each in more:
        if each not in names:
            names = names.put(each, None)
    return names


def nonzero(counts: Counts) -> Pairs:
    """The counts that are not zero, by name."""
    return tuple(sorted(pair for pair in counts.items() if pair[1]))


def told_fills(record: Told, known: Names) -> tuple[Filled, ...]:
    """The executions that the engine hears of for the first time with this record, by trade id."""
    report = record.report
    if isinstance(report, Filled):
        return () if report.trade_id in known else (report,)
    if isinstance(report, Status) and report.fills:
        return tuple(fill for fill in report.fills if fill.trade_id not in known)
    return ()


def lots_of(fill: Filled) -> int:
    """Signed lots by which a fill moves the position."""
    return (fill.amount if fill.side == "buy" else -fill.amount) - fill.fee_lots


def money_of(fill: Filled, tick_lot_value: int) -> int:
    """Signed money by which a fill moves the cash."""
    paid = fill.amount * fill.price * tick_lot_value
    return (-paid if fill.side == "buy" else paid) - fill.fee_money


def market_of(markets: tuple[MarketTerms, ...], symbol: str) -> MarketTerms:
    """The market of a listed symbol."""
    for market in markets:
        if market.symbol == symbol:
            return market
    raise AssertionError("Invariant: observers hear of listed symbols only")
