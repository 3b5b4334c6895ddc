"""Markets that a scenario is run on: made from a seed, or of packaged series that stand in."""

import time

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.prices import daily
from hedgecheck.stress.loading import Loaded, ScenarioLoader
from hedgecheck.stress.loading.synthetic import Clustered, fitted
from tests.unit.stress.days import day_ending

CRYPTO = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
DAY = 86_400
LOADER = ScenarioLoader()


def returns(found: Loaded) -> np.ndarray:
    return np.diff(np.log(np.vstack([found.market.reference, found.market.close])), axis=0)


def volatility(found: Loaded) -> np.ndarray:
    return returns(found).std(axis=0) * found.bars_per_year**0.5


def lag_one(values: np.ndarray) -> float:
    return float(np.corrcoef(values[:-1], values[1:])[0, 1])


# ---- made ------------------------------------------------------------------------------------------------


@pytest.mark.covers("ST-11", "SD-01")
def test_the_same_seed_is_the_same_market_and_another_is_another() -> None:
    first, again, other = (LOADER.load(CRYPTO, "synthetic", bars=500, seed=seed) for seed in (7, 7, 8))

    assert first.market.digest() == again.market.digest() != other.market.digest()


@pytest.mark.covers("ST-11")
def test_prices_are_plausible_for_their_symbols_and_as_much_money_is_traded_of_each() -> None:
    found = LOADER.load((*CRYPTO, "BTC/USDT", "AAPL"), "synthetic", bars=500)

    assert found.market.reference.tolist() == [50_000, 3_000, 100, 50_000, 100]
    money = (found.market.volume * found.market.close).mean(axis=0)
    assert money.max() < 2 * money.min()


@pytest.mark.covers("ST-11")
@pytest.mark.parametrize("bar_seconds", [60, 3_600, DAY])
def test_volatility_is_a_years_however_long_a_bar_is(bar_seconds: int) -> None:
    found = LOADER.load(CRYPTO, "synthetic", bars=40_000, bar_seconds=bar_seconds, volatility=0.6, seed=3)

    assert found.bars_per_year == 365 * DAY / bar_seconds
    assert volatility(found) == pytest.approx([0.6] * 3, rel=0.15)


@pytest.mark.covers("ST-11")
def test_symbols_move_together_as_much_as_is_asked_and_calm_and_wild_bars_cluster() -> None:
    found = LOADER.load(CRYPTO, "synthetic", bars=40_000, correlation=0.8, seed=3)
    moves = returns(found)

    assert np.corrcoef(moves.T)[np.triu_indices(3, 1)] == pytest.approx([0.8] * 3, abs=0.1)
    for column in moves.T:
        assert abs(lag_one(column)) < 0.05
        assert lag_one(np.abs(column)) > 0.1


def test_each_symbol_is_as_wild_as_it_may_well_be_where_nothing_is_asked() -> None:
    found = LOADER.load(CRYPTO, "synthetic", bars=40_000, seed=3)

    assert volatility(found) == pytest.approx([0.6, 0.75, 0.95], rel=0.15)


def test_a_price_without_a_drift_is_expected_to_stay() -> None:
    ends = [
        LOADER.load(
            [f"S{at}" for at in range(100)], "synthetic", bars=60, bar_seconds=DAY, correlation=0, seed=seed
        )
        for seed in range(40)
    ]
    ratios = np.concatenate([each.market.close[-1] / each.market.reference for each in ends])

    assert ratios.mean() == pytest.approx(1, abs=4 * ratios.std() / len(ratios) ** 0.5)


@pytest.mark.covers("ST-11")
def test_what_is_made_like_a_packaged_series_is_as_wild_and_clusters_as_it_did() -> None:
    closes = np.log([float(bar.adjusted_close) for bar in daily("sp500")])
    found = LOADER.load(("AAA",), "synthetic:sp500", bars=40_000, bar_seconds=DAY, seed=1)
    hourly = LOADER.load(("AAA",), "synthetic:sp500", bars=40_000, seed=1)

    expected = np.diff(closes).std() * 252**0.5
    assert found.bars_per_year == 252
    assert volatility(found) == pytest.approx([expected], rel=0.15)
    assert volatility(hourly) == pytest.approx([expected], rel=0.15)
    assert fitted("sp500").alpha == pytest.approx(0.102, rel=0.02)
    assert "sp500" in found.notes[0]


def test_it_begins_when_it_is_asked_to_and_last_is_said_not_to_be_heeded() -> None:
    found = LOADER.load(("AAA",), "synthetic", bars=10, first="2021-05-19", last="2021-05-30")

    assert np.datetime64(int(found.market.time_ns[0]), "ns") == np.datetime64("2021-05-19T01:00")
    assert len(found.market) == 10
    assert "last is not heeded" in found.notes[0]


