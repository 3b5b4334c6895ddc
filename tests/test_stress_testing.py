"""The stress testing system from end to end, as somebody who uses it would write it: public names only."""

from dataclasses import fields

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.marketdata import Market
from hedgecheck.stress import (
    METRICS,
    BatchRequest,
    ExchangeProfile,
    ExchangeSimulator,
    ExecutionResult,
    ExecutorSettings,
    Scenario,
    ScenarioExecutor,
    ScenarioLibrary,
    ScenarioLoader,
    ScenarioResult,
    ScenarioTransformer,
    ScenarioType,
    Signal,
    StressTestRunner,
    TradeRecord,
    components_from,
    create_executor,
    create_quantum_trader_executor,
    read_scenarios,
)

START, BARS = 100, 200
CRASH = Scenario("Crash", "flash_crash", parameters={"bars": 300, "drop_pct": 0.3}, seed=42)


def loaded(*symbols: str, bars: int = BARS, seed: int = 7) -> Market:
    """A market that is made."""
    return ScenarioLoader().load(symbols or ("BTCUSDT",), "synthetic", bars=bars, seed=seed).market


def stressed(market: Market, kind: str, **parameters):
    """What a scenario makes of it, from bar 100 on."""
    asked = {"bars": len(market), "start_bar": START, **parameters}
    return ScenarioTransformer().apply(market, Scenario("Stress", kind, "", asked, market.symbols, seed=3))


@pytest.fixture(scope="module")
def crashed() -> ScenarioResult:
    """What comes of a crash."""
    return ScenarioExecutor().run(CRASH)


# ---- scenario models -----------------------------------------------------------------------------------


@pytest.mark.covers("SM-01")
def test_scenario_says_what_is_tested_on_what():
    scenario = Scenario("Mine", "flash_crash", "A fall", {"drop_pct": 0.2}, ["BTCUSDT", "ETHUSDT"], 42)

    assert scenario.type is ScenarioType.FLASH_CRASH
    assert scenario.symbols == ("BTCUSDT", "ETHUSDT")
    assert scenario.root_seed == 42
    assert [each.name for each in fields(Scenario)] == [
        *("name", "type", "description"),
        *("parameters", "symbols", "seed"),
    ]


@pytest.mark.covers("ST-14")
def test_there_are_thirteen_types():
    assert len(ScenarioType) == 13
    assert {"flash_crash", "mixed_custom"} < set(ScenarioType)


def test_type_that_there_is_not_is_refused_with_one_that_is_near():
    with pytest.raises(UsageError, match="Did you mean flash_crash"):
        Scenario("Mine", "flash_crush")


# ---- loader --------------------------------------------------------------------------------------------


@pytest.mark.covers("ST-11")
def test_market_is_made_of_several_symbols_and_is_the_same_from_the_same_seed():
    one, again, other = loaded("BTCUSDT", "ETHUSDT"), loaded("BTCUSDT", "ETHUSDT"), loaded(seed=8)

    assert one.close.shape == (BARS, 2)
    assert (one.close == again.close).all()
    assert (one.close[:, 0] != other.close[:, 0]).all()


@pytest.mark.covers("ST-11")
def test_made_market_has_no_flaw_and_a_file_with_one_is_refused(tmp_path):
    assert ScenarioLoader().load(("BTCUSDT",), "synthetic", bars=500).quality.findings == ()

    file = tmp_path / "bars.csv"
    rows = [f"{1_700_000_000_000 + at * 3_600_000},100,101,99,100,5" for at in range(50)]
    rows[20] = rows[20].replace("101", "nan")
    file.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]), encoding="utf-8")

    with pytest.raises(UsageError, match="bar 20"):
        ScenarioLoader().load(("BTCUSDT",), f"csv:{file}", bars=50)


# ---- transformers --------------------------------------------------------------------------------------


@pytest.mark.covers("ST-01")
def test_flash_crash_falls_by_thirty_per_cent_and_comes_back():
    calm = loaded()
    crash = stressed(calm, "flash_crash", drop_pct=0.3, duration_bars=5, recovery_bars=15).truth

    assert crash.close[START + 4] / crash.close[START - 1] == pytest.approx(0.7)
    assert crash.close[START + 19] / crash.close[START - 1] == pytest.approx(1.0)
    assert (crash.close[:START] == calm.close[:START]).all()


@pytest.mark.covers("ST-02")
def test_volatility_spike_moves_prices_several_times_as_far():
    calm = loaded()
    wild = stressed(calm, "volatility_spike", volatility_multiplier=8.0, duration_bars=50).truth
    window = slice(START, START + 50)

    def moves(market: Market) -> np.ndarray:
        return np.diff(np.log(market.close[:, 0]), prepend=np.nan)[window]

    assert moves(wild).std() == pytest.approx(8 * moves(calm).std(), rel=0.01)


