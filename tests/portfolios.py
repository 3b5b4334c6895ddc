"""The kit's position scenarios and risk limits in the core's words: an engine that has come to be in them.

The core trades pairs. Each holding and each resting order is one leg of a pair whose other leg is one lot of
a symbol that costs one tick, sold by those who buy and bought by those who sell.
"""

from core import engine
from core.messages import (
    Fill,
    OrderFilled,
    OrderId,
    PriceMoved,
    RefuseSignal,
    SettingsChanged,
    SignalId,
    SignalReceived,
    TimerFired,
    TimerId,
)
from core.settings import MANUAL, BreakerRule, Correlation, Instrument, Limits, Settings
from core.values import replace
from hedgecheck.portfolios import PositionScenario, RiskLimits, risk_limits

BOUGHT, SOLD = "ZZ_BOUGHT", "ZZ_SOLD"  # what stands against a sale, and against a purchase
COUNTERS = ((BOUGHT, 1), (SOLD, 1))


def core_limits(limits: RiskLimits) -> Limits:
    """The limits that the core's gate keeps."""
    return Limits(
        position_bps=limits.position_bps,
        gross_bps=limits.gross_bps,
        heat_bps=limits.heat_bps,
        trades_in_flight=limits.trades_in_flight,
        strategy_bps=limits.strategy_bps,
        net_bps=limits.net_bps,
        leverage_bps=limits.leverage_bps,
        cluster_bps=limits.cluster_bps,
        cluster_correlation=limits.cluster_correlation_bps,
    )


def breaker_rules(limits: RiskLimits) -> tuple[BreakerRule, ...]:
    """The breakers that trip by them."""
    losses = BreakerRule("daily_loss", "daily_loss", limits.daily_loss_bps)
    return losses, BreakerRule("drawdown", "drawdown", limits.drawdown_bps), MANUAL


def core_settings(scenario: PositionScenario, limits: RiskLimits) -> Settings:
    """The scenario's symbols with these limits, and no breaker but a person's."""
    symbols = sorted([*(symbol for symbol, _ in scenario.prices), BOUGHT, SOLD])
    given = {(a, b): value for a, b, value in scenario.correlations}
    correlations = [
        Correlation(a, b, given.get((a, b), 0)) for at, a in enumerate(symbols) for b in symbols[at + 1 :]
    ]
    instruments = tuple(Instrument(symbol) for symbol in symbols)
    return Settings(instruments, core_limits(limits), breakers=(MANUAL,), correlations=tuple(correlations))


def engine_in(scenario: PositionScenario, limits: RiskLimits) -> engine.State:
    """An engine that holds what the scenario holds, and waits for what rests."""
    settings = core_settings(scenario, risk_limits("unbound"))
    prices = dict(scenario.prices)
    gained = sum(each.lots * (prices[each.symbol] - each.entry_ticks) for each in scenario.holdings)
    funding = 10 * abs(scenario.equity) + 10**9  # while it comes to be, so that nothing is refused
    state = engine.initial(settings, funding)
    for symbol, ticks in (*scenario.prices, *COUNTERS):
        state, _ = engine.step(state, PriceMoved(symbol, ticks))
    for number, each in enumerate(scenario.holdings):
        side = "buy" if each.lots > 0 else "sell"
        state = taken(state, SignalId(each.strategy, number), each.symbol, side, abs(each.lots))
        state = filled(state, SignalId(each.strategy, number), abs(each.lots), each.entry_ticks)
    for number, each in enumerate(scenario.working, len(scenario.holdings)):
        state = taken(state, SignalId(each.strategy, number), each.symbol, each.side, each.lots)
    book = replace(state.book, cash=state.book.cash - funding + scenario.equity - gained)
    changed = replace(settings, limits=core_limits(limits), trading="halted" if scenario.halted else "active")
    state, _ = engine.step(replace(state, book=book), SettingsChanged(changed))
    return state


def taken(state: engine.State, name: SignalId, symbol: str, side: str, lots: int) -> engine.State:
    """With an order for one leg on its way; the engine must have let it in."""
    state, commands = engine.step(state, asked(state, name, symbol, side, lots))
    assert not any(isinstance(each, RefuseSignal) for each in commands), commands
    return state


def asked(state: engine.State, name: SignalId, symbol: str, side: str, lots: int) -> SignalReceived:
    """A signal for one leg, with a stop a tick away where there is room for one: little of it is at risk."""
    counter, away = ((SOLD, "sell"), -1) if side == "buy" else ((BOUGHT, "buy"), 1)
    price = dict(state.prices)[symbol]
    assert price is not None
    stop = price + away if price > 1 else None
    return SignalReceived(name, symbol, side, lots, *counter, 1, stop_price_a=stop)


def filled(state: engine.State, name: SignalId, lots: int, ticks: int) -> engine.State:
    """With both legs filled, and the trade at its end."""
    for slot, amount, price in (("entry", lots, ticks), ("hedge", 1, 1)):
        state, _ = engine.step(state, OrderFilled(OrderId(name, slot, 1), Fill(f"{slot}-1", amount, price)))
    state, _ = engine.step(state, TimerFired(TimerId(name, "linger")))
    return state


def lets_in(state: engine.State, symbol: str, side: str, lots: int) -> bool:
    """Whether it takes one more order of a strategy that has none."""
    _, commands = engine.step(state, asked(state, SignalId("probe", 1), symbol, side, lots))
    return not any(isinstance(each, RefuseSignal) for each in commands)
