"""Histories of an exchange by ccxt's ``fetch_ohlcv``: page by page, each asked for once.

A page is a fixed stretch of time of a thousand bars, so that ranges that overlap share pages. It is kept once
it is over and whole: the exchange has given bars of it and one after its end. What an interrupted download
has kept is not asked for again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from hedgecheck.errors import DataUnavailable, UsageError
from hedgecheck.packages import optional
from hedgecheck.stress.candles import SECOND_NS, Candles
from hedgecheck.stress.loading.cache import Pages, Rows
from hedgecheck.stress.loading.dates import Range
from hedgecheck.stress.loading.pairs import unified

PAGE_BARS = 1_000
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0)  # before a request is made again
MS_NS = 1_000_000
UNITS_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
COLUMNS = 6


def connected(name: str) -> Any:
    """A synchronous exchange of ccxt's that keeps to its rate limit. ``UsageError`` for a name that ccxt does
    not know, ``PackageMissing`` without ccxt."""
    ccxt = optional("ccxt", "What speaks to exchanges is", "ccxt")
    if name not in ccxt.exchanges:
        raise UsageError(f"ccxt knows no exchange {name!r}. Name one that it does, as binance or kraken.")
    return getattr(ccxt, name)({"enableRateLimit": True})


class History:
    """The candles of one exchange, which is connected to when a page is not there. ``pages`` None keeps
    nothing; ``pause`` waits so many seconds."""

    def __init__(
        self,
        connected: Callable[[str], Any],
        name: str,
        pages: Pages | None,
        pause: Callable[[float], object],
    ) -> None:
        self._connected = connected
        self._name = name
        self._pages = pages
        self._pause = pause
        self._made: Any = None
        self._requests = 0

    def candles_of(
        self, symbols: Sequence[str], timeframe: str, bar_ns: int, span: Range
    ) -> tuple[list[Candles], list[str]]:
        """The candles of each symbol, without one that is not over yet; and what to say about it. A
        ``timeframe`` of ``bar_ns`` where none is named.

        Raises ``UsageError`` for a range without a beginning and an end, a symbol or a timeframe that the
        exchange does not have; ``DataUnavailable`` where it cannot be reached, what it answers makes no
        sense, or the cache cannot be used.
        """
        frame = timeframe or _frame(bar_ns)
        step_ms = _seconds(frame) * 1_000
        start, end = _bounds(span, step_ms)
        series = []
        for symbol in symbols:
            rows = [row for page in self._all(unified(symbol), frame, step_ms, start, end) for row in page]
            table = np.array([row for row in rows if start <= row[0] < end], dtype=np.float64)
            columns = table.reshape(-1, COLUMNS).T
            series.append(Candles(symbol, columns[0].astype(np.int64) * MS_NS, *columns[1:]))
        return series, self._notes()

    def _notes(self) -> list[str]:
        notes = [] if self._pages is not None else ["Nothing is kept of the download: there is no cache."]
        if self._pages is not None and self._pages.damaged:
            notes.append(
                f"Pages of the cache that were damaged, and fetched again: {len(self._pages.damaged)}."
            )
        return notes

    def _all(self, symbol: str, frame: str, step_ms: int, start: int, end: int) -> Iterator[Rows]:
        length = PAGE_BARS * step_ms
        for at in range(start - start % length, end, length):
            yield self._page(symbol, frame, step_ms, at)

    def _page(self, symbol: str, frame: str, step_ms: int, start: int) -> Rows:
        kept = self._pages.read(symbol, frame, start) if self._pages else None
        if kept is not None:
            return kept
        with self._pages.alone(symbol, frame) if self._pages else nullcontext():
            kept = self._pages.read(symbol, frame, start) if self._pages else None  # meanwhile, by another
            if kept is not None:
                return kept
            rows, is_whole = self._fetched(symbol, frame, step_ms, start)
            if self._pages and is_whole:
                self._pages.write(symbol, frame, start, rows)
            return rows

    def _fetched(self, symbol: str, frame: str, step_ms: int, start: int) -> tuple[Rows, bool]:
        """The candles of a page that are over, and whether there will be no others."""
        rows: Rows = []
        end, since = start + PAGE_BARS * step_ms, start
        over = self._exchange.milliseconds() - step_ms  # a candle that begins later is not
        while since < end and since <= over:
            answer = self._asked(symbol, frame, since)
            if not answer:
                return rows, False
            newest = int(answer[-1][0])
            if newest < since:
                raise DataUnavailable(
                    f"{self._name} does not give candles from a time on: asked for {since}, it gave {newest} "
                    "and before. Take another exchange."
                )
            rows += [row for row in answer if since <= row[0] < end and row[0] <= over]
            since = newest + step_ms
        return rows, bool(rows) and since >= end and end <= over + step_ms

    @property
    def _exchange(self) -> Any:
        if self._made is None:
            self._made = self._connected(self._name)
        return self._made

    def _asked(self, symbol: str, frame: str, since: int) -> Rows:
        """One request, made again where the network or the answer is broken."""
        ccxt = optional("ccxt", "What speaks to exchanges is", "ccxt")
        why: object = ""
        for pause in (*PAUSES_SECONDS, None):
            try:
                answer = self._exchange.fetch_ohlcv(symbol, frame, since, PAGE_BARS)
                if _is_sound(answer, getattr(self._exchange, "last_http_response", None)):
                    return sorted([each[:COLUMNS] for each in answer], key=lambda row: row[0])
                why = "what it answers is no list of candles"
            except (ccxt.BadSymbol, ccxt.BadRequest, ccxt.NotSupported) as error:
                raise UsageError(
                    f"{self._name} has no candles of {symbol} {frame}: {error}. Name a symbol and a "
                    "timeframe that it has."
                ) from error
            except ccxt.NetworkError as error:
                why = f"{type(error).__name__}, {error}"  # ccxt may say no more than what it asked for
            except ccxt.BaseError as error:
                raise self._lost(symbol, frame, error) from error
            except (TypeError, ValueError, AttributeError, IndexError, KeyError) as error:
                why = f"what it answers cannot be read, {error!r}"  # ccxt, of an answer that is cut off
            if pause is not None:
                self._pause(pause)
        raise self._lost(symbol, frame, why)

    def _lost(self, symbol: str, frame: str, why: object) -> DataUnavailable:
        kept = (
            "What was fetched is kept: the same call goes on."
            if self._pages
            else "Give a cache, by --cache or to ScenarioLoader, and it goes on."
        )
        return DataUnavailable(f"{self._name}: no candles of {symbol} {frame}: {why}. {kept}")


def _is_sound(answer: Any, body: Any) -> bool:
    """Whether an answer is candles, and the body it was read from all there: of one that is cut off or empty
    ccxt may make no candles at all."""
    if isinstance(body, str):
        try:
            json.loads(body)
        except ValueError:
            return False
    return isinstance(answer, list) and all(
        isinstance(row, list)
        and len(row) >= COLUMNS
        and all(isinstance(each, int | float) for each in row[:COLUMNS])
        for row in answer
    )


def _bounds(span: Range, step_ms: int) -> tuple[int, int]:
    """From when, and up to, without, when candles begin, in ms."""
    length = span.bars * step_ms
    if span.first_ns is None and span.end_ns is None:
        raise UsageError(
            "A download needs first or last, so that it is the same tomorrow: first='2021-05-01', say."
        )
    if span.first_ns is None:
        end = -(-(span.end_ns or 0) // MS_NS)
        return max(0, end - length), end
    start = -(-span.first_ns // MS_NS)
    start += -start % step_ms
    end = start + length
    return start, end if span.end_ns is None else min(end, -(-span.end_ns // MS_NS))


def _frame(bar_ns: int) -> str:
    """The timeframe of bars so long, as exchanges write it."""
    seconds = bar_ns // SECOND_NS
    unit = next(each for each, length in UNITS_SECONDS.items() if seconds % length == 0)
    return f"{seconds // UNITS_SECONDS[unit]}{unit}"


def _seconds(frame: str) -> int:
    count, unit = frame[:-1], frame[-1]
    if unit not in UNITS_SECONDS or not count.isdigit() or not int(count):
        raise UsageError(
            f"{frame!r} is no timeframe. Write 1m, 15m, 1h, 4h, 1d, 1w, as the exchange has them."
        )
    return int(count) * UNITS_SECONDS[unit]
