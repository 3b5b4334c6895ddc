"""The bundled core as an engine of the kit's world: one vocabulary mapped onto the other, and nothing else.

Client order ids are functions of the order's id: strategy and sequence, then a for entry, b for hedge, x
and y for the flattening of leg A and B, s and t for their stops, then the attempt: ``p1a1``. A strategy's
name holds no digit.
"""

import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Literal

from core import breakers, engine, orders
from core import messages as core
from core.plan import has_two_legs, open_lots
from core.settings import (
    DAILY_LOSS,
    MANUAL,
    SECOND,
    BreakerRule,
    Correlation,
    Instrument,
    Limits,
    MessageRate,
    Protocol,
    Settings,
    Strategy,
)
from core.trade import Trade
from core.units import BasisPoints, Lots, Money, Nanoseconds, Ticks, sign
from core.values import replace
from hedgecheck import messages as kit
from hedgecheck.dividing import CoreParts
from hedgecheck.invariants import Belief, BelievedOrder, Bounds
from hedgecheck.world import Scope

LETTERS: dict[core.Slot, str] = {
    "entry": "a",
    "hedge": "b",
    "flatten_a": "x",
    "flatten_b": "y",
    "stop_a": "s",
    "stop_b": "t",
}
SLOTS = {letter: slot for slot, letter in LETTERS.items()}
PURPOSES: dict[core.Purpose, str] = {
    "leg_timeout": "timeout",
    "query": "query",
    "linger": "linger",
    "grace": "grace",
}
RATE = "rate"
RATE_INTERVAL = Nanoseconds(SECOND)
SIGNAL, ORDER = re.compile(r"(\D+)(\d+)"), re.compile(r"(\D+\d+)([abxyst])(\d+)")
INTENT = re.compile(r"([^\d#/:]+\d+)(?:[abxyst]\d+)?(?:/|$)")  # of an order's name, or a timer's
BREAKER_PURPOSES: dict[str, Literal["cooldown", "probation"]] = {
    "cooldown": "cooldown",
    "probation": "probation",
}
PURPOSE_OF = {name: purpose for purpose, name in PURPOSES.items()}
REQUESTS: dict[str, Any] = {"create": "submit", "cancel": "cancel", "fetch": "query", "replace": "replace"}


class BundledCore:
    """The core of this package, judged like any other engine."""

    name = "bundled core"
    stores_first = True
    understands = (kit.Exit, kit.Rebalance, kit.Batch, kit.CashFlow, kit.BookShown)

    def initial(self, scope: Scope) -> engine.State:
        """The core with the scope's limits and the scope's cash."""
        return engine.initial(settings_of(scope), Money(scope.cash))

    def step(
        self, state: engine.State, event: kit.EngineEvent
    ) -> tuple[engine.State, tuple[kit.EngineCommand, ...]]:
        """One step of the core."""
        state, commands = engine.step(state, EVENTS[type(event)](event))
        return state, tuple([COMMANDS[type(command)](command) for command in commands]) if commands else ()

    def phases(self, state: engine.State) -> tuple[tuple[str, str], ...]:
        """Where each trade is in its life."""
        return tuple([(signal_name(trade.signal), trade.phase) for trade in state.trades])

    def essence(self, state: engine.State) -> Hashable:
        """The state less what is the same throughout a scope: settings, and the plans of trades."""
        trades = [_essence(each) for each in state.trades]
        kept = (state.book, state.gauges, state.breakers, state.prices, state.high_water)
        calendar = (state.day, state.session, state.halts, state.market_halted)
        owned = (state.accounts, state.owed)
        told = (state.tokens, state.correlations, state.liquidity)
        return kept, owned, tuple(trades), calendar, state.recovering, told

    def parts(self, scope: Scope) -> CoreParts:
        """How a state falls into trades; see ``explore.tables``."""
        return CoreParts(self.initial(scope))

    def owner(self, name: str) -> str:
        """The intent that an order or a timer is for; empty where it is none."""
        match = INTENT.match(name)
        return "" if match is None else match[1]

    def belief(self, state: engine.State) -> Belief:
        """What the core holds to be true."""
        positions = tuple([(each.symbol, each.lots) for each in state.book.positions if each.lots])
        believed = [
            BelievedOrder(order_name(order.id), not orders.is_live(order), order.filled)
            for trade in state.trades
            for order in trade.orders
        ]
        halted = breakers.is_halted(state.breakers)
        accounts = tuple([(each.strategy, each.book.cash) for each in state.accounts]) or None
        return Belief(state.book.cash, positions, tuple(believed), halted, attributed_of(state), accounts)


