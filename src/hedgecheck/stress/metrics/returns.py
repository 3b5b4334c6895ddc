"""Profit and returns: how much, how steadily, how likely by luck. The risk-free rate, the minimum acceptable
return and the threshold are 0."""

import math

import numpy as np

from hedgecheck.arrays import Floats
from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, Value, deviation, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.models import MetricValue

TWO = "there are fewer than two returns, or the equity is at or below zero at any bar"
STEADY = f"{TWO}, or the returns do not deviate"

METRICS = (
    Metric(
        "total_pnl",
        "money",
        "higher",
        "E at the end - E at the start - flows, which are deposits less withdrawals",
        "",
        "Bacon 2008, Practical Portfolio Performance Measurement and Attribution",
    ),
    Metric(
        "realized_pnl",
        "money",
        "higher",
        "profit of what was closed, after fees",
        "",
        "NautilusTrader, Portfolio.realized_pnl",
    ),
    Metric(
        "unrealized_pnl",
        "money",
        "higher",
        "profit of what is open, at the last price",
        "",
        "NautilusTrader, Portfolio.unrealized_pnl",
    ),
    Metric(
        "total_return",
        "fraction",
        "higher",
        "equity at the end / equity at the start - 1; with flows the product of all 1 + r, less 1",
        "the equity begins at or below zero; with flows, where it is at or below zero at any bar",
        "empyrical cum_returns_final; GIPS 2020 for flows",
    ),
    Metric(
        "cagr",
        "fraction",
        "higher",
        "(1 + total_return) ^ (P / n) - 1, geometric",
        "total_return is None or below -1, there is no bar, or it is too large to be a number",
        "empyrical cagr",
    ),
    Metric(
        "volatility", "fraction", "lower", "std(r), ddof 1, x sqrt(P)", TWO, "empyrical annual_volatility"
    ),
    Metric(
        "downside_risk",
        "fraction",
        "lower",
        "sqrt(mean(min(r, 0)^2)) x sqrt(P), the mean over all n",
        TWO,
        "Sortino and van der Meer 1991; empyrical downside_risk",
    ),
    Metric("sharpe_ratio", "ratio", "higher", "mean(r) / std(r) x sqrt(P)", STEADY, "Sharpe 1994"),
    Metric(
        "sortino_ratio",
        "ratio",
        "higher",
        "mean(r) x P / downside_risk",
        f"{TWO}, or no return is below 0",
        "Sortino and Price 1994; empyrical sortino_ratio",
    ),
    Metric(
        "omega_ratio",
        "ratio",
        "higher",
        "sum(max(r, 0)) / sum(max(-r, 0))",
        f"{TWO}, or no return is below 0",
        "Keating and Shadwick 2002",
    ),
    Metric(
        "probabilistic_sharpe_ratio",
        "fraction",
        "higher",
        "Phi(SR sqrt(n - 1) / sqrt(1 - skew SR + (kurtosis + 2) / 4 SR^2)), SR = mean(r) / std(r) of a bar: "
        "how likely the true one is above 0",
        f"{STEADY}, kurtosis is None, or the root is of nothing above 0",
        "Bailey and Lopez de Prado 2012; quantstats",
    ),
    Metric(
        "skew",
        "ratio",
        "higher",
        "of r: n / ((n - 1) (n - 2)) sum(z^3), z = (r - mean(r)) / std(r)",
        f"{STEADY}, or there are fewer than three",
        "Joanes and Gill 1998, G1; pandas",
    ),
    Metric(
        "kurtosis",
        "ratio",
        "lower",
        "of r, excess over a normal's: n (n + 1) / ((n - 1) (n - 2) (n - 3)) sum(z^4) "
        "- 3 (n - 1)^2 / ((n - 2) (n - 3))",
        f"{STEADY}, or there are fewer than four",
        "Joanes and Gill 1998, G2; pandas",
    ),
    Metric(
        "best_period",
        "fraction",
        "higher",
        "max(r)",
        "there is no return, or the equity is at or below zero at any bar",
        "quantstats best",
    ),
    Metric(
        "worst_period",
        "fraction",
        "higher",
        "min(r)",
        "there is no return, or the equity is at or below zero at any bar",
        "quantstats worst",
    ),
)


