"""What trips and resets breakers, and what a trip does to the orders that are out.

A trip refuses entries and cancels those that rest. Positions stay, and hedges, exits and cancels go on. Only
a liquidation buffer that is known to be gone orders all trades to close; one that cannot be measured does no
more than halt entries.
"""

from core import breakers, gauges
from core.breakers import Breaker
from core.levels import BREACH, FINE, MEASURES, WARNING, WARNS_AT
from core.messages import (
    AlertKind,
    BreakerName,
    BreakerResetRequested,
    BreakerTimerId,
    BreakerTripRequested,
    CodeTimerId,
    Command,
    EntriesHalted,
    LiquidationOrdered,
    OrderEvent,
    RaiseAlert,
    RefuseSignal,
    ReportAnomaly,
    SignalId,
    StartTimer,
    StopTimer,
    TimerFired,
)
from core.orders import is_live
from core.settings import BreakerRule, Settings
from core.state import State, Step, equity
from core.stepping import step_one
from core.units import WHOLE_BPS, BasisPoints, Money
from core.values import replace

CRITICAL = "liquidation_buffer"


def watched(state: State, commands: tuple[Command, ...]) -> Step:
    """Moves every breaker to where the books and gauges now say it stands."""
    worth = equity(state)
    if state.gauges.mark is not None and worth is not None and worth > state.gauges.mark:
        state = replace(state, gauges=replace(state.gauges, mark=worth))
    for rule, breaker in zip(state.settings.breakers, state.breakers, strict=True):
        measure = MEASURES.get(rule.kind)
        if measure is None or (breaker.phase == "tripped" and not _may_liquidate(rule, breaker)):
            continue
        level = measure(rule, state, worth)
        if level == FINE and breaker.phase != "warning":
            continue
        if level == BREACH:
            state, more = _breached(state, rule, breaker, worth)
            commands += more
        else:
            state, more = _warned(state, breaker, level)
            commands += more
    return state, commands


def _may_liquidate(rule: BreakerRule, breaker: Breaker) -> bool:
    return rule.kind == CRITICAL and not breaker.liquidates


def _breached(state: State, rule: BreakerRule, breaker: Breaker, worth: Money | None) -> Step:
    commands: tuple[Command, ...] = ()
    if breaker.phase != "tripped":
        state, breaker, commands = _trip(state, rule, breaker)
    if worth is None or not _may_liquidate(rule, breaker):
        return state, commands
    state = _put(state, replace(breaker, liquidates=True))
    for signal in [trade.signal for trade in state.trades]:  # one that holds nothing may leave at once
        index = [trade.signal for trade in state.trades].index(signal)
        state, more = step_one(state, index, LiquidationOrdered())
        commands += more
    return state, commands


def _trip(state: State, rule: BreakerRule, before: Breaker) -> tuple[State, Breaker, tuple[Command, ...]]:
    """Trips a breaker: ends its probation, tells people, and cancels resting entries."""
    breaker = breakers.trip(before)
    commands = _told_of_trip(state.settings, rule, breaker)
    if before.phase == "probation":
        commands = (StopTimer(BreakerTimerId(before.name, "probation", before.trips)), *commands)
    state = _put(state, breaker)
    for index, trade in enumerate(state.trades):
        if any(order.id.slot == "entry" and is_live(order) for order in trade.orders):
            state, more = step_one(state, index, EntriesHalted())
            commands += more
    return state, breaker, commands


def _warned(state: State, breaker: Breaker, level: int) -> Step:
    if level == WARNING and breaker.phase == "armed":
        return _put(state, replace(breaker, phase="warning")), _told("BREAKER_WARNING", breaker, WARNS_AT)
    if level == FINE and breaker.phase == "warning":
        return _put(state, replace(breaker, phase="armed")), ()
    return state, ()


def _put(state: State, breaker: Breaker) -> State:
    return replace(state, breakers=breakers.put(state.breakers, breaker))


