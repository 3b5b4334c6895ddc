"""Limits and protocol constants, with the problems a set of them has.

A change at run time is an event; a bad set is refused whole. Problems are data: the shell turns them
into an error for the person who wrote them.
"""

from bisect import bisect_left
from collections.abc import Callable
from operator import attrgetter
from typing import Literal, get_args

from core.units import WHOLE_BPS, BasisPoints, Lots, Money, Nanoseconds
from core.values import frozen

SECOND = 1_000_000_000

BreakerKind = Literal[
    "daily_loss",
    "drawdown",
    "consecutive_losses",
    "volatility",
    "liquidation_buffer",
    "correlation",
    "position_size",
    "error_rate",
    "custom",
    "manual",
]
TradingState = Literal["active", "reducing", "halted"]  # halted: nothing but cancels may leave
Conflicts = Literal["refuse", "net"]  # what becomes of signals of one moment that oppose one another


@frozen
class Instrument:
    """What the venue says of a symbol: steps and minimum in lots and ticks, money per tick and lot.

    ``maintenance_bps``: the margin that must stay behind a position, as a share of its notional.
    """

    symbol: str
    tick_lot_value: Money = Money(1)
    price_step: int = 1
    quantity_step: Lots = Lots(1)
    minimum_quantity: Lots = Lots(1)
    minimum_notional: Money = Money(0)
    maintenance_bps: BasisPoints = BasisPoints(0)


@frozen
class MessageRate:
    """A token bucket: at most ``burst`` messages at once, and ``refill`` more after every ``interval``."""

    burst: int
    refill: int
    interval: Nanoseconds


@frozen
class Limits:
    """The risk gate's bounds; the bps are of current equity, but for those of the collar.

    ``collar_bps``: how far a limit price may be from the market, as a share of the market price.
    ``cluster_bps`` bounds the notional of symbols that move together: those linked, directly or through
    others, by a correlation of ``cluster_correlation`` or more; one that is not known counts as 10_000.
    ``participation_bps``: of what stands on the side of a book that an order takes from; ``spread_bps`` and
    ``impact_bps``: of the price (see ``core.liquidity``). None is no limit.
    ``budget_bps`` bounds what a strategy has open by its own capital, where strategies have any.
    """

    position_bps: BasisPoints = BasisPoints(2_000)
    gross_bps: BasisPoints = BasisPoints(10_000)
    heat_bps: BasisPoints = BasisPoints(600)
    trades_in_flight: int = 4
    order_quantity: Lots = Lots(1_000_000)
    exit_cost_bps: BasisPoints = BasisPoints(10)
    strategy_bps: BasisPoints = BasisPoints(10_000)
    net_bps: BasisPoints = BasisPoints(10_000)
    leverage_bps: BasisPoints = BasisPoints(10_000)
    cluster_bps: BasisPoints = BasisPoints(10_000)
    cluster_correlation: BasisPoints = BasisPoints(7_000)
    collar_bps: BasisPoints = BasisPoints(1_000)
    order_notional: Money = Money(10**12)
    message_rate: MessageRate | None = None
    participation_bps: BasisPoints | None = None
    spread_bps: BasisPoints | None = None
    impact_bps: BasisPoints | None = None
    budget_bps: BasisPoints = BasisPoints(10_000)


@frozen
class BreakerRule:
    """When a breaker trips, in the unit of its kind, and how it comes back (see ``core.levels``).

    ``name`` is the kind, or for a custom breaker the metric it watches. ``window``: samples or events that
    the kind looks at. ``cooldown``: before it may reset itself, where ``resets_itself``; doubled each time it
    trips again in its probation. ``probation``: how long each step at a part of the limits lasts; 0 is none.
    """

    name: str
    kind: BreakerKind
    threshold: int = 0
    window: int = 0
    cooldown: Nanoseconds = Nanoseconds(600 * SECOND)
    resets_itself: bool = False
    probation: Nanoseconds = Nanoseconds(0)


DAILY_LOSS = BreakerRule("daily_loss", "daily_loss", 200)
MANUAL = BreakerRule("manual", "manual")


@frozen
class Correlation:
    """How two symbols move together, -10_000 to 10_000 bps; ``symbol_a`` sorts before ``symbol_b``."""

    symbol_a: str
    symbol_b: str
    value: BasisPoints


@frozen
class Strategy:
    """A strategy with capital of its own: its share of the cash that the account begins with, and of what is
    paid in or out."""

    name: str
    budget_bps: BasisPoints