def measured(course: Course, basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    returns, sample, per_year = basis.returns, basis.sample(), course.bars_per_year
    some = returns is not None and len(returns) > 0
    values: dict[str, MetricValue] = {
        "total_pnl": course.equity[-1] - course.equity[0] - course.flows.sum(),
        "realized_pnl": course.realized_pnl,
        "unrealized_pnl": course.unrealized_pnl,
        "total_return": total_return(basis),
        "cagr": cagr(basis, per_year),
        "best_period": returns.max() if some and returns is not None else None,
        "worst_period": returns.min() if some and returns is not None else None,
    }
    for name, of in SAMPLED.items():
        values[name] = None if sample is None else of(sample, per_year)
    return values


def total_return(basis: Basis) -> Value:
    """Growth over the whole course, a fraction."""
    return None if basis.curve is None else float(basis.curve[-1] / basis.curve[0] - 1)


def cagr(basis: Basis, bars_per_year: float) -> Value:
    """Growth in a year at the same pace, a fraction."""
    if basis.curve is None or not basis.bars or basis.curve[-1] < 0:
        return None
    return float(np.power(basis.curve[-1] / basis.curve[0], bars_per_year / basis.bars) - 1)


def volatility(returns: Floats, bars_per_year: float) -> float:
    """Deviation of the returns (ddof 1), annualised."""
    return deviation(returns, scale=1) * math.sqrt(bars_per_year)


def downside_risk(returns: Floats, bars_per_year: float) -> float:
    """Root of the mean square of the losses over all returns, annualised."""
    return float(np.sqrt(np.mean(np.minimum(returns, 0) ** 2))) * math.sqrt(bars_per_year)


def sharpe_ratio(returns: Floats, bars_per_year: float) -> Value:
    """Mean by deviation, annualised."""
    each = ratio(float(returns.mean()), deviation(returns, scale=1))
    return None if each is None else each * math.sqrt(bars_per_year)


def sortino_ratio(returns: Floats, bars_per_year: float) -> Value:
    """Annual mean by annual downside risk."""
    return ratio(float(returns.mean()) * bars_per_year, downside_risk(returns, bars_per_year))


def omega_ratio(returns: Floats, _bars_per_year: float) -> Value:
    """All gains by all losses."""
    return ratio(float(np.maximum(returns, 0).sum()), float(np.maximum(-returns, 0).sum()))


def skew(returns: Floats, _bars_per_year: float) -> Value:
    """Third standardised moment, without the bias of a sample."""
    n, spread = len(returns), deviation(returns, scale=1)
    if n < 3 or not spread:
        return None
    z = (returns - returns.mean()) / spread
    return n / ((n - 1) * (n - 2)) * float((z * z * z).sum())


def kurtosis(returns: Floats, _bars_per_year: float) -> Value:
    """Fourth standardised moment over that of a normal, without the bias of a sample."""
    n, spread = len(returns), deviation(returns, scale=1)
    if n < 4 or not spread:
        return None
    squares = ((returns - returns.mean()) / spread) ** 2
    fourth = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * float((squares * squares).sum())
    return fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def probabilistic_sharpe_ratio(returns: Floats, bars_per_year: float) -> Value:
    """How likely the true Sharpe ratio is above 0, given so many returns of such a shape."""
    sharpe = ratio(float(returns.mean()), deviation(returns, scale=1))
    third, excess = skew(returns, bars_per_year), kurtosis(returns, bars_per_year)
    if sharpe is None or third is None or excess is None:
        return None
    variance = 1 - third * sharpe + (excess + 2) / 4 * sharpe**2  # raw kurtosis - 1 is excess + 2
    if not variance > 0:
        return None
    return _normal(sharpe * math.sqrt(len(returns) - 1) / math.sqrt(variance))


def _normal(z: float) -> float:
    """The distribution function of the standard normal; ``erfc`` keeps its digits in the lower tail."""
    return math.erfc(-z / math.sqrt(2)) / 2


SAMPLED = {
    "volatility": volatility,
    "downside_risk": downside_risk,
    "sharpe_ratio": sharpe_ratio,
    "sortino_ratio": sortino_ratio,
    "omega_ratio": omega_ratio,
    "probabilistic_sharpe_ratio": probabilistic_sharpe_ratio,
    "skew": skew,
    "kurtosis": kurtosis,
}
