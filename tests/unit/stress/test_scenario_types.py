"""A scenario's type decides what it does, and nothing else knows types by name: a new one can be added."""

import json
import pickle
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from pydantic import Field

from hedgecheck import UsageError, prices
from hedgecheck.stress import models
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.parameters import Parameters, types
from hedgecheck.stress.reading import parsed_scenarios, scenario_schema
from hedgecheck.stress.stressed import (
    ExecutionFailure,
    MarginRaise,
    ModelFailure,
    Partition,
    ShortSaleBan,
    Slowness,
    Window,
)
from hedgecheck.stress.transforming import (
    CorrelationBreakdown,
    DataCorruption,
    FlashCrash,
    LiquidityDrop,
    Planned,
    PumpDump,
    ScenarioTransformer,
    SpreadExplosion,
    Stage,
    TrendShift,
    VolatilitySpike,
    register,
    registry,
    transformations_of,
)
from hedgecheck.values import frozen
from tests.unit.market.test_generating import is_consistent
from tests.unit.stress.markets import DAY_NS, SYMBOLS, hourly, made, moves, same

MARKET = hourly(bars=1_000)
REST = Window(500, 1_000)
DONE = {  # what each type does where it is told nothing
    "historic_replay": (),
    "flash_crash": (FlashCrash,),
    "volatility_spike": (VolatilitySpike,),
    "trend_shift": (TrendShift,),
    "liquidity_drop": (LiquidityDrop,),
    "spread_explosion": (SpreadExplosion,),
    "data_corruption": (DataCorruption,),
    "model_failure": (Planned,),
    "execution_failure": (Planned,),
    "latency_spike": (Planned,),
    "correlation_breakdown": (CorrelationBreakdown,),
    "pump_dump": (PumpDump,),
    "mixed_custom": (VolatilitySpike, FlashCrash, LiquidityDrop, SpreadExplosion),
}


def applied(kind, symbols=SYMBOLS, seed=None, market=MARKET, by=0, **parameters):
    scenario = Scenario("x", kind, parameters=parameters, symbols=symbols, seed=seed)
    return ScenarioTransformer(by).apply(market, scenario)


@pytest.mark.parametrize("kind", ScenarioType)
def test_every_type_does_its_own_without_being_told_anything(kind):
    scenario = Scenario("x", kind, symbols=SYMBOLS)
    after = ScenarioTransformer().apply(MARKET, scenario)

    assert tuple(type(each) for each in transformations_of(scenario)) == DONE[kind]
    assert is_consistent(after.truth)
    assert (after.injected == ()) == (kind == "historic_replay")
    assert same(after.truth, MARKET, slice(500))


@pytest.mark.covers("ST-10")
def test_replay_gives_what_happened_byte_for_byte():
    days = prices.daily("sp500")[:1_000]
    market = made([float(day.close) for day in days], DAY_NS, ("SPX",), float(days[0].open))
    after = applied("historic_replay", ("SPX",), market=market)

    assert after.truth is after.feed is market
    assert (after.plan, after.injected) == ((), ())


@pytest.mark.covers("ST-12", "ST-15")
def test_model_failure_is_planned_and_no_price_moves():
    after = applied("model_failure", failure_rate=0.7)

    assert after.plan == (ModelFailure(REST, 0.7),)
    assert after.truth is MARKET
    assert [(each.kind, each.symbol, each.bar, each.bars) for each in after.injected] == [
        ("model_failure", "", 500, 500)
    ]


@pytest.mark.covers("ST-12", "ST-16")
def test_execution_failure_is_planned_with_its_latency():
    assert applied("execution_failure").plan == (ExecutionFailure(REST, 0.4),)
    both = applied("execution_failure", failure_rate=0.1, latency_mult=3.0, duration_bars=10)
    window = Window(500, 510)
    assert both.plan == (ExecutionFailure(window, 0.1), Slowness(window, 3.0))


@pytest.mark.covers("ST-12", "ST-17")
def test_latency_is_planned():
    assert applied("latency_spike").plan == (Slowness(REST, 10.0),)
    assert applied("latency_spike", start_bar=990, duration_bars=99).plan == (
        Slowness(Window(990, 1_000), 10.0),
    )


@pytest.mark.covers("ST-13")
def test_regulatory_shocks_and_partitions_are_planned():
    after = applied("mixed_custom", short_sale_ban_bars=20, margin_factor=2.5, partition_bars=3)

    assert after.plan == (
        ShortSaleBan(Window(500, 520)),
        MarginRaise(REST, 2.5),
        Partition(Window(500, 503)),
    )
    assert after.truth is MARKET
    assert [each.kind for each in after.injected] == ["short_sale_ban", "margin_raise", "network_partition"]


@pytest.mark.covers("ST-13")
def test_halts_are_of_the_prices_of_the_stress_and_not_of_those_before_it():
    still, halts = made([100.0] * 1_000), {"luld": True, "market_wide_halts": True}
    calm = applied("mixed_custom", ("A",), market=still, **halts)
    crash = applied("mixed_custom", ("A",), market=still, **halts, flash_crash_drop_pct=0.5)

    assert calm.plan == ()
    assert {each.why for each in crash.plan} >= {"LULD", "LEVEL_3"}
    assert all(each.window.start > 500 for each in crash.plan)


