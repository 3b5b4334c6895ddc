"""The bundled core as an engine of the kit's world: one vocabulary mapped onto the other, and nothing else.

Client order ids are functions of the order's id: strategy and sequence, then a for entry, b for hedge, x
and y for the flattening of leg A and B, then the attempt: ``p1a1``. A strategy's name holds no digit.
"""

import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from core import breakers, engine, orders
from core import messages as core
from core.settings import Instrument, Limits, Protocol, Settings
from core.units import BasisPoints, Lots, Money, Ticks
from hedgecheck import messages as kit
from hedgecheck.invariants import Belief, BelievedOrder
from hedgecheck.world import Scope

LETTERS: dict[core.Slot, str] = {"entry": "a", "hedge": "b", "flatten_a": "x", "flatten_b": "y"}
SLOTS = {letter: slot for slot, letter in LETTERS.items()}
PURPOSES: dict[core.Purpose, str] = {"leg_timeout": "timeout", "query": "query", "linger": "linger"}
PURPOSE_OF = {name: purpose for purpose, name in PURPOSES.items()}
REQUESTS: dict[str, Any] = {"create": "submit", "cancel": "cancel", "fetch": "query"}


class BundledCore:
    """The core of this package, judged like any other engine."""

    name = "bundled core"
    stores_first = True

    def initial(self, scope: Scope) -> engine.State:
        """The core with the scope's limits and the scope's cash."""
        return engine.initial(settings_of(scope), Money(scope.cash))

    def step(
        self, state: engine.State, event: kit.EngineEvent
    ) -> tuple[engine.State, tuple[kit.EngineCommand, ...]]:
        """One step of the core."""
        state, commands = engine.step(state, event_of(event))
        return state, tuple([COMMANDS[type(command)](command) for command in commands])

    def phases(self, state: engine.State) -> tuple[tuple[str, str], ...]:
        """Where each trade is in its life."""
        return tuple([(signal_name(trade.signal), trade.phase) for trade in state.trades])

    def essence(self, state: engine.State) -> Hashable:
        """The state less what is the same throughout a scope: settings, and the plans of trades."""
        trades = [
            (each.signal, each.phase, each.outcome, each.orders, each.lingers, each.kept_a, each.kept_b)
            for each in state.trades
        ]
        kept = (state.book, state.baseline, state.breakers, state.prices, state.high_water)
        return kept, tuple(trades), state.day, state.recovering

    def belief(self, state: engine.State) -> Belief:
        """What the core holds to be true."""
        positions = tuple([(each.symbol, each.lots) for each in state.book.positions if each.lots])
        believed = [
            BelievedOrder(order_name(order.id), not orders.is_live(order), order.filled)
            for trade in state.trades
            for order in trade.orders
        ]
        return Belief(state.book.cash, positions, tuple(believed), breakers.is_halted(state.breakers))


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
    bounds = scope.bounds
    limits = Limits(
        BasisPoints(bounds.position_bps),
        BasisPoints(bounds.gross_bps),
        BasisPoints(bounds.heat_bps),
        bounds.trades_in_flight,
        Lots(bounds.order_amount),
        BasisPoints(bounds.exit_cost_bps),
        BasisPoints(scope.daily_loss_bps),
    )
    entry, hedge, query = scope.attempts
    protocol = Protocol(
        entry_attempts=entry,
        hedge_attempts=hedge,
        flatten_attempts=scope.flatten_attempts,
        not_found_confirmations=scope.not_found_confirmations,
        query_attempts=query,
    )
    return Settings(instruments, limits, protocol)


# ---- names -----------------------------------------------------------------------------------------


def signal_name(signal: core.SignalId) -> str:
    """``p1``: strategy, then sequence."""
    return f"{signal.strategy}{signal.sequence}"


@lru_cache(maxsize=4096)
def signal_of(name: str) -> core.SignalId:
    """The id that ``signal_name`` made a name of."""
    match = re.fullmatch(r"(\D+)(\d+)", name)
    assert match is not None, "Invariant: an intent's id is a strategy's name without digits, then a number"
    return core.SignalId(match[1], int(match[2]))


