"""Daily bars that were read, not made: whole, consistent, and with the days that people remember."""

from decimal import Decimal
from itertools import pairwise

import pytest

from hedgecheck import UsageError
from hedgecheck.errors import PricesMissing
from hedgecheck.prices import INDICES, SYMBOLS, closes, daily


@pytest.mark.parametrize("symbol", [*SYMBOLS, *INDICES])
def test_bars_are_consistent_and_in_order(symbol):
    bars = daily(symbol)

    assert all(each.date < other.date for each, other in pairwise(bars))
    assert all(each.low <= min(each.open, each.close) for each in bars)
    assert all(each.high >= max(each.open, each.close) for each in bars)
    assert sum(each.volume <= 0 for each in bars) == (2 if symbol == "nasdaq" else 0)


@pytest.mark.parametrize(
    ("symbol", "count", "first", "last"),
    [("aapl", 3_270, "2000-03-01", "2013-03-01"), ("sp500", 5_031, "1999-01-04", "2018-12-31")],
)
def test_bars_are_those_of_the_years_that_are_promised(symbol, count, first, last):
    bars = daily(symbol)

    assert (len(bars), bars[0].date, bars[-1].date) == (count, first, last)


def test_closes_of_a_stock_are_those_that_are_read_alone():
    assert [each.adjusted_close for each in daily("aapl")] == [each.price for each in closes("aapl")]
    assert [each.close for each in daily("aapl")] == [each.price for each in closes("aapl", "raw")]


def test_index_has_its_crash_of_october_2008():
    before, day = (each for each in daily("sp500") if each.date in ("2008-10-14", "2008-10-15"))

    assert round(day.close / before.close - 1, 4) == Decimal("-0.0903")


def test_symbol_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="aapl, ibm, msft, nasdaq, sp500"):
        daily("tsla")


@pytest.mark.parametrize(("symbol", "extra"), [("ibm", "prices"), ("nasdaq", "stress")])
def test_without_the_package_its_pip_line_is_said(monkeypatch, symbol, extra):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr("hedgecheck.packages.import_module", missing)
    daily.cache_clear()

    with pytest.raises(PricesMissing, match=rf"pip install 'hedgecheck\[{extra}\]'"):
        daily(symbol)