@frozen
class Protocol:
    """How one trade goes about its legs."""

    complete_bps: BasisPoints = BasisPoints(9_500)
    hedge_bps: BasisPoints = BasisPoints(5_000)
    entry_attempts: int = 2
    hedge_attempts: int = 3
    flatten_attempts: int = 3
    not_found_confirmations: int = 3
    query_attempts: int = 12
    leg_timeout: Nanoseconds = Nanoseconds(10 * SECOND)
    query_backoff: Nanoseconds = Nanoseconds(SECOND)
    linger: Nanoseconds = Nanoseconds(30 * SECOND)
    code_lifetime: Nanoseconds = Nanoseconds(600 * SECOND)
    protect_grace: Nanoseconds = Nanoseconds(SECOND)
    protect_attempts: int = 3
    watch_interval: Nanoseconds = Nanoseconds(60 * SECOND)


@frozen
class Settings:
    """Everything a person may set. ``instruments`` is sorted by symbol, the others by name.

    ``reset_anchors``: per breaker name, the public end of its chain of confirmation codes (see
    ``core.breakers``); one without can be tripped but never reset. ``strategies``: where there are any, no
    other may trade, and none beyond its own capital; without any all share the account.
    """

    instruments: tuple[Instrument, ...]
    limits: Limits = Limits()
    protocol: Protocol = Protocol()
    reset_anchors: tuple[tuple[str, str], ...] = ()
    breakers: tuple[BreakerRule, ...] = (DAILY_LOSS, MANUAL)
    correlations: tuple[Correlation, ...] = ()
    trading: TradingState = "active"
    strategies: tuple[Strategy, ...] = ()
    conflicts: Conflicts = "refuse"


def instrument(settings: Settings, symbol: str) -> Instrument | None:
    """The instrument of that symbol, or None where the settings do not know it."""
    listed = settings.instruments
    at = bisect_left(listed, symbol, key=_symbol)
    return listed[at] if at < len(listed) and listed[at].symbol == symbol else None


_symbol: Callable[[Instrument], str] = attrgetter("symbol")


def problems(settings: Settings) -> tuple[str, ...]:
    """What is wrong with these settings, one sentence each; empty when nothing is."""
    symbols = tuple(each.symbol for each in settings.instruments)
    found = []
    if symbols != tuple(sorted(set(symbols))):
        found.append("instruments: sort them by symbol, each symbol once")
    if "" in symbols:
        found.append("instruments: a symbol is empty")
    for each in settings.instruments:
        found += _not_positive(
            f"instrument {each.symbol}",
            tick_lot_value=each.tick_lot_value,
            price_step=each.price_step,
            quantity_step=each.quantity_step,
            minimum_quantity=each.minimum_quantity,
        )
        if each.minimum_notional < 0:
            found.append(f"instrument {each.symbol}: minimum_notional is negative")
        if each.maintenance_bps < 0:
            found.append(f"instrument {each.symbol}: maintenance_bps is negative")
    found += _limit_problems(settings.limits)
    found += _breaker_problems(settings.breakers)
    found += _protocol_problems(settings.protocol)
    found += _correlation_problems(settings.correlations, symbols)
    if settings.trading not in get_args(TradingState):
        found.append(f"trading: there is no state {settings.trading}")
    found += _strategy_problems(settings)
    return tuple(found)


def _limit_problems(limits: Limits) -> list[str]:
    found = _not_positive(
        "limits",
        position_bps=limits.position_bps,
        gross_bps=limits.gross_bps,
        heat_bps=limits.heat_bps,
        trades_in_flight=limits.trades_in_flight,
        order_quantity=limits.order_quantity,
        strategy_bps=limits.strategy_bps,
        net_bps=limits.net_bps,
        leverage_bps=limits.leverage_bps,
        cluster_bps=limits.cluster_bps,
        cluster_correlation=limits.cluster_correlation,
        collar_bps=limits.collar_bps,
        order_notional=limits.order_notional,
        budget_bps=limits.budget_bps,
    )
    if limits.exit_cost_bps < 0:
        found.append("limits: exit_cost_bps is negative")
    if limits.cluster_correlation > WHOLE_BPS:
        found.append(f"limits: cluster_correlation is {limits.cluster_correlation}, 10000 is the most")
    for name in ("participation_bps", "spread_bps", "impact_bps"):
        value = getattr(limits, name)
        found += [] if value is None else _not_positive("limits", **{name: value})
    rate = limits.message_rate
    if rate is not None:
        found += _not_positive("message_rate", burst=rate.burst, refill=rate.refill, interval=rate.interval)
    return found