def order_name(order: core.OrderId) -> str:
    """``p1a1``: signal, slot, attempt."""
    signal = order.signal
    return f"{signal.strategy}{signal.sequence}{LETTERS[order.slot]}{order.attempt}"


@lru_cache(maxsize=4096)
def order_of(name: str) -> core.OrderId:
    """The id that ``order_name`` made a name of."""
    match = re.fullmatch(r"(\D+\d+)([abxy])(\d+)", name)
    assert match is not None, "Invariant: the venue speaks of orders by the client order ids it was given"
    return core.OrderId(signal_of(match[1]), SLOTS[match[2]], int(match[3]))


def timer_name(timer: core.TimerId | core.CodeTimerId) -> str:
    """``p1a1/timeout``, ``p1/linger``, ``daily_loss#1``: what it is about, then what for."""
    if isinstance(timer, core.CodeTimerId):
        return f"{timer.breaker}#{timer.link}"
    about = signal_name(timer.signal) if timer.order is None else order_name(timer.order)
    return f"{about}/{PURPOSES[timer.purpose]}"


@lru_cache(maxsize=4096)
def timer_of(name: str) -> core.TimerId | core.CodeTimerId:
    """The id that ``timer_name`` made a name of."""
    if "#" in name:
        kind, _, link = name.partition("#")
        breaker: Any = kind
        return core.CodeTimerId(breaker, int(link))
    about, _, purpose = name.partition("/")
    if PURPOSE_OF[purpose] == "linger":
        return core.TimerId(signal_of(about), "linger")
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
    return core.OrderStatusReported(order_of(event.client_order_id), event.answer, event.status, fills)


EVENTS: dict[type[Any], Callable[[Any], core.Event]] = {
    kit.Intent: _signal_of,
    kit.Accepted: lambda event: core.OrderAccepted(order_of(event.client_order_id)),
    kit.Rejected: lambda event: core.OrderRejected(order_of(event.client_order_id), event.reason),
    kit.Filled: lambda event: core.OrderFilled(order_of(event.client_order_id), _fill_of(event)),
    kit.Canceled: lambda event: core.OrderCanceled(order_of(event.client_order_id), Lots(event.filled)),
    kit.Expired: lambda event: core.OrderExpired(order_of(event.client_order_id), Lots(event.filled)),
    kit.CancelRefused: lambda event: core.CancelRejected(order_of(event.client_order_id), event.reason),
    kit.Status: _status_of,
    kit.OutcomeUnknown: lambda event: core.RequestOutcomeUnknown(
        order_of(event.client_order_id), REQUESTS[event.request]
    ),
    kit.TimerFired: lambda event: core.TimerFired(timer_of(event.timer)),
    kit.BadPrice: lambda event: core.PriceUnusable(event.symbol),
    kit.Halt: lambda event: core.BreakerTripRequested(),
    kit.Restarted: lambda event: core.Restarted(),
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
    )


def _alert_of(command: core.RaiseAlert) -> kit.Alert:
    subject = command.subject
    if isinstance(subject, core.SignalId):
        return kit.Alert(signal_name(subject), command.kind)
    return kit.Alert(f"{subject[0]}#{subject[1]}", command.kind)


COMMANDS: dict[type[Any], Callable[[Any], kit.EngineCommand]] = {
    core.SubmitOrder: _create_of,
    core.CancelOrder: lambda command: kit.CancelOrder(order_name(command.order)),
    core.QueryOrder: lambda command: kit.FetchOrder(order_name(command.order)),
    core.StartTimer: lambda command: kit.StartTimer(timer_name(command.timer), command.duration),
    core.StopTimer: lambda command: kit.StopTimer(timer_name(command.timer)),
    core.EndTrade: lambda command: kit.Returned(
        signal_name(command.signal), command.outcome == "hedged", command.outcome
    ),
    core.RefuseSignal: lambda command: kit.Returned(signal_name(command.signal), False, command.reason),
    core.RaiseAlert: _alert_of,
    core.ReportAnomaly: lambda command: kit.Anomaly(command.reason, type(command.event).__name__),
}


def bundled_core() -> BundledCore:
    """The default target of every explorer."""
    return BundledCore()
