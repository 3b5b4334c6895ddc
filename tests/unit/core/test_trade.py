"""One trade: the gate's answer, what the fill of leg A means, and the hedge."""

from dataclasses import replace

import pytest

from core import trade
from core.messages import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    ReportAnomaly,
)
from core.settings import Protocol
from tests.unit.core.build import (
    ENTRY,
    ENTRY_2,
    FLATTEN_A,
    FLATTEN_B,
    HEDGE,
    absent,
    answered,
    asks_once_more,
    confirmed_expired,
    ends,
    fill,
    filled,
    found,
    opened,
    played,
    proposed,
    signal,
    stops_query,
    stops_timeout,
    submitted,
)

HEDGE_2, HEDGE_3 = replace(HEDGE, attempt=2), replace(HEDGE, attempt=3)


def bought(quantity, **plan):
    """The trade whose leg A ended with that many lots of 1,000."""
    return opened(filled(ENTRY, quantity), *confirmed_expired(ENTRY, quantity), **plan)


# ---- the gate's answer ---------------------------------------------------------------------------


def test_a_trade_let_through_sends_its_entry_whole():
    begun, commands = trade.step(proposed(), signal(), True)

    assert begun.phase == "entry"
    assert commands == submitted(ENTRY, 1_000)


def test_a_limit_price_is_the_entry_s_alone():
    plan = proposed()
    plan = replace(plan, leg_a=replace(plan.leg_a, limit_price=99))

    begun, commands = trade.step(plan, signal(), True)
    _, hedging = trade.step(begun, filled(ENTRY, 1_000), True)
    ended = played(begun, filled(ENTRY, 400), OrderExpired(ENTRY, 400))
    _, flattening = trade.step(ended, found(ENTRY, "expired"), True)

    assert commands == submitted(ENTRY, 1_000, limit_price=99)
    assert hedging[1:] == submitted(HEDGE, 2_000)
    assert flattening[1:] == submitted(FLATTEN_A, 400)


def test_a_trade_not_let_through_sends_nothing():
    begun, commands = trade.step(proposed(), signal(), False)

    assert (begun.phase, commands) == ("closed", ())


def test_the_gate_is_asked_for_the_whole_trade_before_its_first_order():
    assert trade.wants(proposed(), signal()) == "open"


@pytest.mark.parametrize(
    ("events", "event", "question"),
    [
        (absent(ENTRY, 2), answered(ENTRY, "not_found"), "resend"),
        (absent(ENTRY, 1), answered(ENTRY, "not_found"), None),
        (absent(ENTRY, 2), answered(ENTRY, "failed"), None),
        (absent(ENTRY, 2), found(ENTRY), None),
        (absent(ENTRY, 2), answered(ENTRY_2, "not_found"), None),
        ((*absent(ENTRY), *absent(ENTRY_2, 2)), answered(ENTRY_2, "not_found"), None),
        ((filled(ENTRY, 1_000), *absent(HEDGE, 2)), answered(HEDGE, "not_found"), None),
        ((), filled(ENTRY, 1_000), None),
    ],
    ids=[
        "third not-found",
        "second not-found",
        "no proof",
        "found",
        "an order never sent",
        "attempts used up",
        "a hedge",
        "a fill",
    ],
)
def test_the_gate_is_asked_again_only_before_an_entry_is_sent_anew(events, event, question):
    assert trade.wants(opened(*events), event) == question


# ---- how much of leg A was filled ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "grade"),
    [
        (1, "severe"),
        (499, "severe"),
        (500, "partial"),
        (949, "partial"),
        (950, "complete"),
        (1_000, "complete"),
    ],
)
def test_the_fill_is_graded_at_95_and_50_per_cent(quantity, grade):
    assert trade.fill_grade(bought(quantity)) == grade


def test_nothing_filled_has_a_grade_of_its_own():
    assert trade.fill_grade(opened()) == "none"


def test_the_thresholds_are_the_protocol_s():
    lax = Protocol(complete_bps=3_000, hedge_bps=2_000)

    grades = [trade.fill_grade(bought(quantity, protocol=lax)) for quantity in (199, 200, 299, 300)]

    assert grades == ["severe", "partial", "partial", "complete"]


@pytest.mark.parametrize("quantity", [500, 600, 949, 950, 999])
def test_at_or_above_half_the_hedge_equals_the_scaled_fill(quantity):
    asking, questions = trade.step(opened(filled(ENTRY, quantity)), OrderExpired(ENTRY, quantity), True)

    begun, commands = trade.step(asking, found(ENTRY, "expired"), True)

    assert (asking.phase, begun.phase) == ("entry", "hedge")
    assert questions == asks_once_more(ENTRY)
    assert commands == (stops_query(ENTRY), *submitted(HEDGE, 2 * quantity))


@pytest.mark.covers("CH-02")
@pytest.mark.parametrize("quantity", [1, 100, 499])
def test_below_half_the_trade_is_aborted_without_a_hedge(quantity):
    asking, questions = trade.step(opened(filled(ENTRY, quantity)), OrderExpired(ENTRY, quantity), True)

    begun, commands = trade.step(asking, found(ENTRY, "expired"), True)
    _, ending = trade.step(begun, filled(FLATTEN_A, quantity), True)

    assert (asking.phase, begun.phase) == ("entry", "flatten")
    assert questions == asks_once_more(ENTRY)
    assert commands == (stops_query(ENTRY), *submitted(FLATTEN_A, quantity))
    assert ending == (stops_timeout(FLATTEN_A), *ends("flattened", "severe"))


