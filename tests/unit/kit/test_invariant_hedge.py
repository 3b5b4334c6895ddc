"""I07: legs in proportion, dust, fees in base, unwinding, and what a person was told of."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import MarketTerms, Terms
from hedgecheck.invariants import hedged as rule
from hedgecheck.messages import Arrived, CreateOrder, Exit, NewDay, Price, TradingHalted, TradingResumed
from tests.unit.kit.traces import (
    CASH,
    TERMS,
    Records,
    alert,
    buy,
    fill,
    is_broken,
    judge,
    returned,
    sell,
    signaled,
    traded,
)

ENTRY = buy("a", 10)
UNHEDGED = (signaled(), *traded(ENTRY))


def hedge(amount: int) -> CreateOrder:
    return sell("b", amount, "BBB")


def legs(amount_a: int, amount_b: int, held_a: int, held_b: int, terms: Terms = TERMS) -> bool:
    """Whether holding so much of the two legs of an intent for so much is broken."""
    records: Records = (signaled(amount_a=amount_a, amount_b=amount_b),)
    if held_a:
        records += traded(buy("a", held_a))
    if held_b:
        records += traded(hedge(held_b))
    return is_broken(judge(rule, records, terms=terms))


def with_markets(**changes: int) -> Terms:
    markets = (MarketTerms("AAA", 100, **changes), MarketTerms("BBB", 100, **changes))
    return Terms(CASH, markets)


# ---- in proportion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held_a", "held_b", "broken"),
    [(10, 10, False), (10, 9, True), (10, 11, True), (4, 4, False), (4, 10, True), (10, 0, True)],
)
def test_equal_legs_hold_equal_lots(held_a: int, held_b: int, broken: bool) -> None:
    assert legs(10, 10, held_a, held_b) is broken


@pytest.mark.parametrize(
    ("held_a", "held_b", "broken"),
    [(10, 15, False), (10, 10, True), (4, 6, False), (4, 5, True), (4, 7, True)],
)
def test_part_of_the_first_leg_calls_for_its_share_of_the_second(
    held_a: int, held_b: int, broken: bool
) -> None:
    assert legs(10, 15, held_a, held_b) is broken


@pytest.mark.parametrize(("held_b", "broken"), [(0, False), (1, False), (2, True)])
def test_share_between_two_lots_may_be_rounded_either_way(held_b: int, broken: bool) -> None:
    assert legs(3, 2, 1, held_b) is broken  # two thirds of a lot


def test_second_leg_without_the_first_is_broken() -> None:
    assert legs(10, 10, 0, 10)


def test_nothing_filled_is_vacuous() -> None:
    assert judge(rule, (signaled(), Arrived(ENTRY))) == "vacuous"


def test_intent_that_sells_first_is_hedged_by_buying() -> None:
    mirrored = signaled(side_a="sell", side_b="buy")
    sold = (mirrored, *traded(sell("a")))

    assert is_broken(judge(rule, sold))
    assert judge(rule, (*sold, *traded(buy("b", symbol="BBB")))) == "holds"
    assert is_broken(judge(rule, (*sold, *traded(sell("b", symbol="BBB")))))


def test_hedge_on_the_wrong_side_is_broken() -> None:
    assert is_broken(judge(rule, (*UNHEDGED, *traded(buy("b", symbol="BBB")))))


def test_several_fills_of_several_orders_add_up() -> None:
    first, second = sell("b1", 7, "BBB"), sell("b2", 3, "BBB")
    records = (*UNHEDGED, *traded(first), Arrived(second), fill(second, 1, "t1"), fill(second, 2, "t2"))

    assert judge(rule, records) == "holds"


# ---- what a strategy wanted out of ------------------------------------------------------------------

HEDGED = (*UNHEDGED, *traded(hedge(10)))
OUT = Exit(signaled().intent.id)


def test_hedged_intent_that_was_to_be_left_is_broken_until_both_legs_are_closed() -> None:
    closing = (*HEDGED, OUT, *traded(sell("x")))

    assert is_broken(judge(rule, (*HEDGED, OUT)))
    assert is_broken(judge(rule, closing))
    assert judge(rule, (*closing, *traded(buy("y", symbol="BBB")))) == "vacuous"


def test_wish_to_leave_another_intent_changes_nothing() -> None:
    assert judge(rule, (*HEDGED, Exit("other9"))) == "holds"


def test_what_a_person_was_told_of_may_stay_though_it_was_to_be_left() -> None:
    assert not is_broken(judge(rule, (*HEDGED, OUT, alert())))


def test_wish_to_leave_is_over_with_a_new_signal() -> None:
    assert judge(rule, (OUT, *HEDGED)) == "holds"


def test_dust_of_what_was_left_is_no_position() -> None:
    dusty = with_markets(minimum=2)
    left = (*HEDGED, OUT, *traded(sell("x", 9)), *traded(buy("y", 9, "BBB")))

    assert not is_broken(judge(rule, left, terms=dusty))
    assert is_broken(judge(rule, left))


# ---- unwinding -------------------------------------------------------------------------------------


def test_first_leg_closed_again_is_balanced() -> None:
    assert judge(rule, (*UNHEDGED, *traded(sell("x")))) == "vacuous"


@pytest.mark.parametrize("amount", [5, 9, 11, 20])
def test_first_leg_closed_by_another_amount_is_broken(amount: int) -> None:
    assert is_broken(judge(rule, (*UNHEDGED, *traded(sell("x", amount)))))


def test_both_legs_closed_again_are_balanced() -> None:
    hedged = (*UNHEDGED, *traded(hedge(10)))

    assert judge(rule, (*hedged, *traded(sell("x")), *traded(buy("y", symbol="BBB")))) == "vacuous"
    assert is_broken(judge(rule, (*hedged, *traded(sell("x")))))
    assert is_broken(judge(rule, (*hedged, *traded(buy("y", symbol="BBB")))))


# ---- what the market would not take ----------------------------------------------------------------


@pytest.mark.parametrize(("held_b", "broken"), [(10, False), (6, False), (5, True), (14, False), (15, True)])
def test_difference_below_the_minimum_amount_is_balanced(held_b: int, broken: bool) -> None:
    assert legs(10, 10, 10, held_b, with_markets(minimum=5)) is broken


@pytest.mark.parametrize(("held_b", "broken"), [(6, False), (5, True)])
def test_difference_below_one_lot_is_balanced(held_b: int, broken: bool) -> None:
    assert legs(10, 10, 10, held_b, with_markets(lot=5)) is broken


@pytest.mark.parametrize(("held_b", "broken"), [(8, False), (7, True)])
def test_difference_below_the_minimum_notional_is_balanced(held_b: int, broken: bool) -> None:
    assert legs(10, 10, 10, held_b, with_markets(minimum_notional=300)) is broken


@pytest.mark.parametrize(("held_a", "broken"), [(4, False), (5, True)])
def test_dust_of_the_first_leg_that_the_market_would_not_take_back_is_balanced(
    held_a: int, broken: bool
) -> None:
    dear_b = Terms(CASH, (MarketTerms("AAA", 100, minimum=5), MarketTerms("BBB", 100)))

    assert legs(10, 10, held_a, 0, dear_b) is broken


def test_dust_of_the_first_leg_does_not_excuse_the_second() -> None:
    terms = Terms(CASH, (MarketTerms("AAA", 100, minimum=5), MarketTerms("BBB", 100)))

    assert legs(10, 10, 4, 1, terms)


def test_flipped_first_leg_is_no_dust() -> None:
    terms = with_markets(minimum=5)
    closed_twice = (*UNHEDGED, *traded(sell("x")), *traded(sell("y")))

    assert is_broken(judge(rule, closed_twice, terms=terms))


def test_minimum_is_that_of_the_lowest_price_until_the_signal() -> None:
    terms = with_markets(minimum_notional=300)
    traded_legs = (*traded(ENTRY), *traded(hedge(5)))  # five short: 500 at 100, 250 at 50
    fell, rose = Price("BBB", 50), Price("BBB", 200)

    assert judge(rule, (fell, rose, signaled(), *traded_legs), terms=terms) == "holds"
    assert is_broken(judge(rule, (rose, signaled(), *traded_legs), terms=terms))
    assert is_broken(judge(rule, (signaled(), fell, *traded_legs), terms=terms))


# ---- fees in base ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("held_b", "broken"), [(97, True), (98, False), (100, False), (101, True)])
def test_fee_of_the_first_leg_is_tolerated_either_way(held_b: int, broken: bool) -> None:
    records = (signaled(amount_a=100, amount_b=100), *traded(buy("a", 100), fee_lots=1))

    assert is_broken(judge(rule, (*records, *traded(hedge(held_b))))) is broken


@pytest.mark.parametrize(("held_b", "broken"), [(100, False), (99, False), (98, True)])
def test_fee_of_the_second_leg_may_be_missing_from_it(held_b: int, broken: bool) -> None:
    mirrored = signaled(amount_a=100, amount_b=100, side_a="sell", side_b="buy")
    bought = buy("b", held_b + 1, "BBB")

    assert is_broken(judge(rule, (mirrored, *traded(sell("a", 100)), *traded(bought, fee_lots=1)))) is broken


# ---- a person was told --------------------------------------------------------------------------------


def test_imbalance_that_a_person_was_told_of_is_not_broken() -> None:
    assert judge(rule, (*UNHEDGED, alert())) == "vacuous"
    assert judge(rule, (alert(), *UNHEDGED)) == "vacuous"


def test_alert_about_something_else_does_not_excuse() -> None:
    assert is_broken(judge(rule, (*UNHEDGED, alert("p2"), alert("daily_loss#1"))))


def test_return_of_the_call_does_not_excuse() -> None:
    assert is_broken(judge(rule, (*UNHEDGED, returned(success=True, reason="hedged"))))


# ---- several intents ----------------------------------------------------------------------------------


def test_naked_legs_of_two_intents_do_not_hedge_each_other() -> None:
    other_way = signaled("p2", side_a="sell", side_b="buy")
    records = (*UNHEDGED, other_way, *traded(sell("z", of="p2")))

    assert is_broken(judge(rule, records))


def test_one_balanced_intent_does_not_excuse_another() -> None:
    records = (*UNHEDGED, *traded(hedge(10)), signaled("p2"), *traded(buy("z", of="p2")))

    assert is_broken(judge(rule, records))


def test_intent_delivered_twice_is_one_intent() -> None:
    assert judge(rule, (signaled(), *UNHEDGED, *traded(hedge(10)))) == "holds"


def test_order_of_no_intent_is_nobodys_leg() -> None:
    assert judge(rule, (signaled(), *traded(replace(ENTRY, intent=None)))) == "vacuous"


# ---- what waits for the market -----------------------------------------------------------------------

PAUSE, RESUME = TradingHalted(("BBB",)), TradingResumed(("BBB",))
SHUT, OPEN = NewDay(0, "closed"), NewDay(0, "regular")
OTHER_PAUSE = TradingHalted(("CCC",))


@pytest.mark.parametrize("shut", [PAUSE, SHUT, TradingHalted(), NewDay(0, "pre_market")])
def test_what_was_told_while_nothing_could_be_traded_excuses_only_so_long(shut) -> None:
    opened = {PAUSE: RESUME, TradingHalted(): TradingResumed()}.get(shut, OPEN)

    assert not is_broken(judge(rule, (*UNHEDGED, shut, alert("p1"))))
    assert is_broken(judge(rule, (*UNHEDGED, shut, alert("p1"), opened)))
    assert not is_broken(judge(rule, (*UNHEDGED, shut, alert("p1"), opened, alert("p1"))))


def test_a_closed_market_excuses_nothing_of_which_nobody_was_told() -> None:
    assert is_broken(judge(rule, (*UNHEDGED, SHUT)))
    assert is_broken(judge(rule, (*UNHEDGED, SHUT, alert("p2"))))


def test_what_was_told_while_trading_was_possible_excuses_for_good() -> None:
    assert not is_broken(judge(rule, (*UNHEDGED, alert("p1"), PAUSE, RESUME)))
    assert not is_broken(judge(rule, (*UNHEDGED, NewDay(0, "closing"), alert("p1"), OPEN)))
    assert not is_broken(judge(rule, (*UNHEDGED, OTHER_PAUSE, alert("p1"), TradingResumed(("CCC",)))))


def test_it_is_excused_until_both_its_symbols_can_be_traded() -> None:
    told = (*UNHEDGED, PAUSE, SHUT, alert("p1"))

    assert not is_broken(judge(rule, (*told, OPEN)))
    assert not is_broken(judge(rule, (*told, RESUME)))
    assert is_broken(judge(rule, (*told, OPEN, RESUME)))


def test_other_intents_go_their_own_way() -> None:
    other = (signaled("p2", symbol_b="CCC"), *traded(buy("c", 10, of="p2")))

    assert is_broken(judge(rule, (*UNHEDGED, *other, PAUSE, alert("p1")), terms=WITH_CCC))
    assert not is_broken(judge(rule, (*UNHEDGED, *other, PAUSE, alert("p1"), alert("p2")), terms=WITH_CCC))


WITH_CCC = Terms(CASH, (*TERMS.markets, MarketTerms("CCC", 100)))
