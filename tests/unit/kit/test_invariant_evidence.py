"""I06: what proves that an order is over, what does not, and that over stays over."""

import pytest

from hedgecheck.invariants import MarketTerms, Terms
from hedgecheck.invariants import no_terminal_state_without_evidence as rule
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelRefused,
    Expired,
    OutcomeUnknown,
    Record,
    Rejected,
    Sent,
    Told,
)
from tests.unit.kit.traces import (
    CASH,
    Records,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    order_open,
    order_over,
    status,
)

SENT = (Sent(buy()),)
NOT_FOUND = status("not_found")
THREE_TIMES = (NOT_FOUND,) * 3

SAID_OVER = {
    "canceled": (Told(Canceled("X", 0)),),
    "expired": (Told(Expired("X", 4)),),
    "rejected": (Told(Rejected("X", "BELOW_MINIMUM")),),
    "filled": (heard(buy()),),
    "filled-in-parts": (heard(buy(), amount=4), heard(buy(), amount=6, trade="X.2")),
    "queried-closed": (status("found", "closed"),),
    "queried-canceled": (status("found", "canceled"),),
    "queried-expired": (status("found", "expired"),),
    "queried-rejected": (status("found", "rejected"),),
    "queried-filled": (status("found", "open", fill(buy())),),
}
NO_EVIDENCE = {
    "nothing": (),
    "create-timed-out": (OutcomeUnknown("X", "create"),),
    "cancel-timed-out": (OutcomeUnknown("X", "cancel"),),
    "query-timed-out": (OutcomeUnknown("X", "fetch"),),
    "query-failed": (status("failed"),) * 5,
    "query-empty": (status("empty"),) * 5,
    "query-stale": (status("stale"),) * 5,
    "queried-open": (status("found", "open"),),
    "accepted": (Told(Accepted("X")),),
    "partly-filled": (heard(buy(), amount=9),),
    "doubled-part-fill": (heard(buy(), amount=5), heard(buy(), amount=5)),
    "cancel-refused": (Told(CancelRefused("X", "TOO_LATE")),),
    "duplicate-rejected": (Told(Rejected("X", "DUPLICATE_CLIENT_ORDER_ID")),),
    "another-order-canceled": (Told(Canceled("Y", 0)),),
    "another-order-not-found": (status("not_found", name="Y"),) * 3,
    "canceled-at-the-venue-and-untold": (Canceled("X", 0),),
}
INTERRUPTIONS = {
    "failed": status("failed"),
    "empty": status("empty"),
    "open": status("found", "open"),
    "accepted": Told(Accepted("X")),
    "partly-filled": heard(buy(), amount=4),
}


@pytest.mark.parametrize("records", SAID_OVER.values(), ids=SAID_OVER)
def test_order_that_was_said_to_be_over_may_be_called_over(records: Records) -> None:
    assert judge(rule, SENT + records, order_over()) == "holds"


@pytest.mark.parametrize("records", NO_EVIDENCE.values(), ids=NO_EVIDENCE)
def test_order_called_over_without_evidence_is_broken(records: Records) -> None:
    assert is_broken(judge(rule, SENT + records, order_over()))


@pytest.mark.parametrize("records", NO_EVIDENCE.values(), ids=NO_EVIDENCE)
def test_order_that_is_waited_for_needs_no_evidence(records: Records) -> None:
    assert judge(rule, SENT + records, order_open()) == "vacuous"


# ---- not found, in a row ------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "broken"), [(1, True), (2, True), (3, False), (4, False)])
def test_not_found_proves_an_order_over_at_the_third_time_in_a_row(answers: int, broken: bool) -> None:
    assert is_broken(judge(rule, SENT + (NOT_FOUND,) * answers, order_over())) is broken


@pytest.mark.parametrize("confirmations", [1, 5])
def test_how_often_not_found_is_proof_is_a_term_of_the_setting(confirmations: int) -> None:
    terms = Terms(CASH, (MarketTerms("AAA", 100),), not_found_confirmations=confirmations)
    enough = SENT + (NOT_FOUND,) * confirmations

    assert judge(rule, enough, order_over(), terms=terms) == "holds"
    assert is_broken(judge(rule, enough[:-1], order_over(), terms=terms))


@pytest.mark.parametrize("between", INTERRUPTIONS.values(), ids=INTERRUPTIONS)
def test_interrupted_row_of_not_found_starts_again(between: Record) -> None:
    interrupted = (*SENT, NOT_FOUND, NOT_FOUND, between, NOT_FOUND)

    assert is_broken(judge(rule, interrupted, order_over()))
    assert judge(rule, (*interrupted, NOT_FOUND, NOT_FOUND), order_over()) == "holds"


def test_query_that_timed_out_does_not_interrupt_a_row_of_answers() -> None:
    unanswered = OutcomeUnknown("X", "fetch")

    assert judge(rule, (*SENT, NOT_FOUND, NOT_FOUND, unanswered, NOT_FOUND), order_over()) == "holds"


@pytest.mark.parametrize("answer", ["failed", "empty"])
def test_order_proved_absent_stays_so_when_a_later_query_says_nothing(answer: str) -> None:
    assert judge(rule, (*SENT, *THREE_TIMES, status(answer)), order_over()) == "holds"


@pytest.mark.parametrize("found", [status("found", "open"), Told(Accepted("X"))], ids=["found", "accepted"])
def test_order_proved_absent_that_turns_up_is_not_over(found: Record) -> None:
    assert is_broken(judge(rule, (*SENT, *THREE_TIMES, found), order_over()))
    assert judge(rule, (*SENT, *THREE_TIMES, found), order_open()) == "vacuous"


def test_order_not_found_often_enough_may_still_be_waited_for() -> None:
    assert judge(rule, SENT + THREE_TIMES, order_open()) == "vacuous"


# ---- over stays over ------------------------------------------------------------------------------------


@pytest.mark.parametrize("records", SAID_OVER.values(), ids=SAID_OVER)
def test_order_waited_for_after_it_was_said_to_be_over_is_broken(records: Records) -> None:
    assert is_broken(judge(rule, SENT + records, order_open()))


@pytest.mark.parametrize(
    "late",
    [Told(Accepted("X")), status("found", "open"), status("failed"), NOT_FOUND, heard(buy(), amount=4)],
    ids=["accepted", "open", "failed", "not-found", "partly-filled"],
)
def test_late_word_does_not_revive_an_order_that_was_said_to_be_over(late: Record) -> None:
    revived = (*SENT, Told(Canceled("X", 4)), late)

    assert judge(rule, revived, order_over()) == "holds"
    assert is_broken(judge(rule, revived, order_open()))
