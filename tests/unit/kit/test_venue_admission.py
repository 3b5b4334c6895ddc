"""What the venue takes: steps and minima, client order ids, and what a spot account can pay."""

from typing import Any

import pytest

from hedgecheck.messages import Accepted, CancelOrder, Expired, FetchOrder, Filled, Rejected
from hedgecheck.venue import Market, MovePrice, NewSession, Uniqueness, find, position_of, step
from tests.unit.kit.exchange import exchange, fill, order, reports_of, run, spot

# ---- steps and minima ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("market", "changes", "reason"),
    [
        ({}, {"symbol": "ZZZ"}, "UNKNOWN_SYMBOL"),
        ({}, {"amount": 0}, "NOT_POSITIVE"),
        ({}, {"amount": -10}, "NOT_POSITIVE"),
        ({}, {"price": 0}, "NOT_POSITIVE"),
        ({}, {"price": -5}, "NOT_POSITIVE"),
        ({"lot": 5}, {"amount": 10}, None),
        ({"lot": 5}, {"amount": 12}, "PRECISION"),
        ({"tick": 5}, {"price": 105}, None),
        ({"tick": 5}, {"price": 103}, "PRECISION"),
        ({"tick": 5}, {"price": None}, None),
        ({"minimum": 10}, {"amount": 10}, None),
        ({"minimum": 10}, {"amount": 9}, "BELOW_MINIMUM"),
        ({"minimum_notional": 1_000}, {"amount": 10}, None),
        ({"minimum_notional": 1_000}, {"amount": 9}, "BELOW_MINIMUM"),
        ({"minimum_notional": 1_000}, {"amount": 10, "price": 99}, "BELOW_MINIMUM"),
        ({"minimum_notional": 1_000}, {"amount": 9, "price": 112}, None),
        ({"minimum_notional": 1_000, "tick_lot_value": 2}, {"amount": 5}, None),
    ],
)
def test_order_outside_the_markets_steps_and_minima_is_rejected(
    market: dict[str, int], changes: dict[str, Any], reason: str | None
) -> None:
    reports = reports_of(exchange(Market("AAA", **market)), order(**changes))

    assert reports == ((Accepted("X"),) if reason is None else (Rejected("X", reason),))


def test_minimum_notional_follows_the_price() -> None:
    venue = exchange(Market("AAA", minimum_notional=1_000))

    assert reports_of(venue, MovePrice("AAA", 99), order()) == (Rejected("X", "BELOW_MINIMUM"),)


def test_reduce_only_order_need_not_reach_the_minimum_notional() -> None:
    venue, _ = run(exchange(Market("AAA", minimum_notional=1_000)), order("H"), fill("H"))

    assert reports_of(venue, order(side="sell", amount=9)) == (Rejected("X", "BELOW_MINIMUM"),)
    assert reports_of(venue, order(side="sell", amount=9, reduce_only=True)) == (Accepted("X"),)


def test_reduce_only_order_must_reach_the_minimum_amount() -> None:
    venue, _ = run(exchange(Market("AAA", minimum=5)), order("H"), fill("H"))

    reports = reports_of(venue, order(side="sell", amount=4, reduce_only=True))

    assert reports == (Rejected("X", "BELOW_MINIMUM"),)


def test_rejected_order_leaves_the_venue_as_it_was() -> None:
    venue = exchange()

    assert step(venue, order(symbol="ZZZ"))[0] == venue


# ---- client order ids ------------------------------------------------------------------------------

OVER = (order(), CancelOrder("X"))
NEXT_SESSION = (order(), CancelOrder("X"), NewSession())
OPEN_NEXT_SESSION = (order(), NewSession())


@pytest.mark.parametrize(
    ("mode", "before", "taken"),
    [
        ("open_orders", (order(),), False),
        ("open_orders", OVER, True),
        ("open_orders", OPEN_NEXT_SESSION, False),
        ("session", (order(),), False),
        ("session", OVER, False),
        ("session", NEXT_SESSION, True),
        ("session", OPEN_NEXT_SESSION, False),
        ("forever", (order(),), False),
        ("forever", OVER, False),
        ("forever", NEXT_SESSION, False),
    ],
)
def test_client_order_id_is_unique_among_open_orders_in_a_session_or_for_ever(
    mode: Uniqueness, before: tuple[Any, ...], taken: bool
) -> None:
    reports = reports_of(exchange(client_id_unique=mode), *before, order())

    assert reports == ((Accepted("X"),) if taken else (Rejected("X", "DUPLICATE_CLIENT_ORDER_ID"),))


def test_client_order_id_of_a_rejected_order_is_free() -> None:
    venue = exchange(client_id_unique="forever")

    assert reports_of(venue, order(symbol="ZZZ"), order()) == (Accepted("X"),)


def test_used_again_a_client_order_id_means_the_newest_order() -> None:
    venue, _ = run(exchange(), order(amount=3), fill(amount=3), order(side="sell", amount=7))

    newest = find(venue, "X")

    assert newest is not None
    assert (newest.request.amount, newest.phase) == (7, "open")
    assert reports_of(venue, FetchOrder("X"))[0].fills == ()
    assert reports_of(venue, CancelOrder("X"), FetchOrder("X"))[0].status == "canceled"


