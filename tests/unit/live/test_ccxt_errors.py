"""What ccxt raises, held against the table: each row that an HTTP answer can make, by ccxt's own parser."""

import asyncio

import aiohttp
import ccxt
import pytest

from hedgecheck.live.brokers.ccxt_errors import ROWS, UNKNOWN, Meaning, meaning
from tests.unit.live.canned import BTC, Canned, binance, refused

HTML = "<html><body>Service Unavailable</body></html>"
POOR = "Account has insufficient balance for requested action."
# an HTTP answer to a new order, and what it is to mean
ANSWERED: list[tuple[Canned, str, str]] = [
    (
        refused(-2010, POOR),
        "rejected",
        "INSUFFICIENT_FUNDS",
    ),
    (refused(-2010, "Order would immediately match and take."), "rejected", "WOULD_TRIGGER"),
    (refused(-2010, "Duplicate order sent."), "unknown", "DUPLICATE"),
    (refused(-1013, "Filter failure: LOT_SIZE"), "rejected", "INVALID_ORDER"),
    (refused(-1013, "Filter failure: NOTIONAL"), "rejected", "BAD_REQUEST"),
    (refused(-1121, "Invalid symbol."), "rejected", "UNKNOWN_SYMBOL"),
    (refused(-1016, "This service is no longer available."), "unknown", "SHUTTING_DOWN"),
    (refused(-2010, "Market is closed."), "rejected", "MARKET_CLOSED"),
    (refused(-1022, "Signature for this request is not valid."), "rejected", "NOT_PERMITTED"),
    (refused(-1003, "Way too much; IP banned until 1.", 418), "rejected", "BANNED"),
    (refused(-1003, "Too many requests.", 429), "not_taken", "RATE_LIMIT"),
    (refused(-1015, "Too many new orders."), "not_taken", "RATE_LIMIT"),
    (refused(-1021, "Timestamp is outside of the recvWindow."), "not_taken", "CLOCK"),
    (refused(-2011, "Unknown order sent."), "not_found", "UNKNOWN_ORDER"),
    (refused(-2013, "Order does not exist."), "not_found", "UNKNOWN_ORDER"),
    (refused(-1007, "Timeout waiting for response."), "unknown", "TIMEOUT"),
    ((504, ""), "unknown", "TIMEOUT"),
    (TimeoutError(), "unknown", "TIMEOUT"),
    (refused(-1, "System is under maintenance."), "unknown", "MAINTENANCE"),
    ((503, HTML), "unknown", "UNAVAILABLE"),
    ((500, ""), "unknown", "UNAVAILABLE"),
    ((403, HTML), "unknown", "UNAVAILABLE"),
    (aiohttp.ServerDisconnectedError(), "unknown", "UNAVAILABLE"),
    (refused(-1000, "An unknown error occurred."), "unknown", "FAILED"),
    (refused(-1001, "Internal error; unable to process."), "unknown", "FAILED"),
    (refused(-1006, "Execution status unknown."), "unknown", "FAILED"),
    (refused(-1008, "Server is currently overloaded.", 503), "unknown", "FAILED"),
    (refused(-2021, "Part of the orders failed."), "unknown", "UNREADABLE"),
    (refused(-9999, "A code of next year."), "unknown", "UNKNOWN"),
    (aiohttp.ClientPayloadError("cut off"), "unknown", "UNKNOWN"),
    (ConnectionResetError(), "unknown", "UNKNOWN"),
]


@pytest.mark.parametrize(("answer", "means", "reason"), ANSWERED, ids=str)
def test_an_answer_to_a_new_order_means_what_the_table_says(answer: Canned, means: str, reason: str) -> None:
    async def ordered() -> Meaning:
        exchange, _ = binance(answer)
        try:
            await exchange.create_order(BTC, "limit", "buy", 1, 50_000)
        except Exception as error:
            return meaning(error)
        raise AssertionError("ccxt raised nothing")

    assert asyncio.run(ordered()) == Meaning(means, reason)  # type: ignore[arg-type]


def test_every_class_that_the_table_names_is_one_of_ccxt() -> None:
    assert [each.error for each in ROWS if not issubclass(getattr(ccxt, each.error), ccxt.BaseError)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda each: f"{each.error} {each.reason}")
def test_every_row_is_reached(row: object) -> None:
    texts = {"(?i)duplicate": "Duplicate order sent.", r"\b418\b|(?i:banned)": "418 I'm a teapot"}
    assert isinstance(row, type(ROWS[0]))
    text = texts.get(row.pattern, "-1016" if row.pattern else "said no more")
    assert meaning(getattr(ccxt, row.error)(text)) == Meaning(row.means, row.reason)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("PermissionDenied", "rejected"),  # below AuthenticationError
        ("RestrictedLocation", "rejected"),  # below OperationRejected
        ("NullResponse", "unknown"),  # below BadResponse
        ("CancelPending", "unknown"),  # below OperationFailed
        ("ChecksumError", "unknown"),  # below InvalidNonce, which is sent again
        ("OrderNotCached", "unknown"),  # below InvalidOrder, which is a refusal
    ],
)
def test_a_class_without_a_row_means_what_the_one_above_it_does(name: str, means: str) -> None:
    assert meaning(getattr(ccxt, name)("")).means == means


def test_what_is_no_error_of_ccxt_proves_nothing() -> None:
    assert meaning(KeyError("orderId")) == UNKNOWN


def test_no_error_that_a_network_makes_is_ever_a_refusal_or_sent_again() -> None:
    for name in (
        "NetworkError",
        "RequestTimeout",
        "ExchangeNotAvailable",
        "OperationFailed",
        "ExchangeError",
    ):
        assert meaning(getattr(ccxt, name)("duplicate 418 -1016")).means == "unknown"
