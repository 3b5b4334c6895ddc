"""Each breaker trips at its threshold, the boundary included, warns from 80 % of it on, and not one below."""

from dataclasses import replace

import pytest

from core import engine
from core.gauges import Gauges, Round
from core.levels import BREACH, FINE, MEASURES, WARNING
from core.messages import SignalId
from core.positions import Book, Position
from core.settings import BreakerRule, Correlation, Instrument
from tests.unit.core.build import INSTRUMENTS, PRICES, ready, settings


def level(kind, threshold, worth, window=0, name=None, **state):
    """Where the breaker stands, at that equity, in an engine changed in these fields."""
    rule = BreakerRule(name or kind, kind, threshold, window)
    return MEASURES[kind](rule, replace(ready(settings(breakers=(rule,))), **state), worth)


def holding(cash, **lots):
    """The books with so many lots of each symbol."""
    return {"book": Book(cash, positions=tuple(Position(each, lots[each]) for each in sorted(lots)))}


def test_every_kind_but_a_person_is_measured():
    assert set(MEASURES) == {
        "daily_loss",
        "drawdown",
        "consecutive_losses",
        "volatility",
        "liquidation_buffer",
        "correlation",
        "position_size",
        "error_rate",
        "custom",
    }


# ---- losses ----------------------------------------------------------------------------------------

AT_2_PER_CENT = [
    (10_000_000, FINE),
    (9_840_001, FINE),
    (9_840_000, WARNING),
    (9_800_001, WARNING),
    (9_800_000, BREACH),
    (9_799_999, BREACH),
    (12_000_000, FINE),
    (0, BREACH),
    (-1, BREACH),
    (None, BREACH),
]


@pytest.mark.covers("EM-09")
@pytest.mark.parametrize(("worth", "expected"), AT_2_PER_CENT)
def test_two_per_cent_of_the_opening_is_too_much(worth, expected):
    assert level("daily_loss", 200, worth, gauges=Gauges(opening=10_000_000)) == expected


@pytest.mark.covers("EM-09")
@pytest.mark.parametrize(("worth", "expected"), [(100, FINE), (99, WARNING), (98, BREACH), (49, BREACH)])
def test_the_boundary_is_exact_where_the_share_is_no_whole_number(worth, expected):
    opening = {100: 100, 99: 100, 98: 99, 49: 99}[worth]
    threshold = 120 if opening == 100 else 100

    assert level("daily_loss", threshold, worth, gauges=Gauges(opening=opening)) == expected


@pytest.mark.parametrize(("worth", "expected"), [(10_300_001, WARNING), (10_300_000, BREACH)])
def test_a_deposit_hides_no_loss_and_the_opening_stays_the_measure(worth, expected):
    assert level("daily_loss", 200, worth, gauges=Gauges(opening=10_000_000, moved=500_000)) == expected


@pytest.mark.parametrize(("worth", "expected"), [(9_300_001, WARNING), (9_300_000, BREACH)])
def test_a_withdrawal_is_no_loss(worth, expected):
    assert level("daily_loss", 200, worth, gauges=Gauges(opening=10_000_000, moved=-500_000)) == expected


def test_with_nothing_to_lose_nothing_may_be_lost():
    assert level("daily_loss", 200, 0, gauges=Gauges(opening=0)) == BREACH


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(("worth", "expected"), AT_2_PER_CENT)
def test_two_per_cent_below_the_mark_is_too_deep(worth, expected):
    assert level("drawdown", 200, worth, gauges=Gauges(mark=10_000_000)) == expected


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(
    ("losses", "expected"), [(0, FINE), (3, FINE), (4, WARNING), (5, BREACH), (6, BREACH)]
)
def test_five_losses_in_a_row_are_too_many(losses, expected):
    rounds = tuple(Round(SignalId("pairs", n), -1, True) for n in range(losses))

    assert level("consecutive_losses", 5, None, gauges=Gauges(rounds=rounds)) == expected


# ---- volatility ------------------------------------------------------------------------------------


