"""I05 with stops: they stand apart from the line of their symbol, and give no room for anything else."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import one_intent_one_exposure as rule
from hedgecheck.messages import (
    Canceled,
    CreateOrder,
    Exit,
    Expired,
    Lost,
    Rejected,
    Replaced,
    ReplaceOrder,
    Sent,
)
from tests.unit.kit.traces import (
    Records,
    alert,
    buy,
    fill,
    is_broken,
    judge,
    leaving,
    placed,
    returned,
    sell,
    signaled,
    stop,
    traded,
)

SIGNAL = signaled(stop_a=95, stop_b=105)
LONG = (SIGNAL, *traded(buy()), *traded(sell("Y", symbol="BBB")))
COVER = stop("T", symbol="BBB", side="buy", at=105)
STOPS = (*placed(stop()), *placed(COVER))
DONE = (*LONG, *STOPS, returned(success=True, reason="hedged"))
OUT_A, OUT_B = leaving("E"), leaving("F", symbol="BBB", side="buy")


def breaks(*records: object) -> bool:
    return is_broken(judge(rule, records))


# ---- a stop is no exposure -------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [LONG, DONE[: len(LONG)], (*LONG, returned(success=True))])
def test_stop_of_what_is_held_may_be_placed_before_the_call_returns_and_after(before: Records) -> None:
    assert not breaks(*before, *STOPS)


def test_stops_stay_for_as_long_as_the_position_and_may_be_hit() -> None:
    assert not breaks(*DONE)
    assert not breaks(*DONE, fill(stop()))
    assert not breaks(*DONE, fill(stop(), 4), Expired("S", 4))


def test_stop_that_waits_keeps_no_epoch_open() -> None:
    part = (SIGNAL, *placed(buy()), fill(buy(), 6), Canceled("X", 6), *placed(stop(amount=6)))
    ended = (*part, returned(success=True, reason="hedged"))

    assert breaks(*ended, *placed(buy("Z", 4)))
    assert not breaks(*part, *placed(buy("Z", 4)))


def test_hit_stop_gives_no_room_to_buy_again() -> None:
    hit = (*LONG, *STOPS, fill(stop()))

    assert breaks(*hit, *placed(buy("Z")))
    assert breaks(*DONE, fill(stop()), *placed(buy("Z")))


def test_fill_that_crosses_the_cancel_of_a_stop_is_no_exposure_either() -> None:
    other = signaled("q1")
    crossed = (*DONE, other, Canceled("S", 0), fill(stop()))

    assert not breaks(*crossed)
    assert breaks(*crossed, *placed(OUT_A))


def test_stop_that_never_arrived_or_was_canceled_is_gone() -> None:
    assert not breaks(*LONG, Sent(stop()), Lost(stop()), *placed(stop("R")))
    assert not breaks(*LONG, *placed(stop()), Canceled("S", 0), *placed(stop("R")))
    assert breaks(*LONG, *placed(stop()), *placed(stop("R")))


# ---- exits of an intent with stops -----------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "is_broken_"), [(4, False), (5, True)])
def test_stop_and_exit_of_an_intent_together_are_for_what_it_holds(amount: int, is_broken_: bool) -> None:
    assert breaks(*LONG, *placed(stop(amount=6)), *placed(leaving("E", amount))) is is_broken_


def test_exit_alone_of_an_intent_that_had_a_stop_is_for_what_it_holds() -> None:
    assert not breaks(*LONG, *placed(OUT_A))
    assert breaks(*LONG, *placed(leaving("E", 11)))
    other = (signaled("q1"), *traded(buy("Z", of="q1")))
    had_a_stop = (*placed(stop()), Canceled("S", 0))
    assert breaks(*LONG, *other, *had_a_stop, *placed(leaving("E", 20)))
    assert not breaks(*LONG, *other, *placed(leaving("E", 20)))


def test_other_intents_hold_for_themselves() -> None:
    other = (signaled("q1", stop_a=95), *traded(buy("Z", of="q1")))

    assert not breaks(*LONG, *other, *placed(stop()), *placed(stop("R", of="q1")))
    assert breaks(*LONG, *other, *placed(stop()), *placed(stop("R")))


def test_replaced_stop_counts_for_what_it_stands_for() -> None:
    resized = (*LONG, *placed(stop()), Replaced("S", 6))

    assert not breaks(*resized, *placed(leaving("E", 4)))
    assert breaks(*resized, *placed(leaving("E", 5)))
    assert breaks(*LONG, *placed(stop()), Replaced("S", 11))
    assert not breaks(*LONG, *placed(stop()), fill(stop(), 4), Replaced("S", 4), *placed(leaving("E", 6)))
    assert not breaks(*LONG, Replaced("Q", 99))


def test_stop_of_an_intent_that_named_none_is_not_held_to_what_that_intent_holds() -> None:
    plain = (signaled(), *traded(buy()))

    assert not breaks(*plain, *placed(stop(of=None)))
    assert not breaks(*plain, *placed(stop(of="q1")))
    assert not breaks(*plain, returned(success=True), *placed(stop()))


@pytest.mark.parametrize(
    "order", [replace(stop(), reduce_only=False), replace(stop(), stop_price=None)], ids=["entry", "exit"]
)
def test_only_a_reduce_only_stop_stands_apart(order: CreateOrder) -> None:
    assert breaks(*LONG, returned(success=True), *placed(order))
    assert not breaks(*LONG, returned(success=True), *placed(stop()))


# ---- leaving ---------------------------------------------------------------------------------------------


def test_intent_whose_stop_was_hit_closes_its_other_leg() -> None:
    assert not breaks(*DONE, fill(stop()), Canceled("T", 0), *traded(OUT_B))
    assert not breaks(*DONE, fill(COVER), Canceled("S", 0), *traded(OUT_A))
    assert not breaks(*DONE, fill(stop(), 4), Expired("S", 4), *traded(leaving("E", 6)))
    assert breaks(*DONE, Canceled("T", 0), *placed(OUT_B))


def test_intent_whose_stop_was_hit_closes_each_lot_once() -> None:
    left = (*DONE, fill(stop()), Canceled("T", 0), *traded(OUT_B))

    assert breaks(*DONE, fill(stop()), *placed(OUT_B))
    assert breaks(*left, *placed(leaving("G", symbol="BBB", side="buy")))
    assert breaks(
        *DONE, fill(stop()), Canceled("T", 0), *placed(OUT_B), *placed(leaving("G", 1, "BBB", "buy"))
    )


def test_intent_whose_stop_was_refused_closes_both() -> None:
    done = (*LONG, returned(success=True, reason="hedged"))
    refused = (*done, Sent(stop()), Rejected("S", "WOULD_TRIGGER"))

    assert not breaks(*refused, *traded(OUT_A), *traded(OUT_B))
    assert breaks(*done, *placed(OUT_A))


def test_hit_stop_of_one_intent_lets_no_other_leave() -> None:
    other = (signaled("q1", stop_a=95), *traded(buy("Z", of="q1")), returned("q1", success=True))

    assert breaks(*other, *DONE, fill(stop()), *placed(leaving("E", of="q1")))


def test_order_that_opens_is_no_exit_of_an_intent_that_leaves() -> None:
    assert breaks(*DONE, fill(stop()), Canceled("T", 0), *placed(buy("Z", symbol="BBB")))


LIQUIDATES = alert("liquidation_buffer#1", "BREAKER_TRIPPED")


@pytest.mark.parametrize(
    ("told", "is_broken_"),
    [
        (LIQUIDATES, False),
        (alert("daily_loss#1", "BREAKER_TRIPPED"), True),
        (alert("liquidation_buffer#8000", "BREAKER_WARNING"), True),
        (alert(), True),
    ],
)
def test_only_a_liquidation_closes_what_nobody_asked_to_be_closed(told: object, is_broken_: bool) -> None:
    done = (signaled(), *traded(buy()), returned(success=True))

    assert breaks(*done, told, *placed(OUT_A)) is is_broken_
    assert breaks(*done, told, *placed(leaving("E", 11)))


def test_liquidation_of_an_intent_that_is_not_done_stays_in_its_line() -> None:
    assert not breaks(signaled(), *traded(buy()), LIQUIDATES, *placed(OUT_A))
    assert breaks(signaled(), *traded(buy()), LIQUIDATES, *traded(OUT_A), *placed(leaving("G")))


def test_replaced_entry_counts_for_what_it_stands_for() -> None:
    assert breaks(SIGNAL, *placed(buy(amount=6)), *placed(buy("Z", 5)))
    assert not breaks(SIGNAL, *placed(buy(amount=6)), Replaced("X", 5), *placed(buy("Z", 5)))
    assert breaks(SIGNAL, *placed(buy(amount=6)), Replaced("X", 11))
    assert not breaks(SIGNAL, *placed(buy()), fill(buy(), 6), Replaced("X", 6), *placed(buy("Z", 4)))
    assert breaks(SIGNAL, *placed(buy()), fill(buy(), 6), Replaced("X", 6), *placed(buy("Z", 5)))


def test_replacement_that_is_lost_loses_no_order() -> None:
    lost = Lost(ReplaceOrder("X", 5))

    assert breaks(SIGNAL, *placed(buy()), lost, *placed(buy("Z", 1)))


def test_exits_of_an_intent_that_its_strategy_wants_out_of_stand_apart() -> None:
    done = (SIGNAL, *traded(buy()), *traded(sell("Y", symbol="BBB")), returned(success=True, reason="hedged"))
    out = (*placed(OUT_A), *placed(OUT_B))

    assert is_broken(judge(rule, (*done, *out)))
    assert not is_broken(judge(rule, (*done, Exit(SIGNAL.intent.id), *out)))
    assert is_broken(judge(rule, (*done, Exit(SIGNAL.intent.id), *out, *placed(leaving("G")))))
