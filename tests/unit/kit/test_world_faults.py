"""Every kind of fault: where it is offered, what it does to wire, venue and engine, and what it costs."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, tape, venue
from hedgecheck.faults import Fault
from hedgecheck.messages import (
    Accepted,
    Arrived,
    BadPrice,
    Canceled,
    CancelOrder,
    FetchOrder,
    Filled,
    Lost,
    OutcomeUnknown,
    Price,
    Rejected,
    Sent,
    Signaled,
    Spent,
    Status,
    Told,
)
from hedgecheck.world.adverse import REPEATS_MAX
from tests.unit.kit.worlds import (
    ACCEPTED,
    ASKING,
    CANCELING,
    INTENTS,
    ORDER,
    PRICED,
    RECEIVE,
    REPLACING,
    SENT,
    SIGNAL,
    TRADED,
    WORKING,
    Actions,
    Amends,
    Echo,
    after,
    strike,
    told,
    universe,
)

FEES = replace(universe().scope.house, fee_bps=1_000)
ACK, PART, ALL = Accepted("X"), 4, 10
FILL = Filled("X", "X.1", "AAA", "buy", ALL, 100)
NAN = tape.Corrupt("AAA", "nan")
MORE: dict[str, Any] = {"moves": (-200_000,), "bad_prices": ("nan",), "house": FEES, "engine": Amends()}
REASONS = ("BELOW_MINIMUM", "INSUFFICIENT_BALANCE", "WOULD_TRIGGER")

OFFERS: tuple[tuple[Fault, Actions, tuple[tape.Action, ...]], ...] = (
    (faults.response_lost, (), ()),
    (faults.response_lost, SENT, (tape.LoseRequest(),)),
    (faults.response_lost, TRADED, (tape.LoseReply("X", "Accepted"),)),
    (faults.late_ack, SENT, ()),
    (faults.late_ack, (*PRICED, *TRADED), (tape.Delay("X", "Accepted"),)),
    (faults.reordered, ACCEPTED, ()),
    (faults.reordered, TRADED, (tape.Overtake("X", "Filled"),)),
    (faults.duplicated, PRICED, ()),
    (faults.duplicated, TRADED, (tape.Duplicate("X", "Accepted"), tape.Duplicate("X", "Filled"))),
    (faults.event_dropped, (*ASKING, RECEIVE), ()),
    (faults.event_dropped, (*PRICED, *ACCEPTED), (tape.Drop("AAA", "Price"), tape.Drop("X", "Accepted"))),
    (faults.query_unreliable, CANCELING, ()),
    (faults.query_unreliable, ASKING, tuple(map(tape.Misanswer, ("failed", "empty", "not_found")))),
    (faults.fill_during_cancel, ASKING, ()),
    (faults.fill_during_cancel, CANCELING, tuple(map(tape.CrossCancel, (1, 4, 5, 6, 9, 10)))),
    (faults.fill_during_cancel, (*CANCELING, tape.Fill("X", 10)), ()),
    (faults.fill_during_modify, CANCELING, ()),
    (faults.fill_during_modify, REPLACING, tuple(map(tape.CrossReplace, (1, 4, 5, 6, 9, 10)))),
    (faults.fill_during_modify, (*REPLACING, tape.Fill("X", 10)), ()),
    (faults.clock_skew, (tape.Roll(), tape.Roll()), ()),
    (faults.clock_skew, (), tuple(map(tape.Skew, (0, -1, 2)))),
    (
        faults.crosstalk,
        (),
        tuple(tape.Crosstalk("web_1", kind) for kind in ("Accepted", "Filled", "Canceled")),
    ),
    (faults.partial_fill, SENT, ()),
    (faults.partial_fill, ACCEPTED, tuple(tape.Fill("X", lots) for lots in (1, 4, 5, 6, 9))),
    (faults.simultaneous_signals, (), ()),
    (faults.simultaneous_signals, SENT, (tape.Repeat(0),)),
    (faults.price_shock, (), tuple(tape.Move(symbol, -200_000) for symbol in ("AAA", "BBB", "CCC"))),
    (faults.bad_data, (), tuple(tape.Corrupt(symbol, "nan") for symbol in ("AAA", "BBB", "CCC"))),
    (faults.venue_reject, CANCELING, ()),
    (faults.venue_reject, SENT, tuple(map(tape.Refuse, REASONS))),
    (faults.base_fee, SENT, ()),
    (faults.base_fee, ACCEPTED, (tape.FillFeeInBase("X", 10),)),
    (faults.asymmetric_latency, ACCEPTED, ()),
    (faults.asymmetric_latency, (*PRICED, *PRICED), (tape.Delay("AAA", "Price"),)),
)
STRIKES = [(kind, before, offered[-1]) for kind, before, offered in OFFERS if offered]


def _id(value: object) -> str | None:
    return value.id if isinstance(value, Fault) else None


# ---- what all have in common ---------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "before", "offered"), OFFERS, ids=_id)
def test_kind_is_offered_where_it_can_strike(kind: Fault, before: Actions, offered: Actions) -> None:
    world = after(universe(**MORE), *before)

    assert tuple(universe(kind, **MORE).adverse(world, kind)) == offered


def test_every_kind_is_offered_somewhere() -> None:
    assert {kind for kind, _, _ in STRIKES} == set(faults.WORLD)


@pytest.mark.parametrize(("kind", "before", "action"), STRIKES, ids=_id)
def test_strike_costs_one_fault_and_says_which(kind: Fault, before: Actions, action: tape.Action) -> None:
    setting = universe(**MORE)
    world = after(setting, *before)

    struck, records = setting.apply(world, action)

    assert [each.fault for each in records if isinstance(each, Spent)] == [kind.id]
    assert isinstance(records[0], Spent)
    assert (struck.faults_left, struck.crashes_left) == (world.faults_left - 1, world.crashes_left)


@pytest.mark.parametrize(("kind", "before", "action"), STRIKES, ids=_id)
def test_no_fault_left_nothing_strikes(kind: Fault, before: Actions, action: tape.Action) -> None:
    setting = universe(**MORE)
    world = replace(after(setting, *before), faults_left=0)

    assert setting.apply(world, action) == (world, ())
    assert setting.adverse(world, kind) == []


@pytest.mark.parametrize(("kind", "before", "action"), STRIKES, ids=_id)
def test_last_fault_strikes_as_any_other(kind: Fault, before: Actions, action: tape.Action) -> None:
    setting = universe(**MORE)
    world = replace(after(setting, *before), faults_left=1)

    struck, records = setting.apply(world, action)

    assert action in setting.adverse(world, kind)
    assert records
    assert struck.faults_left == 0


@pytest.mark.parametrize(("kind", "before", "action"), STRIKES, ids=_id)
def test_kind_that_the_scope_does_not_have_is_not_offered(
    kind: Fault, before: Actions, action: tape.Action
) -> None:
    others = universe(*(each for each in faults.PURE if each != kind), **MORE)
    world = after(others, *before)

    assert others.adverse(world, kind) == []
    assert action not in others.enabled(world)


# ---- messages lost, late, out of order, twice ----------------------------------------------------------


def test_lost_request_never_reaches_the_venue_and_the_engine_sees_a_timeout() -> None:
    world, struck, records = strike(universe(), SENT, tape.LoseRequest())

    unknown = OutcomeUnknown("X", "create")
    assert records == [Lost(ORDER), unknown, Sent(FetchOrder("X"))]
    assert (struck.venue, struck.outbound) == (world.venue, (FetchOrder("X"),))
    assert told(struck)[-1] == unknown


@pytest.mark.parametrize(
    ("before", "kind", "request_"),
    [
        (ACCEPTED, "Accepted", "create"),
        ((*SENT, tape.Refuse("WOULD_TRIGGER")), "Rejected", "create"),
        ((*CANCELING, RECEIVE), "Canceled", "cancel"),
        ((*CANCELING, tape.Fill("X", ALL), RECEIVE, tape.Deliver("X", "Filled")), "CancelRefused", "cancel"),
        ((*ASKING, RECEIVE), "Status", "fetch"),
    ],
)
def test_lost_reply_leaves_the_venue_and_times_out_what_was_asked(
    before: Actions, kind: str, request_: Any
) -> None:
    world, struck, records = strike(universe(), before, tape.LoseReply("X", kind))

    assert (records[0], told(struck)[-1]) == (OutcomeUnknown("X", request_),) * 2
    assert (struck.venue, struck.inbound) == (world.venue, ())


def test_overtaking_message_is_heard_first_and_the_older_one_after_it() -> None:
    _, struck, records = strike(universe(), TRADED, tape.Overtake("X", "Filled"))

    assert (records, struck.inbound, told(struck)[-1]) == ([Told(FILL)], (ACK,), FILL)


def test_duplicated_message_is_heard_now_and_comes_again_last() -> None:
    _, struck, records = strike(universe(), TRADED, tape.Duplicate("X", "Accepted"))

    assert (records, struck.inbound, told(struck)[-1]) == ([Told(ACK)], (FILL, ACK), ACK)


def test_dropped_message_is_gone_and_nobody_is_told() -> None:
    world, struck, records = strike(universe(), TRADED, tape.Drop("X", "Accepted"))

    assert (records, struck.inbound, struck.late) == ([], (FILL,), ())
    assert (struck.engine, struck.venue) == (world.engine, world.venue)


def test_delayed_acknowledgement_lets_everything_else_go_first() -> None:
    setting = universe()
    world, struck, records = strike(setting, TRADED, tape.Delay("X", "Accepted"))

    assert (records, struck.inbound, struck.late) == ([], (FILL,), (ACK,))
    assert struck.engine == world.engine
    assert tape.DeliverLate("X", "Accepted") in setting.enabled(struck)


def test_message_that_fell_behind_comes_at_no_cost_and_in_order() -> None:
    setting = universe()
    before = (*PRICED, *ACCEPTED, tape.Delay("AAA", "Price"), tape.Delay("X", "Accepted"))
    world = after(setting, *before)

    assert setting.apply(world, tape.DeliverLate("X", "Accepted")) == (world, ())
    heard, records = setting.apply(world, tape.DeliverLate("AAA", "Price"))
    assert (records, heard.late) == ((Told(Price("AAA", 101)),), (ACK,))
    assert heard.faults_left == world.faults_left


# ---- late prices ---------------------------------------------------------------------------------------


def test_late_price_is_replaced_by_the_next_one_of_its_symbol() -> None:
    setting = universe()
    world, moved, records = strike(setting, (*PRICED, tape.Delay("AAA", "Price")), *PRICED)

    assert (records, moved.late, moved.inbound) == ([Price("AAA", 102)], (Price("AAA", 102),), ())
    assert venue.price_of(moved.venue, "AAA") == 102
    assert told(moved) == told(world)


def test_late_price_of_one_symbol_holds_up_no_other() -> None:
    _, moved, _ = strike(universe(), (*PRICED, tape.Delay("AAA", "Price")), tape.Move("BBB", 10_000))

    assert (moved.late, moved.inbound) == ((Price("AAA", 101),), (Price("BBB", 101),))


def test_true_price_after_a_bad_one_overtakes_the_late_one() -> None:
    _, struck, _ = strike(universe(), (*PRICED, tape.Delay("AAA", "Price")), NAN)

    assert (struck.inbound, struck.late) == ((BadPrice("AAA", "nan"), Price("AAA", 101)), ())


def test_last_price_that_is_heard_is_the_last_price_of_the_market() -> None:
    setting = universe()
    world = after(setting, *PRICED, *PRICED, tape.Delay("AAA", "Price"), tape.DeliverLate("AAA", "Price"))

    assert told(world)[-1] == Price("AAA", 102)


# ---- what the venue decides ----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["failed", "empty", "not_found"])
def test_misanswered_query_is_answered_falsely_and_changes_nothing(answer: Any) -> None:
    world, struck, records = strike(universe(), ASKING, tape.Misanswer(answer))

    assert records == [Arrived(FetchOrder("X"))]
    assert (struck.inbound, struck.outbound) == ((Status("X", answer),), ())
    assert (struck.venue, struck.engine) == (world.venue, world.engine)
    assert struck.denied == ((("X", 1),) if answer == "not_found" else ())


def test_venue_denies_an_order_only_so_often() -> None:
    setting = universe(denials=1)
    again = (tape.Misanswer("not_found"), tape.LoseReply("X", "Status"))
    world = after(setting, *ASKING, *again)

    assert setting.apply(world, tape.Misanswer("not_found")) == (world, ())
    assert setting.apply(world, tape.Misanswer("failed"))[1]


@pytest.mark.parametrize(("lots", "phase"), [(PART, "canceled"), (ALL, "filled")])
def test_cancel_that_crosses_a_fill_is_confirmed_before_the_fill(lots: int, phase: str) -> None:
    _, struck, records = strike(universe(), CANCELING, tape.CrossCancel(lots))

    crossed = (Canceled("X", 0), replace(FILL, amount=lots))
    assert records == [Arrived(CancelOrder("X")), *crossed]
    assert (struck.inbound, struck.outbound) == (crossed, ())
    assert venue.find(struck.venue, "X").phase == phase
    assert venue.position_of(struck.venue, "AAA") == lots


def test_crossed_cancel_says_what_was_filled_before_it() -> None:
    limit = universe(engine=Echo(replace(ORDER, price=100)))
    before = (*WORKING, tape.Fill("X", 3), tape.Fire("t"))

    _, struck, _ = strike(limit, before, tape.CrossCancel(2))

    assert struck.inbound[-2:] == (Canceled("X", 3), Filled("X", "X.2", "AAA", "buy", 2, 100))


@pytest.mark.parametrize("lots", [0, -1, 2, 11])
def test_cancel_crosses_no_other_amount_than_those_offered(lots: int) -> None:
    world, struck, _ = strike(universe(), CANCELING, tape.CrossCancel(lots))

    assert struck == world


def test_refused_order_is_rejected_and_the_venue_never_has_it() -> None:
    world, struck, records = strike(universe(), SENT, tape.Refuse("INSUFFICIENT_BALANCE"))

    rejected = Rejected("X", "INSUFFICIENT_BALANCE")
    assert records == [Arrived(ORDER), rejected]
    assert (struck.inbound, struck.outbound, struck.venue) == ((rejected,), (), world.venue)


@pytest.mark.parametrize("reduce_only", [False, True])
def test_only_a_reduce_only_order_is_refused_for_that(reduce_only: bool) -> None:
    setting = universe(engine=Echo(replace(ORDER, reduce_only=reduce_only)))

    world, struck, _ = strike(setting, SENT, tape.Refuse("REDUCE_ONLY"))

    assert (struck != world) is reduce_only
    assert (tape.Refuse("REDUCE_ONLY") in setting.enabled(world)) is reduce_only


def test_fill_in_part_leaves_the_rest_at_the_venue() -> None:
    limit = universe(engine=Echo(replace(ORDER, price=100)))

    _, struck, records = strike(limit, ACCEPTED, tape.Fill("X", PART))

    assert records == [replace(FILL, amount=PART)]
    assert venue.fillable(struck.venue, venue.find(struck.venue, "X")) == ALL - PART


def test_fee_in_base_comes_off_what_was_bought() -> None:
    _, struck, records = strike(universe(house=FEES), ACCEPTED, tape.FillFeeInBase("X", ALL))

    assert records == [replace(FILL, fee_lots=1)]
    assert venue.position_of(struck.venue, "AAA") == 9


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_fee_in_base_is_offered_for_what_is_bought_where_there_are_fees(side: Any) -> None:
    engine = Echo(replace(ORDER, side=side))
    free, paid = universe(engine=engine), universe(engine=engine, house=FEES)

    assert free.adverse(after(free, *ACCEPTED), faults.base_fee) == []
    assert bool(paid.adverse(after(paid, *ACCEPTED), faults.base_fee)) is (side == "buy")


# ---- what comes in -------------------------------------------------------------------------------------


def test_bad_price_is_followed_by_the_true_one_and_the_market_has_not_moved() -> None:
    world, struck, records = strike(universe(), (), NAN)

    assert (records, struck.venue, struck.engine) == ([], world.venue, world.engine)
    assert struck.inbound == (BadPrice("AAA", "nan"), Price("AAA", 100))


@pytest.mark.parametrize("action", [tape.Corrupt("ZZZ", "nan"), tape.Corrupt("AAA", "100")])
def test_bad_price_is_one_of_the_scope(action: tape.Corrupt) -> None:
    world, struck, _ = strike(universe(), (), action)

    assert struck == world


def test_repeated_intent_is_heard_again_up_to_a_bound() -> None:
    setting = universe()
    world, struck, records = strike(setting, SENT, tape.Repeat(0))
    assert records[0] == Signaled(INTENTS[0])
    assert (struck.signaled, told(struck)) == ((2,), told(world) * 2)

    often = after(setting, SIGNAL, *(tape.Repeat(0),) * REPEATS_MAX)
    assert setting.adverse(often, faults.simultaneous_signals) == []
    assert setting.apply(often, tape.Repeat(0)) == (often, ())


def test_tick_costs_nothing_and_a_shock_a_fault() -> None:
    setting = universe()

    assert after(setting, tape.Move("AAA", 10_000)).faults_left == 9
    assert after(setting, tape.Move("AAA", -200_000)).faults_left == 8


def test_price_never_falls_to_nothing() -> None:
    assert venue.price_of(after(universe(), tape.Move("AAA", -2_000_000)).venue, "AAA") == 1
