"""Random walks over the tables of one scope until a rule breaks or a bound ends them: for scopes too large to
see all of. They never show that no rule can break.
"""

from collections.abc import Callable

from hedgecheck import invariants
from hedgecheck.explore.exhaustive import DEFAULT, Bounds
from hedgecheck.explore.tables.classes import Classes
from hedgecheck.explore.tables.searching import Over, Prepared, Run, TableSearch
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.explore.tables.walkers import Walked, Walkers
from hedgecheck.invariants import Invariant
from hedgecheck.world import Universe


def walk(
    universe: Universe,
    rules: tuple[Invariant, ...] = invariants.ALL,
    bounds: Bounds = DEFAULT,
    watch: Callable[[TableSearch], None] = lambda search: None,
    seed: int = 0,
) -> TableSearch:
    """Walks through a scope with lanes up to a broken rule, to a bound, or to an interrupt: broken, or
    truncated. ``edges``: steps that were taken. Of ``bounds`` those count that are of seconds and megabytes.

    Raises ``UsageError`` as ``searching.search`` does.
    """
    return _Walk(universe, rules, bounds, watch, seed).run()


class _Walk(Run):
    def __init__(
        self,
        universe: Universe,
        rules: tuple[Invariant, ...],
        bounds: Bounds,
        watch: Callable[[TableSearch], None],
        seed: int,
    ) -> None:
        super().__init__(universe, rules, bounds, watch)
        self._seed = seed

    def run(self) -> TableSearch:
        """Walks, and says what came of it."""
        result = super().run()
        if result.walks and result.failure is None:
            walked = f"random walks: {result.edges:,} steps of {result.walks:,} walks"
            result.why = f"{walked}; {result.why}"
        return result

    def _together(self, prepared: Prepared, around: Surroundings, kinds: list[Classes]) -> None:
        """Round after round."""
        self.result.stage, self.result.walking_from = "random walks", self.result.seconds
        walkers = Walkers(around, kinds, self._seed, watch=self._walking)
        while True:
            walked = walkers.walk(1)
            self._walking(walked)
            if walked.way:
                self._break(list(walked.way), prepared, around, kinds)
                return

    def _walking(self, walked: Walked) -> None:
        result, bounds = self.result, self._bounds
        result.edges, result.walks = walked.steps, walked.walks
        self._note()
        if walked.way:
            return
        if result.seconds >= bounds.seconds_max:
            raise Over(f"{bounds.seconds_max:g} seconds are over")
        if result.megabytes >= bounds.megabytes_max:
            raise Over(f"{bounds.megabytes_max:,} MB of memory are used")
