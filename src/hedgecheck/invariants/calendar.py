"""When a market can be traded in: what the calendar said, for the books of several rules."""

from hedgecheck.messages import Intent, NewDay, SessionPhase, TradingHalted, TradingResumed
from hedgecheck.values import frozen, replace

MARKET = "*"  # beside symbols: all of them


@frozen
class Hours:
    """The phase of the session, what is halted, sorted, and the last day there was."""

    phase: SessionPhase = "regular"
    halted: tuple[str, ...] = ()
    day: int = 0


def after(hours: Hours, record: NewDay | TradingHalted | TradingResumed) -> Hours:
    """The hours after a turn of the calendar. One of a day before the last is no news: its clock is wrong."""
    if isinstance(record, NewDay):
        return hours if record.day < hours.day else replace(hours, phase=record.phase, day=record.day)
    about = record.symbols or (MARKET,)
    others = tuple([each for each in hours.halted if each not in about])
    halted = (*others, *about) if isinstance(record, TradingHalted) else others
    return replace(hours, halted=tuple(sorted(halted)))


def is_open(hours: Hours) -> bool:
    """Whether a position may be opened in any symbol."""
    return hours.phase == "regular" and not hours.halted


def may_open(hours: Hours, intent: Intent) -> bool:
    """Whether a position may be opened for an intent: not while the close is prepared, either."""
    return hours.phase == "regular" and not _is_halted(hours, intent)


def may_balance(hours: Hours, intent: Intent) -> bool:
    """Whether what was filled for an intent can be hedged, or flattened."""
    return hours.phase in ("regular", "closing") and not _is_halted(hours, intent)


def _is_halted(hours: Hours, intent: Intent) -> bool:
    return any(each in (MARKET, *intent.symbols) for each in hours.halted)
