"""Hypothesis state machines: the world around an engine, and a user's own risk gate, order state
and breaker."""

from hedgecheck.machines import st
from hedgecheck.machines.breaker import BreakerMachine
from hedgecheck.machines.gate import GateLimits, GateOrder, GatePortfolio
from hedgecheck.machines.order import OrderMachine
from hedgecheck.machines.risk_gate import RiskGateMachine
from hedgecheck.machines.trips import (
    BreakerTerms,
    EquityMarked,
    ResetCodeEntered,
    SessionDayBegan,
    TimePassed,
    TradeClosed,
)
from hedgecheck.machines.world import LeanMachine, WorldMachine, explore, machine_for

__all__ = [
    "BreakerMachine",
    "BreakerTerms",
    "EquityMarked",
    "GateLimits",
    "GateOrder",
    "GatePortfolio",
    "LeanMachine",
    "OrderMachine",
    "ResetCodeEntered",
    "RiskGateMachine",
    "SessionDayBegan",
    "TimePassed",
    "TradeClosed",
    "WorldMachine",
    "explore",
    "machine_for",
    "st",
]
