"""Any event in any reachable state has an answer: no event makes ``engine.step`` raise.

States are reached by drawing events about what the state holds: its live orders, its running timers, its
breakers, and values a venue may or may not mean. A walk checks the books after every step.
"""

from dataclasses import replace

import pytest
from hypothesis import find, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import engine, orders, trade
from core.messages import (
    BreakerResetRequested,
    BreakerTripRequested,
    CancelRejected,
    CodeTimerId,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderId,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    PriceMoved,
    PriceUnusable,
    RefuseSignal,
    ReplaceRejected,
    ReportAnomaly,
    RequestOutcomeUnknown,
    SessionChanged,
    SettingsChanged,
    SignalId,
    SignalReceived,
    SubmitOrder,
    TimerFired,
    TimerId,
)
from core.settings import Instrument, Limits, Protocol, Settings
from core.units import sign
from tests.unit.core.build import ANCHORS, CASH, CODES, OTHER_CODES, WIDE, after, fill, of_kind, ready, signal

HUGE = 10**30
GRIDS = (Instrument("AAA"), Instrument("BBB", quantity_step=10, minimum_quantity=20), Instrument("CCC"))
FEW = Protocol(query_attempts=3, flatten_attempts=2)
CHOSEN = Settings(GRIDS, WIDE, FEW, ANCHORS)
NUMBERS = st.one_of(st.integers(-2, 30), st.sampled_from([-HUGE, -1, 0, 1, 50, 99, 100, 101, HUGE]))
SIDES = st.sampled_from(["buy", "sell"])
SYMBOLS = st.sampled_from(["AAA", "BBB", "CCC", "ZZZ"])
STRATEGIES = st.sampled_from(["pairs", "squeeze"])
SIGNALS = st.builds(SignalId, STRATEGIES, st.integers(-1, 12))
SLOTS = st.sampled_from(["entry", "hedge", "flatten_a", "flatten_b"])
STRANGERS = st.builds(OrderId, st.builds(SignalId, st.just("stranger"), NUMBERS), SLOTS, NUMBERS)
TRADE_IDS = st.sampled_from(["t1", "t2", "t3", "t4", "t5"])
FILLS = st.builds(fill, st.integers(1, 120), st.integers(90, 110), TRADE_IDS, st.integers(0, 5), st.just(0))
# A bust carries no fee here: see test_findings.py for one that does.
WILD_FILLS = FILLS | st.builds(fill, NUMBERS.filter(bool), NUMBERS, TRADE_IDS, NUMBERS, NUMBERS)
PAIRS = st.permutations(["AAA", "BBB", "CCC"])


# ---- events about what a state holds ---------------------------------------------------------------


def sent(state):
    """Every order the state knows; the live ones first."""
    known = [order for each in state.trades for order in each.orders]
    return sorted(known, key=lambda order: (not orders.is_live(order), known.index(order)))


def order_ids(state):
    """An order that lives, mostly; else any order of the state; else one never sent."""
    known = sent(state)
    live = [order.id for order in known if orders.is_live(order)]
    choices = [st.sampled_from(live)] * 3 if live else []
    choices += [st.sampled_from([order.id for order in known])] if known else []
    return st.one_of(*choices, STRANGERS)


def timer_ids(state):
    """A timer that runs, mostly."""
    known = sent(state)
    running = [TimerId(order.id.signal, "query", order.id) for order in known if order.query_armed]
    running += [TimerId(order.id.signal, "leg_timeout", order.id) for order in known if order.timeout_armed]
    running += [TimerId(each.signal, "linger") for each in state.trades if each.lingers]
    running += [CodeTimerId(each.kind, each.link) for each in state.breakers if each.phase == "tripped"]
    strange = st.one_of(
        st.builds(
            TimerId, SIGNALS, st.sampled_from(["leg_timeout", "query", "linger"]), st.none() | STRANGERS
        ),
        st.builds(CodeTimerId, st.sampled_from(["daily_loss", "manual"]), NUMBERS),
    )
    return st.one_of(*([st.sampled_from(running)] * 3 if running else []), strange)