def attributed_of(state: engine.State) -> tuple[tuple[str, str, int], ...]:
    """Intent, symbol and signed lots that the core holds for that intent."""
    held = []
    for trade in state.trades:
        for leg in (trade.leg_a, trade.leg_b) if has_two_legs(trade) else (trade.leg_a,):
            lots = sign(leg.side) * open_lots(trade, leg)
            if lots:
                held.append((signal_name(trade.signal), leg.symbol, lots))
    return tuple(sorted(held))


def _essence(trade: Trade) -> Hashable:
    judged = trade.leg_a.limit_price, trade.leg_a.price, trade.leg_b.price
    kept = trade.kept_a, trade.kept_b, trade.carried_a, trade.carried_b
    waits = trade.lingers, trade.spent, trade.grace, trade.paused, trade.stranded
    return trade.signal, judged, trade.phase, trade.outcome, trade.orders, kept, waits


def settings_of(scope: Scope) -> Settings:
    """The core's settings for a scope."""
    instruments = tuple(
        Instrument(
            each.symbol,
            Money(each.tick_lot_value),
            each.tick,
            Lots(each.lot),
            Lots(each.minimum),
            Money(each.minimum_notional),
        )
        for each in sorted(scope.house.markets, key=lambda market: market.symbol)
    )
    correlations = tuple(
        Correlation(one, other, BasisPoints(bps)) for one, other, bps in sorted(scope.bounds.correlations)
    )
    entry, hedge, query = scope.attempts
    protocol = Protocol(
        entry_attempts=entry,
        hedge_attempts=hedge,
        flatten_attempts=scope.flatten_attempts,
        not_found_confirmations=scope.not_found_confirmations,
        query_attempts=query,
    )
    return Settings(
        instruments,
        limits_of(scope.bounds),
        protocol,
        breakers=rules_of(scope),
        correlations=correlations,
        strategies=tuple([Strategy(name, BasisPoints(bps)) for name, bps in scope.bounds.budgets]),
        conflicts=scope.bounds.conflicts,
    )


def limits_of(bounds: Bounds) -> Limits:
    """The core's limits for the bounds of a scope."""
    rate = MessageRate(bounds.message_burst, bounds.message_refill, RATE_INTERVAL)
    return Limits(
        position_bps=BasisPoints(bounds.position_bps),
        gross_bps=BasisPoints(bounds.gross_bps),
        heat_bps=BasisPoints(bounds.heat_bps),
        trades_in_flight=bounds.trades_in_flight,
        order_quantity=Lots(bounds.order_amount),
        exit_cost_bps=BasisPoints(bounds.exit_cost_bps),
        strategy_bps=BasisPoints(bounds.strategy_bps),
        net_bps=BasisPoints(bounds.net_bps),
        leverage_bps=BasisPoints(bounds.leverage_bps),
        cluster_bps=BasisPoints(bounds.cluster_bps),
        cluster_correlation=BasisPoints(bounds.cluster_correlation),
        collar_bps=BasisPoints(bounds.collar_bps),
        order_notional=Money(bounds.order_notional),
        message_rate=rate if bounds.message_burst else None,
        participation_bps=_bps(bounds.participation_bps),
        spread_bps=_bps(bounds.spread_bps),
        impact_bps=_bps(bounds.impact_bps),
        budget_bps=BasisPoints(bounds.budget_bps),
    )


def _bps(bound: int | None) -> BasisPoints | None:
    return None if bound is None else BasisPoints(bound)


def rules_of(scope: Scope) -> tuple[BreakerRule, ...]:
    """The breakers of a scope: the daily loss, a person, and the drawdown where it has one."""
    daily_loss = replace(DAILY_LOSS, threshold=scope.daily_loss_bps)
    if not scope.drawdown_bps:
        return daily_loss, MANUAL
    return daily_loss, BreakerRule("drawdown", "drawdown", scope.drawdown_bps), MANUAL


# ---- names -----------------------------------------------------------------------------------------


