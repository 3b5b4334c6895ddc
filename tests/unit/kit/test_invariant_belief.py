"""I01, I03, I04, I11: positions, fills and money that an engine believes in, against a recount."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import (
    Belief,
    BelievedOrder,
    MarketTerms,
    Terms,
    fill_bound,
    fill_exactly_once,
    money_conserved,
    position_converges,
)
from hedgecheck.messages import Accepted, CashFlow, Filled, Price, Sent, Told
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    Records,
    buy,
    fill,
    heard,
    holding,
    is_broken,
    judge,
    order_open,
    sell,
    status,
)

FIRST, SECOND = fill(buy(), 4, "X.1"), fill(buy(), 6, "X.2")


def with_cash(cash: int) -> Belief:
    return replace(NOTHING, cash=cash)


# ---- I01: at rest, the venue's positions -------------------------------------------------------------


@pytest.mark.parametrize("believed", [holding(AAA=4), holding(AAA=-10), holding(BBB=10), NOTHING])
def test_position_that_differs_from_the_venues_is_broken(believed: Belief) -> None:
    assert is_broken(judge(position_converges, (FIRST, SECOND), believed))


def test_position_is_the_sum_of_the_venues_fills_on_both_sides() -> None:
    records = (FIRST, SECOND, fill(sell("Y", 3)), fill(sell("Z", 5, "BBB")))

    assert judge(position_converges, records, holding(AAA=7, BBB=-5)) == "holds"


def test_position_closed_again_is_believed_flat() -> None:
    records = (fill(buy()), fill(sell("Y")))

    assert judge(position_converges, records, NOTHING) == "holds"
    assert is_broken(judge(position_converges, records, holding(AAA=10)))


def test_fee_in_base_is_not_held() -> None:
    records = (fill(buy(), fee_lots=1),)

    assert judge(position_converges, records, holding(AAA=9)) == "holds"
    assert is_broken(judge(position_converges, records, holding(AAA=10)))


def test_position_without_any_fill_at_the_venue_is_broken() -> None:
    assert is_broken(judge(position_converges, (), holding(AAA=10)))


def test_what_the_engine_was_told_does_not_count_for_what_the_venue_holds() -> None:
    assert is_broken(judge(position_converges, (heard(buy()),), holding(AAA=10)))


# ---- I03: each execution heard of, once ----------------------------------------------------------------


@pytest.mark.parametrize(
    "records",
    [
        (Told(FIRST), Told(SECOND)),
        (Told(FIRST), Told(FIRST), Told(SECOND)),
        (Told(SECOND), Told(FIRST)),
        (status("found", "closed", FIRST, SECOND),),
        (Told(FIRST), status("found", "closed", FIRST, SECOND), Told(SECOND)),
        (status("found", "open", FIRST), status("found", "closed", FIRST, SECOND)),
    ],
    ids=["streamed", "doubled", "reordered", "queried", "streamed-and-queried", "queried-twice"],
)
def test_each_execution_counts_once_however_often_it_is_heard(records: Records) -> None:
    assert judge(fill_exactly_once, records, holding(AAA=10)) == "holds"
    assert is_broken(judge(fill_exactly_once, records, holding(AAA=14)))


def test_execution_the_venue_made_and_nobody_told_does_not_count() -> None:
    records = (FIRST, SECOND, Told(FIRST))

    assert judge(fill_exactly_once, records, holding(AAA=4)) == "holds"
    assert is_broken(judge(fill_exactly_once, records, holding(AAA=10)))


def test_equal_fills_with_different_trade_ids_are_two() -> None:
    records = (Told(fill(buy(), 5, "X.1")), Told(fill(buy(), 5, "X.2")))

    assert judge(fill_exactly_once, records, holding(AAA=10)) == "holds"
    assert is_broken(judge(fill_exactly_once, records, holding(AAA=5)))


def test_position_before_any_execution_was_heard_of_is_broken() -> None:
    assert is_broken(judge(fill_exactly_once, (Told(Accepted("X")),), holding(AAA=10)))


def test_other_news_than_fills_are_vacuous_for_positions() -> None:
    assert judge(fill_exactly_once, (Told(Accepted("X")), Told(Price("AAA", 90)))) == "vacuous"


# ---- I11: money ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("execution", "cash"),
    [
        (fill(buy()), CASH - 1_000),
        (fill(sell()), CASH + 1_000),
        (fill(buy(), fee_money=7), CASH - 1_007),
        (fill(sell(), fee_money=7), CASH + 993),
        (fill(buy(), fee_lots=1), CASH - 1_000),
        (fill(buy(), price=3), CASH - 30),
    ],
    ids=["buy", "sell", "buy-fee", "sell-fee", "fee-in-base", "price"],
)
def test_cash_is_what_the_execution_leaves(execution: Filled, cash: int) -> None:
    assert judge(money_conserved, (Told(execution),), with_cash(cash)) == "holds"
    assert is_broken(judge(money_conserved, (Told(execution),), with_cash(cash - 1)))
    assert is_broken(judge(money_conserved, (Told(execution),), with_cash(cash + 1)))


def test_money_for_an_execution_heard_twice_is_paid_once() -> None:
    records = (Told(fill(buy())), Told(fill(buy())))

    assert judge(money_conserved, records, with_cash(CASH - 1_000)) == "holds"
    assert is_broken(judge(money_conserved, records, with_cash(CASH - 2_000)))


def test_money_counts_what_a_tick_and_lot_of_the_symbol_are_worth() -> None:
    terms = Terms(CASH, (MarketTerms("AAA", 100, tick_lot_value=5),))

    assert judge(money_conserved, (heard(buy()),), with_cash(CASH - 5_000), terms=terms) == "holds"


def test_money_spent_before_any_execution_was_heard_of_is_broken() -> None:
    assert is_broken(judge(money_conserved, (Told(Accepted("X")),), with_cash(CASH - 1_000)))


@pytest.mark.parametrize("amount", [700, -700])
def test_cash_that_was_deposited_or_withdrawn_counts_as_often_as_it_was(amount: int) -> None:
    twice = (CashFlow(amount), heard(buy()), CashFlow(amount))

    assert judge(money_conserved, (CashFlow(amount),), with_cash(CASH + amount)) == "holds"
    assert judge(money_conserved, twice, with_cash(CASH - 1_000 + 2 * amount)) == "holds"
    assert is_broken(judge(money_conserved, (CashFlow(amount),), with_cash(CASH)))
    assert is_broken(judge(money_conserved, twice, with_cash(CASH - 1_000 + amount)))
    assert CashFlow in money_conserved.judged_after


# ---- I04: no more than asked for, and what was heard ------------------------------------------------------


@pytest.mark.parametrize(("amount", "broken"), [(9, False), (10, False), (11, True)])
def test_venue_fills_an_order_up_to_its_amount(amount: int, broken: bool) -> None:
    records = (Sent(buy()), fill(buy(), 5, "X.1"), fill(buy(), amount - 5, "X.2"))

    assert is_broken(judge(fill_bound, records)) is broken


def test_venue_fills_of_an_order_nobody_sent_are_broken() -> None:
    assert is_broken(judge(fill_bound, (fill(buy()),)))


@pytest.mark.parametrize("believed", [0, 4, 11, -10])
def test_filled_figure_other_than_the_executions_heard_of_is_broken(believed: int) -> None:
    records = (Sent(buy()), Told(FIRST), Told(SECOND), Told(FIRST))

    assert judge(fill_bound, records, order_open(filled=10)) == "holds"
    assert is_broken(judge(fill_bound, records, order_open(filled=believed)))


def test_filled_figure_before_any_execution_was_heard_of_is_broken() -> None:
    records = (Sent(buy()), Told(Accepted("X")))

    assert judge(fill_bound, records, order_open(filled=0)) == "vacuous"
    assert is_broken(judge(fill_bound, records, order_open(filled=10)))


def test_filled_figures_are_kept_by_order() -> None:
    records = (Sent(buy("X")), Sent(buy("Y")), Told(fill(buy("X"))))
    right = replace(NOTHING, orders=(BelievedOrder("X", True, 10), BelievedOrder("Y", False, 0)))
    swapped = replace(NOTHING, orders=(BelievedOrder("X", True, 0), BelievedOrder("Y", False, 10)))

    assert judge(fill_bound, records, right) == "holds"
    assert is_broken(judge(fill_bound, records, swapped))