def _at(state: State, name: BreakerName) -> tuple[BreakerRule, Breaker] | None:
    """The breaker of that name with its rule, or None."""
    for rule, breaker in zip(state.settings.breakers, state.breakers, strict=True):
        if breaker.name == name:
            return rule, breaker
    return None


# ---- what people are told, and the timers that run -------------------------------------------------


def _told(kind: AlertKind, breaker: Breaker, share: BasisPoints) -> tuple[Command, ...]:
    return (RaiseAlert(kind, (breaker.name, share)),)


def _told_of_trip(settings: Settings, rule: BreakerRule, breaker: Breaker) -> tuple[Command, ...]:
    """A tripped breaker asks for a code, and cools down where it may reset itself."""
    asks = _told_of_code(settings, breaker)
    return (*asks, _cools(rule, breaker)) if rule.resets_itself else asks


def _told_of_code(settings: Settings, breaker: Breaker) -> tuple[Command, ...]:
    """Which code is asked for, and for how long it is good."""
    alert = RaiseAlert("BREAKER_TRIPPED", (breaker.name, breaker.link))
    if breaker.expired:
        return (alert,)
    return alert, StartTimer(CodeTimerId(breaker.name, breaker.link), settings.protocol.code_lifetime)


def _cools(rule: BreakerRule, breaker: Breaker) -> StartTimer:
    timer = BreakerTimerId(breaker.name, "cooldown", breaker.trips)
    return StartTimer(timer, breakers.cooldown(breaker, rule))


def _told_of_probation(rule: BreakerRule, breaker: Breaker) -> tuple[Command, ...]:
    timer = BreakerTimerId(breaker.name, "probation", breaker.trips)
    share = breakers.share_of(breaker)
    return (*_told("BREAKER_PROBATION", breaker, share), StartTimer(timer, rule.probation))


def told_again(state: State) -> tuple[Command, ...]:
    """After a restart: what people may not have been told, and the timers that died with the process."""
    commands: tuple[Command, ...] = ()
    for rule, breaker in zip(state.settings.breakers, state.breakers, strict=True):
        if breaker.phase == "tripped":
            commands += _told_of_trip(state.settings, rule, breaker)
        elif breaker.phase == "probation":
            commands += _told_of_probation(rule, breaker)
        elif breaker.phase == "warning":
            commands += _told("BREAKER_WARNING", breaker, WARNS_AT)
    return commands


def cooldowns_changed(before: Settings, state: State) -> tuple[Command, ...]:
    """After a change of settings: a tripped breaker begins to cool down, or does so no more."""
    commands: tuple[Command, ...] = ()
    for old, new, breaker in zip(before.breakers, state.settings.breakers, state.breakers, strict=True):
        if breaker.phase == "tripped" and old.resets_itself != new.resets_itself:
            start = _cools(new, breaker)
            commands += (start,) if new.resets_itself else (StopTimer(start.timer),)
    return commands


# ---- what else is counted ----------------------------------------------------------------------------


def followed(before: State, after: State, signal: SignalId, event: OrderEvent | TimerFired) -> State:
    """The state after a trade was stepped, with what that means for losses in a row and for errors."""
    read = after.gauges
    if read.rounds is not None:
        read = gauges.traded(read, signal, Money(after.book.cash - before.book.cash), after.trades)
    if read.outcomes is not None:
        read = gauges.answered(read, event, gauges.window_of(after.settings, "error_rate"))
    return after if read is after.gauges else replace(after, gauges=read)


def size_judged(state: State, commands: tuple[Command, ...]) -> Step:
    """After a signal was answered: so many in a row that ask for too much are a fault of the strategy."""
    reason = next((each.reason for each in commands if isinstance(each, RefuseSignal)), None)
    return watched(replace(state, gauges=gauges.signalled(state.gauges, reason)), commands)


# ---- people and timers -------------------------------------------------------------------------------