@pytest.mark.covers("TC-CB-003")
@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((1_000,), FINE),
        ((1_000, 1_079), FINE),
        ((1_000, 1_080), WARNING),
        ((1_000, 1_099), WARNING),
        ((1_000, 1_100), BREACH),
        ((1_000, 921), FINE),
        ((1_000, 920), WARNING),
        ((1_000, 901), WARNING),
        ((1_000, 900), BREACH),
        ((1_000, 1_000, 1_000, 1_100), BREACH),
        ((1_000, 1_050, 1_050, 1_050, 1_110), FINE),
        ((1_000, 950, 1_044, 1_000), FINE),
        ((1_000, 950, 1_050, 1_045), BREACH),
    ],
)
def test_a_move_of_a_tenth_from_any_of_the_last_three_prices_trips(prices, expected):
    windows = (("AAA", prices), ("BBB", (50, 50)))

    assert level("volatility", 1_000, 1, 3, gauges=Gauges(windows=windows)) == expected
    assert level("volatility", 1_000, 1, 3, gauges=Gauges(windows=windows[::-1])) == expected


def test_a_symbol_that_never_had_a_price_does_not_move():
    assert level("volatility", 1_000, 1, 3, gauges=Gauges(windows=())) == FINE


# ---- what is held ----------------------------------------------------------------------------------

MARGINED = tuple(Instrument(each.symbol, maintenance_bps=2_500) for each in INSTRUMENTS)


@pytest.mark.covers("TC-CB-002")
@pytest.mark.parametrize("sign", [1, -1], ids=["long", "short"])
@pytest.mark.parametrize(
    ("lots", "expected"),
    [(0, FINE), (2_999, FINE), (3_000, WARNING), (3_199, WARNING), (3_200, BREACH), (3_201, BREACH)],
)
def test_a_fifth_of_equity_must_stay_above_the_margin(lots, expected, sign):
    """At 2,500 bps a lot of AAA ties up 25, so the buffer is (100,000 - 25 x lots) / 100,000."""
    rule = BreakerRule("liquidation_buffer", "liquidation_buffer", 2_000)
    chosen = replace(settings(breakers=(rule,)), instruments=MARGINED)
    state = replace(ready(), settings=chosen, **holding(0, AAA=sign * lots))

    assert MEASURES["liquidation_buffer"](rule, state, 100_000) == expected


def test_the_margins_of_all_that_is_held_add_up_each_rounded_up():
    rule = BreakerRule("liquidation_buffer", "liquidation_buffer", 2_000)
    instruments = tuple(replace(each, maintenance_bps=1) for each in INSTRUMENTS)
    state = replace(ready(), settings=replace(settings(breakers=(rule,)), instruments=instruments))
    held = replace(state, **holding(0, AAA=1, BBB=-1, CCC=1))

    assert [MEASURES["liquidation_buffer"](rule, held, worth) for worth in (3, 4, 12)] == [
        BREACH,
        WARNING,
        FINE,
    ]


@pytest.mark.parametrize("worth", [0, -1, -100_000, None])
def test_without_any_equity_there_is_no_buffer(worth):
    assert level("liquidation_buffer", 2_000, worth, **holding(0, AAA=10)) == BREACH


SIZES = [(1_599, FINE), (1_600, WARNING), (1_999, WARNING), (2_000, BREACH), (2_001, BREACH)]


@pytest.mark.covers("TC-CB-005")
@pytest.mark.parametrize("sign", [1, -1], ids=["long", "short"])
@pytest.mark.parametrize(("lots", "expected"), SIZES)
def test_a_fifth_of_equity_in_one_symbol_is_too_much(lots, expected, sign):
    held = holding(0, AAA=1, BBB=2, CCC=sign * lots)

    assert PRICES["CCC"] == 10
    assert level("position_size", 2_000, 100_000, **held) == expected


@pytest.mark.covers("TC-CB-005")
@pytest.mark.parametrize(
    ("refusals", "window", "expected"),
    [(3, 5, FINE), (4, 5, WARNING), (5, 5, BREACH), (6, 5, BREACH), (99, 0, FINE), (1, 1, BREACH)],
)
def test_so_many_refusals_for_size_are_a_breach_and_none_are_counted_at_zero(refusals, window, expected):
    assert level("position_size", 2_000, 100_000, window, gauges=Gauges(refusals=refusals)) == expected


