"""Trades, counted by hand."""

import math

import pytest

from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course, trade


def of(*trades):
    return measure(course((100, 100), trades=trades))


FIVE = (
    trade(30, entry_bar=0, exit_bar=4, mae=-5, mfe=40),
    trade(-10, entry_bar=2, exit_bar=6, mae=-20, mfe=10),
    trade(0, entry_bar=3, exit_bar=7),
    trade(-20, entry_bar=4, exit_bar=9, mae=-25, mfe=5),
    trade(50, entry_bar=5, exit_bar=13, mae=0, mfe=45),
    trade(1_000, entry_bar=6, exit_bar=None, mae=-1_000, mfe=1_000),
)


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total_trades", 5),
        ("winning_trades", 2),
        ("losing_trades", 2),
        ("win_rate", 0.4),
        ("profit_factor", 80 / 30),
        ("payoff_ratio", 40 / 15),
        ("expectancy", 10),
        ("sqn", math.sqrt(5) * 10 / math.sqrt(3_400 / 4)),
        ("max_consecutive_losses", 2),
        ("max_consecutive_wins", 1),
        ("avg_trade_duration", 5),
        ("avg_mae", -10),
        ("avg_mfe", 20),
    ],
)
def test_five_closed_trades_and_an_open_one_counted_by_hand(name, expected):
    assert of(*FIVE)[name] == pytest.approx(expected)


def test_without_a_closed_trade_counts_are_0_and_the_rest_is_undefined():
    found = of(trade(5, exit_bar=None))

    counts = (
        "total_trades",
        "winning_trades",
        "losing_trades",
        "max_consecutive_losses",
        "max_consecutive_wins",
    )
    rest = (
        *("win_rate", "profit_factor", "payoff_ratio", "expectancy", "sqn"),
        *("avg_trade_duration", "avg_mae", "avg_mfe"),
    )
    assert [found[name] for name in counts] == [0] * 5
    assert [found[name] for name in rest] == [None] * 8


def test_without_a_loss_what_divides_by_losses_is_undefined():
    found = of(trade(5), trade(7))

    assert found["profit_factor"] is found["payoff_ratio"] is None
    assert found["win_rate"] == 1


def test_without_a_winner_profit_factor_is_0_and_payoff_ratio_undefined():
    found = of(trade(-5), trade(-7))

    assert found["profit_factor"] == 0
    assert found["payoff_ratio"] is None


def test_profits_that_do_not_deviate_have_no_system_quality():
    assert of(trade(5), trade(5))["sqn"] is None
    assert of(trade(5))["sqn"] is None


def test_streaks_are_of_trades_in_the_order_in_which_they_were_closed():
    found = of(trade(-1, exit_bar=1), trade(1, exit_bar=9), trade(-1, exit_bar=2), trade(-1, exit_bar=3))

    assert found["max_consecutive_losses"] == 3


def test_trade_of_no_profit_neither_adds_to_a_streak_nor_ends_it():
    assert of(trade(-1), trade(0), trade(-1))["max_consecutive_losses"] == 2
    assert of(trade(1), trade(0), trade(1))["max_consecutive_wins"] == 2
