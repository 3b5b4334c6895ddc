"""I07: whatever was filled of one leg is balanced by the other, or gone again, or somebody was told."""

from typing import Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    MarketTerms,
    Table,
    Terms,
    View,
    bump,
    lots_of,
    market_of,
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
    """One intent with the smallest amounts its markets took when it was signaled. ``rounded_b``: lots of leg
    B by which what netting left of it may be off its proportion: that is on the grid, too."""

    intent: Intent
    minimum_a: int
    minimum_b: int
    rounded_b: int = 0


@frozen
class Legs:
    """The books of I07: lowest price by symbol, intent of each order, lots and fees by "intent symbol".
    ``hours``: when the market can be traded in; ``waiting``: intents of which a person was told while it
    could not, and that still wait for it. ``leaving``: intents that their strategies want out of;
    ``contested``: those that another of their moment opposes, where the engine ``nets``."""

    markets: tuple[MarketTerms, ...]
    prices: Counts
    pairs: tuple[Pair, ...]
    orders: Table[str]
    lots: Counts
    fees: Counts
    flagged: tuple[str, ...]
    hours: Hours = Hours()
    waiting: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    nets: bool = False


def _initial(terms: Terms) -> Legs:
    prices = Table({each.symbol: each.price for each in terms.markets})
    nets = terms.bounds.conflicts == "net"
    return Legs(terms.markets, prices, (), Table(), Table(), Table(), (), nets=nets)


def _priced(memory: Legs, price: Price) -> Legs:
    if price.price >= memory.prices[price.symbol]:
        return memory
    return replace(memory, prices=put(memory.prices, price.symbol, price.price))


def _batched(memory: Legs, batch: Batch) -> Legs:
    return replace(memory, contested=(*memory.contested, *opponents(batch))) if memory.nets else memory


def _signaled(memory: Legs, record: Signaled) -> Legs:
    intent = record.intent
    memory = replace(memory, leaving=tuple([each for each in memory.leaving if each != intent.id]))
    if not intent.amount_b or any(pair.intent.id == intent.id for pair in memory.pairs):
        return memory
    rounded = market_of(memory.markets, intent.symbol_b).lot if intent.id in memory.contested else 0
    minima = _minimum(memory, intent.symbol_a), _minimum(memory, intent.symbol_b)
    pair = Pair(intent, *minima, rounded)
    return replace(memory, pairs=(*memory.pairs, pair))


def _arrived(memory: Legs, record: Arrived) -> Legs:
    request = record.request
    if not isinstance(request, CreateOrder):
        return memory
    return replace(memory, orders=put(memory.orders, request.client_order_id, request.intent or ""))


def _filled(memory: Legs, fill: Filled) -> Legs:
    key = f"{memory.orders.get(fill.client_order_id, '')} {fill.symbol}"
    lots = bump(memory.lots, key, lots_of(fill))
    return replace(memory, lots=lots, fees=bump(memory.fees, key, fill.fee_lots))


def _asked_out(memory: Legs, record: Exit) -> Legs:
    return replace(memory, leaving=(*memory.leaving, record.intent))


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
    pairs = [pair for pair in memory.pairs if pair.intent.id == intent]
    return any(not may_balance(memory.hours, pair.intent) for pair in pairs)


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
        frozenset(memory.pairs),
        memory.orders,
        memory.lots,
        memory.fees,
        frozenset(memory.flagged),
        memory.hours,
        frozenset(memory.waiting),
        frozenset(memory.leaving),
        frozenset(memory.contested),
    ),
)


@frozen
class Hedged:
    """At rest each intent's second leg is what its first leg calls for, or both are flat, up to what the
    market would not take as an order, and a lot more where netting rounded its plan; both are flat where the
    strategy wanted out. Where an alert is up for the intent a person has been told; one that came while the
    market was closed or halted for it excuses it only until it can be traded again."""

    id: str = "I07"
    name: str = "hedged"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = LEGS

    def verdict(self, memory: Legs, view: View) -> Finding:
        finding: Finding = "vacuous"
        for pair in memory.pairs:
            intent = pair.intent
            held_a = _held_lots(memory, intent.id, intent.symbol_a, intent.side_a)
            held_b = _held_lots(memory, intent.id, intent.symbol_b, intent.side_b)
            if intent.id in (*memory.flagged, *memory.waiting) or (not held_a and not held_b):
                continue
            # all times amount_a: a ratio of two amounts is not rounded
            missing = abs(intent.amount_b * held_a - intent.amount_a * held_b)
            fees = intent.amount_a * memory.fees.get(f"{intent.id} {intent.symbol_b}", 0)
            fees += intent.amount_b * memory.fees.get(f"{intent.id} {intent.symbol_a}", 0)
            dust = abs(held_a) < pair.minimum_a and abs(held_b) < pair.minimum_b
            if intent.id in memory.leaving and not dust:
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a} and {held_b} of "
                    f"{intent.symbol_b}, which its strategy wanted out of"
                )
            if missing >= intent.amount_a * (pair.minimum_b + pair.rounded_b) + fees and not dust:
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a} against {held_b} "
                    f"of {intent.symbol_b}, where {intent.amount_b} for each {intent.amount_a} would hedge it"
                )
            finding = "holds"
        return finding


def _minimum(memory: Legs, symbol: str) -> int:
    market = market_of(memory.markets, symbol)
    worth = memory.prices[symbol] * market.tick_lot_value
    return max(market.minimum, market.lot, -(-market.minimum_notional // worth))


def _held_lots(memory: Legs, intent: str, symbol: str, side: Side) -> int:
    return memory.lots.get(f"{intent} {symbol}", 0) * (1 if side == "buy" else -1)
