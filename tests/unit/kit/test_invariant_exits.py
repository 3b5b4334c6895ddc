"""I08: what an exit may do to a position, and how many of them may work."""

import pytest

from hedgecheck.invariants import exits_only_reduce as rule
from hedgecheck.messages import Accepted, Canceled, CreateOrder, Expired, Rejected, Sent
from tests.unit.kit.traces import Records, buy, fill, is_broken, judge, leaving, placed, sell, traded

LONG, SHORT = traded(buy("H")), traded(sell("H"))
COVER = leaving(side="buy")


def breaks(*records) -> bool:
    return is_broken(judge(rule, records))


def asked(order: CreateOrder) -> Records:
    """The order is taken, without what the fill does."""
    return Sent(order), Accepted(order.client_order_id)


@pytest.mark.parametrize(("held", "exit_"), [(LONG, leaving()), (SHORT, COVER)], ids=["long", "short"])
def test_exit_of_all_that_is_held_holds(held: Records, exit_: CreateOrder) -> None:
    assert judge(rule, (*held, *traded(exit_))) == "holds"


@pytest.mark.parametrize(
    ("held", "exit_"),
    [(LONG, COVER), (SHORT, leaving()), ((), COVER), ((), leaving())],
    ids=["buy-long", "sell-short", "buy-flat", "sell-flat"],
)
def test_exit_that_grows_a_position_or_opens_one_is_broken(held: Records, exit_: CreateOrder) -> None:
    assert breaks(*held, *asked(exit_))
    assert breaks(*held, Sent(exit_), fill(exit_))


@pytest.mark.parametrize("held", [LONG, SHORT], ids=["long", "short"])
def test_exit_that_flips_a_position_is_broken(held: Records) -> None:
    exit_ = leaving(amount=11, side="sell" if held is LONG else "buy")

    assert breaks(*held, Sent(exit_), fill(exit_, 11))
    assert not breaks(*held, Sent(exit_), fill(exit_, 10))


def test_breach_is_remembered_after_the_position_is_gone() -> None:
    assert breaks(*LONG, Sent(COVER), fill(COVER), *traded(sell("Y", 20)))


def test_position_is_recounted_with_the_fee_taken_in_base() -> None:
    short_of_fee = traded(buy("H"), fee_lots=1)

    assert breaks(*short_of_fee, *asked(leaving(amount=10)))
    assert judge(rule, (*short_of_fee, *traded(leaving(amount=9)))) == "holds"


def test_cover_whose_fee_is_in_base_may_buy_all_that_is_short_and_no_more() -> None:
    covered = (*SHORT, *placed(COVER), fill(COVER, fee_lots=1))

    assert judge(rule, covered) == "holds"
    assert breaks(*covered, *traded(leaving("F", 2, side="buy")))
    assert not breaks(*covered, *traded(leaving("F", 1, side="buy")))


def test_two_exits_together_are_no_more_than_the_position() -> None:
    assert not breaks(*LONG, *asked(leaving("E", 6)), *asked(leaving("F", 4)))
    assert breaks(*LONG, *asked(leaving("E", 6)), *asked(leaving("F", 5)))


def test_exits_of_two_symbols_are_apart() -> None:
    other = traded(buy("G", symbol="BBB"))

    assert not breaks(*LONG, *other, *asked(leaving("E")), *asked(leaving("F", symbol="BBB")))


def test_exits_in_both_directions_of_one_symbol_never_both_reduce() -> None:
    assert breaks(*LONG, *asked(leaving("E", 4)), *asked(leaving("F", 1, side="buy")))
    assert breaks(*SHORT, *asked(leaving("E", 4, side="buy")), *asked(leaving("F", 1)))


@pytest.mark.parametrize("ending", [Canceled("E", 0), Expired("E", 0)], ids=["canceled", "expired"])
def test_exit_that_ended_makes_room_for_another(ending: Canceled | Expired) -> None:
    assert not breaks(*LONG, *asked(leaving("E")), ending, *asked(leaving("F")))


def test_part_that_filled_of_an_exit_works_no_more() -> None:
    partly = (*LONG, *asked(leaving("E")), fill(leaving("E"), 4))

    assert not breaks(*partly)
    assert breaks(*partly, *asked(leaving("F", 1)))
    assert not breaks(*partly, Canceled("E", 4), *asked(leaving("F", 6)))


def test_exit_left_at_work_where_something_else_closed_the_position_is_broken() -> None:
    working = (*LONG, *asked(leaving("E")))

    assert breaks(*working, *traded(sell("Y", 1)))
    assert breaks(*working, *traded(sell("Y", 10)))
    assert not breaks(*working, Canceled("E", 0), *traded(sell("Y", 10)))


def test_fill_that_crossed_the_cancel_of_an_exit_counts_and_leaves_nothing_at_work() -> None:
    crossed = (*LONG, *asked(leaving("E")), Canceled("E", 0), fill(leaving("E"), 4))

    assert not breaks(*crossed, *asked(leaving("F", 6)))
    assert breaks(*crossed, *asked(leaving("F", 7)))


def test_crossing_fill_that_finds_the_position_closed_is_broken() -> None:
    assert breaks(
        *(*LONG, *asked(leaving("E")), Canceled("E", 0)),
        *(*traded(leaving("F")), fill(leaving("E"), 4)),
    )


def test_id_used_again_is_a_new_exit_of_its_own_size() -> None:
    again = (*LONG, *asked(leaving("E", 6)), Canceled("E", 0), *asked(leaving("E", 10)))

    assert not breaks(*again)
    assert breaks(*again, *asked(leaving("F", 1)))


def test_exit_that_is_on_its_way_or_refused_does_not_work() -> None:
    assert judge(rule, (Sent(leaving()), Rejected("E", "REDUCE_ONLY"))) == "vacuous"


def test_order_that_is_no_exit_may_do_what_it_likes() -> None:
    assert judge(rule, (*LONG, *traded(sell("Y", 30)))) == "vacuous"
