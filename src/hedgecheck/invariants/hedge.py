"""I07: whatever was filled of one leg is balanced by the other, or gone again, or somebody was told."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    MarketTerms,
    Names,
    Table,
    Terms,
    View,
    lots_of,
    market_of,
    moved,
    named,
    put,
)
from hedgecheck.invariants.calendar import Hours, after, may_balance
from hedgecheck.invariants.netting import opponents
from hedgecheck.messages import (
    Alert,
    Arrived,
    Batch,
    CreateOrder,
    Exit,
    Filled,
    Intent,
    NewDay,
    Price,
    Side,
    Signaled,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.values import frozen, replace


@frozen
class Pair:
    """One intent with the smallest amounts its markets took when it was signaled; without a leg B it has
    nothing to hedge. ``rounded_b``: lots of leg B by which what netting left of it may be off its
    proportion: that is on the grid, too."""

    intent: Intent
    minimum_a: int
    minimum_b: int
    rounded_b: int = 0


@frozen
class Legs:
    """The books of I07: lowest price by symbol, intent of each order, lots and fees by "intent symbol", where
    there are any. ``pairs`` by intent.
    ``hours``: when the market can be traded in; ``waiting``: intents of which a person was told while it
    could not, and that still wait for it. ``leaving``: whether their strategies want out of intents;
    ``contested``: those that another of their moment opposes, where the engine ``nets``."""

    markets: tuple[MarketTerms, ...]
    prices: Counts
    pairs: Archive[Pair] = Archive()
    orders: Archive[str] = Archive()
    lots: Counts = Table()
    fees: Counts = Table()
    flagged: tuple[str, ...] = ()
    hours: Hours = Hours()
    waiting: tuple[str, ...] = ()
    leaving: Archive[bool] = Archive()
    contested: Names = Archive()
    nets: bool = False


def _initial(terms: Terms) -> Legs:
    prices = Table({each.symbol: each.price for each in terms.markets})
    nets = terms.bounds.conflicts == "net"
    return Legs(terms.markets, prices, nets=nets)


def _priced(memory: Legs, price: Price) -> Legs:
    if price.price >= memory.prices[price.symbol]:
        return memory
    return replace(memory, prices=put(memory.prices, price.symbol, price.price))


def _batched(memory: Legs, batch: Batch) -> Legs:
    return replace(memory, contested=named(memory.contested, *opponents(batch))) if memory.nets else memory


def _signaled(memory: Legs, record: Signaled) -> Legs:
    intent = record.intent
    if memory.leaving.get(intent.id):
        memory = replace(memory, leaving=memory.leaving.put(intent.id, False))
    if intent.id in memory.pairs:
        return memory
    last = intent.symbols[-1]
    rounded = market_of(memory.markets, last).lot if intent.id in memory.contested else 0
    pair = Pair(intent, _minimum(memory, intent.symbol_a), _minimum(memory, last), rounded)
    return replace(memory, pairs=memory.pairs.put(intent.id, pair))


def _arrived(memory: Legs, record: Arrived) -> Legs:
    request = record.request
    if not isinstance(request, CreateOrder):
        return memory
    return replace(memory, orders=memory.orders.put(request.client_order_id, request.intent or ""))


def _filled(memory: Legs, fill: Filled) -> Legs:
    key = f"{memory.orders.get(fill.client_order_id, '')} {fill.symbol}"
    lots = moved(memory.lots, key, lots_of(fill))
    return replace(memory, lots=lots, fees=moved(memory.fees, key, fill.fee_lots))


def _asked_out(memory: Legs, record: Exit) -> Legs:
    return replace(memory, leaving=memory.leaving.put(record.intent, True))


def _alerted(memory: Legs, alert: Alert) -> Legs:
    """What cannot be traded now is excused until it can; anything else waits for a person, for good."""
    if _must_wait(memory, alert.subject):
        return replace(memory, waiting=(*memory.waiting, alert.subject))
    return replace(memory, flagged=(*memory.flagged, alert.subject))


def _turned(memory: Legs, record: NewDay | TradingHalted | TradingResumed) -> Legs:
    memory = replace(memory, hours=after(memory.hours, record))
    return replace(memory, waiting=tuple([each for each in memory.waiting if _must_wait(memory, each)]))


def _must_wait(memory: Legs, intent: str) -> bool:
    """Whether nothing can be hedged or flattened for an intent now."""
    pair = memory.pairs.get(intent)
    return pair is not None and not may_balance(memory.hours, pair.intent)


LEGS = Books(
    _initial,
    {
        Batch: _batched,
        Signaled: _signaled,
        Arrived: _arrived,
        Filled: _filled,
        Price: _priced,
        Alert: _alerted,
        Exit: _asked_out,
        NewDay: _turned,
        TradingHalted: _turned,
        TradingResumed: _turned,
    },
    lambda memory: (
        memory.prices,
        memory.pairs,
        memory.orders,
        memory.lots,
        memory.fees,
        frozenset(memory.flagged),
        memory.hours,
        frozenset(memory.waiting),
        frozenset([name for name, leaves in memory.leaving.items() if leaves]),
        memory.contested,
    ),
)


@frozen
class Hedged:
    """At rest each intent's second leg, if it has one, is what its first leg calls for, or both are flat, up
    to what the market would not take as an order, and a lot more where netting rounded its plan; all legs are
    flat where the strategy wanted out. Where an alert is up for the intent a person has been told; one that
    came while the market was closed or halted for it excuses it only until it can be traded again."""

    id: str = "I07"
    name: str = "hedged"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = LEGS

    def verdict(self, memory: Legs, view: View) -> Finding:
        finding: Finding = "vacuous"
        for pair in _live(memory):
            intent = pair.intent
            held_a = _held_lots(memory, intent.id, intent.symbol_a, intent.side_a)
            held_b = _held_lots(memory, intent.id, intent.symbol_b, intent.side_b) if intent.amount_b else 0
            if intent.id in (*memory.flagged, *memory.waiting) or (not held_a and not held_b):
                continue
            # all times amount_a: a ratio of two amounts is not rounded
            missing = abs(intent.amount_b * held_a - intent.amount_a * held_b)
            fees = intent.amount_a * memory.fees.get(f"{intent.id} {intent.symbol_b}", 0)
            fees += intent.amount_b * memory.fees.get(f"{intent.id} {intent.symbol_a}", 0)
            dust = abs(held_a) < pair.minimum_a and abs(held_b) < pair.minimum_b
            if memory.leaving.get(intent.id) and not dust:
                second = f" and {held_b} of {intent.symbol_b}" if intent.amount_b else ""
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a}{second}, which its "
                    "strategy wanted out of"
                )
            if not intent.amount_b:
                continue
            if missing >= intent.amount_a * (pair.minimum_b + pair.rounded_b) + fees and not dust:
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a} against {held_b} "
                    f"of {intent.symbol_b}, where {intent.amount_b} for each {intent.amount_a} would hedge it"
                )
            finding = "holds"
        return finding


def _live(memory: Legs) -> list[Pair]:
    """The pairs of which anything is held."""
    names = dict.fromkeys(key.rpartition(" ")[0] for key in memory.lots)
    return [pair for name in names if (pair := memory.pairs.get(name)) is not None]


def _minimum(memory: Legs, symbol: str) -> int:
    market = market_of(memory.markets, symbol)
    worth = memory.prices[symbol] * market.tick_lot_value
    return max(market.minimum, market.lot, -(-market.minimum_notional // worth))


def _held_lots(memory: Legs, intent: str, symbol: str, side: Side) -> int:
    return memory.lots.get(f"{intent} {symbol}", 0) * (1 if side == "buy" else -1)
