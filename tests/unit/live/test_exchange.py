"""The exchange by itself: its market comes from a seed, and its ledger adds up."""

from random import Random
from typing import Any

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.live.exchange import CASH, Exchange, Temper
from hedgecheck.live.exchange.command import markets
from hedgecheck.live.exchange.market import LIVELY_MAX
from hedgecheck.live.exchange.mishaps import Mishaps, rates
from hedgecheck.messages import (
    Accepted,
    Arrived,
    Canceled,
    CancelOrder,
    CreateOrder,
    FetchOrder,
    Filled,
    Price,
    Rejected,
    Report,
    Status,
)
from hedgecheck.venue import House, Market

CALM = Temper(moves_bps=0, trades_bps=10_000, parts_bps=0, expires_bps=0)


def traded(seed: int, beats: int = 200, **temper: int) -> tuple[Exchange, list[Report]]:
    """An exchange at which orders came by chance, and what was told of it."""
    exchange, told, random = Exchange(seed=seed, temper=Temper(**temper)), [], Random("orders")
    exchange.listen("main", told.append)
    for number in range(beats):
        side: Any = random.choice(("buy", "sell"))
        price = random.choice((None, 9_990, 10_000, 10_010))
        exchange.request("main", CreateOrder(f"p{number}a1", "AAA", side, random.randrange(1, 20), price))
        exchange.beat()
    return exchange, told


def test_same_seed_is_the_same_market_and_another_is_not() -> None:
    assert traded(1)[1] == traded(1)[1]
    assert traded(1)[0].ledger("main") == traded(1)[0].ledger("main")
    assert traded(1)[1] != traded(2)[1]


@pytest.mark.parametrize("seed", range(3))
def test_ledger_is_the_sum_of_its_fills(seed: int) -> None:
    exchange, told = traded(seed)
    ledger = exchange.ledger("main")

    assert list(ledger.fills) == [each for each in told if isinstance(each, Filled)]
    signed = [(each.amount if each.side == "buy" else -each.amount, each.price) for each in ledger.fills]
    assert ledger.positions == (("AAA", sum(lots for lots, _ in signed)),)
    assert ledger.cash == CASH - sum(lots * price for lots, price in signed)
    assert sorted(fill.trade_id for order in ledger.orders for fill in order.fills) == sorted(
        each.trade_id for each in ledger.fills
    )
    assert len({each.trade_id for each in ledger.fills}) == len(ledger.fills)


def test_market_does_all_that_its_temper_says() -> None:
    exchange, told = traded(1)
    orders = exchange.ledger("main").orders

    assert any(len(each.fills) > 1 for each in orders)
    assert {each.phase for each in orders} == {"open", "filled", "expired"}
    assert len({each.price for each in told if isinstance(each, Price)}) > 20


def test_orders_with_a_limit_fill_in_parts_and_only_what_market_orders_have_left_expires() -> None:
    parts, _ = traded(1, parts_bps=10_000, expires_bps=0)
    expired, _ = traded(1, parts_bps=0, expires_bps=10_000)

    assert any(len(each.fills) > 1 for each in parts.ledger("main").orders)
    assert "expired" not in {each.phase for each in parts.ledger("main").orders}
    ended = [each for each in expired.ledger("main").orders if each.phase == "expired"]
    assert ended
    assert {each.request.price for each in ended} == {None}
    assert not any(len(each.fills) > 1 for each in expired.ledger("main").orders)


def test_prices_stay_in_their_range() -> None:
    _, told = traded(3, 3_000, moves_bps=10_000, move_ppm=5_000, range_ppm=10_000)
    prices = [each.price for each in told if isinstance(each, Price)]

    assert min(prices) == 9_900
    assert max(prices) == 10_100


def test_order_that_ended_long_ago_is_found_and_counted_once() -> None:
    exchange, _ = traded(1, 3 * LIVELY_MAX, trades_bps=10_000)
    before = exchange.ledger("main")

    answers = exchange.request("main", FetchOrder("p3a1"))
    assert isinstance(answers[0], Status)
    assert answers[0].answer == "found"
    assert exchange.ledger("main") == before
    assert exchange.counts() == {"accounts": 1, "orders": 3 * LIVELY_MAX, "fills": len(before.fills)}


