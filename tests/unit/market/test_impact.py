"""Market impact against the numbers that its sources print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError
from hedgecheck.marketdata import almgren_impact, square_root_impact

# Almgren et al. (2005), table 3: a tenth of a day's volume, in millions of shares, bps; T in days.
IBM = (6.561, 0.0157, 1_728)
DRI = (1.929, 0.0226, 168)
PRINTED = [
    (IBM, 0.1, 20, 22, 32),
    (IBM, 0.2, 20, 15, 25),
    (IBM, 0.5, 20, 8, 18),
    (DRI, 0.1, 22, 32, 43),
    (DRI, 0.2, 22, 21, 32),
    (DRI, 0.5, 22, 12, 23),
]


@pytest.mark.parametrize(("stock", "days", "permanent", "temporary", "cost"), PRINTED)
def test_almgren_gives_the_printed_example(stock, days, permanent, temporary, cost):
    volume, volatility, shares = stock

    found = almgren_impact(volume / 10, volume, volatility, shares, days)

    assert [round(each * 1e4) for each in (found.permanent, found.temporary)] == [permanent, temporary]
    assert found.cost * 1e4 == pytest.approx(cost, abs=0.6)


def test_square_root_law_quadruple_the_order_and_the_impact_doubles():
    assert square_root_impact(0.01, 1.0, 0.02) == pytest.approx(0.002)
    assert square_root_impact(0.04, 1.0, 0.02) == pytest.approx(0.004)
    assert square_root_impact(0.04, 1.0, 0.02, coefficient=0.5) == pytest.approx(0.002)


amounts = st.floats(1e-3, 1e6)


@given(amounts, amounts)
def test_sales_move_the_price_down_as_far_as_purchases_move_it_up_and_more_moves_it_further(one, more):
    bought, sold = (square_root_impact(sign * one, 1e6, 0.02) for sign in (1, -1))
    lifted, pressed = (almgren_impact(sign * one, 1e6, 0.02, 1e8) for sign in (1, -1))
    larger = almgren_impact(one + more, 1e6, 0.02, 1e8)

    assert bought == -sold > 0
    assert (lifted.permanent, lifted.temporary) == (-pressed.permanent, -pressed.temporary)
    assert 0 < lifted.permanent < larger.permanent
    assert 0 < lifted.temporary < larger.temporary
    assert square_root_impact(one + more, 1e6, 0.02) > bought


def test_no_order_has_no_impact():
    assert square_root_impact(0, 1.0, 0.02) == 0
    assert almgren_impact(0, 1.0, 0.02, 10.0).cost == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: square_root_impact(1, 0, 0.02), "volume is 0"),
        (lambda: square_root_impact(1, 1, -0.02), "volatility is -0.02"),
        (lambda: square_root_impact(float("nan"), 1, 0.02), "amount is nan"),
        (lambda: almgren_impact(1, 1, 0.02, 10, days=0), "days is 0"),
        (lambda: almgren_impact(1, 1, 0.02, 0), "shares_outstanding is 0"),
        (lambda: almgren_impact("1", 1, 0.02, 10), "amount is '1'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_cause(call, said):
    with pytest.raises(UsageError) as error:
        call()

    assert said in str(error.value)
