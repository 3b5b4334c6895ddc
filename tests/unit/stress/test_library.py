"""The ten scenarios that everybody asks for are there by name, and each does to a market what it says."""

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.stressed import ExecutionFailure, ModelFailure, Slowness, Window
from hedgecheck.stress.transforming import ScenarioTransformer
from tests.unit.stress.markets import hourly, moves, same

NAMES = (
    *("BTC Flash Crash 2021", "ETH Liquidity Collapse", "SOL Volatility Explosion", "Mixed Regime Chaos"),
    *("Model Failure Simulation", "Data Corruption Shock", "Execution Crisis", "Correlation Breakdown"),
    *("Pump & Dump Mania", "Black Swan Combo"),
)
START, REST = 500, Window(500, 1_000)


def run(name):
    """The market before, and what the scenario makes of it."""
    scenario = ScenarioLibrary().get(name)
    market = hourly(bars=1_000, symbols=scenario.symbols)
    return market, ScenarioTransformer(3).apply(market, scenario)


def test_there_are_ten_in_their_order():
    library = ScenarioLibrary()

    assert library.names() == NAMES
    assert tuple(each.name for each in library) == NAMES
    assert len(library) == 10
    assert all(each.description.endswith(".") for each in library)


@pytest.mark.covers("SL-01")
def test_btc_falls_by_30_per_cent_in_5_bars_and_is_back_after_15():
    market, after = run("BTC Flash Crash 2021")

    assert market.symbols == ("BTCUSDT",)
    before = market.open[START]
    assert after.truth.close[START + 4] == before * 0.7
    assert after.truth.close[START + 19] == pytest.approx(before)


@pytest.mark.covers("SL-02")
def test_eth_loses_95_per_cent_of_its_volume_for_20_bars():
    market, after = run("ETH Liquidity Collapse")

    assert market.symbols == ("ETHUSDT",)
    left = after.truth.volume / market.volume
    assert left[START : START + 20] == pytest.approx(0.05)
    assert (np.delete(left, slice(START, START + 20)) == 1).all()


@pytest.mark.covers("SL-03")
def test_sol_moves_eight_times_as_much_for_30_bars():
    market, after = run("SOL Volatility Explosion")

    assert market.symbols == ("SOLUSDT",)
    rows = slice(START, START + 30)
    assert moves(after.truth)[rows] == pytest.approx(8 * moves(market)[rows])
    assert moves(after.truth)[rows.stop :] == pytest.approx(moves(market)[rows.stop :])


@pytest.mark.covers("SL-04")
def test_mixed_regime_chaos_is_crash_swings_spreads_and_thin_trading_at_once():
    market, after = run("Mixed Regime Chaos")

    assert len(market.symbols) > 1
    assert (after.truth.close[START + 4] == market.open[START] * 0.8).all()
    after_crash = slice(START + 20, START + 30)
    assert moves(after.truth)[after_crash] == pytest.approx(5 * moves(market)[after_crash])
    rows = slice(START, START + 30)
    assert after.truth.spread_bps[rows] == pytest.approx(10 * market.spread_bps[rows])
    assert after.truth.volume[rows] == pytest.approx(0.2 * market.volume[rows])
    assert after.feed is after.truth
    assert after.plan == ()


@pytest.mark.covers("SL-05")
def test_30_per_cent_of_predictions_fail():
    market, after = run("Model Failure Simulation")

    assert after.plan == (ModelFailure(REST, 0.3),)
    assert after.truth is after.feed is market


@pytest.mark.covers("SL-06")
def test_15_per_cent_of_the_bars_arrive_wrong():
    market, after = run("Data Corruption Shock")

    bars = 500 * len(market.symbols)
    assert abs(len(after.injected) - 0.15 * bars) < 4 * (0.15 * 0.85 * bars) ** 0.5
    assert {each.kind for each in after.injected} == {"nan", "spike", "duplicate"}
    assert same(after.truth, market)


