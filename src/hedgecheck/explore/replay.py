"""Runs one tape against one engine: the actions, then the quiet end in which faults have stopped."""

from hedgecheck import invariants
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Record
from hedgecheck.tape import Action, Tape
from hedgecheck.trace import Clock, Entry
from hedgecheck.values import frozen
from hedgecheck.world import Settling, Universe, World

DRAIN_MAX = 600


@frozen
class Failure:
    """An invariant that an execution broke; ``used`` of the tape's actions happened before it did."""

    invariant: str
    name: str
    why: str
    used: int


@frozen
class Replay:
    """What a tape did: its trace, and the failure it ended in, if any."""

    tape: Tape
    entries: tuple[Entry, ...]
    failure: Failure | None


class Run:
    """One execution in progress: world, watch and what has happened. The one place that steps both."""

    def __init__(
        self,
        universe: Universe,
        rules: tuple[Invariant, ...] = invariants.ALL,
        tally: Tally | None = None,
        opening: World | None = None,
    ) -> None:
        self.universe = universe
        self.world: World = opening or universe.initial()
        self.watch = Watch(universe, rules, tally or Tally())
        self._view = universe.view(self.world, at_rest=False)
        self.failure: Failure | None = None
        self.used = 0
        self.steps = 0

    def do(self, action: Action) -> tuple[Record, ...]:
        """Applies an action and judges it; returns its records, none where it was not possible."""
        return self.turn(*self.universe.apply(self.world, action))

    def turn(self, world: World, records: tuple[Record, ...]) -> tuple[Record, ...]:
        """The world has become this one; judges what happened, and returns it."""
        self.world = world
        if records:
            self.steps += 1
            broken = self.watch.see(records, self._view.turned_to(self.world))
            if broken is not None:
                self._note(*broken)
        return records

    def settle(self) -> tuple[tuple[Action, tuple[Record, ...]], ...]:
        """Lets everything under way come to its end, and judges the rest; the actions that did it."""
        done: list[tuple[Action, tuple[Record, ...]]] = []
        settling = Settling(self.universe)
        for _ in range(DRAIN_MAX):
            action = settling.next(self.world)
            if action is None:
                self.rest(settling.turn)
                return tuple(done)
            done.append((action, self.do(action)))
            if self.failure:
                return tuple(done)
        self._note(invariants.live, f"no rest after {DRAIN_MAX} steps without a fault")
        return tuple(done)

    def rest(self, turn: int = 0) -> None:
        """Judges what must hold at rest; ``turn``: so many steps only lead back there."""
        broken = self.watch.rest(self.universe.view(self.world, at_rest=True), turn)
        if broken is not None:
            self._note(*broken)

    def _note(self, rule: Invariant, why: str) -> None:
        if self.failure is None:
            self.failure = Failure(rule.id, rule.name, why, self.used)


def run_tape(universe: Universe, tape: Tape, rules: tuple[Invariant, ...] = invariants.ALL) -> Failure | None:
    """The failure a tape ends in. Actions that are not possible are passed over."""
    run = Run(universe, rules)
    for action in tape.actions:
        run.used += 1
        run.do(action)
        if run.failure:
            return run.failure
    run.settle()
    return run.failure


def replay(universe: Universe, tape: Tape, rules: tuple[Invariant, ...] = invariants.ALL) -> Replay:
    """The whole trace of a tape, with times."""
    run, clock = Run(universe, rules), Clock()
    entries = []
    for action in tape.actions:
        run.used += 1
        records = run.do(action)
        if records:
            entries.append(Entry(action, records, clock.stamp(records), False, facts(universe, run.world)))
        if run.failure:
            break
    else:
        world = run.world
        for action, records in run.settle():
            world, _ = universe.apply(world, action)
            entries.append(Entry(action, records, clock.stamp(records), True, facts(universe, world)))
    return Replay(tape, tuple(entries), run.failure)


def facts(universe: Universe, world: World) -> tuple[tuple[str, str], ...]:
    """What holds in a world, for people: the venue's side, and what the engine believes."""
    believed = universe.engine.belief(world.engine)
    sides = world.lanes or (world,)
    venue_open = [o.request.client_order_id for side in sides for o in side.venue.orders if o.phase == "open"]
    engine_open = [order.client_order_id for order in believed.orders if not order.over]
    positions = tuple(each for side in sides for each in side.venue.positions)
    prices = tuple(each for side in sides for each in side.venue.prices)
    to_venue = sum(len(side.outbound) for side in sides)
    back = sum(len(side.inbound) + len(side.late) for side in sides)
    return (
        ("venue holds", _lots(positions)),
        ("engine believes", _lots(believed.positions)),
        ("venue works", ", ".join(venue_open) or "nothing"),
        ("engine waits for", ", ".join(engine_open) or "nothing"),
        ("prices", ", ".join(f"{symbol} {price}" for symbol, price in prices)),
        ("in flight", f"{to_venue} to the venue, {back} back"),
        ("faults left", str(world.faults_left)),
    )


def _lots(positions: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{lots:+d} {symbol}" for symbol, lots in positions) or "nothing"
