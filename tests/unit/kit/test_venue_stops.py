"""Stop orders at the venue: when they wait, when they trigger, what they are afterwards, what they lock."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.messages import Accepted, Canceled, CancelOrder, Expired, Filled, Price, Rejected
from hedgecheck.venue import CancelAcross, FillOrder, Market, MovePrice, Venue, fillable, find, step, waits
from tests.unit.kit.exchange import bought, exchange, fill, order, reports_of, run, sold, spot


def up(price: int) -> MovePrice:
    return MovePrice("AAA", price)


def lots(venue: Venue, name: str = "X") -> int:
    """What the market would trade of an order."""
    return fillable(venue, find(venue, name))


# ---- waiting and triggering ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "stop", "price", "triggers"),
    [
        ("buy", 110, 109, False),
        ("buy", 110, 110, True),
        ("buy", 110, 111, True),
        ("buy", 110, 90, False),
        ("sell", 90, 91, False),
        ("sell", 90, 90, True),
        ("sell", 90, 89, True),
        ("sell", 90, 110, False),
    ],
)
def test_stop_order_trades_once_the_market_is_at_its_price_or_beyond(
    side: Any, stop: int, price: int, triggers: bool
) -> None:
    venue, reports = run(exchange(), order(side=side, stop_price=stop), up(price))

    assert reports == (Accepted("X"), Price("AAA", price))
    assert waits(find(venue, "X")) is not triggers
    assert lots(venue) == (10 if triggers else 0)


def test_stop_order_that_waits_cannot_be_filled() -> None:
    venue, _ = run(exchange(), order(stop_price=110))

    assert step(venue, fill()) == (venue, ())
    assert step(venue, CancelAcross("X", 10)) == (venue, ())


def test_triggered_stop_stays_triggered_when_the_price_comes_back() -> None:
    venue, _ = run(exchange(), order(stop_price=110), up(110), up(100))

    assert (waits(find(venue, "X")), lots(venue)) == (False, 10)


def test_stop_of_another_symbol_does_not_trigger() -> None:
    venue, _ = run(exchange(), order(stop_price=110), MovePrice("BBB", 120))

    assert waits(find(venue, "X"))


def test_triggered_stop_trades_at_the_market_price_over_a_gap() -> None:
    assert reports_of(exchange(), *bought(10), order(side="sell", stop_price=95), up(80), fill()) == (
        Filled("X", "X.1", "AAA", "sell", 10, 80),
    )


def test_triggered_market_stop_expires_with_what_does_not_trade() -> None:
    reports = reports_of(exchange(), order(stop_price=110), up(110), fill(amount=4))

    assert reports == (Filled("X", "X.1", "AAA", "buy", 4, 110), Expired("X", 4))


@pytest.mark.parametrize(("price", "tradable"), [(94, 0), (93, 0), (95, 10), (96, 10)])
def test_triggered_stop_limit_trades_within_its_limit_alone(price: int, tradable: int) -> None:
    venue, _ = run(exchange(), order(side="sell", stop_price=96, price=95), up(96), up(price))

    assert lots(venue) == tradable


def test_triggered_stop_limit_rests_with_what_does_not_trade() -> None:
    venue, reports = run(
        exchange(), order(stop_price=110, price=112), up(110), fill(amount=4), fill(amount=6)
    )

    assert [type(each) for each in reports[2:]] == [Filled, Filled]
    assert find(venue, "X").phase == "filled"


def test_all_stops_that_a_price_passes_trigger_and_none_else() -> None:
    stops = [order(name, stop_price=price) for name, price in (("A", 105), ("B", 110), ("C", 111))]

    venue, reports = run(exchange(), *stops, up(110))

    assert [waits(find(venue, each)) for each in "ABC"] == [False, False, True]
    assert reports[-1] == Price("AAA", 110)


def test_stop_that_is_over_does_not_trigger() -> None:
    venue, _ = run(exchange(), order(stop_price=110), CancelOrder("X"), up(110))

    assert waits(find(venue, "X"))
    assert find(venue, "X").phase == "canceled"


def test_stop_that_waits_can_be_canceled() -> None:
    assert reports_of(exchange(), order(stop_price=110), CancelOrder("X")) == (Canceled("X", 0),)


# ---- immediate ones --------------------------------------------------------------------------------------


def test_immediate_stop_waits_as_any_other() -> None:
    venue, reports = run(exchange(), order(stop_price=110, price=105, immediate=True), up(106))

    assert reports == (Accepted("X"), Price("AAA", 106))
    assert find(venue, "X").phase == "open"


def test_immediate_stop_limit_that_triggers_beyond_its_limit_is_gone() -> None:
    reports = reports_of(exchange(), order(stop_price=110, price=105, immediate=True), up(110))

    assert reports == (Price("AAA", 110), Expired("X", 0))


# ---- on arrival ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "stop", "taken"),
    [
        ("buy", 101, True),
        ("buy", 100, False),
        ("buy", 99, False),
        ("sell", 99, True),
        ("sell", 100, False),
        ("sell", 101, False),
    ],
)
def test_stop_that_is_passed_already_is_rejected(side: Any, stop: int, taken: bool) -> None:
    reports = reports_of(exchange(), order(side=side, stop_price=stop))

    assert reports == ((Accepted("X"),) if taken else (Rejected("X", "WOULD_TRIGGER"),))


@pytest.mark.parametrize(
    ("market", "changes", "reason"),
    [
        ({}, {"stop_price": 0}, "NOT_POSITIVE"),
        ({}, {"stop_price": -5}, "NOT_POSITIVE"),
        ({"tick": 5}, {"stop_price": 112}, "PRECISION"),
        ({"tick": 5}, {"stop_price": 110}, None),
        ({"tick": 5}, {"stop_price": 110, "price": 112}, "PRECISION"),
        ({"minimum_notional": 1_101}, {"stop_price": 110}, "BELOW_MINIMUM"),
        ({"minimum_notional": 1_100}, {"stop_price": 110}, None),
        ({"minimum_notional": 1_121}, {"stop_price": 110, "price": 112}, "BELOW_MINIMUM"),
        ({"minimum_notional": 1_120}, {"stop_price": 110, "price": 112}, None),
    ],
)
def test_stop_price_is_held_to_the_grid_and_counts_for_the_notional(
    market: dict[str, int], changes: dict[str, Any], reason: str | None
) -> None:
    reports = reports_of(exchange(Market("AAA", **market)), order(**changes))

    assert reports == ((Accepted("X"),) if reason is None else (Rejected("X", reason),))


# ---- reduce-only -----------------------------------------------------------------------------------------


def protective(amount: int = 10, **changes: Any) -> Any:
    return order("S", "sell", amount, stop_price=90, reduce_only=True, **changes)


def test_protective_stop_trades_at_most_the_position() -> None:
    venue, _ = run(exchange(), *bought(6), protective(10), up(90))

    assert lots(venue, "S") == 6


def test_protective_stop_of_a_short_position_buys() -> None:
    venue, _ = run(exchange(), *sold(6), replace(protective(), side="buy", stop_price=110), up(110))

    assert lots(venue, "S") == 6


def test_protective_stop_where_nothing_is_held_is_rejected() -> None:
    assert reports_of(exchange(), protective()) == (Rejected("S", "REDUCE_ONLY"),)


def test_protective_stop_whose_position_is_gone_triggers_and_trades_nothing() -> None:
    venue, _ = run(exchange(), *bought(10), protective(), order("Z", "sell"), FillOrder("Z", 10), up(90))

    assert (waits(find(venue, "S")), lots(venue, "S"), find(venue, "S").phase) == (False, 0, "open")


# ---- spot: what it locks ---------------------------------------------------------------------------------


def test_stop_to_sell_locks_what_it_would_sell() -> None:
    venue, _ = run(spot(AAA=10), order("S", "sell", 6, stop_price=90))

    assert reports_of(venue, order("X", "sell", 4)) == (Accepted("X"),)
    assert reports_of(venue, order("X", "sell", 5)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)


@pytest.mark.parametrize(("price", "locked"), [(None, 1_100), (112, 1_120)])
def test_stop_to_buy_locks_what_it_may_cost(price: int | None, locked: int) -> None:
    venue, _ = run(spot(cash=locked + 200), order("S", stop_price=110, price=price))

    assert reports_of(venue, order("X", amount=2)) == (Accepted("X"),)
    assert reports_of(venue, order("X", amount=3)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)


def test_stop_to_buy_that_cannot_be_paid_at_its_stop_is_rejected() -> None:
    assert reports_of(spot(cash=1_099), order(stop_price=110)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)
    assert reports_of(spot(cash=1_100), order(stop_price=110)) == (Accepted("X"),)


def test_triggered_stop_to_buy_locks_what_the_market_asks() -> None:
    venue, _ = run(spot(cash=2_000), order("S", stop_price=110), up(120))

    assert reports_of(venue, order("X", amount=6)) == (Accepted("X"),)
    assert reports_of(venue, order("X", amount=7)) == (Rejected("X", "INSUFFICIENT_BALANCE"),)


def test_immediate_order_that_is_over_does_not_end_again() -> None:
    story = (order(stop_price=110, price=105, immediate=True), CancelOrder("X"), up(110))

    assert run(exchange(), *story)[1][1:] == (Canceled("X", 0), Price("AAA", 110))


def test_reduce_only_makes_no_order_smaller_on_spot() -> None:
    venue = replace(
        spot(AAA=10), house=replace(spot().house, markets=(Market("AAA", minimum_notional=1_000),))
    )

    assert reports_of(venue, order(side="sell", amount=9, reduce_only=True)) == (
        Rejected("X", "BELOW_MINIMUM"),
    )
