"""An engine at the kit's venue in the hours of an exchange: prices move, orders fill, timers fire when due.

An engine may ask about a stop every minute for as long as it rests. A timer that has changed nothing is not
fired again before it is started anew, or the next phase of the session.
"""

from collections.abc import Callable

from hedgecheck import invariants, tape, venue
from hedgecheck.calendars import PhaseChange
from hedgecheck.explore.replay import Failure, Run
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants import Invariant, worst_case_limit
from hedgecheck.invariants.accounting import ACCOUNT
from hedgecheck.invariants.worst import Account
from hedgecheck.messages import EngineEvent, NewDay, Record, StartTimer, StopTimer, TimerFired
from hedgecheck.values import replace
from hedgecheck.venue import ArchiveOrders, ChangePhase, MovePrice
from hedgecheck.world import Engine, Scope, Universe, World, ordinary

Listener = Callable[[Record], None]


class Desk:
    """One run of an engine. ``listener`` hears every record."""

    def __init__(
        self,
        scope: Scope,
        engine: Engine,
        listener: Listener = lambda record: None,
        rules: tuple[Invariant, ...] = invariants.ALL,
    ) -> None:
        self._universe = Universe(scope, engine)
        self._run = Run(self._universe, rules)
        self._listener = listener
        self._due: dict[str, int] = {}  # the timers that run, in ns
        self._now = 0
        self._fired: tuple[str, World] | None = None  # the last timer, and the world before it
        self._idle: set[str] = set()  # timers that changed nothing in this phase
        watch = self._run.watch
        is_kept = ACCOUNT in watch.books
        self._books = watch if is_kept else Watch(self._universe, (worst_case_limit,), Tally())

    @property
    def failure(self) -> Failure | None:
        """The first rule that was broken."""
        return self._run.failure

    @property
    def engine_state(self) -> object:
        """What the engine holds."""
        return self._run.world.engine

    @property
    def venue(self) -> venue.Venue:
        """What is true."""
        return self._run.world.venue

    @property
    def account(self) -> Account:
        """The books of I10: what is open at worst, counted from what the engine was told."""
        found: Account = self._books.memories[self._books.books.index(ACCOUNT)]
        return found

    def tell(self, event: EngineEvent, *records: Record) -> None:
        """The engine is told; what it commands is on its way then."""
        world, said = self._universe.tell(self._run.world, event, *records)
        self._turn(world, said)

    def phase(self, change: PhaseChange) -> None:
        """The exchange goes on to another phase, after what was due before it."""
        self.settle(change.time_ns)
        self._idle.clear()
        world = self._run.world
        after, reports = venue.step(world.venue, ChangePhase(change.phase))
        began = NewDay(change.day, change.phase)
        world = replace(world, venue=after, inbound=(*world.inbound, *reports), day=change.day)
        world, said = self._universe.tell(world, began, began, *reports)
        self._turn(world, said)
        self.settle(self._now)

    def price(self, symbol: str, ticks: int) -> None:
        """A symbol trades at this price, and everything that follows from it happens."""
        world = self._run.world
        if ticks == venue.price_of(world.venue, symbol):
            return
        self._turn(*ordinary.decide(world, MovePrice(symbol, ticks), ()))
        self.settle(self._now)

    def stops(self, symbol: str) -> set[int]:
        """The prices at which orders of a symbol wait for it."""
        orders = [each.request for each in self.venue.orders if each.phase == "open" and not each.triggered]
        return {each.stop_price for each in orders if each.symbol == symbol and each.stop_price is not None}

    def wait(self, duration_ns: int) -> None:
        """Time passes at the same prices."""
        self.settle(self._now + duration_ns)

    def settle(self, until_ns: int) -> None:
        """Lets everything happen that happens by then: messages, fills, and timers in the order of time."""
        while (action := self._next(until_ns)) is not None:
            self._hear(self._run.do(action))
        self._now = max(self._now, until_ns)
        self._archive()

    def rest(self) -> None:
        """Judges the rules of rest, where nothing is under way."""
        self._run.rest()

    def _turn(self, world: World, records: tuple[Record, ...]) -> None:
        self._hear(self._run.turn(world, records))

    def _hear(self, records: tuple[Record, ...]) -> None:
        """Notes which timers run, and passes everything on."""
        if records and self._books is not self._run.watch:
            self._books.see(records, self._universe.view(self._run.world, at_rest=False))
        for record in records:
            if isinstance(record, StartTimer):
                self._due[record.timer] = self._now + record.duration_ns
                self._idle.discard(record.timer)
            elif isinstance(record, (StopTimer, TimerFired)):
                self._due.pop(record.timer, None)
                self._idle.discard(record.timer)
            self._listener(record)

    def _archive(self) -> None:
        """Closed orders are set apart, so that a long run costs what is live, not all that ever was."""
        world = self._run.world
        if [order for order in world.venue.orders if order.phase != "open"]:
            after, _ = venue.step(world.venue, ArchiveOrders())
            self._run.turn(replace(world, venue=after), ())

    def _next(self, until_ns: int) -> tape.Action | None:
        run = self._run
        world = run.world
        if run.failure is not None or world.crashed:
            return None
        for move in ordinary.moving(world):
            return move
        if self._fired is not None and _is_as_before(world, self._fired[1]):
            self._idle.add(self._fired[0])
        self._fired = None
        due = [(at, name) for name, at in self._due.items() if at <= until_ns and name not in self._idle]
        if not due:
            return None
        at_ns, timer = min(due)
        self._now = max(self._now, at_ns)
        self._fired = (timer, world)
        return ordinary.firing(timer)


def _is_as_before(world: World, before: World) -> bool:
    """Whether the engine and the venue are, and the same timers run."""
    same = (world.engine, world.venue) == (before.engine, before.venue)
    return same and sorted(world.timers) == sorted(before.timers)
