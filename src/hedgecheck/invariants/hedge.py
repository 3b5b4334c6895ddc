"""I07: whatever was filled of one leg is balanced by the other, or gone again, or somebody was told."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    MarketTerms,
    Pairs,
    Terms,
    View,
    bump,
    get,
    lots_of,
    put,
)
from hedgecheck.messages import (
    Alert,
    Arrived,
    CreateOrder,
    Filled,
    Intent,
    Price,
    Record,
    Side,
    Signaled,
)
from hedgecheck.values import replace


@dataclass(frozen=True, slots=True)
class Pair:
    """One intent with the smallest amounts its markets took when it was signaled."""

    intent: Intent
    minimum_a: int
    minimum_b: int


@dataclass(frozen=True, slots=True)
class Legs:
    """The books of I07: lowest price by symbol, intent of each order, lots and fees by "intent symbol"."""

    markets: tuple[MarketTerms, ...]
    prices: Pairs
    pairs: tuple[Pair, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    lots: Pairs = ()
    fees: Pairs = ()
    flagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LegBooks:
    """The books behind ``Hedged``."""

    hears: tuple[type[Any], ...] = (Signaled, Arrived, Filled, Price, Alert)

    def initial(self, terms: Terms) -> Legs:
        return Legs(terms.markets, tuple(sorted((each.symbol, each.price) for each in terms.markets)))

    def observe(self, memory: Legs, record: Record) -> Legs:
        match record:
            case Price():
                lowest = min(record.price, get(memory.prices, record.symbol))
                return replace(memory, prices=put(memory.prices, record.symbol, lowest))
            case Signaled():
                return _paired(memory, record.intent)
            case Arrived(request=CreateOrder() as request):
                return replace(
                    memory, orders=(*memory.orders, (request.client_order_id, request.intent or ""))
                )
            case Filled():
                key = f"{dict(memory.orders).get(record.client_order_id, '')} {record.symbol}"
                lots = bump(memory.lots, key, lots_of(record))
                return replace(memory, lots=lots, fees=bump(memory.fees, key, record.fee_lots))
            case Alert():
                return replace(memory, flagged=(*memory.flagged, record.subject))
            case _:
                return memory


@dataclass(frozen=True, slots=True)
class Hedged:
    """At rest each intent's second leg is what its first leg calls for, or both are flat, up to what the
    market would not take as an order. Where an alert is up for the intent a person has been told."""

    id: str = "I07"
    name: str = "hedged"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = LegBooks()

    def verdict(self, memory: Legs, view: View) -> Finding:
        finding: Finding = "vacuous"
        for pair in memory.pairs:
            intent = pair.intent
            held_a = _held_lots(memory, intent.id, intent.symbol_a, intent.side_a)
            held_b = _held_lots(memory, intent.id, intent.symbol_b, intent.side_b)
            if intent.id in memory.flagged or (not held_a and not held_b):
                continue
            # all times amount_a: a ratio of two amounts is not rounded
            missing = abs(intent.amount_b * held_a - intent.amount_a * held_b)
            fees = intent.amount_a * get(memory.fees, f"{intent.id} {intent.symbol_b}")
            fees += intent.amount_b * get(memory.fees, f"{intent.id} {intent.symbol_a}")
            dust = abs(held_a) < pair.minimum_a and abs(held_b) < pair.minimum_b
            if missing >= intent.amount_a * pair.minimum_b + fees and not dust:
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a} against {held_b} "
                    f"of {intent.symbol_b}, where {intent.amount_b} for each {intent.amount_a} would hedge it"
                )
            finding = "holds"
        return finding


def _paired(memory: Legs, intent: Intent) -> Legs:
    if any(pair.intent.id == intent.id for pair in memory.pairs):
        return memory
    pair = Pair(intent, _minimum(memory, intent.symbol_a), _minimum(memory, intent.symbol_b))
    return replace(memory, pairs=(*memory.pairs, pair))


def _minimum(memory: Legs, symbol: str) -> int:
    market = next(each for each in memory.markets if each.symbol == symbol)
    worth = get(memory.prices, symbol) * market.tick_lot_value
    return max(market.minimum, market.lot, -(-market.minimum_notional // worth))


def _held_lots(memory: Legs, intent: str, symbol: str, side: Side) -> int:
    return get(memory.lots, f"{intent} {symbol}") * (1 if side == "buy" else -1)
