"""I05: what an intent puts at risk, through aborts, second attempts, lost requests and ends of an epoch."""

import pytest

from hedgecheck.invariants import one_intent_one_exposure as rule
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    Expired,
    FetchOrder,
    Lost,
    Rejected,
    Sent,
)
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

DOUBLE_ENTRY = (signaled(), Sent(buy("X")), Accepted("X"), Sent(buy("Y")), Accepted("Y"))
ABORTED = (signaled(), *placed(buy()), fill(buy(), 6), Canceled("X", 6))
LEFT_OPEN = (*ABORTED, returned())  # six lots bought by an intent that did not succeed
HEDGED = (
    signaled(),
    *traded(buy()),
    *traded(sell("Y", symbol="BBB")),
    returned(success=True, reason="hedged"),
)

# ---- within an epoch -------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [1, 2, 3, 4])
def test_double_entry_needs_both_orders_to_be_accepted(missing: int) -> None:
    assert is_broken(judge(rule, DOUBLE_ENTRY))
    assert judge(rule, DOUBLE_ENTRY[:missing] + DOUBLE_ENTRY[missing + 1 :]) == "holds"


def test_order_within_what_was_asked_for_holds_from_acceptance_to_return() -> None:
    assert judge(rule, HEDGED[:-1]) == "holds"
    assert judge(rule, HEDGED) == "vacuous"


def test_order_of_more_than_was_asked_for_is_broken() -> None:
    assert is_broken(judge(rule, (signaled(), *placed(buy(amount=11)))))


def test_second_leg_is_bound_by_its_own_amount() -> None:
    both = (signaled(amount_b=15), *traded(buy()))

    assert judge(rule, (*both, *placed(sell("Y", 15, "BBB")))) == "holds"
    assert is_broken(judge(rule, (*both, *placed(sell("Y", 16, "BBB")))))


def test_other_side_of_an_untouched_symbol_is_broken() -> None:
    assert is_broken(judge(rule, (signaled(), *placed(sell()))))


def test_order_filled_beyond_its_amount_is_broken() -> None:
    assert is_broken(judge(rule, (signaled(), *placed(buy()), fill(buy(), 12))))


def test_fill_after_the_order_was_full_is_broken() -> None:
    assert is_broken(judge(rule, (signaled(), *traded(buy()), fill(buy(), 1, "X.2"))))


def test_fill_of_an_order_nobody_sent_is_broken() -> None:
    assert is_broken(judge(rule, (fill(buy()),)))


def test_more_than_the_order_that_fills_after_the_call_returned_is_broken() -> None:
    assert is_broken(judge(rule, (signaled(), *traded(buy()), returned(), fill(buy(), 1, "X.2"))))


def test_two_intents_on_one_symbol_may_work_what_both_ask_for() -> None:
    two = (signaled(), signaled("p2", 5, 5), *placed(buy("X")))

    assert judge(rule, (*two, *placed(buy("Y", 5, of="p2")))) == "holds"
    assert is_broken(judge(rule, (*two, *placed(buy("Y", 6, of="p2")))))


def test_intent_delivered_twice_asks_once() -> None:
    assert is_broken(judge(rule, (signaled(), *DOUBLE_ENTRY)))


# ---- aborted, and closed again ---------------------------------------------------------------------


def test_abort_then_flatten_holds() -> None:
    assert judge(rule, (*ABORTED, *placed(sell("F", 6)))) == "holds"
    assert judge(rule, (*ABORTED, *traded(sell("F", 6)))) == "holds"


@pytest.mark.parametrize(
    "closing",
    [placed(sell("F", 7)), (*traded(sell("F", 6)), *placed(sell("G", 1)))],
    ids=["too-much", "once-more"],
)
def test_flatten_beyond_what_was_filled_is_broken(closing: Records) -> None:
    assert is_broken(judge(rule, (*ABORTED, *closing)))


def test_flatten_while_the_entry_still_works_may_close_what_was_filled() -> None:
    working = (signaled(), *placed(buy()), fill(buy(), 6))

    assert judge(rule, (*working, *placed(sell("F", 6)))) == "holds"
    assert is_broken(judge(rule, (*working, *placed(sell("F", 10)))))


# ---- the second attempt ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dead",
    [
        (Sent(buy()), Lost(buy())),
        (Sent(buy()), Rejected("X", "BELOW_MINIMUM")),
        (*placed(buy()), Canceled("X", 0)),
        (*placed(buy()), Expired("X", 0)),
    ],
    ids=["lost", "rejected", "canceled", "expired"],
)
def test_second_attempt_after_a_proven_dead_one_holds(dead: Records) -> None:
    assert judge(rule, (signaled(), *dead, *placed(buy("Y")))) == "holds"


def test_second_attempt_asks_only_for_what_the_first_left() -> None:
    assert judge(rule, (*ABORTED, *placed(buy("Y", 4)))) == "holds"
    assert is_broken(judge(rule, (*ABORTED, *placed(buy("Y", 10)))))


@pytest.mark.parametrize("request_about_it", [CancelOrder("X"), FetchOrder("X")], ids=["cancel", "fetch"])
def test_lost_request_about_an_order_does_not_end_it(request_about_it: CancelOrder | FetchOrder) -> None:
    lost = (Sent(request_about_it), Lost(request_about_it))

    assert is_broken(judge(rule, (signaled(), *placed(buy()), *lost, *placed(buy("Y")))))


