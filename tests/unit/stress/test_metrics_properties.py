"""What holds for the metrics of any course."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck.stress.metrics import measure
from hedgecheck.stress.models import EmergencyStop, Injected, Issue
from tests.unit.stress.courses import course, order, trade

LARGEST = 1e300
money = st.floats(-1e9, 1e9)
some = st.floats(1e-6, 1e6)


def bars_of(number, bars):
    return st.lists(number, min_size=bars, max_size=bars)


@st.composite
def arrays(draw, equities):
    """The arrays of a course with that equity, with flows or none, and a benchmark or none."""
    equity = draw(equities)
    bars = len(equity) - 1
    each = {name: draw(bars_of(st.floats(0, 1e6), bars)) for name in ("gross", "heat", "held")}
    flows = draw(st.just([0.0] * bars) | bars_of(st.floats(-1e3, 1e3), bars))
    benchmark = draw(st.none() | bars_of(st.floats(-1, 1), bars))
    per_year = draw(st.floats(1, 525_600))
    return course(equity, **each, flows=flows, benchmark=benchmark, bars_per_year=per_year)


exits = st.none() | st.integers(9, 99)
trades = st.lists(st.builds(trade, money, st.integers(0, 9), exits, st.floats(-1e9, 0), some), max_size=8)
orders = st.lists(
    st.builds(
        lambda part, **said: order(filled=part * said["requested"], **said),
        part=st.sampled_from([0.0, 0.5, 1.0]),
        symbol=st.sampled_from("AB"),
        status=st.sampled_from(["filled", "canceled", "rejected", "unknown"]),
        requested=some,
        price=st.none() | some,
        reference_price=some,
        slippage=money,
        fee=money,
        latency_ns=st.none() | st.integers(0, 10**12),
    ),
    max_size=8,
)
stops = st.lists(
    st.builds(
        EmergencyStop,
        st.integers(0, 9),
        st.sampled_from(["breaker", "governor", "market"]),
        st.sampled_from("ab"),
        st.just(""),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(0, 30),
    ),
    max_size=5,
)
kinds = st.sampled_from(["nan", "spike", "flash_crash"])
symbols, places = st.sampled_from("AB"), st.integers(0, 9)
injected = st.lists(st.builds(Injected, kinds, symbols, places, st.integers(1, 3)), max_size=5)
issues = st.lists(st.builds(Issue, kinds, symbols, places), max_size=8)


def equities(low, high):
    """The equity of a run of up to thirty bars; often the same number again."""
    number = st.floats(low, high)
    return st.lists(number | st.sampled_from([1.0, 2.0]), min_size=1, max_size=31)


@st.composite
def courses(draw, equity):
    """A course of anything at all."""
    made = draw(arrays(equity))
    return replace(
        made,
        trades=tuple(draw(trades)),
        executions=tuple(draw(orders)),
        stops=tuple(draw(stops)),
        injected=tuple(draw(injected)),
        issues=tuple(draw(issues)),
    )


def finite(value):
    return value is None or (
        all(map(math.isfinite, value.values())) if isinstance(value, Mapping) else math.isfinite(value)
    )


@pytest.mark.covers("SE-09")
@given(courses(equities(1e-300, LARGEST)))
def test_no_metric_of_a_positive_equity_is_infinite_or_not_a_number(made):
    assert {name: value for name, value in measure(made).items() if not finite(value)} == {}


@given(courses(equities(-1e6, 1e6)))
def test_no_metric_of_an_equity_that_may_be_lost_is_infinite_or_not_a_number(made):
    assert {name: value for name, value in measure(made).items() if not finite(value)} == {}


@given(courses(equities(1.0, 1e6)))
def test_metrics_are_of_one_account(made):
    found = measure(made)

    assert found["winning_trades"] + found["losing_trades"] <= found["total_trades"] <= len(made.trades)
    if found["total_trades"]:
        assert found["win_rate"] == found["winning_trades"] / found["total_trades"]
    assert found["max_consecutive_wins"] <= found["winning_trades"]
    assert found["max_consecutive_losses"] <= found["losing_trades"]
    assert (
        found["reject_count"] <= found["execution_failures"] <= found["order_count"] == len(made.executions)
    )
    assert sum(found["breaker_trips"].values()) <= found["emergency_stops"] == len(made.stops)
    assert 0 <= found["time_tripped"] <= len(made.flows)
    for name in ("win_rate", "fill_rate", "partial_fill_rate", "exposure_time", "data_quality_recall"):
        assert found[name] is None or 0 <= found[name] <= 1


@given(arrays(equities(1.0, 1e6)))
def test_metrics_of_one_sample_are_in_order(made):
    found = measure(made)
    if found["value_at_risk_95"] is None:
        return

    tail = [found["worst_period"], found["conditional_value_at_risk"], found["value_at_risk_95"]]
    tolerance = 1e-9 * (1 + abs(found["worst_period"]))
    assert tail[0] - tolerance <= tail[1] <= tail[2] + tolerance
    assert found["worst_period"] <= found["value_at_risk_99"] <= found["value_at_risk_95"]
    assert found["ulcer_index"] <= found["max_drawdown"] + 1e-12
    assert found["avg_drawdown"] is None or found["avg_drawdown"] <= found["max_drawdown"] + 1e-12
    assert found["max_drawdown_duration"] <= len(made.flows)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.integers(-20, 20))
def test_profit_is_what_was_realized_and_what_was_not(profits, still_open):
    equity = np.cumsum([10_000, *profits, still_open])
    closed = tuple(trade(each, exit_bar=bar) for bar, each in enumerate(profits, 1))

    found = measure(
        course(equity, trades=closed, realized_pnl=float(sum(profits)), unrealized_pnl=float(still_open))
    )

    assert found["total_pnl"] == found["realized_pnl"] + found["unrealized_pnl"]
    assert found["expectancy"] * found["total_trades"] == pytest.approx(found["realized_pnl"], abs=1e-9)
    assert found["total_pnl"] == pytest.approx(found["total_return"] * 10_000, abs=1e-6)


@given(arrays(equities(1.0, 1e6)), st.integers(-3, 3))
def test_metrics_that_are_no_money_do_not_depend_on_the_currency(made, power):
    rate = 2.0**power  # exact, so that no last bit differs
    amounts = {name: getattr(made, name) * rate for name in ("equity", "gross", "heat", "flows")}

    ours, theirs = measure(made), measure(replace(made, **amounts))

    for name in ("total_pnl", "max_gross_exposure"):
        assert theirs.pop(name) == (None if ours[name] is None else ours[name] * rate)
        del ours[name]
    assert theirs == ours


moved = st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(0.5, 2)), min_size=2, max_size=30)


@given(moved)
def test_flows_change_no_return_and_no_drawdown(moves):
    plain = np.cumprod([1_000.0, *(1 + each for each, _ in moves)])
    equity, flows = [1_000.0], []
    for move, factor in moves:
        settled = equity[-1] * (1 + move)
        equity.append(settled * factor)
        flows.append(equity[-1] - settled)

    ours, theirs = measure(course(plain)), measure(course(equity, flows=flows))

    for name in ("total_return", "max_drawdown", "ulcer_index", "worst_period", "value_at_risk_95"):
        assert theirs[name] == pytest.approx(ours[name], abs=1e-9)
