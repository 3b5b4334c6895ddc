"""The parameters of a mix: all of the types' under names of their own, regulatory shocks, the network."""

from typing import Any

from pydantic import Field, model_validator

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
    Wilder,
)

WITHOUT = {  # what a mix is made of where its parameters name no stress: as in "Mixed Regime Chaos"
    "flash_crash_drop_pct": 0.2,
    "volatility_multiplier": 5.0,
    "spread_mult": 10.0,
    "liquidity_drop_pct": 0.8,
}


class MixedCustomParameters(Parameters):
    """Several stresses at once: those that are named. Where none is, there is a crash of 20 %, moves 5 times
    as large, spreads 10 times as wide, and 80 % of the volume goes."""

    duration_bars: Bars = Field(
        30, description="How many bars each lasts that has no duration of its own, or to the last one."
    )
    flash_crash_drop_pct: Fall | None = Field(None, description="By how much prices fall: 0.2 is 20 %.")
    flash_crash_duration_bars: Bars = Field(5, description="In how many bars prices fall.")
    flash_crash_recovery_bars: BarsOrNone = Field(
        15, description="In how many bars they come back; 0: not at all."
    )
    volatility_multiplier: Wilder | None = Field(None, description="How many times as large moves are.")
    trend_strength: Wilder | None = Field(
        None, description="Moves are reversed, and so many times as large as they were, to the last bar."
    )
    spread_mult: Longer | None = Field(None, description="How many times as wide the spread is.")
    liquidity_drop_pct: Part | None = Field(None, description="How much of volume and depth goes.")
    corruption_pct: Part | None = Field(
        None, description="How many bars of each symbol arrive wrong, to the last bar."
    )
    corruption_kinds: Corruptions = Field(
        ("nan", "spike", "duplicate"), description="What is wrong with them."
    )
    pump_pct: Rise | None = Field(
        None, description="By how much prices are driven up, after the crash where there is one."
    )
    pump_bars: Bars = Field(8, description="In how many bars they are driven up.")
    dump_bars: Bars = Field(4, description="In how many bars they fall back.")
    target_correlation: Correlation | None = Field(
        None, description="Of all pairs while it lasts, before a crash that moves all together."
    )
    execution_failure_rate: Rate | None = Field(None, description="How many orders fail.")
    model_failure_rate: Rate | None = Field(None, description="How many predictions fail.")
    latency_mult: Longer = Field(1.0, description="How many times as long everything takes.")
    short_sale_ban_bars: BarsOrNone = Field(0, description="For how many bars nothing may be sold short.")
    margin_factor: Longer = Field(
        1.0, description="Caps of position and exposure are divided by it, to the last bar."
    )
    partition_bars: BarsOrNone = Field(0, description="For how many bars the network is down.")
    luld: bool = Field(False, description="Symbols pause where they leave their price bands (US stocks).")
    market_wide_halts: bool = Field(
        False, description="All trading halts where all prices together fall by 7, 13 or 20 % in a day."
    )

    @model_validator(mode="before")
    @classmethod
    def _of_something(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        stresses = cls.model_fields.keys() - Parameters.model_fields.keys() - _SHAPES
        without = {name: cls.model_fields[name].default for name in stresses}
        is_named = any(given.get(name, default) != default for name, default in without.items())
        return given if is_named else {**given, **WITHOUT}


_SHAPES = {  # these say how a stress is, and are none
    "duration_bars",
    *("flash_crash_duration_bars", "flash_crash_recovery_bars", "pump_bars", "dump_bars", "corruption_kinds"),
}
