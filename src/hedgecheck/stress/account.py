"""What an account was like at the end of each bar, and what components are told of it."""

from hedgecheck.stress.components.protocols import AccountView, Holding
from hedgecheck.stress.ledger import Ledger, TradeBook

DAY_NS = 86_400 * 10**9


class Account:
    """One number for each bar, in minor units of money: ``gross``, ``heat``; ``held`` counts symbols;
    ``equity`` begins with that before the first bar. ``lows``: the least equity within each bar. ``days``: of
    each bar, the number of its day."""

    def __init__(self, ledger: Ledger, first_ns: int) -> None:
        self._ledger = ledger
        opening = ledger.equity()
        self.equity, self.gross, self.heat, self.held = [opening], list[int](), list[int](), list[int]()
        self.lows: list[int] = []
        self.days: list[int] = []
        self.day = first_ns // DAY_NS
        self.flagged_bars = 0
        self._peak = self._day_start = opening
        self._seen: tuple[int, tuple[Holding, ...]] = (-1, ())  # at which change of the ledger

    def begin_day(self, day: int) -> None:
        """What is lost is counted from here on."""
        self.day, self._day_start = day, self._ledger.equity()

    def close(self) -> None:
        """The bar is over."""
        ledger = self._ledger
        worth = ledger.equity()
        gross, held, heat = (*ledger.held(), ledger.heat()) if ledger.open else (0, 0, 0)
        self.equity.append(worth)
        self.lows.append(min(ledger.low, worth))
        ledger.low = worth
        self.gross.append(gross)
        self.held.append(held)
        self.heat.append(heat)
        self.days.append(self.day)
        self._peak = max(self._peak, worth)
        ledger.mark()

    def close_again(self) -> None:
        """The last bar ends with what the orders left that were under way at its end."""
        for series in (self.equity, self.gross, self.heat, self.held, self.days):
            series.pop()
        self._ledger.low = min(self._ledger.low, self.lows.pop())
        self.close()

    def view(self) -> AccountView:
        """The account as components see it, in currency."""
        ledger, minor = self._ledger, self._ledger.scale.minor
        return AccountView(
            self.equity[-1] * minor,
            ledger.cash * minor,
            self._peak * minor,
            self._day_start * minor,
            self.gross[-1] * minor,
            self.heat[-1] * minor,
            self._holdings(),
            tuple(ledger.pending),
            ledger.tripped(),
            len(ledger.orders),
            ledger.failures,
            self.flagged_bars,
        )

    def _holdings(self) -> tuple[Holding, ...]:
        ledger = self._ledger
        if self._seen[0] != ledger.changes:
            held = [self._holding(each) for each in (*ledger.open.values(), *self._entering())]
            self._seen = ledger.changes, tuple(held)
        return self._seen[1]

    def _entering(self) -> list[TradeBook]:
        """What is under way and holds nothing yet."""
        ledger = self._ledger
        return [ledger.trades[name] for name in ledger.pending if name not in ledger.open]

    def _holding(self, trade: TradeBook) -> Holding:
        intent = trade.intent
        amount = self._ledger.scale.amount(intent.symbol_a, trade.lots[intent.symbol_a])
        hedge = intent.symbol_b if intent.amount_b else ""
        return Holding(intent.id, trade.strategy, intent.symbol_a, hedge, amount)