def good_signals(state):
    """The next signal of a strategy, on prices and quantities the venue takes."""
    return st.builds(
        lambda strategy, pair, side_a, side_b, quantity: signal(
            dict(state.high_water).get(strategy, 0) + 1,
            strategy,
            symbol_a=pair[0],
            side_a=side_a,
            quantity_a=quantity,
            symbol_b=pair[1],
            side_b=side_b,
            quantity_b=quantity,
        ),
        STRATEGIES,
        PAIRS,
        SIDES,
        SIDES,
        st.sampled_from([20, 100, 1_000]),
    )


WILD_SIGNALS = st.builds(
    SignalReceived,
    SIGNALS,
    SYMBOLS,
    SIDES,
    NUMBERS,
    SYMBOLS,
    SIDES,
    NUMBERS,
    st.none() | NUMBERS,
    st.none() | NUMBERS,
    st.none() | NUMBERS,
)


def reports(ids):
    """Whatever a venue may say of one of these orders."""
    words = st.sampled_from(["", "late"])
    answers = st.sampled_from(["found", "not_found", "not_found", "failed", "empty", "stale"])
    statuses = st.sampled_from(["open", "closed", "canceled", "expired", "rejected"])
    requests = st.sampled_from(["submit", "cancel", "replace", "query"])
    return st.one_of(
        st.builds(OrderFilled, ids, FILLS),
        st.builds(OrderFilled, ids, WILD_FILLS),
        st.builds(OrderAccepted, ids),
        st.builds(OrderRejected, ids, words),
        st.builds(OrderCanceled, ids, NUMBERS),
        st.builds(OrderExpired, ids, NUMBERS),
        st.builds(FillCorrected, ids, WILD_FILLS | st.builds(fill, st.just(0), NUMBERS, TRADE_IDS)),
        st.builds(OrderReplaced, ids, NUMBERS),
        st.builds(CancelRejected, ids, words),
        st.builds(ReplaceRejected, ids, words),
        st.builds(OrderStatusReported, ids, answers, statuses, st.lists(WILD_FILLS, max_size=2).map(tuple)),
        st.builds(RequestOutcomeUnknown, ids, requests),
    )


MARKET = st.one_of(
    st.builds(PriceMoved, st.sampled_from(["AAA", "BBB", "CCC"]), st.integers(95, 105)),
    st.builds(PriceMoved, SYMBOLS, NUMBERS),
    st.builds(PriceUnusable, SYMBOLS),
)
OFFICE = st.one_of(
    st.builds(SessionChanged, NUMBERS),
    st.builds(
        SettingsChanged,
        st.builds(
            Settings,
            st.sampled_from([GRIDS, GRIDS[:2]]),
            st.builds(Limits, heat_bps=NUMBERS, trades_in_flight=NUMBERS, exit_cost_bps=NUMBERS)
            | st.just(WIDE),
            st.builds(Protocol, hedge_bps=NUMBERS, query_attempts=NUMBERS) | st.just(FEW),
            st.just(ANCHORS),
        ),
    ),
    st.just(BreakerTripRequested()),
    st.builds(
        BreakerResetRequested,
        st.sampled_from(["daily_loss", "manual"]),
        st.sampled_from([*CODES, *OTHER_CODES]) | st.text(),
    ),
)


def events(state):
    """Any event; those about what the state holds are drawn more often than the rest."""
    about_orders = reports(order_ids(state))
    choices = [
        about_orders,
        about_orders,
        about_orders,
        good_signals(state),
        st.builds(TimerFired, timer_ids(state)),
    ]
    return st.one_of(*choices, WILD_SIGNALS, MARKET, OFFICE)


@st.composite
def reached(draw, steps=12):
    """A state that some story leads to."""
    state = begun(draw)
    for _ in range(draw(st.integers(0, steps))):
        state = after(state, draw(events(state)))
    return state


def begun(draw):
    """An engine with prices, mostly with a trade or two under way."""
    state = ready(CHOSEN)
    for _ in range(draw(st.integers(0, 2))):
        state = after(state, draw(good_signals(state)))
    return state


# ---- totality ------------------------------------------------------------------------------------