@pytest.mark.covers("CH-01", "CH-08")
def test_closed_with_600_of_1000_filled_is_hedged_for_600():
    begun, commands = trade.step(opened(planned_b=1_000), found(ENTRY, "closed", fill(600)), True)

    assert begun.phase == "hedge"
    assert commands == (stops_timeout(ENTRY), *submitted(HEDGE, 600))


def test_an_entry_not_filled_at_all_ends_the_trade():
    begun, commands = trade.step(opened(), OrderRejected(ENTRY, "no"), True)

    assert (begun.phase, begun.outcome) == ("ended", "unfilled")
    assert commands == (stops_timeout(ENTRY), *ends("unfilled", "none"))


def test_a_partly_filled_entry_is_waited_for():
    begun, commands = trade.step(opened(OrderAccepted(ENTRY)), filled(ENTRY, 600), True)

    assert (begun.phase, commands) == ("entry", ())


@pytest.mark.parametrize(
    ("planned_a", "planned_b", "step", "bought_lots", "hedged"),
    [
        (1_000, 333, 1, 1_000, 333),
        (1_000, 333, 1, 999, 332),
        (1_000, 333, 1, 500, 166),
        (1_000, 2_000, 500, 600, 1_000),
        (1_000, 2_000, 500, 750, 1_500),
        (1_000, 1, 1, 1_000, 1),
    ],
)
def test_the_hedge_is_rounded_down_to_the_grid(planned_a, planned_b, step, bought_lots, hedged):
    begun = bought(bought_lots, planned_a=planned_a, planned_b=planned_b, grid_b=(step, 1))

    assert trade.hedge_target(begun) == hedged
    assert begun.orders[-1].quantity == hedged


# ---- the hedge -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "grade"), [(600, "partial"), (950, "complete"), (1_000, "complete")])
def test_a_hedged_trade_ends_and_says_how_much_of_leg_a_was_filled(quantity, grade):
    begun = bought(quantity) if quantity < 1_000 else opened(filled(ENTRY, 1_000))

    done, commands = trade.step(begun, filled(HEDGE, 2 * quantity), True)

    assert (done.phase, done.outcome, done.kept_a, done.kept_b) == ("ended", "hedged", quantity, 2 * quantity)
    assert commands == (stops_timeout(HEDGE), *ends("hedged", grade))


def test_a_rejected_hedge_is_tried_again_at_once():
    begun, commands = trade.step(opened(filled(ENTRY, 1_000)), OrderRejected(HEDGE, "no"), True)

    assert begun.phase == "hedge"
    assert commands == (stops_timeout(HEDGE), *submitted(HEDGE_2, 2_000))


@pytest.mark.parametrize(("end", "word"), [(OrderCanceled, "canceled"), (OrderExpired, "expired")])
def test_a_hedge_that_came_to_nothing_is_tried_again_once_the_venue_confirmed_it(end, word):
    asking, questions = trade.step(opened(filled(ENTRY, 1_000)), end(HEDGE, 0), True)

    begun, commands = trade.step(asking, found(HEDGE, word), True)

    assert begun.phase == "hedge"
    assert questions == asks_once_more(HEDGE)
    assert commands == (stops_query(HEDGE), *submitted(HEDGE_2, 2_000))


def test_only_what_is_missing_is_hedged_again():
    begun = opened(filled(ENTRY, 1_000), filled(HEDGE, 500), OrderExpired(HEDGE, 500))

    begun, commands = trade.step(begun, found(HEDGE, "expired"), True)

    assert commands == (stops_query(HEDGE), *submitted(HEDGE_2, 1_500))


def test_no_hedge_after_its_attempts_is_flattened():
    begun = opened(filled(ENTRY, 1_000), OrderRejected(HEDGE, "no"), OrderRejected(HEDGE_2, "no"))

    begun, commands = trade.step(begun, OrderRejected(HEDGE_3, "no"), True)

    assert begun.phase == "flatten"
    assert commands == (stops_timeout(HEDGE_3), *submitted(FLATTEN_A, 1_000))


def test_half_a_hedge_after_its_attempts_is_flattened_with_its_entry():
    begun = opened(
        filled(ENTRY, 1_000), filled(HEDGE, 500), *confirmed_expired(HEDGE, 500), OrderRejected(HEDGE_2, "no")
    )

    begun, commands = trade.step(begun, OrderRejected(HEDGE_3, "no"), True)
    _, last = trade.step(played(begun, filled(FLATTEN_A, 1_000)), filled(FLATTEN_B, 500), True)

    assert commands == (
        stops_timeout(HEDGE_3),
        *submitted(FLATTEN_A, 1_000),
        *submitted(FLATTEN_B, 500),
    )
    assert last == (stops_timeout(FLATTEN_B), *ends("flattened", "complete"))


def test_what_was_overhedged_is_flattened():
    begun, commands = trade.step(opened(filled(ENTRY, 1_000)), filled(HEDGE, 2_100), True)

    assert commands[0] == ReportAnomaly("OVERFILL", filled(HEDGE, 2_100))
    assert commands[2:] == submitted(FLATTEN_B, 100)
    assert played(begun, filled(FLATTEN_B, 100)).outcome == "hedged"


def test_what_was_overbought_is_hedged_no_further_than_planned_and_flattened():
    begun = opened(filled(ENTRY, 1_200))

    done, commands = trade.step(begun, filled(HEDGE, 2_000), True)

    assert begun.orders[-1].quantity == 2_000
    assert commands == (stops_timeout(HEDGE), *submitted(FLATTEN_A, 200))
    assert played(done, filled(FLATTEN_A, 200)).kept_a == 1_000
