"""I12: what may leave after a halt. I14: what an order may look like, and on which prices one may open."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import BelievedOrder, MarketTerms, Terms, halt_is_halt, sane_orders
from hedgecheck.messages import (
    BadPrice,
    CancelOrder,
    Halt,
    NewDay,
    Price,
    ReplaceOrder,
    Restarted,
    Sent,
    Told,
    TradingHalted,
    TradingResumed,
)
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    alert,
    buy,
    is_broken,
    judge,
    leaving,
    order_open,
    order_over,
    placed,
    sell,
    signaled,
)

TRIPPED = alert("daily_loss", "BREAKER_TRIPPED")
HEDGE = sell("Y", symbol="BBB")
BAD, GOOD = Told(BadPrice("AAA", "nan")), Told(Price("AAA", 100))
OPEN = order_open()
COARSE = Terms(CASH, (MarketTerms("AAA", 100, minimum=10, lot=5, tick=2), MarketTerms("BBB", 100)))

either_halt = pytest.mark.parametrize("halt", [Halt(), TRIPPED], ids=["by-person", "by-alert"])


def opens_in_halt(*records, belief=NOTHING) -> bool:
    return is_broken(judge(halt_is_halt, records, belief))


def is_insane(*records, terms=COARSE) -> bool:
    return is_broken(judge(sane_orders, records, terms=terms))


# ---- I12: halt is halt ---------------------------------------------------------------------------------


@either_halt
def test_entry_after_a_halt_is_broken_and_before_it_is_not(halt) -> None:
    assert opens_in_halt(signaled(), halt, Sent(buy()))
    assert not opens_in_halt(signaled(), Sent(buy()), halt)


@either_halt
def test_restart_does_not_lift_a_halt(halt) -> None:
    assert opens_in_halt(signaled(), halt, Restarted(), Sent(buy()))


@either_halt
def test_hedge_and_exit_leave_after_a_halt(halt) -> None:
    assert not opens_in_halt(signaled(), halt, Sent(HEDGE), Sent(leaving()))


def test_hedge_in_the_symbol_of_the_entry_leaves_after_a_halt() -> None:
    assert not opens_in_halt(signaled(), Halt(), Sent(sell()))


def test_alert_for_anything_else_halts_nothing() -> None:
    assert judge(halt_is_halt, (signaled(), alert(), Sent(buy()))) == "vacuous"


def test_opening_in_a_halt_is_remembered() -> None:
    assert opens_in_halt(signaled(), Halt(), Sent(buy()), *placed(HEDGE))


@either_halt
def test_entry_that_is_out_is_canceled_at_once(halt) -> None:
    out = (signaled(), *placed(buy()), halt)

    assert opens_in_halt(*out, belief=OPEN)
    assert not opens_in_halt(*out, Sent(CancelOrder("X")), belief=OPEN)
    assert not opens_in_halt(*out, belief=order_over())


def test_entry_whose_cancel_had_left_before_the_halt_is_not_canceled_twice() -> None:
    assert not opens_in_halt(signaled(), *placed(buy()), Sent(CancelOrder("X")), Halt(), belief=OPEN)


def test_every_entry_that_is_out_is_to_be_canceled() -> None:
    two = (signaled(), signaled("p2"), *placed(buy()), *placed(buy("Z", of="p2")), Halt())
    both = replace(NOTHING, orders=tuple(BelievedOrder(name, False, 0) for name in ("X", "Z")))

    assert opens_in_halt(*two, Sent(CancelOrder("X")), belief=both)
    assert not opens_in_halt(*two, Sent(CancelOrder("X")), Sent(CancelOrder("Z")), belief=both)


@pytest.mark.parametrize("order", [HEDGE, leaving("Y")], ids=["hedge", "exit"])
def test_order_that_opens_nothing_may_be_left_to_work(order) -> None:
    assert not opens_in_halt(signaled(), *placed(order), Halt(), belief=order_open("Y"))


def test_restart_excuses_the_missing_cancel_and_no_opening() -> None:
    down = (signaled(), *placed(buy()), Halt(), Restarted())

    assert judge(halt_is_halt, down, OPEN) == "holds"
    assert opens_in_halt(*down, Sent(buy("Z")), belief=OPEN)


def test_restart_before_the_halt_excuses_nothing() -> None:
    assert opens_in_halt(Restarted(), signaled(), *placed(buy()), Halt(), belief=OPEN)


def test_order_of_an_intent_nobody_gave_opens_nothing_known() -> None:
    assert not opens_in_halt(Halt(), Sent(buy()), Sent(buy("Z", of=None)))


# ---- I12: where the market is closed or halted ------------------------------------------------------------

PREPARED, SHUT, REGULAR = (NewDay(0, phase) for phase in ("closing", "closed", "regular"))
PAUSED, BROKEN_OFF = TradingHalted(("BBB",)), TradingHalted()


@pytest.mark.parametrize(
    "turn", [*[NewDay(0, each) for each in ("pre_market", "after_hours")], PREPARED, SHUT, PAUSED, BROKEN_OFF]
)
def test_entry_out_of_hours_is_broken_and_one_that_is_out_goes_at_once(turn) -> None:
    out = (signaled(), *placed(buy()), turn)

    assert opens_in_halt(signaled(), turn, Sent(buy()))
    assert opens_in_halt(*out, belief=OPEN)
    assert judge(halt_is_halt, (*out, Sent(CancelOrder("X"))), OPEN) == "holds"
    assert not opens_in_halt(signaled(), turn, Sent(leaving()))


@pytest.mark.parametrize(
    ("turn", "broken"),
    [
        (PREPARED, False),
        (SHUT, True),
        (PAUSED, True),
        (BROKEN_OFF, True),
        (TradingHalted(("AAA",)), True),
        (TradingHalted(("CCC",)), False),
    ],
)
def test_hedge_leaves_while_the_close_is_prepared_and_not_into_a_halt(turn, broken: bool) -> None:
    assert opens_in_halt(signaled(), *placed(buy()), Sent(CancelOrder("X")), turn, Sent(HEDGE)) is broken


@pytest.mark.parametrize(
    ("turns", "broken"),
    [
        ((SHUT, REGULAR), False),
        ((PREPARED, REGULAR), False),
        ((PAUSED, TradingResumed(("BBB",))), False),
        ((PAUSED, PAUSED, TradingResumed(("BBB",))), False),
        ((BROKEN_OFF, TradingResumed()), False),
        ((BROKEN_OFF, TradingResumed(("BBB",))), True),
        ((PAUSED, TradingResumed()), True),
        ((PAUSED, BROKEN_OFF, TradingResumed()), True),
        ((NewDay(2, "closed"), NewDay(1)), True),
        ((NewDay(2, "closed"), NewDay(2)), False),
    ],
)
def test_entry_leaves_again_once_the_market_is_open(turns, broken: bool) -> None:
    assert opens_in_halt(signaled(), *turns, Sent(buy())) is broken


def test_entry_changed_out_of_hours_is_broken() -> None:
    out = (signaled(), *placed(buy()), Sent(CancelOrder("X")))

    assert opens_in_halt(*out, PAUSED, Sent(ReplaceOrder("X", 10, 99)))
    assert not opens_in_halt(*out, Sent(ReplaceOrder("X", 10, 99)))


def test_adding_out_of_hours_is_remembered_by_its_name() -> None:
    finding = judge(halt_is_halt, (signaled(), SHUT, Sent(HEDGE), REGULAR, Sent(buy())))

    assert is_broken(finding)
    assert "order Y adds" in finding.why


def test_order_of_an_intent_nobody_gave_adds_to_nothing_known_out_of_hours() -> None:
    assert not opens_in_halt(SHUT, Sent(buy()), Sent(buy("Z", of=None)))


# ---- I14: sane orders ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lots", "insane"), [(10, False), (15, False), (5, True), (12, True), (0, True), (-10, True)]
)
def test_amount_is_on_the_step_and_not_below_the_minimum(lots: int, insane: bool) -> None:
    assert is_insane(Sent(buy(amount=lots))) is insane


@pytest.mark.parametrize(
    ("price", "insane"), [(None, False), (2, False), (100, False), (101, True), (0, True), (-2, True)]
)
def test_limit_is_positive_and_on_the_tick(price: int | None, insane: bool) -> None:
    assert is_insane(Sent(replace(buy(), price=price))) is insane


def test_each_symbol_has_its_own_grid() -> None:
    assert not is_insane(Sent(replace(buy(amount=1, symbol="BBB"), price=101)))


def test_insane_order_is_remembered_by_its_name() -> None:
    finding = judge(sane_orders, (Sent(buy("Q", amount=0)), Sent(buy())))

    assert is_broken(finding)
    assert "order Q" in finding.why


@pytest.mark.parametrize("symbol", ["AAA", "BBB"])
def test_nothing_opens_where_the_last_price_of_either_leg_was_none(symbol: str) -> None:
    assert is_insane(signaled(), Told(BadPrice(symbol, "inf")), Sent(buy()))


def test_good_price_after_a_bad_one_opens_again_and_a_bad_one_after_it_does_not() -> None:
    assert not is_insane(signaled(), BAD, GOOD, Sent(buy()))
    assert is_insane(signaled(), BAD, GOOD, BAD, Sent(buy()))


def test_good_price_of_another_symbol_mends_nothing() -> None:
    assert is_insane(signaled(), BAD, Told(Price("BBB", 100)), Sent(buy()))


def test_bad_price_of_a_symbol_that_is_not_traded_forbids_nothing() -> None:
    records = (signaled(symbol_b="CCC"), Told(BadPrice("BBB", "nan")), Sent(buy()))

    assert not is_insane(*records)


def test_bad_price_twice_is_mended_by_one_good_price() -> None:
    assert not is_insane(signaled(), BAD, BAD, GOOD, Sent(buy()))


def test_price_that_the_engine_has_not_heard_changes_nothing() -> None:
    assert not is_insane(signaled(), BadPrice("AAA", "nan"), Sent(buy()))
    assert is_insane(signaled(), BAD, Price("AAA", 100), Sent(buy()))


@pytest.mark.parametrize("order", [HEDGE, leaving()], ids=["hedge", "exit"])
def test_hedge_and_exit_leave_on_a_bad_price(order) -> None:
    assert not is_insane(signaled(), BAD, Told(BadPrice("BBB", "nan")), Sent(order))


def test_order_in_a_symbol_that_is_not_listed_is_insane() -> None:
    assert is_insane(Sent(buy(symbol="ZZZ")))


def test_no_order_is_nothing_to_judge() -> None:
    assert judge(sane_orders, (signaled(), BAD)) == "vacuous"
