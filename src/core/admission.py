"""From a signal to a trade: is it new, does it make sense here, does the gate allow it?

Also whether an entry that rests may be moved to another price. Knows nothing of what becomes of the trade.
"""

from core import breakers, portfolio, risk, sizing
from core.messages import EntryChangeRequested, Refusal, RefuseSignal, SignalId, SignalReceived
from core.plan import NO_LEG
from core.positions import price_of
from core.risk import Contribution
from core.settings import Limits, instrument
from core.sizing import minimum_order
from core.state import State, Step, summary
from core.trade import Leg, Trade, legs
from core.trade import step as step_trade
from core.units import Lots, Side, Ticks, sign
from core.values import replace

RUNNING = ("entry", "hedge", "flatten")  # phases of a trade that keep its pair and sides to themselves


def signal(state: State, event: SignalReceived) -> Step:
    """A trade for the signal, and its entry order, or why there is none."""
    plan = planned(state, event)
    if not isinstance(plan, Trade):
        return refused(state, event, plan)
    trade, commands = step_trade(plan, event, True)
    high_water = _raised(state.high_water, event.signal)
    return replace(state, trades=_sorted((*state.trades, trade)), high_water=high_water), commands


def refused(state: State, event: SignalReceived, reason: Refusal) -> Step:
    """The signal is answered, for good."""
    commands = (RefuseSignal(event.signal, reason),)
    if reason == "DUPLICATE_SIGNAL":
        return state, commands
    return replace(state, high_water=_raised(state.high_water, event.signal)), commands


def planned(state: State, event: SignalReceived) -> Trade | Refusal:
    """The trade that the signal would open now, or why it would open none."""
    if event.signal.sequence <= _high_water(state, event.signal.strategy):
        return "DUPLICATE_SIGNAL"
    plan = _propose(state, event)
    if not isinstance(plan, Trade):
        return plan
    return ask(state, plan, "open") or plan


def _propose(state: State, event: SignalReceived) -> Trade | Refusal:
    """The trade a signal asks for, or why there can be none."""
    if not portfolio.may_trade(state.settings, event.signal.strategy):
        return "UNKNOWN_STRATEGY"
    if not event.quantity_b:  # there is no leg B, whatever else is said of it
        event = replace(event, symbol_b=NO_LEG.symbol, side_b=NO_LEG.side)
    if event.symbol_a == event.symbol_b:
        return "INVALID_SIGNAL"
    key = (event.symbol_a, event.symbol_b, event.side_a, event.side_b)
    if any(trade.phase in RUNNING and _key(trade) == key for trade in state.trades):
        return "KEY_BUSY"
    leg_a = _leg(
        state, event.symbol_a, event.side_a, event.quantity_a, event.limit_price_a, event.stop_price_a
    )
    if not isinstance(leg_a, Leg):
        return leg_a
    if not event.quantity_b:
        return Trade(event.signal, leg_a, NO_LEG, state.settings.protocol)
    leg_b = _leg(state, event.symbol_b, event.side_b, event.quantity_b, None, event.stop_price_b)
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
    minimum = minimum_order(traded, judged)
    if quantity < minimum:
        return "BELOW_MINIMUM"
    return Leg(symbol, side, quantity, judged, limit, stop, traded.quantity_step, minimum)


def _key(trade: Trade) -> tuple[str, str, Side, Side]:
    return (trade.leg_a.symbol, trade.leg_b.symbol, trade.leg_a.side, trade.leg_b.side)


def _high_water(state: State, strategy: str) -> int:
    return dict(state.high_water).get(strategy, -1)


def _raised(high_water: tuple[tuple[str, int], ...], signal: SignalId) -> tuple[tuple[str, int], ...]:
    return tuple(sorted({**dict(high_water), signal.strategy: signal.sequence}.items()))


def ask(state: State, trade: Trade, question: str) -> Refusal | None:
    """The gate's answer for one trade: None is yes."""
    if question == "open":
        return _gate(state, trade, risk.contribute(trade, state.prices, state.settings))
    return _gate(state, trade, risk.NOTHING)


def may_change(state: State, trade: Trade, changed: Trade, event: EntryChangeRequested) -> bool:
    """Whether a trade may be ``changed`` as the event asks: what that adds to it is put to the gate."""
    leg = trade.leg_a
    asked = _leg(state, leg.symbol, leg.side, leg.planned, event.limit_price, leg.stop_price)
    if not isinstance(asked, Leg):
        return False
    was, would_be = (risk.contribute(each, state.prices, state.settings) for each in (trade, changed))
    return _gate(state, changed, risk.less(would_be, was)) is None


def _gate(state: State, trade: Trade, adds: Contribution) -> Refusal | None:
    if any(price_of(state.prices, leg.symbol) is None for leg in legs(trade)):
        return "PRICE_UNUSABLE"  # nothing is opened, nor sent again, on a price nobody can trade by
    intent = risk.intent(trade, adds, state.prices, state.settings, state.liquidity)
    return risk.decide(summary(state), limits_now(state), (intent,))[0].reason


def largest_allowed(state: State, event: SignalReceived) -> Lots:
    """The most lots of leg A, up to what the signal asks for, with which it would be let in now."""
    plan = _propose(state, event)
    if not isinstance(plan, Trade):
        return Lots(0)
    return sizing.largest_allowed(
        summary(state), limits_now(state), plan, state.prices, state.settings, state.liquidity
    )


def limits_now(state: State) -> Limits:
    """The limits that hold now: a part of them while a breaker is on probation."""
    return risk.scaled(state.settings.limits, breakers.share(state.breakers))


def _sorted(trades: tuple[Trade, ...]) -> tuple[Trade, ...]:
    return tuple(sorted(trades, key=lambda trade: (trade.signal.strategy, trade.signal.sequence)))
