"""Positions, cash, fills and the clock: what differs, of which kind it is, and when it is believed."""

from dataclasses import replace
from typing import get_args

import pytest

from core.messages import CashMoved, OrderAccepted, OrderCanceled, OrderId, PositionAdjusted, SignalId
from core.reconcile import answer_to, is_ours, is_same
from core.reconcile_report import ANSWERS, Answer, Difference, Kind, ListedFill, Report
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    HEDGE,
    LINGER,
    after,
    both_filled,
    fill,
    filled,
    order_id,
    ready,
    signal,
)
from tests.unit.core.build import (
    found as status,
)
from tests.unit.core.reports import found, history, honest, kinds, listed

FLAT = ready()
HELD = after(ready(), signal(), *both_filled())
LEFT = after(HELD, LINGER)  # 1,000 AAA and -2,000 BBB, whose orders have left the state
TRADES = ("entry-1", "hedge-1")
RESTING = after(ready(), signal(limit_price_a=99), OrderAccepted(ENTRY))
STRANGER = OrderId(SignalId("somebody", 0), "entry", 1)
NOTHING_TOLD = Report()


def short(state, lots, symbol="AAA", cash=0):
    """A report in which so many lots are there beyond what is believed, and so much cash."""
    held = {each.symbol: each.lots for each in state.book.positions}
    held[symbol] = held.get(symbol, 0) + lots
    return honest(state, positions=tuple(sorted(held.items())), cash=state.book.cash + cash)


# ---- what is no difference -------------------------------------------------------------------------


@pytest.mark.parametrize("state", [FLAT, RESTING, HELD, LEFT], ids=["flat", "resting", "held", "left"])
def test_honest_report_does_not_differ(state):
    assert found(state, honest(state), TRADES, rounds=9) == ()


@pytest.mark.parametrize("state", [FLAT, RESTING, HELD, LEFT], ids=["flat", "resting", "held", "left"])
def test_of_what_is_not_told_nothing_follows(state):
    assert found(state, NOTHING_TOLD, TRADES, rounds=9) == ()


@pytest.mark.parametrize("part", ["orders", "positions", "cash", "fills", "skew"])
@pytest.mark.parametrize("state", [RESTING, HELD, LEFT], ids=["resting", "held", "left"])
def test_each_part_may_be_left_out(state, part):
    assert found(state, honest(state, **{part: None}), TRADES, rounds=9) == ()


def test_empty_report_of_positions_is_another_thing_than_none():
    """A position report that failed is not flat; one that says so is."""
    assert kinds(LEFT, honest(LEFT, positions=None), TRADES, rounds=9) == []
    assert kinds(LEFT, honest(LEFT, positions=()), TRADES, rounds=2) == [
        ("positions", "phantom", "AAA"),
        ("positions", "phantom", "BBB"),
    ]


def test_history_from_before_the_engine_began_says_nothing_while_all_else_agrees():
    report = honest(FLAT, fills=(history(STRANGER, 5), history(order_id(sequence=0), 5, trade_id="x2")))

    assert found(FLAT, report, rounds=9) == ()


# ---- positions -------------------------------------------------------------------------------------


def test_position_that_differs_is_believed_when_it_was_reported_twice():
    report = short(LEFT, 10)

    assert kinds(LEFT, report, TRADES) == [("positions", "unconfirmed", "AAA")]
    assert found(LEFT, report, TRADES, rounds=2) == (
        Difference("positions", "external_trade", "AAA", 1_000, 1_010, 2),
    )
    assert kinds(LEFT, report, TRADES, rounds=2, confirmations=3) == [("positions", "unconfirmed", "AAA")]
    assert kinds(LEFT, report, TRADES, rounds=1, confirmations=1) == [("positions", "external_trade", "AAA")]


def test_another_number_is_another_difference():
    once = found(LEFT, short(LEFT, 10), TRADES)

    assert not is_same(once[0], found(LEFT, short(LEFT, 11), TRADES)[0])
    assert not is_same(once[0], replace(once[0], believed=999))
    assert not is_same(once[0], replace(once[0], subject="BBB"))
    assert not is_same(once[0], replace(once[0], part="cash"))
    assert is_same(once[0], replace(once[0], rounds=5, kind="dispute"))


