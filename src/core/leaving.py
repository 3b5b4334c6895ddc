"""Which orders may leave now, by what people set, the session and halts; and how entries that rest go.

Trades are told, each of what concerns it. Positions stay in any case.
"""

from collections.abc import Callable

from core import sessions
from core.messages import Command, EntriesHalted, TradeEvent, TradePaused, TradeResumed
from core.orders import is_live
from core.sessions import Condition
from core.state import State, Step, halted_symbols
from core.stepping import step_one
from core.trade import Trade


def rests(state: State) -> bool:
    """Whether an entry rests that was not told to go."""
    return any(map(_has_entry, state.trades))


def withdrawn(
    state: State, commands: tuple[Command, ...], goes: Callable[[Trade], bool] = lambda trade: True
) -> Step:
    """Tells entries that rest to go, where their trade ``goes``."""
    resting = [index for index, trade in enumerate(state.trades) if _has_entry(trade) and goes(trade)]
    for index in resting:
        state, commands = _told(state, index, EntriesHalted(), commands)
    return state, commands


def aligned(state: State, commands: tuple[Command, ...]) -> Step:
    """Tells each trade of which that changed what may leave: entries that may not rest go, and a trade is
    paused while nothing but cancels may leave."""
    for index, trade in enumerate(state.trades):
        condition = _condition(state, trade)
        if _has_entry(trade) and not sessions.may_enter(condition):
            state, commands = _told(state, index, EntriesHalted(), commands)
        paused = state.settings.trading == "halted" or not sessions.may_lower_risk(condition)
        if paused != trade.paused:
            told = TradePaused() if paused else TradeResumed()
            state, commands = _told(state, index, told, commands)
    return state, commands


def _condition(state: State, trade: Trade) -> Condition:
    """What the market is to a trade: it waits for both of its symbols."""
    symbols = {trade.leg_a.symbol, trade.leg_b.symbol}
    return state.session if symbols.isdisjoint(halted_symbols(state)) else "halted"


def _has_entry(trade: Trade) -> bool:
    """Whether an entry of it may still be filled that was not told to go."""
    for order in trade.orders:
        if order.id.slot == "entry" and not order.cancel_wanted and is_live(order):
            return True
    return False


def _told(state: State, index: int, event: TradeEvent, commands: tuple[Command, ...]) -> Step:
    state, more = step_one(state, index, event)
    return state, commands + more
