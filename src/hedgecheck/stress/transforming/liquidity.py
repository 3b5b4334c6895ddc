"""What happens to liquidity: less is traded and offered, and bid and ask move apart."""

from typing import ClassVar

from hedgecheck.arrays import number
from hedgecheck.marketdata import LowLiquidity, SpreadWidening
from hedgecheck.marketdata.chance import Source
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming.base import Stage, Symbols, everywhere, lasting, reshaped
from hedgecheck.values import frozen


@frozen
class LiquidityDrop:
    """``drop`` of volume and depth is gone for so many bars; the spread stays."""

    start: int
    bars: int | None = 20
    drop: float = 0.8
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        bars = lasting(stressed.truth, self.start, self.bars)
        left = 1 - number("liquidity_drop_pct", self.drop, 0, 1)
        thin = LowLiquidity(self.start, bars, left, 1.0, self.symbols)
        done = everywhere("liquidity_drop", stressed.truth, self.symbols, self.start, bars)
        return reshaped(stressed, thin, done)


@frozen
class SpreadExplosion:
    """The spread is ``multiplier`` times as wide for so many bars, but never wider than to a bid of
    nothing."""

    start: int
    bars: int | None = 20
    multiplier: float = 10.0
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        bars = lasting(stressed.truth, self.start, self.bars)
        wide = SpreadWidening(self.start, bars, self.multiplier, self.symbols)
        done = everywhere("spread_explosion", stressed.truth, self.symbols, self.start, bars)
        return reshaped(stressed, wide, done)
