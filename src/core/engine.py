"""The only place that combines the parts: routes events to trades, asks the gate, keeps the books.

``step`` is total: every event in every state has an answer, and no input makes it raise.
"""

from collections.abc import Callable
from typing import Any

from core import breakers, positions, risk
from core.breakers import Breaker
from core.messages import (
    Anomaly,
    BreakerKind,
    BreakerResetRequested,
    BreakerTripRequested,
    CancelRejected,
    CodeTimerId,
    Command,
    EntriesHalted,
    Event,
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    PriceMoved,
    PriceUnusable,
    RaiseAlert,
    Refusal,
    RefuseSignal,
    ReplaceRejected,
    ReportAnomaly,
    RequestOutcomeUnknown,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SignalId,
    SignalReceived,
    StartTimer,
    StopTimer,
    TimerFired,
    TradeEvent,
)
from core.orders import is_live
from core.positions import Book, Prices, price_of
from core.risk import Intent, Summary
from core.settings import Instrument, Settings, instrument, problems
from core.trade import Leg, Trade, is_resolved, wants
from core.trade import step as step_trade
from core.units import Lots, Money, Side, Ticks, sign
from core.values import frozen, replace


@frozen
class State:
    """Everything the engine knows. All tuples are sorted by their first field.

    ``high_water``: per strategy, the largest sequence ever answered. ``baseline``: equity when the session
    day began. ``recovering``: a restart left orders whose fate is not known yet.
    """

    settings: Settings
    book: Book
    baseline: Money
    breakers: tuple[Breaker, ...]
    prices: Prices = ()
    high_water: tuple[tuple[str, int], ...] = ()
    trades: tuple[Trade, ...] = ()
    day: int = 0
    recovering: bool = False


Step = tuple[State, tuple[Command, ...]]

RUNNING = ("entry", "hedge", "flatten")  # phases of a trade that keep its pair and sides to themselves


def initial(settings: Settings, cash: Money) -> State:
    """An engine that has seen nothing, with ``cash`` minor units. The settings have no ``problems``."""
    return State(
        settings,
        Book(cash),
        cash,
        breakers.initial(settings),
        tuple((each.symbol, None) for each in settings.instruments),
    )


def step(state: State, event: Event) -> Step:
    """The state after ``event``, and what is to be done, in order."""
    return HANDLERS[type(event)](state, event)


# ---- signals -------------------------------------------------------------------------------------


def _signal(state: State, event: SignalReceived) -> Step:
    if event.signal.sequence <= _high_water(state, event.signal.strategy):
        return state, (RefuseSignal(event.signal, "DUPLICATE_SIGNAL"),)
    state = replace(state, high_water=_raised(state.high_water, event.signal))
    proposed = _propose(state, event)
    if not isinstance(proposed, Trade):
        return state, (RefuseSignal(event.signal, proposed),)
    reason = _ask(state, proposed, "open")
    if reason is not None:
        return state, (RefuseSignal(event.signal, reason),)
    trade, commands = step_trade(proposed, event, True)
    return replace(state, trades=_sorted((*state.trades, trade))), commands


def _propose(state: State, event: SignalReceived) -> Trade | Refusal:
    """The trade a signal asks for, or why there can be none."""
    if event.symbol_a == event.symbol_b:
        return "INVALID_SIGNAL"
    key = (event.symbol_a, event.symbol_b, event.side_a, event.side_b)
    if any(trade.phase in RUNNING and _key(trade) == key for trade in state.trades):
        return "KEY_BUSY"
    leg_a = _leg(
        state, event.symbol_a, event.side_a, event.quantity_a, event.limit_price_a, event.stop_price_a
    )
    leg_b = _leg(state, event.symbol_b, event.side_b, event.quantity_b, None, event.stop_price_b)
    if not isinstance(leg_a, Leg):
        return leg_a
    if not isinstance(leg_b, Leg):
        return leg_b
    return Trade(event.signal, leg_a, leg_b, state.settings.protocol)


def _leg(
    state: State, symbol: str, side: Side, quantity: Lots, limit: Ticks | None, stop: Ticks | None
) -> Leg | Refusal:
    traded = instrument(state.settings, symbol)
    if traded is None or quantity <= 0 or any(price is not None and price <= 0 for price in (limit, stop)):
        return "INVALID_SIGNAL"
    if quantity % traded.quantity_step or any(price and price % traded.price_step for price in (limit, stop)):
        return "OFF_STEP"
    price = price_of(state.prices, symbol)
    if price is None:
        return "PRICE_UNUSABLE"
    judged = limit or price
    if stop is not None and sign(side) * (judged - stop) < 0:
        return "INVALID_SIGNAL"  # it is passed already, and would count as no risk
    minimum = _minimum(traded, judged)
    if quantity < minimum:
        return "BELOW_MINIMUM"
    return Leg(symbol, side, quantity, judged, limit, stop, traded.quantity_step, minimum)


