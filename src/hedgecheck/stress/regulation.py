"""Which halts an exchange of US stocks would call for those prices, by the rules in ``hedgecheck.halts``.

A bar shows one trade, its close, at its end; the close stands for both quotes, too. A halt is known at the
end of the bar whose close called for it and holds in the bars that begin while it lasts, the next one at
least where trading goes on that day: a bar longer than a halt lasts is halted whole.

Where bars are daily, all is from close to close as a stand-in: that close counts as reached when its day
began, the band is about the close before, and what halts is the next day, since the day itself is over when
its close is known. Days are those of UTC, and end with them: no exchange is named whose hours could be taken.
"""

from collections.abc import Iterator

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.halts import MarketWide, Security, Tier, band, marked, mean_price
from hedgecheck.halts.luld import LIMIT_STATE_NS, MEAN_NS, NO_REOPENING_NS, PAUSE_NS
from hedgecheck.marketdata import Market
from hedgecheck.stress.stressed import TradingHalt, Window
from hedgecheck.values import frozen

DAY_NS = 86_400_000_000_000
PRICE_TICKS = 1_000_000  # of a dollar: prices of every size have enough digits
INDEX_TICKS = 1_000_000_000  # of the index, which is 1 at the start
TIER: Tier = 1
LEAST_BAND = 0.049  # no band is nearer to its reference price than 5 %, less what rounding takes
LEAST_FALL = 0.069  # and nothing halts all trading before a fall of 7 %


@frozen
class _Clock:
    """When bars are: ``asked_ns`` is when the rules are asked about each."""

    asked_ns: tuple[int, ...]
    days: tuple[int, ...]
    bar_ns: int

    def close_ns(self, bar: int) -> int:
        """When the day of a bar closes."""
        return (self.days[bar] + 1) * DAY_NS

    def halted_until(self, bar: int, until_ns: int) -> int:
        """The first bar behind a halt that is called for at the end of ``bar``."""
        if self.bar_ns >= DAY_NS:
            return min(bar + 2, len(self.asked_ns))
        after = bar + 1
        while after < len(self.asked_ns) and self.asked_ns[after] - self.bar_ns < until_ns:
            after += 1
        return after


