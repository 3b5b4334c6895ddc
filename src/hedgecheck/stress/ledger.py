"""The books of a run, counted from the venue's records: what every order got, what every intent traded, and
what the account is worth. It takes nothing from the engine but what it sent and what it said.

Inside amounts are ints, as on the wire; what it gives away is in units of the symbols and of the currency.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hedgecheck.messages import (
    Alert,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Intent,
    Lost,
    OutcomeUnknown,
    Record,
    Rejected,
    Returned,
    Sent,
    Status,
    Told,
)
from hedgecheck.stress.exchange import Fill
from hedgecheck.stress.models import ExecutionResult, TradeRecord
from hedgecheck.stress.scale import Scale

TRIPPED = "BREAKER_TRIPPED"
STOPPED, LEFT = "stop", "engine"  # by its protective stop; by the engine, of its own accord
WAITS_FOR_A_PERSON = ("TRADE_PARKED", "ORDER_UNRESOLVED")


@dataclass(slots=True)
class OrderBook:
    """One order, as far as it has come."""

    request: CreateOrder
    bar: int
    sent_ns: int
    reference: int
    lots: int = 0
    notional: int = 0
    slippage: float = 0.0
    spread: float = 0.0
    fee: int = 0
    known_ns: int | None = None
    end: str = ""
    reason: str = ""
    unknown: bool = False


@dataclass(slots=True)
class TradeBook:
    """One intent, as far as it has come; ``flow``: cash that it brought, in minor units, without fees."""

    intent: Intent
    strategy: str
    lots: Counter[str] = field(default_factory=Counter)
    flow: int = 0
    fees: int = 0
    entered: int = 0
    entry_notional: int = 0
    exited: int = 0
    exit_notional: int = 0
    entry_bar: int | None = None
    exit_bar: int | None = None
    worst: int = 0
    best: int = 0
    reason: str = ""


class Ledger:
    """``bar`` is set by whoever runs the bars."""

    def __init__(self, cash: int, prices: dict[str, int], scale: Scale) -> None:
        self.bar = 0
        self.cash, self.prices, self.scale = cash, prices, scale
        self.positions: Counter[str] = Counter()
        self.trades: dict[str, TradeBook] = {}
        self.open: dict[str, TradeBook] = {}  # those that hold something
        self.pending: dict[str, Intent] = {}  # whose call has not returned
        self.refusals: Counter[str] = Counter()
        self.trips: list[tuple[int, str]] = []
        self.parked: dict[str, tuple[int, str]] = {}  # trades that a person must look at: since when, and why
        self.orders: dict[str, OrderBook] = {}
        self.changes = 0  # of what is held or under way
        self.low = cash  # the least that the account was worth since it was asked for
        self.failures = 0
        self.ghosts = 0
        self._costs: dict[str, Fill] = {}
        self._now_ns = 0
        self._held = 0  # what is held is worth at the last prices

    # ---- what happens ----------------------------------------------------------------------------------

    def asked(self, intent: Intent, strategy: str) -> None:
        """A strategy wants something."""
        self.changes += 1
        self.pending[intent.id] = intent
        self.trades[intent.id] = TradeBook(intent, strategy)

    def leaves(self, intent: str, why: str) -> None:
        """It wants out."""
        if not self.trades[intent].reason:
            self.trades[intent].reason = why

    def cost(self, order: str, fill: Fill) -> None:
        """What the next fill of an order costs beyond the market's price."""
        self._costs[order] = fill

    def hear(self, record: Record, now_ns: int) -> None:
        """Books one record, of a type in ``HANDLERS``."""
        self._now_ns = now_ns
        HANDLERS[type(record)](self, record)

    def _sent(self, record: Sent) -> None:
        request = record.request
        if isinstance(request, CreateOrder):
            reference = request.stop_price or self.prices[request.symbol]
            self.orders[request.client_order_id] = OrderBook(request, self.bar, self._now_ns, reference)

    def _filled(self, fill: Filled) -> None:
        order = self.orders[fill.client_order_id]
        sign = 1 if fill.side == "buy" else -1
        order.lots += fill.amount
        order.notional += fill.amount * fill.price
        order.fee += fill.fee_money
        cost = self._costs.pop(fill.client_order_id, None)
        if cost is not None:
            order.slippage += cost.slippage * fill.amount
            order.spread += cost.spread_cost * fill.amount
        self.cash -= sign * fill.amount * fill.price + fill.fee_money
        self.positions[fill.symbol] += sign * fill.amount
        self._held += sign * fill.amount * self.prices[fill.symbol]
        self.low = min(self.low, self.equity())
        self.changes += 1
        self._booked(self.trades[order.request.intent or ""], order.request, fill, sign)

    def _booked(self, trade: TradeBook, request: CreateOrder, fill: Filled, sign: int) -> None:
        trade.flow -= sign * fill.amount * fill.price
        trade.fees += fill.fee_money
        trade.lots[fill.symbol] += sign * fill.amount
        if fill.symbol == trade.intent.symbol_a:
            if fill.side == trade.intent.side_a:
                trade.entered += fill.amount
                trade.entry_notional += fill.amount * fill.price
            else:
                trade.exited += fill.amount
                trade.exit_notional += fill.amount * fill.price
        if trade.entry_bar is None:
            trade.entry_bar = self.bar
        if any(trade.lots.values()):
            trade.exit_bar = None
            self.open[trade.intent.id] = trade
            return
        trade.exit_bar = self.bar
        trade.reason = trade.reason or (STOPPED if request.stop_price is not None else LEFT)
        self.open.pop(trade.intent.id, None)

    def _ended(self, record: Rejected | Canceled | Expired) -> None:
        order = self.orders.get(record.client_order_id)
        if order is None:
            return
        order.end = type(record).__name__.lower()
        if isinstance(record, Rejected):
            order.reason = record.reason
            self.failures += 1

    def _lost(self, record: Lost) -> None:
        order = self.orders.get(record.request.client_order_id)
        if order is not None and isinstance(record.request, CreateOrder):
            order.end, order.reason = "failed", "REQUEST_LOST"
            self.failures += 1

    def _told(self, record: Told) -> None:
        name = getattr(record.report, "client_order_id", "")
        order = self.orders.get(name)
        if order is None:
            return
        is_answer = not isinstance(record.report, Status) or record.report.answer in ("found", "not_found")
        if order.known_ns is None and is_answer:
            order.known_ns = self._now_ns
        if order.unknown and is_answer:
            order.unknown = False
            self.ghosts += 1

    def _unknown(self, record: OutcomeUnknown) -> None:
        order = self.orders.get(record.client_order_id)
        if order is None:
            return
        order.unknown = True
        if record.request == "create" and order.end != "failed":
            order.reason = "REPLY_LOST"
            self.failures += 1

    def _returned(self, record: Returned) -> None:
        self.changes += 1
        self.pending.pop(record.intent, None)
        trade = self.trades[record.intent]
        if not record.success:
            if trade.entry_bar is None:
                self.refusals[record.reason] += 1
            trade.reason = trade.reason or record.reason.lower()

    def _alerted(self, record: Alert) -> None:
        if record.reason == TRIPPED:
            self.trips.append((self.bar, record.subject.partition("#")[0]))
        elif record.reason in WAITS_FOR_A_PERSON:
            self.parked[record.subject] = (self.bar, record.reason)

    def price(self, symbol: str, ticks: int) -> None:
        """A symbol trades at this price."""
        lots = self.positions[symbol]
        if lots:
            self._held += lots * (ticks - self.prices[symbol])
            self.low = min(self.low, self.equity())
        self.prices[symbol] = ticks

    # ---- what it comes to ------------------------------------------------------------------------------

    def equity(self) -> int:
        """Cash, and what is held at the last prices, in minor units."""
        return self.cash + self._held

    def held(self) -> tuple[int, int]:
        """What is held, long and short, in minor units, and in how many symbols."""
        prices = self.prices
        held = [abs(lots) * prices[symbol] for symbol, lots in self.positions.items() if lots]
        return sum(held), len(held)

    def tripped(self) -> tuple[str, ...]:
        """The breakers that have, each once, the first first."""
        return tuple(dict.fromkeys([breaker for _, breaker in self.trips])) if self.trips else ()

    def heat(self) -> int:
        """What would be lost at the stops; of a leg without one all of it. In minor units."""
        return sum([self._at_risk(trade) for trade in self.open.values()])

    def _at_risk(self, trade: TradeBook) -> int:
        intent, found = trade.intent, 0
        for symbol, stop in ((intent.symbol_a, intent.stop_a), (intent.symbol_b, intent.stop_b)):
            lots = trade.lots[symbol] if symbol else 0
            if lots:
                price = self.prices[symbol]
                distance = price if stop is None else max(0, (price - stop) * (1 if lots > 0 else -1))
                found += abs(lots) * distance
        return found

    def mark(self) -> None:
        """Notes how every open trade stands at the end of a bar."""
        for trade in self.open.values():
            stands = self.worth(trade)
            if stands < trade.worst:
                trade.worst = stands
            elif stands > trade.best:
                trade.best = stands

    def worth(self, trade: TradeBook) -> int:
        """What a trade has made at the last prices, after fees."""
        held = sum([lots * self.prices[symbol] for symbol, lots in trade.lots.items() if lots])
        return trade.flow + held - trade.fees

    def realized(self) -> int:
        """What closed trades made."""
        return sum([self.worth(each) for each in self.trades.values() if each.intent.id not in self.open])

    def trade_records(self) -> tuple[TradeRecord, ...]:
        """Every intent that traded, in the order in which they were asked for."""
        traded = [each for each in self.trades.values() if each.entry_bar is not None]
        return tuple([self._trade_record(each) for each in traded])

    def _trade_record(self, trade: TradeBook) -> TradeRecord:
        scale, intent = self.scale, trade.intent
        entry_bar = trade.entry_bar
        assert entry_bar is not None, "Invariant: what has traded has entered"
        pnl, exit_price = self.worth(trade), None
        if trade.exit_bar is not None and trade.exited:
            exit_price = scale.price(intent.symbol_a, trade.exit_notional / trade.exited)
        return TradeRecord(
            intent.id,
            trade.strategy,
            intent.symbol_a,
            intent.symbol_b if intent.amount_b else "",
            intent.side_a,
            scale.amount(intent.symbol_a, trade.entered),
            entry_bar,
            scale.price(intent.symbol_a, trade.entry_notional / max(1, trade.entered)),
            trade.exit_bar,
            exit_price,
            scale.money(pnl),
            scale.money(trade.fees),
            scale.money(min(trade.worst, pnl)),
            scale.money(max(trade.best, pnl)),
            trade.reason if trade.exit_bar is not None else "open",
        )

    def execution_results(self) -> tuple[ExecutionResult, ...]:
        """Every order, in the order in which they were sent."""
        return tuple(map(self.execution_result, self.orders))

    def execution_result(self, name: str) -> ExecutionResult:
        """One order, as far as it has come."""
        order = self.orders[name]
        scale, request = self.scale, order.request
        known = None if order.known_ns is None else order.known_ns - order.sent_ns
        return ExecutionResult(
            request.client_order_id,
            request.intent or "",
            request.symbol,
            request.side,
            order.bar,
            _status_of(order),
            scale.amount(request.symbol, request.amount),
            scale.amount(request.symbol, order.lots),
            scale.price(request.symbol, order.notional / order.lots) if order.lots else None,
            scale.price(request.symbol, order.reference),
            scale.money(order.slippage),
            scale.money(order.spread),
            scale.money(order.fee),
            known,
            order.reason,
        )


def _status_of(order: OrderBook) -> Any:
    if order.lots >= order.request.amount:
        return "filled"
    if order.lots:
        return "partially_filled"
    if order.end in ("failed", "rejected", "canceled"):
        return order.end
    if order.end == "expired":
        return "canceled"
    return "unknown" if order.unknown else "open"


HANDLERS: dict[type[Any], Callable[[Ledger, Any], None]] = {
    Sent: Ledger._sent,
    Filled: Ledger._filled,
    Rejected: Ledger._ended,
    Canceled: Ledger._ended,
    Expired: Ledger._ended,
    Lost: Ledger._lost,
    Told: Ledger._told,
    OutcomeUnknown: Ledger._unknown,
    Returned: Ledger._returned,
    Alert: Ledger._alerted,
}
