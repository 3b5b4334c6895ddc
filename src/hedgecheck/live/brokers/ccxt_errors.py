"""What ccxt raises, as what it says of a request: a table from class and message to one of five meanings.

Classes are told by their names along the method resolution order, so that ccxt need not be imported. What
stands in no row is unknown: the venue may have done what it was asked for. Measured with ccxt 4.5 and
Binance's error codes; a class that ccxt gives to two things which mean different things has a row for each.
"""

import re
from typing import Literal

from hedgecheck.values import frozen

# rejected: the venue did not do it, and will not; not_taken: it did not look at it, so the same may be sent
# again; not_found: it knows of no such order; unknown: nothing is proven
Means = Literal["rejected", "not_taken", "not_found", "unknown"]


@frozen
class Meaning:
    """What an error says of the request that raised it; ``reason`` is the venue's, in one word."""

    means: Means
    reason: str


@frozen
class Row:
    """A class of ccxt's, and a pattern of its messages, where those decide."""

    error: str
    means: Means
    reason: str
    pattern: str = ""


UNKNOWN = Meaning("unknown", "UNKNOWN")
# Of one class the first row whose pattern is found counts; a class goes before those that it is derived from.
ROWS: tuple[Row, ...] = (
    # ---- refused by the venue: the order does not exist
    Row("InsufficientFunds", "rejected", "INSUFFICIENT_FUNDS"),
    Row("OrderImmediatelyFillable", "rejected", "WOULD_TRIGGER"),  # post-only that takes, a stop that is past
    Row("OrderNotFillable", "rejected", "NOT_FILLABLE"),  # immediate-or-cancel, fill-or-kill
    Row("ContractUnavailable", "rejected", "UNAVAILABLE"),  # delisted, or not listed yet
    Row("DuplicateOrderId", "unknown", "DUPLICATE"),  # an order of this name works there: it is this one
    Row("InvalidOrder", "unknown", "DUPLICATE", "(?i)duplicate"),  # Binance's -2010 "Duplicate order sent."
    Row("InvalidOrder", "rejected", "INVALID_ORDER"),  # a filter of the market: lot, price, notional
    Row("BadSymbol", "rejected", "UNKNOWN_SYMBOL"),
    Row("BadRequest", "unknown", "SHUTTING_DOWN", "-1016|(?i:no longer available|shutting down)"),  # when?
    Row("BadRequest", "rejected", "BAD_REQUEST"),  # -1013: it did not reach the matching engine
    Row("MarketClosed", "rejected", "MARKET_CLOSED"),
    Row("OperationRejected", "rejected", "REJECTED"),  # a restricted place, a person is needed, no change
    Row("AuthenticationError", "rejected", "NOT_PERMITTED"),  # keys are looked at before the order is
    Row("ArgumentsRequired", "rejected", "BAD_REQUEST"),  # ccxt itself refuses, before anything leaves
    Row("NotSupported", "rejected", "NOT_SUPPORTED"),  # likewise
    Row("InvalidProxySettings", "rejected", "NOT_SENT"),  # likewise
    # ---- refused at the door: the limiter stands before everything else
    Row("DDoSProtection", "rejected", "BANNED", r"\b418\b|(?i:banned)"),  # asking again makes a ban longer
    Row("DDoSProtection", "not_taken", "RATE_LIMIT"),  # 429; also -2015 of keys that were good before
    Row("RateLimitExceeded", "not_taken", "RATE_LIMIT"),  # -1015, orders a second
    Row("ChecksumError", "unknown", "CHECKSUM"),  # of an order book; it is below InvalidNonce
    Row("InvalidNonce", "not_taken", "CLOCK"),  # -1021: too old on arrival, it is not looked at
    # ---- not there
    Row("OrderNotFound", "not_found", "UNKNOWN_ORDER"),  # -2011, -2013
    Row("OrderNotCached", "unknown", "NOT_CACHED"),  # ccxt's own memory: it says nothing of the venue
    # ---- sent, and no readable answer: it may be there
    Row("RequestTimeout", "unknown", "TIMEOUT"),  # 504, -1007 "execution status unknown"
    Row("OnMaintenance", "unknown", "MAINTENANCE"),  # what came in before it began may have been done
    Row("ExchangeNotAvailable", "unknown", "UNAVAILABLE"),  # 5xx, a reset; accepted and refused look the same
    Row("NetworkError", "unknown", "NETWORK"),
    Row("BadResponse", "unknown", "UNREADABLE"),  # the answer is broken, the order need not be
    Row("OperationFailed", "unknown", "FAILED"),  # -1000, -1001, -1006, -1008: no NetworkError for ccxt
    Row("ExchangeClosedByUser", "unknown", "CLOSED"),  # hung up with the request on its way
    Row("ExchangeError", "unknown", "UNKNOWN"),  # codes that ccxt does not know; a body that was cut off
)


def meaning(error: BaseException) -> Meaning:
    """What an error says of the request that raised it."""
    message = str(error)
    for kind in type(error).__mro__:
        for row in ROWS:
            if row.error == kind.__name__ and re.search(row.pattern, message):
                return Meaning(row.means, row.reason)
    return UNKNOWN
