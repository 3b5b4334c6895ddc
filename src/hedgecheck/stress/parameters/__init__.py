"""What a scenario can be told, by its type: typed, with a range and a default for each."""

from hedgecheck.stress.parameters.checked import parameters_of
from hedgecheck.stress.parameters.fields import BARS_MAX, CORRUPTIONS, Corruption, Parameters
from hedgecheck.stress.parameters.kinds import (
    CorrelationBreakdownParameters,
    DataCorruptionParameters,
    ExecutionFailureParameters,
    FlashCrashParameters,
    HistoricReplayParameters,
    LatencySpikeParameters,
    LiquidityDropParameters,
    ModelFailureParameters,
    PumpDumpParameters,
    SpreadExplosionParameters,
    TrendShiftParameters,
    VolatilitySpikeParameters,
)
from hedgecheck.stress.parameters.mixed import MixedCustomParameters
from hedgecheck.stress.parameters.types import add_parameters, parameters_by_type

__all__ = [
    "BARS_MAX",
    "CORRUPTIONS",
    "CorrelationBreakdownParameters",
    "Corruption",
    "DataCorruptionParameters",
    "ExecutionFailureParameters",
    "FlashCrashParameters",
    "HistoricReplayParameters",
    "LatencySpikeParameters",
    "LiquidityDropParameters",
    "MixedCustomParameters",
    "ModelFailureParameters",
    "Parameters",
    "PumpDumpParameters",
    "SpreadExplosionParameters",
    "TrendShiftParameters",
    "VolatilitySpikeParameters",
    "add_parameters",
    "parameters_by_type",
    "parameters_of",
]