@pytest.mark.covers("ST-03")
def test_trend_shift_turns_what_rose_into_a_fall():
    calm = loaded()
    shifted = stressed(calm, "trend_shift").truth

    def growth(market: Market) -> float:
        return float(np.log(market.close[-1] / market.close[START - 1])[0])

    assert growth(shifted) == pytest.approx(-growth(calm))


@pytest.mark.covers("ST-04")
def test_liquidity_drop_takes_volume_away():
    calm = loaded()
    thin = stressed(calm, "liquidity_drop", liquidity_drop_pct=0.95, duration_bars=20).truth

    assert thin.volume[START] == pytest.approx(calm.volume[START] * 0.05)
    assert thin.volume[START - 1] == calm.volume[START - 1]


@pytest.mark.covers("ST-05")
def test_spread_explosion_widens_bid_and_ask():
    calm = loaded()
    wide = stressed(calm, "spread_explosion", spread_mult=15.0, duration_bars=20).truth

    assert wide.spread_bps[START] == pytest.approx(calm.spread_bps[START] * 15)


@pytest.mark.covers("ST-06")
def test_data_corruption_is_in_the_feed_and_not_in_the_market():
    calm = loaded(bars=2_000)
    wrong = stressed(calm, "data_corruption", corruption_pct=0.15, kinds=["nan", "spike"])

    assert (wrong.truth.close == calm.close).all()
    differs = ~np.isclose(wrong.feed.close[START:], calm.close[START:], equal_nan=False)
    assert differs.mean() == pytest.approx(0.15, abs=0.02)
    assert len(wrong.injected) == differs.sum()


@pytest.mark.covers("ST-07")
def test_correlation_breakdown_makes_symbols_move_apart():
    apart = stressed(loaded("BTCUSDT", "ETHUSDT"), "correlation_breakdown", duration_bars=60).truth
    moves = np.diff(np.log(apart.close), axis=0)[START - 1 : START + 59]

    assert np.corrcoef(moves.T)[0, 1] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.covers("ST-08")
def test_pump_and_dump_more_than_doubles_the_price_and_gives_it_back():
    pump = stressed(loaded(), "pump_dump", pump_pct=1.2, pump_bars=8, dump_bars=4).truth.close[:, 0]

    assert pump[START + 7] / pump[START - 1] == pytest.approx(2.2)
    assert pump[START + 11] / pump[START - 1] == pytest.approx(1.0)


@pytest.mark.covers("ST-09")
def test_mixed_custom_combines_several():
    calm = loaded()
    mixed = stressed(calm, "mixed_custom", flash_crash_drop_pct=0.5, spread_mult=20.0, liquidity_drop_pct=0.9)

    assert mixed.truth.close[START + 4] / mixed.truth.close[START - 1] == pytest.approx(0.5)
    assert (mixed.truth.spread_bps[START + 1] > calm.spread_bps[START + 1]).all()
    assert {each.kind for each in mixed.injected} >= {"flash_crash", "spread_explosion", "liquidity_drop"}


@pytest.mark.covers("ST-12", "ST-15", "ST-16", "ST-17")
@pytest.mark.parametrize("kind", ["model_failure", "execution_failure", "latency_spike"])
def test_failures_of_a_run_are_planned_and_leave_the_market_alone(kind: str):
    calm = loaded()
    planned = stressed(calm, kind)

    assert (planned.truth.close == calm.close).all()
    assert planned.plan


@pytest.mark.covers("ST-10")
def test_historic_replay_changes_nothing():
    calm = loaded()

    assert stressed(calm, "historic_replay").truth is calm


# ---- exchange simulator --------------------------------------------------------------------------------


@pytest.mark.covers("SX-01", "SX-02")
def test_order_pays_more_in_a_wild_market():
    calm = loaded()
    wild = stressed(calm, "mixed_custom", liquidity_drop_pct=0.99, spread_mult=50.0).truth

    at_rest = ExchangeSimulator(calm).fill(START + 1, "BTCUSDT", "buy", 1_000, 100_000)
    in_panic = ExchangeSimulator(wild).fill(START + 1, "BTCUSDT", "buy", 1_000, 100_000)

    assert 100 <= at_rest.slippage < 500 < in_panic.slippage <= 10_000
    assert at_rest.spread_cost < in_panic.spread_cost
    assert in_panic.lots < at_rest.lots == 1_000


@pytest.mark.covers("SX-03", "SX-04")
def test_orders_fail_and_take_as_long_as_the_profile_says():
    never = ExchangeSimulator(loaded(), profile=ExchangeProfile(failure_rate=(0.0, 0.0)))
    always = ExchangeSimulator(loaded(), profile=ExchangeProfile(failure_rate=(1.0, 1.0)))

    assert {never.failure(5, "BTCUSDT") for _ in range(500)} == {""}
    assert {always.failure(5, "BTCUSDT") for _ in range(500)} == {"rejected", "request_lost", "reply_lost"}
    assert never.latency_ns(5, "BTCUSDT") >= 50_000_000


# ---- executor ------------------------------------------------------------------------------------------