def test_trade_ids_are_unique_when_a_client_order_id_is_used_again() -> None:
    once = (order(price=100, amount=2), fill(amount=1), fill(amount=1))
    _, reports = run(exchange(), *once, *once, *once)
    trades = [each.trade_id for each in reports if isinstance(each, Filled)]

    assert len(trades) == 6
    assert len(set(trades)) == 6


@pytest.mark.parametrize("other", ["X~2", "X.1", "X.2~1", "X~1", "X.2"])
def test_trade_ids_are_unique_whatever_other_client_order_ids_look_like(other: str) -> None:
    once = (order(price=100, amount=2), fill(amount=1), fill(amount=1))
    one = (order(other, price=100, amount=2), fill(other, 1), fill(other, 1))
    _, reports = run(exchange(), *once, *once, *one, *one)
    trades = [each.trade_id for each in reports if isinstance(each, Filled)]

    assert len(set(trades)) == len(trades) == 8


# ---- margin and spot -------------------------------------------------------------------------------


def test_margin_account_may_be_short_and_in_debt() -> None:
    venue, _ = run(exchange(cash=0), order(side="sell"), fill(), order("Y", amount=30), fill("Y", 30))

    assert (position_of(venue, "AAA"), venue.cash) == (20, -2_000)


@pytest.mark.parametrize(("amount", "taken"), [(10, True), (11, False)])
def test_spot_account_sells_what_it_holds(amount: int, taken: bool) -> None:
    reports = reports_of(spot(AAA=10), order(side="sell", amount=amount))

    assert reports == ((Accepted("X"),) if taken else (Rejected("X", "INSUFFICIENT_BALANCE"),))


@pytest.mark.parametrize(
    ("fee_bps", "cash", "taken"), [(0, 1_000, True), (0, 999, False), (10, 1_000, False)]
)
def test_spot_account_buys_what_it_can_pay_with_the_fee(fee_bps: int, cash: int, taken: bool) -> None:
    reports = reports_of(exchange(account="spot", cash=cash, fee_bps=fee_bps), order())

    assert reports == ((Accepted("X"),) if taken else (Rejected("X", "INSUFFICIENT_BALANCE"),))


def test_spot_account_ignores_reduce_only() -> None:
    assert reports_of(spot(), order(reduce_only=True)) == (Accepted("X"),)
    assert reports_of(spot(), order(reduce_only=True), fill())[0].amount == 10


@pytest.mark.parametrize(
    ("freed", "taken"), [((), 4), ((CancelOrder("L"),), 10), ((fill("L", 2),), 4), ((fill("L", 6),), 4)]
)
def test_open_sell_order_locks_inventory(freed: tuple[Any, ...], taken: int) -> None:
    venue, _ = run(spot(AAA=10), order("L", "sell", 6, price=100), *freed)

    assert reports_of(venue, order(side="sell", amount=taken)) == (Accepted("X"),)
    assert reports_of(venue, order(side="sell", amount=taken + 1)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)


@pytest.mark.parametrize(
    ("freed", "taken"), [((), 4), ((CancelOrder("L"),), 10), ((fill("L", 2),), 4), ((fill("L", 6),), 4)]
)
def test_open_buy_order_locks_cash(freed: tuple[Any, ...], taken: int) -> None:
    venue, _ = run(spot(cash=1_000), order("L", amount=6, price=100), *freed)

    assert reports_of(venue, order(amount=taken)) == (Accepted("X"),)
    assert reports_of(venue, order(amount=taken + 1)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)


def test_buy_order_locks_no_inventory_and_sell_order_no_cash() -> None:
    venue, _ = run(spot(cash=2_000, AAA=10), order("L", amount=10, price=100))

    assert reports_of(venue, order("S", "sell"), order(amount=10)) == (Accepted("X"),)


def test_locked_inventory_is_counted_by_symbol() -> None:
    venue, _ = run(spot(AAA=10, BBB=10), order("L", "sell", 10, price=100))

    assert reports_of(venue, order(side="sell", symbol="BBB")) == (Accepted("X"),)


def test_spot_buy_after_the_price_rose_fills_what_can_be_paid() -> None:
    dearer = (order(), MovePrice("AAA", 150))  # ten at 150 where there are 1,000

    assert reports_of(spot(cash=1_000), *dearer, fill(amount=7)) == ()
    venue, reports = run(spot(cash=1_000), *dearer, fill(amount=6))
    assert reports[-1] == Expired("X", 6)
    assert venue.cash == 100


def test_spot_buy_after_the_price_rose_leaves_cash_locked_by_others() -> None:
    two = (order("L", amount=5, price=100), order(amount=5), MovePrice("AAA", 125))

    assert reports_of(spot(cash=1_000), *two, fill(amount=5)) == ()
    assert reports_of(spot(cash=1_000), *two, fill(amount=4))


def test_fees_rounded_up_fill_by_fill_never_take_spot_cash_below_zero() -> None:
    venue = exchange(account="spot", cash=1_001, fee_bps=10)
    venue, _ = run(venue, order(price=100), *(fill(amount=1) for _ in range(10)))

    assert (position_of(venue, "AAA"), venue.cash) == (9, 92)


def test_spot_order_fills_in_whole_lots_when_cash_runs_short() -> None:
    venue = exchange(Market("AAA", lot=5), account="spot", cash=1_000)
    venue, _ = run(venue, order(), MovePrice("AAA", 120))

    assert step(venue, fill(amount=6)) == (venue, ())
    assert step(venue, fill(amount=5))[1] != ()
