"""The bundled portfolio through twenty years of the S&P 500, with the market-wide circuit breakers of the
exchanges; close to close stands in for what happened within a day."""

from itertools import pairwise

import pytest

from hedgecheck.prices import daily
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.models import Scenario, ScenarioType

LEVELS = (
    (20, "LEVEL_3"),
    (13, "LEVEL_2"),
    (7, "LEVEL_1"),
)  # per cent below the close before (NYSE rule 7.12)


@pytest.fixture(scope="module")
def days():
    return daily("sp500")


@pytest.fixture(scope="module")
def result(days):
    parameters = {"source": "packaged:sp500", "bars": len(days), "start_bar": 0, "market_wide_halts": True}
    return ScenarioExecutor().run(
        Scenario("1999 to 2018", ScenarioType.MIXED_CUSTOM, "", parameters, ("SPX",))
    )


@pytest.mark.covers("ST-10", "ST-13")
def test_days_that_would_have_halted_the_market_are_those_of_an_independent_count(days, result):
    counted = [
        (bar, next(level for percent, level in LEVELS if 100 * later.close <= (100 - percent) * sooner.close))
        for bar, (sooner, later) in enumerate(pairwise(days), start=1)
        if 100 * later.close <= 93 * sooner.close
    ]

    halted = [(each.breached_bar, each.kind) for each in result.stops if each.source == "market"]

    assert halted == counted
    assert [days[bar].date for bar, _ in counted] == ["2008-09-29", "2008-10-09", "2008-10-15", "2008-12-01"]


def test_the_portfolio_trades_all_along_and_never_breaks_a_limit(days, result):
    limits = next(each for each in result.rules if each.id == "I10")

    assert result.success, result.failure
    assert (result.bars, limits.verdict) == (len(days), "holds")
    assert limits.nonvacuous_checks > 20
    assert result.metrics["invariant_violations"] == 0


def test_nothing_trades_on_a_day_on_which_the_market_is_halted(result):
    halted = {each.bar for each in result.stops if each.source == "market"}

    filled = [each for each in result.executions if each.filled and each.bar in halted]

    assert filled == []
