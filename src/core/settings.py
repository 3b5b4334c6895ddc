"""Limits and protocol constants, with the problems a set of them has.

A change at run time is an event; a bad set is refused whole. Problems are data: the shell turns them
into an error for the person who wrote them.
"""

from core.units import BasisPoints, Lots, Money, Nanoseconds
from core.values import frozen

SECOND = 1_000_000_000


@frozen
class Instrument:
    """What the venue says of a symbol: steps and minimum in lots and ticks, money per tick and lot."""

    symbol: str
    tick_lot_value: Money = Money(1)
    price_step: int = 1
    quantity_step: Lots = Lots(1)
    minimum_quantity: Lots = Lots(1)
    minimum_notional: Money = Money(0)


@frozen
class Limits:
    """The risk gate's bounds; the bps are of current equity."""

    position_bps: BasisPoints = BasisPoints(2_000)
    gross_bps: BasisPoints = BasisPoints(10_000)
    heat_bps: BasisPoints = BasisPoints(600)
    trades_in_flight: int = 4
    order_quantity: Lots = Lots(1_000_000)
    exit_cost_bps: BasisPoints = BasisPoints(10)
    daily_loss_bps: BasisPoints = BasisPoints(200)


@frozen
class Protocol:
    """How one trade goes about its two legs."""

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


@frozen
class Settings:
    """Everything a person may set. ``instruments`` is sorted by symbol.

    ``reset_anchors``: per breaker kind, the public end of its chain of confirmation codes (see
    ``core.breakers``); a kind without one can be tripped but never reset.
    """

    instruments: tuple[Instrument, ...]
    limits: Limits = Limits()
    protocol: Protocol = Protocol()
    reset_anchors: tuple[tuple[str, str], ...] = ()


def instrument(settings: Settings, symbol: str) -> Instrument | None:
    """The instrument of that symbol, or None where the settings do not know it."""
    for candidate in settings.instruments:
        if candidate.symbol == symbol:
            return candidate
    return None


def problems(settings: Settings) -> tuple[str, ...]:
    """What is wrong with these settings, one sentence each; empty when nothing is."""
    symbols = tuple(each.symbol for each in settings.instruments)
    found = []
    if symbols != tuple(sorted(set(symbols))):
        found.append("instruments: sort them by symbol, each symbol once")
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
    found += _limit_problems(settings.limits)
    found += _protocol_problems(settings.protocol)
    return tuple(found)


def _limit_problems(limits: Limits) -> list[str]:
    found = _not_positive(
        "limits",
        position_bps=limits.position_bps,
        gross_bps=limits.gross_bps,
        heat_bps=limits.heat_bps,
        trades_in_flight=limits.trades_in_flight,
        order_quantity=limits.order_quantity,
        daily_loss_bps=limits.daily_loss_bps,
    )
    if limits.exit_cost_bps < 0:
        found.append("limits: exit_cost_bps is negative")
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
    )
    if not protocol.hedge_bps <= protocol.complete_bps <= 10_000:
        found.append("protocol: it must hold that hedge_bps <= complete_bps <= 10000")
    return found


def _not_positive(where: str, **values: int) -> list[str]:
    wrong = ((name, value) for name, value in values.items() if value <= 0)
    return [f"{where}: {name} is {value}, it must be positive" for name, value in wrong]
