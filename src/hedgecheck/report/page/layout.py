"""Where the states and edges of a small directed graph go: layers from left to right, pure arithmetic.

After Sugiyama, Tagawa and Toda (1981): edges that close a cycle are set aside, a node's layer is its longest
path from a source, long edges get a bend in every layer they cross, layers are ordered by barycentre. Edges
set aside run back below the graph. All lengths are in pixels of a drawing of its own size.
"""

import math
from itertools import pairwise
from typing import Literal

from hedgecheck.report.page import rows
from hedgecheck.report.verdict import Transition
from hedgecheck.values import frozen

NODE_HEIGHT, LABEL_HEIGHT, CHARACTER = 34.0, 17.0, 7.6
COLUMN_GAP, MARGIN, LANE_PITCH, LOOP_HEIGHT = 92.0, 18.0, 26.0, 40.0
POSITIONS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)  # of a label along its edge, best first
Point = tuple[float, float]


@frozen
class Box:
    """A rectangle by its centre."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than a border."""
        apart_x = abs(self.x - other.x) * 2 - self.width - other.width
        apart_y = abs(self.y - other.y) * 2 - self.height - other.height
        return apart_x < 0 and apart_y < 0

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it."""
        return abs(point[0] - self.x) * 2 <= self.width and abs(point[1] - self.y) * 2 <= self.height


@frozen
class Edge:
    """``points``: four per curve, each curve from where the last ended. ``label``: where its count goes."""

    transition: Transition
    points: tuple[Point, ...]
    label: Box


@frozen
class Drawing:
    """A graph with its places."""

    width: float
    height: float
    nodes: tuple[tuple[str, Box], ...]
    edges: tuple[Edge, ...]


def arranged(transitions: tuple[Transition, ...]) -> Drawing:
    """Where everything goes; the first transition's source is the start."""
    graph = rows.graph_of(transitions)
    boxes = _boxes(graph)
    nodes = {name: box for name, box in boxes.items() if isinstance(name, str)}
    bottom = max(box.y + box.height / 2 for box in boxes.values())
    forward = _forward(graph, boxes)
    back, lanes = _back(graph, nodes, bottom)
    loops = [(each, _loop(nodes[each.source])) for each in graph.loops]
    edges = _labelled([*forward, *back, *loops], nodes)
    width = max(box.x + box.width / 2 for box in nodes.values()) + MARGIN + (18 + 9 * lanes if lanes else 0)
    height = bottom + lanes * LANE_PITCH + MARGIN
    return Drawing(width, height, tuple(nodes.items()), tuple(edges))


def _boxes(graph: rows.Graph) -> dict[rows.Slot, Box]:
    """A box for every node and every bend, layer by layer."""
    widths = [
        max(_text_width(slot) + 26 for slot in layer if isinstance(slot, str)) for layer in graph.layers
    ]
    looped = {each.source for each in graph.loops}
    heights = {
        slot: 8.0 if not isinstance(slot, str) else NODE_HEIGHT + 2 * LOOP_HEIGHT * (slot in looped)
        for layer in graph.layers
        for slot in layer
    }
    middles = rows.spread(graph, heights)
    top = min(middles[slot] - heights[slot] / 2 for slot in middles)
    boxes: dict[rows.Slot, Box] = {}
    left = MARGIN + (30.0 if graph.back else 0.0)
    for layer, width in zip(graph.layers, widths, strict=True):
        for slot in layer:
            height = NODE_HEIGHT if isinstance(slot, str) else 8.0
            boxes[slot] = Box(left + width / 2, middles[slot] - top + MARGIN, width, height)
        left += width + COLUMN_GAP
    return boxes


def _text_width(text: str) -> float:
    return max(4, len(text)) * CHARACTER


# ---- edges -----------------------------------------------------------------------------------------


def _ports(box: Box, count: int) -> list[float]:
    """Heights at which ``count`` edges meet a side of a box."""
    pitch = min(9.0, (box.height - 12) / max(1, count - 1))
    return [box.y + pitch * (index - (count - 1) / 2) for index in range(count)]


def _forward(graph: rows.Graph, boxes: dict[rows.Slot, Box]) -> list[tuple[Transition, tuple[Point, ...]]]:
    """Edges to a later layer: from right side to left side, through their bends."""
    starts = _met(graph, boxes, "source")
    ends = _met(graph, boxes, "target")
    half = COLUMN_GAP / 5
    drawn = []
    for each, chain in graph.chains.items():
        source, target = boxes[each.source], boxes[each.target]
        stops = [(source.x + source.width / 2, starts[each])]
        for bend in (boxes[slot] for slot in chain[1:-1]):
            stops += [(bend.x - half, bend.y), (bend.x + half, bend.y)]
        stops.append((target.x - target.width / 2, ends[each]))
        drawn.append((each, _curved(stops)))
    return drawn


