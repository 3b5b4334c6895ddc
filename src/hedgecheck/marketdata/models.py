"""How prices move from bar to bar: models that turn normal numbers into log returns.

A model is given standard normal numbers, one for each bar and symbol, correlated already; what it needs of
chance beside them it draws under a name of its own. Volatility and drift are per year, as fractions.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

import numpy as np

from hedgecheck.arrays import Floats, number
from hedgecheck.errors import UsageError
from hedgecheck.marketdata.chance import Source
from hedgecheck.marketdata.regimes import Regime, Regimes
from hedgecheck.values import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Log returns, and the deviation of each bar's diffusion; both of shape (bars, symbols)."""

    log_returns: Floats
    deviations: Floats


class Model(Protocol):
    """What moves prices; a model of a user's own has this method."""

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """Log returns made of standard normal numbers of shape (bars, symbols)."""


@frozen
class Gbm:
    """Geometric Brownian motion: log returns are independent and normal (Samuelson 1965).

    ``volatility`` and ``drift`` per year; the price is expected to grow by exp(drift) in a year.
    """

    volatility: float = 0.2
    drift: float = 0.0

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """See ``Model``. ``UsageError`` for a negative volatility or what is no number."""
        deviation = number("volatility", self.volatility, 0) * years_per_bar**0.5
        drift = number("drift", self.drift, -1e6) * years_per_bar
        return Moves(drift - deviation**2 / 2 + deviation * normals, np.full_like(normals, deviation))


@frozen
class Garch:
    """GARCH(1,1), in which calm and wild days cluster (Bollerslev 1986): the variance of a bar is
    ``omega`` + ``alpha`` x (the last shock)^2 + ``beta`` x (the last variance), of log returns as fractions.

    The defaults were fitted to the S&P 500's daily closes 1999 to 2018 (``fit_garch``). It starts from the
    variance that it has in the long run; ``mean`` is the log return of a bar without a shock.
    """

    omega: float = 1.75e-6
    alpha: float = 0.102
    beta: float = 0.885
    mean: float = 0.0

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """See ``Model``; the parameters are those of a bar, however long it is. ``UsageError`` where
        ``alpha`` + ``beta`` is 1 or more: such a variance grows for ever."""
        omega, mean = number("omega", self.omega, 0), number("mean", self.mean, -1)
        alpha, beta = number("alpha", self.alpha, 0), number("beta", self.beta, 0)
        if alpha + beta >= 1:
            raise UsageError(
                f"alpha + beta is {alpha + beta:g}: the variance has no long run. Give them a sum below 1."
            )
        first = omega / (1 - alpha - beta)
        variances = [_variances(column, omega, first) for column in (alpha * normals[:-1] ** 2 + beta).T]
        deviations = np.sqrt(np.array(variances).T.reshape(normals.shape))
        return Moves(mean + deviations * normals, deviations)


def _variances(factors: Floats, omega: float, first: float) -> list[float]:
    """One variance for each bar: each is ``omega`` and so many times the one before."""
    return list(accumulate(factors.tolist(), lambda last, factor: omega + factor * last, initial=first))


@frozen
class Merton:
    """Geometric Brownian motion with jumps that come at any time (Merton 1976).

    ``jumps`` per year on average, of log size normal about ``jump_mean`` with ``jump_deviation``. Jumps do
    not change how the price is expected to grow. Each symbol has jumps of its own, so that
    with them symbols move together less than asked.
    """

    volatility: float = 0.2
    drift: float = 0.0
    jumps: float = 5.0
    jump_mean: float = -0.02
    jump_deviation: float = 0.05

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """See ``Model``. ``UsageError`` for what is negative where it cannot be."""
        rate = number("jumps", self.jumps, 0) * years_per_bar
        mean, spread = (
            number("jump_mean", self.jump_mean, -10),
            number("jump_deviation", self.jump_deviation, 0),
        )
        counts = source("jump times").poisson(rate, normals.shape)
        sizes = counts * mean + np.sqrt(counts) * spread * source("jump sizes").standard_normal(normals.shape)
        expected = rate * (np.exp(mean + spread**2 / 2) - 1)
        calm = Gbm(self.volatility, self.drift).moves(normals, years_per_bar, source)
        return Moves(calm.log_returns + sizes - expected, calm.deviations)


@frozen
class Switching:
    """Two or more regimes of volatility and drift, the same for all symbols at a time (Hamilton 1989)."""

    regimes: Regimes = Regimes((Regime(0.1, 0.08), Regime(0.4, -0.2)))

    def moves(self, normals: Floats, years_per_bar: float, source: Source) -> Moves:
        """See ``Model``. ``UsageError`` where ``Regimes`` makes no sense."""
        at = self.regimes.path(len(normals), source)
        volatility = np.array([number("volatility", each.volatility, 0) for each in self.regimes.each])[at]
        drift = np.array([number("drift", each.drift, -1e6) for each in self.regimes.each])[at]
        deviations = np.repeat((volatility * years_per_bar**0.5)[:, None], normals.shape[1], axis=1)
        drifts = (drift * years_per_bar)[:, None]
        return Moves(drifts - deviations**2 / 2 + deviations * normals, deviations)
