"""Portfolios and sets of risk limits to test with, by name."""

from hedgecheck.portfolios.limits import RISK_LIMITS, RiskLimits, risk_limits
from hedgecheck.portfolios.positions import (
    POSITION_SCENARIOS,
    Holding,
    PositionScenario,
    Resting,
    position_scenario,
)

__all__ = [
    "POSITION_SCENARIOS",
    "RISK_LIMITS",
    "Holding",
    "PositionScenario",
    "Resting",
    "RiskLimits",
    "position_scenario",
    "risk_limits",
]
