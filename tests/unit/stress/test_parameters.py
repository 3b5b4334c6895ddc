"""A scenario is told what it can be told: each type by names of its own, with ranges and defaults."""

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.parameters import (
    CORRUPTIONS,
    FlashCrashParameters,
    MixedCustomParameters,
    Parameters,
    parameters_by_type,
    parameters_of,
)

COMMON = Parameters.model_fields.keys()
NAMES = {
    "historic_replay": {"first", "last"},
    "flash_crash": {"drop_pct", "duration_bars", "recovery_bars", "recovery_pct"},
    "volatility_spike": {"volatility_multiplier", "duration_bars"},
    "trend_shift": {"strength", "duration_bars"},
    "liquidity_drop": {"liquidity_drop_pct", "duration_bars"},
    "spread_explosion": {"spread_mult", "duration_bars"},
    "data_corruption": {"corruption_pct", "kinds", "duration_bars"},
    "model_failure": {"failure_rate", "duration_bars"},
    "execution_failure": {"failure_rate", "latency_mult", "duration_bars"},
    "latency_spike": {"latency_mult", "duration_bars"},
    "correlation_breakdown": {"target_correlation", "duration_bars"},
    "pump_dump": {"pump_pct", "pump_bars", "dump_bars"},
}
MIXED = {
    *("flash_crash_drop_pct", "volatility_multiplier", "spread_mult", "liquidity_drop_pct"),
    *("corruption_pct", "pump_pct", "target_correlation", "trend_strength", "execution_failure_rate"),
    *("model_failure_rate", "latency_mult", "short_sale_ban_bars", "margin_factor", "partition_bars"),
    *("luld", "market_wide_halts"),
}


def given(kind, **parameters):
    return parameters_of(Scenario("x", kind, parameters=parameters))


@pytest.mark.covers("ST-14", "SR-20")
def test_thirteen_types_have_the_parameters_that_requests_name():
    models = parameters_by_type()

    assert list(models) == list(ScenarioType)
    assert len(models) == 13
    assert {"flash_crash", "mixed_custom"} < {str(each) for each in models}
    for kind, names in NAMES.items():
        assert models[ScenarioType(kind)].model_fields.keys() == COMMON | names
    assert models[ScenarioType.MIXED_CUSTOM].model_fields.keys() >= COMMON | MIXED


@pytest.mark.parametrize("kind", ScenarioType)
def test_every_parameter_has_a_description_and_a_default(kind):
    model = type(given(kind))

    for name, field in model.model_fields.items():
        assert (field.description or "").endswith("."), name
        assert not field.is_required(), name


@pytest.mark.covers("SR-21")
def test_bars_are_a_thousand_or_what_is_said_and_the_stress_begins_in_their_middle():
    scenario = Scenario("x", "flash_crash")
    assert (parameters_of(scenario).bars, parameters_of(scenario).start) == (1_000, 500)
    scenario.parameters["bars"] = 500
    assert (parameters_of(scenario).bars, parameters_of(scenario).start) == (500, 250)
    scenario.parameters["start_bar"] = 0
    assert parameters_of(scenario).start == 0


def test_example_of_a_request_is_read_with_its_fractions_and_factors():
    found = given(
        "mixed_custom",
        flash_crash_drop_pct=0.5,
        volatility_multiplier=15.0,
        spread_mult=20.0,
        liquidity_drop_pct=0.99,
    )

    assert isinstance(found, MixedCustomParameters)
    assert (found.flash_crash_drop_pct, found.volatility_multiplier) == (0.5, 15.0)
    assert (found.spread_mult, found.liquidity_drop_pct) == (20.0, 0.99)
    assert found.corruption_pct is found.pump_pct is found.target_correlation is None


@pytest.mark.parametrize(
    ("named", "crash"),
    [
        ({}, 0.2),
        ({"bars": 400, "duration_bars": 9, "pump_bars": 3}, 0.2),
        ({"volatility_multiplier": 2.0}, None),
        ({"luld": True}, None),
        ({"pump_pct": 1}, None),
        ({"execution_failure_rate": 1.0}, None),
        ({"latency_mult": 1.0}, 0.2),
    ],
)
def test_mix_is_of_what_is_named_and_where_nothing_is_of_four(named, crash):
    found = given("mixed_custom", **named)

    assert found.flash_crash_drop_pct == crash
    assert (found.spread_mult, found.liquidity_drop_pct) == ((10.0, 0.8) if crash else (None, None))


