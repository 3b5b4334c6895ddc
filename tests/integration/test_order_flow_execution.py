"""What may become of an order: it fails, is filled in parts, is cancelled; it is resolved, hedged, undone.

Prices open at 100, cash at 1,000,000. Expectations are recounts, or sums.
"""

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hedgecheck import tape
from hedgecheck.messages import Status, Told
from tests.integration.flow import CRASH, RESTING, Flow, listed, pair, resting, scope, until

LOTS = st.integers(1, 2_000)

# ---- TC-IF-003: failure at execution ----------------------------------------------------------------


@pytest.mark.covers("TC-IF-003")
def test_entry_that_the_venue_rejects_leaves_nothing_and_frees_the_pair():
    flow = Flow(scope(pair("p1", 10), pair("p2", 10), markets=listed(minimum_notional=1_000)))

    flow.signal().do(CRASH).finish()

    assert (flow.orders("p1"), flow.fills) == ([("AAA", "buy", 10)], [])
    assert (flow.outcomes, flow.grades) == ({"p1": "unfilled"}, {"p1": "none"})
    flow.do(tape.Move("AAA", 250_000)).settle().signal(1).finish()
    assert flow.outcomes["p2"] == "hedged"


@pytest.mark.parametrize("rejections", [1, 2, 3])
@pytest.mark.covers("TC-IF-003")
def test_rejected_hedge_is_tried_again_and_after_three_the_entry_is_flattened(rejections: int):
    flow = Flow(scope(pair("p1", 10), markets=listed(minimum_notional=1_000), fee_bps=10))
    flow.all(until("hedging", 10)).do(tape.Move("BBB", -200_000)).hear("BBB", "Price")
    for attempt in range(1, rejections + 1):
        flow.receive().hear(f"p1b{attempt}", "Rejected")

    flow.do(tape.Move("BBB", 250_000)).finish()

    hedges = [order for order in flow.orders("p1") if order[0] == "BBB"]
    assert hedges == [("BBB", "sell", 10)] * min(3, rejections + 1)
    assert flow.recounted().lots == ({} if rejections == 3 else {"AAA": 10, "BBB": -10})
    assert flow.outcomes == {"p1": "flattened" if rejections == 3 else "hedged"}


@pytest.mark.parametrize(("stage", "leg"), [("sent", "p1a"), ("hedging", "p1b")])
@pytest.mark.parametrize(("lost", "lies"), [("request", 0), ("reply", 0), ("reply", 2)])
@pytest.mark.covers("TC-IF-003")
def test_unknown_outcome_is_resolved_before_a_second_order_and_fills_once(stage, leg, lost, lies):
    flow = Flow(scope(pair("p1", **RESTING))).all(until(stage, 100)).lose(lost, f"{leg}1", "Accepted")
    for _ in range(lies):
        flow.do(tape.Misanswer("not_found")).hear(f"{leg}1", "Status").do(tape.Fire(f"{leg}1/query"))

    flow.ask_about(f"{leg}1").finish()

    assert flow.recounted().lots == {"AAA": 100, "BBB": -100}
    placed = [each.client_order_id for each in flow.created if each.client_order_id.startswith(leg)]
    assert placed == [f"{leg}2" if lost == "request" else f"{leg}1"]
    denials = flow.between_unknown_and(f"{leg}2").count(Told(Status(f"{leg}1", "not_found")))
    assert lost == "reply" or denials >= flow.scope.not_found_confirmations


@pytest.mark.covers("TC-IF-003")
def test_order_whose_fate_the_venue_never_tells_goes_to_a_person_and_is_not_sent_again():
    flow = Flow(scope(pair("p1"))).signal().lose("reply", "p1a1", "Accepted").never_told_of("p1a1")

    flow.finish()

    assert (flow.outcomes, flow.alerted) == ({"p1": "parked"}, {"p1"})
    assert flow.orders("p1") == [("AAA", "buy", 100)]


# ---- TC-IF-004: partial fills --------------------------------------------------------------------


@pytest.mark.parametrize("told", ["streamed", "as the status of an order closed"])
@pytest.mark.parametrize("filled", [1_000, 950, 949, 500, 499, 1])
@pytest.mark.covers("TC-IF-004")
def test_fill_is_complete_partial_or_severe_by_exact_boundaries(filled: int, told: str):
    flow = Flow(scope(pair("p1", 1_000, amount_b=3_000), fee_bps=10)).signal()
    if told == "streamed":
        flow.receive().fill("p1a1", filled)
    else:
        flow.lose("reply", "p1a1", "Accepted").fill("p1a1", filled).receive()
        flow.do(tape.Overtake("p1a1", "Status"))

    flow.finish()

    grade = "complete" if filled >= 950 else "partial" if filled >= 500 else "severe"
    second = ("AAA", "sell", filled) if grade == "severe" else ("BBB", "sell", 3 * filled)
    assert flow.orders("p1") == [("AAA", "buy", 1_000), second]
    assert flow.recounted().lots == ({} if grade == "severe" else {"AAA": filled, "BBB": -3 * filled})
    ending = "flattened" if grade == "severe" else "hedged"
    assert (flow.grades, flow.outcomes) == ({"p1": grade}, {"p1": ending})


