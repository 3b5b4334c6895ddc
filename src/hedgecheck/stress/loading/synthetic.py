"""Markets that are made: geometric Brownian motion whose variance clusters as in a GARCH(1,1)."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from hedgecheck.arrays import Floats, number
from hedgecheck.marketdata import Garch, Liquidity, Market, Moves, fit_garch, generate
from hedgecheck.marketdata.chance import Source
from hedgecheck.prices import daily
from hedgecheck.stress.candles import DAY_NS, TRADING_DAYS, YEAR_NS
from hedgecheck.stress.loading.pairs import base
from hedgecheck.values import frozen

START_NS = 1_704_067_200 * 1_000_000_000  # 2024-01-01
CLUSTERING = Garch()


@frozen
class Likely:
    """What a symbol may well cost, and its volatility per year."""

    price: float
    volatility: float


LIKELY = {"BTC": Likely(50_000.0, 0.6), "ETH": Likely(3_000.0, 0.75), "SOL": Likely(100.0, 0.95)}
ANY = Likely(100.0, 0.5)
ORDINARY = Liquidity()  # in units of a symbol that costs what ``ANY`` does


@frozen
class Clustered:
    """Geometric Brownian motion, the variance of whose bars is that of a GARCH(1,1) with ``alpha`` and
    ``beta`` from bar to bar; one long-run volatility per year for each symbol. The price is expected to grow
    by exp(``drift``) in a year, whatever the variance does."""

    volatilities: tuple[float, ...]
    alpha: float = CLUSTERING.alpha
    beta: float = CLUSTERING.beta
    drift: float = 0.0

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """See ``hedgecheck.marketdata.Model``. ``UsageError`` for a volatility that is negative, and where
        ``alpha`` + ``beta`` is 1 or more."""
        rest = max(0.0, 1 - self.alpha - self.beta)  # 0 is refused below
        each = [
            Garch(
                number("volatility", volatility, 0) ** 2 * years_per_bar * rest, self.alpha, self.beta
            ).moves(normals[:, at : at + 1], years_per_bar, source)
            for at, volatility in enumerate(self.volatilities)
        ]
        deviations = np.hstack([found.deviations for found in each])
        shocks = np.hstack([found.log_returns for found in each])
        return Moves(self.drift * years_per_bar - deviations**2 / 2 + shocks, deviations)


def made(
    symbols: Sequence[str],
    *,
    bars: int,
    bar_ns: int,
    bars_per_year: float,
    seed: int,
    volatility: float | None,
    correlation: float,
    like: str = "",
    start_ns: int = START_NS,
) -> Market:
    """A market from a seed. ``volatility`` per year, of all symbols; None is each symbol's own, or that of
    the packaged series ``like`` by which the clustering is fitted. Prices and what is traded of each are
    plausible for the symbol.

    Raises ``UsageError`` for numbers that make no sense and a series that is not packaged, ``PackageMissing``
    without the package of the series or that which fits.
    """
    likely = [LIKELY.get(base(symbol), ANY) for symbol in symbols]
    own = tuple(each.volatility for each in likely)
    model = fitted(like) if like else Clustered(own)
    chosen = model.volatilities * len(symbols) if like else own
    if volatility is not None:
        chosen = (number("volatility", volatility, 0),) * len(symbols)
    prices = [each.price for each in likely]
    market = generate(
        symbols,
        bars=bars,
        seed=seed,
        model=Clustered(chosen, model.alpha, model.beta, model.drift),
        correlations=number("correlation", correlation, -1, 1),
        price=prices,
        liquidity=ORDINARY,
        bars_per_year=bars_per_year,
        start_ns=start_ns,
        bar_ns=bar_ns,
    )
    units = ANY.price / np.array(prices)  # as much money is traded of each
    return replace(market, volume=market.volume * units, depth=market.depth * units)


def bars_a_year(bar_ns: int, like: str) -> float:
    """Of a market that never closes, but for days that are like those of a stock."""
    return TRADING_DAYS if like and bar_ns == DAY_NS else YEAR_NS / bar_ns


@lru_cache(maxsize=8)
def fitted(name: str) -> Clustered:
    """The clustering, volatility and drift of a packaged daily series, by maximum likelihood
    (``hedgecheck.marketdata.fit_garch``). Raises as ``made``."""
    found = fit_garch([float(bar.adjusted_close) for bar in daily(name)])
    variance = TRADING_DAYS * found.omega / (1 - found.alpha - found.beta)
    drift = TRADING_DAYS * found.mean + variance / 2
    return Clustered((variance**0.5,), found.alpha, found.beta, drift)
