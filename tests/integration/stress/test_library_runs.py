"""All ten of the library, on synthetic and on real data: what the seed's names stand for runs, breaks no
invariant, and trips breakers where a recount says that it must."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from hedgecheck import cli
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.stress.settings import SETTINGS
from hedgecheck.stress.summary import stop_line

NAMES = {
    "BTC Flash Crash 2021": "SL-01",
    "ETH Liquidity Collapse": "SL-02",
    "SOL Volatility Explosion": "SL-03",
    "Mixed Regime Chaos": "SL-04",
    "Model Failure Simulation": "SL-05",
    "Data Corruption Shock": "SL-06",
    "Execution Crisis": "SL-07",
    "Correlation Breakdown": "SL-08",
    "Pump & Dump Mania": "SL-09",
    "Black Swan Combo": "SL-10",
}
EVERY = [pytest.param(name, marks=pytest.mark.covers(id)) for name, id in NAMES.items()]
DAY_NS = 86_400 * 10**9


@cache
def result_of(name: str, source: str) -> ScenarioResult:
    scenario = ScenarioLibrary().get(name)
    parameters = {**scenario.parameters, "source": source}
    return ScenarioExecutor().run(replace(scenario, parameters=parameters, seed=scenario.root_seed))


@pytest.mark.parametrize("source", ["synthetic", "real"])
@pytest.mark.parametrize("name", EVERY)
def test_each_of_the_library_runs_to_its_last_bar_and_breaks_no_invariant(name, source):
    result = result_of(name, source)

    assert result.success, result.failure
    assert result.bars == len(result.curves.equity) == 1_000
    assert result.metrics["invariant_violations"] == 0
    assert result.metrics["total_trades"] > 0
    assert sum(rule.verdict == "holds" for rule in result.rules) >= 12


@pytest.mark.covers("SE-12")
@pytest.mark.parametrize("name", NAMES)
def test_a_breaker_that_a_recount_from_the_closes_says_must_trip_has_tripped_by_then(name):
    result = result_of(name, "synthetic")
    curves, limit = result.curves, SETTINGS.daily_loss_bps / 10_000
    opening, must = result.curves.equity[0] - result.curves.pnl[0], None
    for bar, (sooner, later) in enumerate(pairwise(curves.time_ns), start=1):
        if sooner // DAY_NS != (sooner - (later - sooner)) // DAY_NS:
            opening = curves.equity[bar - 1]
        if must is None and curves.equity[bar] <= opening * (1 - limit):
            must = bar

    tripped = [each.bar for each in result.stops if each.kind == "daily_loss"]

    assert must is None or (tripped and tripped[0] <= must)


@pytest.mark.parametrize("name", NAMES)
def test_a_breaker_trips_in_the_bar_in_which_its_number_is_first_beyond_its_limit(name):
    stops = [each for each in result_of(name, "synthetic").stops if each.source == "breaker"]

    assert [each.bar for each in stops] == [each.breached_bar for each in stops]


def test_the_summary_says_when_and_why_a_black_swan_stopped_trading():
    result = result_of("Black Swan Combo", "synthetic")
    first = result.stops[0]

    line = stop_line(result, first)

    assert (first.source, first.kind) == ("breaker", "daily_loss")
    assert line.startswith(
        "Black Swan Combo: bar 501, 2024-01-21 22:00:00, breaker daily loss: equity fell to"
    )
    assert line.endswith("below the day's start; the limit is 2 %")


def test_a_run_that_sends_no_order_proves_nothing(capsys):
    code = cli.call(["stress", "run", "BTC Flash Crash 2021", "--bars", "60", "--set", "cash=1"])

    assert code == 2
    assert "verdict: unknown - no order was sent" in capsys.readouterr().out
