"""Makes a failing tape small: fewer actions, then a plainer scope, then plainer values.

The signature of the failure is held: a tape that breaks another rule is not a smaller case of this one. The
result is deterministic, no single action can be removed from it (delta debugging, Zeller 2002, down to single
actions), and where few states lie below its length no shorter tape of the scope fails that way.
"""

from collections.abc import Iterator

from hedgecheck import invariants, tape
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import NUMBERED_FROM
from hedgecheck.explore.exhaustive import Bounds, search
from hedgecheck.explore.replay import Failure, run_tape
from hedgecheck.invariants import Invariant
from hedgecheck.tape import Action, Tape
from hedgecheck.values import frozen, replace
from hedgecheck.world import Engine, Universe, universe_of

SMALL_STATES, DRAWN_STATES = 2_000, 200
PLAIN_MOVES = (-500_000, -200_000, -20_000, 20_000)


@frozen
class Shrunk:
    """The small tape, the failure it still ends in, and how many tapes were run to find it."""

    tape: Tape
    failure: Failure
    replays: int


def shrink(
    engine: Engine, failing: Tape, failure: Failure, rules: tuple[Invariant, ...] = invariants.ALL
) -> Shrunk:
    """The smallest tape found that breaks the same rule of the same engine."""
    return _Shrinker(engine, failing, failure, rules).run()


class _Shrinker:
    def __init__(self, engine: Engine, failing: Tape, failure: Failure, rules: tuple[Invariant, ...]) -> None:
        self._engine = engine
        self._rules = rules
        self.best = failing
        self.failure = failure
        self.replays = 0
        self._universes: dict[int, Universe] = {}

    def run(self) -> Shrunk:
        """Every pass, until none of them makes the tape smaller."""
        self._take(Tape(self.best.scope, self.best.actions[: self.failure.used]))
        size = None
        while size != self.best:
            size = self.best
            self._remove_actions()
            self._plain_scope()
            self._plain_values()
            if size == self.best:
                self._search_shorter()
        return Shrunk(self.best, self.failure, self.replays)

    def _take(self, candidate: Tape) -> bool:
        """Whether the candidate breaks the same rule; then it is the best one."""
        self.replays += 1
        failure = run_tape(self._universe(candidate.scope), candidate, self._rules)
        if failure is None or failure.invariant != self.failure.invariant:
            return False
        self.best, self.failure = Tape(candidate.scope, candidate.actions[: failure.used]), failure
        return True

    def _universe(self, scope: int) -> Universe:
        if scope not in self._universes:
            self._universes[scope] = universe_of(scopes.draw(scope), self._engine)
        return self._universes[scope]

    def _remove_actions(self) -> None:
        """Removes runs of actions, halving the length of the run, from the end to the beginning."""
        length = max(1, len(self.best.actions) // 2)
        while True:
            removed = False
            at = len(self.best.actions) - length
            while at > -length:
                start = max(0, at)
                actions = self.best.actions
                kept = actions[:start] + actions[at + length :]
                if len(kept) < len(actions) and self._take(Tape(self.best.scope, kept)):
                    removed = True
                at = min(at, len(self.best.actions)) - length
            if length == 1 and not removed:
                return
            length = max(1, length // 2)

    def _plain_scope(self) -> None:
        """The plain scope in the place of a drawn one; a small scope is as plain as it gets."""
        if 0 < self.best.scope < NUMBERED_FROM:
            self._take(Tape(0, self.best.actions))

    def _search_shorter(self) -> None:
        """Tries every shorter tape, breadth first, as far as so many states reach.

        Removing actions ends where another action in their place would do: a lost request for a lost reply.
        """
        universe, rule = self._universe(self.best.scope), self.failure.invariant
        states = SMALL_STATES if self.best.scope >= NUMBERED_FROM else DRAWN_STATES
        bounds = Bounds(states_max=states, depth_max=len(self.best.actions) - 1)
        rules = tuple(each for each in self._rules if each.id == rule)
        found = search(universe, rules, bounds, drains=True)
        self.replays += found.states
        if found.failure is not None and len(found.tape) < len(self.best.actions):
            self._take(Tape(self.best.scope, found.tape))

    def _plain_values(self) -> None:
        for index in range(len(self.best.actions)):
            if index >= len(self.best.actions):
                return
            actions = self.best.actions
            for plainer in _plainer(actions[index]):
                if self._take(Tape(self.best.scope, (*actions[:index], plainer, *actions[index + 1 :]))):
                    break


def _plainer(action: Action) -> Iterator[Action]:
    """Simpler actions of the same kind, the simplest first."""
    if isinstance(action, tape.Move):
        for ppm in PLAIN_MOVES:
            if ppm == action.ppm:
                return
            yield replace(action, ppm=ppm)
    elif isinstance(action, tape.Fill):
        for amount in (1, 5, 10):
            if amount >= action.amount:
                return
            yield replace(action, amount=amount)