@pytest.mark.covers("SE-14")
def test_executor_is_made_with_bundled_components_with_own_ones_and_with_settings():
    calm = Scenario("Calm", "historic_replay", parameters={"bars": 50, "source": "synthetic"})

    for executor in (
        ScenarioExecutor(),
        ScenarioExecutor(components_from({"safety_governor": {"drawdown": 0.1}})),
        create_executor(settings=ExecutorSettings(fee_bps=0)),
        create_quantum_trader_executor(),
    ):
        assert executor.run(calm).success


def test_executor_refuses_a_component_that_there_is_not():
    with pytest.raises(UsageError, match="There is no component strategy"):
        components_from({"strategy": object()})


@pytest.mark.covers("SE-10")
def test_same_scenario_gives_the_same_result_and_another_seed_another(crashed: ScenarioResult):
    other = Scenario("Crash", "flash_crash", parameters=CRASH.parameters, seed=43)

    assert ScenarioExecutor().run(CRASH) == crashed
    assert ScenarioExecutor().run(other).curves != crashed.curves


# ---- runner --------------------------------------------------------------------------------------------


@pytest.mark.covers("SM-05")
def test_batch_runs_side_by_side_and_says_what_came_of_all():
    scenarios = [
        Scenario(kind, kind, parameters={"bars": 60, "source": "synthetic"})
        for kind in ("flash_crash", "pump_dump")
    ]
    library = ScenarioLibrary(scenarios)
    request = BatchRequest(["flash_crash", "pump_dump"], parallel=True, max_workers=2)

    batch = StressTestRunner(ScenarioExecutor).run_request(request, library)

    assert [each.name for each in batch.results] == ["flash_crash", "pump_dump"]
    assert (batch.total_scenarios, batch.successful, batch.partial) == (2, 2, False)
    assert batch.worst_drawdown >= 0


# ---- library -------------------------------------------------------------------------------------------


def test_library_has_ten_scenarios_by_name_and_by_type():
    library = ScenarioLibrary()

    assert len(library) == len(library.names()) == 10
    assert library.get("BTC Flash Crash 2021").parameters["drop_pct"] == 0.3
    assert "Black Swan Combo" in [each.name for each in library.by_type("mixed_custom")]
    with pytest.raises(UsageError, match="BTC Flash Crash 2021"):
        library.get("BTC Flash Crash")


def test_scenarios_are_read_from_a_file_and_run(tmp_path):
    file = tmp_path / "mine.toml"
    text = '[[scenario]]\nname = "Mine"\ntype = "pump_dump"\nparameters = { bars = 60, pump_pct = 0.5 }\n'
    file.write_text(text, encoding="utf-8")

    (mine,) = read_scenarios(file)

    assert ScenarioExecutor().run(mine).bars == 60


# ---- full pipeline -------------------------------------------------------------------------------------


@pytest.mark.covers("SM-02", "SE-09")
def test_result_has_metrics_curves_trades_and_orders(crashed: ScenarioResult):
    assert crashed.success, crashed.failure
    assert len(crashed.metrics) >= 30
    assert set(crashed.metrics) == {each.name for each in METRICS}
    assert {type(each) for each in crashed.trades} == {TradeRecord}
    assert {type(each) for each in crashed.executions} == {ExecutionResult}
    assert crashed.curves is not None
    assert len(crashed.curves.equity) == len(crashed.curves.pnl) == crashed.bars == 300


@pytest.mark.covers("SE-09")
def test_numbers_of_a_result_agree_with_each_other(crashed: ScenarioResult):
    metrics, curves = crashed.metrics, crashed.curves
    assert curves is not None

    assert metrics["total_pnl"] == pytest.approx(curves.pnl[-1])
    assert metrics["max_drawdown"] == pytest.approx(max(curves.drawdown))
    assert metrics["total_pnl"] == pytest.approx(sum(each.pnl for each in crashed.trades))
    assert metrics["total_fees"] == pytest.approx(sum(each.fee for each in crashed.executions))


@pytest.mark.covers("EX-02")
def test_own_strategy_goes_through_the_whole_pipeline():
    def buys_once(view, account):
        return [Signal("mine", "BTCUSDT", 1, 0.9)] if view.bar == 5 else []

    result = create_executor(runtime_engine=buys_once).run(CRASH)

    assert result.success, result.failure
    assert [each.strategy for each in result.trades] == ["mine"]
    assert {each.status for each in result.executions} <= {"filled", "partially_filled", "canceled"}


@pytest.mark.covers("SE-05", "SE-12")
def test_governor_stops_trading_in_a_crash_and_the_result_says_so():
    def all_in(view, account):
        return [Signal("mine", "BTCUSDT", 1, 0.9)] if not account.holdings else []

    strict = {"safety_governor": {"drawdown": 0.005}, "runtime_engine": all_in}
    result = ScenarioExecutor(components_from(strict)).run(CRASH)

    assert result.success, result.failure
    assert "governor" in {each.source for each in result.stops}
    assert result.metrics["emergency_stops"] == len(result.stops)
