"""Sizes: equal risk, dollar neutral, and within the caps whatever comes."""

from math import inf, isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.stress.components.portfolio_balancer import EqualRiskBalancer
from hedgecheck.stress.components.protocols import Policy
from tests.unit.stress.component_bars import CASH, POLICY, account, bar, buy, holding, quote

VIEW = bar(0, quote("A", 100.0), quote("B", 50.0), quote("C", 8.0))
WIDE = Policy(position_bps=100_000, gross_bps=100_000)


def size(signals, policy=POLICY, balancer=None, view=VIEW, **changes):
    orders, refused = (balancer or EqualRiskBalancer(0.005)).size(signals, view, account(**changes), policy)
    return list(orders), [each.reason for each in refused]


@pytest.mark.covers("SE-04")
def test_every_trade_loses_the_same_at_its_stops():
    orders, _ = size([buy("A"), buy("B", target=-1, strategy="t"), buy("A", hedge="C")], WIDE)
    prices = {"A": 100.0, "B": 50.0, "C": 8.0}

    for each in orders:
        loss = each.quantity * abs(prices[each.signal.symbol] - each.stop)
        if each.signal.hedge:
            loss += each.hedge_quantity * abs(prices[each.signal.hedge] - each.hedge_stop)
        assert isclose(loss, 0.005 * CASH)
    assert [each.side for each in orders] == ["buy", "sell", "buy"]


def test_policy_scales_the_risk():
    (half,), _ = size([buy()], Policy(risk=0.5, position_bps=100_000, gross_bps=100_000))
    (full,), _ = size([buy()], WIDE)

    assert isclose(half.quantity * 2, full.quantity)
    assert size([buy()], Policy(risk=0.0)) == ([], ["RISK_OFF"])


def test_stops_are_where_each_leg_loses():
    (long, short), _ = size([buy("A", hedge="B"), buy("C", target=-1)], WIDE)

    assert (long.stop, long.hedge_stop) == (95.0, 52.5)
    assert short.stop == pytest.approx(8.4)
    assert short.hedge_stop is None
    assert short.hedge_quantity == 0


@pytest.mark.covers("SE-04")
def test_two_legs_are_of_the_same_money():
    (order,), _ = size([buy("A", hedge="C")])
    assert isclose(order.quantity * 100.0, order.hedge_quantity * 8.0)


@pytest.mark.covers("SE-04")
def test_positions_are_counted_with_those_that_are_held():
    held = (holding("B", 1.0), holding("C", 0.0, intent="i2"))
    orders, reasons = size([buy("A"), buy("B", strategy="t")], Policy(positions_max=3), holdings=held)

    assert [each.signal.symbol for each in orders] == ["A"]
    assert reasons == ["POSITIONS_MAX"]


@pytest.mark.covers("SE-04")
def test_position_has_no_more_room_than_what_is_held_leaves():
    held = (holding("A", 60.0, strategy="t"),)  # 6,000 of 10,000
    (order,), _ = size([buy()], holdings=held, gross=6_000.0)
    assert isclose(order.quantity * 100.0, 4_000.0)
    hedged = (holding("B", 180.0, hedge="A", strategy="t"),)
    assert size([buy()], holdings=hedged, gross=18_000.0)[1] == []
    assert size([buy()], holdings=(holding("B", 200.0, hedge="A"),), gross=20_000.0) == ([], ["NO_ROOM"])


@pytest.mark.covers("SE-04")
def test_what_is_under_way_takes_room_until_it_is_known():
    balancer, tight = EqualRiskBalancer(0.005), Policy(gross_bps=1_500)
    size([buy("A")], tight, balancer)
    asked = holding("A", 0.0)

    (order,), _ = size([buy("B")], tight, balancer, holdings=(asked,), pending=("i1",))
    assert isclose(order.quantity * 50.0, 5_000.0)
    (after,), _ = size([buy("C")], tight, balancer)
    assert isclose(after.quantity * 8.0, 10_000.0)


def test_two_strategies_of_one_bar_share_the_room_of_a_symbol():
    signals = [buy("A"), buy("A", strategy="t"), buy("B", hedge="A", strategy="u")]
    orders, reasons = size(signals, Policy(position_bps=1_500))

    assert [round(each.quantity * 100) for each in orders] == [10_000, 5_000]
    assert reasons == ["NO_ROOM"]


def test_room_that_is_too_little_is_shared_alike():
    orders, _ = size([buy("A"), buy("B"), buy("C")], Policy(gross_bps=1_500))
    assert [round(each.quantity * price) for each, price in zip(orders, (100, 50, 8), strict=True)] == [
        5_000
    ] * 3


def test_dust_is_not_traded():
    assert size([buy()], Policy(gross_bps=50)) == ([], ["NO_ROOM"])
    assert size([buy()], gross=CASH) == ([], ["NO_ROOM"])


@pytest.mark.parametrize("equity", [0.0, -1.0, nan, inf])
def test_without_equity_there_is_no_size(equity):
    assert size([buy()], equity=equity) == ([], ["NO_EQUITY"])


@pytest.mark.parametrize("price", [0.0, -1.0, nan, inf])
def test_without_a_price_there_is_no_size(price):
    assert size([buy("A", hedge="B")], view=bar(0, quote("A"), quote("B", price))) == ([], ["NO_PRICE"])


PRICES = st.floats(1e-3, 1e6)
SIGNALS = st.lists(
    st.builds(buy, st.sampled_from("ABC"), target=st.sampled_from([1, -1]), hedge=st.sampled_from(["", "D"])),
    max_size=8,
)
POLICIES = st.builds(
    Policy,
    risk=st.floats(0, 5),
    positions_max=st.integers(0, 6),
    position_bps=st.integers(0, 20_000),
    gross_bps=st.integers(0, 30_000),
    stop_bps=st.integers(1, 9_999),
)
HELD = st.lists(
    st.builds(holding, st.sampled_from("ABC"), st.floats(-50, 50), intent=st.text(max_size=2)), max_size=4
)


@pytest.mark.covers("SE-04")
@given(SIGNALS, POLICIES, HELD, st.tuples(PRICES, PRICES, PRICES, PRICES), st.floats(1, 1e9))
def test_caps_hold_for_whatever_is_asked(signals, policy, held, prices, equity):
    by_symbol = dict(zip("ABCD", prices, strict=True))
    used = dict.fromkeys(by_symbol, 0.0)
    for each in held:
        used[each.symbol] += abs(each.quantity) * by_symbol[each.symbol]
    gross = sum(used.values())
    view = bar(0, *(quote(symbol, price) for symbol, price in by_symbol.items()))

    orders, refused = EqualRiskBalancer(0.005).size(
        signals, view, account(equity, gross=gross, holdings=tuple(held)), policy
    )

    assert len(orders) + len(refused) == len(signals)
    for each in orders:
        signal, other = each.signal, each.signal.hedge
        assert each.quantity > 0
        used[signal.symbol] += each.quantity * by_symbol[signal.symbol]
        if other:
            used[other] += each.hedge_quantity * by_symbol[other]
            assert used[other] <= equity * policy.position_bps / 10_000 * (1 + 1e-9)
        assert used[signal.symbol] <= equity * policy.position_bps / 10_000 * (1 + 1e-9)
    if orders:
        assert len(orders) + len(held) <= policy.positions_max
        assert sum(used.values()) <= equity * policy.gross_bps / 10_000 * (1 + 1e-9)
