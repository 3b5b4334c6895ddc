"""Strategies: what each is for, on histories made by hand, and what they refuse."""

import numpy as np
import pytest

from hedgecheck import UsageError, signalers
from hedgecheck.marketdata import generate
from hedgecheck.signalers import (
    DeepValue,
    History,
    MeanReversion,
    Momentum,
    Pairs,
    SqueezeHunter,
    signaler,
)
from hedgecheck.signalers.history import alone
from hedgecheck.signalers.registry import _MAKERS
from hedgecheck.signalers.windows import held

NAMES = ("deep_value", "squeeze_hunter", "mean_reversion", "momentum", "pairs")


def targets(strategy, **series):
    return strategy.signals(History(**series)).targets.tolist()


# ---- what each is for --------------------------------------------------------------------------------------


def test_deep_value_is_long_from_cheap_to_fair_and_never_short():
    close = [100.0, 67.0, 66.0, 90.0, 99.0, 100.0, 120.0]
    value = [100.0] * 7

    assert targets(DeepValue(0.33), close=close, fundamental_value=value) == [0, 0, 1, 1, 1, 0, 0]


def test_deep_value_waits_until_the_books_are_published():
    close, value = [100.0, 100.0, 100.0, 400.0, 100.0], [300.0, 300.0, 50.0, 300.0, 300.0]

    assert targets(DeepValue(0.33, 0), close=close, fundamental_value=value) == [1, 1, 0, 0, 1]
    assert targets(DeepValue(0.33, 2), close=close, fundamental_value=value) == [0, 0, 1, 0, 0]


def squeezed(close=None, volume=None, short=None):
    close = [10.0, 10.5, 10.0, 11.0, 12.0, 9.0] if close is None else close
    volume = [100.0, 100.0, 100.0, 200.0, 50.0, 50.0] if volume is None else volume
    short = [500.0] * 6 if short is None else short
    return targets(SqueezeHunter(3, 5.0, 2.0), close=close, volume=volume, short_interest=short)


def test_squeeze_hunter_buys_a_breakout_that_the_short_must_chase_and_leaves_below_the_mean():
    assert squeezed() == [0, 0, 0, 1, 1, 0]


def test_squeeze_hunter_wants_breakout_volume_and_short_interest():
    assert squeezed(close=[10.0, 10.5, 10.0, 10.5, 10.0, 9.0]) == [0] * 6
    assert squeezed(volume=[100.0, 100.0, 100.0, 199.0, 50.0, 50.0]) == [0] * 6
    assert squeezed(short=[500.0, 500.0, 500.0, 499.0, 500.0, 500.0]) == [0] * 6


def test_mean_reversion_sells_high_buys_low_and_leaves_in_the_middle():
    close = [10.0, 10.2, 9.8, 10.0, 12.0, 12.1, 10.9, 8.0, 8.0, 9.0]

    assert targets(MeanReversion(4, 1.5, 0.5), close=close) == [0, 0, 0, 0, -1, -1, 0, 1, 1, 0]


def test_mean_reversion_that_leaves_at_the_mean_leaves_on_it():
    assert targets(MeanReversion(3, 1.2, 0.0), close=[10.0, 10.0, 10.0, 14.0, 12.0]) == [0, 0, 0, -1, 0]


def test_position_is_kept_until_there_is_a_reason_and_leaving_comes_first():
    buys, sells, leaves = (np.array(list(each)) == "x" for each in ("x--x-x--", "--x----x", "----xx--"))

    assert held(buys, sells, leaves).tolist() == [1, 1, -1, 1, 0, 0, 0, -1]


def test_mean_reversion_has_no_signal_where_nothing_moves():
    assert targets(MeanReversion(3), close=[0.1] * 20) == [0] * 20


def test_momentum_follows_the_sign_of_the_return_less_the_last_bars():
    close = [10.0, 11.0, 12.0, 9.0, 9.0, 9.0, 12.0]

    assert targets(Momentum(2, 0), close=close) == [0, 0, 1, -1, -1, 0, 1]
    assert targets(Momentum(2, 1), close=close) == [0, 0, 1, 1, -1, 0, 0]


def test_pairs_sells_the_dear_one_and_buys_the_cheap_one_by_the_slope_before_it():
    second = np.exp(np.array([0.0, 1.0, 0.5, 0.2, 0.8, 0.4, 0.6, 0.5]))
    noise = np.exp(np.array([0.01, -0.01, 0.01, -0.01, 0.0, 1.0, 0.0, -1.0]))
    first = second**2 * noise

    found = Pairs(5, 2.0, 0.5).signals(History(close=first, other_close=second))

    assert found.targets.tolist() == [0, 0, 0, 0, 0, -1, 0, 1]
    slope = np.polyfit(np.log(second[:5]), np.log(first[:5]), 1)[0]
    assert found.hedge_ratio[5] == pytest.approx(slope)
    assert found.hedge_ratio[:5].tolist() == [0] * 5
    legs = [each[5] for each in found.legs]
    assert legs == pytest.approx([-1, slope])


def test_hedge_ratio_stays_while_a_position_is_held():
    market = generate(["A", "B"], bars=2_000, seed=1, correlations=0.9)

    found = Pairs(60, 2.0, 0.1).signals(History(close=market.close[:, 0], other_close=market.close[:, 1]))

    changes = np.flatnonzero(np.diff(found.hedge_ratio)) + 1
    assert len(changes) > 20
    assert (found.targets[changes] != found.targets[changes - 1]).all()
    assert ((found.hedge_ratio > 0) == (found.targets != 0)).all()