def trip_requested(state: State, event: BreakerTripRequested) -> Step:
    """A person halts trading."""
    found = _at(state, "manual")
    if found is None:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    rule, breaker = found
    if breaker.phase == "tripped":
        return state, ()
    state, _, commands = _trip(state, rule, breaker)
    return state, commands


def reset_requested(state: State, event: BreakerResetRequested) -> Step:
    """A person resets one breaker; nothing but the code of its present trip does."""
    found = _at(state, event.breaker)
    if found is None:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    rule, breaker = found
    if breaker.phase != "tripped":
        return state, (ReportAnomaly("BREAKER_NOT_TRIPPED", event),)
    if breaker.expired:
        asking = breakers.asked_anew(breaker)
        asks = _told_of_code(state.settings, asking)
        return _put(state, asking), (ReportAnomaly("CODE_EXPIRED", event), *asks)
    unlocked = breakers.unlocked(breaker, event.code)
    if unlocked is None:
        return state, (ReportAnomaly("WRONG_CODE", event),)
    commands: tuple[Command, ...] = (StopTimer(CodeTimerId(breaker.name, breaker.link)),)
    if rule.resets_itself:
        commands += (StopTimer(_cools(rule, breaker).timer),)
    fresh = replace(state, gauges=gauges.restarted(state.gauges, rule.kind))
    return _returned(fresh, rule, unlocked, commands)


def _returned(state: State, rule: BreakerRule, breaker: Breaker, commands: tuple[Command, ...]) -> Step:
    """Puts a breaker back that was reset; where its cause lasts, it trips again at once."""
    back = breakers.returned(breaker, rule)
    if back.phase == "probation":
        commands += _told_of_probation(rule, back)
    return watched(_put(state, back), commands)


def code_expired(state: State, event: TimerFired, timer: CodeTimerId) -> Step:
    """The code that is asked for is good no more."""
    breaker = breakers.find(state.breakers, timer.breaker)
    if breaker is None:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    if breaker.phase != "tripped" or breaker.expired or breaker.link != timer.link:
        return state, (ReportAnomaly("UNKNOWN_TIMER", event),)
    return _put(state, breakers.expire(breaker)), ()


def breaker_timer_fired(state: State, event: TimerFired, timer: BreakerTimerId) -> Step:
    """A cooldown is over, or a step of a probation."""
    found = _at(state, timer.breaker)
    if found is None:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    rule, breaker = found
    if timer.trip == breaker.trips:
        if timer.purpose == "cooldown" and breaker.phase == "tripped" and rule.resets_itself:
            return _cooled_down(state, rule, breaker)
        if timer.purpose == "probation" and breaker.phase == "probation":
            return _probation_went_well(state, rule, breaker)
    return state, (ReportAnomaly("UNKNOWN_TIMER", event),)


def _cooled_down(state: State, rule: BreakerRule, breaker: Breaker) -> Step:
    """Resets itself where the cause is gone. What is past is gone by now: its count starts from zero."""
    fresh = replace(state, gauges=gauges.forgotten(state.gauges, rule.kind))
    if MEASURES[rule.kind](rule, fresh, equity(fresh)) == BREACH:
        return state, (_cools(rule, breaker),)
    commands: tuple[Command, ...] = ()
    if not breaker.expired:
        commands = (StopTimer(CodeTimerId(breaker.name, breaker.link)),)
    if not rule.probation:
        commands += _told("BREAKER_ARMED", breaker, WHOLE_BPS)
    return _returned(fresh, rule, breaker, commands)


def _probation_went_well(state: State, rule: BreakerRule, breaker: Breaker) -> Step:
    eased = breakers.eased(breaker, rule)
    if eased.phase == "probation":
        return _put(state, eased), _told_of_probation(rule, eased)
    return watched(_put(state, eased), _told("BREAKER_ARMED", eased, WHOLE_BPS))
