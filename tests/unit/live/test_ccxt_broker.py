"""The ccxt broker: what each answer of a venue proves, by the real ccxt over canned HTTP answers."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from hedgecheck.live.brokers.ccxt import CcxtBroker
from hedgecheck.live.brokers.ccxt_markets import markets_of
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    EngineEvent,
    Expired,
    FetchOrder,
    OutcomeUnknown,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Request,
    Status,
)
from tests.unit.live.canned import BTC, ETH, MARKET, Canned, Session, binance, fill, ok, order, refused, trade

BUY = CreateOrder("p1a1", BTC, "buy", 100_000, 5_000_000)
CANCEL, FETCH = CancelOrder("p1a1"), FetchOrder("p1a1")
CREATED = OutcomeUnknown("p1a1", "create")
MISSING, LIMITED = refused(-2013, "Order does not exist."), refused(-1003, "Too many requests.", 429)
AT_ONCE = Ways(pauses_seconds=(0.0, 0.0))
EMPTY = [(200, ""), (200, "<html></html>"), (200, '{"symbol": "BTC'), (200, "{}"), (200, "null")]


def played(
    requests: Sequence[Request], *answers: Canned, ways: Ways = AT_ONCE
) -> tuple[list[tuple[EngineEvent, ...]], Session]:
    """What a broker says to requests, one after the other, at a venue that gives these answers."""

    async def play() -> tuple[list[tuple[EngineEvent, ...]], Session]:
        exchange, session = binance(*answers)
        broker = CcxtBroker(exchange, await markets_of(exchange, (BTC, ETH)), ways=ways)
        return [await broker.send(each) for each in requests], session

    return asyncio.run(play())


def said(request: Request, *answers: Canned, ways: Ways = AT_ONCE) -> tuple[EngineEvent, ...]:
    """What it says to one."""
    found, session = played((request,), *answers, ways=ways)
    assert session.answers == []
    return found[0]


# ---- a new order -----------------------------------------------------------------------------------------


def test_an_order_is_sent_with_the_name_that_it_is_found_by_and_in_the_venues_own_numbers() -> None:
    _, session = played((BUY,), ok(order("NEW")))

    (asked,) = session.asked
    assert asked[:2] == ("post", "/api/v3/order")
    sent = {"newClientOrderId": "hcp1a1", "quantity": "1", "price": "50000", "type": "LIMIT", "side": "BUY"}
    assert sent.items() <= asked[2].items()


def test_a_stop_order_and_one_that_must_fill_at_once_are_sent_as_such() -> None:
    stop = CreateOrder("p1s1", BTC, "sell", 100_000, 4_800_000, True, stop_price=4_900_000)
    immediate = CreateOrder("p1a1", BTC, "buy", 100_000, 5_000_000, immediate=True)
    stopped = order("NEW", clientOrderId="hcp1s1", side="SELL")
    _, session = played((stop, immediate), ok(stopped), ok(order("NEW")))

    first, second = (each[2] for each in session.asked)
    assert first["stopPrice"] == "49000"
    assert "reduceOnly" not in first
    assert second["timeInForce"] == "IOC"


def test_an_answer_tells_of_the_order_and_of_its_fills() -> None:
    fills = [{"price": "50000", "qty": "0.4", "commission": "0.1", "commissionAsset": "USDT", "tradeId": 56}]
    answer = ok(order("PARTIALLY_FILLED", "0.4", fills=fills))

    assert said(BUY, answer) == (Accepted("p1a1"), fill())


@pytest.mark.parametrize("answer", EMPTY, ids=str)
def test_an_empty_or_unreadable_answer_to_an_order_is_unknown(answer: Canned) -> None:
    assert said(BUY, answer) == (CREATED,)


@pytest.mark.parametrize(
    "other",
    [
        {"clientOrderId": "hcp2a1"},  # that is another order
        {"origQty": "1.000001"},  # not a whole number of lots
        {"executedQty": "-1"},
        {"executedQty": "NaN"},
    ],
    ids=str,
)
def test_an_answer_that_nobody_can_book_by_is_unknown(other: dict[str, str]) -> None:
    assert said(BUY, ok(order("NEW") | other)) == (CREATED,)


def test_a_market_order_that_is_over_says_what_it_has_not_filled() -> None:
    fills = [{"price": "50000", "qty": "0.4", "commission": "0.1", "commissionAsset": "USDT", "tradeId": 56}]
    answer = ok(order("EXPIRED", "0.4", type="MARKET", fills=fills))

    assert said(BUY, answer) == (Accepted("p1a1"), fill(), Expired("p1a1", 40_000))


def test_fills_that_are_missing_in_the_answer_are_asked_for() -> None:
    answers = ok(order("FILLED", "1.0")), ok([trade(56), trade(57, "0.6")])

    assert said(BUY, *answers) == (Accepted("p1a1"), fill(), fill(57, 60_000))


def test_an_order_that_is_over_and_whose_fills_are_not_all_there_is_to_be_asked_about() -> None:
    answers = ok(order("FILLED", "1.0")), ok([trade(56)])

    assert said(BUY, *answers) == (Accepted("p1a1"), fill(), CREATED)


@pytest.mark.parametrize(
    ("answer", "reports"),
    [
        (refused(-1013, "Filter failure: LOT_SIZE"), (Rejected("p1a1", "INVALID_ORDER"),)),
        (refused(-2010, "Duplicate order sent."), (CREATED,)),
        (refused(-1007, "Timeout"), (CREATED,)),
        ((503, "<html>"), (CREATED,)),
        (TimeoutError(), (CREATED,)),
    ],
    ids=str,
)
def test_an_error_means_what_the_table_says(answer: Canned, reports: tuple[EngineEvent, ...]) -> None:
    assert said(BUY, answer) == reports


def test_an_order_that_was_not_taken_is_sent_again_under_the_same_name() -> None:
    found, session = played((BUY,), LIMITED, LIMITED, ok(order("NEW")))

    assert found == [(Accepted("p1a1"),)]
    assert [each[2]["newClientOrderId"] for each in session.asked] == ["hcp1a1"] * 3


def test_an_order_that_is_never_taken_is_refused_after_three_attempts() -> None:
    assert said(BUY, LIMITED, LIMITED, LIMITED) == (Rejected("p1a1", "RATE_LIMIT"),)


def test_an_order_that_was_not_taken_and_then_got_no_answer_is_unknown() -> None:
    assert said(BUY, LIMITED, (503, "<html>")) == (CREATED,)


def test_an_order_that_is_cancelled_while_it_waits_to_be_sent_again_is_not() -> None:
    async def play() -> tuple[tuple[EngineEvent, ...], tuple[EngineEvent, ...], Session]:
        exchange, session = binance(LIMITED, refused(-2011, "Unknown order sent."))
        broker = CcxtBroker(exchange, await markets_of(exchange, (BTC,)), ways=Ways(pauses_seconds=(0.05,)))
        creating = asyncio.ensure_future(broker.send(BUY))
        while not session.asked:
            await asyncio.sleep(0)
        canceled = await broker.send(CANCEL)
        return await creating, canceled, session

    created, canceled, session = asyncio.run(play())
    assert canceled == (CancelRefused("p1a1", "UNKNOWN_ORDER"),)
    assert created == (Rejected("p1a1", "RATE_LIMIT"),)
    assert [each[0] for each in session.asked] == ["post", "delete"]


# ---- queries ---------------------------------------------------------------------------------------------


def test_an_order_that_nobody_remembers_is_looked_for_in_every_symbol() -> None:
    found, session = played((FETCH,), MISSING, ok(order("NEW", symbol="ETHUSDT")))

    assert found == [(Status("p1a1", "found", "open", (), 10_000),)]
    assert [each[2]["symbol"] for each in session.asked] == ["BTCUSDT", "ETHUSDT"]
    assert {each[2]["origClientOrderId"] for each in session.asked} == {"hcp1a1"}


def test_an_order_is_counted_in_the_lots_of_its_own_symbol_whichever_was_asked_for() -> None:
    found, session = played((FETCH, CANCEL), ok(order("NEW", symbol="ETHUSDT")), ok(order("CANCELED")))

    assert found == [(Status("p1a1", "found", "open", (), 10_000),), (Canceled("p1a1", 0),)]
    assert [each[2]["symbol"] for each in session.asked] == ["BTCUSDT", "ETHUSDT"]


def test_an_order_is_not_found_where_no_symbol_has_it() -> None:
    assert said(FETCH, MISSING, MISSING) == (Status("p1a1", "not_found"),)


@pytest.mark.parametrize("answer", EMPTY[:4], ids=str)
def test_an_empty_answer_to_a_query_says_nothing(answer: Canned) -> None:
    assert said(FETCH, answer) == (Status("p1a1", "empty"),)


def test_a_query_that_gets_no_answer_is_unknown_and_one_that_is_refused_has_failed() -> None:
    assert said(FETCH, (503, "<html>")) == (OutcomeUnknown("p1a1", "fetch"),)
    assert said(FETCH, refused(-1022, "Signature for this request is not valid.")) == (
        Status("p1a1", "failed"),
    )


def test_a_status_has_every_fill_of_the_order() -> None:
    answers = ok(order("CANCELED", "1.0")), ok([trade(56), trade(57, "0.6")])

    assert said(FETCH, *answers) == (
        Status("p1a1", "found", "canceled", (fill(), fill(57, 60_000)), 100_000),
    )


def test_the_end_of_an_order_is_no_evidence_before_its_trades_are_there() -> None:
    assert said(FETCH, ok(order("FILLED", "1.0")), ok([])) == (Status("p1a1", "stale"),)
    assert said(FETCH, ok(order("FILLED", "1.0")), ok([trade()])) == (fill(), Status("p1a1", "stale"))


def test_a_fill_is_told_once() -> None:
    fills = [{"price": "50000", "qty": "0.4", "commission": "0.1", "commissionAsset": "USDT", "tradeId": 56}]
    answers = ok(order("PARTIALLY_FILLED", "0.4", fills=fills)), ok(order("FILLED", "1.0")), ok([trade()])

    (_, second), _ = played((BUY, FETCH), *answers)

    assert second == (Status("p1a1", "stale"),)


class Listing:
    """A venue that shows orders in lists alone."""

    id = "listing"

    def __init__(self, has: dict[str, bool], **lists: list[dict[str, Any]]) -> None:
        self.has = has
        for name in ("fetch_open_orders", "fetch_closed_orders", "fetch_canceled_orders", "fetch_orders"):
            setattr(self, name, self._lists(lists.get(name, [])))

    def _lists(self, rows: list[dict[str, Any]]) -> Any:
        async def listed(symbol: str) -> list[dict[str, Any]]:
            return rows

        return listed


ALL = {"fetchOpenOrders": True, "fetchClosedOrders": True, "fetchCanceledOrders": True}
ROW = {"id": "28", "clientOrderId": "hcp1a1", "status": "canceled", "amount": 1.0, "filled": 0.0}
FOUND = Status("p1a1", "found", "canceled", (), 100_000)


@pytest.mark.parametrize(
    ("venue", "report"),
    [
        (Listing(ALL, fetch_canceled_orders=[ROW]), FOUND),
        (Listing({"fetchOrders": True}, fetch_orders=[ROW]), FOUND),
        (Listing(ALL), Status("p1a1", "not_found")),
        (
            Listing({"fetchOpenOrders": True, "fetchClosedOrders": True}),
            OutcomeUnknown("p1a1", "fetch"),
        ),  # canceled?
    ],
)
def test_an_order_is_found_in_lists_where_it_cannot_be_asked_for(venue: Any, report: EngineEvent) -> None:
    broker = CcxtBroker(venue, (MARKET,), ways=Ways(finds="lists"))

    assert asyncio.run(broker.send(FETCH)) == (report,)


# ---- cancels and replacements ----------------------------------------------------------------------------


def test_a_cancel_says_all_that_was_ever_filled() -> None:
    answers = ok(order("CANCELED", "0.4", origClientOrderId="hcp1a1", clientOrderId="x")), ok([trade()])

    assert played((BUY, CANCEL), ok(order("NEW")), *answers)[0][1] == (fill(), Canceled("p1a1", 40_000))


@pytest.mark.parametrize("answer", [*EMPTY, ok(order("NEW")), ok(order("FILLED", "0")), (504, "")], ids=str)
def test_a_cancel_without_its_confirmation_is_unknown(answer: Canned) -> None:
    assert played((BUY, CANCEL), ok(order("NEW")), answer)[0][1] == (OutcomeUnknown("p1a1", "cancel"),)


def test_a_cancel_that_comes_too_late_is_refused() -> None:
    late = refused(-2011, "Unknown order sent.")
    assert played((BUY, CANCEL), ok(order("NEW")), late)[0][1] == (CancelRefused("p1a1", "UNKNOWN_ORDER"),)


def test_a_cancel_of_an_order_that_nobody_remembers_asks_where_it_is() -> None:
    found, session = played((CANCEL,), MISSING, ok(order("NEW", symbol="ETHUSDT")), ok(order("CANCELED")))

    assert found == [(Canceled("p1a1", 0),)]
    assert session.asked[-1][2]["symbol"] == "ETHUSDT"


def test_a_venue_that_would_cancel_an_order_to_replace_it_is_not_asked_to() -> None:
    assert said(ReplaceOrder("p1a1", 50_000)) == (ReplaceRefused("p1a1", "NOT_SUPPORTED"),)


class Amending:
    """A venue that changes an order in its place, as the sources of ccxt's edit_order do."""

    id = "amending"
    has: dict[str, bool] = {}  # noqa: RUF012

    def __init__(self, edited: dict[str, Any]) -> None:
        self.edited = edited
        self.asked: list[Any] = []

    async def fetch_order(self, id: str, symbol: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"id": "28", "clientOrderId": "hcp1a1", "type": "limit", "side": "buy", "status": "open"}

    async def edit_order(self, *asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return self.edited


@pytest.mark.parametrize(
    ("edited", "report"),
    [
        ({"id": "28"}, Replaced("p1a1", 50_000)),
        ({"id": "29"}, OutcomeUnknown("p1a1", "replace")),
        ({}, OutcomeUnknown("p1a1", "replace")),
    ],
)
def test_an_order_is_replaced_where_it_keeps_the_venues_id(
    edited: dict[str, Any], report: EngineEvent
) -> None:
    venue = Amending(edited)
    broker = CcxtBroker(venue, (MARKET,), ways=Ways(replaces="in_place"))

    assert asyncio.run(broker.send(ReplaceOrder("p1a1", 50_000, 4_900_000))) == (report,)
    assert venue.asked == [("28", BTC, "limit", "buy", 0.5, 49_000.0, {})]
