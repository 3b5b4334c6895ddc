"""Metrics beside empyrical and quantstats, and that a metric counted wrongly would be seen beside them."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedgecheck.stress.metrics import benchmark, drawdowns, returns, risk, trades
from tests.unit.stress.courses import growing, trade
from tests.unit.stress.metric_oracles import PEERS, disagreements


def drawn(seed, kind):
    """A course of 500 bars and 60 trades, and its benchmark."""
    source = np.random.default_rng(seed)
    made = {
        "calm": lambda: source.normal(0.0004, 0.01, 500),
        "fat tails": lambda: np.clip(source.standard_t(3, 500) * 0.01, -0.5, 0.5),
        "rising": lambda: source.normal(0.004, 0.01, 500),
        "falling": lambda: np.concatenate(([-0.05], source.normal(-0.004, 0.01, 499))),  # from the start on
        "crash": lambda: np.where(np.arange(500) // 5 == 40, -0.06, source.normal(0.001, 0.01, 500)),
        "calm, then wild": lambda: source.normal(0, 1, 500) * np.repeat([0.001, 0.05], 250),
    }[kind]()
    profits = np.where(source.random(60) < 0.1, 0.0, source.normal(1, 10, 60))
    return growing(
        made,
        bars_per_year=252,
        benchmark=0.6 * made + source.normal(0, 0.005, 500),
        trades=tuple(trade(float(each), exit_bar=bar) for bar, each in enumerate(profits, 1)),
    )


@pytest.mark.covers("SE-09")
@pytest.mark.parametrize("kind", ["calm", "fat tails", "rising", "falling", "crash", "calm, then wild"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_metrics_are_those_of_empyrical_and_quantstats(seed, kind):
    assert disagreements(drawn(seed, kind)) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-2_000, 2_000), min_size=8, max_size=60, unique=True),
    st.lists(st.integers(-100, 100), min_size=2, max_size=12),
    st.randoms(use_true_random=False),
)
def test_metrics_of_any_returns_are_those_of_empyrical_and_quantstats(moves, profits, source):
    made = np.array(moves) / 10_000
    beside = np.array([source.randrange(-1_000, 1_000) for _ in moves]) / 10_000
    assume(beside.std() > 1e-3 and abs(np.prod(1 + made) - 1) > 1e-6 and len({*profits} - {0}) > 1)
    closed = tuple(trade(float(each), exit_bar=bar) for bar, each in enumerate(profits, 1))

    assert disagreements(growing(made, bars_per_year=12, benchmark=beside, trades=closed)) == []


# ---- canaries: each is a common mistake, and must be seen ------------------------------------------------

KURTOSIS, PSR = returns.kurtosis, returns.probabilistic_sharpe_ratio
EPISODES, GROWTH, STREAK = drawdowns.episodes, returns.total_return, trades.longest_streak
SAMPLED = {  # of the returns and the bars of a year
    "volatility": lambda r, per_year: r.std() * math.sqrt(per_year),  # ddof 0
    "downside_risk": lambda r, per_year: math.sqrt(
        np.mean(r[r < 0] ** 2) * per_year
    ),  # over the losses alone
    "sharpe_ratio": lambda r, _: r.mean() / r.std(ddof=1),  # not annualised
    "sortino_ratio": lambda r, per_year: r.mean() / r[r < 0].std(ddof=1) * math.sqrt(per_year),
    "omega_ratio": lambda r, _: (r > 0).sum() / (r < 0).sum(),  # how many, not how much
    "skew": lambda r, _: np.mean(((r - r.mean()) / r.std()) ** 3),  # biased
    "kurtosis": lambda r, per_year: KURTOSIS(r, per_year) + 3,  # raw
    "probabilistic_sharpe_ratio": lambda r, per_year: PSR(r - 1e-4, per_year),  # against another ratio than 0
}


def seen(course):
    """The metrics that disagree."""
    return {each.split(":")[0] for each in disagreements(course)}


@pytest.mark.parametrize("name", sorted(SAMPLED))
def test_statistic_of_returns_that_is_counted_wrongly_is_seen(name, monkeypatch):
    monkeypatch.setitem(returns.SAMPLED, name, SAMPLED[name])

    assert seen(drawn(1, "calm")) == {name}


def without_its_start(curve, _rounding):
    return np.concatenate(([0.0], 1 - curve[1:] / np.maximum.accumulate(curve[1:])))


def finished_alone(below):
    depths, lengths = EPISODES(below)
    return depths[:-1], lengths[:-1]


def tails_by_order(sample):
    low, fifth, high = np.quantile(sample, (0.01, 0.05, 0.95), method="lower")
    names = ("value_at_risk_95", "value_at_risk_99", "tail_ratio", "conditional_value_at_risk")
    return dict(zip(names, (fifth, low, high / -fifth, sample[sample < fifth].mean()), strict=True))


def deviation_of_all(values, scale):
    return values.std() + 0 * scale


TAILS = {"value_at_risk_95", "value_at_risk_99", "tail_ratio", "conditional_value_at_risk"}
TWO_OF_DRAWDOWNS = {"avg_drawdown", "max_drawdown_duration"}
PLANTED = {
    "no high-water mark at the start": (drawdowns, "drawdowns", without_its_start, {"max_drawdown"}),
    "a drawdown under way is left out": (drawdowns, "episodes", finished_alone, TWO_OF_DRAWDOWNS),
    "quantiles are not interpolated, the tail has no edge": (risk, "tails", tails_by_order, TAILS),
    "growth in a year is arithmetic": (returns, "cagr", lambda of, _: GROWTH(of) / 500 * 252, {"cagr"}),
    "growth is of logarithms": (returns, "total_return", lambda of: np.log1p(GROWTH(of)), {"total_return"}),
    "tracking error has ddof 0": (benchmark, "deviation", deviation_of_all, {"tracking_error"}),
    "system quality has ddof 0": (trades, "deviation", deviation_of_all, {"sqn"}),
    "a streak ends one early": (
        trades,
        "longest_streak",
        lambda hits: STREAK(hits) - 1,
        {"max_consecutive_wins"},
    ),
}


@pytest.mark.parametrize("defect", sorted(PLANTED))
def test_metric_that_is_counted_wrongly_is_seen(defect, monkeypatch):
    module, name, planted, wrong = PLANTED[defect]
    course = drawn(1, "falling")
    monkeypatch.setattr(module, name, planted)

    assert wrong <= seen(course)


# ---- what is compared ------------------------------------------------------------------------------------

ALONE = {
    "total_pnl": "a subtraction",
    "realized_pnl": "as given",
    "unrealized_pnl": "as given",
    "recovery_bars": "no library counts it",
    "recovery_factor": "quantstats' is by the sum of the returns",
    "exposure_time": "theirs is guessed from returns that are 0",
    **dict.fromkeys(("max_leverage", "max_gross_exposure", "max_portfolio_heat"), "they know returns alone"),
    **dict.fromkeys(("total_trades", "winning_trades", "losing_trades"), "counts"),
    **dict.fromkeys(("avg_trade_duration", "avg_mae", "avg_mfe"), "means of what is given"),
}


def test_every_metric_of_returns_and_trades_is_compared_or_it_is_said_why_not():
    families = (returns, drawdowns, risk, trades, benchmark)

    compared = set().union(*PEERS.values())
    assert {each.name for family in families for each in family.METRICS} == compared | set(ALONE)
    assert not compared & set(ALONE)
