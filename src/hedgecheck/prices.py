"""Real daily prices, read at run time from an installed package; none are shipped.

The adjusted close is used: the raw series jump at splits (AAPL 2000-06-21 and 2005-02-28, MSFT 2003-02-18),
which lose nobody any money. AAPL 2000-09-29, -52 %, is a loss.
"""

from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from itertools import pairwise
from typing import Literal

from hedgecheck.errors import PricesMissing, UsageError
from hedgecheck.values import frozen

SYMBOLS = ("aapl", "ibm", "msft")
MILLION = 1_000_000
DEFAULT = "aapl"


@frozen
class Close:
    """A day's closing price; ``date`` as YYYY-MM-DD."""

    date: str
    price: Decimal


@lru_cache(maxsize=8)
def closes(symbol: str, series: Literal["adjusted", "raw"] = "adjusted") -> tuple[Close, ...]:
    """Daily closes 2000-03-01 to 2013-03-01, oldest first.

    Raises ``PricesMissing`` without the package, ``UsageError`` for another symbol.
    """
    if symbol not in SYMBOLS:
        raise UsageError(f"No prices for {symbol!r}. There are prices for {', '.join(SYMBOLS)}.")
    try:
        stocks = import_module("bokeh_sampledata.stocks")
    except ImportError as error:
        raise PricesMissing(
            f"The prices of {symbol} are in the package bokeh_sampledata, which is not installed. "
            "Install it: pip install 'hedgecheck[prices]'."
        ) from error
    columns = getattr(stocks, symbol.upper())
    prices = columns["adj_close" if series == "adjusted" else "close"]
    return tuple(
        Close(date, Decimal(repr(price))) for date, price in zip(columns["date"], prices, strict=True)
    )


@lru_cache(maxsize=8)
def moves(symbol: str) -> tuple[int, ...]:
    """Close-to-close changes of the adjusted series in parts per million, rounded to the nearest."""
    days = closes(symbol)
    return tuple(round((after.price / before.price - 1) * MILLION) for before, after in pairwise(days))
