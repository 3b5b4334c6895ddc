"""I16: what an engine may believe after one restart at rest, and after a second."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import Belief, BelievedOrder
from hedgecheck.invariants import restart_neutral as rule
from tests.unit.kit.traces import NOTHING, alert, buy, fill, holding, is_broken, judge

BEFORE = replace(
    NOTHING,
    positions=(("AAA", 10),),
    orders=(BelievedOrder("X", True, 10), BelievedOrder("Y", False, 0)),
)
SAME = (BEFORE, "")
TRADED = (fill(buy()),)
CHANGES = {
    "positions": replace(BEFORE, positions=()),
    "cash": replace(BEFORE, cash=1),
    "halted": replace(BEFORE, halted=True),
    "order-gone": replace(BEFORE, orders=BEFORE.orders[:1]),
    "order-over": replace(BEFORE, orders=(BEFORE.orders[0], BelievedOrder("Y", True, 0))),
    "order-back": replace(BEFORE, orders=(BelievedOrder("X", False, 10), BEFORE.orders[1])),
}

every_change = pytest.mark.parametrize("after", CHANGES.values(), ids=CHANGES)


def test_two_restarts_that_change_nothing_hold() -> None:
    assert judge(rule, TRADED, BEFORE, restarts=(SAME, SAME)) == "holds"


@every_change
def test_restart_that_changes_what_is_believed_is_broken(after: Belief) -> None:
    finding = judge(rule, TRADED, BEFORE, restarts=((after, ""), (after, "")))

    assert is_broken(finding)
    assert finding.why.startswith("restart 1 ")


@every_change
def test_second_restart_is_held_to_the_same(after: Belief) -> None:
    finding = judge(rule, TRADED, BEFORE, restarts=(SAME, (after, "")))

    assert is_broken(finding)
    assert finding.why.startswith("restart 2 ")


@pytest.mark.parametrize("restarts", [((BEFORE, "Z"), SAME), (SAME, (BEFORE, "Z"))], ids=["first", "second"])
def test_order_that_is_opened_after_a_restart_at_rest_is_broken(restarts) -> None:
    finding = judge(rule, TRADED, BEFORE, restarts=restarts)

    assert is_broken(finding)
    assert finding.why.endswith("sends Z")


def test_orders_that_are_over_may_be_forgotten() -> None:
    forgot = replace(BEFORE, orders=BEFORE.orders[1:])

    assert judge(rule, TRADED, BEFORE, restarts=((forgot, ""), (forgot, ""))) == "holds"


def test_open_orders_in_another_order_are_the_same() -> None:
    turned = replace(BEFORE, orders=BEFORE.orders[::-1])

    assert judge(rule, TRADED, BEFORE, restarts=((turned, ""),)) == "holds"


def test_person_who_was_told_of_an_open_question_sees_a_restart_answer_it() -> None:
    changed = ((holding(), ""),)

    assert is_broken(judge(rule, TRADED, BEFORE, restarts=changed))
    assert judge(rule, (*TRADED, alert()), BEFORE, restarts=changed) == "vacuous"


def test_breaker_that_tripped_is_no_open_question() -> None:
    tripped = (*TRADED, alert("daily_loss", "BREAKER_TRIPPED"))

    assert is_broken(judge(rule, tripped, BEFORE, restarts=((holding(), ""),)))


def test_engine_that_does_not_restart_here_is_not_judged() -> None:
    assert judge(rule, TRADED, BEFORE) == "vacuous"


def test_restart_of_an_engine_that_never_traded_says_little() -> None:
    assert judge(rule, (), restarts=((NOTHING, ""), (NOTHING, ""))) == "vacuous"
    assert is_broken(judge(rule, (), restarts=((holding(AAA=1), ""),)))
