"""Five strategies on real prices from 2007 to 2009: limits hold, fills are somebody's, books agree."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hedgecheck.backtest import Backtest, draw, load
from hedgecheck.prices import daily
from tests.quality.five_strategies import BOUNDS, CASH, EARLIEST, LAST, LOSS_BPS, SLEEVES, SYMBOLS, run

NAMES = sorted(each.name for each in SLEEVES)
WHOLE = 10_000


@pytest.fixture(scope="module")
def result() -> Backtest:
    """The whole run."""
    return run()


def test_no_rule_is_broken_in_756_sessions_and_the_limits_are_felt(result: Backtest):
    days = [bar.date for bar in daily("sp500") if "2007-01-03" <= bar.date <= LAST]

    assert result.failure is None
    assert [each.date for each in result.sheets] == days
    refused = {reason for _, reason in result.reasons}
    assert {"HEAT", "POSITION_CAP", "OPPOSING_POSITION", "STRATEGY_BUDGET", "HALTED"} < refused
    assert {name for name, reason in result.reasons if reason == "hedged"} == set(NAMES)


def test_sum_of_the_strategies_is_the_account_to_the_minor_unit_on_every_day(result: Backtest):
    for sheet in result.sheets:
        assert sheet.differences == ()
        assert sum(dict(sheet.capitals).values()) == sheet.equity
        assert sum(dict(sheet.profits).values()) == sheet.equity - CASH


def test_last_day_recounted_from_the_fills_alone(result: Backtest):
    """The same by another way: what each fill has gained by the last close, less its fee, by its intent."""
    bars = load(SYMBOLS, EARLIEST, LAST)
    closes = dict(zip(bars.symbols, bars.close[-1].tolist(), strict=True))
    gained: Counter[str] = Counter()
    for intent, fill in result.fills:
        assert intent, "a fill is nobody's"
        lots = fill.amount if fill.side == "buy" else -fill.amount
        gained[intent.rstrip("0123456789")] += lots * (closes[fill.symbol] - fill.price) - fill.fee_money

    assert dict(gained) == {name: profit for name, profit in result.sheets[-1].profits if name}


def test_capital_went_back_to_equal_shares_each_quarter(result: Backtest):
    moved = [
        {name: worth - dict(sheet.profits)[name] for name, worth in sheet.capitals} for sheet in result.sheets
    ]

    assert sum(one != other for one, other in pairwise(moved)) >= 11
    assert all(sum(each.values()) == CASH for each in moved)


def test_breaker_trips_where_a_close_is_so_far_below_the_last_unless_it_is_on_its_way_back(result: Backtest):
    away, lost, tripped = False, [], []
    for before, sheet in pairwise(result.sheets):
        reasons = [reason for reason, _ in sheet.alerts]
        if "BREAKER_TRIPPED" in reasons:
            tripped.append(sheet.date)
        if (before.equity - sheet.equity) * WHOLE >= before.equity * LOSS_BPS and not away:
            lost.append(sheet.date)
        away = ("BREAKER_TRIPPED" in reasons or away) and "BREAKER_ARMED" not in reasons

    assert lost
    assert set(lost) <= set(tripped)


def test_heat_never_ends_a_day_above_its_limit_by_more_than_equity_fell(result: Backtest):
    """An entry is let in up to the limit; equity may fall after that."""
    top = max(each.equity for each in result.sheets)
    for sheet in result.sheets:
        assert sheet.heat * WHOLE <= top * BOUNDS.heat_bps


def test_picture_names_every_strategy_and_the_marks_of_the_breaker(result: Backtest, tmp_path: Path):
    draw(result, tmp_path / "five.svg", "Five strategies")

    drawn = ElementTree.parse(tmp_path / "five.svg")
    assert drawn.getroot().tag.endswith("svg")
    text = (tmp_path / "five.svg").read_text(encoding="utf-8")
    for words in ("Five strategies", "equity", "breaker trips", "heat at worst", "deep value", "pairs"):
        assert f"<!-- {words} -->" in text, words
