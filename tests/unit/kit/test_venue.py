"""The venue's matching: order kinds, partial fills, fees, reduce-only, cancels and queries."""

from typing import Any

import pytest

from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    Expired,
    FetchOrder,
    Filled,
    Price,
    Rejected,
    Side,
    Status,
)
from hedgecheck.venue import (
    CancelAcross,
    FillOrder,
    Market,
    MovePrice,
    NewSession,
    RefuseOrder,
    fillable,
    filled,
    find,
    market_of,
    position_of,
    price_of,
    step,
)
from tests.unit.kit.exchange import CASH, bought, exchange, fill, order, reports_of, run, sold

FIRST_HALF = Filled("X", "X.1", "AAA", "buy", 5, 100)

# ---- order kinds -----------------------------------------------------------------------------------


def test_accepted_order_is_kept_and_not_filled_by_itself() -> None:
    venue, reports = run(exchange(), order())

    assert reports == (Accepted("X"),)
    assert venue.positions == ()
    assert venue.cash == CASH


@pytest.mark.parametrize(("side", "position", "cash"), [("buy", 10, 9_000), ("sell", -10, 11_000)])
def test_fill_moves_position_and_cash(side: Side, position: int, cash: int) -> None:
    venue, reports = run(exchange(), order(side=side), fill())

    assert reports[1:] == (Filled("X", "X.1", "AAA", side, 10, 100),)
    assert (venue.positions, venue.cash) == ((("AAA", position),), cash)


def test_value_of_a_tick_and_lot_multiplies_what_is_paid() -> None:
    venue, _ = run(exchange(Market("AAA", tick_lot_value=3)), order(), fill())

    assert venue.cash == CASH - 3_000


@pytest.mark.parametrize(
    ("side", "limit", "tradable"),
    [
        ("buy", 100, 10),
        ("buy", 99, 0),
        ("buy", 101, 10),
        ("sell", 100, 10),
        ("sell", 101, 0),
        ("sell", 99, 10),
    ],
)
def test_limit_order_trades_at_its_limit_or_better(side: Side, limit: int, tradable: int) -> None:
    venue, _ = run(exchange(), order(side=side, price=limit))
    placed = find(venue, "X")

    assert placed is not None
    assert fillable(venue, placed) == tradable
    assert len(reports_of(venue, fill())) == (1 if tradable else 0)


def test_limit_order_fills_at_the_markets_better_price() -> None:
    reports = reports_of(exchange(), order(price=120), fill())

    assert reports == (Filled("X", "X.1", "AAA", "buy", 10, 100),)


def test_resting_limit_order_fills_once_the_price_comes_to_it() -> None:
    resting = order(price=90)

    assert reports_of(exchange(), resting, fill()) == ()
    assert reports_of(exchange(), resting, MovePrice("AAA", 90), fill())


def test_partial_fills_leave_a_limit_order_open_until_it_is_full() -> None:
    venue, reports = run(exchange(), order(price=100), fill(amount=4), fill(amount=6))

    assert [each.amount for each in reports if isinstance(each, Filled)] == [4, 6]
    assert not any(isinstance(each, Expired) for each in reports)
    assert find(venue, "X").phase == "filled"


@pytest.mark.parametrize("kind", [{"price": None}, {"price": 100, "immediate": True}], ids=["market", "ioc"])
def test_market_and_immediate_orders_lose_what_is_not_filled_at_once(kind: dict[str, Any]) -> None:
    venue, reports = run(exchange(), order(**kind), fill(amount=4), fill(amount=6))

    assert reports[1:] == (Filled("X", "X.1", "AAA", "buy", 4, 100), Expired("X", 4))
    assert position_of(venue, "AAA") == 4


def test_immediate_order_without_a_price_to_trade_at_expires_on_arrival() -> None:
    venue, reports = run(exchange(), order(price=99, immediate=True), MovePrice("AAA", 99), fill())

    assert reports == (Accepted("X"), Expired("X", 0), Price("AAA", 99))
    assert venue.positions == ()


def test_immediate_order_expires_when_the_price_leaves_it() -> None:
    leaves = reports_of(exchange(), order(price=100, immediate=True), MovePrice("AAA", 101))

    assert leaves == (Price("AAA", 101), Expired("X", 0))


def test_price_move_leaves_other_orders_alone() -> None:
    resting = (order("L", price=100), order("M"), order("I", price=100, immediate=True, symbol="BBB"))

    assert reports_of(exchange(), *resting, MovePrice("AAA", 101)) == (Price("AAA", 101),)


