"""Every position scenario under every set of risk limits: what the core lets in keeps them, by a recount."""

from itertools import product

import pytest

from core.positions import position_of
from core.settings import Settings, problems
from core.state import equity
from hedgecheck import UsageError
from hedgecheck.machines import GateOrder
from hedgecheck.machines.gate import excess, measures
from hedgecheck.portfolios import (
    POSITION_SCENARIOS,
    RISK_LIMITS,
    position_scenario,
    risk_limits,
)
from tests.portfolios import breaker_rules, core_limits, engine_in, lets_in

PROBES = tuple(product(("buy", "sell"), (1, 100, 1_000, 5_000)))
STANDING = [each for each in POSITION_SCENARIOS if not each.opposes]  # of the others the core is in none


def named(records):
    return [each.name for each in records]


@pytest.mark.covers("TI-09", "TI-10")
@pytest.mark.parametrize("limits", RISK_LIMITS, ids=named(RISK_LIMITS))
@pytest.mark.parametrize("scenario", STANDING, ids=named(STANDING))
def test_what_the_core_lets_in_keeps_the_limits_by_a_recount(scenario, limits):
    state, portfolio = engine_in(scenario, limits), scenario.gate()

    for side, lots in PROBES:
        if lets_in(state, "BBB", side, lots):
            probe = (GateOrder("BBB", side, float(lots)),)
            assert excess(portfolio, limits.gate(), probe) == ""
            assert not scenario.halted


@pytest.mark.covers("TI-09")
@pytest.mark.parametrize("scenario", STANDING, ids=named(STANDING))
def test_engine_has_come_to_be_in_the_scenario(scenario):
    state = engine_in(scenario, risk_limits("unbound"))

    held = {
        symbol: sum(h.lots for h in scenario.holdings if h.symbol == symbol) for symbol, _ in scenario.prices
    }
    assert {symbol: position_of(state.book, symbol).lots for symbol in held} == held
    assert equity(state) == scenario.equity
    assert len([each for each in state.trades if each.phase == "entry"]) == (
        0 if scenario.halted else len(scenario.working)
    )


def test_sets_of_limits_differ_in_what_they_let_in():
    empty = position_scenario("empty")
    let_in = {
        each.name: [
            lots
            for lots in (1, 10, 500, 2_000, 10_000)
            if lets_in(engine_in(empty, each), "AAA", "buy", lots)
        ]
        for each in RISK_LIMITS
    }

    assert let_in["nothing"] == []
    assert let_in["unbound"] == [1, 10, 500, 2_000, 10_000]
    assert len(let_in["conservative"]) < len(let_in["standard"]) < len(let_in["aggressive"])


@pytest.mark.parametrize("limits", RISK_LIMITS, ids=named(RISK_LIMITS))
def test_every_set_of_limits_is_one_that_the_core_takes(limits):
    settings = Settings((), core_limits(limits), breakers=breaker_rules(limits))

    assert problems(settings) == ()


def test_names_are_told_apart_and_one_that_is_not_there_is_refused():
    assert len(set(named(POSITION_SCENARIOS))) == len(POSITION_SCENARIOS)
    assert len(set(named(RISK_LIMITS))) == len(RISK_LIMITS)
    assert [position_scenario(each.name) for each in POSITION_SCENARIOS] == list(POSITION_SCENARIOS)
    assert [risk_limits(each.name) for each in RISK_LIMITS] == list(RISK_LIMITS)
    with pytest.raises(UsageError, match="There are empty, one_long"):
        position_scenario("rich")
    with pytest.raises(UsageError, match="There are standard, conservative"):
        risk_limits("none")


# Of each scenario: what is at worst held in its largest position, in all and net, in parts of the equity.
MEASURED = {
    "empty": (0, 0, 0),
    "one_long": (0.1, 0.1, 0.1),
    "one_short": (0.1, 0.1, 0.1),
    "hedged_pair": (0.1, 0.2, 0),
    "broken_hedge": (0.1, 0.16, 0.04),
    "five_strategies": (0.05, 0.5, 0),
    "at_position_limit": (0.2, 0.2, 0.2),
    "drifted_over_limit": (0.4, 0.4, 0.4),
    "at_gross_limit": (0.1, 1.0, 0),
    "one_cluster": (0.1, 0.4, 0.4),
    "all_under_way": (0.2, 0.4, 0.2),
    "turning_round": (0.1, 0.1, 0.1),
    "both_sides_resting": (0.1, 0.1, 0.1),
    "same_symbol_twice": (0.2, 0.2, 0.2),
    "losing": (1 / 9, 1 / 9, 1 / 9),
    "wiped_out": (-1, -1, -1),
    "penny_and_dear": (0.1, 0.2, 0.2),
    "fifty_symbols": (0.01, 0.5, 0),
    "halted": (0.1, 0.2, 0),
}


@pytest.mark.covers("TI-09")
@pytest.mark.parametrize("scenario", POSITION_SCENARIOS, ids=named(POSITION_SCENARIOS))
def test_scenario_holds_at_worst_what_it_is_there_for(scenario):
    found = measures(scenario.gate())
    largest = max(value for (name, _), value in found.items() if name == "position")
    parts = [largest, found["gross", "all symbols"], found["net", "all symbols"]]

    assert [float(each) / scenario.equity for each in parts] == pytest.approx(MEASURED[scenario.name])


def test_scenarios_that_oppose_are_those_that_may_be_long_and_short_of_one_symbol():
    opposing = {each.name for each in POSITION_SCENARIOS if each.opposes}

    assert opposing == {"turning_round", "both_sides_resting"}


def test_gate_is_told_of_a_halt():
    assert [each.name for each in POSITION_SCENARIOS if each.gate().halted] == ["halted"]


@pytest.mark.parametrize("name", ["penny_and_dear", "all_under_way"])
def test_scenario_is_the_same_in_other_lots_and_ticks(name):
    small, whole = (position_scenario(name).gate(*each) for each in ((0.001, 0.01), (1.0, 1.0)))

    assert small.equity == pytest.approx(whole.equity / 100_000)
    assert float(measures(small)["gross", "all symbols"]) == pytest.approx(
        float(measures(whole)["gross", "all symbols"]) / 100_000
    )
