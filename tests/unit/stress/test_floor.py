"""The venue in virtual time, with an exchange that takes its time, fills in part and fails."""

import pytest

from hedgecheck.messages import (
    Accepted,
    Arrived,
    BadPrice,
    CreateOrder,
    FetchOrder,
    Filled,
    Intent,
    Lost,
    NewDay,
    OutcomeUnknown,
    Price,
    Rejected,
    Returned,
    Sent,
    Told,
)
from hedgecheck.stress.stressed import Partition, Window
from tests.unit.stress.places import PRICE, Place

PAIR = Intent("p1", "AAA", "buy", 1_000, "BBB", "sell", 1_000, stop_a=9_500, stop_b=10_500)


def told(kind):
    return lambda record: isinstance(record, Told) and isinstance(record.report, kind)


@pytest.mark.covers("SX-03")
def test_a_request_takes_its_time_to_the_venue_and_the_report_its_time_back():
    place = Place()

    place.ask()

    assert place.when(lambda each: isinstance(each, Sent)) == 0.0
    assert place.when(lambda each: isinstance(each, Arrived)) == pytest.approx(0.1)
    assert place.when(told(Accepted)) == pytest.approx(0.2)
    assert place.held == {"AAA": 1_000}


def test_a_trade_of_one_leg_is_entered_protected_and_left():
    place = Place()

    place.ask()
    place.leave()

    assert [each.reason for each in place.of(Returned)] == ["hedged"]
    assert place.held == {}
    place.wait(3_600)
    place.floor.rest()
    assert place.floor.failure is None


def test_a_trade_of_two_legs_is_hedged():
    place = Place(symbols=("AAA", "BBB"))

    place.ask(PAIR)

    assert place.held == {"AAA": 1_000, "BBB": -1_000}


@pytest.mark.covers("ST-16")
def test_an_order_that_the_venue_refuses_comes_to_nothing():
    place = Place()
    place.exchange.fails = ["rejected"]

    place.ask()

    assert [type(each) for each in place.of(Rejected)] == [Rejected]
    assert place.faults == ["F18"]
    assert place.held == {}
    assert [each.reason for each in place.of(Returned)] == ["unfilled"]


@pytest.mark.covers("ST-16")
def test_an_order_whose_request_is_lost_is_asked_about_before_it_is_sent_again():
    place = Place()
    place.exchange.fails = ["request_lost"]

    place.ask(seconds=600)

    sent = [each.request for each in place.of(Sent)]
    kinds = [type(each) for each in sent][:5]
    assert kinds == [CreateOrder, FetchOrder, FetchOrder, FetchOrder, CreateOrder]
    assert len(place.of(Lost)) == 1
    assert place.held == {"AAA": 1_000}


@pytest.mark.covers("ST-16")
def test_an_order_whose_reply_is_lost_is_found_and_not_sent_twice():
    place = Place()
    place.exchange.fails = ["reply_lost"]

    place.ask(seconds=600)

    entries = [each for each in place.of(Arrived) if isinstance(each.request, CreateOrder)]
    assert len(place.of(OutcomeUnknown)) == 1
    assert [each.request.stop_price for each in entries] == [None, 9_500]
    assert place.held == {"AAA": 1_000}
    assert place.ledger.ghosts == 1


@pytest.mark.covers("SX-05")
def test_an_order_fills_in_part_and_the_rest_of_it_is_gone():
    place = Place()
    place.exchange.fills = [960]

    place.ask()

    assert place.held == {"AAA": 960}
    assert "F10" in place.faults
    stops = [each.request for each in place.of(Arrived) if getattr(each.request, "stop_price", None)]
    assert [each.amount for each in stops] == [960]


def test_a_stop_that_the_price_reaches_closes_the_trade():
    place = Place()
    place.ask()

    assert place.floor.stops("AAA") == [9_500]
    place.price(9_500)

    assert place.held == {}
    assert place.floor.stops("AAA") == []


@pytest.mark.covers("ST-13")
def test_a_network_that_is_down_swallows_requests_and_keeps_reports_until_it_is_up():
    place = Place((Partition(Window(1, 2)),))
    place.ask(seconds=0.15)  # the venue has the order, its answer is on the way
    place.floor.bar = 1

    place.wait(2)
    assert not [each for each in place.of(Told) if isinstance(each.report, Filled)]
    assert place.held == {"AAA": 1_000}

    place.floor.bar = 2
    place.wait(10)
    assert [each.report.amount for each in place.of(Told) if isinstance(each.report, Filled)] == [1_000]


@pytest.mark.covers("ST-13")
def test_what_is_asked_for_while_the_network_is_down_is_known_once_it_is_up():
    place = Place((Partition(Window(1, 2)),))
    place.floor.bar = 1
    place.ask(seconds=2)
    assert place.of(Lost)
    assert place.held == {}

    place.floor.bar = 2
    place.wait(600)
    place.floor.rest()

    assert [each.reason for each in place.of(Returned)] == ["unfilled"]
    assert place.floor.failure is None


def test_a_price_that_cannot_be_used_is_not_told_and_the_next_one_is():
    place = Place()

    place.floor.price_unseen("AAA", 10_100, "nan")
    place.wait(1)
    assert place.of(Told) == []
    assert place.faults == ["F15"]

    place.floor.price("AAA", 10_100)
    place.wait(1)
    assert [each.report for each in place.of(Told)] == [Price("AAA", 10_100)]


def test_an_engine_is_told_that_it_has_no_price_any_more():
    place = Place()

    place.floor.price_unusable("AAA", 10_100, "nan")
    place.wait(1)
    place.ask()

    assert [each.report for each in place.of(Told)][:1] == [BadPrice("AAA", "nan")]
    assert [each.reason for each in place.of(Returned)] == ["PRICE_UNUSABLE"]


@pytest.mark.covers("ST-13")
def test_nothing_is_opened_while_the_exchange_halts_and_it_is_again_afterwards():
    place = Place()

    place.floor.halt(())
    place.ask()
    assert place.held == {}

    place.floor.resume(())
    place.ask(Intent("s2", "AAA", "buy", 1_000, "", "sell", 0, stop_a=9_500))
    assert place.held == {"AAA": 1_000}


def test_days_are_told_and_closed_orders_set_apart():
    place = Place()
    place.ask()
    place.leave()
    place.floor.day(1)
    place.wait(1)

    assert [each.day for each in place.of(NewDay)] == [1]
    assert place.floor.world.venue.orders == ()


def test_a_timer_of_which_nothing_comes_is_not_fired_for_ever():
    place = Place()
    place.ask()

    place.wait(1_000_000)

    assert sum(isinstance(each.request, FetchOrder) for each in place.of(Sent)) < 5


def test_reports_keep_their_order_behind_one_that_is_slow():
    place = Place()
    place.ask(seconds=0.15)
    place.floor.price("AAA", PRICE + 1)
    place.wait(1)

    kinds = [type(each.report) for each in place.of(Told)]
    assert kinds[:3] == [Accepted, Filled, Price]