@pytest.mark.covers("ST-09")
def test_mix_does_everything_that_is_named():
    everything = {
        "flash_crash_drop_pct": 0.3,
        "volatility_multiplier": 2.0,
        "trend_strength": 1.0,
        "spread_mult": 3.0,
        "liquidity_drop_pct": 0.5,
        "corruption_pct": 0.1,
        "pump_pct": 0.5,
        "target_correlation": 0.0,
        "execution_failure_rate": 0.1,
        "model_failure_rate": 0.2,
        "latency_mult": 4.0,
    }
    after = applied("mixed_custom", **everything, corruption_kinds=["gap"])

    assert {each.kind for each in after.injected} == {
        *("flash_crash", "volatility_spike", "trend_shift", "spread_explosion", "liquidity_drop", "gap"),
        *("pump_dump", "correlation_breakdown", "execution_failure", "model_failure", "latency_spike"),
    }
    before = after.truth.open[500]
    assert (after.truth.close[504] == before * 0.7).all()
    assert after.truth.high[520:532].max(axis=0) == pytest.approx(after.truth.open[520] * 1.5)
    assert is_consistent(after.truth)


@pytest.mark.parametrize(
    "name", sorted(set(DONE) - {"historic_replay", "mixed_custom", "correlation_breakdown"})
)
def test_symbols_that_the_scenario_does_not_name_are_not_stressed(name):
    after = applied(name, ("B",))

    assert same(after.truth, MARKET, columns=[0, 2])
    assert same(after.feed, MARKET, columns=[0, 2])
    assert {each.symbol for each in after.injected} <= {"B", ""}


def test_seed_of_the_scenario_comes_before_that_of_the_transformer():
    def feed(seed, by):
        return applied("data_corruption", seed=seed, by=by).feed.digest()

    assert feed(7, 0) == feed(7, 1) == feed(None, 7)
    assert feed(None, 0) != feed(None, 1)


def test_parameters_are_in_the_market_as_they_were_asked_for():
    crash = applied(
        "flash_crash", drop_pct=0.2, duration_bars=3, recovery_bars=2, recovery_pct=0.5, start_bar=9
    )
    assert (crash.truth.close[11] == MARKET.open[9] * 0.8).all()
    assert (crash.truth.close[13] == MARKET.open[9] * 0.9).all()
    shift = applied("trend_shift", strength=2.0, duration_bars=10)
    assert moves(shift.truth)[500:510] == pytest.approx(-2 * moves(MARKET)[500:510])
    assert moves(shift.truth)[510:] == pytest.approx(moves(MARKET)[510:])
    apart = applied("correlation_breakdown", target_correlation=-0.3, duration_bars=100)
    assert np.corrcoef(moves(apart.truth)[500:600].T)[0, 1] == pytest.approx(-0.3)
    wide = applied("spread_explosion", spread_mult=4.0, duration_bars=7)
    assert (wide.truth.spread_bps > MARKET.spread_bps).sum() == 7 * 3


def test_start_behind_the_data_is_refused():
    with pytest.raises(UsageError, match="begins at bar 500, and there are 100"):
        applied("volatility_spike", market=hourly(bars=100))
    assert applied("volatility_spike", market=hourly(bars=100), bars=100).injected[0].bar == 50


class RotationParameters(Parameters):
    """One symbol takes the volume of another."""

    share_pct: float = Field(0.5, gt=0, le=1, description="How much of it.")


@frozen
class Rotation:
    """A type of a user's own: volume goes from the first symbol to the second."""

    start: int
    share: float
    stage: ClassVar[Stage] = Stage.MARKET

    def apply(self, stressed, chance):
        """Moves it."""
        volume = stressed.truth.volume.copy()
        gone = volume[self.start :, 0] * self.share
        volume[self.start :, 0] -= gone
        volume[self.start :, 1] += gone
        truth = replace(stressed.truth, volume=volume)
        return replace(stressed, truth=truth, feed=truth)


@pytest.fixture
def own_type(monkeypatch):
    """A type that is added for one test."""
    monkeypatch.setattr(models, "_ADDED", {})
    monkeypatch.setattr(models, "_HOMES", {})
    monkeypatch.setattr(types, "_MODELS", dict(types._MODELS))
    monkeypatch.setattr(registry, "_MAKERS", dict(registry._MAKERS))
    return register(
        "rotation", RotationParameters, lambda given, symbols: [Rotation(given.start, given.share_pct)]
    )


@pytest.mark.covers("EX-01")
def test_new_type_is_added_with_its_transformation_library_entry_and_documentation(own_type):
    (read,) = parsed_scenarios('name = "Mine"\ntype = "rotation"\nparameters.share_pct = 0.25', ".toml")
    scenario = ScenarioLibrary([read]).get("Mine")
    after = ScenarioTransformer().apply(MARKET, scenario)

    assert after.truth.volume[500:, 0] == pytest.approx(0.75 * MARKET.volume[500:, 0])
    assert ScenarioLibrary([read]).by_type("rotation") == (read,)
    described = scenario_schema()["$defs"]["rotation"]["properties"]["parameters"]["properties"]
    assert described["share_pct"]["description"] == "How much of it."
    assert {"$ref": "#/$defs/rotation"} in scenario_schema()["$defs"]["scenario"]["oneOf"]
    with pytest.raises(
        UsageError, match=r"share_pc: there is no such parameter of rotation.*Did you mean share_pct"
    ):
        ScenarioTransformer().apply(MARKET, replace(scenario, parameters={"share_pc": 1}))


def test_added_type_is_one_value_and_the_thirteen_stay_thirteen(own_type):
    assert Scenario("x", "rotation").type is own_type is ScenarioType("rotation")
    assert pickle.loads(pickle.dumps(Scenario("x", own_type))).type is own_type
    assert (str(own_type), json.dumps(own_type), own_type.value) == ("rotation", '"rotation"', "rotation")
    assert len(ScenarioType) == 13
    for taken in ("rotation", "flash_crash"):
        with pytest.raises(UsageError, match="already"):
            register(taken, RotationParameters, lambda given, symbols: [])
