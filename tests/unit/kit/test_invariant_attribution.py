"""I18: whose every order is, and what an engine holds for whom."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import Belief
from hedgecheck.invariants import attribution as rule
from hedgecheck.invariants.base import capitals, shared
from hedgecheck.messages import CapitalAssigned, CashFlow, Filled, Overheard, Rebalance, Sent
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    TERMS,
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


# ---- what each strategy has ------------------------------------------------------------------------------

OWNED = replace(TERMS, bounds=replace(TERMS.bounds, budgets=(("m", 3_333), ("p", 3_333), ("q", 3_333))))
EACH = {"": 100, "m": 333_300, "p": 333_300, "q": 333_300}
ASKED = Rebalance((("m", 0), ("p", 0), ("q", 10_000)))


def owning(cash: int = CASH, **changes: int) -> Belief:
    """An engine that says what each strategy has: its budget, with these changes."""
    accounts = {**EACH, **{name: EACH[name] + change for name, change in changes.items()}}
    return replace(NOTHING, cash=cash, accounts=tuple(sorted(accounts.items())))


def owns(*records: object, belief: Belief) -> str:
    finding = judge(rule, records, belief, at_rest=False, terms=OWNED)
    return "broken" if is_broken(finding) else finding


@pytest.mark.parametrize(
    ("cash", "shares", "parts"),
    [
        (10, (5_000, 5_000), {"": 0, "a": 5, "b": 5}),
        (11, (5_000, 5_000), {"": 0, "a": 6, "b": 5}),
        (10, (3_333, 3_333), {"": 4, "a": 3, "b": 3}),
        (1, (3_000, 3_000), {"": 1, "a": 0, "b": 0}),
        (2, (4_000, 4_000), {"": 0, "a": 1, "b": 1}),
        (10, (), {}),
    ],
)
def test_capital_begins_as_the_budgets_share_the_cash(
    cash: int, shares: tuple[int, ...], parts: dict[str, int]
) -> None:
    budgets = tuple(zip("ab", shares, strict=False))

    assert capitals(replace(TERMS, cash=cash, bounds=replace(TERMS.bounds, budgets=budgets))) == parts


def test_each_strategy_has_its_budget_less_what_was_traded_for_it() -> None:
    story = (*TOLD, *traded(sell("Y", 5, "BBB")), heard(sell("Y", 5, "BBB"), fee_money=3))

    assert owns(*BOUGHT, belief=owning()) == "holds"
    assert owns(*TOLD, heard(buy()), belief=owning(CASH - 1_000, p=-1_000)) == "holds"
    assert owns(*story, belief=owning(CASH - 503, p=-503)) == "holds"
    assert owns(*story, belief=owning(CASH - 503, m=-503)) == "broken"
    assert owns(*story, belief=owning(CASH - 503, p=-500)) == "broken"
    assert owns(*story, belief=owning(CASH, p=-503)) == "broken"
    assert owns(*TOLD, belief=replace(owning(CASH - 1_000, p=-1_000), accounts=())) == "broken"
    assert owns(*TOLD, belief=NOTHING) == "holds"
    assert says(*TOLD, belief=owning()) == "holds"  # in a setting where no strategy has its own


def test_capital_that_moves_is_what_one_gives_and_another_gets() -> None:
    moved = (ASKED, CapitalAssigned("m", -100), CapitalAssigned("q", 100))

    assert owns(*moved, *TOLD, belief=owning(CASH - 1_000, m=-100, q=100, p=-1_000)) == "holds"
    assert owns(*moved, *moved, *BOUGHT, belief=owning(m=-100, q=100)) == "holds"
    assert owns(*moved, *BOUGHT, belief=owning()) == "broken"
    assert owns(*moved[:2], *BOUGHT, belief=owning(m=-100)) == "broken"
    assert owns(*moved[:2], belief=NOTHING) == "broken"
    back = (CapitalAssigned("m", 0), CapitalAssigned("q", -20), CapitalAssigned("", 20))
    held = replace(owning(q=-20), accounts=(("", 120), *owning(q=-20).accounts[1:]))
    assert owns(*moved, *back, *BOUGHT, belief=held) == "holds"
    assert owns(*moved, *back, *BOUGHT, belief=replace(held, cash=CASH + 1)) == "broken"


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        (10_001, {"": 1, "m": 3_334, "p": 3_333, "q": 3_333}),
        (-10_001, {"": -1, "m": -3_334, "p": -3_333, "q": -3_333}),
        (0, {"": 0, "m": 0, "p": 0, "q": 0}),
    ],
)
def test_cash_that_flows_is_shared_by_the_budgets(amount: int, parts: dict[str, int]) -> None:
    left = {name: change for name, change in parts.items() if name}
    has = owning(CASH + amount, **left)
    paid = replace(has, accounts=(("", 100 + parts[""]), *has.accounts[1:]))

    assert shared(amount, OWNED.bounds) == parts
    assert owns(*BOUGHT, CashFlow(amount), belief=paid) == "holds"
    assert (owns(*BOUGHT, CashFlow(amount), belief=owning(CASH + amount)) == "broken") is bool(amount)
    assert says(*BOUGHT, CashFlow(amount), belief=replace(NOTHING, cash=CASH + amount)) == "holds"
    assert CashFlow in rule.judged_after


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ((CapitalAssigned("m", -1), CapitalAssigned("q", 1)), "broken"),
        ((ASKED, CapitalAssigned("m", -1), CapitalAssigned("z", 1)), "broken"),
        ((CapitalAssigned("m", 0),), "vacuous"),
        ((ASKED, CapitalAssigned("m", -1), CapitalAssigned("q", 1)), "vacuous"),
    ],
    ids=["unasked", "to nobody", "nothing", "asked"],
)
def test_capital_moves_only_where_somebody_asked_for_it(records: Records, verdict: str) -> None:
    assert owns(*records, belief=NOTHING) == verdict


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
