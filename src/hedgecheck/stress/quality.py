"""Whether data can be used: a report on a series that is loaded, and a monitor of one that arrives.

The report looks at all bars at once. What cannot be a price refuses the series; what can be told to be
harmless, or may be true, is noted. Nothing is mended.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hedgecheck.arrays import Ints
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Market
from hedgecheck.stress.candles import CLOSED_DAYS, DAY_NS, FIELDS, SECOND_NS, Candles, Rhythm, rhythm
from hedgecheck.stress.models import Issue
from hedgecheck.values import frozen

Verdict = Literal["usable", "usable with notes", "refused"]
Bools = NDArray[np.bool_]

NOT_A_NUMBER, NOT_POSITIVE, BAD_VOLUME = "not_a_number", "not_positive", "bad_volume"
HIGH_BELOW_LOW, OUTSIDE_RANGE = "high_below_low", "outside_range"
DUPLICATE, CONFLICT, OUT_OF_ORDER, GAP = "duplicate", "conflict", "out_of_order", "gap"
ZERO_VOLUME, STALE, OUTLIER = "zero_volume", "stale", "outlier"

# What each kind means, and whether a series with it is refused.
MEANINGS = {
    NOT_A_NUMBER: ("a price or a volume is no finite number", True),
    NOT_POSITIVE: ("a price is not above zero", True),
    HIGH_BELOW_LOW: ("the high is below the low", True),
    OUTSIDE_RANGE: ("open or close is not between low and high", True),
    BAD_VOLUME: ("the volume is negative", True),
    CONFLICT: ("two bars of one time say different things", True),
    DUPLICATE: ("the same bar twice; one is left out", False),
    OUT_OF_ORDER: ("earlier than the bar before; the bars are sorted", False),
    GAP: ("bars are missing before it; none are invented", False),
    ZERO_VOLUME: ("nothing was traded for several bars", False),
    STALE: ("the same bar again and again", False),
    OUTLIER: ("a move far beyond the usual ones", False),
}
ROUNDING = 1e-9  # of a price, by which open and close may be outside of the range
ZERO_VOLUME_BARS = 3
STALE_BARS = 5
OUTLIER_DEVIATIONS = 10
NORMAL_MAD = 1.4826  # deviations in a median absolute deviation, of normal numbers
SHOWN_MAX = 3  # bars that are named of each kind and symbol


@frozen
class Finding:
    """An issue and when its bar begins."""

    issue: Issue
    time_ns: int


@frozen
class QualityReport:
    """What is wrong with a series. ``bars`` of each symbol, as the source has them; an issue's ``bar`` counts
    them from 0. A run of bars is one issue, at its first."""

    symbols: tuple[str, ...]
    bars: tuple[int, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def issues(self) -> tuple[Issue, ...]:
        """By symbol, then by kind, then by bar."""
        return tuple(each.issue for each in self.findings)

    @property
    def verdict(self) -> Verdict:
        """Refused where one issue cannot be lived with."""
        if any(MEANINGS[each.kind][1] for each in self.issues):
            return "refused"
        return "usable with notes" if self.findings else "usable"

    def table(self) -> str:
        """A line for each kind of issue and symbol: how many, what, and the first of them."""
        total = ", ".join(f"{name} {bars:,}" for name, bars in zip(self.symbols, self.bars, strict=True))
        return "\n".join([f"{self.verdict}: bars of {total}", *(f"  {line}" for line in self._lines())])

    def _lines(self) -> Iterator[str]:
        counts = Counter((each.issue.symbol, each.issue.kind) for each in self.findings)
        for (symbol, kind), count in counts.items():
            which = [each for each in self.findings if (each.issue.symbol, each.issue.kind) == (symbol, kind)]
            places = "; ".join(_place(each) for each in which[:SHOWN_MAX])
            more = f"; {count - SHOWN_MAX} more" if count > SHOWN_MAX else ""
            yield f"{symbol}: {count} x {kind}, {MEANINGS[kind][0]}: {places}{more}"

    def refuse(self) -> None:
        """Raises ``UsageError`` where the series cannot be used: what is wrong with which bar."""
        if self.verdict == "refused":
            wrong = tuple(each for each in self.findings if MEANINGS[each.issue.kind][1])
            lines = "\n".join(f"  {line}" for line in QualityReport(self.symbols, self.bars, wrong)._lines())
            raise UsageError(
                f"These data cannot be used:\n{lines}\n"
                "Leave these bars out or download them again, or ask for a range without them (first, last)."
            )


def _place(finding: Finding) -> str:
    when = datetime.fromtimestamp(finding.time_ns / SECOND_NS, UTC)
    return f"bar {finding.issue.bar} ({when:%Y-%m-%d %H:%M}) {finding.issue.raw}".rstrip()


def inspected(series: Sequence[Candles], step_ns: int) -> QualityReport:
    """What is wrong with bars as their source has them; ``step_ns`` is between two, where they are too few
    to tell."""
    findings: list[Finding] = []
    for each in series:
        findings += _of_values(each)
        findings += _of_times(each, rhythm(each.time_ns, step_ns))
        findings += _of_the_course(each)
    return QualityReport(
        tuple(each.symbol for each in series), tuple(len(each) for each in series), tuple(findings)
    )


def inspected_market(market: Market, step_ns: int) -> QualityReport:
    """The same of a market."""
    series = [
        Candles(symbol, market.time_ns, *(np.asarray(getattr(market, name)[:, at]) for name in FIELDS))
        for at, symbol in enumerate(market.symbols)
    ]
    return inspected(series, step_ns)


def _found(
    candles: Candles, kind: str, wrong: Bools, raw: Callable[[int], str] = lambda bar: ""
) -> list[Finding]:
    return [
        Finding(Issue(kind, candles.symbol, bar, raw(bar)), int(candles.time_ns[bar]))
        for bar in np.flatnonzero(wrong).tolist()
    ]


def _numbers(candles: Candles) -> Callable[[int], str]:
    """What a bar says."""
    return lambda bar: " ".join(f"{name}={getattr(candles, name)[bar]:g}" for name in FIELDS)


def _of_values(candles: Candles) -> list[Finding]:
    """Bars that no market can have made."""
    prices = np.vstack([candles.open, candles.high, candles.low, candles.close])
    finite = np.isfinite(prices).all(axis=0) & np.isfinite(candles.volume)
    positive = (prices > 0).all(axis=0)
    ordered = candles.high >= candles.low
    tops, bottoms = np.maximum(candles.open, candles.close), np.minimum(candles.open, candles.close)
    within = (tops <= candles.high * (1 + ROUNDING)) & (bottoms >= candles.low * (1 - ROUNDING))
    sound, said = finite & positive, _numbers(candles)
    return [
        *_found(candles, NOT_A_NUMBER, ~finite, said),
        *_found(candles, NOT_POSITIVE, finite & ~positive, said),
        *_found(candles, HIGH_BELOW_LOW, sound & ~ordered, said),
        *_found(candles, OUTSIDE_RANGE, sound & ordered & ~within, said),
        *_found(candles, BAD_VOLUME, finite & (candles.volume < 0), said),
    ]


def _of_times(candles: Candles, beat: Rhythm) -> list[Finding]:
    """Bars that come twice, in the wrong order, or not at all."""
    order = np.argsort(candles.time_ns, kind="stable")
    values = np.vstack([getattr(candles, name) for name in FIELDS])[:, order]
    silent, same = np.zeros((2, len(order)), dtype=np.int64)  # since the bar before, in the source's order
    silent[order[1:]] = np.diff(candles.time_ns[order])
    same[order[1:]] = (values[:, 1:] == values[:, :-1]).all(axis=0)
    again, earlier = np.zeros((2, len(order)), dtype=bool)
    again[order[1:]] = np.diff(candles.time_ns[order]) == 0
    earlier[1:] = np.diff(candles.time_ns) < 0
    return [
        *_found(candles, CONFLICT, again & (same == 0), _numbers(candles)),
        *_found(candles, DUPLICATE, again & (same == 1)),
        *_found(candles, OUT_OF_ORDER, earlier),
        *_found(
            candles,
            GAP,
            silent > beat.gap_ns,
            lambda bar: f"{timedelta(seconds=int(silent[bar]) // SECOND_NS)} after the one before",
        ),
    ]


def _of_the_course(candles: Candles) -> list[Finding]:
    """What may be true and is worth knowing: nothing traded, nothing moved, or a move beyond all others."""
    moves = np.zeros(len(candles))
    with np.errstate(all="ignore"):
        moves[1:] = np.diff(np.log(candles.close))
    usual = moves[1:][np.isfinite(moves[1:])]
    beyond, same = np.zeros((2, len(candles)), dtype=bool)
    if len(usual):
        centre = float(np.median(usual))
        deviation = NORMAL_MAD * float(np.median(np.abs(usual - centre)))
        beyond[1:] = (np.abs(moves[1:] - centre) > OUTLIER_DEVIATIONS * deviation) & (deviation > 0)
    values = np.vstack([getattr(candles, name) for name in FIELDS])
    same[1:] = (values[:, 1:] == values[:, :-1]).all(axis=0)
    return [
        *_runs(candles, ZERO_VOLUME, candles.volume == 0, ZERO_VOLUME_BARS),
        *_runs(candles, STALE, same, STALE_BARS),
        *_found(candles, OUTLIER, beyond, lambda bar: f"{math.expm1(moves[bar]):+.1%}"),
    ]


def _runs(candles: Candles, kind: str, holds: Bools, bars_min: int) -> list[Finding]:
    """Runs of so many bars and more, each at its first."""
    edges = np.diff(np.concatenate([[0], holds.astype(np.int64), [0]]))
    starts: Ints = np.flatnonzero(edges == 1)
    ends: Ints = np.flatnonzero(edges == -1)
    return [
        Finding(Issue(kind, candles.symbol, start, f"{end - start} bars"), int(candles.time_ns[start]))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if end - start >= bars_min
    ]


# ---- as it arrives -----------------------------------------------------------------------------------------

SPIKE = "spike"
WITHHELD = frozenset(
    (NOT_A_NUMBER, NOT_POSITIVE, BAD_VOLUME, HIGH_BELOW_LOW, OUTSIDE_RANGE, SPIKE, DUPLICATE, OUT_OF_ORDER)
)
DEVIATIONS = 12.0  # mean absolute moves, about 10 deviations of normal ones, that no move is beyond
FLOOR = 0.5  # of a log price: a rise of 65 %, a fall of 39 %
MEMORY_BARS = 32
MOVE_CLIPPED = 4.0  # mean absolute moves that one move counts for, so that a spike does not widen the band
MOVE_LEAST = 0.01  # but so much it may always count for: a feed that begins calm can grow wild
GAP_STEPS = 1.5
Row = tuple[Any, Any, Any, Any, Any]  # open, high, low, close, volume


class _Seen:
    """What the monitor keeps of one symbol; prices are logarithms. ``level``: the last close that was
    believed. ``held``: a close that waits for the next bar. ``left``: the level before the last jump that
    was believed, to which the bar after it may return. None where there is none."""

    __slots__ = ("held", "last", "left", "level", "move", "step_ns", "time_ns")

    def __init__(self) -> None:
        self.level: float | None = None
        self.held: float | None = None
        self.left: float | None = None
        self.move = 0.0
        self.time_ns: int | None = None
        self.step_ns = 0
        self.last: Row | None = None


class FeedMonitor:
    """Says of each bar, from the bars before it alone, whether it can be believed.

    An issue of a kind in ``WITHHELD`` is about the bar itself, which is not to be used; a ``gap`` is about
    what is missing before it. ``gap_ns``: the silence after which bars are missing, of ``Rhythm``; 0 is one
    and a half times the shortest step so far, of bars of a day and more a long weekend more than it.

    A bar is a spike where its high or its low is farther from the last close that was believed than ``FLOOR``
    and than ``DEVIATIONS`` times the mean absolute move of about 32 bars. Size does not tell a loss from a
    wrong digit, but what comes next does: the close of a spike is held back for one bar, and believed where
    the next bar opens nearer to it than to the level before. So a true jump beyond the floor is known one bar
    late (AAPL, -52 % on 2000-09-29), and of two wrong bars in a row that say the same the second is believed.
    A lower floor would hold back more true moves, a higher one let errors of a factor of two pass.
    """

    def __init__(self, symbols: Sequence[str], *, gap_ns: int = 0) -> None:
        self._seen = {symbol: _Seen() for symbol in symbols}
        self._gap_ns = gap_ns

    def check(
        self,
        bar: int,
        symbol: str,
        open: Any,
        high: Any,
        low: Any,
        close: Any,
        volume: Any,
        time_ns: int,
    ) -> Issue | None:
        """What is wrong with a bar; None where nothing is. The numbers may be anything, None and texts too.
        ``time_ns`` is any time of the bar, the same for all. ``KeyError`` for a symbol that was not named."""
        seen, row = self._seen[symbol], (open, high, low, close, volume)
        before, is_late = seen.time_ns, False
        if before is not None:
            silent = time_ns - before
            if silent <= 0:
                return _issue(OUT_OF_ORDER if silent else DUPLICATE, symbol, bar, row)
            if not 0 < seen.step_ns <= silent:
                seen.step_ns = silent
            is_late = silent > (self._gap_ns or _usual_ns(seen.step_ns))
        seen.time_ns = time_ns
        try:
            is_sound = 0 < low <= open <= high < math.inf and low <= close <= high and 0 <= volume < math.inf
        except TypeError:
            is_sound = False
        if not is_sound and (kind := _unsound(row)):
            return _issue(kind, symbol, bar, row)
        if row == seen.last and volume > 0:  # where nothing was traded bars may well be the same
            return _issue(DUPLICATE, symbol, bar, row)
        seen.last = row
        if not _believed(seen, row):
            return _issue(SPIKE, symbol, bar, row)
        return _issue(GAP, symbol, bar, row) if is_late else None


def _usual_ns(step_ns: int) -> float:
    return GAP_STEPS * step_ns if step_ns < DAY_NS else step_ns + CLOSED_DAYS * DAY_NS


def _believed(seen: _Seen, row: Row) -> bool:
    """Whether a sound bar is where the price can be; what is known of the symbol moves on."""
    opened, top, bottom, close = map(math.log, row[:4])
    level, left = seen.level, None
    if level is None:
        seen.level = close
        return True
    if seen.held is not None:
        if abs(opened - seen.held) < abs(opened - level):
            level, left = seen.held, level
        seen.held = None
    band = max(FLOOR, DEVIATIONS * seen.move)
    if top - level > band or level - bottom > band:
        back = seen.left
        if back is None or top - back > band or back - bottom > band:
            seen.level, seen.left, seen.held = level, left, close
            return False
        level = back
    move = abs(close - level)
    seen.move += (min(move, MOVE_CLIPPED * seen.move + MOVE_LEAST) - seen.move) / MEMORY_BARS
    seen.level, seen.left = close, left
    return True


def _unsound(row: tuple[Any, ...]) -> str:
    """Why no market can have made a bar; nothing where it is a matter of rounding."""
    try:
        numbers = [float(each) for each in row if not isinstance(each, str | bytes)]
    except (TypeError, ValueError):
        return NOT_A_NUMBER
    if len(numbers) < len(row) or not all(map(math.isfinite, numbers)):
        return NOT_A_NUMBER
    opened, high, low, close, volume = numbers
    if min(opened, high, low, close) <= 0:
        return NOT_POSITIVE
    if volume < 0:
        return BAD_VOLUME
    if high < low:
        return HIGH_BELOW_LOW
    is_within = max(opened, close) <= high * (1 + ROUNDING) and min(opened, close) >= low * (1 - ROUNDING)
    return "" if is_within else OUTSIDE_RANGE


def _issue(kind: str, symbol: str, bar: int, row: Row) -> Issue:
    opened, high, low, close, volume = row
    return Issue(kind, symbol, bar, f"open={opened} high={high} low={low} close={close} volume={volume}")
