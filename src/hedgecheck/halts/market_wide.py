"""Market-wide circuit breakers: all US stocks halt where the S&P 500 falls too far in a day.

Source: NYSE Rule 7.12 (Nasdaq Rule 4121 is the same), in force since April 2013. Measured from the index's
close of the day before: down by 7 % (level 1) or 13 % (level 2) trading halts for 15 minutes, each once a
day and only before 15:25 Eastern, which is 35 minutes before the close; at 20 % (level 3) it halts for the
rest of the day, at any time. A level that is passed over by a fall to a deeper one is spent with it.
"""

from hedgecheck.values import frozen, replace

MINUTE_NS = 60_000_000_000
HALT_NS = 15 * MINUTE_NS
LAST_HALT_NS = 35 * MINUTE_NS  # before the close; from then on levels 1 and 2 halt nothing
WHOLE_BPS = 10_000
LEVELS_BPS = (700, 1_300, 2_000)
REST_OF_DAY = len(LEVELS_BPS)


@frozen
class MarketWide:
    """The breakers in a day. ``level``: the deepest that halted trading, 0 for none; ``until_ns``: when the
    last halt is over. Index values are ticks of one size, for the S&P 500 hundredths of a point."""

    previous_close_ticks: int
    close_ns: int
    level: int = 0
    until_ns: int = 0


def level_prices(previous_close_ticks: int) -> tuple[int, int, int]:
    """The highest index value at which each level is reached, for the day after that close."""
    first, second, third = (previous_close_ticks * (WHOLE_BPS - fall) // WHOLE_BPS for fall in LEVELS_BPS)
    return first, second, third


def marked(breakers: MarketWide, now_ns: int, index_ticks: int) -> MarketWide:
    """The index has a value. In a halt nothing follows from it."""
    level = sum(index_ticks <= each for each in level_prices(breakers.previous_close_ticks))
    if level <= breakers.level or is_halted(breakers, now_ns):
        return breakers
    if level == REST_OF_DAY:
        return replace(breakers, level=level, until_ns=breakers.close_ns)
    if breakers.close_ns - now_ns <= LAST_HALT_NS:
        return breakers
    return replace(breakers, level=level, until_ns=now_ns + HALT_NS)


def is_halted(breakers: MarketWide, now_ns: int) -> bool:
    """Whether no stock trades."""
    return now_ns < breakers.until_ns or breakers.level == REST_OF_DAY