def test_client_order_id_of_an_order_that_ended_long_ago_is_still_taken() -> None:
    house = House((Market("AAA"),), client_id_unique="forever")
    exchange = Exchange((("AAA", 10_000),), temper=CALM, house=house)
    for number in range(2 * LIVELY_MAX):
        exchange.request("main", CreateOrder(f"p{number}a1", "AAA", "buy", 1))
        exchange.beat()

    again = exchange.request("main", CreateOrder("p3a1", "AAA", "buy", 1))
    assert again == (Rejected("p3a1", "DUPLICATE_CLIENT_ORDER_ID"),)


def test_accounts_know_nothing_of_each_other_but_the_price() -> None:
    exchange, told = Exchange(temper=Temper(moves_bps=10_000, trades_bps=10_000)), []
    exchange.listen("other", told.append)
    exchange.request("main", CreateOrder("p1a1", "AAA", "buy", 10))
    exchange.beat()

    assert exchange.ledger("main").positions == (("AAA", 10),)
    assert exchange.ledger("other").positions == exchange.ledger("other").fills == ()
    assert told
    assert all(isinstance(each, Price) for each in told)
    assert told[-4:] == [Price(symbol, price) for symbol, price in exchange.prices.items()]


def test_whoever_cancels_has_his_answer_and_others_are_told() -> None:
    exchange, asker, other = Exchange(temper=CALM), [], []
    exchange.listen("main", asker.append)
    leave = exchange.listen("main", other.append)
    exchange.request("main", CreateOrder("p1a1", "AAA", "buy", 10, 9_000), asker.append)
    exchange.request("main", CancelOrder("p1a1"), asker.append)

    assert Canceled("p1a1", 0) not in asker
    assert other[-1] == Canceled("p1a1", 0)
    leave()
    exchange.request("main", CreateOrder("p2a1", "AAA", "buy", 10))
    exchange.beat()
    assert isinstance(asker[-1], Filled)
    assert other[-1] == Canceled("p1a1", 0)


def test_every_request_and_report_is_on_record_in_its_order() -> None:
    exchange = Exchange(temper=CALM)
    order = CreateOrder("p1a1", "AAA", "buy", 10)
    exchange.request("main", order)
    exchange.beat()

    fill = Filled("p1a1", "p1a1.1", "AAA", "buy", 10, 10_000)
    assert exchange.records("main") == (Arrived(order), Accepted("p1a1"), fill)


def test_mishaps_come_at_their_rates_from_their_seed() -> None:
    def drawn(seed: int) -> list[Any]:
        mishaps = Mishaps(rates("response_lost=0.1,late_ack=0.2,disconnect=0.3,duplicated=0.5"), seed)
        return [(mishaps.of_reply(), mishaps.of_report()) for _ in range(1_000)]

    assert drawn(1) == drawn(1) != drawn(2)
    replies = [reply for reply, _ in drawn(1)]
    assert 250 < replies.count("hung_up") < 350
    assert 45 < replies.count("lost") < 95
    assert 90 < replies.count("late") < 165
    reports = [report for _, report in drawn(1)]
    assert 450 < sum(len(each) == 2 for each in reports) < 550
    assert {each[0] for each in reports} == {0.0}  # none was reordered


def test_kind_without_a_rate_has_the_usual_one_and_what_is_no_kind_is_refused() -> None:
    assert rates("response_lost, reordered=1") == {"response_lost": 0.05, "reordered": 1.0}
    assert rates("") == {}
    for text, why in (
        ("lost", "'lost' is no fault of a wire"),
        ("reordered=2", "'2' is no rate"),
        ("late_ack=x", "'x'"),
    ):
        with pytest.raises(UsageError, match=why):
            rates(text)


def test_markets_are_read_and_what_is_none_is_refused() -> None:
    assert markets("AAA:100, BTC/USDT:7") == (("AAA", 100), ("BTC/USDT", 7))
    for text in ("AAA", "AAA:0", "AAA:x", ":5", "AAA:1,AAA:2", ""):
        with pytest.raises(UsageError, match="is no market"):
            markets(text)
