"""What a scenario is run on: its source read, judged, and brought into one market."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hedgecheck.arrays import names, whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Market
from hedgecheck.stress.candles import DAY_NS, SECOND_NS, Candles, rhythm
from hedgecheck.stress.loading import files, klines, packaged, synthetic
from hedgecheck.stress.loading.assembling import assembled, tidied
from hedgecheck.stress.loading.cache import Pages
from hedgecheck.stress.loading.dates import Range, range_of
from hedgecheck.stress.quality import QualityReport, inspected, inspected_market
from hedgecheck.values import frozen

SOURCES = (
    "synthetic[:SERIES], real, packaged:NAME[,NAME...], csv:PATH, parquet:PATH, ccxt:EXCHANGE[:TIMEFRAME]"
)


@frozen
class Loaded:
    """A market and where it came from. ``notes``: what its reader should know; ``quality``: what was found in
    the data before they were put in order; ``bars_per_year``: to annualise by."""

    market: Market
    source: str
    notes: tuple[str, ...]
    quality: QualityReport
    bars_per_year: float


@frozen
class _Wanted:
    symbols: tuple[str, ...]
    span: Range
    bar_ns: int


class ScenarioLoader:
    """Loads markets. ``cache``: the folder in which downloads are kept; None keeps none. ``connected`` makes
    a synchronous exchange of ccxt's by its name; ``pause`` waits so many seconds before a request is made
    again."""

    def __init__(
        self,
        cache: Path | None = None,
        *,
        connected: Callable[[str], Any] = klines.connected,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._cache = cache
        self._connected = connected
        self._pause = pause

    def load(
        self,
        symbols: Sequence[str],
        source: str,
        *,
        bars: int,
        bar_seconds: int = 3600,
        seed: int = 0,
        volatility: float | None = None,
        correlation: float = 0.6,
        first: str = "",
        last: str = "",
    ) -> Loaded:
        """A market of so many bars of ``bar_seconds``, the same for the same arguments and data.

        ``seed``, ``volatility`` per year and ``correlation`` are for what is made. A history is taken from
        ``first`` on, or from its beginning; where only ``last`` is given, up to that. Days are the bars of
        ``real`` and ``packaged``, and files have their own. Raises ``UsageError`` for arguments that make no
        sense, a source that is none, and data that cannot be used (what is wrong with which bar);
        ``PackageMissing`` without a package that the source needs; ``DataUnavailable`` where an exchange
        cannot be reached or the cache cannot be written.
        """
        wanted = _Wanted(
            names("symbols", symbols),
            range_of(first, last, whole("bars", bars, 1)),
            whole("bar_seconds", bar_seconds, 1) * SECOND_NS,
        )
        kind, _, rest = source.partition(":")
        if kind == "synthetic":
            return _made(wanted, source, rest, seed, volatility, correlation)
        series, notes = self._read(wanted, kind, rest, source)
        return _judged(wanted, source, series, notes)

    def _read(
        self, wanted: _Wanted, kind: str, rest: str, source: str
    ) -> tuple[Sequence[Candles], list[str]]:
        match kind:
            case "real" if not rest:
                stands = packaged.NAMES[: len(wanted.symbols)]
                return packaged.candles_of(wanted.symbols, stands), _packaged_notes(wanted, stands)
            case "packaged" if rest:
                stands = tuple(rest.split(","))
                return packaged.candles_of(wanted.symbols, stands), _packaged_notes(wanted, stands)
            case "csv" | "parquet" if rest:
                return files.candles_of(wanted.symbols, rest, kind), []
            case "ccxt" if rest:
                return self._downloaded(wanted, rest)
        raise UsageError(f"There is no source {source!r}. There are {SOURCES}.")

    def _downloaded(self, wanted: _Wanted, rest: str) -> tuple[Sequence[Candles], list[str]]:
        name, _, timeframe = rest.partition(":")
        pages = None if self._cache is None else Pages(self._cache / "klines" / name)
        exchange = klines.History(self._connected, name, pages, self._pause)
        return exchange.candles_of(wanted.symbols, timeframe, wanted.bar_ns, wanted.span)


def _packaged_notes(wanted: _Wanted, stands: Sequence[str]) -> list[str]:
    told = [packaged.stand_ins(wanted.symbols, stands)]
    if wanted.bar_ns != DAY_NS:
        told.append(f"Its bars are days, not {wanted.bar_ns // SECOND_NS:,} s.")
    return told


def _made(
    wanted: _Wanted, source: str, like: str, seed: int, volatility: float | None, correlation: float
) -> Loaded:
    a_year = synthetic.bars_a_year(wanted.bar_ns, like)
    begins = wanted.span.first_ns
    market = synthetic.made(
        wanted.symbols,
        bars=wanted.span.bars,
        bar_ns=wanted.bar_ns,
        bars_per_year=a_year,
        seed=seed,
        volatility=volatility,
        correlation=correlation,
        like=like,
        start_ns=synthetic.START_NS if begins is None else begins,
    )
    notes = [f"Its variance clusters as that of {like}, fitted to its days."] if like else []
    if wanted.span.end_ns is not None:
        notes.append("What is made has as many bars as are asked for: last is not heeded.")
    return Loaded(market, source, tuple(notes), inspected_market(market, wanted.bar_ns), a_year)


def _judged(wanted: _Wanted, source: str, series: Sequence[Candles], notes: list[str]) -> Loaded:
    """The market of what was read. ``UsageError`` where it cannot be used."""
    within = [wanted.span.within(each) for each in series]
    empty = [each.symbol for each in within if not len(each)]
    if empty:
        raise UsageError(f"{source}: there are no bars of {', '.join(empty)} in that range. Widen it.")
    quality = inspected(within, wanted.bar_ns)
    quality.refuse()
    tidy = [tidied(each) for each in within]
    beats = [rhythm(each.time_ns, wanted.bar_ns) for each in tidy]
    steps = {beat.step_ns for beat in beats}
    if len(steps) > 1:
        told = ", ".join(
            f"{each.symbol} {beat.step_ns / SECOND_NS:,.0f} s" for each, beat in zip(tidy, beats, strict=True)
        )
        raise UsageError(
            f"{source}: the symbols' bars are not equally long: {told}. Load bars of one length."
        )
    beat = max(beats, key=lambda each: each.bars_per_year)
    if beat.step_ns != wanted.bar_ns and not source.startswith(("real", "packaged")):
        notes = [
            *notes,
            f"The bars are of {beat.step_ns / SECOND_NS:,.0f} s, not {wanted.bar_ns / SECOND_NS:,.0f} s.",
        ]
    market, told_too = assembled(tidy, beat, wanted.span)
    return Loaded(market, source, (*notes, *told_too), quality, beat.bars_per_year)