@pytest.mark.parametrize("decision", [fill(amount=11), fill(amount=0), fill(amount=-1), fill("Y")])
def test_fill_that_the_order_does_not_allow_changes_nothing(decision: FillOrder) -> None:
    venue, _ = run(exchange(), order())

    assert step(venue, decision) == (venue, ())


@pytest.mark.parametrize("ending", [(fill(),), (CancelOrder("X"),), (fill(amount=4),)])
def test_order_that_is_over_fills_no_more(ending: tuple[Any, ...]) -> None:
    venue, _ = run(exchange(), order(), *ending)

    assert step(venue, fill(amount=1)) == (venue, ())


# ---- fees ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "cash"), [("buy", CASH - 1_010), ("sell", CASH + 990)])
def test_fee_in_quote_is_its_share_of_the_notional(side: Side, cash: int) -> None:
    venue, reports = run(exchange(fee_bps=100), order(side=side), fill())

    assert reports[-1] == Filled("X", "X.1", "AAA", side, 10, 100, fee_money=10)
    assert venue.cash == cash


def test_fee_in_quote_is_rounded_up() -> None:
    assert reports_of(exchange(fee_bps=1), order(), fill())[-1].fee_money == 1


def test_fee_in_base_is_taken_from_what_was_bought() -> None:
    venue, reports = run(exchange(fee_bps=100, cash=100_000), order(amount=199), fill("X", 199, True))

    assert reports[-1] == Filled("X", "X.1", "AAA", "buy", 199, 100, fee_money=0, fee_lots=1)
    assert (position_of(venue, "AAA"), venue.cash) == (198, 100_000 - 19_900)


def test_sale_pays_its_fee_in_quote_whatever_is_asked() -> None:
    reports = reports_of(exchange(fee_bps=100), order(side="sell", amount=200), fill("X", 200, True))

    assert reports == (Filled("X", "X.1", "AAA", "sell", 200, 100, fee_money=200, fee_lots=0),)


# ---- reduce-only on margin ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "side", "taken"),
    [
        (bought(10), "sell", True),
        (bought(10), "buy", False),
        (sold(10), "buy", True),
        (sold(10), "sell", False),
        ((), "sell", False),
        ((), "buy", False),
    ],
    ids=["sell-long", "buy-long", "buy-short", "sell-short", "sell-flat", "buy-flat"],
)
def test_reduce_only_order_is_taken_only_against_a_position(
    held: tuple[Any, ...], side: Side, taken: bool
) -> None:
    reports = reports_of(exchange(), *held, order(side=side, reduce_only=True))

    assert reports == ((Accepted("X"),) if taken else (Rejected("X", "REDUCE_ONLY"),))


def test_reduce_only_order_of_more_than_the_position_fills_up_to_it() -> None:
    placed = (*bought(4), order(side="sell", reduce_only=True))

    assert reports_of(exchange(), *placed, fill(amount=5)) == ()
    assert reports_of(exchange(), *placed, fill(amount=4))[-1] == Expired("X", 4)


def test_resting_reduce_only_order_never_fills_more_than_the_position_left() -> None:
    resting = order(side="sell", price=100, reduce_only=True)
    venue, _ = run(exchange(), *bought(10), resting, order("Y", "sell", 7), fill("Y", 7))

    assert fillable(venue, find(venue, "X")) == 3
    assert step(venue, fill(amount=4)) == (venue, ())
    venue, _ = run(venue, fill(amount=3))
    assert position_of(venue, "AAA") == 0
    assert step(venue, fill(amount=1)) == (venue, ())


def test_resting_reduce_only_order_does_not_fill_once_the_position_flipped() -> None:
    resting = order(side="sell", price=100, reduce_only=True)
    venue, _ = run(exchange(), *bought(10), resting, order("Y", "sell", 15), fill("Y", 15))

    assert step(venue, fill(amount=1)) == (venue, ())


# ---- cancels and queries -------------------------------------------------------------------------------


@pytest.mark.parametrize("partial", [0, 4])
def test_cancel_ends_an_open_order_and_says_what_was_filled(partial: int) -> None:
    story = (order(price=100), *((fill(amount=partial),) if partial else ()), CancelOrder("X"))

    assert reports_of(exchange(), *story) == (Canceled("X", partial),)


@pytest.mark.parametrize("ending", [fill(), CancelOrder("X"), fill(amount=4)])
def test_cancel_of_an_order_that_is_over_is_too_late(ending: Any) -> None:
    assert reports_of(exchange(), order(), ending, CancelOrder("X")) == (CancelRefused("X", "TOO_LATE"),)