@given(data=st.data())
def test_no_event_makes_a_step_raise_and_the_books_stay_right(data):
    state = begun(data.draw)
    ids = set()
    for _ in range(data.draw(st.integers(1, 20))):
        event = data.draw(events(state))

        state, commands = engine.step(state, event)

        assert_books_agree_with_orders(state)
        assert_orders_leave_one_after_another(state, commands, ids)


def assert_books_agree_with_orders(state):
    """Positions are what the trades hold, and profit is what cash and cost say it is."""
    held = dict.fromkeys(("AAA", "BBB", "CCC"), 0)
    for each in state.trades:
        for leg in (each.leg_a, each.leg_b):
            held[leg.symbol] += sign(leg.side) * trade.open_lots(each, leg)
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


@given(data=st.data())
def test_a_step_depends_on_state_and_event_alone(data):
    state = data.draw(reached(steps=6))
    event = data.draw(events(state))

    assert engine.step(state, event) == engine.step(state, event)


@given(data=st.data())
def test_a_report_on_an_order_never_sent_leaves_the_state_equal(data):
    state = data.draw(reached(steps=6))
    event = data.draw(reports(STRANGERS))

    assert engine.step(state, event) == (state, (ReportAnomaly("UNKNOWN_ORDER", event),))


# ---- bad values ----------------------------------------------------------------------------------

BELOW_ONE = st.integers(-3, 0) | st.just(-HUGE)
BAD_FILLS = st.one_of(
    st.builds(fill, BELOW_ONE, st.just(100), TRADE_IDS),
    st.builds(fill, st.just(10), BELOW_ONE, TRADE_IDS),
    st.builds(fill, st.just(10), st.just(100), TRADE_IDS, st.just(0), st.sampled_from([-1, 11, HUGE])),
)


def bad_reports(state):
    """Reports on orders of the state, each with a value that cannot be."""
    ids = st.sampled_from([order.id for order in sent(state)])
    beyond = st.sampled_from([-1, -HUGE, HUGE])
    return st.one_of(
        st.builds(OrderFilled, ids, BAD_FILLS),
        st.builds(OrderCanceled, ids, beyond),
        st.builds(OrderExpired, ids, beyond),
        st.builds(OrderReplaced, ids, BELOW_ONE),
        st.builds(FillCorrected, ids, BAD_FILLS.filter(lambda bad: bad.quantity)),
    )


@given(data=st.data())
def test_a_report_with_a_bad_value_is_an_anomaly_and_changes_no_order(data):
    state = data.draw(reached(steps=6).filter(sent))
    event = data.draw(bad_reports(state))

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
@given(data=st.data())
@hypothesis_settings(max_examples=20)
def test_a_signal_with_a_bad_value_is_refused_and_leaves_only_its_id(change, data):
    state = data.draw(reached(steps=4))
    sequence = dict(state.high_water).get("pairs", 0) + 1
    event = signal(sequence, **change)

    told, commands = engine.step(state, event)

    assert commands == (RefuseSignal(event.signal, "INVALID_SIGNAL"),)
    assert replace(told, high_water=state.high_water) == state


@given(data=st.data())
def test_a_bad_price_day_or_limit_is_an_anomaly_and_changes_nothing(data):
    state = data.draw(reached(steps=4))
    wrong = replace(state.settings, limits=replace(WIDE, heat_bps=data.draw(BELOW_ONE)))
    event = data.draw(
        st.one_of(
            st.builds(PriceMoved, st.sampled_from(["AAA", "BBB", "CCC"]), BELOW_ONE),
            st.builds(PriceMoved, st.just("ZZZ"), NUMBERS),
            st.builds(SessionChanged, st.integers(-3, state.day)),
            st.just(SettingsChanged(wrong)),
        )
    )

    told, commands = engine.step(state, event)

    assert told == state
    assert [type(each) for each in commands] == [ReportAnomaly]


# ---- the walks get somewhere ---------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["entry", "hedge", "flatten", "ended", "parked", "held"])
def test_a_drawn_story_reaches_every_phase_of_a_trade(phase):
    def there(state):
        return any(each.phase == phase for each in state.trades)

    looks = hypothesis_settings(max_examples=3_000, derandomize=True, database=None)

    assert there(find(reached(), there, settings=looks))
