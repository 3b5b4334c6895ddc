"""Metrics by other means: empyrical, quantstats, pandas. Where a convention differs it is said and converted.

Not compared, as nobody counts them alike: ``recovery_factor`` (quantstats' is by the sum of the returns) and
quantstats' ``value_at_risk``, that of a normal distribution.
"""

import math
import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics import measure


@dataclass
class Peers:
    """One course as the libraries see it; they are imported when first asked."""

    course: Course

    def __post_init__(self):
        import empyrical  # noqa: PLC0415
        import pandas  # noqa: PLC0415
        from quantstats import stats  # noqa: PLC0415

        self.pandas, self.empyrical, self.quantstats = pandas, empyrical, stats
        self.per_year = self.course.bars_per_year
        self.annual = {"annualization": self.per_year}

    @cached_property
    def returns(self):
        """Of the equity, one a day."""
        return self._daily(self.course.equity).pct_change().iloc[1:]

    @cached_property
    def benchmark(self):
        """On the same days."""
        return self.pandas.Series(self.course.benchmark, index=self.returns.index)

    @cached_property
    def profits(self):
        """Of closed trades, one a day."""
        return self._daily([each.pnl for each in self.course.trades])

    @cached_property
    def streaks(self):
        """Of closed trades that won or lost: quantstats lets one of no profit end a streak."""
        return self.profits[self.profits != 0]

    @cached_property
    def drawdowns(self):
        """quantstats' table; it misses a first drawdown that begins with the series, so the start is kept."""
        equity = self._daily(self.course.equity)
        return self.quantstats.drawdown_details(equity / equity.cummax() - 1)

    def _daily(self, values):
        days = self.pandas.date_range("2024-01-01", periods=len(values))
        return self.pandas.Series(np.asarray(values, dtype=float), index=days)


