"""The life of a trade of one leg: how it is filled, protected and left."""

import pytest

from core import engine, trade
from core.health import health
from core.messages import (
    CancelOrder,
    EndTrade,
    EntryChangeRequested,
    ExitRequested,
    FillCorrected,
    LiquidationOrdered,
    OrderAccepted,
    OrderCanceled,
    OrderId,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    QueryOrder,
    RaiseAlert,
    ReplaceOrder,
    RequestOutcomeUnknown,
    Restarted,
    StartTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
)
from core.settings import Protocol
from tests.unit.core.build import (
    CASH,
    ENTRY,
    FLATTEN_A,
    LINGER,
    SIGNAL,
    absent,
    after,
    commands_of,
    confirmed_canceled,
    ends,
    fill,
    filled,
    not_found,
    of_kind,
    opened,
    order_id,
    parks,
    played,
    ready,
    submitted,
    timed_out,
)
from tests.unit.core.one_leg import alone, one, step

STOP_A = OrderId(SIGNAL, "stop_a", 1)
GRACE = TimerFired(TimerId(SIGNAL, "grace"))
FILLED = filled(ENTRY, 1_000)
OUT = ExitRequested(SIGNAL)


# ---- its life ----------------------------------------------------------------------------------------------


def test_it_is_hedged_when_leg_a_is_filled():
    ended, commands = step(alone(), FILLED)

    assert (ended.phase, ended.outcome, ended.kept_a, ended.kept_b) == ("ended", "hedged", 1_000, 0)
    assert of_kind(commands, EndTrade, SubmitOrder) == ends("hedged", "complete")[:1]


@pytest.mark.parametrize(
    ("lots", "grade"), [(960, "complete"), (500, "partial"), (499, "severe"), (1, "severe")]
)
def test_whatever_was_filled_of_one_leg_is_kept(lots, grade):
    """Below the threshold a pair is given up, as it is not worth hedging; here there is nothing to hedge."""
    story = (filled(ENTRY, lots), timed_out(ENTRY), *confirmed_canceled(ENTRY, lots))
    ended = alone(*story)

    assert (ended.phase, ended.outcome, ended.kept_a) == ("ended", "hedged", lots)
    assert trade.fill_grade(ended) == grade
    assert played(ended, LINGER).phase == "held"
    assert (opened(*story).phase == "flatten") == (grade == "severe")


def test_nothing_filled_is_unfilled():
    ended = alone(timed_out(ENTRY), *confirmed_canceled(ENTRY, 0))

    assert (ended.phase, ended.outcome) == ("ended", "unfilled")
    assert played(ended, LINGER).phase == "closed"


def test_dust_of_leg_a_is_kept_and_can_be_left():
    story = (filled(ENTRY, 15), timed_out(ENTRY), *confirmed_canceled(ENTRY, 15))
    ended = alone(*story, stop=90, grid_a=(10, 20))

    left, commands = step(ended, OUT)

    assert (ended.outcome, ended.grace) == ("hedged", "none")
    assert (left.phase, of_kind(commands, SubmitOrder, EndTrade)) == ("ended", ())


def test_more_than_was_planned_is_flattened_before_it_ends():
    over, commands = step(alone(), filled(ENTRY, 1_200))
    ended, more = step(over, filled(FLATTEN_A, 200))

    assert (over.phase, commands[-2:]) == ("hedge", submitted(FLATTEN_A, 200))
    assert (ended.outcome, ended.kept_a) == ("hedged", 1_000)
    assert of_kind(more, EndTrade) == ends("hedged", "complete")[:1]


def test_an_entry_that_is_busted_while_it_is_flattened_leaves_nothing_to_keep():
    over = alone(filled(ENTRY, 1_200, "bad"))
    canceled, answer = confirmed_canceled(ENTRY, 0)
    busted = played(over, FillCorrected(ENTRY, fill(0, 100, "bad")), filled(FLATTEN_A, 200), canceled)

    parked, commands = step(busted, answer)

    assert (parked.phase, of_kind(commands, RaiseAlert)) == ("parked", (RaiseAlert("TRADE_PARKED", SIGNAL),))


def test_an_entry_that_proves_absent_is_sent_anew():
    begun = played(alone(), *absent(ENTRY)[:-1])

    _, commands = step(begun, absent(ENTRY)[-1])

    assert of_kind(commands, SubmitOrder) == submitted(order_id(attempt=2), 1_000)[:1]


def test_a_late_fill_is_flattened():
    ended = alone(filled(ENTRY, 600), timed_out(ENTRY), *confirmed_canceled(ENTRY, 600))

    _, commands = step(ended, filled(ENTRY, 50, "late"))

    assert of_kind(commands, SubmitOrder) == submitted(FLATTEN_A, 50)[:1]