def test_a_thousand_bars_take_less_than_ten_milliseconds_of_the_processor() -> None:
    seconds = []
    for seed in range(10):
        begun = time.process_time()
        LOADER.load(CRYPTO, "synthetic", bars=1_000, seed=seed)
        seconds.append(time.process_time() - begun)

    assert min(seconds) < 0.010


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"source": "synthetic:dax"}, "No prices for 'dax'"),
        ({"source": "internet"}, "There is no source 'internet'"),
        ({"source": "csv:"}, "There is no source 'csv:'"),
        ({"source": "real:aapl"}, "There is no source 'real:aapl'"),
        ({"bars": 0}, "bars is 0"),
        ({"bar_seconds": 0.5}, "bar_seconds is 0.5"),
        ({"volatility": -1.0}, "volatility is -1.0"),
        ({"volatility": float("nan")}, "volatility is nan"),
        ({"correlation": 1.5}, "correlation is 1.5"),
        ({"correlation": -0.9}, "not positive semidefinite"),
        ({"symbols": ()}, r"symbols are \(\)"),
        ({"symbols": ("A", "A")}, "each of them once"),
        ({"first": "yesterday"}, "first is 'yesterday'"),
        ({"first": "2021-05-20", "last": "2021-05-19"}, "there is nothing between"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(asked: dict[str, object], said: str) -> None:
    every = {"symbols": CRYPTO, "source": "synthetic", "bars": 100, **asked}

    with pytest.raises(UsageError, match=said):
        LOADER.load(every.pop("symbols"), every.pop("source"), **every)


def test_a_variance_that_would_grow_for_ever_is_refused() -> None:
    with pytest.raises(UsageError, match="no long run"):
        Clustered((0.5,), 0.3, 0.8).moves(np.zeros((5, 1)), 1 / 252, lambda name: np.random.default_rng(0))


# ---- packaged --------------------------------------------------------------------------------------------


@pytest.mark.covers("ST-10")
def test_real_series_stand_in_for_the_symbols_in_turn_and_it_is_said_which() -> None:
    found = LOADER.load(CRYPTO, "real", bars=1_000, bar_seconds=DAY)

    assert found.notes[0] == (
        "Real daily prices: aapl stands for BTCUSDT, msft stands for ETHUSDT, ibm stands for SOLUSDT."
    )
    for column, name in enumerate(("aapl", "msft", "ibm")):
        closes = np.array([float(bar.adjusted_close) for bar in daily(name)[:1_000]])
        np.testing.assert_allclose(found.market.close[:, column], closes, rtol=1e-12)
    assert found.bars_per_year == 252
    assert found.quality.verdict == "usable with notes"
    assert np.expm1(returns(found)).min() == pytest.approx(-0.52, abs=0.005)  # AAPL, 2000-09-29


@pytest.mark.covers("ST-10")
def test_a_range_of_days_is_replayed_from_its_first_to_its_last() -> None:
    found = LOADER.load(("X",), "packaged:sp500", bars=5_000, first="2008-09-15", last="2008-10-15")
    days = [day_ending(end) for end in found.market.time_ns]

    assert (days[0], days[-1], len(days)) == ("2008-09-15", "2008-10-15", 23)
    assert "There are 23 bars where 5,000 were asked for." in found.notes


def test_only_an_end_takes_the_bars_before_it_and_the_price_before_the_first_is_kept() -> None:
    found = LOADER.load(("X",), "packaged:sp500", bars=10, last="2008-10-15")
    every = LOADER.load(("X",), "packaged:sp500", bars=5_000, last="2008-10-15")

    np.testing.assert_array_equal(found.market.close, every.market.close[-10:])
    assert found.market.reference == every.market.close[-11]


def test_series_of_different_ranges_meet_where_all_have_bars() -> None:
    found = LOADER.load(("X", "Y"), "packaged:sp500,aapl", bars=9_999)

    assert len(found.market) == 3_270
    assert "X: 1,761 of 5,031 bars are left out: others lack them." in found.notes


def test_bars_are_consistent_and_what_is_estimated_looks_at_no_later_bar() -> None:
    short, long = (LOADER.load(("X",), "packaged:aapl", bars=bars).market for bars in (300, 301))

    assert (long.low <= np.minimum(long.open, long.close)).all()
    assert (long.high >= np.maximum(long.open, long.close)).all()
    assert (long.spread_bps > 0).all()
    assert (long.depth > 0).all()
    np.testing.assert_array_equal(short.implied_volatility, long.implied_volatility[:-1])


@pytest.mark.parametrize(
    ("symbols", "source", "said"),
    [
        (("A", "B", "C", "D", "E", "F"), "real", "5 packaged series for 6 symbols"),
        (("A", "B"), "packaged:aapl", "1 packaged series for 2 symbols"),
        (("A",), "packaged:dax", "No prices for 'dax'"),
    ],
)
def test_series_that_are_not_there_are_refused(symbols: tuple[str, ...], source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        LOADER.load(symbols, source, bars=10)


def test_a_range_in_which_nothing_traded_is_refused() -> None:
    with pytest.raises(UsageError, match="no bars of X in that range"):
        LOADER.load(("X",), "packaged:aapl", bars=10, first="2020-01-01")
