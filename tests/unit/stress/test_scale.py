"""Ticks, lots and minor units against prices, amounts and currency."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.stress.scale import TICKS_MAX, Scale, scale_of

SYMBOLS = ("BTC", "DOGE")
SCALE = scale_of(SYMBOLS, np.array([50_000.0, 0.07]))


def test_first_price_is_some_ten_thousand_ticks():
    assert SCALE.tick("BTC") == 1.0
    assert SCALE.tick("DOGE") == pytest.approx(1e-6)
    assert SCALE.in_ticks("DOGE", np.array([0.07])).tolist() == [70_000]


@given(st.floats(1e-6, 1e9))
def test_any_first_price_has_five_digits(price: float):
    scale = scale_of(("A",), np.array([price]))

    assert 9_999 <= price / scale.tick("A") <= 100_001


@given(st.floats(1e-3, 1e5), st.floats(1e-3, 1e6))
def test_one_tick_of_one_lot_is_one_minor_unit(price: float, amount: float):
    scale = scale_of(("A",), np.array([price]))
    lots = scale.lots("A", amount)

    assert lots <= amount * scale.tick("A") / scale.minor
    assert scale.amount("A", lots) <= amount * (1 + 1e-12)
    assert scale.amount("A", lots) * scale.price("A", 12_345) == pytest.approx(scale.money(lots * 12_345))


def test_price_is_rounded_to_the_nearest_tick_and_never_below_one():
    scale = Scale((("A", 0.5),), 1e-4)

    assert scale.in_ticks("A", np.array([1.2, 1.3, 0.0, 1e300])).tolist() == [2, 3, 1, TICKS_MAX]