def signal_name(signal: core.SignalId) -> str:
    """``p1``: strategy, then sequence."""
    return f"{signal.strategy}{signal.sequence}"


@lru_cache(maxsize=4096)
def signal_of(name: str) -> core.SignalId:
    """The id that ``signal_name`` made a name of."""
    match = SIGNAL.fullmatch(name)
    assert match is not None, "Invariant: an intent's id is a strategy's name without digits, then a number"
    return core.SignalId(match[1], int(match[2]))


def order_name(order: core.OrderId) -> str:
    """``p1a1``: signal, slot, attempt."""
    signal = order.signal
    return f"{signal.strategy}{signal.sequence}{LETTERS[order.slot]}{order.attempt}"


@lru_cache(maxsize=4096)
def order_of(name: str) -> core.OrderId:
    """The id that ``order_name`` made a name of."""
    match = ORDER.fullmatch(name)
    if match is None:  # somebody else's, of a strategy that nobody has
        return core.OrderId(core.SignalId(name, 0), "entry", 1)
    return core.OrderId(signal_of(match[1]), SLOTS[match[2]], int(match[3]))


def timer_name(timer: core.AnyTimerId) -> str:
    """``p1a1/timeout``, ``p1/linger``: what it is about, then what for. Of breakers ``daily_loss#1`` for the
    code of a link, ``cooldown:daily_loss#1`` and ``probation:daily_loss#1`` after a trip; ``rate``."""
    if isinstance(timer, core.CodeTimerId):
        return f"{timer.breaker}#{timer.link}"
    if isinstance(timer, core.BreakerTimerId):
        return f"{timer.purpose}:{timer.breaker}#{timer.trip}"
    if isinstance(timer, core.RateTimerId):
        return RATE
    about = signal_name(timer.signal) if timer.order is None else order_name(timer.order)
    return f"{about}/{PURPOSES[timer.purpose]}"


@lru_cache(maxsize=4096)
def timer_of(name: str) -> core.AnyTimerId:
    """The id that ``timer_name`` made a name of."""
    if name == RATE:
        return core.RateTimerId()
    if "#" in name:
        about, _, number = name.partition("#")
        purpose, is_of_trip, breaker = about.rpartition(":")
        if is_of_trip:
            return core.BreakerTimerId(breaker, BREAKER_PURPOSES[purpose], int(number))
        return core.CodeTimerId(breaker, int(number))
    about, _, purpose = name.partition("/")
    if PURPOSE_OF[purpose] in ("linger", "grace"):
        return core.TimerId(signal_of(about), PURPOSE_OF[purpose])
    order = order_of(about)
    return core.TimerId(order.signal, PURPOSE_OF[purpose], order)


# ---- events ----------------------------------------------------------------------------------------


def event_of(event: kit.EngineEvent) -> core.Event:
    """The core's word for what the kit tells it."""
    return EVENTS[type(event)](event)


def _fill_of(fill: kit.Filled) -> core.Fill:
    return core.Fill(
        fill.trade_id, Lots(fill.amount), Ticks(fill.price), Money(fill.fee_money), Lots(fill.fee_lots)
    )


def _signal_of(intent: kit.Intent) -> core.SignalReceived:
    return core.SignalReceived(
        signal_of(intent.id),
        intent.symbol_a,
        intent.side_a,
        Lots(intent.amount_a),
        intent.symbol_b,
        intent.side_b,
        Lots(intent.amount_b),
        _ticks(intent.price_a),
        _ticks(intent.stop_a),
        _ticks(intent.stop_b),
    )


def _ticks(price: int | None) -> Ticks | None:
    return None if price is None else Ticks(price)


def _status_of(event: kit.Status) -> core.OrderStatusReported:
    fills = tuple(_fill_of(fill) for fill in event.fills)
    order, amount = order_of(event.client_order_id), event.amount
    quantity = None if amount is None else Lots(amount)
    return core.OrderStatusReported(order, event.answer, event.status, fills, quantity)


