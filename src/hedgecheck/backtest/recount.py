"""A portfolio's books, counted from the venue's own records and nothing else.

Whose a fill is follows from the order's intent, an intent's strategy from its name. Nothing is taken from the
engine but what capital it says it moved between strategies, which must add up to nothing.
"""

from collections import Counter, defaultdict

from hedgecheck.invariants.base import Pairs
from hedgecheck.invariants.worst import strategy_of
from hedgecheck.messages import Arrived, CapitalAssigned, CreateOrder, Filled, Price, Record

WHOLE_BPS = 10_000
RESERVE = ""


class Recount:
    """In minor units and signed lots. ``cash`` by strategy, the reserve's under an empty name; ``lots`` by
    intent and symbol; ``fees`` by strategy; ``unattributed``: fills of orders that are nobody's."""

    def __init__(self, cash: int, budgets: Pairs, prices: Pairs) -> None:
        self.cash: Counter[str] = Counter({name: cash * bps // WHOLE_BPS for name, bps in budgets})
        self.cash[RESERVE] = cash - self.cash.total()
        self._opening = dict(self.cash)
        self.prices = dict(prices)
        self.lots: dict[str, Counter[str]] = defaultdict(Counter)
        self.fees: Counter[str] = Counter()
        self.assigned: dict[str, int] = {}
        self.fills: list[tuple[str, Filled]] = []
        self.unattributed: list[Filled] = []
        self._owners: dict[str, str] = {}

    def hear(self, record: Record) -> None:
        """Books one record."""
        match record:
            case Price():
                self.prices[record.symbol] = record.price
            case Arrived(CreateOrder() as order):
                self._owners[order.client_order_id] = order.intent or ""
            case Filled():
                self._book(record)
            case CapitalAssigned():
                self.cash[record.strategy] += record.amount - self.assigned.get(record.strategy, 0)
                self.assigned[record.strategy] = record.amount

    def _book(self, fill: Filled) -> None:
        intent = self._owners.get(fill.client_order_id, "")
        if not intent:
            self.unattributed.append(fill)
        sign = 1 if fill.side == "buy" else -1
        self.fills.append((intent, fill))
        self.cash[strategy_of(intent)] -= sign * fill.amount * fill.price + fill.fee_money
        self.fees[strategy_of(intent)] += fill.fee_money
        self.lots[intent][fill.symbol] += sign * fill.amount

    def holds(self, intent: str) -> bool:
        """Whether anything is held for an intent."""
        return any(self.lots[intent].values())

    def positions(self) -> dict[str, int]:
        """Signed lots by symbol, none of them zero."""
        total: Counter[str] = Counter()
        for lots in self.lots.values():
            total.update(lots)
        return {symbol: lots for symbol, lots in sorted(total.items()) if lots}

    def capitals(self) -> dict[str, int]:
        """What each strategy and the reserve is worth at the last prices."""
        worth = Counter(self.cash)
        for intent, lots in self.lots.items():
            worth[strategy_of(intent)] += sum(self.prices[symbol] * held for symbol, held in lots.items())
        return dict(sorted(worth.items()))

    def profits(self) -> dict[str, int]:
        """What each strategy and the reserve has made at the last prices, less fees; what was moved between
        them is nobody's profit."""
        return {
            name: worth - self._opening.get(name, 0) - self.assigned.get(name, 0)
            for name, worth in self.capitals().items()
        }
