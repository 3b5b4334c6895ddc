"""Synthetic market data from a seed: models of prices, conditions that come over a market, market impact."""

from hedgecheck.marketdata.conditions import (
    Condition,
    DepthChange,
    FlashCrash,
    ImpliedVolatilitySurge,
    LiquidityDrain,
    LowLiquidity,
    Spike,
    SpreadWidening,
    VolatilityFactor,
)
from hedgecheck.marketdata.feed import Feed
from hedgecheck.marketdata.fitting import fit_garch
from hedgecheck.marketdata.generator import Liquidity, generate
from hedgecheck.marketdata.impact import Impact, almgren_impact, square_root_impact
from hedgecheck.marketdata.market import Bar, Market
from hedgecheck.marketdata.models import Garch, Gbm, Merton, Model, Moves, Switching
from hedgecheck.marketdata.regimes import Regime, Regimes

__all__ = [
    "Bar",
    "Condition",
    "DepthChange",
    "Feed",
    "FlashCrash",
    "Garch",
    "Gbm",
    "Impact",
    "ImpliedVolatilitySurge",
    "Liquidity",
    "LiquidityDrain",
    "LowLiquidity",
    "Market",
    "Merton",
    "Model",
    "Moves",
    "Regime",
    "Regimes",
    "Spike",
    "SpreadWidening",
    "Switching",
    "VolatilityFactor",
    "almgren_impact",
    "fit_garch",
    "generate",
    "square_root_impact",
]