def test_of_two_causes_the_worse_one_counts():
    held = {**holding(0, CCC=1_600), "gauges": Gauges(refusals=5)}

    assert level("position_size", 2_000, 100_000, 5, **held) == BREACH
    assert level("position_size", 2_000, 100_000, 7, **held) == WARNING


@pytest.mark.parametrize("kind", ["position_size", "correlation"])
def test_nothing_held_is_never_too_much(kind):
    correlations = {"correlations": ()} if kind == "correlation" else {}

    assert level(kind, 2_000, 0, **holding(0, AAA=0), **correlations) == FINE


APART = (
    Correlation("AAA", "BBB", 6_999),
    Correlation("AAA", "CCC", -7_000),
    Correlation("BBB", "CCC", 0),
)


@pytest.mark.covers("TC-CB-004")
@pytest.mark.parametrize(("lots", "expected"), SIZES)
def test_a_fifth_of_equity_in_symbols_that_move_together_is_too_much(lots, expected):
    held = holding(0, AAA=10, BBB=-300, CCC=lots - 100)

    assert level("correlation", 2_000, 100_000, correlations=APART, **held) == expected


@pytest.mark.covers("TC-CB-004")
def test_symbols_that_are_not_known_to_move_apart_count_as_one():
    held = holding(0, AAA=60, BBB=160, CCC=600)  # 6,000 and 8,000 and 6,000

    assert level("correlation", 2_000, 100_000, correlations=(), **held) == BREACH
    assert level("correlation", 2_000, 100_000, correlations=APART[:1], **held) == BREACH
    assert level("correlation", 2_000, 100_000, correlations=APART, **held) == FINE


# ---- errors and metrics ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((True,) * 9, FINE),
        ((True,) * 3 + (False,) * 7, FINE),
        ((True,) * 4 + (False,) * 6, WARNING),
        ((True,) * 5 + (False,) * 5, BREACH),
        ((True,) * 10, BREACH),
        ((True,) * 5 + (False,) * 10, FINE),
    ],
)
def test_half_of_the_last_ten_answers_may_not_be_errors(outcomes, expected):
    assert level("error_rate", 5_000, None, 10, gauges=Gauges(outcomes=outcomes)) == expected


def test_before_the_first_answer_there_is_no_rate():
    assert level("error_rate", 5_000, None, 10, gauges=Gauges()) == FINE


@pytest.mark.covers("TC-CB-006")
@pytest.mark.parametrize(
    ("value", "expected"),
    [(31, FINE), (32, WARNING), (39, WARNING), (40, BREACH), (41, BREACH), (-99, FINE), (None, BREACH)],
)
def test_a_metric_trips_at_its_threshold_and_where_it_is_unusable(value, expected):
    read = Gauges(metrics=(("lag", 99), ("vix", value)))

    assert level("custom", 40, None, name="vix", gauges=read) == expected


def test_a_metric_that_was_never_reported_trips_nothing():
    assert level("custom", 40, None, name="vix", gauges=Gauges(metrics=(("lag", 99),))) == FINE
    assert level("custom", 40, None, name="vix", gauges=Gauges()) == FINE


@pytest.mark.parametrize(
    "kind", ["daily_loss", "drawdown", "volatility", "liquidation_buffer", "correlation", "position_size"]
)
def test_every_kind_that_looks_at_prices_trips_where_equity_is_not_known(kind):
    assert level(kind, 2_000, None, 1) == BREACH


@pytest.mark.parametrize("kind", ["consecutive_losses", "error_rate", "custom"])
def test_no_other_kind_needs_to_know_the_equity(kind):
    assert level(kind, 2_000, None, 1) == FINE


def test_gauges_of_a_fresh_engine_trip_nothing():
    rules = [BreakerRule(each, each, 2_000, 3) for each in sorted(MEASURES)]
    state = ready(settings(breakers=tuple(rules)))

    assert [MEASURES[each.kind](each, state, engine.equity(state)) for each in rules] == [FINE] * 9
