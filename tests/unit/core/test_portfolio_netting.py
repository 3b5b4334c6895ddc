"""Signals of one moment that pull a symbol both ways: the one that wants more keeps the difference."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine
from core.messages import PriceUnusable, RefuseSignal, SignalsReceived, SubmitOrder
from core.portfolio_netting import less_opposing, netted
from core.settings import Instrument, Limits, Settings
from tests.unit.core.build import WIDE, after, of_kind, order_id, proposed, ready, settings, signal

NETS = replace(settings(), conflicts="net")
STATE = ready(NETS)
BUYS = signal(1, "pairs")  # 1,000 AAA, sells 2,000 BBB
SELLS = signal(1, "squeeze", side_a="sell", side_b="buy")


def sized(event, lots, other):
    """The signal with these lots."""
    return replace(event, quantity_a=lots, quantity_b=other)


def refusals(commands):
    """Who was refused, and why."""
    return [(each.signal.strategy, each.reason) for each in of_kind(commands, RefuseSignal)]


@pytest.mark.covers("MS-04")
@pytest.mark.parametrize(
    ("other", "left"),
    [
        (sized(SELLS, 400, 800), (sized(BUYS, 600, 1_200), None)),
        (sized(SELLS, 400, 900), (sized(BUYS, 550, 1_100), None)),
        (sized(SELLS, 401, 802), (sized(BUYS, 599, 1_198), None)),
        (sized(SELLS, 1_000, 2_000), (None, None)),
        (sized(SELLS, 3_000, 2_500), (None, sized(SELLS, 600, 500))),
        (sized(SELLS, 1_500, 500), (None, None)),
        (sized(SELLS, 999, 1), (sized(BUYS, 1, 2), None)),
        (signal(1, "squeeze", symbol_a="CCC", side_b="buy", quantity_b=500), (sized(BUYS, 750, 1_500), None)),
        (
            signal(1, "squeeze", side_a="sell", quantity_a=250, symbol_b="CCC"),
            (sized(BUYS, 750, 1_500), None),
        ),
    ],
    ids=["half", "by leg B", "odd", "the same", "the later", "torn", "almost", "B only", "A only"],
)
def test_only_what_one_wants_beyond_the_other_is_left(other, left):
    assert netted(STATE, (BUYS, other)) == left
    assert netted(STATE, (other, BUYS)) == left[::-1]


@pytest.mark.parametrize(
    "other",
    [
        signal(2, "pairs", side_a="sell", symbol_b="CCC"),
        signal(1, "squeeze", symbol_b="CCC"),
        signal(1, "squeeze", symbol_a="CCC", quantity_b=9),
        signal(1, "squeeze", symbol_a="BBB", symbol_b="AAA", side_a="sell", side_b="buy"),
    ],
    ids=["of the same strategy", "along A", "along B", "the same pair turned round"],
)
def test_what_does_not_oppose_another_strategy_is_left_as_it_is(other):
    assert netted(STATE, (BUYS, other)) == (BUYS, other)


@pytest.mark.covers("MS-04")
def test_the_difference_goes_out_as_an_order_of_the_one_that_wants_more():
    state, commands = engine.step(STATE, SignalsReceived((sized(SELLS, 400, 800), BUYS)))

    assert refusals(commands) == [("squeeze", "NETTED")]
    (order,) = of_kind(commands, SubmitOrder)
    assert (order.order, order.side, order.quantity) == (order_id(), "buy", 600)
    assert state.high_water == (("pairs", 1), ("squeeze", 1))
    assert engine.step(state, SELLS)[1] == (RefuseSignal(SELLS.signal, "DUPLICATE_SIGNAL"),)


@pytest.mark.covers("MS-04")
@pytest.mark.parametrize("chosen", [NETS, settings()], ids=["net", "refuse"])
def test_the_later_signal_of_another_moment_is_refused_whole(chosen):
    state = after(ready(chosen), BUYS)

    assert refusals(engine.step(state, SELLS)[1]) == [("squeeze", "OPPOSING_POSITION")]
    assert refusals(engine.step(state, SignalsReceived((SELLS,)))[1]) == [("squeeze", "OPPOSING_POSITION")]


def test_without_netting_the_later_signal_of_a_moment_is_refused_whole():
    commands = engine.step(ready(settings()), SignalsReceived((SELLS, sized(BUYS, 10, 20))))[1]

    assert refusals(commands) == [("pairs", "OPPOSING_POSITION")]
    assert [each.quantity for each in of_kind(commands, SubmitOrder)] == [1_000]


def test_signals_of_one_moment_are_answered_in_their_order():
    events = (BUYS, signal(1, "other"), BUYS, signal(2, symbol_b="ZZZ"), signal(3, symbol_b="CCC"))

    state, commands = engine.step(STATE, SignalsReceived(events))

    assert refusals(commands) == [
        ("other", "KEY_BUSY"),
        ("pairs", "DUPLICATE_SIGNAL"),
        ("pairs", "INVALID_SIGNAL"),
    ]
    assert [each.signal.sequence for each in state.trades] == [1, 3]
    assert engine.step(STATE, SignalsReceived(())) == (STATE, ())


def test_a_signal_that_trades_nothing_holds_up_no_other():
    answered = after(STATE, replace(SELLS, symbol_b="ZZZ"))
    tight = ready(replace(NETS, limits=replace(WIDE, order_quantity=1_500)))

    assert netted(answered, (BUYS, SELLS)) == (BUYS, SELLS)
    assert netted(tight, (sized(BUYS, 10, 20), sized(SELLS, 1_501, 20))) == (
        sized(BUYS, 10, 20),
        sized(SELLS, 1_501, 20),
    )
    assert netted(after(STATE, PriceUnusable("BBB")), (BUYS, SELLS)) == (BUYS, SELLS)


def test_a_signal_that_is_there_twice_counts_once():
    half = sized(SELLS, 400, 800)

    assert netted(STATE, (half, half, BUYS)) == (None, half, sized(BUYS, 600, 1_200))


def test_what_is_left_is_on_the_grid_and_no_less_than_the_venue_takes():
    grids = (Instrument("AAA", quantity_step=10), Instrument("BBB", quantity_step=4, minimum_quantity=100))
    state = ready(Settings((*grids, Instrument("CCC")), WIDE, conflicts="net"))

    assert netted(state, (BUYS, sized(SELLS, 415, 100)))[0] == BUYS
    assert netted(state, (BUYS, sized(SELLS, 410, 100)))[0] == sized(BUYS, 590, 1_180)
    assert netted(state, (BUYS, sized(SELLS, 10, 1_896)))[0] == sized(BUYS, 50, 100)
    assert netted(state, (BUYS, sized(SELLS, 10, 1_900))) == (sized(BUYS, 50, 100), None)
    assert netted(state, (BUYS, sized(SELLS, 10, 1_904))) == (None, None)


def test_three_that_pull_one_symbol_are_set_off_one_after_another():
    third = signal(1, "value", side_a="sell", quantity_a=300, symbol_b="CCC")

    assert netted(STATE, (BUYS, sized(SELLS, 400, 800), third)) == (sized(BUYS, 300, 600), None, None)


SIDES = st.sampled_from(["buy", "sell"])


@st.composite
def plans(draw):
    """Some plans of three symbols, by a few strategies."""
    made = []
    for at in range(draw(st.integers(0, 6))):
        plan = proposed(draw(st.integers(1, 40)), draw(st.integers(1, 40)))
        symbol_a, symbol_b = draw(st.permutations(["AAA", "BBB", "CCC"]))[:2]
        leg_a = replace(plan.leg_a, symbol=symbol_a, side=draw(SIDES))
        leg_b = replace(plan.leg_b, symbol=symbol_b, side=draw(SIDES), minimum=draw(st.integers(1, 3)))
        signal_id = replace(plan.signal, strategy=draw(st.sampled_from("abc")), sequence=at)
        made.append(replace(plan, signal=signal_id, leg_a=leg_a, leg_b=leg_b))
    return tuple(made)


@pytest.mark.covers("MS-04")
@given(plans())
def test_nothing_that_is_left_opposes_another_strategy_and_nothing_grows(asked):
    left = less_opposing(asked)

    assert len(left) == len(asked)
    for before, now in zip(asked, left, strict=True):
        if now is not None:
            assert now.leg_b.planned <= before.leg_b.planned * now.leg_a.planned // before.leg_a.planned
            assert now.leg_a.minimum <= now.leg_a.planned <= before.leg_a.planned
            assert replace(now, leg_a=before.leg_a, leg_b=before.leg_b) == before
    pulls = {
        (plan.signal.strategy, leg.symbol, leg.side)
        for plan in left
        if plan is not None
        for leg in (plan.leg_a, plan.leg_b)
    }
    for one, other in combinations(pulls, 2):
        assert one[0] == other[0] or one[1] != other[1] or one[2] == other[2]


def test_what_is_left_is_exact_however_large():
    large = 10**17 + 3  # beyond what a float tells apart
    one, other = proposed(large, large), proposed(1, 1)
    other = replace(
        other,
        signal=replace(other.signal, strategy="squeeze"),
        leg_a=replace(other.leg_a, side="sell"),
        leg_b=replace(other.leg_b, side="buy"),
    )

    left, nothing = less_opposing((one, other))

    assert (left.leg_a.planned, left.leg_b.planned, nothing) == (large - 1, large - 1, None)


def test_limits_hold_for_all_that_is_left_together():
    state = ready(replace(NETS, limits=Limits(trades_in_flight=1, heat_bps=100_000)))

    commands = engine.step(state, SignalsReceived((BUYS, signal(1, "squeeze", symbol_b="CCC"))))[1]

    assert refusals(commands) == [("squeeze", "TRADES_IN_FLIGHT")]