def _clock(times_ns: Ints) -> _Clock:
    bar_ns = int(np.diff(times_ns).min()) if len(times_ns) > 1 else DAY_NS
    begun = times_ns - bar_ns
    asked = begun if bar_ns >= DAY_NS else times_ns
    return _Clock(tuple(asked.tolist()), tuple((begun // DAY_NS).tolist()), bar_ns)


# ---- market-wide circuit breakers --------------------------------------------------------------------------


def market_wide_halts(market: Market) -> tuple[TradingHalt, ...]:
    """The halts of all trading: where the index falls by 7, 13 or 20 % below its last close of the day
    before. The index is of all symbols of the market, of the same weight each at its start."""
    if not len(market):
        return ()
    clock = _clock(market.time_ns)
    index = np.append(1.0, (market.close / market.reference).mean(axis=1))
    before = index[_day_begins(clock)]
    found = []
    breakers, day = MarketWide(0, 0), None
    for bar in np.flatnonzero(index[1:] <= (1 - LEAST_FALL) * before).tolist():
        if clock.days[bar] != day:
            day = clock.days[bar]
            breakers = MarketWide(_ticks(before[bar], INDEX_TICKS), clock.close_ns(bar))
        after = marked(breakers, clock.asked_ns[bar], _ticks(index[bar + 1], INDEX_TICKS))
        if after != breakers:
            window = Window(bar + 1, clock.halted_until(bar, after.until_ns))
            found.append(TradingHalt(window, f"LEVEL_{after.level}"))
        breakers = after
    return tuple([each for each in found if each.window.end > each.window.start])


def _day_begins(clock: _Clock) -> Ints:
    """Of each bar the first of its day; that is also where the point before the day stands among points."""
    found: Ints = np.searchsorted(clock.days, clock.days)
    return found


def _ticks(price: float, per_unit: int) -> int:
    return round(float(price) * per_unit)


# ---- limit up-limit down -----------------------------------------------------------------------------------


def price_band_halts(market: Market) -> tuple[TradingHalt, ...]:
    """The pauses of single symbols, all of tier 1: where a close is on a price band or beyond, its quotes
    stay there for 15 seconds, and trading pauses for 5 minutes.

    The reference price is the mean of the closes of the last 5 minutes, since the day or the trading began
    again where that is later; without one it is the bar's open. That it stays while the mean is within 1 %
    of it is left out: between bars the mean is all that is known.
    """
    clock = _clock(market.time_ns)
    found = [
        TradingHalt(Window(*each, (symbol,)), "LULD")
        for at, symbol in enumerate(market.symbols)
        for each in _pauses(market, at, clock)
    ]
    return tuple(sorted(found, key=lambda each: each.window.start))


def _pauses(market: Market, column: int, clock: _Clock) -> Iterator[tuple[int, int]]:
    """The first bar of each pause of a symbol, and the first behind it."""
    points = np.append(market.reference[column], market.close[:, column])
    ticks, opens = _all_ticks(points), _all_ticks(market.open[:, column])
    begins = _day_begins(clock).tolist()
    resumed, resumed_ns = 0, -1
    for bar in _near_a_band(points, market.open[:, column], clock).tolist():
        if bar < resumed:
            continue
        since_ns = max(resumed_ns, clock.days[bar] * DAY_NS)
        reference = _reference(ticks, bar, clock, since_ns) or opens[bar]
        security = Security(TIER, ticks[begins[bar]], PRICE_TICKS)
        now_ns, close_ns = clock.asked_ns[bar], clock.close_ns(bar)
        limits = band(security, reference, close_ns - now_ns)
        if limits.lower_ticks < ticks[bar + 1] < limits.upper_ticks:
            continue
        resumed_ns = _paused_until(now_ns, close_ns)
        resumed = clock.halted_until(bar, resumed_ns)
        if resumed > bar + 1:
            yield bar + 1, resumed


def _all_ticks(prices: Floats) -> list[int]:
    return [round(each) for each in (prices * PRICE_TICKS).tolist()]


def _near_a_band(points: Floats, opens: Floats, clock: _Clock) -> Ints:
    """The bars whose close may be beyond a band: about any mean of the closes before, or about the open."""
    count = max(1, MEAN_NS // clock.bar_ns)
    padded = np.concatenate([np.full(count - 1, points[0]), points[:-1]])
    shown = np.lib.stride_tricks.sliding_window_view(padded, count)
    highest, lowest = np.maximum(shown.max(axis=1), opens), np.minimum(shown.min(axis=1), opens)
    close = points[1:]
    found: Ints = np.flatnonzero((close <= (1 - LEAST_BAND) * highest) | (close >= (1 + LEAST_BAND) * lowest))
    return found


def _reference(ticks: list[int], bar: int, clock: _Clock, since_ns: int) -> int | None:
    """The reference price before a bar trades; None where there is no close yet to take it from. ``ticks``:
    the price before the first bar, and the close of each."""
    if clock.bar_ns >= DAY_NS:
        return ticks[bar]
    if bar == 0:
        return None
    first = max(0, bar - max(1, MEAN_NS // clock.bar_ns))
    trades = [(clock.asked_ns[at], ticks[at + 1]) for at in range(first, bar)]
    return mean_price(tuple(trades), clock.asked_ns[bar - 1], since_ns)


def _paused_until(now_ns: int, close_ns: int) -> int:
    """When trading goes on that leaves its band now; so late in the day it is the closing auction."""
    until_ns = now_ns + LIMIT_STATE_NS + PAUSE_NS
    return close_ns if close_ns - until_ns < NO_REOPENING_NS else until_ns
