"""What a breaker is told, and an independent recount of when it is to trip.

Money is int minor units, times int nanoseconds. The recount compares whole numbers, and where a reset leaves
open what the measure starts from again it keeps the least and the most that it may be.
"""

from typing import Any, Literal

from hedgecheck.values import frozen, replace

WHOLE_BPS = 10_000
Measure = Literal["daily_loss", "drawdown", "consecutive_losses"]
OrderKind = Literal["entry", "exit"]
MEASURES: tuple[Measure, ...] = ("daily_loss", "drawdown", "consecutive_losses")


@frozen
class BreakerTerms:
    """When a breaker is to trip: at ``level`` or beyond.

    ``daily_loss``: bps of the equity with which the session day began. ``drawdown``: bps of the highest
    equity so far. ``consecutive_losses``: trades in a row that were closed at a loss; ``level`` counts them.
    """

    measure: Measure
    level: int


@frozen
class EquityMarked:
    """What the account is worth, in minor units; unusable where a price was: NaN, infinite, None."""

    at_ns: int
    equity: Any


@frozen
class TradeClosed:
    """A trade came to its end with this profit, in minor units; unusable where it cannot be told."""

    at_ns: int
    pnl: Any


@frozen
class SessionDayBegan:
    """A session day begins, with this equity, in minor units."""

    at_ns: int
    equity: int


@frozen
class TimePassed:
    """Nothing happened but that it is later."""

    at_ns: int


@frozen
class ResetCodeEntered:
    """Somebody enters a code to reset the breaker."""

    at_ns: int
    code: Any


BreakerEvent = EquityMarked | TradeClosed | SessionDayBegan | TimePassed | ResetCodeEntered


def is_usable(value: Any) -> bool:
    """Whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


@frozen
class Recount:
    """What a measure has come to. ``low`` and ``high``: the least and the most equity that it may start from,
    None before any was told; ``few`` and ``many``: the least and the most losses in a row. ``is_loose``: it
    is tripped, or was reset and has seen no equity since, so that what it starts from is open."""

    low: int | None = None
    high: int | None = None
    few: int = 0
    many: int = 0
    equity: int | None = None
    is_loose: bool = False

    def must_trip(self, terms: BreakerTerms) -> bool:
        """Whether the level is reached wherever it starts from."""
        if terms.measure == "consecutive_losses":
            return self.few >= terms.level
        return _is_reached(self.low, self.equity, terms)

    def may_trip(self, terms: BreakerTerms) -> bool:
        """Whether the level is reached from anywhere that it may start from."""
        if terms.measure == "consecutive_losses":
            return self.many >= terms.level
        return _is_reached(self.high, self.equity, terms)


def _is_reached(base: int | None, equity: int | None, terms: BreakerTerms) -> bool:
    if base is None or equity is None:
        return False
    return (base - equity) * WHOLE_BPS >= terms.level * base


def equity_at(base: int, terms: BreakerTerms) -> int:
    """The highest equity at which the level is reached."""
    return base - -(-base * terms.level // WHOLE_BPS)


def recounted(found: Recount, terms: BreakerTerms, event: BreakerEvent) -> Recount:
    """The recount after an event. What is unusable says nothing, and is no recovery either."""
    match event:
        case EquityMarked(_, equity) if is_usable(equity):
            return _marked(found, terms, equity)
        case SessionDayBegan(_, equity):
            begun = _marked(found, terms, equity)
            is_new = terms.measure == "daily_loss" and not found.is_loose
            return replace(begun, low=equity, high=equity) if is_new else begun
        case TradeClosed(_, pnl) if is_usable(pnl):
            return _closed(found, pnl)
    return found


def _marked(found: Recount, terms: BreakerTerms, equity: int) -> Recount:
    low, high = found.low, found.high
    if low is None or high is None:
        return replace(found, low=equity, high=equity, equity=equity)
    if found.is_loose:
        low = min(low, equity)
    elif terms.measure == "drawdown":
        low = max(low, equity)
    if found.is_loose or terms.measure == "drawdown":
        high = max(high, equity)
    return replace(found, low=low, high=high, equity=equity)


def _closed(found: Recount, pnl: int) -> Recount:
    if found.is_loose:  # it may count these, or not
        return replace(found, many=found.many + (pnl < 0))
    return (
        replace(found, few=found.few + 1, many=found.many + 1) if pnl < 0 else replace(found, few=0, many=0)
    )


def tripped(found: Recount) -> Recount:
    """While it is tripped it may go on counting, or not."""
    low, equity = found.low, found.equity
    return replace(found, is_loose=True, low=low if low is None or equity is None else min(low, equity))


def reset(found: Recount, terms: BreakerTerms) -> Recount:
    """It was reset, and may count from zero, or go on; the next equity is the last that it may start from."""
    return replace(found, few=0, is_loose=terms.measure != "consecutive_losses")


def settled(found: Recount) -> Recount:
    """From now on it counts from what it has."""
    return replace(found, is_loose=False)