def _met(
    graph: rows.Graph, boxes: dict[rows.Slot, Box], end: Literal["source", "target"]
) -> dict[Transition, float]:
    """At which height each forward edge meets its node, in the order in which they come or go."""
    met: dict[Transition, float] = {}
    beside = 1 if end == "source" else -2
    for name in {getattr(each, end): None for each in graph.chains}:
        own = [each for each in graph.chains if getattr(each, end) == name]
        own.sort(key=lambda each: boxes[graph.chains[each][beside]].y)
        backward = sum(getattr(each, end) == name for each in graph.back)
        met |= zip(own, _ports(boxes[name], len(own) + backward), strict=False)
    return met


def _curved(stops: list[Point]) -> tuple[Point, ...]:
    """Curves through the stops that lie level in each of them."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(stops):
        half = (x1 - x0) / 2
        points += [(x0, y0), (x0 + half, y0), (x1 - half, y1), (x1, y1)]
    return tuple(points)


def _back(
    graph: rows.Graph, nodes: dict[str, Box], bottom: float
) -> tuple[list[tuple[Transition, tuple[Point, ...]]], int]:
    """Edges to an earlier layer, each on a lane of its own below the graph; and how many lanes."""
    drawn = []
    inner = sorted(graph.back, key=lambda each: nodes[each.source].x - nodes[each.target].x)
    for lane, each in enumerate(inner, 1):
        source, target = nodes[each.source], nodes[each.target]
        leaving = [other for other in inner if other.source == each.source]
        coming = [other for other in inner if other.target == each.target]
        y0 = source.y + source.height / 2 - 4 - 5 * leaving.index(each)
        y1 = target.y + target.height / 2 - 4 - 5 * coming.index(each)
        x0, x1 = source.x + source.width / 2, target.x - target.width / 2
        out, into, low = x0 + 14 + 9 * lane, x1 - 14 - 6 * lane, bottom + lane * LANE_PITCH
        drawn.append((each, _rounded([(x0, y0), (out, y0), (out, low), (into, low), (into, y1), (x1, y1)])))
    return drawn, len(inner)


def _rounded(corners: list[Point]) -> tuple[Point, ...]:
    """A way along corners that are cut round."""
    points: list[Point] = []
    at = corners[0]
    for corner, after in pairwise(corners[1:]):
        near, far = _toward(corner, at), _toward(corner, after)
        points += [*_straight(at, near), near, _middle(near, corner), _middle(far, corner), far]
        at = far
    return (*points, *_straight(at, corners[-1]))


def _straight(start: Point, end: Point) -> tuple[Point, ...]:
    return (start, start, end, end)


def _toward(corner: Point, other: Point) -> Point:
    """A point up to 12 px from the corner on the way to the other, never beyond its middle."""
    length = math.dist(corner, other) or 1.0
    share = min(12.0, length / 2) / length
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0] * 2) / 3, (one[1] + other[1] * 2) / 3


def _loop(box: Box) -> tuple[Point, ...]:
    top = box.y - box.height / 2
    return ((box.x - 13, top), (box.x - 22, top - 26), (box.x + 22, top - 26), (box.x + 13, top))


# ---- labels ----------------------------------------------------------------------------------------


def _labelled(drawn: list[tuple[Transition, tuple[Point, ...]]], nodes: dict[str, Box]) -> list[Edge]:
    """Every edge with a place for its count: off nodes and other counts, and off other edges if it can."""
    traced = {each: _trace(points) for each, points in drawn}
    taken = list(nodes.values())
    edges = []
    for each, points in sorted(drawn, key=lambda pair: len(pair[1])):  # short edges have least choice
        others = [point for other, trace in traced.items() if other != each for point in trace]
        label = _best(each, points, taken, others)
        taken.append(label)
        edges.append(Edge(each, points, label))
    return edges


def _best(each: Transition, points: tuple[Point, ...], taken: list[Box], others: list[Point]) -> Box:
    width = _text_width(f"{each.count:,}") * 0.92 + 6
    places = [_at(points, curve, share) for share in POSITIONS for curve in _by_length(points)]
    boxes = [Box(x, y, width, LABEL_HEIGHT) for x, y in places]
    boxes += [
        Box(box.x, box.y + rise, width, LABEL_HEIGHT) for rise in (-18, 18, -36, 36) for box in boxes[:9]
    ]

    def cost(box: Box) -> tuple[int, int]:
        """How many boxes it covers, then how much of other edges."""
        return sum(box.overlaps(other) for other in taken), sum(box.holds(point) for point in others)

    return min(boxes, key=cost)


def _by_length(points: tuple[Point, ...]) -> list[int]:
    """Where the curves begin in ``points``, the longest first."""
    starts = range(0, len(points), 4)
    return sorted(starts, key=lambda start: -math.dist(points[start], points[start + 3]))


def _at(points: tuple[Point, ...], start: int, share: float) -> Point:
    """The point at a share of one cubic curve."""
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    four = points[start : start + 4]
    return (
        sum(weight * x for weight, (x, _) in zip(weights, four, strict=True)),
        sum(weight * y for weight, (_, y) in zip(weights, four, strict=True)),
    )


def _trace(points: tuple[Point, ...]) -> list[Point]:
    """Points close together along an edge."""
    return [_at(points, start, step / 12) for start in range(0, len(points), 4) for step in range(13)]
