"""Markets made from a seed: as wild and correlated as asked, consistent in every bar, the same each time."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError
from hedgecheck.marketdata import (
    Garch,
    Gbm,
    Liquidity,
    Merton,
    Moves,
    Regime,
    Regimes,
    Switching,
    generate,
)

MODELS = (Gbm(), Garch(), Merton(), Switching())
MANY = 20_000


def returns(market):
    return np.diff(np.log(np.vstack([market.reference, market.close])), axis=0)


def is_consistent(market):
    body = np.minimum(market.open, market.close), np.maximum(market.open, market.close)
    return (
        (market.low > 0).all()
        and (market.low <= body[0]).all()
        and (market.high >= body[1]).all()
        and (market.volume >= 0).all()
        and (market.depth >= 0).all()
        and (market.spread_bps >= 0).all()
        and (market.spread_bps <= 20_000).all()
    )


@st.composite
def models(draw):
    volatility = st.floats(0, 3)
    return draw(
        st.one_of(
            st.builds(Gbm, volatility, st.floats(-1, 1)),
            st.builds(Garch, st.floats(0, 1e-4), st.floats(0, 0.4), st.floats(0, 0.59)),
            st.builds(Merton, volatility, st.floats(-1, 1), st.floats(0, 50), st.floats(-0.2, 0.2)),
            st.builds(lambda a, b: Switching(Regimes((Regime(a), Regime(b)))), volatility, volatility),
        )
    )


@pytest.mark.covers("TI-08")
@given(models(), st.integers(1, 60), st.integers(1, 3), st.integers(0, 2**64))
def test_every_bar_of_every_model_is_consistent_and_opens_where_the_last_closed(model, bars, count, seed):
    market = generate([f"S{each}" for each in range(count)], bars=bars, seed=seed, model=model)

    assert is_consistent(market)
    assert (market.open == np.vstack([market.reference, market.close[:-1]])).all()
    assert is_consistent(market.in_ticks(0.01))
    assert market.in_ticks(0.01).close.dtype == np.int64


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_same_seed_gives_the_same_bytes_and_another_seed_others(model):
    made = [generate(["A", "B"], bars=50, seed=seed, model=model).digest() for seed in (7, 7, 8)]

    assert made[0] == made[1] != made[2]


def test_another_process_with_other_hashes_makes_the_same_bytes():
    program = "from hedgecheck.marketdata import *; print(generate(bars=50, seed=7, model=Merton()).digest())"
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert said == [generate(bars=50, seed=7, model=Merton()).digest()] * 2


def test_volume_does_not_depend_on_what_the_model_draws():
    calm, jumping = (generate(bars=300, seed=3, model=each) for each in (Gbm(), Merton(jumps=0.0)))

    assert calm.digest() == jumping.digest()


def test_gbm_is_as_wild_as_asked_and_grows_as_asked():
    market = generate(bars=MANY, seed=1, model=Gbm(volatility=0.3, drift=0.1))

    found = returns(market)
    assert found.std() * 252**0.5 == pytest.approx(0.3, rel=0.02)
    assert found.mean() * 252 == pytest.approx(0.1 - 0.3**2 / 2, abs=0.1)
    assert market.implied_volatility[0, 0] == pytest.approx(0.3)


def test_gbm_loses_half_of_its_variance_by_moving():
    """In logarithms (Ito): of two with the same chance and no drift the wilder falls behind by just that."""
    one, two = (returns(generate(bars=100, seed=1, model=Gbm(volatility=each))) for each in (0.3, 0.6))

    assert two - 2 * one == pytest.approx(np.full((100, 1), (0.3**2 - 0.6**2 / 2) / 252))


def test_range_of_the_bars_is_that_of_a_brownian_bridge():
    """The expected range of a driftless Brownian motion is sqrt(8 / pi) deviations (Feller 1951)."""
    market = generate(bars=MANY, seed=2, model=Gbm(volatility=0.2))

    width = np.log(market.high / market.low).mean()
    assert width / (0.2 / 252**0.5) == pytest.approx((8 / np.pi) ** 0.5, rel=0.02)


def test_garch_has_its_variance_in_the_long_run_and_clusters():
    model = Garch(omega=2e-6, alpha=0.1, beta=0.85)
    found = returns(generate(bars=MANY, seed=3, model=model))[:, 0]
    steady = returns(generate(bars=MANY, seed=3))[:, 0]

    assert found.var() == pytest.approx(2e-6 / (1 - 0.95), rel=0.1)
    assert np.corrcoef(found[1:] ** 2, found[:-1] ** 2)[0, 1] > 0.1
    assert abs(np.corrcoef(steady[1:] ** 2, steady[:-1] ** 2)[0, 1]) < 0.03


def test_garch_follows_its_recursion():
    model = Garch(omega=2e-6, alpha=0.1, beta=0.85, mean=1e-3)
    market = generate(bars=100, seed=4, model=model)
    found = returns(market)[:, 0]

    variance = 2e-6 / (1 - 0.95)
    for bar in range(100):
        assert market.implied_volatility[bar, 0] ** 2 / 252 == pytest.approx(variance)
        variance = 2e-6 + 0.1 * (found[bar] - 1e-3) ** 2 + 0.85 * variance


def test_jumps_make_heavy_tails_and_leave_the_growth_as_it_is():
    model = Merton(volatility=0.1, jumps=20.0, jump_mean=-0.03, jump_deviation=0.02)
    found = returns(generate(bars=MANY, seed=5, model=model))

    kurtosis = ((found - found.mean()) ** 4).mean() / found.var() ** 2
    variance = 0.1**2 + 20 * (0.03**2 + 0.02**2)
    assert kurtosis > 10
    assert found.var() * 252 == pytest.approx(variance, rel=0.1)
    assert np.exp(found).mean() == pytest.approx(1.0, abs=2e-4)


def test_regimes_change_where_they_are_to():
    regimes = Regimes((Regime(0.1), Regime(0.5)), changes=(4_000, 8_000))
    market = generate(bars=12_000, seed=6, model=Switching(regimes))

    parts = [returns(market)[at : at + 4_000].std() * 252**0.5 for at in (0, 4_000, 8_000)]
    assert parts == pytest.approx([0.1, 0.5, 0.1], rel=0.05)
    assert market.implied_volatility[[3_999, 4_000], 0] == pytest.approx([0.1, 0.5])


def test_regimes_that_are_drawn_last_as_long_as_asked_and_are_those_of_all_symbols():
    regimes = Regimes((Regime(0.1, bars=300), Regime(0.5, bars=100), Regime(0.9, bars=50)))
    market = generate(["A", "B"], bars=200_000, seed=7, model=Switching(regimes))

    wild = market.implied_volatility
    lengths = {each: [] for each in (0.1, 0.5, 0.9)}
    ends = np.flatnonzero(np.diff(wild[:, 0])) + 1
    for begins, end in pairwise(ends):
        lengths[round(wild[begins, 0], 6)].append(end - begins)
    assert [np.mean(each) for each in lengths.values()] == pytest.approx([300, 100, 50], rel=0.1)
    assert (wild[:, 0] == wild[:, 1]).all()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("wanted", [0.8, -0.4, 0.0])
def test_symbols_move_together_as_asked(model, wanted):
    market = generate(["A", "B"], bars=MANY, seed=8, model=model, correlations=wanted)

    jumping = 5 * (0.02**2 + 0.05**2) if isinstance(model, Merton) else 0  # jumps come to each symbol alone
    expected = wanted * 0.2**2 / (0.2**2 + jumping)
    shocks = returns(market) / market.implied_volatility  # each symbol of a GARCH has calm days of its own
    assert np.corrcoef(shocks.T)[0, 1] == pytest.approx(expected, abs=0.03)


def test_matrix_of_correlations_is_met_by_each_pair():
    wanted = np.array([[1, 0.9, -0.5], [0.9, 1, -0.3], [-0.5, -0.3, 1]])
    market = generate(["A", "B", "C"], bars=MANY, seed=9, correlations=wanted)

    assert np.corrcoef(returns(market).T) == pytest.approx(wanted, abs=0.02)


def test_symbols_that_are_one_move_as_one():
    market = generate(["A", "B"], bars=100, seed=10, correlations=1.0)

    assert returns(market)[:, 0] == pytest.approx(returns(market)[:, 1])


def test_prices_begin_where_they_are_to_and_in_ticks_are_the_nearest():
    market = generate(["A", "B"], bars=20, seed=11, price=[20.0, 300.0])

    assert market.open[0].tolist() == [20.0, 300.0]
    ticks = market.in_ticks(0.05, lot=100)
    assert np.abs(ticks.close * 0.05 - market.close).max() <= 0.025 + 1e-12
    assert np.abs(ticks.volume * 100 - market.volume).max() <= 50
    assert generate(bars=3, price=0.001).in_ticks(0.01).low.min() == 1


def test_liquidity_is_about_what_was_asked():
    market = generate(bars=MANY, seed=12, liquidity=Liquidity(volume=500.0, depth=20.0, spread_bps=8.0))

    assert market.volume.mean() == pytest.approx(500, rel=0.02)
    assert (market.depth == 20).all()
    assert (market.spread_bps == 8).all()


def test_wild_bars_have_wider_spreads_less_depth_and_more_volume():
    regimes = Regimes((Regime(0.1), Regime(0.4)), changes=(500,))
    market = generate(bars=1_000, seed=13, model=Switching(regimes))

    assert market.spread_bps[[0, 999], 0] == pytest.approx([5, 20])
    assert market.depth[[0, 999], 0] == pytest.approx([5_000, 1_250])
    assert market.volume[500:].mean() > 1.5 * market.volume[:500].mean()


def test_time_of_a_bar_is_its_end():
    market = generate(bars=3, start_ns=1_000, bar_ns=60)

    assert market.time_ns.tolist() == [1_060, 1_120, 1_180]


class Stairs:
    """A model of a user's own: one percent up in every bar."""

    def moves(self, normals, years_per_bar, source):
        return Moves(np.full_like(normals, 0.01), np.zeros_like(normals))