@pytest.mark.parametrize(
    ("symbol", "lots", "kind"),
    [
        ("AAA", 1, "external_trade"),
        ("AAA", -1, "phantom"),
        ("AAA", -1_000, "phantom"),
        ("AAA", -1_001, "external_trade"),
        ("AAA", -2_000, "external_trade"),
        ("BBB", -1, "external_trade"),
        ("BBB", 1, "phantom"),
        ("BBB", 2_000, "phantom"),
        ("BBB", 2_001, "external_trade"),
        ("CCC", 1, "external_trade"),
        ("CCC", -1, "external_trade"),
    ],
)
def test_less_on_the_same_side_is_a_phantom_and_all_else_somebody_elses(symbol, lots, kind):
    assert kinds(LEFT, short(LEFT, lots, symbol), TRADES, rounds=2) == [("positions", kind, symbol)]


def test_symbol_that_is_not_traded_here_is_somebody_elses_and_hides_nothing():
    report = honest(LEFT, positions=(*short(LEFT, 10).positions, ("ZZZ", 4), ("ZZY", 0)))

    assert found(LEFT, report, TRADES, rounds=2) == (
        Difference("positions", "external_trade", "ZZZ", None, 4, 2),
        Difference("positions", "external_trade", "AAA", 1_000, 1_010, 2),
    )


def test_what_was_taken_over_is_believed():
    state = after(LEFT, PositionAdjusted("AAA", 10, 100, "EXTERNAL_TRADE", trade_id="x1"))

    assert found(state, honest(state), (*TRADES, "x1"), rounds=9) == ()
    assert kinds(state, honest(LEFT), TRADES, rounds=2) == [("positions", "phantom", "AAA")]


# ---- while something is open -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [
        after(ready(), signal(limit_price_a=99)),
        after(ready(), signal(), filled(ENTRY, 400), OrderCanceled(ENTRY, 500)),
        after(ready(), signal(), OrderCanceled(ENTRY, 0)),
        after(ready(), signal(), *both_filled(), signal(2, symbol_a="CCC", quantity_a=10)),
    ],
    ids=["sent", "fill missing", "end not confirmed", "of another trade"],
)
def test_while_an_order_is_open_nothing_follows_from_positions(state):
    assert kinds(state, short(state, 10), TRADES, rounds=2) == [("positions", "in_flight", "AAA")]
    assert kinds(state, short(state, 0, cash=5), TRADES, rounds=2) == [("cash", "in_flight", "cash")]


def test_order_that_rests_and_is_reported_so_hides_nothing():
    assert kinds(RESTING, short(RESTING, 10), rounds=2) == [("positions", "external_trade", "AAA")]


def test_somebody_elses_order_hides_nothing():
    strange = listed(RESTING.trades[0].orders[0], order=STRANGER)
    report = replace(short(LEFT, 10), orders=(strange,))

    assert kinds(LEFT, report, TRADES, rounds=2) == [
        ("orders", "external_trade", STRANGER),
        ("positions", "external_trade", "AAA"),
    ]


def test_without_positions_cash_alone_says_nothing_and_is_a_dispute_in_the_end():
    report = honest(LEFT, cash=0, positions=None)

    assert kinds(LEFT, report, TRADES, rounds=5) == [("cash", "in_flight", "cash")]
    assert kinds(LEFT, report, TRADES, rounds=6) == [("cash", "dispute", "cash")]


def test_what_nothing_settles_is_a_dispute():
    state = after(ready(), signal(limit_price_a=99))

    assert kinds(state, short(state, 10), rounds=6) == [("positions", "dispute", "AAA")]
    assert kinds(state, short(state, 10), rounds=3, confirmations=9) == [("positions", "in_flight", "AAA")]
    assert kinds(state, short(state, 10), rounds=4) == kinds(state, short(state, 10), rounds=5)


