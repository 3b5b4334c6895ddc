"""I10: whenever an engine opens something, everything open, counted at its worst, is inside the limits."""

from dataclasses import dataclass
from typing import Any, Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    Pairs,
    Terms,
    View,
    bump,
    get,
    lots_of,
    market_of,
    money_of,
    put,
    told_fills,
)
from hedgecheck.messages import Alert, CreateOrder, Intent, Price, Record, Returned, Sent, Signaled, Told
from hedgecheck.values import replace


@dataclass(frozen=True, slots=True)
class Opened:
    """An intent with orders out; ``price_a``, ``price_b``: what was told when it was signaled."""

    intent: Intent
    price_a: int
    price_b: int
    phase: Literal["signaled", "open", "over"] = "signaled"


@dataclass(frozen=True, slots=True)
class Account:
    """Books from what the engine was told, and what they said at the last opening."""

    terms: Terms
    prices: Pairs
    cash: int
    trades: tuple[str, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    positions: Pairs = ()
    held: Pairs = ()
    opened: tuple[Opened, ...] = ()
    flagged: tuple[str, ...] = ()
    openings: int = 0
    breach: str = ""


@dataclass(frozen=True, slots=True)
class AccountBooks:
    """The books behind ``WorstCaseLimit``."""

    hears: tuple[type[Any], ...] = (Signaled, Sent, Told, Returned, Alert)

    def initial(self, terms: Terms) -> Account:
        prices = tuple(sorted((each.symbol, each.price) for each in terms.markets))
        return Account(terms, prices, terms.cash)

    def observe(self, memory: Account, record: Record) -> Account:
        match record:
            case Told(report=Price() as price):
                return replace(memory, prices=put(memory.prices, price.symbol, price.price))
            case Told():
                return _hear(memory, record)
            case Signaled():
                return _signaled(memory, record.intent)
            case Sent(request=CreateOrder() as request):
                return _sent(memory, request)
            case Alert():
                return replace(memory, flagged=(*memory.flagged, record.subject))
            case Returned() if record.reason not in ("DUPLICATE_SIGNAL", "KEY_BUSY"):
                return _phase(memory, record.intent, "over")
            case _:
                return memory


@dataclass(frozen=True, slots=True)
class WorstCaseLimit:
    """At every opening order: order size, trades in flight, position, gross exposure and heat, with every
    open intent counted in full and every finished one as what it holds."""

    id: str = "I10"
    name: str = "worst_case_limit"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[type[Any], ...] | None = None
    books: Books = AccountBooks()

    def verdict(self, memory: Account, view: View) -> Finding:
        if memory.breach:
            return Broken(memory.breach)
        return "holds" if memory.openings else "vacuous"


def _hear(memory: Account, record: Told) -> Account:
    for fill in told_fills(record, memory.trades):
        intent = dict(memory.orders).get(fill.client_order_id, "")
        memory = replace(
            memory,
            trades=(*memory.trades, fill.trade_id),
            cash=memory.cash + money_of(fill, market_of(memory.terms, fill.symbol).tick_lot_value),
            positions=bump(memory.positions, fill.symbol, lots_of(fill)),
            held=bump(memory.held, f"{intent} {fill.symbol}", lots_of(fill)),
        )
    return memory


def _signaled(memory: Account, intent: Intent) -> Account:
    if any(each.intent.id == intent.id for each in memory.opened):
        return memory
    price_a = intent.price_a or get(memory.prices, intent.symbol_a)
    opened = Opened(intent, price_a, get(memory.prices, intent.symbol_b))
    return replace(memory, opened=(*memory.opened, opened))


def _phase(memory: Account, intent: str, phase: Literal["open", "over"]) -> Account:
    opened = tuple(replace(each, phase=phase) if each.intent.id == intent else each for each in memory.opened)
    return replace(memory, opened=opened)


def _sent(memory: Account, request: CreateOrder) -> Account:
    intent = request.intent or ""
    memory = replace(memory, orders=(*memory.orders, (request.client_order_id, intent)))
    if not any(each.intent.id == intent and each.phase == "signaled" for each in memory.opened):
        return memory
    memory = _phase(memory, intent, "open")
    breach = memory.breach or _breach(memory, request)
    return replace(memory, openings=memory.openings + 1, breach=breach)


def _breach(memory: Account, request: CreateOrder) -> str:
    bounds = memory.terms.bounds
    if request.amount > bounds.order_amount:
        return f"order {request.client_order_id} is for {request.amount} lots, over {bounds.order_amount}"
    running = [each for each in memory.opened if _runs(memory, each)]
    if len(running) > bounds.trades_in_flight:
        return f"{len(running)} trades are in flight, over {bounds.trades_in_flight}"
    equity = memory.cash + sum(lots * _worth(memory, symbol) for symbol, lots in memory.positions)
    by_symbol, gross, heat = _worst(memory)
    for symbol, value in by_symbol:
        if value * 10_000 > equity * bounds.position_bps:
            return f"{symbol} may reach {value} of equity {equity}, over {bounds.position_bps} bps"
    if gross * 10_000 > equity * bounds.gross_bps:
        return f"gross exposure may reach {gross} of equity {equity}, over {bounds.gross_bps} bps"
    if heat * 10_000 > equity * bounds.heat_bps:
        return f"heat may reach {heat} of equity {equity}, over {bounds.heat_bps} bps"
    return ""


def _runs(memory: Account, each: Opened) -> bool:
    return each.phase == "open" or (each.phase == "over" and each.intent.id in memory.flagged)


def _worth(memory: Account, symbol: str) -> int:
    return get(memory.prices, symbol) * market_of(memory.terms, symbol).tick_lot_value


def _worst(memory: Account) -> tuple[Pairs, int, int]:
    """Notional per symbol, gross notional and heat, everything open counted at its worst."""
    by_symbol: Pairs = ()
    gross = heat = 0
    for each in memory.opened:
        intent = each.intent
        legs = (
            (intent.symbol_a, intent.side_a, intent.amount_a, intent.stop_a, each.price_a),
            (intent.symbol_b, intent.side_b, intent.amount_b, intent.stop_b, each.price_b),
        )
        for symbol, side, planned, stop, price in legs:
            lots = abs(get(memory.held, f"{intent.id} {symbol}"))
            if _runs(memory, each):
                lots = max(lots, planned)
            value = lots * _worth(memory, symbol)
            by_symbol = bump(by_symbol, symbol, value)
            gross += value
            heat += -(-value * memory.terms.bounds.exit_cost_bps // 10_000)
            if stop is None:
                heat += value
            else:
                distance = price - stop if side == "buy" else stop - price
                heat += max(0, distance) * lots * market_of(memory.terms, symbol).tick_lot_value
    return by_symbol, gross, heat
