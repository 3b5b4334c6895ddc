"""Which parameters a type of scenario has: those of the thirteen, and of types that are added."""

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import ScenarioType
from hedgecheck.stress.parameters import kinds
from hedgecheck.stress.parameters.fields import Parameters
from hedgecheck.stress.parameters.mixed import MixedCustomParameters

_MODELS: dict[ScenarioType, type[Parameters]] = {
    ScenarioType.HISTORIC_REPLAY: kinds.HistoricReplayParameters,
    ScenarioType.FLASH_CRASH: kinds.FlashCrashParameters,
    ScenarioType.VOLATILITY_SPIKE: kinds.VolatilitySpikeParameters,
    ScenarioType.TREND_SHIFT: kinds.TrendShiftParameters,
    ScenarioType.LIQUIDITY_DROP: kinds.LiquidityDropParameters,
    ScenarioType.SPREAD_EXPLOSION: kinds.SpreadExplosionParameters,
    ScenarioType.DATA_CORRUPTION: kinds.DataCorruptionParameters,
    ScenarioType.MODEL_FAILURE: kinds.ModelFailureParameters,
    ScenarioType.EXECUTION_FAILURE: kinds.ExecutionFailureParameters,
    ScenarioType.LATENCY_SPIKE: kinds.LatencySpikeParameters,
    ScenarioType.CORRELATION_BREAKDOWN: kinds.CorrelationBreakdownParameters,
    ScenarioType.PUMP_DUMP: kinds.PumpDumpParameters,
    ScenarioType.MIXED_CUSTOM: MixedCustomParameters,
}


def parameters_by_type() -> dict[ScenarioType, type[Parameters]]:
    """The model of the parameters of each type."""
    return dict(_MODELS)


def add_parameters(kind: ScenarioType, model: type[Parameters]) -> None:
    """The model of the parameters of an added type. ``UsageError`` for a type that has one."""
    if kind in _MODELS:
        raise UsageError(f"There is a scenario type {kind!r} already. Give yours another name.")
    _MODELS[kind] = model
