"""Orders, breakers and books as the market opens, closes, is shut for a weekend, halts and goes on.

The venue of these tests judges for itself what it takes; nothing of what the core believes is asked of it.
"""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import tape
from hedgecheck.messages import Alert, Arrived, CreateOrder, Expired, NewDay, Rejected, Sent
from hedgecheck.world import Scope
from tests.integration.flow import PRICE, RESTING, WITH_STOPS, Flow, pair, scope

ALERT = Alert("p1", "TRADE_PARKED")
MARKET = "*"
OUT = ("after_hours", "closed", "pre_market")


def hours(*intents: Any, **more: Any) -> Scope:
    """A setting whose market may close, halt and turn to other days as often as a test likes."""
    return replace(scope(*intents, **more), sessions=9, pauses=9, days=9)


def turn(flow: Flow, *phases: str) -> Flow:
    """The session goes on through these phases."""
    return flow.all(map(tape.ChangePhase, phases))


def halt(flow: Flow, symbol: str = MARKET) -> Flow:
    """Trading is halted in a symbol, or in the whole market."""
    return flow.do(tape.HaltTrading(symbol))


def resume(flow: Flow, symbol: str = MARKET) -> Flow:
    """That halt is over."""
    return flow.do(tape.ResumeTrading(symbol))


def shut(flow: Flow, phase: str) -> Flow:
    """The session ends, and goes on to a phase in which nothing is traded."""
    way = {"after_hours": ("after_hours",), "closed": ("closed",), "pre_market": ("closed", "pre_market")}
    return turn(flow, *way[phase])


def sent(flow: Flow) -> list[str]:
    """The orders that left the engine."""
    asked = [each.request for each in flow.records if isinstance(each, Sent)]
    return [each.client_order_id for each in asked if isinstance(each, CreateOrder)]


def half_filled(**more: Any) -> Flow:
    """p1's entry of 100 lots rests, and 60 of them are filled."""
    return Flow(hours(pair("p1", 100, **RESTING, **more), pair("m1", 10, "CCC DDD"))).enter(0, 60)


def held(**more: Any) -> Flow:
    """p1 holds 1,000 lots of either leg."""
    return Flow(hours(pair("p1", 1_000, **more), pair("m1", 10, "CCC DDD"))).signal().settle()


# ---- TC-MC-011: pre-market to open ---------------------------------------------------------------------


@pytest.mark.covers("TC-MC-011")
def test_nothing_is_opened_before_the_open_and_the_next_signal_after_it_is_traded():
    flow = turn(Flow(hours(pair("p1"), pair("p2"))), "closed", "pre_market").signal(0)

    assert (flow.outcomes, sent(flow)) == ({"p1": "SESSION_CLOSED"}, [])
    turn(flow, "regular").signal(1).finish()
    assert flow.outcomes == {"p1": "SESSION_CLOSED", "p2": "hedged"}


@pytest.mark.covers("TC-MC-011")
def test_what_was_left_unhedged_overnight_waits_through_the_pre_market_and_is_flattened_at_the_open():
    flow = turn(half_filled(), "closed").hear_all()
    turn(flow, "pre_market").hear_all()
    assert (sent(flow), flow.state.trades[0].stranded) == (["p1a1"], True)

    turn(flow, "regular")

    assert sent(flow) == ["p1a1", "p1x1"]
    flow.finish()
    assert (flow.outcomes, flow.recounted().lots) == ({"p1": "flattened"}, {})


@pytest.mark.covers("TC-MC-011")
def test_the_day_measures_its_loss_from_the_pre_market_on():
    flow = turn(held().do(tape.Move("AAA", -150_000)).hear_all(), "closed", "pre_market", "regular")

    flow.do(tape.Move("AAA", -50_000)).hear_all()  # 15,000 were lost yesterday, 4,000 today: 1.9 % in all

    assert flow.state.gauges.opening == 985_000
    assert [each.phase for each in flow.state.breakers] == ["armed", "armed"]


# ---- TC-MC-012: regular to after-hours -----------------------------------------------------------------


@pytest.mark.covers("TC-MC-012")
@pytest.mark.parametrize("phase", OUT)
def test_when_the_session_ends_the_entry_is_gone_and_what_it_filled_is_parked_until_the_open(phase: str):
    flow = shut(half_filled(), phase).hear_all()

    assert [each for each in flow.records if isinstance(each, Expired)] == [Expired("p1a1", 60)]
    assert ALERT in flow.records
    assert (sent(flow), flow.outcomes) == (["p1a1"], {})
    flow.finish()
    assert flow.outcomes == {"p1": "flattened"}


