"""Limit up-limit down: price bands around a reference price, the limit state, the pause, the reopening.

Source: the Plan to Address Extraordinary Market Volatility (Regulation NMS Plan, permanent since April 2019)
as amended up to 2020; luldplan.com, and the SEC's investor bulletins for the bands:

| previous close | tier 1 | tier 2 | in the last 25 minutes |
|---|---|---|---|
| above $3.00 | 5 % | 10 % | doubled for tier 1 |
| $0.75 to $3.00 | 20 % | 20 % | doubled |
| below $0.75 | the lesser of $0.15 and 75 % | the same | doubled |

Since Amendment 18 (2020) nothing is doubled at the open. Tier 1 is the S&P 500, the Russell 1000 and some
exchange-traded products, tier 2 everything else but rights and warrants. Left out: leveraged products, whose
bands are as many times as wide, and the straddle state, in which people decide.

A quote on a band begins a limit state; 15 seconds in it, and trading pauses for 5 minutes. Only the primary
exchange reopens; where it cannot, the pause is extended by 5 minutes, and again. A security that is paused in
the last 10 minutes of the day does not reopen but goes into the closing auction.
"""

from typing import Literal

from hedgecheck.values import frozen, replace

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
LIMIT_STATE_NS = 15 * SECOND_NS
PAUSE_NS = 5 * MINUTE_NS
MEAN_NS = 5 * MINUTE_NS
REFERENCE_STANDS_NS = 30 * SECOND_NS  # before another may take its place
REFERENCE_MOVES_BPS = 100  # less of a move leaves it as it is
DOUBLED_NS = 25 * MINUTE_NS
NO_REOPENING_NS = 10 * MINUTE_NS
WHOLE_BPS = 10_000
UPPER_CENTS, LOWER_CENTS, LEAST_CENTS = 300, 75, 15
TIER_BPS = {1: 500, 2: 1_000}
MIDDLE_BPS, LOW_BPS = 2_000, 7_500

Tier = Literal[1, 2]
Phase = Literal["trading", "limit_up", "limit_down", "paused", "closing_auction"]


@frozen
class Security:
    """What the bands of a day depend on. ``ticks_per_dollar``: 100 where a tick is a cent."""

    tier: Tier
    previous_close_ticks: int
    ticks_per_dollar: int = 100


@frozen
class Band:
    """Nothing trades below ``lower_ticks`` or above ``upper_ticks``; a lower one of 0 bounds nothing."""

    lower_ticks: int
    upper_ticks: int


@frozen
class Luld:
    """A security in its day. ``since_ns``: when the phase began; ``opened_ns``: when it last opened or
    reopened, before which no trade counts; ``extensions`` of the pause that it is in."""

    security: Security
    close_ns: int
    reference_ticks: int
    reference_ns: int
    opened_ns: int
    phase: Phase = "trading"
    since_ns: int = 0
    extensions: int = 0


def band(security: Security, reference_ticks: int, to_close_ns: int) -> Band:
    """The prices between which the security may trade, so long before the close; to the nearest tick."""
    cents = 100 * security.previous_close_ticks
    if cents > UPPER_CENTS * security.ticks_per_dollar:
        width = reference_ticks * TIER_BPS[security.tier]
        is_doubled = security.tier == 1
    elif cents >= LOWER_CENTS * security.ticks_per_dollar:
        width, is_doubled = reference_ticks * MIDDLE_BPS, True
    else:
        least = LEAST_CENTS * security.ticks_per_dollar * WHOLE_BPS // 100
        width, is_doubled = min(reference_ticks * LOW_BPS, least), True
    if is_doubled and to_close_ns <= DOUBLED_NS:
        width *= 2
    middle = reference_ticks * WHOLE_BPS
    return Band(max(0, _nearest(middle - width)), _nearest(middle + width))


def _nearest(ticks_bps: int) -> int:
    return (2 * ticks_bps + WHOLE_BPS) // (2 * WHOLE_BPS)


def mean_price(trades: tuple[tuple[int, int], ...], now_ns: int, after_ns: int = -1) -> int | None:
    """The mean of the trades, as (time in ns, ticks), of the last five minutes and later than ``after_ns``,
    to the nearest tick; None where there was none, and the reference price stays as it is."""
    counted = [price for at, price in trades if max(now_ns - MEAN_NS, after_ns) < at <= now_ns]
    return (2 * sum(counted) + len(counted)) // (2 * len(counted)) if counted else None


def opened(security: Security, now_ns: int, close_ns: int, price_ticks: int) -> Luld:
    """The security's day begins: the price of the opening auction is its first reference price."""
    return Luld(security, close_ns, price_ticks, now_ns, now_ns, "trading", now_ns)


def referenced(luld: Luld, now_ns: int, trades: tuple[tuple[int, int], ...]) -> Luld:
    """The reference price after these trades: it changes to their mean where that is 1 % away or more, and
    the one before has stood for 30 seconds; never in a limit state or a pause."""
    luld = passed(luld, now_ns)
    mean = mean_price(trades, now_ns, luld.opened_ns)
    if luld.phase != "trading" or mean is None or now_ns - luld.reference_ns < REFERENCE_STANDS_NS:
        return luld
    if abs(mean - luld.reference_ticks) * WHOLE_BPS < luld.reference_ticks * REFERENCE_MOVES_BPS:
        return luld
    return replace(luld, reference_ticks=mean, reference_ns=now_ns)


def quoted(luld: Luld, now_ns: int, bid_ticks: int | None, ask_ticks: int | None) -> Luld:
    """The best bid and offer of all exchanges; None for a side on which there is none."""
    luld = passed(luld, now_ns)
    if luld.phase in ("paused", "closing_auction"):
        return luld
    limits = band(luld.security, luld.reference_ticks, luld.close_ns - now_ns)
    phase: Phase = "trading"
    if ask_ticks is not None and ask_ticks <= limits.lower_ticks:
        phase = "limit_down"
    elif bid_ticks is not None and bid_ticks >= limits.upper_ticks:
        phase = "limit_up"
    return luld if phase == luld.phase else replace(luld, phase=phase, since_ns=now_ns)


def passed(luld: Luld, now_ns: int) -> Luld:
    """What time alone does: a limit state of 15 seconds becomes a pause."""
    ends_ns = luld.since_ns + LIMIT_STATE_NS
    if luld.phase not in ("limit_up", "limit_down") or now_ns < ends_ns:
        return luld
    return replace(luld, phase="paused", since_ns=ends_ns, extensions=0)


def reopened(luld: Luld, now_ns: int, price_ticks: int | None) -> Luld:
    """The primary exchange's reopening auction, and its price, the next reference price; None where there is
    no price that it could reopen at, and the pause is extended. Nothing happens before the pause is over."""
    luld = passed(luld, now_ns)
    if luld.phase != "paused" or now_ns < luld.since_ns + PAUSE_NS * (1 + luld.extensions):
        return luld
    if luld.close_ns - now_ns < NO_REOPENING_NS:
        return replace(luld, phase="closing_auction", since_ns=now_ns)
    if price_ticks is None:
        return replace(luld, extensions=luld.extensions + 1)
    return opened(luld.security, now_ns, luld.close_ns, price_ticks)
