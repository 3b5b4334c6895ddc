"""How much of an intent may be at risk, and where: I05 one intent one exposure, I07 hedged."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from hedgecheck.invariants.base import (
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
    Accepted,
    Alert,
    Arrived,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Intent,
    Lost,
    Price,
    Record,
    Rejected,
    Returned,
    Sent,
    Side,
    Signaled,
    Told,
)


@dataclass(frozen=True, slots=True)
class Working:
    """An order that is on its way to the venue (``held`` False) or that the venue holds."""

    client_order_id: str
    symbol: str
    side: Side
    left: int
    intent: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Exposure:
    """The books of I05. Keys are "symbol side" for amounts, "intent symbol" for ``by_intent``.

    ``calls``: deliveries of an intent that have not returned. ``done``: intents that succeeded.
    """

    asked: Pairs = ()
    filled: Pairs = ()
    residual: Pairs = ()
    working: tuple[Working, ...] = ()
    intents: tuple[Intent, ...] = ()
    calls: Pairs = ()
    done: tuple[str, ...] = ()
    by_intent: Pairs = ()


@dataclass(frozen=True, slots=True)
class OneIntentOneExposure:
    """After every venue step, per symbol and side, within an epoch of the symbol:
    ``filled[s] + working[s] <= asked[s] + filled[o] + residual[o]``.

    An epoch ends when nothing works on the symbol, nothing is unknown and every delivered call returned.
    ``residual`` is what intents that did not succeed left open before it.
    """

    id: str = "I05"
    name: str = "one_intent_one_exposure"
    kind: Literal["always"] = "always"
    hears: tuple[type[Any], ...] = (
        Signaled,
        Sent,
        Lost,
        Accepted,
        Rejected,
        Filled,
        Canceled,
        Expired,
        Returned,
    )

    def initial(self, terms: Terms) -> Exposure:
        return Exposure()

    def observe(self, memory: Exposure, record: Record) -> Exposure:
        match record:
            case Signaled():
                return _asked(memory, record.intent)
            case Sent() | Lost():
                return _on_wire(memory, record)
            case Filled():
                return _filled(memory, record)
            case Accepted():
                return replace(memory, working=_held(memory.working, record.client_order_id))
            case Rejected() | Canceled() | Expired():
                return _epochs(replace(memory, working=_less(memory.working, record.client_order_id)))
            case Returned():
                done = (*memory.done, record.intent) if record.success else memory.done
                return _epochs(replace(memory, calls=bump(memory.calls, record.intent, -1), done=done))
            case _:
                return memory

    def verdict(self, memory: Exposure, view: View) -> Finding:
        if not memory.working and not memory.filled:
            return "vacuous"
        for key in sorted({key for key, _ in memory.filled} | {_key(order) for order in memory.working}):
            symbol, _, side = key.rpartition(" ")
            other = f"{symbol} {'sell' if side == 'buy' else 'buy'}"
            working = sum(order.left for order in memory.working if order.held and _key(order) == key)
            at_risk = get(memory.filled, key) + working
            bound = get(memory.asked, key) + get(memory.filled, other) + get(memory.residual, other)
            if at_risk > bound:
                return Broken(
                    f"{symbol}: {get(memory.filled, key)} lots {side} filled and {working} working, "
                    f"where {get(memory.asked, key)} were asked for and {bound - get(memory.asked, key)} "
                    f"are there to be closed"
                )
        return "holds"


def _key(order: Working) -> str:
    return f"{order.symbol} {order.side}"


def _asked(memory: Exposure, intent: Intent) -> Exposure:
    memory = replace(memory, calls=bump(memory.calls, intent.id, 1))
    if any(known.id == intent.id for known in memory.intents):
        return memory
    asked = bump(memory.asked, f"{intent.symbol_a} {intent.side_a}", intent.amount_a)
    asked = bump(asked, f"{intent.symbol_b} {intent.side_b}", intent.amount_b)
    return replace(memory, asked=asked, intents=(*memory.intents, intent))


def _on_wire(memory: Exposure, record: Sent | Lost) -> Exposure:
    request = record.request
    if not isinstance(request, CreateOrder):
        return memory
    if isinstance(record, Lost):
        return _epochs(replace(memory, working=_less(memory.working, request.client_order_id)))
    order = Working(
        request.client_order_id, request.symbol, request.side, request.amount, request.intent or ""
    )
    return replace(memory, working=(*memory.working, order))


def _held(working: tuple[Working, ...], client_order_id: str) -> tuple[Working, ...]:
    return tuple(
        replace(order, held=True) if order.client_order_id == client_order_id else order for order in working
    )


def _less(working: tuple[Working, ...], client_order_id: str) -> tuple[Working, ...]:
    return tuple(order for order in working if order.client_order_id != client_order_id)


def _filled(memory: Exposure, fill: Filled) -> Exposure:
    working = []
    by_intent = memory.by_intent
    for order in memory.working:
        if order.client_order_id == fill.client_order_id:
            by_intent = bump(by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
            order = replace(order, left=order.left - fill.amount)  # noqa: PLW2901
        if order.left:
            working.append(order)
    filled = bump(memory.filled, f"{fill.symbol} {fill.side}", fill.amount)
    return _epochs(replace(memory, working=tuple(working), filled=filled, by_intent=by_intent))


def _epochs(memory: Exposure) -> Exposure:
    """Ends the epoch of every symbol on which nothing works and all calls have returned."""
    busy = {order.symbol for order in memory.working}
    for intent in memory.intents:
        if get(memory.calls, intent.id) > 0:
            busy |= {intent.symbol_a, intent.symbol_b}
    symbols = {key.rpartition(" ")[0] for key, _ in (*memory.asked, *memory.filled)}
    for symbol in sorted(symbols - busy):
        memory = _end_epoch(memory, symbol)
    return memory


def _end_epoch(memory: Exposure, symbol: str) -> Exposure:
    left = {"buy": 0, "sell": 0}
    for key, lots in memory.by_intent:
        intent, _, name = key.rpartition(" ")
        if name == symbol and intent not in memory.done:
            left["buy" if lots > 0 else "sell"] += abs(lots)
    residual = memory.residual
    for side, lots in left.items():
        residual = put(residual, f"{symbol} {side}", lots)
    keys = (f"{symbol} buy", f"{symbol} sell")
    return replace(
        memory,
        asked=tuple(pair for pair in memory.asked if pair[0] not in keys),
        filled=tuple(pair for pair in memory.filled if pair[0] not in keys),
        residual=residual,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """One intent with the smallest amounts its markets took when it was signaled."""

    intent: Intent
    minimum_a: int
    minimum_b: int


@dataclass(frozen=True, slots=True)
class Legs:
    """The books of I07: orders by intent, lots and fee lots by "intent symbol"."""

    markets: tuple[MarketTerms, ...]
    prices: Pairs
    pairs: tuple[Pair, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    lots: Pairs = ()
    fees: Pairs = ()
    flagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hedged:
    """At rest each intent's second leg is what its first leg calls for, or both are flat, up to what the
    market would not take as an order. Where an alert is up for the intent a person has been told."""

    id: str = "I07"
    name: str = "hedged"
    kind: Literal["rest"] = "rest"
    hears: tuple[type[Any], ...] = (Signaled, Arrived, Filled, Told, Alert)

    def initial(self, terms: Terms) -> Legs:
        return Legs(terms.markets, tuple(sorted((each.symbol, each.price) for each in terms.markets)))

    def observe(self, memory: Legs, record: Record) -> Legs:
        match record:
            case Told(report=Price() as price):
                return replace(memory, prices=put(memory.prices, price.symbol, price.price))
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

    def verdict(self, memory: Legs, view: View) -> Finding:
        finding: Finding = "vacuous"
        for pair in memory.pairs:
            intent = pair.intent
            held_a = _held_lots(memory, intent.id, intent.symbol_a, intent.side_a)
            held_b = _held_lots(memory, intent.id, intent.symbol_b, intent.side_b)
            if intent.id in memory.flagged or (not held_a and not held_b):
                continue
            target = intent.amount_b * held_a // intent.amount_a
            fees = get(memory.fees, f"{intent.id} {intent.symbol_b}")
            fees += get(memory.fees, f"{intent.id} {intent.symbol_a}") * intent.amount_b // intent.amount_a
            dust = held_a < pair.minimum_a and abs(held_b) < pair.minimum_b
            if abs(target - held_b) >= pair.minimum_b + fees + 1 and not dust:
                return Broken(
                    f"at rest intent {intent.id} holds {held_a} lots of {intent.symbol_a} against "
                    f"{held_b} of {intent.symbol_b}, where {target} would hedge it"
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