def _strategy_problems(settings: Settings) -> list[str]:
    found = []
    names = tuple(each.name for each in settings.strategies)
    if names != tuple(sorted(set(names))):
        found.append("strategies: sort them by name, each name once")
    if "" in names:
        found.append("strategies: one has no name")
    for each in settings.strategies:
        found += _not_positive(f"strategy {each.name}", budget_bps=each.budget_bps)
    budgets = sum(each.budget_bps for each in settings.strategies)
    if budgets > WHOLE_BPS:
        found.append(f"strategies: their budgets are {budgets} together, 10000 is the most")
    if settings.conflicts not in get_args(Conflicts):
        found.append(f"conflicts: there is no answer {settings.conflicts}")
    return found


def _correlation_problems(correlations: tuple[Correlation, ...], symbols: tuple[str, ...]) -> list[str]:
    found = []
    pairs = tuple((each.symbol_a, each.symbol_b) for each in correlations)
    if pairs != tuple(sorted(set(pairs))):
        found.append("correlations: sort them by both symbols, each pair once")
    for each in correlations:
        where = f"correlation of {each.symbol_a} and {each.symbol_b}"
        if each.symbol_a >= each.symbol_b:
            found.append(f"{where}: the first symbol must sort before the second")
        if not {each.symbol_a, each.symbol_b} <= set(symbols):
            found.append(f"{where}: one of them is no instrument")
        if not -WHOLE_BPS <= each.value <= WHOLE_BPS:
            found.append(f"{where}: it is {each.value}, not between -10000 and 10000")
    return found


def _breaker_problems(rules: tuple[BreakerRule, ...]) -> list[str]:
    found = []
    names = tuple(rule.name for rule in rules)
    if names != tuple(sorted(set(names))):
        found.append("breakers: sort them by name, each name once")
    if not any(rule.kind == "manual" for rule in rules):
        found.append("breakers: there is no manual one, by which a person halts trading")
    for rule in rules:
        where = f"breaker {rule.name}"
        found += [f"{where}: {wrong}" for wrong in _name_problems(rule)]
        found += _measure_problems(where, rule)
        found += [f"{where}: {wrong}" for wrong in _return_problems(rule)]
    return found


def _name_problems(rule: BreakerRule) -> list[str]:
    kinds = get_args(BreakerKind)
    if rule.kind not in kinds:
        return [f"there is no kind {rule.kind}"]
    if rule.kind != "custom":
        return [] if rule.name == rule.kind else [f"its name must be its kind, {rule.kind}"]
    if rule.name in kinds or not rule.name.isidentifier():
        return ["a metric's name is letters, digits and underscores, and no kind of breaker"]
    return []


def _measure_problems(where: str, rule: BreakerRule) -> list[str]:
    found = [] if rule.kind == "manual" else _not_positive(where, threshold=rule.threshold)
    if rule.kind in ("volatility", "error_rate"):
        found += _not_positive(where, window=rule.window)
    elif rule.window < 0:
        found.append(f"{where}: window is negative")
    if rule.kind == "liquidation_buffer" and rule.threshold >= WHOLE_BPS:
        found.append(f"{where}: threshold is {rule.threshold}, a buffer is never more than 10000")
    if rule.kind == "error_rate" and rule.threshold > WHOLE_BPS:
        found.append(f"{where}: threshold is {rule.threshold}, a share is never more than 10000")
    return found


def _return_problems(rule: BreakerRule) -> list[str]:
    found = []
    if rule.resets_itself and rule.kind in ("manual", "liquidation_buffer"):
        found.append("one of its kind is reset by a person only")
    if rule.resets_itself and rule.cooldown <= 0:
        found.append(f"cooldown is {rule.cooldown}, it must be positive")
    if rule.probation < 0:
        found.append("probation is negative")
    return found


def _protocol_problems(protocol: Protocol) -> list[str]:
    found = _not_positive(
        "protocol",
        hedge_bps=protocol.hedge_bps,
        entry_attempts=protocol.entry_attempts,
        hedge_attempts=protocol.hedge_attempts,
        flatten_attempts=protocol.flatten_attempts,
        not_found_confirmations=protocol.not_found_confirmations,
        query_attempts=protocol.query_attempts,
        leg_timeout=protocol.leg_timeout,
        query_backoff=protocol.query_backoff,
        linger=protocol.linger,
        code_lifetime=protocol.code_lifetime,
        protect_grace=protocol.protect_grace,
        protect_attempts=protocol.protect_attempts,
        watch_interval=protocol.watch_interval,
    )
    if not protocol.hedge_bps <= protocol.complete_bps <= 10_000:
        found.append("protocol: it must hold that hedge_bps <= complete_bps <= 10000")
    return found


def _not_positive(where: str, **values: int) -> list[str]:
    wrong = ((name, value) for name, value in values.items() if value <= 0)
    return [f"{where}: {name} is {value}, it must be positive" for name, value in wrong]