def _minimum(traded: Instrument, price: Ticks) -> Lots:
    """The smallest order the venue takes at this price, by quantity and by notional."""
    by_notional = -(-traded.minimum_notional // (price * traded.tick_lot_value))
    return Lots(max(traded.minimum_quantity, by_notional))


def _key(trade: Trade) -> tuple[str, str, Side, Side]:
    return (trade.leg_a.symbol, trade.leg_b.symbol, trade.leg_a.side, trade.leg_b.side)


def _high_water(state: State, strategy: str) -> int:
    return dict(state.high_water).get(strategy, -1)


def _raised(high_water: tuple[tuple[str, int], ...], signal: SignalId) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({**dict(high_water), signal.strategy: signal.sequence}.items()))


# ---- the gate ------------------------------------------------------------------------------------


def _ask(state: State, trade: Trade, question: str) -> Refusal | None:
    """The gate's answer for one trade: None is yes."""
    if any(price_of(state.prices, leg.symbol) is None for leg in (trade.leg_a, trade.leg_b)):
        return "PRICE_UNUSABLE"  # nothing is opened, nor sent again, on a price nobody can trade by
    adds = risk.NOTHING
    if question == "open":
        adds = risk.contribute(trade, state.prices, state.settings)
    largest = max(trade.leg_a.planned, trade.leg_b.planned)
    intent = Intent(trade.signal, adds, largest)
    return risk.decide(summary(state), state.settings.limits, (intent,))[0].reason


def summary(state: State) -> Summary:
    """What the gate may know of the state."""
    total = risk.NOTHING
    for trade in state.trades:
        total = risk.add(total, risk.contribute(trade, state.prices, state.settings))
    return Summary(equity(state), breakers.is_halted(state.breakers), total, state.recovering)


def equity(state: State) -> Money | None:
    """Cash and marked positions; None while a held position has no usable price."""
    return positions.equity(state.book, state.prices, state.settings)


# ---- orders and timers ---------------------------------------------------------------------------


def _order_event(state: State, event: OrderEvent) -> Step:
    return _to_trade(state, event.order.signal, event, "UNKNOWN_ORDER")


def _timer_fired(state: State, event: TimerFired) -> Step:
    if isinstance(event.timer, CodeTimerId):
        return _code_expired(state, event, event.timer)
    return _to_trade(state, event.timer.signal, event, "UNKNOWN_TIMER")


def _to_trade(state: State, signal: SignalId, event: OrderEvent | TimerFired, missing: Anomaly) -> Step:
    for index, trade in enumerate(state.trades):
        if trade.signal == signal:
            after, commands = _step_one(state, index, event)
            return (after, commands) if after.book is state.book else _watched(after, commands)
    return state, (ReportAnomaly(missing, event),)


def _step_one(state: State, index: int, event: TradeEvent) -> Step:
    """Steps one trade and books what its fills changed."""
    before = state.trades[index]
    question = wants(before, event)
    allowed = question is None or _ask(state, before, question) is None
    after, commands = step_trade(before, event, allowed)
    if after is before:
        return state, commands
    stays = () if after.phase == "closed" else (after,)
    trades = (*state.trades[:index], *stays, *state.trades[index + 1 :])
    recovering = state.recovering and not all(is_resolved(trade) for trade in trades)
    return replace(state, trades=trades, book=_booked(state, before, after), recovering=recovering), commands


def _booked(state: State, before: Trade, after: Trade) -> Book:
    """The books after what changed in one trade's fills."""
    book, known = state.book, before.orders
    for index, order in enumerate(after.orders):  # orders keep their place, new ones come last
        earlier = known[index] if index < len(known) else None
        if order is not earlier and order.fills:
            book = positions.book_order(book, earlier, order, state.settings)
    return book


def _restarted(state: State, event: Restarted) -> Step:
    """Asks about all that may be out, and tells people again what they may not have been told."""
    commands: tuple[Command, ...] = ()
    state = replace(state, recovering=True)
    for index in range(len(state.trades)):
        state, more = _step_one(state, index, event)
        commands += more
    for breaker in state.breakers:
        if breaker.phase == "tripped":
            commands += _code_asked_for(state, breaker)
    return replace(state, recovering=not all(is_resolved(trade) for trade in state.trades)), commands


# ---- prices, sessions, breakers, settings --------------------------------------------------------


