"""What comes over a market: frozen conditions, each a function from one market to another.

They compose: each is applied to what those before it made. A window begins at bar ``start``; a condition is
for all symbols, or for those named in ``symbols``. After its window a market goes on with the moves it had,
from where the condition left it.
"""

from typing import Protocol

import numpy as np

from hedgecheck.arrays import number, whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.market import Market
from hedgecheck.marketdata.reshaping import (
    fading,
    led_through,
    ramp,
    scaled,
    spread_apart,
    window_of,
)
from hedgecheck.values import frozen

Symbols = tuple[str, ...]


class Condition(Protocol):
    """What comes over a market; a condition of a user's own has this method."""

    def apply(self, market: Market) -> Market:
        """The market with the condition in it. ``UsageError`` where it does not fit."""


# ---- prices ------------------------------------------------------------------------------------------------


@frozen
class FlashCrash:
    """The price falls by ``depth`` in ``fall_bars`` and wins ``recovery`` of that back in ``recovery_bars``.

    Measured from the price before ``start``: the last close of the fall is at ``depth`` exactly and nothing
    in the window is below it; the last close of the recovery is where it says exactly.
    """

    start: int
    depth: float = 0.3
    fall_bars: int = 5
    recovery_bars: int = 15
    recovery: float = 1.0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a depth of all or more, or a window that does not fit."""
        depth = number("depth", self.depth, 0)
        if depth >= 1:
            raise UsageError(
                f"depth is {depth:g}: no price would be left. Give a part below 1, 0.3 for 30 %."
            )
        back = depth * number("recovery", self.recovery, 0, 1)
        fall, rise = whole("fall_bars", self.fall_bars, 1), whole("recovery_bars", self.recovery_bars, 0)
        legs = ((fall, 1 - depth), (rise, 1 - depth + back))
        return led_through(market, window_of(market, self.start, fall + rise, self.symbols), legs)


@frozen
class Spike:
    """The price moves by ``move`` in ``bars``, up or down, and gives ``reverts`` of that back in as many
    bars as ``revert_bars``; both ends are reached exactly."""

    start: int
    move: float = 0.1
    bars: int = 1
    reverts: float = 0.0
    revert_bars: int = 0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a fall of all or more, or a window that does not fit."""
        move = number("move", self.move, -1)
        if move == -1:
            raise UsageError("move is -1: no price would be left. Give a part above -1, -0.1 for 10 % down.")
        kept = move * (1 - number("reverts", self.reverts, 0, 1))
        there, back = whole("bars", self.bars, 1), whole("revert_bars", self.revert_bars, 0)
        legs = ((there, 1 + move), (back, 1 + kept))
        return led_through(market, window_of(market, self.start, there + back, self.symbols), legs)


@frozen
class VolatilityFactor:
    """Moves, and the implied volatility, are ``factor`` times as large for so many bars."""

    start: int
    bars: int
    factor: float = 3.0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a negative factor, or a window that does not fit."""
        factor = number("factor", self.factor, 0)
        window = window_of(market, self.start, self.bars, self.symbols)
        wilder = spread_apart(market, window, factor)
        return scaled(wilder, window, factor, ("implied_volatility",))


@frozen
class ImpliedVolatilitySurge:
    """Implied volatility is ``factor`` times as high at once, and half of that is gone after each
    ``half_life_bars``; the prices do not move by it."""

    start: int
    factor: float = 2.0
    half_life_bars: float = 10.0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for what is negative, or a window that does not fit."""
        window = window_of(market, self.start, len(market) - self.start, self.symbols)
        above = number("factor", self.factor, 0) - 1
        path = 1 + above * fading(window.bars, number("half_life_bars", self.half_life_bars, 1e-9))
        return scaled(market, window, path, ("implied_volatility",))


# ---- liquidity ---------------------------------------------------------------------------------------------


@frozen
class LowLiquidity:
    """Volume and depth are a part of what they were, and the spread so many times as wide, for so many
    bars."""

    start: int
    bars: int
    left: float = 0.1
    spread: float = 3.0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for what is negative, or a window that does not fit."""
        window = window_of(market, self.start, self.bars, self.symbols)
        left, spread = number("left", self.left, 0), number("spread", self.spread, 0)
        thin = scaled(market, window, left, ("volume", "depth"))
        return scaled(thin, window, spread, ("spread_bps",))


@frozen
class LiquidityDrain:
    """Volume and depth run dry: by the same part from bar to bar, down to ``left`` at the end of ``bars``,
    and back in ``recovery_bars``; none of these, and nothing comes back."""

    start: int
    bars: int
    left: float = 0.05
    recovery_bars: int = 0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a part of nothing, or a window that does not fit."""
        left = number("left", self.left, 1e-9, 1)
        falls, rises = whole("bars", self.bars, 1), whole("recovery_bars", self.recovery_bars, 0)
        down = ramp(1, left, falls)
        stays = len(market) - self.start - falls
        after = ramp(left, 1, rises) if rises else np.full(max(0, stays), left)
        path = np.concatenate([down, after])
        window = window_of(market, self.start, len(path), self.symbols)
        return scaled(market, window, path, ("volume", "depth"))


@frozen
class DepthChange:
    """What is offered at the best prices is ``factor`` times as much for so many bars; volume and spread
    stay."""

    start: int
    bars: int
    factor: float = 0.25
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a negative factor, or a window that does not fit."""
        window = window_of(market, self.start, self.bars, self.symbols)
        return scaled(market, window, number("factor", self.factor, 0), ("depth",))


@frozen
class SpreadWidening:
    """The spread is ``factor`` times as wide for so many bars, but never wider than to a bid of nothing."""

    start: int
    bars: int
    factor: float = 10.0
    symbols: Symbols = ()

    def apply(self, market: Market) -> Market:
        """See ``Condition``. ``UsageError`` for a negative factor, or a window that does not fit."""
        window = window_of(market, self.start, self.bars, self.symbols)
        return scaled(market, window, number("factor", self.factor, 0), ("spread_bps",))
