"""Markets to stress, and what is compared of them."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from hedgecheck.marketdata import Gbm, Market, generate
from hedgecheck.marketdata.market import SERIES
from hedgecheck.stress.parameters import CORRUPTIONS
from hedgecheck.stress.regulation import market_wide_halts, price_band_halts
from hedgecheck.stress.stressed import ExecutionFailure, ModelFailure, Slowness, Window
from hedgecheck.stress.transforming import (
    CorrelationBreakdown,
    DataCorruption,
    FlashCrash,
    Halts,
    LiquidityDrop,
    Planned,
    PumpDump,
    SpreadExplosion,
    TrendShift,
    VolatilitySpike,
)

BARS, SYMBOLS = 60, ("A", "B", "C")
HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS


def hourly(seed=1, bars=BARS, symbols=SYMBOLS):
    """Hours of symbols that are as wild as coins and move together."""
    return generate(
        symbols,
        bars=bars,
        seed=seed,
        model=Gbm(0.8),
        correlations=0.7 if len(symbols) > 1 else None,
        bars_per_year=8_766,
        bar_ns=HOUR_NS,
    )


PLAIN = hourly()


def made(closes, bar_ns=HOUR_NS, symbols=("A",), price=100.0, spread_bps=2.0):
    """A market with those closes, of shape (bars,) or (bars, symbols), whose bars have no wicks."""
    close = np.array(closes, dtype=float).reshape(len(closes), -1)
    reference = np.full(close.shape[1], float(price))
    opened = np.vstack([reference, close[:-1]])
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    some = [np.full(close.shape, each) for each in (1_000.0, spread_bps, 10.0, 0.8)]
    times = bar_ns * np.arange(1, len(close) + 1)
    return Market(symbols, times, reference, opened, high, low, close, *some)


def first_bars(market, bars):
    """The market, ended."""
    return replace(market, time_ns=market.time_ns[:bars], **{n: getattr(market, n)[:bars] for n in SERIES})


def followed(market, bars, other):
    """The first bars of a market, and the rest of another."""
    return replace(
        market,
        **{name: np.vstack([getattr(market, name)[:bars], getattr(other, name)[bars:]]) for name in SERIES},
    )


def same(one, other, rows=slice(None), columns=slice(None)):
    """Whether two markets are the same there in every byte, what is no number among it."""
    return all(
        getattr(one, name)[rows, columns].tobytes() == getattr(other, name)[rows, columns].tobytes()
        for name in SERIES
    )


def moves(market):
    return np.diff(np.log(np.vstack([market.reference, market.close])), axis=0)


starts, lengths = st.integers(0, 20), st.integers(1, 20)
factors, parts = st.floats(0.2, 3), st.floats(0.01, 0.9)
for_some = st.sampled_from([(), ("A",), ("B", "A")])
for_pairs = st.sampled_from([(), ("B", "A"), ("A", "C")])
some_kinds = st.lists(st.sampled_from(CORRUPTIONS), min_size=1, unique=True).map(tuple)
price_stresses = st.one_of(
    st.builds(FlashCrash, starts, parts, lengths, st.integers(0, 20), st.floats(0, 1), for_some),
    st.builds(PumpDump, starts, st.floats(0.01, 3), lengths, lengths, for_some),
    st.builds(CorrelationBreakdown, starts, st.integers(4, 20), st.floats(-0.4, 1), for_pairs),
    st.builds(VolatilitySpike, starts, lengths | st.none(), factors, for_some),
    st.builds(TrendShift, starts, lengths | st.none(), factors, for_some),
)
liquidity_stresses = st.one_of(
    st.builds(LiquidityDrop, starts, lengths | st.none(), parts, for_some),
    st.builds(SpreadExplosion, starts, lengths | st.none(), st.floats(1, 50), for_some),
)
corruptions = st.builds(DataCorruption, starts, lengths | st.none(), parts, some_kinds, for_some)
windows = st.builds(lambda start, bars: Window(start, start + bars), starts, lengths)
faults = st.one_of(*[st.builds(each, windows, parts) for each in (ModelFailure, ExecutionFailure, Slowness)])
run_stresses = st.one_of(
    st.builds(Planned, faults),
    st.builds(Halts, starts, st.sampled_from([price_band_halts, market_wide_halts])),
)
transformations = st.one_of(price_stresses, liquidity_stresses, corruptions, run_stresses)


def legs(transformation):
    """The bars of each part of a stress that knows its own end, from, and without the end, to."""
    at = transformation
    match at:
        case FlashCrash():
            bottom = at.start + at.bars
            return ((at.start, bottom), (bottom, bottom + at.recovery_bars))
        case PumpDump():
            top = at.start + at.pump_bars
            return ((top, top + at.dump_bars),)
        case CorrelationBreakdown():
            return ((at.start, at.start + at.bars),)
        case _:
            return ()