@given(LOTS, LOTS, st.lists(st.integers(1, 800), max_size=5), st.integers(0, 300))
@example(planned=20, planned_b=20, parts=[10, 9], fee_bps=0)
@example(planned=7, planned_b=7, parts=[1, 2, 1], fee_bps=0)
@pytest.mark.covers("TC-IF-004")
def test_fill_in_parts_is_judged_by_its_sum_and_hedged_in_proportion(planned, planned_b, parts, fee_bps):
    parts = [part for part, total in zip(parts, accumulate(parts), strict=True) if total <= planned]
    flow = resting(*parts, amount=planned, amount_b=planned_b, fee_bps=fee_bps)
    filled = sum(parts)

    flow.time_out("p1a1").finish()

    ratio, hedge = Fraction(filled, planned), planned_b * filled // planned
    wanted = {"AAA": filled, "BBB": -hedge} if ratio >= Fraction(1, 2) and hedge else {}
    assert flow.recounted().lots == wanted
    grades = [(Fraction(95, 100), "complete"), (Fraction(1, 2), "partial"), (Fraction(1, 2_000), "severe")]
    assert flow.grades == {"p1": next((grade for least, grade in grades if ratio >= least), "none")}


@pytest.mark.parametrize(("before", "fee"), [(0, 10), (400, 6)])
@pytest.mark.covers("TC-IF-004")
def test_fee_in_base_is_missing_from_the_position_and_not_from_the_fill(before: int, fee: int):
    flow = resting(before, fee_bps=100)

    flow.do(tape.FillFeeInBase("p1a1", 1_000 - before)).finish()

    assert (flow.recounted().lots, flow.grades) == ({"AAA": 1_000 - fee, "BBB": -1_000}, {"p1": "complete"})


@pytest.mark.covers("TC-IF-004", "TC-IF-003")
def test_flatten_sells_what_a_fee_in_base_has_left():
    no_shorts = scope(pair("p1", 1_000), cash=200_000, account="spot", fee_bps=100)

    flow = Flow(no_shorts).signal().receive().do(tape.FillFeeInBase("p1a1", 1_000)).finish()

    assert (flow.orders("p1")[-1], flow.recounted().lots) == (("AAA", "sell", 990), {})


# ---- TC-IF-005: cancellation -----------------------------------------------------------------------


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize("crossing", [0, 100, 400])
@pytest.mark.covers("TC-IF-005")
def test_timeout_cancels_the_remainder_and_fills_that_cross_the_cancel_are_hedged(crossing, answer_first):
    flow = resting(600).do(tape.Fire("p1a1/timeout"))
    if crossing:
        flow.fill("p1a1", crossing)
    flow.receive()
    if crossing and answer_first:
        flow.do(tape.Overtake("p1a1", "CancelRefused" if crossing == 400 else "Canceled"))

    flow.finish()

    assert flow.recounted().lots == {"AAA": 600 + crossing, "BBB": -600 - crossing}
    assert flow.orders("p1") == [("AAA", "buy", 1_000), ("BBB", "sell", 600 + crossing)]


@pytest.mark.parametrize("filled", [0, 600])
@pytest.mark.parametrize("lost", ["request", "reply"])
@pytest.mark.covers("TC-IF-005")
def test_cancel_of_unknown_outcome_is_followed_until_the_order_is_gone(filled: int, lost: str):
    flow = resting(filled).do(tape.Fire("p1a1/timeout"))

    flow.lose(lost, "p1a1", "Canceled").hear_all().finish()

    assert flow.venue_phase("p1a1") == "canceled"
    assert flow.recounted().lots == ({"AAA": 600, "BBB": -600} if filled else {})
    assert flow.outcomes == {"p1": "hedged" if filled else "unfilled"}


@pytest.mark.covers("TC-IF-005")
def test_refused_cancel_of_an_order_that_never_arrived_ends_without_a_second_one():
    flow = Flow(scope(pair("p1"))).all(until("unknown", 100)).do(tape.Fire("p1a1/timeout"))

    flow.finish()

    assert (flow.created, flow.outcomes) == ([], {"p1": "unfilled"})


@pytest.mark.parametrize("timeouts", [1, 2, 3])
@pytest.mark.covers("TC-IF-005")
def test_hedge_that_nobody_fills_is_cancelled_and_sent_anew_three_times(timeouts: int):
    flow = Flow(scope(pair("p1"))).all(until("hedging", 100))
    for attempt in range(1, timeouts + 1):
        flow.hear_all().do(tape.Fire(f"p1b{attempt}/timeout")).ask_about(f"p1b{attempt}")

    flow.finish()

    assert flow.orders("p1")[1 : timeouts + 1] == [("BBB", "sell", 100)] * timeouts
    assert flow.recounted().lots == ({} if timeouts == 3 else {"AAA": 100, "BBB": -100})
