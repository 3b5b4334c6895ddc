"""Exact conversions, each with its one rounding rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import units

POSITIVE = st.integers(1, 10**12)
NATURAL = st.integers(0, 10**12)


@pytest.mark.parametrize(("side", "sign", "opposite"), [("buy", 1, "sell"), ("sell", -1, "buy")])
def test_a_side_has_a_sign_and_an_opposite(side, sign, opposite):
    assert units.sign(side) == sign
    assert units.opposite(side) == opposite


def test_notional_is_price_times_quantity_times_tick_lot_value():
    assert units.notional(3, 5, 7) == 105


@pytest.mark.parametrize(
    ("amount", "fraction", "share", "charge"),
    [(10_000, 1, 1, 1), (9_999, 1, 0, 1), (10_001, 1, 1, 2), (0, 500, 0, 0), (500, 10_000, 500, 500)],
)
def test_a_share_is_rounded_down_and_a_charge_up(amount, fraction, share, charge):
    assert units.share(amount, fraction) == share
    assert units.charge(amount, fraction) == charge


@pytest.mark.parametrize(
    ("part", "whole", "threshold", "reached"),
    [
        (950, 1_000, 9_500, True),
        (949, 1_000, 9_500, False),
        (500, 1_000, 5_000, True),
        (499, 1_000, 5_000, False),
        (0, 1_000, 0, True),
        (2, 3, 6_666, True),
        (2, 3, 6_667, False),
    ],
)
def test_reaches_is_exact_at_the_threshold(part, whole, threshold, reached):
    assert units.reaches(part, whole, threshold) is reached


@pytest.mark.parametrize(
    ("planned", "filled", "planned_first", "scaled"),
    [(2_000, 600, 1_000, 1_200), (7, 1, 2, 3), (7, 2, 2, 7), (7, 0, 2, 0)],
)
def test_the_second_leg_is_scaled_by_the_fill_and_rounded_down(planned, filled, planned_first, scaled):
    assert units.scaled(planned, filled, planned_first) == scaled


@given(planned=POSITIVE, filled=NATURAL)
def test_equal_legs_hedge_what_was_filled(planned, filled):
    assert units.scaled(planned, filled, planned) == filled


@pytest.mark.parametrize(
    ("quantity", "step", "minimum", "orderable"),
    [
        (10, 1, 10, 10),
        (9, 1, 10, 0),
        (14, 5, 10, 10),
        (14, 5, 11, 0),
        (0, 1, 1, 0),
        (-7, 1, 1, 0),
        (-7, 5, 1, 0),
    ],
)
def test_orderable_takes_whole_steps_and_nothing_below_the_minimum(quantity, step, minimum, orderable):
    assert units.orderable(quantity, step, minimum) == orderable


@given(quantity=st.integers(-(10**6), 10**6), step=st.integers(1, 50), minimum=st.integers(1, 100))
def test_what_is_orderable_is_on_the_grid_and_leaves_less_than_a_step_or_a_minimum(quantity, step, minimum):
    result = units.orderable(quantity, step, minimum)

    assert result % step == 0
    assert result == 0 or minimum <= result <= quantity
    assert quantity - result < max(step, minimum + step)
