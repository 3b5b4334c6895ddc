"""Replacements at the venue: what they change, why they are refused, what a fill on the way makes of them."""

from typing import Any

import pytest

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    Expired,
    FetchOrder,
    Filled,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Status,
)
from hedgecheck.venue import (
    ExpireOrder,
    Market,
    MovePrice,
    ReplaceAcross,
    Venue,
    fillable,
    find,
    position_of,
    step,
    waits,
)
from tests.unit.kit.exchange import bought, exchange, fill, order, reports_of, run, spot

FOUR = Filled("X", "X.1", "AAA", "buy", 4, 100)


def new(amount: int, price: int | None = None, stop_price: int | None = None) -> ReplaceOrder:
    return ReplaceOrder("X", amount, price, stop_price)


def lots(venue: Venue) -> int:
    """What the market would trade of the order."""
    return fillable(venue, find(venue, "X"))


# ---- what changes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [5, 10, 20])
def test_order_stands_for_the_new_amount_in_all(amount: int) -> None:
    venue, reports = run(exchange(), order(price=100), fill(amount=4), new(amount))

    assert reports == (Accepted("X"), FOUR, Replaced("X", amount))
    assert lots(venue) == amount - 4
    assert step(venue, FetchOrder("X"))[1] == (Status("X", "found", "open", (FOUR,), amount),)


def test_replaced_order_is_filled_at_its_new_amount() -> None:
    venue, reports = run(exchange(), order(price=100), fill(amount=4), new(7), fill(amount=3))

    assert reports[-1] == Filled("X", "X.2", "AAA", "buy", 3, 100)
    assert find(venue, "X").phase == "filled"


def test_price_that_is_given_is_the_new_limit() -> None:
    venue, _ = run(exchange(), order(price=100), new(10, price=90))

    assert (lots(venue), lots(run(venue, MovePrice("AAA", 90))[0])) == (0, 10)


def test_price_that_is_not_given_stays_as_it_was() -> None:
    venue, _ = run(exchange(), order(price=100), new(8))

    assert find(venue, "X").request == order(price=100, amount=8)


def test_stop_that_waits_gets_another_amount_and_price() -> None:
    venue, reports = run(exchange(), *bought(10), order(side="sell", stop_price=90), new(6, stop_price=95))

    assert reports[-1] == Replaced("X", 6)
    assert find(venue, "X").request == order(side="sell", amount=6, stop_price=95)
    assert lots(run(venue, MovePrice("AAA", 95))[0]) == 6


@pytest.mark.parametrize("amount", [4, 3, 1])
def test_order_replaced_down_to_what_is_filled_is_over_for_that_amount(amount: int) -> None:
    venue, reports = run(exchange(), order(price=100), fill(amount=4), new(amount))

    assert reports[-1] == Replaced("X", 4)
    assert step(venue, FetchOrder("X"))[1] == (Status("X", "found", "closed", (FOUR,), 4),)
    assert step(venue, CancelOrder("X"))[1][0].reason == "TOO_LATE"


def test_immediate_order_replaced_to_a_price_it_cannot_trade_at_is_gone() -> None:
    reports = reports_of(exchange(), order(price=100, immediate=True), new(10, price=90))

    assert reports == (Replaced("X", 10), Expired("X", 0))


# ---- why not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [fill(), CancelOrder("X"), ExpireOrder("X")])
def test_replacement_of_an_order_that_is_over_is_too_late(ending: Any) -> None:
    venue, _ = run(exchange(), order(price=100), ending)

    assert step(venue, new(20)) == (venue, (ReplaceRefused("X", "TOO_LATE"),))


def test_replacement_of_an_order_that_is_not_there_is_refused() -> None:
    assert reports_of(exchange(), order("Y"), new(5)) == (ReplaceRefused("X", "UNKNOWN_ORDER"),)