@pytest.mark.covers("SL-07")
def test_40_per_cent_of_orders_fail_and_latency_is_ten_times_as_long():
    _, after = run("Execution Crisis")

    assert after.plan == (ExecutionFailure(REST, 0.4), Slowness(REST, 10.0))


@pytest.mark.covers("SL-08")
def test_three_symbols_lose_their_correlation_for_40_bars():
    market, after = run("Correlation Breakdown")

    rows, pairs = slice(START, START + 40), np.triu_indices(3, 1)
    assert np.corrcoef(moves(market)[rows].T)[pairs].min() > 0.5
    assert np.corrcoef(moves(after.truth)[rows].T)[pairs] == pytest.approx([0, 0, 0], abs=1e-9)
    assert np.corrcoef(moves(after.truth)[rows.stop :].T)[pairs].min() > 0.5


@pytest.mark.covers("SL-09")
def test_price_is_pumped_by_120_per_cent_in_8_bars_and_dumped_in_4():
    market, after = run("Pump & Dump Mania")

    before = market.open[START]
    assert after.truth.close[START + 7] == before * 2.2
    assert after.truth.close[START + 11] == before
    assert after.truth.high.max() == before * 2.2


@pytest.mark.covers("SL-10")
def test_black_swan_is_the_worst_of_everything():
    market, after = run("Black Swan Combo")

    assert (after.truth.close[START + 4] == market.open[START] * 0.6).all()
    after_crash, rows = slice(START + 20, START + 30), slice(START, START + 30)
    assert moves(after.truth)[after_crash] == pytest.approx(10 * moves(market)[after_crash])
    assert after.truth.spread_bps[rows] == pytest.approx(15 * market.spread_bps[rows])
    assert after.truth.volume[rows] == pytest.approx(0.05 * market.volume[rows])
    wrong = [each for each in after.injected if each.kind in ("nan", "spike", "duplicate")]
    assert abs(len(wrong) - 300) < 4 * (0.2 * 0.8 * 1_500) ** 0.5


def test_error_names_the_scenario_that_was_meant():
    with pytest.raises(
        UsageError, match=r"no scenario 'BTC Flash Crash'\. Did you mean BTC Flash Crash 2021"
    ):
        ScenarioLibrary().get("BTC Flash Crash")
    with pytest.raises(UsageError, match="There are BTC Flash Crash 2021, ETH"):
        ScenarioLibrary().get("zzz")


def test_scenarios_by_their_type():
    library = ScenarioLibrary()

    mixed = library.by_type("mixed_custom")
    assert [each.name for each in mixed] == ["Mixed Regime Chaos", "Black Swan Combo"]
    assert library.by_type(ScenarioType.HISTORIC_REPLAY) == ()
    with pytest.raises(UsageError, match="Did you mean mixed_custom"):
        library.by_type("mixed_customs")


def test_what_a_user_changes_of_a_scenario_is_his_own():
    library = ScenarioLibrary()
    library.get(NAMES[0]).parameters["bars"] = 500
    next(iter(library)).parameters.clear()

    assert library.get(NAMES[0]) == ScenarioLibrary().get(NAMES[0])
    assert "bars" not in library.get(NAMES[0]).parameters


def test_user_adds_scenarios_of_his_own_under_names_that_are_free():
    own = Scenario("Mine", ScenarioType.PUMP_DUMP, parameters={"pump_pct": 2.0})
    library = ScenarioLibrary([own])

    assert library.names() == (*NAMES, "Mine")
    assert library.get("Mine") == own
    own.parameters["pump_pct"] = 3.0
    assert library.get("Mine").parameters == {"pump_pct": 2.0}
    assert len(ScenarioLibrary()) == 10
    with pytest.raises(UsageError, match="'Mine' already"):
        library.add(own)
    with pytest.raises(UsageError, match="pump_pctt"):
        library.add(Scenario("Bad", ScenarioType.PUMP_DUMP, parameters={"pump_pctt": 2.0}))
