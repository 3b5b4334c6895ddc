"""I18: whose every order is, and what an engine holds for whom."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import Belief
from hedgecheck.invariants import attribution as rule
from hedgecheck.messages import Filled, Overheard, Sent
from tests.unit.kit.traces import (
    NOTHING,
    Records,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    leaving,
    sell,
    signaled,
    status,
    traded,
)

BOTH = (signaled(), signaled("p2"))
BOUGHT = (signaled(), *traded(buy()))
TOLD = (*BOUGHT, heard(buy()))


def holding_for(*attributed: tuple[str, str, int]) -> Belief:
    """An engine that says for whom it holds what."""
    return replace(NOTHING, attributed=attributed)


def says(*records: object, belief: Belief = NOTHING, at_rest: bool = False) -> str:
    finding = judge(rule, records, belief, at_rest=at_rest)
    return "broken" if is_broken(finding) else finding


# ---- orders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order",
    [buy(), sell("Y", symbol="BBB"), leaving()],
    ids=["entry", "hedge", "exit"],
)
def test_order_of_an_intent_that_trades_its_symbol_is_somebodys(order) -> None:
    assert says(signaled(), *traded(order)) == "holds"


@pytest.mark.parametrize(
    "order",
    [buy(of="p2"), buy(of=None), buy(of=""), replace(buy(), symbol="CCC")],
    ids=["of-an-intent-unknown", "of-none", "of-the-empty-one", "in-another-symbol"],
)
def test_order_that_nobody_asked_for_is_broken(order) -> None:
    assert says(signaled(), Sent(order)) == "broken"


def test_order_that_changes_its_intent_is_broken() -> None:
    assert says(*BOTH, Sent(buy()), Sent(buy())) == "vacuous"
    assert says(*BOTH, Sent(buy()), Sent(buy(of="p2"))) == "broken"


def test_intent_may_be_given_again_and_be_another_pair() -> None:
    other = signaled("p2")
    turned = replace(other, intent=replace(other.intent, symbol_a="CCC"))

    assert says(signaled(), signaled(), turned, Sent(buy("Z", symbol="CCC", of="p2"))) == "vacuous"
    assert says(signaled(), turned, Sent(buy("Z", of="p2"))) == "broken"


def test_order_that_nobody_asked_for_stays_one() -> None:
    assert says(signaled(), Sent(buy(of="p2")), *traded(buy("Z"))) == "broken"


def test_intent_keeps_the_pair_that_it_was_first_given_with() -> None:
    other = replace(signaled().intent, symbol_a="CCC")

    assert says(signaled(), replace(signaled(), intent=other), Sent(buy())) == "vacuous"


def test_fill_of_an_order_that_was_never_sent_is_held_for_nobody() -> None:
    assert says(signaled(), fill(buy())) == "broken"
    assert says(signaled(), fill(buy(), 4), fill(sell(), 4, trade="X.2")) == "holds"


# ---- what the engine says --------------------------------------------------------------------------------


def test_engine_that_says_nothing_of_it_is_not_asked() -> None:
    assert says(*TOLD, at_rest=True) == "holds"


@pytest.mark.parametrize(
    ("held", "finding"),
    [
        ((("p1", "AAA", 10),), "holds"),
        ((("p1", "AAA", 9),), "broken"),
        ((("p1", "AAA", -10),), "broken"),
        ((("p2", "AAA", 10),), "broken"),
        ((("p1", "BBB", 10),), "broken"),
        ((("p1", "AAA", 10), ("p2", "AAA", 1)), "broken"),
        ((), "broken"),
    ],
)
def test_what_the_engine_holds_for_an_intent_is_what_it_heard_was_traded_for_it(held, finding: str) -> None:
    assert says(*TOLD, belief=holding_for(*held)) == finding


def test_two_intents_that_cancel_out_are_still_two() -> None:
    other = sell("Z", of="p2")
    both: Records = (*BOTH, *traded(buy()), *traded(other), heard(buy()), heard(other))

    assert says(*both, belief=holding_for(("p1", "AAA", 10), ("p2", "AAA", -10))) == "holds"
    assert says(*both, belief=holding_for()) == "broken"


def test_fill_heard_twice_is_one() -> None:
    again = (*TOLD, heard(buy()), status("found", "closed", fill(buy())))

    assert says(*again, belief=holding_for(("p1", "AAA", 10))) == "holds"


def test_fill_heard_in_an_answer_counts() -> None:
    answered = (*BOUGHT, status("found", "closed", fill(buy())))

    assert says(*answered, belief=holding_for(("p1", "AAA", 10))) == "holds"
    assert says(*BOUGHT, belief=holding_for(("p1", "AAA", 10))) == "broken"


def test_fee_in_the_asset_is_not_held() -> None:
    paid = fill(buy(), fee_lots=1)

    assert says(*BOUGHT[:-1], paid, heard(buy(), fee_lots=1), belief=holding_for(("p1", "AAA", 9))) == "holds"


def test_at_rest_the_engine_holds_what_the_venue_traded() -> None:
    assert says(*BOUGHT, belief=holding_for(("p1", "AAA", 10)), at_rest=True) == "holds"
    assert says(*BOUGHT, belief=holding_for(), at_rest=True) == "broken"
    assert says(*BOUGHT, belief=holding_for()) == "holds"


def test_strangers_fill_is_nobodys_and_is_not_booked() -> None:
    stray = Overheard(Filled("web_1", "web_1.1", "AAA", "buy", 1, 100))

    assert says(*TOLD, stray, belief=holding_for(("p1", "AAA", 10))) == "holds"
    assert says(*TOLD, stray, belief=holding_for(("p1", "AAA", 11))) == "broken"
