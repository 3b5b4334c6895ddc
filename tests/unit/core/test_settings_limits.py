"""What is wrong with the newer limits, the rate of messages, correlations and the trading state."""

from dataclasses import replace

import pytest

from core.settings import Correlation, Instrument, Limits, MessageRate, Settings, Strategy, problems
from tests.unit.core.build import SETTINGS

POSITIVE = (
    "strategy_bps",
    "net_bps",
    "leverage_bps",
    "cluster_bps",
    "cluster_correlation",
    "collar_bps",
    "order_notional",
    "participation_bps",
    "spread_bps",
    "impact_bps",
    "budget_bps",
)
PAIR = Correlation("AAA", "BBB", 0)


def limited(**limits):
    """The settings with these limits."""
    return replace(SETTINGS, limits=replace(Limits(), **limits))


def correlated(*known):
    """The settings with these correlations."""
    return replace(SETTINGS, correlations=known)


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", POSITIVE)
def test_a_limit_must_be_positive(name, value):
    assert problems(limited(**{name: value})) == (f"limits: {name} is {value}, it must be positive",)
    assert problems(limited(**{name: 1})) == ()


def with_strategies(*budgets):
    """The settings with strategies of these names and budgets."""
    return replace(SETTINGS, strategies=tuple(Strategy(*each) for each in budgets))


@pytest.mark.parametrize(
    ("budgets", "sentence"),
    [
        ([("b", 1), ("a", 1)], "strategies: sort them by name, each name once"),
        ([("a", 1), ("a", 1)], "strategies: sort them by name, each name once"),
        ([("", 1), ("a", 1)], "strategies: one has no name"),
        ([("a", 1), ("b", 0)], "strategy b: budget_bps is 0, it must be positive"),
        ([("a", -1), ("b", 1)], "strategy a: budget_bps is -1, it must be positive"),
        ([("a", 5_000), ("b", 5_001)], "strategies: their budgets are 10001 together, 10000 is the most"),
    ],
)
def test_what_is_wrong_with_strategies(budgets, sentence):
    assert problems(with_strategies(*budgets)) == (sentence,)


@pytest.mark.covers("MS-01")
def test_strategies_may_have_all_or_less_and_be_as_many_as_there_are():
    assert problems(with_strategies(("a", 5_000), ("b", 5_000))) == ()
    assert problems(with_strategies(*((f"strategy {at}", 1_000) for at in range(9)))) == ()
    assert (SETTINGS.strategies, SETTINGS.conflicts) == ((), "refuse")


def test_conflicts_have_one_of_two_answers():
    assert problems(replace(SETTINGS, conflicts="net")) == ()
    assert problems(replace(SETTINGS, conflicts="both")) == ("conflicts: there is no answer both",)


def test_the_defaults_bind_no_sooner_than_those_that_were_there_before():
    limits = Limits()

    sums = (limits.strategy_bps, limits.net_bps, limits.leverage_bps, limits.cluster_bps)
    assert (*sums, limits.budget_bps) == (limits.gross_bps,) * 5
    assert (limits.cluster_correlation, limits.collar_bps) == (7_000, 1_000)
    assert (limits.order_notional, limits.message_rate) == (10**12, None)
    assert (limits.participation_bps, limits.spread_bps, limits.impact_bps) == (None, None, None)


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", ["burst", "refill", "interval"])
def test_a_rate_must_be_positive(name, value):
    right = MessageRate(1, 1, 1)

    assert problems(limited(message_rate=replace(right, **{name: value}))) == (
        f"message_rate: {name} is {value}, it must be positive",
    )
    assert problems(limited(message_rate=right)) == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (limited(cluster_correlation=10_001), "limits: cluster_correlation is 10001, 10000 is the most"),
        (replace(SETTINGS, trading="closed"), "trading: there is no state closed"),
        (
            Settings((Instrument("AAA", maintenance_bps=-1),)),
            "instrument AAA: maintenance_bps is negative",
        ),
        (
            correlated(Correlation("BBB", "CCC", 0), PAIR),
            "correlations: sort them by both symbols, each pair once",
        ),
        (correlated(PAIR, PAIR), "correlations: sort them by both symbols, each pair once"),
        (
            correlated(Correlation("BBB", "AAA", 0)),
            "correlation of BBB and AAA: the first symbol must sort before the second",
        ),
        (
            correlated(Correlation("AAA", "AAA", 0)),
            "correlation of AAA and AAA: the first symbol must sort before the second",
        ),
        (
            correlated(Correlation("AAA", "ZZZ", 0)),
            "correlation of AAA and ZZZ: one of them is no instrument",
        ),
        (
            correlated(Correlation("AA", "AAA", 0)),
            "correlation of AA and AAA: one of them is no instrument",
        ),
        (
            correlated(replace(PAIR, value=10_001)),
            "correlation of AAA and BBB: it is 10001, not between -10000 and 10000",
        ),
        (
            correlated(replace(PAIR, value=-10_001)),
            "correlation of AAA and BBB: it is -10001, not between -10000 and 10000",
        ),
    ],
)
def test_each_problem_has_its_sentence(wrong, sentence):
    assert problems(wrong) == (sentence,)


@pytest.mark.parametrize(
    "right",
    [
        limited(cluster_correlation=10_000),
        correlated(replace(PAIR, value=10_000), Correlation("AAA", "CCC", -10_000)),
        Settings((Instrument("AAA", maintenance_bps=0),)),
        *[replace(SETTINGS, trading=each) for each in ("active", "reducing", "halted")],
    ],
)
def test_the_boundary_is_allowed(right):
    assert problems(right) == ()
