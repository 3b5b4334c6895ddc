"""The parameters of each type of scenario, by the names that requests use. ``mixed`` has those of the mix."""

from pydantic import Field

from hedgecheck.stress.parameters.fields import (
    Bars,
    BarsOrNone,
    Correlation,
    Corruptions,
    Fall,
    Longer,
    Parameters,
    Part,
    Rate,
    Rise,
    Source,
    Wilder,
)

TO_THE_END = "How many bars it lasts; default: to the last one."


class HistoricReplayParameters(Parameters):
    """What happened, as it happened."""

    source: Source = Field("real", description="Where the data come from.")


class FlashCrashParameters(Parameters):
    """Prices fall and come back."""

    drop_pct: Fall = Field(0.3, description="By how much the price falls: 0.3 is 30 %.")
    duration_bars: Bars = Field(5, description="In how many bars it falls.")
    recovery_bars: BarsOrNone = Field(15, description="In how many bars it comes back; 0: it does not.")
    recovery_pct: float = Field(1.0, ge=0, le=1, description="How much of the fall is won back.")


class VolatilitySpikeParameters(Parameters):
    """Moves are so many times as large."""

    volatility_multiplier: Wilder = Field(5.0, description="How many times as large moves are.")
    duration_bars: Bars = Field(30, description="How many bars it lasts, or to the last one.")


class TrendShiftParameters(Parameters):
    """What rose falls and what fell rises."""

    strength: Wilder = Field(1.0, description="How large the reversed moves are: 1 is as large as they were.")
    duration_bars: Bars | None = Field(None, description=TO_THE_END)


class LiquidityDropParameters(Parameters):
    """Less is traded and offered."""

    liquidity_drop_pct: Part = Field(0.8, description="How much of volume and depth goes: 0.8 is 80 %.")
    duration_bars: Bars = Field(20, description="How many bars it lasts, or to the last one.")


class SpreadExplosionParameters(Parameters):
    """Bid and ask are farther apart."""

    spread_mult: Longer = Field(10.0, description="How many times as wide the spread is.")
    duration_bars: Bars = Field(20, description="How many bars it lasts, or to the last one.")


class DataCorruptionParameters(Parameters):
    """What arrives at the system is not what happened."""

    corruption_pct: Part = Field(0.15, description="How many bars of each symbol arrive wrong: 0.15 is 15 %.")
    kinds: Corruptions = Field(
        ("nan", "spike", "duplicate"),
        description="What is wrong: nan (no prices), inf, spike (a price several times off), duplicate (the "
        "bar before once more), gap (nothing at all), negative (prices below zero).",
    )
    duration_bars: Bars | None = Field(None, description=TO_THE_END)


class ModelFailureParameters(Parameters):
    """Predictions fail."""

    failure_rate: Rate = Field(0.3, description="How many predictions fail: 0.3 is 30 %.")
    duration_bars: Bars | None = Field(None, description=TO_THE_END)


class ExecutionFailureParameters(Parameters):
    """Orders fail, and what does not is slow."""

    failure_rate: Rate = Field(0.4, description="How many orders fail: 0.4 is 40 %.")
    latency_mult: Longer = Field(1.0, description="How many times as long everything takes.")
    duration_bars: Bars | None = Field(None, description=TO_THE_END)


class LatencySpikeParameters(Parameters):
    """Everything takes longer."""

    latency_mult: Longer = Field(10.0, description="How many times as long everything takes.")
    duration_bars: Bars | None = Field(None, description=TO_THE_END)


class CorrelationBreakdownParameters(Parameters):
    """Symbols that moved together move apart. It takes two symbols or more."""

    target_correlation: Correlation = Field(
        0.0, description="Of all pairs while it lasts; with n symbols not below -1 / (n - 1)."
    )
    duration_bars: Bars = Field(40, description="How many bars it lasts, or to the last one.")


class PumpDumpParameters(Parameters):
    """The price is driven up, ever faster, and collapses."""

    pump_pct: Rise = Field(1.2, description="By how much it rises: 1.2 is 120 %.")
    pump_bars: Bars = Field(8, description="In how many bars it rises.")
    dump_bars: Bars = Field(4, description="In how many bars it falls back to where it was.")
