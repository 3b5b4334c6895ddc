"""The panel of what was searched in full: how large each scope is, how far it goes, what ended it."""

from hedgecheck.report.page.markup import Html, element, joined, plural
from hedgecheck.report.verdict import Looked, Report

WIDTH, HEIGHT, SMALL_WIDTH, SMALL_HEIGHT = 720, 150, 110, 22
FULL = {"exhausted": "all of it", "broken": "until a rule broke"}


def render(report: Report) -> Html | None:
    """A row for each scope, and the largest by depth; None where nothing was searched in full."""
    searches = [each for explorer in report.explorers for each in explorer.searches]
    if not searches:
        return None
    largest = max(searches, key=lambda each: each.states)
    said = [explorer.scope for explorer in report.explorers if explorer.searches and not report.exhausts]
    return joined(
        element(
            "p",
            "Every execution of each of these scopes was looked at, unless a bound ended it. ",
            *said,
            class_="lead",
        ),
        _by_depth(largest) if largest.layers else None,
        _table(searches),
    )


def _by_depth(looked: Looked) -> Html:
    """The largest scope: a bar for every step from the start."""
    most = max(looked.layers)
    where = looked.layers.index(most)
    return element(
        "figure",
        _bars(looked, WIDTH, HEIGHT, named=True),
        element(
            "figcaption",
            f"{looked.scope}: states by their distance from the start, 0 to {len(looked.layers) - 1} steps. "
            f"Most are {plural(where, 'step')} away: {most:,}.",
            " Trades that are alike are not told apart here." if sum(looked.layers) < looked.states else None,
        ),
        class_="depths",
    )


def _bars(looked: Looked, width: int, height: int, *, named: bool) -> Html:
    most, pitch = max(looked.layers), width / len(looked.layers)
    bars = []
    for depth, count in enumerate(looked.layers):
        tall = max(1.0, (height - 2) * count / most)
        bars.append(
            element(
                "rect",
                element("title", f"{plural(depth, 'step')}: {plural(count, 'state')}") if named else None,
                x=f"{depth * pitch:.1f}",
                y=f"{height - tall:.1f}",
                width=f"{max(0.6, pitch - 1):.1f}",
                height=f"{tall:.1f}",
            )
        )
    label = f"States by depth: most at {plural(looked.layers.index(most), 'step')}, {most:,}"
    return element(
        "svg",
        *bars,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        class_="by-depth",
        role="img",
        aria_label=label,
    )


def _table(searches: list[Looked]) -> Html:
    heads = ("scope", "seen", ">states", ">edges", ">depth", "by depth", ">seconds", ">MB")
    row = element(
        "tr",
        *(
            element("th", name.lstrip(">"), scope="col", class_="number" if name.startswith(">") else None)
            for name in heads
        ),
    )
    table = element("table", element("thead", row), element("tbody", *map(_row, searches)))
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label="Scopes")


def _row(looked: Looked) -> Html:
    seen = FULL.get(looked.verdict)
    return element(
        "tr",
        element(
            "th",
            element("code", looked.scope),
            element("small", looked.detail, class_="quiet") if looked.detail else None,
            scope="row",
        ),
        element("td", seen or f"truncated: {looked.why}", class_="quiet" if seen else "warn"),
        *(element("td", count, class_="number") for count in (looked.states, looked.edges, looked.depth)),
        element("td", _bars(looked, SMALL_WIDTH, SMALL_HEIGHT, named=False) if looked.layers else None),
        element("td", f"{looked.seconds:,.1f}", class_="number"),
        element("td", looked.megabytes, class_="number"),
        class_=looked.verdict if looked.verdict == "broken" else None,
    )
