"""Orders, counted by hand."""

import pytest

from hedgecheck.stress.metrics import measure
from tests.unit.stress.courses import course, order


def of(*orders, **said):
    return measure(course((100, 3_000, 1_000), executions=orders, **said))


ORDERS = (
    order(price=101, slippage=10, spread_cost=3, fee=1, latency_ns=10),
    order(status="canceled", filled=4, price=99, slippage=-4, fee=0.5, latency_ns=20),
    order(status="rejected", filled=0, price=None, latency_ns=40),
    order(status="unknown", filled=0, price=None, latency_ns=None),
    order(status="failed", filled=0, price=None, latency_ns=None),
)


@pytest.mark.covers("SE-09", "SM-02")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("turnover", (10 * 101 + 4 * 99) / 2_000),
        ("total_fees", 1.5),
        ("slippage_cost", 6),
        ("slippage_bps", 6 / 1_400 * 10_000),
        ("order_count", 5),
        ("fill_rate", 14 / 50),
        ("partial_fill_rate", 0.2),
        ("reject_count", 1),
        ("execution_failures", 3),
        ("latency_p50", 20),
        ("latency_p99", 39.6),
        ("latency_max", 40),
    ],
)
def test_five_orders_counted_by_hand(name, expected):
    assert of(*ORDERS)[name] == pytest.approx(expected)


def test_without_an_order_costs_and_counts_are_0_and_rates_undefined():
    found = of()

    zero = ("turnover", "total_fees", "slippage_cost", "order_count", "reject_count", "execution_failures")
    rates = ("slippage_bps", "fill_rate", "partial_fill_rate", "latency_p50", "latency_p99", "latency_max")
    assert [found[name] for name in zero] == [0] * 6
    assert [found[name] for name in rates] == [None] * 6
    assert found["deny_count"] == {}


def test_orders_without_a_fill_have_no_slippage_to_compare():
    assert of(order(status="rejected", filled=0, price=None))["slippage_bps"] is None


def test_fill_rate_of_one_symbol_is_by_quantity_whatever_the_prices():
    assert of(order(), order(filled=0, reference_price=300.0))["fill_rate"] == 0.5


def test_fill_rate_of_several_symbols_is_by_what_they_are_worth():
    cheap = order(symbol="BBB", requested=1_000.0, filled=0, reference_price=0.1)

    assert of(order(), cheap)["fill_rate"] == pytest.approx(1_000 / 1_100)


def test_order_filled_but_for_rounding_is_no_partial_fill():
    assert of(order(requested=0.3, filled=0.1 + 0.2 - 1e-16))["partial_fill_rate"] == 0


def test_denials_are_counted_by_reason():
    found = of(refusals=(("MAX_POSITION", 2), ("DUPLICATE", 1), ("MAX_POSITION", 3)))

    assert list(found["deny_count"].items()) == [("DUPLICATE", 1), ("MAX_POSITION", 5)]


def test_turnover_of_no_mean_equity_is_undefined():
    assert measure(course((100, -10, 5), executions=(order(),)))["turnover"] is None
