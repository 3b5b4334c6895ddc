"""What scenarios do to a market and plan for a run: transformations, by type of scenario."""

from hedgecheck.stress.transforming.base import (
    Stage,
    Transformation,
    everywhere,
    lasting,
    reshaped,
    transformed,
    unstressed,
)
from hedgecheck.stress.transforming.correlation import CorrelationBreakdown
from hedgecheck.stress.transforming.corruption import DataCorruption
from hedgecheck.stress.transforming.liquidity import LiquidityDrop, SpreadExplosion
from hedgecheck.stress.transforming.prices import FlashCrash, PumpDump, TrendShift, VolatilitySpike
from hedgecheck.stress.transforming.registry import register, transformations_of
from hedgecheck.stress.transforming.runtime import Halts, Planned
from hedgecheck.stress.transforming.transformer import ScenarioTransformer

__all__ = [
    "CorrelationBreakdown",
    "DataCorruption",
    "FlashCrash",
    "Halts",
    "LiquidityDrop",
    "Planned",
    "PumpDump",
    "ScenarioTransformer",
    "SpreadExplosion",
    "Stage",
    "Transformation",
    "TrendShift",
    "VolatilitySpike",
    "everywhere",
    "lasting",
    "register",
    "reshaped",
    "transformations_of",
    "transformed",
    "unstressed",
]