EVENTS: dict[type[Any], Callable[[Any], core.Event]] = {
    kit.Intent: _signal_of,
    kit.Batch: lambda event: core.SignalsReceived(tuple(map(_signal_of, event.intents))),
    kit.Accepted: lambda event: core.OrderAccepted(order_of(event.client_order_id)),
    kit.Rejected: lambda event: core.OrderRejected(order_of(event.client_order_id), event.reason),
    kit.Filled: lambda event: core.OrderFilled(order_of(event.client_order_id), _fill_of(event)),
    kit.Canceled: lambda event: core.OrderCanceled(order_of(event.client_order_id), Lots(event.filled)),
    kit.Expired: lambda event: core.OrderExpired(order_of(event.client_order_id), Lots(event.filled)),
    kit.CancelRefused: lambda event: core.CancelRejected(order_of(event.client_order_id), event.reason),
    kit.Status: _status_of,
    kit.Replaced: lambda event: core.OrderReplaced(order_of(event.client_order_id), Lots(event.amount)),
    kit.ReplaceRefused: lambda event: core.ReplaceRejected(order_of(event.client_order_id), event.reason),
    kit.OutcomeUnknown: lambda event: core.RequestOutcomeUnknown(
        order_of(event.client_order_id), REQUESTS[event.request]
    ),
    kit.TimerFired: lambda event: core.TimerFired(timer_of(event.timer)),
    kit.BadPrice: lambda event: core.PriceUnusable(event.symbol),
    kit.Halt: lambda event: core.BreakerTripRequested(),
    kit.EntryChange: lambda event: core.EntryChangeRequested(signal_of(event.intent), Ticks(event.price)),
    kit.NewDay: lambda event: core.SessionChanged(event.day, event.phase),
    kit.TradingHalted: lambda event: core.TradingHalted(event.symbols),
    kit.TradingResumed: lambda event: core.TradingResumed(event.symbols),
    kit.Restarted: lambda event: core.Restarted(),
    kit.Exit: lambda event: core.ExitRequested(signal_of(event.intent)),
    kit.Rebalance: lambda event: core.RebalanceRequested(event.targets),
    kit.BookShown: lambda event: core.LiquidityReported(
        event.symbol, event.bid_depth, event.ask_depth, event.spread, event.volume, event.volatility_bps
    ),
    kit.CashFlow: lambda event: core.CashMoved(Money(event.amount)),
    kit.Price: lambda event: core.PriceMoved(event.symbol, Ticks(event.price)),
}

# ---- commands --------------------------------------------------------------------------------------


def command_of(command: core.Command) -> kit.EngineCommand:
    """The kit's word for what the core commands."""
    return COMMANDS[type(command)](command)


def _create_of(command: core.SubmitOrder) -> kit.CreateOrder:
    return kit.CreateOrder(
        order_name(command.order),
        command.symbol,
        command.side,
        command.quantity,
        command.limit_price,
        command.reduce_only,
        False,
        signal_name(command.order.signal),
        False,
        command.stop_price,
    )


def _replace_of(command: core.ReplaceOrder) -> kit.ReplaceOrder:
    return kit.ReplaceOrder(
        order_name(command.order), command.quantity, command.limit_price, command.stop_price
    )


def _alert_of(command: core.RaiseAlert) -> kit.Alert:
    subject = command.subject
    if isinstance(subject, core.SignalId):
        return kit.Alert(signal_name(subject), command.kind)
    return kit.Alert(f"{subject[0]}#{subject[1]}", command.kind)


COMMANDS: dict[type[Any], Callable[[Any], kit.EngineCommand]] = {
    core.SubmitOrder: _create_of,
    core.ReplaceOrder: _replace_of,
    core.CancelOrder: lambda command: kit.CancelOrder(order_name(command.order)),
    core.QueryOrder: lambda command: kit.FetchOrder(order_name(command.order)),
    core.StartTimer: lambda command: kit.StartTimer(timer_name(command.timer), command.duration),
    core.StopTimer: lambda command: kit.StopTimer(timer_name(command.timer)),
    core.EndTrade: lambda command: kit.Returned(
        signal_name(command.signal), command.outcome == "hedged", command.outcome
    ),
    core.RefuseSignal: lambda command: kit.Returned(signal_name(command.signal), False, command.reason),
    core.RaiseAlert: _alert_of,
    core.AssignCapital: lambda command: kit.CapitalAssigned(command.strategy, command.amount),
    core.ReportAnomaly: lambda command: kit.Anomaly(command.reason, type(command.event).__name__),
}


def bundled_core() -> BundledCore:
    """The default target of every explorer."""
    return BundledCore()