@pytest.mark.parametrize(
    ("market", "changes", "reason"),
    [
        ({}, new(0), "NOT_POSITIVE"),
        ({}, new(-1), "NOT_POSITIVE"),
        ({}, new(5, price=0), "NOT_POSITIVE"),
        ({"lot": 5}, new(12), "PRECISION"),
        ({"lot": 5}, new(15), None),
        ({"tick": 5}, new(10, price=98), "PRECISION"),
        ({"tick": 5}, new(10, price=95), None),
        ({"minimum": 5}, new(4), "BELOW_MINIMUM"),
        ({"minimum": 5}, new(5), None),
        ({"minimum_notional": 500}, new(4), "BELOW_MINIMUM"),
        ({"minimum_notional": 500}, new(5), None),
        ({"minimum_notional": 500}, new(5, price=99), "BELOW_MINIMUM"),
        ({}, new(10, stop_price=110), "ORDER_TYPE"),
    ],
)
def test_replacement_outside_the_markets_steps_and_minima_is_refused_and_changes_nothing(
    market: dict[str, int], changes: ReplaceOrder, reason: str | None
) -> None:
    venue, _ = run(exchange(Market("AAA", **market)), order(price=100))

    after, reports = step(venue, changes)

    if reason is None:
        assert reports == (Replaced("X", changes.amount),)
    else:
        assert (after, reports) == (venue, (ReplaceRefused("X", reason),))


def test_market_order_gets_no_limit() -> None:
    assert reports_of(exchange(), order(), new(10, price=90)) == (ReplaceRefused("X", "ORDER_TYPE"),)


def test_down_to_what_is_filled_needs_no_minimum() -> None:
    reports = reports_of(exchange(Market("AAA", minimum=5)), order(price=100), fill(amount=4), new(2))

    assert reports == (Replaced("X", 4),)


@pytest.mark.parametrize(("stop", "taken"), [(101, True), (100, False), (99, False)])
def test_new_stop_that_is_passed_already_is_refused(stop: int, taken: bool) -> None:
    answer = reports_of(exchange(), order(stop_price=110), new(10, stop_price=stop))

    assert answer == ((Replaced("X", 10),) if taken else (ReplaceRefused("X", "WOULD_TRIGGER"),))


def test_triggered_stop_keeps_its_stop_price_and_may_be_resized() -> None:
    triggered, _ = run(exchange(), order(stop_price=110), MovePrice("AAA", 110))

    assert step(triggered, new(10, stop_price=120))[1] == (ReplaceRefused("X", "TOO_LATE"),)
    assert step(triggered, new(6, stop_price=110))[1] == (Replaced("X", 6),)
    assert lots(step(triggered, new(6))[0]) == 6
    assert not waits(find(step(triggered, new(6))[0], "X"))


def test_spot_order_grows_only_as_far_as_it_can_be_paid() -> None:
    buys, _ = run(spot(cash=1_500), order(price=100))
    sells, _ = run(spot(AAA=15), order(side="sell", price=100), order("Y", "sell", 2, price=100))

    assert step(buys, new(15))[1] == (Replaced("X", 15),)
    assert step(buys, new(16))[1] == (ReplaceRefused("X", "INSUFFICIENT_BALANCE"),)
    assert step(sells, new(13))[1] == (Replaced("X", 13),)
    assert step(sells, new(14))[1] == (ReplaceRefused("X", "INSUFFICIENT_BALANCE"),)


def test_spot_order_in_part_filled_is_paid_for_what_is_left() -> None:
    buys, _ = run(spot(cash=1_500), order(price=100), fill(amount=5))

    assert step(buys, new(15))[1] == (Replaced("X", 15),)
    assert step(buys, new(16))[1] == (ReplaceRefused("X", "INSUFFICIENT_BALANCE"),)


def test_replaced_order_locks_what_it_now_stands_for() -> None:
    buys, _ = run(spot(cash=1_500), order(price=100), new(12))

    assert step(buys, order("Y", amount=3))[1] == (Accepted("Y"),)
    assert step(buys, order("Y", amount=4))[1] == (Rejected("Y", "INSUFFICIENT_BALANCE"),)


