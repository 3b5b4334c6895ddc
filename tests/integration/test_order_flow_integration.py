"""Orders from the signal to the books: gate, execution and reconciliation of the real core at the real venue.

Prices open at 100, cash at 1,000,000: a cap of 2,000 bps is 2,000 lots. Expectations are recounts, or sums.
"""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine
from core.admission import largest_allowed
from core.messages import (
    CorrelationReported,
    EntryChangeRequested,
    Refusal,
    ReplaceOrder,
    SettingsChanged,
)
from core.sizing import fixed_fraction
from hedgecheck import tape, venue
from hedgecheck.drive import event_of, signal_of
from hedgecheck.messages import Accepted, Anomaly, Arrived, Returned, Signaled
from tests.integration.desk import Desk
from tests.integration.flow import (
    APART,
    CAP,
    CASH,
    CRASH,
    FREE,
    HEAT,
    REFUSED,
    RESTING,
    WITH_STOPS,
    Flow,
    listed,
    pair,
    scope,
    until,
)

LOTS = st.integers(1, 2_000)

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
    of_several = {"RECOVERING", "SESSION_CLOSED", "SYMBOL_HALTED", "NETTED"}
    assert set(REFUSED) == set(get_args(Refusal)) - of_several


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


# ---- TC-IF-006: an entry is moved while it rests --------------------------------------------------------

LOWER = tape.ChangeEntry(0, -20_000)  # 2 % below its limit of 100


def moved(*parts: int, **bounds: Any) -> Flow:
    """p1's entry rests, filled in these parts so far, and is told to go to 98: the request has left."""
    setting = replace(scope(pair("p1", 1_000, **RESTING), bounds=replace(FREE, **bounds)), changes=2)
    return Flow(setting).enter(0, *parts).do(LOWER)


def works_at(flow: Flow, order: str) -> tuple[int | None, int]:
    """The limit and the lots that an order stands for at the venue."""
    found = venue.find(flow.run.world.venue, order)
    assert found is not None, f"{order} is not at the venue"
    return found.request.price, found.request.amount


@pytest.mark.parametrize("filled", [0, 400])
@pytest.mark.covers("TC-IF-006")
def test_entry_that_is_moved_stays_one_order_at_the_new_price_and_is_hedged(filled: int):
    flow = moved(filled).receive().hear("p1a1", "Replaced")

    assert works_at(flow, "p1a1") == (98, 1_000)
    flow.do(tape.Move("AAA", -20_000)).finish()
    assert flow.orders("p1") == [("AAA", "buy", 1_000), ("BBB", "sell", 1_000)]
    assert [fill.price for fill in flow.fills if fill.symbol == "AAA"] == [100, 98][-2 if filled else -1 :]


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize("crossing", [100, 600])
@pytest.mark.covers("TC-IF-006")
def test_fill_that_crosses_the_move_is_kept_whichever_is_heard_first(crossing: int, answer_first: bool):
    flow = moved(400).fill("p1a1", crossing).receive()
    if answer_first:
        flow.do(tape.Overtake("p1a1", "Replaced" if crossing == 100 else "ReplaceRefused"))

    flow.hear_all()

    assert flow.believed().lots_by_intent["p1", "AAA"] == 400 + crossing
    flow.time_out("p1a1").finish()
    assert flow.recounted().lots == {"AAA": 400 + crossing, "BBB": -400 - crossing}


@pytest.mark.parametrize(("lost", "price"), [("request", 100), ("reply", 98)])
@pytest.mark.covers("TC-IF-006")
def test_move_of_unknown_outcome_is_asked_about_and_nothing_is_sent_twice(lost: str, price: int):
    flow = moved(400).lose(lost, "p1a1", "Replaced").ask_about("p1a1")

    assert (works_at(flow, "p1a1"), len(flow.created)) == ((price, 1_000), 1)
    flow.time_out("p1a1").ask_about("p1a1").finish()
    assert flow.outcomes == {"p1": "flattened"}
    assert flow.orders("p1") == [("AAA", "buy", 1_000), ("AAA", "sell", 400)]


