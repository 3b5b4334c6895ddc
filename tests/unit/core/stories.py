"""Stories for Hypothesis: what may happen to an engine, told about what its state then holds.

Events are drawn about live orders, running timers and breakers, with values a venue may or may not mean.
"""

from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from core import orders
from core.messages import (
    Adjustment,
    BreakerResetRequested,
    BreakerTripRequested,
    CancelRejected,
    CodeTimerId,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderDoubted,
    OrderExpired,
    OrderFilled,
    OrderId,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    ReplaceRejected,
    RequestOutcomeUnknown,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SignalId,
    SignalReceived,
    TimerFired,
    TimerId,
    TradingHalted,
    TradingResumed,
)
from core.orders import Order
from core.sessions import SessionPhase
from core.settings import Instrument, Limits, Protocol, Settings
from tests.unit.core.build import (
    ANCHORS,
    CODES,
    ENTRY,
    LINGER,
    OTHER_CODES,
    WIDE,
    absent,
    after,
    asked_again,
    both_filled,
    confirmed_expired,
    fill,
    filled,
    ready,
    signal,
    timed_out,
)

HUGE = 10**30
PHASES = get_args(SessionPhase)
STRANGER = OrderId(SignalId("stranger", 1), "entry", 1)
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
WILD_FILLS = FILLS | st.builds(fill, NUMBERS.filter(bool), NUMBERS, TRADE_IDS, NUMBERS, NUMBERS)
BUSTS = st.builds(fill, st.just(0), NUMBERS, TRADE_IDS, NUMBERS, NUMBERS)
PAIRS = st.permutations(["AAA", "BBB", "CCC"])


# ---- what may happen -------------------------------------------------------------------------------

# A number in the place of an order or a timer stands for one the state holds, and None for the quantity
# that an honest venue would tell, see ``meant``.
HELD = st.integers(0, 5)

