"""I10: whenever an engine opens something, everything open, counted at its worst, is inside the limits."""

from typing import Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    Table,
    Terms,
    View,
    bump,
    lots_of,
    money_of,
    put,
    told_fills,
)
from hedgecheck.messages import (
    Alert,
    CreateOrder,
    Filled,
    Intent,
    Price,
    Returned,
    Sent,
    Side,
    Signaled,
    Status,
    Told,
)
from hedgecheck.values import frozen, replace


@frozen
class Opened:
    """An intent with orders out; ``price_a``, ``price_b``: what was told when it was signaled."""

    intent: Intent
    price_a: int
    price_b: int
    phase: Literal["signaled", "open", "over"] = "signaled"


@frozen
class Account:
    """Books from what the engine was told, and what they said at the last opening."""

    terms: Terms
    lot_values: Counts
    prices: Counts
    cash: int
    trades: tuple[str, ...]
    orders: Table[str]
    positions: Counts
    held: Counts
    opened: tuple[Opened, ...]
    flagged: tuple[str, ...]
    openings: int = 0
    breach: str = ""


def _initial(terms: Terms) -> Account:
    prices = Table({each.symbol: each.price for each in terms.markets})
    lot_values = Table({each.symbol: each.tick_lot_value for each in terms.markets})
    return Account(terms, lot_values, prices, terms.cash, (), Table(), Table(), Table(), (), ())


def _executed(memory: Account, record: Told) -> Account:
    for fill in told_fills(record, memory.trades):
        intent, lots = memory.orders.get(fill.client_order_id, ""), lots_of(fill)
        memory = replace(
            memory,
            trades=(*memory.trades, fill.trade_id),
            cash=memory.cash + money_of(fill, memory.lot_values[fill.symbol]),
            positions=bump(memory.positions, fill.symbol, lots),
            held=bump(memory.held, f"{intent} {fill.symbol}", lots),
        )
    return memory


def _priced(memory: Account, record: Told) -> Account:
    price = record.report
    assert isinstance(price, Price), "Invariant: books hear only what they ask for"
    return replace(memory, prices=put(memory.prices, price.symbol, price.price))


def _alerted(memory: Account, alert: Alert) -> Account:
    return replace(memory, flagged=(*memory.flagged, alert.subject))


def _returned(memory: Account, record: Returned) -> Account:
    if record.reason in ("DUPLICATE_SIGNAL", "KEY_BUSY"):
        return memory
    return _phase(memory, record.intent, "over")


def _signaled(memory: Account, record: Signaled) -> Account:
    intent = record.intent
    if any(each.intent.id == intent.id for each in memory.opened):
        return memory
    price_a = intent.price_a or memory.prices[intent.symbol_a]
    opened = Opened(intent, price_a, memory.prices[intent.symbol_b])
    return replace(memory, opened=(*memory.opened, opened))


def _phase(memory: Account, intent: str, phase: Literal["open", "over"]) -> Account:
    opened = tuple(replace(each, phase=phase) if each.intent.id == intent else each for each in memory.opened)
    return replace(memory, opened=opened)


def _sent(memory: Account, record: Sent) -> Account:
    request = record.request
    assert isinstance(request, CreateOrder), "Invariant: books hear only what they ask for"
    intent = request.intent or ""
    orders = put(memory.orders, request.client_order_id, intent)
    for each in memory.opened:
        if each.intent.id == intent and each.phase == "signaled":
            memory = replace(_phase(memory, intent, "open"), orders=orders, openings=memory.openings + 1)
            breach = memory.breach or _breach(memory, request)
            return replace(memory, breach=breach) if breach else memory
    return replace(memory, orders=orders)


def _breach(memory: Account, request: CreateOrder) -> str:
    bounds = memory.terms.bounds
    if request.amount > bounds.order_amount:
        return f"order {request.client_order_id} is for {request.amount} lots, over {bounds.order_amount}"
    running = [each for each in memory.opened if _runs(memory, each)]
    if len(running) > bounds.trades_in_flight:
        return f"{len(running)} trades are in flight, over {bounds.trades_in_flight}"
    equity = memory.cash
    for symbol, lots in memory.positions.items():
        equity += lots * memory.prices[symbol] * memory.lot_values[symbol]
    by_symbol, gross, heat = _worst(memory)
    touched = {symbol for each in running if each.intent.id == request.intent for symbol, *_ in _legs(each)}
    for symbol, value in by_symbol.items():
        if symbol in touched and value * 10_000 > equity * bounds.position_bps:
            return f"{symbol} may reach {value} of equity {equity}, over {bounds.position_bps} bps"
    if gross * 10_000 > equity * bounds.gross_bps:
        return f"gross exposure may reach {gross} of equity {equity}, over {bounds.gross_bps} bps"
    if heat * 10_000 > equity * bounds.heat_bps:
        return f"heat may reach {heat} of equity {equity}, over {bounds.heat_bps} bps"
    return ""


def _runs(memory: Account, each: Opened) -> bool:
    return each.phase == "open" or (each.phase == "over" and each.intent.id in memory.flagged)


def _worst(memory: Account) -> tuple[dict[str, int], int, int]:
    """Notional per symbol, gross notional and heat, everything open counted at its worst."""
    by_symbol = dict.fromkeys(memory.prices, 0)
    gross = heat = 0
    for each in memory.opened:
        is_running, intent = _runs(memory, each), each.intent
        for symbol, side, planned, stop, price in _legs(each):
            lots = abs(memory.held.get(f"{intent.id} {symbol}", 0))
            if is_running:
                lots = max(lots, planned)
            if lots:
                value = lots * memory.prices[symbol] * memory.lot_values[symbol]
                by_symbol[symbol] += value
                gross += value
                heat += -(-value * memory.terms.bounds.exit_cost_bps // 10_000)
                distance = price - (stop or 0) if side == "buy" else (stop or 0) - price
                heat += value if stop is None else max(0, distance) * lots * memory.lot_values[symbol]
    return by_symbol, gross, heat


def _legs(each: Opened) -> tuple[tuple[str, Side, int, int | None, int], ...]:
    """Symbol, side, lots planned, stop and the price it was judged by, of each leg."""
    intent = each.intent
    return (
        (intent.symbol_a, intent.side_a, intent.amount_a, intent.stop_a, each.price_a),
        (intent.symbol_b, intent.side_b, intent.amount_b, intent.stop_b, each.price_b),
    )


ACCOUNT = Books(
    _initial,
    {
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        (Told, Filled): _executed,
        (Told, Status): _executed,
        (Told, Price): _priced,
        Returned: _returned,
        Alert: _alerted,
    },
    lambda memory: (
        memory.prices,
        memory.cash,
        frozenset(memory.trades),
        memory.orders,
        memory.positions,
        memory.held,
        frozenset(memory.opened),
        frozenset(memory.flagged),
        memory.openings > 0,
        memory.breach,
    ),
)


@frozen
class WorstCaseLimit:
    """At every opening order: order size, trades in flight, position, gross exposure and heat, with every
    open intent counted in full and every finished one as what it holds."""

    id: str = "I10"
    name: str = "worst_case_limit"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = ((Sent, CreateOrder),)
    books: Books = ACCOUNT

    def verdict(self, memory: Account, view: View) -> Finding:
        if memory.breach:
            return Broken(memory.breach)
        return "holds" if memory.openings else "vacuous"
