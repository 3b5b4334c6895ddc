"""Orders that a venue set apart: nothing that it says or does differs from what it would have done."""

from dataclasses import replace
from itertools import chain

from hypothesis import given

from hedgecheck.messages import Accepted, Canceled, CancelOrder, CancelRefused, FetchOrder, Rejected
from hedgecheck.venue import ArchiveOrders, Venue, find, step
from tests.unit.kit.exchange import exchange, fill, order, reports_of, run
from tests.unit.kit.test_venue_properties import CODES, EVENT_BYTES, MANY, event_of, venues

NAMES = ("X", "Y", "X~2")


def orders_of(venue: Venue) -> list[object]:
    """Every order that there ever was, those of one id by age."""
    return [[*venue.archive.get(name, ()), *(o for o in venue.orders if named(o) == name)] for name in NAMES]


def named(each: object) -> str:
    name: str = each.request.client_order_id  # type: ignore[attr-defined]
    return name


@MANY
@given(venues(), CODES)
def test_a_venue_that_archives_all_the_time_says_what_one_says_that_never_does(
    opened: Venue, code: bytes
) -> None:
    tidy = plain = opened
    for at in range(0, len(code) - EVENT_BYTES + 1, EVENT_BYTES):
        event = event_of(code[at : at + EVENT_BYTES], plain)
        (plain, said), (tidy, told) = step(plain, event), step(tidy, event)
        tidy, nothing = step(tidy, ArchiveOrders())

        assert (told, nothing) == (said, ())
        assert orders_of(tidy) == orders_of(plain)
        assert replace(tidy, orders=(), archive=plain.archive) == replace(plain, orders=())
        assert [find(tidy, name) for name in NAMES] == [find(plain, name) for name in NAMES]
        assert all(each.phase == "open" for each in tidy.orders)


def test_only_closed_orders_are_set_apart() -> None:
    venue, _ = run(exchange(), order("X"), order("Y"), fill("X"), ArchiveOrders())

    assert [each.request.client_order_id for each in venue.orders] == ["Y"]
    assert [name for name, orders in venue.archive.items() if orders] == ["X"]


def test_an_archived_order_is_shown_and_cancelled_too_late() -> None:
    done = (order("X"), fill("X"), ArchiveOrders())

    shown = reports_of(exchange(), *done, FetchOrder("X"))

    assert shown == reports_of(exchange(), *done[:2], FetchOrder("X"))
    assert reports_of(exchange(), *done, CancelOrder("X")) == (CancelRefused("X", "TOO_LATE"),)


def test_an_id_that_is_unique_for_ever_is_taken_by_an_archived_order() -> None:
    done = (order("X"), CancelOrder("X"), ArchiveOrders(), order("X"))

    assert reports_of(exchange(client_id_unique="forever"), *done) == (
        Rejected("X", "DUPLICATE_CLIENT_ORDER_ID"),
    )
    assert reports_of(exchange(), *done) == (Accepted("X"),)


def test_trades_of_an_id_that_is_used_again_have_other_ids() -> None:
    again = (order("X"), fill("X"), ArchiveOrders()) * 3
    _, said = run(exchange(cash=10**6), *again)

    trades = [each.trade_id for each in said if hasattr(each, "trade_id")]
    assert trades == ["X.1", "X.2~1", "X.3~1"]


def test_what_is_archived_twice_is_archived_once() -> None:
    venue, said = run(exchange(), order("X"), CancelOrder("X"), ArchiveOrders(), ArchiveOrders())

    assert said == (Accepted("X"), Canceled("X", 0))
    assert len(list(chain(*venue.archive.values()))) == 1
