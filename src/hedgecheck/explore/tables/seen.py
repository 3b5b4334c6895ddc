"""The states that were seen, sorted: of each its place among all that could be, and its depth plus one.

Of what could be few are reached, so nine bytes a state are less than a byte for each place. What a layer
leads to is gathered and sorted first, and then merged with what is known (delayed duplicate detection, Roscoe
1994): nothing is hashed and nothing is lost.
"""

import numpy as np
import numpy.typing as npt

from hedgecheck.explore.tables.classes import Ints

Bytes = npt.NDArray[np.uint8]
BYTES_A_STATE = 9
GATHERED = 1 << 20  # places of one block, from which on doubles are dropped before the layer ends


class Seen:
    """The states of one block. ``places``: sorted, each once; ``depths``: of each, plus one."""

    def __init__(self, places: Ints | None = None, depths: Bytes | None = None) -> None:
        self.places = np.empty(0, np.int64) if places is None else places
        self.depths = np.empty(0, np.uint8) if depths is None else depths

    def __len__(self) -> int:
        return len(self.places)

    def at(self, depth: int) -> Ints:
        """The places of that depth."""
        return np.compress(self.depths == depth, self.places)

    def depth_of(self, place: int) -> int:
        """The depth of a place that was seen, plus one."""
        at = int(np.searchsorted(self.places, place))
        assert self.places[at] == place, "Invariant: this state was seen"
        return int(self.depths[at])

    def add(self, places: Ints, depth: int) -> Ints:
        """Adds places, sorted and each once; those that are new."""
        where = np.searchsorted(self.places, places)
        known = np.zeros(len(places), bool)
        inside = where < len(self.places)
        known[inside] = self.places[where[inside]] == places[inside]
        fresh, at = places[~known], where[~known]
        if len(fresh):
            self.places = np.insert(self.places, at, fresh)
            self.depths = np.insert(self.depths, at, np.uint8(depth))
        return fresh


class Gathered:
    """Places that a layer leads to, doubles among them."""

    def __init__(self) -> None:
        self._parts: list[Ints] = []
        self._count, self._most = 0, GATHERED

    def gather(self, places: Ints) -> None:
        """Takes some more."""
        self._parts.append(places)
        self._count += len(places)
        if self._count > self._most:
            once = self.once()
            self._parts, self._count = [once], len(once)
            self._most = max(GATHERED, 2 * len(once))

    def once(self) -> Ints:
        """All of them, sorted, each once."""
        return np.unique(np.concatenate(self._parts))
