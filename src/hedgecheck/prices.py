"""Real daily prices, read at run time from installed packages; none are shipped.

Where one price is taken for a day it is the adjusted close: the raw series jump at splits (AAPL 2000-06-21
and 2005-02-28, MSFT 2003-02-18), which lose nobody any money. AAPL 2000-09-29, -52 %, is a loss.
"""

from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from hedgecheck.errors import PricesMissing, UsageError
from hedgecheck.packages import optional
from hedgecheck.values import frozen

SYMBOLS = ("aapl", "ibm", "msft")
INDICES = ("nasdaq", "sp500")
MILLION = 1_000_000
DEFAULT = "aapl"
STOCK_COLUMNS = ("date", "open", "high", "low", "close", "adj_close", "volume")
INDEX_COLUMNS = ("Open", "High", "Low", "Close", "Adj Close", "Volume")


@frozen
class Close:
    """A day's closing price; ``date`` as YYYY-MM-DD."""

    date: str
    price: Decimal


@frozen
class DailyBar:
    """A day of a stock or of an index; ``date`` as YYYY-MM-DD, prices as they were quoted that day.

    ``adjusted_close`` is the close less what splits and dividends since then made of it; of an index it is
    the close. ``volume`` is in shares, of an index in those of all its
    members; 0 where the package has none for the day.
    """

    date: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    adjusted_close: Decimal
    volume: int


@lru_cache(maxsize=8)
def closes(symbol: str, series: Literal["adjusted", "raw"] = "adjusted") -> tuple[Close, ...]:
    """Daily closes 2000-03-01 to 2013-03-01, oldest first.

    Raises ``PricesMissing`` without the package, ``UsageError`` for another symbol.
    """
    if symbol not in SYMBOLS:
        raise UsageError(f"No prices for {symbol!r}. There are prices for {', '.join(SYMBOLS)}.")
    columns = _stock(symbol)
    prices = columns["adj_close" if series == "adjusted" else "close"]
    return tuple(Close(date, _exact(price)) for date, price in zip(columns["date"], prices, strict=True))


@lru_cache(maxsize=8)
def moves(symbol: str) -> tuple[int, ...]:
    """Close-to-close changes of the adjusted series in parts per million, rounded to the nearest."""
    days = closes(symbol)
    return tuple(round((after.price / before.price - 1) * MILLION) for before, after in pairwise(days))


@lru_cache(maxsize=8)
def daily(symbol: str) -> tuple[DailyBar, ...]:
    """Daily bars, oldest first: of the stocks aapl, ibm and msft 2000-03-01 to 2013-03-01, of the indices
    sp500 and nasdaq 1999-01-04 to 2018-12-31.

    Raises ``PricesMissing`` without the package, ``UsageError`` for another symbol.
    """
    if symbol not in (*SYMBOLS, *INDICES):
        raise UsageError(f"No prices for {symbol!r}. There are prices for {', '.join((*SYMBOLS, *INDICES))}.")
    columns = _stock_rows(symbol) if symbol in SYMBOLS else _index_rows(symbol)
    return tuple(_bar(*row) for row in zip(*columns, strict=True))


def _bar(date: str, *values: float) -> DailyBar:
    *prices, volume = values
    opened, high, low, close, adjusted = map(_exact, prices)
    return DailyBar(date, opened, high, low, close, adjusted, int(volume))


def _stock(symbol: str) -> Any:
    stocks = optional("bokeh_sampledata.stocks", f"The prices of {symbol} are", "prices", PricesMissing)
    return getattr(stocks, symbol.upper())


def _stock_rows(symbol: str) -> tuple[Any, ...]:
    columns = _stock(symbol)
    return tuple(columns[name] for name in STOCK_COLUMNS)


def _index_rows(symbol: str) -> tuple[Any, ...]:
    data = optional(f"arch.data.{symbol}", f"The prices of {symbol} are", "stress", PricesMissing).load()
    return ([f"{day:%Y-%m-%d}" for day in data.index], *(data[name].tolist() for name in INDEX_COLUMNS))


def _exact(price: float) -> Decimal:
    """The decimals that a float is written with."""
    return Decimal(repr(price))