def test_cancel_of_an_unknown_order_is_refused() -> None:
    assert reports_of(exchange(), order(), CancelOrder("Y")) == (CancelRefused("Y", "UNKNOWN_ORDER"),)


@pytest.mark.parametrize(
    ("kind", "events", "status", "fills"),
    [
        ({}, (), "open", ()),
        ({"price": 100}, (fill(amount=5),), "open", (FIRST_HALF,)),
        ({}, (fill(amount=5),), "closed", (FIRST_HALF,)),
        ({"amount": 5}, (fill(amount=5),), "closed", (FIRST_HALF,)),
        ({}, (CancelOrder("X"),), "canceled", ()),
        ({"price": 100}, (fill(amount=5), CancelOrder("X")), "canceled", (FIRST_HALF,)),
    ],
    ids=["new", "partly", "closed-with-less-than-asked", "filled", "canceled", "partly-canceled"],
)
def test_query_shows_the_order_and_its_fills(
    kind: dict[str, Any], events: tuple[Any, ...], status: Any, fills: tuple[Filled, ...]
) -> None:
    reports = reports_of(exchange(), order(**kind), *events, FetchOrder("X"))

    assert reports == (Status("X", "found", status, fills, kind.get("amount", 10)),)


@pytest.mark.parametrize(
    "story", [(), (order("Y"),), (order(symbol="ZZZ"),)], ids=["none", "other", "rejected"]
)
def test_query_of_an_order_the_venue_does_not_have_is_not_found(story: tuple[Any, ...]) -> None:
    assert reports_of(exchange(), *story, FetchOrder("X")) == (Status("X", "not_found"),)


# ---- cancels that cross, and orders refused --------------------------------------------------------------


@pytest.mark.parametrize(("lots", "status"), [(4, "canceled"), (10, "closed")])
def test_cancel_across_a_fill_is_confirmed_first_and_the_fill_counts(lots: int, status: Any) -> None:
    crossed = Filled("X", "X.1", "AAA", "buy", lots, 100)
    venue, reports = run(exchange(), order(price=100), CancelAcross("X", lots))

    assert reports[1:] == (Canceled("X", 0), crossed)
    assert step(venue, FetchOrder("X"))[1] == (Status("X", "found", status, (crossed,), 10),)
    assert (position_of(venue, "AAA"), venue.cash) == (lots, CASH - 100 * lots)
    assert step(venue, CancelOrder("X"))[1] == (CancelRefused("X", "TOO_LATE"),)


def test_cancel_across_says_what_was_filled_before() -> None:
    reports = reports_of(exchange(), order(price=100), fill(amount=3), CancelAcross("X", 2))

    assert reports == (Canceled("X", 3), Filled("X", "X.2", "AAA", "buy", 2, 100))


@pytest.mark.parametrize("lots", [0, -1, 11])
def test_cancel_across_what_cannot_fill_changes_nothing(lots: int) -> None:
    venue, _ = run(exchange(), order(price=100))

    assert step(venue, CancelAcross("X", lots)) == (venue, ())
    assert step(venue, CancelAcross("Y", 1)) == (venue, ())


def test_refused_order_is_never_in_the_book() -> None:
    venue = exchange()

    assert step(venue, RefuseOrder("X", "WOULD_TRIGGER")) == (venue, (Rejected("X", "WOULD_TRIGGER"),))


# ---- prices and sessions -------------------------------------------------------------------------------


def test_price_move_is_reported_and_changes_what_later_fills_cost() -> None:
    venue, reports = run(exchange(), order(), MovePrice("AAA", 110), fill())

    assert reports[1] == Price("AAA", 110)
    assert reports[2].price == 110
    assert (price_of(venue, "AAA"), price_of(venue, "BBB")) == (110, 100)


@pytest.mark.parametrize("move", [MovePrice("ZZZ", 100), MovePrice("AAA", 0), MovePrice("AAA", -1)])
def test_price_move_that_makes_no_sense_changes_nothing(move: MovePrice) -> None:
    venue = exchange()

    assert step(venue, move) == (venue, ())


def test_new_session_says_nothing_and_leaves_orders_open() -> None:
    venue, reports = run(exchange(), order(), NewSession(), fill())

    assert reports == (Accepted("X"), Filled("X", "X.1", "AAA", "buy", 10, 100))
    assert venue.session == 1


def test_what_is_not_there_is_none_or_zero() -> None:
    venue = exchange()

    assert (market_of(venue, "ZZZ"), find(venue, "X"), position_of(venue, "AAA")) == (None, None, 0)
    assert filled(find(run(venue, order())[0], "X")) == 0