# ---- a fill on the way -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "filled_on_the_way", "stands_for", "status"),
    [(20, 4, 20, "open"), (7, 4, 7, "open"), (4, 4, 4, "closed"), (3, 4, 4, "closed")],
)
def test_replacement_that_meets_a_fill_is_confirmed_first(
    amount: int, filled_on_the_way: int, stands_for: int, status: Any
) -> None:
    venue, reports = run(exchange(), order(price=100), ReplaceAcross("X", amount, filled_on_the_way))

    assert reports[1:] == (Replaced("X", stands_for), FOUR)
    assert step(venue, FetchOrder("X"))[1] == (Status("X", "found", status, (FOUR,), stands_for),)
    assert position_of(venue, "AAA") == 4


@pytest.mark.parametrize("amount", [20, 5])
def test_replacement_comes_too_late_for_a_fill_that_completes_the_order(amount: int) -> None:
    venue, reports = run(exchange(), order(price=100), ReplaceAcross("X", amount, 10))
    complete = Filled("X", "X.1", "AAA", "buy", 10, 100)

    assert reports[1:] == (ReplaceRefused("X", "TOO_LATE"), complete)
    assert step(venue, FetchOrder("X"))[1] == (Status("X", "found", "closed", (complete,), 10),)


def test_replacement_that_meets_a_fill_gets_its_prices_too() -> None:
    venue, _ = run(exchange(), order(price=100), ReplaceAcross("X", 20, 4, price=90))

    assert find(venue, "X").request.price == 90


def test_market_order_that_ends_with_the_fill_is_not_replaced() -> None:
    reports = reports_of(exchange(), order(), ReplaceAcross("X", 20, 4))

    assert reports == (ReplaceRefused("X", "TOO_LATE"), FOUR, Expired("X", 4))


@pytest.mark.parametrize("on_the_way", [0, -1, 11])
def test_fill_on_the_way_that_cannot_be_changes_nothing(on_the_way: int) -> None:
    venue, _ = run(exchange(), order(price=100))

    assert step(venue, ReplaceAcross("X", 20, on_the_way)) == (venue, ())
    assert step(venue, ReplaceAcross("Y", 20, 1)) == (venue, ())


def test_replacement_that_is_refused_lets_the_fill_stand() -> None:
    reports = reports_of(exchange(), order(price=100), ReplaceAcross("X", -1, 4))

    assert reports == (ReplaceRefused("X", "NOT_POSITIVE"), FOUR)


# ---- test vectors of FIX 5.0 SP2, appendix D -------------------------------------------------------------


def test_replaced_down_across_a_fill_of_that_amount_is_filled() -> None:
    """Replace 10,000 by 7,000 where 7,000 trade on the way."""
    ten = exchange(cash=10**7)
    venue, reports = run(ten, order(amount=10_000, price=100), ReplaceAcross("X", 7_000, 7_000))

    assert reports[1] == Replaced("X", 7_000)
    assert step(venue, FetchOrder("X"))[1][0].status == "closed"


def test_replaced_below_what_is_filled_is_amended_to_that() -> None:
    venue, reports = run(
        exchange(cash=10**7), order(amount=10_000, price=100), fill(amount=7_000), new(6_000)
    )

    assert reports[-1] == Replaced("X", 7_000)
    assert step(venue, FetchOrder("X"))[1][0].amount == 7_000


def test_price_is_told_and_canceled_says_what_was_filled_before_a_replacement() -> None:
    story = (order(price=100), fill(amount=4), new(20), MovePrice("AAA", 99), CancelOrder("X"))

    assert run(exchange(), *story)[1][-2:] == (Price("AAA", 99), Canceled("X", 4))


def test_margin_order_grows_beyond_the_cash() -> None:
    assert reports_of(exchange(cash=100), order(price=100), new(50)) == (Replaced("X", 50),)
