"""Makes a market from a seed: a model's moves, correlated, as consistent bars with volume and liquidity.

Within a bar the price is a Brownian bridge from open to close; its highest and its lowest point are drawn
from their exact distributions, each by itself. Volume, spread, depth and implied volatility follow how wild
the bar is: volume is lognormal and grows with the move (the mixture of distributions, Clark 1973), the spread
grows and depth shrinks with the deviation of the bar against that of the first.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hedgecheck.arrays import Floats, names, number, series, whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.chance import Source, source
from hedgecheck.marketdata.conditions import Condition
from hedgecheck.marketdata.market import Market
from hedgecheck.marketdata.models import Gbm, Model, Moves
from hedgecheck.marketdata.reshaping import SPREAD_BPS_MAX
from hedgecheck.values import frozen

DAY_NS = 86_400_000_000_000
BARS_PER_YEAR = 252
ROUNDING = 1e-9  # how far below zero an eigenvalue of a correlation matrix may be counted


@frozen
class Liquidity:
    """What is traded and offered in an ordinary bar: ``volume`` on average, ``depth`` at the best price of
    each side, ``spread_bps`` between them."""

    volume: float = 1_000_000.0
    depth: float = 5_000.0
    spread_bps: float = 5.0


STEADY = Gbm()
ORDINARY = Liquidity()


def generate(
    symbols: str | Sequence[str] = "AAA",
    *,
    bars: int = 1_000,
    seed: int = 0,
    model: Model = STEADY,
    correlations: ArrayLike | None = None,
    conditions: Sequence[Condition] = (),
    price: float | Sequence[float] = 100.0,
    liquidity: Liquidity = ORDINARY,
    bars_per_year: float = BARS_PER_YEAR,
    start_ns: int = 0,
    bar_ns: int = DAY_NS,
) -> Market:
    """A market of so many bars, the same bytes for the same arguments.

    ``correlations`` of what drives the moves, each by its deviation: one number for all pairs, or a matrix;
    none, and the symbols move apart.
    ``conditions`` come over it one after the other. ``price``: before the first bar, of all symbols or of
    each. Without them the model is ``Gbm()``, liquidity ``Liquidity()``, and bars are days, 252 a year.
    Raises ``UsageError`` for arguments that make no sense.
    """
    every, count = names("symbols", symbols), whole("bars", bars, 1)
    per_year = number("bars_per_year", bars_per_year, 1e-9)
    chance = source(seed)
    normals = chance("moves").standard_normal((count, len(every)))
    if correlations is not None:
        normals = normals @ root(correlations, len(every)).T
    moves = model.moves(normals, 1 / per_year, chance)
    begun = beginning(price, len(every))
    opened, high, low, close = prices(moves, begun, chance)
    volume, spread, depth = liquid(moves, liquidity, chance)
    times = whole("start_ns", start_ns, 0) + whole("bar_ns", bar_ns, 1) * np.arange(1, count + 1)
    implied = moves.deviations * per_year**0.5
    market = Market(every, times, begun, opened, high, low, close, volume, spread, depth, implied)
    for each in conditions:
        market = each.apply(market)
    return market


def beginning(price: float | Sequence[float], count: int) -> Floats:
    """The prices before the first bar; ``UsageError`` for neither one price nor one for each symbol."""
    given = series("price", np.atleast_1d(price), above=0)
    if len(given) not in (1, count):
        raise UsageError(f"There are {len(given)} prices for {count} symbols. Give one, or one for each.")
    return np.repeat(given, count // len(given))


def root(correlations: ArrayLike, count: int) -> Floats:
    """A matrix that makes independent moves correlated: the Cholesky factor, of a matrix that is singular
    the one from its eigenvectors. ``UsageError`` for what is no correlation matrix."""
    given = np.asarray(correlations, dtype=np.float64)
    matrix = np.full((count, count), given) if given.ndim == 0 else given
    if given.ndim == 0:
        np.fill_diagonal(matrix, 1.0)
    if matrix.shape != (count, count):
        raise UsageError(
            f"correlations have the shape {matrix.shape} for {count} symbols. Give one row each."
        )
    is_sound = np.isfinite(matrix).all() and (matrix == matrix.T).all() and (np.diag(matrix) == 1).all()
    if not is_sound or (np.abs(matrix) > 1).any():
        raise UsageError(
            "correlations are no correlation matrix. Give a symmetric one with 1 on its diagonal and all "
            "others from -1 to 1."
        )
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -ROUNDING:
        raise UsageError(
            f"correlations are not positive semidefinite: the smallest eigenvalue is {values[0]:.3g}, so no "
            "symbols can move like this. Bring the correlations nearer to zero, or take them from one sample."
        )
    if values[0] > ROUNDING:
        return np.linalg.cholesky(matrix)
    found: Floats = vectors * np.sqrt(np.clip(values, 0, None))
    return found


def prices(moves: Moves, begun: Floats, chance: Source) -> tuple[Floats, Floats, Floats, Floats]:
    """Open, high, low and close; each bar opens where the one before closed.

    ``UsageError`` where a price grows beyond all numbers or falls to nothing.

    The largest value M of a bridge from 0 to r of variance v has P(M > m) = exp(-2 m (m - r) / v) (Karatzas
    and Shreve 1991, 4.3.40), which is solved for m; the smallest likewise.
    """
    with np.errstate(over="ignore"):
        close = begun * np.exp(np.cumsum(moves.log_returns, axis=0))
    if not (np.isfinite(close) & (close > 0)).all():
        raise UsageError(
            "The prices leave the range of numbers. Give a smaller volatility, drift or size of jumps."
        )
    opened = np.vstack([begun, close[:-1]])
    drawn = chance("wicks").random((2, *close.shape))
    wide = np.sqrt(moves.log_returns**2 - 2 * moves.deviations**2 * np.log1p(-drawn))
    high = opened * np.exp((moves.log_returns + wide[0]) / 2)
    low = opened * np.exp((moves.log_returns - wide[1]) / 2)
    return (
        opened,
        np.maximum(high, np.maximum(opened, close)),
        np.minimum(low, np.minimum(opened, close)),
        close,
    )


def liquid(moves: Moves, liquidity: Liquidity, chance: Source) -> tuple[Floats, Floats, Floats]:
    """Volume, spread and depth of each bar; none goes far beyond ten times the usual."""
    usual = moves.deviations[:1]
    wild = np.divide(moves.deviations, usual, out=np.ones_like(moves.deviations), where=usual > 0)
    wild = np.clip(wild, 0.1, 10.0)
    size = np.divide(np.abs(moves.log_returns), usual, out=np.ones_like(wild), where=usual > 0)
    size = np.minimum(size, 10.0)
    noise = np.exp(0.3 * chance("volume").standard_normal(size.shape) - 0.045)
    volume = number("volume", liquidity.volume, 0) * noise * (0.5 + 0.5 * size * (np.pi / 2) ** 0.5)
    spread = np.minimum(number("spread_bps", liquidity.spread_bps, 0, SPREAD_BPS_MAX) * wild, SPREAD_BPS_MAX)
    return volume, spread, number("depth", liquidity.depth, 0) / wild
