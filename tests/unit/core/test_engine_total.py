"""Any event in any reachable state has an answer: no event makes ``engine.step`` raise.

A walk checks the books after every step; a bad value and a stranger's report change nothing.
"""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import engine, orders, trade
from core.messages import (
    Event,
    FillCorrected,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReplaced,
    PriceMoved,
    RefuseSignal,
    ReportAnomaly,
    SessionChanged,
    SettingsChanged,
    SubmitOrder,
    TradingHalted,
)
from core.units import sign
from tests.unit.core.build import (
    CASH,
    WIDE,
    fill,
    of_kind,
    ready,
    signal,
)
from tests.unit.core.stories import (
    BEGINNINGS,
    CHOSEN,
    EVENTS,
    HELD,
    HUGE,
    NUMBERS,
    PHASES,
    STORIES,
    STRANGERS,
    TRADE_IDS,
    meant,
    reached,
    reports,
    sent,
)

# ---- totality ------------------------------------------------------------------------------------


@given(story=STORIES)
def test_no_event_makes_a_step_raise_and_the_books_stay_right(story):
    state = ready(CHOSEN)
    ids = set()
    for event in story:
        state, commands = engine.step(state, meant(state, event))

        assert_books_agree_with_orders(state)
        assert_orders_leave_one_after_another(state, commands, ids)
        assert_nothing_waits_for_ever(state)


def assert_books_agree_with_orders(state):
    """Positions are what the trades hold and what was taken over; profit is what cash and cost say it is."""
    held = dict.fromkeys(("AAA", "BBB", "CCC"), 0)
    for each in state.trades:
        for leg in (each.leg_a, each.leg_b):
            held[leg.symbol] += sign(leg.side) * trade.open_lots(each, leg)
    for each in state.adopted:
        held[each.symbol] += each.lots
    assert {each.symbol: each.lots for each in state.book.positions if each.lots} == {
        symbol: lots for symbol, lots in held.items() if lots
    }
    profit = sum(each.realised - each.cost for each in state.book.positions)
    assert state.book.cash + state.book.fees == CASH + profit


def assert_orders_leave_one_after_another(state, commands, ids):
    """An order id is sent once, and only when every earlier order of its trade is settled."""
    leaving = [each.order for each in of_kind(commands, SubmitOrder)]
    for each in state.trades:
        if any(order.signal == each.signal for order in leaving):
            assert all(orders.is_settled(order) or order.id in leaving for order in each.orders)
    assert not ids.intersection(leaving)
    assert len(set(leaving)) == len(leaving)
    ids.update(leaving)


def assert_nothing_waits_for_ever(state):
    """A trade that runs has an order to wait for, and such an order has a timer, unless a person was told."""
    for each in state.trades:
        waiting = [order for order in each.orders if not orders.is_settled(order)]
        assert waiting or each.stranded or each.phase not in ("entry", "hedge", "flatten")
        if each.phase != "parked":
            assert all(order.timeout_armed or order.query_armed for order in waiting)


def test_every_kind_of_event_has_an_answer():
    assert set(engine.HANDLERS) == set(get_args(Event))


@given(story=STORIES, event=EVENTS)
def test_a_step_depends_on_state_and_event_alone(story, event):
    state = reached(story)
    event = meant(state, event)

    assert engine.step(state, event) == engine.step(state, event)


@given(story=STORIES, event=reports(STRANGERS))
def test_a_report_on_an_order_never_sent_leaves_the_state_equal(story, event):
    state = reached(story)

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_ORDER", event),))


# ---- bad values ----------------------------------------------------------------------------------

BELOW_ONE = st.integers(-3, 0) | st.just(-HUGE)
BAD_FILLS = st.one_of(
    st.builds(fill, BELOW_ONE, st.just(100), TRADE_IDS),
    st.builds(fill, st.just(10), BELOW_ONE, TRADE_IDS),
    st.builds(fill, st.just(10), st.just(100), TRADE_IDS, st.just(0), st.sampled_from([-1, 11, HUGE])),
)


BEYOND = st.sampled_from([-1, -HUGE, HUGE**2])
BAD_REPORTS = st.one_of(
    st.builds(OrderFilled, HELD, BAD_FILLS),
    st.builds(OrderCanceled, HELD, BEYOND),
    st.builds(OrderExpired, HELD, BEYOND),
    st.builds(OrderReplaced, HELD, BELOW_ONE),
    st.builds(FillCorrected, HELD, BAD_FILLS.filter(lambda bad: bad.quantity)),
)


@given(story=STORIES, event=BAD_REPORTS)
def test_a_report_with_a_bad_value_is_an_anomaly_and_changes_no_order(story, event):
    state = reached(story)
    assume(sent(state))
    event = meant(state, event)

    told, commands = engine.step(state, event)

    assert commands[0] == ReportAnomaly("INVALID_VALUE", event)
    assert told.book == state.book
    assert told.breakers == state.breakers
    if next(each for each in state.trades if each.signal == event.order.signal).phase == "parked":
        # An order past its questions is cancelled whenever the venue speaks of it; all else stays.
        assert [facts(order) for order in sent(told)] == [facts(order) for order in sent(state)]
    else:
        assert told == state
        assert commands[1:] == ()


def facts(order):
    """What is known of an order, without what is being done about it."""
    return (order.id, order.phase, order.quantity, order.filled, order.reported, order.fills, order.not_found)


BAD_CHANGES = {
    "one symbol": {"symbol_b": "AAA"},
    "no symbol": {"symbol_a": "ZZZ"},
    "no quantity": {"quantity_a": 0},
    "negative quantity": {"quantity_b": -HUGE},
    "no limit": {"limit_price_a": 0},
    "negative stop": {"stop_price_b": -1},
}


@pytest.mark.parametrize("change", BAD_CHANGES.values(), ids=BAD_CHANGES)
@given(story=STORIES)
@hypothesis_settings(max_examples=20)
def test_a_signal_with_a_bad_value_is_refused_and_leaves_only_its_id(change, story):
    state = reached(story)
    sequence = dict(state.high_water).get("pairs", 0) + 1
    event = signal(sequence, **change)

    told, commands = engine.step(state, event)

    assert [type(each) for each in commands] == [RefuseSignal]
    assert replace(told, high_water=state.high_water) == state


BAD_OFFICE = st.one_of(
    st.builds(PriceMoved, st.sampled_from(["AAA", "BBB", "CCC"]), BELOW_ONE),
    st.builds(PriceMoved, st.just("ZZZ"), NUMBERS),
    st.builds(SessionChanged, BELOW_ONE.filter(bool), st.sampled_from(PHASES)),
    st.builds(SessionChanged, NUMBERS, st.just("lunch")),
    st.just(TradingHalted(("ZZZ",))),
    st.builds(
        SettingsChanged, BELOW_ONE.map(lambda heat: replace(CHOSEN, limits=replace(WIDE, heat_bps=heat)))
    ),
)


@given(story=STORIES, event=BAD_OFFICE)
def test_a_bad_price_day_or_limit_is_an_anomaly_and_changes_nothing(story, event):
    state = reached(story)

    told, commands = engine.step(state, event)

    assert told == state
    assert [type(each) for each in commands] == [ReportAnomaly]


# ---- the stories get somewhere -------------------------------------------------------------------


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_story_begins_in_every_phase_of_a_trade(name):
    phases = [each.phase for each in reached(BEGINNINGS[name]).trades]

    assert phases == ([] if name == "none" else [name.split(",")[0]])
