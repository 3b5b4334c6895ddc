"""I15: crashes, calls that never return, orders waited for at rest, and requests without end."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import BelievedOrder
from hedgecheck.invariants import live as rule
from hedgecheck.invariants.liveness import REQUESTS_MAX
from hedgecheck.messages import CancelOrder, Crashed, FetchOrder, Request, Sent
from tests.unit.kit.traces import (
    NOTHING,
    alert,
    buy,
    is_broken,
    judge,
    order_open,
    order_over,
    returned,
    signaled,
)

CALLED = (signaled(), Sent(buy()), returned())

# ---- calls -----------------------------------------------------------------------------------------


def test_call_may_be_under_way_until_all_is_at_rest() -> None:
    assert judge(rule, (signaled(),), at_rest=False) == "vacuous"
    assert is_broken(judge(rule, (signaled(),), at_rest=True))


def test_every_delivery_of_an_intent_returns() -> None:
    twice = (signaled(), signaled(), returned(reason="DUPLICATE_SIGNAL"))

    assert is_broken(judge(rule, twice, at_rest=True))
    assert judge(rule, (*twice, returned()), at_rest=True) == "holds"


def test_return_of_another_intent_does_not_count() -> None:
    assert is_broken(judge(rule, (signaled(), signaled("p2"), returned("p2")), at_rest=True))


@pytest.mark.parametrize(("subject", "broken"), [("p1", False), ("p2", True), ("daily_loss#1", True)])
def test_call_that_does_not_return_is_flagged_by_its_own_name(subject: str, broken: bool) -> None:
    assert is_broken(judge(rule, (signaled(), alert(subject)), at_rest=True)) is broken


# ---- crashes ---------------------------------------------------------------------------------------


def test_crash_is_broken_at_once_and_stays_so() -> None:
    crashed = (signaled(), Crashed("KeyError: 'X'"))

    assert is_broken(judge(rule, crashed, at_rest=False))
    assert is_broken(judge(rule, (*crashed, returned(), alert()), at_rest=True))


# ---- orders waited for -----------------------------------------------------------------------------


def test_order_waited_for_at_rest_is_broken() -> None:
    assert judge(rule, CALLED, order_over(), at_rest=True) == "holds"
    assert is_broken(judge(rule, CALLED, order_open(), at_rest=True))


def test_order_may_be_waited_for_until_all_is_at_rest() -> None:
    assert judge(rule, CALLED, order_open(), at_rest=False) == "vacuous"


@pytest.mark.parametrize(("subject", "broken"), [("p1", False), ("p2", True), ("daily_loss#1", True)])
def test_order_waited_for_at_rest_is_flagged_by_its_intent(subject: str, broken: bool) -> None:
    assert is_broken(judge(rule, (*CALLED, alert(subject)), order_open(), at_rest=True)) is broken


def test_order_of_no_intent_is_flagged_by_any_alert() -> None:
    nobodys = (signaled(), Sent(buy(of=None)), returned())

    assert judge(rule, (*nobodys, alert("gateway")), order_open(), at_rest=True) == "holds"
    assert is_broken(judge(rule, nobodys, order_open(), at_rest=True))


def test_one_flagged_order_does_not_excuse_another() -> None:
    records = (*CALLED, signaled("p2"), Sent(buy("Y", of="p2")), returned("p2"), alert("p1"))
    both = replace(NOTHING, orders=(BelievedOrder("X", False, 0), BelievedOrder("Y", False, 0)))

    assert is_broken(judge(rule, records, both, at_rest=True))


# ---- requests without end ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_again", [FetchOrder("X"), CancelOrder("X"), buy()], ids=["query", "cancel", "create"]
)
def test_request_repeated_without_end_is_broken(request_again: Request) -> None:
    asked = (signaled(), *(Sent(request_again),) * REQUESTS_MAX, returned())

    assert judge(rule, asked, at_rest=True) == "holds"
    assert is_broken(judge(rule, (*asked, Sent(request_again)), at_rest=False))


def test_new_orders_without_end_are_broken_under_whatever_names() -> None:
    orders = tuple(Sent(buy(f"X{number}")) for number in range(REQUESTS_MAX + 1))

    assert judge(rule, (signaled(), *orders[:-1], returned()), at_rest=True) == "holds"
    assert is_broken(judge(rule, (signaled(), *orders), at_rest=False))


def test_requests_about_different_orders_are_counted_apart() -> None:
    many = tuple(Sent(FetchOrder(name)) for name in ("X", "Y") for _ in range(REQUESTS_MAX))

    assert judge(rule, (signaled(), *many, returned()), at_rest=True) == "holds"
