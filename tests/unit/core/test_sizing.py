"""Sizes: at their bound and one step beyond it, and never more than the gate lets in."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core import admission, engine, risk, sizing
from core.messages import RefuseSignal, SubmitOrder
from core.risk import Contribution, Summary
from core.settings import Instrument, Limits, Settings
from tests.unit.core.build import CASH, WIDE, after, of_kind, proposed, ready, settings, signal

AAA = Instrument("AAA")
COARSE = Instrument("AAA", tick_lot_value=3, quantity_step=5, minimum_quantity=10)

# ---- fixed fraction ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equity", "stop", "traded", "lots"),
    [
        (100_000, 90, AAA, 100),  # 1 % is 1,000, and a lot loses 10
        (100_000, 110, AAA, 100),
        (99_999, 90, AAA, 99),
        (100_000, 93, AAA, 142),
        (100_000, 100, AAA, 0),
        (0, 90, AAA, 0),
        (-1, 90, AAA, 0),
        (100_000, 90, replace(AAA, tick_lot_value=3), 33),
        (100_000, 90, COARSE, 30),
        (30_000, 90, COARSE, 10),
        (29_999, 90, COARSE, 0),
        (100_000, 90, replace(AAA, minimum_notional=10_000), 100),
        (100_000, 90, replace(AAA, minimum_notional=10_001), 0),
    ],
)
def test_fixed_fraction_is_what_a_stop_may_lose(equity, stop, traded, lots):
    assert sizing.fixed_fraction(equity, 100, 100, stop, traded) == lots


@given(st.integers(1, 10**9), st.integers(1, 10_000), st.integers(1, 999), st.integers(1, 999))
def test_fixed_fraction_loses_no_more_and_one_lot_more_would(equity, fraction, price, stop):
    assume(price != stop)
    lots = sizing.fixed_fraction(equity, fraction, price, stop, AAA)

    bearable = Fraction(equity * fraction, 10_000)
    assert lots * abs(price - stop) <= bearable < (lots + 1) * abs(price - stop)


# ---- volatility target -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equity", "target", "volatility", "traded", "lots"),
    [
        (100_000, 1_000, 2_000, AAA, 500),  # half of the equity, at 100
        (99_999, 1_000, 2_000, AAA, 499),
        (100_000, 1_000, 3_000, AAA, 333),
        (100_000, 1_000, 0, AAA, 0),
        (100_000, 1_000, -1, AAA, 0),
        (0, 1_000, 2_000, AAA, 0),
        (100_000, 1_000, 2_000, replace(AAA, tick_lot_value=3), 166),
        (100_000, 1_000, 2_000, COARSE, 165),
        (6_000, 1_000, 2_000, COARSE, 10),
        (5_999, 1_000, 2_000, COARSE, 0),
    ],
)
def test_volatility_target_is_notional_in_inverse_proportion_to_how_it_moves(
    equity, target, volatility, traded, lots
):
    assert sizing.volatility_target(equity, target, volatility, 100, traded) == lots


# ---- the smallest order ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("traded", "lots"),
    [
        (AAA, 1),
        (replace(AAA, minimum_quantity=7), 7),
        (replace(AAA, minimum_notional=900), 9),
        (replace(AAA, minimum_notional=901), 10),
        (replace(AAA, minimum_notional=901, tick_lot_value=2), 5),
        (replace(AAA, minimum_notional=900, minimum_quantity=10), 10),
    ],
)
def test_smallest_order_is_by_quantity_and_by_notional(traded, lots):
    assert sizing.minimum_order(traded, 100) == lots


# ---- what the limits leave ---------------------------------------------------------------------------

PRICES = (("AAA", 100), ("BBB", 50))
TWO = Settings((AAA, Instrument("BBB")))


def plan(lots_a=1_000, lots_b=2_000, stop_a=None, stop_b=None, grid_a=(1, 1), grid_b=(1, 1)):
    """A pair that may be made smaller; a grid is (step, minimum) in lots."""
    trade = proposed(lots_a, lots_b, grid_a=grid_a, grid_b=grid_b)
    leg_a, leg_b = replace(trade.leg_a, stop_price=stop_a), replace(trade.leg_b, stop_price=stop_b)
    return replace(trade, leg_a=leg_a, leg_b=leg_b)


def left(trade, summary=None, limits=WIDE, chosen=TWO):
    """What the limits leave of a plan, of an equity of 10,000."""
    return sizing.largest_allowed(summary or Summary(10_000, False), limits, trade, PRICES, chosen)


@pytest.mark.parametrize(
    ("limits", "lots"),
    [
        ({}, 1_000),
        ({"position_bps": 20_000}, 200),
        ({"gross_bps": 20_000}, 100),
        ({"leverage_bps": 20_000}, 100),
        ({"strategy_bps": 20_000}, 100),
        ({"net_bps": 20_000}, 200),
        ({"cluster_bps": 20_000}, 100),
        ({"order_quantity": 300}, 150),
        ({"order_notional": 7_700}, 77),
        ({"gross_bps": 20_000, "position_bps": 9_900}, 99),
        ({"gross_bps": 199}, 0),
        ({"gross_bps": 200}, 1),
    ],
)
def test_plan_is_cut_to_what_every_limit_leaves(limits, lots):
    assert left(plan(), limits=replace(HUGE, **limits)) == lots


HUGE = replace(
    WIDE,
    position_bps=10**7,
    gross_bps=10**7,
    heat_bps=10**7,
    strategy_bps=10**7,
    net_bps=10**7,
    leverage_bps=10**7,
    cluster_bps=10**7,
)


@pytest.mark.parametrize(
    "summary",
    [
        Summary(10_000, True),
        Summary(10_000, False, recovering=True),
        Summary(None, False),
        Summary(10_000, False, tokens=0),
        Summary(10_000, False, Contribution(in_flight=4)),
    ],
)
def test_nothing_is_left_where_nothing_may_open(summary):
    assert left(plan(), summary, HUGE) == 0


def test_leg_b_follows_in_proportion_on_its_own_grid():
    sized = sizing.resized(plan(1_000, 2_100, grid_b=(5, 5)), 333)

    assert (sized.leg_a.planned, sized.leg_b.planned) == (333, 695)
    assert sizing.resized(plan(1_000, 1), 1_000).leg_b.planned == 1


@pytest.mark.parametrize(
    ("grids", "lots"),
    [
        ({"grid_a": (7, 7)}, 98),
        ({"grid_a": (30, 30)}, 90),
        ({"grid_a": (1, 100)}, 100),
        ({"grid_a": (1, 101)}, 0),
        ({"grid_b": (1, 200)}, 100),
        ({"grid_b": (1, 201)}, 0),
        ({"grid_b": (500, 500)}, 0),
    ],
)
def test_what_is_left_is_on_the_grid_and_not_below_the_minimum_of_either_leg(grids, lots):
    assert left(plan(**grids), limits=replace(HUGE, gross_bps=20_000)) == lots


ENDLESS = dict.fromkeys(("position_bps", "gross_bps", "strategy_bps", "net_bps", "leverage_bps"), 10**12)


@given(
    steps=st.integers(1, 5_000),
    step=st.integers(1, 9),
    ratio=st.integers(1, 3),
    stops=st.tuples(st.none() | st.integers(80, 100), st.none() | st.integers(50, 70)),
    equity=st.integers(1, 10**6),
    heat=st.integers(0, 10**5),
    bps=st.integers(1, 20_000),
    cost=st.integers(0, 50),
)
def test_size_by_the_heat_that_is_left_is_let_in_and_one_step_more_is_too_much_heat(
    steps, step, ratio, stops, equity, heat, bps, cost
):
    trade = plan(steps * step, ratio * steps * step, *stops, grid_a=(step, step))
    chosen = replace(TWO, limits=Limits(exit_cost_bps=cost))
    limits = replace(HUGE, **ENDLESS, cluster_bps=10**12, heat_bps=bps, order_quantity=10**9)
    summary = Summary(equity, False, Contribution(heat=heat))

    lots = left(trade, summary, limits, chosen)

    assert lots == 0 or reason(sizing.resized(trade, lots), summary, limits, chosen) is None
    assert (
        lots == steps * step or reason(sizing.resized(trade, lots + step), summary, limits, chosen) == "HEAT"
    )


def reason(trade, summary, limits, chosen):
    """The gate's answer for that trade as it is."""
    intent = risk.intent(trade, risk.contribute(trade, PRICES, chosen), PRICES, chosen)
    return risk.decide(summary, limits, (intent,))[0].reason