def test_lost_query_does_not_end_an_order_still_on_its_way() -> None:
    query = FetchOrder("X")
    overtaken = (Sent(buy()), Sent(query), Lost(query), Accepted("X"))

    assert judge(rule, (signaled(), *overtaken)) == "holds"
    assert is_broken(judge(rule, (signaled(), *overtaken, *placed(buy("Y")))))


def test_rejected_duplicate_of_a_client_order_id_does_not_end_the_order_that_has_it() -> None:
    again = (Sent(buy()), Rejected("X", "DUPLICATE_CLIENT_ORDER_ID"))

    assert is_broken(judge(rule, (signaled(), *placed(buy()), *again, *placed(buy("Y")))))


def test_lost_duplicate_of_a_client_order_id_does_not_end_the_order_that_has_it() -> None:
    again = (Sent(buy()), Lost(buy()))

    assert is_broken(judge(rule, (signaled(), *placed(buy()), *again, *placed(buy("Y")))))


def test_client_order_id_taken_again_after_a_fill_is_broken() -> None:
    sent_twice = (signaled(), Sent(buy()), Sent(buy()), Accepted("X"), fill(buy()))

    assert judge(rule, sent_twice) == "holds"
    assert is_broken(judge(rule, (*sent_twice, Accepted("X"))))


# ---- the end of an epoch ---------------------------------------------------------------------------


@pytest.mark.parametrize("success", [True, False])
def test_what_an_intent_asked_for_ends_when_it_returned_and_nothing_works(success: bool) -> None:
    ended = (signaled(), *placed(buy()), Canceled("X", 0), returned(success=success))

    assert is_broken(judge(rule, (*ended, *placed(buy("Y")))))


def test_replayed_intent_that_trades_again_is_broken() -> None:
    assert is_broken(judge(rule, (*HEDGED, signaled(), *placed(buy("Z")))))


def test_next_intent_has_its_own_amount_after_the_epoch() -> None:
    assert judge(rule, (*HEDGED, signaled("p2"), *placed(buy("Z", of="p2")))) == "holds"
    assert is_broken(judge(rule, (*HEDGED, signaled("p2"), *placed(buy("Z", 11, of="p2")))))


def test_epoch_goes_on_while_an_order_is_unanswered() -> None:
    in_the_air = (signaled(), Sent(buy()), returned())

    assert judge(rule, (*in_the_air, Accepted("X"))) == "holds"
    assert is_broken(judge(rule, (*in_the_air, Accepted("X"), *placed(buy("Y")))))


def test_epoch_goes_on_while_an_order_works() -> None:
    working = (signaled(), *placed(buy()), returned())

    assert judge(rule, working) == "holds"
    assert is_broken(judge(rule, (*working, *placed(buy("Y")))))


def test_epoch_goes_on_while_one_of_two_calls_has_not_returned() -> None:
    two_calls = (signaled(), signaled(), *placed(buy()), Canceled("X", 0), returned())

    assert judge(rule, (*two_calls, *placed(buy("Y")))) == "holds"
    assert is_broken(judge(rule, (*two_calls, returned(), *placed(buy("Y")))))


def test_epoch_of_one_symbol_ends_without_the_other() -> None:
    bbb_works = (signaled(), *placed(sell("Y", symbol="BBB")), returned())

    assert judge(rule, bbb_works) == "holds"
    assert is_broken(judge(rule, (*bbb_works, *placed(buy("Z")))))


# ---- what an intent without success left open --------------------------------------------------------


def test_what_an_unsuccessful_intent_left_open_may_be_closed_later() -> None:
    assert judge(rule, (*LEFT_OPEN, *placed(sell("F", 6)))) == "holds"
    assert is_broken(judge(rule, (*LEFT_OPEN, *placed(sell("F", 7)))))


def test_what_is_left_open_shrinks_with_every_close() -> None:
    closed_two = (*LEFT_OPEN, *placed(sell("F", 2)), fill(sell("F", 2)))

    assert judge(rule, (*closed_two, *placed(sell("G", 4)))) == "holds"
    assert is_broken(judge(rule, (*closed_two, *placed(sell("G", 5)))))


def test_what_was_left_open_short_may_be_bought_back() -> None:
    short = (signaled(), *traded(sell(symbol="BBB")), returned())

    assert judge(rule, (*short, *placed(buy("F", 10, "BBB")))) == "holds"
    assert is_broken(judge(rule, (*short, *placed(buy("F", 11, "BBB")))))


def test_what_is_left_open_is_net_of_a_fee_in_base() -> None:
    paid = (signaled(), *traded(buy(), fee_lots=1), returned())

    assert judge(rule, (*paid, *placed(sell("F", 9)))) == "holds"
    assert is_broken(judge(rule, (*paid, *placed(sell("F", 10)))))


def test_what_is_left_open_gives_no_room_for_more_of_the_same() -> None:
    assert is_broken(judge(rule, (*LEFT_OPEN, *placed(buy("Y", 1)))))


def test_what_a_successful_intent_holds_is_nobodys_to_close() -> None:
    assert is_broken(judge(rule, (*HEDGED, *placed(sell("F", 1)))))
