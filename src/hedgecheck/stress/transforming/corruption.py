"""What goes wrong on the way to the system: bars that arrive wrong, twice, or not at all. Prices that
everybody sees are as they were."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hedgecheck.arrays import Floats, number
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.chance import Source
from hedgecheck.marketdata.market import PRICES, SERIES, Market
from hedgecheck.stress.models import Injected
from hedgecheck.stress.parameters import CORRUPTIONS, Corruption
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming.base import Stage, Symbols, lasting
from hedgecheck.values import frozen

Series = dict[str, Floats]
Where = NDArray[np.bool_]
SPIKE_MIN, SPIKE_MAX = 2.0, 10.0  # how many times too high or too low a price is


@frozen
class DataCorruption:
    """Each bar of each symbol arrives wrong with the chance ``rate``, in one of some ``kinds``; whether and
    how one does depends on no other bar. The first bar of all has none before it, and is never a duplicate.

    ``nan``: all prices are missing. ``inf``: close and high are infinite. ``spike``: the close is 2 to 10
    times too high or too low. ``negative``: prices are below zero. ``gap``: nothing is known of the bar.
    ``duplicate``: the bar is the one before, as it arrived; its time is its own.
    """

    start: int
    bars: int | None = None
    rate: float = 0.15
    kinds: tuple[Corruption, ...] = ("nan", "spike", "duplicate")
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.FEED

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``. ``UsageError`` for a kind or a symbol that there is not."""
        feed, kinds = stressed.feed, _known(self.kinds)
        symbols = self.symbols or feed.symbols
        columns = [feed.column(each) for each in symbols]
        bars = lasting(feed, self.start, self.bars)
        is_hit, which, size = self._drawn(symbols, bars, len(kinds), chance)
        masks: dict[Corruption, Where] = {}
        sizes = np.ones(feed.close.shape)
        sizes[self.start : self.start + bars, columns] = size
        for at, kind in enumerate(kinds):
            masks[kind] = np.zeros(feed.close.shape, dtype=bool)
            masks[kind][self.start : self.start + bars, columns] = is_hit & (which == at)
        if "duplicate" in masks:
            masks["duplicate"][0] = False
        arrived = corrupted(feed, masks, sizes)
        return replace(stressed, feed=arrived, injected=stressed.injected + _records(masks, feed.symbols))

    def _drawn(self, symbols: Symbols, bars: int, kinds: int, chance: Source) -> tuple[Where, Floats, Floats]:
        """Of each bar and symbol: whether it arrives wrong, in which of the kinds, by which factor."""
        rate = number("corruption_pct", self.rate, 0, 1)
        drawn = {
            name: np.column_stack([chance(f"{name} {each}").random(bars) for each in symbols])
            for name in ("whether", "kind", "size", "up")
        }
        far = SPIKE_MIN * (SPIKE_MAX / SPIKE_MIN) ** drawn["size"]
        factor = np.where(drawn["up"] < 0.5, far, 1 / far)
        return drawn["whether"] < rate, np.floor(drawn["kind"] * kinds), factor


def _known(kinds: tuple[Corruption, ...]) -> tuple[Corruption, ...]:
    """Some kinds, each once and in one order, whatever order they were named in."""
    wrong = [each for each in kinds if each not in CORRUPTIONS]
    if wrong or not kinds:
        raise UsageError(f"kinds are {kinds!r}. Give one or more of {', '.join(CORRUPTIONS)}.")
    return tuple([each for each in CORRUPTIONS if each in kinds])


def corrupted(market: Market, masks: dict[Corruption, Where], sizes: Floats) -> Market:
    """The market with bars that are wrong where ``masks`` say so, of shape (bars, symbols); duplicates come
    last, so that they are of what arrived. ``sizes``: the factors of spikes."""
    series = {name: getattr(market, name).copy() for name in SERIES}
    for kind, where in sorted(masks.items(), key=lambda each: each[0] == "duplicate"):
        EFFECTS[kind](series, where, sizes)
    return replace(market, **series)


def _nan(series: Series, where: Where, sizes: Floats) -> None:
    for name in PRICES:
        series[name][where] = np.nan


def _gap(series: Series, where: Where, sizes: Floats) -> None:
    for values in series.values():
        values[where] = np.nan


def _inf(series: Series, where: Where, sizes: Floats) -> None:
    for name in ("high", "close"):
        series[name][where] = np.inf


def _spike(series: Series, where: Where, sizes: Floats) -> None:
    off = series["close"][where] * sizes[where]
    series["close"][where] = off
    series["high"][where] = np.maximum(series["high"][where], off)
    series["low"][where] = np.minimum(series["low"][where], off)


def _negative(series: Series, where: Where, sizes: Floats) -> None:
    for name in PRICES:
        series[name][where] *= -1
    series["high"][where], series["low"][where] = series["low"][where], series["high"][where]


def _duplicate(series: Series, where: Where, sizes: Floats) -> None:
    bars = np.arange(len(where))[:, None]
    of = np.maximum.accumulate(np.where(where, 0, bars), axis=0)
    for name, values in series.items():
        series[name] = np.take_along_axis(values, of, axis=0)


EFFECTS: dict[Corruption, Callable[[Series, Where, Floats], None]] = {
    "nan": _nan,
    "spike": _spike,
    "duplicate": _duplicate,
    "gap": _gap,
    "negative": _negative,
    "inf": _inf,
}


def _records(masks: dict[Corruption, Where], symbols: Symbols) -> tuple[Injected, ...]:
    """What was done, bar by bar."""
    found = [
        (bar, column, kind)
        for kind, where in masks.items()
        for bar, column in zip(*[each.tolist() for each in np.nonzero(where)], strict=True)
    ]
    return tuple([Injected(kind, symbols[column], bar) for bar, column, kind in sorted(found)])
