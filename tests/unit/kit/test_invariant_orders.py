"""I02 and I17: the orders that are out against those that the engine knows of."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import BelievedOrder, durable_trace, open_orders_converge
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CreateOrder,
    Expired,
    Lost,
    Record,
    Rejected,
    Restarted,
    Sent,
)
from tests.unit.kit.traces import (
    NOTHING,
    Records,
    alert,
    buy,
    fill,
    is_broken,
    judge,
    order_open,
    order_over,
    placed,
    traded,
)

OPEN, OVER = order_open(), order_over()
ENDINGS: tuple[Record, ...] = (fill(buy()), Canceled("X", 0), Expired("X", 0))
NOBODYS = buy(of=None)
AGAIN = (Sent(buy(amount=4)), Rejected("X", "DUPLICATE_CLIENT_ORDER_ID"))


def converges(records: Records, belief=NOTHING) -> bool:
    """Whether I02 holds; a trace that says nothing about it is no answer."""
    finding = judge(open_orders_converge, records, belief)
    assert finding != "vacuous"
    return not is_broken(finding)


def is_known(records: Records, belief=NOTHING) -> bool:
    """Whether I17 holds right after a restart."""
    return not is_broken(judge(durable_trace, records, belief))


# ---- I02: open orders converge -------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS, ids=["filled", "canceled", "expired"])
def test_order_that_ended_at_the_venue_is_open_nowhere(ending: Record) -> None:
    assert converges((*placed(buy()), ending), OVER)
    assert not converges((*placed(buy()), ending), OPEN)


def test_order_that_works_is_open_in_the_engine_too() -> None:
    assert converges(placed(buy()), OPEN)
    assert not converges(placed(buy()), OVER)
    assert not converges(placed(buy()))


@pytest.mark.parametrize("end", [Lost(buy()), Rejected("X", "PRECISION")], ids=["lost", "rejected"])
def test_order_that_the_venue_never_took_is_a_phantom_where_it_is_thought_open(end: Record) -> None:
    assert converges((Sent(buy()), end), OVER)
    assert not converges((Sent(buy()), end), OPEN)


def test_order_on_its_way_does_not_work_yet() -> None:
    assert not converges((Sent(buy()),), OPEN)


def test_order_filled_in_part_works_until_all_of_it_is_filled() -> None:
    partly = (*placed(buy()), fill(buy(), 4))

    assert converges(partly, order_open(filled=4))
    assert not converges(partly, OVER)
    assert converges((*partly, fill(buy(), 6, "X.2")), OVER)


def test_part_filled_order_that_is_canceled_works_no_more() -> None:
    assert converges((*placed(buy()), fill(buy(), 4), Canceled("X", 4)), OVER)


def test_fill_that_crossed_the_cancel_opens_nothing_again() -> None:
    crossed = (*placed(buy()), Canceled("X", 0), fill(buy(), 4))

    assert converges(crossed, OVER)
    assert not converges(crossed, OPEN)


def test_fee_taken_in_base_leaves_nothing_of_the_order() -> None:
    assert converges((*placed(buy()), fill(buy(), fee_lots=1)), OVER)


@pytest.mark.parametrize("belief", [OPEN, NOTHING], ids=["ghost", "phantom"])
def test_person_was_told_of_the_intent_and_is_looking(belief) -> None:
    records = placed(buy()) if belief is NOTHING else traded(buy())

    assert not converges(records, belief)
    assert converges((*records, alert()), belief)


def test_alert_for_another_intent_excuses_nothing() -> None:
    assert not converges((*placed(buy()), alert("p2")))


def test_order_of_nobody_is_excused_by_no_alert() -> None:
    assert not converges((*placed(NOBODYS), alert(), alert("None")))


def test_order_that_a_crash_kept_from_leaving_is_excused_once_a_person_was_told() -> None:
    assert is_broken(judge(open_orders_converge, (Restarted(),), OPEN))
    assert not is_broken(judge(open_orders_converge, (alert(), Restarted()), OPEN))


def test_no_alert_excuses_a_phantom_where_nothing_crashed() -> None:
    assert is_broken(judge(open_orders_converge, (alert(),), OPEN))


def test_order_that_nobody_sent_is_no_order_of_the_venue() -> None:
    assert is_broken(judge(open_orders_converge, (), OPEN))
    assert judge(open_orders_converge, (Accepted("X"),)) == "vacuous"


def test_second_order_of_an_id_that_is_refused_leaves_the_first_at_work() -> None:
    assert converges((*placed(buy()), *AGAIN), OPEN)
    assert not converges((*placed(buy()), *AGAIN), OVER)


def test_id_used_again_after_its_order_ended_is_a_new_order_of_its_own_size() -> None:
    again = (*traded(buy(amount=4)), *placed(buy(amount=10)))

    assert converges((*again, fill(buy(), 4, "X.2")), OPEN)
    assert converges((*again, fill(buy(), 10, "X.2")), OVER)


def test_one_of_two_orders_of_one_id_that_is_lost_is_not_the_other() -> None:
    both = (Sent(buy()), Sent(buy()), Lost(buy()))

    assert not converges(both, OPEN)
    assert converges((*both, Accepted("X")), OPEN)


def test_lost_cancel_leaves_the_order_at_work() -> None:
    assert converges((*placed(buy()), Lost(CancelOrder("X"))), OPEN)


# ---- I17: durable trace --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "out"),
    [
        ((Sent(buy()),), True),
        (placed(buy()), True),
        ((*placed(buy()), fill(buy(), 4)), True),
        ((*placed(buy()), *AGAIN), True),
        ((*traded(buy()), Sent(buy())), True),
        (traded(buy()), False),
        ((*placed(buy()), Canceled("X", 0)), False),
        ((*placed(buy()), Canceled("X", 0), fill(buy(), 4)), False),
        ((Sent(buy()), Rejected("X", "PRECISION")), False),
        ((Sent(buy()), Lost(buy())), False),
    ],
    ids=[
        *("on-its-way", "works", "partly", "sent-twice", "id-again", "filled", "canceled", "crossed"),
        *("rejected", "lost"),
    ],
)
def test_after_a_restart_every_order_that_is_out_is_known(records: Records, out: bool) -> None:
    assert is_known(records) is not out
    assert is_known(records, OPEN)


def test_order_believed_over_is_known_all_the_same() -> None:
    assert is_known(placed(buy()), OVER)


def test_no_alert_excuses_an_order_that_was_forgotten() -> None:
    assert not is_known((*placed(buy()), alert()))


def test_every_order_that_is_out_has_to_be_known() -> None:
    other = CreateOrder("Y", "BBB", "sell", 10, intent="p1")
    both = replace(NOTHING, orders=(BelievedOrder("X", False, 0), BelievedOrder("Y", False, 0)))

    assert not is_known((*placed(buy()), Sent(other)), OPEN)
    assert is_known((*placed(buy()), Sent(other)), both)


def test_nothing_out_is_nothing_to_know() -> None:
    assert judge(durable_trace, traded(buy()), OVER) == "vacuous"
    assert judge(durable_trace, placed(buy()), OPEN) == "holds"
