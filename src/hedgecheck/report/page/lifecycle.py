"""The panel of one trade's life: its states, the ways between them, and how often each was gone."""

import math

from hedgecheck.report.page.layout import Box, Drawing, Edge, Point, arranged
from hedgecheck.report.page.markup import Html, element, joined, plural
from hedgecheck.report.verdict import Report, Transition

HEAD = 9.0  # an arrow's head, in pixels


def render(report: Report) -> Html | None:
    """The diagram, and the same as a table; None where nobody counted."""
    if not report.lifecycle:
        return None
    drawing = arranged(report.lifecycle)
    untaken = sum(1 for edge in drawing.edges if not edge.transition.count)
    return joined(
        element(
            "p",
            "The states of one trade. A number is how often that way was gone; the thicker, the more often.",
            element("span", f" Dashed: {plural(untaken, 'way')} never gone.", class_="warn")
            if untaken
            else None,
            class_="lead",
        ),
        element(
            "div",
            _svg(drawing),
            class_="scroll diagram",
            tabindex=0,
            role="region",
            aria_label="State diagram of one trade",
        ),
        _table(report.lifecycle),
    )


def _svg(drawing: Drawing) -> Html:
    return element(
        "svg",
        *(_edge(edge) for edge in drawing.edges),
        *(_label(edge) for edge in drawing.edges),
        *(_node(name, box) for name, box in drawing.nodes),
        viewBox=f"0 0 {drawing.width:.0f} {drawing.height:.0f}",
        width=f"{drawing.width:.0f}",
        height=f"{drawing.height:.0f}",
        class_="lifecycle",
        role="img",
        aria_label="State diagram; the table below it says the same.",
    )


def _node(name: str, box: Box) -> Html:
    rect = element(
        "rect",
        x=f"{box.x - box.width / 2:.1f}",
        y=f"{box.y - box.height / 2:.1f}",
        width=f"{box.width:.1f}",
        height=f"{box.height:.1f}",
        rx=8,
    )
    text = element("text", name.replace("_", " "), x=f"{box.x:.1f}", y=f"{box.y + 4.5:.1f}")
    return element("g", rect, text, class_="node")


def _edge(edge: Edge) -> Html:
    count = edge.transition.count
    path = " ".join(
        f"{'M' + _pair(start) + ' ' if index == 0 else ''}C{_pair(one)} {_pair(two)} {_pair(end)}"
        for index, (start, one, two, end) in enumerate(_curves(_shortened(edge.points)))
    )
    return element(
        "g",
        element("title", f"{edge.transition.source} to {edge.transition.target}: {plural(count, 'time')}"),
        element("path", d=path, class_="way", stroke_width=f"{1.2 + 0.8 * math.log10(1 + count):.2f}"),
        element("path", d=_head(edge.points), class_="head"),
        class_="edge" if count else "edge untaken",
    )


def _label(edge: Edge) -> Html:
    box = edge.label
    rect = element(
        "rect",
        x=f"{box.x - box.width / 2:.1f}",
        y=f"{box.y - box.height / 2:.1f}",
        width=f"{box.width:.1f}",
        height=f"{box.height:.1f}",
        rx=4,
    )
    text = element("text", edge.transition.count, x=f"{box.x:.1f}", y=f"{box.y + 4.2:.1f}")
    return element("g", rect, text, class_="count" if edge.transition.count else "count untaken")


def _table(transitions: tuple[Transition, ...]) -> Html:
    body = (
        element(
            "tr",
            element("td", each.source.replace("_", " ")),
            element("td", each.target.replace("_", " ")),
            element("td", each.count, class_="number" if each.count else "number none"),
        )
        for each in transitions
    )
    heads = (element("th", "from"), element("th", "to"), element("th", "times", class_="number"))
    table = element("table", element("thead", element("tr", *heads)), element("tbody", *body))
    return element(
        "details",
        element("summary", "The same as a table"),
        element("div", table, class_="scroll", tabindex=0, role="region", aria_label="Transitions"),
    )


# ---- geometry --------------------------------------------------------------------------------------


def _curves(points: tuple[Point, ...]) -> list[tuple[Point, ...]]:
    return [points[start : start + 4] for start in range(0, len(points), 4)]


def _heading(points: tuple[Point, ...]) -> Point:
    """The unit vector in which an edge arrives."""
    (x1, y1) = points[-1]
    (x0, y0) = next(point for point in reversed(points[:-1]) if point != points[-1])
    length = math.dist((x0, y0), (x1, y1))
    return (x1 - x0) / length, (y1 - y0) / length


def _shortened(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The edge up to the back of its arrow's head."""
    (x, y), (dx, dy) = points[-1], _heading(points)
    return (*points[:-1], (x - dx * HEAD * 0.8, y - dy * HEAD * 0.8))


def _head(points: tuple[Point, ...]) -> str:
    (x, y), (dx, dy) = points[-1], _heading(points)
    back = (x - dx * HEAD, y - dy * HEAD)
    left, right = (
        (back[0] - dy * HEAD / 2, back[1] + dx * HEAD / 2),
        (back[0] + dy * HEAD / 2, back[1] - dx * HEAD / 2),
    )
    return f"M{_pair((x, y))} L{_pair(left)} L{_pair(right)} Z"


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
