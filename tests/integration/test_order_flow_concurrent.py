"""Several orders at once: pairs that interleave, and limits that those share which are out.

Prices open at 100, cash at 1,000,000: a cap of 2,000 bps is 2,000 lots. Expectations are recounts, or sums.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import tape
from tests.integration.flow import (
    CAP,
    CRASH,
    FREE,
    ONE_TRADE,
    RESTING,
    ROOM,
    SYMBOLS,
    WITH_STOPS,
    Flow,
    expected_of,
    pair,
    portfolio,
    scope,
    until,
    walk,
)

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


@pytest.mark.parametrize(("moved", "outcome"), [(10_000, "hedged"), (-10_000, "unfilled")])
@pytest.mark.covers("TC-IF-008")
def test_entry_that_never_arrived_is_sent_anew_only_within_the_limits_of_that_time(moved: int, outcome: str):
    """2,000 lots are the cap of 1,000,000; 1 % off 1,000 lots leaves 999,000."""
    flow = Flow(scope(pair("p1", 1_000), pair("m1", 2_000, "CCC DDD"), bounds=CAP))
    flow.signal().settle().signal(1).do(tape.LoseRequest())

    flow.do(tape.Move("AAA", moved)).ask_about("m1a1").finish()

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