@pytest.mark.parametrize(
    ("kind", "parameters", "why"),
    [
        (
            "flash_crash",
            {"drop_pctt": 0.3},
            "parameters.drop_pctt: there is no such parameter of flash_crash. Did you mean drop_pct?",
        ),
        (
            "flash_crash",
            {"drop_pct": 30},
            "parameters.drop_pct is 30. Give a number above 0 and below 1, as a fraction: 0.3 is 30 %.",
        ),
        ("flash_crash", {"drop_pct": 0.0}, "parameters.drop_pct is 0.0. Give a number above 0"),
        ("flash_crash", {"drop_pct": 1.0}, "parameters.drop_pct is 1.0. Give a number above 0 and below 1"),
        ("flash_crash", {"drop_pct": float("nan")}, "parameters.drop_pct is nan."),
        ("flash_crash", {"drop_pct": "0.3"}, "parameters.drop_pct is '0.3'. Give a number"),
        ("flash_crash", {"drop_pct": True}, "parameters.drop_pct is True."),
        ("spread_explosion", {"spread_mult": float("inf")}, "parameters.spread_mult is inf."),
        ("flash_crash", {"duration_bars": 2.5}, "Give a whole number at least 1"),
        ("flash_crash", {"duration_bars": True}, "parameters.duration_bars is True."),
        ("flash_crash", {"bars": 1}, "parameters.bars is 1. Give a whole number at least 2 and at most"),
        ("flash_crash", {"bars": 10, "start_bar": 10}, "start_bar is 10 of 10 bars"),
        ("flash_crash", {"start_bar": -1}, "parameters.start_bar is -1."),
        ("flash_crash", {"source": "binance"}, "Give synthetic, real, packaged:NAME, csv:PATH"),
        ("flash_crash", {"source": "csv:"}, "parameters.source is 'csv:'."),
        (
            "data_corruption",
            {"kinds": ["nen"]},
            "parameters.kinds.0 is 'nen'. Give one or more of nan, spike",
        ),
        ("data_corruption", {"kinds": []}, "parameters.kinds is []."),
        (
            "historic_replay",
            {"first": "1.2.2020"},
            "parameters.first is '1.2.2020'. Give a day as YYYY-MM-DD",
        ),
        ("historic_replay", {"first": "2020-02-30"}, "there is no such day"),
        ("historic_replay", {"first": "2020-02-02", "last": "2020-02-01"}, "later than last"),
        ("correlation_breakdown", {"target_correlation": 1.1}, "at least -1 and at most 1"),
        ("latency_spike", {"latency_mult": 0.5}, "parameters.latency_mult is 0.5. Give a number at least 1"),
        ("mixed_custom", {"luld": 1}, "parameters.luld is 1. Give true or false."),
        ("mixed_custom", [1], "parameters are [1]. Give a table"),
    ],
)
def test_error_names_the_key_the_value_and_what_there_is(kind, parameters, why):
    with pytest.raises(UsageError) as found:
        parameters_of(Scenario("x", kind, parameters=parameters))

    assert why in str(found.value)
    assert len(str(found.value).splitlines()) == 1


def test_every_mistake_is_told_on_a_line_of_its_own():
    with pytest.raises(UsageError) as found:
        given("flash_crash", drop_pct=30, duration_bars=0, zzz=1)

    assert [line.split()[0] for line in str(found.value).splitlines()] == [
        *("parameters.drop_pct", "parameters.duration_bars", "parameters.zzz:")
    ]


def test_names_of_what_is_common_to_all():
    assert set(COMMON) == {
        *("bars", "start_bar", "source", "first", "last", "bar_seconds", "volatility", "correlation"),
        *("timeout_seconds", "cash"),
    }
    found = given("flash_crash")
    assert (found.source, found.bar_seconds, found.cash) == ("synthetic", 3_600, 100_000.0)
    assert given("historic_replay").source == "real"
    assert FlashCrashParameters() == found


@pytest.mark.parametrize("source", ["real", "packaged:sp500", "csv:a/b.csv", "parquet:x", "ccxt:kraken"])
def test_sources_of_data(source):
    assert given("flash_crash", source=source).source == source


@pytest.mark.covers("SM-01")
def test_scenario_has_its_fields_and_coerces_its_type():
    scenario = Scenario("n", "pump_dump", "d", {"bars": 10}, ["A"], 7)  # type: ignore[arg-type]

    assert scenario.type is ScenarioType.PUMP_DUMP
    assert (scenario.name, scenario.description, scenario.symbols, scenario.seed) == ("n", "d", ("A",), 7)
    assert Scenario("n", ScenarioType.PUMP_DUMP).seed is None
    with pytest.raises(UsageError, match=r"no scenario type 'flsh_crash'.*Did you mean flash_crash"):
        Scenario("n", "flsh_crash")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="There are historic_replay"):
        Scenario("n", 7)  # type: ignore[arg-type]


def test_kinds_of_corruption():
    assert set(CORRUPTIONS) == {"nan", "spike", "duplicate", "gap", "negative", "inf"}
