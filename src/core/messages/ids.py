"""Ids: functions of data, so that a restarted engine makes the same ones."""

from typing import Literal

from core.units import Lots, Money, Ticks
from core.values import frozen

Slot = Literal["entry", "hedge", "flatten_a", "flatten_b", "stop_a", "stop_b"]
Purpose = Literal["leg_timeout", "query", "linger", "grace"]
BreakerName = str  # a kind of breaker, or the name of the metric that a custom one watches


@frozen
class SignalId:
    """One intent of one strategy. Sequences of a strategy only rise."""

    strategy: str
    sequence: int


@frozen
class OrderId:
    """One attempt at one job of one trade. ``attempt`` rises only on proof that the last one is dead."""

    signal: SignalId
    slot: Slot
    attempt: int


@frozen
class TimerId:
    """A timer of a trade, or of one of its orders."""

    signal: SignalId
    purpose: Purpose
    order: OrderId | None = None


@frozen
class Fill:
    """One execution, known by the venue's trade id.

    ``fee_money`` is charged in the account currency, ``fee_lots`` in the bought asset itself.
    """

    trade_id: str
    quantity: Lots
    price: Ticks
    fee_money: Money = Money(0)
    fee_lots: Lots = Lots(0)


@frozen
class CodeTimerId:
    """Runs while the confirmation code for one link of one breaker's chain is good."""

    breaker: BreakerName
    link: int


@frozen
class BreakerTimerId:
    """Runs while a tripped breaker cools down, or while one step of its probation lasts. ``trip`` counts its
    trips, so that a timer of an earlier one means nothing."""

    breaker: BreakerName
    purpose: Literal["cooldown", "probation"]
    trip: int


@frozen
class RateTimerId:
    """Runs until the bucket of messages gets its next share."""


AnyTimerId = TimerId | CodeTimerId | BreakerTimerId | RateTimerId
