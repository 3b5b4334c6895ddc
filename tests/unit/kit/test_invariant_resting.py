"""I10: how many messages may leave, and that entries which rest go once leverage is beyond its bound."""

from typing import Any

import pytest

from hedgecheck.invariants import Terms
from hedgecheck.invariants import worst_case_limit as rule
from hedgecheck.messages import (
    CancelOrder,
    CashFlow,
    FetchOrder,
    Price,
    ReplaceOrder,
    Restarted,
    Sent,
    TimerFired,
    Told,
)
from tests.unit.kit.test_invariant_limits import breaks, gone, limited, opened
from tests.unit.kit.test_invariant_worst_case import holds, sent_again
from tests.unit.kit.traces import Records, buy, heard, is_broken, judge, leaving, sell, status

REFILL = TimerFired("rate")

# ---- messages ----------------------------------------------------------------------------------------


def messages(burst: int, refill: int = 1) -> Terms:
    """Only the rate of messages binds."""
    return limited(message_burst=burst, message_refill=refill)


def test_entry_takes_the_last_message_and_the_next_finds_none() -> None:
    assert holds(messages(1), *opened())
    assert breaks(messages(1), *opened(), *opened("p2"))


@pytest.mark.parametrize(
    "request_", [buy("X", of=None), CancelOrder("X"), FetchOrder("X"), ReplaceOrder("X", 1)]
)
def test_every_request_counts(request_: Any) -> None:
    assert holds(messages(2), Sent(request_), *opened())
    assert breaks(messages(1), Sent(request_), *opened())


def test_what_lowers_risk_leaves_without_a_message_left() -> None:
    assert holds(
        messages(1), *opened(), Sent(sell("p1b1", 10, "BBB")), Sent(leaving()), Sent(FetchOrder("X"))
    )


def test_entry_that_is_sent_again_takes_one_too() -> None:
    lost = (*opened(), status("not_found", name="p1a1"))

    assert holds(messages(2), *lost, sent_again())
    assert breaks(messages(1), *lost, sent_again())


def test_bucket_fills_up_to_its_burst_and_never_below_nothing() -> None:
    three = (Sent(FetchOrder("X")),) * 3

    assert holds(messages(2, 2), *three, REFILL, REFILL, *opened(), *opened("p2"))
    assert breaks(messages(2, 2), *three, REFILL, REFILL, *opened(), *opened("p2"), *opened("p3"))
    assert breaks(messages(2), *three, REFILL, *opened(), *opened("p2"))
    assert breaks(messages(1), *three, *opened())


def test_other_timers_bring_no_messages() -> None:
    assert breaks(messages(1), *opened(), TimerFired("p1a1/timeout"), *opened("p2"))


def test_without_a_rate_any_number_of_messages_may_leave() -> None:
    assert holds(limited(), *(Sent(FetchOrder("X")),) * 9, REFILL, *opened())


# ---- leverage while an entry rests -------------------------------------------------------------------

UP = Told(Price("AAA", 201))  # 10 lots of AAA and of BBB: 3,010 of 10,000
LEVERED = {"leverage_bps": 3_009}
GO = Sent(CancelOrder("p1a1"))


def finding(*records: Any, **limits: int) -> bool:
    """Whether the rule is broken once the step is over."""
    return is_broken(judge(rule, records, terms=limited(**{**LEVERED, **limits})))


def test_entry_that_rests_beyond_the_leverage_must_go_at_once() -> None:
    assert finding(*opened(), UP)
    assert not finding(*opened(), UP, GO)
    assert not finding(*opened(), UP, leverage_bps=3_010)


def test_entry_that_rests_must_go_where_a_withdrawal_leaves_too_little_to_bear_it() -> None:
    assert finding(*opened(), CashFlow(-3_354))
    assert not finding(*opened(), CashFlow(-3_354), GO)
    assert not finding(*opened(), CashFlow(-3_353))
    assert CashFlow in rule.judged_after


def test_every_entry_that_rests_must_go() -> None:
    assert finding(*opened(), *opened("p2", 1), UP, GO)
    assert not finding(*opened(), *opened("p2", 1), UP, GO, Sent(CancelOrder("p2a1")))


@pytest.mark.parametrize(
    "before",
    [(GO,), gone(), (heard(buy("p1a1")),), (Restarted(),)],
    ids=["was cancelled", "is over", "is filled", "may have been cancelled"],
)
def test_entry_that_rests_no_more_need_not_go(before: Records) -> None:
    assert not finding(*opened(), *before, UP)


def test_cancel_that_a_crash_kept_back_is_excused() -> None:
    assert not finding(*opened(), UP, Restarted())


def test_hedge_and_exit_need_not_go() -> None:
    filled = (*opened(), heard(buy("p1a1")), Sent(sell("p1b1", 10, "BBB")), Sent(leaving("p1x1")))

    assert not finding(*filled, UP)


def test_other_bounds_drive_no_entry_away() -> None:
    assert not finding(*opened(), UP, leverage_bps=1_000_000, gross_bps=2_000, position_bps=1_000)
