"""The venue's cash as its owner moves it: what may be deposited and withdrawn."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.venue import Market, MoveCash, MovePrice, Venue, step, withdrawable
from tests.unit.kit.exchange import CASH, bought, exchange, order, run, sold, spot


def after(*events: Any, venue: Venue | None = None) -> Venue:
    """The venue after all of that."""
    return run(exchange() if venue is None else venue, *events)[0]


@pytest.mark.parametrize("amount", [1, 5_000, -1, -CASH])
def test_cash_moves_and_nothing_else_does(amount: int) -> None:
    moved, reports = step(exchange(), MoveCash(amount))

    assert (moved, reports) == (replace(exchange(), cash=CASH + amount), ())


@pytest.mark.parametrize(
    ("venue", "free"),
    [
        (exchange(), 10_000),
        (after(*bought(10)), 9_000),
        (after(*bought(10), MovePrice("AAA", 200)), 9_000),  # the profit is not realised
        (after(*sold(10)), 10_000),  # what the sale brought is owed
        (after(*sold(10), MovePrice("AAA", 150)), 9_500),
        (after(*sold(90), MovePrice("AAA", 300)), 0),
        (after(order(amount=10, price=90)), 10_000),
        (after(*sold(10), venue=exchange(Market("AAA", tick_lot_value=2))), 10_000),
        (spot(AAA=10), 10_000),
        (after(order(amount=10, price=90), venue=spot()), 9_100),
        (after(order("S", "sell", 10, price=110), venue=spot(AAA=10)), 10_000),
        (after(*bought(10), venue=spot()), 9_000),
    ],
)
def test_what_is_free_is_paid_out_and_not_a_unit_more(venue: Venue, free: int) -> None:
    assert withdrawable(venue) == free
    assert step(venue, MoveCash(-free))[0].cash == venue.cash - free
    assert step(venue, MoveCash(-free - 1)) == (venue, ())


def test_an_account_that_owes_more_than_it_has_takes_a_deposit() -> None:
    ruined = after(*sold(90), MovePrice("AAA", 300))

    assert step(ruined, MoveCash(1))[0].cash == ruined.cash + 1