@pytest.mark.covers("TC-MC-012")
def test_a_hedge_that_arrives_after_the_close_is_rejected_and_not_sent_again():
    flow = Flow(hours(pair("p1"))).signal().receive().hear("p1a1", "Accepted")
    flow.fill("p1a1", 100).hear("p1a1", "Filled")  # its hedge is on its way

    turn(flow, "after_hours").hear_all()

    rejected = [each for each in flow.records if isinstance(each, Rejected)]
    assert (rejected, sent(flow)) == ([Rejected("p1b1", "MARKET_CLOSED")], ["p1a1", "p1b1"])
    assert ALERT in flow.records
    flow.finish()
    assert flow.outcomes == {"p1": "flattened"}


@pytest.mark.covers("TC-MC-012")
def test_stops_rest_after_hours_and_a_price_beyond_them_is_traded_at_the_open():
    flow = turn(held(**WITH_STOPS), "after_hours")
    assert [each.stop_price for symbol in ("AAA", "BBB") for each in flow.resting(symbol)] == [95, 105]

    flow.do(tape.Move("AAA", -100_000)).hear_all()
    assert flow.venue_phase("p1s1") == "open"
    turn(flow, "closed", "pre_market", "regular").finish()

    assert (flow.venue_phase("p1s1"), flow.recounted().lots) == ("filled", {})
    assert [each.price for each in flow.fills if each.client_order_id == "p1s1"] == [PRICE * 9 // 10]


@pytest.mark.covers("TC-MC-012")
def test_no_stop_leaves_after_hours_and_what_is_held_without_one_gets_it_at_the_open():
    flow = Flow(hours(pair("p1", 100, **WITH_STOPS))).enter(0, 100)
    flow.receive().hear("p1b1", "Accepted").fill("p1b1", 100).hear("p1b1", "Filled")

    turn(flow, "after_hours").do(tape.Fire("p1/grace"))
    assert (sent(flow), flow.resting("AAA")) == (["p1a1", "p1b1"], [])
    flow.finish()

    assert [each.amount for symbol in ("AAA", "BBB") for each in flow.resting(symbol)] == [100, 100]


# ---- TC-MC-013: the close is prepared ------------------------------------------------------------------


@pytest.mark.covers("TC-MC-013")
def test_before_the_close_what_rests_is_canceled_and_what_it_filled_is_hedged_in_time():
    flow = turn(half_filled(), "closing").signal(1).settle_in_phase()

    assert flow.venue_phase("p1a1") == "canceled"
    assert flow.outcomes == {"p1": "hedged", "m1": "SESSION_CLOSED"}
    assert flow.recounted().lots == {"AAA": 60, "BBB": -60}
    turn(flow, "after_hours").finish()
    assert not flow.alerted


@pytest.mark.covers("TC-MC-013")
def test_before_the_close_a_severe_fill_is_flattened():
    flow = turn(Flow(hours(pair("p1", 100, **RESTING))).enter(0, 10), "closing").settle_in_phase()

    assert flow.outcomes == {"p1": "flattened"}
    assert flow.recounted().lots == {}


@pytest.mark.covers("TC-MC-013")
def test_before_the_close_what_is_held_gets_its_stops():
    flow = Flow(hours(pair("p1", 100, **WITH_STOPS))).enter(0, 100)

    turn(flow, "closing").settle_in_phase()

    assert [each.amount for symbol in ("AAA", "BBB") for each in flow.resting(symbol)] == [100, 100]
    assert flow.outcomes == {"p1": "hedged"}


@pytest.mark.covers("TC-MC-013")
def test_an_entry_that_was_lost_is_not_sent_again_before_the_close():
    flow = Flow(hours(pair("p1", 100, **RESTING))).signal().do(tape.LoseRequest())

    turn(flow, "closing").settle_in_phase()

    assert (sent(flow), flow.outcomes) == (["p1a1"], {"p1": "unfilled"})


# ---- TC-MC-014: weekends and holidays ------------------------------------------------------------------


@pytest.mark.covers("TC-MC-014")
def test_a_weekend_begins_no_day_and_what_is_lost_over_it_counts_to_the_day_before():
    friday = turn(held().do(tape.Move("AAA", -150_000)).hear_all(), "after_hours", "closed")

    friday.do(tape.Roll()).do(tape.Roll())
    days = [(each.day, each.phase) for each in friday.records if isinstance(each, NewDay)]
    friday.do(tape.Move("AAA", -60_000)).hear_all()  # 15,000 and 5,000: two per cent

    assert days == [(0, "after_hours"), (0, "closed"), (1, "closed"), (2, "closed")]
    assert Alert("daily_loss#1", "BREAKER_TRIPPED") in friday.records
    friday.finish()


@pytest.mark.covers("TC-MC-014")
def test_after_a_weekend_the_day_begins_with_what_there_is_then():
    flow = turn(held().do(tape.Move("AAA", -150_000)).hear_all(), "closed")
    flow.do(tape.Roll()).do(tape.Roll())

    turn(flow, "pre_market", "regular").do(tape.Move("AAA", -60_000)).hear_all()

    assert (flow.state.day, flow.state.gauges.opening) == (3, 985_000)
    assert not flow.alerted


@pytest.mark.covers("TC-MC-014")
def test_on_a_holiday_nothing_is_opened_and_what_is_held_stays():
    flow = turn(held(), "closed").do(tape.Roll())

    flow.signal(1).hear_all()

    assert flow.outcomes == {"p1": "hedged", "m1": "SESSION_CLOSED"}
    flow.finish()
    assert flow.recounted().lots == {"AAA": 1_000, "BBB": -1_000}


@pytest.mark.covers("TC-MC-014")
def test_an_engine_that_restarts_over_a_weekend_goes_on_where_it_was():
    flow = turn(Flow(replace(hours(pair("p1", 100, **RESTING)), max_crashes=1)).enter(0, 60), "closed")

    flow.hear_all().do(tape.Roll()).do(tape.Restart()).hear_all()
    assert (flow.state.session, sent(flow)) == ("closed", ["p1a1"])
    flow.finish()

    assert flow.recounted().lots == {}


# ---- TC-MC-015: emergency halts ------------------------------------------------------------------------


@pytest.mark.covers("TC-MC-015")
@pytest.mark.parametrize("symbol", ["AAA", "BBB", MARKET])
def test_in_a_halt_the_entry_is_canceled_and_what_it_filled_is_parked_until_trading_goes_on(symbol: str):
    flow = halt(half_filled(), symbol).settle_in_phase()

    assert (flow.venue_phase("p1a1"), sent(flow)) == ("canceled", ["p1a1"])
    assert ALERT in flow.records
    resume(flow, symbol)
    assert sent(flow) == ["p1a1", "p1x1"]
    flow.finish()
    assert (flow.outcomes, flow.recounted().lots) == ({"p1": "flattened"}, {})


@pytest.mark.covers("TC-MC-015")
def test_a_pause_of_one_symbol_concerns_its_pairs_alone():
    flow = halt(half_filled(), "AAA").signal(1).settle_in_phase()

    assert flow.outcomes == {"m1": "hedged"}


@pytest.mark.covers("TC-MC-015")
def test_nothing_is_opened_in_what_is_halted_and_again_once_it_is_not():
    flow = halt(Flow(hours(pair("p1"), pair("p2"))), "BBB").signal(0)
    assert (flow.outcomes, sent(flow)) == ({"p1": "SYMBOL_HALTED"}, [])

    resume(flow, "BBB").signal(1).finish()

    assert flow.outcomes == {"p1": "SYMBOL_HALTED", "p2": "hedged"}


@pytest.mark.covers("TC-MC-015")
def test_a_circuit_breaker_of_the_market_outlasts_a_pause_and_the_pause_a_circuit_breaker():
    flow = halt(halt(half_filled(), "AAA"), MARKET).settle_in_phase()

    resume(flow, MARKET)
    assert sent(flow) == ["p1a1"]
    resume(flow, "AAA")

    assert sent(flow) == ["p1a1", "p1x1"]


@pytest.mark.covers("TC-MC-015")
def test_an_engine_that_restarts_in_a_halt_still_waits_for_its_end():
    flow = Flow(replace(hours(pair("p1", 100, **RESTING)), max_crashes=1)).enter(0, 100)

    halt(flow, "BBB").do(tape.Restart()).hear_all()

    arrived = [each.request.client_order_id for each in flow.records if isinstance(each, Arrived)]
    assert (flow.state.halts, sent(flow), "p1x1" in arrived) == (("BBB",), ["p1a1", "p1b1"], False)
    flow.finish()
    assert flow.recounted().lots == {}


@pytest.mark.covers("TC-MC-015")
def test_a_fall_that_trips_a_breaker_in_a_halt_sells_nothing_into_it():
    flow = halt(held(**RESTING), MARKET).do(tape.Move("AAA", -200_000)).hear_all()

    assert "daily_loss#1" in flow.alerted
    assert sent(flow) == ["p1a1", "p1b1"]
    flow.finish()
    assert flow.recounted().lots == {"AAA": 1_000, "BBB": -1_000}
