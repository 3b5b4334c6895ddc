"""Orders from the signal to the books: gate, execution and reconciliation of the real core at the real venue.

Prices open at 100, cash at 1,000,000: a cap of 2,000 bps is 2,000 lots. Expectations are recounts, or sums.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.messages import Refusal
from hedgecheck import tape
from hedgecheck.messages import Accepted, Arrived, Returned, Signaled, Status, Told
from tests.integration.flow import (
    CAP,
    FREE,
    ONE_TRADE,
    REFUSED,
    RESTING,
    ROOM,
    SYMBOLS,
    Flow,
    expected_of,
    listed,
    pair,
    portfolio,
    resting,
    scope,
    until,
    walk,
)

CRASH = tape.Move("AAA", -200_000)  # a fifth down
LOTS = st.integers(1, 2_000)
WITH_STOPS = {**RESTING, "stop_a": 95, "stop_b": 105}

# ---- TC-IF-001: risk check, execution, reconciliation ------------------------------------------------


@pytest.mark.covers("TC-IF-001")
def test_normal_flow_is_checked_then_executed_then_reconciled():
    flow = Flow(scope(pair("p1", 2_001), pair("p2", 2_000), bounds=CAP, fee_bps=10))

    flow.signal(0).signal(1).finish()

    kinds = (Signaled, Arrived, Accepted, Returned)
    story = [type(each).__name__ for each in flow.records if isinstance(each, kinds)]
    assert story[:5] == ["Signaled", "Returned", "Signaled", "Arrived", "Accepted"]
    assert flow.outcomes == {"p1": "POSITION_CAP", "p2": "hedged"}
    assert (flow.state.book.fees, flow.state.book.cash) == (400, 999_600)


@given(LOTS, LOTS, st.integers(0, 500), st.integers(1, 50), st.tuples(*[st.integers(-30_000, 30_000)] * 3))
@pytest.mark.covers("TC-IF-001")
def test_books_equal_a_recount_whatever_sizes_fees_and_prices(amount_a, amount_b, fee_bps, lot_value, moves):
    intent = pair("p1", amount_a, amount_b=amount_b)
    house = {"fee_bps": fee_bps, "markets": listed(tick_lot_value=lot_value)}
    flow = Flow(scope(intent, cash=10**12, **house))

    flow.signal().do(tape.Move("AAA", moves[0])).receive().do(tape.Move("BBB", moves[1])).settle()
    flow.do(tape.Move("AAA", moves[2])).finish()

    assert flow.recounted().lots_by_intent == {("p1", "AAA"): amount_a, ("p1", "BBB"): -amount_b}
    assert flow.outcomes == {"p1": "hedged"}


# ---- TC-IF-002: refused at the gate ----------------------------------------------------------------


def test_every_reason_to_refuse_is_met():
    assert set(REFUSED) == set(get_args(Refusal)) - {"RECOVERING"}  # that one takes a restart


@pytest.mark.parametrize("reason", REFUSED)
@pytest.mark.covers("TC-IF-002")
def test_refused_signal_leaves_nothing_at_the_venue_and_only_its_id_in_the_core(reason: str):
    flow = Flow(REFUSED[reason])
    *taken, refused = flow.scope.intents
    flow.all(map(tape.Signal, range(len(taken))))
    if reason == "HALTED":
        flow.settle().do(CRASH).settle()
    before, at_venue, heard = flow.state, flow.run.world.venue, len(flow.records)

    flow.signal(len(taken))

    assert flow.records[heard:] == [Signaled(refused), Returned(refused.id, False, reason)]
    assert flow.run.world.venue == at_venue
    assert replace(flow.state, high_water=before.high_water) == before
    assert dict(flow.state.high_water) == {**dict(before.high_water), refused.id[0]: int(refused.id[1])}
    flow.finish()
    assert len(flow.created) == 2 * len(taken)


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


# ---- TC-IF-007: several pairs at once ----------------------------------------------------------------


@given(st.tuples(*[st.sampled_from([0, 1, 49, 50, 60, 100])] * 4), st.randoms(use_true_random=False))
@pytest.mark.covers("TC-IF-007")
def test_every_trade_ends_as_it_would_alone_however_their_orders_interleave(fills, random):
    flow = portfolio(*fills)

    walk(flow, fills, random).finish()

    outcomes, lots = expected_of(flow.scope.intents, fills)
    assert (flow.outcomes, flow.recounted().lots_by_intent) == (outcomes, lots)


# ---- TC-IF-008: limits while orders are out ----------------------------------------------------------

STAGES = ("sent", "unknown", "accepted", "partly filled", "cancelling", "flattening", "hedging")


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("limit", ROOM)
@pytest.mark.covers("TC-IF-008")
def test_orders_count_in_full_from_the_moment_they_are_sent(limit: str, stage: str, over: int):
    limits, taken, symbols, room, reason = ROOM[limit]
    intents = [pair("p1", taken, **WITH_STOPS), pair("m1", room + over, symbols, **WITH_STOPS)]
    flow = Flow(scope(*intents, bounds=limits)).all(until(stage, taken))

    flow.signal(1).finish()

    assert flow.outcomes["m1"] == (reason if over else "hedged")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.covers("TC-IF-008")
def test_trade_counts_as_in_flight_until_it_has_ended(stage: str):
    intents = [pair("p1", **RESTING), *[pair(f"m{n}", symbols="CCC DDD") for n in (1, 2)]]
    flow = Flow(scope(*intents, bounds=ONE_TRADE)).all(until(stage, 100))

    flow.signal(1).settle().signal(2).finish()

    assert [flow.outcomes[name] for name in ("m1", "m2")] == ["TRADES_IN_FLIGHT", "hedged"]


@pytest.mark.parametrize(("amount_a", "amount_b"), [(100, 100), (101, 100), (100, 101)])
@pytest.mark.covers("TC-IF-008")
def test_no_order_is_larger_than_the_limit_in_either_leg(amount_a: int, amount_b: int):
    limit = replace(FREE, order_amount=100)

    flow = Flow(scope(pair("p1", amount_a, amount_b=amount_b), bounds=limit)).signal().finish()

    assert flow.outcomes == {"p1": "hedged" if amount_a == amount_b else "ORDER_SIZE"}


# a fifth off AAA: 1,000 lots lose 20,000, 2 % of the cash; 999 lots lose 20 less, as much as fees of 1 bps
@pytest.mark.parametrize("filled", [0, 49, 50])
@pytest.mark.parametrize(("held", "fee_bps", "trips"), [(1_000, 0, 1), (999, 0, 0), (999, 1, 1), (998, 1, 0)])
@pytest.mark.covers("TC-IF-008")
def test_breaker_that_trips_mid_execution_stops_entries_and_no_hedge(held, fee_bps, trips, filled):
    running = pair("m1", 100, "CCC DDD", **RESTING)
    flow = Flow(scope(pair("p1", held), running, pair("k1", symbols="EEE FFF"), fee_bps=fee_bps))
    flow.signal().settle().enter(1, filled)

    flow.do(CRASH).hear("AAA", "Price").signal(2).finish()

    outcomes, lots = expected_of([running], [filled if trips else 100])
    assert flow.outcomes == {"p1": "hedged", "k1": "HALTED" if trips else "hedged", **outcomes}
    assert {key: held for key, held in flow.recounted().lots_by_intent.items() if key[0] == "m1"} == lots


@pytest.mark.parametrize(("loss", "outcome"), [(-190_000, "hedged"), (-200_000, "unfilled")])
@pytest.mark.covers("TC-IF-008")
def test_entry_that_never_arrived_is_sent_anew_unless_a_breaker_tripped(loss: int, outcome: str):
    flow = Flow(scope(pair("p1", 1_000), pair("m1", symbols="CCC DDD")))
    flow.signal().settle().signal(1).do(tape.LoseRequest())

    flow.do(tape.Move("AAA", loss)).ask_about("m1a1").finish()

    assert (flow.outcomes["m1"], bool(flow.orders("m1"))) == (outcome, outcome == "hedged")


# ---- TC-IF-011: one cap, several signals at once -------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
@pytest.mark.covers("TC-IF-011")
def test_of_two_signals_that_break_the_cap_together_exactly_the_first_trades(first: int, second: int):
    flow = Flow(scope(pair("p1", 1_500), pair("m1", 1_500, "AAA CCC"), bounds=CAP))

    flow.signal(first).signal(second).finish()

    assert flow.outcomes == {("p1", "m1")[first]: "hedged", ("p1", "m1")[second]: "POSITION_CAP"}
    assert flow.recounted().lots["AAA"] == 1_500


@given(amounts=st.tuples(*[st.integers(1, 1_500)] * 5), order=st.permutations(range(5)))
@pytest.mark.covers("TC-IF-011")
def test_signals_at_once_share_the_cap_in_the_order_of_their_arrival(amounts, order):
    plans = zip("pmkno", amounts, SYMBOLS[1:], strict=True)
    intents = [pair(f"{name}1", amount, f"AAA {other}") for name, amount, other in plans]
    flow = Flow(scope(*intents, bounds=CAP))

    flow.all(map(tape.Signal, order)).finish()

    expected, taken = {}, 0
    for intent in order:
        fits = taken + amounts[intent] <= 2_000
        expected[intents[intent].id] = "hedged" if fits else "POSITION_CAP"
        taken += amounts[intent] * fits
    assert flow.outcomes == expected
    assert sum(each.amount for each in flow.created if each.symbol == "AAA") == taken


@pytest.mark.parametrize("lingered", [False, True])
@pytest.mark.parametrize(("filled", "room"), [(0, 2_000), (749, 2_000), (750, 1_250), (1_500, 500)])
@pytest.mark.covers("TC-IF-011")
def test_what_a_trade_does_not_keep_is_free_again_once_it_ended_and_not_before(filled, room, lingered):
    others = [("m1", 501, "AAA CCC"), ("k1", room + 1, "AAA DDD"), ("n1", room, "AAA EEE")]
    flow = Flow(scope(pair("p1", 1_500, **RESTING), *[pair(*each) for each in others], bounds=CAP))
    flow.enter(0, filled).time_out("p1a1").signal(1).until_returned("p1")
    if lingered:
        flow.settle()

    flow.signal(2).signal(3).finish()

    assert [flow.outcomes[name] for name in ("m1", "k1", "n1")] == ["POSITION_CAP", "POSITION_CAP", "hedged"]
    assert flow.recounted().lots["AAA"] == 2_000