@pytest.mark.parametrize(("collar_bps", "price"), [(200, 98), (199, 100)])
@pytest.mark.covers("TC-IF-006")
def test_move_beyond_the_collar_is_refused_and_the_entry_rests_where_it_did(collar_bps: int, price: int):
    flow = moved(collar_bps=collar_bps).hear_all()

    assert works_at(flow, "p1a1") == (price, 1_000)
    refused = [each.reason for each in flow.records if isinstance(each, Anomaly)]
    assert refused == ([] if price == 98 else ["CHANGE_REFUSED"])


# ---- TC-IF-009: position sizing with order placement ---------------------------------------------------


def room(flow: Flow, symbols: str) -> int:
    """The lots that the limits leave for one more pair with stops."""
    return largest_allowed(flow.state, event_of(pair("z1", 100_000, symbols, **WITH_STOPS)))


@pytest.mark.parametrize("filled", [0, 300, 1_000])
@pytest.mark.parametrize("loss", [0, -20_000])
@pytest.mark.covers("TC-IF-009")
def test_size_that_the_heat_leaves_is_ordered_filled_and_hedged_and_one_lot_more_is_refused(filled, loss):
    flow = Desk(scope(pair("p1", 1_000, **WITH_STOPS), bounds=HEAT)).enter(0, filled).price("AAA", loss)
    lots = room(flow, "CCC DDD")

    for name, asked in (("k1", lots + 1), ("m1", lots)):
        flow.want(pair(name, asked, "CCC DDD", **WITH_STOPS))

    assert flow.finish().outcomes == {"p1": "hedged", "k1": "HEAT", "m1": "hedged"}
    assert flow.orders("m1")[:2] == [("CCC", "buy", lots), ("DDD", "sell", lots)]
    assert flow.recounted().lots_by_intent["m1", "CCC"] == lots


@pytest.mark.parametrize("filled", [0, 1_000, 3_000])
@pytest.mark.covers("TC-IF-009")
def test_size_counts_what_rests_as_what_is_held(filled: int):
    """60,000 may be lost; a pair of n lots loses 2 x (5 n + n / 10) at its stops."""
    flow = Desk(scope(pair("p1", 3_000, **WITH_STOPS), bounds=HEAT)).enter(0, filled)

    assert room(flow, "CCC DDD") == 2_882


