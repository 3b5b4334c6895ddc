"""What happens to prices: they crash, swing, turn round, are pumped and dumped."""

from typing import ClassVar

from hedgecheck import marketdata
from hedgecheck.arrays import number, whole
from hedgecheck.marketdata import Market, VolatilityFactor
from hedgecheck.marketdata.chance import Source
from hedgecheck.marketdata.reshaping import led_through, spread_apart, window_of
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming.base import Stage, Symbols, everywhere, lasting, reshaped
from hedgecheck.values import frozen


@frozen
class FlashCrash:
    """Prices fall by ``drop``, exactly at the last close of the fall, and win ``recovery`` of that back; see
    ``marketdata.FlashCrash``. It has to fit into the market."""

    start: int
    drop: float = 0.3
    bars: int = 5
    recovery_bars: int = 15
    recovery: float = 1.0
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        crash = marketdata.FlashCrash(
            self.start, self.drop, self.bars, self.recovery_bars, self.recovery, self.symbols
        )
        length = self.bars + self.recovery_bars
        done = everywhere("flash_crash", stressed.truth, self.symbols, self.start, length)
        return reshaped(stressed, crash, done)


@frozen
class VolatilitySpike:
    """Log moves, wicks and implied volatility are ``multiplier`` times as large for so many bars."""

    start: int
    bars: int | None = 30
    multiplier: float = 5.0
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        bars = lasting(stressed.truth, self.start, self.bars)
        spike = VolatilityFactor(self.start, bars, self.multiplier, self.symbols)
        done = everywhere("volatility_spike", stressed.truth, self.symbols, self.start, bars)
        return reshaped(stressed, spike, done)


@frozen
class TrendShift:
    """Momentum is reversed: log moves from ``start`` on change their sign and are ``strength`` times as
    large."""

    start: int
    bars: int | None = None
    strength: float = 1.0
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        bars = lasting(stressed.truth, self.start, self.bars)
        mirror = _Mirror(self.start, bars, number("strength", self.strength, 0), self.symbols)
        done = everywhere("trend_shift", stressed.truth, self.symbols, self.start, bars)
        return reshaped(stressed, mirror, done)


@frozen
class _Mirror:
    start: int
    bars: int
    strength: float
    symbols: Symbols

    def apply(self, market: Market) -> Market:
        """See ``marketdata.Condition``."""
        window = window_of(market, self.start, self.bars, self.symbols)
        return spread_apart(market, window, -self.strength)


@frozen
class PumpDump:
    """The price is driven up by ``pump``, as a parabola: after k of n ``pump_bars`` it has risen by (k / n)^2
    of that, exactly. In ``dump_bars`` it falls back to where it was. It has to fit into the market."""

    start: int
    pump: float = 1.2
    pump_bars: int = 8
    dump_bars: int = 4
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        up, down = whole("pump_bars", self.pump_bars, 1), whole("dump_bars", self.dump_bars, 1)
        pump = number("pump", self.pump, 1e-9)
        legs = (*[(1, 1 + pump * (bar / up) ** 2) for bar in range(1, up + 1)], (down, 1.0))
        done = everywhere("pump_dump", stressed.truth, self.symbols, self.start, up + down)
        return reshaped(stressed, _Led(self.start, up + down, legs, self.symbols), done)


@frozen
class _Led:
    start: int
    bars: int
    legs: tuple[tuple[int, float], ...]
    symbols: Symbols

    def apply(self, market: Market) -> Market:
        """See ``marketdata.Condition``."""
        return led_through(market, window_of(market, self.start, self.bars, self.symbols), self.legs)