def _price_moved(state: State, event: PriceMoved) -> Step:
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    if event.price <= 0:
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    return _watched(_priced(state, event.symbol, event.price), ())


def _price_unusable(state: State, event: PriceUnusable) -> Step:
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    return _watched(_priced(state, event.symbol, None), ())


def _priced(state: State, symbol: str, price: Ticks | None) -> State:
    prices = tuple([(each[0], price) if each[0] == symbol else each for each in state.prices])
    return replace(state, prices=prices)


def _watched(state: State, commands: tuple[Command, ...]) -> Step:
    """Trips the daily-loss breaker where the books now say so."""
    if breakers.get(state.breakers, "daily_loss").phase == "tripped":
        return state, commands
    if not breakers.loses_too_much(state.baseline, equity(state), state.settings.limits.daily_loss_bps):
        return state, commands
    state, more = _trip(state, "daily_loss")
    return state, commands + more


def _trip(state: State, kind: BreakerKind) -> Step:
    """Trips a breaker and cancels resting entries. Positions stay; hedge and flatten orders go on."""
    state, commands = _ask_for_code(state, kind)
    for index, trade in enumerate(state.trades):
        if any(order.id.slot == "entry" and is_live(order) for order in trade.orders):
            state, more = _step_one(state, index, EntriesHalted())
            commands += more
    return state, commands


def _ask_for_code(state: State, kind: BreakerKind) -> Step:
    tripped = breakers.trip(breakers.get(state.breakers, kind))
    return replace(state, breakers=breakers.put(state.breakers, tripped)), _code_asked_for(state, tripped)


def _code_asked_for(state: State, breaker: Breaker) -> tuple[Command, ...]:
    """Tells people which code is asked for, and for how long it is good."""
    alert = RaiseAlert("BREAKER_TRIPPED", (breaker.kind, breaker.link))
    if breaker.expired:
        return (alert,)
    timer = CodeTimerId(breaker.kind, breaker.link)
    return alert, StartTimer(timer, state.settings.protocol.code_lifetime)


def _code_expired(state: State, event: TimerFired, timer: CodeTimerId) -> Step:
    if timer.breaker not in breakers.KINDS:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    breaker = breakers.get(state.breakers, timer.breaker)
    if breaker.phase != "tripped" or breaker.expired or breaker.link != timer.link:
        return state, (ReportAnomaly("UNKNOWN_TIMER", event),)
    return replace(state, breakers=breakers.put(state.breakers, breakers.expire(breaker))), ()


def _trip_requested(state: State, _event: BreakerTripRequested) -> Step:
    if breakers.get(state.breakers, "manual").phase == "tripped":
        return state, ()
    return _trip(state, "manual")


def _reset_requested(state: State, event: BreakerResetRequested) -> Step:
    if event.breaker not in breakers.KINDS:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    breaker = breakers.get(state.breakers, event.breaker)
    if breaker.phase != "tripped":
        return state, (ReportAnomaly("BREAKER_NOT_TRIPPED", event),)
    if breaker.expired:
        state, commands = _ask_for_code(state, event.breaker)
        return state, (ReportAnomaly("CODE_EXPIRED", event), *commands)
    armed = breakers.reset(breaker, event.code)
    if armed is None:
        return state, (ReportAnomaly("WRONG_CODE", event),)
    stop = StopTimer(CodeTimerId(event.breaker, breaker.link))
    return _watched(replace(state, breakers=breakers.put(state.breakers, armed)), (stop,))


def _session_changed(state: State, event: SessionChanged) -> Step:
    """A new day measures its loss from its own opening equity. A tripped breaker stays tripped."""
    if event.day <= state.day:
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    opening = equity(state)
    return replace(state, day=event.day, baseline=state.baseline if opening is None else opening), ()


def _settings_changed(state: State, event: SettingsChanged) -> Step:
    """New limits hold from the next decision on. Codes and traded instruments cannot be changed away."""
    changed = event.settings
    if problems(changed) or (changed.instruments, changed.reset_anchors) != (
        state.settings.instruments,
        state.settings.reset_anchors,
    ):
        return state, (ReportAnomaly("INVALID_SETTINGS", event),)
    return _watched(replace(state, settings=changed), ())


def _sorted(trades: tuple[Trade, ...]) -> tuple[Trade, ...]:
    return tuple(sorted(trades, key=lambda trade: (trade.signal.strategy, trade.signal.sequence)))


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
    PriceMoved: _price_moved,
    PriceUnusable: _price_unusable,
    TimerFired: _timer_fired,
    SessionChanged: _session_changed,
    SettingsChanged: _settings_changed,
    Restarted: _restarted,
    BreakerTripRequested: _trip_requested,
    BreakerResetRequested: _reset_requested,
}
