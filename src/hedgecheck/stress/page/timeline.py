"""What happened, on one time axis: stress, what stopped trading, price, equity, drawdown, heat, exposure."""

import math
from collections.abc import Iterable, Iterator

from hedgecheck.report.page.chart import Line, Span, axis, drawing, legend, pane, round_step, scale_of
from hedgecheck.report.page.markup import Html, element, joined, plural
from hedgecheck.stress.models import Curves, EmergencyStop, ScenarioResult
from hedgecheck.stress.wording import DAY_NS, shown, when, words
from hedgecheck.values import frozen

HEIGHT = 100.0  # units of a drawing, whatever its height in pixels
AXIS_MARKS = 6
SERIES_MAX = 6  # colours
PERCENT = 100.0


@frozen
class Windows:
    """Of one kind of stress: bars from and up to, without, in their order and merged where they meet."""

    kind: str
    symbol: str
    bars: tuple[tuple[int, int], ...]


def timeline(result: ScenarioResult) -> Html:
    """All panes, below them the axis. What has no curves has no picture."""
    curves = result.curves
    if curves is None or not curves.time_ns:
        return element("p", "There is nothing to draw: it has no curves.", class_="quiet")
    spans = spans_of(result)
    panes = (
        _prices(curves, spans),
        _equity(curves, spans),
        _drawdown(curves, spans),
        _part("heat", "Portfolio heat", "what would be lost at the stops", curves.heat, curves, spans),
        _part("exposure", "Exposure", "what is held, of the equity", curves.exposure, curves, spans),
    )
    below = axis(_moments(curves), len(curves.time_ns))
    return element("div", _legend(result), _tracks(result), *panes, below, class_="chart")


def spans_of(result: ScenarioResult) -> tuple[Span, ...]:
    """What is shaded in every pane: the stress, and trading that is stopped or halted, with its begin.

    Curves show the end of each bar, so that what moved in a bar is to the left of its number.
    """
    count = result.bars
    found = [Span(start - 1, end - 1, "stress", "stress") for start, end in _merged(_injected(result))]
    stopped = [(each.bar, _reset(each, count)) for each in result.stops if each.source != "market"]
    halted = [(each.bar, _reset(each, count)) for each in result.stops if each.source == "market"]
    found += [Span(start, end, "stopped", "trading is stopped") for start, end in _merged(stopped)]
    found += [Span(start, end, "halted", "the exchange has halted trading") for start, end in _merged(halted)]
    for each in result.stops:
        css = "halt" if each.source == "market" else "stop"
        found.append(Span(each.bar, each.bar, css, f"bar {each.bar:,}: {each.source} {words(each.kind)}"))
    return tuple(found)


def _injected(result: ScenarioResult) -> Iterator[tuple[int, int]]:
    return ((each.bar, each.bar + max(1, each.bars)) for each in result.injected)


def _reset(stop: EmergencyStop, count: int) -> int:
    return count if stop.reset_bar is None else stop.reset_bar


def _merged(windows: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Windows that meet as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)


def windows_of(result: ScenarioResult) -> tuple[Windows, ...]:
    """What was done to the data and the run, by kind; symbols struck once each, and not alike, apart."""
    by_kind: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for each in result.injected:
        bars = each.bar, each.bar + max(1, each.bars)
        by_kind.setdefault(each.kind, {}).setdefault(each.symbol, []).append(bars)
    found = []
    for kind, symbols in by_kind.items():
        merged = {symbol: _merged(bars) for symbol, bars in symbols.items()}
        if len(set(merged.values())) > 1 and all(len(bars) == 1 for bars in merged.values()):
            found += [Windows(kind, symbol, bars) for symbol, bars in merged.items()]
        else:
            every = _merged(each for bars in merged.values() for each in bars)
            found.append(Windows(kind, ", ".join(filter(None, symbols)), every))
    return tuple(sorted(found, key=lambda each: each.bars[0]))


# ---- above the panes --------------------------------------------------------------------------------------


def _legend(result: ScenarioResult) -> Html:
    entries = [("stress", "stress")] if result.injected else []
    if any(each.source != "market" for each in result.stops):
        entries.append(("stopped", "trading stopped"))
    if any(each.source == "market" for each in result.stops):
        entries.append(("halted", "halted by the exchange"))
    return legend(entries) if entries else joined()


def _tracks(result: ScenarioResult) -> Html:
    """A rail for each kind of stress, and for each that stopped trading."""
    rows = []
    for each in windows_of(result):
        drawn = [(start - 1, end - 1) for start, end in each.bars]
        rows.append(_rail("", words(each.kind), f"{each.symbol} {_bars_of(each)}", drawn, result))
    by_cause: dict[tuple[str, str], list[EmergencyStop]] = {}
    for stop in result.stops:
        by_cause.setdefault((stop.source, stop.kind), []).append(stop)
    for (source, kind), stops in by_cause.items():
        css = "halted" if source == "market" else "stopped"
        more = f"; {len(stops) - 1} more" if len(stops) > 1 else ""
        bars = _merged((each.bar, _reset(each, result.bars)) for each in stops)
        told = f"bar {stops[0].bar:,}: {stops[0].why}{more}"
        rows.append(_rail(css, f"{source} {words(kind)}", told, bars, result))
    return element("div", *rows, class_="tracks")


