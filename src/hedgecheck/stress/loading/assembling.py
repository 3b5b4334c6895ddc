"""A market from bars of several symbols: on the times that all have, with what bars do not tell estimated."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Liquidity, Market, Moves
from hedgecheck.marketdata.chance import source
from hedgecheck.marketdata.generator import liquid
from hedgecheck.marketdata.market import PRICES
from hedgecheck.stress.candles import Candles, Rhythm
from hedgecheck.stress.loading.dates import Range

DECAY = 0.94  # of a variance from bar to bar; RiskMetrics Technical Document (1996)
FIRST_BARS = 30  # the variance begins with theirs
DEPTH_SHARE = 0.005  # of what is traded in an ordinary bar is offered at the best price
ESTIMATED = "Spread, depth and implied volatility are not in the data: they are estimated from the moves."


def tidied(candles: Candles) -> Candles:
    """The bars in the order of time, each once."""
    _, rows = np.unique(candles.time_ns, return_index=True)
    return candles.at(rows)


def assembled(series: Sequence[Candles], beat: Rhythm, span: Range) -> tuple[Market, list[str]]:
    """The market of bars that are in order, and what was left out for it.

    Spread and depth follow the volatility as in ``marketdata.generate``, about 5 bps and 0.5 % of the volume
    of a median bar; the volatility of a bar is exponentially weighted over those before it. Raises
    ``UsageError`` where no bar is common to all symbols.
    """
    times = reduce(np.intersect1d, [each.time_ns for each in series])
    if not len(times):
        raise UsageError(f"The symbols have no bar in common: {_ranges(series)}. Ask for each by itself.")
    common = [each.at(np.searchsorted(each.time_ns, times)) for each in series]
    notes = [
        f"{each.symbol}: {len(each) - len(times):,} of {len(each):,} bars are left out: others lack them."
        for each in series
        if len(each) > len(times)
    ]
    taken = span.rows(times)
    columns = {
        name: np.column_stack([getattr(each, name) for each in common]) for name in (*PRICES, "volume")
    }
    first = taken.start
    reference = columns["open"][0] if first == 0 else columns["close"][first - 1]
    kept = {name: values[taken] for name, values in columns.items()}
    ends = times[taken] + beat.step_ns
    if len(ends) < span.bars:
        notes.append(f"There are {len(ends):,} bars where {span.bars:,} were asked for.")
    symbols = tuple(each.symbol for each in series)
    return _market(symbols, ends, reference.copy(), kept, beat), [*notes, ESTIMATED]


def _market(
    symbols: tuple[str, ...], ends: Ints, reference: Floats, kept: dict[str, Floats], beat: Rhythm
) -> Market:
    returns = np.diff(np.log(np.vstack([reference, kept["close"]])), axis=0)
    deviations = _deviations(returns)
    usual = np.median(deviations, axis=0, keepdims=True)
    moves = Moves(np.vstack([np.zeros_like(usual), returns]), np.vstack([usual, deviations]))
    _, spread, depth = liquid(moves, Liquidity(0.0, 1.0), source(0))
    offered = DEPTH_SHARE * np.median(kept["volume"], axis=0)
    high = np.maximum.reduce([kept["high"], kept["open"], kept["close"]])  # beyond them by a rounding
    low = np.minimum.reduce([kept["low"], kept["open"], kept["close"]])
    return Market(
        symbols,
        ends,
        reference,
        kept["open"],
        high,
        low,
        kept["close"],
        kept["volume"],
        spread[1:],
        depth[1:] * offered,
        deviations * beat.bars_per_year**0.5,
    )


def _deviations(returns: Floats) -> Floats:
    """Of each bar, from the bars before it; the first from those that the series begins with."""
    variance = (returns[:FIRST_BARS] ** 2).mean(axis=0)
    found = np.empty_like(returns)
    for bar, squared in enumerate(returns**2):
        found[bar] = variance
        variance = DECAY * variance + (1 - DECAY) * squared
    deviations: Floats = np.sqrt(found)
    return deviations


def _ranges(series: Sequence[Candles]) -> str:
    return ", ".join(
        f"{each.symbol} from {_when(each.time_ns[0])} to {_when(each.time_ns[-1])}" for each in series
    )


def _when(time_ns: int) -> str:
    return str(np.datetime64(int(time_ns), "ns").astype("datetime64[m]"))
