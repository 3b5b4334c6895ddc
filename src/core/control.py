"""What people set, and strategies change, while orders rest.

Positions stay in any case, and so do hedges and exits, unless people halt all trading.
"""

from core import rate, risk
from core.admission import limits_now, may_change
from core.halts import cooldowns_changed, watched
from core.leaving import aligned, rests, withdrawn
from core.liquidity import put
from core.messages import (
    Command,
    EntryChangeRequested,
    ExitRequested,
    LiquidityReported,
    OrderDoubted,
    ReportAnomaly,
    SettingsChanged,
)
from core.risk import is_leveraged_beyond, standing_refusal
from core.settings import Settings, instrument, problems
from core.state import State, Step, summary
from core.stepping import step_one
from core.trade import Trade
from core.trade import step as step_trade
from core.values import replace


def settings_changed(state: State, event: SettingsChanged) -> Step:
    """New limits hold from the next decision on; where what is open is beyond one, entries that rest go.

    Codes, breakers, instruments and which strategies there are stay what they were, and a bad set is refused
    whole. Correlations take the place of those reported since where they were changed.
    """
    changed, before = event.settings, state.settings
    if problems(changed) or _fixed(changed) != _fixed(before):
        return state, (ReportAnomaly("INVALID_SETTINGS", event),)
    state = replace(state, settings=changed)
    if changed.correlations != before.correlations:
        state = replace(state, correlations=changed.correlations)
    state, commands = rate.changed(state, before)
    state, commands = watched(state, commands + cooldowns_changed(before, state))
    if changed.trading != "active" or (rests(state) and standing_refusal(summary(state), limits_now(state))):
        state, commands = withdrawn(state, commands)
    return aligned(state, commands)


def _fixed(settings: Settings) -> tuple[object, ...]:
    """What stays as it was at the start."""
    breakers = tuple([(rule.name, rule.kind) for rule in settings.breakers])
    strategies = tuple([each.name for each in settings.strategies])
    return settings.instruments, settings.reset_anchors, breakers, strategies


def entry_change_requested(state: State, event: EntryChangeRequested) -> Step:
    """Moves an entry that rests to another limit price, where its trade can and the gate allows it."""
    for index, trade in enumerate(state.trades):
        if trade.signal == event.signal:
            changed, _ = step_trade(trade, event, True)
            if changed is trade:
                break
            if not may_change(state, trade, changed, event):
                return state, (ReportAnomaly("CHANGE_REFUSED", event),)
            return step_one(state, index, event)
    return state, (ReportAnomaly("UNKNOWN_SIGNAL", event),)


def exit_requested(state: State, event: ExitRequested) -> Step:
    """Tells the trade to leave. One that holds nothing, or leaves already, has nothing to do."""
    for index, trade in enumerate(state.trades):
        if trade.signal == event.signal:
            return step_one(state, index, event)
    return state, (ReportAnomaly("UNKNOWN_SIGNAL", event),)


def order_doubted(state: State, event: OrderDoubted) -> Step:
    """Tells the trade of an order to ask about it."""
    for index, trade in enumerate(state.trades):
        if trade.signal == event.order.signal:
            return step_one(state, index, event)
    return state, (ReportAnomaly("UNKNOWN_ORDER", event),)


def within_leverage(state: State, commands: tuple[Command, ...]) -> Step:
    """After equity or prices changed: entries that rest go while all that is open is beyond the leverage."""
    if rests(state) and is_leveraged_beyond(summary(state), limits_now(state)):
        return withdrawn(state, commands)
    return state, commands


def liquidity_reported(state: State, event: LiquidityReported) -> Step:
    """What the book of a symbol shows now; what the report leaves out is not known any more. Entries that
    rest go where a book does not bear their trade any longer."""
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    shown = (event.bid_depth, event.ask_depth, event.spread, event.volume, event.volatility)
    if any(each is not None and each < 0 for each in shown):
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    state = replace(state, liquidity=put(state.liquidity, event))
    return withdrawn(state, (), lambda trade: _is_too_large(state, trade))


def _is_too_large(state: State, trade: Trade) -> bool:
    """Whether the books do not bear the orders of a trade."""
    asked = risk.intent(trade, risk.NOTHING, state.prices, state.settings, state.liquidity)
    return risk.liquidity_refusal(limits_now(state), asked.footprint) is not None
