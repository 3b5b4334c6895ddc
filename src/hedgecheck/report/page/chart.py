"""Curves over one time axis as inline SVG that stretches to the width it is given, pure arithmetic.

A drawing has ``WIDTH`` units across whatever its width in pixels; lines keep their thickness. Words are HTML
beside it, so that they have one size on a phone and on a wide screen. Of more points than units the first,
the lowest, the highest and the last of each unit are kept: no extreme is lost.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

from hedgecheck.report.page.markup import Html, element, joined
from hedgecheck.values import frozen

WIDTH = 1_000  # units; more than there are pixels on most screens
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
Series = Sequence[float]


@frozen
class Line:
    """One curve. ``css``: its class, which colours it. ``filled``: the area down to 0, or from it."""

    values: tuple[float, ...]
    css: str
    name: str = ""
    filled: bool = False


@frozen
class Span:
    """Bars from ``start`` up to, without, ``end`` of all panes; an instant where both are the same."""

    start: float
    end: float
    css: str
    title: str = ""


@frozen
class Scale:
    """Values from ``low`` to ``high`` on a drawing of so many units of ``height``, the high ones above."""

    low: float
    high: float
    height: float

    def y(self, value: float) -> float:
        """Where a value goes."""
        return self.height * (self.high - value) / (self.high - self.low)


def scale_of(lines: Iterable[Line], height: float, ticks: int, zero: bool) -> tuple[Scale, tuple[float, ...]]:
    """A scale that holds all finite values, 0 too where asked for, and round values to mark on it."""
    values = [each for line in lines for each in line.values if math.isfinite(each)] + [0.0] * zero
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-12):
        widened = abs(high) * 0.01 or 1.0
        low, high = low - (0 if zero and low == 0 else widened), high + widened
    step = round_step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(step * number for number in range(first, last + 1))
    room = 0.04 * (high - low)
    scale = Scale(min(low - room, low) if low != 0 or not zero else low, high + room * (high != 0), height)
    return scale, tuple(each for each in marks if scale.low <= each <= scale.high)


def round_step(wanted: float) -> float:
    """The least of 1, 2, 2.5 and 5 by a power of ten that is no smaller."""
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((power * each for each in STEPS if power * each >= wanted * (1 - 1e-9)), power * 10)


def reduced(values: Series, width: int = WIDTH) -> Iterator[tuple[int, float]]:
    """Places and values to draw: all, or of each unit of width the first, lowest, highest and last that is
    finite, in their order; what is not finite breaks the line, as NaN."""
    count = len(values)
    if count <= 2 * width:
        yield from enumerate(values)
        return
    for unit in range(width):
        start, end = unit * count // width, (unit + 1) * count // width
        finite = [place for place in range(start, end) if math.isfinite(values[place])]
        if not finite:
            yield start, math.nan
            continue
        least, most = min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)
        for place in sorted({finite[0], least, most, finite[-1]}):
            yield place, values[place]


def path_of(line: Line, scale: Scale, count: int, width: int = WIDTH, *, closed: bool = False) -> str:
    """The curve as an SVG path over ``count`` bars, ``closed`` down to 0; empty where nothing is finite."""
    across = width / max(1, count - 1)
    zero = scale.y(min(max(0.0, scale.low), scale.high))
    parts: list[str] = []
    run: list[tuple[float, float]] = []
    for place, value in [*reduced(line.values, width), (0, math.nan)]:
        if math.isfinite(value):
            run.append((place * across, scale.y(value)))
            continue
        if run:
            text = "L".join(f"{_short(x)} {_short(y)}" for x, y in run)
            ended = f"V{_short(zero)}H{_short(run[0][0])}Z" if closed else "h0" * (len(run) == 1)
            parts.append(f"M{text}{ended}")
        run = []
    return "".join(parts)


def drawing(
    lines: Iterable[Line],
    scale: Scale,
    marks: Iterable[float],
    spans: Iterable[Span],
    count: int,
    label: str,
    width: int = WIDTH,
) -> Html:
    """One pane: what is shaded, the grid, and the curves above; ``label`` says what is to be seen."""
    drawn = list(lines)
    areas = (
        element("path", d=path_of(each, scale, count, width, closed=True), class_=f"area {each.css}")
        for each in drawn
        if each.filled
    )
    curves = (
        element("path", d=path_of(each, scale, count, width), class_=f"curve {each.css}") for each in drawn
    )
    grid = (
        element("line", x1=0, x2=width, y1=_short(scale.y(each)), y2=_short(scale.y(each)), class_="grid")
        for each in marks
    )
    return element(
        "svg",
        element("title", label),
        *shaded(spans, count, scale.height, width),
        *areas,
        *grid,
        *curves,
        viewBox=f"0 0 {width} {_short(scale.height)}",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
        class_="plot",
    )


def shaded(spans: Iterable[Span], count: int, height: float, width: int = WIDTH) -> Iterator[Html]:
    """What is shaded, from top to bottom; instants as lines."""
    across = width / max(1, count - 1)
    for each in spans:
        left, right = max(0.0, each.start * across), min(float(width), each.end * across)
        told = element("title", each.title) if each.title else None
        if each.end <= each.start:
            yield element(
                "line", told, x1=_short(left), x2=_short(left), y1=0, y2=_short(height), class_=each.css
            )
        else:
            sides = {"x": _short(left), "width": _short(max(right - left, 1.0))}
            yield element("rect", told, **sides, y=0, height=_short(height), class_=each.css)


def pane(
    title: str, said: str, plot: Html, scale: Scale, labels: Iterable[tuple[float, str]], css: str = ""
) -> Html:
    """A pane with its name, what is said beside it, and its marks: each a value and its words."""
    named = (
        element("span", text, class_="tick", style=f"top:{100 * scale.y(value) / scale.height:.2f}%")
        for value, text in labels
    )
    return element(
        "div",
        element("div", element("b", title) if title else None, element("span", said), class_="pane-name"),
        element("div", element("div", *named, class_="ticks", aria_hidden="true"), plot, class_="pane-body"),
        class_=f"pane {css}",
    )


def axis(labels: Sequence[tuple[float, str]], count: int) -> Html:
    """The time axis below all panes: bars and their words; every second one gives way on a narrow screen."""
    across = 100 / max(1, count - 1)
    named = (
        element("span", text, class_="odd" if place % 2 else None, style=f"left:{across * bar:.2f}%")
        for place, (bar, text) in enumerate(labels)
    )
    return element("div", element("div", *named, class_="axis-body"), class_="axis", aria_hidden="true")


def legend(entries: Iterable[tuple[str, str]]) -> Html:
    """What the colours mean: a class and words."""
    return element(
        "p",
        joined(*(element("span", element("i", class_=f"swatch {css}"), words) for css, words in entries)),
        class_="chart-legend",
    )


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"