class Doubled:
    """A condition of a user's own: twice the volume."""

    def apply(self, market):
        return replace(market, volume=market.volume * 2)


def test_model_and_condition_of_ones_own_are_taken():
    market = generate(bars=5, model=Stairs(), conditions=(Doubled(),))

    assert market.close[:, 0] == pytest.approx(100 * np.exp(0.01 * np.arange(1, 6)))
    assert (market.high == market.close).all()
    assert (market.volume == 2 * generate(bars=5, model=Stairs()).volume).all()


def test_nothing_in_a_market_can_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        generate(bars=3).close[0] = 1.0


NOT_SEMIDEFINITE = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bars": 0}, "bars is 0"),
        ({"bars": 2.5}, "whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"symbols": ()}, "symbols are ()"),
        ({"symbols": ("A", "A")}, "each of them once"),
        ({"price": 0.0}, "price is not above 0"),
        ({"price": float("nan")}, "no finite number"),
        ({"price": (1.0, 2.0)}, "2 prices for 1 symbols"),
        ({"symbols": "ABC", "model": Gbm(-0.1)}, "volatility is -0.1"),
        ({"model": Gbm(0.1, 1e5)}, "leave the range of numbers"),
        ({"model": Garch(alpha=0.5, beta=0.5)}, "sum below 1"),
        ({"model": Merton(jumps=-1)}, "jumps is -1"),
        ({"model": Switching(Regimes((Regime(0.1),)))}, "two or more"),
        ({"model": Switching(Regimes((Regime(0.1), Regime(0.2)), changes=(9, 5)))}, "rising order"),
        ({"model": Switching(Regimes((Regime(0.1), Regime(0.2)), changes=(1_000,)))}, "from 1 to 999"),
        ({"model": Switching(Regimes((Regime(0.1, bars=0.5), Regime(0.2))))}, "bars of a regime is 0.5"),
        ({"symbols": "AB", "correlations": [[1.0]] * 2}, "shape (2, 1) for 1 symbols"),
        ({"symbols": ("A", "B"), "correlations": 1.5}, "no correlation matrix"),
        ({"symbols": ("A", "B"), "correlations": [[1, 0.1], [0.2, 1]]}, "symmetric"),
        ({"symbols": ("A", "B", "C"), "correlations": NOT_SEMIDEFINITE}, "smallest eigenvalue is -0.8"),
        ({"bars_per_year": 0}, "bars_per_year is 0"),
        ({"liquidity": Liquidity(volume=-1.0)}, "volume is -1"),
        ({"liquidity": Liquidity(spread_bps=30_000.0)}, "spread_bps is 30000"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_its_cause(wrong, said):
    with pytest.raises(UsageError) as error:
        generate(**wrong)

    assert said in str(error.value)


def test_tick_that_is_none_and_symbol_that_is_not_there_are_refused():
    market = generate(bars=3)

    with pytest.raises(UsageError, match="tick is 0"):
        market.in_ticks(0)
    with pytest.raises(UsageError, match="larger tick or lot"):
        generate(bars=3, price=1e9).in_ticks(1e-12)
    with pytest.raises(UsageError, match="'ZZZ' is not in this market"):
        market.column("ZZZ")
