"""Which layer each node of a small directed graph belongs to, and in which order and height they stand."""

from collections import Counter
from itertools import pairwise

from hedgecheck.report.verdict import Transition
from hedgecheck.values import frozen

SWEEPS = 12
GAP = 22.0  # between neighbours of a layer, in pixels
Bend = tuple[int, int]  # which edge, in which layer
Slot = str | Bend


@frozen
class Graph:
    """``layers``: nodes and bends from top to bottom. ``chains``: the slots an edge to a later layer goes
    through, its ends included. ``back``: edges to the same or an earlier layer. ``loops``: to themselves."""

    layers: tuple[tuple[Slot, ...], ...]
    chains: dict[Transition, tuple[Slot, ...]]
    back: tuple[Transition, ...]
    loops: tuple[Transition, ...]


def graph_of(transitions: tuple[Transition, ...]) -> Graph:
    """The layers and the way of every edge. Edges named twice count together."""
    edges = _merged(transitions)
    order = _order(edges)
    place = {name: index for index, name in enumerate(order)}
    forward = [each for each in edges if place[each.source] < place[each.target]]
    layer = dict.fromkeys(order, 0)
    for name in order:
        for each in forward:
            if each.source == name:
                layer[each.target] = max(layer[each.target], layer[name] + 1)
    chains: dict[Transition, tuple[Slot, ...]] = {}
    for index, each in enumerate(forward):
        bends = ((index, level) for level in range(layer[each.source] + 1, layer[each.target]))
        chains[each] = (each.source, *bends, each.target)
    return Graph(
        _ordered(layer, chains),
        chains,
        tuple(each for each in edges if place[each.source] > place[each.target]),
        tuple(each for each in edges if each.source == each.target),
    )


def spread(graph: Graph, heights: dict[Slot, float]) -> dict[Slot, float]:
    """The middle of every slot, so that edges run level where they can and no two slots touch."""
    middles: dict[Slot, float] = {}
    for layer in graph.layers:
        _settle(layer, dict.fromkeys(layer, 0.0), heights, middles)
    beside = _beside(graph)
    for sweep in range(SWEEPS):
        for layer in graph.layers if sweep % 2 else reversed(graph.layers):
            wanted = {
                slot: sum(middles[each] for each in beside[slot]) / len(beside[slot])
                if beside[slot]
                else middles[slot]
                for slot in layer
            }
            _settle(layer, wanted, heights, middles)
    return middles


def _settle(
    layer: tuple[Slot, ...], wanted: dict[Slot, float], heights: dict[Slot, float], middles: dict[Slot, float]
) -> None:
    """Puts a layer's slots near where they want to be, in their order and apart."""
    floor = None
    for slot in layer:
        half = heights[slot] / 2
        middles[slot] = wanted[slot] if floor is None else max(wanted[slot], floor + half)
        floor = middles[slot] + half + GAP
    drift = sum(middles[slot] - wanted[slot] for slot in layer) / len(layer)
    for slot in layer:
        middles[slot] -= drift


def _merged(transitions: tuple[Transition, ...]) -> list[Transition]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in transitions:
        counts[each.source, each.target] += each.count
    return [Transition(source, target, count) for (source, target), count in counts.items()]


def _order(edges: list[Transition]) -> list[str]:
    """Nodes so that only edges that close a cycle run backwards: depth first, the last finished first."""
    after: dict[str, list[str]] = {}
    for each in edges:
        after.setdefault(each.source, []).append(each.target)
        after.setdefault(each.target, [])
    finished: list[str] = []
    seen: set[str] = set()
    for root, first in after.items():
        walk = [] if root in seen else [(root, iter(first))]
        seen.add(root)
        while walk:
            name, rest = walk[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                finished.append(name)
                walk.pop()
            else:
                seen.add(following)
                walk.append((following, iter(after[following])))
    return finished[::-1]


def _beside(graph: Graph) -> dict[Slot, list[Slot]]:
    """For every slot, those of the layers next to it that an edge joins to it."""
    beside: dict[Slot, list[Slot]] = {slot: [] for layer in graph.layers for slot in layer}
    for chain in graph.chains.values():
        for one, other in pairwise(chain):
            beside[one].append(other)
            beside[other].append(one)
    return beside


def _ordered(
    layer: dict[str, int], chains: dict[Transition, tuple[Slot, ...]]
) -> tuple[tuple[Slot, ...], ...]:
    """Every layer's slots ordered by the middle of their neighbours; the order with fewest crossings."""
    count = max(layer.values()) + 1
    members: list[list[Slot]] = [[name for name in layer if layer[name] == level] for level in range(count)]
    for chain in chains.values():
        for bend in chain[1:-1]:
            assert isinstance(bend, tuple), "Invariant: between its ends an edge only bends"
            members[bend[1]].append(bend)
    best = current = tuple(tuple(each) for each in members)
    graph = Graph(current, chains, (), ())
    beside = _beside(graph)
    for sweep in range(SWEEPS):
        current = _swept(current, beside, 1 if sweep % 2 == 0 else -1)
        if _crossings(current, chains) < _crossings(best, chains):
            best = current
    return best


def _swept(
    layers: tuple[tuple[Slot, ...], ...], beside: dict[Slot, list[Slot]], step: int
) -> tuple[tuple[Slot, ...], ...]:
    """The layers reordered one after the other, each by its neighbours in the one before."""
    swept = list(layers)
    levels = range(1, len(layers)) if step > 0 else range(len(layers) - 2, -1, -1)
    for level in levels:
        fixed = {slot: index for index, slot in enumerate(swept[level - step])}
        own = {slot: index for index, slot in enumerate(swept[level])}
        middle = {}
        for slot in swept[level]:
            near = [fixed[each] for each in beside[slot] if each in fixed]
            middle[slot] = sum(near) / len(near) if near else float(own[slot])
        swept[level] = tuple(sorted(swept[level], key=lambda slot: (middle[slot], own[slot])))
    return tuple(swept)


def _crossings(layers: tuple[tuple[Slot, ...], ...], chains: dict[Transition, tuple[Slot, ...]]) -> int:
    place = {slot: index for layer in layers for index, slot in enumerate(layer)}
    level = {slot: index for index, layer in enumerate(layers) for slot in layer}
    hops = [
        (level[one], place[one], place[other]) for chain in chains.values() for one, other in pairwise(chain)
    ]
    return sum(
        one[0] == other[0] and (one[1] - other[1]) * (one[2] - other[2]) < 0
        for index, one in enumerate(hops)
        for other in hops[:index]
    )
