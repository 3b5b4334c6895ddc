"""I19, our bids below our asks: after replacements, and with stops that the market reaches."""

from dataclasses import replace

import pytest

from hedgecheck import invariants
from hedgecheck.messages import (
    Accepted,
    Arrived,
    Canceled,
    CreateOrder,
    Price,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Sent,
)
from tests.unit.kit.traces import (
    Records,
    buy,
    fill,
    placed,
    says,
    sell,
    stop,
)


def limit(order: CreateOrder, price: int, at: int | None = None) -> CreateOrder:
    return replace(order, price=price, stop_price=at)


BID, ASK = limit(buy(), 99), limit(sell("Y"), 101)


def crosses(*records: object) -> bool:
    return says(invariants.no_self_cross, *records) == "broken"


def made(asked: ReplaceOrder) -> Records:
    """The venue has the replacement, and makes it."""
    return Sent(asked), Arrived(asked), Replaced(asked.client_order_id, asked.amount)


@pytest.mark.parametrize(("price", "is_crossed"), [(100, False), (101, True), (102, True), (None, False)])
def test_replaced_order_rests_at_its_new_price(price: int | None, is_crossed: bool) -> None:
    assert crosses(*placed(BID), *placed(ASK), *made(ReplaceOrder("X", 10, price))) is is_crossed


def test_replacement_that_is_refused_changes_no_price() -> None:
    asked = ReplaceOrder("X", 10, 102)
    refused = (Sent(asked), Arrived(asked), ReplaceRefused("X", "TOO_LATE"))

    assert not crosses(*placed(BID), *placed(ASK), *refused)
    assert not crosses(*placed(BID), *placed(ASK), *refused, Replaced("X", 10))


def test_order_replaced_down_to_what_is_filled_rests_no_more() -> None:
    part = (*placed(BID), fill(BID, 4), *made(ReplaceOrder("X", 4)))

    assert not crosses(*part, *placed(limit(sell("Y"), 90)))
    assert crosses(*placed(BID), fill(BID, 4), *made(ReplaceOrder("X", 5)), *placed(limit(sell("Y"), 90)))
    assert not crosses(*placed(BID), *made(ReplaceOrder("X", 6)), fill(BID, 6), *placed(limit(sell("Y"), 90)))


def test_replacement_of_another_order_changes_nothing_here() -> None:
    other = (Arrived(ReplaceOrder("Q", 10, 102)), Replaced("X", 10))

    assert not crosses(*placed(BID), *placed(ASK), *other)


WAITING = limit(sell("Y"), 90, at=95)  # sold at 90 or better once the market is at 95


def test_stop_limit_rests_from_the_moment_the_market_reaches_it() -> None:
    waiting = (*placed(BID), *placed(WAITING))

    assert not crosses(*waiting)
    assert not crosses(*waiting, Price("AAA", 96))
    assert not crosses(*waiting, Price("BBB", 95))
    assert crosses(*waiting, Price("AAA", 95))
    assert crosses(*waiting, Price("AAA", 94))


def test_stop_limit_to_buy_is_reached_from_below() -> None:
    waiting = (*placed(ASK), *placed(limit(buy(), 110, at=105)))

    assert not crosses(*waiting, Price("AAA", 104))
    assert crosses(*waiting, Price("AAA", 105))


def test_stop_that_is_over_is_reached_by_nothing() -> None:
    waiting = (*placed(BID), *placed(WAITING))

    assert not crosses(*waiting, Canceled("Y", 0), Price("AAA", 95))
    assert not crosses(*waiting, *made(ReplaceOrder("Y", 10, None, 80)), Price("AAA", 90))
    assert crosses(*waiting, *made(ReplaceOrder("Y", 10, None, 80)), Price("AAA", 80))
    assert crosses(*waiting, *made(ReplaceOrder("Y", 5)), Price("AAA", 95))


def test_stop_at_market_never_rests() -> None:
    assert not crosses(*placed(BID), *placed(stop("Y")), Price("AAA", 50))


def test_reached_stop_faces_what_rests_on_the_other_side() -> None:
    assert (
        says(invariants.no_self_cross, *placed(limit(buy(), 80)), *placed(WAITING), Price("AAA", 95))
        == "holds"
    )
    assert says(invariants.no_self_cross, *placed(limit(buy(), 80)), *placed(WAITING)) == "vacuous"


def test_order_accepted_and_replaced_before_anything_is_known_of_it_is_passed_over() -> None:
    assert says(invariants.no_self_cross, Accepted("Q"), *made(ReplaceOrder("Q", 5, 1))) == "vacuous"