def test_pairs_takes_no_position_where_nothing_hedges():
    rises = np.exp(np.linspace(0, 1, 20))

    assert (
        targets(Pairs(5, 0.2, 0.1), close=1 / rises**2 * np.tile([1, 1.1], 10), other_close=rises) == [0] * 20
    )
    assert targets(Pairs(5, 0.2, 0.1), close=rises, other_close=[7.0] * 20) == [0] * 20
    assert targets(Pairs(5, 0.2, 0.1), close=rises, other_close=3 * rises) == [0] * 20


@pytest.mark.parametrize("name", NAMES)
def test_signals_come_for_every_bar_and_not_before_there_are_enough(name):
    market = generate(["A", "B"], bars=400, seed=2, correlations=0.8)
    strategy = signaler(name)
    history = History(
        close=market.close[:, 0],
        volume=market.volume[:, 0],
        fundamental_value=np.full(400, 110.0),
        short_interest=market.volume[:, 0] * 10,
        other_close=market.close[:, 1],
    )

    found = strategy.signals(history)

    assert len(found.targets) == len(found.hedge_ratio) == 400
    assert set(found.targets.tolist()) <= {-1, 0, 1}
    assert not found.targets[: strategy.bars_min - 1].any()


# ---- by name -----------------------------------------------------------------------------------------------


def test_strategies_are_made_by_name_with_their_parameters():
    assert signalers.names() == NAMES
    assert signaler("momentum", bars=20, skip=2) == Momentum(20, 2)
    with pytest.raises(UsageError, match="There are deep_value, squeeze_hunter"):
        signaler("astrology")
    with pytest.raises(UsageError, match="momentum was given what it does not take"):
        signaler("momentum", moon="full")


def test_strategy_of_ones_own_can_be_registered_once(monkeypatch):
    class Always:
        bars_min = 1

        def signals(self, history):
            return alone(np.ones(len(history.close), dtype=np.int8))

    monkeypatch.setattr(signalers.registry, "_MAKERS", dict(_MAKERS))
    signalers.register("always", Always)

    assert signalers.names()[-1] == "always"
    assert signaler("always").signals(History([1.0, 2.0])).targets.tolist() == [1, 1]
    with pytest.raises(UsageError, match="'always' already"):
        signalers.register("always", Always)


# ---- what they refuse --------------------------------------------------------------------------------------

GOOD = [10.0 + each % 3 for each in range(300)]
SERIES = {
    "close": GOOD,
    "volume": GOOD,
    "fundamental_value": GOOD,
    "short_interest": GOOD,
    "other_close": GOOD,
}
NEEDED = {
    "deep_value": ("close", "fundamental_value"),
    "squeeze_hunter": ("close", "volume", "short_interest"),
    "mean_reversion": ("close",),
    "momentum": ("close",),
    "pairs": ("close", "other_close"),
}
BROKEN = {
    "is no finite number at bar 7": [*GOOD[:7], float("nan"), *GOOD[8:]],
    "is no finite number at bar 299: inf": [*GOOD[:299], float("inf")],
    "has 0 bars": [],
    "has 2 dimensions": [GOOD],
    "is no number": ["high"] * 300,
}


@pytest.mark.parametrize("said", BROKEN)
@pytest.mark.parametrize(("name", "series"), [(name, each) for name in NAMES for each in NEEDED[name]])
def test_series_that_cannot_be_read_is_refused_with_its_cause(name, series, said):
    with pytest.raises(UsageError) as error:
        signaler(name).signals(History(**{**SERIES, series: BROKEN[said]}))

    assert said in str(error.value)
    assert series in str(error.value)


@pytest.mark.parametrize(("name", "series"), [(name, each) for name in NAMES for each in NEEDED[name][1:]])
def test_series_that_is_missing_or_of_another_length_is_refused(name, series):
    with pytest.raises(UsageError, match=f"needs {series}"):
        signaler(name).signals(History(**{**SERIES, series: None}))
    with pytest.raises(UsageError, match=f"{series} has 299 bars and close 300"):
        signaler(name).signals(History(**{**SERIES, series: GOOD[1:]}))


@pytest.mark.parametrize("name", NAMES)
def test_history_that_is_one_bar_too_short_is_refused_and_one_that_is_not_is_read(name):
    strategy = signaler(name)
    enough = strategy.bars_min

    assert len(strategy.signals(History(**dict.fromkeys(SERIES, GOOD[:enough]))).targets) == enough
    with pytest.raises(UsageError, match=f"has {enough - 1} bars where {enough} are needed"):
        strategy.signals(History(**dict.fromkeys(SERIES, GOOD[: enough - 1])))


@pytest.mark.parametrize("name", NAMES)
def test_price_of_nothing_is_refused(name):
    with pytest.raises(UsageError, match="close is not above 0 at bar 3"):
        signaler(name).signals(History(**{**SERIES, "close": [*GOOD[:3], 0.0, *GOOD[4:]]}))


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (DeepValue(1.5), "margin is 1.5"),
        (DeepValue(0.3, -1), "publication_lag_bars is -1"),
        (SqueezeHunter(0), "bars is 0"),
        (SqueezeHunter(surge=float("nan")), "surge is nan"),
        (MeanReversion(1), "bars is 1"),
        (MeanReversion(20, 1.0, 1.0), "exit 1 is not below entry 1"),
        (Momentum(5, 5), "skip 5 leaves nothing of 5 bars"),
        (Momentum(5.5), "bars is 5.5"),
        (Pairs(2), "bars is 2"),
        (Pairs(20, 1.0, 2.0), "exit 2 is not below entry 1"),
    ],
    ids=str,
)
def test_parameter_that_makes_no_sense_is_refused(strategy, said):
    with pytest.raises(UsageError) as error:
        strategy.signals(History(**SERIES))

    assert said in str(error.value)