# ---- its protection ------------------------------------------------------------------------------------


def test_its_stop_rests_once_the_grace_is_over():
    ended, commands = step(alone(FILLED, stop=90), GRACE)

    stop = SubmitOrder(STOP_A, "AAA", "sell", 1_000, None, True, 90)
    assert of_kind(commands, SubmitOrder) == (stop,)
    assert played(ended, OrderAccepted(STOP_A), LINGER).phase == "held"


def test_a_stop_that_is_hit_ends_it():
    held = alone(FILLED, GRACE, OrderAccepted(STOP_A), LINGER, stop=90)

    hit = played(held, filled(STOP_A, 1_000, price=90))

    assert (hit.phase, hit.outcome) == ("ended", "exited")
    assert played(hit, LINGER).phase == "closed"


def test_health_sees_it_unprotected():
    state = after(ready(), one(stop_price_a=90), FILLED)

    assert health(state).unprotected == (SIGNAL,)
    assert health(after(state, GRACE, OrderAccepted(STOP_A))).unprotected == ()
    assert health(after(ready(), one(stop_price_b=90), FILLED)).unprotected == ()


# ---- how it is left ------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [OUT, LiquidationOrdered()], ids=["exit", "liquidation"])
@pytest.mark.parametrize("story", [(FILLED,), (FILLED, LINGER)], ids=["ended", "held"])
def test_it_is_left_at_the_market(event, story):
    leaving, commands = step(alone(*story), event)

    assert of_kind(commands, SubmitOrder) == submitted(FLATTEN_A, 1_000)[:1]
    assert played(leaving, filled(FLATTEN_A, 1_000), LINGER).phase == "closed"


def test_an_entry_that_rests_is_withdrawn_and_what_it_filled_is_flattened():
    leaving, commands = step(alone(OrderAccepted(ENTRY), filled(ENTRY, 600)), OUT)

    over = played(leaving, OrderCanceled(ENTRY, 600), *not_found(ENTRY))
    assert of_kind(commands, CancelOrder) == (CancelOrder(ENTRY),)
    assert over.phase == "flatten"


def test_it_is_parked_when_it_cannot_be_flattened():
    once = Protocol(flatten_attempts=1)
    stuck = alone(FILLED, OUT, timed_out(FLATTEN_A), protocol=once)

    parked = played(stuck, *confirmed_canceled(FLATTEN_A, 0))

    assert (parked.phase, parked.outcome) == ("parked", "exited")


def test_it_is_parked_when_nobody_can_tell_of_its_entry():
    lost = Protocol(query_attempts=1, not_found_confirmations=3)
    begun = alone(protocol=lost)

    parked, commands = step(begun, RequestOutcomeUnknown(ENTRY, "submit"))
    while parked.phase != "parked":
        parked, commands = step(parked, TimerFired(TimerId(SIGNAL, "query", ENTRY)))

    assert commands[-2:] == parks("ORDER_UNRESOLVED", "none")


def test_after_a_restart_it_is_asked_about_and_told_again():
    _, asked = step(alone(OrderAccepted(ENTRY)), Restarted())
    _, told = step(alone(FILLED), Restarted())

    assert of_kind(asked, QueryOrder) == (QueryOrder(ENTRY),)
    assert of_kind(told, EndTrade, StartTimer) == ends("hedged", "complete")[::-1]


def test_what_somebody_else_closed_of_it_is_gone():
    state = after(ready(), one(), FILLED)

    some = after(state, PositionAdjusted("AAA", -400, 101, "CLOSED_OUTSIDE", signal=SIGNAL))
    other = after(state, PositionAdjusted("BBB", -400, 50, "CLOSED_OUTSIDE", signal=SIGNAL))
    all_gone = after(some, PositionAdjusted("AAA", -600, 101, "CLOSED_OUTSIDE", signal=SIGNAL), LINGER)

    assert (some.trades[0].kept_a, other.trades) == (600, state.trades)
    assert all_gone.trades == ()


def test_its_entry_is_moved_where_the_gate_allows_it():
    state = after(ready(), one(limit_price_a=99), OrderAccepted(ENTRY))

    commands = commands_of(state, EntryChangeRequested(SIGNAL, 98))

    assert of_kind(commands, ReplaceOrder) == (ReplaceOrder(ENTRY, 1_000, 98),)


def test_equity_is_that_of_leg_a():
    state = after(ready(), one(), FILLED, PriceUnusable("BBB"), PriceMoved("AAA", 103))

    assert engine.equity(state) == CASH + 3_000