# ---- cash ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cash", [-6, 6])
def test_cash_beyond_the_tolerance_differs(cash):
    report = short(LEFT, 0, cash=cash)
    believed = LEFT.book.cash

    assert found(LEFT, report, TRADES, rounds=2, cash=5) == (
        Difference("cash", "cash", "cash", believed, believed + cash, 2),
    )
    assert kinds(LEFT, report, TRADES, cash=5) == [("cash", "unconfirmed", "cash")]
    assert kinds(LEFT, report, TRADES, rounds=2, cash=6) == []
    assert kinds(LEFT, short(LEFT, 0, cash=1), TRADES, rounds=2) == [("cash", "cash", "cash")]


def test_while_positions_differ_cash_must():
    assert kinds(LEFT, short(LEFT, 10, cash=-1_000), TRADES, rounds=2) == [
        ("positions", "external_trade", "AAA")
    ]


def test_cash_that_was_paid_in_is_believed():
    state = after(LEFT, CashMoved(50))

    assert found(state, short(LEFT, 0, cash=50), TRADES, rounds=9) == ()


# ---- what fills explain ----------------------------------------------------------------------------

LATE = history(FLATTEN_A, 10, 90, side="sell", fee_money=1)  # of a trade that has left
STRANGE = history(STRANGER, 10, 90, "x2", fee_money=1)


def with_history(state, *fills, lots=0, cash=0, symbol="AAA"):
    """A report that is short, with a history."""
    of_trades = (
        history(ENTRY, 1_000, trade_id="entry-1"),
        history(HEDGE, 2_000, 50, "hedge-1", "BBB", "sell"),
    )
    return replace(short(state, lots, symbol, cash), fills=(*of_trades, *fills))


def test_late_fill_of_an_order_that_has_left_is_booked_without_a_person():
    report = with_history(LEFT, LATE, lots=-10, cash=899)

    assert kinds(LEFT, report, TRADES) == [("positions", "unconfirmed", "AAA")]
    late = Difference("positions", "ended_fill", "AAA", 1_000, 990, 2, (LATE,))
    assert found(LEFT, report, TRADES, rounds=2) == (late,)
    assert answer_to(late) == "adjust"


def test_fill_of_somebody_else_explains_and_is_still_asked_about():
    report = with_history(LEFT, STRANGE, lots=10, cash=-901)

    assert found(LEFT, report, TRADES, rounds=2) == (
        Difference("positions", "external_trade", "AAA", 1_000, 1_010, 2, (STRANGE,)),
    )


def test_where_both_are_needed_a_person_is_asked():
    report = with_history(LEFT, LATE, STRANGE, lots=0, cash=-2)

    (difference,) = found(LEFT, report, TRADES, rounds=2)

    assert (difference.kind, difference.fills) == ("external_trade", (LATE, STRANGE))
    assert (difference.believed, difference.reported) == (1_000, 1_000)


@pytest.mark.parametrize(
    ("lots", "cash"), [(-10, 898), (-10, 900), (-9, 899), (-10, 0)], ids=["fee", "no fee", "lots", "no cash"]
)
def test_fill_that_does_not_account_for_all_explains_nothing(lots, cash):
    (difference,) = found(LEFT, with_history(LEFT, LATE, lots=lots, cash=cash), TRADES, rounds=2)

    assert (difference.kind, difference.fills) == ("phantom", ())


def test_cash_within_the_tolerance_is_accounted_for():
    report = with_history(LEFT, LATE, lots=-10, cash=894)

    assert kinds(LEFT, report, TRADES, rounds=2, cash=5) == [("positions", "ended_fill", "AAA")]
    assert kinds(LEFT, report, TRADES, rounds=2, cash=4) == [("positions", "phantom", "AAA")]


@pytest.mark.parametrize("part", ["positions", "cash"])
def test_without_cash_or_positions_no_fill_is_booked(part):
    report = replace(with_history(LEFT, LATE, lots=-10, cash=899), **{part: None})

    assert "ended_fill" not in [kind for _, kind, _ in kinds(LEFT, report, TRADES, rounds=2)]


def test_late_fill_of_another_symbol_does_not_explain_what_differs():
    report = with_history(LEFT, LATE, lots=-10, cash=899, symbol="BBB")

    assert kinds(LEFT, report, TRADES, rounds=2) == [("positions", "external_trade", "BBB")]