def _bars_of(windows: Windows) -> str:
    start, end = windows.bars[0][0], windows.bars[-1][1]
    held = sum(last - first for first, last in windows.bars)
    apart = len(windows.bars)
    many = f", {plural(held, 'bar')} in {plural(apart, 'window')}" if apart > 1 else ""
    return f"bar {start:,} to {end - 1:,}{many}" if end - start > 1 else f"bar {start:,}"


def _rail(css: str, name: str, told: str, windows: Iterable[tuple[int, int]], result: ScenarioResult) -> Html:
    across = PERCENT / max(1, result.bars - 1)
    styles = (f"left:{start * across:.2f}%;width:{(end - start) * across:.2f}%" for start, end in windows)
    marks = (element("i", class_=css or None, style=style) for style in styles)
    return element(
        "div",
        element("p", element("b", name), " ", element("span", told, class_="quiet")),
        element("div", *marks, class_="rail", aria_hidden="true"),
        class_="track-row",
    )


# ---- panes ------------------------------------------------------------------------------------------------


def _prices(curves: Curves, spans: tuple[Span, ...]) -> Html:
    """The price of one symbol, or of several, each 100 at its start."""
    series = curves.prices[:SERIES_MAX]
    if len(series) == 1:
        symbol, prices = series[0]
        return _drawn("price", f"Price {symbol}", _course(prices), (Line(prices, "s1"),), curves, spans)
    lines = tuple(Line(_indexed(prices), f"s{place}") for place, (_, prices) in enumerate(series, 1))
    entries = [(f"stroke s{place}", symbol) for place, (symbol, _) in enumerate(series, 1)]
    left = len(curves.prices) - len(series)
    said = "each 100 at the start" + (f", {left} more are not drawn" if left else "")
    drawn = _drawn("price", "Prices", said, lines, curves, spans)
    return joined(drawn, element("div", legend(entries), class_="pane-name"))


def _indexed(prices: tuple[float, ...]) -> tuple[float, ...]:
    base = next((each for each in prices if math.isfinite(each) and each), 1.0)
    return tuple(PERCENT * each / base for each in prices)


def _equity(curves: Curves, spans: tuple[Span, ...]) -> Html:
    line = Line(curves.equity, "equity")
    return _drawn("equity", "Equity", _course(curves.equity), (line,), curves, spans)


def _drawdown(curves: Curves, spans: tuple[Span, ...]) -> Html:
    below = tuple(-PERCENT * each for each in curves.drawdown)
    line = Line(below, "drawdown", filled=True)
    worst = max(range(len(below)), key=lambda bar: curves.drawdown[bar])
    said = f"at worst {shown(curves.drawdown[worst], 'fraction')}, bar {worst:,}"
    return _drawn("drawdown", "Drawdown", said, (line,), curves, spans, zero=True, unit=" %")


def _part(
    css: str, name: str, what: str, parts: tuple[float, ...], curves: Curves, spans: tuple[Span, ...]
) -> Html:
    values = tuple(PERCENT * each for each in parts)
    said = f"{what}: at most {shown(max(parts), 'fraction')}"
    line = Line(values, css, filled=True)
    return _drawn(css, name, said, (line,), curves, spans, zero=True, unit=" %")


def _drawn(
    css: str,
    name: str,
    said: str,
    lines: tuple[Line, ...],
    curves: Curves,
    spans: tuple[Span, ...],
    *,
    zero: bool = False,
    unit: str = "",
) -> Html:
    scale, marks = scale_of(lines, HEIGHT, 4 if css in ("price", "equity") else 2, zero)
    step = marks[1] - marks[0] if len(marks) > 1 else abs(marks[0]) if marks else 1.0
    labels = [(each, f"{amount(each, step)}{unit}") for each in marks]
    plot = drawing(lines, scale, marks, spans, len(curves.time_ns), f"{name}: {said}")
    return pane(name, said, plot, scale, labels, css)


def _course(values: tuple[float, ...]) -> str:
    """From where to where, and the lowest between."""
    finite = [each for each in values if math.isfinite(each)]
    if not finite:
        return "no number"
    span = max(finite) - min(finite) or abs(finite[0]) or 1.0
    first, last, least = (amount(each, span / 200) for each in (finite[0], finite[-1], min(finite)))
    return f"{first} → {last}, lowest {least}"


def amount(value: float, step: float) -> str:
    """A number with as many decimals as a step of that size needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    decimals += step > 0 and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6
    return f"{value + 0.0:,.{decimals}f}" if round(value, decimals) else "0"


def _moments(curves: Curves) -> list[tuple[float, str]]:
    """Round bars and their times."""
    count = len(curves.time_ns)
    step = max(1, round(round_step(max(1, count - 1) / AXIS_MARKS)))
    times = curves.time_ns
    apart_ns = (times[-1] - times[0]) / max(1, count - 1) * step
    form = "%Y-%m-%d" if apart_ns >= DAY_NS else "%m-%d\n%H:%M"
    return [(bar, f"bar {bar:,}\n{when(curves, bar, form)}") for bar in range(0, count - step // 3, step)]


def period_of(curves: Curves) -> str:
    """From when to when."""
    return f"{when(curves, 0)} to {when(curves, -1)} UTC"
