"""How conditions change a market: levels that a price is led through, moves and series that are scaled.

Prices are shifted in logarithms: opens with the close before them, closes and what comes after by what the
condition asks, and the wicks keep their proportion, so that bars stay consistent.
"""

from dataclasses import dataclass, replace

import numpy as np

from hedgecheck.arrays import Floats, Ints, names, whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.market import PRICES, Market

SPREAD_BPS_MAX = 20_000  # about the close: the bid is nothing
Legs = tuple[tuple[int, float], ...]  # bars, and the price at their end as a part of that before the window


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Bars from ``start`` on, and the columns of some symbols."""

    start: int
    bars: int
    columns: Ints

    @property
    def end(self) -> int:
        """The first bar behind it."""
        return self.start + self.bars


def window_of(market: Market, start: int, bars: int, symbols: tuple[str, ...]) -> Window:
    """A window that is in the market. ``UsageError`` for one that is not, and for a market in ticks."""
    if not np.issubdtype(market.close.dtype, np.floating):
        raise UsageError("This market is in ticks. Apply conditions first, and in_ticks to what they made.")
    begins, lasts = whole("start", start, 0, len(market) - 1), whole("bars of a condition", bars, 1)
    if begins + lasts > len(market):
        raise UsageError(
            f"A condition of {lasts} bars from bar {begins} on does not fit into {len(market)} bars. "
            "Let it begin earlier, or ask for more bars."
        )
    wanted = names("symbols", symbols) if symbols else market.symbols
    return Window(begins, lasts, np.array([market.column(each) for each in wanted]))


def ramp(begins: float, ends: float, bars: int) -> Floats:
    """From one number to another, by the same part from bar to bar; the last one is reached."""
    path: Floats = begins * (ends / begins) ** (np.arange(1, bars + 1) / max(1, bars))
    return path


def fading(bars: int, half_life: float) -> Floats:
    """One at first, half as much after each half-life."""
    found: Floats = 0.5 ** (np.arange(bars) / half_life)
    return found


def scaled(market: Market, window: Window, factor: Floats | float, series: tuple[str, ...]) -> Market:
    """The market with some series multiplied inside of a window: bar by bar, or by one factor."""
    changed = {}
    for name in series:
        values = getattr(market, name).copy()
        rows = slice(window.start, window.end)
        values[rows, window.columns] *= np.reshape(factor, (-1, 1))
        changed[name] = np.minimum(values, SPREAD_BPS_MAX) if name == "spread_bps" else values
    return replace(market, **changed)


def led_through(market: Market, window: Window, legs: Legs) -> Market:
    """The market with its price led through levels; on the way it wavers as it did, but never beyond the
    level that is farthest from where it was."""
    legs = tuple([each for each in legs if each[0]])  # without bars nothing is led anywhere
    before = _points(market)[window.start, window.columns]
    anchors, shifts = [window.start], [np.zeros(len(window.columns))]
    at = window.start
    for bars, level in legs:
        at += bars
        anchors.append(at)
        shifts.append(np.log(before * level) - np.log(_points(market)[at, window.columns]))
    points = np.arange(len(market) + 1)
    shift = np.column_stack([np.interp(points, anchors, each) for each in np.transpose(shifts)])
    moved = _shifted(market, window, shift, 1.0)
    return _kept_within(moved, window, before, legs)


def _kept_within(market: Market, window: Window, before: Floats, legs: Legs) -> Market:
    """The levels to the last digit, and nothing of the window beyond the farthest."""
    farthest = max((level for _, level in legs), key=lambda level: abs(level - 1))
    keep = np.maximum if farthest < 1 else np.minimum
    bound = before * (farthest if farthest != 1 else np.inf)
    changed = {name: getattr(market, name).copy() for name in PRICES}
    rows = slice(window.start, window.end)
    at = window.start - 1
    for bars, level in legs:
        at += bars
        changed["close"][at, window.columns] = before * level
    for values in changed.values():
        values[rows, window.columns] = keep(values[rows, window.columns], bound)
    changed["high"] = np.maximum.reduce([changed[name] for name in ("open", "high", "close")])
    changed["low"] = np.minimum.reduce([changed[name] for name in ("open", "low", "close")])
    return replace(market, **changed)


def spread_apart(market: Market, window: Window, factor: float) -> Market:
    """The market with its moves so many times as large inside of a window; a negative factor reverses
    them, and wicks point the other way."""
    return _moved_more(market, window, (factor - 1) * moves_in(market, window), factor)


def moved_by(market: Market, window: Window, moves: Floats) -> Market:
    """The market with those log returns inside of a window, of the shape (bars, symbols) of the window."""
    return _moved_more(market, window, moves - moves_in(market, window), 1.0)


def moves_in(market: Market, window: Window) -> Floats:
    """The log returns inside of a window, from close to close, of its symbols."""
    points = _points(market)[window.start : window.end + 1, window.columns]
    found: Floats = np.diff(np.log(points), axis=0)
    return found


def _moved_more(market: Market, window: Window, more: Floats, wicks: float) -> Market:
    shift = np.zeros((len(market) + 1, len(window.columns)))
    shift[window.start + 1 : window.end + 1] = more
    return _shifted(market, window, np.cumsum(shift, axis=0), wicks)


def _points(market: Market) -> Floats:
    """The prices between the bars: before the first, and at the end of each."""
    return np.vstack([market.reference, market.close])


def _shifted(market: Market, window: Window, shift: Floats, wicks: float) -> Market:
    """Prices with the logarithm of each point shifted; in the window wicks to the power of ``wicks``.

    ``UsageError`` where a price grows beyond all numbers or falls to nothing.
    """
    at = np.ix_(np.arange(window.start, len(market)), window.columns)
    power = np.ones((len(market) - window.start, 1))
    power[: window.bars] = wicks
    opened, close = market.open[at], market.close[at]
    with np.errstate(over="ignore", invalid="ignore"):
        upper = market.high[at] / np.maximum(opened, close)
        lower = market.low[at] / np.minimum(opened, close)
        above = np.where(power < 0, lower, upper) ** power
        below = np.where(power < 0, upper, lower) ** power
        opened *= np.exp(shift[window.start : -1])
        close *= np.exp(shift[window.start + 1 :])
        high, low = np.maximum(opened, close) * above, np.minimum(opened, close) * below
    if not (np.isfinite(high) & (low > 0)).all():
        raise UsageError(
            "With this condition prices leave the range of numbers. Give a smaller factor or move."
        )
    changed = {name: getattr(market, name).copy() for name in PRICES}
    for name, values in zip(PRICES, (opened, high, low, close), strict=True):
        changed[name][at] = values
    return replace(market, **changed)
