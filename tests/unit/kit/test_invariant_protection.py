"""I09: which stops protect what is held, what excuses their absence, and two that stand for too much."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import MarketTerms, Terms
from hedgecheck.invariants import always_protected as rule
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CreateOrder,
    Expired,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    Restarted,
    Sent,
    StartTimer,
    StopTimer,
    TimerFired,
)
from tests.unit.kit.traces import (
    CASH,
    Records,
    alert,
    buy,
    fill,
    is_broken,
    judge,
    leaving,
    placed,
    sell,
    signaled,
    stop,
    traded,
)

BOUGHT = (signaled(stop_a=95, stop_b=105), *traded(buy()))
PROTECTED = (*BOUGHT, *placed(stop()))
SOLD = traded(sell("Y", symbol="BBB"))
COVER = stop("T", symbol="BBB", side="buy", at=105)


def at_rest(*records: object, terms: Terms | None = None) -> str:
    """What the rule says at rest: holds, vacuous or broken."""
    finding = judge(rule, records, at_rest=True, **({} if terms is None else {"terms": terms}))
    return "broken" if is_broken(finding) else finding


def moving(*records: object) -> str:
    """What it says on the way."""
    finding = judge(rule, records, at_rest=False)
    return "broken" if is_broken(finding) else finding


# ---- one stop, of the size that is held ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (stop(), "holds"),
        (stop(amount=9), "broken"),
        (stop(amount=11), "broken"),
        (stop(at=94), "broken"),
        (stop(at=96), "broken"),
        (stop(side="buy"), "broken"),
        (stop(symbol="BBB"), "broken"),
        (stop(of="p2"), "broken"),
        (leaving("S"), "broken"),
        (replace(stop(), reduce_only=False), "broken"),
    ],
)
def test_stop_protects_its_leg_alone_in_full_at_the_price_asked_for(order: CreateOrder, says: str) -> None:
    assert at_rest(*BOUGHT, *placed(order)) == says


def test_each_leg_with_a_stop_is_protected_by_its_own() -> None:
    assert at_rest(*PROTECTED, *SOLD, *placed(COVER)) == "holds"
    assert at_rest(*PROTECTED, *SOLD) == "broken"
    assert at_rest(*BOUGHT, *SOLD, *placed(COVER)) == "broken"


def test_leg_without_a_stop_needs_none() -> None:
    assert at_rest(signaled(stop_a=95), *traded(buy()), *placed(stop()), *SOLD) == "holds"
    assert at_rest(signaled(stop_b=105), *traded(buy()), *SOLD, *placed(COVER)) == "holds"
    assert at_rest(signaled(), *traded(buy()), *SOLD) == "vacuous"


def test_two_stops_that_make_up_the_size_are_not_one() -> None:
    assert at_rest(*BOUGHT, *placed(stop("S", 6)), *placed(stop("R", 4))) == "broken"
    assert moving(*BOUGHT, *placed(stop("S", 6)), *placed(stop("R", 4))) == "vacuous"


def test_only_a_stop_that_the_venue_has_protects() -> None:
    assert at_rest(*BOUGHT, Sent(stop())) == "broken"
    assert at_rest(*BOUGHT, Sent(stop()), Rejected("S", "WOULD_TRIGGER")) == "broken"


@pytest.mark.parametrize("ending", [Canceled("S", 0), Expired("S", 0)])
def test_stop_that_is_over_protects_no_more(ending: object) -> None:
    assert at_rest(*PROTECTED, ending) == "broken"


def test_stop_that_traded_leaves_nothing_to_protect() -> None:
    assert at_rest(*PROTECTED, fill(stop())) == "vacuous"
    assert at_rest(*PROTECTED, fill(stop(), 4)) == "holds"
    assert at_rest(*PROTECTED, fill(stop(), 4), Expired("S", 4)) == "broken"


def test_no_stop_survives_the_position() -> None:
    flat = (*PROTECTED, *traded(leaving()))

    assert at_rest(*flat) == "broken"
    assert at_rest(*flat, Canceled("S", 0)) == "vacuous"


def test_position_of_another_intent_does_not_count() -> None:
    assert at_rest(*PROTECTED, signaled("p2"), *traded(buy("Z", of="p2"))) == "holds"
    assert at_rest(*PROTECTED, *traded(buy("Z", of=None))) == "holds"


# ---- resized ---------------------------------------------------------------------------------------------


def test_replaced_stop_protects_what_it_now_stands_for() -> None:
    more = (*PROTECTED, *traded(buy("Z", 5)))

    assert at_rest(*more) == "broken"
    assert at_rest(*more, Replaced("S", 15)) == "holds"
    assert at_rest(*more, Replaced("S", 14)) == "broken"


def test_replaced_stop_keeps_what_it_traded() -> None:
    resized = (*PROTECTED, fill(stop(), 4), *traded(buy("Z", 5)), Replaced("S", 15))

    assert at_rest(*resized) == "holds"
    assert at_rest(*PROTECTED, fill(stop(), 4), Replaced("S", 4), *traded(leaving(amount=6))) == "vacuous"


def test_replaced_stop_has_the_price_that_was_asked_for_last() -> None:
    asked = Sent(ReplaceOrder("S", 10, None, 90))

    assert at_rest(*PROTECTED, asked, Replaced("S", 10)) == "broken"
    assert at_rest(*PROTECTED, Sent(ReplaceOrder("S", 10)), Replaced("S", 10)) == "holds"


# ---- never two for too much ------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "says"), [(4, "vacuous"), (5, "broken")])
def test_two_stops_never_stand_for_more_than_is_held(amount: int, says: str) -> None:
    assert moving(*BOUGHT, *placed(stop("S", 6)), *placed(stop("R", amount))) == says


def test_two_stops_for_too_much_are_broken_whatever_people_were_told() -> None:
    assert moving(*PROTECTED, alert(reason="TRADE_PARKED"), *placed(stop("R"))) == "broken"


def test_one_stop_may_stand_for_more_on_the_way() -> None:
    assert moving(*PROTECTED, *traded(leaving(amount=4))) == "vacuous"


def test_stops_of_two_legs_or_of_two_intents_are_two_and_not_too_many() -> None:
    other = (signaled("p2", stop_a=95), *traded(buy("Z", of="p2")), *placed(stop("R", of="p2")))

    assert moving(*PROTECTED, *SOLD, *placed(COVER)) == "vacuous"
    assert at_rest(*PROTECTED, *other) == "holds"


# ---- excuses ---------------------------------------------------------------------------------------------

GRACE = StartTimer("p1/grace", 1)


def test_nothing_is_asked_while_the_grace_timer_runs() -> None:
    assert at_rest(*BOUGHT, GRACE) == "vacuous"
    assert at_rest(*BOUGHT, StartTimer("p1/linger", 1)) == "broken"
    assert at_rest(*BOUGHT, StartTimer("p2/grace", 1)) == "broken"


@pytest.mark.parametrize("end", [TimerFired("p1/grace"), StopTimer("p1/grace"), Restarted()])
def test_grace_ends_when_its_timer_fires_or_stops_or_dies(end: object) -> None:
    assert at_rest(*BOUGHT, GRACE, end) == "broken"
    assert at_rest(*BOUGHT, GRACE, GRACE, end) == "broken"


def test_grace_goes_on_where_another_timer_ends() -> None:
    assert at_rest(*BOUGHT, GRACE, TimerFired("p1/linger"), StopTimer("p2/grace")) == "vacuous"


@pytest.mark.parametrize(
    ("reason", "subject", "says"),
    [
        ("TRADE_PARKED", "p1", "vacuous"),
        ("ORDER_UNRESOLVED", "p1", "vacuous"),
        ("POSITION_UNPROTECTED", "p1", "vacuous"),
        ("BREAKER_TRIPPED", "p1", "broken"),
        ("TRADE_PARKED", "p2", "broken"),
    ],
)
def test_person_who_was_told_of_the_intent_excuses_it(reason: str, subject: str, says: str) -> None:
    assert at_rest(*BOUGHT, alert(subject, reason)) == says


COARSE = Terms(CASH, (MarketTerms("AAA", 100, lot=4, minimum=8), MarketTerms("BBB", 100)))
WORTH = Terms(
    CASH, (MarketTerms("AAA", 100, minimum_notional=1_000, tick_lot_value=2), MarketTerms("BBB", 100))
)


@pytest.mark.parametrize(
    ("held", "protected", "says"),
    [
        (7, 0, "vacuous"),
        (8, 0, "broken"),
        (8, 8, "holds"),
        (11, 8, "holds"),
        (11, 0, "broken"),
        (12, 8, "broken"),
    ],
)
def test_what_the_market_takes_as_an_order_is_protected_to_the_step(
    held: int, protected: int, says: str
) -> None:
    stops: Records = placed(stop(amount=protected)) if protected else ()

    assert at_rest(signaled(stop_a=95), *traded(buy(amount=held)), *stops, terms=COARSE) == says


@pytest.mark.parametrize(("held", "says"), [(4, "vacuous"), (5, "broken")])
def test_smallest_order_may_be_one_by_notional(held: int, says: str) -> None:
    assert at_rest(signaled(stop_a=95), *traded(buy(amount=held)), terms=WORTH) == says


@pytest.mark.parametrize(("prices", "says"), [((50,), "vacuous"), ((50, 100), "vacuous"), ((101,), "broken")])
def test_smallest_order_is_the_largest_that_it_ever_was(prices: tuple[int, ...], says: str) -> None:
    moves = tuple(Price("AAA", price) for price in prices)

    assert at_rest(signaled(stop_a=95), *traded(buy(amount=5)), *moves, terms=WORTH) == says


def test_price_before_the_intent_does_not_count() -> None:
    before = (Price("AAA", 50), Price("AAA", 100))

    assert at_rest(*before, signaled(stop_a=95), *traded(buy(amount=5)), terms=WORTH) == "broken"


def test_intent_that_is_given_again_keeps_the_stop_that_it_named_first() -> None:
    assert at_rest(*PROTECTED, signaled(stop_a=95, stop_b=105)) == "holds"
    assert at_rest(*PROTECTED, signaled(stop_a=90)) == "holds"


def test_last_lot_is_protected_too() -> None:
    assert at_rest(*PROTECTED, fill(stop(), 9)) == "holds"
    assert at_rest(*PROTECTED, fill(stop(), 9), Expired("S", 9)) == "broken"


def test_stop_that_never_arrived_stands_for_nothing() -> None:
    assert at_rest(*PROTECTED, Sent(stop("R"))) == "holds"
    assert moving(*PROTECTED, Sent(stop("R"))) == "vacuous"


def test_change_of_an_order_that_is_no_stop_is_passed_over() -> None:
    assert at_rest(*PROTECTED, Sent(ReplaceOrder("X", 5, None, 90))) == "holds"


def test_order_of_an_intent_that_is_accepted_by_nobody_knows_is_none() -> None:
    assert at_rest(*PROTECTED, Accepted("Q"), Canceled("Q", 0), Replaced("Q", 3)) == "holds"