def test_booked_fill_is_not_booked_again():
    """Whether its order has left, or not; only what the venue still lists tells them apart."""
    report = with_history(LEFT, LATE, lots=-10, cash=899)
    assert kinds(LEFT, report, (*TRADES, "x1"), rounds=2) == [("positions", "phantom", "AAA")]

    again = ListedFill(ENTRY, "AAA", "buy", fill(1_000, trade_id="entry-1"))
    report = replace(short(HELD, 1_000, cash=-100_000), fills=(*honest(HELD).fills, again))
    assert kinds(HELD, report, rounds=2) == [("positions", "external_trade", "AAA")]


def test_latest_fills_are_enough_where_a_history_goes_back_further():
    """Two fills from before the log are not booked with the one that explains all."""
    early = (history(order_id(), 3, trade_id="x8"), history(order_id(), 4, trade_id="x9"))
    report = with_history(LEFT, LATE, lots=-10, cash=899)
    report = replace(report, fills=(*early, *report.fills))

    (difference,) = found(LEFT, report, TRADES, rounds=2)

    assert (difference.kind, difference.fills) == ("ended_fill", (LATE,))


def test_fills_of_several_symbols_are_each_of_their_own():
    other = history(order_id("flatten_b"), 20, 50, "x3", "BBB")
    report = with_history(LEFT, LATE, other, lots=-10, cash=899 - 1_000)
    report = replace(report, positions=(("AAA", 990), ("BBB", -1_980)))

    assert found(LEFT, report, TRADES, rounds=2) == (
        Difference("positions", "ended_fill", "AAA", 1_000, 990, 2, (LATE,)),
        Difference("positions", "ended_fill", "BBB", -2_000, -1_980, 2, (other,)),
    )


def test_fee_in_the_asset_is_accounted_for():
    late = history(order_id(), 10, 100, fee_lots=1)

    assert kinds(LEFT, with_history(LEFT, late, lots=9, cash=-1_000), TRADES, rounds=2) == [
        ("positions", "ended_fill", "AAA")
    ]


def test_fill_of_a_symbol_that_is_not_traded_here_explains_nothing():
    strange = history(STRANGER, 1, 5, "x4", "ZZZ")

    assert kinds(LEFT, with_history(LEFT, strange, cash=-5), TRADES, rounds=2) == [("cash", "cash", "cash")]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ENTRY, True),
        (order_id(sequence=0), True),
        (order_id(sequence=2), False),
        (STRANGER, False),
    ],
)
def test_order_is_ours_where_its_signal_was_answered(order, expected):
    assert is_ours(LEFT, order) is expected


# ---- the clock -------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1, -1])
def test_clock_beyond_the_tolerance_differs_whatever_it_says_each_time(sign):
    report = honest(LEFT, skew=sign * 11)
    once = found(LEFT, report, TRADES, skew=10)

    assert once == (Difference("clock", "unconfirmed", "clock", 0, sign * 11, 1),)
    assert kinds(LEFT, report, TRADES, rounds=2, skew=10) == [("clock", "clock_skew", "clock")]
    assert kinds(LEFT, honest(LEFT, skew=sign * 10), TRADES, rounds=2, skew=10) == []
    assert is_same(once[0], replace(once[0], reported=99))


def test_clock_is_good_to_a_second():
    assert kinds(LEFT, honest(LEFT, skew=1_000_000_000), TRADES, rounds=2) == []
    assert kinds(LEFT, honest(LEFT, skew=1_000_000_001), TRADES, rounds=2) == [
        ("clock", "clock_skew", "clock")
    ]


# ---- the table -------------------------------------------------------------------------------------


def test_every_kind_has_an_answer():
    assert set(ANSWERS) == set(get_args(Kind))
    assert set(ANSWERS.values()) == set(get_args(Answer))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_answer_is_that_of_the_table(kind):
    assert answer_to(Difference("cash", kind, "cash", 0, 1)) == ANSWERS[kind]


def test_status_that_was_asked_for_makes_history_whole():
    state = after(RESTING, status(ENTRY, "open", fill(5, trade_id="t1")))

    assert found(state, honest(state), ("t1",), rounds=9) == ()
