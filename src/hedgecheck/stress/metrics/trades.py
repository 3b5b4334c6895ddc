"""Trades: round trips that were closed, by their profit after fees, in the order in which they were closed.

A trade of no profit is no winner and no loser: it counts in the total, and neither adds to a streak nor ends
it, as with the breaker of consecutive losses.
"""

from collections.abc import Iterable

import numpy as np

from hedgecheck.stress.course import Course
from hedgecheck.stress.metrics.basis import Basis, Value, deviation, ratio
from hedgecheck.stress.metrics.metric import Metric
from hedgecheck.stress.models import MetricValue

NO_TRADE = "no trade was closed"

METRICS = (
    Metric(
        "total_trades",
        "count",
        "neither",
        "closed round trips; what is open at the end is none",
        "",
        "NautilusTrader, positions closed",
    ),
    Metric(
        "winning_trades", "count", "higher", "closed with a profit after fees", "", "LEAN, trade statistics"
    ),
    Metric("losing_trades", "count", "lower", "closed with a loss after fees", "", "LEAN, trade statistics"),
    Metric(
        "win_rate",
        "fraction",
        "higher",
        "winning_trades / total_trades, those without profit or loss in the total",
        NO_TRADE,
        "backtesting.py, Win Rate",
    ),
    Metric(
        "profit_factor",
        "ratio",
        "higher",
        "all profits / all losses",
        "no trade lost",
        "quantstats profit_factor",
    ),
    Metric(
        "payoff_ratio",
        "ratio",
        "higher",
        "mean profit of winners / mean loss of losers",
        "no trade won, or none lost",
        "quantstats payoff_ratio",
    ),
    Metric(
        "expectancy",
        "money",
        "higher",
        "mean profit of a trade, after fees",
        NO_TRADE,
        "Tharp 1998, Trade Your Way to Financial Freedom",
    ),
    Metric(
        "sqn",
        "ratio",
        "higher",
        "sqrt(n) x mean / std, ddof 1, of the profits of n trades; n is not capped",
        "fewer than two trades were closed, or their profits do not deviate",
        "Tharp 2008, The Definitive Guide to Position Sizing",
    ),
    Metric(
        "max_consecutive_losses",
        "count",
        "lower",
        "the most losers in a row; a trade without profit or loss neither adds nor ends",
        "",
        "quantstats consecutive_losses, but for what neither won nor lost",
    ),
    Metric(
        "max_consecutive_wins",
        "count",
        "higher",
        "the most winners in a row; a trade without profit or loss neither adds nor ends",
        "",
        "quantstats consecutive_wins, but for what neither won nor lost",
    ),
    Metric(
        "avg_trade_duration",
        "bars",
        "neither",
        "mean of exit bar - entry bar",
        NO_TRADE,
        "backtesting.py, Avg. Trade Duration",
    ),
    Metric(
        "avg_mae",
        "money",
        "higher",
        "mean of the worst that a trade stood at; a loss is negative",
        NO_TRADE,
        "Sweeney 1996, Maximum Adverse Excursion",
    ),
    Metric(
        "avg_mfe",
        "money",
        "higher",
        "mean of the best that a trade stood at",
        NO_TRADE,
        "Sweeney 1996, Maximum Adverse Excursion",
    ),
)


def measured(course: Course, _basis: Basis) -> dict[str, MetricValue]:
    """The metrics of this family by name."""
    closed = sorted(
        ((trade.exit_bar, trade) for trade in course.trades if trade.exit_bar is not None),
        key=lambda each: each[0],
    )
    profits = [trade.pnl for _, trade in closed]
    wins, losses = [each for each in profits if each > 0], [-each for each in profits if each < 0]
    return {
        "total_trades": len(closed),
        "winning_trades": len(wins),
        "losing_trades": len(losses),
        "win_rate": ratio(len(wins), len(closed)),
        "profit_factor": ratio(sum(wins), sum(losses)),
        "payoff_ratio": ratio(mean(wins), mean(losses)),
        "expectancy": mean(profits),
        "sqn": sqn(profits),
        "max_consecutive_losses": longest_streak(each < 0 for each in profits if each),
        "max_consecutive_wins": longest_streak(each > 0 for each in profits if each),
        "avg_trade_duration": mean([bar - trade.entry_bar for bar, trade in closed]),
        "avg_mae": mean([trade.mae for _, trade in closed]),
        "avg_mfe": mean([trade.mfe for _, trade in closed]),
    }


def mean(values: list[float]) -> Value:
    """None of nothing."""
    return ratio(sum(values), len(values))


def sqn(profits: list[float]) -> Value:
    """System quality number."""
    if len(profits) < 2:
        return None
    found = np.array(profits)
    each = ratio(float(found.mean()), deviation(found, scale=0))
    return None if each is None else each * len(profits) ** 0.5


def longest_streak(hits: Iterable[bool]) -> int:
    """The most True in a row."""
    longest = current = 0
    for hit in hits:
        current = current + 1 if hit else 0
        longest = max(longest, current)
    return longest
