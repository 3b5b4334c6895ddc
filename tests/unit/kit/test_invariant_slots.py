"""At most one order per slot: which orders count, for how long, and what a slot is."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import one_order_per_slot as rule
from hedgecheck.messages import Accepted, Canceled, CancelOrder, Expired, Rejected, Sent, Told
from tests.unit.kit.traces import Records, buy, fill, is_broken, judge, sell


def bid(name: str = "X", price: int = 90, amount: int = 10, symbol: str = "AAA"):
    return replace(buy(name, amount, symbol), price=price)


def ask(name: str = "X", price: int = 110):
    return replace(sell(name), price=price)


def works(order) -> Records:
    return Sent(order), Accepted(order.client_order_id)


GOOD = works(bid())
BAD = (*works(bid("X")), *works(bid("Y")))


def test_smallest_good_trace_holds() -> None:
    assert judge(rule, GOOD) == "holds"


def test_smallest_bad_trace_is_broken_and_names_both_orders_and_the_slot() -> None:
    finding = judge(rule, BAD)

    assert is_broken(finding)
    assert finding.why == "orders X and Y work at the same time in slot ('AAA', 'buy')"


@pytest.mark.parametrize("index", range(len(BAD)))
def test_smallest_bad_trace_without_any_one_record_is_not_broken(index: int) -> None:
    assert not is_broken(judge(rule, BAD[:index] + BAD[index + 1 :]))


def test_nothing_that_rests_is_vacuous() -> None:
    assert judge(rule, ()) == "vacuous"
    assert judge(rule, works(buy())) == "vacuous"


@pytest.mark.parametrize("end", [Canceled("X", 0), Expired("X", 0), fill(bid("X")), fill(bid("X"), 10)])
def test_an_order_that_is_over_leaves_its_slot(end) -> None:
    assert judge(rule, (*works(bid("X")), end, *works(bid("Y")))) == "holds"


@pytest.mark.parametrize(
    "word", [Sent(CancelOrder("X")), Told(Canceled("X", 0)), fill(bid("X"), 9), Canceled("Z", 0)]
)
def test_an_order_whose_cancellation_the_venue_has_not_confirmed_keeps_it(word) -> None:
    assert is_broken(judge(rule, (*works(bid("X")), word, *works(bid("Y")))))


def test_an_order_that_is_refused_never_has_one() -> None:
    assert judge(rule, (*works(bid("X")), Sent(bid("Y")), Rejected("Y", "BELOW_MINIMUM"))) == "holds"


@pytest.mark.parametrize(
    "other", [ask("Y"), bid("Y", symbol="BBB"), buy("Y"), replace(bid("Y"), immediate=True)]
)
def test_the_other_side_another_symbol_and_what_never_rests_are_no_matter(other) -> None:
    assert judge(rule, (*works(bid("X")), *works(other))) == "holds"


def test_a_stop_order_that_waits_has_a_slot() -> None:
    stop = replace(bid("Y"), stop_price=120)

    assert is_broken(judge(rule, (*works(bid("X")), *works(stop))))


def test_a_key_of_ones_own_says_what_a_slot_is() -> None:
    by_level = rule(key=lambda order: (order.symbol, order.side, order.price))

    assert judge(by_level, (*works(bid("X", 90)), *works(bid("Y", 91)))) == "holds"
    assert is_broken(judge(by_level, (*works(bid("X", 90)), *works(bid("Y", 90)))))
