"""Which transformations a type of scenario has: those of the thirteen, and of types that are added.

A further type is added by ``register``: its name, the model of its parameters, and what makes transformations
of these. Scenarios of it are then read from files, are in the published schema, can be in a library and run
as any other does; nothing else knows a type by name.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hedgecheck.stress import parameters as of
from hedgecheck.stress import regulation
from hedgecheck.stress.models import Scenario, ScenarioType, add_type
from hedgecheck.stress.stressed import (
    ExecutionFailure,
    MarginRaise,
    ModelFailure,
    Partition,
    ShortSaleBan,
    Slowness,
    Window,
)
from hedgecheck.stress.transforming.base import Symbols, Transformation
from hedgecheck.stress.transforming.correlation import CorrelationBreakdown
from hedgecheck.stress.transforming.corruption import DataCorruption
from hedgecheck.stress.transforming.liquidity import LiquidityDrop, SpreadExplosion
from hedgecheck.stress.transforming.prices import FlashCrash, PumpDump, TrendShift, VolatilitySpike
from hedgecheck.stress.transforming.runtime import Halts, Planned

Made = Sequence[Transformation]
Maker = Callable[[Any, Symbols], Made]  # of the parameters' model, and the symbols that are stressed


def register(name: str, model: type[of.Parameters], make: Maker) -> ScenarioType:
    """Adds a type of scenario. Call it at the top of the module of ``model``: a run is in a process of its
    own, which imports that. ``UsageError`` for a name that is taken."""
    kind = add_type(name, model.__module__)
    of.add_parameters(kind, model)
    _MAKERS[kind] = make
    return kind


def transformations_of(scenario: Scenario) -> tuple[Transformation, ...]:
    """The transformations of a scenario, in the order in which they come. ``UsageError`` for parameters that
    make no sense."""
    return tuple(_MAKERS[scenario.type](of.parameters_of(scenario), scenario.symbols))


def _historic_replay(given: of.HistoricReplayParameters, symbols: Symbols) -> Made:
    return ()


def _flash_crash(given: of.FlashCrashParameters, symbols: Symbols) -> Made:
    times = given.duration_bars, given.recovery_bars, given.recovery_pct
    return (FlashCrash(given.start, given.drop_pct, *times, symbols),)


def _volatility_spike(given: of.VolatilitySpikeParameters, symbols: Symbols) -> Made:
    return (VolatilitySpike(given.start, given.duration_bars, given.volatility_multiplier, symbols),)


def _trend_shift(given: of.TrendShiftParameters, symbols: Symbols) -> Made:
    return (TrendShift(given.start, given.duration_bars, given.strength, symbols),)


def _liquidity_drop(given: of.LiquidityDropParameters, symbols: Symbols) -> Made:
    return (LiquidityDrop(given.start, given.duration_bars, given.liquidity_drop_pct, symbols),)


def _spread_explosion(given: of.SpreadExplosionParameters, symbols: Symbols) -> Made:
    return (SpreadExplosion(given.start, given.duration_bars, given.spread_mult, symbols),)


def _data_corruption(given: of.DataCorruptionParameters, symbols: Symbols) -> Made:
    return (DataCorruption(given.start, given.duration_bars, given.corruption_pct, given.kinds, symbols),)


def _correlation_breakdown(given: of.CorrelationBreakdownParameters, symbols: Symbols) -> Made:
    return (CorrelationBreakdown(given.start, given.duration_bars, given.target_correlation, symbols),)


def _pump_dump(given: of.PumpDumpParameters, symbols: Symbols) -> Made:
    return (PumpDump(given.start, given.pump_pct, given.pump_bars, given.dump_bars, symbols),)


def _model_failure(given: of.ModelFailureParameters, symbols: Symbols) -> Made:
    return (Planned(ModelFailure(_window(given.start, given.duration_bars), given.failure_rate)),)


def _execution_failure(given: of.ExecutionFailureParameters, symbols: Symbols) -> Made:
    window = _window(given.start, given.duration_bars)
    return (Planned(ExecutionFailure(window, given.failure_rate)), *_slow(window, given.latency_mult))


def _latency_spike(given: of.LatencySpikeParameters, symbols: Symbols) -> Made:
    return _slow(_window(given.start, given.duration_bars), given.latency_mult)


def _slow(window: Window, factor: float) -> Made:
    return (Planned(Slowness(window, factor)),) if factor > 1 else ()


def _window(start: int, bars: int | None) -> Window:
    """So many bars, or all there are."""
    return Window(start, start + (of.BARS_MAX if bars is None else bars))


def _mixed_custom(given: of.MixedCustomParameters, symbols: Symbols) -> Made:
    """What has to be exact at a level comes last: a crash falls by what was asked, whatever swings before."""
    return (*_mixed_prices(given, symbols), *_mixed_rest(given, symbols), *_mixed_run(given))


def _mixed_prices(given: of.MixedCustomParameters, symbols: Symbols) -> Made:
    start, bars = given.start, given.duration_bars
    made: list[Transformation] = []
    if given.trend_strength is not None:
        made.append(TrendShift(start, None, given.trend_strength, symbols))
    if given.target_correlation is not None:
        made.append(CorrelationBreakdown(start, bars, given.target_correlation, symbols))
    if given.volatility_multiplier is not None:
        made.append(VolatilitySpike(start, bars, given.volatility_multiplier, symbols))
    after = start
    if given.flash_crash_drop_pct is not None:
        times = given.flash_crash_duration_bars, given.flash_crash_recovery_bars
        made.append(FlashCrash(start, given.flash_crash_drop_pct, *times, 1.0, symbols))
        after += sum(times)
    if given.pump_pct is not None:
        made.append(PumpDump(after, given.pump_pct, given.pump_bars, given.dump_bars, symbols))
    return made


def _mixed_rest(given: of.MixedCustomParameters, symbols: Symbols) -> Made:
    start, bars = given.start, given.duration_bars
    made: list[Transformation] = []
    if given.liquidity_drop_pct is not None:
        made.append(LiquidityDrop(start, bars, given.liquidity_drop_pct, symbols))
    if given.spread_mult is not None:
        made.append(SpreadExplosion(start, bars, given.spread_mult, symbols))
    if given.corruption_pct is not None:
        made.append(DataCorruption(start, None, given.corruption_pct, given.corruption_kinds, symbols))
    return made


def _mixed_run(given: of.MixedCustomParameters) -> Made:
    start, window = given.start, _window(given.start, given.duration_bars)
    made = list(_slow(window, given.latency_mult))
    if given.execution_failure_rate is not None:
        made.append(Planned(ExecutionFailure(window, given.execution_failure_rate)))
    if given.model_failure_rate is not None:
        made.append(Planned(ModelFailure(window, given.model_failure_rate)))
    if given.short_sale_ban_bars:
        made.append(Planned(ShortSaleBan(_window(start, given.short_sale_ban_bars))))
    if given.margin_factor > 1:
        made.append(Planned(MarginRaise(_window(start, None), given.margin_factor)))
    if given.partition_bars:
        made.append(Planned(Partition(_window(start, given.partition_bars))))
    if given.luld:
        made.append(Halts(start, regulation.price_band_halts))
    if given.market_wide_halts:
        made.append(Halts(start, regulation.market_wide_halts))
    return made


_MAKERS: dict[ScenarioType, Maker] = {
    ScenarioType.HISTORIC_REPLAY: _historic_replay,
    ScenarioType.FLASH_CRASH: _flash_crash,
    ScenarioType.VOLATILITY_SPIKE: _volatility_spike,
    ScenarioType.TREND_SHIFT: _trend_shift,
    ScenarioType.LIQUIDITY_DROP: _liquidity_drop,
    ScenarioType.SPREAD_EXPLOSION: _spread_explosion,
    ScenarioType.DATA_CORRUPTION: _data_corruption,
    ScenarioType.MODEL_FAILURE: _model_failure,
    ScenarioType.EXECUTION_FAILURE: _execution_failure,
    ScenarioType.LATENCY_SPIKE: _latency_spike,
    ScenarioType.CORRELATION_BREAKDOWN: _correlation_breakdown,
    ScenarioType.PUMP_DUMP: _pump_dump,
    ScenarioType.MIXED_CUSTOM: _mixed_custom,
}
