"""The guard's last word on an order, whoever made it."""

from math import inf, nan

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.components.protocols import Order, Policy, Published
from hedgecheck.stress.components.risk_guard import PreTradeGuard
from hedgecheck.values import replace
from tests.unit.stress.component_bars import POLICY, account, bar, buy, quote

LONG = Order(buy(), "buy", 10.0, 0.0, 95.0, None)
SHORT = Order(buy(target=-1), "sell", 10.0, 0.0, 105.0, None)
PAIR = Order(buy(hedge="B"), "buy", 10.0, 20.0, 95.0, 52.5)
VIEW = bar(1, quote("A", 100.0), quote("B", 50.0))


def validate(order, view=VIEW, guard=None, policy=POLICY, **changes):
    return (guard or PreTradeGuard()).validate(order, view, account(**changes), policy)


@pytest.mark.covers("SE-03")
@pytest.mark.parametrize(
    "order", [LONG, SHORT, PAIR, replace(LONG, stop=None), replace(PAIR, hedge_stop=None)]
)
def test_sound_order_may_go(order):
    assert validate(order) == ""


@pytest.mark.covers("SE-03")
@pytest.mark.parametrize(
    ("order", "changes", "reason"),
    [
        (LONG, {"quantity": nan}, "NOT_FINITE"),
        (LONG, {"stop": inf}, "NOT_FINITE"),
        (PAIR, {"hedge_quantity": nan}, "NOT_FINITE"),
        (LONG, {"quantity": 0.0}, "NOT_POSITIVE"),
        (LONG, {"quantity": -1.0}, "NOT_POSITIVE"),
        (PAIR, {"hedge_quantity": 0.0}, "NOT_POSITIVE"),
        (LONG, {"side": "sell"}, "SIDE"),
        (LONG, {"signal": buy(target=0)}, "SIDE"),
        (LONG, {"hedge_quantity": 1.0}, "HEDGE"),
        (LONG, {"hedge_stop": 1.0}, "HEDGE"),
        (LONG, {"signal": buy("X")}, "UNKNOWN_SYMBOL"),
        (LONG, {"stop": 100.0}, "STOP_SIDE"),
        (SHORT, {"stop": 95.0}, "STOP_SIDE"),
        (PAIR, {"hedge_stop": 49.0}, "STOP_SIDE"),
        (LONG, {"quantity": 1_001.0}, "ABOVE_EQUITY"),
        (PAIR, {"quantity": 990.0}, ""),
        (PAIR, {"quantity": 991.0}, "ABOVE_EQUITY"),
    ],
)
def test_unsound_order_is_refused(order, changes, reason):
    assert validate(replace(order, **changes)) == reason


@pytest.mark.covers("SE-03")
@pytest.mark.parametrize("order", [LONG, PAIR])
def test_nothing_is_opened_by_a_flagged_bar(order):
    flagged = bar(1, quote("A", usable=order is PAIR), quote("B", 50.0, usable=False))
    assert validate(order, flagged) == "FLAGGED_BAR"


@pytest.mark.covers("SE-03")
def test_short_sale_needs_leave():
    banned = Policy(short_allowed=False)
    assert [validate(each, policy=banned) for each in (LONG, SHORT, PAIR)] == [
        "",
        "SHORT_BANNED",
        "SHORT_BANNED",
    ]


def test_equity_that_is_no_number_backs_nothing():
    assert validate(LONG, equity=nan) == "ABOVE_EQUITY"


@pytest.mark.covers("SE-03")
@pytest.mark.parametrize(
    ("before", "reason"), [(84.0, ""), (83.0, "PRICE_JUMP"), (124.0, ""), (126.0, "PRICE_JUMP")]
)
def test_price_that_jumped_opens_nothing(before, reason):
    guard = PreTradeGuard(jump=0.2)
    guard.hear(Published("bar", 0, bar(0, quote("A", before), quote("B", 50.0))))
    guard.hear(Published("bar", 1, VIEW))

    assert validate(LONG, guard=guard) == reason


def test_jump_is_from_the_last_bar_that_could_be_used():
    guard = PreTradeGuard(jump=0.2)
    for view in (bar(0, quote("A", 70.0)), bar(1, quote("A", 90.0, usable=False))):
        guard.hear(Published("bar", view.bar, view))
    jumped, next_bar = bar(2, quote("A", 100.0)), bar(3, quote("A", 100.0))

    assert validate(LONG, jumped, guard) == "PRICE_JUMP"
    assert validate(LONG, next_bar, guard) == ""


def test_guard_hears_nothing_but_bars():
    guard = PreTradeGuard()
    guard.hear(Published("bar", 0, "no bar"))
    assert validate(LONG, guard=guard) == ""


def test_price_that_is_no_number_is_a_jump_once_one_was_known():
    guard = PreTradeGuard()
    guard.hear(Published("bar", 0, VIEW))
    assert validate(LONG, bar(2, quote("A", nan)), guard) in ("PRICE_JUMP", "STOP_SIDE")


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match=r"jump is -0\.1"):
        PreTradeGuard(jump=-0.1)
