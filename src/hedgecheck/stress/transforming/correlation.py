"""Symbols that moved together move apart: the correlation of their log moves over a window is a given one."""

from typing import ClassVar

import numpy as np

from hedgecheck.arrays import Floats, number
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Market
from hedgecheck.marketdata.chance import Source
from hedgecheck.marketdata.generator import root
from hedgecheck.marketdata.reshaping import moved_by, moves_in, window_of
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming.base import Stage, Symbols, everywhere, lasting, reshaped
from hedgecheck.values import frozen

DEPENDENT = 1e-9  # less than this part of a series is its own: the rest of it is that of the others


@frozen
class CorrelationBreakdown:
    """Over so many bars the log moves of any two symbols have the correlation ``target``; each keeps the mean
    and the deviation that its moves had, so that it ends the window at the price that it had there.

    Exact on the sample, not on average: the moves less their means are made orthogonal one after the other
    (Gram and Schmidt, by which of each symbol stays what is its own), and mixed anew by a root of the
    correlation matrix. What a symbol lacks of its own, since it moved as others did, is drawn. Of a symbol
    that did not move nothing changes.
    """

    start: int
    bars: int | None = 40
    target: float = 0.0
    symbols: Symbols = ()
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``. ``UsageError`` for a single symbol, which has no correlations, for a target
        that no so many symbols can have, and for fewer bars than symbols and one more."""
        names = self.symbols or stressed.truth.symbols
        bars = lasting(stressed.truth, self.start, self.bars)
        if len(names) < 2:
            raise UsageError(
                f"{names[0]} is alone, and correlations are of two symbols or more. "
                "Name two or more, or leave target_correlation out."
            )
        if bars < len(names) + 1:
            raise UsageError(
                f"In {bars} bars {len(names)} symbols cannot have every correlation. "
                f"Give duration_bars of {len(names) + 1} or more, or begin earlier."
            )
        mix = root(number("target_correlation", self.target, -1, 1), len(names))
        noise = np.column_stack([chance(f"own {each}").standard_normal(bars) for each in names])
        done = everywhere("correlation_breakdown", stressed.truth, names, self.start, bars)
        return reshaped(stressed, _Mixed(self.start, names, mix, noise), done)


class _Mixed:
    """The condition that moves of a window are mixed anew."""

    def __init__(self, start: int, symbols: Symbols, mix: Floats, noise: Floats) -> None:
        self._start, self._symbols, self._mix, self._noise = start, symbols, mix, noise

    def apply(self, market: Market) -> Market:
        """See ``marketdata.Condition``."""
        window = window_of(market, self._start, len(self._noise), self._symbols)
        moves = moves_in(market, window)
        mean = moves.mean(axis=0)
        lengths = np.linalg.norm(moves - mean, axis=0)
        mixed = orthonormal(moves - mean, self._noise - self._noise.mean(axis=0)) @ self._mix.T
        return moved_by(market, window, mean + lengths * mixed)


def orthonormal(series: Floats, noise: Floats) -> Floats:
    """Columns of length 1, each at a right angle to all others, which together span those of ``series``; a
    column that the ones before it span is made of that of ``noise``."""
    found = np.zeros_like(series)
    for at in range(series.shape[1]):
        before = found[:, :at]
        own = _less(series[:, at], before)
        if np.linalg.norm(own) <= DEPENDENT * np.linalg.norm(series[:, at]):
            own = _less(noise[:, at], before)
        own = _less(own, before)  # once more: what rounding left of the others is gone
        found[:, at] = own / np.linalg.norm(own)
    return found


def _less(column: Floats, others: Floats) -> Floats:
    left: Floats = column - others @ (others.T @ column)
    return left