NEXT_SIGNALS = st.builds(
    lambda strategy, pair, side_a, side_b, quantity: signal(
        None,
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
        st.builds(FillCorrected, ids, WILD_FILLS | BUSTS),
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
    st.builds(SessionChanged, st.integers(0, 30), st.sampled_from([*PHASES, "lunch"])),
    st.builds(TradingHalted, st.lists(SYMBOLS, max_size=2).map(tuple)),
    st.builds(TradingResumed, st.lists(SYMBOLS, max_size=2).map(tuple)),
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
REASONS = st.sampled_from(get_args(Adjustment))
RECONCILED = st.one_of(
    st.builds(OrderDoubted, HELD | STRANGERS),
    st.builds(PositionAdjusted, SYMBOLS, st.integers(-100, 100), st.integers(95, 105), REASONS),
    st.builds(
        PositionAdjusted,
        SYMBOLS,
        st.sampled_from([-1_000, -1, 1, 1_000, 2_000]),
        st.just(100),
        REASONS,
        signal=st.builds(SignalId, STRATEGIES, st.integers(1, 2)),
    ),
    st.builds(PositionAdjusted, SYMBOLS, NUMBERS, NUMBERS, REASONS, NUMBERS, NUMBERS),
)
TIMERS = st.one_of(
    st.builds(TimerId, SIGNALS, st.sampled_from(["leg_timeout", "query", "linger"]), st.none() | STRANGERS),
    st.builds(CodeTimerId, st.sampled_from(["daily_loss", "manual"]), NUMBERS),
)
ABOUT_HELD = reports(HELD)
HONEST = st.one_of(
    st.builds(OrderFilled, HELD, st.just(None)),
    st.builds(OrderFilled, HELD, st.just(None)),
    st.builds(OrderExpired, HELD, st.just(None)),
    st.builds(OrderRejected, HELD, st.just("")),
)
EVENTS = st.one_of(
    ABOUT_HELD,
    ABOUT_HELD,
    ABOUT_HELD,
    HONEST,
    HONEST,
    NEXT_SIGNALS,
    st.builds(TimerFired, HELD),
    st.builds(TimerFired, TIMERS),
    reports(STRANGERS),
    RECONCILED,
    WILD_SIGNALS,
    MARKET,
    OFFICE,
    st.just(Restarted()),
)
# Where a story begins: the phase of the one trade there is.
BEGINNINGS = {
    "none": (),
    "entry": (signal(),),
    "entry, unknown": (signal(), RequestOutcomeUnknown(ENTRY, "submit")),
    "entry, timed out": (signal(), filled(ENTRY, 600), timed_out(ENTRY)),
    "entry, sent anew": (signal(), *absent(ENTRY)),
    "entry, halted": (signal(), BreakerTripRequested()),
    "hedge": (signal(), filled(ENTRY, 1_000)),
    "flatten": (signal(), filled(ENTRY, 400), *confirmed_expired(ENTRY, 400)),
    "ended": (signal(), *both_filled()),
    "held": (signal(), *both_filled(), LINGER),
    "entry, over but not confirmed": (signal(), filled(ENTRY, 400), OrderExpired(ENTRY, 400)),
    "entry, restarted": (signal(), filled(ENTRY, 400), Restarted()),
    "hedge, restarted": (signal(), filled(ENTRY, 1_000), Restarted()),
    "ended, restarted": (signal(), *both_filled(), Restarted()),
    "hedge, market halted": (signal(), filled(ENTRY, 1_000), TradingHalted()),
    "hedge, closed": (signal(), filled(ENTRY, 1_000), SessionChanged(0, "closed")),
    "parked": (signal(), RequestOutcomeUnknown(ENTRY, "submit"), *(asked_again(ENTRY),) * 3),
}
STORIES = st.builds(
    lambda beginning, rest: (*beginning, *rest),
    st.sampled_from(list(BEGINNINGS.values())),
    st.lists(EVENTS, max_size=12),
)


# ---- what is meant in a state ----------------------------------------------------------------------


def sent(state):
    """Every order the state knows, the live ones first."""
    known = [order for each in state.trades for order in each.orders]
    return sorted(known, key=lambda order: not orders.is_live(order))


def is_ticking(breaker):
    """Whether the code it asks for is still good."""
    return breaker.phase == "tripped" and not breaker.expired


def running(state):
    """Every timer that runs."""
    timers = [TimerId(order.id.signal, "query", order.id) for order in sent(state) if order.query_armed]
    timers += [
        TimerId(order.id.signal, "leg_timeout", order.id) for order in sent(state) if order.timeout_armed
    ]
    timers += [TimerId(each.signal, "linger") for each in state.trades if each.lingers]
    return timers + [CodeTimerId(each.name, each.link) for each in state.breakers if is_ticking(each)]


def meant(state, event):
    """The event, about the order or timer of the state that its number stands for."""
    if isinstance(getattr(event, "order", None), int):
        known = sent(state) or [Order(STRANGER, "AAA", "buy", 10)]
        return honest(known[event.order % len(known)], event)
    if isinstance(event, TimerFired) and isinstance(event.timer, int):
        timers = running(state) or [TimerId(STRANGER.signal, "linger")]
        return TimerFired(timers[event.timer % len(timers)])
    if isinstance(event, SignalReceived) and event.signal.sequence is None:
        strategy = event.signal.strategy
        return replace(event, signal=SignalId(strategy, dict(state.high_water).get(strategy, 0) + 1))
    return event


def honest(order, event):
    """The event, about that order, with the quantity that fits it where none is told."""
    event = replace(event, order=order.id)
    if isinstance(event, OrderFilled) and event.fill is None:
        name = f"{order.id.slot}-{order.id.attempt}-{len(order.fills)}"
        return replace(event, fill=fill(orders.leaves(order) or 1, 100, name))
    if isinstance(event, OrderExpired) and event.cumulative is None:
        return replace(event, cumulative=order.filled)
    return event


def reached(story):
    """The state a story leads to."""
    state = ready(CHOSEN)
    for event in story:
        state = after(state, meant(state, event))
    return state