@pytest.mark.parametrize("moved", [0, -100_000, 50_000])
@pytest.mark.covers("TC-IF-009")
def test_fixed_fraction_of_the_equity_at_that_time_is_what_the_placed_order_may_lose(moved: int):
    flow = Desk(scope(pair("p1", 500))).traded(0).price("AAA", moved)
    equity = CASH + 500 * 100 * moved // 1_000_000

    lots = fixed_fraction(engine.equity(flow.state), 50, 100, 95, flow.state.settings.instruments[2])
    flow.want(pair("m1", lots, "CCC DDD", **WITH_STOPS)).finish()

    assert flow.orders("m1")[0] == ("CCC", "buy", equity * 50 // 10_000 // 5)


@pytest.mark.covers("TC-IF-009")
def test_sizes_one_after_another_fill_the_heat_and_no_more():
    flow = Desk(scope(bounds=HEAT))
    for name, symbols, part in (("p1", "AAA BBB", 2), ("m1", "CCC DDD", 2), ("k1", "EEE FFF", 1)):
        flow.want(pair(name, room(flow, symbols) // part, symbols, **WITH_STOPS)).settle()

    assert set(flow.outcomes.values()) == {"hedged"}
    assert 0 <= 60_000 - engine.summary(flow.state).total.heat < 11  # what a lot a leg more would take
    assert room(flow, "AAA FFF") == 0


# ---- TC-IF-010: leverage throughout an order's life ----------------------------------------------------

LEVERED = replace(FREE, leverage_bps=15_000)  # 15,000 lots in all


@pytest.mark.parametrize(("lots", "outcome"), [(2_500, "hedged"), (2_501, "LEVERAGE")])
@pytest.mark.parametrize("stage", ["sent", "unknown", "partly filled", "hedging"])
@pytest.mark.covers("TC-IF-010")
def test_leverage_is_judged_at_entry_with_all_that_is_out(stage: str, lots: int, outcome: str):
    intents = [pair("p1", 5_000, **RESTING), pair("m1", lots, "CCC DDD")]

    flow = Flow(scope(*intents, bounds=LEVERED)).all(until(stage, 5_000)).signal(1).finish()

    assert flow.outcomes["m1"] == outcome


@pytest.mark.parametrize(("moved", "again"), [(0, True), (-10_000, False)])
@pytest.mark.covers("TC-IF-010")
def test_entry_that_never_arrived_is_sent_again_only_within_the_leverage(moved: int, again: bool):
    """1 % off 5,000 lots held: equity 995,000 allows 14,925 lots, and 14,950 lots' worth is open."""
    flow = Desk(scope(pair("p1", 5_000), pair("m1", 2_500, "CCC DDD"), bounds=LEVERED)).traded(0)
    flow.signal(1).do(tape.LoseRequest()).hear_all()

    flow.price("AAA", moved).ask_about("m1a1").finish()

    assert flow.outcomes["m1"] == ("hedged" if again else "unfilled")
    assert len(flow.orders("m1")) == (2 if again else 0)


@pytest.mark.parametrize(("moved", "stays"), [(0, True), (-10_000, False)])
@pytest.mark.parametrize("filled", [0, 1_000, 1_250])
@pytest.mark.covers("TC-IF-010")
def test_entry_that_rests_goes_once_equity_falls_and_what_it_filled_is_kept(filled, moved, stays):
    intents = [pair("p1", 5_000), pair("m1", 2_500, "CCC DDD", **RESTING)]
    flow = Desk(scope(*intents, bounds=LEVERED)).traded(0).enter(1, filled)

    flow.price("AAA", moved)

    assert flow.cancels == ([] if stays else ["m1a1"])
    flow.finish()
    kept = 2_500 if stays else filled if filled >= 1_250 else 0
    assert flow.recounted().lots_by_intent.get(("m1", "CCC"), 0) == kept
    assert flow.recounted().lots_by_intent["p1", "AAA"] == 5_000


@pytest.mark.parametrize(("leverage_bps", "moves"), [(15_000, True), (14_999, False)])
@pytest.mark.covers("TC-IF-010")
def test_entry_is_moved_to_another_price_only_within_the_leverage(leverage_bps: int, moves: bool):
    flow = Desk(scope(pair("p1", 7_500, **RESTING), bounds=LEVERED)).enter(0)
    tighter = replace(flow.state.settings.limits, leverage_bps=leverage_bps)
    state = replace(flow.state, settings=replace(flow.state.settings, limits=tighter))

    _, commands = engine.step(state, EntryChangeRequested(signal_of("p1"), 99))

    assert any(isinstance(each, ReplaceOrder) for each in commands) is moves


# ---- TC-IF-012: symbols that move together --------------------------------------------------------------

CLUSTERED = replace(FREE, cluster_bps=4_000)  # 4,000 lots
LINKED = tuple(each for each in APART if each[:2] not in (("AAA", "CCC"), ("CCC", "EEE")))  # A - C - E


@pytest.mark.parametrize(("lots", "outcome"), [(1_000, "hedged"), (1_001, "CLUSTER_EXPOSURE")])
@pytest.mark.covers("TC-IF-012")
def test_positions_that_move_together_are_bounded_together_held_or_resting(lots: int, outcome: str):
    linked = replace(CLUSTERED, correlations=LINKED)
    intents = [pair("p1", 2_000), pair("m1", 1_000, "CCC DDD", **RESTING), pair("k1", lots, "EEE FFF")]

    flow = Desk(scope(*intents, bounds=linked)).traded(0).enter(1, 500).signal(2).finish()

    assert flow.outcomes == {"p1": "hedged", "m1": "hedged", "k1": outcome}


@pytest.mark.parametrize("known", [APART, LINKED, (), ((*APART[0][:2], 9_999), *APART[1:])])
@pytest.mark.covers("TC-IF-012")
def test_correlation_that_is_not_known_counts_as_one(known: Any):
    bounds = replace(CLUSTERED, correlations=known)

    flow = Flow(scope(pair("p1", 2_001), bounds=bounds)).signal().finish()

    together = ("AAA", "BBB", 0) not in known
    assert flow.outcomes == {"p1": "CLUSTER_EXPOSURE" if together else "hedged"}


REPORTED = [(6_999, "hedged"), *[(each, "CLUSTER_EXPOSURE") for each in (7_000, -7_000, None)]]


@pytest.mark.parametrize(("correlation", "outcome"), REPORTED)
@pytest.mark.covers("TC-IF-012")
def test_correlation_that_is_reported_later_holds_from_then_on(correlation: Any, outcome: Any):
    intents = [pair("p1", 3_000), pair("m1", 1_001, "CCC DDD")]
    flow = Desk(scope(*intents, bounds=replace(CLUSTERED, correlations=APART))).traded(0)

    flow.tell(CorrelationReported("CCC", "AAA", correlation)).signal(1).finish()

    assert flow.outcomes["m1"] == outcome


# ---- TC-IF-015: settings that change while orders are out ------------------------------------------------


def loosened(flow: Flow, **limits: Any) -> SettingsChanged:
    """The settings of now, with these limits changed."""
    settings = flow.state.settings
    return SettingsChanged(replace(settings, limits=replace(settings.limits, **limits)))


@pytest.mark.parametrize(("gross_bps", "stays"), [(2_000, True), (1_999, False)])
@pytest.mark.parametrize("filled", [0, 300, 600])
@pytest.mark.covers("TC-IF-015")
def test_limits_that_are_tightened_cancel_what_rests_beyond_them_and_keep_what_is_held(
    filled, gross_bps, stays
):
    flow = Desk(scope(pair("p1", 1_000, **RESTING), pair("m1", 1, "CCC DDD"))).enter(0, filled)

    flow.tell(loosened(flow, gross_bps=gross_bps))

    assert flow.cancels == ([] if stays else ["p1a1"])
    flow.finish()
    kept = 1_000 if stays else filled if filled >= 500 else 0
    assert flow.recounted().lots_by_intent.get(("p1", "AAA"), 0) == kept
    assert flow.refusal(1) == ("GROSS_EXPOSURE" if 2 * kept + 2 > gross_bps else None)


@pytest.mark.parametrize("wrong", [{"gross_bps": 0}, {"cluster_correlation": 10_001}, {"collar_bps": -1}])
@pytest.mark.parametrize("stage", ["sent", "accepted", "partly filled", "hedging"])
@pytest.mark.covers("TC-IF-015")
def test_settings_that_make_no_sense_are_refused_whole_and_nothing_is_touched(stage: str, wrong: Any):
    flow = Desk(scope(pair("p1", 1_000, **RESTING))).all(until(stage, 1_000))
    before, heard = flow.state, len(flow.records)

    flow.tell(loosened(flow, heat_bps=1, trades_in_flight=1, **wrong))

    assert flow.state == before
    assert flow.records[heard:] == [Anomaly("INVALID_SETTINGS", "SettingsChanged")]
    assert flow.finish().outcomes == {"p1": "hedged"}


@pytest.mark.parametrize(("trading", "left"), [("reducing", ["BBB"]), ("halted", [])])
@pytest.mark.covers("TC-IF-015")
def test_trading_that_is_reduced_lets_hedges_leave_and_halted_nothing_but_cancels(
    trading: str, left: list[str]
):
    flow = Desk(scope(pair("p1", 1_000, **RESTING), pair("m1", 1, "CCC DDD"))).enter(0, 600)
    flow.tell(SettingsChanged(replace(flow.state.settings, trading=trading)))

    flow.hear_all().ask_about("p1a1")

    assert [each.symbol for each in flow.created][1:] == left
    assert flow.refusal(1) == "HALTED"
    flow.tell(SettingsChanged(replace(flow.state.settings, trading="active"))).finish()
    assert flow.recounted().lots == ({"AAA": 600, "BBB": -600} if left else {})


@pytest.mark.parametrize("symbols", ["AAA BBB", "AAA AAA"])
def test_an_intent_without_a_leg_b_is_done_once_leg_a_is_filled(symbols: str):
    flow = Flow(scope(pair("p1", 100, symbols, amount_b=0))).signal().finish()

    assert flow.outcomes == {"p1": "hedged"}
    assert flow.recounted().lots_by_intent == {("p1", "AAA"): 100}