BY_EMPYRICAL = {
    "total_return": lambda of: of.empyrical.cum_returns_final(of.returns),
    "cagr": lambda of: of.empyrical.cagr(of.returns, **of.annual),
    "volatility": lambda of: of.empyrical.annual_volatility(of.returns, **of.annual),
    "downside_risk": lambda of: of.empyrical.downside_risk(of.returns, **of.annual),
    "sharpe_ratio": lambda of: of.empyrical.sharpe_ratio(of.returns, **of.annual),
    "sortino_ratio": lambda of: of.empyrical.sortino_ratio(of.returns, **of.annual),
    "omega_ratio": lambda of: of.empyrical.omega_ratio(of.returns),
    "max_drawdown": lambda of: -of.empyrical.max_drawdown(of.returns),  # theirs is negative
    "calmar_ratio": lambda of: of.empyrical.calmar_ratio(of.returns, **of.annual),
    "value_at_risk_95": lambda of: of.empyrical.value_at_risk(of.returns, 0.05),
    "value_at_risk_99": lambda of: of.empyrical.value_at_risk(of.returns, 0.01),
    # the mean of so many of the worst: the same where no two returns are equal
    "conditional_value_at_risk": lambda of: of.empyrical.conditional_value_at_risk(of.returns, 0.05),
    "tail_ratio": lambda of: of.empyrical.tail_ratio(of.returns),
    "beta": lambda of: of.empyrical.beta(of.returns, of.benchmark),
    "alpha": lambda of: (  # theirs is geometric
        ((1 + of.empyrical.alpha(of.returns, of.benchmark, **of.annual)) ** (1 / of.per_year) - 1)
        * of.per_year
    ),
    "information_ratio": lambda of: (  # theirs is of a bar
        of.empyrical.excess_sharpe(of.returns, of.benchmark) * math.sqrt(of.per_year)
    ),
}
BY_QUANTSTATS = {
    "cagr": lambda of: of.quantstats.cagr(of.returns, periods=of.per_year),
    "volatility": lambda of: of.quantstats.volatility(of.returns, periods=of.per_year),
    "sharpe_ratio": lambda of: of.quantstats.sharpe(of.returns, periods=of.per_year),
    "sortino_ratio": lambda of: of.quantstats.sortino(of.returns, periods=of.per_year),
    "omega_ratio": lambda of: of.quantstats.omega(of.returns, periods=of.per_year),
    "probabilistic_sharpe_ratio": lambda of: of.quantstats.probabilistic_sharpe_ratio(of.returns),
    "skew": lambda of: of.quantstats.skew(of.returns),
    "kurtosis": lambda of: of.quantstats.kurtosis(of.returns),
    "best_period": lambda of: of.quantstats.best(of.returns),
    "worst_period": lambda of: of.quantstats.worst(of.returns),
    "max_drawdown": lambda of: -of.quantstats.max_drawdown(of.returns),  # theirs is negative
    "avg_drawdown": lambda of: -of.drawdowns["max drawdown"].mean() / 100,  # and there in percent
    "max_drawdown_duration": lambda of: of.drawdowns["days"].max() if len(of.drawdowns) else 0,
    "ulcer_index": lambda of: (  # theirs divides by n - 1
        of.quantstats.ulcer_index(of.returns) * math.sqrt((len(of.returns) - 1) / len(of.returns))
    ),
    "calmar_ratio": lambda of: of.quantstats.calmar(of.returns, periods=of.per_year),
    "conditional_value_at_risk": lambda of: of.quantstats.conditional_value_at_risk(
        of.returns, method="historical"
    ),
    "tail_ratio": lambda of: of.quantstats.tail_ratio(of.returns),
    "beta": lambda of: of.quantstats.greeks(of.returns, of.benchmark, of.per_year)["beta"],
    "alpha": lambda of: of.quantstats.greeks(of.returns, of.benchmark, of.per_year)["alpha"],
    "tracking_error": lambda of: of.quantstats.volatility(of.returns - of.benchmark, periods=of.per_year),
    "information_ratio": lambda of: (  # theirs is of a bar
        of.quantstats.information_ratio(of.returns, of.benchmark) * math.sqrt(of.per_year)
    ),
    "treynor_ratio": lambda of: (  # theirs has the total return above
        of.quantstats.treynor_ratio(of.returns, of.benchmark, of.per_year)
        / of.quantstats.comp(of.returns)
        * of.returns.mean()
        * of.per_year
    ),
    "win_rate": lambda of: (  # theirs leaves trades of no profit out of the total
        of.quantstats.win_rate(of.profits, prepare_returns=False) * len(of.streaks) / len(of.profits)
    ),
    "profit_factor": lambda of: of.quantstats.profit_factor(of.profits, prepare_returns=False),
    "payoff_ratio": lambda of: of.quantstats.payoff_ratio(of.profits, prepare_returns=False),
    "max_consecutive_losses": lambda of: of.quantstats.consecutive_losses(of.streaks, prepare_returns=False),
    "max_consecutive_wins": lambda of: of.quantstats.consecutive_wins(of.streaks, prepare_returns=False),
    "expectancy": lambda of: of.profits.mean(),
    "sqn": lambda of: math.sqrt(len(of.profits)) * of.profits.mean() / of.profits.std(),
}
PEERS = {"empyrical": BY_EMPYRICAL, "quantstats": BY_QUANTSTATS}


def disagreements(course: Course) -> list[str]:
    """The metrics of which a library thinks otherwise, with both numbers; its NaN and infinity are None."""
    found, peers, wrong = measure(course), Peers(course), []
    for library, metrics in PEERS.items():
        for name, of in metrics.items():
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # of libraries, on what they leave undefined
                theirs, ours = float(of(peers)), found[name]
            agree = (
                not math.isfinite(theirs)
                if ours is None
                else math.isclose(ours, theirs, rel_tol=1e-8, abs_tol=1e-10)
            )
            if not agree:
                wrong.append(f"{name}: {ours}, {library}: {theirs}")
    return wrong
