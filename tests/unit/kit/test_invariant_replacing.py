"""What replacements make of the rules about orders: I02, I04, I06, I08, I14, I15 and I17."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.invariants import Belief, MarketTerms, Terms
from hedgecheck.messages import (
    Canceled,
    CreateOrder,
    FetchOrder,
    Halt,
    OutcomeUnknown,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Restarted,
    Sent,
    Status,
    Told,
)
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    Records,
    alert,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    order_open,
    order_over,
    placed,
    says,
    sell,
    signaled,
    stop,
    traded,
)


def change(amount: int, price: int | None = None, stop_price: int | None = None, name: str = "X") -> Sent:
    """The engine asks for another amount, or other prices."""
    return Sent(ReplaceOrder(name, amount, price, stop_price))


def replaced(amount: int, name: str = "X") -> Records:
    """The venue makes the change, and the engine hears of it."""
    return Replaced(name, amount), Told(Replaced(name, amount))


def shown(amount: int | None, *fills: Any, state: Any = "open") -> Told:
    """The engine hears an answer that says for how many lots the order stands."""
    return Told(Status("X", "found", state, fills, amount))


ASKED = (Sent(buy()), change(15))
PART = fill(buy(), 4)

# ---- I04: 0 <= filled <= amount, as replaced -------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "filled", "says_"), [(15, 15, "holds"), (15, 16, "broken"), (6, 7, "broken")]
)
def test_order_is_filled_up_to_what_it_stands_for_at_the_venue(amount: int, filled: int, says_: str) -> None:
    records = (
        Sent(buy()),
        change(amount),
        Replaced("X", amount),
        fill(buy(), filled),
        heard(buy(), amount=filled),
    )

    assert says(invariants.fill_bound, *records, belief=order_open(filled=filled)) == says_


def test_fill_beyond_the_old_amount_needs_the_venue_to_have_made_the_change() -> None:
    beyond = (fill(buy(), 12), heard(buy(), amount=12))

    assert says(invariants.fill_bound, *ASKED, *beyond, belief=order_open(filled=12)) == "broken"
    assert (
        says(invariants.fill_bound, Sent(buy()), *replaced(15), *beyond, belief=order_open(filled=12))
        == "broken"
    )


# ---- I06: over when all of it is filled, as replaced -----------------------------------------------------

over, waits = order_over(filled=10), order_open(filled=10)


def ends(*records: object) -> str:
    """Whether after these the engine must call the order over, must wait for it, or may do either."""
    rule = invariants.no_terminal_state_without_evidence
    answers = [says(rule, *records, belief=belief) != "broken" for belief in (over, waits)]
    return {(True, False): "over", (False, True): "open", (True, True): "either"}[answers[0], answers[1]]


FULL, REST = heard(buy()), heard(buy(), amount=6, trade="X.2")


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ((*ASKED, FULL), "over"),
        ((*ASKED, *replaced(15), FULL), "open"),
        ((*ASKED, FULL, *replaced(15)), "open"),
        ((*ASKED, Replaced("X", 15), FULL), "over"),
        ((*ASKED, *replaced(10), FULL), "over"),
        ((*ASKED, *replaced(15), change(20), FULL), "open"),
        ((Sent(buy()), shown(10), FULL), "over"),
        ((Sent(buy()), shown(15), FULL), "over"),
        ((Sent(buy(amount=20)), change(10), FULL), "open"),
        ((Sent(buy(amount=20)), change(10), *replaced(10), FULL), "over"),
        ((Sent(buy(amount=20)), change(10), FULL, *replaced(10)), "over"),
        ((Sent(buy(amount=20)), change(4), FULL, *replaced(4)), "over"),
        ((*ASKED, FULL, Told(Canceled("X", 10)), *replaced(15)), "over"),
        ((*ASKED, Told(ReplaceRefused("X", "TOO_LATE")), FULL), "over"),
        ((*ASKED, OutcomeUnknown("X", "replace"), FULL), "over"),
        ((Sent(buy()), FULL, change(15), *replaced(15)), "over"),
        ((Sent(buy()), *replaced(15), FULL), "over"),
    ],
)
def test_order_is_over_when_what_it_stands_for_is_filled(records: Records, answer: str) -> None:
    assert ends(*records) == answer


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        ((*ASKED, *replaced(15), shown(10, PART), REST), "either"),
        ((*ASKED, shown(15, PART), REST), "either"),
        ((*ASKED, shown(None, PART), REST), "over"),
        ((*ASKED, *replaced(15), shown(15), FULL), "open"),
        ((*ASKED, shown(10), FULL), "over"),
        ((*ASKED, *replaced(15), shown(10), *replaced(20), FULL), "open"),
        ((*ASKED, shown(15, fill(buy()), state="closed")), "over"),
    ],
)
def test_answer_may_be_older_than_the_last_change(records: Records, answer: str) -> None:
    assert ends(*records) == answer


def test_change_that_is_made_interrupts_a_row_of_not_found_answers() -> None:
    row = (Told(Status("X", "not_found")),) * 2
    rule = invariants.no_terminal_state_without_evidence

    assert says(rule, *ASKED, *row, *row[:1], belief=order_over()) == "holds"
    assert says(rule, *ASKED, *row, *replaced(15), *row[:1], belief=order_over()) == "broken"


def test_changes_of_two_orders_are_kept_apart() -> None:
    assert ends(*ASKED, Sent(buy("Y")), change(5, name="Y"), *replaced(5, "Y"), *replaced(15), FULL) == "open"


# ---- I02, I17: what the venue works ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "belief"),
    [
        ((*placed(buy()), Replaced("X", 15), fill(buy())), order_open()),
        ((*placed(buy()), Replaced("X", 15), fill(buy(), 15)), NOTHING),
        ((*placed(buy()), PART, Replaced("X", 4)), NOTHING),
        ((*placed(buy()), PART, Replaced("X", 5)), order_open()),
        ((*placed(buy()), Replaced("X", 6), Replaced("X", 15), fill(buy())), order_open()),
        ((*placed(buy()), Replaced("Q", 6)), order_open()),
    ],
)
def test_order_works_until_what_it_stands_for_is_filled(records: Records, belief: Belief) -> None:
    other = NOTHING if belief.orders else order_open()

    assert says(invariants.open_orders_converge, *records, belief=belief) == "holds"
    assert says(invariants.open_orders_converge, *records, belief=other) == "broken"


def test_order_that_was_made_larger_is_still_out_after_a_restart() -> None:
    records = (*placed(buy()), Replaced("X", 15), fill(buy()), Restarted())

    assert says(invariants.durable_trace, *records) == "broken"
    assert says(invariants.durable_trace, *records, belief=order_open()) == "holds"


# ---- I08: exits for no more than is held -----------------------------------------------------------------

HELD = traded(buy())


@pytest.mark.parametrize(("amount", "says_"), [(10, "holds"), (11, "broken"), (4, "holds")])
def test_stop_is_an_exit_and_replaced_it_is_one_for_what_it_stands_for(amount: int, says_: str) -> None:
    assert says(invariants.exits_only_reduce, *HELD, *placed(stop(amount=amount))) == says_
    assert says(invariants.exits_only_reduce, *HELD, *placed(stop(amount=8)), Replaced("S", amount)) == says_


def test_stop_and_flatten_together_are_for_no_more_than_is_held() -> None:
    flatten = replace(stop("E", 4), stop_price=None)
    resized = (*HELD, *placed(stop()), Replaced("S", 6))

    assert says(invariants.exits_only_reduce, *HELD, *placed(stop()), *placed(flatten)) == "broken"
    assert says(invariants.exits_only_reduce, *resized, *placed(flatten)) == "holds"
    assert says(invariants.exits_only_reduce, *resized, *placed(replace(flatten, amount=5))) == "broken"


def test_replacement_keeps_what_an_exit_has_traded() -> None:
    records = (*HELD, *placed(stop()), fill(stop(), 4), Replaced("S", 10))

    assert says(invariants.exits_only_reduce, *records) == "holds"
    assert says(invariants.exits_only_reduce, *records[:-1], Replaced("S", 11)) == "broken"
    assert says(invariants.exits_only_reduce, *HELD, *placed(stop()), Replaced("Q", 99)) == "holds"


# ---- I14: on the grid ------------------------------------------------------------------------------------

COARSE = Terms(CASH, (MarketTerms("AAA", 100, minimum=10, lot=5, tick=2), MarketTerms("BBB", 100)))


@pytest.mark.parametrize(
    ("order", "says_"),
    [
        (stop(at=96), "holds"),
        (stop(at=95), "broken"),
        (stop(at=0), "broken"),
        (stop(at=-2), "broken"),
        (replace(stop(at=96), price=95), "broken"),
        (replace(stop(at=96), price=94), "holds"),
        (stop(at=96, amount=11), "broken"),
    ],
)
def test_stop_price_is_positive_and_on_the_tick(order: CreateOrder, says_: str) -> None:
    assert says(invariants.sane_orders, Sent(order), terms=COARSE) == says_


@pytest.mark.parametrize(
    ("first", "asked", "says_"),
    [
        (stop(at=96), change(15, name="S"), "holds"),
        (stop(at=96), change(5, name="S"), "holds"),
        (stop(at=96), change(11, name="S"), "broken"),
        (stop(at=96), change(0, name="S"), "broken"),
        (stop(at=96), change(-5, name="S"), "broken"),
        (stop(at=96), change(10, None, 94, "S"), "holds"),
        (stop(at=96), change(10, None, 95, "S"), "broken"),
        (stop(at=96), change(10, 95, None, "S"), "broken"),
        (buy(), change(10, 98), "holds"),
        (buy(), change(10, 99), "broken"),
        (buy(), change(0), "broken"),
        (sell("X", symbol="BBB"), change(3), "holds"),
        (sell("X", symbol="BBB"), change(1, 50), "holds"),
        (stop(symbol="BBB", side="buy", at=1), change(1, None, 1, "S"), "holds"),
        (sell("X", symbol="BBB"), change(0), "broken"),
    ],
)
def test_change_is_for_lots_on_the_step_at_prices_on_the_tick(
    first: CreateOrder, asked: Sent, says_: str
) -> None:
    assert says(invariants.sane_orders, signaled(), Sent(first), asked, terms=COARSE) == says_


# ---- I12: no entry is changed in a halt ------------------------------------------------------------------

TRIPPED = alert("daily_loss#1", "BREAKER_TRIPPED")


@pytest.mark.parametrize(
    "halt", [Halt(), alert("daily_loss#1", "BREAKER_TRIPPED")], ids=["person", "breaker"]
)
def test_entry_is_not_changed_after_a_halt_and_a_stop_is(halt: object) -> None:
    rule, belief = invariants.halt_is_halt, order_over()
    before = (signaled(), Sent(buy()), Sent(stop()))

    assert says(rule, *before, halt, change(12), belief=belief) == "broken"
    assert says(rule, *before, change(12), halt, belief=belief) == "holds"
    assert says(rule, *before, halt, change(4, name="S"), Sent(stop("R")), belief=belief) == "holds"


@pytest.mark.parametrize("reason", ["BREAKER_PROBATION", "BREAKER_ARMED"])
def test_breaker_halts_until_its_limits_are_raised_again(reason: str) -> None:
    up, other = alert("daily_loss#2500", reason), alert("manual#1", reason)
    opened = (signaled(), Sent(buy()))

    assert says(invariants.halt_is_halt, TRIPPED, up, *opened) == "vacuous"
    assert says(invariants.halt_is_halt, TRIPPED, other, *opened) == "broken"
    assert says(invariants.halt_is_halt, TRIPPED, up, TRIPPED, *opened) == "broken"
    assert says(invariants.halt_is_halt, Halt(), TRIPPED, up, *opened) == "broken"
    assert (
        says(invariants.halt_is_halt, TRIPPED, alert("manual#1", "BREAKER_TRIPPED"), up, *opened) == "broken"
    )


@pytest.mark.parametrize("opening", [Sent(buy()), change(12)], ids=["sent", "changed"])
def test_what_opened_in_a_halt_stays_broken_after_it(opening: object) -> None:
    up = alert("daily_loss#2500", "BREAKER_ARMED")
    before = (signaled(), Sent(buy("Z")), Sent(buy()))

    assert says(invariants.halt_is_halt, *before, TRIPPED, opening, up, Sent(buy("W"))) == "broken"
    assert says(invariants.halt_is_halt, *before, TRIPPED, opening, up, change(3, name="Z")) == "broken"
    assert says(invariants.halt_is_halt, *before, TRIPPED, up, opening) == "vacuous"


def test_warning_neither_halts_nor_lets_go() -> None:
    warning = alert("daily_loss#8000", "BREAKER_WARNING")

    assert says(invariants.halt_is_halt, warning, signaled(), Sent(buy())) == "vacuous"
    assert says(invariants.halt_is_halt, TRIPPED, warning, signaled(), Sent(buy())) == "broken"


# ---- I15: nothing is asked for ever ----------------------------------------------------------------------

ASKS = Sent(FetchOrder("S"))
FOUND = Told(Status("S", "found", "open", (), 10))


def test_order_is_changed_at_most_so_often() -> None:
    assert says(invariants.live, Sent(buy()), *((change(12),) * 50)) == "vacuous"
    assert says(invariants.live, Sent(buy()), *((change(12),) * 51)) == "broken"


def test_stop_may_be_asked_about_as_long_as_it_is_answered() -> None:
    assert says(invariants.live, Sent(stop()), *((ASKS, FOUND) * 60)) == "vacuous"
    assert says(invariants.live, Sent(stop()), *((ASKS,) * 51)) == "broken"
    assert says(invariants.live, Sent(stop()), *((ASKS, Told(Status("S", "failed"))) * 51)) == "broken"
    assert says(invariants.live, Sent(stop()), *((ASKS, Told(Status("Q", "found"))) * 51)) == "broken"


@pytest.mark.parametrize(
    "order",
    [replace(stop(), stop_price=None), replace(stop(), reduce_only=False)],
    ids=["exit", "stop-entry"],
)
def test_only_what_protects_may_be_asked_about_for_ever(order: CreateOrder) -> None:
    assert says(invariants.live, Sent(order), *((ASKS, FOUND) * 51)) == "broken"


def test_at_rest_a_stop_may_be_open_in_the_engine_and_nothing_else() -> None:
    waiting = order_open("S")

    assert judge(invariants.live, (signaled(), Sent(stop())), waiting, at_rest=True) != "holds"
    stops = (Sent(stop()), Sent(stop("R", of=None)))
    assert judge(invariants.live, stops, waiting, at_rest=True) == "vacuous"
    assert judge(invariants.live, stops, order_open("R"), at_rest=True) == "vacuous"
    assert is_broken(judge(invariants.live, (Sent(buy("S")),), waiting, at_rest=True))


# ---- I16: what was told of a breaker answers no question -------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "is_asked"),
    [("BREAKER_WARNING", True), ("BREAKER_ARMED", True), ("BREAKER_TRIPPED", True), ("TRADE_PARKED", False)],
)
def test_restart_is_looked_at_whatever_was_told_of_breakers(reason: str, is_asked: bool) -> None:
    moved = replace(NOTHING, positions=(("AAA", 10),))

    finding = judge(invariants.restart_neutral, (alert(reason=reason),), restarts=((moved, ""),))

    assert is_broken(finding) is is_asked
