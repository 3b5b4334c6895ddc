"""One trade: what a timeout, a cancel and a halt do to its legs."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    CancelRejected,
    CodeTimerId,
    EntriesHalted,
    OrderAccepted,
    OrderCanceled,
    ReportAnomaly,
    RequestOutcomeUnknown,
    TimerFired,
    TimerId,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    HEDGE,
    LINGER,
    SIGNAL,
    absent,
    asked_again,
    cancelled,
    filled,
    found,
    opened,
    proposed,
    queried,
    signal,
    starts_timeout,
    stops_query,
    stops_timeout,
    submitted,
    timed_out,
)

HEDGE_2 = replace(HEDGE, attempt=2)


# ---- time ----------------------------------------------------------------------------------------


def test_the_leg_timeout_is_the_protocol_s():
    _, commands = trade.step(proposed(protocol=Protocol(leg_timeout=7)), signal(), True)

    assert commands[1] == starts_timeout(ENTRY, 7)


def test_a_timed_out_leg_has_its_remainder_cancelled_and_is_judged_then():
    begun = opened(OrderAccepted(ENTRY), filled(ENTRY, 600))

    waiting, cancelling = trade.step(begun, timed_out(ENTRY), True)
    over, nothing = trade.step(waiting, OrderCanceled(ENTRY, 600), True)
    asking, questions = trade.step(over, asked_again(ENTRY), True)
    _, hedging = trade.step(asking, found(ENTRY, "canceled"), True)

    (order,) = waiting.orders
    assert waiting.phase == "entry"
    assert cancelling == cancelled(ENTRY)
    assert (order.pending, order.cancel_wanted) == ("cancel", True)
    assert (order.timeout_armed, order.query_armed) == (False, True)
    assert (over.phase, nothing, questions) == ("entry", (), queried(ENTRY))
    assert hedging == (stops_query(ENTRY), *submitted(HEDGE, 1_200))


def test_a_timed_out_hedge_is_cancelled_and_its_remainder_hedged_again():
    begun = opened(filled(ENTRY, 1_000), filled(HEDGE, 500))

    waiting, cancelling = trade.step(begun, timed_out(HEDGE), True)
    over, nothing = trade.step(waiting, OrderCanceled(HEDGE, 500), True)
    asking, questions = trade.step(over, asked_again(HEDGE), True)
    _, hedging = trade.step(asking, found(HEDGE, "canceled"), True)

    assert cancelling == cancelled(HEDGE)
    assert (over.phase, nothing, questions) == ("hedge", (), queried(HEDGE))
    assert hedging == (stops_query(HEDGE), *submitted(HEDGE_2, 1_500))


def test_a_fill_that_crosses_the_cancel_counts():
    begun = opened(filled(ENTRY, 600), timed_out(ENTRY))

    begun, commands = trade.step(begun, filled(ENTRY, 400, "crossed"), True)

    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 2_000))


def test_a_rejected_cancel_is_queried_and_a_resisting_order_is_cancelled_again():
    begun = opened(timed_out(ENTRY))

    asking, questions = trade.step(begun, CancelRejected(ENTRY, "no"), True)
    again, commands = trade.step(asking, found(ENTRY), True)

    assert questions == queried(ENTRY)
    assert commands == cancelled(ENTRY)
    assert again.orders[0].pending == "cancel"


def test_a_cancel_without_an_answer_is_queried():
    begun, commands = trade.step(opened(timed_out(ENTRY)), RequestOutcomeUnknown(ENTRY, "cancel"), True)

    assert commands == queried(ENTRY)
    assert begun.orders[0].pending == "none"


def test_a_cancelled_order_is_asked_about_when_no_answer_comes():
    _, commands = trade.step(opened(timed_out(ENTRY)), asked_again(ENTRY), True)

    assert commands == queried(ENTRY)


def test_a_rejected_cancel_that_no_one_sent_asks_once_and_waits():
    begun, commands = trade.step(opened(OrderAccepted(ENTRY)), CancelRejected(ENTRY, "no"), True)

    assert commands == (*queried(ENTRY), stops_query(ENTRY))
    assert not begun.orders[0].query_armed


@pytest.mark.parametrize(
    ("events", "timer"),
    [
        ((timed_out(ENTRY),), TimerId(SIGNAL, "leg_timeout", ENTRY)),
        ((filled(ENTRY, 1_000),), TimerId(SIGNAL, "leg_timeout", ENTRY)),
        ((), TimerId(SIGNAL, "query", ENTRY)),
        ((), TimerId(SIGNAL, "query", HEDGE)),
        ((), TimerId(SIGNAL, "leg_timeout", HEDGE)),
        ((), TimerId(SIGNAL, "linger", ENTRY)),
        ((), TimerId(SIGNAL, "leg_timeout")),
        ((), LINGER.timer),
        ((), CodeTimerId("manual", 1)),
    ],
)
def test_a_timer_that_does_not_run_does_nothing(events, timer):
    begun = opened(*events)

    unchanged, commands = trade.step(begun, TimerFired(timer), True)

    assert unchanged is begun
    assert commands == (ReportAnomaly("UNKNOWN_TIMER", TimerFired(timer)),)


def test_an_order_never_sent_is_not_the_trade_s():
    begun = opened()

    unchanged, commands = trade.step(begun, OrderAccepted(HEDGE), True)

    assert unchanged is begun
    assert commands == (ReportAnomaly("UNKNOWN_ORDER", OrderAccepted(HEDGE)),)


# ---- a halt --------------------------------------------------------------------------------------


def test_a_halt_cancels_a_resting_entry_once():
    begun, commands = trade.step(opened(OrderAccepted(ENTRY)), EntriesHalted(), True)
    again, no_more = trade.step(begun, EntriesHalted(), True)

    assert commands == cancelled(ENTRY)
    assert (again, no_more) == (begun, ())


def test_a_halt_cancels_every_live_entry_and_no_dead_one():
    resurrected = opened(*absent(ENTRY))

    begun, commands = trade.step(resurrected, EntriesHalted(), True)

    assert commands == cancelled(ENTRY_2)
    assert [order.cancel_wanted for order in begun.orders] == [False, True]


def test_a_halt_leaves_a_hedge_alone():
    begun = opened(filled(ENTRY, 1_000))

    assert trade.step(begun, EntriesHalted(), True) == (begun, ())


def test_what_was_bought_before_the_halt_is_hedged():
    begun = opened(filled(ENTRY, 600), EntriesHalted())

    over, stopped = trade.step(begun, OrderCanceled(ENTRY, 600), False)
    _, commands = trade.step(over, found(ENTRY, "canceled"), False)

    assert stopped == (stops_timeout(ENTRY),)
    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 1_200))
