"""Hypothesis state machines: the world around an engine, and a user's own risk gate."""

from hedgecheck.machines import st
from hedgecheck.machines.gate import GateLimits, GateOrder, GatePortfolio
from hedgecheck.machines.risk_gate import RiskGateMachine
from hedgecheck.machines.world import LeanMachine, WorldMachine, explore, machine_for

__all__ = [
    "GateLimits",
    "GateOrder",
    "GatePortfolio",
    "LeanMachine",
    "RiskGateMachine",
    "WorldMachine",
    "explore",
    "machine_for",
    "st",
]
