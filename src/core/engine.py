"""The only place that combines the parts: routes events to trades, asks the gate, keeps the books.

``step`` is total: every event in every state has an answer, and no input makes it raise.
"""

from collections.abc import Callable
from typing import Any

from core import portfolio_rebalancing, rate
from core.admission import refused, signal
from core.control import (
    entry_change_requested,
    exit_requested,
    liquidity_reported,
    order_doubted,
    settings_changed,
    within_leverage,
)
from core.halts import (
    breaker_timer_fired,
    code_expired,
    followed,
    reset_requested,
    size_judged,
    told_again,
    trip_requested,
    watched,
)
from core.health import Health, health
from core.market import (
    cash_moved,
    correlation_reported,
    high_water_mark_rebased,
    metric_reported,
    position_adjusted,
    price_moved,
    price_unusable,
    session_changed,
    trading_halted,
    trading_resumed,
)
from core.messages import (
    Anomaly,
    BreakerResetRequested,
    BreakerTimerId,
    BreakerTripRequested,
    CancelRejected,
    CashMoved,
    CodeTimerId,
    Command,
    CorrelationReported,
    EntryChangeRequested,
    Event,
    ExitRequested,
    FillCorrected,
    HighWaterMarkRebased,
    LiquidityReported,
    MetricReported,
    OrderAccepted,
    OrderCanceled,
    OrderDoubted,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    RebalanceRequested,
    ReplaceRejected,
    ReportAnomaly,
    RequestOutcomeUnknown,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SignalId,
    SignalReceived,
    SignalsReceived,
    TimerFired,
    TimerId,
    TradingHalted,
    TradingResumed,
)
from core.portfolio_netting import netted
from core.state import State, Step, equity, initial, summary
from core.stepping import step_one
from core.trade import is_resolved
from core.values import replace

__all__ = ["Health", "State", "Step", "equity", "health", "initial", "step", "summary"]


def step(state: State, event: Event) -> Step:
    """The state after ``event``, and what is to be done, in order."""
    after, commands = HANDLERS[type(event)](state, event)
    if after.book is not state.book or after.prices is not state.prices:
        after, commands = within_leverage(after, commands)
    if after.owed:
        after, commands = portfolio_rebalancing.settled(after, commands)
    if after.settings.limits.message_rate is None or isinstance(event, SignalsReceived):
        return after, commands
    return rate.spent(after, commands)


def _signal(state: State, event: SignalReceived) -> Step:
    after, commands = signal(state, event)
    return (after, commands) if after.gauges.refusals is None else size_judged(after, commands)


def _signals(state: State, event: SignalsReceived) -> Step:
    """Signals of one moment, in their order, each for what netting leaves of it. Each is a step of its own:
    what it sends the next one cannot."""
    commands: tuple[Command, ...] = ()
    for asked, left in zip(event.signals, netted(state, event.signals), strict=True):
        if left is None:
            state, more = refused(state, asked, "NETTED")
        else:
            state, more = step(state, left)
        commands += more
    return state, commands


def _order_event(state: State, event: OrderEvent) -> Step:
    return _to_trade(state, event.order.signal, event, "UNKNOWN_ORDER")


def _timer_fired(state: State, event: TimerFired) -> Step:
    timer = event.timer
    if isinstance(timer, TimerId):
        return _to_trade(state, timer.signal, event, "UNKNOWN_TIMER")
    if isinstance(timer, CodeTimerId):
        return code_expired(state, event, timer)
    if isinstance(timer, BreakerTimerId):
        return breaker_timer_fired(state, event, timer)
    return rate.refilled(state, event)


def _to_trade(state: State, signal: SignalId, event: OrderEvent | TimerFired, missing: Anomaly) -> Step:
    for index, trade in enumerate(state.trades):
        if trade.signal == signal:
            after, commands = step_one(state, index, event)
            if after is state:
                return after, commands
            followed_up = followed(state, after, signal, event)
            if followed_up is after and after.book is state.book:
                return after, commands
            return watched(followed_up, commands)
    return state, (ReportAnomaly(missing, event),)


def _restarted(state: State, event: Restarted) -> Step:
    """Asks about all that may be out, and tells people again what they may not have been told."""
    commands: tuple[Command, ...] = ()
    for index in range(len(state.trades)):
        state, more = step_one(state, index, event)
        commands += more
    commands += told_again(state) + rate.timer_again(state) + portfolio_rebalancing.told_again(state)
    return replace(state, recovering=not all(is_resolved(trade) for trade in state.trades)), commands


HANDLERS: dict[type[Any], Callable[[State, Any], Step]] = {
    SignalReceived: _signal,
    OrderAccepted: _order_event,
    OrderRejected: _order_event,
    OrderFilled: _order_event,
    FillCorrected: _order_event,
    OrderCanceled: _order_event,
    OrderExpired: _order_event,
    OrderReplaced: _order_event,
    CancelRejected: _order_event,
    ReplaceRejected: _order_event,
    OrderStatusReported: _order_event,
    RequestOutcomeUnknown: _order_event,
    PriceMoved: price_moved,
    PriceUnusable: price_unusable,
    TimerFired: _timer_fired,
    SessionChanged: session_changed,
    TradingHalted: trading_halted,
    TradingResumed: trading_resumed,
    SettingsChanged: settings_changed,
    EntryChangeRequested: entry_change_requested,
    ExitRequested: exit_requested,
    Restarted: _restarted,
    BreakerTripRequested: trip_requested,
    BreakerResetRequested: reset_requested,
    CashMoved: cash_moved,
    PositionAdjusted: position_adjusted,
    OrderDoubted: order_doubted,
    CorrelationReported: correlation_reported,
    HighWaterMarkRebased: high_water_mark_rebased,
    MetricReported: metric_reported,
    LiquidityReported: liquidity_reported,
    SignalsReceived: _signals,
    RebalanceRequested: portfolio_rebalancing.rebalance_requested,
}