# ---- through the engine ------------------------------------------------------------------------------


def test_signal_of_the_size_that_is_left_is_let_in_and_one_lot_more_is_not():
    state = ready(settings(replace(WIDE, heat_bps=600)))
    asked = signal(quantity_a=100_000, quantity_b=100_000, stop_price_a=95, stop_price_b=55)

    lots = admission.largest_allowed(state, asked)
    fits, beyond = (
        engine.step(state, replace(asked, quantity_a=each, quantity_b=each))[1] for each in (lots, lots + 1)
    )

    # 600,000 of 10,000,000: a lot of either leg loses 5, and 150 of exit cost is a tenth of a per cent
    assert lots == 59_113
    assert of_kind(fits, SubmitOrder)[0].quantity == lots
    assert beyond == (RefuseSignal(asked.signal, "HEAT"),)


def test_size_is_smaller_while_a_breaker_is_on_probation():
    state = ready(settings(replace(WIDE, gross_bps=10_000)))
    on_probation = tuple(replace(each, phase="probation", step=1) for each in state.breakers)
    asked = signal(quantity_a=100_000, quantity_b=200_000)

    assert admission.largest_allowed(state, asked) == CASH // 200
    assert admission.largest_allowed(replace(state, breakers=on_probation), asked) == CASH // 800


def test_signal_that_makes_no_sense_has_no_size():
    assert admission.largest_allowed(ready(), signal(symbol_b="AAA")) == 0
    assert admission.largest_allowed(after(ready(), signal()), signal(2)) == 0
