"""I05 where intents follow each other: exits sold twice, orders nobody heard of, and what success leaves."""

import pytest

from hedgecheck.invariants import one_intent_one_exposure as rule
from hedgecheck.messages import (
    Accepted,
    Canceled,
    Expired,
    Lost,
    OutcomeUnknown,
    Record,
    Returned,
    Sent,
    Signaled,
)
from hedgecheck.values import replace
from tests.unit.kit.traces import (
    Records,
    buy,
    fill,
    is_broken,
    judge,
    placed,
    returned,
    sell,
    signaled,
    traded,
)

UNANSWERED = OutcomeUnknown("X", "create")
SUCCESS = Returned("p1", True, "hedged")
ENTERED = (signaled(), *traded(buy()), *traded(sell("Y", symbol="BBB")), SUCCESS)


def leaves(name: str = "p2", amount: int = 10) -> Signaled:
    """The engine is given an intent to sell AAA again, and buy BBB back."""
    return signaled(name, amount, amount, side_a="sell", side_b="buy")


# ---- an exit sold twice --------------------------------------------------------------------------------

EXIT_TWICE = (leaves(), *placed(sell("E", of="p2")), *placed(sell("F", of="p2")))


@pytest.mark.parametrize("missing", [1, 3, 4, 6])
def test_exit_sold_twice_needs_both_orders_to_be_accepted(missing: int) -> None:
    assert is_broken(judge(rule, EXIT_TWICE))
    assert judge(rule, EXIT_TWICE[:missing] + EXIT_TWICE[missing + 1 :]) == "holds"


@pytest.mark.parametrize("second", ["p2", None], ids=["of-the-exit", "of-nobody"])
def test_exit_of_what_an_intent_bought_is_sold_once(second: str | None) -> None:
    exited = (*ENTERED, leaves(), *placed(sell("E", of="p2")))

    assert judge(rule, exited) == "holds"
    assert judge(rule, (*exited, fill(sell("E")))) == "holds"
    assert is_broken(judge(rule, (*exited, *placed(sell("F", 1, of=second)))))
    assert is_broken(judge(rule, (*exited, fill(sell("E")), *placed(sell("F", of=second)))))


def test_exit_sold_twice_after_it_returned_is_broken() -> None:
    gone = (*ENTERED, leaves(), *traded(sell("E", of="p2")), returned("p2", success=True))

    assert judge(rule, gone) == "vacuous"
    assert is_broken(judge(rule, (*gone, *placed(sell("F", of="p2")))))


def test_exit_of_more_than_it_was_to_leave_is_broken() -> None:
    assert is_broken(judge(rule, (*ENTERED, leaves(), *placed(sell("E", 11, of="p2")))))


def test_two_exits_of_one_position_are_bound_by_what_both_ask_for() -> None:
    both = (leaves("p2", 4), leaves("p3", 6), *placed(sell("E", 4, of="p2")))

    assert judge(rule, (*both, *placed(sell("F", 6, of="p3")))) == "holds"
    assert is_broken(judge(rule, (*both, *placed(sell("F", 7, of="p3")))))


# ---- aborted, and closed again -------------------------------------------------------------------------


@pytest.mark.parametrize("flatten", [placed(sell("F", 6)), traded(sell("F", 6))], ids=["works", "filled"])
@pytest.mark.parametrize("end", [Canceled("X", 6), Expired("X", 6)], ids=["canceled", "expired"])
def test_abort_and_flatten_before_the_call_returns_holds(end: Record, flatten: Records) -> None:
    aborted = (signaled(), *placed(buy()), fill(buy(), 6), end, *flatten)

    assert judge(rule, aborted) == "holds"
    assert not is_broken(judge(rule, (*aborted, returned())))
    assert is_broken(judge(rule, (*aborted, *placed(sell("G", 1)))))


# ---- remainders that are gone --------------------------------------------------------------------------


@pytest.mark.parametrize("end", [Canceled("X", 6), Expired("X", 6)], ids=["canceled", "expired"])
def test_remainder_that_is_gone_does_not_count(end: Record) -> None:
    working = (signaled(), *placed(buy()), fill(buy(), 6))

    assert is_broken(judge(rule, (*working, *placed(buy("Y", 4)))))
    assert judge(rule, (*working, end, *placed(buy("Y", 4)))) == "holds"
    assert is_broken(judge(rule, (*working, end, *placed(buy("Y", 5)))))


# ---- held, and nobody heard ----------------------------------------------------------------------------


def test_order_held_and_unreported_works_all_the_same() -> None:
    assert is_broken(judge(rule, (signaled(), Sent(buy()), Accepted("X"), UNANSWERED, *placed(buy("Y")))))


def test_order_unreported_and_lost_does_not_work() -> None:
    lost = (signaled(), Sent(buy()), Lost(buy()), UNANSWERED)

    assert judge(rule, (*lost, *placed(buy("Y")))) == "holds"
    assert is_broken(judge(rule, (*lost, returned(), *placed(buy("Y")))))


def test_order_unreported_works_from_when_it_arrives() -> None:
    in_the_air = (signaled(), Sent(buy()), UNANSWERED, *placed(buy("Y")))

    assert judge(rule, in_the_air) == "holds"
    assert is_broken(judge(rule, (*in_the_air, Accepted("X"))))


def test_order_held_and_unreported_keeps_the_epoch_after_the_call_returned() -> None:
    unreported = (signaled(), Sent(buy()), Accepted("X"), UNANSWERED, returned())

    assert judge(rule, unreported) == "holds"
    assert judge(rule, (*unreported, fill(buy()), *placed(sell("F")))) == "holds"
    assert is_broken(judge(rule, (*unreported, *placed(buy("Y", 1)))))


# ---- a signal after a success --------------------------------------------------------------------------


def test_signal_delivered_again_after_it_succeeded_asks_for_nothing_more() -> None:
    replayed = (*ENTERED, signaled())

    assert judge(rule, replayed) == "vacuous"
    assert judge(rule, (*replayed, returned(success=True))) == "vacuous"
    assert is_broken(judge(rule, (*replayed, *placed(buy("Z", 1)))))


def test_signal_delivered_again_while_it_is_under_way_asks_for_nothing_more() -> None:
    twice = (signaled(), signaled(), *traded(buy()))

    assert judge(rule, (*twice, SUCCESS)) == "holds"
    assert is_broken(judge(rule, (*twice, SUCCESS, *placed(buy("Z", 1)))))


def test_next_signal_of_another_id_asks_for_its_own() -> None:
    following = (*ENTERED, signaled("p2", 4, 4))

    assert judge(rule, (*following, *placed(buy("Z", 4, of="p2")))) == "holds"
    assert is_broken(judge(rule, (*following, *placed(buy("Z", 5, of="p2")))))


# ---- a fee taken in the asset ------------------------------------------------------------------------------


def test_lots_that_the_venue_kept_as_its_fee_may_be_bought_again_and_no_more() -> None:
    sold = (leaves("p1"), *traded(sell("E", of="p1")))
    closed = (*sold, *placed(buy("X")), replace(fill(buy("X")), fee_lots=2))

    assert judge(rule, (*closed, *placed(buy("Y", 2)))) == "holds"
    assert is_broken(judge(rule, (*closed, *placed(buy("Y", 3)))))
