"""I05, I07 and I10 where intents of one moment oppose one another, and are netted."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.invariants import Terms, hedged, one_intent_one_exposure, worst_case_limit
from hedgecheck.invariants.netting import given_up, opponents, opposed
from hedgecheck.messages import Batch, Intent, Sent, Signaled
from tests.unit.kit.test_invariant_limits import limited
from tests.unit.kit.traces import (
    TERMS,
    Records,
    buy,
    fill,
    intent,
    is_broken,
    judge,
    placed,
    returned,
    sell,
    traded,
)

LONG = intent("p1", 10, 20)
SHORT = Intent("m1", "BBB", "buy", 8, "AAA", "sell", 4)
ELSEWHERE = Intent("m2", "CCC", "buy", 8, "DDD", "sell", 8)
ALONG = intent("m3", 5, 5)
OWN = replace(SHORT, id="p2")
NETS: Terms = replace(TERMS, bounds=replace(TERMS.bounds, conflicts="net"))


def batch(*intents: Intent) -> Records:
    """These are signaled at one moment."""
    return (Batch(intents), *map(Signaled, intents))


def netted(name: str = "m1") -> Records:
    """Nothing is left of an intent."""
    return (returned(name, reason="NETTED"),)


# ---- what opposes ------------------------------------------------------------------------------------


def test_intents_oppose_that_other_strategies_want_on_the_other_side_of_a_symbol() -> None:
    assert opponents(Batch((LONG, SHORT, ELSEWHERE))) == {"p1": (SHORT,), "m1": (LONG,)}
    assert opponents(Batch((LONG, ALONG, ELSEWHERE))) == {}
    assert opponents(Batch((LONG, OWN))) == {}
    assert opponents(Batch((OWN, SHORT, ALONG))) == {"p2": (ALONG,), "m3": (OWN,)}


def test_legs_oppose_for_what_both_want() -> None:
    assert opposed(LONG, SHORT) == (("AAA", "buy", 4), ("BBB", "sell", 8))
    assert opposed(SHORT, LONG) == (("BBB", "buy", 8), ("AAA", "sell", 4))
    assert opposed(LONG, replace(SHORT, symbol_b="CCC", amount_a=50)) == (("BBB", "sell", 20),)


def test_of_two_that_oppose_both_give_up_what_one_was_netted_for() -> None:
    own = (("m1", ("BBB", "buy", 8)), ("m1", ("AAA", "sell", 4)))

    assert given_up(SHORT, (LONG,)) == (*own, ("p1", ("AAA", "buy", 4)), ("p1", ("BBB", "sell", 8)))
    assert given_up(SHORT, (LONG, LONG)) == own
    assert given_up(SHORT, ()) == own


# ---- I05 ---------------------------------------------------------------------------------------------


def exposed(*records: Any) -> bool:
    """Whether more is at risk than is asked for."""
    return is_broken(judge(one_intent_one_exposure, records))


@pytest.mark.parametrize(("lots", "broken"), [(6, False), (7, True), (10, True)])
def test_what_one_was_netted_for_the_other_asks_for_no_more(lots: int, broken: bool) -> None:
    entry = buy("p1a1", lots)

    assert exposed(*batch(LONG, SHORT), Sent(entry), *netted(), *placed(entry)[1:]) is broken
    assert exposed(*batch(SHORT, LONG), *netted(), *placed(entry)) is broken
    assert exposed(*batch(SHORT, LONG), *netted(), *traded(entry)) is broken
    assert not exposed(*batch(SHORT, LONG), returned("m1", reason="HEAT"), *placed(entry))
    assert not exposed(*batch(SHORT, LONG), *placed(entry))


@pytest.mark.parametrize(("lots", "broken"), [(12, False), (13, True)])
def test_the_second_leg_gives_up_its_own_part(lots: int, broken: bool) -> None:
    entered = (*batch(LONG, SHORT), *netted(), *traded(buy("p1a1", 6)))

    assert exposed(*entered, *placed(sell("p1b1", lots, "BBB"))) is broken


def test_what_was_netted_itself_is_not_asked_for() -> None:
    begun = (*batch(LONG, SHORT), Sent(buy("p1a1", 6)), *netted())

    assert exposed(*begun, *placed(buy("m1a1", 8, "BBB", of="m1")))
    assert not exposed(*batch(LONG, SHORT), *placed(buy("m1a1", 8, "BBB", of="m1")))


def test_both_may_be_netted_and_others_ask_for_what_they_did() -> None:
    other = (Signaled(intent("p2")),)
    both = (*batch(LONG, SHORT), *other, *netted(), *netted("p1"))

    assert not exposed(*both, *placed(buy("p2a1", 10, of="p2")))
    assert exposed(*both, *placed(buy("p2a1", 11, of="p2")))


def test_against_several_nobody_knows_which_of_them_gave_way() -> None:
    third = replace(LONG, id="q1")
    begun = (*batch(LONG, third, SHORT), *netted())

    assert not exposed(*begun, *placed(buy("p1a1", 10)), *placed(buy("q1a1", 10, of="q1")))
    assert exposed(*begun, *placed(buy("p1a1", 10)), *placed(buy("q1a1", 11, of="q1")))


def test_signals_of_two_moments_are_not_netted() -> None:
    assert not exposed(*batch(LONG), *batch(SHORT), *netted(), *placed(buy("p1a1", 10)))


# ---- I07 ---------------------------------------------------------------------------------------------

FIVE = intent("p1", 5, 3)  # less 2 it is 3 for 1.8: on the grid 3 for 1, of which 2 call for nothing


@pytest.mark.parametrize(
    ("hedge", "is_off", "broken"),
    [(0, True, False), (1, False, False), (2, False, False), (3, True, False), (4, True, True)],
)
def test_a_netted_plan_may_be_a_lot_off_its_proportion(hedge: int, is_off: bool, broken: bool) -> None:
    against = Intent("m1", "AAA", "sell", 2, "BBB", "buy", 1)
    held = traded(buy("p1a1", 2)) + (traded(sell("p1b1", hedge, "BBB")) if hedge else ())

    assert is_broken(judge(hedged, (*batch(FIVE, against), *held), terms=NETS)) is broken
    assert is_broken(judge(hedged, (*batch(FIVE, against), *held))) is is_off
    assert is_broken(judge(hedged, (*batch(FIVE, OWN), *held), terms=NETS)) is is_off
    assert is_broken(judge(hedged, (Signaled(FIVE), *held), terms=NETS)) is is_off


def test_a_netted_plan_is_not_left_without_its_hedge() -> None:
    held = (*batch(LONG, SHORT), *traded(buy("p1a1", 6)))

    assert is_broken(judge(hedged, held, terms=NETS))
    assert is_broken(judge(hedged, (*held, *traded(sell("p1b1", 10, "BBB"))), terms=NETS))
    assert judge(hedged, (*held, *traded(sell("p1b1", 12, "BBB"))), terms=NETS) == "holds"


# ---- I10 ---------------------------------------------------------------------------------------------

WANTS = intent("p1", 20, 20)
GIVES = Intent("m1", "AAA", "sell", 15, "BBB", "buy", 15)


def opened(name: str, lots: int) -> Records:
    """Another intent of so many lots a leg, and its entry."""
    return Signaled(intent(name, lots, lots)), Sent(buy(f"{name}a1", lots, of=name))


def beyond(*records: Any, **limits: Any) -> bool:
    """Whether a limit is broken, where 20 lots of a symbol are within it."""
    terms = limited(**{"position_bps": 2_000, "conflicts": "net", **limits})
    return is_broken(judge(worst_case_limit, records, terms=terms))


@pytest.mark.parametrize(("lots", "broken"), [(15, False), (16, True)])
def test_what_was_netted_stands_for_what_it_enters_for(lots: int, broken: bool) -> None:
    entered = (*batch(WANTS, GIVES), Sent(buy("p1a1", 5)), *netted())

    assert beyond(*entered, *opened("p2", lots)) is broken
    assert beyond(*entered, *opened("p2", 1), conflicts="refuse")


def test_second_leg_of_what_was_netted_counts_in_proportion() -> None:
    entered = (*batch(replace(WANTS, amount_b=40), GIVES), Sent(buy("p1a1", 5)), *netted())

    assert not beyond(*entered, *opened("p2", 10))
    assert beyond(*entered, *opened("p2", 11))


def test_one_that_nothing_opposed_stands_for_all_that_it_wants() -> None:
    assert beyond(*batch(WANTS, ALONG), Sent(buy("p1a1", 5)), *opened("p2", 1))
    assert beyond(Signaled(WANTS), Sent(buy("p1a1", 5)), *opened("p2", 1))
    assert not beyond(Signaled(WANTS), Sent(buy("p1a1", 20)))


def test_one_that_enters_for_more_than_it_wants_stands_for_no_less() -> None:
    assert beyond(*batch(WANTS, GIVES), Sent(buy("p1a1", 21)))


def test_second_order_of_one_that_was_netted_adds_to_what_it_stands_for() -> None:
    entered = (*batch(WANTS, GIVES), Sent(buy("p1a1", 5)), *netted())

    assert not beyond(*entered, Sent(buy("p1a2", 15)))
    assert beyond(*entered, Sent(buy("p1a2", 16)))


def test_the_grid_of_the_second_leg_rounds_what_was_netted_down() -> None:
    terms = limited(position_bps=2_000, conflicts="net")
    coarse = replace(terms, markets=(terms.markets[0], replace(terms.markets[1], lot=10)))
    entered = (*batch(WANTS, GIVES), Sent(buy("p1a1", 5)), *netted())
    other = Signaled(intent("p2", 5, 20)), Sent(buy("p2a1", 5, of="p2"))

    assert not is_broken(judge(worst_case_limit, (*entered, *other), terms=coarse))
    assert is_broken(judge(worst_case_limit, (*entered, *other), terms=terms))


def test_fills_of_what_was_netted_count_as_any() -> None:
    held = (*batch(LONG, SHORT), *netted(), *placed(buy("p1a1", 6)), fill(buy("p1a1", 6)))

    assert not exposed(*held)
